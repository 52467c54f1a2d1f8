//! 「随时发现」 A new record, and only the households it touches are judged again; what
//! changed is noted with the data it came from. A change is a lead: whoever receives
//! something and is no longer found is looked at by a person, and the payment goes on.

use crate::screen::{discoverable, families, judge_page, pooled};
use crate::turned::{Brought, turns};
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record};
use engine_policy::Finding;
use engine_pool::Standing;
use kernel::{Date, FieldLevel, FindingId, HouseholdId, PersonId, RegionCode, Slug};
use std::collections::{BTreeMap, BTreeSet};
pub use store::LeadOutcome;
use store::{FindingChange, Found, Tx};

/// What a record led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// Households judged again.
    pub households: usize,
    /// What changed.
    pub changes: Vec<FindingChange>,
    /// Warnings raised by what changed together.
    pub warnings: usize,
}

/// A rule's leads and what came of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precision {
    /// The benefit.
    pub benefit: Slug,
    /// Its name.
    pub name: String,
    /// What was found.
    pub finding: Finding,
    /// The same in words.
    pub says: &'static str,
    /// By outcome.
    pub outcomes: BTreeMap<LeadOutcome, i64>,
}

impl Precision {
    /// Of a hundred leads somebody could look into, how many were true.
    pub fn percent(&self) -> Option<i64> {
        let count = |outcome| self.outcomes.get(&outcome).copied().unwrap_or(0);
        let (right, wrong) = (count(LeadOutcome::True), count(LeadOutcome::False));
        (right * 100).checked_div(right + wrong)
    }
}

impl App {
    /// 来了就看 Follows what a delivery says of people, in the house's own name: whoever
    /// brought it, and however. What was kept stays kept when this fails; the next run
    /// over everyone sees it all the same.
    pub(crate) async fn follow_delivery(
        &self,
        touched: &crate::import::Touched,
        (cause, brought): (&Slug, Option<&Brought>),
    ) -> Watched {
        let people: BTreeSet<PersonId> = touched.people().collect();
        let everyone = *touched == crate::import::Touched::Everyone;
        if people.is_empty() && !everyone {
            return Watched::default();
        }
        let ctx = Context {
            actor: kernel::Actor {
                account: "clockwork".to_owned(),
                person: None,
                role: kernel::Role::System,
            },
            purpose: engine_access::Purpose::Discovery,
            request: format!("watch {cause}"),
        };
        let day = self.now().today();
        let followed = match everyone {
            // What is found of everybody is left to the next screening; warnings wait for none.
            true => self.look_for_warnings_everywhere(&ctx, cause).await,
            false => self.followed_up(&ctx, &people, (cause, brought), day).await,
        };
        match followed {
            Ok(watched) => watched,
            Err(why) => {
                tracing::error!(%why, %cause, "a delivery could not be followed");
                Watched::default()
            }
        }
    }

    /// 随时发现 Judges again the households of people about whom `cause` said something
    /// new, by the data that may be looked at unasked, and keeps what changed beside the
    /// latest run. Without a run there is nothing to change.
    ///
    /// # Errors
    /// Refused when the actor may not screen; the store's; a fault of a rule.
    pub async fn watch(
        &self,
        ctx: &Context,
        people: &BTreeSet<PersonId>,
        cause: &Slug,
        day: Date,
    ) -> Result<Watched> {
        self.followed_up(ctx, people, (cause, None), day).await
    }

    /// The same, saying which facts `brought` changed where something else is found.
    async fn followed_up(
        &self,
        ctx: &Context,
        people: &BTreeSet<PersonId>,
        (cause, brought): (&Slug, Option<&Brought>),
        day: Date,
    ) -> Result<Watched> {
        let standings = self.may_screen(ctx).await?;
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        let (people, cause, brought) = (people.clone(), cause.clone(), brought.cloned());
        self.db
            .write(async move |tx| {
                let Some(run) = tx.latest_screening().await? else {
                    return Ok(Watched::default());
                };
                let homes = tx.homes_of_people(&people).await?;
                let mut watched = Watched::default();
                for home in homes {
                    watched.households += 1;
                    watched.warnings += app.look_for_warnings(tx, &ctx, home, &cause, now).await?;
                    let now_found = app.found_of(tx, home, day, &standings).await?;
                    let changes = turn(tx, run.id, home, now_found).await?;
                    let facts = match &brought {
                        Some(brought) if !changes.is_empty() => {
                            turns(tx, &app.law, brought, (home, day), &standings).await?
                        }
                        _ => Vec::new(),
                    };
                    for change in changes {
                        let change = FindingChange {
                            cause: cause.clone(),
                            at: now.at,
                            facts: facts.clone(),
                            ..change
                        };
                        tx.note_change(&change).await?;
                        watched.changes.push(change);
                    }
                }
                let told = (&cause, watched.households, watched.changes.len());
                ctx.record(tx, "policy.watch", "population", &told, now)
                    .await?;
                Ok(watched)
            })
            .await
    }

    pub(crate) async fn found_of(
        &self,
        tx: &mut Tx,
        home: HouseholdId,
        day: Date,
        standings: &BTreeMap<Slug, Standing>,
    ) -> Result<Vec<Found>> {
        let register = tx.register_page(HouseholdId(home.0 - 1), 1).await?;
        let mut families = families(&register, day);
        families.retain(|family| family.id == home);
        if families.is_empty() {
            return Ok(Vec::new());
        }
        let people = families.iter().flat_map(|one| &one.members);
        let people: BTreeSet<PersonId> = people.map(|(id, _)| *id).collect();
        let pooled = pooled(tx, &people, &discoverable(&self.law), standings).await?;
        judge_page(&self.law, day, standings, &families, pooled)
    }

    /// 线索去看了 Keeps what came of a lead; never a decision about anybody.
    ///
    /// # Errors
    /// A refusal; no such lead; nobody behind the account; the store's.
    pub async fn follow_lead(
        &self,
        ctx: &Context,
        lead: FindingId,
        outcome: LeadOutcome,
        words: &str,
    ) -> Result<()> {
        let (ctx, now, words) = (ctx.clone(), self.now(), words.trim().to_owned());
        let key = ctx.key("lead.follow", &(lead, outcome, &words))?;
        self.db
            .write(async move |tx| {
                let does = async |tx: &mut Tx| {
                    let found = tx.finding(lead).await?;
                    let home = tx
                        .register_page(HouseholdId(found.household.0 - 1), 1)
                        .await?;
                    let home = home.state.households.get(&found.household).cloned();
                    let region = home.and_then(|home| home.region_on(now.today()));
                    let says = || AppError::BadInput("这一户现在没有住址，请先核对底册".to_owned());
                    let record = Record::of_place(region.ok_or_else(says)?, FieldLevel::L1);
                    ctx.authorise(tx, Action::ReadWork, record, &[], now)
                        .await?;
                    let worker = ctx.actor.person;
                    let says = || AppError::BadInput("要由去的人自己来记".to_owned());
                    let worker = worker.ok_or_else(says)?;
                    tx.keep_outcome(&found, outcome, worker, &words, now)
                        .await?;
                    let subject = format!("finding:{lead}");
                    ctx.record(tx, "lead.follow", &subject, &outcome, now)
                        .await?;
                    Ok::<_, AppError>(())
                };
                tx.idempotent(&key, now, does).await
            })
            .await?;
        Ok(())
    }

    /// 准不准 How often each rule's leads in a place were true when somebody went.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn precision(&self, ctx: &Context, region: RegionCode) -> Result<Vec<Precision>> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .read(async move |tx| {
                ctx.authorise(
                    tx,
                    Action::ReadWork,
                    Record::of_place(region, FieldLevel::L1),
                    &[],
                    now,
                )
                .await?;
                let mut all: Vec<Precision> = Vec::new();
                for one in tx.count_outcomes(region.span()).await? {
                    let Some(says) = crate::found::finding_words(one.finding) else {
                        continue;
                    };
                    let same = |at: &&mut Precision| at.benefit == one.benefit && at.says == says;
                    match all.iter_mut().find(same) {
                        Some(at) => {
                            at.outcomes.insert(one.outcome, one.count);
                        }
                        None => all.push(Precision {
                            name: app.service_name(&one.benefit),
                            benefit: one.benefit,
                            finding: one.finding,
                            says,
                            outcomes: [(one.outcome, one.count)].into(),
                        }),
                    }
                }
                Ok::<_, AppError>(all)
            })
            .await
    }
}

/// Puts what is found now in the place of what was found; gives what differs.
async fn turn(
    tx: &mut Tx,
    screening: i64,
    home: HouseholdId,
    found: Vec<Found>,
) -> Result<Vec<FindingChange>> {
    let mut before: BTreeMap<(Slug, Option<PersonId>), (FindingId, Found)> = BTreeMap::new();
    for (id, one) in tx.findings_of(home, screening).await? {
        before.insert((one.benefit.clone(), one.person), (id, one));
    }
    let mut changes = Vec::new();
    let change =
        |key: (Slug, Option<PersonId>), was: Option<Finding>, is: Option<Finding>| FindingChange {
            id: 0,
            benefit: key.0.clone(),
            household: home,
            person: key.1,
            before: was,
            after: is,
            cause: key.0,
            at: kernel::Instant::default(),
            lead: None,
            facts: Vec::new(),
        };
    for one in found {
        let key = (one.benefit.clone(), one.person);
        let was = before.remove(&key);
        if was.as_ref().is_some_and(|(_, was)| *was == one) {
            continue;
        }
        let id = was.as_ref().map(|(id, _)| *id);
        tx.turn_finding(screening, id, Some(&one)).await?;
        let was = was.map(|(_, was)| was.finding);
        if was != Some(one.finding) {
            changes.push(change(key, was, Some(one.finding)));
        }
    }
    for (key, (id, was)) in before {
        tx.turn_finding(screening, Some(id), None).await?;
        changes.push(change(key, Some(was.finding), None));
    }
    Ok(changes)
}
