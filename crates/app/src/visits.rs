//! 「上门的线索」 Which homes a worker calls on first: as many as the pack says one worker
//! can in a week; how many wait beyond that is said. Who should receive and does not goes
//! by the money at stake; who receives and is no longer found has places of its own, who
//! waited longest first: a person looks, the payment goes on. And the leads somebody
//! followed, with what came of them. Nothing here touches a payment.

use crate::found::{FoundLine, finding_words};
use crate::watch::LeadOutcome;
use crate::{App, AppError, Context, Result};
use chrono::TimeDelta;
use engine_access::{Action, Record};
use engine_policy::Finding;
use kernel::{FieldLevel, FindingId, Instant, RegionCode};
use store::{Found, Tx};

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

impl ToVisit {
    /// How many of the homes receive something the rules no longer find.
    pub fn looks(&self) -> usize {
        self.homes.iter().filter(|home| home.look).count()
    }
}

/// A home, and why somebody should go.
#[derive(Clone, Debug)]
pub struct HomeToVisit {
    /// The first of its leads.
    pub line: FoundLine,
    /// Each benefit and what was found.
    pub says: Vec<String>,
    /// Something is received there that the rules no longer find.
    pub look: bool,
}

/// A home, the place of its first lead, and what its leads say.
struct Home {
    lead: (FindingId, Found),
    says: Vec<String>,
    look: bool,
}

/// How many of those to look at and of the others a week has room for: the first up to
/// their places, more where the others leave room. `None`: no cap.
fn week(looks: usize, others: usize, room: Option<usize>, places: Option<usize>) -> (usize, usize) {
    let room = room.unwrap_or(looks + others);
    let first = looks.min(places.unwrap_or(room)).min(room);
    let asked = others.min(room - first);
    (looks.min(room - asked), asked)
}

/// A lead somebody followed.
#[derive(Clone, Debug)]
pub struct Followed {
    /// The lead.
    pub line: FoundLine,
    /// The benefit's name.
    pub benefit: String,
    /// What was found.
    pub finding: Finding,
    /// The same in words.
    pub says: &'static str,
    /// What came of it.
    pub outcome: LeadOutcome,
    /// When.
    pub at: Instant,
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
                ctx.authorise(
                    tx,
                    Action::ReadWork,
                    Record::of_place(region, FieldLevel::L1),
                    &[],
                    now,
                )
                .await?;
                let most = app.law.pack.visits_per_week();
                let Some(run) = tx.latest_screening().await? else {
                    return Ok(ToVisit {
                        most,
                        ..ToVisit::default()
                    });
                };
                let mut homes = app.homes_that_wait(tx, run.id, region).await?;
                let since = now.at - TimeDelta::days(WEEK);
                let called = match ctx.actor.person {
                    Some(worker) => tx.homes_called_on(worker, since).await?,
                    None => 0,
                };
                let count = |number: i64| usize::try_from(number).unwrap_or(0);
                let room = most.map(|most| count(i64::from(most).saturating_sub(called)));
                let places = app.law.pack.looks_per_week();
                let places = places.map(|places| count(i64::from(places)));
                let all = homes.len();
                let looks = homes.iter().take_while(|one| one.look).count();
                let (looked, asked) = week(looks, all - looks, room, places);
                homes.truncate(looks + asked);
                homes.drain(looked..looks);
                let rows = homes.iter().map(|one| &one.lead);
                let rows = rows.map(|(id, found)| (*id, found.household, found.person));
                let lines = app.found_named(tx, rows.collect()).await?;
                let subject = format!("region:{region}");
                ctx.record(tx, "leads.to_visit", &subject, &(homes.len(), all), now)
                    .await?;
                let beyond = all - homes.len();
                let lines = lines.into_iter().zip(homes);
                Ok::<_, AppError>(ToVisit {
                    homes: lines
                        .filter_map(|(line, home)| {
                            Some(HomeToVisit {
                                line: line?,
                                says: home.says,
                                look: home.look,
                            })
                        })
                        .collect(),
                    beyond,
                    called,
                    most,
                })
            })
            .await
    }

    /// Homes with open leads, those to look at first, each with all that was found.
    async fn homes_that_wait(
        &self,
        tx: &mut Tx,
        run: i64,
        region: RegionCode,
    ) -> Result<Vec<Home>> {
        let look = Finding::ReceivingNotFound;
        let mut leads = tx.leads_to_look_at(run, look, region.span()).await?;
        let kinds = (Finding::FoundNotReceiving, Finding::ConsentWouldTell);
        leads.extend(tx.leads_to_visit(run, kinds, region.span()).await?);
        let mut homes: Vec<Home> = Vec::new();
        for lead in leads {
            let found = &lead.1;
            let says = finding_words(found.finding).unwrap_or_default();
            let says = format!("{}：{says}", self.service_name(&found.benefit));
            let same = |one: &&mut Home| one.lead.1.household == found.household;
            match homes.iter_mut().find(same) {
                Some(home) if !home.says.contains(&says) => home.says.push(says),
                Some(_) => {}
                None => homes.push(Home {
                    look: found.finding == look,
                    says: vec![says],
                    lead,
                }),
            }
        }
        Ok(homes)
    }

    /// 已处理 The leads of a place somebody followed, the latest first.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn followed(&self, ctx: &Context, region: RegionCode) -> Result<Vec<Followed>> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .look(async move |tx: &mut Tx| {
                ctx.authorise(
                    tx,
                    Action::ReadWork,
                    Record::of_place(region, FieldLevel::L1),
                    &[],
                    now,
                )
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
                        finding: one.found.finding,
                        outcome: one.outcome,
                        at: one.at,
                    })
                };
                Ok::<_, AppError>(both.filter_map(line).collect())
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::week;

    #[test]
    fn those_to_look_at_have_places_and_take_no_others_room() {
        for (looks, others, room, places, expected) in [
            (0, 4, Some(10), Some(3), (0, 4)),
            (5, 20, Some(10), Some(3), (3, 7)),
            (5, 4, Some(10), Some(3), (5, 4)),
            (9, 4, Some(10), Some(3), (6, 4)),
            (5, 20, Some(2), Some(3), (2, 0)),
            (5, 20, Some(0), Some(3), (0, 0)),
            (5, 20, None, Some(3), (5, 20)),
            (5, 20, Some(10), None, (5, 5)),
        ] {
            assert_eq!(week(looks, others, room, places), expected);
        }
    }
}
