//! 「宽度」 What is known of all rows of a column before any is looked at: how many
//! binary digits the widest number has, and whether arithmetic may have failed. So that
//! operations that cannot overflow need not ask row by row whether they did.

use super::view::bits;

/// A width of nothing known.
pub(crate) const UNKNOWN_WIDTH: u32 = 64;

/// What an operation tells of the rows it made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    /// It failed in some row.
    pub(crate) failed: bool,
    /// Every number lies in −2^width .. 2^width, the upper end left out; those that
    /// stand under gaps too.
    pub(crate) width: u32,
}

impl Outcome {
    /// Failed nowhere.
    pub(crate) fn whole(width: u32) -> Outcome {
        Outcome {
            failed: false,
            width: width.min(UNKNOWN_WIDTH),
        }
    }
}

/// What is known of a node's rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    /// Its first row stands for all rows of the chunk.
    pub(crate) uniform: bool,
    /// Some row may be a fault.
    pub(crate) faulty: bool,
    /// See [`Outcome::width`].
    pub(crate) width: u32,
}

impl Default for State {
    /// Nothing.
    fn default() -> State {
        State {
            uniform: false,
            faulty: true,
            width: UNKNOWN_WIDTH,
        }
    }
}

/// The width of one number.
pub(crate) fn width_of(number: i64) -> u32 {
    i64::BITS - (number ^ (number >> 63)).leading_zeros()
}

/// The width of the widest.
pub(crate) fn width_of_all(numbers: &[i64]) -> u32 {
    let bits = bits(numbers, |x| x ^ (x >> 63));
    i64::BITS - bits.leading_zeros()
}

/// How much wider numbers become by so many decimals more.
pub(crate) fn width_of_decimals(decimals: u8) -> u32 {
    match 10_i64.checked_pow(u32::from(decimals)) {
        Some(power) => width_of(power),
        None => UNKNOWN_WIDTH,
    }
}
