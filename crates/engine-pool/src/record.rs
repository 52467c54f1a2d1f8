//! 「记录」 One typed record of one category about one subject, and its lineage.

use kernel::{BankCard, DataBatchId, Date, Money, Period, PersonNumber, RegionCode, Slug, Uscc};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

/// A typed value. An absent value is an absent entry, never an empty text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Words.
    Text(String),
    /// An amount.
    Money(Money),
    /// A whole number.
    Int(i64),
    /// A number in millionths.
    Decimal(i64),
    /// A day.
    Date(Date),
    /// A month.
    Month(Period),
    /// 是/否
    Bool(bool),
    /// A code of the field's list.
    Code(Slug),
    /// A region.
    Region(RegionCode),
    /// A person.
    Person(PersonNumber),
    /// An organisation.
    Organisation(Uscc),
    /// A bank card.
    Card(BankCard),
}

impl fmt::Debug for Value {
    /// The kind only: values are people's affairs and stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Value::Text(_) => "Text(…)",
            Value::Money(_) => "Money(…)",
            Value::Int(_) => "Int(…)",
            Value::Decimal(_) => "Decimal(…)",
            Value::Date(_) => "Date(…)",
            Value::Month(_) => "Month(…)",
            Value::Bool(_) => "Bool(…)",
            Value::Code(_) => "Code(…)",
            Value::Region(_) => "Region(…)",
            Value::Person(_) => "Person(…)",
            Value::Organisation(_) => "Organisation(…)",
            Value::Card(_) => "Card(…)",
        })
    }
}

impl fmt::Display for Value {
    /// As a person reads it; numbers of people and cards masked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Money(amount) => write!(f, "{amount}元"),
            Value::Int(number) => number.fmt(f),
            Value::Decimal(millionths) => kernel::Rate::from_millionths(*millionths).fmt(f),
            Value::Date(day) => day.fmt(f),
            Value::Month(month) => month.fmt(f),
            Value::Bool(yes) => f.write_str(if *yes { "是" } else { "否" }),
            Value::Code(code) => code.fmt(f),
            Value::Region(code) => code.fmt(f),
            Value::Person(number) => number.fmt(f),
            Value::Organisation(code) => code.fmt(f),
            Value::Card(card) => card.fmt(f),
        }
    }
}

/// What a record is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A person (or the household whose head this is).
    Person(PersonNumber),
    /// An organisation.
    Organisation(Uscc),
    /// A region.
    Place(RegionCode),
}

/// One record, typed by its category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its category.
    pub category: Slug,
    /// What it is about.
    pub subject: Subject,
    /// The department's own unique number.
    pub record_no: String,
    /// The day it speaks of.
    pub as_of: Date,
    /// Its values by field id.
    pub values: BTreeMap<Slug, Value>,
}

impl Record {
    /// A value by field id.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.values.get(field)
    }
}

/// A record in the pool, with the delivery it came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The record.
    pub record: Record,
    /// Its delivery; `None` when a department answered it directly.
    pub batch: Option<DataBatchId>,
}

/// Which of two versions of one record (same category and `record_no`) stands:
/// the later day, and on the same day the later delivery.
pub fn newer(one: &Held, other: &Held) -> Ordering {
    (one.record.as_of, one.batch).cmp(&(other.record.as_of, other.batch))
}
