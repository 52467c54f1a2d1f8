//! 「补数」 A mending beside the delivery it mends: which rows wait there and what they
//! were, what it closes, whom nobody knows about no longer. Absent: the rule, which is
//! engine-pool's.

use super::reading::SetBack;
use crate::error::{AppError, Result};
use crate::{App, Context};
use engine_pool::config::RECORD_NO;
use engine_pool::gate::{column_ids, column_names};
use engine_pool::{
    Category, FaultKind, Record, RowName, SET_BACK_ROW, SET_BACK_WHY, State, Subject, Waiting,
    WaitingRow,
};
use kernel::{DataBatchId, Now, PersonNumber, Slug};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::{KeptRepair, SetBackRow, Tx};

/// A cell of a mending that stays as it came: what its reader was not shown.
pub const AS_IT_CAME: &str = "（保密，照旧）";
/// Rows of a delivery read at a time.
const READ: u32 = 1_000;
/// The most clashes that are told.
const TOLD: usize = 5;

/// The rows of a delivery that wait, as they came.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Mending {
    batch: DataBatchId,
    waiting: Waiting,
    rows: BTreeMap<u64, SetBack>,
}

impl std::fmt::Debug for Mending {
    /// The delivery only: what people are is nothing for a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mending({})", self.batch)
    }
}

/// A waiting row and the record that closes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Closed {
    line: u64,
    subject: Subject,
    record_no: String,
}

impl Closed {
    pub(super) fn new(line: u64, record: &Record) -> Self {
        Closed {
            line,
            subject: record.subject.clone(),
            record_no: record.record_no.clone(),
        }
    }
}

/// 来历 Where a mended record comes from: kept beside it, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MendedFrom {
    /// The delivery whose row it was.
    pub batch: DataBatchId,
    /// The row's line.
    pub line: u64,
}

impl Mending {
    /// The rows of a delivery that wait.
    pub(super) async fn load(
        tx: &mut Tx,
        category: &Category,
        batch: DataBatchId,
    ) -> Result<Mending> {
        let mut rows = BTreeMap::new();
        let mut after = 0;
        loop {
            let some: Vec<SetBackRow<SetBack>> = tx.set_back_rows(batch, after, READ).await?;
            let Some(last) = some.last() else {
                break;
            };
            after = last.line;
            let open = some
                .into_iter()
                .filter(|row| row.mended.is_none() && row.waived.is_none());
            rows.extend(open.map(|row| (row.line, row.what)));
        }
        let waits = |row: &SetBack| WaitingRow {
            record_no: cell(category, row, RECORD_NO.0)
                .unwrap_or_default()
                .to_owned(),
            repeated: row
                .faults
                .iter()
                .any(|fault| fault.kind == FaultKind::RepeatedRecord),
        };
        let waiting = rows.iter().map(|(line, row)| (*line, waits(row))).collect();
        Ok(Mending {
            batch,
            waiting: Waiting::new(batch, waiting),
            rows,
        })
    }

    pub(super) fn waiting(&self) -> Waiting {
        self.waiting.clone()
    }

    /// The rows that wait, by line.
    pub(super) fn rows(&self) -> &BTreeMap<u64, SetBack> {
        &self.rows
    }

    /// Records a mending would put in the place of others of the same delivery, in words.
    pub(super) async fn clashes(
        &self,
        tx: &mut Tx,
        pool: &State,
        category: &Slug,
        closed: &[Closed],
    ) -> Result<Vec<String>> {
        let family: BTreeSet<DataBatchId> = pool
            .batches
            .values()
            .filter(|one| one.id == self.batch || one.mends == Some(self.batch))
            .map(|one| one.id)
            .collect();
        let number = |one: &Closed| match &one.subject {
            Subject::Person(number) => Some(*number),
            Subject::Organisation(_) | Subject::Place(_) => None,
        };
        let people = tx.numbers_among(closed.iter().filter_map(number)).await?;
        let mut told = Vec::new();
        for one in closed {
            let person = number(one).and_then(|number| people.person(number));
            let there = match person {
                Some(person) => {
                    let own = tx.records_in(person, category).await?;
                    own.iter()
                        .any(|r| r.record_no == one.record_no && family.contains(&r.batch))
                }
                None => {
                    let own = tx.records_about(&one.subject).await?;
                    own.iter().any(|held| {
                        held.record.category == *category
                            && held.record.record_no == one.record_no
                            && held.batch.is_some_and(|batch| family.contains(&batch))
                    })
                }
            };
            if there {
                told.push(format!(
                    "{}：这个人的这个记录编号在第 {} 批里已经收过一条，补进来会把它盖掉。请核对记录编号",
                    self.name(one.line),
                    self.batch
                ));
            }
            if told.len() == TOLD {
                break;
            }
        }
        Ok(told)
    }

    fn name(&self, line: u64) -> RowName {
        let batch = self.batch;
        RowName { batch, line }
    }

    /// Closes what a mending brought, inside its own transaction: the rows, the gaps
    /// nobody's row is left for, where each record comes from, and who did it.
    pub(super) async fn close(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        (by, category): (DataBatchId, &Category),
        closed: &[Closed],
        now: Now,
    ) -> Result<()> {
        let mut left = self.rows.clone();
        let mut whose = BTreeSet::new();
        for one in closed {
            if !tx.mend_row(self.batch, one.line, by).await? {
                let name = self.name(one.line);
                return Err(AppError::BadInput(format!(
                    "{name} 刚才已经有人补上了，这一份什么也没有收。请看最新的再补"
                )));
            }
            let row = left.remove(&one.line);
            whose.extend(row.and_then(|row| number(category, &row)));
        }
        let still: BTreeSet<PersonNumber> = left
            .values()
            .filter_map(|row| number(category, row))
            .collect();
        for known in whose.difference(&still) {
            tx.close_gap(self.batch, &category.id, *known).await?;
        }
        let from = closed.iter().map(|one| KeptRepair {
            record_no: one.record_no.clone(),
            field: SET_BACK_ROW.0.to_owned(),
            what: MendedFrom {
                batch: self.batch,
                line: one.line,
            },
        });
        tx.keep_repairs(by, &category.id, from).await?;
        let lines: Vec<u64> = closed.iter().map(|one| one.line).collect();
        let subject = format!("data_batch:{}", self.batch);
        ctx.record(tx, "pool.mend", &subject, &(by, &lines), now)
            .await
    }
}

/// The header of a file, without what a mending says beside its rows.
pub(super) struct MendedHeader<'m> {
    pub(super) names: Vec<String>,
    /// Where the row's name stands.
    named: Option<usize>,
    /// Positions that are none of the category's.
    beside: BTreeSet<usize>,
    /// What stays as it came is taken from here.
    from: Option<(&'m Mending, &'m Category)>,
}

impl<'m> MendedHeader<'m> {
    pub(super) fn read(
        mending: Option<&'m Mending>,
        category: &'m Category,
        header: &[String],
    ) -> Self {
        let is = |cell: &str, (id, name): (&str, &str)| {
            let cell = cell.trim().trim_start_matches('\u{feff}');
            cell == id || cell == name
        };
        let place = |column| header.iter().position(|cell| is(cell, column));
        let (named, why) = match mending {
            Some(_) => (place(SET_BACK_ROW), place(SET_BACK_WHY)),
            None => (None, None),
        };
        let beside: BTreeSet<usize> = [named, why].into_iter().flatten().collect();
        let names = header.iter().enumerate();
        let names = names.filter(|(at, _)| !beside.contains(at));
        MendedHeader {
            names: names.map(|(_, name)| name.clone()).collect(),
            named,
            beside,
            from: mending.map(|mending| (mending, category)),
        }
    }

    /// The row's name and its cells; what stays as it came is filled in.
    pub(super) fn split(&self, cells: Vec<String>) -> (String, Vec<String>) {
        let Some((mending, category)) = self.from else {
            return (String::new(), cells);
        };
        let name = self.named.and_then(|at| cells.get(at)).cloned();
        let name = name.unwrap_or_default();
        let own = cells.into_iter().enumerate();
        let own = own.filter(|(at, _)| !self.beside.contains(at));
        let mut cells: Vec<String> = own.map(|(_, cell)| unmarked(cell)).collect();
        let number = self.names.iter().zip(&cells);
        let number = number.filter(|(name, _)| is_column(category, name, RECORD_NO.0));
        let number = number.map(|(_, cell)| cell.clone()).next();
        let line = mending.waiting.find(&name, &number.unwrap_or_default());
        // A number given before counts as none that waits, which the gate tells.
        let came = line.ok().and_then(|line| mending.rows.get(&line));
        for (cell, column) in cells.iter_mut().zip(&self.names) {
            if cell.as_str() == AS_IT_CAME {
                let was = came.and_then(|row| self::cell(category, row, column));
                *cell = was.unwrap_or_default().to_owned();
            }
        }
        (name, cells)
    }
}

/// A cell without the mark that keeps a sheet from taking it for a formula.
fn unmarked(cell: String) -> String {
    match cell.strip_prefix('\'') {
        Some(rest) if crate::table::is_marked(rest) => rest.to_owned(),
        _ => cell,
    }
}

/// Whether a file's column is this one of the category.
fn is_column(category: &Category, name: &str, column: &str) -> bool {
    let (ids, names) = (column_ids(category), column_names(category));
    let at = |wanted: &str| (0..ids.len()).find(|at| ids[*at] == wanted || names[*at] == wanted);
    at(name).is_some_and(|here| at(column) == Some(here))
}

/// A cell of a row as it came, by its column's id or name.
pub(super) fn cell<'r>(category: &Category, row: &'r SetBack, column: &str) -> Option<&'r str> {
    let mut cells = row.cells.iter();
    let found = cells.find(|(name, _)| is_column(category, name, column));
    found.map(|(_, cell)| cell.as_str())
}

/// Whose row it was, where it says so.
fn number(category: &Category, row: &SetBack) -> Option<PersonNumber> {
    cell(category, row, category.keyed_by.column().0)?
        .parse()
        .ok()
}

impl App {
    /// A slip of a mending with the rows that wait; any other as it is.
    pub(super) async fn with_waiting(&self, manifest: super::Manifest) -> Result<super::Manifest> {
        let catalogue = &self.law.pack.data().catalogue;
        let category = catalogue.category(&manifest.category).cloned();
        let (Some(batch), Some(category)) = (manifest.mends, category) else {
            let of = manifest.category.clone();
            let pool = self.db.read(async move |tx| tx.pool(&of).await).await?;
            let stood = pool.standing().map(|one| one.as_of);
            return Ok(super::Manifest { stood, ..manifest });
        };
        let mending = self
            .db
            .read(async move |tx| {
                // Another category's rows are nothing to look at: the engine says no.
                let own = tx.pool(&category.id).await?.batches.contains_key(&batch);
                match own {
                    true => Mending::load(tx, &category, batch).await.map(Some),
                    false => Ok::<_, AppError>(None),
                }
            })
            .await?;
        let empty = || Mending {
            batch,
            waiting: Waiting::new(batch, BTreeMap::new()),
            rows: BTreeMap::new(),
        };
        Ok(super::Manifest {
            mending: Some(std::sync::Arc::new(mending.unwrap_or_else(empty))),
            ..manifest
        })
    }
}
