//! 「给人看」 Set-back rows as they are shown and filed: every cell by its field's level, in
//! a row that has slipped by the highest of them.

use super::super::mending::{AS_IT_CAME, cell};
use super::super::reading::SetBack;
use super::SetBackLine;
use crate::table::Table;
use engine_access::{Permit, View, show};
use engine_pool::gate::{column_ids, column_names};
use engine_pool::{Category, FaultKind, RowFault, RowName, SET_BACK_ROW, SET_BACK_WHY};
use kernel::{DataBatchId, FieldLevel};
use std::collections::{BTreeMap, BTreeSet};
use store::SetBackRow;

/// The columns of a category that stand in these rows: id, name, level.
pub(super) fn columns<'r>(
    category: &Category,
    rows: impl Iterator<Item = &'r SetBack>,
) -> Vec<(String, String, FieldLevel)> {
    let there: BTreeSet<&str> = rows
        .flat_map(|row| &row.cells)
        .map(|(name, _)| name.as_str())
        .collect();
    let (ids, names) = (column_ids(category), column_names(category));
    let levels = fixed()
        .into_iter()
        .chain(category.fields.iter().map(|one| one.level));
    let all = ids.iter().zip(&names).zip(levels);
    let here = all.filter(|((id, name), _)| there.contains(**id) || there.contains(**name));
    here.map(|((id, name), level)| ((*id).to_owned(), (*name).to_owned(), level))
        .collect()
}

/// Whose, the record's number (which may be a person's), its day.
const fn fixed() -> [FieldLevel; 3] {
    [FieldLevel::L3, FieldLevel::L2, FieldLevel::L1]
}

/// A cell's level. In a row that has slipped any cell may hold what another column's
/// should: the highest of them counts for all.
fn level_in(category: &Category, row: &SetBack, level: FieldLevel) -> FieldLevel {
    let slips = |kind: &FaultKind| matches!(kind, FaultKind::Shifted | FaultKind::CellCount { .. });
    if !row.faults.iter().any(|fault| slips(&fault.kind)) {
        return level;
    }
    let fields = category.fields.iter().map(|one| one.level);
    fields.chain(fixed()).max().unwrap_or(level)
}

pub(super) fn line(category: &Category, row: &SetBackRow<SetBack>, permit: &Permit) -> SetBackLine {
    let known = columns(category, std::iter::once(&row.what));
    let level = |column: &str| {
        let found = known
            .iter()
            .find(|(id, name, _)| id == column || name == column);
        // What no column knows may be anything.
        let level = found.map_or(FieldLevel::L4, |(_, _, level)| *level);
        level_in(category, &row.what, level)
    };
    let name = |column: &str| {
        let found = known.iter().find(|(id, _, _)| id == column);
        found.map_or_else(|| column.to_owned(), |(_, name, _)| name.clone())
    };
    let cells = row.what.cells.iter().map(|(column, cell)| {
        let shown = match level(column) {
            _ if cell.is_empty() => Some(String::new()),
            level => show(cell, level, View::List, permit),
        };
        (name(column), shown)
    });
    SetBackLine {
        line: row.line,
        cells: cells.collect(),
        faults: row
            .what
            .faults
            .iter()
            .map(|one| (one.column.clone(), one.kind.to_string()))
            .collect(),
        mended: row.mended,
        waived: row.waived.clone(),
    }
}

pub(super) fn detail(
    category: &Category,
    row: &SetBack,
    id: &str,
    level: FieldLevel,
    permit: &Permit,
) -> Option<String> {
    let cell = cell(category, row, id).unwrap_or_default();
    let level = level_in(category, row, level);
    // A column is its reader's or is not: a masked value cannot be mended.
    let whole = cell.is_empty() || level <= permit.level;
    whole
        .then(|| match cell {
            "" => Some(String::new()),
            cell => show(cell, level, View::Detail, permit),
        })
        .flatten()
}

pub(super) fn fault_of(faults: &[RowFault], name: &str) -> Option<String> {
    let own = faults.iter().filter(|one| one.column == name);
    let own: Vec<String> = own.map(|one| one.kind.to_string()).collect();
    (!own.is_empty()).then(|| own.join("；"))
}

pub(super) fn filed(
    category: &Category,
    batch: DataBatchId,
    rows: &BTreeMap<u64, SetBack>,
    permit: &Permit,
) -> Table {
    let columns = columns(category, rows.values());
    let mut names = vec![SET_BACK_ROW.1.to_owned(), SET_BACK_WHY.1.to_owned()];
    names.extend(columns.iter().map(|(_, name, _)| name.clone()));
    let rows = rows.iter().map(|(line, row)| {
        let why = row.faults.iter().map(|one| match one.column.as_str() {
            "" => one.kind.to_string(),
            column => format!("{column}：{}", one.kind),
        });
        let name = RowName { batch, line: *line };
        let why: Vec<String> = why.collect();
        let mut cells = vec![name.to_string(), why.join("；")];
        cells.extend(columns.iter().map(|(id, _, level)| {
            detail(category, row, id, *level, permit).unwrap_or_else(|| AS_IT_CAME.to_owned())
        }));
        cells
    });
    let rows = rows.collect();
    Table {
        name: "要补的行",
        note: String::new(),
        columns: names,
        rows,
    }
}
