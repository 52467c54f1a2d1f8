//! 「动态预警」 Several things that changed together: handed out by village as far as there
//! are hands free, opened for the visit, closed with what was found; rules ranked by
//! how often they were right.

use super::{Taken, place, request_key, unseen};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::sign_in::Visitor;
use app::warn::{WarningLine, WarningPage, WarningRight, WarningsPage};
use app::watch::LeadOutcome;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use kernel::{FindingId, Role};

/// Who sees and follows warnings.
pub(crate) const WATCHERS: &[Role] =
    &[Role::VillageWorker, Role::TownOfficer, Role::CountyApprover];

/// What can come of a visit: name in forms and words.
const OUTCOMES: [(&str, &str, LeadOutcome); 4] = [
    ("true", "属实，要帮", LeadOutcome::True),
    ("false", "不属实，家里没事", LeadOutcome::False),
    ("absent", "没见到人", LeadOutcome::Absent),
    ("declined", "本人不要", LeadOutcome::Declined),
];

fn mark(line: &WarningLine) -> (&'static str, &'static str) {
    match line.level.label() {
        "红" => ("stop", "红"),
        "橙" => ("warn", "橙"),
        other => ("info", other),
    }
}

#[derive(Template)]
#[template(path = "desk/warnings.html")]
struct WarningsView {
    page: Page,
    warnings: WarningsPage,
}

impl WarningsView {
    fn mark(&self, line: &WarningLine) -> (&'static str, &'static str) {
        mark(line)
    }

    fn right(&self, one: &WarningRight) -> String {
        one.right
            .map_or_else(|| "还不知道".to_owned(), kernel::Rate::one_decimal)
    }

    fn came(&self, one: &WarningRight, at: usize) -> i64 {
        let outcome = OUTCOMES.get(at).map(|(_, _, outcome)| *outcome);
        let count = outcome.and_then(|outcome| one.outcomes.get(&outcome));
        count.copied().unwrap_or(0)
    }
}

fn visitor(page: &Page) -> Result<&Visitor, Trouble> {
    page.visitor.as_ref().ok_or_else(Trouble::nothing)
}

pub(super) async fn list(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let ctx = visitor(&page)?.acts(Purpose::Duty, String::new());
    let warnings = site.app.warnings(&ctx, place(&page)?).await;
    Ok(html(&WarningsView {
        page: page.titled("动态预警"),
        warnings: warnings.map_err(unseen)?,
    }))
}

#[derive(Template)]
#[template(path = "desk/warning.html")]
struct WarningView {
    page: Page,
    one: WarningPage,
    fault: Option<String>,
    typed: Taken,
    request: String,
}

impl WarningView {
    fn mark(&self) -> (&'static str, &'static str) {
        mark(&self.one.line)
    }

    fn outcomes(&self) -> [(&'static str, &'static str, LeadOutcome); 4] {
        OUTCOMES
    }

    fn typed(&self, field: &str) -> String {
        self.typed.get(field)
    }

    fn came(&self, outcome: &LeadOutcome) -> &'static str {
        let found = OUTCOMES.iter().find(|(_, _, one)| one == outcome);
        found.map_or("", |(_, words, _)| words)
    }
}

async fn draw(
    site: &Site,
    page: Page,
    id: i64,
    (fault, typed): (Option<String>, Taken),
) -> Result<WarningView, Trouble> {
    let ctx = visitor(&page)?.acts(Purpose::Visit(FindingId(id)), String::new());
    let one = site.app.warning(&ctx, id).await.map_err(unseen)?;
    Ok(WarningView {
        page: page.titled(format!("预警 {id}")),
        one,
        fault,
        typed,
        request: request_key()?,
    })
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(id): Path<i64>,
) -> Result<Response, Trouble> {
    Ok(html(
        &draw(&site, page, id, (None, Taken::default())).await?,
    ))
}

pub(super) async fn close(
    State(site): State<Site>,
    page: Page,
    Path(id): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = visitor(&page)?.acts(Purpose::Visit(FindingId(id)), taken.get("request"));
    let name = taken.get("outcome");
    let outcome = OUTCOMES.iter().find(|(one, _, _)| *one == name);
    let done = match outcome {
        Some((_, _, outcome)) => {
            let words = taken.get("words");
            site.app.close_warning(&ctx, id, *outcome, &words).await
        }
        None => Err(AppError::BadInput("请选看到的是哪一种".to_owned())),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/desk/warnings/{id}")).into_response()),
        Err(AppError::BadInput(says)) => {
            let view = draw(&site, page, id, (Some(says), taken)).await?;
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
        Err(other) => Err(unseen(other)),
    }
}
