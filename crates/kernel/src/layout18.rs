//! 「十八位号码」 The layout that citizens' numbers, residence permits and the
//! foreigners' numbers of 2023 share: 6 + birth date 8 + sequence 3 + check 1
//! (GB 11643-1999; check digit ISO 7064 MOD 11-2). What the first six mean is
//! not known here.

use crate::{Date, Sex};
use chrono::Datelike;

/// What can be wrong with a person's number. The sentences never repeat the
/// number: they end up in logs and in files that go back to departments.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PersonNumberError {
    /// Not 18 characters (nor, for old foreigners' permits, 15).
    #[error("证件号码应为18位，现在是{0}位。请对照证件再核对一遍")]
    Length(usize),
    /// A character that is neither a digit nor the last X.
    #[error("证件号码的第{0}位不是数字。前17位都应为半角数字，最后一位是数字或字母X")]
    NotADigit(usize),
    /// An old 15-digit number: upgrading it is a repair someone asks for.
    #[error("这是15位的旧号码。请换成现在证件上的18位号码，或先做升位")]
    Old15,
    /// The birth date does not exist.
    #[error("证件号码中的出生日期不存在。请核对第7至14位")]
    NoSuchDate,
    /// Born before 1880.
    #[error("证件号码中的出生年份早于1880年。请核对第7至10位")]
    TooEarly,
    /// Born after the given day.
    #[error("证件号码中的出生日期还没有到。请核对第7至14位")]
    NotYetBorn,
    /// The check digit does not fit: a digit is wrong or two are swapped.
    #[error("证件号码的校验位不对，多半是有一位输错了。请对照证件逐位核对")]
    CheckDigit,
    /// The first digits are of another kind of document, or of none.
    #[error("这个号码开头不是{0}的开头。请核对前6位，或换一种证件类型")]
    Kind(&'static str),
}

/// 18 ASCII bytes whose birth date exists and whose check digit fits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Layout18([u8; 18]);

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

/// The check character of 17 digits.
fn check_of(digits: &[u8]) -> u8 {
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    CHECKS[(sum % 11) as usize]
}

impl Layout18 {
    /// Reads 18 characters; surrounding blanks are dropped, `x` becomes `X`.
    pub(crate) fn read(text: &str) -> Result<Self, PersonNumberError> {
        let trimmed = text.trim();
        let length = trimmed.chars().count();
        if length == 15 && trimmed.bytes().all(|b| b.is_ascii_digit()) {
            return Err(PersonNumberError::Old15);
        }
        if length != 18 {
            return Err(PersonNumberError::Length(length));
        }
        let mut bytes = [0_u8; 18];
        for (index, c) in trimmed.chars().enumerate() {
            bytes[index] = match c {
                '0'..='9' => c as u8,
                'x' | 'X' if index == 17 => b'X',
                _ => return Err(PersonNumberError::NotADigit(index + 1)),
            };
        }
        born(&bytes)?;
        if check_of(&bytes[..17]) != bytes[17] {
            return Err(PersonNumberError::CheckDigit);
        }
        Ok(Layout18(bytes))
    }

    /// Builds a number and its check digit. `prefix` below 1,000,000,
    /// `sequence` below 1,000, year 1880–9999.
    pub(crate) fn build(prefix: u32, born: Date, sequence: u16) -> Result<Self, PersonNumberError> {
        if prefix > 999_999 || sequence > 999 || !(1880..=9999).contains(&born.year()) {
            return Err(PersonNumberError::NoSuchDate);
        }
        let body = format!("{prefix:06}{}{sequence:03}", born.format("%Y%m%d"));
        let mut bytes = [0_u8; 18];
        for (slot, byte) in bytes.iter_mut().zip(body.bytes()) {
            *slot = byte;
        }
        bytes[17] = check_of(&bytes[..17]);
        Ok(Layout18(bytes))
    }

    /// The whole number.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The first six digits.
    pub(crate) fn prefix(&self) -> u32 {
        number(&self.0[..6])
    }

    /// The birth date.
    pub(crate) fn born(&self) -> Date {
        born(&self.0).unwrap_or(Date::MIN)
    }

    /// The sex: the 17th digit odd for men, even for women.
    pub(crate) fn sex(&self) -> Sex {
        if (self.0[16] - b'0') % 2 == 1 {
            Sex::Male
        } else {
            Sex::Female
        }
    }

    /// Refuses a birth date after `day`.
    pub(crate) fn born_by(self, day: Date) -> Result<Self, PersonNumberError> {
        if self.born() > day {
            Err(PersonNumberError::NotYetBorn)
        } else {
            Ok(self)
        }
    }
}

fn number(digits: &[u8]) -> u32 {
    digits
        .iter()
        .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'))
}

fn born(bytes: &[u8; 18]) -> Result<Date, PersonNumberError> {
    let year = number(&bytes[6..10]);
    let date = Date::from_ymd_opt(year as i32, number(&bytes[10..12]), number(&bytes[12..14]))
        .ok_or(PersonNumberError::NoSuchDate)?;
    if year < 1880 {
        return Err(PersonNumberError::TooEarly);
    }
    Ok(date)
}

/// First `head`, last `tail` characters; asterisks between.
pub(crate) fn mask(text: &str, head: usize, tail: usize) -> String {
    let length = text.chars().count();
    text.chars()
        .enumerate()
        .map(|(index, c)| {
            if index < head || index + tail >= length {
                c
            } else {
                '*'
            }
        })
        .collect()
}

/// Display (first 6, last 4), Debug (first 1, last 1), text and serde for a
/// newtype over [`Layout18`].
macro_rules! layout18 {
    ($name:ident) => {
        impl $name {
            /// The whole number. The only way to it: whoever calls this answers
            /// for where it goes.
            pub fn reveal(&self) -> &str {
                self.0.text()
            }

            /// The birth date.
            pub fn born(&self) -> Date {
                self.0.born()
            }

            /// The sex, as the sequence number says.
            pub fn sex(&self) -> Sex {
                self.0.sex()
            }

            /// Reads a number of someone born on or before `day`.
            pub fn parse_on(text: &str, day: Date) -> Result<Self, PersonNumberError> {
                let parsed: Self = text.parse()?;
                parsed.0.born_by(day)?;
                Ok(parsed)
            }

            /// For pages: first 6 and last 4; of someone under 18 on `day`
            /// only the first and the last character.
            pub fn masked_on(&self, day: Date) -> String {
                match crate::age_on(self.born(), day) {
                    Some(age) if age >= 18 => mask(self.reveal(), 6, 4),
                    _ => mask(self.reveal(), 1, 1),
                }
            }
        }

        impl std::fmt::Display for $name {
            /// Masked: first 6, last 4.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&mask(self.reveal(), 6, 4))
            }
        }

        impl std::fmt::Debug for $name {
            /// Masked: first and last character, so that logs never leak.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), mask(self.reveal(), 1, 1))
            }
        }

        impl TryFrom<String> for $name {
            type Error = PersonNumberError;
            fn try_from(text: String) -> Result<Self, PersonNumberError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(number: $name) -> String {
                number.reveal().to_owned()
            }
        }
    };
}
pub(crate) use layout18;
