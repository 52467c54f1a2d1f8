//! 「格子」 A record before it is written: cells by field, and how each kind of
//! file would show them.

use kernel::{Date, Period, PersonNumber, RegionCode, Uscc};
use serde_json::Value;

/// One value of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Empty,
    Text(String),
    Word(&'static str),
    /// Fen.
    Money(i64),
    Int(i64),
    /// Hundredths.
    Decimal(i64),
    Date(Date),
    Month(Period),
    Bool(bool),
    Person(PersonNumber),
    Region(RegionCode),
    Organisation(Uscc),
    /// As it stands, whatever the field's type: a planted fault.
    Raw(String),
}

impl Cell {
    /// As a CSV shows it.
    pub(crate) fn text(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) | Cell::Raw(text) => text.clone(),
            Cell::Word(word) => (*word).to_owned(),
            Cell::Money(hundredths) | Cell::Decimal(hundredths) => hundredth(*hundredths),
            Cell::Int(number) => number.to_string(),
            Cell::Date(day) => day.to_string(),
            Cell::Month(month) => month.to_string(),
            Cell::Bool(yes) => if *yes { "是" } else { "否" }.to_owned(),
            Cell::Person(number) => number.reveal().to_owned(),
            Cell::Region(code) => code.to_string(),
            Cell::Organisation(code) => code.as_str().to_owned(),
        }
    }

    /// As JSON shows it. Amounts stay text: a float never touches them.
    pub(crate) fn json(&self) -> Value {
        match self {
            Cell::Int(number) => Value::from(*number),
            Cell::Bool(yes) => Value::from(*yes),
            other => Value::from(other.text()),
        }
    }
}

fn hundredth(amount: i64) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let amount = amount.unsigned_abs();
    format!("{sign}{}.{:02}", amount / 100, amount % 100)
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// What it is about: a person's or an organisation's number.
    pub(crate) key: Cell,
    /// The department's own number.
    pub(crate) record_no: String,
    /// The day it speaks of.
    pub(crate) about: Cell,
    /// One cell for each field of the category.
    pub(crate) cells: Vec<Cell>,
}

impl Row {
    /// All cells in the order of a file's columns.
    pub(crate) fn columns(&self) -> impl Iterator<Item = Cell> {
        let number = Cell::Text(self.record_no.clone());
        let first = [self.key.clone(), number, self.about.clone()];
        first.into_iter().chain(self.cells.iter().cloned())
    }
}
