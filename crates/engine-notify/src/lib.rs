//! 「消息」 Messages to people: which channel next, what was received, what is left
//! for a human being to ring up.
//!
//! A message is never lost: when every channel has failed it becomes a task on
//! the phone list. A receipt told twice changes nothing. An SMS carries no field
//! above L1 beyond the reader's own name: its text comes from a template that has
//! been checked ([`template`]), never from the full text.
//! Absent on purpose: rendering expressions (packs and expr), sending (app).

mod decide;
mod model;
mod refusal;
mod template;

#[cfg(test)]
mod tests;

pub use decide::decide;
pub use model::{
    Attempt, AttemptState, Channel, Command, Config, Event, Message, Recipient, State, Status, What,
};
pub use refusal::Refusal;
pub use template::{Part, Template, TemplateError, Value};
