//! 「大批数据之后」 After a delivery about more people than are followed one by one: every
//! household's signs, page by page as a run over everybody reads them. Only where they are
//! not what they were is a household looked at closely, a few at a time, so that others
//! may write in between. Absent on purpose: findings, which the next screening finds again.

use crate::contradict::categories;
use crate::everybody::Everybody;
use crate::resident::data_day;
use crate::screen::{Family, Pooled, discoverable, discovered};
use crate::watch::Watched;
use crate::{App, AppError, Context, Result};
use engine_policy::Signs;
use engine_pool::Standing;
use kernel::{Date, HouseholdId, Slug};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{SignStanding, Tx};

/// Households looked at closely in one transaction.
const AT_ONCE: usize = 50;

/// By what everybody is looked at.
#[derive(Clone)]
struct By {
    standings: Arc<BTreeMap<Slug, Standing>>,
    /// The day the data speaks of.
    day: Date,
}

impl App {
    /// Looks at everybody's signs after `cause` said something about so many. Without a
    /// run over everybody there is nothing yet to look beside, as after a small delivery.
    ///
    /// # Errors
    /// Refused when the actor may not screen; the store's; a fault of a rule.
    pub(crate) async fn look_for_warnings_everywhere(
        &self,
        ctx: &Context,
        cause: &Slug,
    ) -> Result<Watched> {
        let mut watched = Watched::default();
        let run = self
            .db
            .read(async |tx: &mut Tx| tx.latest_screening().await);
        if !self.bears_on_signs(cause) || run.await?.is_none() {
            return Ok(watched);
        }
        let (standings, today) = (self.may_screen(ctx).await?, self.now().today());
        let mut everybody = Everybody::new(self, today, discoverable(&self.law), &standings);
        let by = By {
            day: data_day(&standings, today),
            standings: Arc::new(standings),
        };
        while let Some((families, pooled)) = everybody.page().await? {
            watched.households += families.len();
            let changed = self.not_as_they_were(families, pooled, &by).await?;
            for some in changed.chunks(AT_ONCE) {
                watched.warnings += self.look_closely(ctx, some, cause).await?;
            }
        }
        let (ctx, now) = (ctx.clone(), self.now());
        let told = (cause.clone(), watched.households, watched.warnings);
        let keep = async move |tx: &mut Tx| {
            ctx.record(tx, "warnings.look", "population", &told, now)
                .await
        };
        self.db.write(keep).await?;
        Ok(watched)
    }

    /// Whether a category can turn a sign some rule rests on: the sign reads it, it may
    /// contradict what one reads, or the register is made of it.
    fn bears_on_signs(&self, cause: &Slug) -> bool {
        let pack = &self.law.pack;
        if pack.warnings().is_empty() {
            return false;
        }
        let contradicted = categories(&pack.data().contradictions);
        let mut register = pack.register().iter().map(|source| &source.category);
        let read = |id: &Slug| {
            let facts = pack.fact(id.as_str()).into_iter();
            let facts = facts.flat_map(|one| &one.sources).map(|one| &one.category);
            let records = pack.records().get(id).and_then(|one| one.source.as_ref());
            let mut all = facts.chain(records.map(|one| &one.category));
            all.any(|category| category == cause)
        };
        let mut signs = pack.signs().iter().flat_map(|sign| &sign.reads);
        signs.any(read) || contradicted.contains(cause) || register.any(|one| one == cause)
    }

    /// The households of a page whose signs are not what was last known of them.
    async fn not_as_they_were(
        &self,
        families: Vec<Family>,
        pooled: Pooled,
        by: &By,
    ) -> Result<Vec<HouseholdId>> {
        let (Some(first), Some(last)) = (families.first(), families.last()) else {
            return Ok(Vec::new());
        };
        let (first, last) = (first.id, last.id);
        let read = async move |tx: &mut Tx| tx.sign_standings_between(first, last).await;
        let known = self.db.read(read).await?;
        let (app, by) = (self.clone(), by.clone());
        let judging =
            tokio::task::spawn_blocking(move || app.differing(&families, pooled, &by, &known));
        let faulted = |why: tokio::task::JoinError| AppError::Fault(why.to_string());
        judging.await.map_err(faulted)?
    }

    fn differing(
        &self,
        families: &[Family],
        mut pooled: Pooled,
        by: &By,
        known: &BTreeMap<HouseholdId, SignStanding>,
    ) -> Result<Vec<HouseholdId>> {
        let mut differing = Vec::new();
        for family in families {
            let facts = discovered(&self.law, by.day, &by.standings, family, &mut pooled);
            // As `signs_of` asks: facts of the data's day, judged today.
            let signs = self.judged_signs(&facts)?;
            let known: Option<&Signs> = known.get(&family.id).map(|one| &one.signs);
            if known != Some(&signs) {
                differing.push(family.id);
            }
        }
        Ok(differing)
    }

    /// Reads these again, as they are now: somebody may have written since the page was.
    async fn look_closely(
        &self,
        ctx: &Context,
        homes: &[HouseholdId],
        cause: &Slug,
    ) -> Result<usize> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        let (homes, cause) = (homes.to_vec(), cause.clone());
        self.db
            .write(async move |tx| {
                let mut raised = 0;
                for home in &homes {
                    raised += app.look_for_warnings(tx, &ctx, *home, &cause, now).await?;
                }
                Ok::<_, AppError>(raised)
            })
            .await
    }
}
