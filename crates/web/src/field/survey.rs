//! 「入户」 A survey on the telephone: written by one, signed by the other with his
//! own account, photographs beside it.

use crate::desk::{request_key, unseen};
use crate::files::Upload;
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::attachment::{AttachedTo, HandedIn};
use app::field::{SurveyNotes, SurveyPage};
use app::{AppError, Context};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use kernel::{CaseId, PersonId, Slug};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "field/survey.html")]
struct View {
    page: Page,
    survey: SurveyPage,
    request: String,
    notes: SurveyNotes,
    /// The field, and what is wrong with it.
    fault: Option<(&'static str, String)>,
    /// The request that was kept just now: the telephone may forget it.
    kept: String,
    /// Whether the page shows what was typed and refused.
    typed: bool,
}

impl View {
    fn keep(&self) -> String {
        kept_as(&self.page, self.survey.case, &self.survey.step)
    }

    fn fault(&self, field: &str) -> Option<&str> {
        let (of, says) = self.fault.as_ref()?;
        (*of == field).then_some(says.as_str())
    }

    fn has_way(&self, way: &str) -> bool {
        self.notes.ways.iter().any(|one| one == way)
    }

    fn signs(&self, person: &PersonId) -> bool {
        self.notes.household == Some(*person)
    }

    /// Whether a colleague wrote it and this one has yet to sign.
    fn to_sign(&self) -> bool {
        self.survey.written.as_ref().is_some_and(|one| !one.mine)
    }

    fn member(&self, person: &Option<PersonId>) -> &str {
        let mut members = self.survey.members.iter();
        let found = members.find(|(id, _)| Some(*id) == *person);
        found.map_or("", |(_, name)| name.as_str())
    }
}

/// Under which name the telephone keeps what is typed: whose it is, and of what.
pub(super) fn kept_as(page: &Page, case: CaseId, step: &Slug) -> String {
    let account = page.visitor.as_ref().map(|one| one.actor.account.as_str());
    format!("{}:{case}:{step}", account.unwrap_or_default())
}

fn context(page: &Page, case: CaseId, request: impl Into<String>) -> Result<Context, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    Ok(visitor.acts(Purpose::Case(case), request))
}

fn step(text: &str) -> Result<Slug, Trouble> {
    text.parse().map_err(|_| Trouble::nothing())
}

#[derive(Deserialize)]
pub(super) struct Seen {
    pub(super) kept: Option<String>,
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path((case, of)): Path<(i64, String)>,
    Query(seen): Query<Seen>,
) -> Result<Response, Trouble> {
    let shown = draw(&site, page, CaseId(case), &step(&of)?).await?;
    let kept = seen.kept.unwrap_or_default();
    Ok(html(&View { kept, ..shown }))
}

async fn draw(site: &Site, page: Page, case: CaseId, step: &Slug) -> Result<View, Trouble> {
    let ctx = context(&page, case, "")?;
    let survey = site.app.survey_page(&ctx, case, step).await;
    let survey = survey.map_err(unseen)?;
    let notes = survey.written.as_ref().map(|one| one.notes.clone());
    Ok(View {
        page: page.titled(format!("{}家 · {}", survey.applicant, survey.step_name)),
        request: request_key()?,
        notes: notes.unwrap_or_else(|| SurveyNotes {
            ways: vec!["入户调查".to_owned()],
            found: String::new(),
            household: None,
            over: 0,
        }),
        survey,
        fault: None,
        kept: String::new(),
        typed: false,
    })
}

pub(super) async fn write(
    State(site): State<Site>,
    page: Page,
    Path((case, of)): Path<(i64, String)>,
    upload: Upload,
) -> Result<Response, Trouble> {
    let (case, step) = (CaseId(case), step(&of)?);
    let request = upload.one("request").to_owned();
    let notes = SurveyNotes {
        ways: upload.all("way").map(str::to_owned).collect(),
        found: upload.one("found").to_owned(),
        household: upload.one("household").parse().ok().map(PersonId),
        over: upload.one("over").parse().unwrap_or(0),
    };
    let fault = match photographs(&site, &page, (case, &step), &request, upload.files).await {
        Err(why) => said("photo", why)?,
        Ok(()) => {
            let ctx = context(&page, case, request.as_str())?;
            let written = site.app.write_survey(&ctx, case, &step, notes.clone());
            match written.await {
                Ok(_) => return Ok(back(case, &step, &request)),
                Err(why) => said("found", why)?,
            }
        }
    };
    let fault = match fault.1.as_str() {
        says if says.contains("怎样调查") => ("way", fault.1),
        says if says.contains("谁签的字") => ("household", fault.1),
        _ => fault,
    };
    let shown = draw(&site, page, case, &step).await?;
    let over = shown.notes.over;
    let shown = View {
        notes: SurveyNotes { over, ..notes },
        fault: Some(fault),
        typed: true,
        ..shown
    };
    Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

/// What was wrong with a field, in words; anything else is a page of its own.
fn said(field: &'static str, why: AppError) -> Result<(&'static str, String), Trouble> {
    match why {
        AppError::BadInput(says) => Ok((field, says)),
        AppError::Refused(why) if !why.code.starts_with("access.") => Ok((field, why.says)),
        other => Err(unseen(other)),
    }
}

/// What comes back in an address is only what a key is made of.
pub(super) fn key_only(request: &str) -> String {
    request
        .chars()
        .filter(|one| one.is_ascii_alphanumeric() || *one == '-')
        .take(40)
        .collect()
}

fn back(case: CaseId, step: &Slug, request: &str) -> Response {
    let key = key_only(request);
    Redirect::to(&format!("/field/cases/{case}/{step}?kept={key}")).into_response()
}

async fn photographs(
    site: &Site,
    page: &Page,
    (case, step): (CaseId, &Slug),
    request: &str,
    files: Vec<(String, String, Vec<u8>)>,
) -> app::Result<()> {
    let visitor = page.visitor.as_ref();
    let refused = || AppError::refused(engine_access::Refusal::NotAPerson);
    let visitor = visitor.ok_or_else(refused)?;
    for (at, (_, name, body)) in files.into_iter().enumerate() {
        let given = HandedIn {
            purpose: AttachedTo::Survey(step.clone()),
            name,
            body,
        };
        let ctx = visitor.acts(Purpose::Case(case), format!("{request}/{at}"));
        site.app.attach(&ctx, case, given).await?;
    }
    Ok(())
}

#[derive(Deserialize)]
pub(super) struct Signed {
    #[serde(default)]
    request: String,
    #[serde(default)]
    version: i64,
}

pub(super) async fn sign(
    State(site): State<Site>,
    page: Page,
    Path((case, of)): Path<(i64, String)>,
    Form(signed): Form<Signed>,
) -> Result<Response, Trouble> {
    let (case, step) = (CaseId(case), step(&of)?);
    let ctx = context(&page, case, signed.request.as_str())?;
    let done = site.app.sign_survey(&ctx, case, &step, signed.version);
    match done.await {
        Ok(_) => Ok(back(case, &step, &signed.request)),
        Err(why) => {
            let fault = said("sign", why)?;
            let shown = draw(&site, page, case, &step).await?;
            let fault = Some(fault);
            let shown = View { fault, ..shown };
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
    }
}
