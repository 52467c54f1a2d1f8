//! 「令牌」 A person's own tokens for programs: issued after proving oneself, shown
//! once, taken back at any time.

use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::sign_in::{NewToken, TokenLine, Visitor};
use askama::Template;
use axum::extract::{Path, RawForm, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::{Purpose, Scope};
use kernel::Role;

/// Who may have tokens.
pub(crate) const OWNERS: &[Role] = &[
    Role::VillageWorker,
    Role::TownOfficer,
    Role::CountyApprover,
    Role::Finance,
    Role::Auditor,
    Role::SystemAdministrator,
    Role::AuditAdministrator,
];

#[derive(Template)]
#[template(path = "desk/tokens.html")]
struct TokensPage {
    page: Page,
    tokens: Vec<TokenLine>,
    scopes: &'static [Scope],
    /// Shown this once.
    fresh: Option<String>,
    fault: Option<String>,
    typed: Typed,
}

#[derive(Clone, Debug, Default)]
struct Typed {
    note: String,
    days: String,
    scopes: Vec<Scope>,
}

impl Typed {
    fn has(&self, scope: &Scope) -> bool {
        self.scopes.contains(scope)
    }

    fn read(form: &[u8]) -> Typed {
        let mut typed = Typed::default();
        for (key, value) in form_pairs(form) {
            match key.as_str() {
                "note" => typed.note = value,
                "days" => typed.days = value,
                "scope" => typed.scopes.extend(Scope::named(&value)),
                _ => {}
            }
        }
        typed
    }
}

/// Pairs of a form, in order, a key as often as it was sent.
fn form_pairs(form: &[u8]) -> Vec<(String, String)> {
    serde_urlencoded::from_bytes(form).unwrap_or_default()
}

fn acting(visitor: &Visitor) -> app::Context {
    visitor.acts(Purpose::Administration, String::new())
}

async fn list(site: &Site, page: Page) -> Result<TokensPage, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let tokens = site.app.own_tokens(&acting(visitor)).await?;
    Ok(TokensPage {
        page: page.titled("令牌"),
        tokens,
        scopes: Scope::ALL,
        fresh: None,
        fault: None,
        typed: Typed {
            days: "90".to_owned(),
            ..Typed::default()
        },
    })
}

pub(crate) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    Ok(html(&list(&site, page).await?))
}

pub(crate) async fn issue(
    State(site): State<Site>,
    page: Page,
    RawForm(form): RawForm,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.clone().ok_or_else(Trouble::nothing)?;
    let typed = Typed::read(&form);
    let new = NewToken {
        note: typed.note.clone(),
        scopes: typed.scopes.clone(),
        days: typed.days.trim().parse().unwrap_or(0),
    };
    match site.app.issue_token(&acting(&visitor), new).await {
        Ok(token) => {
            let mut shown = list(&site, page).await?;
            shown.fresh = Some(token.0);
            Ok(html(&shown))
        }
        Err(AppError::BadInput(says)) => {
            let mut shown = list(&site, page).await?;
            shown.fault = Some(says);
            shown.typed = typed;
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
        Err(other) => Err(other.into()),
    }
}

pub(crate) async fn revoke(
    State(site): State<Site>,
    page: Page,
    Path(token): Path<i64>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    site.app.revoke_token(&acting(visitor), token).await?;
    Ok(Redirect::to("/desk/tokens").into_response())
}
