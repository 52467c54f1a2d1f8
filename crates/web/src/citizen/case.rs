//! 「我的一件事」 One case as its household reads it, and what the household can do:
//! take it back, speak before a decision, say it was appealed against.
//! Rows: A14.

use super::{Sent, context, request_key};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::resident::CaseTold;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_case::{Act, AppealWay, PartResult, Phase};
use kernel::{CaseId, Date, Truth};

#[derive(Template)]
#[template(path = "citizen/case.html")]
pub(super) struct CasePage {
    page: Page,
    case: CaseTold,
    request: String,
    typed: String,
    fault: Option<String>,
    /// Of which paper, and what is wrong with its file.
    pub(super) paper_fault: Option<(String, String)>,
}

impl CasePage {
    fn paper_fault(&self, kind: &kernel::Slug) -> Option<&str> {
        let (of, says) = self.paper_fault.as_ref()?;
        (of == kind.as_str()).then_some(says.as_str())
    }

    fn mark(&self) -> &'static str {
        match self.case.phase {
            Phase::Granted | Phase::Paying | Phase::Completed => "mark--ok",
            Phase::Returned | Phase::ReviewDue => "mark--warn",
            Phase::Draft | Phase::Withdrawn => "mark--none",
            _ => "mark--half",
        }
    }

    /// The answer in one sentence.
    fn headline(&self) -> String {
        let (name, case) = (&self.case.name, &self.case);
        match case.phase {
            Phase::Granted | Phase::Paying | Phase::ReviewDue => format!("{name}，批下来了"),
            Phase::Refused => format!("{name}，这次没有批准"),
            Phase::Stopped => format!("{name}，停了"),
            Phase::PhaseOut => format!("{name}，慢慢减，到期停"),
            Phase::Withdrawn => format!("{name}，您撤回了"),
            Phase::Terminated => format!("{name}，没有办下去"),
            Phase::Completed => format!("{name}，各部门都答复了"),
            Phase::Returned => format!("{name}，还差几样材料"),
            Phase::Draft => format!("{name}，还没交"),
            Phase::New | Phase::Submitted | Phase::Handling => format!("{name}，正在办"),
        }
    }
}

pub(super) async fn told(site: &Site, page: &Page, case: i64) -> Result<CaseTold, Trouble> {
    let ctx = context(page, "")?;
    match site.app.case_told(&ctx, CaseId(case)).await {
        Ok(told) => Ok(told),
        // Another's case and no case sound the same.
        Err(AppError::Refused(why)) if why.code.starts_with("access.") => Err(Trouble::nothing()),
        Err(other) => Err(other.into()),
    }
}

pub(super) fn drawn(
    page: Page,
    case: CaseTold,
    request: String,
    typed: String,
    fault: Option<String>,
) -> CasePage {
    let mut page = page.titled(case.name.clone());
    page.solemn = case.solemn;
    CasePage {
        page,
        case,
        request,
        typed,
        fault,
        paper_fault: None,
    }
}

pub(crate) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(case): Path<i64>,
) -> Result<Response, Trouble> {
    let case = told(&site, &page, case).await?;
    Ok(html(&drawn(
        page,
        case,
        request_key()?,
        String::new(),
        None,
    )))
}

#[derive(Template)]
#[template(path = "citizen/sent.html")]
struct SentPage {
    page: Page,
    case: CaseTold,
}

pub(crate) async fn sent(
    State(site): State<Site>,
    page: Page,
    Path(case): Path<i64>,
) -> Result<Response, Trouble> {
    let case = told(&site, &page, case).await?;
    let mut page = page.titled("收到了");
    page.solemn = case.solemn;
    Ok(html(&SentPage { page, case }))
}

/// Does one act; what the law or the state does not allow is said on the case's page.
async fn act(
    site: &Site,
    page: Page,
    case: i64,
    sent: &Sent,
    act: Act,
) -> Result<Response, Trouble> {
    let ctx = context(&page, sent.one("request"))?;
    match site.app.on_case(&ctx, CaseId(case), act).await {
        Ok(_) => Ok(Redirect::to(&format!("/cases/{case}")).into_response()),
        Err(AppError::Refused(why)) if !why.code.starts_with("access.") => {
            let shown = told(site, &page, case).await?;
            let typed = sent.one("points").to_owned();
            let page = drawn(page, shown, request_key()?, typed, Some(why.says));
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(AppError::Refused(_)) => Err(Trouble::nothing()),
        Err(other) => Err(other.into()),
    }
}

pub(crate) async fn withdraw(
    State(site): State<Site>,
    page: Page,
    Path(case): Path<i64>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    act(&site, page, case, &sent, Act::Withdraw).await
}

pub(crate) async fn speak(
    State(site): State<Site>,
    page: Page,
    Path(case): Path<i64>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let lines = sent.one("points").lines();
    let points: Vec<String> = lines
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect();
    let finished = !sent.one("finished").is_empty();
    let says = match (points.is_empty(), sent.one("waive").is_empty()) {
        (_, false) => Act::Waive,
        (false, true) => Act::Speak { points, finished },
        (true, true) => {
            let shown = told(&site, &page, case).await?;
            let fault = Some("请写下您想说的，或者选“不用说了”".to_owned());
            let page = drawn(page, shown, request_key()?, String::new(), fault);
            return Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
    };
    act(&site, page, case, &sent, says).await
}

#[derive(Template)]
#[template(path = "citizen/appeal.html")]
struct AppealPage {
    page: Page,
    case: CaseTold,
    request: String,
    way: String,
    on: String,
    fault: Option<(&'static str, String)>,
}

pub(crate) async fn show_appeal(
    State(site): State<Site>,
    page: Page,
    Path(case): Path<i64>,
) -> Result<Response, Trouble> {
    let case = told(&site, &page, case).await?;
    if case.decision.is_none() {
        return Err(Trouble::nothing());
    }
    let mut page = page.titled("觉得不对，怎么办");
    page.solemn = case.solemn;
    Ok(html(&AppealPage {
        request: request_key()?,
        way: String::new(),
        on: page.today.to_string(),
        fault: None,
        page,
        case,
    }))
}

pub(crate) async fn appeal(
    State(site): State<Site>,
    page: Page,
    Path(id): Path<i64>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let case = told(&site, &page, id).await?;
    let decision = case.decision.as_ref().map(|one| one.decision);
    let decision = decision.ok_or_else(Trouble::nothing)?;
    let way = match sent.one("way") {
        "reconsideration" => Ok(AppealWay::Reconsideration),
        "litigation" => Ok(AppealWay::Litigation),
        _ => Err(("way", "请选一种".to_owned())),
    };
    let on = sent.one("on").parse::<Date>();
    let on = on.map_err(|_| ("on", "请选是哪天提的".to_owned()));
    let fault = match (way, on) {
        (Ok(way), Ok(filed_on)) => {
            let ctx = context(&page, sent.one("request"))?;
            let act = Act::Appeal {
                decision,
                way,
                filed_on,
            };
            match site.app.on_case(&ctx, CaseId(id), act).await {
                Ok(_) => return Ok(Redirect::to(&format!("/cases/{id}")).into_response()),
                Err(AppError::Refused(why)) if !why.code.starts_with("access.") => ("on", why.says),
                Err(AppError::Refused(_)) => return Err(Trouble::nothing()),
                Err(other) => return Err(other.into()),
            }
        }
        (Err(fault), _) | (_, Err(fault)) => fault,
    };
    let mut page = page.titled("觉得不对，怎么办");
    page.solemn = case.solemn;
    let drawn = AppealPage {
        page,
        case,
        request: sent.one("request").to_owned(),
        way: sent.one("way").to_owned(),
        on: sent.one("on").to_owned(),
        fault: Some(fault),
    };
    Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn))
}
