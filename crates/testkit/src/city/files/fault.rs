//! 「故意写错」 Rows made wrong in the ways departments' exports are wrong, each
//! written down with its line.

use crate::city::City;
use crate::city::cell::{Cell, Row};
use crate::city::dice::mix;
use crate::city::rates::FAULTY_ROWS_PER_100_000;
use engine_pool::{Category, FieldType, FileKind};
use kernel::PersonNumber;
use serde::{Deserialize, Serialize};

/// What is wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The check digit of the key does not fit.
    CheckDigit,
    /// A date on 31 February.
    NoSuchDate,
    /// An amount with three decimals.
    ThreeDecimals,
    /// A code nobody agreed on.
    UnknownCode,
    /// A required cell is empty.
    Missing,
    /// All cells moved one column to the right.
    Shifted,
    /// The same row again, with the same number.
    Duplicate,
}

/// A wrong row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faulty {
    /// `<department>/<file>`.
    pub file: String,
    /// The category.
    pub category: String,
    /// Line in the file: the header is line 1 of CSV and XLSX, JSON lines have none.
    pub line: u64,
    /// The record's number, as it was before a shift.
    pub record_no: String,
    /// The person it was about.
    pub id_no: String,
    /// What is wrong.
    pub kind: FaultKind,
    /// Which column; empty when the whole row is meant.
    pub column: String,
}

const KINDS: [FaultKind; 7] = [
    FaultKind::CheckDigit,
    FaultKind::NoSuchDate,
    FaultKind::ThreeDecimals,
    FaultKind::UnknownCode,
    FaultKind::Missing,
    FaultKind::Shifted,
    FaultKind::Duplicate,
];

/// Makes some rows wrong and returns which. Rows about the story's families stay
/// right; no row is made wrong twice.
pub(super) fn plant(
    city: &City,
    category: &Category,
    file: &str,
    rows: &mut Vec<Row>,
) -> Vec<Faulty> {
    let told: Vec<u32> = city.story_families().iter().map(|f| f.household).collect();
    let count = rows.len() as u64;
    let each = count * FAULTY_ROWS_PER_100_000 / 100_000 + u64::from(count >= 500);
    let mut taken = Vec::new();
    let mut planted = Vec::new();
    for (nth, kind) in KINDS.into_iter().enumerate() {
        for step in 0..each {
            let salt = step * KINDS.len() as u64 + nth as u64;
            let at = mix(city.seed, u64::from(category.no) + 1_000, salt) % count;
            let row = &rows[at as usize];
            let Some(person) = about(city, row).filter(|p| !told.contains(&p.household)) else {
                continue;
            };
            if taken.contains(&at) {
                continue;
            }
            let (id_no, record_no) = (person.number.reveal().to_owned(), row.record_no.clone());
            let Some((column, line)) = spoil(category, kind, rows, at as usize) else {
                continue;
            };
            taken.push(at);
            planted.push(Faulty {
                file: file.to_owned(),
                category: category.id.to_string(),
                line: line as u64
                    + if category.file == FileKind::Jsonl {
                        1
                    } else {
                        2
                    },
                record_no,
                id_no,
                kind,
                column,
            });
        }
    }
    planted
}

fn about<'a>(city: &'a City, row: &Row) -> Option<&'a crate::city::Person> {
    match &row.key {
        Cell::Person(number) => city.find(number),
        _ => None,
    }
}

/// Spoils a row; the column spoilt and the place of the wrong row.
fn spoil(
    category: &Category,
    kind: FaultKind,
    rows: &mut Vec<Row>,
    at: usize,
) -> Option<(String, usize)> {
    let row = &mut rows[at];
    let field = |want: fn(&Cell) -> bool| row.cells.iter().position(want);
    let column = match kind {
        FaultKind::CheckDigit => {
            let Cell::Person(number) = row.key else {
                return None;
            };
            row.key = Cell::Raw(wrong_check(&number));
            category.keyed_by.column().0.to_owned()
        }
        FaultKind::NoSuchDate => {
            let raw = Cell::Raw("2026-02-31".to_owned());
            match field(|cell| matches!(cell, Cell::Date(_))) {
                Some(at) => set(category, row, at, raw),
                None => {
                    row.about = raw;
                    engine_pool::config::AS_OF.0.to_owned()
                }
            }
        }
        FaultKind::ThreeDecimals => {
            let at = field(|cell| matches!(cell, Cell::Money(_)))?;
            let raw = format!("{}7", row.cells[at].text());
            set(category, row, at, Cell::Raw(raw))
        }
        FaultKind::UnknownCode => {
            let is_code = |at: &usize| matches!(category.fields[*at].ty, FieldType::Code(_));
            let filled = |at: &usize| row.cells[*at] != Cell::Empty;
            let at = (0..row.cells.len()).find(|at| is_code(at) && filled(at))?;
            set(category, row, at, Cell::Raw("9Z".to_owned()))
        }
        FaultKind::Missing => {
            let required = |at: &usize| category.fields[*at].required;
            let at = (0..row.cells.len()).find(required)?;
            set(category, row, at, Cell::Empty)
        }
        FaultKind::Shifted => {
            shift(row);
            String::new()
        }
        FaultKind::Duplicate => {
            let again = row.clone();
            rows.push(again);
            return Some((String::new(), rows.len() - 1));
        }
    };
    Some((column, at))
}

fn set(category: &Category, row: &mut Row, at: usize, cell: Cell) -> String {
    row.cells[at] = cell;
    category.fields[at].id.to_string()
}

/// The number with its last character changed.
fn wrong_check(number: &PersonNumber) -> String {
    let text = number.reveal();
    let last = if text.ends_with('5') { '6' } else { '5' };
    format!("{}{last}", &text[..text.len() - 1])
}

/// Every cell one column to the right, the last one in front.
fn shift(row: &mut Row) {
    let mut texts: Vec<String> = row.columns().map(|cell| cell.text()).collect();
    texts.rotate_right(1);
    let mut cells = texts.into_iter().map(Cell::Raw);
    row.key = cells.next().unwrap_or(Cell::Empty);
    row.record_no = cells.next().map_or_else(String::new, |cell| cell.text());
    row.about = cells.next().unwrap_or(Cell::Empty);
    row.cells = cells.collect();
}
