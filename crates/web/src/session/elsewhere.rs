//! 「去别家登录」 The way to another house and back. The browser holds the state, so that
//! nobody is signed in by an address somebody else sent them.

use super::{begun, sign_in_page};
use crate::look::{cookie, local};
use crate::page::{Page, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use app::AppError;
use app::sign_in::elsewhere::{Came, Elsewhere};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;

const COOKIE: &str = "nx_elsewhere";

fn named<'s>(site: &'s Site, id: &str) -> Result<&'s Elsewhere, Trouble> {
    let mut all = site.elsewhere().iter();
    all.find(|one| one.id == id).ok_or_else(Trouble::nothing)
}

#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    back: String,
}

pub(super) async fn leave(
    State(site): State<Site>,
    Path(id): Path<String>,
    Query(query): Query<Back>,
) -> Result<Response, Trouble> {
    let at = named(&site, &id)?;
    let (to, state) = site.app.begin_elsewhere(at, &query.back).await?;
    let secure = if site.settings.secure { "; Secure" } else { "" };
    let kept = format!(
        "{COOKIE}={}; Path=/sign-in/at; Max-Age=600; HttpOnly; SameSite=Lax{secure}",
        state.0
    );
    let head = AppendHeaders([(header::SET_COOKIE, kept)]);
    Ok((head, Redirect::to(&to)).into_response())
}

pub(super) async fn come_back(
    State(site): State<Site>,
    page: Page,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(came): Query<Came>,
) -> Result<Response, Trouble> {
    let at = named(&site, &id)?;
    let held = cookie(&headers, COOKIE);
    match site.app.finish_elsewhere(at, held, &came).await {
        Ok((token, back)) => {
            let back = match back.is_empty() {
                true => None,
                false => Some(local(Some(&back))),
            };
            begun(&site, &headers, &token, back).await
        }
        Err(AppError::Refused(refused)) => {
            let fault = Some(refused.says);
            let drawn = sign_in_page(&site, page, String::new(), String::new(), fault).await?;
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn))
        }
        Err(other) => Err(other.into()),
    }
}
