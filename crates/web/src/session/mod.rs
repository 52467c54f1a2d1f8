//! 「登录页」 Signing in and out, and proving anew who sits there. The wrong name,
//! password and code get one sentence; what was typed (but no secret) stays.

use crate::guard::{COOKIE, May};
use crate::look::local;
use crate::page::{Page, Signed, html, html_as};
use crate::routes::Route;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::sign_in::code_at;
use askama::Template;
use axum::Extension;
use axum::extract::{Form, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use kernel::Role;
use serde::Deserialize;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/sign-in", May::Anyone, show),
        Route::post("/sign-in", May::Anyone, sign_in),
        Route::post("/sign-out", May::Anyone, sign_out),
        Route::get("/prove", May::Signed, show_prove),
        Route::post("/prove", May::Signed, prove),
    ]
}

#[derive(Template)]
#[template(path = "session/sign_in.html")]
struct SignInPage {
    page: Page,
    back: String,
    login: String,
    fault: Option<String>,
    demo: Vec<DemoLine>,
}

struct DemoLine {
    login: String,
    password: String,
    who: String,
    code: String,
}

#[derive(Deserialize)]
struct Back {
    back: Option<String>,
}

async fn show(State(site): State<Site>, page: Page, Query(query): Query<Back>) -> Response {
    let back = query.back.as_deref().map(|back| local(Some(back)));
    html(&sign_in_page(
        &site,
        page,
        back.unwrap_or_default(),
        String::new(),
        None,
    ))
}

fn sign_in_page(
    site: &Site,
    page: Page,
    back: String,
    login: String,
    fault: Option<String>,
) -> SignInPage {
    let now = site.now();
    let demo = site.settings.demo.iter().map(|one| DemoLine {
        login: one.login.clone(),
        password: one.password.clone(),
        who: one.who.clone(),
        code: match &one.totp {
            Some(secret) => code_at(secret, now.at).unwrap_or_default(),
            None => String::new(),
        },
    });
    SignInPage {
        demo: demo.collect(),
        page: page.titled("登录"),
        back,
        login,
        fault,
    }
}

#[derive(Deserialize)]
struct Typed {
    login: String,
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    back: String,
}

async fn sign_in(
    State(site): State<Site>,
    page: Page,
    Extension(signed): Extension<Signed>,
    Form(typed): Form<Typed>,
) -> Result<Response, Trouble> {
    let code = Some(typed.code.as_str()).filter(|code| !code.trim().is_empty());
    match site.app.sign_in(&typed.login, &typed.password, code).await {
        Ok(token) => {
            // A new session for a new person: the old one ends.
            if let Some(old) = &signed.token {
                site.app.sign_out(old).await?;
            }
            let visitor = site.app.visitor(&token).await?;
            let home = visitor.map_or("/", |one| home(one.actor.role));
            let back = match typed.back.is_empty() {
                true => home.to_owned(),
                false => local(Some(&typed.back)),
            };
            let secure = if site.settings.secure { "; Secure" } else { "" };
            let cookie = format!(
                "{COOKIE}={}; Path=/; HttpOnly; SameSite=Lax{secure}",
                token.0
            );
            let head = AppendHeaders([(header::SET_COOKIE, cookie)]);
            Ok((head, Redirect::to(&back)).into_response())
        }
        Err(AppError::Refused(refused)) => {
            let shown = sign_in_page(&site, page, typed.back, typed.login, Some(refused.says));
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
        Err(other) => Err(other.into()),
    }
}

/// Where each role begins.
pub(crate) fn home(role: Role) -> &'static str {
    match role {
        Role::Citizen | Role::Agent => "/",
        Role::Auditor | Role::AuditAdministrator => "/audit",
        Role::Leader => "/cockpit",
        _ => "/desk",
    }
}

async fn sign_out(
    State(site): State<Site>,
    Extension(signed): Extension<Signed>,
) -> Result<Response, Trouble> {
    if let Some(token) = &signed.token {
        site.app.sign_out(token).await?;
    }
    let cookie = format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    // What the telephone keeps of visits goes with the session.
    let head = AppendHeaders([
        (header::SET_COOKIE, cookie),
        (
            header::HeaderName::from_static("clear-site-data"),
            "\"storage\"".to_owned(),
        ),
    ]);
    Ok((head, Redirect::to("/")).into_response())
}

#[derive(Template)]
#[template(path = "session/prove.html")]
struct ProvePage {
    page: Page,
    back: String,
    fault: Option<String>,
    code: String,
}

async fn show_prove(State(site): State<Site>, page: Page, Query(query): Query<Back>) -> Response {
    html(&prove_page(&site, page, local(query.back.as_deref()), None))
}

/// In a demonstration the code is shown: nobody has its generator in the pocket.
fn prove_page(site: &Site, page: Page, back: String, fault: Option<String>) -> ProvePage {
    let login = page.visitor.as_ref().map(|one| one.actor.account.clone());
    let known = site.settings.demo.iter();
    let secret = known
        .filter(|one| Some(&one.login) == login.as_ref())
        .find_map(|one| one.totp.clone());
    // The next one, since signing in may just have used the present one.
    let next = site.now().at + chrono::TimeDelta::seconds(30);
    let code = secret.and_then(|secret| code_at(&secret, next).ok());
    ProvePage {
        page: page.titled("证明是您本人"),
        back,
        fault,
        code: code.unwrap_or_default(),
    }
}

#[derive(Deserialize)]
struct Proof {
    code: String,
    #[serde(default)]
    back: String,
}

async fn prove(
    State(site): State<Site>,
    page: Page,
    Extension(signed): Extension<Signed>,
    Form(proof): Form<Proof>,
) -> Result<Response, Trouble> {
    let token = signed.token.ok_or_else(Trouble::nothing)?;
    let back = local(Some(&proof.back));
    match site.app.prove(&token, &proof.code).await {
        Ok(()) => Ok(Redirect::to(&back).into_response()),
        Err(AppError::Refused(refused)) => {
            let shown = prove_page(&site, page, back, Some(refused.says));
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
        Err(other) => Err(other.into()),
    }
}
