//! 「补数」 Rows a delivery's gate set back come again, mended: each says which row it
//! is, by the row's own name or by the record's number, and closes it once. A mending
//! delivery is a patch to the first one: it never stands for the category, so what it
//! does not bring stays as unknown as before. Absent: what the cells were, which the
//! caller keeps.

use crate::gate::FaultKind;
use crate::model::{Batch, BatchState, Delivery, State};
use crate::refusal::Refusal;
use kernel::{Actor, DataBatchId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

/// The column of a mending file that says which row each row is: id and name.
pub const SET_BACK_ROW: (&str, &str) = ("set_back_row", "没收下的行");

/// The column beside it that says why, which a mending may bring back unread.
pub const SET_BACK_WHY: (&str, &str) = ("set_back_why", "为什么没收");

/// A row that was set back: delivery and line, written `5-8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowName {
    /// The delivery.
    pub batch: DataBatchId,
    /// Its line in the file, the header being 1.
    pub line: u64,
}

impl fmt::Display for RowName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.batch, self.line)
    }
}

impl FromStr for RowName {
    type Err = FaultKind;

    fn from_str(text: &str) -> Result<Self, FaultKind> {
        let parts = text.trim().split_once('-');
        let read = parts.and_then(|(batch, line)| {
            let batch = DataBatchId(batch.parse().ok()?);
            let line = line.parse().ok()?;
            Some(RowName { batch, line })
        });
        read.ok_or(FaultKind::NotSetBack)
    }
}

/// A row that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingRow {
    /// The record number it came with; empty: none.
    pub record_no: String,
    /// Whether that number stood in an earlier row: it cannot come again under it.
    pub repeated: bool,
}

/// The rows of a delivery that wait to be mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    batch: DataBatchId,
    rows: BTreeMap<u64, WaitingRow>,
    by_number: BTreeMap<String, BTreeSet<u64>>,
}

impl Waiting {
    /// The rows of `batch` that wait, by line.
    pub fn new(batch: DataBatchId, rows: BTreeMap<u64, WaitingRow>) -> Self {
        let mut by_number: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
        for (line, row) in rows.iter().filter(|(_, row)| !row.record_no.is_empty()) {
            by_number
                .entry(row.record_no.clone())
                .or_default()
                .insert(*line);
        }
        Waiting {
            batch,
            rows,
            by_number,
        }
    }

    /// Which row a row that came is: by its name where it says one, else by the
    /// record's number. It waits no longer.
    ///
    /// # Errors
    /// As [`Waiting::find`].
    pub fn close(&mut self, name: &str, record_no: &str) -> Result<u64, FaultKind> {
        let line = self.find(name, record_no)?;
        let row = self.rows.remove(&line);
        let lines = row.and_then(|row| self.by_number.get_mut(&row.record_no));
        if let Some(lines) = lines {
            lines.remove(&line);
        }
        Ok(line)
    }

    /// The same while it goes on waiting.
    ///
    /// # Errors
    /// None that waits; several of this number; still a number that was taken before.
    pub fn find(&self, name: &str, record_no: &str) -> Result<u64, FaultKind> {
        let line = self.named(name, record_no)?;
        match self.rows.get(&line) {
            None => Err(FaultKind::NotSetBack),
            Some(row) if row.repeated && row.record_no == record_no => {
                Err(FaultKind::RepeatedRecord)
            }
            Some(_) => Ok(line),
        }
    }

    /// The line a row says it is.
    fn named(&self, name: &str, record_no: &str) -> Result<u64, FaultKind> {
        if !name.trim().is_empty() {
            let name: RowName = name.parse()?;
            let here = name.batch == self.batch;
            return here.then_some(name.line).ok_or(FaultKind::NotSetBack);
        }
        let lines = self.by_number.get(record_no);
        let mut lines = lines.into_iter().flatten();
        match (lines.next(), lines.next()) {
            (Some(line), None) => Ok(*line),
            (Some(_), Some(_)) => Err(FaultKind::WhichRow),
            (None, _) => Err(FaultKind::NotSetBack),
        }
    }
}

/// Whether a delivery may mend another: the same department's, of the same category,
/// taken in, of the same day, and itself no mending.
pub(crate) fn may_mend(
    state: &State,
    old: DataBatchId,
    delivery: &Delivery,
) -> Result<(), Refusal> {
    let first = state.batches.get(&old).ok_or(Refusal::UnknownBatch(old))?;
    if first.department != delivery.department || first.category != delivery.category {
        return Err(Refusal::MendsAnothers(old));
    }
    if let Some(root) = first.mends {
        return Err(Refusal::MendsAMending { batch: old, root });
    }
    if !matches!(first.state, BatchState::Accepted { .. }) {
        return Err(Refusal::MendsNothingTaken(old));
    }
    if first.as_of != delivery.as_of {
        let as_of = first.as_of;
        return Err(Refusal::MendsAnotherDay { batch: old, as_of });
    }
    Ok(())
}

/// 不用补 Whether a row may be closed without mending: a person says so, with a reason,
/// of a row that waits in a taken delivery. Whoever the row was about stays unknown: a
/// row nobody needs is not a record.
///
/// # Errors
/// No person; no reason; a delivery whose rows are not mended one by one.
pub fn may_waive(batch: &Batch, by: &Actor, why: &str) -> Result<(), Refusal> {
    if by.person.is_none() {
        return Err(Refusal::NeedsAPerson);
    }
    if why.trim().is_empty() {
        return Err(Refusal::WordsMissing);
    }
    if let Some(root) = batch.mends {
        let batch = batch.id;
        return Err(Refusal::MendsAMending { batch, root });
    }
    match batch.state {
        BatchState::Accepted { .. } => Ok(()),
        _ => Err(Refusal::MendsNothingTaken(batch.id)),
    }
}

/// Rows of a taken delivery that still wait, by what its mendings brought.
pub fn waiting_rows<'b>(batch: &Batch, all: impl Iterator<Item = &'b Batch>) -> u64 {
    let BatchState::Accepted { quality, .. } = &batch.state else {
        return 0;
    };
    let mended = all.filter(|one| one.mends == Some(batch.id));
    let mended: u64 = mended
        .filter_map(|one| match &one.state {
            BatchState::Accepted { quality, .. } => Some(quality.taken),
            _ => None,
        })
        .sum();
    quality.faulty().saturating_sub(mended)
}
