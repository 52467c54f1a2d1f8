//! 「OIDC 模拟器」 Discovery, keys, authorisation with PKCE, tokens signed with Ed25519.
//! Written by hand from the standards, not with the library the site uses.

use super::{CLIENT, House, Mischief, clicked, demo_secret, form, page};
use axum::Json;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

type Words = BTreeMap<String, String>;

/// How long a code lives, seconds.
const CODE_SECONDS: i64 = 60;

fn key(seed: u64, name: &str) -> SigningKey {
    let bytes: [u8; 32] = Sha256::digest(demo_secret(name, seed)).into();
    SigningKey::from_bytes(&bytes)
}

fn issuer(headers: &HeaderMap) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    format!("http://{}/oidc", host.unwrap_or_default())
}

pub(super) async fn metadata(headers: HeaderMap) -> Json<Value> {
    let issuer = issuer(&headers);
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "code_challenge_methods_supported": ["S256"],
    }))
}

pub(super) async fn keys(State(house): State<Arc<House>>) -> Json<Value> {
    let key = key(house.seed, "oidc").verifying_key();
    let x = URL_SAFE_NO_PAD.encode(key.as_bytes());
    Json(json!({ "keys": [{
        "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "1", "x": x,
    }]}))
}

/// Whether the request is one this house answers.
fn is_known(house: &House, query: &Words) -> bool {
    let is = |name: &str, value: &str| query.get(name).is_some_and(|given| given == value);
    let back = query.get("redirect_uri");
    is("client_id", CLIENT)
        && is("response_type", "code")
        && is("code_challenge_method", "S256")
        && query.contains_key("state")
        && query.contains_key("nonce")
        && back.is_some_and(|back| house.is_ours(back))
}

pub(super) async fn choose(
    State(house): State<Arc<House>>,
    Query(query): Query<Words>,
) -> Response {
    if !is_known(&house, &query) {
        return (StatusCode::BAD_REQUEST, "unknown client or address").into_response();
    }
    page(&house, "/oidc/as", &query).into_response()
}

pub(super) async fn chosen(
    State(house): State<Arc<House>>,
    Query(query): Query<Words>,
) -> Response {
    let Some(who) = clicked(&house, &query).filter(|_| is_known(&house, &query)) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let back = query.get("redirect_uri").cloned().unwrap_or_default();
    let state = query.get("state").cloned().unwrap_or_default();
    let code = house.keep(who, query);
    let words = Words::from([("code".to_owned(), code), ("state".to_owned(), state)]);
    Redirect::to(&format!("{back}?{}", form(&words))).into_response()
}

pub(super) async fn token(
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    Form(form): Form<Words>,
) -> Response {
    let no = |why: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": why }))).into_response();
    let secret = demo_secret("oidc client", house.seed);
    let expected = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{secret}")));
    let shown = headers.get(header::AUTHORIZATION);
    if shown.and_then(|shown| shown.to_str().ok()) != Some(expected.as_str()) {
        return no("invalid_client");
    }
    let get = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let asked = house.lock().waiting.remove(get("code"));
    let now = house.clock.now();
    let Some(asked) = asked.filter(|asked| (now.at - asked.at.at).num_seconds() <= CODE_SECONDS)
    else {
        return no("invalid_grant");
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(get("code_verifier")));
    let is = |name: &str, value: &str| asked.query.get(name).is_some_and(|one| one == value);
    if !is("code_challenge", &challenge) || !is("redirect_uri", get("redirect_uri")) {
        return no("invalid_grant");
    }
    let mischief = house.lock().mischief;
    let nonce = asked.query.get("nonce").cloned().unwrap_or_default();
    let until = now.at.timestamp()
        + if mischief == Mischief::Time {
            -3600
        } else {
            300
        };
    let claims = json!({
        "iss": issuer(&headers),
        "sub": demo_secret(&asked.who.number, house.seed),
        "aud": if mischief == Mischief::Audience { "another" } else { CLIENT },
        "iat": now.at.timestamp(),
        "exp": until,
        "nonce": if mischief == Mischief::Nonce { "another" } else { &nonce },
        "name": asked.who.name,
        "id_number": asked.who.number,
    });
    let signer = match mischief {
        Mischief::Signature => key(house.seed, "another"),
        _ => key(house.seed, "oidc"),
    };
    Json(json!({
        "access_token": demo_secret(get("code"), house.seed),
        "token_type": "Bearer",
        "expires_in": 300,
        "id_token": signed(&signer, &claims),
    }))
    .into_response()
}

fn signed(key: &SigningKey, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = json!({ "alg": "EdDSA", "typ": "JWT", "kid": "1" });
    let text = format!("{}.{}", part(&head), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes()).to_bytes());
    format!("{text}.{signature}")
}
