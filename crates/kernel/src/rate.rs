//! 「比例」 Rates and percentages: exact, in millionths. A float never touches them.

use crate::Money;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A rate in millionths: 1 is 1,000,000, 3.5% is 35,000. May be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rate(i64);

/// Why a text is no rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// Neither a number nor a percentage.
    #[error("“{0}”不是比例。请写成例如 50%、0.5 或 1.5")]
    NotARate(String),
    /// Finer than a millionth.
    #[error("“{0}”的小数太多了。比例最多六位小数，百分数最多四位")]
    TooFine(String),
    /// Beyond the range.
    #[error("“{0}”太大了，请核对一下")]
    TooLarge(String),
}

const ONE: i64 = 1_000_000;

impl Rate {
    /// Nothing.
    pub const ZERO: Rate = Rate(0);
    /// The whole.
    pub const ONE: Rate = Rate(ONE);

    /// From millionths.
    pub const fn from_millionths(millionths: i64) -> Self {
        Rate(millionths)
    }

    /// In millionths.
    pub const fn millionths(self) -> i64 {
        self.0
    }

    /// `part` of `whole`, rounded half up (away from zero); `None` when the
    /// whole is nothing or the result is out of range.
    pub fn of_parts(part: i64, whole: i64) -> Option<Self> {
        let scaled = i128::from(part) * i128::from(ONE);
        rounded(scaled, i128::from(whole)).map(Rate)
    }

    /// This share of an amount, rounded to the fen, half up (away from zero);
    /// `None` beyond the range.
    pub fn of(self, amount: Money) -> Option<Money> {
        let product = i128::from(self.0) * i128::from(amount.fen());
        rounded(product, i128::from(ONE)).map(Money::from_fen)
    }

    /// As a percentage, e.g. `3.5%`.
    pub fn percent(self) -> String {
        format!("{}%", decimal(self.0, 4))
    }

    /// As people read what was counted: one decimal, e.g. `33.3%`, `98.0%`. Only what is
    /// nothing says `0%`, only what is whole `100%`.
    pub fn one_decimal(self) -> String {
        if self.0 % ONE == 0 {
            return self.percent();
        }
        let near = rounded(i128::from(self.0), 1_000).unwrap_or_default();
        let tenths = match near {
            // So near that it would read as whole: a tenth short of it, or beyond it.
            0 => self.0.signum(),
            whole if whole % 1_000 == 0 => whole + (self.0 - whole * 1_000).signum(),
            other => other,
        };
        let sign = if tenths < 0 { "-" } else { "" };
        let magnitude = tenths.unsigned_abs();
        format!("{sign}{}.{}%", magnitude / 10, magnitude % 10)
    }
}

/// Half up, away from zero.
fn rounded(numerator: i128, denominator: i128) -> Option<i64> {
    if denominator == 0 {
        return None;
    }
    let negative = (numerator < 0) != (denominator < 0);
    let (n, d) = (numerator.unsigned_abs(), denominator.unsigned_abs());
    let magnitude = i128::try_from((n * 2 + d) / (d * 2)).ok()?;
    i64::try_from(if negative { -magnitude } else { magnitude }).ok()
}

/// `units` with `places` decimals, trailing zeros dropped.
fn decimal(units: i64, places: u32) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let scale = 10_u64.pow(places);
    let magnitude = units.unsigned_abs();
    let fraction = format!("{:0width$}", magnitude % scale, width = places as usize);
    let text = format!("{sign}{}.{fraction}", magnitude / scale);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl FromStr for Rate {
    type Err = RateError;

    /// Reads `50%`, `0.5`, `1.5`, `-2%`.
    fn from_str(text: &str) -> Result<Self, RateError> {
        let wrong = || RateError::NotARate(text.to_owned());
        let trimmed = text.trim();
        let (number, places) = match trimmed.strip_suffix(['%', '％']) {
            Some(number) => (number, 4),
            None => (trimmed, 6),
        };
        let (negative, digits) = match number.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, number),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return Err(wrong()),
            Some(parts) => parts,
            None => (digits, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(wrong());
        }
        if fraction.len() > places {
            return Err(RateError::TooFine(text.to_owned()));
        }
        let units: i64 = format!("{whole}{fraction:0<places$}")
            .parse()
            .map_err(|_| RateError::TooLarge(text.to_owned()))?;
        Ok(Rate(if negative { -units } else { units }))
    }
}

impl fmt::Display for Rate {
    /// As a number, e.g. `0.035`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal(self.0, 6))
    }
}

impl TryFrom<String> for Rate {
    type Error = RateError;
    fn try_from(text: String) -> Result<Self, RateError> {
        text.parse()
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> String {
        rate.to_string()
    }
}
