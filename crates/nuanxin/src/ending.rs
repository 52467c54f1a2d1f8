//! 「结局」 How a command ends, as an exit code: 0 done, 1 the answer is no, 2 bad
//! input or usage, 3 the world broke.

use std::process::ExitCode;

/// A command that did what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Done; the answer is yes.
    Yes,
    /// Done; the answer is no: a check failed.
    No,
}

impl Ending {
    pub(crate) fn of(yes: bool) -> Ending {
        if yes { Ending::Yes } else { Ending::No }
    }

    pub(crate) fn code(self) -> ExitCode {
        ExitCode::from(u8::from(self == Ending::No))
    }
}

/// A command that could not do what was asked; a sentence for a person.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Mend the input.
    #[error("{0}")]
    BadInput(String),
    /// The law or the state says no.
    #[error("{0}")]
    Refused(String),
    /// The world broke.
    #[error("{0}")]
    Broken(String),
}

impl Failure {
    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::Refused(_) => 1,
            Failure::BadInput(_) => 2,
            Failure::Broken(_) => 3,
        })
    }
}

impl From<app::AppError> for Failure {
    fn from(why: app::AppError) -> Self {
        match why {
            app::AppError::Refused(refused) => Failure::Refused(refused.says),
            app::AppError::BadInput(says) => Failure::BadInput(says),
            app::AppError::Store(why) => why.into(),
            app::AppError::Fault(says) => Failure::Broken(says),
        }
    }
}

impl From<store::StoreError> for Failure {
    fn from(why: store::StoreError) -> Self {
        match why {
            store::StoreError::Backup(says) => Failure::BadInput(says),
            store::StoreError::Address(_) | store::StoreError::NotFound { .. } => {
                Failure::BadInput(why.to_string())
            }
            why => Failure::Broken(why.to_string()),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(why: std::io::Error) -> Self {
        Failure::Broken(why.to_string())
    }
}

/// What a command gives.
pub(crate) type Outcome = Result<Ending, Failure>;
