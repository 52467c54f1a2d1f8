//! 「质量报告」 What the gate found in one delivery: completeness, validity,
//! timeliness, uniqueness, consistency. Counts only; the faults beside them name
//! line and column.

use crate::gate::{FaultKind, RowFault};
use kernel::{Date, Rate};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The report of one delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QualityReport {
    /// Rows in the file.
    pub rows: u64,
    /// Rows taken.
    pub taken: u64,
    /// 完整性 Rows with a required field empty.
    pub incomplete: u64,
    /// 有效性 Rows with a value that cannot be.
    pub invalid: u64,
    /// 及时性 Rows of a file older than what stands, that speak of a day before it.
    pub outdated: u64,
    /// 唯一性 Rows whose record number stands in an earlier row.
    pub repeated: u64,
    /// 一致性 Rows that contradict their own number. What contradicts other categories is
    /// looked for over the whole pool, and is no side of one file.
    pub inconsistent: u64,
    /// Whether the delivery came after its time.
    pub late: bool,
    /// The first faults, at most [`QualityReport::MOST_FAULTS`].
    pub faults: Vec<RowFault>,
    /// All faults by kind. Written as pairs: a kind may carry words or numbers, and
    /// the keys of a JSON object cannot.
    #[serde(with = "pairs")]
    pub by_kind: BTreeMap<FaultKind, u64>,
}

mod pairs {
    use super::FaultKind;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::BTreeMap;

    pub(super) fn serialize<S: Serializer>(
        counts: &BTreeMap<FaultKind, u64>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        counts.iter().collect::<Vec<_>>().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeMap<FaultKind, u64>, D::Error> {
        Ok(Vec::deserialize(from)?.into_iter().collect())
    }
}

impl QualityReport {
    /// How many faults are kept with line and words.
    pub const MOST_FAULTS: usize = 200;

    /// Rows left out.
    pub fn faulty(&self) -> u64 {
        self.rows - self.taken.min(self.rows)
    }

    /// The share of rows left out; nothing of an empty file.
    pub fn faulty_share(&self) -> Rate {
        let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
        Rate::of_parts(count(self.faulty()), count(self.rows)).unwrap_or(Rate::ZERO)
    }
}

/// Counts a delivery row by row. Remembers every record number it has seen
/// (some tens of bytes a row).
#[derive(Clone, Debug, Default)]
pub struct QualityCounter {
    report: QualityReport,
    seen: BTreeSet<String>,
    last_as_of: Option<Date>,
}

impl QualityCounter {
    /// `last_as_of`: the day of the delivery that stands, where this one is older.
    pub fn new(last_as_of: Option<Date>) -> Self {
        QualityCounter {
            last_as_of,
            ..QualityCounter::default()
        }
    }

    /// Counts a valid row; returns whether it may be taken. A record number
    /// that stands twice in one file is taken once, the first time.
    pub fn valid(&mut self, line: u64, record_no: &str, as_of: Date) -> bool {
        self.report.rows += 1;
        if !self.seen.insert(record_no.to_owned()) {
            self.report.repeated += 1;
            let kind = FaultKind::RepeatedRecord;
            self.note(RowFault::new(line, crate::config::RECORD_NO.1, kind));
            return false;
        }
        if self.last_as_of.is_some_and(|last| as_of < last) {
            self.report.outdated += 1;
        }
        self.report.taken += 1;
        true
    }

    /// Counts a faulty row.
    pub fn faulty(&mut self, faults: Vec<RowFault>) {
        self.report.rows += 1;
        let has = |wanted: &dyn Fn(&FaultKind) -> bool| faults.iter().any(|f| wanted(&f.kind));
        let missing = has(&|kind| matches!(kind, FaultKind::Missing));
        let other = has(&|kind| !matches!(kind, FaultKind::Missing | FaultKind::Inconsistent(_)));
        let inconsistent = has(&|kind| matches!(kind, FaultKind::Inconsistent(_)));
        self.report.incomplete += u64::from(missing);
        self.report.invalid += u64::from(other);
        self.report.inconsistent += u64::from(inconsistent);
        for fault in faults {
            self.note(fault);
        }
    }

    /// The report.
    pub fn finish(self, late: bool) -> QualityReport {
        QualityReport {
            late,
            ..self.report
        }
    }

    fn note(&mut self, fault: RowFault) {
        *self.report.by_kind.entry(fault.kind.clone()).or_default() += 1;
        if self.report.faults.len() < QualityReport::MOST_FAULTS {
            self.report.faults.push(fault);
        }
    }
}
