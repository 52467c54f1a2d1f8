//! 「矛盾」 What two categories say of one person and cannot both be true. A
//! contradiction is a lead for people to look at; it decides nothing.

use crate::record::{Held, Value};
use kernel::{Actor, Date, Instant, PersonId, Slug};
use serde::{Deserialize, Serialize};

/// A field of a category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldOf {
    /// The category.
    pub category: Slug,
    /// Its field.
    pub field: Slug,
}

/// What cannot be true together, as packs configure it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContradictionRule {
    /// Its id.
    pub id: Slug,
    /// The sentence for people.
    pub says: String,
    /// The rule.
    pub rule: Rule,
}

/// The three shapes a contradiction has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Two fields must hold the same value where both are filled.
    Same {
        /// The one.
        left: FieldOf,
        /// The other.
        right: FieldOf,
    },
    /// Nobody is in both.
    NotBoth {
        /// The one.
        left: Slug,
        /// The other.
        right: Slug,
    },
    /// Nothing of `other` may speak of a day after `event` (a death, a departure).
    NotAfter {
        /// A date field.
        event: FieldOf,
        /// The category that must not go on.
        other: Slug,
    },
}

/// A contradiction found, with the records that make it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contradiction {
    /// The rule.
    pub rule: Slug,
    /// The sentence for people.
    pub says: String,
    /// Category and record number of the one side.
    pub left: (Slug, String),
    /// Category and record number of the other side.
    pub right: (Slug, String),
}

/// So many pairs of one rule are told of one person: a department may send thousands of
/// records about one number, and every pair says the same of the same two categories.
pub const PAIRS_MAX: usize = 1_000;

/// The contradictions among one person's records, in the order of the rules; of each rule
/// at most [`PAIRS_MAX`].
pub fn contradictions(records: &[Held], rules: &[ContradictionRule]) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for rule in rules {
        let (left, right) = match &rule.rule {
            Rule::Same { left, right } => (&left.category, &right.category),
            Rule::NotBoth { left, right } => (left, right),
            Rule::NotAfter { event, other } => (&event.category, other),
        };
        let others: Vec<&Held> = of(records, right).collect();
        if others.is_empty() {
            continue;
        }
        let place = |held: &Held| (held.record.category.clone(), held.record.record_no.clone());
        let pairs = of(records, left).flat_map(|one| others.iter().map(move |other| (one, *other)));
        let pairs = pairs.filter(|(one, other)| contradict(&rule.rule, one, other));
        found.extend(pairs.take(PAIRS_MAX).map(|(one, other)| Contradiction {
            rule: rule.id.clone(),
            says: rule.says.clone(),
            left: place(one),
            right: place(other),
        }));
    }
    found
}

fn of<'a>(records: &'a [Held], category: &'a Slug) -> impl Iterator<Item = &'a Held> {
    records
        .iter()
        .filter(move |held| held.record.category == *category)
}

fn contradict(rule: &Rule, one: &Held, other: &Held) -> bool {
    match rule {
        Rule::Same { left, right } => {
            let left = one.record.values.get(&left.field);
            let right = other.record.values.get(&right.field);
            matches!((left, right), (Some(left), Some(right)) if left != right)
        }
        Rule::NotBoth { .. } => true,
        Rule::NotAfter { event, .. } => {
            let event = one.record.values.get(&event.field);
            matches!(event, Some(Value::Date(day)) if *day < other.record.as_of)
        }
    }
}

/// Which side somebody found to be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RightSide {
    /// 左边对
    Left,
    /// 右边对
    Right,
    /// 两边都没错 Both may stand.
    Both,
    /// 两边都不对
    Neither,
}

impl RightSide {
    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            RightSide::Left => "前一个对",
            RightSide::Right => "后一个对",
            RightSide::Both => "两边都没错",
            RightSide::Neither => "两边都不能用",
        }
    }
}

/// 认定 What a person made of a contradiction; taken back, it counts no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// Which side is right; `None`: taken back.
    pub right: Option<RightSide>,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: Actor,
}

/// 认定过的一对 What somebody found of two records of one person, as they stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuledPair {
    /// Of whom.
    pub person: PersonId,
    /// By which rule they contradict each other.
    pub rule: Slug,
    /// Number and day of the one record.
    pub left: (String, Date),
    /// The same of the other.
    pub right: (String, Date),
    /// What was found.
    pub says: RightSide,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Instant,
}

/// Which sides of a contradiction nobody may rely on: both, unless somebody found
/// one of them to be right.
pub fn unreliable(left: &Slug, right: &Slug, ruled: Option<RightSide>) -> Vec<Slug> {
    match ruled {
        Some(RightSide::Left) => vec![right.clone()],
        Some(RightSide::Right) => vec![left.clone()],
        Some(RightSide::Both) => Vec::new(),
        Some(RightSide::Neither) | None => vec![left.clone(), right.clone()],
    }
}
