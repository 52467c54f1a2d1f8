//! 「我的评估」 How a resident was assessed: the grade, what it rests on, until when,
//! and asking for another look.

use super::said;
use crate::citizen::context;
use crate::desk::{Taken, request_key};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::assess::AssessmentPage;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_assessment::{Command, Phase};
use kernel::AssessmentId;

#[derive(Template)]
#[template(path = "assess/mine.html")]
struct MineView {
    page: Page,
    all: Vec<AssessmentPage>,
    request: String,
    fault: Option<String>,
}

impl MineView {
    fn may_appeal(&self, one: &AssessmentPage) -> bool {
        let confirmed = one.state.confirmed.as_ref();
        let open = confirmed.is_some_and(|c| self.page.today <= c.appeal_until);
        open && one.phase() == Phase::InForce
    }
}

async fn draw(site: &Site, page: Page) -> Result<MineView, Trouble> {
    let all = site.app.own_assessments(&context(&page, "")?).await?;
    Ok(MineView {
        page: page.titled("我的评估"),
        request: request_key()?,
        fault: None,
        all,
    })
}

pub(super) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    Ok(html(&draw(&site, page).await?))
}

pub(super) async fn appeal(
    State(site): State<Site>,
    page: Page,
    Path(id): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, taken.get("request").as_str())?;
    let reason = taken.get("reason");
    let appeal = Command::Appeal { reason };
    match site.app.assess(&ctx, AssessmentId(id), appeal).await {
        Ok(_) => Ok(Redirect::to("/assessments").into_response()),
        Err(why) => {
            let fault = Some(said(why)?);
            let view = draw(&site, page).await?;
            let view = MineView { fault, ..view };
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
    }
}
