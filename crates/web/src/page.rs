//! 「页面」 What every page has: its title, how it is shown, who looks. Extracted
//! from the request once; templates call it `page`.

use crate::assets;
use crate::look::{Look, Size};
use crate::site::Site;
use crate::trouble::Trouble;
use app::sign_in::{Token, Visitor};
use askama::Template;
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use engine_access::{Purpose, Scope};
use kernel::{Date, Role};
use std::convert::Infallible;

/// Who is signed in, put beside the request by the guard.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signed {
    /// What the browser holds.
    pub(crate) token: Option<Token>,
    /// Whose it is.
    pub(crate) visitor: Option<Visitor>,
    /// What the token of a program opens; `None`: a person in a browser.
    pub(crate) scopes: Option<Vec<Scope>>,
}

/// The frame of a page.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) title: String,
    pub(crate) look: Look,
    pub(crate) office: String,
    pub(crate) hotline: String,
    pub(crate) visitor: Option<Visitor>,
    pub(crate) today: Date,
    /// The address of this page, for ways back.
    pub(crate) here: String,
    /// 素 Bereavement: no warm colour.
    pub(crate) solemn: bool,
    /// Messages the visitor has not seen.
    pub(crate) unread: i64,
    /// Whether this is a demonstration, said on every page.
    pub(crate) demo: bool,
}

impl Page {
    /// The same page under its title.
    pub(crate) fn titled(mut self, title: impl Into<String>) -> Page {
        self.title = title.into();
        self
    }

    /// The same page in the tone of mourning, where whoever it is for mourns.
    pub(crate) fn toned(mut self, solemn: bool) -> Page {
        self.solemn |= solemn;
        self
    }

    /// The address of an asset.
    pub(crate) fn asset(&self, name: &str) -> &'static str {
        assets::address(name)
    }

    /// The three sizes of letters and whether each is the present one.
    pub(crate) fn sizes(&self) -> [(Size, bool); 3] {
        Size::ALL.map(|size| (size, size == self.look.size))
    }

    /// The address of this page, for a query.
    pub(crate) fn here_encoded(&self) -> String {
        percent(&self.here)
    }

    /// In the name of who looks, for a purpose; nobody: there is nothing here.
    pub(crate) fn acts(
        &self,
        purpose: Purpose,
        request: impl Into<String>,
    ) -> Result<app::Context, Trouble> {
        let visitor = self.visitor.as_ref().ok_or_else(Trouble::nothing)?;
        Ok(visitor.acts(purpose, request))
    }

    /// The name of who looks.
    pub(crate) fn who(&self) -> &str {
        self.visitor.as_ref().map_or("", |one| one.name.as_str())
    }

    /// The first character of the name, for the round mark.
    pub(crate) fn initial(&self) -> String {
        self.who().chars().take(1).collect()
    }

    /// Whether who looks has one of these roles.
    pub(crate) fn is(&self, roles: &[Role]) -> bool {
        let role = self.visitor.as_ref().map(|one| one.actor.role);
        role.is_some_and(|role| roles.contains(&role))
    }

    /// Whether this address begins with `path`: the place in the menu.
    pub(crate) fn at(&self, path: &str) -> bool {
        let here = self.here.split('?').next().unwrap_or_default();
        here == path || here.starts_with(&format!("{path}/"))
    }
}

/// Everything but letters, digits and `-_.~/` as `%XX`.
pub(crate) fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

impl FromRequestParts<Site> for Page {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Infallible> {
        let signed = parts.extensions.get::<Signed>().cloned();
        let visitor = signed.unwrap_or_default().visitor;
        let unread = unread(site, visitor.as_ref()).await;
        let uri = parts.extensions.get::<OriginalUri>();
        let uri = uri.map_or(&parts.uri, |original| &original.0);
        let here = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Page {
            title: String::new(),
            look: Look::of(&parts.headers),
            office: site.settings.office.clone(),
            hotline: site.settings.hotline.clone(),
            visitor,
            today: site.now().today(),
            here: here.to_owned(),
            solemn: false,
            unread,
            demo: !site.settings.demo.is_empty(),
        })
    }
}

/// How many messages wait for a resident; a page is drawn without the number when
/// it cannot be had.
async fn unread(site: &Site, visitor: Option<&Visitor>) -> i64 {
    let resident = visitor.filter(|one| crate::citizen::RESIDENTS.contains(&one.actor.role));
    let Some(visitor) = resident else { return 0 };
    let ctx = visitor.acts(engine_access::Purpose::Own, "");
    match site.app.unseen_letters(&ctx).await {
        Ok(count) => count,
        Err(why) => {
            tracing::error!(%why, "unread messages were not counted");
            0
        }
    }
}

/// The page of a template.
pub(crate) fn html(template: &impl Template) -> Response {
    html_as(StatusCode::OK, template)
}

/// The page of a template, under a status.
pub(crate) fn html_as(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(why) => {
            tracing::error!(%why, "a template failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
