//! 「表」 Small CSV tables that packs carry (regions, holidays). Every fault is
//! reported, each with its line.

use crate::Date;

/// What is wrong with one line of a table; `line` counts from 1 with the header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("第{line}行：{what}")]
pub struct TableFault {
    /// The line in the file.
    pub line: u64,
    /// What is wrong and how to mend it.
    pub what: String,
}

/// One row, read by column name.
pub(crate) struct Row<'a> {
    header: &'a csv::StringRecord,
    cells: &'a csv::StringRecord,
}

impl Row<'_> {
    /// The cell of a column, trimmed; empty when the table has no such column.
    pub(crate) fn get(&self, column: &str) -> &str {
        self.header
            .iter()
            .position(|name| name.trim() == column)
            .and_then(|index| self.cells.get(index))
            .map_or("", str::trim)
    }
}

/// Calls `read` for each row and gathers the faults. `wanted` are the columns
/// the header must have; others may stand in any order.
pub(crate) fn each_row(
    text: &str,
    wanted: &[&str],
    mut read: impl FnMut(&Row<'_>) -> Result<(), String>,
) -> Vec<TableFault> {
    let mut reader =
        csv::ReaderBuilder::new().from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            return vec![TableFault {
                line: 1,
                what: error.to_string(),
            }];
        }
    };
    let missing: Vec<&str> = wanted
        .iter()
        .copied()
        .filter(|column| !header.iter().any(|name| name.trim() == *column))
        .collect();
    if !missing.is_empty() {
        let what = format!("表头缺少这些列：{}", missing.join("、"));
        return vec![TableFault { line: 1, what }];
    }
    let mut faults = Vec::new();
    for record in reader.records() {
        let fault = match &record {
            Ok(cells) => {
                let line = cells.position().map_or(0, csv::Position::line);
                let row = Row {
                    header: &header,
                    cells,
                };
                read(&row).err().map(|what| TableFault { line, what })
            }
            Err(error) => Some(TableFault {
                line: error.position().map_or(0, csv::Position::line),
                what: "列数与表头不一致，请补齐或去掉多余的逗号".to_owned(),
            }),
        };
        faults.extend(fault);
    }
    faults
}

/// An optional day: empty is `None`.
pub(crate) fn day_of(text: &str) -> Result<Option<Date>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|_| format!("“{text}”不是日期，请写成例如 2026-01-01"))
}
