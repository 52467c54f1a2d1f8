//! 「五性」 The quality of one delivery as five shares: completeness, validity,
//! timeliness, uniqueness, consistency. Of an empty file nothing is known, and that
//! is no share of zero.

use crate::quality::QualityReport;
use kernel::Rate;

/// A side of quality.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// 完整性 Required fields are filled.
    Completeness,
    /// 有效性 Values can be.
    Validity,
    /// 及时性 The file is not older than what stands; a late one has no row in time.
    Timeliness,
    /// 唯一性 Record numbers stand once.
    Uniqueness,
    /// 一致性 Rows do not contradict themselves. Departments against each other: the desk
    /// of contradictions.
    Consistency,
}

impl Dimension {
    /// Every side.
    pub const ALL: [Dimension; 5] = [
        Dimension::Completeness,
        Dimension::Validity,
        Dimension::Timeliness,
        Dimension::Uniqueness,
        Dimension::Consistency,
    ];

    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Dimension::Completeness => "完整",
            Dimension::Validity => "有效",
            Dimension::Timeliness => "及时",
            Dimension::Uniqueness => "唯一",
            Dimension::Consistency => "一致",
        }
    }

    /// What it counts, in words.
    pub fn says(self) -> &'static str {
        match self {
            Dimension::Completeness => "必填的都填了",
            Dimension::Validity => "写的值说得通",
            Dimension::Timeliness => "没有晚到，也不比已有的旧",
            Dimension::Uniqueness => "记录编号没有重复",
            Dimension::Consistency => "同一行里前后说得通",
        }
    }
}

impl QualityReport {
    /// The share of rows that are good on this side; `None` of an empty file.
    pub fn rate(&self, side: Dimension) -> Option<Rate> {
        let bad = match side {
            Dimension::Completeness => self.incomplete,
            Dimension::Validity => self.invalid,
            Dimension::Timeliness if self.late => self.rows,
            Dimension::Timeliness => self.outdated,
            Dimension::Uniqueness => self.repeated,
            Dimension::Consistency => self.inconsistent,
        };
        let good = self.rows.saturating_sub(bad);
        let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
        match self.rows {
            0 => None,
            rows => Rate::of_parts(count(good), count(rows)),
        }
    }
}
