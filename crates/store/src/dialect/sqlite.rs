//! SQLite: one file, WAL, synced before we say yes, one writer.

use super::fault;
use crate::bulk::{Bulk, Rows};
use crate::error::{Result, StoreError};
use crate::value::Value;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Row as _};
use std::str::FromStr;
use std::time::Duration;

/// The oldest library without the WAL-reset bug that loses committed writes.
const OLDEST: (u32, u32, u32) = (3, 51, 3);

pub(super) fn options(url: &str) -> Result<SqliteConnectOptions> {
    let address = || StoreError::Address(url.to_owned());
    if url.contains(":memory:") {
        // Readers and the writer are different connections: memory has no file to share.
        return Err(address());
    }
    let options = SqliteConnectOptions::from_str(url).map_err(|_| address())?;
    Ok(options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .page_size(8192)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .statement_cache_capacity(512)
        .pragma("cache_size", "-65536")
        .pragma("temp_store", "MEMORY"))
}

pub(super) async fn writer(options: &SqliteConnectOptions) -> Result<SqliteConnection> {
    // The journal of a savepoint holds every page an act changes as it was: for a
    // bulk load nearly the whole file. In memory it would have no bound.
    let options = options
        .clone()
        .pragma("temp_store", "FILE")
        // One transaction that took in a whole register leaves a log as large as it.
        .pragma("journal_size_limit", "268435456");
    let mut conn = options.connect().await.map_err(fault)?;
    let version: String = sqlx::query("SELECT sqlite_version() AS version")
        .fetch_one(&mut conn)
        .await
        .and_then(|row| row.try_get("version"))
        .map_err(fault)?;
    check_version(&version)?;
    Ok(conn)
}

pub(super) async fn readers(options: &SqliteConnectOptions, size: u32) -> Result<SqlitePool> {
    SqlitePoolOptions::new()
        .max_connections(size)
        .test_before_acquire(false)
        .connect_with(options.clone().pragma("query_only", "ON"))
        .await
        .map_err(fault)
}

/// Refuses a library that is too old, or whose version cannot be read.
pub(super) fn check_version(version: &str) -> Result<()> {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    let mut next = || parts.next().flatten();
    match (next(), next(), next()) {
        (Some(major), Some(minor), Some(patch)) if (major, minor, patch) >= OLDEST => Ok(()),
        _ => Err(StoreError::SqliteTooOld {
            found: version.to_owned(),
        }),
    }
}

/// Values bound to one INSERT at most; SQLite allows 32,766, fewer keep memory small.
const VALUES: usize = 4_000;

pub(super) async fn insert_many(
    conn: &mut SqliteConnection,
    rows: Rows,
    conflict: &'static str,
) -> sqlx::Result<()> {
    let columns = rows.bulk.columns.len();
    let per_statement = (VALUES / columns).max(1);
    let mut left = rows.len();
    let mut values = rows.values.into_iter();
    while left > 0 {
        let count = left.min(per_statement);
        left -= count;
        let text = insert_text(&rows.bulk, count, conflict);
        let mut query = sqlx::query(AssertSqlSafe(text));
        for value in values.by_ref().take(count * columns) {
            query = match value {
                Value::Int(v) => query.bind(v),
                Value::Text(v) => query.bind(v),
                Value::Bytes(v) => query.bind(v),
            };
        }
        // The full-length text comes again and stays prepared; the rest does not.
        query
            .persistent(count == per_statement)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

fn insert_text(bulk: &Bulk, count: usize, conflict: &str) -> String {
    let row = format!("({})", vec!["?"; bulk.columns.len()].join(","));
    let rows = vec![row.as_str(); count].join(",");
    format!(
        "INSERT INTO {} ({}) VALUES {rows} {conflict}",
        bulk.table,
        bulk.names()
    )
}

pub(super) fn append_only(table: &str) -> String {
    ["UPDATE", "DELETE"]
        .iter()
        .map(|verb| {
            format!(
                "\nCREATE TRIGGER {table}_no_{} BEFORE {verb} ON {table} \
                 BEGIN SELECT RAISE(ABORT, '{table} 只能追加'); END;\n",
                verb.to_lowercase()
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_below_3_51_3_is_refused_with_words() {
        for old in ["3.7.0", "3.51.2", "3.50.9", "2.99.99", "", "3.51", "x.y.z"] {
            let refused = check_version(old).unwrap_err().to_string();
            assert!(
                refused.contains("3.51.3") && refused.contains(old),
                "{refused}"
            );
        }
        for new in ["3.51.3", "3.52.0", "4.0.0"] {
            check_version(new).unwrap();
        }
    }

    #[tokio::test]
    async fn the_writer_syncs_before_it_answers() {
        let place = crate::testing::sqlite();
        let mut conn = writer(&options(&place.url).unwrap()).await.unwrap();
        for (pragma, value) in [("PRAGMA synchronous", 2), ("PRAGMA foreign_keys", 1)] {
            let row = sqlx::query(pragma).fetch_one(&mut conn).await.unwrap();
            assert_eq!(row.get::<i64, _>(0), value, "{pragma}");
        }
        let row = sqlx::query("PRAGMA journal_mode")
            .fetch_one(&mut conn)
            .await
            .unwrap();
        assert_eq!(row.get::<String, _>(0), "wal");
    }

    #[test]
    fn memory_is_no_library() {
        assert!(options("sqlite::memory:").is_err());
    }
}
