//! 「一个人两条」 Entries that may be one person: found by the register itself, judged by
//! people. One proposes with a reason, another confirms or rejects, and what was merged
//! can be undone: the merged entry keeps its facts and its records, which are read with
//! the other's as long as it points there. Who belonged to a household leaves it by the
//! merge and is back with the undoing. Absent: merging by itself, and asking departments
//! about a merged entry's old number.

mod desk;
mod find;

pub use desk::{MergeCard, MergeDesk, MergeWord, SuspectCard, SuspectWord};
pub use engine_registry::MergeState;
pub use engine_registry::suspect::Ground;

use kernel::{Actor, Date, HouseholdId, Instant, MergeId, Relation};
use serde::{Deserialize, Serialize};

/// What is known of a suspicion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Suspicion {
    /// Why.
    ground: Ground,
    /// Somebody said these are two people.
    two: Option<Said>,
    /// The proposal somebody made of it.
    merge: Option<MergeId>,
    /// The household the merged entry left by the merge.
    left: Option<LeftHome>,
}

/// What somebody said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Said {
    reason: String,
    by: Actor,
    at: Instant,
}

/// A membership that ended with a merge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct LeftHome {
    household: HouseholdId,
    relation: Relation,
    until: Date,
}

#[cfg(test)]
mod tests;
