//! 「家庭」 What is known of a household on the day it is judged: every fact with
//! where it comes from, or why it is missing. Missing is never a value.

use expr::Value;
use kernel::{Date, RegionCode, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A household to be judged.
#[derive(Clone, Debug)]
pub struct Household {
    /// Where it lives: the village or community.
    pub region: RegionCode,
    /// Facts about it as a whole.
    pub facts: BTreeMap<Slug, Entry>,
    /// Its members, in the register's order.
    pub members: Vec<Member>,
}

/// A member.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// Facts about this person.
    pub facts: BTreeMap<Slug, Entry>,
    /// Records by kind; a kind that is not here is unknown, an empty list is
    /// an answer: there are none.
    pub records: BTreeMap<Slug, Vec<RecordRow>>,
}

/// One record: a value per field of its kind, in the kind's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// `None` where the record itself leaves the field empty.
    pub fields: Vec<Option<Value>>,
    /// Where it comes from.
    pub source: Source,
}

/// A fact: known with its source, or missing with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Known.
    Known(Value, Source),
    /// Not known.
    Missing(WhyMissing),
}

impl Entry {
    /// The value, when known.
    pub fn value(&self) -> Option<Value> {
        match self {
            Entry::Known(value, _) => Some(*value),
            Entry::Missing(_) => None,
        }
    }
}

/// Why a fact is not known.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyMissing {
    /// Nobody has asked yet.
    NotAsked,
    /// The department did not answer.
    NoAnswer {
        /// Which department.
        department: Slug,
    },
    /// It may only be read with the household's authorisation.
    NeedsAuthorisation,
    /// Two sources contradict each other and nobody has resolved it.
    Disputed,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A department's record, or its answer that there is none.
    Department {
        /// The department.
        department: Slug,
        /// The category of data.
        category: Slug,
        /// The day the department speaks of.
        as_of: Date,
        /// The department's own number of the record; `None`: no record.
        record: Option<String>,
    },
    /// Said by the household.
    Declared {
        /// When.
        on: Date,
    },
    /// Seen at the home visit.
    Surveyed {
        /// When.
        on: Date,
    },
    /// The register of residents.
    Register,
    /// A pack's example or an `eval` file.
    Example,
    /// Assumed while counting what a change would cost; in no verdict about anybody.
    Supposed,
}
