//! 「证件号码」 Any number a person may be known by. The kinds are disjoint: a
//! text is at most one of them.

use crate::{CitizenId, Date, ForeignerPermit, PersonNumberError, ResidencePermit, Sex};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The number of a natural person. Serialises as its text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum PersonNumber {
    /// 公民身份号码
    Citizen(CitizenId),
    /// 港澳台居民居住证
    Residence(ResidencePermit),
    /// 外国人永久居留身份证
    Foreigner(ForeignerPermit),
}

impl PersonNumber {
    /// The whole number. The only way to it.
    pub fn reveal(&self) -> &str {
        match self {
            PersonNumber::Citizen(id) => id.reveal(),
            PersonNumber::Residence(permit) => permit.reveal(),
            PersonNumber::Foreigner(permit) => permit.reveal(),
        }
    }

    /// The birth date, where the number says it.
    pub fn born(&self) -> Option<Date> {
        match self {
            PersonNumber::Citizen(id) => Some(id.born()),
            PersonNumber::Residence(permit) => Some(permit.born()),
            PersonNumber::Foreigner(permit) => permit.born(),
        }
    }

    /// The sex, where the number says it.
    pub fn sex(&self) -> Option<Sex> {
        match self {
            PersonNumber::Citizen(id) => Some(id.sex()),
            PersonNumber::Residence(permit) => Some(permit.sex()),
            PersonNumber::Foreigner(permit) => permit.sex(),
        }
    }

    /// The name of the document.
    pub fn kind_label(&self) -> &'static str {
        match self {
            PersonNumber::Citizen(_) => "居民身份证",
            PersonNumber::Residence(_) => "港澳台居民居住证",
            PersonNumber::Foreigner(_) => "外国人永久居留身份证",
        }
    }

    /// Reads a number of someone born on or before `day`.
    pub fn parse_on(text: &str, day: Date) -> Result<Self, PersonNumberError> {
        let number: Self = text.parse()?;
        match number.born() {
            Some(born) if born > day => Err(PersonNumberError::NotYetBorn),
            _ => Ok(number),
        }
    }

    /// For pages: of someone under 18 on `day` only the first and the last
    /// character, else first 6 and last 4.
    pub fn masked_on(&self, day: Date) -> String {
        match self {
            PersonNumber::Citizen(id) => id.masked_on(day),
            PersonNumber::Residence(permit) => permit.masked_on(day),
            PersonNumber::Foreigner(permit) => permit.to_string(),
        }
    }
}

impl FromStr for PersonNumber {
    type Err = PersonNumberError;

    /// Tells the kind by the beginning: a letter or 9 (but not the synthetic
    /// 99) is a foreigner's, 81/82/83 0000 a residence permit.
    fn from_str(text: &str) -> Result<Self, PersonNumberError> {
        let trimmed = text.trim();
        let foreign = trimmed.starts_with(|c: char| c.is_ascii_alphabetic())
            || (trimmed.starts_with('9') && !trimmed.starts_with("99"));
        if foreign {
            return trimmed.parse().map(PersonNumber::Foreigner);
        }
        if ["810000", "820000", "830000"]
            .iter()
            .any(|area| trimmed.starts_with(area))
        {
            return trimmed.parse().map(PersonNumber::Residence);
        }
        trimmed.parse().map(PersonNumber::Citizen)
    }
}

impl fmt::Display for PersonNumber {
    /// Masked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PersonNumber::Citizen(id) => id.fmt(f),
            PersonNumber::Residence(permit) => permit.fmt(f),
            PersonNumber::Foreigner(permit) => permit.fmt(f),
        }
    }
}

impl fmt::Debug for PersonNumber {
    /// Masked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PersonNumber::Citizen(id) => id.fmt(f),
            PersonNumber::Residence(permit) => permit.fmt(f),
            PersonNumber::Foreigner(permit) => permit.fmt(f),
        }
    }
}

impl From<CitizenId> for PersonNumber {
    fn from(id: CitizenId) -> Self {
        PersonNumber::Citizen(id)
    }
}

impl TryFrom<String> for PersonNumber {
    type Error = PersonNumberError;
    fn try_from(text: String) -> Result<Self, PersonNumberError> {
        text.parse()
    }
}

impl From<PersonNumber> for String {
    fn from(number: PersonNumber) -> String {
        number.reveal().to_owned()
    }
}
