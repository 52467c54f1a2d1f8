//! 「银行门口」 The HTTP side of the bank.

use super::books::{Books, Delivery};
use super::manners::Manners;
use crate::serving::Serving;
use crate::signed::{Gate, claimed_nonce};
use app::payment::bank_wire::{FileStanding, FileState, Statement, StatementLine, TreasuryMoves};
use app::signing::{KeyRing, Signer};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use engine_payment::{LineOutcome, read_bank_file};
use kernel::{Clock, Money};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most bytes of one file.
const BODY_LIMIT: usize = 64 << 20;

/// Everything the bank is.
pub struct Bank {
    /// Whom it believes.
    pub callers: KeyRing,
    /// Its own key.
    pub signer: Signer,
    /// How it behaves.
    pub manners: Manners,
    /// Where it keeps its books; `None`: in memory.
    pub state: Option<PathBuf>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

struct House {
    books: Mutex<Books>,
    signer: Signer,
    manners: Manners,
    state: Option<PathBuf>,
    gate: Gate,
}

impl House {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens the bank at an address (`127.0.0.1:0`: any free port).
///
/// # Errors
/// When its books cannot be read or the address cannot be bound.
pub async fn open(bank: Bank, address: &str) -> io::Result<Serving> {
    let house = Arc::new(House {
        books: Mutex::new(Books::open(bank.state.as_deref())?),
        signer: bank.signer,
        manners: bank.manners,
        state: bank.state,
        gate: Gate::new(bank.callers, bank.clock),
    });
    let router = Router::new()
        .route("/files", post(take))
        .route("/files/{reference}", get(standing))
        .route("/files/{reference}/replies/{number}", get(reply))
        .route("/files/{reference}/lines", get(lines))
        .route("/treasury/{payer}/{reference}", get(treasury))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(house);
    Serving::open(router, address).await
}

/// A request's parts that are signed.
type Parts = (Method, Uri, HeaderMap, Bytes);

/// Believes the request, then answers signed; a stranger gets a signed 401.
fn answer(
    house: &House,
    (method, uri, headers, body): &Parts,
    act: impl FnOnce() -> (StatusCode, Vec<u8>),
) -> Response {
    match house.gate.believe(method, uri, headers, body) {
        Ok(believed) => {
            let (status, body) = act();
            house
                .gate
                .reply(&house.signer, &believed.nonce, status, body)
        }
        Err(why) => {
            let nonce = claimed_nonce(headers);
            let says = FileStanding::refused(why.to_string());
            let status = StatusCode::UNAUTHORIZED;
            house.gate.json(&house.signer, &nonce, status, &says)
        }
    }
}

fn json<T: serde::Serialize>(status: StatusCode, body: &T) -> (StatusCode, Vec<u8>) {
    match serde_json::to_vec(body) {
        Ok(body) => (status, body),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, Vec::new()),
    }
}

fn never() -> (StatusCode, Vec<u8>) {
    json(StatusCode::NOT_FOUND, &FileStanding::never())
}

async fn take(
    State(house): State<Arc<House>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let deliveries = {
        let mut books = house.books();
        books.deliveries = books.deliveries.saturating_add(1);
        books.deliveries
    };
    let (lost, mute) = (house.manners.lose_files, house.manners.lose_answers);
    if deliveries <= lost {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let parts = (method, uri, headers, body);
    let response = answer(&house, &parts, || taking(&house, &parts.3));
    if deliveries <= lost.saturating_add(mute) {
        return StatusCode::GATEWAY_TIMEOUT.into_response();
    }
    response
}

fn taking(house: &House, body: &[u8]) -> (StatusCode, Vec<u8>) {
    let file = match read_bank_file(body) {
        Ok(file) => file,
        Err(fault) => {
            let refused = FileStanding::refused(fault.to_string());
            return json(StatusCode::UNPROCESSABLE_ENTITY, &refused);
        }
    };
    let mut books = house.books();
    let now = house.gate.clock.now();
    let said = books.take(&file, &house.manners, now);
    if let Err(why) = books.keep(house.state.as_ref()) {
        // What is not on the disk was not taken.
        tracing::error!(%why, "the bank's books cannot be written");
        if let Ok(old) = Books::open(house.state.as_deref()) {
            *books = old;
        }
        return (StatusCode::INSUFFICIENT_STORAGE, Vec::new());
    }
    let receipt = books.files.get(&file.reference).map(|f| f.receipt.clone());
    match said {
        Delivery::Taken | Delivery::Known => json(
            StatusCode::OK,
            &FileStanding::received(receipt.unwrap_or_default()),
        ),
        Delivery::OtherFile => json(
            StatusCode::CONFLICT,
            &FileStanding::refused("同一个文件编号，内容不同".to_owned()),
        ),
        Delivery::ExecutedBefore(reference) => json(
            StatusCode::UNPROCESSABLE_ENTITY,
            &FileStanding::refused(format!("流水号 {reference} 已经处理过")),
        ),
    }
}

async fn standing(
    State(house): State<Arc<House>>,
    Path(reference): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&house, &(method, uri, headers, body), || {
        let books = house.books();
        match books.files.get(&reference) {
            Some(taken) => {
                let mut standing = FileStanding::received(taken.receipt.clone());
                if is_ready(&house, taken.at) {
                    standing.state = FileState::Done;
                }
                json(StatusCode::OK, &standing)
            }
            None => never(),
        }
    })
}

fn is_ready(house: &House, taken: kernel::Instant) -> bool {
    let waited = house.gate.clock.now().at.signed_duration_since(taken);
    waited.num_seconds() >= house.manners.delay_seconds
}

async fn reply(
    State(house): State<Arc<House>>,
    Path((reference, number)): Path<(String, u32)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&house, &(method, uri, headers, body), || {
        let books = house.books();
        match books.files.get(&reference) {
            Some(taken) if number > 0 && is_ready(&house, taken.at) => {
                let honest = taken.reply(&reference, number);
                (StatusCode::OK, house.manners.reply(&honest))
            }
            _ => never(),
        }
    })
}

async fn lines(
    State(house): State<Arc<House>>,
    Path(reference): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&house, &(method, uri, headers, body), || {
        let books = house.books();
        let Some(taken) = books.files.get(&reference) else {
            return never();
        };
        let lines = taken
            .lines
            .iter()
            .filter(|line| matches!(line.outcome, LineOutcome::Paid { .. }))
            .map(|line| StatementLine {
                reference: line.reference.clone(),
                amount: line.amount,
            })
            .collect();
        json(StatusCode::OK, &Statement { lines })
    })
}

async fn treasury(
    State(house): State<Arc<House>>,
    Path((payer, reference)): Path<(String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&house, &(method, uri, headers, body), || {
        let books = house.books();
        let taken = books.files.get(&reference).filter(|t| t.payer == payer);
        let Some(taken) = taken else {
            return never();
        };
        let sum = |paid: Option<bool>| {
            let wanted = taken.lines.iter().filter(|line| {
                paid.is_none_or(|p| matches!(line.outcome, LineOutcome::Paid { .. }) == p)
            });
            Money::checked_sum(wanted.map(|line| line.amount)).unwrap_or_default()
        };
        let moves = TreasuryMoves {
            debited: sum(None),
            refunded: sum(Some(false)),
        };
        json(StatusCode::OK, &moves)
    })
}
