//! 「表格」 A list as a file, XLSX or CSV: a first line that says whose copy it is, the
//! columns, the rows. Every cell is text, and none is a formula, whatever opens it.

use crate::error::{AppError, Result};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// The kinds of file, with their words.
pub const FILES: [(&str, &str); 2] = [("xlsx", "Excel 表格（xlsx）"), ("csv", "文本表格（csv）")];

/// The most characters a cell of a workbook holds.
const CELL_CHARS_MAX: usize = 32_000;

/// A list to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The sheet's name.
    pub name: &'static str,
    /// Who took it, when, what for; empty: a template, nobody's copy.
    pub note: String,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The cells.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// The file's bytes; `csv`, else a workbook.
    ///
    /// # Errors
    /// A fault of the writer.
    pub fn write(&self, file: &str) -> Result<Vec<u8>> {
        match file {
            "csv" => self.csv(),
            _ => self.xlsx().map_err(|why| AppError::Fault(why.to_string())),
        }
    }

    fn xlsx(&self) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name(self.name)?;
        let bold = Format::new().set_bold();
        let mut at = 0_u32;
        if !self.note.is_empty() {
            sheet.write_string(at, 0, harmless(&self.note))?;
            at += 1;
        }
        for (column, name) in (0_u16..).zip(&self.columns) {
            sheet.write_string_with_format(at, column, harmless(name), &bold)?;
        }
        for (row, cells) in (at + 1..).zip(&self.rows) {
            for (column, cell) in (0_u16..).zip(cells) {
                sheet.write_string(row, column, harmless(cell))?;
            }
        }
        book.save_to_buffer()
    }

    /// UTF-8 with its mark, so that a spreadsheet reads it as such.
    fn csv(&self) -> Result<Vec<u8>> {
        let fault = |why: csv::Error| AppError::Fault(why.to_string());
        let mut writer = csv::WriterBuilder::new()
            .flexible(true)
            .from_writer("\u{feff}".as_bytes().to_vec());
        if !self.note.is_empty() {
            writer.write_record([harmless(&self.note)]).map_err(fault)?;
        }
        for cells in std::iter::once(&self.columns).chain(&self.rows) {
            let cells = cells.iter().map(|cell| harmless(cell));
            writer.write_record(cells).map_err(fault)?;
        }
        let bytes = writer.into_inner();
        bytes.map_err(|why| AppError::Fault(why.to_string()))
    }
}

/// A cell that begins like a formula, also after blanks, is text with a mark before
/// it; what no sheet may hold is not written.
fn harmless(cell: &str) -> String {
    let readable = |c: &char| *c == '\t' || *c == '\n' || *c == '\r' || !c.is_control();
    let cell: String = cell.chars().filter(readable).take(CELL_CHARS_MAX).collect();
    match is_marked(&cell) {
        true => format!("'{cell}"),
        false => cell,
    }
}

/// Whether a cell is written with a mark before it.
pub(crate) fn is_marked(cell: &str) -> bool {
    let starts = |text: &str| text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let blank = |c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}';
    cell.starts_with(['\t', '\r', '\n']) || starts(cell.trim_start_matches(blank))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_a_formula_is_text() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+86", "'+86"),
            ("-1", "'-1"),
            ("@a", "'@a"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            ("  =1", "'  =1"),
            ("＝1+1", "'＝1+1"),
            ("\u{200b}\u{feff}=1", "'\u{200b}\u{feff}=1"),
            ("\0=1", "'=1"),
            ("a=1", "a=1"),
            ("张三", "张三"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell), written);
        }
    }
}
