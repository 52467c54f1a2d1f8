//! 「一件大事」 Its steps with a form each, the way back for a mistaken one, and everything
//! that happened on one timeline.

use crate::assess::said;
use crate::desk::{Taken, request_key, unseen};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::life::{Does, LifeAct, LifePage, LifeStep, StepState};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use kernel::{Date, LifeEventId};

#[derive(Template)]
#[template(path = "life/one.html")]
struct OneView {
    page: Page,
    one: LifePage,
    request: String,
    fault: Option<String>,
}

impl OneView {
    fn light(&self, step: &LifeStep) -> &'static str {
        match step.state {
            StepState::Waiting | StepState::MustAct { .. } => "warn",
            StepState::Done { .. } | StepState::Reversed { .. } | StepState::ActedBack { .. } => {
                "ok"
            }
            StepState::Declined { .. } | StepState::Dropped => "none",
        }
    }

    fn waits(&self, step: &LifeStep) -> bool {
        step.state == StepState::Waiting
    }

    fn by_hand(&self, step: &LifeStep) -> bool {
        step.step.does == Does::ByHand
    }

    fn must_act(&self, step: &LifeStep) -> bool {
        matches!(step.state, StepState::MustAct { .. })
    }

    fn wants_child(&self, step: &LifeStep) -> bool {
        self.one.wants_child == Some(step.no)
    }

    /// What came of a step.
    fn came(&self, step: &LifeStep) -> String {
        match &step.state {
            StepState::Done { says, .. }
            | StepState::Reversed { says, .. }
            | StepState::ActedBack { says, .. }
            | StepState::MustAct { says }
            | StepState::Declined { reason: says, .. } => says.clone(),
            StepState::Waiting | StepState::Dropped => step.step.says.clone(),
        }
    }

    fn open(&self) -> usize {
        self.one.event.open().count()
    }
}

async fn draw(site: &Site, page: Page, id: LifeEventId) -> Result<OneView, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, String::new());
    let one = site.app.life_page(&ctx, id).await.map_err(unseen)?;
    Ok(OneView {
        page: page
            .titled(format!("{}：{}", one.kind, one.name))
            .toned(one.solemn),
        one,
        request: request_key()?,
        fault: None,
    })
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(id): Path<i64>,
) -> Result<Response, Trouble> {
    Ok(html(&draw(&site, page, LifeEventId(id)).await?))
}

/// What a button asks.
fn command(taken: &Taken, today: Date) -> Result<LifeAct, AppError> {
    let what = || AppError::BadInput("请选要做什么".to_owned());
    let no = || taken.get("no").parse::<u32>().map_err(|_| what());
    let words = taken.get("words");
    Ok(match taken.get("do").as_str() {
        "do" => LifeAct::Do {
            no: no()?,
            says: words,
        },
        "write_child" => LifeAct::WriteChild {
            no: no()?,
            number: super::number(taken, "number", today)?,
            name: taken.get("name"),
        },
        "decline" => LifeAct::Decline {
            no: no()?,
            reason: words,
        },
        "act_back" => LifeAct::ActBack {
            no: no()?,
            says: words,
        },
        "undo" => LifeAct::Undo { reason: words },
        _ => return Err(what()),
    })
}

pub(super) async fn act(
    State(site): State<Site>,
    page: Page,
    Path(id): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let id = LifeEventId(id);
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, taken.get("request"));
    let done = match command(&taken, page.today) {
        Ok(act) => site.app.on_life(&ctx, id, act).await.map(drop),
        Err(why) => Err(why),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/desk/life/{id}")).into_response()),
        Err(why) => {
            let fault = Some(said(why)?);
            let view = OneView {
                fault,
                ..draw(&site, page, id).await?
            };
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
    }
}
