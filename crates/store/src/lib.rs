//! 「存取」 SQL on SQLite and PostgreSQL: one code path, one text per statement.
//! Nouns are saved and loaded here; what may happen to them is decided in the
//! engines. Absent on purpose: business rules, and asking which database it is
//! anywhere but in `dialect`.

mod access;
mod api_token;
pub mod audit;
pub mod backup;
mod bulk;
mod case;
mod db;
mod dialect;
mod error;
mod event;
mod idempotency;
mod lane;
pub mod ledger;
mod migrate;
mod notify;
mod outbox;
mod passkey;
mod payment;
mod policy;
mod pool;
mod registry;
mod seal;
mod sequence;
mod set_aside;
mod sign_in;
mod statement;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod value;

pub use api_token::ApiToken;
pub use case::{CaseLine, Document};
pub use db::{Db, Settings};
pub use error::{Cause, Result, StoreError};
pub use event::{Loaded, Recorded};
pub use idempotency::{Reply, RequestKey};
pub use outbox::{ATTEMPTS, DeadLetter, Lease};
pub use passkey::StoredPasskey;
pub use payment::{StoredFile, SuspenseLine};
pub use policy::{Found, FoundCount, Screening};
pub use pool::{ContradictionCount, ContradictionSide, FoundContradiction, OfWhom};
pub use pool::{OthersPage, PoolRecord, StoredRecord};
pub use registry::{NumberIndex, Register, RegisterQuestion, RegisterSlice};
pub use seal::{Profile, SealingKey, SealingKeys};
pub use sign_in::Login;
pub use tx::Tx;
