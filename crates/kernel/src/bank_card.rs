//! 「银行卡号」 Bank card and passbook numbers. Luhn warns and never blocks: not
//! every passbook number follows it.

use crate::layout18::mask;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Why a text is no card number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BankCardError {
    /// Not 13–19 digits.
    #[error("银行卡号应为13至19位，现在是{0}位。请对照卡面再核对一遍")]
    Length(usize),
    /// Something that is no digit.
    #[error("银行卡号的第{0}位不是数字，请核对")]
    NotADigit(usize),
}

/// A bank card or passbook number of 13–19 digits. Prints masked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BankCard(String);

impl BankCard {
    /// The whole number. The only way to it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The last four digits.
    pub fn last_four(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }

    /// Whether the check digit fits (Luhn). When not, ask again; do not block.
    pub fn luhn_fits(&self) -> bool {
        luhn(&self.0)
    }

    /// The words to ask again with, when the check digit does not fit.
    pub fn warning(&self) -> Option<&'static str> {
        (!self.luhn_fits()).then_some(
            "这个卡号的校验位对不上，可能有一位输错了。请对照卡面再看一眼；存折账号可以不理会",
        )
    }
}

/// From the right every second digit doubled, minus 9 above 9; sum divisible by 10.
pub(crate) fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(index, byte)| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            let doubled = digit * 2;
            match index % 2 {
                0 => digit,
                _ if doubled > 9 => doubled - 9,
                _ => doubled,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

impl FromStr for BankCard {
    type Err = BankCardError;

    /// Reads 13–19 digits; blanks and hyphens between groups are dropped.
    fn from_str(text: &str) -> Result<Self, BankCardError> {
        let plain: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .collect();
        if let Some(index) = plain.chars().position(|c| !c.is_ascii_digit()) {
            return Err(BankCardError::NotADigit(index + 1));
        }
        if !(13..=19).contains(&plain.len()) {
            return Err(BankCardError::Length(plain.len()));
        }
        Ok(BankCard(plain))
    }
}

impl fmt::Display for BankCard {
    /// Masked: the last four.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask(&self.0, 0, 4))
    }
}

impl fmt::Debug for BankCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BankCard({self})")
    }
}

impl TryFrom<String> for BankCard {
    type Error = BankCardError;
    fn try_from(text: String) -> Result<Self, BankCardError> {
        text.parse()
    }
}

impl From<BankCard> for String {
    fn from(card: BankCard) -> String {
        card.0
    }
}
