//! 「登录页」 Signing in and out, and proving anew who sits there. The wrong name,
//! password and code get one sentence; what was typed (but no secret) stays.

mod elsewhere;
mod passkeys;
mod prove;

use prove::{prove_page, proved};

use crate::guard::{COOKIE, May};
use crate::look::{cookie, local};
use crate::pace::{Limit, wait_words};
use crate::page::{Page, html, html_as};
use crate::routes::Route;
use crate::site::{DemoAccount, Site};
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::sign_in::Token;
use app::sign_in::elsewhere::Audience;
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use kernel::Role;
use serde::Deserialize;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/sign-in", May::Anyone, show),
        Route::post("/sign-in", May::Anyone, sign_in),
        Route::get("/sign-in/at/{house}", May::Anyone, elsewhere::leave).paced(Limit::Visitor),
        Route::get(
            "/sign-in/at/{house}/back",
            May::Anyone,
            elsewhere::come_back,
        )
        .paced(Limit::Visitor),
        Route::post("/sign-in/passkey", May::Anyone, passkeys::sign_in).paced(Limit::Visitor),
        Route::post("/sign-in/passkey/ask", May::Anyone, passkeys::ask).paced(Limit::Visitor),
        Route::post("/sign-out", May::Anyone, sign_out),
        Route::get("/passkeys", May::Signed, passkeys::show),
        Route::post("/passkeys", May::Signed, passkeys::add),
        Route::post("/passkeys/ask", May::Signed, passkeys::ask_new),
        Route::post("/passkeys/{key}/remove", May::Signed, passkeys::remove),
        Route::get("/prove", May::Signed, prove::show),
        Route::post("/prove", May::Signed, prove::by_code),
        Route::post("/prove/passkey", May::Signed, passkeys::prove),
        Route::get("/prove/kept", May::Signed, prove::kept),
    ]
}

#[derive(Template)]
#[template(path = "session/sign_in.html")]
struct SignInPage {
    page: Page,
    back: String,
    login: String,
    fault: Option<String>,
    elsewhere: Vec<Way>,
    passkeys: bool,
    demo: Vec<DemoLine>,
}

/// A button to another house.
struct Way {
    to: String,
    label: String,
    who: &'static str,
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

async fn show(
    State(site): State<Site>,
    page: Page,
    Query(query): Query<Back>,
) -> Result<Response, Trouble> {
    let back = query.back.as_deref().map(|back| local(Some(back)));
    let back = back.unwrap_or_default();
    Ok(html(
        &sign_in_page(&site, page, back, String::new(), None).await?,
    ))
}

async fn sign_in_page(
    site: &Site,
    page: Page,
    back: String,
    login: String,
    fault: Option<String>,
) -> Result<SignInPage, Trouble> {
    let mut demo = Vec::new();
    for one in &site.settings.demo {
        demo.push(DemoLine {
            login: one.login.clone(),
            password: one.password.clone(),
            who: one.who.clone(),
            code: demo_code(site, one).await?.unwrap_or_default().0,
        });
    }
    let way = |one: &app::sign_in::elsewhere::Elsewhere| Way {
        to: format!(
            "/sign-in/at/{}?back={}",
            one.id,
            crate::page::percent(&back)
        ),
        label: one.label.clone(),
        who: match one.audience {
            Audience::Residents => "居民",
            Audience::Staff => "工作人员",
        },
    };
    Ok(SignInPage {
        elsewhere: site.elsewhere().iter().map(way).collect(),
        passkeys: site.passkeys().is_some(),
        demo,
        page: page.titled("登录"),
        back,
        login,
        fault,
    })
}

/// The code of a demonstration's account that is taken next, and in how many seconds.
async fn demo_code(site: &Site, one: &DemoAccount) -> Result<Option<(String, i64)>, Trouble> {
    Ok(match &one.totp {
        Some(secret) => Some(site.app.next_code(&one.login, secret).await?),
        None => None,
    })
}

#[derive(Deserialize)]
struct Typed {
    login: String,
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    back: String,
    /// One click in a demonstration: the code is the one of this moment.
    #[serde(default)]
    demo: String,
}

async fn sign_in(
    State(site): State<Site>,
    page: Page,
    headers: HeaderMap,
    Form(mut typed): Form<Typed>,
) -> Result<Response, Trouble> {
    if let Err(seconds) = site.pace(Limit::SignIn, typed.login.trim()) {
        return Err(Trouble::too_fast(Limit::SignIn, seconds));
    }
    let known = site.settings.demo.iter();
    let known = known.filter(|_| !typed.demo.is_empty());
    if let Some(one) = known.clone().find(|one| one.login == typed.login)
        && let Some((code, wait)) = demo_code(&site, one).await?
    {
        if wait > 0 {
            let says = format!(
                "一个验证码只能用一次，刚才两个都用过了。请过 {}再点",
                wait_words(wait)
            );
            let drawn = sign_in_page(&site, page, typed.back, typed.login, Some(says)).await?;
            return Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn));
        }
        typed.code = code;
    }
    let code = Some(typed.code.as_str()).filter(|code| !code.trim().is_empty());
    match site.app.sign_in(&typed.login, &typed.password, code).await {
        Ok(token) => {
            let back = match typed.back.is_empty() {
                true => None,
                false => Some(local(Some(&typed.back))),
            };
            begun(&site, &headers, &token, back).await
        }
        Err(AppError::Refused(refused)) => {
            let fault = Some(refused.says);
            let shown = sign_in_page(&site, page, typed.back, typed.login, fault).await?;
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
        Err(other) => Err(other.into()),
    }
}

/// A session has begun: the browser gets it and goes on; the old one ends.
async fn begun(
    site: &Site,
    headers: &HeaderMap,
    token: &Token,
    back: Option<String>,
) -> Result<Response, Trouble> {
    // A new session for a new person.
    if let Some(old) = cookie(headers, COOKIE) {
        site.app.sign_out(&Token(old.to_owned())).await?;
    }
    let visitor = site.app.visitor(token).await?;
    let home = visitor.map_or("/", |one| home(one.actor.role));
    let back = back.unwrap_or_else(|| home.to_owned());
    let secure = if site.settings.secure { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE}={}; Path=/; HttpOnly; SameSite=Lax{secure}",
        token.0
    );
    let head = AppendHeaders([(header::SET_COOKIE, cookie)]);
    Ok((head, Redirect::to(&back)).into_response())
}

/// Where each role begins.
pub(crate) fn home(role: Role) -> &'static str {
    match role {
        Role::Citizen | Role::Agent => "/",
        Role::Auditor | Role::AuditAdministrator => "/audit",
        Role::Leader => "/cockpit",
        Role::AlarmOperator => "/desk/orders",
        Role::Provider => "/jobs",
        _ => "/desk",
    }
}

async fn sign_out(State(site): State<Site>, headers: HeaderMap) -> Result<Response, Trouble> {
    if let Some(token) = cookie(&headers, COOKIE) {
        site.app.sign_out(&Token(token.to_owned())).await?;
    }
    let cookie = format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    // What the telephone keeps of visits goes with the session.
    let head = AppendHeaders([
        (header::SET_COOKIE, cookie),
        (
            header::HeaderName::from_static("clear-site-data"),
            "\"cache\", \"storage\"".to_owned(),
        ),
    ]);
    Ok((head, Redirect::to("/")).into_response())
}
