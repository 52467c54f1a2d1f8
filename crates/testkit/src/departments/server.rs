//! 「部门门口」 The HTTP side of the departments.

use super::DepartmentData;
use super::agreement::{Agreement, Agreements};
use super::mischief::Mischief;
use crate::serving::Serving;
use crate::signed::{Believed, Gate, claimed_nonce};
use app::signing::{KeyRing, Signer};
use app::verify::wire::{Found, One, Query, Reply, Trouble};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use engine_pool::PurposeKind;
use kernel::{Clock, Date, Slug};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Most bytes of one question.
const BODY_LIMIT: usize = 1 << 20;
/// Most people in one question.
const MOST_PERSONS: usize = 200;

/// Everything the departments are.
pub struct Departments {
    /// Their records.
    pub data: Arc<dyn DepartmentData>,
    /// What they agreed to give.
    pub agreements: Agreements,
    /// Whom they believe.
    pub callers: KeyRing,
    /// Each department's own key, under its id.
    pub signers: BTreeMap<Slug, Signer>,
    /// What goes wrong.
    pub mischief: Mischief,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

pub(super) struct House {
    pub(super) data: Arc<dyn DepartmentData>,
    pub(super) agreements: Agreements,
    pub(super) signers: BTreeMap<Slug, Signer>,
    pub(super) mischief: Mischief,
    pub(super) gate: Gate,
    answered: AtomicU64,
    declined: AtomicU64,
    pub(super) pages: AtomicU64,
}

/// Opens the departments at an address (`127.0.0.1:0`: any free port).
///
/// # Errors
/// When the address cannot be bound.
pub async fn open(departments: Departments, address: &str) -> io::Result<Serving> {
    let house = Arc::new(House {
        data: departments.data,
        agreements: departments.agreements,
        signers: departments.signers,
        mischief: departments.mischief,
        gate: Gate::new(departments.callers, departments.clock),
        answered: AtomicU64::new(0),
        declined: AtomicU64::new(0),
        pages: AtomicU64::new(0),
    });
    let router = Router::new()
        .route("/departments/{department}/query", post(query))
        .route("/departments/{department}/pages", post(page))
        .route("/health", get(health))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(house);
    Serving::open(router, address).await
}

/// How many questions were answered and declined: unsigned, holds no data.
async fn health(State(house): State<Arc<House>>) -> Response {
    let answered = house.answered.load(Ordering::Relaxed);
    let declined = house.declined.load(Ordering::Relaxed);
    let pages = house.pages.load(Ordering::Relaxed);
    format!("{{\"answered\":{answered},\"declined\":{declined},\"pages\":{pages}}}").into_response()
}

async fn query(
    State(house): State<Arc<House>>,
    Path(department): Path<String>,
    asked: Asked,
) -> Response {
    let does = |house: &House, department: &Slug, believed: &Believed, body: &[u8]| {
        answer(house, department, believed, body)
    };
    say(&house, &department, asked, does).await
}

async fn page(
    State(house): State<Arc<House>>,
    Path(department): Path<String>,
    asked: Asked,
) -> Response {
    let nth = house.pages.fetch_add(1, Ordering::Relaxed) + 1;
    let every = |count: u64| count > 0 && nth.is_multiple_of(count);
    if every(house.mischief.pages.down_every) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if every(house.mischief.pages.silent_every) {
        std::future::pending::<()>().await;
    }
    let does = |house: &House, department: &Slug, believed: &Believed, body: &[u8]| {
        super::pages::page(house, department, believed, body, nth)
    };
    say(&house, &department, asked, does).await
}

/// A request as it came.
struct Asked {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Asked {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Asked, Response> {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let headers = request.headers().clone();
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(IntoResponse::into_response)?;
        Ok(Asked {
            method,
            uri,
            headers,
            body,
        })
    }
}

/// The answer of a department that is there, signed; how it misbehaves otherwise.
async fn say<T: Serialize>(
    house: &House,
    department: &str,
    asked: Asked,
    does: impl Fn(&House, &Slug, &Believed, &[u8]) -> Result<T, No>,
) -> Response {
    let Ok(department) = department.parse::<Slug>() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Some(signer) = house.signers.get(&department) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if house.mischief.down.contains(&department) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if house.mischief.silent.contains(&department) {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(house.mischief.delay).await;
    let Asked {
        method,
        uri,
        headers,
        body,
    } = asked;
    let believed = house.gate.believe(&method, &uri, &headers, &body);
    let nonce = match &believed {
        Ok(believed) => believed.nonce.clone(),
        Err(_) => claimed_nonce(&headers),
    };
    let judged = believed
        .map_err(|why| no(StatusCode::UNAUTHORIZED, why.to_string()))
        .and_then(|caller| does(house, &department, &caller, &body));
    match judged {
        Ok(answer) => {
            house.answered.fetch_add(1, Ordering::Relaxed);
            let mut reply = house.gate.json(signer, &nonce, StatusCode::OK, &answer);
            if house.mischief.forged.contains(&department) {
                *reply.body_mut() = axum::body::Body::from("{}");
            }
            reply
        }
        Err((status, trouble)) => {
            house.declined.fetch_add(1, Ordering::Relaxed);
            house.gate.json(signer, &nonce, status, &trouble)
        }
    }
}

pub(super) type No = (StatusCode, Trouble);

pub(super) fn no(status: StatusCode, why: impl Into<String>) -> No {
    (status, Trouble { why: why.into() })
}

fn answer(house: &House, department: &Slug, believed: &Believed, body: &[u8]) -> Result<Reply, No> {
    let bad = |why: String| no(StatusCode::BAD_REQUEST, why);
    let query: Query =
        serde_json::from_slice(body).map_err(|why| bad(format!("请求读不懂：{why}")))?;
    if query.persons.is_empty() || query.persons.len() > MOST_PERSONS {
        return Err(bad(format!("一次要问 1 到 {MOST_PERSONS} 个人")));
    }
    let today = house.gate.clock.now().today();
    let mut answers = Vec::new();
    let mut agreed = false;
    for category in &query.categories {
        let place = (department, category);
        let agreement =
            house
                .agreements
                .find(&believed.caller, place, PurposeKind::Verification, today);
        agreed |= agreement.is_ok();
        for person in &query.persons {
            answers.push(One {
                id_no: person.clone(),
                category: category.clone(),
                found: found(house, place, agreement.as_ref().copied(), person, today),
            });
        }
    }
    if !agreed {
        let why = format!("和“{}”没有共享协议", believed.caller);
        return Err(no(StatusCode::FORBIDDEN, why));
    }
    Ok(Reply {
        verification: query.verification,
        answers,
    })
}

fn found(
    house: &House,
    place: (&Slug, &Slug),
    agreement: Result<&Agreement, &String>,
    person: &str,
    today: Date,
) -> Found {
    let declined = |why: &str| Found::Declined {
        why: why.to_owned(),
    };
    let agreement = match agreement {
        Ok(agreement) => agreement,
        Err(why) => return declined(why),
    };
    let Some(held) = house.data.answer(place.1.as_str(), person, today) else {
        return declined("没有这类数据");
    };
    let held = house.mischief.distort(place, person, held, today);
    if held.is_empty() {
        return Found::NoRecord { as_of: today };
    }
    let rows = held.into_iter().map(|record| {
        let mut row: BTreeMap<String, String> = record
            .fields
            .into_iter()
            .filter(|(field, _)| agreement.fields.contains(field.as_str()))
            .collect();
        row.insert("id_no".to_owned(), person.to_owned());
        row.insert("record_no".to_owned(), record.record_no);
        row.insert("as_of".to_owned(), record.as_of.to_string());
        row
    });
    Found::Records(rows.collect())
}
