//! 「窗口」 Who comes in with their card: number, name, what for, and how they let the
//! office write it; then the same form as for a lead.
//! Rows: A29.

use crate::desk::{request_key, unseen};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::resident::{AskedFor, CameIn, SAID};
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use kernel::PersonNumber;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "field/counter.html")]
struct CounterPage {
    page: Page,
    services: Vec<AskedFor>,
    typed: Typed,
    request: String,
    wrong: Vec<(&'static str, String)>,
}

impl CounterPage {
    fn fault(&self, field: &str) -> Option<&str> {
        let wrong = self.wrong.iter().find(|(id, _)| *id == field);
        wrong.map(|(_, says)| says.as_str())
    }
}

/// What was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    request: String,
    number: String,
    name: String,
    service: String,
    said: String,
}

impl Typed {
    /// The card, as far as it can be read.
    fn read(&self, page: &Page) -> Result<CameIn, Vec<(&'static str, String)>> {
        let mut wrong = Vec::new();
        let number = PersonNumber::parse_on(self.number.trim(), page.today);
        if let Err(why) = &number {
            wrong.push(("number", why.to_string()));
        }
        if self.name.trim().is_empty() {
            wrong.push(("name", "请照着证件写姓名".to_owned()));
        }
        let service = self.service.parse();
        if service.is_err() {
            wrong.push(("service", "请选要申请哪一项".to_owned()));
        }
        if self.said.is_empty() {
            wrong.push(("said", "请选本人是怎样同意您代办的".to_owned()));
        }
        match (number, service) {
            (Ok(number), Ok(service)) if wrong.is_empty() => Ok(CameIn {
                number,
                name: self.name.trim().to_owned(),
                service,
                said: self.said.clone(),
            }),
            _ => Err(wrong),
        }
    }
}

fn draw(
    site: &Site,
    page: Page,
    typed: Typed,
    wrong: Vec<(&'static str, String)>,
) -> Result<CounterPage, Trouble> {
    Ok(CounterPage {
        page: page.titled("来人申请"),
        services: site.app.asked_for(),
        request: request_key()?,
        typed,
        wrong,
    })
}

pub(super) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    Ok(html(&draw(&site, page, Typed::default(), Vec::new())?))
}

pub(super) async fn begin(
    State(site): State<Site>,
    page: Page,
    Form(typed): Form<Typed>,
) -> Result<Response, Trouble> {
    let wrong = match typed.read(&page) {
        Err(wrong) => wrong,
        Ok(came) => {
            let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
            let ctx = visitor.acts(Purpose::Counter, typed.request.clone());
            match site.app.came_in(&ctx, came).await {
                Ok(case) => {
                    let to = format!("/field/apply/{}", case.value);
                    return Ok(Redirect::to(&to).into_response());
                }
                Err(AppError::BadInput(says)) => vec![("number", says)],
                Err(AppError::Refused(why)) if !why.code.starts_with("access.") => {
                    vec![("service", why.says)]
                }
                Err(other) => return Err(unseen(other)),
            }
        }
    };
    let shown = draw(&site, page, typed, wrong)?;
    Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown))
}
