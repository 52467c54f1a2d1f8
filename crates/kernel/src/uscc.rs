//! 「统一社会信用代码」 Organisations' numbers: GB 32100-2015, and the
//! organisation code of GB 11714 that lies inside it. Public, so never masked.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What can be wrong with an organisation's number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsccError {
    /// Not the right length.
    #[error("应为{wanted}位，现在是{found}位。请对照证照再核对一遍")]
    Length {
        /// What the standard asks.
        wanted: usize,
        /// What was given.
        found: usize,
    },
    /// A character the standard does not use.
    #[error("第{0}位的字符不能用。只能是数字和大写字母（统一社会信用代码不用 I、O、S、V、Z）")]
    Character(usize),
    /// Digits where the region should be.
    #[error("第3至8位应为行政区划数字，请核对")]
    Region,
    /// The check character does not fit.
    #[error("校验位不对，多半是有一位输错了。请对照证照逐位核对")]
    Check,
}

/// 统一社会信用代码, 18 characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Uscc([u8; 18]);

/// 组织机构代码, 9 characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrganisationCode([u8; 9]);

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const USCC_WEIGHTS: [usize; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];
const CODE_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// Upper-case ASCII bytes of a text of exactly `N` characters.
fn bytes_of<const N: usize>(text: &str) -> Result<[u8; N], UsccError> {
    let trimmed = text.trim();
    let found = trimmed.chars().count();
    if found != N {
        return Err(UsccError::Length { wanted: N, found });
    }
    let mut bytes = [0_u8; N];
    for (index, c) in trimmed.chars().enumerate() {
        if !c.is_ascii_alphanumeric() {
            return Err(UsccError::Character(index + 1));
        }
        bytes[index] = c.to_ascii_uppercase() as u8;
    }
    Ok(bytes)
}

/// The check character of the first 17.
fn uscc_check(body: &[u8]) -> Result<u8, UsccError> {
    let mut sum = 0;
    for (index, (byte, weight)) in body.iter().zip(USCC_WEIGHTS).enumerate() {
        let value = ALPHABET
            .iter()
            .position(|letter| letter == byte)
            .ok_or(UsccError::Character(index + 1))?;
        sum += value * weight;
    }
    Ok(ALPHABET[(31 - sum % 31) % 31])
}

impl Uscc {
    /// Adds the check character to 17 characters.
    pub fn build(body: &str) -> Result<Self, UsccError> {
        let head: [u8; 17] = bytes_of(body)?;
        let check = uscc_check(&head)?;
        let mut bytes = [0_u8; 18];
        bytes[..17].copy_from_slice(&head);
        bytes[17] = check;
        Uscc(bytes).with_region()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The registering authority: 1 机构编制, 5 民政, 9 市场监管, N 农业, Y 其他.
    pub fn authority(&self) -> char {
        self.0[0] as char
    }

    /// The kind within the authority, e.g. 52 民办非企业单位 (with [`Uscc::authority`]).
    pub fn kind(&self) -> &str {
        &self.as_str()[..2]
    }

    /// The six-digit region of registration.
    pub fn area(&self) -> &str {
        &self.as_str()[2..8]
    }

    /// The organisation code inside, when its own check character fits. Codes
    /// exist in the field whose inner character does not, so it is no fault.
    pub fn organisation_code(&self) -> Option<OrganisationCode> {
        self.as_str()[8..17].parse().ok()
    }

    fn with_region(self) -> Result<Self, UsccError> {
        if self.0[2..8].iter().all(u8::is_ascii_digit) {
            Ok(self)
        } else {
            Err(UsccError::Region)
        }
    }
}

impl FromStr for Uscc {
    type Err = UsccError;

    /// Reads 18 characters; surrounding blanks are dropped, small letters raised.
    fn from_str(text: &str) -> Result<Self, UsccError> {
        let bytes: [u8; 18] = bytes_of(text)?;
        if uscc_check(&bytes[..17])? != bytes[17] {
            return Err(UsccError::Check);
        }
        Uscc(bytes).with_region()
    }
}

impl OrganisationCode {
    /// The text, without a hyphen.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Adds the check character to 8 characters.
    pub fn build(body: &str) -> Result<Self, UsccError> {
        let head: [u8; 8] = bytes_of(body)?;
        let mut bytes = [0_u8; 9];
        bytes[..8].copy_from_slice(&head);
        bytes[8] = code_check(&head);
        Ok(OrganisationCode(bytes))
    }
}

/// c = 11 − Σ mod 11; 10 → X, 11 → 0. Letters count A = 10 … Z = 35.
fn code_check(body: &[u8]) -> u8 {
    let value = |byte: u8| {
        if byte.is_ascii_digit() {
            u32::from(byte - b'0')
        } else {
            u32::from(byte - b'A') + 10
        }
    };
    let sum: u32 = body
        .iter()
        .zip(CODE_WEIGHTS)
        .map(|(byte, weight)| value(*byte) * weight)
        .sum();
    match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        digit => b'0' + digit as u8,
    }
}

impl FromStr for OrganisationCode {
    type Err = UsccError;

    /// Reads 9 characters; a hyphen before the last is dropped.
    fn from_str(text: &str) -> Result<Self, UsccError> {
        let trimmed = text.trim();
        let plain = match trimmed.rsplit_once('-') {
            Some((head, tail)) if tail.len() == 1 => format!("{head}{tail}"),
            _ => trimmed.to_owned(),
        };
        let bytes: [u8; 9] = bytes_of(&plain)?;
        if code_check(&bytes[..8]) != bytes[8] {
            return Err(UsccError::Check);
        }
        Ok(OrganisationCode(bytes))
    }
}

macro_rules! as_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.as_str())
            }
        }

        impl TryFrom<String> for $name {
            type Error = UsccError;
            fn try_from(text: String) -> Result<Self, UsccError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> String {
                code.as_str().to_owned()
            }
        }
    )*};
}
as_text!(Uscc, OrganisationCode);
