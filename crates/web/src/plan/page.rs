//! 「一个规划」 Task by task every indicator: figure, target, where it stands and why;
//! alerts; frozen reports; the county freezes a day.

use super::{FREEZERS, light};
use crate::assess::said;
use crate::desk::{Taken, request_key, unseen};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::insight::{AlertLine, IndicatorRow, PlanPage};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use engine_insight::Quantity;
use kernel::{Date, RegionCode, Slug};
use serde::Deserialize;

/// Which plan, in which place.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    plan: Option<String>,
    place: Option<String>,
}

#[derive(Template)]
#[template(path = "plan/plan.html")]
struct PlanView {
    page: Page,
    one: PlanPage,
    /// The other plans: id and name.
    others: Vec<(Slug, String)>,
    alerts: Vec<AlertLine>,
    request: String,
    fault: Option<String>,
    freezes: bool,
}

impl PlanView {
    fn light(&self, row: &IndicatorRow) -> &'static str {
        light(&row.standing)
    }

    fn to(&self, row: &IndicatorRow) -> String {
        format!(
            "/desk/indicators/{}?place={}",
            row.indicator.id, self.one.place
        )
    }

    fn alert_to(&self, line: &AlertLine) -> String {
        format!("/desk/indicators/{}?place={}", line.indicator, line.place)
    }

    /// A year's number: the target, else what the plan tells; a null is said to be one.
    fn of_year(&self, row: &IndicatorRow, year: &i32) -> String {
        let one = &row.indicator;
        let found = one.targets.get(year).or_else(|| one.known.get(year));
        let found: Option<Quantity> = found.copied().flatten();
        found.map_or_else(|| "没有定".to_owned(), |one| one.to_string())
    }

    fn count(&self, wanted: &str) -> usize {
        let rows = self.one.tasks.iter().flat_map(|task| &task.rows);
        rows.filter(|row| light(&row.standing) == wanted).count()
    }

    /// The finding above the table.
    fn says(&self) -> String {
        let (good, bad) = (self.count("ok"), self.count("stop"));
        let unknown = self.count("none");
        format!("{good} 项跟得上，{bad} 项落后，{unknown} 项还不知道")
    }
}

/// The place asked for, or the reader's own.
pub(super) fn place_of(page: &Page, place: Option<&str>) -> Result<RegionCode, Trouble> {
    match place {
        Some(text) => text.parse().map_err(|_| Trouble::nothing()),
        None => crate::desk::place(page),
    }
}

async fn draw(site: &Site, page: Page, asked: &Asked) -> Result<PlanView, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, String::new());
    let place = place_of(&page, asked.place.as_deref())?;
    let plans = site.app.plans();
    let wanted = match &asked.plan {
        Some(id) => plans.iter().find(|one| one.id.as_str() == id),
        None => plans.iter().max_by_key(|one| one.span),
    };
    let plan = wanted.ok_or_else(Trouble::nothing)?;
    let one = site.app.plan_page(&ctx, plan.id.as_str(), place).await;
    let mut alerts = site.app.plan_alerts(&ctx, place).await.map_err(unseen)?;
    alerts.retain(|line| plan.indicator(line.indicator.as_str()).is_some());
    let others = plans.iter().filter(|one| one.id != plan.id);
    Ok(PlanView {
        others: others
            .map(|one| (one.id.clone(), one.name.clone()))
            .collect(),
        freezes: page.is(FREEZERS),
        page: page.titled(plan.name.clone()),
        one: one.map_err(unseen)?,
        alerts,
        request: request_key()?,
        fault: None,
    })
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    Ok(html(&draw(&site, page, &asked).await?))
}

pub(super) async fn freeze(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, taken.get("request"));
    let place = place_of(&page, Some(&taken.get("place")))?;
    let plan: Slug = taken.get("plan").parse().map_err(|_| Trouble::nothing())?;
    let done = match taken.get("as_of").parse::<Date>() {
        Ok(day) => {
            let reason = taken.get("reason");
            let asked = (&plan, place);
            site.app.freeze_plan(&ctx, asked, day, &reason).await
        }
        Err(_) => Err(AppError::BadInput("请选报告的日期".to_owned())),
    };
    match done {
        Ok(reply) => {
            let to = format!("/desk/plan/reports/{}", reply.value);
            Ok(Redirect::to(&to).into_response())
        }
        Err(why) => {
            let fault = Some(said(why)?);
            let asked = Asked {
                plan: Some(plan.to_string()),
                place: Some(place.to_string()),
            };
            let view = draw(&site, page, &asked).await?;
            let view = PlanView { fault, ..view };
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
    }
}
