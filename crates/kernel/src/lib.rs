//! 「词汇」 The vocabulary of the house: ids, money, dates, regions, identity
//! numbers. Everything here is a value that cannot be built wrong. Absent on
//! purpose: IO, SQL, async, the wall clock, and any business rule.

mod actor;
mod clock;
mod code;
mod id;
mod level;
mod money;
mod period;
mod provenance;
mod refusal;
mod truth;

pub use actor::{Actor, Role};
pub use clock::{Clock, FixedClock, Now};
pub use code::{CodeError, Slug};
pub use id::*;
pub use level::FieldLevel;
pub use money::{Money, MoneyError};
pub use period::{Period, PeriodError};
pub use provenance::Provenance;
pub use refusal::Refuse;
pub use truth::Truth;

/// A calendar day in Asia/Shanghai.
pub type Date = chrono::NaiveDate;
/// A moment, kept in UTC with microsecond precision (what both databases hold).
pub type Instant = chrono::DateTime<chrono::Utc>;
