//! 「通行密钥页」 Adding, using and removing passkeys. The questions are JSON for the
//! page's script; the answers are ordinary forms.

use super::{begun, prove_page, proved, sign_in_page};
use crate::look::local;
use crate::page::{Page, Signed, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::sign_in::{PasskeyLine, Passkeys, Visitor};
use app::{AppError, Context};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Json};
use engine_access::Purpose;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "session/passkeys.html")]
struct PasskeysPage {
    page: Page,
    keys: Vec<PasskeyLine>,
    name: String,
    fault: Option<String>,
}

fn keys(site: &Site) -> Result<&Passkeys, Trouble> {
    site.passkeys().ok_or_else(Trouble::nothing)
}

fn visitor(page: &Page) -> Result<&Visitor, Trouble> {
    page.visitor.as_ref().ok_or_else(Trouble::nothing)
}

fn own(visitor: &Visitor) -> Context {
    visitor.acts(Purpose::Own, String::new())
}

async fn list(
    site: &Site,
    page: Page,
    name: String,
    fault: Option<String>,
) -> Result<PasskeysPage, Trouble> {
    keys(site)?;
    let held = site.app.own_passkeys(&own(visitor(&page)?)).await?;
    Ok(PasskeysPage {
        page: page.titled("通行密钥"),
        keys: held,
        name,
        fault,
    })
}

pub(super) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    Ok(html(&list(&site, page, String::new(), None).await?))
}

/// The question for a new key.
pub(super) async fn ask_new(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let visitor = visitor(&page)?;
    let ctx = own(visitor);
    let asked = site.app.begin_passkey(keys(&site)?, &ctx, visitor.proved);
    Ok(Json(asked.await?).into_response())
}

/// The question for a key that is there.
pub(super) async fn ask(State(site): State<Site>) -> Result<Response, Trouble> {
    let asked = site.app.ask_passkey(keys(&site)?).await?;
    Ok(Json(asked).into_response())
}

#[derive(Deserialize)]
pub(super) struct Answer {
    key: String,
    answer: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    back: String,
    #[serde(default)]
    kept: String,
}

pub(super) async fn add(
    State(site): State<Site>,
    page: Page,
    Form(typed): Form<Answer>,
) -> Result<Response, Trouble> {
    let ctx = own(visitor(&page)?);
    let (key, answer) = (&typed.key, &typed.answer);
    let added = site
        .app
        .finish_passkey(keys(&site)?, &ctx, key, &typed.name, answer);
    match added.await {
        Ok(()) => Ok(Redirect::to("/passkeys").into_response()),
        Err(AppError::Refused(refused)) => refill(&site, page, typed.name, refused.says).await,
        Err(AppError::BadInput(says)) => refill(&site, page, typed.name, says).await,
        Err(other) => Err(other.into()),
    }
}

async fn refill(site: &Site, page: Page, name: String, says: String) -> Result<Response, Trouble> {
    let drawn = list(site, page, name, Some(says)).await?;
    Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn))
}

pub(super) async fn remove(
    State(site): State<Site>,
    page: Page,
    Path(key): Path<i64>,
) -> Result<Response, Trouble> {
    let ctx = own(visitor(&page)?);
    site.app.remove_passkey(&ctx, key).await?;
    Ok(Redirect::to("/passkeys").into_response())
}

pub(super) async fn sign_in(
    State(site): State<Site>,
    page: Page,
    headers: HeaderMap,
    Form(typed): Form<Answer>,
) -> Result<Response, Trouble> {
    let asked = site
        .app
        .sign_in_by_passkey(keys(&site)?, &typed.key, &typed.answer);
    match asked.await {
        Ok(token) => {
            let back = match typed.back.is_empty() {
                true => None,
                false => Some(local(Some(&typed.back))),
            };
            begun(&site, &headers, &token, back).await
        }
        Err(AppError::Refused(refused)) => {
            let fault = Some(refused.says);
            let drawn = sign_in_page(&site, page, typed.back, String::new(), fault).await?;
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn))
        }
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn prove(
    State(site): State<Site>,
    page: Page,
    Extension(signed): Extension<Signed>,
    Form(typed): Form<Answer>,
) -> Result<Response, Trouble> {
    let token = signed.token.ok_or_else(Trouble::nothing)?;
    let shown = site
        .app
        .prove_by_passkey(keys(&site)?, &token, &typed.key, &typed.answer);
    match shown.await {
        Ok(()) => Ok(proved(&typed.back, &typed.kept)),
        Err(AppError::Refused(refused)) => {
            let back = local(Some(&typed.back));
            let drawn = prove_page(&site, page, back, typed.kept, Some(refused.says)).await?;
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn))
        }
        Err(other) => Err(other.into()),
    }
}
