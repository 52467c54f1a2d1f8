//! 「请人代办」 Who may act for the resident: to appoint somebody for a time, and to
//! end it at once.

use super::{Sent, context, request_key};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::resident::AgentLine;
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use kernel::{Date, PersonId};

#[derive(Template)]
#[template(path = "citizen/agents.html")]
struct AgentsPage {
    page: Page,
    agents: Vec<AgentLine>,
    request: String,
    login: String,
    to: String,
    /// The field, and what is wrong with it.
    fault: Option<(&'static str, String)>,
}

impl AgentsPage {
    fn fault(&self, field: &str) -> Option<&str> {
        let (of, says) = self.fault.as_ref()?;
        (*of == field).then_some(says.as_str())
    }
}

async fn draw(site: &Site, page: Page) -> Result<AgentsPage, Trouble> {
    let agents = site.app.agents(&context(&page, "")?).await?;
    let year = page.today.checked_add_months(chrono::Months::new(12));
    Ok(AgentsPage {
        to: year.unwrap_or(page.today).to_string(),
        page: page.titled("请人代办"),
        request: request_key()?,
        login: String::new(),
        fault: None,
        agents,
    })
}

pub(crate) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    Ok(html(&draw(&site, page).await?))
}

async fn refused(
    site: &Site,
    page: Page,
    sent: &Sent,
    fault: (&'static str, String),
) -> Result<Response, Trouble> {
    let shown = AgentsPage {
        login: sent.one("login").to_owned(),
        to: sent.one("to").to_owned(),
        fault: Some(fault),
        ..draw(site, page).await?
    };
    Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

pub(crate) async fn appoint(
    State(site): State<Site>,
    page: Page,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let Ok(to) = sent.one("to").parse::<Date>() else {
        let fault = ("to", "请选代办到哪天".to_owned());
        return refused(&site, page, &sent, fault).await;
    };
    let ctx = context(&page, sent.one("request"))?;
    match site.app.appoint_by_login(&ctx, sent.one("login"), to).await {
        Ok(()) => Ok(Redirect::to("/agents").into_response()),
        Err(AppError::BadInput(says)) => {
            let field = if says.contains("哪天") {
                "to"
            } else {
                "login"
            };
            refused(&site, page, &sent, (field, says)).await
        }
        Err(other) => Err(other.into()),
    }
}

pub(crate) async fn end(
    State(site): State<Site>,
    page: Page,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let agent = sent.one("agent").parse().map_err(|_| Trouble::nothing())?;
    let ctx = context(&page, sent.one("request"))?;
    match site.app.end_agency(&ctx, PersonId(agent)).await {
        // Ended already: there is nothing more to end.
        Ok(()) | Err(AppError::BadInput(_)) => Ok(Redirect::to("/agents").into_response()),
        Err(other) => Err(other.into()),
    }
}
