//! 「定点数」 The arithmetic of fixed-point numbers, one rounding rule for all:
//! half away from zero (四舍五入).

/// 10^`exponent`, for exponents up to 38.
pub(crate) const fn power_of_ten(exponent: u8) -> i128 {
    10_i128.pow(exponent as u32)
}

/// `value` / `by` to the nearest whole number, halves away from zero. `by` must
/// be positive.
pub(crate) fn round_half_up(value: i128, by: i128) -> i128 {
    let half = by / 2;
    // For odd `by` the half is not whole, and truncation of value ± half is exact.
    if value >= 0 {
        (value + half) / by
    } else {
        (value - half) / by
    }
}
