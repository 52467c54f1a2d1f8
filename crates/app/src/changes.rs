//! 「新变化」 What new records changed in a place: counted by what came of it, each count
//! opened to its lines, each line to the household it is about. Absent on purpose: what
//! the household's data say beyond that a fact changed; for that there has to be a matter,
//! a lead or a case.

use crate::{App, AppError, Context, Result, WorkLine};
use chrono::TimeDelta;
use engine_access::{Action, Record};
use engine_policy::Finding;
use kernel::{FieldLevel, FindingId, HouseholdId, Instant, PersonId, RegionCode};
use store::{FindingChange, Tx};

/// The most changes shown beside the findings, and on their own page.
const CHANGES_MAX: u32 = 50;
const LINES_MAX: u32 = 200;
/// For how long a change is new.
const NEW_DAYS: i64 = 30;

/// What lately changed.
#[derive(Clone, Debug)]
pub struct ChangesPage {
    /// Of how many days.
    pub days: i64,
    /// By what they led to: it, in words, how many.
    pub counts: Vec<(Finding, &'static str, i64)>,
    /// Newest first.
    pub lines: Vec<ChangeLine>,
}

/// A change in words.
#[derive(Clone, Debug)]
pub struct ChangeLine {
    /// Its number.
    pub id: i64,
    /// The household.
    pub household: HouseholdId,
    /// Its head, or the person it is about; empty: nobody is known there any more.
    pub name: String,
    /// How many people live there.
    pub people: usize,
    /// Where.
    pub place: String,
    /// The benefit's name.
    pub benefit: String,
    /// What was found before, in words.
    pub before: &'static str,
    /// What is found now.
    pub after: &'static str,
    /// The name of the data it came from.
    pub cause: String,
    /// When.
    pub at: Instant,
    /// The finding it led to, as long as that stands.
    pub lead: Option<FindingId>,
}

/// One change opened.
#[derive(Clone, Debug)]
pub struct ChangePage {
    /// It.
    pub line: ChangeLine,
    /// Which facts changed, from what to what, as far as the reader may know.
    pub facts: Vec<String>,
    /// What else is found about the household now: lead, benefit, what is found.
    pub leads: Vec<(FindingId, String, &'static str)>,
    /// The household's cases, newest first.
    pub cases: Vec<WorkLine>,
}

/// What a change led to, in words; also what needs nobody.
fn turned_words(finding: Option<Finding>) -> &'static str {
    match finding {
        None | Some(Finding::Neither) => "没有要办的",
        Some(Finding::ReceivingRightly) => "在领，也该领",
        Some(finding) => crate::found::finding_words(finding).unwrap_or("没有要办的"),
    }
}

impl App {
    /// 新变化 What lately changed in a place; the newest of all, or all that led to
    /// `turned`.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn changes(
        &self,
        ctx: &Context,
        region: RegionCode,
        turned: Option<Finding>,
    ) -> Result<ChangesPage> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .look(async move |tx| {
                let record = Record::of_place(region, FieldLevel::L1);
                ctx.authorise(tx, Action::ReadWork, record, &[], now)
                    .await?;
                let since = now.at - TimeDelta::days(NEW_DAYS);
                let counts = tx.count_changes(region.span(), since).await?;
                let most = if turned.is_some() {
                    LINES_MAX
                } else {
                    CHANGES_MAX
                };
                let span = region.span();
                let changes = tx.finding_changes(span, since, turned, most).await?;
                let lines = app.change_lines(tx, changes).await?;
                let subject = format!("region:{region}");
                ctx.record(tx, "findings.changes", &subject, &lines.len(), now)
                    .await?;
                let counts = counts.into_iter();
                Ok(ChangesPage {
                    days: NEW_DAYS,
                    counts: counts
                        .map(|(turned, count)| (turned, turned_words(Some(turned)), count))
                        .collect(),
                    lines,
                })
            })
            .await
    }

    /// 打开一条变化 The household behind a change and what is to be done about it now.
    ///
    /// # Errors
    /// No such change; a refusal outside the actor's place; the store's.
    pub async fn change(&self, ctx: &Context, id: i64) -> Result<ChangePage> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .look(async move |tx| {
                let gone = || AppError::refused(engine_access::Refusal::Purpose);
                let change = tx.finding_change(id).await?.ok_or_else(gone)?;
                let home = change.household;
                let family = crate::household::load(tx, home).await?;
                let household = family.households.get(&home).ok_or_else(gone)?;
                let region = household.region_on(now.today());
                let mut record = Record::of_place(region.ok_or_else(gone)?, FieldLevel::L1);
                record.subjects = household
                    .members_on(now.today())
                    .map(|one| one.person)
                    .collect();
                ctx.authorise(tx, Action::ReadWork, record, &[], now)
                    .await?;
                let config = engine_registry::Config::default();
                let name = |who: PersonId| {
                    let person = family.people.get(&who);
                    let name = person.and_then(|one| one.name(&config));
                    name.map(ToString::to_string).unwrap_or_default()
                };
                let facts = crate::turned::spoken(&change.facts, FieldLevel::L1, name);
                ctx.record(
                    tx,
                    "findings.change",
                    &format!("household:{home}"),
                    &id,
                    now,
                )
                .await?;
                let lines = app.change_lines(tx, vec![change]).await?;
                let line = lines.into_iter().next().ok_or_else(gone)?;
                let mut cases = Vec::new();
                for case in tx.cases_of_household(home).await? {
                    cases.push(tx.case(case).await?.state);
                }
                cases.reverse();
                Ok(ChangePage {
                    line,
                    facts,
                    leads: app.leads_of(tx, home).await?,
                    cases: app.lines(tx, cases).await?,
                })
            })
            .await
    }

    /// What the latest run found about a household that somebody has to look at.
    async fn leads_of(
        &self,
        tx: &mut Tx,
        home: HouseholdId,
    ) -> Result<Vec<(FindingId, String, &'static str)>> {
        let Some(run) = tx.latest_screening().await? else {
            return Ok(Vec::new());
        };
        let found = tx.findings_of(home, run.id).await?.into_iter();
        let lead = |(id, one): (FindingId, store::Found)| {
            let says = crate::found::finding_words(one.finding)?;
            Some((id, self.service_name(&one.benefit), says))
        };
        Ok(found.filter_map(lead).collect())
    }

    async fn change_lines(
        &self,
        tx: &mut Tx,
        changes: Vec<FindingChange>,
    ) -> Result<Vec<ChangeLine>> {
        let rows = changes.iter().map(|one| {
            let lead = one.lead.unwrap_or(FindingId(0));
            (lead, one.household, one.person)
        });
        let rows: Vec<(FindingId, HouseholdId, Option<PersonId>)> = rows.collect();
        let named = self.found_named(tx, rows).await?;
        let catalogue = &self.law.pack.data().catalogue;
        let lines = changes.into_iter().zip(named).map(|(one, named)| {
            let category = catalogue.category(&one.cause);
            let (name, people, place) = named
                .map(|named| (named.name, named.people, named.place))
                .unwrap_or_default();
            ChangeLine {
                id: one.id,
                household: one.household,
                name,
                people,
                place,
                benefit: self.service_name(&one.benefit),
                before: turned_words(one.before),
                after: turned_words(one.after),
                cause: category.map_or_else(|| one.cause.to_string(), |one| one.name.clone()),
                at: one.at,
                lead: one.lead,
            }
        });
        Ok(lines.collect())
    }
}
