//! 「短信模拟器」 An SMS centre over HTTP: takes a message once by its key, gives a
//! receipt, and can be dead or fail to reach somebody. What it took can be looked
//! at with [`Centre::taken`]; nothing leaves the machine.

use crate::serving::Serving;
use crate::signed::{Gate, claimed_nonce};
use app::signing::{KeyRing, Signer};
use app::sms::{Outgoing, Receipt, Taken};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use kernel::Clock;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// Everything the centre is.
pub struct Sms {
    /// Whom it believes.
    pub callers: KeyRing,
    /// Its own key.
    pub signer: Signer,
    /// 停机 Every request gets an unsigned 503.
    pub dead: bool,
    /// Numbers that cannot be reached.
    pub unreachable: BTreeSet<String>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// An open centre.
pub struct Centre {
    /// Its door.
    pub serving: Serving,
    house: Arc<House>,
}

struct House {
    taken: Mutex<BTreeMap<String, Outgoing>>,
    signer: Signer,
    dead: bool,
    unreachable: BTreeSet<String>,
    gate: Gate,
}

impl Centre {
    /// The messages taken, by the centre's reference.
    pub fn taken(&self) -> BTreeMap<String, Outgoing> {
        self.house.messages().clone()
    }
}

impl House {
    fn messages(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Outgoing>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens the centre at an address (`127.0.0.1:0`: any free port).
///
/// # Errors
/// When the address cannot be bound.
pub async fn open(sms: Sms, address: &str) -> io::Result<Centre> {
    let house = Arc::new(House {
        taken: Mutex::default(),
        signer: sms.signer,
        dead: sms.dead,
        unreachable: sms.unreachable,
        gate: Gate::new(sms.callers, sms.clock),
    });
    let router = Router::new()
        .route("/messages", post(take))
        .route("/messages/{reference}", get(receipt))
        .layer(DefaultBodyLimit::max(1 << 16))
        .with_state(Arc::clone(&house));
    let serving = Serving::open(router, address).await?;
    Ok(Centre { serving, house })
}

async fn take(
    State(house): State<Arc<House>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&house, (method, uri, headers), &body, |house| {
        let message: Outgoing = serde_json::from_slice(&body).ok()?;
        let mut taken = house.messages();
        let known = taken.iter().find(|(_, one)| one.key == message.key);
        let reference = match known {
            Some((reference, one)) if *one == message => reference.clone(),
            Some(_) => return None,
            None => format!("SM{:08}", taken.len() + 1),
        };
        taken.insert(reference.clone(), message);
        serde_json::to_vec(&Taken { reference }).ok()
    })
}

async fn receipt(
    State(house): State<Arc<House>>,
    Path(reference): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&house, (method, uri, headers), &body, |house| {
        let taken = house.messages();
        let message = taken.get(&reference)?;
        let receipt = if house.unreachable.contains(&message.mobile) {
            Receipt::Failed {
                why: "号码停机".to_owned(),
            }
        } else {
            Receipt::Delivered
        };
        serde_json::to_vec(&receipt).ok()
    })
}

/// Believes the request and answers signed: 200 with what `act` gives, else 400
/// (a message that cannot be read, a key with another text) or 404.
fn answer(
    house: &House,
    (method, uri, headers): (Method, Uri, HeaderMap),
    body: &Bytes,
    act: impl FnOnce(&House) -> Option<Vec<u8>>,
) -> Response {
    if house.dead {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let (nonce, status, said) = match house.gate.believe(&method, &uri, &headers, body) {
        Err(_) => (
            claimed_nonce(&headers),
            StatusCode::UNAUTHORIZED,
            Vec::new(),
        ),
        Ok(believed) => match act(house) {
            Some(said) => (believed.nonce, StatusCode::OK, said),
            None if method == Method::GET => (believed.nonce, StatusCode::NOT_FOUND, Vec::new()),
            None => (believed.nonce, StatusCode::BAD_REQUEST, Vec::new()),
        },
    };
    house.gate.reply(&house.signer, &nonce, status, said)
}
