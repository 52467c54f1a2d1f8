//! 「手写」 What a person would write who needs only balances that never fall below zero and
//! facts that are booked once: three plain tables, plain SQL. Nothing is sealed, printed or
//! told; no lots, purposes or holds.

use super::super::broken;
use crate::ending::Failure;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection as _, PgPool, Row as _, SqlitePool};
use std::str::FromStr as _;

const MAKE: [&str; 3] = [
    "CREATE TABLE hand_account (id BIGINT NOT NULL PRIMARY KEY, balance BIGINT NOT NULL)",
    "CREATE TABLE hand_transfer (id BIGINT NOT NULL PRIMARY KEY, reference TEXT NOT NULL UNIQUE)",
    "CREATE TABLE hand_entry (transfer BIGINT NOT NULL, leg BIGINT NOT NULL, account BIGINT NOT NULL,
        amount BIGINT NOT NULL, PRIMARY KEY (transfer, leg))",
];
const OPEN: &str = "INSERT INTO hand_account (id, balance) VALUES ($1, $2)";
const TAKE: &str =
    "UPDATE hand_account SET balance = balance - $2 WHERE id = $1 AND balance - $2 >= 0";
const GIVE: &str = "UPDATE hand_account SET balance = balance + $2 WHERE id = $1";
const TRANSFER: &str = "INSERT INTO hand_transfer (id, reference) VALUES ($1, $2)";
const ENTRIES: &str = "INSERT INTO hand_entry (transfer, leg, account, amount)
    VALUES ($1, 0, $2, $3), ($1, 1, $4, $5)";
/// Each balance against its entries, and every transfer against zero.
const WRONG: &str = "SELECT (SELECT count(*) FROM hand_account a WHERE a.balance <> $1 +
        COALESCE((SELECT sum(e.amount) FROM hand_entry e WHERE e.account = a.id), 0))
    + (SELECT count(*) FROM (SELECT transfer FROM hand_entry GROUP BY transfer
        HAVING sum(amount) <> 0) AS off) AS n";
const COUNT: &str = "SELECT count(*) AS n FROM hand_entry";

/// The plain tables on one database.
pub(super) enum ByHand {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

macro_rules! on {
    ($self:expr, $pool:ident => $body:expr) => {
        match $self {
            ByHand::Sqlite($pool) => $body,
            ByHand::Postgres($pool) => $body,
        }
    };
}

impl ByHand {
    pub(super) async fn open(url: &str, accounts: i64, start: i64) -> Result<Self, Failure> {
        let hand = match url.starts_with("sqlite:") {
            false => {
                let pool = PgPoolOptions::new().max_connections(8).connect(url);
                ByHand::Postgres(pool.await.map_err(broken)?)
            }
            true => {
                // A file of its own: two writers in one file would wait for each other.
                let beside = format!("{url}.by-hand");
                let options = SqliteConnectOptions::from_str(&beside).map_err(broken)?;
                let options = options
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full);
                let pool = SqlitePoolOptions::new().max_connections(1);
                let pool = pool.acquire_timeout(std::time::Duration::from_secs(120));
                ByHand::Sqlite(pool.connect_with(options).await.map_err(broken)?)
            }
        };
        for text in MAKE {
            on!(&hand, pool => sqlx::query(AssertSqlSafe(text)).execute(pool).await.map(drop))
                .map_err(broken)?;
        }
        let index = "CREATE INDEX hand_entry_account ON hand_entry (account, transfer)";
        on!(&hand, pool => sqlx::query(index).execute(pool).await.map(drop)).map_err(broken)?;
        on!(&hand, pool => {
            let mut tx = pool.begin().await.map_err(broken)?;
            for id in 1..=accounts {
                sqlx::query(OPEN).bind(id).bind(start).execute(&mut *tx).await.map_err(broken)?;
            }
            tx.commit().await
        })
        .map_err(broken)?;
        Ok(hand)
    }

    /// One transfer in a transaction of its own.
    pub(super) async fn transfer(
        &self,
        n: i64,
        (from, to, amount): (i64, i64, i64),
    ) -> Result<(), Failure> {
        on!(self, pool => {
            let mut conn = pool.acquire().await.map_err(broken)?;
            let mut tx = conn.begin().await.map_err(broken)?;
            // In the accounts' order: two writers cannot wait for each other.
            for id in [from.min(to), from.max(to)] {
                let text = if id == from { TAKE } else { GIVE };
                let done = sqlx::query(text).bind(id).bind(amount).execute(&mut *tx).await;
                if done.map_err(broken)?.rows_affected() != 1 {
                    return tx.rollback().await.map_err(broken);
                }
            }
            let named = sqlx::query(TRANSFER).bind(n).bind(format!("measure:{n}"));
            named.execute(&mut *tx).await.map_err(broken)?;
            let entries = sqlx::query(ENTRIES).bind(n).bind(from).bind(-amount).bind(to).bind(amount);
            entries.execute(&mut *tx).await.map_err(broken)?;
            tx.commit().await
        })
        .map_err(broken)
    }

    /// More transfers, many in one transaction, for the proof.
    pub(super) async fn load(&self, wanted: i64) -> Result<(), Failure> {
        let first = 1_000_000_000;
        on!(self, pool => {
            let mut tx = pool.begin().await.map_err(broken)?;
            for n in first..first + wanted {
                let (from, to, amount) = super::nth(n);
                sqlx::query(TAKE).bind(from).bind(amount).execute(&mut *tx).await.map_err(broken)?;
                sqlx::query(GIVE).bind(to).bind(amount).execute(&mut *tx).await.map_err(broken)?;
                let named = sqlx::query(TRANSFER).bind(n).bind(format!("measure:{n}"));
                named.execute(&mut *tx).await.map_err(broken)?;
                let entries = sqlx::query(ENTRIES).bind(n).bind(from).bind(-amount).bind(to).bind(amount);
                entries.execute(&mut *tx).await.map_err(broken)?;
            }
            tx.commit().await
        })
        .map_err(broken)
    }

    /// Proves balances and sums; gives how many entries there are.
    pub(super) async fn prove(&self) -> Result<u64, Failure> {
        let (wrong, rows): (i64, i64) = on!(self, pool => {
            let wrong = sqlx::query(WRONG).bind(super::START).fetch_one(pool).await.map_err(broken)?;
            let rows = sqlx::query(COUNT).fetch_one(pool).await.map_err(broken)?;
            (wrong.try_get("n").map_err(broken)?, rows.try_get("n").map_err(broken)?)
        });
        if wrong != 0 {
            return Err(broken("手写的账不对"));
        }
        u64::try_from(rows).map_err(broken)
    }
}
