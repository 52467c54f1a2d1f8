//! 「政策」 What the law owes a household, and why. Judges; never decides against
//! anybody, never turns a missing fact into a value, never reads a clock or a
//! database. A verdict is not a decision: only a person grants or refuses
//! (docs/decisions/0001).

mod certificate;
mod compile;
mod config;
mod finding;
mod holds;
mod household;
mod judge;
mod judgement;
mod line;
mod missing;
mod portrait;
pub mod publish;
mod screen;
mod sweep;
mod warning;

pub use certificate::{Certificate, Difference, ReplayError, WrittenEntry};
pub use compile::{Assumption, AssumptionError, Judge};
pub use config::*;
pub use finding::{Finding, finding};
pub use household::{Entry, Household, Member, RecordRow, Source, WhyMissing};
pub use judge::{JudgeError, ParameterUsed, push_household};
pub use judgement::{ConditionOutcome, Judgement, MissingFact, Subject, Verdict};
pub use line::{FactsHead, FactsLine, LineError, MemberLine};
pub use portrait::{Portrait, PortraitKind, PortraitRule};
pub use screen::{Screened, screen};
pub use sweep::{CONDITIONS_MAX, Sweep, Swept};
pub use warning::{
    SignChange, SignRule, Signs, Waiting, WarningLevel, WarningRule, handed_out, raised, turned,
};
