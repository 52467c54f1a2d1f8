//! 「数值」 A figure's amount in hundredths of its unit, exactly.

use kernel::Money;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An amount in hundredths of the indicator's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(pub i64);

impl Quantity {
    /// So many whole ones.
    pub fn whole(count: usize) -> Quantity {
        Quantity(i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(100))
    }

    /// A part of a whole in percent, half a hundredth rounded up; `None` of nothing:
    /// no whole has no share.
    pub fn share(part: usize, whole: usize) -> Option<Quantity> {
        let (part, whole) = (i128::try_from(part).ok()?, i128::try_from(whole).ok()?);
        if whole == 0 {
            return None;
        }
        let hundredths = (part * 20_000 + whole) / (whole * 2);
        i64::try_from(hundredths).ok().map(Quantity)
    }
}

impl FromStr for Quantity {
    type Err = ();

    /// A decimal with at most two places, as money is written.
    fn from_str(text: &str) -> Result<Quantity, ()> {
        let read = text.trim().parse::<Money>().map_err(|_| ())?;
        Ok(Quantity(read.fen()))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        let sign = if self.0 < 0 { "-" } else { "" };
        match rest {
            0 => write!(f, "{sign}{whole}"),
            rest if rest % 10 == 0 => write!(f, "{sign}{whole}.{}", rest / 10),
            rest => write!(f, "{sign}{whole}.{rest:02}"),
        }
    }
}
