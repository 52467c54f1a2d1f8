//! 「预约与占用」 Something there is only so much of, and who has it when: a window's half
//! hour, a bed, a niche, a mourning hall, a wheelchair, a counsellor. What differs stands
//! in packs ([`BookingType`]); the things themselves and who has them are one [`Stock`].
//!
//! Refuses: to give a place twice ([`Refusal::Taken`]), before it opens or after it is
//! shut, for longer than the pack allows; a second open booking of one person where one
//! is the rule; to pass somebody on the waiting list without a reason that stays on
//! record; to lend a thing again before it was cared for; to hand over what is not in the
//! giver's hands or without a taker ([`Chain`]). Absent on purpose: who may ask in which
//! role (access), sending (notify), money (ledger), and which database keeps the seats:
//! each booking names the [`Seat`]s it takes, and no seat can be kept twice.

mod chain;
mod command;
mod config;
mod decide;
mod event;
mod free;
mod line;
mod model;
mod refusal;

#[cfg(test)]
mod tests;

pub use chain::{Chain, ChainCommand, ChainEvent, ChainRefusal, Holder, Link, decide_chain};
pub use command::{Act, Command};
pub use config::{
    BookingType, CareRule, Config, Elsewhere, How, Opening, TypeFault, WaitingClass, WaitingRule,
};
pub use decide::decide;
pub use event::{Event, What};
pub use free::{FreeSlot, FreeUnit, free_slots, free_units, moment};
pub use line::{ahead, line};
pub use model::{
    Booking, Cared, Closed, End, Guest, Kept, Offer, Seat, Span, Stage, Stamp, Stock, Unit,
    Waiting, WaitingEnd,
};
pub use refusal::Refusal;
