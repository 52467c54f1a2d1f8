//! 「金额」 Money: exact, in fen (分). A float never touches it.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An amount of renminbi in fen. May be negative (a reversal).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Money(i64);

/// Why a text is no amount, in words for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a decimal number.
    #[error("“{0}”不是金额。请写成数字，例如 1800 或 1800.50")]
    NotANumber(String),
    /// More than two decimals: there is nothing smaller than a fen.
    #[error("“{0}”的小数多于两位。金额最小到分，请写成例如 1800.50")]
    TooFine(String),
    /// Beyond ±92 quadrillion yuan.
    #[error("“{0}”太大了，请核对一下")]
    TooLarge(String),
}

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(0);

    /// From fen.
    pub const fn from_fen(fen: i64) -> Self {
        Money(fen)
    }

    /// From whole yuan; `None` beyond the range.
    pub const fn from_yuan(yuan: i64) -> Option<Self> {
        match yuan.checked_mul(100) {
            Some(fen) => Some(Money(fen)),
            None => None,
        }
    }

    /// In fen.
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// Sum; `None` beyond the range.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(fen) => Some(Money(fen)),
            None => None,
        }
    }

    /// Difference; `None` beyond the range.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(fen) => Some(Money(fen)),
            None => None,
        }
    }

    /// The sum of many; `None` beyond the range.
    pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts
            .into_iter()
            .try_fold(Money::ZERO, Money::checked_add)
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    /// Reads `1800`, `1800.5`, `-3.20`. Refuses a third decimal, signs inside,
    /// exponents, separators and blanks inside.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let not_a_number = || MoneyError::NotANumber(text.to_owned());
        let trimmed = text.trim();
        let (negative, digits) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return Err(not_a_number()),
            Some((whole, fraction)) => (whole, fraction),
            None => (digits, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(not_a_number());
        }
        if fraction.len() > 2 {
            return Err(MoneyError::TooFine(text.to_owned()));
        }
        let too_large = || MoneyError::TooLarge(text.to_owned());
        let fen: i64 = format!("{whole}{fraction:0<2}")
            .parse()
            .map_err(|_| too_large())?;
        Ok(Money(if negative { -fen } else { fen }))
    }
}

impl fmt::Display for Money {
    /// `820.00`: always two decimals, no separators; units belong to the caller.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", fen / 100, fen % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_and_prints_exactly() {
        for (text, fen) in [
            ("0", 0),
            ("860", 86_000),
            ("860.5", 86_050),
            ("-3.20", -320),
            (" 1.00 ", 100),
        ] {
            assert_eq!(text.parse(), Ok(Money::from_fen(fen)), "{text}");
        }
        assert_eq!(Money::from_fen(-5).to_string(), "-0.05");
        assert_eq!(Money::from_fen(82_000).to_string(), "820.00");
    }

    #[test]
    fn money_refuses_what_is_no_amount() {
        assert_eq!(
            "1.234".parse::<Money>(),
            Err(MoneyError::TooFine("1.234".into()))
        );
        for text in [
            "", "-", ".5", "1.", "1e3", "1,000", "+1", "1.-2", "１２", "--1",
        ] {
            assert_eq!(
                text.parse::<Money>(),
                Err(MoneyError::NotANumber(text.into())),
                "{text}"
            );
        }
        assert!(matches!(
            "99999999999999999999".parse::<Money>(),
            Err(MoneyError::TooLarge(_))
        ));
    }
}
