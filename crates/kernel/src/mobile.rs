//! 「手机号」 Mobile numbers of the mainland: 1, then 3–9, then nine digits.

use crate::layout18::mask;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Why a text is no mobile number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("这不像手机号。手机号是11位数字，以1开头，例如 138 开头的号码")]
pub struct MobileError;

/// A mobile number of 11 digits. Prints masked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mobile(String);

impl Mobile {
    /// The whole number. The only way to it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Mobile {
    type Err = MobileError;

    /// Reads 11 digits; `+86`, blanks and hyphens are dropped.
    fn from_str(text: &str) -> Result<Self, MobileError> {
        let plain: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .collect();
        let digits = plain.strip_prefix("+86").unwrap_or(&plain);
        let bytes = digits.as_bytes();
        let fits = bytes.len() == 11
            && bytes.iter().all(u8::is_ascii_digit)
            && bytes[0] == b'1'
            && bytes[1] >= b'3';
        fits.then(|| Mobile(digits.to_owned())).ok_or(MobileError)
    }
}

impl fmt::Display for Mobile {
    /// Masked: first three, last four.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask(&self.0, 3, 4))
    }
}

impl fmt::Debug for Mobile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mobile({self})")
    }
}

impl TryFrom<String> for Mobile {
    type Error = MobileError;
    fn try_from(text: String) -> Result<Self, MobileError> {
        text.parse()
    }
}

impl From<Mobile> for String {
    fn from(mobile: Mobile) -> String {
        mobile.0
    }
}
