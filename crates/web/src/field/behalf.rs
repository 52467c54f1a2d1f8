//! 「代办」 From a lead to an application written for a resident, on the resident's
//! word: what only they can say, who signed the paper, a photograph of it.

use crate::desk::{Taken, outcome_named, request_key, unseen};
use crate::files::Upload;
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::attachment::{AttachedTo, HandedIn};
use app::resident::{Behalf, Kind, Lead, Question, SAID, Slot, Wrong};
use app::watch::LeadOutcome;
use app::{AppError, Context};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use engine_case::Act;
use engine_policy::Finding;
use kernel::{CaseId, FindingId, PersonId, Slug};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Template)]
#[template(path = "field/lead.html")]
struct LeadPage {
    page: Page,
    lead: Lead,
    request: String,
    fault: Option<String>,
    /// Nothing was chosen.
    unsaid: bool,
    /// What was seen there, as typed.
    words: String,
}

impl LeadPage {
    /// What may have come of it, by name and in words.
    fn outcomes(&self) -> [(&'static str, &'static str); 4] {
        crate::desk::outcomes(self.kind())
    }

    /// Whether what was seen may call for a review.
    fn asks(&self) -> bool {
        let look = self.lead.look.as_ref();
        look.is_some_and(|look| look.case.is_some() && !look.reviewed)
    }

    fn kind(&self) -> Finding {
        match self.lead.look {
            Some(_) => Finding::ReceivingNotFound,
            None => Finding::FoundNotReceiving,
        }
    }
}

fn acts(page: &Page, purpose: Purpose, request: &str) -> Result<Context, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    Ok(visitor.acts(purpose, request))
}

pub(super) async fn lead(
    State(site): State<Site>,
    page: Page,
    Path(finding): Path<i64>,
) -> Result<Response, Trouble> {
    let finding = FindingId(finding);
    let ctx = acts(&page, Purpose::Visit(finding), "")?;
    Ok(html(&lead_page(&site, page, &ctx, finding).await?))
}

async fn lead_page(
    site: &Site,
    page: Page,
    ctx: &Context,
    finding: FindingId,
) -> Result<LeadPage, Trouble> {
    let lead = site.app.lead(ctx, finding).await.map_err(unseen)?;
    let title = match lead.look {
        Some(_) => format!("去{}家看一眼", lead.applicant),
        None => format!("替{}家申请", lead.applicant),
    };
    Ok(LeadPage {
        page: page.titled(title),
        request: request_key()?,
        fault: None,
        unsaid: false,
        words: String::new(),
        lead,
    })
}

#[derive(Deserialize)]
pub(super) struct Begun {
    #[serde(default)]
    request: String,
    #[serde(default)]
    said: String,
}

pub(super) async fn begin(
    State(site): State<Site>,
    page: Page,
    Path(finding): Path<i64>,
    Form(begun): Form<Begun>,
) -> Result<Response, Trouble> {
    let finding = FindingId(finding);
    let ctx = acts(&page, Purpose::Visit(finding), &begun.request)?;
    let fault = match site.app.apply_for(&ctx, finding, &begun.said).await {
        Ok(case) => {
            let to = format!("/field/apply/{}", case.value);
            return Ok(Redirect::to(&to).into_response());
        }
        Err(AppError::BadInput(says)) => says,
        Err(AppError::Refused(why)) if !why.code.starts_with("access.") => why.says,
        Err(other) => return Err(unseen(other)),
    };
    let shown = LeadPage {
        fault: Some(fault),
        ..lead_page(&site, page, &ctx, finding).await?
    };
    Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

/// What came of going there. A note for whoever decides; nothing changes by it.
pub(super) async fn followed(
    State(site): State<Site>,
    page: Page,
    Path(finding): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let finding = FindingId(finding);
    let Some(outcome) = outcome_named(&taken.get("outcome")) else {
        let ctx = acts(&page, Purpose::Visit(finding), "")?;
        let shown = LeadPage {
            unsaid: true,
            words: taken.get("words"),
            ..lead_page(&site, page, &ctx, finding).await?
        };
        return Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown));
    };
    let request = format!("{}/{finding}/followed", taken.get("request"));
    let words = taken.get("words");
    if outcome == LeadOutcome::True {
        let ctx = acts(&page, Purpose::Visit(finding), "")?;
        let shown = lead_page(&site, page.clone(), &ctx, finding).await?;
        if shown
            .lead
            .look
            .as_ref()
            .is_some_and(|look| look.case.is_some())
        {
            let ctx = acts(&page, Purpose::Visit(finding), &request)?;
            return reviewed(&site, ctx, (shown, finding), words).await;
        }
    }
    let ctx = acts(&page, Purpose::Duty, &request)?;
    let kept = site.app.follow_lead(&ctx, finding, outcome, &words).await;
    kept.map_err(unseen)?;
    Ok(Redirect::to("/field").into_response())
}

/// What is received there has really changed: the case that pays it is looked at again.
async fn reviewed(
    site: &Site,
    ctx: Context,
    (shown, finding): (LeadPage, FindingId),
    words: String,
) -> Result<Response, Trouble> {
    let fault = match site.app.call_review(&ctx, finding, Some(&words)).await {
        Ok(_) => return Ok(Redirect::to(&format!("/field/leads/{finding}")).into_response()),
        Err(AppError::BadInput(says)) => says,
        Err(AppError::Refused(why)) if !why.code.starts_with("access.") => why.says,
        Err(other) => return Err(unseen(other)),
    };
    let shown = LeadPage {
        fault: Some(fault),
        words,
        ..shown
    };
    Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

#[derive(Template)]
#[template(path = "field/apply.html")]
struct ApplyPage {
    page: Page,
    form: Behalf,
    request: String,
    kept: String,
    typed: BTreeMap<String, String>,
    given: BTreeSet<(Slug, PersonId)>,
    wrong: Vec<Wrong>,
}

impl ApplyPage {
    fn keep(&self) -> String {
        let account = self.page.visitor.as_ref();
        let account = account.map_or("", |one| one.actor.account.as_str());
        format!("{account}:{}:apply", self.form.case)
    }

    fn typed(&self, question: &Question, slot: &Slot) -> String {
        let kept = slot.value.as_ref().map(|value| question.kind.typed(value));
        let typed = self.typed.get(&slot.field).cloned();
        typed.or(kept).unwrap_or_default()
    }

    fn fault(&self, slot: &Slot) -> Option<String> {
        let wrong = self.wrong.iter().find(|one| one.field == slot.field);
        wrong.map(|one| one.says.clone())
    }

    fn hint(&self, question: &Question) -> String {
        question.help.clone().unwrap_or_default()
    }

    fn is_given(&self, consent: &Slug, person: &PersonId) -> bool {
        self.given.contains(&(consent.clone(), *person))
    }
}

async fn draw(site: &Site, page: Page, case: CaseId) -> Result<ApplyPage, Trouble> {
    let ctx = acts(&page, Purpose::Case(case), "")?;
    let form = site.app.behalf(&ctx, case).await.map_err(unseen)?;
    Ok(ApplyPage {
        page: page.titled(format!("替{}家申请", form.applicant.name)),
        request: request_key()?,
        kept: String::new(),
        typed: BTreeMap::new(),
        given: BTreeSet::new(),
        wrong: Vec::new(),
        form,
    })
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(case): Path<i64>,
    axum::extract::Query(seen): axum::extract::Query<super::survey::Seen>,
) -> Result<Response, Trouble> {
    let shown = draw(&site, page, CaseId(case)).await?;
    let kept = seen.kept.unwrap_or_default();
    Ok(html(&ApplyPage { kept, ..shown }))
}

pub(super) async fn fill(
    State(site): State<Site>,
    page: Page,
    Path(case): Path<i64>,
    upload: Upload,
) -> Result<Response, Trouble> {
    let case = CaseId(case);
    let request = upload.one("request").to_owned();
    let given: BTreeSet<(Slug, PersonId)> = upload
        .all("consent")
        .filter_map(|text| {
            let (consent, who) = text.split_once('.')?;
            Some((consent.parse().ok()?, PersonId(who.parse().ok()?)))
        })
        .collect();
    let typed: BTreeMap<String, String> = upload.fields.iter().rev().cloned().collect();
    let shown = draw(&site, page.clone(), case).await?;
    let (mut answers, mut wrong) = (Vec::new(), Vec::new());
    for question in &shown.form.questions {
        for slot in &question.slots {
            let text = typed.get(&slot.field).map_or("", String::as_str);
            match question.read(slot, text) {
                Ok(answer) => answers.extend(answer),
                Err(why) => wrong.push(why),
            }
        }
    }
    let acts = |key: String| acts(&page, Purpose::Case(case), &key);
    if shown.form.draft {
        let mut problems = Vec::new();
        for (at, (_, name, body)) in upload.files.into_iter().enumerate() {
            let purpose = AttachedTo::Mandate;
            let given = HandedIn {
                purpose,
                name,
                body,
            };
            let ctx = acts(format!("{request}/{at}"))?;
            problems.extend(site.app.attach(&ctx, case, given).await.err());
        }
        if !answers.is_empty() {
            let papers = Vec::new();
            let act = Act::Fill { answers, papers };
            let done = site.app.on_case(&acts(request.clone())?, case, act).await;
            problems.extend(done.err());
        }
        let hands_in = typed.contains_key("send");
        if hands_in && wrong.is_empty() && problems.is_empty() {
            let ctx = acts(format!("{request}/send"))?;
            let done = site.app.submit_for(&ctx, case, given.clone()).await;
            problems.extend(done.err());
        }
        for why in problems {
            let (field, says) = said(why)?;
            let field = field.to_owned();
            wrong.push(Wrong { field, says });
        }
    }
    if !wrong.is_empty() {
        let fresh = draw(&site, page, case).await?;
        let shown = ApplyPage {
            typed,
            given,
            wrong,
            ..fresh
        };
        return Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown));
    }
    let key = super::survey::key_only(&request);
    Ok(Redirect::to(&format!("/field/apply/{case}?kept={key}")).into_response())
}

/// Which part of the form a problem belongs to, and its words.
fn said(why: AppError) -> Result<(&'static str, String), Trouble> {
    match why {
        AppError::BadInput(says) => Ok(("photo", says)),
        AppError::Refused(why) if why.code == "case.consent_missing" => {
            Ok(("consents", "还有人没有签字同意，签了再交".to_owned()))
        }
        AppError::Refused(why) if !why.code.starts_with("access.") => Ok(("consents", why.says)),
        other => Err(unseen(other)),
    }
}
