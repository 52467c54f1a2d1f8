//! 「性别」 Sex by GB/T 2261.1.

use serde::{Deserialize, Serialize};

/// GB/T 2261.1: 0 未知, 1 男, 2 女, 9 未说明.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// 未知
    Unknown,
    /// 男
    Male,
    /// 女
    Female,
    /// 未说明
    Unstated,
}

impl Sex {
    /// The standard's code.
    pub fn code(self) -> u8 {
        match self {
            Sex::Unknown => 0,
            Sex::Male => 1,
            Sex::Female => 2,
            Sex::Unstated => 9,
        }
    }

    /// By the standard's code; `None` for a code the standard does not have.
    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Sex::Unknown),
            1 => Some(Sex::Male),
            2 => Some(Sex::Female),
            9 => Some(Sex::Unstated),
            _ => None,
        }
    }

    /// The word a person sees.
    pub fn label(self) -> &'static str {
        match self {
            Sex::Unknown => "未知",
            Sex::Male => "男",
            Sex::Female => "女",
            Sex::Unstated => "未说明",
        }
    }
}
