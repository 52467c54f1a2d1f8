//! PostgreSQL and its relatives: pooled connections, invariants in unique keys
//! and row locks, not in the isolation level.

use super::fault;
use crate::error::{Result, StoreError};
use sqlx::Row as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use std::str::FromStr;
use std::time::Duration;

pub(super) fn options(url: &str) -> Result<PgConnectOptions> {
    let options =
        PgConnectOptions::from_str(url).map_err(|_| StoreError::Address(url.to_owned()))?;
    Ok(options
        .application_name("nuanxin")
        .statement_cache_capacity(512)
        .options([
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

pub(super) fn append_only(table: &str) -> String {
    format!(
        "\nCREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION '% 只能追加', TG_TABLE_NAME; END $$;\n\
         CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} \
         FOR EACH STATEMENT EXECUTE FUNCTION append_only();\n"
    )
}
