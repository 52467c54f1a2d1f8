//! 「上门的线索」 Which homes a worker calls on first: as many as the pack says one worker
//! can in a week, those with the most money at stake before others; how many wait beyond
//! that is said. And the leads somebody followed, with what came of them.

use crate::found::{FoundLine, finding_words};
use crate::watch::LeadOutcome;
use crate::{App, AppError, Context, Result};
use chrono::TimeDelta;
use engine_access::{Action, Record, RecordState};
use engine_policy::Finding;
use kernel::{FieldLevel, Instant, RegionCode};
use store::Tx;

/// A week, days.
const WEEK: i64 = 7;

/// The most followed leads shown.
const FOLLOWED_MAX: u32 = 100;

/// The homes to call on.
#[derive(Clone, Debug, Default)]
pub struct ToVisit {
    /// In order.
    pub homes: Vec<HomeToVisit>,
    /// How many homes wait beyond what can be done this week.
    pub beyond: usize,
    /// Homes the worker called on in the last seven days.
    pub called: i64,
    /// How many a worker can in a week; `None`: the pack does not say.
    pub most: Option<u32>,
}

/// A home, and why somebody should go.
#[derive(Clone, Debug)]
pub struct HomeToVisit {
    /// The first of its leads.
    pub line: FoundLine,
    /// Each benefit and what was found.
    pub says: Vec<String>,
}

/// A lead somebody followed.
#[derive(Clone, Debug)]
pub struct Followed {
    /// The lead.
    pub line: FoundLine,
    /// The benefit's name.
    pub benefit: String,
    /// What was found, in words.
    pub says: &'static str,
    /// What came of it.
    pub outcome: LeadOutcome,
    /// When.
    pub at: Instant,
}

fn at_work(region: RegionCode) -> Record {
    Record {
        region: Some(region),
        subjects: Vec::new(),
        state: RecordState::None,
        level: FieldLevel::L1,
    }
}

impl App {
    /// 先去哪几家 The homes of a place a worker should call on, capped by what a worker can.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn to_visit(&self, ctx: &Context, region: RegionCode) -> Result<ToVisit> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .look(async move |tx: &mut Tx| {
                ctx.authorise(tx, Action::ReadWork, at_work(region), &[], now)
                    .await?;
                let most = app.law.pack.visits_per_week();
                let Some(run) = tx.latest_screening().await? else {
                    return Ok(ToVisit {
                        most,
                        ..ToVisit::default()
                    });
                };
                let kinds = (Finding::FoundNotReceiving, Finding::ConsentWouldTell);
                let leads = tx.leads_to_visit(run.id, kinds, region.span()).await?;
                let mut homes: Vec<(usize, Vec<String>)> = Vec::new();
                for (place, (_, found)) in leads.iter().enumerate() {
                    let says = finding_words(found.finding).unwrap_or_default();
                    let says = format!("{}：{says}", app.service_name(&found.benefit));
                    let same = |one: &&mut (usize, Vec<String>)| {
                        leads
                            .get(one.0)
                            .is_some_and(|(_, first)| first.household == found.household)
                    };
                    match homes.iter_mut().find(same) {
                        Some((_, all)) if !all.contains(&says) => all.push(says),
                        Some(_) => {}
                        None => homes.push((place, vec![says])),
                    }
                }
                let since = now.at - TimeDelta::days(WEEK);
                let called = match ctx.actor.person {
                    Some(worker) => tx.homes_called_on(worker, since).await?,
                    None => 0,
                };
                let left = most.map(|most| {
                    let left = i64::from(most).saturating_sub(called);
                    usize::try_from(left).unwrap_or(0)
                });
                let all = homes.len();
                homes.truncate(left.unwrap_or(all));
                let rows = homes.iter().filter_map(|(place, _)| leads.get(*place));
                let rows = rows.map(|(id, found)| (*id, found.household, found.person));
                let lines = app.found_named(tx, rows.collect()).await?;
                let subject = format!("region:{region}");
                ctx.record(tx, "leads.to_visit", &subject, &(homes.len(), all), now)
                    .await?;
                let beyond = all - homes.len();
                let lines = lines.into_iter().zip(homes);
                Ok::<_, AppError>(ToVisit {
                    homes: lines
                        .filter_map(|(line, (_, says))| Some(HomeToVisit { line: line?, says }))
                        .collect(),
                    beyond,
                    called,
                    most,
                })
            })
            .await
    }

    /// 已处理 The leads of a place somebody followed, the latest first.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn followed(&self, ctx: &Context, region: RegionCode) -> Result<Vec<Followed>> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .look(async move |tx: &mut Tx| {
                ctx.authorise(tx, Action::ReadWork, at_work(region), &[], now)
                    .await?;
                let Some(run) = tx.latest_screening().await? else {
                    return Ok(Vec::new());
                };
                let all = tx
                    .leads_followed(run.id, region.span(), FOLLOWED_MAX)
                    .await?;
                let rows = all
                    .iter()
                    .map(|one| (one.id, one.found.household, one.found.person));
                let lines = app.found_named(tx, rows.collect()).await?;
                let subject = format!("region:{region}");
                ctx.record(tx, "leads.followed", &subject, &all.len(), now)
                    .await?;
                let both = lines.into_iter().zip(all);
                let line = |(line, one): (Option<FoundLine>, store::FollowedLead)| {
                    Some(Followed {
                        line: line?,
                        benefit: app.service_name(&one.found.benefit),
                        says: finding_words(one.found.finding)?,
                        outcome: one.outcome,
                        at: one.at,
                    })
                };
                Ok::<_, AppError>(both.filter_map(line).collect())
            })
            .await
    }
}
