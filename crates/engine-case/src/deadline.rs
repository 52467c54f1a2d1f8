//! 「期限」 Deadlines with their last day, computed once from the calendar when
//! they start. Where they stand on a day is a pure query.

use crate::model::Case;
use kernel::{Date, DecisionId, Slug};
use serde::{Deserialize, Serialize};

/// What a deadline is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineFor {
    /// One round of a step.
    Step(Slug, u32),
    /// 总时限 From acceptance to decision.
    Total,
    /// 请示 The answer to an escalation.
    Escalation,
    /// 陈述申辩 The person may speak until then.
    Hearing,
    /// 配合 The household should do what was asked.
    Demand,
    /// 送达 The notice of a decision.
    Service(DecisionId),
    /// 复核
    Review(DecisionId),
    /// 联办事项 A part of a joint case.
    Part(Slug),
}

/// A deadline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// What for.
    pub of: DeadlineFor,
    /// The day it started; does not count.
    pub from: Date,
    /// The last day.
    pub due: Date,
    /// The day it was met.
    pub met: Option<Date>,
    /// Articles.
    pub basis: Option<String>,
}

/// Where a deadline stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// 已办
    Met,
    /// 逾期办结
    MetLate,
    /// 按期
    OnTime,
    /// 快到期 At most three days left.
    DueSoon,
    /// 已逾期
    Overdue,
}

/// Days before the last day from which a deadline is called due soon.
const SOON: usize = 3;

impl Deadline {
    /// Where it stands on `today`. The last day itself is on time.
    pub fn standing(&self, today: Date) -> Standing {
        match self.met {
            Some(met) if met <= self.due => Standing::Met,
            Some(_) => Standing::MetLate,
            None => Standing::open(self.due, today),
        }
    }
}

impl Standing {
    /// The latest day that is still called due soon on `today`.
    pub fn soon_until(today: Date) -> Date {
        today.iter_days().nth(SOON).unwrap_or(today)
    }

    /// Where what is not met stands on `today`, by its last day.
    pub fn open(due: Date, today: Date) -> Standing {
        match (due - today).num_days() {
            left if left < 0 => Standing::Overdue,
            _ if due <= Self::soon_until(today) => Standing::DueSoon,
            _ => Standing::OnTime,
        }
    }
}

impl Case {
    /// Deadlines not met yet with where they stand on `today`, most urgent first.
    pub fn open_deadlines(&self, today: Date) -> Vec<(&Deadline, Standing)> {
        let open = self.deadlines.iter().filter(|d| d.met.is_none());
        let mut open: Vec<_> = open.map(|d| (d, d.standing(today))).collect();
        open.sort_by_key(|(deadline, _)| deadline.due);
        open
    }

    /// The deadline for something, open or met.
    pub fn deadline(&self, of: &DeadlineFor) -> Option<&Deadline> {
        self.deadlines.iter().find(|deadline| &deadline.of == of)
    }
}
