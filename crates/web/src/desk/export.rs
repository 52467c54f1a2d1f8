//! 「导出」 A list of cases as a file: asked for with a reason, approved by another
//! person where it holds many, fetched by who asked.

use super::list::{self, Asked, parts};
use super::{Taken, place, request_key};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::case::export::ExportLine;
use app::case::list::Wanted;
use app::table::FILES;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::{
    EXPORT_HOURS, EXPORT_PEOPLE_ALONE, EXPORT_REASON_MIN, ExportStanding, Purpose,
};
use kernel::Role;

/// Who may take a list out.
pub(super) const EXPORTERS: &[Role] = &[Role::CountyApprover];

#[derive(Template)]
#[template(path = "desk/export.html")]
struct ExportPage {
    page: Page,
    wanted: Wanted,
    what: String,
    cases: usize,
    people: usize,
    asked: Vec<ExportLine>,
    request: String,
    fault: Option<String>,
    file: String,
    reason: String,
}

impl ExportPage {
    fn hidden(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let all = parts(&self.wanted).into_iter();
        all.filter(|(_, value)| !value.is_empty())
    }

    fn needs_two(&self) -> bool {
        self.people > EXPORT_PEOPLE_ALONE
    }
}

/// The mark and the words of a request.
fn standing(line: &ExportLine) -> (&'static str, &'static str) {
    match line.standing {
        ExportStanding::Waiting => ("half", "等另一个人批准"),
        ExportStanding::Ready => ("ok", "可以取"),
        ExportStanding::Declined => ("stop", "没有批准"),
        ExportStanding::Over => ("none", "过期了"),
    }
}

fn context(page: &Page, request: String) -> Result<app::Context, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let purpose = Purpose::Audit("导出在办清单".to_owned());
    Ok(visitor.acts(purpose, request))
}

async fn draw(
    site: &Site,
    page: Page,
    wanted: Wanted,
    (file, reason, fault): (String, String, Option<String>),
) -> Result<ExportPage, Trouble> {
    let ctx = context(&page, String::new())?;
    let region = place(&page)?;
    let duty = app::Context {
        purpose: Purpose::Duty,
        ..ctx.clone()
    };
    let (lines, _) = site.app.find_cases(&duty, region, &wanted).await?;
    Ok(ExportPage {
        what: site.app.wanted_words(&wanted),
        cases: lines.len(),
        people: lines.iter().map(|line| line.people).sum(),
        asked: site.app.exports(&ctx, region).await?,
        request: request_key()?,
        page: page.titled("导出"),
        wanted,
        fault,
        file,
        reason,
    })
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let typed = (FILES[0].0.to_owned(), String::new(), None);
    Ok(html(&draw(&site, page, list::wanted(asked), typed).await?))
}

pub(super) async fn ask(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let wanted = list::wanted(Asked::from(&taken));
    let (file, reason) = (taken.get("file"), taken.get("reason"));
    let ctx = context(&page, taken.get("request"))?;
    let written = (file.as_str(), reason.as_str());
    let asked = site.app.ask_export(&ctx, place(&page)?, &wanted, written);
    let says = match asked.await {
        Ok(_) => return Ok(Redirect::to("/desk/cases/export#asked").into_response()),
        Err(AppError::BadInput(says)) => says,
        Err(AppError::Refused(no)) if no.code.starts_with("access.reason") => no.says,
        Err(other) => return Err(Trouble::from(other)),
    };
    let drawn = draw(&site, page, wanted, (file, reason, Some(says))).await?;
    Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn))
}

pub(super) async fn answer(
    State(site): State<Site>,
    page: Page,
    Path(export): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, taken.get("request"))?;
    let yes = match taken.get("answer").as_str() {
        "yes" => true,
        "no" => false,
        _ => {
            let says = "请选批准还是不批准";
            return Err(Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, says));
        }
    };
    let done = site.app.answer_export(&ctx, export, yes).await;
    done.map_err(hidden)?;
    Ok(Redirect::to("/desk/cases/export#asked").into_response())
}

pub(super) async fn fetch(
    State(site): State<Site>,
    page: Page,
    Path(export): Path<i64>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, String::new())?;
    let given = site.app.fetch_export(&ctx, export).await.map_err(hidden)?;
    let kind = match given.file.as_str() {
        "csv" => "text/csv; charset=utf-8",
        _ => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    };
    let name = format!(
        "attachment; filename=\"cases-{}-{export}.{}\"",
        page.today, given.file
    );
    let head = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((head, given.body).into_response())
}

/// Somebody else's request and none look the same.
fn hidden(why: AppError) -> Trouble {
    match why.refusal_code() {
        Some("access.region" | "access.role" | "access.nothing_there") => Trouble::nothing(),
        _ => Trouble::from(why),
    }
}
