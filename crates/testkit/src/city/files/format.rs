//! 「格式」 CSV in GB18030 with Chinese headers, XLSX with Chinese headers, JSON
//! lines in UTF-8 with the catalogue's ids: as different departments send them.

use super::WriteError;
use crate::city::answer::object;
use crate::city::cell::{Cell, Row};
use chrono::Datelike;
use engine_pool::config::{AS_OF, RECORD_NO};
use engine_pool::{Category, FieldType, FileKind};
use kernel::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

pub(super) fn extension(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Csv => "csv",
        FileKind::Xlsx => "xlsx",
        FileKind::Jsonl => "jsonl",
    }
}

/// The file's bytes.
pub(super) fn render(
    category: &Category,
    rows: &[Row],
    as_of: Date,
) -> Result<Vec<u8>, WriteError> {
    let failed = |why: String| WriteError::Format {
        category: category.id.to_string(),
        why,
    };
    match category.file {
        FileKind::Csv => csv(category, rows).map_err(|why| failed(why.to_string())),
        FileKind::Xlsx => xlsx(category, rows, as_of).map_err(|why| failed(why.to_string())),
        FileKind::Jsonl => jsonl(category, rows).map_err(|why| failed(why.to_string())),
    }
}

fn header(category: &Category) -> Vec<&str> {
    let first = [category.keyed_by.column().1, RECORD_NO.1, AS_OF.1];
    let names = category.fields.iter().map(|field| field.name.as_str());
    first.into_iter().chain(names).collect()
}

fn csv(category: &Category, rows: &[Row]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(header(category))?;
    for row in rows {
        writer.write_record(row.columns().map(|cell| cell.text()))?;
    }
    let text = writer.into_inner().map_err(|why| why.into_error())?;
    let text = String::from_utf8_lossy(&text);
    // GB18030 has a place for every character: nothing is lost here.
    Ok(encoding_rs::GB18030.encode(&text).0.into_owned())
}

fn xlsx(category: &Category, rows: &[Row], as_of: Date) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let (month, day) = (as_of.month() as u8, as_of.day() as u8);
    let made = ExcelDateTime::from_ymd(as_of.year() as u16, month, day)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let sheet = book.add_worksheet();
    sheet.set_name("数据")?;
    for (at, name) in header(category).into_iter().enumerate() {
        sheet.write_string(0, at as u16, name)?;
    }
    for (line, row) in rows.iter().enumerate() {
        let line = line as u32 + 1;
        for (at, cell) in row.columns().enumerate() {
            let column = at as u16;
            match number(category, at, &cell) {
                Some(number) => sheet.write_number(line, column, number)?,
                None if cell == Cell::Empty => continue,
                None => sheet.write_string(line, column, cell.text())?,
            };
        }
    }
    book.save_to_buffer()
}

/// Spreadsheets keep amounts as numbers; 15 digits survive that.
fn number(category: &Category, at: usize, cell: &Cell) -> Option<f64> {
    let field = category.fields.get(at.checked_sub(3)?)?;
    let numeric = matches!(
        field.ty,
        FieldType::Money | FieldType::Int | FieldType::Decimal
    );
    let shown = cell.text();
    let plain = numeric && !shown.is_empty() && shown.len() <= 15;
    shown.parse().ok().filter(|_| plain)
}

fn jsonl(category: &Category, rows: &[Row]) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut bytes, &object(category, row))?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}
