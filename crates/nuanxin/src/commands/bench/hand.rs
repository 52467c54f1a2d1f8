//! 「手写」 The database as somebody opens it who writes plain SQL by hand: a pool, synced
//! commits, nothing of the house.

use super::broken;
use crate::ending::Failure;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};
use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

/// As many as the house has to PostgreSQL.
const CONNECTIONS: u32 = 16;
/// How long a writer may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(120);

/// Plain tables on one database.
#[derive(Clone)]
pub(super) enum Hand {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// The same text on either pool.
macro_rules! on {
    ($hand:expr, $pool:ident => $body:expr) => {
        match $hand {
            Hand::Sqlite($pool) => $body,
            Hand::Postgres($pool) => $body,
        }
    };
}
pub(super) use on;

impl Hand {
    /// A file of its own for SQLite; the same database for PostgreSQL.
    pub(super) async fn open(url: &str, folder: &Path) -> Result<Hand, Failure> {
        if !url.starts_with("sqlite") {
            let pool = PgPoolOptions::new().max_connections(CONNECTIONS);
            return Ok(Hand::Postgres(pool.connect(url).await.map_err(broken)?));
        }
        let file = format!("sqlite:{}", folder.join("hand.db").display());
        let options = SqliteConnectOptions::from_str(&file).map_err(broken)?;
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        // SQLite has one writer: more connections would only wait for each other.
        let pool = SqlitePoolOptions::new().max_connections(1);
        let pool = pool.acquire_timeout(PATIENCE).connect_with(options);
        Ok(Hand::Sqlite(pool.await.map_err(broken)?))
    }

    /// Makes the tables.
    pub(super) async fn make(&self, texts: &[&'static str]) -> Result<(), Failure> {
        for text in texts {
            let text = AssertSqlSafe(*text);
            on!(self, pool => sqlx::query(text).execute(pool).await.map(drop)).map_err(broken)?;
        }
        Ok(())
    }
}
