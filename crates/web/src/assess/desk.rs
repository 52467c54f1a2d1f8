//! 「评估结果」 Results of a place, the ranking, one assessment with its certificate; a
//! person confirms, sends back, looks again, closes what was mended.

use super::said;
use crate::desk::{Taken, place, request_key, unseen};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::assess::{AssessmentPage, Listed, RankLine, SheetLine};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use engine_assessment::{Command, Phase, Place};
use kernel::{AssessmentId, Role, Slug};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "assess/list.html")]
struct ListView {
    page: Page,
    all: Vec<Listed>,
    sheets: Vec<SheetLine>,
    /// Which sheet is ranked.
    sheet: Option<Slug>,
    ranking: Vec<Place<RankLine>>,
    draws: bool,
}

impl ListView {
    fn chosen(&self, sheet: &SheetLine) -> bool {
        self.sheet.as_ref() == Some(&sheet.id)
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    sheet: String,
}

pub(super) async fn list(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let (ctx, region) = (visitor.acts(Purpose::Duty, ""), place(&page)?);
    let all = site.app.assessments(&ctx, region).await.map_err(unseen)?;
    let mut sheets = site.app.sheets();
    sheets.retain(|one| one.body.is_some());
    let wanted: Option<Slug> = asked.sheet.parse().ok();
    let sheet = wanted.or_else(|| sheets.first().map(|one| one.id.clone()));
    let ranking = match &sheet {
        Some(sheet) => site
            .app
            .ranking(&ctx, region, sheet)
            .await
            .map_err(unseen)?,
        None => Vec::new(),
    };
    Ok(html(&ListView {
        draws: page.is(super::DRAWERS),
        page: page.titled("评估"),
        all,
        sheets,
        sheet,
        ranking,
    }))
}

#[derive(Template)]
#[template(path = "assess/one.html")]
struct OneView {
    page: Page,
    one: AssessmentPage,
    request: String,
    fault: Option<String>,
    county: bool,
}

impl OneView {
    fn id(&self) -> AssessmentId {
        self.one.state.opened.id
    }

    fn graded(&self) -> bool {
        self.one.phase() == Phase::Graded
    }

    fn open(&self) -> bool {
        matches!(self.one.phase(), Phase::Filling | Phase::Disputed)
    }

    fn in_force(&self) -> bool {
        self.one.phase() == Phase::InForce
    }

    fn appealed(&self) -> bool {
        let appeal = self.one.state.appeal.as_ref();
        appeal.is_some_and(|one| one.again.is_none()) && self.one.state.replaced.is_none()
    }
}

async fn draw(site: &Site, page: Page, id: AssessmentId) -> Result<OneView, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Assessment(id), "");
    let one = site.app.assessment_page(&ctx, id).await.map_err(unseen)?;
    Ok(OneView {
        county: page.is(&[Role::CountyApprover]),
        page: page.titled(format!("{}：{}", one.sheet.name, one.whose)),
        request: request_key()?,
        fault: None,
        one,
    })
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(id): Path<i64>,
) -> Result<Response, Trouble> {
    Ok(html(&draw(&site, page, AssessmentId(id)).await?))
}

/// What a button asks.
fn command(taken: &Taken) -> Option<Command> {
    let words = taken.get("reason");
    let question = || taken.get("question").parse::<Slug>().ok();
    Some(match taken.get("do").as_str() {
        "confirm" => Command::Confirm,
        "return" => Command::Return { reason: words },
        "appeal" => Command::Appeal { reason: words },
        "override" => Command::Override {
            to: taken.get("to").parse().ok()?,
            reason: words,
        },
        "answer" => Command::Answer {
            question: question()?,
            proof: words,
        },
        "close" => Command::Close {
            question: question()?,
        },
        "send_back" => Command::SendBack {
            question: question()?,
            reason: words,
        },
        _ => return None,
    })
}

pub(super) async fn act(
    State(site): State<Site>,
    page: Page,
    Path(id): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let id = AssessmentId(id);
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Assessment(id), taken.get("request"));
    let to = |id: AssessmentId| Redirect::to(&format!("/desk/assess/{id}")).into_response();
    let done = match (taken.get("do").as_str(), command(&taken)) {
        ("again", _) => site.app.look_again(&ctx, id).await.map(|reply| reply.value),
        (_, Some(command)) => site.app.assess(&ctx, id, command).await.map(|_| id),
        (_, None) => Err(AppError::BadInput("请选要做什么".to_owned())),
    };
    match done {
        Ok(id) => Ok(to(id)),
        Err(why) => {
            let fault = Some(said(why)?);
            let view = draw(&site, page, id).await?;
            let view = OneView { fault, ..view };
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
    }
}
