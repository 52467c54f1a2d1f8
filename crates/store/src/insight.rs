//! 「洞察」 Series of indicators (state sealed, history as events), reports as they were
//! frozen, and the records each frozen figure counted. What may happen to them is
//! engine-insight's affair; here a report is written once and has no update.

use crate::error::{Result, StoreError};
use crate::event::Loaded;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args, json, row};
use engine_insight::{Event, Report, Series};
use kernel::{Actor, Date, Now, RegionCode, ReportId, Slug};

const KIND: &str = "insight_series";

/// A record behind a figure, by number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CountedLine {
    /// What: `household:12`, `finding:7`.
    pub record: String,
    /// Whose: `person:3`, `household:12`; `thing:` and its name, where it is nobody's.
    pub who: String,
    /// Where.
    pub region: Option<RegionCode>,
}

/// A series somebody must look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesLine {
    /// The indicator.
    pub indicator: Slug,
    /// The place.
    pub place: RegionCode,
    /// Values that wait for a second person.
    pub waiting: u32,
    /// Alerts nobody closed.
    pub alerts: u32,
}

sealed! {
    STATE = insight_series.state (id: Int, version: Int);
    FROZEN = plan_report.state (id: Int, plan: Text);
}

statements! {
    INSERT = "INSERT INTO insight_series (id, version, indicator, place, waiting, alerts, state)
              VALUES ($1, $2, $3, $4, $5, $6, $7)";
    UPDATE = "UPDATE insight_series SET version = $2, waiting = $3, alerts = $4, state = $5
              WHERE id = $1 AND version = $6";
    SELECT = "SELECT id, version, state FROM insight_series WHERE indicator = $1 AND place = $2";
    OPEN = "SELECT indicator, place, waiting, alerts FROM insight_series
            WHERE place >= $1 AND place <= $2 AND (waiting > 0 OR alerts > 0) ORDER BY place, id";
    PLACES = "SELECT DISTINCT place FROM insight_series ORDER BY place";
    FREEZE = "INSERT INTO plan_report (id, plan, place, as_of, version, state)
              VALUES ($1, $2, $3, $4, $5, $6)";
    REPORTS = "SELECT id, plan, state FROM plan_report WHERE plan = $1 AND place = $2
               ORDER BY as_of, version";
    REPORT = "SELECT id, plan, state FROM plan_report WHERE id = $1";
    LINE = "INSERT INTO plan_report_line (report, indicator, seq, record, who, region)
            VALUES ($1, $2, $3, $4, $5, $6)";
    LINES = "SELECT record, who, region FROM plan_report_line
             WHERE report = $1 AND indicator = $2 ORDER BY seq";
}

impl Tx {
    /// A series, if anything was ever said of the indicator there: its number, state and
    /// version.
    pub async fn series(
        &mut self,
        indicator: &Slug,
        place: RegionCode,
    ) -> Result<Option<(i64, Loaded<Series>)>> {
        let row = self.fetch_optional(SELECT, args![indicator, place]).await?;
        row.map(|row| Ok((row.get("id")?, Loaded::read(&row, &STATE)?)))
            .transpose()
    }

    /// Keeps what the events made of a series; `known`: its number and the version it was
    /// loaded at, `None` for the first word about it.
    pub async fn save_series(
        &mut self,
        known: Option<(i64, i64)>,
        series: &Series,
        events: &[Event],
        actor: &Actor,
        now: Now,
    ) -> Result<()> {
        let (id, version) = match known {
            Some(known) => known,
            None => (self.next_id("insight_series").await?, 0),
        };
        let next = self.append(KIND, id, version, events, actor, now).await?;
        let state = self.seal(&STATE, &row![id, next], json(series)?)?;
        let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
        let waiting = count(series.waiting().count());
        let alerts = count(series.open_alerts().count());
        match known {
            None => {
                let (indicator, place) = (&series.indicator, series.place);
                let values = args![id, next, indicator, place, waiting, alerts, state];
                self.execute(INSERT, values).await?;
                Ok(())
            }
            Some(_) => {
                let values = args![id, next, waiting, alerts, state, version];
                self.execute_one(UPDATE, values, "指标").await
            }
        }
    }

    /// Series between two codes that wait for somebody.
    pub async fn series_open(
        &mut self,
        (from, to): (RegionCode, RegionCode),
    ) -> Result<Vec<SeriesLine>> {
        let rows = self.fetch_all(OPEN, args![from, to]).await?;
        let line = |row: &Row| {
            Ok(SeriesLine {
                indicator: row.get("indicator")?,
                place: row.get("place")?,
                waiting: row.get("waiting")?,
                alerts: row.get("alerts")?,
            })
        };
        rows.iter().map(line).collect()
    }

    /// Places something was ever reported of.
    pub async fn series_places(&mut self) -> Result<Vec<RegionCode>> {
        let rows = self.fetch_all(PLACES, args![]).await?;
        rows.iter().map(|row| row.get("place")).collect()
    }

    /// Keeps a frozen report with what each figure counted. There is no way to change it.
    pub async fn keep_report(
        &mut self,
        report: &Report,
        lines: &[(Slug, Vec<CountedLine>)],
    ) -> Result<()> {
        let (id, plan) = (report.id, &report.plan);
        let state = self.seal(&FROZEN, &row![id, plan], json(report)?)?;
        let values = args![id, plan, report.place, report.as_of, report.version, state];
        self.execute(FREEZE, values).await?;
        for (indicator, lines) in lines {
            for (seq, one) in (1_i64..).zip(lines) {
                let values = args![id, indicator, seq, one.record, one.who, one.region];
                self.execute(LINE, values).await?;
            }
        }
        Ok(())
    }

    /// Reports of a plan for a place, oldest day first, versions in their order.
    pub async fn reports(&mut self, plan: &Slug, place: RegionCode) -> Result<Vec<Report>> {
        let rows = self.fetch_all(REPORTS, args![plan, place]).await?;
        rows.iter().map(|row| row.unsealed_json(&FROZEN)).collect()
    }

    /// Versions of a report for one day.
    pub async fn reports_of_day(
        &mut self,
        plan: &Slug,
        place: RegionCode,
        as_of: Date,
    ) -> Result<Vec<Report>> {
        let mut all = self.reports(plan, place).await?;
        all.retain(|one| one.as_of == as_of);
        Ok(all)
    }

    /// A report.
    pub async fn report(&mut self, id: ReportId) -> Result<Report> {
        match self.fetch_optional(REPORT, args![id]).await? {
            Some(row) => row.unsealed_json(&FROZEN),
            None => Err(StoreError::NotFound {
                what: "报告",
                id: id.to_string(),
            }),
        }
    }

    /// What a frozen figure counted, in the order it was counted.
    pub async fn report_lines(
        &mut self,
        report: ReportId,
        indicator: &Slug,
    ) -> Result<Vec<CountedLine>> {
        let rows = self.fetch_all(LINES, args![report, indicator]).await?;
        let line = |row: &Row| {
            Ok(CountedLine {
                record: row.get("record")?,
                who: row.get("who")?,
                region: row.maybe("region")?,
            })
        };
        rows.iter().map(line).collect()
    }
}
