//! 「填报、核对、提醒」 Every act on a series: authorise → load → decide → save; a confirmed
//! value may raise an alert in the same transaction.

use super::Room;
use super::figures::Figure;
use crate::{App, AppError, Context, Result};
use engine_access::Action;
use engine_insight::{Command, Indicator, Plan, Point, Series, decide, signs};
use kernel::{Date, Period, RegionCode, Slug};
use store::{Loaded, Reply, Tx};

/// A value to be reported.
#[derive(Clone, Debug)]
pub struct NewValue {
    /// The day it speaks of.
    pub as_of: Date,
    /// How much, as typed.
    pub quantity: String,
    /// Where it was read.
    pub source: String,
    /// Why it corrects what stands.
    pub reason: String,
}

impl App {
    /// 填报
    ///
    /// # Errors
    /// No number with at most two decimals; a refusal; the store's.
    pub async fn report_value(
        &self,
        ctx: &Context,
        (indicator, place): (&Slug, RegionCode),
        new: NewValue,
    ) -> Result<Reply<usize>> {
        let quantity = new.quantity.parse();
        let wrong = |()| AppError::BadInput("请写一个数，最多两位小数".to_owned());
        let command = Command::Report {
            as_of: new.as_of,
            quantity: quantity.map_err(wrong)?,
            source: new.source,
            reason: Some(new.reason),
        };
        self.on_series(ctx, (indicator, place), command).await
    }

    /// 核对、退回、办结 Any other act on a series. Returns how many alerts are open.
    ///
    /// # Errors
    /// A refusal of access or of the series; the store's.
    pub async fn on_series(
        &self,
        ctx: &Context,
        (indicator, place): (&Slug, RegionCode),
        command: Command,
    ) -> Result<Reply<usize>> {
        if matches!(command, Command::Raise { .. }) {
            return Err(AppError::BadInput("提醒由平台发出".to_owned()));
        }
        let key = ctx.key("insight.series", &(indicator, place, &command))?;
        let (room, id) = (self.insight_room(ctx), indicator.clone());
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.act(tx, (&id, place), command.clone()).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }
}

fn name(command: &Command) -> &'static str {
    match command {
        Command::Report { .. } => "insight.report",
        Command::Confirm { .. } => "insight.confirm",
        Command::SendBack { .. } => "insight.send_back",
        Command::Raise { .. } => "insight.raise",
        Command::Close { .. } => "insight.close",
    }
}

impl Room {
    async fn act(
        &self,
        tx: &mut Tx,
        (id, place): (&Slug, RegionCode),
        command: Command,
    ) -> Result<usize> {
        self.may(tx, Action::KeepPlan, place).await?;
        let (plan, indicator) = self.indicator(id.as_str())?;
        let confirms = matches!(command, Command::Confirm { .. });
        let loaded = tx.series(id, place).await?;
        self.step(tx, indicator, place, loaded, command).await?;
        if confirms {
            let today = self.now.today();
            let figures = self.some(tx, plan, &[indicator], place, today).await?;
            for figure in figures {
                self.raise(tx, plan, place, figure).await?;
            }
        }
        let series = tx.series(id, place).await?;
        Ok(series.map_or(0, |(_, one)| one.state.open_alerts().count()))
    }

    /// Decides and keeps.
    async fn step(
        &self,
        tx: &mut Tx,
        indicator: &Indicator,
        place: RegionCode,
        loaded: Option<(i64, Loaded<Series>)>,
        command: Command,
    ) -> Result<Series> {
        let says = name(&command);
        let known = loaded.as_ref().map(|(id, one)| (*id, one.version));
        let fresh = || Series::new(indicator.id.clone(), place);
        let mut series = loaded.map_or_else(fresh, |(_, one)| one.state);
        let (by, now) = (&self.ctx.actor, self.now);
        let events = decide(&series, command, by, indicator, now).map_err(AppError::refused)?;
        events.iter().for_each(|event| series.apply(event));
        tx.save_series(known, &series, &events, by, now).await?;
        let subject = format!("indicator:{}/{place}", indicator.id);
        self.ctx.record(tx, says, &subject, &events, now).await?;
        Ok(series)
    }

    /// Everything of a place that asks for somebody.
    pub(super) async fn watch(&self, tx: &mut Tx, place: RegionCode) -> Result<usize> {
        self.may(tx, Action::KeepPlan, place).await?;
        let mut raised = 0;
        for plan in self.app.plans() {
            for figure in self.figures(tx, plan, place, self.now.today()).await? {
                raised += self.raise(tx, plan, place, figure).await?;
            }
        }
        Ok(raised)
    }

    /// Raises what a figure's signs tell and nobody was told of yet.
    async fn raise(
        &self,
        tx: &mut Tx,
        plan: &Plan,
        place: RegionCode,
        figure: Figure,
    ) -> Result<usize> {
        let (today, whole) = (self.now.today(), place == plan.place);
        let counted = figure.lineage.records.is_some();
        let mut values: Vec<Point> = match &figure.series {
            Some((_, one)) => one.state.confirmed().into_iter().map(point).collect(),
            None => Vec::new(),
        };
        if values.is_empty() {
            values.extend(figure.newest);
        }
        let mut raised = 0;
        for sign in signs(plan, &figure.indicator, &values, whole, today) {
            // A counted figure is anew every day: it is told of once a month.
            let about = match counted {
                true => Period::of(today).last_day(),
                false => sign.about,
            };
            let loaded = tx.series(&figure.indicator.id, place).await?;
            let known = loaded.as_ref().map(|(_, one)| &one.state.alerts);
            let told = known
                .into_iter()
                .flatten()
                .any(|one| one.kind == sign.kind && (one.closed.is_none() || one.about == about));
            if told {
                continue;
            }
            let (kind, says) = (sign.kind, sign.says);
            let command = Command::Raise { kind, about, says };
            self.step(tx, &figure.indicator, place, loaded, command)
                .await?;
            raised += 1;
        }
        Ok(raised)
    }
}

fn point(one: &engine_insight::Reported) -> Point {
    Point {
        day: one.as_of,
        quantity: one.quantity,
    }
}
