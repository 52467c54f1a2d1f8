//! 「规划指标」 Plans with their indicators in a place: the figure, where it comes from,
//! whether it is on the way; reported values and their second look; frozen reports;
//! alerts with what came of them. Figures of a plan name nobody; the lines behind one are
//! read like those of any figure. Absent on purpose: what a figure must be (packs) and
//! when it is on the way (the engine).

mod act;
mod figures;
mod freeze;
mod read;

#[cfg(test)]
mod tests;

pub use act::NewValue;
pub use read::{AlertLine, IndicatorPage, IndicatorRow, PlanPage, TargetLine, TaskRows};

use crate::{App, AppError, Context, Result};
use engine_access::{Action, Purpose};
use engine_insight::{Indicator, Plan};
use kernel::{Actor, Now, RegionCode, Role};
use store::Tx;

/// What one transaction needs; owned, because it may run again.
#[derive(Clone)]
struct Room {
    app: App,
    ctx: Context,
    now: Now,
}

impl App {
    fn insight_room(&self, ctx: &Context) -> Room {
        Room {
            app: self.clone(),
            ctx: ctx.clone(),
            now: self.now(),
        }
    }

    /// The plans of the law in force.
    pub fn plans(&self) -> &[Plan] {
        self.law.pack.plans()
    }

    /// 看一看 Raises what somebody must look at, in every place something is known of.
    /// Returns how many alerts are new.
    ///
    /// # Errors
    /// The store's.
    pub async fn watch_plans(&self) -> Result<usize> {
        let places = self
            .db
            .read(async |tx: &mut Tx| Ok::<_, AppError>(tx.series_places().await?))
            .await?;
        let head = self.law.pack.region();
        let own = self.plans().iter().map(|plan| plan.place);
        let mut all: Vec<RegionCode> = places.into_iter().chain(own).chain(head).collect();
        all.sort();
        all.dedup();
        let mut raised = 0;
        for place in all {
            let room = self.insight_room(&itself());
            raised += self
                .db
                .write(async move |tx: &mut Tx| room.watch(tx, place).await)
                .await?;
        }
        Ok(raised)
    }
}

impl Room {
    async fn may(&self, tx: &mut Tx, action: Action, place: RegionCode) -> Result<()> {
        crate::cockpit::may(tx, &self.ctx, action, place, self.now).await
    }

    fn plan(&self, id: &str) -> Result<&Plan> {
        let found = self.app.law.pack.plan(id);
        found.ok_or_else(|| AppError::BadInput("没有这个规划".to_owned()))
    }

    fn indicator(&self, id: &str) -> Result<(&Plan, &Indicator)> {
        let found = self.app.law.pack.indicator(id);
        found.ok_or_else(|| AppError::BadInput("没有这个指标".to_owned()))
    }
}

/// The house itself, watching.
fn itself() -> Context {
    Context {
        actor: Actor {
            account: "clockwork".to_owned(),
            person: None,
            role: Role::System,
        },
        purpose: Purpose::Duty,
        request: "insight.watch".to_owned(),
    }
}
