//! 「居住证、永久居留身份证」 The numbers of people from Hong Kong, Macao and
//! Taiwan (港澳台居民居住证申领发放办法 2018, art. 3: area codes 810000, 820000,
//! 830000) and of foreigners with permanent residence: the 18 digits of 2023
//! (国家移民管理局《新版外国人永久居留身份证适配性改造要点》, GA 2102-2023) and the
//! older 15 characters, which stay valid.

use crate::layout18::{Layout18, layout18, mask};
use crate::{Date, PersonNumberError, Sex};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// 港澳台居民居住证号码.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResidencePermit(Layout18);

layout18!(ResidencePermit);

/// Where the holder of a residence permit comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// 香港
    HongKong,
    /// 澳门
    Macao,
    /// 台湾
    Taiwan,
}

impl ResidencePermit {
    /// Where the holder comes from.
    pub fn origin(&self) -> Origin {
        match self.0.prefix() {
            810_000 => Origin::HongKong,
            820_000 => Origin::Macao,
            _ => Origin::Taiwan,
        }
    }
}

impl FromStr for ResidencePermit {
    type Err = PersonNumberError;

    fn from_str(text: &str) -> Result<Self, PersonNumberError> {
        let layout = Layout18::read(text)?;
        match layout.prefix() {
            810_000 | 820_000 | 830_000 => Ok(ResidencePermit(layout)),
            _ => Err(PersonNumberError::Kind("港澳台居民居住证号码")),
        }
    }
}

/// 外国人永久居留身份证号码, either form. The old form carries no checkable
/// sex, no century, and a last digit whose rule is not published: only its
/// shape and that its six digits of birth are a date are checked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ForeignerPermit(Form);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Form {
    /// 9, province (2), nationality ISO 3166-1 numeric (3), birth, sequence, check.
    New(Layout18),
    /// Nationality (3 letters), region (4), birth YYMMDD, sequence, check.
    Old([u8; 15]),
}

impl ForeignerPermit {
    /// The whole number. The only way to it.
    pub fn reveal(&self) -> &str {
        match &self.0 {
            Form::New(layout) => layout.text(),
            Form::Old(bytes) => std::str::from_utf8(bytes).unwrap_or_default(),
        }
    }

    /// The birth date; the old form does not say the century.
    pub fn born(&self) -> Option<Date> {
        match &self.0 {
            Form::New(layout) => Some(layout.born()),
            Form::Old(_) => None,
        }
    }

    /// The sex; the old form does not say.
    pub fn sex(&self) -> Option<Sex> {
        match &self.0 {
            Form::New(layout) => Some(layout.sex()),
            Form::Old(_) => None,
        }
    }

    /// Reads a number of someone born on or before `day`.
    pub fn parse_on(text: &str, day: Date) -> Result<Self, PersonNumberError> {
        let permit: Self = text.parse()?;
        match permit.born() {
            Some(born) if born > day => Err(PersonNumberError::NotYetBorn),
            _ => Ok(permit),
        }
    }
}

impl FromStr for ForeignerPermit {
    type Err = PersonNumberError;

    fn from_str(text: &str) -> Result<Self, PersonNumberError> {
        let trimmed = text.trim();
        if trimmed.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return old_form(trimmed).map(|bytes| ForeignerPermit(Form::Old(bytes)));
        }
        let layout = Layout18::read(trimmed)?;
        let prefix = layout.prefix();
        let province = prefix / 1_000 % 100;
        if prefix / 100_000 != 9 || !is_province(province) {
            return Err(PersonNumberError::Kind("外国人永久居留身份证号码"));
        }
        Ok(ForeignerPermit(Form::New(layout)))
    }
}

/// The provinces of GB/T 2260 where one can apply.
fn is_province(code: u32) -> bool {
    matches!(code, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65)
}

fn old_form(text: &str) -> Result<[u8; 15], PersonNumberError> {
    let length = text.chars().count();
    if length != 15 {
        return Err(PersonNumberError::Length(length));
    }
    let mut bytes = [0_u8; 15];
    for (index, c) in text.chars().enumerate() {
        bytes[index] = match c {
            'A'..='Z' | 'a'..='z' if index < 3 => c.to_ascii_uppercase() as u8,
            '0'..='9' if index >= 3 => c as u8,
            _ if index < 3 => return Err(PersonNumberError::Kind("外国人永久居留身份证号码")),
            _ => return Err(PersonNumberError::NotADigit(index + 1)),
        };
    }
    let two = |at: usize| u32::from(bytes[at] - b'0') * 10 + u32::from(bytes[at + 1] - b'0');
    let exists = [1900, 2000]
        .into_iter()
        .any(|century| Date::from_ymd_opt(century + two(7) as i32, two(9), two(11)).is_some());
    if exists {
        Ok(bytes)
    } else {
        Err(PersonNumberError::NoSuchDate)
    }
}

impl fmt::Display for ForeignerPermit {
    /// Masked: first 6, last 4 (of the old form first 3, last 2).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::New(layout) => f.write_str(&mask(layout.text(), 6, 4)),
            Form::Old(_) => f.write_str(&mask(self.reveal(), 3, 2)),
        }
    }
}

impl fmt::Debug for ForeignerPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ForeignerPermit({})", mask(self.reveal(), 1, 1))
    }
}

impl TryFrom<String> for ForeignerPermit {
    type Error = PersonNumberError;
    fn try_from(text: String) -> Result<Self, PersonNumberError> {
        text.parse()
    }
}

impl From<ForeignerPermit> for String {
    fn from(permit: ForeignerPermit) -> String {
        permit.reveal().to_owned()
    }
}
