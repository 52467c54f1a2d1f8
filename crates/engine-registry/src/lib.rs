//! 「底册」 The register: people, households and who belongs to which, organisations
//! and places. Every fact keeps all its versions and where each came from.
//!
//! It refuses to lose history, to put one person into two households at once,
//! to leave a household without a head, and to merge two entries silently: a
//! merge is proposed by one person, confirmed by another, and can be undone.
//! Absent on purpose: what people earn and own (the pool's), SQL, the clock.

mod command;
mod config;
mod decide;
mod event;
mod household;
mod household_verbs;
mod life;
mod life_kind;
mod merge;
mod model;
mod organisation;
mod person;
mod refusal;
pub mod suspect;
mod undo_leave;
mod version;

#[cfg(test)]
mod tests;

pub use command::Command;
pub use config::Config;
pub use decide::decide;
pub use event::Event;
pub use household::{Household, Membership, NewMember, born_to};
pub use life::{
    LifeBegun, LifeChange, LifeCommand, LifeEvent, LifeRefusal, LifeStep, LifeUndone, NewStep,
    StepState, begin, decide_life,
};
pub use life_kind::{Consequence, Does, LifeKind, Writes};
pub use merge::{Merge, MergeState};
pub use model::State;
pub use organisation::{Organisation, OrganisationFact, Place, PlaceFact};
pub use person::{Person, PersonFact, PersonField};
pub use refusal::Refusal;
pub use version::{Origin, Retraction, Version};
