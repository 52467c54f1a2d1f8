//! 「手写」 What a person would write who needs only this: one plain table, plain SQL,
//! the quickest way in that each database offers. Nothing is checked, sealed or told.

use super::rows::Making;
use crate::ending::Failure;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, PgPool, Row as _, SqlitePool};
use std::str::FromStr as _;

/// The plain table.
pub(super) const TABLE: &str = "bench_by_hand";

const MAKE: &str = "CREATE TABLE bench_by_hand (person BIGINT NOT NULL, category BIGINT NOT NULL,
    record_no TEXT NOT NULL, as_of TEXT NOT NULL, batch BIGINT NOT NULL, field_values TEXT NOT NULL,
    PRIMARY KEY (person, category, record_no))";
const BETWEEN: &str = "SELECT person, category, record_no, as_of, batch, field_values
    FROM bench_by_hand WHERE person >= $1 AND person <= $2 ORDER BY person, category";
const EVERYTHING: &str = "SELECT count(*) AS people, CAST(sum(n) AS BIGINT) AS n FROM
    (SELECT person, count(*) AS n, max(field_values) AS last FROM bench_by_hand GROUP BY person) AS each_one";
/// Rows of one INSERT.
const ROWS: usize = 500;

pub(super) enum ByHand {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

fn broken(why: sqlx::Error) -> Failure {
    Failure::Broken(why.to_string())
}

impl ByHand {
    pub(super) async fn open(url: &str) -> Result<Self, Failure> {
        if !url.starts_with("sqlite:") {
            let pool = PgPoolOptions::new().max_connections(2).connect(url).await;
            let pool = pool.map_err(broken)?;
            sqlx::query(MAKE).execute(&pool).await.map_err(broken)?;
            return Ok(ByHand::Postgres(pool));
        }
        // A file of its own: two writers in one file would wait for each other.
        let beside = format!("{}.by-hand", url.trim_start_matches("sqlite:"));
        let options =
            SqliteConnectOptions::from_str(&format!("sqlite:{beside}")).map_err(broken)?;
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .page_size(8192)
            .pragma("cache_size", "-65536");
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options)
            .await;
        let pool = pool.map_err(broken)?;
        let table = format!("{MAKE} WITHOUT ROWID");
        sqlx::query(AssertSqlSafe(table))
            .execute(&pool)
            .await
            .map_err(broken)?;
        Ok(ByHand::Sqlite(pool))
    }

    /// One delivery in one transaction: long INSERTs on SQLite, COPY on PostgreSQL.
    pub(super) async fn load(&self, making: Making) -> Result<(), Failure> {
        match self {
            ByHand::Sqlite(pool) => insert(pool, making).await,
            ByHand::Postgres(pool) => copy(pool, making).await,
        }
        .map_err(broken)
    }

    pub(super) async fn count(&self) -> Result<i64, Failure> {
        let text = "SELECT count(*) AS n FROM bench_by_hand";
        match self {
            ByHand::Sqlite(pool) => sqlx::query(text)
                .fetch_one(pool)
                .await
                .and_then(|row| row.try_get("n")),
            ByHand::Postgres(pool) => sqlx::query(text)
                .fetch_one(pool)
                .await
                .and_then(|row| row.try_get("n")),
        }
        .map_err(broken)
    }

    /// How many rows stand there: all of them are read.
    pub(super) async fn between(&self, first: i64, last: i64) -> Result<usize, Failure> {
        match self {
            ByHand::Sqlite(pool) => sqlx::query(BETWEEN)
                .bind(first)
                .bind(last)
                .fetch_all(pool)
                .await
                .map(|rows| rows.len()),
            ByHand::Postgres(pool) => sqlx::query(BETWEEN)
                .bind(first)
                .bind(last)
                .fetch_all(pool)
                .await
                .map(|rows| rows.len()),
        }
        .map_err(broken)
    }

    /// All rows, put together by person.
    pub(super) async fn everything(&self) -> Result<i64, Failure> {
        match self {
            ByHand::Sqlite(pool) => sqlx::query(EVERYTHING)
                .fetch_one(pool)
                .await
                .and_then(|row| row.try_get("n")),
            ByHand::Postgres(pool) => sqlx::query(EVERYTHING)
                .fetch_one(pool)
                .await
                .and_then(|row| row.try_get("n")),
        }
        .map_err(broken)
    }

    /// Bytes on disk of a table with its key.
    pub(super) async fn size(&self, table: &'static str) -> Result<i64, Failure> {
        let bytes = match self {
            ByHand::Sqlite(pool) => {
                sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                    .execute(pool)
                    .await
                    .map_err(broken)?;
                let file = pool.connect_options().get_filename().to_owned();
                let file = if table == TABLE {
                    file
                } else {
                    file.with_extension("")
                };
                let size = std::fs::metadata(&file).map(|meta| meta.len());
                Ok(size
                    .ok()
                    .and_then(|bytes| i64::try_from(bytes).ok())
                    .unwrap_or_default())
            }
            ByHand::Postgres(pool) => {
                let text = "SELECT pg_total_relation_size($1::regclass) AS n";
                sqlx::query(text)
                    .bind(table)
                    .fetch_one(pool)
                    .await
                    .and_then(|row| row.try_get("n"))
            }
        };
        bytes.map_err(broken)
    }
}

async fn insert(pool: &SqlitePool, making: Making) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    let mut pieces = making.plain();
    while let Some(rows) = pieces.recv().await {
        for rows in rows.chunks(ROWS) {
            let places = vec!["(?,?,?,'2026-11-01',?,?)"; rows.len()].join(",");
            let text = format!("INSERT INTO {TABLE} VALUES {places}");
            let mut query = sqlx::query(AssertSqlSafe(text));
            for (person, no, values) in rows {
                query = query
                    .bind(person)
                    .bind(making.category())
                    .bind(no)
                    .bind(making.category())
                    .bind(values);
            }
            query.execute(&mut *tx).await?;
        }
    }
    tx.commit().await
}

async fn copy(pool: &PgPool, making: Making) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    let mut into = tx.copy_in_raw("COPY bench_by_hand FROM STDIN").await?;
    let mut pieces = making.plain();
    while let Some(rows) = pieces.recv().await {
        let mut text = String::new();
        for (person, no, values) in rows {
            let category = making.category();
            let line = format!("{person}\t{category}\t{no}\t2026-11-01\t{category}\t{values}\n");
            text.push_str(&line.replace('\\', "\\\\"));
        }
        into.send(text.into_bytes()).await?;
    }
    into.finish().await?;
    tx.commit().await
}
