//! 「门岗」 Who is there, whether the request comes from our own pages, whether the
//! page is for this role. The use case asks engine-access again; this spares
//! people a refusal and keeps a page nobody named from being served.

use crate::api::ApiFault;
use crate::look::cookie;
use crate::pace::Limit;
use crate::page::{Signed, percent};
use crate::routes::BODY_BYTES_MAX;
use crate::site::Site;
use crate::trouble::Trouble;
use app::sign_in::{CarriedForm, Token, Visitor};
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::{Purpose, Scope};
use kernel::Role;
use std::net::SocketAddr;

/// The session's cookie.
pub(crate) const COOKIE: &str = "nx_session";

/// For whom a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// Anybody.
    Anyone,
    /// Who is signed in, whatever the role.
    Signed,
    /// Who is signed in with one of these roles.
    Roles(&'static [Role]),
    /// The same, and proved lately who they are (提级验证).
    Proved(&'static [Role]),
    /// A program whose token has the scope.
    Scope(Scope),
    /// A department or partner that signs its request; the handler believes it or not.
    Party,
}

/// Finds out who is there, once per request.
pub(crate) async fn know(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    if let Some(text) = bearer(request.headers()) {
        return match site.app.bearer(&Token(text.to_owned())).await {
            Ok(Some(bearer)) => {
                request.extensions_mut().insert(Signed {
                    token: None,
                    visitor: Some(bearer.visitor),
                    scopes: Some(bearer.scopes),
                });
                next.run(request).await
            }
            Ok(None) => ApiFault::token().into_response(),
            Err(why) => ApiFault::from(why).into_response(),
        };
    }
    let token = cookie(request.headers(), COOKIE).map(|text| Token(text.to_owned()));
    let visitor = match &token {
        Some(token) => match site.app.visitor(token).await {
            Ok(visitor) => visitor,
            Err(why) => return Trouble::from(why).into_response(),
        },
        None => None,
    };
    request.extensions_mut().insert(Signed {
        token,
        visitor,
        scopes: None,
    });
    next.run(request).await
}

/// The token of a program.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    text.strip_prefix("Bearer ").map(str::trim)
}

/// Lets through whom the page is for.
pub(crate) async fn let_in(
    State((site, may)): State<(Site, May)>,
    request: Request,
    next: Next,
) -> Response {
    let signed = request.extensions().get::<Signed>().cloned();
    let Signed {
        visitor,
        scopes,
        token,
    } = signed.unwrap_or_default();
    // A token opens the API, never a page; a session opens pages, never the API.
    let (roles, proof) = match may {
        May::Scope(scope) => {
            return match scopes {
                None => ApiFault::token().into_response(),
                Some(scopes) if !scopes.contains(&scope) => {
                    ApiFault::scope(scope.id()).into_response()
                }
                Some(_) => next.run(request).await,
            };
        }
        May::Anyone | May::Party => return next.run(request).await,
        _ if scopes.is_some() => return ApiFault::scope("pages").into_response(),
        May::Signed => (None, false),
        May::Roles(roles) => (Some(roles), false),
        May::Proved(roles) => (Some(roles), true),
    };
    let Some(visitor) = visitor else {
        return to_sign_in(&site, token.as_ref(), request).await;
    };
    if roles.is_some_and(|roles| !roles.contains(&visitor.actor.role)) {
        let says = "这个页面不是给您这个岗位的";
        return Trouble::new(StatusCode::FORBIDDEN, says).into_response();
    }
    if proof && !visitor.proved {
        return prove(&site, &visitor, request).await;
    }
    next.run(request).await
}

/// Lets through who does not go faster than a limit allows. Counted for the account;
/// where nobody is signed in, for the address.
pub(crate) async fn keep_pace(
    State((site, limit)): State<(Site, Option<Limit>)>,
    request: Request,
    next: Next,
) -> Response {
    let Some(limit) = limit else {
        return next.run(request).await;
    };
    let signed = request.extensions().get::<Signed>();
    let account = signed.and_then(|signed| signed.visitor.as_ref());
    let address = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let who = match (account, address) {
        (Some(visitor), _) => format!("account {}", visitor.actor.account),
        (None, Some(ConnectInfo(address))) => format!("address {}", address.ip()),
        (None, None) => "anybody".to_owned(),
    };
    match site.pace(limit, &who) {
        Ok(()) => next.run(request).await,
        Err(seconds) if matches!(limit, Limit::Api | Limit::Push) => {
            ApiFault::too_fast(limit, seconds).into_response()
        }
        Err(seconds) => {
            let asks = limit == Limit::Holo;
            // Not across the wait: a request cannot be looked at from two threads.
            let visitor = account.filter(|_| asks).cloned();
            drop(request);
            if let Some(visitor) = visitor
                && site.pace(Limit::TooFast, &who).is_ok()
            {
                let ctx = visitor.acts(Purpose::Duty, "");
                if let Err(why) = site.app.asked_too_fast(&ctx).await {
                    tracing::warn!("没有记下谁查得太快：{why}");
                }
            }
            Trouble::too_fast(limit, seconds).into_response()
        }
    }
}

/// Sends somebody to sign in. A form whose sender's session ended is kept for the same
/// account, and given back filled once it has signed in.
async fn to_sign_in(site: &Site, ended: Option<&Token>, request: Request) -> Response {
    let here = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let here = here.to_owned();
    if *request.method() == Method::GET {
        return Redirect::to(&format!("/sign-in?back={}", percent(&here))).into_response();
    }
    let media = request.headers().get(header::CONTENT_TYPE);
    let is_form = media.is_some_and(|media| media.as_bytes().starts_with(FORM));
    let back = referer(request.headers()).unwrap_or("/").to_owned();
    if let (Some(ended), true) = (ended, is_form)
        && let Ok(body) = to_bytes(request.into_body(), FORM_BYTES_MAX).await
    {
        let form = CarriedForm {
            action: here,
            back,
            fields: serde_urlencoded::from_bytes(&body).unwrap_or_default(),
        };
        match site.app.carry_form_over(ended, &form).await {
            Ok(Some(kept)) => {
                let kept = percent(&format!("/prove/kept?kept={}", percent(&kept.0)));
                return Redirect::to(&format!("/sign-in?back={kept}")).into_response();
            }
            Ok(None) => {}
            Err(why) => return Trouble::from(why).into_response(),
        }
    }
    let says = "您离开太久了，请重新登录。您刚才填的没有提交";
    Trouble::new(StatusCode::UNAUTHORIZED, says).into_response()
}

/// The largest form that is kept while its sender proves who they are, bytes.
const FORM_BYTES_MAX: usize = 256 * 1024;

/// Sends somebody to prove who they are. A form is not sent twice: what was typed is
/// kept and given back, filled, for its sender to look at again.
async fn prove(site: &Site, visitor: &Visitor, request: Request) -> Response {
    let here = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let here = here.to_owned();
    if *request.method() == Method::GET {
        return Redirect::to(&format!("/prove?back={}", percent(&here))).into_response();
    }
    let back = referer(request.headers()).unwrap_or("/").to_owned();
    let Ok(body) = to_bytes(request.into_body(), FORM_BYTES_MAX).await else {
        return Redirect::to(&format!("/prove?back={}", percent(&back))).into_response();
    };
    let form = CarriedForm {
        action: here,
        back: back.clone(),
        fields: serde_urlencoded::from_bytes(&body).unwrap_or_default(),
    };
    let ctx = visitor.acts(Purpose::Administration, String::new());
    match site.app.carry_form(&ctx, &form).await {
        Ok(kept) => {
            let kept = percent(&kept.0);
            Redirect::to(&format!("/prove?back={}&kept={kept}", percent(&back))).into_response()
        }
        Err(why) => Trouble::from(why).into_response(),
    }
}

/// The page of ours a form stood on.
fn referer(headers: &HeaderMap) -> Option<&str> {
    let (_, rest) = headers
        .get(header::REFERER)?
        .to_str()
        .ok()?
        .split_once("://")?;
    rest.find('/').and_then(|at| rest.get(at..))
}

/// 跨站 A request that changes something must show that it comes from our own
/// pages; one that shows nothing is refused (trust.md §1).
pub(crate) async fn own_pages(request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    // The API knows no session: a token is sent by a program on purpose, never by a
    // browser of itself.
    if safe || is_api(&request) || is_own(request.headers()) {
        return next.run(request).await;
    }
    let says = "这个请求不是从我们的页面发来的。请打开页面再办";
    Trouble::new(StatusCode::FORBIDDEN, says).into_response()
}

/// Where bodies are read in pieces, by a handler that counts them itself.
const STREAMED: &str = "/api/v1/data/";

/// A request is as long as a form with photographs may be, and no longer.
pub(crate) async fn keep_short(request: Request, next: Next) -> Response {
    if request.uri().path().starts_with(STREAMED) {
        return next.run(request).await;
    }
    let said = request.headers().get(header::CONTENT_LENGTH);
    let said = said.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|length| length > BODY_BYTES_MAX) {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let (head, body) = request.into_parts();
    let body = Body::new(http_body_util::Limited::new(body, BODY_BYTES_MAX));
    next.run(Request::from_parts(head, body)).await
}

/// 坏字符 A NUL is no character anybody types, and not every database keeps it: what
/// holds one is refused before anything is done.
pub(crate) async fn no_nul(request: Request, next: Next) -> Response {
    let media = request.headers().get(header::CONTENT_TYPE);
    let is_form = media.is_some_and(|media| media.as_bytes().starts_with(FORM))
        && !request.uri().path().starts_with(STREAMED);
    let (head, body) = request.into_parts();
    let asked = head.uri.path_and_query().map_or("", |all| all.as_str());
    let mut bad = asked.contains("%00");
    let body = match is_form {
        true => match to_bytes(body, usize::MAX).await {
            Ok(bytes) => {
                bad |= bytes.contains(&0) || bytes.windows(3).any(|three| three == b"%00");
                Body::from(bytes)
            }
            Err(_) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        },
        false => body,
    };
    if bad {
        let says = "里面有一个看不见的坏字符，什么都没有做。请删掉它再来";
        return Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, says).into_response();
    }
    next.run(Request::from_parts(head, body)).await
}

const FORM: &[u8] = b"application/x-www-form-urlencoded";

/// Whether a program is answered here, in JSON.
pub(crate) fn is_api(request: &Request) -> bool {
    request.uri().path().starts_with("/api/v1/")
}

fn is_own(headers: &HeaderMap) -> bool {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    let host = text(header::HOST);
    let origin = text(header::ORIGIN).and_then(|origin| origin.split_once("://"));
    matches!((origin, host), (Some((_, origin)), Some(host)) if origin == host)
}

/// What a file somebody handed in may do when it is opened: nothing.
pub(crate) const FILE_POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// What every answer carries.
pub(crate) async fn harden(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (
            "content-security-policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
             font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; \
             base-uri 'none'; manifest-src 'self'; worker-src 'self'",
        ),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(self), geolocation=(self), microphone=()",
        ),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        let stricter = name == "content-security-policy"
            && headers.get(name).is_some_and(|own| own == FILE_POLICY);
        if !stricter {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    // Pages hold personal data: no cache on the way keeps them.
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_must_prove_where_it_comes_from() {
        for (pairs, own) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("host", "a"),
                    ("origin", "http://a"),
                ],
                false,
            ),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("host", "a:1"), ("origin", "http://a:1")], true),
            (&[("host", "a:1"), ("origin", "http://b:1")], false),
            (&[("host", "a:1"), ("origin", "null")], false),
            (&[("host", "a:1")], false),
            (&[], false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(
                    header::HeaderName::from_bytes(name.as_bytes()).unwrap(),
                    value.parse().unwrap(),
                );
            }
            assert_eq!(is_own(&headers), own, "{pairs:?}");
        }
    }
}
