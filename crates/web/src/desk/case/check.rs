//! 「核对报告」 The report of a case's verification: how it went, who did not answer,
//! what differs, every question with where its answer comes from; as a page, as the
//! kept JSON, on paper.

use super::{SIGNERS, context};
use crate::desk::request_key;
use crate::page::{Page, html};
use crate::papers::{address, pdf};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::verify::{CheckReport, GivenReport, Outcome, Stage};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use kernel::CaseId;

#[derive(Template)]
#[template(path = "desk/case/report.html")]
struct ReportPage {
    page: Page,
    case: CaseId,
    given: Option<GivenReport>,
    request: String,
    can_draw: bool,
}

/// The stages in their order.
const STAGES: [Stage; 5] = [
    Stage::Accept,
    Stage::Obtain,
    Stage::Verify,
    Stage::Report,
    Stage::Review,
];

impl ReportPage {
    fn mark(&self, report: &CheckReport) -> (&'static str, &'static str) {
        match report.outcome {
            Outcome::Passed => ("ok", report.outcome.label()),
            Outcome::Doubtful => ("warn", report.outcome.label()),
            Outcome::Incomplete => ("half", report.outcome.label()),
        }
    }

    /// Every stage, those not reached too.
    fn stages<'r>(
        &self,
        report: &'r CheckReport,
    ) -> Vec<(&'static str, Option<&'r app::verify::StageTold>)> {
        let told = |stage: Stage| report.stages.iter().find(|one| one.stage == stage);
        let all = STAGES.iter();
        all.map(|stage| (stage.label(), told(*stage))).collect()
    }

    fn from(&self, kind: &str) -> (&'static str, &'static str) {
        match kind {
            "live" => ("ok", "当场答的"),
            "pool" => ("half", "数据池"),
            _ => ("none", "没有答复"),
        }
    }

    fn short(&self, digest: &str) -> String {
        digest.chars().take(16).collect()
    }
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(case): Path<i64>,
) -> Result<Response, Trouble> {
    let case = CaseId(case);
    let ctx = context(&page, case, String::new())?;
    let given = site.app.check_report(&ctx, case).await;
    let given = given.map_err(crate::desk::unseen)?;
    Ok(html(&ReportPage {
        can_draw: page.is(SIGNERS),
        page: page.titled("核对报告"),
        case,
        given,
        request: request_key()?,
    }))
}

/// Draws it up again after something was settled.
pub(super) async fn draw(
    State(site): State<Site>,
    page: Page,
    Path(case): Path<i64>,
    Form(taken): Form<crate::desk::Taken>,
) -> Result<Response, Trouble> {
    let case = CaseId(case);
    let ctx = context(&page, case, taken.get("request"))?;
    let drawn = site.app.draw_check_report(&ctx, case).await;
    drawn.map_err(crate::desk::unseen)?;
    Ok(Redirect::to(&format!("/desk/cases/{case}/check")).into_response())
}

/// The kept bytes.
pub(super) async fn json(
    State(site): State<Site>,
    page: Page,
    Path(case): Path<i64>,
) -> Result<Response, Trouble> {
    let case = CaseId(case);
    let ctx = context(&page, case, String::new())?;
    let given = site.app.check_report(&ctx, case).await;
    let given = given.map_err(crate::desk::unseen)?;
    let given = given.ok_or_else(Trouble::nothing)?;
    let head = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    Ok((head, given.text).into_response())
}

pub(super) async fn paper(
    State(site): State<Site>,
    page: Page,
    Path(case): Path<i64>,
) -> Result<Response, Trouble> {
    let case = CaseId(case);
    let ctx = context(&page, case, String::new())?;
    let address = address(&site);
    let printed = site.app.print_check_report(&ctx, case, &address).await;
    Ok(pdf(printed.map_err(crate::desk::unseen)?))
}
