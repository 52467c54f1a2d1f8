//! 「政策试算」 The whole population under the law as it is and as it might be, in one
//! pass: who gains, who loses, how much money, where. Changes nothing but the record
//! that somebody asked. Absent on purpose: any decision; what it finds is arithmetic.

mod behind;
mod budget;
mod pass;
mod report;
mod setting;
mod sheet;
mod spread;
mod table;
mod tally;

pub use behind::{BEHIND_PAGE, Behind, BehindLine, BehindPage, How, Of};
pub use budget::{Budget, ParameterLine};
pub use report::{SimulateReport, Trial};
pub use setting::Setting;
pub use spread::{Slider, Spread, SpreadBar};
pub use table::{TableKind, table, write_table};
pub use tally::{BenefitChange, Change, STEPS_YUAN};

use crate::context::Context;
use crate::error::{AppError, Result};
use crate::everybody::Everybody;
use crate::screen::discoverable;
use crate::{App, Law};
use chrono::TimeDelta;
use engine_access::{Action, Record as AccessRecord};
use engine_policy::{Assumption, Judge};
use engine_pool::Standing;
use kernel::{Date, FieldLevel, RegionCode, Slug};
use pass::{Pass, Side};
use std::collections::{BTreeMap, BTreeSet};

/// The law as it might be.
#[derive(Clone, Debug)]
pub enum Proposed {
    /// With other numbers.
    Settings(Vec<Setting>),
    /// Another text of it.
    Draft(Law),
}

/// What is tried, on which day, where.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// The day of judgement, past or to come.
    pub day: Date,
    /// The law as it might be.
    pub proposed: Proposed,
    /// Only households in it; everyone when `None`.
    pub region: Option<RegionCode>,
    /// Whether what only the household's consent would tell (deposits, securities …) is
    /// taken to be nothing: the most it can cost. Otherwise it stays unknown, and with
    /// it nearly everybody's means-tested benefit.
    pub supposed: bool,
}

impl App {
    /// Judges everyone on a day by the law and by the law as proposed; `progress`
    /// hears of the households done.
    ///
    /// # Errors
    /// Refused when the actor may not simulate; settings that cannot be combined.
    pub async fn simulate(
        &self,
        ctx: &Context,
        what: &Simulation,
        mut progress: impl FnMut(u64),
    ) -> Result<SimulateReport> {
        let standings = self.may_simulate(ctx).await?;
        let standings = self.as_last_seen(standings, what.day).await?;
        let trials = match &what.proposed {
            Proposed::Settings(settings) => trials(settings)?,
            Proposed::Draft(_) => vec![(Assumption::default(), Vec::new())],
        };
        let judge;
        let sides = match &what.proposed {
            Proposed::Settings(_) => {
                let assumptions = trials.iter().map(|trial| trial.0.clone()).collect();
                judge = Judge::comparing(self.law.pack.rules().clone(), assumptions)?;
                vec![Side::new(&self.law, &judge)]
            }
            Proposed::Draft(draft) => vec![
                Side::new(&self.law, &self.law.judge),
                Side::new(draft, &draft.judge),
            ],
        };
        let categories = categories(&self.law, &what.proposed);
        let mut pass = Pass::new(sides, what, trials.len());
        let mut seen = 0;
        let mut everybody = Everybody::new(self, what.day, categories, &standings);
        while let Some((families, pooled)) = everybody.page().await? {
            seen += families.len() as u64;
            pass.page(&standings, families, &pooled)?;
            progress(seen);
        }
        let assumed = trials.into_iter().map(|(_, assumed)| assumed);
        let report = pass.report(&self.law, what.day, assumed.collect());
        self.note_simulation(ctx, what, report.households).await?;
        Ok(report)
    }

    /// A kept draft in the law's place, to be tried; nothing of it is shown by this.
    ///
    /// # Errors
    /// No such draft; the store's; a draft that no longer loads.
    pub async fn draft_proposed(&self, hash: &str) -> Result<Proposed> {
        Ok(Proposed::Draft(self.stored_law(hash).await?))
    }

    async fn may_simulate(&self, ctx: &Context) -> Result<BTreeMap<Slug, Standing>> {
        let (ctx, now, law) = (ctx.clone(), self.now(), self.law.clone());
        self.db
            .read(async move |tx| {
                let counts = AccessRecord::of_place(law.pack.region(), FieldLevel::L1);
                ctx.authorise(tx, Action::Simulate, counts, &[], now)
                    .await?;
                Ok(tx.pool_standings().await?)
            })
            .await
    }

    /// A planned day is judged by its law and everybody's age on it, on the data there is:
    /// how old that is, is told on the day it was last looked at. Otherwise nothing would
    /// be known of any day after the next delivery is due.
    async fn as_last_seen(
        &self,
        mut standings: BTreeMap<Slug, Standing>,
        day: Date,
    ) -> Result<BTreeMap<Slug, Standing>> {
        let today = self.now().today();
        let seen = self.screened_on().await?.unwrap_or(today);
        let ahead = day.signed_duration_since(seen).max(TimeDelta::zero());
        for standing in standings.values_mut() {
            let moved = standing.as_of.checked_add_signed(ahead);
            standing.as_of = moved.unwrap_or(standing.as_of);
        }
        Ok(standings)
    }

    async fn note_simulation(&self, ctx: &Context, what: &Simulation, seen: u64) -> Result<()> {
        let (ctx, now, day) = (ctx.clone(), self.now(), what.day);
        let told: Vec<(String, usize)> = match &what.proposed {
            Proposed::Settings(settings) => settings
                .iter()
                .map(|one| (one.parameter.to_string(), one.values.len()))
                .collect(),
            Proposed::Draft(draft) => vec![(draft.pack.hash().to_owned(), 1)],
        };
        let hash = self.law.pack.hash().to_owned();
        self.db
            .write(async move |tx| {
                let details = (day, &hash, &told, seen);
                ctx.record(tx, "policy.simulate", "population", &details, now)
                    .await
            })
            .await
    }
}

/// What a simulation may read.
fn categories(law: &Law, proposed: &Proposed) -> BTreeSet<Slug> {
    let mut categories = discoverable(law);
    if let Proposed::Draft(draft) = proposed {
        categories.extend(discoverable(draft));
    }
    categories
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
