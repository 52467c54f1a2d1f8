//! Parquet as a department's database would export it, made from a CSV text.

#![allow(dead_code, reason = "each test takes its part")]

use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Int64Array, RecordBatch,
    StringArray,
};
use datafusion::arrow::datatypes::Int32Type;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::Compression;
use datafusion::parquet::file::properties::WriterProperties;
use engine_pool::{Category, FieldType};
use kernel::Date;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// What a column's field is called, by its name in either language.
fn kind_of<'a>(category: &'a Category, name: &str) -> Option<&'a FieldType> {
    let mut fields = category.fields.iter();
    let found = fields.find(|one| one.id.as_str() == name || one.name == name);
    found.map(|one| &one.ty)
}

/// Digits of a number in units of its last decimal.
fn units(text: &str, scale: usize) -> i128 {
    let (whole, behind) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{behind:0<scale$}").parse().unwrap()
}

/// A column of words as the type a database would export it in.
fn typed(category: &Category, name: &str, cells: &[Option<&str>]) -> ArrayRef {
    let day = |text: &str| {
        let day: Date = text.parse().unwrap();
        let epoch: Date = "1970-01-01".parse().unwrap();
        i32::try_from((day - epoch).num_days()).unwrap()
    };
    let cells = cells.iter().copied();
    let decimal = |scale: i8| -> ArrayRef {
        let places = usize::try_from(scale).unwrap();
        let cells = cells.clone().map(|one| one.map(|one| units(one, places)));
        let array = Decimal128Array::from_iter(cells);
        Arc::new(array.with_precision_and_scale(30, scale).unwrap())
    };
    if ["as_of", "数据日期"].contains(&name) {
        return Arc::new(Date32Array::from_iter(cells.map(|one| one.map(day))));
    }
    match kind_of(category, name) {
        Some(FieldType::Money) => decimal(2),
        Some(FieldType::Decimal) => decimal(6),
        Some(FieldType::Int) => Arc::new(Int64Array::from_iter(
            cells.map(|one| one.map(|one| one.parse::<i64>().unwrap())),
        )),
        Some(FieldType::Date) => Arc::new(Date32Array::from_iter(cells.map(|one| one.map(day)))),
        Some(FieldType::Bool) => Arc::new(BooleanArray::from_iter(
            cells.map(|one| one.map(|one| ["是", "true", "1"].contains(&one))),
        )),
        Some(FieldType::Code(_)) => Arc::new(cells.collect::<DictionaryArray<Int32Type>>()),
        _ => Arc::new(cells.collect::<StringArray>()),
    }
}

pub(crate) fn table(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap()
}

/// A CSV text as a typed table; an empty cell is a null.
pub(crate) fn table_of(category: &Category, csv: &str) -> RecordBatch {
    let mut lines = csv.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let columns = header.iter().enumerate().map(|(at, name)| {
        let cells: Vec<Option<&str>> = rows
            .iter()
            .map(|row| Some(row[at]).filter(|cell| !cell.is_empty()))
            .collect();
        (*name, typed(category, name, &cells))
    });
    table(columns.collect())
}

pub(crate) fn save(path: &Path, table: &RecordBatch, properties: WriterProperties) {
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, table.schema(), Some(properties)).unwrap();
    writer.write(table).unwrap();
    writer.close().unwrap();
}

pub(crate) fn snappy() -> WriterProperties {
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
    properties.build()
}
