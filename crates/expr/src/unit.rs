//! 「单位」 Units of measure as exponents over base units. 元/月 and 元/年 are
//! different units and do not add. Absent on purpose: automatic conversion;
//! a rule says `per_month(x)` or `per_year(x)` itself.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Base units in the order in which they print.
const BASES: [&str; 15] = [
    "元", "分", "人", "户", "岁", "m²", "次", "个", "kg", "公里", "年", "月", "日", "小时", "分钟",
];
/// Other ways to write a base unit; longer before shorter.
const ALIASES: [(&str, &str); 9] = [
    ("平方米", "m²"),
    ("㎡", "m²"),
    ("m2", "m²"),
    ("周岁", "岁"),
    ("个月", "月"),
    ("天", "日"),
    ("名", "人"),
    ("口", "人"),
    ("千克", "kg"),
];
/// Ways to write "no unit".
const NEUTRAL: [&str; 3] = ["倍", "%", "1"];

const YUAN: usize = 0;
const PERSON: usize = 2;
const AGE: usize = 4;
const AREA: usize = 5;
const TIMES: usize = 6;
const YEAR: usize = 10;
const MONTH: usize = 11;
const DAY: usize = 12;

/// A unit of measure, e.g. 元/人·月: everything after the first `/` divides.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Unit([i8; BASES.len()]);

/// Why a text is no unit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("不认识单位“{0}”。可以写例如 元、元/月、元/人·月、人、岁、月、m²、次、倍")]
pub struct UnitError(pub String);

impl Unit {
    /// 倍: no unit.
    pub const NONE: Unit = Unit([0; BASES.len()]);
    /// 元
    pub const YUAN: Unit = Unit::base(YUAN);
    /// 人
    pub const PERSON: Unit = Unit::base(PERSON);
    /// 岁
    pub const AGE: Unit = Unit::base(AGE);
    /// 次
    pub const TIMES: Unit = Unit::base(TIMES);
    /// 月
    pub const MONTH: Unit = Unit::base(MONTH);
    /// 日
    pub const DAY: Unit = Unit::base(DAY);

    const fn base(which: usize) -> Unit {
        let mut exponents = [0; BASES.len()];
        exponents[which] = 1;
        Unit(exponents)
    }

    /// Whether it is a bare number (倍).
    pub fn is_none(self) -> bool {
        self == Unit::NONE
    }

    /// The unit of a product; `None` when an exponent leaves ±16.
    pub fn times(self, other: Unit) -> Option<Unit> {
        self.combine(other, 1)
    }

    /// The unit of a quotient; `None` when an exponent leaves ±16.
    pub fn over(self, other: Unit) -> Option<Unit> {
        self.combine(other, -1)
    }

    fn combine(self, other: Unit, sign: i8) -> Option<Unit> {
        let mut result = self;
        for (mine, theirs) in result.0.iter_mut().zip(other.0) {
            *mine += sign * theirs;
            if mine.abs() > 16 {
                return None;
            }
        }
        Some(result)
    }

    /// 元/年 → 元/月; `None` unless it is "per year".
    pub fn year_to_month(self) -> Option<Unit> {
        self.swap_rate(YEAR, MONTH)
    }

    /// 元/月 → 元/年; `None` unless it is "per month".
    pub fn month_to_year(self) -> Option<Unit> {
        self.swap_rate(MONTH, YEAR)
    }

    fn swap_rate(self, from: usize, to: usize) -> Option<Unit> {
        let mut result = self;
        if result.0[from] != -1 || result.0[to] != 0 {
            return None;
        }
        result.0[from] = 0;
        result.0[to] = -1;
        Some(result)
    }

    /// Decimals a fact of this unit has unless its pack says otherwise: money
    /// and areas 2, bare numbers and rates 4, what is counted 0.
    pub fn default_scale(self) -> u8 {
        if self.0[YUAN] > 0 || self.0[AREA] > 0 {
            2
        } else if self.is_none() {
            4
        } else {
            0
        }
    }

    /// What follows a number shown to a person: the part above the line
    /// (860 元/人·月 is shown as “860 元”; the sentence says per what).
    pub fn spoken(self) -> String {
        self.part(1)
    }

    fn part(self, sign: i8) -> String {
        let mut names = Vec::new();
        for (name, &exponent) in BASES.iter().zip(&self.0) {
            for _ in 0..(exponent * sign).max(0) {
                names.push(*name);
            }
        }
        names.join("·")
    }

    /// Reads the longest unit name at the start of `text`; returns the unit and
    /// the bytes read.
    fn read_factor(text: &str) -> Option<(Unit, usize)> {
        let named = |name: &str| BASES.iter().position(|base| *base == name).map(Unit::base);
        let aliases = ALIASES.iter().map(|(alias, base)| (*alias, named(base)));
        let bases = BASES.iter().map(|base| (*base, named(base)));
        let neutral = NEUTRAL.iter().map(|name| (*name, Some(Unit::NONE)));
        aliases
            .chain(bases)
            .chain(neutral)
            .filter(|(name, _)| text.starts_with(name))
            .max_by_key(|(name, _)| name.len())
            .and_then(|(name, unit)| Some((unit?, name.len())))
    }

    /// Reads a unit at the start of `text` as far as it goes (used for unit
    /// suffixes of literals); returns the unit and the bytes read.
    pub(crate) fn read_prefix(text: &str) -> Option<(Unit, usize)> {
        let (mut unit, mut read) = Unit::read_factor(text)?;
        let mut below = false;
        loop {
            let rest = &text[read..];
            let joint = rest.chars().next().filter(|c| matches!(c, '/' | '·'));
            let Some(joint) = joint else {
                return Some((unit, read));
            };
            // A bare number after the line is arithmetic, not part of the unit.
            let next = &rest[joint.len_utf8()..];
            let neutral = NEUTRAL.iter().any(|name| next.starts_with(name));
            let Some((factor, length)) = Unit::read_factor(next).filter(|_| !neutral) else {
                return Some((unit, read));
            };
            below |= joint == '/';
            unit = unit.combine(factor, if below { -1 } else { 1 })?;
            read += joint.len_utf8() + length;
        }
    }
}

impl FromStr for Unit {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let trimmed = text.trim();
        match Unit::read_prefix(trimmed) {
            Some((unit, read)) if read == trimmed.len() => Ok(unit),
            _ => Err(UnitError(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Unit {
    type Error = UnitError;
    fn try_from(text: String) -> Result<Self, UnitError> {
        text.parse()
    }
}

impl From<Unit> for String {
    fn from(unit: Unit) -> String {
        unit.to_string()
    }
}

impl fmt::Display for Unit {
    /// `元/人·月`; no unit prints as 倍.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (above, below) = (self.part(1), self.part(-1));
        match (above.is_empty(), below.is_empty()) {
            (true, true) => f.write_str("倍"),
            (false, true) => f.write_str(&above),
            (true, false) => write!(f, "1/{below}"),
            (false, false) => write!(f, "{above}/{below}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_read_and_print() {
        for (text, printed) in [
            ("元", "元"),
            ("元/月", "元/月"),
            ("元/人·月", "元/人·月"),
            ("元/月·人", "元/人·月"),
            ("元/人/月", "元/人·月"),
            ("元 ", "元"),
            ("平方米/人", "m²/人"),
            ("周岁", "岁"),
            ("个月", "月"),
            ("分钟", "分钟"),
            ("分", "分"),
            ("倍", "倍"),
            ("%", "倍"),
            ("1/月", "1/月"),
        ] {
            assert_eq!(text.parse::<Unit>().unwrap().to_string(), printed, "{text}");
        }
        for bad in [
            "",
            "美元",
            "元/",
            "/月",
            "元//月",
            "倍低保标准",
            "元 / 月",
            "yuan",
        ] {
            assert!(bad.parse::<Unit>().is_err(), "{bad}");
        }
    }

    #[test]
    fn units_multiply_and_divide() {
        let unit = |text: &str| text.parse::<Unit>().unwrap();
        assert_eq!(unit("元/月").over(Unit::PERSON), Some(unit("元/人·月")));
        assert_eq!(unit("元/人·月").times(Unit::PERSON), Some(unit("元/月")));
        assert_eq!(unit("元").over(unit("元")), Some(Unit::NONE));
        assert_eq!(unit("元/年").year_to_month(), Some(unit("元/月")));
        assert_eq!(unit("元/月").year_to_month(), None);
        assert_eq!(unit("元/人·月").month_to_year(), Some(unit("元/人·年")));
        assert_eq!(unit("元").month_to_year(), None);
        let mut large = Unit::YUAN;
        for _ in 0..15 {
            large = large.times(Unit::YUAN).unwrap();
        }
        assert_eq!(large.times(Unit::YUAN), None);
    }
}
