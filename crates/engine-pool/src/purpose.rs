//! 「用途」 What data is read for. Nothing is read without saying so.

use kernel::CaseId;
use serde::{Deserialize, Serialize};

/// The purposes a category may allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurposeKind {
    /// 主动发现 Screening everyone, without authorisation.
    Discovery,
    /// 核对 Checking a household that has authorised it.
    Verification,
    /// 审计 Audit.
    Audit,
}

/// The purpose of one reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// 主动发现
    Discovery,
    /// 核对 for a case.
    Verification {
        /// The case that needs it.
        case: CaseId,
    },
    /// 审计, and of what.
    Audit {
        /// Why, in the auditor's words.
        reason: String,
    },
}

impl Purpose {
    /// Its kind.
    pub fn kind(&self) -> PurposeKind {
        match self {
            Purpose::Discovery => PurposeKind::Discovery,
            Purpose::Verification { .. } => PurposeKind::Verification,
            Purpose::Audit { .. } => PurposeKind::Audit,
        }
    }
}
