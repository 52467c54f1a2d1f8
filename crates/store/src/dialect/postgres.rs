//! PostgreSQL and its relatives: pooled connections, invariants in unique keys
//! and row locks, not in the isolation level.

use super::fault;
use crate::bulk::Rows;
use crate::error::{Result, StoreError};
use crate::value::{Kind, Value};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Row as _};
use std::str::FromStr;
use std::time::Duration;

pub(super) fn options(url: &str) -> Result<PgConnectOptions> {
    let options =
        PgConnectOptions::from_str(url).map_err(|_| StoreError::Address(url.to_owned()))?;
    Ok(options
        .application_name("nuanxin")
        .statement_cache_capacity(512)
        .options([
            // What we acknowledge is on disk, whatever the server's habit.
            ("synchronous_commit", "on"),
            ("lock_timeout", "10s"),
            ("idle_in_transaction_session_timeout", "10min"),
        ]))
}

pub(super) async fn pool(options: &PgConnectOptions, size: u32) -> Result<PgPool> {
    let pool = PgPoolOptions::new()
        .max_connections(size)
        .min_connections(0)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(30))
        .connect_with(options.clone())
        .await
        .map_err(fault)?;
    let encoding: String = sqlx::query("SELECT current_setting('server_encoding') AS encoding")
        .fetch_one(&pool)
        .await
        .and_then(|row| row.try_get("encoding"))
        .map_err(fault)?;
    if encoding != "UTF8" {
        return Err(StoreError::fault(format!(
            "server_encoding is {encoding}, not UTF8"
        )));
    }
    Ok(pool)
}

/// Bytes sent to COPY at a time.
const CHUNK: usize = 256 * 1024;

pub(super) async fn insert_many(conn: &mut PgConnection, rows: Rows) -> sqlx::Result<()> {
    let bulk = rows.bulk;
    let text = format!("COPY {} ({}) FROM STDIN", bulk.table, bulk.names());
    let mut copy = conn.copy_in_raw(&text).await?;
    let mut buffer = String::with_capacity(CHUNK + 4096);
    for row in rows.values.chunks(bulk.columns.len()) {
        for (at, value) in row.iter().enumerate() {
            if at > 0 {
                buffer.push('\t');
            }
            copy_text(&mut buffer, value);
        }
        buffer.push('\n');
        if buffer.len() >= CHUNK {
            copy.send(buffer.as_bytes()).await?;
            buffer.clear();
        }
    }
    copy.send(buffer.as_bytes()).await?;
    copy.finish().await?;
    Ok(())
}

/// Rows sent to one upsert; a column of them is one array.
const ARRAY: usize = 10_000;

pub(super) async fn upsert_many(
    conn: &mut PgConnection,
    rows: Rows,
    conflict: &'static str,
) -> sqlx::Result<()> {
    let bulk = rows.bulk;
    let arrays: Vec<String> = (1..)
        .zip(bulk.columns)
        .map(|(at, (_, kind))| match kind {
            Kind::Int => format!("${at}::bigint[]"),
            Kind::Text => format!("${at}::text[]"),
            Kind::Bytes => format!("${at}::bytea[]"),
        })
        .collect();
    let (table, names, arrays) = (bulk.table, bulk.names(), arrays.join(", "));
    let text = format!("INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) {conflict}");
    for chunk in rows.values.chunks(ARRAY * bulk.columns.len()) {
        let mut query = sqlx::query(AssertSqlSafe(text.clone()));
        for (at, (_, kind)) in bulk.columns.iter().enumerate() {
            let column = chunk.iter().skip(at).step_by(bulk.columns.len());
            query = match kind {
                Kind::Int => query.bind(column.map(Value::int).collect::<Vec<Option<i64>>>()),
                Kind::Text => query.bind(column.map(Value::text).collect::<Vec<Option<&str>>>()),
                Kind::Bytes => query.bind(column.map(Value::bytes).collect::<Vec<Option<&[u8]>>>()),
            };
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// COPY's text format: `\N` is null, tab, newline and backslash are escaped.
fn copy_text(out: &mut String, value: &Value) {
    match value {
        Value::Int(Some(number)) => out.push_str(&number.to_string()),
        Value::Text(Some(text)) => {
            for ch in text.chars() {
                match ch {
                    '\\' => out.push_str("\\\\"),
                    '\n' => out.push_str("\\n"),
                    '\r' => out.push_str("\\r"),
                    '\t' => out.push_str("\\t"),
                    other => out.push(other),
                }
            }
        }
        Value::Bytes(Some(bytes)) => {
            out.push_str("\\\\x");
            for byte in bytes {
                for half in [byte >> 4, byte & 15] {
                    out.push(char::from(b"0123456789abcdef"[usize::from(half)]));
                }
            }
        }
        Value::Int(None) | Value::Text(None) | Value::Bytes(None) => out.push_str("\\N"),
    }
}

pub(super) fn append_only(table: &str) -> String {
    format!(
        "\nCREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION '% 只能追加', TG_TABLE_NAME; END $$;\n\
         CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} \
         FOR EACH STATEMENT EXECUTE FUNCTION append_only();\n"
    )
}

/// Whether the pool's records lie in parts already.
pub(super) async fn is_partitioned(conn: &mut PgConnection) -> sqlx::Result<bool> {
    let text = "SELECT count(*) AS n FROM pg_partitioned_table
                WHERE partrelid = 'pool_record'::regclass";
    let row = sqlx::query(text).fetch_one(conn).await?;
    Ok(row.try_get::<i64, _>("n")? > 0)
}

/// Puts the pool's records into parts by ranges of people, each beginning at one of
/// `begins` (the first begins before everybody). By ranges, not by hash: household
/// members have neighbouring numbers, and a range of people stays in one part.
pub(super) fn partition(begins: &[i64]) -> String {
    let mut text = String::from(
        "ALTER TABLE pool_record RENAME TO pool_record_whole;\n\
         CREATE TABLE pool_record (LIKE pool_record_whole INCLUDING DEFAULTS \
         INCLUDING CONSTRAINTS INCLUDING STORAGE, \
         PRIMARY KEY (person, category, record_no)) PARTITION BY RANGE (person);\n",
    );
    for at in 0..=begins.len() {
        let begin = match at.checked_sub(1).and_then(|at| begins.get(at)) {
            Some(begin) => begin.to_string(),
            None => "MINVALUE".to_owned(),
        };
        let end = match begins.get(at) {
            Some(end) => end.to_string(),
            None => "MAXVALUE".to_owned(),
        };
        text.push_str(&format!(
            "CREATE TABLE pool_record_part_{at} PARTITION OF pool_record \
             FOR VALUES FROM ({begin}) TO ({end});\n"
        ));
    }
    text.push_str(
        "INSERT INTO pool_record SELECT * FROM pool_record_whole \
         ORDER BY person, category, record_no;\n\
         DROP TABLE pool_record_whole;\n",
    );
    text
}
