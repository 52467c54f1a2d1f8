//! 「见证」 A witness behind a door, as C2SP tlog-witness speaks: `POST
//! /add-checkpoint` gives a cosignature or says why not; `GET /checkpoint?origin=`
//! shows the last note it cosigned. What it saw is on disk before it answers: a
//! witness that forgets could be shown two histories.

use crate::serving::Serving;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use ed25519_dalek::SigningKey;
use kernel::Clock;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use store::audit::note::{Kind, Verifier};
use store::audit::witness::{Refused, Seen, consider};

/// Everything a witness is.
pub struct Witness {
    /// Its name in its lines; without spaces and `+`.
    pub name: String,
    /// Its own key, which the house never sees.
    pub key: SigningKey,
    /// The logs it watches.
    pub logs: Vec<Verifier>,
    /// Where it remembers.
    pub state: PathBuf,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Witness {
    /// What the house believes its lines by.
    pub fn verifier(&self) -> Verifier {
        Verifier::of(&self.name, Kind::Witness, self.key.verifying_key())
    }
}

struct House {
    witness: Witness,
    seen: Mutex<Seen>,
}

/// Opens the witness at an address (`127.0.0.1:0`: any free port).
///
/// # Errors
/// When the address cannot be bound, or its memory cannot be read.
pub async fn open(witness: Witness, address: &str) -> io::Result<Serving> {
    let seen = match fs::read(&witness.state) {
        Ok(bytes) => serde_json::from_slice(&bytes)?,
        Err(why) if why.kind() == io::ErrorKind::NotFound => Seen::new(),
        Err(why) => return Err(why),
    };
    let house = House {
        witness,
        seen: Mutex::new(seen),
    };
    let router = Router::new()
        .route("/add-checkpoint", post(add))
        .route("/checkpoint", get(last))
        .layer(DefaultBodyLimit::max(1 << 16))
        .with_state(Arc::new(house));
    Serving::open(router, address).await
}

async fn add(State(house): State<Arc<House>>, body: String) -> (StatusCode, String) {
    let Witness {
        name,
        key,
        logs,
        state,
        clock,
    } = &house.witness;
    let now = u64::try_from(clock.now().at.timestamp()).unwrap_or(0);
    let mut seen = house.seen.lock().unwrap_or_else(PoisonError::into_inner);
    let mut next = seen.clone();
    match consider(&mut next, logs, (name, key), &body, now) {
        Ok(line) => match remember(state, &next) {
            Ok(()) => {
                *seen = next;
                (StatusCode::OK, format!("{}\n", line.told()))
            }
            Err(why) => (StatusCode::INTERNAL_SERVER_ERROR, why.to_string()),
        },
        Err(Refused::Unreadable) => (StatusCode::BAD_REQUEST, String::new()),
        Err(Refused::Unsigned) => (StatusCode::FORBIDDEN, String::new()),
        Err(Refused::Unknown) => (StatusCode::NOT_FOUND, String::new()),
        Err(Refused::Stale { seen }) => (StatusCode::CONFLICT, format!("{seen}\n")),
        Err(Refused::Inconsistent) => (StatusCode::UNPROCESSABLE_ENTITY, String::new()),
    }
}

async fn last(
    State(house): State<Arc<House>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> (StatusCode, String) {
    let seen = house.seen.lock().unwrap_or_else(PoisonError::into_inner);
    match query.get("origin").and_then(|origin| seen.get(origin)) {
        Some(kept) => (StatusCode::OK, kept.note.clone()),
        None => (StatusCode::NOT_FOUND, String::new()),
    }
}

fn remember(path: &Path, seen: &Seen) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(&serde_json::to_vec_pretty(seen)?)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}
