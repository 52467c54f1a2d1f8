//! 「发放」 Payment: who is owed what each month, the batch that pays it, the
//! bank's answers, and the proof that every fen arrived.
//!
//! Refuses: paying an obligation (programme × person × period × component ×
//! revision) twice; a batch whose maker, checker and releaser are not three
//! human beings; a list changed after it was frozen; resending or voiding by the
//! clock (silence becomes `Unknown`, and the bank is asked); a reissue without
//! proof of return; closing a batch that does not add up; somebody missing from
//! this month's list without a signed decision. Absent on purpose: deciding who
//! is owed (policy, case), moving money in the books (ledger), HTTP (app).

mod account;
mod arrears;
mod bank_file;
mod bank_reading;
mod batch;
mod command;
mod compute;
mod config;
mod decide;
mod entitlement;
mod holding;
mod item;
mod obligation;
mod past;
mod reconcile;
mod refusal;
mod reply;
mod settle;

#[cfg(test)]
mod tests;

pub use account::{AccountNumber, AccountNumberError, PayAccount};
pub use arrears::{ArrearsProposal, PaidRecord, propose_arrears, propose_past};
pub use bank_file::{BankFile, BankFileError, file_reference, line_reference, write_bank_file};
pub use bank_reading::{PayFile, PayFileFault, PayLine, read_bank_file};
pub use batch::{
    Batch, BatchException, BatchState, Event, ExceptionKind, FrozenList, SentFile, Stamp,
};
pub use command::{BankAnswer, Command};
pub use compute::{Change, MonthDiff, StopLink, Vanished, compute, diff_months, inputs_digest};
pub use config::Config;
pub use decide::decide;
pub use entitlement::{Entitlement, Every, PhaseOutStep, Stop};
pub use holding::{AccountHolding, AccountProposal};
pub use item::{Item, ItemState};
pub use obligation::{Beneficiary, Due, DueKind, ObligationKey};
pub use past::{
    PastCause, PastCommand, PastEvent, PastFinding, PastProposal, PastStanding, PastWay,
    decide_past,
};
pub use reconcile::{
    BankLine, Difference, DifferenceKind, LedgerLine, Named, Reconciliation, TreasuryStatement,
    reconcile,
};
pub use refusal::Refusal;
pub use reply::{LineOutcome, Reply, ReplyFault, ReplyLine, ReplyReading, read_reply, write_reply};
