//! 「办件页」 The whole decision in one view: what departments answered, what the
//! rules say, what this person may do, what the household will read.

mod certificate;
mod check;
mod papers;

use super::{OFFICERS, Taken, request_key};
use crate::guard::May;
use crate::page::{Page, html_as};
use crate::routes::Route;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::Context;
use app::case::file::{
    AskKind, Asks, CaseFile, Check, CheckMark, Offer, Past, PastMark, Reason, Written, is_decision,
};
use app::sign_in::Visitor;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use kernel::{CaseId, Date, Role, Truth};
use serde::Deserialize;

/// How many departments are shown before the rest folds away.
const CHECKS_SHOWN: usize = 8;
/// How many reasons are shown before those that hold fold away.
const REASONS_SHOWN: usize = 3;
/// How much of what happened is shown before the beginning folds away.
const PAST_SHOWN: usize = 4;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/desk/cases/{case}", May::Roles(OFFICERS), show),
        Route::post("/desk/cases/{case}/act", May::Roles(OFFICERS), act),
        Route::post("/desk/cases/{case}/decide", May::Proved(SIGNERS), decide),
        Route::post("/desk/cases/{case}/verify", May::Roles(SIGNERS), verify),
        Route::get(
            "/desk/cases/{case}/check",
            May::Roles(OFFICERS),
            check::show,
        ),
        Route::post("/desk/cases/{case}/check", May::Roles(SIGNERS), check::draw),
        Route::get(
            "/desk/cases/{case}/check/json",
            May::Roles(OFFICERS),
            check::json,
        ),
        Route::get(
            "/desk/cases/{case}/check/paper",
            May::Roles(OFFICERS),
            check::paper,
        ),
        Route::get(
            "/desk/cases/{case}/certificate",
            May::Roles(OFFICERS),
            certificate::show,
        ),
        Route::get(
            "/desk/cases/{case}/files/{document}",
            May::Roles(OFFICERS),
            papers::open,
        ),
        Route::upload(
            "/desk/cases/{case}/papers",
            May::Roles(papers::TAKERS),
            papers::take_in,
        ),
    ]
}

/// Who verifies and decides.
const SIGNERS: &[Role] = &[Role::TownOfficer, Role::CountyApprover];

#[derive(Template)]
#[template(path = "desk/case/case.html")]
struct CasePage {
    page: Page,
    file: CaseFile,
    chosen: Option<Offer>,
    fields: Vec<Field>,
    /// A refusal or fault, in its own words.
    fault: Option<Fault>,
    request: String,
    proved: bool,
    done: bool,
    can_verify: bool,
}

struct Fault {
    says: String,
    article: Option<String>,
}

/// A field of the form as it is drawn.
struct Field {
    asks: Asks,
    values: Vec<String>,
    /// What is wrong with it.
    fault: Option<&'static str>,
}

impl Field {
    fn of(asks: &Asks, written: Option<&Written>) -> Field {
        let first = match written {
            Some(written) => written.get(&asks.name).cloned().unwrap_or_default(),
            None if asks.value.is_empty() => Vec::new(),
            None => vec![asks.value.clone()],
        };
        let blank = first.iter().all(|value| value.trim().is_empty());
        let fault = (written.is_some() && blank).then_some(match asks.kind {
            AskKind::One(_) | AskKind::Some(_) => "请选",
            AskKind::Words | AskKind::Line | AskKind::Day => "请填写",
        });
        Field {
            asks: asks.clone(),
            values: first,
            fault,
        }
    }

    fn value(&self) -> &str {
        self.values.first().map_or("", String::as_str)
    }

    fn has(&self, value: &str) -> bool {
        self.values.iter().any(|one| one == value)
    }

    /// For `id` attributes: names hold dots.
    fn id(&self) -> String {
        self.asks.name.replace('.', "-")
    }
}

impl CasePage {
    fn light(&self) -> super::today::Light {
        super::today::light(&self.file.line, self.page.today)
    }

    /// What the officer is here for, before what can be done at any time.
    fn first(&self) -> impl Iterator<Item = &Offer> {
        self.file.offers.iter().filter(|one| is_first(one))
    }

    fn beside(&self) -> impl Iterator<Item = &Offer> {
        let offers = self.file.offers.iter();
        offers.filter(|one| !is_first(one) && one.id != "judge" && !is_of_part(one))
    }

    /// Where the survey under way is written and signed.
    fn survey(&self) -> Option<&(kernel::Slug, String)> {
        let goes = self.page.is(crate::field::FIELD);
        self.file.survey.as_ref().filter(|_| goes)
    }

    fn answered(&self) -> usize {
        let parts = self.file.parts.iter();
        parts.filter(|one| one.answer.is_some()).count()
    }

    fn chosen_part(&self) -> Option<&Offer> {
        self.chosen.as_ref().filter(|one| is_of_part(one))
    }

    fn judges(&self) -> Option<&Offer> {
        self.file.offers.iter().find(|one| one.id == "judge")
    }

    fn is_chosen(&self, offer: &Offer) -> bool {
        self.chosen.as_ref().is_some_and(|one| one.id == offer.id)
    }

    fn checks(&self) -> (&[Check], &[Check]) {
        let checks = self.file.checks.as_ref();
        let lines = checks.map_or(&[][..], |checks| checks.lines.as_slice());
        match lines.len() > CHECKS_SHOWN {
            true => lines.split_at(CHECKS_SHOWN),
            false => (lines, &[]),
        }
    }

    fn reasons(&self) -> (&[Reason], &[Reason]) {
        let told = self.file.told.as_ref();
        let reasons = told.map_or(&[][..], |told| told.reasons.as_slice());
        let open = reasons.iter().filter(|one| one.truth != Truth::True);
        let shown = open.count().max(REASONS_SHOWN);
        match reasons.len() > shown + 1 {
            true => reasons.split_at(shown),
            false => (reasons, &[]),
        }
    }

    /// The beginning, folded; then the rest.
    fn past(&self) -> (&[Past], &[Past]) {
        let done = self.file.past.iter();
        let done = done.filter(|one| one.mark == PastMark::Done).count();
        match done > PAST_SHOWN + 1 {
            true => self.file.past.split_at(done - PAST_SHOWN),
            false => (&[], &self.file.past),
        }
    }

    fn row(&self, places: &[app::case::file::KinPlace]) -> Vec<&app::case::file::Kin> {
        let kin = self.file.kin.iter();
        kin.filter(|one| places.contains(&one.place)).collect()
    }

    fn elders(&self) -> Vec<&app::case::file::Kin> {
        self.row(&[app::case::file::KinPlace::Elder])
    }

    fn middle(&self) -> Vec<&app::case::file::Kin> {
        use app::case::file::KinPlace::{Beside, Head, Spouse};
        self.row(&[Head, Spouse, Beside])
    }

    fn children(&self) -> Vec<&app::case::file::Kin> {
        self.row(&[app::case::file::KinPlace::Child])
    }

    /// How many days of the promise are left, in a sentence.
    fn due(&self) -> Option<Date> {
        self.file.line.deadline.map(|one| one.due)
    }
}

/// Chosen beside its part, not among the acts of the whole.
fn is_of_part(offer: &Offer) -> bool {
    offer.id.starts_with("open_part.") || offer.id.starts_with("answer_part.")
}

fn is_first(offer: &Offer) -> bool {
    let verb = offer.id.split('.').next().unwrap_or_default();
    !matches!(
        verb,
        "judge"
            | "object"
            | "escalate"
            | "establish"
            | "demand"
            | "meet_demand"
            | "prolong"
            | "conflict"
    ) && !is_of_part(offer)
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    act: Option<String>,
    done: Option<u8>,
}

fn visitor(page: &Page) -> Result<&Visitor, Trouble> {
    page.visitor.as_ref().ok_or_else(Trouble::nothing)
}

fn context(page: &Page, case: CaseId, request: String) -> Result<Context, Trouble> {
    Ok(visitor(page)?.acts(Purpose::Case(case), request))
}

async fn show(
    State(site): State<Site>,
    page: Page,
    Path(case): Path<i64>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    let case = CaseId(case);
    let drawn = draw(&site, page, case, wanted.act.as_deref(), None).await?;
    let done = wanted.done.is_some();
    Ok(html_as(StatusCode::OK, &CasePage { done, ..drawn }))
}

/// The page with an act chosen; with what was written, when it was refused.
async fn draw(
    site: &Site,
    page: Page,
    case: CaseId,
    wanted: Option<&str>,
    refused: Option<(&Written, Fault)>,
) -> Result<CasePage, Trouble> {
    let ctx = context(&page, case, String::new())?;
    let file = site.app.case_file(&ctx, case).await;
    let file = file.map_err(super::unseen)?;
    let visitor = visitor(&page)?;
    let (proved, role) = (visitor.proved, visitor.actor.role);
    let offers = || file.offers.iter();
    let named = offers().find(|one| Some(one.id.as_str()) == wanted);
    let ready = || offers().find(|one| is_first(one) && one.hindrance.is_none());
    let any = || offers().find(|one| is_first(one));
    let chosen = named.or_else(ready).or_else(any).cloned();
    let (written, fault) = match refused {
        Some((written, fault)) => (Some(written), Some(fault)),
        None => (None, None),
    };
    let asks = chosen.iter().flat_map(|one| &one.asks);
    let fields = asks.map(|asks| Field::of(asks, written)).collect();
    let title = format!(
        "{}家 · {}",
        file.line.applicant_name, file.line.service_name
    );
    Ok(CasePage {
        page: page.titled(title),
        fields,
        chosen,
        fault,
        request: request_key()?,
        proved,
        done: false,
        can_verify: site.departments().is_some() && SIGNERS.contains(&role),
        file,
    })
}

async fn act(
    State(site): State<Site>,
    page: Page,
    Path(case): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    if is_decision(&taken.get("offer")) {
        let says = "作决定要先证明是您本人。请回到办件页再办";
        return Err(Trouble::new(StatusCode::FORBIDDEN, says));
    }
    take(&site, page, CaseId(case), taken).await
}

async fn decide(
    State(site): State<Site>,
    page: Page,
    Path(case): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    take(&site, page, CaseId(case), taken).await
}

async fn take(site: &Site, page: Page, case: CaseId, taken: Taken) -> Result<Response, Trouble> {
    let (offer, request) = (taken.get("offer"), taken.get("request"));
    let written = taken.all();
    let ctx = context(&page, case, request)?;
    match site.app.take_offer(&ctx, case, &offer, &written).await {
        Ok(()) => Ok(Redirect::to(&format!("/desk/cases/{case}?done=1")).into_response()),
        Err(why) => refused(site, page, case, (&offer, &written), why).await,
    }
}

async fn refused(
    site: &Site,
    page: Page,
    case: CaseId,
    (offer, written): (&str, &Written),
    why: AppError,
) -> Result<Response, Trouble> {
    let fault = match why {
        AppError::Refused(refused) => Fault {
            says: refused.says,
            article: refused.article,
        },
        AppError::BadInput(says) => Fault {
            says,
            article: None,
        },
        other => return Err(super::unseen(other)),
    };
    let drawn = draw(site, page, case, Some(offer), Some((written, fault))).await?;
    Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn))
}

async fn verify(
    State(site): State<Site>,
    page: Page,
    Path(case): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let case = CaseId(case);
    let Some(departments) = site.departments() else {
        let says = "这里还没有接上部门专线。请联系管理员";
        return Err(Trouble::new(StatusCode::SERVICE_UNAVAILABLE, says));
    };
    let ctx = context(&page, case, taken.get("request"))?;
    match site.app.verify_case(&ctx, departments, case).await {
        Ok(_) => Ok(Redirect::to(&format!("/desk/cases/{case}?done=1")).into_response()),
        Err(why) => refused(&site, page, case, ("", &Written::new()), why).await,
    }
}

/// Class of a department's square.
fn square(mark: CheckMark) -> &'static str {
    match mark {
        CheckMark::Differs | CheckMark::Decides => "diff",
        CheckMark::Silent | CheckMark::Waiting => "fail",
        CheckMark::Settled | CheckMark::Agrees => "agrees",
    }
}

/// Mark and word of a department's square.
fn standing(mark: CheckMark) -> (&'static str, &'static str) {
    match mark {
        CheckMark::Differs => ("warn", "不符"),
        CheckMark::Decides => ("warn", "没答复"),
        CheckMark::Silent => ("half", "没答复"),
        CheckMark::Waiting => ("none", "在问"),
        CheckMark::Settled => ("ok", "已认定"),
        CheckMark::Agrees => ("ok", "相符"),
    }
}
