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
    /// Paid for months of this year, by what was granted.
    pub granted: Money,
    /// What the whole year comes to if the months left cost what the last one did.
    pub expected: Money,
    /// More or less than that for the months left under the assumption.
    pub difference: Money,
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
        let mut paid: BTreeMap<Slug, BTreeMap<Period, i64>> = BTreeMap::new();
        for line in lines {
            let months = paid.entry(line.programme).or_default();
            let sum = months.entry(line.month).or_default();
            *sum = sum.saturating_add(line.amount.fen());
        }
        let left = 12 - i64::from(month.month());
        let budget = |(id, name, change): &(Slug, String, super::BenefitChange)| {
            let rules = self.law.pack.rules();
            let every = rules.benefit(id.as_str())?.amount.as_ref()?.every;
            let months = paid.get(id);
            let granted: i64 = months.map_or(0, |months| months.values().sum());
            let last = months.and_then(|months| months.values().next_back());
            let more = change.month_after.fen() - change.month_before.fen();
            let expected = granted.saturating_add(last.copied().unwrap_or(0).saturating_mul(left));
            (every == Every::Month && (granted != 0 || more != 0)).then(|| Budget {
                benefit: id.clone(),
                name: name.clone(),
                granted: Money::from_fen(granted),
                expected: Money::from_fen(expected),
                difference: Money::from_fen(more.saturating_mul(left)),
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
