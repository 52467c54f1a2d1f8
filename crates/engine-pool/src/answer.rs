//! 「答复」 What the pool or a department answers. “No record” is an answer;
//! “no answer” is none, and never read as “no record”.

use crate::config::Category;
use crate::record::Held;
use kernel::{DataBatchId, Date};
use serde::{Deserialize, Serialize};

/// The answer to “what does this category hold about this subject?”.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// These records; never empty when built by [`Answer::of`].
    Records(Vec<Held>),
    /// Whoever holds the data looked and has nothing.
    NoRecord {
        /// The day up to which they looked.
        as_of: Date,
    },
    /// Nobody has answered.
    NoAnswer {
        /// Why.
        why: NoAnswer,
    },
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum NoAnswer {
    /// The category has never been delivered.
    #[error("部门还没有提供过这类数据")]
    NeverDelivered,
    /// The last delivery is too old to answer from.
    #[error("数据只到{as_of}，已经过时")]
    Stale {
        /// The day of the last delivery.
        as_of: Date,
    },
    /// The department did not answer in time.
    #[error("部门没有在{seconds}秒内答复")]
    Timeout {
        /// How long was waited.
        seconds: u32,
    },
    /// The department sent a row about this person that the gate refused.
    #[error("部门提供的这一行有错，已退回，等待更正")]
    RowRefused,
    /// The department could not be reached.
    #[error("部门系统连不上")]
    Unreachable,
    /// The department answered that it cannot.
    #[error("部门系统出错：{0}")]
    Failed(String),
    /// The reply was unsigned, wrongly signed or unreadable.
    #[error("部门的答复无法采信：{0}")]
    Untrusted(String),
    /// The department answered, but not about this.
    #[error("部门的答复里没有这一项")]
    LeftOut,
    /// The department said no.
    #[error("部门拒绝提供：{0}")]
    Declined(String),
}

impl Answer {
    /// Records, or “no record” when there are none.
    pub fn of(records: Vec<Held>, as_of: Date) -> Self {
        if records.is_empty() {
            Answer::NoRecord { as_of }
        } else {
            Answer::Records(records)
        }
    }

    /// Whether somebody answered.
    pub fn is_answered(&self) -> bool {
        !matches!(self, Answer::NoAnswer { .. })
    }
}

/// How far a category has been delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The last accepted delivery.
    pub batch: DataBatchId,
    /// The day it speaks of.
    pub as_of: Date,
}

impl Standing {
    /// Days since the day it speaks of.
    pub fn age_days(&self, today: Date) -> i64 {
        today.signed_duration_since(self.as_of).num_days()
    }

    /// Whether it is as new as its category's rhythm promises.
    pub fn is_fresh(&self, category: &Category, today: Date) -> bool {
        self.age_days(today) <= i64::from(category.frequency.days_fresh())
    }
}

/// The pool's own answer about one subject, from the records it holds. Without
/// a fresh enough delivery there is no answer, whatever records there are: old
/// data must not lower anyone.
pub fn from_pool(
    category: &Category,
    standing: Option<Standing>,
    records: Vec<Held>,
    today: Date,
) -> Answer {
    let why = match standing {
        None => NoAnswer::NeverDelivered,
        Some(standing) if standing.is_fresh(category, today) => {
            return Answer::of(records, standing.as_of);
        }
        Some(Standing { as_of, .. }) => NoAnswer::Stale { as_of },
    };
    Answer::NoAnswer { why }
}
