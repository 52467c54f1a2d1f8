//! 「入库闸门」 The one gate: raw cells in, a typed record or every fault of the
//! row out. Pure; files, encodings and line lengths are the caller's. Nothing is
//! repaired silently, and no fault repeats a person's data: it names line,
//! column and what to do.

use crate::cell::read_cell;
use crate::config::{AS_OF, Category, Field, FieldType, KeyedBy, RECORD_NO};
use crate::record::{Record, Subject, Value};
use kernel::{Date, PersonNumberError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One fault of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("第{line}行“{column}”：{kind}")]
pub struct RowFault {
    /// The line in the file, the header being 1.
    pub line: u64,
    /// The column's Chinese name; empty when the whole row is meant.
    pub column: String,
    /// What is wrong.
    pub kind: FaultKind,
}

impl RowFault {
    /// A fault of a column.
    pub fn new(line: u64, column: &str, kind: FaultKind) -> Self {
        RowFault {
            line,
            column: column.to_owned(),
            kind,
        }
    }
}

/// What can be wrong with a cell or a row.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error,
)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// A required cell is empty.
    #[error("必填，现在是空的")]
    Missing,
    /// Fewer or more cells than columns.
    #[error("应有{wanted}列，这一行有{found}列")]
    CellCount {
        /// Columns of the header.
        wanted: usize,
        /// Cells of the row.
        found: usize,
    },
    /// The row fits when moved by a column.
    #[error("整行像是错位了一列，请核对导出的列")]
    Shifted,
    /// Not a date at all.
    #[error("不是日期。请写成 2026-01-31")]
    NotADate,
    /// A date no calendar has, such as 31 February.
    #[error("没有这一天。请核对日期")]
    NoSuchDate,
    /// A day that is still to come.
    #[error("日期还没有到。请核对")]
    InTheFuture,
    /// Not a month.
    #[error("不是月份。请写成 2026-01")]
    NotAMonth,
    /// Not an amount.
    #[error("不是金额。请写成数字，单位元，例如 1800.50")]
    NotMoney,
    /// Three decimals or more.
    #[error("小数太多。金额最多两位小数（到分），其余最多六位")]
    TooManyDecimals,
    /// Beyond the range.
    #[error("数太大了，请核对")]
    TooLarge,
    /// Not a number.
    #[error("不是数字")]
    NotANumber,
    /// Neither yes nor no.
    #[error("请写“是”或“否”")]
    NotYesOrNo,
    /// A code the field does not have.
    #[error("不是约定的代码。可用：{0}")]
    UnknownCode(String),
    /// Not a region code.
    #[error("不是区划代码")]
    NotARegion,
    /// Not a person's number; the sentence says why.
    #[error("{0}")]
    NotAPerson(String),
    /// Not an organisation's number; the sentence says why.
    #[error("统一社会信用代码：{0}")]
    NotAnOrganisation(String),
    /// Not a bank card; the sentence says why.
    #[error("{0}")]
    NotACard(String),
    /// Longer than 500 characters (record numbers: 64).
    #[error("太长了，最多{0}个字")]
    TooLong(usize),
    /// Control characters, or signs of a wrong encoding.
    #[error("有乱码或控制字符，请检查文件编码")]
    Garbled,
    /// A formula where a value should be: a sheet would run it.
    #[error("像是公式，不是值。请只粘贴值再送")]
    Formula,
    /// A field of a JSON row the category does not have.
    #[error("数据目录里没有这一项")]
    UnknownField,
    /// The record number stands in an earlier row.
    #[error("与前面的行重复，只取第一次出现的")]
    RepeatedRecord,
    /// A row of a mending that is none of those that wait.
    #[error("不是这一批里等着补的行，或者已经补过了。请核对“没收下的行”")]
    NotSetBack,
    /// A row of a mending whose number several waiting rows have.
    #[error("这个记录编号有几行在等着补。请在“没收下的行”里写明是哪一行")]
    WhichRow,
    /// Two cells of the row that cannot both be true.
    #[error("{0}")]
    Inconsistent(String),
}

/// What is wrong with a header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum HeaderFault {
    /// Columns are missing.
    #[error("表头缺少：{}", some_of(.0))]
    Missing(Vec<String>),
    /// Columns nobody agreed on.
    #[error("表头多出：{}。请按数据目录导出", some_of(.0))]
    Unknown(Vec<String>),
    /// A column twice.
    #[error("表头“{0}”出现了两次")]
    Twice(String),
}

/// The first names of a list: a hostile header may have thousands, each of any length.
fn some_of(names: &[String]) -> String {
    const NAMES_TOLD: usize = 20;
    const LETTERS_TOLD: usize = 40;
    let cut = |name: &String| name.chars().take(LETTERS_TOLD).collect::<String>();
    let told: Vec<String> = names.iter().take(NAMES_TOLD).map(cut).collect();
    let told = told.join("、");
    match names.len() {
        ..=NAMES_TOLD => told,
        all => format!("{told}等 {all} 列"),
    }
}

/// Where each column of a category stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Position in the row → column.
    columns: Vec<Column>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Key,
    RecordNo,
    AsOf,
    Field(usize),
}

/// The columns of a category's file as ids, in order.
pub fn column_ids(category: &Category) -> Vec<&str> {
    let fixed = [category.keyed_by.column().0, RECORD_NO.0, AS_OF.0];
    let fields = category.fields.iter().map(|field| field.id.as_str());
    fixed.into_iter().chain(fields).collect()
}

/// The same in Chinese.
pub fn column_names(category: &Category) -> Vec<&str> {
    let fixed = [category.keyed_by.column().1, RECORD_NO.1, AS_OF.1];
    let fields = category.fields.iter().map(|field| field.name.as_str());
    fixed.into_iter().chain(fields).collect()
}

fn all_columns(category: &Category) -> impl Iterator<Item = Column> {
    let fields = (0..category.fields.len()).map(Column::Field);
    [Column::Key, Column::RecordNo, Column::AsOf]
        .into_iter()
        .chain(fields)
}

impl Header {
    /// Reads a header row: ids or Chinese names, in any order, none missing
    /// (optional fields may be), none more.
    pub fn read<S: AsRef<str>>(category: &Category, cells: &[S]) -> Result<Self, Vec<HeaderFault>> {
        let (ids, names) = (column_ids(category), column_names(category));
        let known: Vec<Column> = all_columns(category).collect();
        let (mut columns, mut unknown, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        for cell in cells {
            let cell = cell.as_ref().trim().trim_start_matches('\u{feff}');
            let at = (0..ids.len()).find(|at| ids[*at] == cell || names[*at] == cell);
            match at.map(|at| known[at]) {
                Some(column) if columns.contains(&column) => {
                    faults.push(HeaderFault::Twice(cell.to_owned()));
                }
                Some(column) => columns.push(column),
                None => unknown.push(cell.to_owned()),
            }
        }
        let missing: Vec<String> = known
            .iter()
            .zip(&names)
            .filter(|(column, _)| is_required(category, **column) && !columns.contains(column))
            .map(|(_, name)| (*name).to_owned())
            .collect();
        if !missing.is_empty() {
            faults.push(HeaderFault::Missing(missing));
        }
        if !unknown.is_empty() {
            faults.push(HeaderFault::Unknown(unknown));
        }
        if faults.is_empty() {
            Ok(Header { columns })
        } else {
            Err(faults)
        }
    }

    /// The header of a file in the agreed order.
    pub fn agreed(category: &Category) -> Self {
        Header {
            columns: all_columns(category).collect(),
        }
    }
}

fn is_required(category: &Category, column: Column) -> bool {
    match column {
        Column::Field(at) => category.fields.get(at).is_some_and(|field| field.required),
        _ => true,
    }
}

/// Judges one row of cells. `line` is its line in the file, `today` the day of
/// the delivery. Either a typed record or every fault of the row.
pub fn validate_row<S: AsRef<str>>(
    category: &Category,
    header: &Header,
    line: u64,
    cells: &[S],
    today: Date,
) -> Result<Record, Vec<RowFault>> {
    let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
    let wanted = header.columns.len();
    if cells.len() != wanted {
        let found = cells.len();
        return Err(vec![RowFault::new(
            line,
            "",
            FaultKind::CellCount { wanted, found },
        )]);
    }
    let judge = |cells: &[&str]| {
        let pairs = header.columns.iter().copied().zip(cells.iter().copied());
        read_row(category, line, pairs, today)
    };
    judge(&cells).map_err(|faults| {
        // Two cells wrong at once: perhaps none is, only the row has slipped.
        let slipped = faults.len() > 1 && {
            let (mut left, mut right) = (cells.clone(), cells.clone());
            left.rotate_left(1);
            right.rotate_right(1);
            judge(&left).is_ok() || judge(&right).is_ok()
        };
        if slipped {
            vec![RowFault::new(line, "", FaultKind::Shifted)]
        } else {
            faults
        }
    })
}

/// Judges one row of named cells (JSON lines). A name the category does not
/// have is a fault; an absent name is an empty cell.
pub fn validate_named<'a>(
    category: &Category,
    line: u64,
    cells: impl IntoIterator<Item = (&'a str, &'a str)>,
    today: Date,
) -> Result<Record, Vec<RowFault>> {
    let (ids, names) = (column_ids(category), column_names(category));
    let known: Vec<Column> = all_columns(category).collect();
    let mut given: BTreeMap<Column, &str> = known.iter().map(|column| (*column, "")).collect();
    let mut unknown = Vec::new();
    for (name, cell) in cells {
        match (0..ids.len()).find(|at| ids[*at] == name || names[*at] == name) {
            Some(at) => {
                given.insert(known[at], cell);
            }
            None => unknown.push(RowFault::new(line, name, FaultKind::UnknownField)),
        }
    }
    match read_row(category, line, given.into_iter(), today) {
        Ok(record) if unknown.is_empty() => Ok(record),
        Ok(_) => Err(unknown),
        Err(mut faults) => {
            faults.extend(unknown);
            Err(faults)
        }
    }
}

/// What a row has given so far.
#[derive(Default)]
struct Parts {
    subject: Option<Subject>,
    record_no: Option<String>,
    as_of: Option<Date>,
    values: BTreeMap<kernel::Slug, Value>,
}

fn read_row<'a>(
    category: &Category,
    line: u64,
    cells: impl Iterator<Item = (Column, &'a str)>,
    today: Date,
) -> Result<Record, Vec<RowFault>> {
    let mut parts = Parts::default();
    let mut faults = Vec::new();
    for (column, cell) in cells {
        let (name, read) = match column {
            Column::Key => (
                category.keyed_by.column().1,
                read_key(category, cell, today, &mut parts),
            ),
            Column::RecordNo => (RECORD_NO.1, read_record_no(cell, &mut parts)),
            Column::AsOf => (AS_OF.1, read_as_of(cell, today, &mut parts)),
            Column::Field(at) => match category.fields.get(at) {
                Some(field) => (field.name.as_str(), read_field(field, cell, &mut parts)),
                None => continue,
            },
        };
        if let Err(kind) = read {
            faults.push(RowFault::new(line, name, kind));
        }
    }
    if let (Some(Subject::Person(number)), Some(as_of)) = (&parts.subject, parts.as_of)
        && number.born().is_some_and(|born| as_of < born)
    {
        let why = "数据日期早于本人出生，日期或证件号码有一个不对".to_owned();
        faults.push(RowFault::new(line, AS_OF.1, FaultKind::Inconsistent(why)));
    }
    match (parts.subject, parts.record_no, parts.as_of) {
        (Some(subject), Some(record_no), Some(as_of)) if faults.is_empty() => Ok(Record {
            category: category.id.clone(),
            subject,
            record_no,
            as_of,
            values: parts.values,
        }),
        _ => Err(faults),
    }
}

fn read_key(
    category: &Category,
    cell: &str,
    today: Date,
    parts: &mut Parts,
) -> Result<(), FaultKind> {
    let ty = match category.keyed_by {
        KeyedBy::Person | KeyedBy::Household => FieldType::IdNo,
        KeyedBy::Organisation => FieldType::Uscc,
        KeyedBy::Place => FieldType::Region,
    };
    parts.subject = match read_cell(&ty, cell)? {
        None => return Err(FaultKind::Missing),
        Some(Value::Person(number)) => {
            if number.born().is_some_and(|born| born > today) {
                let why = PersonNumberError::NotYetBorn.to_string();
                return Err(FaultKind::NotAPerson(why));
            }
            Some(Subject::Person(number))
        }
        Some(Value::Organisation(code)) => Some(Subject::Organisation(code)),
        Some(Value::Region(code)) => Some(Subject::Place(code)),
        Some(_) => None,
    };
    Ok(())
}

fn read_record_no(cell: &str, parts: &mut Parts) -> Result<(), FaultKind> {
    match read_cell(&FieldType::Text, cell)? {
        None => Err(FaultKind::Missing),
        Some(Value::Text(text)) if text.chars().count() > 64 => Err(FaultKind::TooLong(64)),
        Some(Value::Text(text)) => {
            parts.record_no = Some(text);
            Ok(())
        }
        Some(_) => Ok(()),
    }
}

fn read_as_of(cell: &str, today: Date, parts: &mut Parts) -> Result<(), FaultKind> {
    match read_cell(&FieldType::Date, cell)? {
        None => Err(FaultKind::Missing),
        Some(Value::Date(day)) if day > today => Err(FaultKind::InTheFuture),
        Some(Value::Date(day)) => {
            parts.as_of = Some(day);
            Ok(())
        }
        Some(_) => Ok(()),
    }
}

fn read_field(field: &Field, cell: &str, parts: &mut Parts) -> Result<(), FaultKind> {
    match read_cell(&field.ty, cell)? {
        None if field.required => Err(FaultKind::Missing),
        None => Ok(()),
        Some(value) => {
            parts.values.insert(field.id.clone(), value);
            Ok(())
        }
    }
}
