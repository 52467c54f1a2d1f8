//! 「工单」 Somebody asks, somebody else goes and does it: request → match → dispatch →
//! accept → do, with proof → confirm → rate → settle. Calls to a hotline, a red key, a
//! meal, a bath, a visit, a child's wish, a home made safe and a grave swept are all
//! orders; what differs stands in packs ([`OrderType`]).
//!
//! Refuses: to close without the proof the pack asks for; to send somebody without the
//! skill, outside the area, already full, or struck off; to strike anybody off without a
//! person and reasons ([`Standing`]); to go over a yearly quota; to
//! cancel an alarm or to leave one without a next step ([`Order::next_tick`]); to read
//! silence as content (an order nobody confirmed is not a satisfied one). A device that
//! says nothing is itself an alarm. Time is a parameter: clocks run out by [`Act::Tick`].
//! Absent on purpose: who may ask in which role and place (access), sending (notify),
//! money moving (ledger): an order ends with what is owed to whom.

mod command;
mod config;
mod config_check;
mod decide;
mod event;
mod lapse;
mod model;
mod provider;
mod quote;
mod recur;
mod refusal;
mod stage;
mod standing;
mod time;

#[cfg(test)]
mod tests;

pub use command::{Act, Command};
pub use config::{
    Asker, ClockOf, Close, Config, Confirms, DispatchBy, DispatchRule, Elsewhere, Every, Item,
    Need, OrderType, Over, Per, ProofKind, ProofRule, Quota, RatingRule, Rung, Step, Subsidy, Way,
    Whom,
};
pub use config_check::ConfigError;
pub use decide::decide;
pub use event::{Event, What};
pub use lapse::{Hours, Lapse, LapseError};
pub use model::{
    About, Calling, Cancellation, Cause, Clock, Confirmation, Done, Flag, Offer, OfferEnd, Order,
    ProofGiven, ProofValue, Rating, Reopening, Requested, Settlement, Side, Stamp, StepDone,
    Transfer, Want,
};
pub use provider::{
    Colour, ColourRule, Nearness, Point, Provider, Ranked, Record, Seen, item_colour, rank,
};
pub use quote::{Quote, QuoteLine, quote};
pub use recur::{due_on, overdue};
pub use refusal::Refusal;
pub use stage::Stage;
pub use standing::{Proposal, Ruling, Standing, Verdict};
