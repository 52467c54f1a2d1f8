//! 「分」 Points, in hundredths, exactly. Whole in every answer; shares and averages
//! may leave hundredths, rounded half up.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Points in hundredths.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Points(pub i64);

impl Points {
    /// Whole points.
    pub fn whole(points: i64) -> Points {
        Points(points.saturating_mul(100))
    }

    /// Together.
    #[must_use]
    pub fn plus(self, other: Points) -> Points {
        Points(self.0.saturating_add(other.0))
    }

    /// So many hundredths of it, half a hundredth of a point rounded up.
    #[must_use]
    pub fn share(self, percent: u32) -> Points {
        Points((self.0.saturating_mul(i64::from(percent)) + 50).div_euclid(100))
    }

    /// The mean, half a hundredth rounded up; `None` of nothing.
    pub fn mean(all: &[Points]) -> Option<Points> {
        let count = i64::try_from(all.len()).ok().filter(|count| *count > 0)?;
        let sum = all.iter().fold(0_i64, |sum, one| sum.saturating_add(one.0));
        Some(Points((sum * 2 + count).div_euclid(count * 2)))
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0.abs() / 100, self.0.abs() % 100);
        let sign = if self.0 < 0 { "-" } else { "" };
        match rest {
            0 => write!(f, "{sign}{whole}"),
            rest if rest % 10 == 0 => write!(f, "{sign}{whole}.{}", rest / 10),
            rest => write!(f, "{sign}{whole}.{rest:02}"),
        }
    }
}
