//! 「动态预警」 Several things about a household that changed together. A sign is a
//! condition of the pack; it changed when it was known not to hold and now holds: what
//! was not known before is no change. A warning needs changes in at least two signs
//! that rest on different things. It is a lead for a visit and decides nothing.

use crate::compile::Judge;
use crate::household::Household;
use crate::judge::JudgeError;
use expr::Typed;
use kernel::{Date, FieldLevel, Provenance, Rate, Role, Slug, Truth, months_after};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// 征兆 One thing that can change.
#[derive(Clone, Debug)]
pub struct SignRule {
    /// Its id.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// When it holds, in words.
    pub says: String,
    /// When: a Bool of the household.
    pub when: Typed,
    /// The base facts and records it reads.
    pub reads: BTreeSet<Slug>,
    /// The strictest level of what it reads: who may see that it changed.
    pub level: FieldLevel,
    /// Where the rule comes from.
    pub provenance: Provenance,
}

/// How urgent a warning is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningLevel {
    /// 红
    Red,
    /// 橙
    Orange,
    /// 黄
    Yellow,
}

impl WarningLevel {
    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            WarningLevel::Red => "红",
            WarningLevel::Orange => "橙",
            WarningLevel::Yellow => "黄",
        }
    }
}

/// 预警规则 Which signs, how many of them, within which time.
#[derive(Clone, Debug)]
pub struct WarningRule {
    /// Its id.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// What may be the matter, in words.
    pub says: String,
    /// How urgent.
    pub level: WarningLevel,
    /// The signs it looks at; never fewer than two.
    pub signs: Vec<Slug>,
    /// How many of them must have changed; at least two.
    pub at_least: u32,
    /// Within how many months.
    pub within_months: u32,
    /// Who goes.
    pub owner: Role,
    /// Within how many working days.
    pub days: u32,
    /// Where the rule comes from.
    pub provenance: Provenance,
}

/// A sign that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignChange {
    /// Which.
    pub sign: Slug,
    /// The day it was seen.
    pub on: Date,
    /// The category of the record that brought it.
    pub cause: Slug,
}

/// What is known of every sign.
pub type Signs = BTreeMap<Slug, Truth>;

impl Judge {
    /// Every sign of a household on a day.
    ///
    /// # Errors
    /// As [`Judge::judge_all`].
    pub fn signs(
        &self,
        rules: &[SignRule],
        household: &Household,
        day: Date,
    ) -> Result<Signs, JudgeError> {
        let mut signs = Signs::new();
        for rule in rules {
            let told = self.holds(&rule.when, household, day)?;
            let truth = told.first().copied().unwrap_or(Truth::Undetermined);
            signs.insert(rule.id.clone(), truth);
        }
        Ok(signs)
    }
}

/// The signs that changed: known not to hold before, and holding now.
pub fn turned(before: &Signs, now: &Signs) -> Vec<Slug> {
    let was = |sign: &Slug| before.get(sign) == Some(&Truth::False);
    let changed = now
        .iter()
        .filter(|(sign, truth)| **truth == Truth::True && was(sign));
    changed.map(|(sign, _)| sign.clone()).collect()
}

/// The rules that speak, each with the newest change of every sign it rests on.
pub fn raised<'r>(
    rules: &'r [WarningRule],
    changes: &[SignChange],
    now: &Signs,
    day: Date,
) -> Vec<(&'r WarningRule, Vec<SignChange>)> {
    let rules = rules.iter().filter_map(|rule| {
        let months = i32::try_from(rule.within_months).ok()?;
        let since = months_after(day, -months)?;
        let recent = |sign: &Slug| {
            let own = changes.iter().filter(|one| one.sign == *sign);
            // What has gone back since is no reason to go there.
            let holds = now.get(sign) == Some(&Truth::True);
            own.filter(|one| one.on > since && one.on <= day && holds)
                .max_by_key(|one| one.on)
                .cloned()
        };
        let found: Vec<SignChange> = rule.signs.iter().filter_map(recent).collect();
        let enough = usize::try_from(rule.at_least.max(2)).ok()?;
        (found.len() >= enough).then_some((rule, found))
    });
    rules.collect()
}

/// A warning that waits for a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its number.
    pub id: i64,
    /// How urgent.
    pub level: WarningLevel,
    /// Of a hundred warnings of its rule somebody went to, how many were right;
    /// `None`: nobody went yet.
    pub right: Option<Rate>,
    /// The day it was raised.
    pub on: Date,
}

/// Half: what a rule nobody has tried is taken for.
const UNTRIED: Rate = Rate::from_millionths(500_000);

/// Which of those that wait are handed out, `free` at most: the urgent first, then
/// those whose rule was right more often, then the oldest.
pub fn handed_out(mut waiting: Vec<Waiting>, free: usize) -> Vec<i64> {
    let right = |one: &Waiting| std::cmp::Reverse(one.right.unwrap_or(UNTRIED));
    waiting.sort_by_key(|one| (one.level, right(one), one.on, one.id));
    waiting.into_iter().take(free).map(|one| one.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slug(text: &str) -> Slug {
        text.parse().unwrap()
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn rule() -> WarningRule {
        WarningRule {
            id: slug("both"),
            name: "两样".into(),
            says: "两样一起变".into(),
            level: WarningLevel::Red,
            signs: vec![slug("work"), slug("ill"), slug("fire")],
            at_least: 2,
            within_months: 3,
            owner: Role::VillageWorker,
            days: 5,
            provenance: Provenance::Assumed,
        }
    }

    fn change(sign: &str, on: &str) -> SignChange {
        SignChange {
            sign: slug(sign),
            on: day(on),
            cause: slug("wage_tax"),
        }
    }

    fn signs(told: &[(&str, Truth)]) -> Signs {
        told.iter()
            .map(|(sign, truth)| (slug(sign), *truth))
            .collect()
    }

    #[test]
    fn a20_what_was_not_known_before_is_no_change() {
        use Truth::{False, True, Undetermined};
        let before = signs(&[("work", False), ("ill", Undetermined), ("fire", True)]);
        let now = signs(&[("work", True), ("ill", True), ("fire", True), ("new", True)]);
        assert_eq!(turned(&before, &now), [slug("work")]);
        assert!(turned(&now, &before).is_empty(), "going back is no warning");
    }

    #[test]
    fn a20_one_change_never_warns_two_together_do() {
        let rules = [rule()];
        let now = signs(&[("work", Truth::True), ("ill", Truth::True)]);
        let told = |changes: &[SignChange], on: &str| {
            raised(&rules, changes, &now, day(on))
                .into_iter()
                .map(|(_, found)| found.len())
                .next()
        };
        let work = change("work", "2026-09-01");
        assert_eq!(
            told(&[work.clone(), change("work", "2026-09-20")], "2026-09-21"),
            None
        );
        let both = [work, change("ill", "2026-11-20")];
        assert_eq!(told(&both, "2026-11-21"), Some(2));
        assert_eq!(
            told(&both, "2026-12-01"),
            None,
            "three months are over for one"
        );
        // One of them has gone back.
        let gone = signs(&[("work", Truth::False), ("ill", Truth::True)]);
        assert!(raised(&rules, &both, &gone, day("2026-11-21")).is_empty());
        // A pack cannot ask for less than two, whatever it says.
        let single = [WarningRule {
            at_least: 1,
            ..rule()
        }];
        assert!(raised(&single, &both[..1], &now, day("2026-09-02")).is_empty());
    }

    #[test]
    fn a20_the_urgent_go_first_then_rules_that_were_right() {
        let one = |id, level, right: Option<i64>, on: &str| Waiting {
            id,
            level,
            right: right.map(|percent| Rate::from_millionths(percent * 10_000)),
            on: day(on),
        };
        use WarningLevel::{Red, Yellow};
        let all = vec![
            one(1, Yellow, Some(90), "2026-09-01"),
            one(2, Red, Some(10), "2026-09-01"),
            one(3, Red, None, "2026-09-05"),
            one(4, Red, None, "2026-09-03"),
            one(5, Red, Some(80), "2026-09-09"),
        ];
        assert_eq!(handed_out(all.clone(), 3), [5, 4, 3]);
        assert_eq!(handed_out(all.clone(), 9), [5, 4, 3, 2, 1]);
        assert!(handed_out(all, 0).is_empty());
    }
}
