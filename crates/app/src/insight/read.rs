//! 「看指标」 A plan in a place, one indicator with its series and frozen versions, the
//! records behind a figure, alerts of everything below. That somebody looked is on record.

use super::Room;
use super::figures::Figure;
use crate::cockpit::{FigureLine, PAGE};
use crate::{App, AppError, Context, Result};
use chrono::Datelike;
use engine_access::Action;
use engine_insight::{Alert, Frozen, Indicator, Plan, Point, Report, Series, Standing};
use kernel::{RegionCode, ReportId, Slug};
use store::Tx;

/// A plan in a place.
#[derive(Clone, Debug)]
pub struct PlanPage {
    /// The plan.
    pub plan: Plan,
    /// The place.
    pub place: RegionCode,
    /// Its name.
    pub name: String,
    /// Whether it is the plan's own place.
    pub whole: bool,
    /// Task by task.
    pub tasks: Vec<TaskRows>,
    /// Frozen reports, newest last.
    pub reports: Vec<Report>,
}

/// A task with its figures.
#[derive(Clone, Debug)]
pub struct TaskRows {
    /// Its name.
    pub name: String,
    /// Its indicators.
    pub rows: Vec<IndicatorRow>,
}

/// An indicator as a plan's page shows it.
#[derive(Clone, Debug)]
pub struct IndicatorRow {
    /// It.
    pub indicator: Indicator,
    /// The newest figure; `None`: there is none.
    pub value: Option<Point>,
    /// What it is measured by.
    pub target: Option<Point>,
    /// Where it stands.
    pub standing: Standing,
    /// Where exactly the figure comes from.
    pub says: String,
    /// Records behind it; `None`: none are.
    pub records: Option<usize>,
    /// Alerts nobody closed.
    pub alerts: usize,
    /// Values that wait for a second person.
    pub waiting: usize,
}

/// One indicator in a place.
#[derive(Clone, Debug)]
pub struct IndicatorPage {
    /// Its plan.
    pub plan: Plan,
    /// The place.
    pub place: RegionCode,
    /// Its name.
    pub name: String,
    /// As it stands.
    pub row: IndicatorRow,
    /// What was reported, and the alerts.
    pub series: Series,
    /// In which report it was frozen, and as what.
    pub frozen: Vec<(Report, Frozen)>,
}

/// An indicator beside its plan, for whoever looks at all plans at once.
#[derive(Clone, Debug)]
pub struct TargetLine {
    /// The plan's name.
    pub plan: String,
    /// The indicator.
    pub row: IndicatorRow,
}

/// An alert, and where it belongs.
#[derive(Clone, Debug)]
pub struct AlertLine {
    /// The indicator.
    pub indicator: Slug,
    /// Its name.
    pub name: String,
    /// The place.
    pub place: RegionCode,
    /// Its name.
    pub place_name: String,
    /// The alert.
    pub alert: Alert,
}

impl App {
    /// 看规划
    ///
    /// # Errors
    /// No such plan; a refusal outside the actor's place; the store's.
    pub async fn plan_page(
        &self,
        ctx: &Context,
        plan: &str,
        place: RegionCode,
    ) -> Result<PlanPage> {
        let (room, id) = (self.insight_room(ctx), plan.to_owned());
        let look = async move |tx: &mut Tx| room.plan_page(tx, &id, place).await;
        self.db.look(look).await
    }

    /// 看一个指标
    ///
    /// # Errors
    /// No such indicator; a refusal outside the actor's place; the store's.
    pub async fn indicator_page(
        &self,
        ctx: &Context,
        indicator: &str,
        place: RegionCode,
    ) -> Result<IndicatorPage> {
        let (room, id) = (self.insight_room(ctx), indicator.to_owned());
        let look = async move |tx: &mut Tx| room.indicator_page(tx, &id, place).await;
        self.db.look(look).await
    }

    /// 数后面的记录 What a figure counted: now, or in a frozen report as it counted then. How
    /// many there are, and the `page`th hundred of them.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn indicator_lines(
        &self,
        ctx: &Context,
        (indicator, place): (&str, RegionCode),
        report: Option<ReportId>,
        page: usize,
    ) -> Result<(usize, Vec<FigureLine>)> {
        let (room, id) = (self.insight_room(ctx), indicator.to_owned());
        let look = async move |tx: &mut Tx| room.lines(tx, (&id, place), report, page).await;
        self.db.look(look).await
    }

    /// 看目标 Every indicator of plans that run or ended last year, those behind first.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn targets(&self, ctx: &Context, place: RegionCode) -> Result<Vec<TargetLine>> {
        let room = self.insight_room(ctx);
        let look = async move |tx: &mut Tx| {
            room.may(tx, Action::ReadFigures, place).await?;
            let today = room.now.today();
            let mut found = Vec::new();
            for plan in room.app.plans() {
                if plan.span.1 + 1 < today.year() {
                    continue;
                }
                for figure in room.figures(tx, plan, place, today).await? {
                    found.push(TargetLine {
                        plan: plan.name.clone(),
                        row: room.row(&figure),
                    });
                }
            }
            found.sort_by_key(|line| match line.row.standing {
                Standing::Behind { .. } => 0,
                Standing::OnTrack => 1,
                Standing::Reached => 2,
                Standing::Unknown(_) => 3,
            });
            let subject = format!("region:{place}");
            room.ctx
                .record(tx, "insight.targets", &subject, &(), room.now)
                .await?;
            Ok::<_, AppError>(found)
        };
        self.db.look(look).await
    }

    /// 要人看的 Open alerts of a place and everything below.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn plan_alerts(&self, ctx: &Context, place: RegionCode) -> Result<Vec<AlertLine>> {
        let room = self.insight_room(ctx);
        let look = async move |tx: &mut Tx| {
            room.may(tx, Action::ReadFigures, place).await?;
            let mut found = Vec::new();
            for line in tx.series_open(place.span()).await? {
                let Ok((_, indicator)) = room.indicator(line.indicator.as_str()) else {
                    continue;
                };
                let series = tx.series(&line.indicator, line.place).await?;
                let alerts = series.iter().flat_map(|(_, one)| one.state.open_alerts());
                found.extend(alerts.map(|alert| AlertLine {
                    indicator: line.indicator.clone(),
                    name: indicator.name.clone(),
                    place: line.place,
                    place_name: room.app.place_name(line.place),
                    alert: alert.clone(),
                }));
            }
            Ok::<_, AppError>(found)
        };
        self.db.look(look).await
    }
}

impl Room {
    async fn plan_page(&self, tx: &mut Tx, id: &str, place: RegionCode) -> Result<PlanPage> {
        self.may(tx, Action::ReadFigures, place).await?;
        let (plan, today) = (self.plan(id)?, self.now.today());
        let mut figures = self.figures(tx, plan, place, today).await?.into_iter();
        let tasks = plan.tasks.iter().map(|task| TaskRows {
            name: task.name.clone(),
            rows: figures
                .by_ref()
                .take(task.indicators.len())
                .map(|figure| self.row(&figure))
                .collect(),
        });
        let tasks = tasks.collect();
        let subject = format!("plan:{id}/{place}");
        self.ctx
            .record(tx, "insight.plan", &subject, &(), self.now)
            .await?;
        Ok(PlanPage {
            plan: plan.clone(),
            place,
            name: self.app.place_name(place),
            whole: place == plan.place,
            tasks,
            reports: tx.reports(&plan.id, place).await?,
        })
    }

    fn row(&self, figure: &Figure) -> IndicatorRow {
        let series = figure.series.as_ref().map(|(_, one)| &one.state);
        IndicatorRow {
            indicator: figure.indicator.clone(),
            value: figure.newest,
            target: figure.target(self.now.today()),
            standing: figure.standing,
            says: figure.lineage.says.clone(),
            records: figure.value.and(figure.lineage.records),
            alerts: series.map_or(0, |one| one.open_alerts().count()),
            waiting: series.map_or(0, |one| one.waiting().count()),
        }
    }

    async fn indicator_page(
        &self,
        tx: &mut Tx,
        id: &str,
        place: RegionCode,
    ) -> Result<IndicatorPage> {
        self.may(tx, Action::ReadFigures, place).await?;
        let (plan, indicator) = self.indicator(id)?;
        let today = self.now.today();
        let figures = self.some(tx, plan, &[indicator], place, today).await?;
        let found = figures.into_iter().next();
        let figure = found.ok_or_else(|| AppError::Fault("a figure of nothing".to_owned()))?;
        let mut frozen = Vec::new();
        for report in tx.reports(&plan.id, place).await? {
            let mut figures = report.figures.iter();
            if let Some(one) = figures.find(|one| one.indicator == indicator.id) {
                let one = one.clone();
                frozen.push((report, one));
            }
        }
        let subject = format!("indicator:{id}/{place}");
        self.ctx
            .record(tx, "insight.read", &subject, &(), self.now)
            .await?;
        let row = self.row(&figure);
        let fresh = || Series::new(indicator.id.clone(), place);
        Ok(IndicatorPage {
            plan: plan.clone(),
            place,
            name: self.app.place_name(place),
            row,
            series: figure.series.map_or_else(fresh, |(_, one)| one.state),
            frozen,
        })
    }

    async fn lines(
        &self,
        tx: &mut Tx,
        (id, place): (&str, RegionCode),
        report: Option<ReportId>,
        page: usize,
    ) -> Result<(usize, Vec<FigureLine>)> {
        self.may(tx, Action::ReadWork, place).await?;
        let (plan, indicator) = self.indicator(id)?;
        let mut all = match report {
            Some(report) => {
                let frozen = tx.report(report).await?;
                self.may(tx, Action::ReadFigures, frozen.place).await?;
                tx.report_lines(report, &indicator.id).await?
            }
            None => {
                let today = self.now.today();
                let figures = self.some(tx, plan, &[indicator], place, today).await?;
                figures.into_iter().flat_map(|one| one.lines).collect()
            }
        };
        all.retain(|one| one.region.is_none_or(|region| place.contains(region)));
        let from = page.saturating_mul(PAGE).min(all.len());
        let shown = all.get(from..).unwrap_or_default();
        let shown = shown.get(..PAGE).unwrap_or(shown);
        let lines = self.app.opened(tx, shown).await?;
        let subject = format!("indicator:{id}/{place}");
        self.ctx
            .record(tx, "insight.lines", &subject, &lines.len(), self.now)
            .await?;
        Ok((all.len(), lines))
    }
}
