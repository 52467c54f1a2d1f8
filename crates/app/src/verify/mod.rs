//! 「一键核对」 One click: every department asked about the whole household at once,
//! with signed requests; what comes back is typed, compared and reported, and
//! who does not answer is named.

mod answers;
mod case;
mod conduct;
mod departments;
mod found;
pub(crate) use found::set_aside;
mod paper;
mod ruled;
mod sheet;
mod steps;
mod told;
pub mod wire;

pub(crate) use case::latest;
pub use conduct::Wanted;
pub use departments::Departments;
pub use engine_pool::Outcome;
pub use engine_pool::sheet::Stage;
pub(crate) use found::compared;
pub use paper::Signing;
pub(crate) use paper::sign;
pub(crate) use ruled::ruled_now;
pub use sheet::{GivenReport, Remade};
pub use told::{
    CheckReport, DepartmentTold, DifferenceTold, FactTold, LineTold, SilentTold, StageTold,
};

#[cfg(test)]
pub(crate) use found::known;
#[cfg(test)]
mod tests;
