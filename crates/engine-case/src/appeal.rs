//! 「复议诉讼」 An appeal against a decision, recorded here, decided elsewhere.

use kernel::{Actor, Date, DecisionId, Instant};
use serde::{Deserialize, Serialize};

/// An appeal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Appeal {
    /// Against which decision.
    pub decision: DecisionId,
    /// Where.
    pub way: AppealWay,
    /// The day it was filed.
    pub filed_on: Date,
    /// Whether the period had run out; the court or review body judges that, not us.
    pub late: bool,
    /// Whether it paused the effect.
    pub paused: bool,
    /// Who recorded it.
    pub by: Actor,
    /// When.
    pub at: Instant,
    /// How it ended.
    pub ended: Option<AppealEnd>,
}

/// Where an appeal is filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppealWay {
    /// 行政复议
    Reconsideration,
    /// 行政诉讼
    Litigation,
}

/// How an appeal ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppealEnd {
    /// What.
    pub result: AppealResult,
    /// Number of the document.
    pub document_no: String,
    /// What it says, shortly.
    pub says: String,
}

/// What came of an appeal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppealResult {
    /// 维持
    Upheld,
    /// 撤销 The decision falls; a new one must be made.
    Revoked,
    /// 撤回
    Withdrawn,
}
