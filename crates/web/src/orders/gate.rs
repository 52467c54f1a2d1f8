//! 「报信的门」 Device gateways and other hotlines speak here, by signature. A signal is
//! acknowledged once it is on disk; the acknowledgement is signed and bound to the
//! request. Not a page: no session opens it.

use crate::site::{Gate, Site};
use app::AppError;
use app::order::{FromLine, Signal};
use app::signing::SignedHeaders;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use kernel::{OrderId, Slug};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::PoisonError;

/// Who spoke, and the nonce the answer is bound to.
struct Spoke {
    name: String,
    nonce: String,
}

/// Believes a request by its signature: whose name begins with `kind`.
fn believe(
    site: &Site,
    kind: &str,
    (method, uri, headers): (&Method, &Uri, &HeaderMap),
    body: &Bytes,
) -> Result<Spoke, StatusCode> {
    let gate = site.gate().ok_or(StatusCode::NOT_FOUND)?;
    let signed = SignedHeaders::collect(|name| headers.get(name)?.to_str().ok());
    let signed = signed.map_err(|_| StatusCode::UNAUTHORIZED)?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut nonces = gate.nonces.lock().unwrap_or_else(PoisonError::into_inner);
    let now = site.now();
    let spoke = gate
        .ring
        .verify_request(&signed, method.as_str(), path, body, now, &mut nonces);
    let spoke = spoke.map_err(|_| StatusCode::UNAUTHORIZED)?;
    let name = spoke.strip_prefix(kind).ok_or(StatusCode::FORBIDDEN)?;
    Ok(Spoke {
        name: name.to_owned(),
        nonce: signed.nonce.clone(),
    })
}

/// What went wrong, for a machine.
#[derive(Serialize)]
struct Wrong {
    code: String,
    says: String,
}

fn reply<T: Serialize>(
    site: &Site,
    gate: &Gate,
    nonce: &str,
    done: Result<T, AppError>,
) -> Response {
    let (status, body) = match done {
        Ok(value) => (StatusCode::OK, serde_json::to_vec(&value)),
        Err(why) => {
            let status = match &why {
                AppError::Refused(_) => StatusCode::FORBIDDEN,
                AppError::BadInput(_) => StatusCode::UNPROCESSABLE_ENTITY,
                AppError::Store(store) if store.is_missing() => StatusCode::NOT_FOUND,
                AppError::Store(store) if store.is_conflict() => StatusCode::CONFLICT,
                // The sender keeps the signal and tells it again.
                AppError::Store(_) | AppError::Fault(_) => StatusCode::SERVICE_UNAVAILABLE,
            };
            tracing::warn!(%why, "a signed request was not done");
            let wrong = Wrong {
                code: why.refusal_code().unwrap_or("not_done").to_owned(),
                says: why.to_string(),
            };
            (status, serde_json::to_vec(&wrong))
        }
    };
    let Ok(body) = body else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let signed = gate
        .signer
        .sign_reply(status.as_u16(), &body, nonce, site.now());
    let mut response = (status, body).into_response();
    for (name, value) in signed.pairs() {
        if let Ok(value) = HeaderValue::from_str(value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    response
}

fn unreadable(why: &serde_json::Error) -> AppError {
    AppError::BadInput(format!("正文读不懂：{why}"))
}

/// A key pressed, or a heartbeat: signed by the gateway, acknowledged once it is on disk.
/// The same number again is the same signal.
#[utoipa::path(
    post, path = "/api/v1/signals", tag = "设备",
    request_body = String,
    responses(
        (status = 200, description = "已经记下"),
        (status = 401, description = "签名不对"),
        (status = 503, description = "没有记下，请再报")
    )
)]
pub(crate) async fn signal(
    State(site): State<Site>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let spoke = match believe(&site, "device:", (&method, &uri, &headers), &body) {
        Ok(spoke) => spoke,
        Err(status) => return status.into_response(),
    };
    let Some(gate) = site.gate() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let done = match serde_json::from_slice::<Signal>(&body) {
        Ok(signal) => site.app.hear(&spoke.name, &signal).await,
        Err(why) => Err(unreadable(&why)),
    };
    reply(&site, gate, &spoke.nonce, done)
}

/// An order another hotline hands over, signed by it; once for its number there.
#[utoipa::path(
    post, path = "/api/v1/lines/orders", tag = "热线",
    request_body = String,
    responses(
        (status = 200, description = "已经记下"),
        (status = 401, description = "签名不对"),
        (status = 503, description = "没有记下，请再报")
    )
)]
pub(crate) async fn from_line(
    State(site): State<Site>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let taken = async |line: Slug, new: FromLine| {
        let taken = site.app.take_from_line(&line, new).await;
        taken.map(|one| one.value)
    };
    from_a_line(&site, (&method, &uri, &headers), &body, taken).await
}

/// What the other line tells of an order handed to it.
#[derive(Deserialize)]
struct LineAnswer {
    order: i64,
    reference: Option<String>,
    result: Option<String>,
    #[serde(default)]
    undone: bool,
}

/// The other hotline tells its number, or what came of an order handed to it.
#[utoipa::path(
    post, path = "/api/v1/lines/answers", tag = "热线",
    request_body = String,
    responses(
        (status = 200, description = "已经记下"),
        (status = 401, description = "签名不对"),
        (status = 503, description = "没有记下，请再报")
    )
)]
pub(crate) async fn answer(
    State(site): State<Site>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let told = async |line: Slug, one: LineAnswer| {
        let order = OrderId(one.order);
        let app = &site.app;
        app.line_answers(&line, order, one.reference, one.result, one.undone)
            .await
    };
    from_a_line(&site, (&method, &uri, &headers), &body, told).await
}

/// Orders handed to this hotline that it has not numbered yet.
#[utoipa::path(
    get, path = "/api/v1/lines/handed", tag = "热线",
    responses(
        (status = 200, description = "已经记下"),
        (status = 401, description = "签名不对"),
        (status = 503, description = "没有记下，请再报")
    )
)]
pub(crate) async fn handed(
    State(site): State<Site>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let (spoke, line) = match line(&site, (&method, &uri, &headers), &Bytes::new()) {
        Ok(spoke) => spoke,
        Err(status) => return status.into_response(),
    };
    let Some(gate) = site.gate() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let done = site.app.handed_to_line(&line).await;
    reply(&site, gate, &spoke.nonce, done)
}

/// What another hotline says, done and answered.
async fn from_a_line<T: DeserializeOwned, R: Serialize>(
    site: &Site,
    request: (&Method, &Uri, &HeaderMap),
    body: &Bytes,
    does: impl AsyncFnOnce(Slug, T) -> Result<R, AppError>,
) -> Response {
    let (spoke, line) = match line(site, request, body) {
        Ok(spoke) => spoke,
        Err(status) => return status.into_response(),
    };
    let Some(gate) = site.gate() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let done = match serde_json::from_slice::<T>(body) {
        Ok(said) => does(line, said).await,
        Err(why) => Err(unreadable(&why)),
    };
    reply(site, gate, &spoke.nonce, done)
}

fn line(
    site: &Site,
    request: (&Method, &Uri, &HeaderMap),
    body: &Bytes,
) -> Result<(Spoke, Slug), StatusCode> {
    let spoke = believe(site, "line:", request, body)?;
    let line = spoke.name.parse().map_err(|_| StatusCode::FORBIDDEN)?;
    Ok((spoke, line))
}
