//! 「结果」 How a use case can end other than well. Four kinds, never mixed: a
//! refusal (the law or the state says no), bad input (it says how to mend it),
//! a conflict or fault of the store, a fault of the world outside.

use kernel::Refuse;
use store::StoreError;

/// A refusal as it leaves the house.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Refused {
    /// Stable code, `engine.reason`.
    pub code: &'static str,
    /// The sentence for the person, with what to do next.
    pub says: String,
    /// The article, where a law says no.
    pub article: Option<String>,
}

/// Why a use case did not do what was asked. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The law or the state says no.
    #[error("{}", .0.says)]
    Refused(Refused),
    /// What was typed or sent cannot be read; the sentence says how to mend it.
    #[error("{0}")]
    BadInput(String),
    /// The store: a conflict, a repeated act, a fault.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The world outside broke (a department, the bank, the disk).
    #[error("{0}")]
    Fault(String),
}

impl From<engine_policy::AssumptionError> for AppError {
    fn from(why: engine_policy::AssumptionError) -> Self {
        AppError::BadInput(why.to_string())
    }
}

impl AppError {
    /// Wraps any engine's refusal.
    pub fn refused(refusal: impl Refuse) -> Self {
        AppError::Refused(Refused {
            code: refusal.code(),
            says: refusal.to_string(),
            article: refusal.article().map(str::to_owned),
        })
    }

    /// The stable code of a refusal, if this is one.
    pub fn refusal_code(&self) -> Option<&'static str> {
        match self {
            AppError::Refused(refused) => Some(refused.code),
            _ => None,
        }
    }
}

/// What a use case gives.
pub type Result<T, E = AppError> = std::result::Result<T, E>;
