//! 「区划代码」 Region codes: 12 digits, GB/T 2260 (6) + town (3) + village (3).
//! Whether a code exists, and on which day, is the [`crate::RegionTree`]'s to say.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A region code, always 12 digits inside.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegionCode(u64);

/// How large a region is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegionLevel {
    /// 省
    Province,
    /// 设区市
    City,
    /// 县、县级市、区
    County,
    /// 街道、镇、乡
    Town,
    /// 社区、村
    Village,
}

impl RegionLevel {
    /// What the numbers below this level add up to.
    fn tail(self) -> u64 {
        match self {
            RegionLevel::Province => 10_000_000_000,
            RegionLevel::City => 100_000_000,
            RegionLevel::County => 1_000_000,
            RegionLevel::Town => 1_000,
            RegionLevel::Village => 1,
        }
    }

    /// The word of the CSV trees.
    pub fn word(self) -> &'static str {
        match self {
            RegionLevel::Province => "province",
            RegionLevel::City => "city",
            RegionLevel::County => "county",
            RegionLevel::Town => "town",
            RegionLevel::Village => "village",
        }
    }
}

/// What can be wrong with a region code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegionCodeError {
    /// Not 6, 9 or 12 digits.
    #[error("“{0}”不是区划代码。请写6位、9位或12位数字，例如 330482")]
    Shape(String),
    /// A part is missing in the middle, or the province is no province.
    #[error("“{0}”不像区划代码：上级是空的，下级却有数。请核对")]
    Gap(String),
}

impl RegionCode {
    /// From 12 digits as a number.
    pub fn from_u64(code: u64) -> Result<Self, RegionCodeError> {
        let text = || format!("{code:012}");
        if code > 999_999_999_999 {
            return Err(RegionCodeError::Shape(text()));
        }
        let province = code / 10_000_000_000;
        let city = code / 100_000_000 % 100;
        let county = code / 1_000_000 % 100;
        let town = code / 1_000 % 1_000;
        let village = code % 1_000;
        // A city without counties has towns directly below it (东莞): county 00 is no gap.
        let gap = province < 11
            || (city == 0 && (county, town, village) != (0, 0, 0))
            || (town == 0 && village != 0);
        if gap {
            return Err(RegionCodeError::Gap(text()));
        }
        Ok(RegionCode(code))
    }

    /// The 12 digits as a number.
    pub fn as_u64(self) -> u64 {
        self.0
    }

    /// How large the region is.
    pub fn level(self) -> RegionLevel {
        [
            RegionLevel::Province,
            RegionLevel::City,
            RegionLevel::County,
            RegionLevel::Town,
        ]
        .into_iter()
        .find(|level| self.0.is_multiple_of(level.tail()))
        .unwrap_or(RegionLevel::Village)
    }

    /// The region it lies in; `None` for a province.
    pub fn parent(self) -> Option<Self> {
        let parent = match self.level() {
            RegionLevel::Province => return None,
            RegionLevel::City => RegionLevel::Province,
            RegionLevel::County => RegionLevel::City,
            RegionLevel::Town => RegionLevel::County,
            RegionLevel::Village => RegionLevel::Town,
        };
        self.within(parent)
    }

    /// The region of that level it lies in (itself included); `None` when it
    /// is larger. A town without a county answers its city for `County`.
    pub fn within(self, level: RegionLevel) -> Option<Self> {
        (self.level() >= level).then(|| RegionCode(self.0 - self.0 % level.tail()))
    }

    /// Whether `other` lies in it or is it.
    pub fn contains(self, other: RegionCode) -> bool {
        other.within(self.level()) == Some(self)
    }

    /// The codes of it and everything below it: first and last, both included.
    pub fn span(self) -> (Self, Self) {
        (self, RegionCode(self.0 + self.level().tail() - 1))
    }

    /// The first six digits, as other systems write counties.
    pub fn six(self) -> u32 {
        (self.0 / 1_000_000) as u32
    }
}

impl FromStr for RegionCode {
    type Err = RegionCodeError;

    /// Reads 6, 9 or 12 digits; shorter codes are filled with zeros.
    fn from_str(text: &str) -> Result<Self, RegionCodeError> {
        let trimmed = text.trim();
        let shaped = matches!(trimmed.len(), 6 | 9 | 12);
        let number: Option<u64> = if shaped && trimmed.bytes().all(|b| b.is_ascii_digit()) {
            format!("{trimmed:0<12}").parse().ok()
        } else {
            None
        };
        RegionCode::from_u64(number.ok_or_else(|| RegionCodeError::Shape(text.to_owned()))?)
    }
}

impl fmt::Display for RegionCode {
    /// 12 digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

impl fmt::Debug for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegionCode({self})")
    }
}

impl TryFrom<String> for RegionCode {
    type Error = RegionCodeError;
    fn try_from(text: String) -> Result<Self, RegionCodeError> {
        text.parse()
    }
}

impl From<RegionCode> for String {
    fn from(code: RegionCode) -> String {
        code.to_string()
    }
}
