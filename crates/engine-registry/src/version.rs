//! 「版本」 A fact with where it came from. Nothing is overwritten: a newer version
//! stands beside the older, and a wrong one is struck out with a reason.

use kernel::{Actor, CaseId, DataBatchId, Date, Instant, Slug};
use serde::{Deserialize, Serialize};

/// Where a fact came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A department's delivery.
    Department {
        /// The category.
        category: Slug,
        /// The delivery.
        batch: DataBatchId,
        /// The day the fact is about.
        as_of: Date,
    },
    /// A person said or showed it.
    Declared {
        /// The case it was said in, if any.
        case: Option<CaseId>,
        /// Who took it down.
        by: Actor,
        /// The day the fact is about.
        as_of: Date,
    },
}

impl Origin {
    /// The day the fact is about.
    pub fn as_of(&self) -> Date {
        match self {
            Origin::Department { as_of, .. } | Origin::Declared { as_of, .. } => *as_of,
        }
    }

    /// The category, when a department sent it.
    pub fn category(&self) -> Option<&Slug> {
        match self {
            Origin::Department { category, .. } => Some(category),
            Origin::Declared { .. } => None,
        }
    }
}

/// One version of a fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version<T> {
    /// The fact.
    pub fact: T,
    /// Where it came from.
    pub origin: Origin,
    /// When it was written down here.
    pub recorded_at: Instant,
    /// Set when it was found to be wrong.
    pub retracted: Option<Retraction>,
}

/// Why a version no longer counts (个人信息保护法 art. 46: correction).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retraction {
    /// Why.
    pub reason: String,
    /// Who struck it out.
    pub by: Actor,
    /// When.
    pub at: Instant,
}

/// The version that counts: not struck out; of the category the field trusts
/// most; about the latest day; written down last.
pub(crate) fn standing<'a, T>(
    versions: impl Iterator<Item = &'a Version<T>>,
    trusted: &[Slug],
) -> Option<&'a Version<T>> {
    let rank = |version: &Version<T>| {
        let category = version.origin.category();
        let at = trusted.iter().position(|slug| Some(slug) == category);
        std::cmp::Reverse(at.unwrap_or(usize::MAX))
    };
    versions
        .filter(|version| version.retracted.is_none())
        .max_by_key(|version| (rank(version), version.origin.as_of(), version.recorded_at))
}
