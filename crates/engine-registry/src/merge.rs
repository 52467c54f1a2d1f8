//! 「合并」 Two entries that are one person: proposed by one, confirmed by another,
//! undone by anyone who may. The merged entry keeps everything it had and only
//! points to the other.

use kernel::{Actor, Instant, MergeId, PersonId};
use serde::{Deserialize, Serialize};

/// A proposal and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// Its number.
    pub id: MergeId,
    /// The entry that stays.
    pub keep: PersonId,
    /// The entry that will point to it.
    pub merge: PersonId,
    /// Why they are one person.
    pub reason: String,
    /// Who proposed it.
    pub proposed_by: Actor,
    /// When.
    pub proposed_at: Instant,
    /// What became of it.
    pub state: MergeState,
}

/// What became of a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeState {
    /// 待确认
    Proposed,
    /// 已合并
    Done,
    /// 不合并
    Rejected {
        /// Why.
        reason: String,
    },
    /// 已撤销
    Undone {
        /// Why.
        reason: String,
    },
}
