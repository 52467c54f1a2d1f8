//! 「还差一点」 Who a change would miss by one condition alone: the first of them by name,
//! for whoever works in the place; on record before it is shown. Whoever only writes
//! rules sees the counts.

use super::tally::near_rows;
use super::{Pass, Proposed, Side, Simulation, trials};
use crate::App;
use crate::context::Context;
use crate::error::{AppError, Result};
use crate::everybody::Everybody;
use crate::found::FoundLine;
use crate::screen::discoverable;
use engine_access::{Action, Record};
use engine_policy::{Beneficiary, Judge, Swept};
use kernel::{FieldLevel, FindingId, HouseholdId, PersonId, RegionCode, Slug};
use store::Tx;

/// The longest list.
const NEAR_MAX: usize = 200;

/// Who is missed by one condition.
#[derive(Clone, Debug, Default)]
pub struct NearPage {
    /// The benefit's name.
    pub benefit: String,
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub lines: Vec<NearLine>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct NearLine {
    /// Who, where.
    pub line: FoundLine,
    /// The condition that fails, as its rule is written.
    pub fails: String,
    /// Its article.
    pub basis: String,
    /// A lead about the household, where there is one: a reason to open it.
    pub lead: Option<FindingId>,
}

/// A row missed by one condition: household, person, condition.
type Near = (HouseholdId, Option<PersonId>, usize);

impl App {
    /// 看名单 Those whom the last value tried misses by one condition of `benefit`, in a
    /// place.
    ///
    /// # Errors
    /// Refused to whoever may not simulate or does not work there; settings that cannot
    /// be combined; the store's.
    pub async fn near_misses(
        &self,
        ctx: &Context,
        what: &Simulation,
        benefit: &Slug,
        place: RegionCode,
    ) -> Result<NearPage> {
        let standings = self.may_simulate(ctx).await?;
        let Proposed::Settings(settings) = &what.proposed else {
            return Err(AppError::BadInput("草案的名单要等施行以后看".to_owned()));
        };
        let tried = trials(settings)?;
        let Some((assumption, _)) = tried.last().cloned() else {
            return Ok(NearPage::default());
        };
        let judge = Judge::comparing(self.law.pack.rules().clone(), vec![assumption])?;
        let book = judge.book();
        let at = book.benefits.iter().position(|one| one.id == *benefit);
        let says = || AppError::BadInput(format!("没有“{benefit}”这项待遇"));
        let at = at.ok_or_else(says)?;
        let what = Simulation {
            // Names are shown of one's own place alone.
            region: Some(
                what.region
                    .filter(|one| place.contains(*one))
                    .unwrap_or(place),
            ),
            ..what.clone()
        };
        let side = Side::new(&self.law, &judge);
        let pass = Pass::new(vec![side], &what, 1);
        let categories = discoverable(&self.law);
        let (mut near, mut count): (Vec<Near>, u64) = (Vec::new(), 0);
        let mut everybody = Everybody::new(self, what.day, categories, &standings);
        while let Some((families, pooled)) = everybody.page().await? {
            let Some((families, swept)) = pass.near(&standings, families, &pooled)? else {
                continue;
            };
            let rule = &book.benefits[at];
            let Some(swept) = swept.get(book.benefits.len() + at) else {
                break;
            };
            let whom = rows(&families, rule.beneficiary, swept);
            for (row, fails) in near_rows(rule, swept) {
                count += 1;
                if let (Some((home, person)), true) = (whom.get(row), near.len() < NEAR_MAX) {
                    near.push((*home, *person, fails));
                }
            }
        }
        self.near_named(ctx, (benefit.clone(), at), near, count, place)
            .await
    }

    async fn near_named(
        &self,
        ctx: &Context,
        (benefit, at): (Slug, usize),
        near: Vec<Near>,
        count: u64,
        place: RegionCode,
    ) -> Result<NearPage> {
        let (app, now) = (self.clone(), self.now());
        let ctx = Context {
            purpose: engine_access::Purpose::Duty,
            ..ctx.clone()
        };
        self.db
            .look(async move |tx: &mut Tx| {
                let record = Record::of_place(place, FieldLevel::L1);
                ctx.authorise(tx, Action::ReadWork, record, &[], now)
                    .await?;
                let rows = near
                    .iter()
                    .map(|(home, person, _)| (FindingId(0), *home, *person));
                let lines = app.found_named(tx, rows.collect()).await?;
                let run = tx.latest_screening().await?;
                let mut told = Vec::new();
                for (line, (home, _, fails)) in lines.into_iter().zip(&near) {
                    let Some(line) = line else { continue };
                    let lead = match &run {
                        Some(run) => tx.findings_of(*home, run.id).await?,
                        None => Vec::new(),
                    };
                    let rule = app.law.judge.book().benefits.get(at);
                    let rule = rule.and_then(|rule| rule.conditions.get(*fails));
                    told.push(NearLine {
                        line,
                        fails: rule.map_or_else(String::new, |one| one.text.clone()),
                        basis: rule.map_or_else(String::new, |one| one.basis.clone()),
                        lead: lead.first().map(|(id, _)| *id),
                    });
                }
                let subject = format!("region:{place}");
                ctx.record(tx, "simulate.near", &subject, &(&benefit, told.len()), now)
                    .await?;
                Ok::<_, AppError>(NearPage {
                    benefit: app.service_name(&benefit),
                    count,
                    lines: told,
                })
            })
            .await
    }
}

/// Whom each row of a benefit is about.
fn rows(
    families: &[crate::screen::Family],
    whose: Beneficiary,
    swept: &Swept,
) -> Vec<(HouseholdId, Option<PersonId>)> {
    let all: Vec<(HouseholdId, Option<PersonId>)> = match whose {
        Beneficiary::Household => families.iter().map(|one| (one.id, None)).collect(),
        Beneficiary::Person => families
            .iter()
            .flat_map(|one| one.members.iter().map(|(id, _)| (one.id, Some(*id))))
            .collect(),
    };
    debug_assert_eq!(all.len(), swept.holds.len());
    all
}
