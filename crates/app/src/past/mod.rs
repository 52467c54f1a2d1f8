//! 「补发和多发」 Months gone by, looked at again when the law or the facts about them
//! change late: what should have been paid beside what was, by person and month, each
//! with what speaks for it. The house proposes; one person says what is to be done,
//! another confirms. Nothing is paid or asked back by the looking itself.
//!
//! Absent on purpose: months in which nobody had the right (a lead, not arrears), and
//! members a family gained (a review looks at the family as it is now).

mod act;
mod facts;
mod judged;
mod list;
mod look;
mod words;

#[cfg(test)]
mod tests;

pub use engine_payment::PastWay;
pub use list::{PastGroup, PastLine, PastPage};
pub use look::PastReport;
