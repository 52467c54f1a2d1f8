//! 「算术」 Numbers out of numbers and dates. Where the widest result fits, rows are not
//! asked one by one whether theirs does.

use super::ages::Ages;
use super::scene::Scene;
use super::view::*;
use super::width::{Outcome, UNKNOWN_WIDTH, width_of, width_of_all, width_of_decimals};
use crate::column::{FAULT, MISSING, date_of};
use crate::number::{power_of_ten, round_half_up};
use crate::program::{NodeId, Op};
use crate::typed::{DateFunction, Rounding};
use kernel::Date;

/// A number with its gap bytes being written.
type Numbers<'o> = (&'o mut Vec<i64>, &'o mut Vec<u8>);

impl Scene<'_> {
    pub(super) fn number(&self, op: Op, rows: usize, to: Numbers<'_>) -> Outcome {
        match op {
            Op::Negate(x) => self.one(x, rows, to, 1, i64::wrapping_neg, |x| made(x.checked_neg())),
            Op::Abs(x) => self.one(x, rows, to, 1, i64::wrapping_abs, |x| made(x.checked_abs())),
            Op::Rescale(x, more) => {
                let power = 10_i64.pow(u32::from(more));
                let wider = width_of_decimals(more);
                // A product of halves is one wide instruction, of wholes it is many.
                if self.width(x) < 32 && wider < 32 {
                    return self.one(x, rows, to, wider, |x| halves(x, power), |_| (0, FAULT));
                }
                self.one(
                    x,
                    rows,
                    to,
                    wider,
                    |x| x.wrapping_mul(power),
                    |x| overflowing(x.overflowing_mul(power)),
                )
            }
            Op::Round(how, x, drop, zeros) => self.round((how, x, drop, zeros), rows, to),
            Op::Add(a, b) => self.two(
                (a, b),
                rows,
                to,
                self.wider(a, b),
                i64::wrapping_add,
                |x, y| overflowing(x.overflowing_add(y)),
            ),
            Op::Subtract(a, b) => self.two(
                (a, b),
                rows,
                to,
                self.wider(a, b),
                i64::wrapping_sub,
                |x, y| overflowing(x.overflowing_sub(y)),
            ),
            Op::Multiply(a, b, drop) => self.multiply((a, b, drop), rows, to),
            Op::Divide(a, b, shift) => self.divide((a, b, shift), rows, to),
            Op::Extreme(greatest, a, b) => {
                let width = self.width(a).max(self.width(b));
                let pick = |x: i64, y: i64| if (x < y) == greatest { y } else { x };
                self.two((a, b), rows, to, width, pick, |x, y| (pick(x, y), 0))
            }
            Op::Dates(function, a, b) => self.between(function, (a, b), rows, to),
            _ => Outcome::whole(UNKNOWN_WIDTH),
        }
    }

    /// The width of a sum.
    fn wider(&self, a: NodeId, b: NodeId) -> u32 {
        self.width(a).max(self.width(b)) + 1
    }

    /// An operation on one number that makes it `wider` by so much: where the widest
    /// fits, `fits` is enough; else `made` looks at every row.
    fn one(
        &self,
        x: NodeId,
        rows: usize,
        to: Numbers<'_>,
        wider: u32,
        fits: impl Fn(i64) -> i64,
        made: impl Fn(i64) -> Made<i64>,
    ) -> Outcome {
        let width = self.width(x) + wider;
        let (values, gaps) = to;
        if width < i64::BITS {
            if !self.apply_few(x, rows, (values, gaps), &fits) {
                apply1(rows, self.numbers(x), (values, gaps), fits);
            }
            return Outcome::whole(width);
        }
        let failed = map1(rows, self.numbers(x), (values, gaps), made);
        Outcome {
            failed,
            width: width_of_all(rows_of(values, rows)),
        }
    }

    /// As [`Scene::one`], of two numbers; what they make is as wide as `width`.
    fn two(
        &self,
        (a, b): (NodeId, NodeId),
        rows: usize,
        to: Numbers<'_>,
        width: u32,
        fits: impl Fn(i64, i64) -> i64,
        made: impl Fn(i64, i64) -> Made<i64>,
    ) -> Outcome {
        let pair = (self.numbers(a), self.numbers(b));
        let (values, gaps) = to;
        if width < i64::BITS {
            if !self.apply_few2((a, b), rows, (values, gaps), &fits) {
                apply2(rows, pair, (values, gaps), fits);
            }
            return Outcome::whole(width);
        }
        let failed = map2(rows, pair, (values, gaps), made);
        Outcome {
            failed,
            width: width_of_all(rows_of(values, rows)),
        }
    }

    fn round(
        &self,
        (how, x, drop, zeros): (Rounding, NodeId, u8, u8),
        rows: usize,
        to: Numbers<'_>,
    ) -> Outcome {
        let (by, times) = (power_of_ten(drop), power_of_ten(zeros));
        match u64::try_from(by) {
            // Dropping decimals always fits.
            Ok(by) if zeros == 0 => {
                apply1(rows, self.numbers(x), to, |x| rounded_near(how, x, by));
                Outcome::whole(self.width(x) + 1)
            }
            _ => self.one(
                x,
                rows,
                to,
                UNKNOWN_WIDTH,
                |x| x,
                |x| fitting(rounded(how, i128::from(x), by) * times),
            ),
        }
    }

    fn multiply(
        &self,
        (a, b, drop): (NodeId, NodeId, u8),
        rows: usize,
        to: Numbers<'_>,
    ) -> Outcome {
        let mut widths = (self.width(a), self.width(b));
        if widths.0 + widths.1 >= NEAR_WIDTH || (widths.0.max(widths.1) >= 32 && drop == 0) {
            widths = (widest(self.numbers(a)), widest(self.numbers(b)));
        }
        let width = widths.0 + widths.1 + 1;
        let nodes = (a, b);
        /// Divisions by what is known when compiling are multiplications.
        macro_rules! dropping {
            ($by:literal) => {
                self.two(
                    nodes,
                    rows,
                    to,
                    width + 1,
                    |x, y| rounded_near(Rounding::HalfUp, x.wrapping_mul(y), $by),
                    |x, y| fitting(round_half_up(i128::from(x) * i128::from(y), $by)),
                )
            };
        }
        let narrow = widths.0 < 32 && widths.1 < 32;
        match drop {
            0 if narrow => self.two(nodes, rows, to, width, halves, |x, y| (halves(x, y), 0)),
            0 => self.two(nodes, rows, to, width, i64::wrapping_mul, |x, y| {
                overflowing(x.overflowing_mul(y))
            }),
            1 => dropping!(10),
            2 => dropping!(100),
            3 => dropping!(1_000),
            4 => dropping!(10_000),
            5 => dropping!(100_000),
            6 => dropping!(1_000_000),
            _ => {
                let by = power_of_ten(drop);
                self.two(
                    nodes,
                    rows,
                    to,
                    UNKNOWN_WIDTH,
                    |x, _| x,
                    |x, y| fitting(round_half_up(i128::from(x) * i128::from(y), by)),
                )
            }
        }
    }

    fn divide(
        &self,
        (a, b, shift): (NodeId, NodeId, u8),
        rows: usize,
        (values, gaps): Numbers<'_>,
    ) -> Outcome {
        let power = 10_i64.pow(u32::from(shift));
        let pair = (self.numbers(a), self.numbers(b));
        let wider = width_of_decimals(shift) + 1;
        let (mut width, mut below) = (self.width(a) + wider, self.width(b));
        // What the widest may be is soon far from what it is.
        if width >= NEAR_WIDTH {
            width = widest(pair.0) + wider;
        }
        if below > SMALL_WIDTH {
            below = widest(pair.1);
        }
        // Most quotients fit in 64 bits, where division is many times faster, and
        // multiplication by what was found once faster again.
        let near = width < NEAR_WIDTH && below < NEAR_WIDTH;
        let failed = match pair.1 {
            View::One(y, 0) if near && y != 0 => {
                let by = Reciprocal::of(y.unsigned_abs());
                let divided = |x| by.divide_near(x * power, y);
                if !self.apply_few(a, rows, (values, gaps), divided) {
                    apply1(rows, pair.0, (values, gaps), divided);
                }
                false
            }
            View::Many(..) if near && below <= SMALL_WIDTH => {
                map2(rows, pair, (values, gaps), |x, y| {
                    let by = SMALL[y.unsigned_abs() as usize & SMALL_LAST];
                    (by.divide_near(x * power, y), u8::from(y == 0) * FAULT)
                })
            }
            _ if near => map2(rows, pair, (values, gaps), |x, y| divide_near(x * power, y)),
            _ => map2(rows, pair, (values, gaps), |x, y| divide(x, y, power)),
        };
        Outcome {
            failed,
            width: match near {
                true => width,
                false => width_of_all(rows_of(values, rows)),
            },
        }
    }

    fn ages_of(&self, born: View<'_, i32>, rows: usize, (values, gaps): Numbers<'_>) -> Outcome {
        apply1(rows, born, (values, gaps), |born| self.ages.of(born));
        let (values, gaps) = (rows_of(values, rows), rows_of(gaps, rows));
        let unborn = bits(values, |age| age >> 63) != 0;
        if unborn {
            for (value, gap) in values.iter_mut().zip(gaps).filter(|(age, _)| **age < 0) {
                *value = 0;
                *gap |= MISSING;
            }
        }
        Outcome {
            failed: unborn,
            ..Outcome::whole(33)
        }
    }

    fn between(
        &self,
        function: DateFunction,
        (a, b): (NodeId, NodeId),
        rows: usize,
        to: Numbers<'_>,
    ) -> Outcome {
        let failed = match (self.dates(a), self.dates(b)) {
            // Ages on the day of judgement, nearly always: one day for all.
            (a, View::One(today, 0)) => {
                let day = date_of(today);
                if function == DateFunction::Age && self.ages.are_on(today) && is_reckoned(a) {
                    return self.ages_of(a, rows, to);
                }
                map1(rows, a, to, |x| between(function, date_of(x), day))
            }
            pair => map2(rows, pair, to, |x, y| {
                between(function, date_of(x), date_of(y))
            }),
        };
        // Days between any two dates fit in 32 bits and a sign. Unborn is missing.
        Outcome {
            failed,
            ..Outcome::whole(33)
        }
    }
}

/// Whether ages can be reckoned from all days.
fn is_reckoned(days: View<'_, i32>) -> bool {
    match days {
        View::Many(days, _) => bits(days, |day| u8::from(!Ages::reckons(day))) == 0,
        View::One(day, _) => Ages::reckons(day),
    }
}

/// The width of the widest, looked at.
fn widest(numbers: View<'_, i64>) -> u32 {
    match numbers {
        View::Many(numbers, _) => width_of_all(numbers),
        View::One(number, _) => width_of(number),
    }
}

/// The product of numbers of 32 bits.
#[inline(always)]
fn halves(x: i64, y: i64) -> i64 {
    i64::from(x as i32) * i64::from(y as i32)
}

fn made(value: Option<i64>) -> Made<i64> {
    value.map_or((0, FAULT), |value| (value, 0))
}

fn overflowing((value, over): (i64, bool)) -> Made<i64> {
    (value, u8::from(over) * FAULT)
}

pub(super) fn fitting(value: i128) -> Made<i64> {
    made(i64::try_from(value).ok())
}

pub(super) fn rounded(how: Rounding, value: i128, by: i128) -> i128 {
    match how {
        Rounding::HalfUp => round_half_up(value, by),
        Rounding::Down => value / by,
        Rounding::Up => (value + value.signum() * (by - 1)) / by,
    }
}

/// The same in 64 bits, many times faster; dropping decimals always fits.
pub(super) fn rounded_near(how: Rounding, value: i64, by: u64) -> i64 {
    let more = match how {
        Rounding::HalfUp => by / 2,
        Rounding::Down => 0,
        Rounding::Up => by - 1,
    };
    let magnitude = ((value.unsigned_abs() + more) / by) as i64;
    let sign = value >> 63;
    (magnitude ^ sign) - sign
}

/// The quotient of x by y, halves away from zero, where both are small; a fault by zero.
pub(super) fn divide_near(x: i64, y: i64) -> Made<i64> {
    let (above, below) = (x.unsigned_abs(), y.unsigned_abs().max(1));
    let magnitude = ((above + below / 2) / below) as i64;
    let sign = (x ^ y) >> 63;
    ((magnitude ^ sign) - sign, u8::from(y == 0) * FAULT)
}

/// Division by multiplication. Any number below 2^62 is divided exactly: with
/// 2^l at least the divisor, ⌊2^(62+l) ÷ divisor⌋ + 1 is too large by less than one part
/// in 2^62 (Granlund and Montgomery, 1994).
#[derive(Clone, Copy)]
struct Reciprocal {
    divisor: u64,
    factor: u64,
    log: u32,
}

/// Narrower numbers are divided in 64 bits.
const NEAR_WIDTH: u32 = 61;
/// Divisors of no more binary digits have their reciprocals here: most are counts of
/// members or months.
const SMALL_WIDTH: u32 = 6;
const SMALL_LAST: usize = 127;
static SMALL: [Reciprocal; SMALL_LAST + 1] = {
    let mut all = [Reciprocal::of(1); SMALL_LAST + 1];
    let mut divisor = 1;
    while divisor <= SMALL_LAST {
        all[divisor] = Reciprocal::of(divisor as u64);
        divisor += 1;
    }
    all
};

impl Reciprocal {
    /// Of a divisor from 1 to below 2^62.
    const fn of(divisor: u64) -> Reciprocal {
        let log = u64::BITS - (divisor - 1).leading_zeros();
        Reciprocal {
            divisor,
            factor: ((1_u128 << (62 + log)) / divisor as u128) as u64 + 1,
            log,
        }
    }

    /// As [`divide_near`] by `y`, whose magnitude it is the reciprocal of.
    #[inline(always)]
    fn divide_near(self, x: i64, y: i64) -> i64 {
        let above = x.unsigned_abs() + self.divisor / 2;
        let product = u128::from(above << 2) * u128::from(self.factor);
        let magnitude = ((product >> u64::BITS) as u64 >> self.log) as i64;
        let sign = (x ^ y) >> 63;
        (magnitude ^ sign) - sign
    }
}

/// The quotient of x × power by y, halves away from zero; a fault by zero.
pub(super) fn divide(x: i64, y: i64, power: i64) -> Made<i64> {
    if y == 0 {
        return (0, FAULT);
    }
    let (x, y) = (i128::from(x) * i128::from(power), i128::from(y));
    fitting(round_half_up(x * y.signum(), y.abs()))
}

pub(super) fn between(function: DateFunction, from: Date, to: Date) -> Made<i64> {
    match function {
        DateFunction::Days => ((to - from).num_days(), 0),
        DateFunction::Months => (i64::from(kernel::months_between(from, to)), 0),
        DateFunction::Age => match kernel::age_on(from, to) {
            Some(age) => (i64::from(age), 0),
            None => (0, MISSING),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reciprocal_divides_as_division_does() {
        let near = |at: u64| at.saturating_sub(3)..at.saturating_add(4);
        let powers = || (0..61).map(|bit| 1_u64 << bit);
        let divisors: Vec<u64> = (1..300)
            .chain(powers().flat_map(near))
            .chain([9_999_999_967, 100_000_000, 365_000_000])
            .filter(|divisor| (1..1 << 60).contains(divisor))
            .collect();
        let mut compared = 0;
        for divisor in divisors {
            let by = Reciprocal::of(divisor);
            let multiples = [1, 2, 3, 1_000, 999_983, (1 << 60) / divisor];
            let multiples = multiples.map(|times| divisor.saturating_mul(times));
            let halves = multiples.map(|whole| whole / 2);
            let all = multiples.into_iter().chain(halves).chain(powers());
            for number in all.flat_map(near).filter(|number| *number < 1 << 61) {
                for (sign, other) in [(1, 1), (-1, 1), (1, -1), (-1, -1)] {
                    let (x, y) = (number as i64 * sign, divisor as i64 * other);
                    assert_eq!((by.divide_near(x, y), 0), divide_near(x, y), "{x} / {y}");
                    compared += 1;
                }
            }
        }
        assert!(compared > 1_000_000, "{compared}");
        assert_eq!(SMALL[7].divisor, 7);
    }
}
