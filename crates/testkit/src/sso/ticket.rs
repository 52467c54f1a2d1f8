//! 「票据模拟器」 A ticket centre behind a signing gateway: refuses a wrong signature, an
//! unknown key, a date more than 90 seconds off, and a ticket shown twice. The replies'
//! shapes are assumed.

use super::{CLIENT, House, clicked, demo_secret, form, page};
use app::sign_in::elsewhere::GatewaySignature;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{OriginalUri, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use kernel::Now;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

type Words = BTreeMap<String, String>;

/// How far a date may be off, seconds.
const SKEW_SECONDS: i64 = 90;
/// How long a ticket lives, seconds; assumed.
const TICKET_SECONDS: i64 = 300;
/// The one registered way back.
const CALLBACK: &str = "/sign-in/at/zlb/back";

pub(super) async fn choose(
    State(house): State<Arc<House>>,
    Query(query): Query<Words>,
) -> Response {
    if query.get("appId").is_none_or(|app| app != CLIENT) {
        return (StatusCode::BAD_REQUEST, "unknown application").into_response();
    }
    page(&house, "/zlb/as", &query).into_response()
}

pub(super) async fn chosen(
    State(house): State<Arc<House>>,
    Query(query): Query<Words>,
) -> Response {
    let Some(who) = clicked(&house, &query) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let sp = query.get("sp").cloned().unwrap_or_default();
    let ticket = house.keep(who, query);
    let words = Words::from([
        ("ticketId".to_owned(), ticket),
        ("redirectUrl".to_owned(), sp),
    ]);
    Redirect::to(&format!("{}{CALLBACK}?{}", house.site, form(&words))).into_response()
}

/// Whether the gateway lets a request through; else its words.
fn gateway(house: &House, headers: &HeaderMap, path: &str) -> Result<(), &'static str> {
    let get = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if get("x-bg-hmac-access-key") != Some(CLIENT) {
        return Err("Invalid access key");
    }
    let date = get("x-bg-date-time").unwrap_or_default();
    let at = chrono::NaiveDateTime::parse_from_str(date, "%a, %d %b %Y %H:%M:%S GMT");
    let at = at.map_err(|_| "Clock skew exceeded")?.and_utc();
    if (house.clock.now().at - at).num_seconds().abs() > SKEW_SECONDS {
        return Err("Clock skew exceeded");
    }
    let secret = demo_secret("zlb gateway", house.seed);
    let expected = GatewaySignature::sign(CLIENT, &secret, "POST", path, Now { at });
    match get("x-bg-hmac-signature") == Some(expected.signature.as_str()) {
        true => Ok(()),
        false => Err("Invalid signature"),
    }
}

fn answer(
    house: &House,
    headers: &HeaderMap,
    path: &str,
    body: &Bytes,
    act: impl FnOnce(&House, &Value) -> Option<Value>,
) -> Response {
    if let Err(why) = gateway(house, headers, path) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "message": why }))).into_response();
    }
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    Json(match act(house, &asked) {
        Some(data) => json!({ "success": true, "data": data }),
        None => json!({ "success": false, "errorMsg": "ticket or token is not valid" }),
    })
    .into_response()
}

pub(super) async fn token(
    State(house): State<Arc<House>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&house, &headers, uri.path(), &body, |house, asked| {
        let now = house.clock.now();
        let mut state = house.lock();
        let ticket = asked["ticketId"].as_str()?;
        let found = state.waiting.remove(ticket)?;
        if asked["appId"] != CLIENT || (now.at - found.at.at).num_seconds() > TICKET_SECONDS {
            return None;
        }
        let token = demo_secret(&format!("token {ticket}"), house.seed);
        state.tokens.insert(token.clone(), found.who);
        Some(json!({ "accessToken": token }))
    })
}

pub(super) async fn user(
    State(house): State<Arc<House>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&house, &headers, uri.path(), &body, |house, asked| {
        let who = house.lock().tokens.remove(asked["token"].as_str()?)?;
        Some(json!({ "personInfo": { "idNo": who.number, "userName": who.name } }))
    })
}
