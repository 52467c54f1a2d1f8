//! 「公民身份号码」 Citizens' numbers, GB 11643-1999. The area code may be long
//! abolished and is not looked up: it says where someone was registered first,
//! not where they live. Codes beginning with 99 are in no table; synthetic
//! people use them, so that no invented number can be a real person's.

use crate::layout18::{Layout18, layout18, mask};
use crate::{Date, PersonNumberError, Sex};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// 公民身份号码. Cannot be built wrong; prints masked, [`CitizenId::reveal`]
/// gives it whole.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CitizenId(Layout18);

layout18!(CitizenId);

/// A number that was upgraded from 15 digits: a repair, and its reader must
/// say so by calling [`Upgraded::accept`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "升位是一次修补，须由人确认后采用"]
pub struct Upgraded(CitizenId);

impl Upgraded {
    /// Takes the 18-digit number.
    pub fn accept(self) -> CitizenId {
        self.0
    }
}

impl CitizenId {
    /// Builds a number with its check digit: `area` six digits, `sequence`
    /// three (odd for men, even for women).
    pub fn build(area: u32, born: Date, sequence: u16) -> Result<Self, PersonNumberError> {
        citizen(Layout18::build(area, born, sequence)?)
    }

    /// The six-digit area code of the first registration.
    pub fn area(&self) -> u32 {
        self.0.prefix()
    }

    /// Whether the number is of an invented person (area code 99….).
    pub fn is_synthetic(&self) -> bool {
        self.area() / 10_000 == 99
    }

    /// Upgrades an old 15-digit number: 19 before the year, check digit behind.
    pub fn upgrade(text: &str) -> Result<Upgraded, PersonNumberError> {
        let trimmed = text.trim();
        let length = trimmed.chars().count();
        if length != 15 {
            return Err(PersonNumberError::Length(length));
        }
        if let Some(index) = trimmed.chars().position(|c| !c.is_ascii_digit()) {
            return Err(PersonNumberError::NotADigit(index + 1));
        }
        let digits = |from: usize, to: usize| trimmed[from..to].parse::<u32>().unwrap_or_default();
        let born = Date::from_ymd_opt(1900 + digits(6, 8) as i32, digits(8, 10), digits(10, 12))
            .ok_or(PersonNumberError::NoSuchDate)?;
        let sequence = digits(12, 15) as u16;
        CitizenId::build(digits(0, 6), born, sequence).map(Upgraded)
    }
}

/// Citizens' area codes begin with 1–8 (or the synthetic 99); 810000, 820000
/// and 830000 are residence permits.
fn citizen(layout: Layout18) -> Result<CitizenId, PersonNumberError> {
    let prefix = layout.prefix();
    let first = prefix / 100_000;
    let ours = (1..=8).contains(&first) || prefix / 10_000 == 99;
    if !ours || matches!(prefix, 810_000 | 820_000 | 830_000) {
        return Err(PersonNumberError::Kind("公民身份号码"));
    }
    Ok(CitizenId(layout))
}

impl FromStr for CitizenId {
    type Err = PersonNumberError;

    /// Everything but “born by which day”; for that [`CitizenId::parse_on`].
    fn from_str(text: &str) -> Result<Self, PersonNumberError> {
        citizen(Layout18::read(text)?)
    }
}
