//! 「整改」 What an inspection found and must be mended by a day: open, answered with
//! proof, closed by a person or sent back.

use crate::model::Stamp;
use kernel::{Date, Slug};
use serde::{Deserialize, Serialize};

/// Something to be mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mending {
    /// Found by which question.
    pub question: Slug,
    /// What was found, in words.
    pub found: String,
    /// The last day.
    pub due: Date,
    /// Where it stands.
    pub state: MendingState,
}

/// Where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MendingState {
    /// 待整改
    Open,
    /// 已报整改 With proof, to be looked at.
    Answered {
        /// What was done.
        proof: String,
        /// Who wrote it down, when.
        stamp: Stamp,
    },
    /// 退回 Not enough.
    SentBack {
        /// Why.
        reason: String,
        /// Who, when.
        stamp: Stamp,
    },
    /// 已销号 Looked at and done.
    Closed {
        /// What was done.
        proof: String,
        /// Who looked, when.
        stamp: Stamp,
    },
}

impl Mending {
    /// Whether it is closed.
    pub fn closed(&self) -> bool {
        matches!(self.state, MendingState::Closed { .. })
    }

    /// Whether its day is past and it is not closed.
    pub fn overdue(&self, today: Date) -> bool {
        !self.closed() && today > self.due
    }

    /// The word a person reads.
    pub fn label(&self, today: Date) -> &'static str {
        match &self.state {
            MendingState::Closed { .. } => "已销号",
            _ if self.overdue(today) => "逾期未改",
            MendingState::Open => "待整改",
            MendingState::Answered { .. } => "待复查",
            MendingState::SentBack { .. } => "退回再改",
        }
    }
}
