//! 「政策试算」 The whole population under the law as it is and as it might be, in one
//! pass: who gains, who loses, how much money, where. Changes nothing but the record
//! that somebody asked. Absent on purpose: any decision; what it finds is arithmetic.

mod setting;
mod table;
mod tally;

pub use setting::Setting;
pub use table::write_table;
pub use tally::{BenefitChange, Change};

use crate::context::Context;
use crate::error::{AppError, Result};
use crate::screen::{Family, Pooled, discoverable, discovered};
use crate::{App, Law};
use engine_policy::{Assumption, Judge, Sweep, push_household};
use engine_pool::Standing;
use kernel::{Date, HouseholdId, Money, RegionCode, RegionLevel, Slug};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use tally::{Place, Tally, add_monthly};

/// What a simulation found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SimulateReport {
    /// The day of judgement.
    pub as_of: Date,
    /// Households judged.
    pub households: u64,
    /// Persons judged.
    pub persons: u64,
    /// One for each value tried.
    pub trials: Vec<Trial>,
}

/// The population under one assumption, beside the law as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trial {
    /// What was assumed: parameter, its name, its value as read by people.
    pub assumed: Vec<(Slug, String, String)>,
    /// All together.
    pub all: Change,
    /// By benefit: id, name, what changes.
    pub benefits: Vec<(Slug, String, BenefitChange)>,
    /// By town: code, name, what changes.
    pub towns: Vec<(RegionCode, String, Change)>,
    /// By how many live in the household.
    pub sizes: Vec<(String, Change)>,
}

impl App {
    /// Judges everyone on `day` by the law and by the law with `settings`; `progress`
    /// hears of the households done.
    ///
    /// # Errors
    /// Refused when the actor may not screen; settings that cannot be combined.
    pub async fn simulate(
        &self,
        ctx: &Context,
        day: Date,
        settings: &[Setting],
        mut progress: impl FnMut(u64),
    ) -> Result<SimulateReport> {
        let standings = self.may_screen(ctx).await?;
        let trials = trials(settings)?;
        let assumptions: Vec<Assumption> = trials.iter().map(|trial| trial.0.clone()).collect();
        let judge = Judge::comparing(self.law.pack.rules().clone(), assumptions)?;
        let categories = discoverable(&self.law);
        let mut run = Run {
            law: &self.law,
            judge: &judge,
            day,
            tallies: vec![Tally::default(); trials.len()],
        };
        let (mut households, mut persons) = (0, 0);
        let mut after = HouseholdId(0);
        loop {
            let (families, pooled) = self.page(after, day, &categories, &standings).await?;
            let Some(last) = families.last() else { break };
            after = last.id;
            households += families.len() as u64;
            persons += families
                .iter()
                .map(|one| one.members.len() as u64)
                .sum::<u64>();
            run.page(&standings, &families, pooled)?;
            progress(households);
        }
        self.note_simulation(ctx, day, settings, households).await?;
        let told = run.tallies.iter().zip(trials);
        Ok(SimulateReport {
            as_of: day,
            households,
            persons,
            trials: told
                .map(|(tally, (_, assumed))| trial(&self.law, day, tally, assumed))
                .collect(),
        })
    }

    async fn note_simulation(
        &self,
        ctx: &Context,
        day: Date,
        settings: &[Setting],
        households: u64,
    ) -> Result<()> {
        let (ctx, now) = (ctx.clone(), self.now());
        let told: Vec<(Slug, usize)> = settings
            .iter()
            .map(|one| (one.parameter.clone(), one.values.len()))
            .collect();
        let hash = self.law.pack.hash().to_owned();
        self.db
            .write(async move |tx| {
                let details = (day, &hash, &told, households);
                ctx.record(tx, "policy.simulate", "population", &details, now)
                    .await
            })
            .await
    }
}

type Assumed = Vec<(Slug, String, String)>;

/// Each value of the one sweep, together with the single values of the others.
fn trials(settings: &[Setting]) -> Result<Vec<(Assumption, Assumed)>> {
    let bad = |says: &str| Err(AppError::BadInput(says.to_owned()));
    if settings.is_empty() {
        return bad("没有说改什么。例：--set standard=1200");
    }
    let ids: BTreeSet<&Slug> = settings.iter().map(|one| &one.parameter).collect();
    if ids.len() < settings.len() {
        return bad("同一个参数写了两次。一个参数只写一次，要试几个值请写 900..1100:50");
    }
    if settings.iter().filter(|one| one.values.len() > 1).count() > 1 {
        return bad("一次只能有一个参数试几个值。别的请写一个数");
    }
    let longest = settings
        .iter()
        .map(|one| one.values.len())
        .max()
        .unwrap_or(1);
    let trial = |place: usize| {
        let mut assumption = Assumption::default();
        let mut assumed = Vec::new();
        for one in settings {
            let value = one.values.get(place).or(one.values.first());
            if let Some(value) = value {
                assumption.parameters.insert(one.parameter.clone(), *value);
                assumed.push((one.parameter.clone(), one.label.clone(), one.spoken(*value)));
            }
        }
        (assumption, assumed)
    };
    Ok((0..longest).map(trial).collect())
}

struct Run<'r> {
    law: &'r Law,
    judge: &'r Judge,
    day: Date,
    tallies: Vec<Tally>,
}

impl Run<'_> {
    fn page(
        &mut self,
        standings: &BTreeMap<Slug, Standing>,
        families: &[Family],
        mut pooled: Pooled,
    ) -> Result<()> {
        let fault = |why: &dyn std::fmt::Display| AppError::Fault(why.to_string());
        let regions: BTreeSet<RegionCode> = families.iter().map(|family| family.region).collect();
        let regions: Vec<RegionCode> = regions.into_iter().collect();
        let mut frame = self.judge.narrow_frame();
        for family in families {
            let household = discovered(self.law, self.day, standings, family, &mut pooled);
            let place = regions.binary_search(&family.region).unwrap_or(0);
            push_household(&mut frame, &household, u32::try_from(place).unwrap_or(0))
                .map_err(|why| fault(&why))?;
        }
        let environment = self.judge.environment(&regions, self.day);
        let mut sweep = Sweep::new(self.judge);
        let mut next = 0;
        while next < families.len() {
            let chunk = sweep
                .next(&frame, &environment, next, families.len())
                .map_err(|why| fault(&why))?;
            next = chunk.end;
            let first = frame.members_of(chunk.start).start;
            let places = chunk.clone().map(|household| {
                let members = frame.members_of(household);
                Place {
                    row: household - chunk.start,
                    persons: members.start - first..members.end - first,
                    town: town_of(families[household].region),
                }
            });
            self.count(&sweep, &places.collect::<Vec<_>>())?;
        }
        Ok(())
    }

    fn count(&mut self, sweep: &Sweep<'_>, places: &[Place]) -> Result<()> {
        let household_of: Vec<usize> = places
            .iter()
            .flat_map(|place| std::iter::repeat_n(place.row, place.persons.len()))
            .collect();
        let benefits = &self.judge.book().benefits;
        let sums = |first: usize| -> Result<Vec<Money>> {
            let mut sums = vec![Money::ZERO; places.len()];
            for (place, benefit) in benefits.iter().enumerate() {
                let swept = sweep.of(first + place);
                add_monthly(&mut sums, places, &household_of, benefit, swept)?;
            }
            Ok(sums)
        };
        let before = sums(0)?;
        for (number, tally) in self.tallies.iter_mut().enumerate() {
            let first = (number + 1) * benefits.len();
            for (place, benefit) in benefits.iter().enumerate() {
                tally.benefit(place, benefit, (sweep.of(place), sweep.of(first + place)))?;
            }
            for (place, after) in places.iter().zip(sums(first)?) {
                tally.household(place, before[place.row], after)?;
            }
        }
        Ok(())
    }
}

fn town_of(region: RegionCode) -> RegionCode {
    region.within(RegionLevel::Town).unwrap_or(region)
}

fn trial(law: &Law, day: Date, tally: &Tally, assumed: Assumed) -> Trial {
    let benefits = law.pack.rules().benefits.iter().zip(&tally.benefits);
    let name = |code: &RegionCode| {
        let name = law.pack.regions().name(*code, day);
        name.map_or_else(|| code.to_string(), str::to_owned)
    };
    let size = |size: &usize| match size {
        4 => "四口以上".to_owned(),
        size => format!("{size} 口"),
    };
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
        sizes: tally
            .sizes
            .iter()
            .map(|(at, change)| (size(at), change.clone()))
            .collect(),
    }
}
