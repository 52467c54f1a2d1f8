//! 「办件」 A case from the first word to the last, one use case per act. Each goes
//! the same way, in one transaction: authorise → load → decide → save the state
//! with its events → audit → notices, messages and work for other rooms. The same
//! request twice has one effect and one answer.
//! Absent on purpose: any rule (engine-case), asking departments (verify), paying.

mod beside;
mod desk;
mod draft;
pub mod export;
mod facts;
pub mod file;
mod found;
mod joint;
mod judge;
pub mod list;
mod notice;
mod open;
mod people;
mod read;
pub mod replay;
mod rights;
mod ruling;
mod tell;
mod tick;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use desk::Desk;
pub use desk::Handled;
pub(crate) use facts::lay;
pub use facts::overlay;
pub use found::FoundCase;
pub use open::OpenCase;
pub(crate) use rights::{FILE, state as record_state};
pub use ruling::{Adverse, Ruling};
pub(crate) use tell::queue;
pub use tell::{SEND, ToSend};
pub use tick::Ticked;
