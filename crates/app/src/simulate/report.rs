//! 「试算结果」 What a pass counted, with names people read.

use super::Assumed;
use super::tally::{BenefitChange, Change, STEPS_YUAN, Tally};
use crate::Law;
use engine_policy::Benefit;
use kernel::{Date, Money, Period, RegionCode, Slug};
use serde::{Deserialize, Serialize};

/// What a simulation found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulateReport {
    /// The day of judgement.
    pub as_of: Date,
    /// Households judged.
    pub households: u64,
    /// Persons judged.
    pub persons: u64,
    /// As [`super::Simulation::supposed`].
    #[serde(default)]
    pub supposed: bool,
    /// One for each value tried.
    pub trials: Vec<Trial>,
}

/// The population under one assumption, beside the law as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// What was assumed: parameter, its name, its value as read by people; nothing
    /// where another text of the law was tried.
    pub assumed: Vec<(Slug, String, String)>,
    /// All together.
    pub all: Change,
    /// By benefit: id, name, what changes.
    pub benefits: Vec<(Slug, String, BenefitChange)>,
    /// By town: code, name, what changes.
    pub towns: Vec<(RegionCode, String, Change)>,
    /// By who lives together.
    pub kinds: Vec<(String, Change)>,
    /// By how many live in the household.
    pub sizes: Vec<(String, Change)>,
    /// Households by how much they lose or gain by the month: in words, how many, from
    /// the greatest loss to the greatest gain.
    pub steps: Vec<(String, u64)>,
    /// Rights that come or go between the trial before and this one.
    #[serde(skip)]
    pub(super) crossing: u64,
}

impl SimulateReport {
    /// The months from the next to the end of its year, or of the next year in December.
    pub fn months(&self) -> Vec<Period> {
        let this = Period::of(self.as_of);
        let left = 12 - i32::try_from(this.month()).unwrap_or(12);
        let left = if left == 0 { 12 } else { left };
        (1..=left).map(|n| this.plus_months(n)).collect()
    }
}

impl Trial {
    /// Those who receive a benefit that changes for them, in all such benefits together:
    /// how many, and what they are owed by the month now and under the assumption.
    pub fn receiving(&self) -> (u64, Money, Money) {
        let sum = |one: Money, more: Money| Money::from_fen(one.fen().saturating_add(more.fen()));
        let zero = (0, Money::ZERO, Money::ZERO);
        let changed = self.benefits.iter();
        changed
            .filter(|(_, _, one)| one.receiving_before != one.receiving_after)
            .fold(zero, |(count, before, after), (_, _, one)| {
                (
                    count + one.receiving,
                    sum(before, one.receiving_before),
                    sum(after, one.receiving_after),
                )
            })
    }
}

pub(super) fn trial(
    law: &Law,
    day: Date,
    benefits: &[&Benefit],
    tally: &Tally,
    assumed: Assumed,
) -> Trial {
    let name = |code: &RegionCode| place_words(law, *code, day);
    let benefits = benefits.iter().zip(&tally.benefits);
    let kinds = tally.kinds.iter();
    Trial {
        assumed,
        all: tally.all.clone(),
        benefits: benefits
            .map(|(benefit, change)| (benefit.id.clone(), benefit.name.clone(), change.clone()))
            .collect(),
        towns: tally
            .towns
            .iter()
            .map(|(code, change)| (*code, name(code), change.clone()))
            .collect(),
        kinds: kinds
            .map(|(kind, change)| (kind.label().to_owned(), change.clone()))
            .collect(),
        sizes: tally
            .sizes
            .iter()
            .map(|(at, change)| (size_words(*at), change.clone()))
            .collect(),
        steps: (0..tally.steps.len())
            .map(|at| (step_words(at), tally.steps[at]))
            .collect(),
        crossing: tally.crossing,
    }
}

/// A place as it is called on a day.
pub(super) fn place_words(law: &Law, code: RegionCode, day: Date) -> String {
    let name = law.pack.regions().name(code, day);
    name.map_or_else(|| code.to_string(), str::to_owned)
}

/// How many live together, in words; 4 for more too.
pub(super) fn size_words(size: usize) -> String {
    match size {
        4 => "四口以上".to_owned(),
        size => format!("{size} 口"),
    }
}

/// A step of gains or losses in words, yuan a month.
pub(super) fn step_words(at: usize) -> String {
    let edge = |at: usize| STEPS_YUAN.get(at).copied();
    let below = at.checked_sub(1).and_then(edge);
    match (below, edge(at)) {
        (None, Some(above)) => format!("少 {} 以上", -above),
        (Some(below), None) => format!("多 {below} 以上"),
        (Some(below), Some(0)) => format!("少不到 {}", -below),
        (Some(0), Some(above)) => format!("多不到 {above}"),
        (Some(below), Some(above)) if above < 0 => format!("少 {}–{}", -above, -below),
        (Some(below), Some(above)) => format!("多 {below}–{above}"),
        (None, None) => String::new(),
    }
}
