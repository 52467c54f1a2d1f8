//! 「洞察」 What is counted, what it should be, and whether it is on the way: indicators
//! as declared queries with lineage, plan → task → indicator with targets by year,
//! figures frozen at a report's day, alerts that a person closes by what came of them.
//!
//! Refuses: a figure without lineage; a missing value as zero (a null stays null, and
//! a figure that is not known is said to be so, with the reason); a value reported
//! for a day to come, without its source, or by a machine; its confirmation by whoever
//! reported it; a change of anything frozen (a correction is a new version beside the
//! old, with its reason); an alert closed without an outcome.
//!
//! Absent on purpose: reading (the room that asks counts its own records and hands the
//! figure over with what it counted), forecasts, and the marks of one place beside
//! another: a target of a whole is not cut into parts that nobody has set.

mod config;
mod decide;
mod model;
mod prove;
mod quantity;
mod refusal;
mod report;
mod standing;

#[cfg(test)]
mod tests;

pub use config::{Better, Indicator, Plan, Query, Records, Source, Task};
pub use decide::{Command, decide};
pub use model::{Alert, AlertKind, Event, Outcome, Reported, Series, Stamp, ValueState};
pub use prove::{PlanFault, prove};
pub use quantity::Quantity;
pub use refusal::Refusal;
pub use report::{Freeze, Frozen, Lineage, Report, freeze};
pub use standing::{Point, Sign, Standing, Why, newest, signs, standing, target_of, year_end};
