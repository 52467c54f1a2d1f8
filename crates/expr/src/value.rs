//! 「值」 Values at the border of the language: going into frames, coming out of
//! results. Inside, columns hold plain integers.

use crate::types::{SCALE_MAX, Type};
use kernel::{Date, Money, Truth};
use std::fmt;
use std::str::FromStr;

/// A known value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// 是否
    Bool(bool),
    /// 数
    Number(Decimal),
    /// 日期
    Date(Date),
    /// 代码: its number in its [`crate::CodeSet`].
    Code(u16),
}

impl From<Money> for Value {
    fn from(money: Money) -> Value {
        Value::Number(Decimal {
            mantissa: money.fen(),
            scale: 2,
        })
    }
}

/// What a cell of a result holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cell {
    /// It is known.
    Known(Value),
    /// A fact it needs is missing.
    Missing,
    /// The arithmetic cannot be carried out exactly: too large, or a division
    /// by zero. Never a wrong number.
    Fault,
}

impl Cell {
    /// The value, when known.
    pub fn known(self) -> Option<Value> {
        match self {
            Cell::Known(value) => Some(value),
            Cell::Missing | Cell::Fault => None,
        }
    }

    /// As a truth; anything not a known Bool is undetermined.
    pub fn truth(self) -> Truth {
        match self {
            Cell::Known(Value::Bool(known)) => known.into(),
            _ => Truth::Undetermined,
        }
    }

    /// As money, when it is a known number without parts of a fen.
    pub fn money(self) -> Option<Money> {
        match self.known()? {
            Value::Number(number) => number.at_scale(2).map(Money::from_fen),
            _ => None,
        }
    }
}

/// An exact decimal number: `mantissa` / 10^`scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// All digits.
    pub mantissa: i64,
    /// How many of them stand after the point, at most 6.
    pub scale: u8,
}

/// Why a text is no number of the language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not digits with at most one point.
    #[error("“{0}”不是数。请写成例如 12 或 1.5")]
    NotANumber(String),
    /// More than six decimals.
    #[error("“{0}”的小数多于 6 位")]
    TooFine(String),
    /// Does not fit.
    #[error("“{0}”太大了")]
    TooLarge(String),
}

impl Decimal {
    /// A whole number.
    pub const fn whole(mantissa: i64) -> Decimal {
        Decimal { mantissa, scale: 0 }
    }

    /// The digits at another number of decimals, when nothing is lost.
    pub fn at_scale(self, scale: u8) -> Option<i64> {
        if scale > SCALE_MAX || self.scale > SCALE_MAX {
            return None;
        }
        if scale >= self.scale {
            return self
                .mantissa
                .checked_mul(10_i64.pow(u32::from(scale - self.scale)));
        }
        let power = 10_i64.pow(u32::from(self.scale - scale));
        (self.mantissa % power == 0).then_some(self.mantissa / power)
    }

    /// One hundredth of it (how a value written in % is read); `None` when that
    /// needs more than six decimals.
    pub fn percent(self) -> Option<Decimal> {
        let scale = self.scale + 2;
        if scale <= SCALE_MAX {
            return Some(Decimal { scale, ..self });
        }
        Decimal {
            scale: SCALE_MAX,
            mantissa: self.at_scale(SCALE_MAX - 2)?,
        }
        .into()
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    /// Reads `12`, `-1.50`. Refuses signs inside, exponents, separators.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let not_a_number = || DecimalError::NotANumber(text.to_owned());
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return Err(not_a_number()),
            Some(parts) => parts,
            None => (digits, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(not_a_number());
        }
        if fraction.len() > usize::from(SCALE_MAX) {
            return Err(DecimalError::TooFine(text.to_owned()));
        }
        let mantissa: i64 = format!("{whole}{fraction}")
            .parse()
            .map_err(|_| DecimalError::TooLarge(text.to_owned()))?;
        Ok(Decimal {
            mantissa: if negative { -mantissa } else { mantissa },
            scale: fraction.len() as u8,
        })
    }
}

impl fmt::Display for Decimal {
    /// All decimals, no separators: `12`, `1.50`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs();
        if self.scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let power = 10_u64.pow(u32::from(self.scale));
        let width = usize::from(self.scale);
        write!(f, "{sign}{}.{:0width$}", digits / power, digits % power)
    }
}

impl Value {
    /// As a person reads it, with the unit's spoken part: “860 元”,
    /// “450.50 元”, “2021 年 9 月 1 日”, a code's label, 是/否. Money shows two
    /// decimals unless it is whole yuan; numbers finer than that are rounded
    /// half up for showing only. A share of something, a bare number between 0
    /// and 1, is said in percent: 0.20 is “20%”.
    pub fn spoken(&self, ty: &Type) -> String {
        match (self, ty) {
            (Value::Bool(true), _) => "是".to_owned(),
            (Value::Bool(false), _) => "否".to_owned(),
            (Value::Date(date), _) => date.format("%Y 年 %-m 月 %-d 日").to_string(),
            (Value::Code(number), Type::Code(set)) => set
                .member(*number)
                .map_or_else(|| number.to_string(), |member| member.label.clone()),
            (Value::Code(number), _) => number.to_string(),
            (Value::Number(number), ty) => {
                let unit = ty.unit().map(crate::Unit::spoken).unwrap_or_default();
                if let Some(percent) = percent_words(*number, ty) {
                    return percent;
                }
                let digits = spoken_digits(*number);
                if unit.is_empty() {
                    digits
                } else {
                    format!("{digits} {unit}")
                }
            }
        }
    }
}

/// A bare number between 0 and 1 in percent; anything else is said as it is.
fn percent_words(number: Decimal, ty: &Type) -> Option<String> {
    let whole = 10_i64.checked_pow(u32::from(number.scale))?;
    let share = ty.unit().is_some_and(|unit| unit.is_none())
        && number.mantissa != 0
        && number.mantissa.checked_abs()? < whole;
    let hundredfold = Decimal {
        mantissa: number.mantissa.checked_mul(100)?,
        scale: number.scale,
    };
    let digits = spoken_digits(hundredfold);
    let digits = match digits.contains('.') {
        true => digits.trim_end_matches('0'),
        false => &digits,
    };
    share.then(|| format!("{digits}%"))
}

/// At most two decimals, none when whole.
fn spoken_digits(number: Decimal) -> String {
    let drop = number.scale.saturating_sub(2);
    let power = 10_i64.pow(u32::from(drop));
    let shown = Decimal {
        mantissa: crate::number::round_half_up(i128::from(number.mantissa), i128::from(power))
            as i64,
        scale: number.scale - drop,
    };
    match shown.at_scale(0) {
        Some(whole) => whole.to_string(),
        None => shown.to_string(),
    }
}
