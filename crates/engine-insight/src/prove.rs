//! 「查规划」 What a plan cannot mean: found when the pack is loaded, not when a year ends.

use crate::config::{Indicator, Plan, Records, Source};
use kernel::Slug;
use std::collections::BTreeSet;

/// A fault of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFault {
    /// Which task or indicator; `None`: the plan.
    pub at: Option<Slug>,
    /// What is wrong and how to mend it.
    pub says: String,
}

/// Everything a plan cannot mean.
pub fn prove(plan: &Plan) -> Vec<PlanFault> {
    let mut found = Vec::new();
    let mut fault = |at: Option<&Slug>, says: String| {
        let at = at.cloned();
        found.push(PlanFault { at, says });
    };
    if plan.span.0 > plan.span.1 {
        fault(None, "规划的最后一年在第一年之前".to_owned());
    }
    let mut seen: BTreeSet<&Slug> = BTreeSet::new();
    for task in &plan.tasks {
        if !seen.insert(&task.id) {
            fault(Some(&task.id), format!("`{}` 写了两次", task.id));
        }
        if task.indicators.is_empty() {
            fault(Some(&task.id), format!("“{}”一个指标也没有", task.name));
        }
    }
    for (_, one) in plan.indicators() {
        if !seen.insert(&one.id) {
            fault(Some(&one.id), format!("`{}` 写了两次", one.id));
        }
        for says in indicator(plan, one) {
            fault(Some(&one.id), says);
        }
    }
    found
}

fn indicator(plan: &Plan, one: &Indicator) -> Vec<String> {
    let mut found = Vec::new();
    for year in &plan.years {
        if !one.targets.contains_key(year) && !one.known.contains_key(year) {
            found.push(format!("没有写 {year} 年；没有定的写 \"/\""));
        }
    }
    let years = one.targets.keys().chain(one.known.keys());
    let strange: BTreeSet<i32> = years
        .copied()
        .filter(|year| !plan.years.contains(year))
        .collect();
    for year in strange {
        found.push(format!("规划的年份里没有 {year} 年"));
    }
    let set: Vec<_> = one.targets.values().flatten().collect();
    if set.is_empty() {
        found.push("一年的目标也没有定".to_owned());
    }
    let worse = |pair: &[&crate::Quantity]| match pair {
        [before, after] => !one.better.meets(**after, **before),
        _ => false,
    };
    if set.windows(2).any(worse) {
        found.push(format!("目标越往后越差，和“{}”不合", one.better.label()));
    }
    if let Source::Counted(query) = &one.source {
        let graded = query.records == Records::GradedBodies;
        if graded == query.grades.is_empty() && graded {
            found.push("请写算哪几个等级".to_owned());
        }
        if !graded && !query.grades.is_empty() {
            found.push("只有评上等级的单位才能写等级".to_owned());
        }
    }
    if one.every_months == 0 {
        found.push("多久填报一次不能是零".to_owned());
    }
    found
}
