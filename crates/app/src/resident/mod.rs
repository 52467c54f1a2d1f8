//! 「居民这边」 What a household is told and does by itself: what is known of it,
//! what the law owes it, one set of answers for everything, where its cases stand.
//! Absent on purpose: any rule, any page.

mod agent;
mod apply;
mod asked;
mod behalf;
mod check;
mod counter;
mod draft;
mod form;
mod home;
mod known;
mod mine;
mod offers;
mod progress;
mod told;

#[cfg(test)]
mod tests;

pub use agent::AgentLine;
pub use apply::{Application, ConsentAsked, Wanted};
pub use behalf::{Behalf, Lead, LookAgain, SAID};
pub use check::{Answer, HouseholdCheck, Reason, Row, Someone};
pub(crate) use check::{data_day, discovered_of};
pub use counter::{AskedFor, CameIn};
pub use engine_policy::{Every, Finding};
pub(crate) use form::answer_words;
pub use form::{Kind, Question, Slot, Wrong};
pub use home::Household;
pub(crate) use home::homes_of;
pub use known::{Disputed, Known};
pub use mine::{Letter, Look, MyData, Said};
pub use offers::{Family, Offer};
pub use told::{Adverse, CaseTold, Happened, PartTold, Resulted};
pub(crate) use told::{names, tell};
