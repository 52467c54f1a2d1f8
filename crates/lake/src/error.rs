//! 「结局」 How a command of the lake ends: 0 done, 1 the answer is no, 2 bad input,
//! 3 the world broke. A sentence each, for a person.

use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use std::process::ExitCode;

/// Why a command could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// Mend the input.
    #[error("{0}")]
    BadInput(String),
    /// Looked, and it is not so.
    #[error("{0}")]
    No(String),
    /// The world broke.
    #[error("{0}")]
    Broken(String),
}

/// What the lake gives.
pub type Result<T> = std::result::Result<T, LakeError>;

impl LakeError {
    /// The exit code.
    pub fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            LakeError::No(_) => 1,
            LakeError::BadInput(_) => 2,
            LakeError::Broken(_) => 3,
        })
    }

    /// What was asked in SQL cannot be understood or done.
    pub fn of_sql(why: &DataFusionError) -> LakeError {
        let why = why.strip_backtrace();
        LakeError::BadInput(format!("这句 SQL 不行：{why}"))
    }
}

impl From<DataFusionError> for LakeError {
    fn from(why: DataFusionError) -> LakeError {
        LakeError::Broken(why.strip_backtrace())
    }
}

impl From<ArrowError> for LakeError {
    fn from(why: ArrowError) -> LakeError {
        LakeError::Broken(why.to_string())
    }
}

impl From<std::io::Error> for LakeError {
    fn from(why: std::io::Error) -> LakeError {
        LakeError::Broken(why.to_string())
    }
}

impl From<serde_json::Error> for LakeError {
    fn from(why: serde_json::Error) -> LakeError {
        LakeError::Broken(why.to_string())
    }
}
