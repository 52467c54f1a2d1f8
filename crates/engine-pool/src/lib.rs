//! 「数据海」 The pool: what twenty-six departments know, taken in through one gate
//! and read for one stated purpose. It answers “these records”, “no record” or
//! “no answer”, and never takes the last for the second.
//!
//! It holds the data catalogue ([`config`]), the gate ([`gate`]), deliveries
//! ([`model`], [`decide()`]), authorisations and verifications of households.
//! Absent on purpose: files, HTTP, SQL, the clock, and every category's name.

pub mod agreement;
pub mod answer;
pub mod ask;
pub mod authorisation;
pub mod cell;
mod compare;
pub mod config;
pub mod contradiction;
mod decide;
pub mod gate;
pub mod hook;
mod inquiry;
pub mod mend;
pub mod model;
pub mod pull;
pub mod purpose;
pub mod quality;
pub mod rates;
pub mod record;
mod refusal;
pub mod repair;
pub mod report;
pub mod share;
pub mod sheet;
pub mod suppress;
pub mod verification;
mod verify;

#[cfg(test)]
mod tests;

pub use agreement::{Agreement, AgreementRefusal, Agreements, EventField, EventKind, Term, Way};
pub use answer::{Answer, NoAnswer, Standing, from_pool};
pub use authorisation::{
    Authorisation, AuthorisationCommand, AuthorisationEvent, authorise, may_read,
};
pub use config::{
    Catalogue, CatalogueError, Category, Config, Department, Field, FieldType, FileKind, Frequency,
    KeyedBy, Sensitivity,
};
pub use contradiction::{Contradiction, ContradictionRule, contradictions};
pub use decide::decide;
pub use gate::{FaultKind, Header, HeaderFault, RowFault, validate_named, validate_row};
pub use mend::{RowName, SET_BACK_ROW, SET_BACK_WHY, Waiting, WaitingRow, may_waive, waiting_rows};
pub use model::{Batch, BatchState, Came, Command, Delivery, Digest, Event, State};
pub use purpose::{Purpose, PurposeKind};
pub use quality::{QualityCounter, QualityReport};
pub use record::{Held, Record, Subject, Value, newer};
pub use refusal::Refusal;
pub use report::{Outcome, Report, report};
pub use sheet::{Sheet, sheet};
pub use verification::Verification;
pub use verify::verify;
