//! 「部门模拟器」 The 26 departments as one process over HTTP, each with its own key:
//! signed questions in, signed answers out, only what the agreement allows. Any
//! of them can be down, silent, slow, or say something else than the household.
//! Absent: the data itself; it comes through [`DepartmentData`].

mod agreement;
mod mischief;
mod server;

pub use agreement::{Agreement, Agreements};
pub use mischief::{Contradiction, Mischief, MischiefError};
pub use server::{Departments, open};

use kernel::Date;
use std::collections::BTreeMap;

/// One record as a department holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepartmentRecord {
    /// The department's own unique number.
    pub record_no: String,
    /// The day it speaks of.
    pub as_of: Date,
    /// Field id → cell, as in its files; an empty field is left out.
    pub fields: BTreeMap<String, String>,
}

/// Where the departments' records come from.
pub trait DepartmentData: Send + Sync + 'static {
    /// What a category holds about a person on a day, with every field; an empty
    /// list: the department looked and has nothing. `None`: nobody holds this
    /// category.
    fn answer(&self, category: &str, person: &str, as_of: Date) -> Option<Vec<DepartmentRecord>>;
}

/// Records held in memory: for tests and small demonstrations.
#[derive(Clone, Debug, Default)]
pub struct InMemory {
    records: BTreeMap<String, BTreeMap<String, Vec<DepartmentRecord>>>,
}

impl InMemory {
    /// Adds an empty category.
    pub fn category(&mut self, category: &str) -> &mut Self {
        self.records.entry(category.to_owned()).or_default();
        self
    }

    /// Adds a record about a person.
    pub fn record(&mut self, category: &str, person: &str, record: DepartmentRecord) -> &mut Self {
        self.records
            .entry(category.to_owned())
            .or_default()
            .entry(person.to_owned())
            .or_default()
            .push(record);
        self
    }
}

impl DepartmentData for InMemory {
    fn answer(&self, category: &str, person: &str, as_of: Date) -> Option<Vec<DepartmentRecord>> {
        let people = self.records.get(category)?;
        let records = people.get(person).cloned().unwrap_or_default();
        Some(
            records
                .into_iter()
                .filter(|record| record.as_of <= as_of)
                .collect(),
        )
    }
}
