//! 「权限表」 The one table. What is not in it is refused. Order carries no
//! meaning: every line that fits allows. A second table, written independently,
//! stands in the tests and must agree on every combination.

mod others;
mod plans;
mod residents;
mod staff;

use crate::model::{Action, PurposeKind as P, RecordState as S};
use kernel::{FieldLevel, FieldLevel::*, Role, Role::*};

/// How far a rule reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// 本人 The actor, or whom he acts for, is the one it is about.
    Own,
    /// 辖区 A grant of the role whose region contains the record's.
    Region,
    /// 不论地方 A grant of the role anywhere.
    Anywhere,
    /// 本系统 The system itself; no grant.
    Itself,
}

/// One line.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// For whom.
    pub role: Role,
    /// What.
    pub actions: &'static [Action],
    /// Where.
    pub reach: Reach,
    /// For which purposes.
    pub purposes: &'static [P],
    /// The highest field level.
    pub level: FieldLevel,
    /// In which states.
    pub states: &'static [S],
}

use Action as A;
use Reach::{Anywhere, Itself, Own, Region};

const RUNNING: &[S] = &[S::Open];
const LASTING: &[S] = &[S::Open, S::Decided];
const MADE: &[S] = &[S::Decided];
const DONE: &[S] = &[S::Decided, S::Closed];
const KNOWN: &[S] = &[S::Open, S::Decided, S::Closed];
const BEGUN_OR_DECIDED: &[S] = &[S::Draft, S::Open, S::Decided];
const ANY: &[S] = &[S::None, S::Draft, S::Open, S::Decided, S::Closed];
const PLAIN: &[S] = &[S::None];

const fn rule(
    role: Role,
    actions: &'static [Action],
    reach: Reach,
    purposes: &'static [P],
    level: FieldLevel,
    states: &'static [S],
) -> Rule {
    Rule {
        role,
        actions,
        reach,
        purposes,
        level,
        states,
    }
}

/// The policy table.
pub fn table() -> impl Iterator<Item = &'static Rule> + Clone {
    [residents::RULES, staff::RULES, plans::RULES, others::RULES]
        .into_iter()
        .flatten()
}
