//! 「底册存疑」 What deliveries said that does not fit the register: both sides, and
//! a signed answer with its reason.

use super::{Taken, place, request_key, unseen};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::import::{ANSWERS, OpenQuestion};
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use kernel::Role;

/// Who settles what does not fit.
pub(crate) const SETTLERS: &[Role] = &[Role::CountyApprover];

#[derive(Template)]
#[template(path = "desk/questions.html")]
struct QuestionsPage {
    page: Page,
    questions: Vec<OpenQuestion>,
    request: String,
    proved: bool,
    /// Of which question, what is wrong, and what was typed.
    fault: Option<Fault>,
}

struct Fault {
    key: String,
    says: String,
    answer: String,
    reason: String,
}

impl QuestionsPage {
    fn fault(&self, one: &OpenQuestion) -> Option<&Fault> {
        self.fault.as_ref().filter(|fault| fault.key == one.key)
    }

    fn is_picked(&self, one: &OpenQuestion, answer: &str) -> bool {
        self.fault(one).is_some_and(|fault| fault.answer == answer)
    }

    fn reason(&self, one: &OpenQuestion) -> &str {
        self.fault(one).map_or("", |fault| fault.reason.as_str())
    }
}

async fn draw(site: &Site, page: Page, fault: Option<Fault>) -> Result<QuestionsPage, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Discovery, "");
    let questions = site
        .app
        .open_questions(&ctx, place(&page)?)
        .await
        .map_err(unseen)?;
    Ok(QuestionsPage {
        proved: visitor.proved,
        page: page.titled("底册存疑"),
        request: request_key()?,
        questions,
        fault,
    })
}

pub(super) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    Ok(html(&draw(&site, page, None).await?))
}

pub(super) async fn settle(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Discovery, taken.get("request"));
    let (key, answer, reason) = (taken.get("key"), taken.get("answer"), taken.get("reason"));
    let written = (answer.as_str(), reason.as_str());
    let done = site.app.settle_question(&ctx, place(&page)?, &key, written);
    match done.await {
        Ok(_) => Ok(Redirect::to("/desk/questions").into_response()),
        Err(AppError::BadInput(says)) => {
            let fault = Fault {
                key,
                says,
                answer,
                reason,
            };
            let shown = draw(&site, page, Some(fault)).await?;
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
        Err(other) => Err(unseen(other)),
    }
}
