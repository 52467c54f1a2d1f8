//! 「涉及谁」 Whom deliveries say something about: a few are looked at again at once,
//! more than that means everybody, by a run over all.

use engine_pool::{Record, Subject};
use kernel::{PersonId, PersonNumber};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::StoredRecord;

/// The most people followed at once after a delivery.
pub(super) const MOST: usize = 2_000;

/// Whom a delivery says something about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Touched {
    /// So few that each can be looked at.
    Some {
        /// The people of the register.
        people: BTreeSet<PersonId>,
        /// Whether it is about people the register does not know, or did not before.
        others: bool,
    },
    /// So many that only a look at everybody tells.
    Everyone,
}

impl Default for Touched {
    /// Nobody.
    fn default() -> Touched {
        Touched::Some {
            people: BTreeSet::new(),
            others: false,
        }
    }
}

impl Touched {
    /// The people to look at at once; none when it is everybody.
    pub fn people(&self) -> impl Iterator<Item = PersonId> {
        let few = match self {
            Touched::Some { people, .. } => Some(people),
            Touched::Everyone => None,
        };
        few.into_iter().flatten().copied()
    }

    /// These people; `others`: and somebody the register does not know.
    pub(super) fn of(people: Vec<PersonId>, others: bool) -> Touched {
        match people.len() > MOST {
            true => Touched::Everyone,
            false => Touched::Some {
                people: people.into_iter().collect(),
                others,
            },
        }
    }

    /// A record under the person it is about.
    pub(super) fn add(&mut self, record: &StoredRecord) {
        let Touched::Some { people, others } = self else {
            return;
        };
        match record.person {
            Some(person) => _ = people.insert(person),
            None => *others = true,
        }
        if people.len() > MOST {
            *self = Touched::Everyone;
        }
    }

    /// The register itself changed: whoever was a stranger may be known now.
    pub(super) fn register_changed(&mut self) {
        if let Touched::Some { others, .. } = self {
            *others = true;
        }
    }

    /// Both together.
    pub(super) fn with(self, other: &Touched) -> Touched {
        let (
            Touched::Some { mut people, others },
            Touched::Some {
                people: more,
                others: too,
            },
        ) = (self, other)
        else {
            return Touched::Everyone;
        };
        people.extend(more);
        match people.len() > MOST {
            true => Touched::Everyone,
            false => Touched::Some {
                people,
                others: others || *too,
            },
        }
    }
}

/// The number of the person a record is about.
pub(super) fn number_of(record: &Record) -> Option<PersonNumber> {
    match &record.subject {
        Subject::Person(number) => Some(*number),
        Subject::Organisation(_) | Subject::Place(_) => None,
    }
}
