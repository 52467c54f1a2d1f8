//! 「一个指标」 Its definition and lineage, targets by year, every value with its versions,
//! frozen figures, alerts with what came of them, and the records behind the figure.

use super::page::place_of;
use super::{KEEPERS, light};
use crate::assess::said;
use crate::desk::{OFFICERS, PAYERS, Taken, request_key, unseen};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::cockpit::{FigureLine, Opens};
use app::insight::{IndicatorPage, NewValue};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use engine_insight::{Alert, Command, Frozen, Reported, Source, ValueState};
use kernel::{RegionCode, ReportId, Slug};
use serde::Deserialize;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    place: Option<String>,
    report: Option<i64>,
    page: Option<usize>,
}

#[derive(Template)]
#[template(path = "plan/one.html")]
struct OneView {
    page: Page,
    one: IndicatorPage,
    request: String,
    fault: Option<String>,
    /// What was typed, when something is wrong with it.
    typed: Taken,
    keeps: bool,
}

impl OneView {
    fn light(&self) -> &'static str {
        light(&self.one.row.standing)
    }

    fn records(&self) -> String {
        let (id, place) = (&self.one.row.indicator.id, self.one.place);
        format!("/desk/indicators/{id}/records?place={place}")
    }

    fn is_reported(&self) -> bool {
        matches!(self.one.row.indicator.source, Source::Reported { .. })
    }

    fn waits(&self, value: &Reported) -> bool {
        self.keeps && value.state == ValueState::Waiting
    }

    fn value_mark(&self, value: &Reported) -> &'static str {
        match value.state {
            ValueState::Waiting => "warn",
            ValueState::Confirmed(_) => "ok",
            ValueState::SentBack { .. } => "none",
        }
    }

    /// Every year the plan speaks of: what it says and what kind of number it is.
    fn years(&self) -> Vec<(i32, String, &'static str)> {
        let one = &self.one.row.indicator;
        let mut found = Vec::new();
        let kinds = [
            (&one.known, "规划写的数", "没有写"),
            (&one.targets, "目标", "没有定"),
        ];
        for (all, kind, none) in kinds {
            for (year, number) in all {
                let words = number.map_or_else(|| none.to_owned(), |one| one.to_string());
                found.push((*year, words, kind));
            }
        }
        found.sort();
        found
    }

    fn frozen_records(&self, id: &ReportId, one: &Frozen) -> Option<String> {
        one.lineage.records.filter(|_| one.value.is_some())?;
        Some(format!("{}&report={id}", self.records()))
    }

    fn open(&self, alert: &Alert) -> bool {
        self.keeps && alert.closed.is_none()
    }

    fn typed(&self, name: &str) -> String {
        self.typed.get(name)
    }
}

async fn draw(
    site: &Site,
    page: Page,
    (id, place): (&str, RegionCode),
) -> Result<OneView, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, String::new());
    if site
        .app
        .plans()
        .iter()
        .all(|plan| plan.indicator(id).is_none())
    {
        return Err(Trouble::nothing());
    }
    let one = site.app.indicator_page(&ctx, id, place).await;
    let one = one.map_err(unseen)?;
    Ok(OneView {
        keeps: page.is(KEEPERS),
        page: page.titled(one.row.indicator.name.clone()),
        one,
        request: request_key()?,
        fault: None,
        typed: Taken::default(),
    })
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let place = place_of(&page, asked.place.as_deref())?;
    Ok(html(&draw(&site, page, (&id, place)).await?))
}

/// What a button asks; `None`: nothing this page has.
fn command(taken: &Taken) -> Option<Command> {
    let as_of = || taken.get("as_of").parse().ok();
    let version = || taken.get("version").parse().ok();
    let words = taken.get("words");
    Some(match taken.get("do").as_str() {
        "confirm" => Command::Confirm {
            as_of: as_of()?,
            version: version()?,
        },
        "send_back" => Command::SendBack {
            as_of: as_of()?,
            version: version()?,
            reason: words,
        },
        "close" => Command::Close {
            no: taken.get("no").parse().ok()?,
            says: words,
        },
        _ => return None,
    })
}

pub(super) async fn act(
    State(site): State<Site>,
    page: Page,
    Path(id): Path<String>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, taken.get("request"));
    let place = place_of(&page, Some(&taken.get("place")))?;
    let slug: Slug = id.parse().map_err(|_| Trouble::nothing())?;
    let at = (&slug, place);
    let done = match (taken.get("do").as_str(), taken.get("as_of").parse()) {
        ("report", Ok(as_of)) => {
            let new = NewValue {
                as_of,
                quantity: taken.get("quantity"),
                source: taken.get("source"),
                reason: taken.get("reason"),
            };
            site.app.report_value(&ctx, at, new).await
        }
        ("report", Err(_)) => Err(AppError::BadInput("请选这个数是哪一天的".to_owned())),
        _ => match command(&taken) {
            Some(command) => site.app.on_series(&ctx, at, command).await,
            None => Err(AppError::BadInput("请选要做什么".to_owned())),
        },
    };
    match done {
        Ok(_) => {
            let to = format!("/desk/indicators/{slug}?place={place}");
            Ok(Redirect::to(&to).into_response())
        }
        Err(why) => {
            let fault = Some(said(why)?);
            let view = draw(&site, page, (&id, place)).await?;
            let view = OneView {
                fault,
                typed: taken,
                ..view
            };
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
    }
}

#[derive(Template)]
#[template(path = "plan/records.html")]
struct RecordsView {
    page: Page,
    name: String,
    back: String,
    report: Option<ReportId>,
    count: usize,
    lines: Vec<FigureLine>,
    at: usize,
    here: String,
}

impl RecordsView {
    /// Where a line leads, for whom it leads anywhere.
    fn opens(&self, line: &FigureLine) -> Option<String> {
        let officer = self.page.is(OFFICERS);
        match line.opens {
            Opens::Case(case) if officer => Some(format!("/desk/cases/{case}")),
            Opens::Lead(home, finding) if officer => {
                Some(format!("/desk/households/{home}?finding={finding}"))
            }
            Opens::Batch(batch) if self.page.is(PAYERS) => Some(format!("/desk/pay/{batch}")),
            _ => None,
        }
    }

    fn shown(&self) -> usize {
        self.at * 100 + self.lines.len()
    }
}

pub(super) async fn records(
    State(site): State<Site>,
    page: Page,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, String::new());
    let place = place_of(&page, asked.place.as_deref())?;
    let mut plans = site.app.plans().iter();
    let indicator = plans.find_map(|plan| plan.indicator(&id));
    let indicator = indicator.ok_or_else(Trouble::nothing)?;
    let (report, at) = (asked.report.map(ReportId), asked.page.unwrap_or(0));
    let found = site
        .app
        .indicator_lines(&ctx, (&id, place), report, at)
        .await;
    let (count, lines) = found.map_err(unseen)?;
    let mut here = format!("/desk/indicators/{id}/records?place={place}");
    if let Some(report) = report {
        here.push_str(&format!("&report={report}"));
    }
    Ok(html(&RecordsView {
        name: indicator.name.clone(),
        back: format!("/desk/indicators/{id}?place={place}"),
        page: page.titled(format!("{}：数过的记录", indicator.name)),
        report,
        count,
        lines,
        at,
        here,
    }))
}
