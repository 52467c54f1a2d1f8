//! 「预算」 Of each benefit: paid so far this year, and what the year will come to by the
//! law as it is and as it might be, if nothing else changes. And what can be varied.

use super::Trial;
use crate::{App, Context, Result};
use engine_policy::Every;
use expr::Type;
use kernel::{Date, Money, Period, RegionCode, RegionLevel, Slug};
use std::collections::BTreeMap;

/// A benefit's year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The benefit.
    pub benefit: Slug,
    /// Its name.
    pub name: String,
    /// Paid in this year's batches.
    pub granted: Money,
    /// What the whole year comes to if each month still to be paid costs what the last
    /// one did, without what that one made up for earlier months.
    pub expected: Money,
    /// More or less than that for those who receive it, for the months to come.
    pub receiving: Money,
    /// The same for those who do not: the most it can be.
    pub others: Money,
}

/// A month's batch of one benefit, fen.
#[derive(Clone, Copy, Default)]
struct Paid {
    all: i64,
    /// Without what makes up for earlier months.
    own: i64,
}

/// A number of the law that can be varied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterLine {
    /// As it is named, `dibao.extra_rate`.
    pub id: String,
    /// What it is.
    pub label: String,
    /// Its value in force, as people read it; nothing where the law is silent.
    pub value: Option<String>,
    /// Within which bounds it can be slid.
    pub slider: Option<super::Slider>,
}

impl App {
    /// 预算 The year of every benefit that is paid by the month.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn budget(&self, ctx: &Context, today: Date, trial: &Trial) -> Result<Vec<Budget>> {
        self.may_simulate(ctx).await?;
        let month = Period::of(today);
        let first = month.plus_months(1 - i32::try_from(month.month()).unwrap_or(1));
        let lines = self
            .db
            .read(async move |tx| tx.paid_between(first, month).await)
            .await?;
        let mut paid: BTreeMap<Slug, BTreeMap<Period, Paid>> = BTreeMap::new();
        for line in lines {
            let months = paid.entry(line.programme).or_default();
            let sum = months.entry(line.month).or_default();
            sum.all = sum.all.saturating_add(line.amount.fen());
            if line.period == line.month {
                sum.own = sum.own.saturating_add(line.amount.fen());
            }
        }
        let to_come = 12 - i64::from(month.month());
        let sides = self.law.pack.rules();
        let budget = |(id, name, change): &(Slug, String, super::BenefitChange)| {
            // A benefit only a draft has is paid nobody yet: it is known by what it costs.
            let rule = sides.benefit(id.as_str());
            let every = rule.and_then(|one| Some(one.amount.as_ref()?.every));
            let monthly = every.is_none_or(|every| every == Every::Month);
            let months = paid.get(id);
            let granted: i64 = months.map_or(0, |all| all.values().map(|one| one.all).sum());
            let last = months.and_then(|all| all.last_key_value());
            let rest = last.map_or(0, |(at, one)| {
                let unpaid = 12 - i64::from(at.month());
                one.own.saturating_mul(unpaid)
            });
            let more = change.month_after.fen() - change.month_before.fen();
            let own = change.receiving_after.fen() - change.receiving_before.fen();
            (monthly && (granted != 0 || more != 0)).then(|| Budget {
                benefit: id.clone(),
                name: name.clone(),
                granted: Money::from_fen(granted),
                expected: Money::from_fen(granted.saturating_add(rest)),
                receiving: Money::from_fen(own.saturating_mul(to_come)),
                others: Money::from_fen((more - own).saturating_mul(to_come)),
            })
        };
        Ok(trial.benefits.iter().filter_map(budget).collect())
    }

    /// Every number that can be varied, with its value here and today.
    pub fn parameters(&self, today: Date) -> Vec<ParameterLine> {
        let pack = &self.law.pack;
        let here = pack.region();
        let numbers = pack.rules().parameters.iter();
        let numbers = numbers.filter(|one| matches!(one.decl.ty, Type::Number { .. }));
        let line = |one: &engine_policy::Parameter| {
            let value = here.and_then(|here| one.at(here, today));
            let value = value.map(|value| value.value);
            ParameterLine {
                id: one.decl.id.as_str().replacen("__", ".", 1),
                label: one.decl.label.clone(),
                value: value.map(|value| value.spoken(&one.decl.ty)),
                slider: value.and_then(|value| super::spread::slider(value, &one.decl.ty)),
            }
        };
        numbers.map(line).collect()
    }

    /// The towns of the law's region.
    pub fn towns(&self, today: Date) -> Vec<(RegionCode, String)> {
        let pack = &self.law.pack;
        let Some(head) = pack.head() else {
            return Vec::new();
        };
        let below = pack.regions().children(head.region, today);
        let towns = below.filter(|one| one.code.level() == RegionLevel::Town);
        towns.map(|one| (one.code, one.name.clone())).collect()
    }
}
