//! 「账本」 The ledger: double entry for any unit — fen, minutes of service,
//! points. A transfer has two or more legs that sum to zero in each unit; an
//! account may have a floor and a ceiling; a lot lapses at its time and is spent before
//! younger ones; a restricted fund is spent on its purposes only; money in doubt waits in
//! a hold until it is posted or voided; a mistake is mended by a reversal.
//!
//! Refuses: an unbalanced transfer, one that breaks a floor (holds counted), a
//! second transfer under the same reference, a second reversal, any change of
//! history. Absent on purpose: interest, currencies' exchange, and what an
//! account *means*; the room that opens it knows.
//!
//! A [`Ledger`] may be the whole book or a slice of it: the accounts, holds and
//! transfers one command touches. The answer is the same; the store loads slices.

mod bounds;
mod command;
mod config;
mod decide;
mod disclosure;
mod lots;
mod model;
mod refusal;
mod statement;
mod verify;
mod yearly;

#[cfg(test)]
mod tests;

pub use command::Command;
pub use config::{
    BookFault, BookType, Capacity, Does, Kind, Limit, Medium, Per, Restricted, Timer,
};
pub use decide::decide;
pub use disclosure::{Campaign, Due, dues, open_due};
pub use model::{
    Account, Bounds, Config, Event, Hold, HoldState, Ledger, Leg, Stamp, Transfer, TransferKind,
};
pub use refusal::Refusal;
pub use statement::{Line, Solvency, Statement, balance_at, solvency, statement};
pub use verify::{Booked, LedgerFault, Prover, verify};
pub use yearly::{Base, BaseLine, Counts, Standing, YearCheck, YearLimit, YearSums, check_year};
