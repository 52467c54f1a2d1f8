//! 「冻结报告」 The figures of a plan on a day, kept with the records they counted. Of a day
//! frozen before, a further version takes what was counted then as it was counted then,
//! and of the reported values what is confirmed now.

use super::Room;
use super::figures::Figure;
use crate::{App, AppError, Context, Result};
use engine_access::Action;
use engine_insight::{Freeze, Frozen, Report, Source, freeze};
use kernel::{Date, RegionCode, ReportId, Slug};
use store::{CountedLine, Reply, Tx};

impl App {
    /// 冻结 Freezes a plan's figures for a day; `reason`: why another version.
    ///
    /// # Errors
    /// A refusal of access or of the report; the store's.
    pub async fn freeze_plan(
        &self,
        ctx: &Context,
        (plan, place): (&Slug, RegionCode),
        as_of: Date,
        reason: &str,
    ) -> Result<Reply<ReportId>> {
        let key = ctx.key("insight.freeze", &(plan, place, as_of, reason))?;
        let room = self.insight_room(ctx);
        let (plan, reason) = (plan.clone(), reason.to_owned());
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| {
                let asked = (as_of, reason.as_str());
                room.freeze(tx, &plan, place, asked).await
            };
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 一份报告 As it was frozen.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn plan_report(&self, ctx: &Context, id: ReportId) -> Result<Report> {
        let room = self.insight_room(ctx);
        let look = async move |tx: &mut Tx| {
            let report = tx.report(id).await?;
            room.may(tx, Action::ReadFigures, report.place).await?;
            let subject = format!("report:{id}");
            room.ctx
                .record(tx, "insight.report_read", &subject, &(), room.now)
                .await?;
            Ok::<_, AppError>(report)
        };
        self.db.look(look).await
    }
}

impl Room {
    async fn freeze(
        &self,
        tx: &mut Tx,
        id: &Slug,
        place: RegionCode,
        (as_of, reason): (Date, &str),
    ) -> Result<ReportId> {
        self.may(tx, Action::FreezePlan, place).await?;
        let plan = self.plan(id.as_str())?;
        let earlier = tx.reports_of_day(id, place, as_of).await?;
        let figures = self.figures(tx, plan, place, as_of).await?;
        let last = earlier.last();
        let mut kept = Vec::new();
        for figure in figures {
            kept.push(match last.and_then(|last| counted_then(last, &figure)) {
                Some((report, frozen)) => {
                    let lines = tx.report_lines(report, &frozen.indicator).await?;
                    (frozen, lines)
                }
                None => (figure.frozen(as_of), figure.lines),
            });
        }
        let (frozen, lines): (Vec<Frozen>, Vec<(Slug, Vec<CountedLine>)>) = kept
            .into_iter()
            .map(|(frozen, lines)| (frozen.clone(), (frozen.indicator, lines)))
            .unzip();
        let ask = Freeze {
            id: ReportId(tx.next_id("plan_report").await?),
            place,
            as_of,
            reason: Some(reason.to_owned()),
            pack: self.app.law.pack.hash().to_owned(),
            figures: frozen,
        };
        let report = freeze(&earlier, ask, &self.ctx.actor, plan, self.now);
        let report = report.map_err(AppError::refused)?;
        tx.keep_report(&report, &lines).await?;
        let subject = format!("report:{}", report.id);
        self.ctx
            .record(tx, "insight.freeze", &subject, &report, self.now)
            .await?;
        Ok(report.id)
    }
}

/// What an earlier version counted of the house's records: it is not counted anew.
fn counted_then(last: &Report, figure: &Figure) -> Option<(ReportId, Frozen)> {
    let counted = matches!(figure.lineage.source, Source::Counted(_));
    let mut all = last.figures.iter();
    let frozen = all.find(|one| counted && one.indicator == figure.indicator.id)?;
    Some((last.id, frozen.clone()))
}
