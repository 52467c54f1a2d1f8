//! 「读」 From the merged tables to nouns. Each reader is silent about what the
//! walk has reported and loud about what only it can know: names, types, units.

pub(crate) mod agreement;
pub(crate) mod booking;
pub(crate) mod catalogue;
pub(crate) mod contradiction;
pub(crate) mod derived;
pub(crate) mod example;
pub(crate) mod facts;
pub(crate) mod flow;
pub(crate) mod head;
pub(crate) mod ledger;
pub(crate) mod life;
pub(crate) mod order;
pub(crate) mod parameters;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod portrait;
pub(crate) mod records;
pub(crate) mod register;
pub(crate) mod scope;
pub(crate) mod sheet;
mod sheet_example;
mod sources;
pub(crate) mod warning;
