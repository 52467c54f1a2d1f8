//! 「词汇」 The vocabulary of the house: ids, money, dates, regions, identity
//! numbers. Everything here is a value that cannot be built wrong. Absent on
//! purpose: IO, SQL, async, the wall clock, and any business rule.

mod actor;
mod age;
mod bank_card;
mod calendar;
mod citizen;
mod clock;
mod code;
mod id;
mod layout18;
mod level;
mod mobile;
mod money;
mod name;
mod period;
mod permit;
mod person_number;
mod provenance;
mod rate;
mod refusal;
mod region;
mod region_tree;
mod relation;
mod sex;
mod table;
mod truth;
mod uscc;

#[cfg(test)]
mod tests;

pub use actor::{Actor, Role};
pub use age::{age_on, months_after, months_between};
pub use bank_card::{BankCard, BankCardError};
pub use calendar::{CalendarError, WorkCalendar, add_days};
pub use citizen::{CitizenId, Upgraded};
pub use clock::{Clock, FixedClock, Now};
pub use code::{CodeError, Slug};
pub use id::*;
pub use layout18::PersonNumberError;
pub use level::FieldLevel;
pub use mobile::{Mobile, MobileError};
pub use money::{Money, MoneyError};
pub use name::{NameError, PersonName};
pub use period::{Period, PeriodError};
pub use permit::{ForeignerPermit, Origin, ResidencePermit};
pub use person_number::PersonNumber;
pub use provenance::Provenance;
pub use rate::{Rate, RateError};
pub use refusal::Refuse;
pub use region::{RegionCode, RegionCodeError, RegionLevel};
pub use region_tree::{Region, RegionTree};
pub use relation::{Relation, RelationError};
pub use sex::Sex;
pub use table::TableFault;
pub use truth::Truth;
pub use uscc::{OrganisationCode, Uscc, UsccError};

/// A calendar day in Asia/Shanghai.
pub type Date = chrono::NaiveDate;
/// A moment, kept in UTC with microsecond precision (what both databases hold).
pub type Instant = chrono::DateTime<chrono::Utc>;
