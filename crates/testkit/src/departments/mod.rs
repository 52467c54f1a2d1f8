//! 「部门模拟器」 The 26 departments as one process over HTTP, each with its own key:
//! signed questions in, signed answers out, only what the agreement allows. Any
//! of them can be down, silent, slow, or say something else than the household.
//! Absent: the data itself; it comes through [`DepartmentData`].

mod agreement;
mod mischief;
mod pages;
mod server;

pub use agreement::{Agreement, Agreements};
pub use mischief::{Contradiction, Mischief, MischiefError, PageMischief};
pub use server::{Departments, open};

use kernel::Date;
use std::collections::BTreeMap;
use std::ops::Range;

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

    /// So many records of a whole category from one on, and how many there are; the same
    /// order every time. `None`: nobody holds this category.
    fn records(&self, category: &str, as_of: Date, range: Range<usize>) -> Option<Held>;
}

/// Part of a category.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// All columns of each record, the three every record has included.
    pub rows: Vec<BTreeMap<String, String>>,
    /// Records of the whole category.
    pub total: usize,
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

    fn records(&self, category: &str, as_of: Date, range: Range<usize>) -> Option<Held> {
        let people = self.records.get(category)?;
        let held = people.iter().flat_map(|(person, records)| {
            let records = records.iter().filter(|record| record.as_of <= as_of);
            records.map(move |record| row_of(person, record))
        });
        let all: Vec<_> = held.collect();
        let rows = all.iter().skip(range.start).take(range.len());
        Some(Held {
            rows: rows.cloned().collect(),
            total: all.len(),
        })
    }
}

/// A person's record with the columns every record has.
pub(crate) fn row_of(person: &str, record: &DepartmentRecord) -> BTreeMap<String, String> {
    let mut row = record.fields.clone();
    row.insert("id_no".to_owned(), person.to_owned());
    row.insert("record_no".to_owned(), record.record_no.clone());
    row.insert("as_of".to_owned(), record.as_of.to_string());
    row
}
