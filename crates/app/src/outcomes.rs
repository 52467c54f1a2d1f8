//! 「准不准的底账」 The records behind a rule's precision: each time somebody followed one
//! of its leads, where and with what outcome. Absent on purpose: the words they took
//! down; those are read with the lead.

use crate::found::FoundLine;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record};
use engine_policy::Finding;
use kernel::{FieldLevel, FindingId, HouseholdId, Instant, RegionCode, Slug};
use store::{LeadOutcome, Tx};

/// The longest list.
const LINES_MAX: u32 = 200;

/// Which outcomes are asked for.
#[derive(Clone, Debug)]
pub struct OutcomesWanted {
    /// The benefit.
    pub benefit: Slug,
    /// What was found.
    pub finding: Finding,
    /// What came of it.
    pub outcome: LeadOutcome,
}

/// One time somebody went.
#[derive(Clone, Debug)]
pub struct OutcomeLine {
    /// Whose home, by name and place.
    pub home: FoundLine,
    /// The finding, as long as it stands: what a reading of the home is for.
    pub lead: Option<FindingId>,
    /// When.
    pub at: Instant,
}

impl App {
    /// 准不准的底账 The records one number of a rule's precision counts, the latest first;
    /// and the number.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn outcomes(
        &self,
        ctx: &Context,
        region: RegionCode,
        wanted: OutcomesWanted,
    ) -> Result<(i64, Vec<OutcomeLine>)> {
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
                let same = |one: &store::OutcomeCount| {
                    one.benefit == wanted.benefit
                        && one.finding == wanted.finding
                        && one.outcome == wanted.outcome
                };
                let counts = tx.count_outcomes(region.span()).await?;
                let count = counts.into_iter().find(same).map_or(0, |one| one.count);
                let of = (&wanted.benefit, wanted.finding, wanted.outcome);
                let kept = tx.outcomes_of(region.span(), of, LINES_MAX).await?;
                let rows = kept.iter().map(|one| {
                    let lead = one.lead.unwrap_or(FindingId(0));
                    (lead, one.household, one.person)
                });
                let lines = app.found_named(tx, rows.collect()).await?;
                let homes: Vec<HouseholdId> = kept.iter().map(|one| one.household).collect();
                let subject = format!("region:{region}");
                ctx.record(tx, "leads.outcomes", &subject, &homes, now)
                    .await?;
                let both = lines.into_iter().zip(kept);
                let line = |(home, one): (Option<FoundLine>, store::OutcomeKept)| {
                    Some(OutcomeLine {
                        home: home?,
                        lead: one.lead,
                        at: one.at,
                    })
                };
                Ok::<_, AppError>((count, both.filter_map(line).collect()))
            })
            .await
    }
}
