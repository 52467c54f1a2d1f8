//! 「方言」 The one place that asks which database it is. Everything above sees a
//! connection that takes one SQL text with `$1`, and rows by name.

mod postgres;
mod sqlite;

use crate::bulk::Rows;
use crate::error::{Result, StoreError};
use crate::value::{Kind, Value};
use futures_util::TryStreamExt as _;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Executor as _, Postgres, Sqlite, SqliteConnection};
use sqlx::{Column as _, Row as _, TypeInfo as _, ValueRef as _};

/// Where the database is.
#[derive(Clone, Debug)]
pub(crate) enum Address {
    Sqlite(sqlx::sqlite::SqliteConnectOptions),
    Postgres(sqlx::postgres::PgConnectOptions),
}

/// One connection.
pub(crate) enum Conn {
    /// The writer.
    Sqlite(SqliteConnection),
    /// One of the readers.
    SqliteReader(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// Connections shared by the jobs of one lane.
#[derive(Clone)]
pub(crate) enum Pool {
    Sqlite(sqlx::SqlitePool),
    Postgres(sqlx::PgPool),
}

/// One row of a result, as the database gave it.
#[derive(Debug)]
pub(crate) enum Cells {
    Sqlite(sqlx::sqlite::SqliteRow),
    Postgres(sqlx::postgres::PgRow),
}

/// How a new transaction is begun.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begin {
    Read,
    Write,
}

impl Address {
    /// Reads `sqlite:PATH` or `postgres://…`.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        if url.starts_with("sqlite:") {
            sqlite::options(url).map(Address::Sqlite)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            postgres::options(url).map(Address::Postgres)
        } else {
            Err(StoreError::Address(url.to_owned()))
        }
    }

    /// Whether all writes must go through one connection.
    pub(crate) fn single_writer(&self) -> bool {
        matches!(self, Address::Sqlite(_))
    }

    /// The connection of the single writer.
    pub(crate) async fn writer(&self) -> Result<Conn> {
        match self {
            Address::Sqlite(options) => sqlite::writer(options).await.map(Conn::Sqlite),
            Address::Postgres(_) => Err(StoreError::fault("no single writer on PostgreSQL")),
        }
    }

    /// A lane's connections, opened on its own runtime. `size` ≥ 1.
    pub(crate) async fn pool(&self, size: u32) -> Result<Pool> {
        match self {
            Address::Sqlite(options) => sqlite::readers(options, size).await.map(Pool::Sqlite),
            Address::Postgres(options) => postgres::pool(options, size).await.map(Pool::Postgres),
        }
    }
}

impl Pool {
    pub(crate) async fn acquire(&self) -> Result<Conn> {
        Ok(match self {
            Pool::Sqlite(pool) => Conn::SqliteReader(pool.acquire().await.map_err(fault)?),
            Pool::Postgres(pool) => Conn::Postgres(pool.acquire().await.map_err(fault)?),
        })
    }

    pub(crate) async fn close(&self) {
        match self {
            Pool::Sqlite(pool) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

/// Runs `$body` with `$c` as the connection of whichever database.
macro_rules! on {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            Conn::Sqlite($c) => $body,
            Conn::SqliteReader(pooled) => {
                let $c = &mut **pooled;
                $body
            }
            Conn::Postgres(pooled) => {
                let $c = &mut **pooled;
                $body
            }
        }
    };
}

/// A query with its arguments bound, for the connection's database.
macro_rules! bound {
    ($text:expr, $args:expr) => {{
        let mut query = sqlx::query($text);
        for value in $args {
            query = match value {
                Value::Int(v) => query.bind(v),
                Value::Text(v) => query.bind(v),
                Value::Bytes(v) => query.bind(v),
            };
        }
        query
    }};
}

impl Conn {
    /// Runs a statement; gives how many rows it touched.
    pub(crate) async fn execute(
        &mut self,
        text: &'static str,
        args: Vec<Value>,
    ) -> sqlx::Result<u64> {
        on!(self, c => bound!(text, args).execute(c).await.map(|done| done.rows_affected()))
    }

    /// Runs a query to its end.
    pub(crate) async fn fetch_all(
        &mut self,
        text: &'static str,
        args: Vec<Value>,
    ) -> sqlx::Result<Vec<Cells>> {
        match self {
            Conn::Sqlite(c) => sqlite_rows(c, text, args).await,
            Conn::SqliteReader(c) => sqlite_rows(c, text, args).await,
            Conn::Postgres(c) => {
                let rows = bound!(text, args).fetch_all(&mut **c).await?;
                Ok(rows.into_iter().map(Cells::Postgres).collect())
            }
        }
    }

    /// Hands a query's rows to `take` as they come. For texts made of our own
    /// tables' names only.
    pub(crate) async fn each(
        &mut self,
        text: String,
        take: &mut dyn FnMut(Cells) -> Result<()>,
    ) -> Result<()> {
        on!(self, c => {
            let mut rows = sqlx::query(AssertSqlSafe(text)).fetch(c);
            while let Some(row) = rows.try_next().await.map_err(fault)? {
                take(Cells::from(row))?;
            }
        });
        Ok(())
    }

    /// Runs statements without arguments, several if need be (migrations, control).
    pub(crate) async fn run(&mut self, text: &str) -> sqlx::Result<()> {
        let text = AssertSqlSafe(text.to_owned());
        on!(self, c => c.execute(sqlx::raw_sql(text)).await.map(|_| ()))
    }

    pub(crate) async fn begin(&mut self, how: Begin) -> sqlx::Result<()> {
        let text = match (&self, how) {
            (Conn::Postgres(_), Begin::Write) => "BEGIN",
            (Conn::Postgres(_), Begin::Read) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            (_, Begin::Write) => "BEGIN IMMEDIATE",
            (_, Begin::Read) => "BEGIN",
        };
        self.run(text).await
    }

    /// Inserts many rows the fastest way the database has.
    pub(crate) async fn insert_many(&mut self, rows: Rows) -> sqlx::Result<()> {
        match self {
            Conn::Sqlite(c) => sqlite::insert_many(c, rows, "").await,
            Conn::SqliteReader(c) => sqlite::insert_many(c, rows, "").await,
            Conn::Postgres(c) => postgres::insert_many(c, rows).await,
        }
    }

    /// The same with an ON CONFLICT clause.
    pub(crate) async fn upsert_many(
        &mut self,
        rows: Rows,
        conflict: &'static str,
    ) -> sqlx::Result<()> {
        match self {
            Conn::Sqlite(c) => sqlite::insert_many(c, rows, conflict).await,
            Conn::SqliteReader(c) => sqlite::insert_many(c, rows, conflict).await,
            Conn::Postgres(c) => postgres::upsert_many(c, rows, conflict).await,
        }
    }

    /// Closes the connection rather than giving it back in an unknown state.
    pub(crate) async fn discard(self) {
        let closed = match self {
            Conn::Sqlite(c) => sqlx::Connection::close(c).await,
            Conn::SqliteReader(c) => c.close().await,
            Conn::Postgres(c) => c.close().await,
        };
        if let Err(error) = closed {
            tracing::debug!(%error, "a connection did not close cleanly");
        }
    }

    /// The migration's text in this database's words: `{clustered}` after a
    /// table's closing bracket keeps its rows in the order of the primary key
    /// where the database can; `-- append-only: TABLE` forbids UPDATE and DELETE.
    pub(crate) fn migration(&self, text: &str) -> String {
        let (clustered, forbid): (&str, fn(&str) -> String) = match self {
            Conn::Postgres(_) => ("", postgres::append_only),
            _ => ("WITHOUT ROWID", sqlite::append_only),
        };
        let mut out = text.replace("{clustered}", clustered);
        for line in text.lines() {
            if let Some(table) = line.strip_prefix("-- append-only: ") {
                out.push_str(&forbid(table.trim()));
            }
        }
        out
    }

    /// Puts the pool's records into parts by ranges of people; `None`: this database has
    /// no parts. `Ok(false)`: they lie in parts already.
    pub(crate) async fn partition_pool(&mut self, begins: &[i64]) -> Option<sqlx::Result<bool>> {
        let Conn::Postgres(conn) = self else {
            return None;
        };
        match postgres::is_partitioned(conn).await {
            Ok(true) => return Some(Ok(false)),
            Ok(false) => {}
            Err(why) => return Some(Err(why)),
        }
        let text = postgres::partition(begins);
        Some(self.run(&text).await.map(|()| true))
    }

    /// Holds other processes off while migrating, until the transaction ends.
    pub(crate) async fn lock_for_migration(&mut self) -> sqlx::Result<()> {
        match self {
            Conn::Postgres(_) => self.run("SELECT pg_advisory_xact_lock(7308900112)").await,
            _ => Ok(()), // BEGIN IMMEDIATE already does
        }
    }
}

async fn sqlite_rows(
    conn: &mut SqliteConnection,
    text: &'static str,
    args: Vec<Value>,
) -> sqlx::Result<Vec<Cells>> {
    let rows = bound!(text, args).fetch_all(conn).await?;
    Ok(rows.into_iter().map(Cells::Sqlite).collect())
}

impl From<sqlx::sqlite::SqliteRow> for Cells {
    fn from(row: sqlx::sqlite::SqliteRow) -> Self {
        Cells::Sqlite(row)
    }
}

impl From<sqlx::postgres::PgRow> for Cells {
    fn from(row: sqlx::postgres::PgRow) -> Self {
        Cells::Postgres(row)
    }
}

/// Runs `$body` with `$r` as the row of whichever database.
macro_rules! on_row {
    ($row:expr, $r:ident => $body:expr) => {
        match $row {
            Cells::Sqlite($r) => $body,
            Cells::Postgres($r) => $body,
        }
    };
}

impl Cells {
    /// The columns' names.
    pub(crate) fn names(&self) -> Vec<String> {
        on_row!(self, r => r.columns().iter().map(|c| c.name().to_owned()).collect())
    }

    /// Every value as the database holds it; a null is a null of text.
    pub(crate) fn values(&self) -> Result<Vec<Value>> {
        on_row!(self, r => (0..r.len())
            .map(|at| {
                let raw = r.try_get_raw(at).map_err(fault)?;
                if raw.is_null() {
                    return Ok(Value::Text(None));
                }
                match raw.type_info().name() {
                    "INTEGER" | "INT8" => r.try_get(at).map(Value::Int),
                    "TEXT" => r.try_get(at).map(Value::Text),
                    "BLOB" | "BYTEA" => r.try_get(at).map(Value::Bytes),
                    other => return Err(StoreError::fault(format!("a value of kind {other}"))),
                }
                .map_err(fault)
            })
            .collect())
    }

    /// The column as a value of the kind; another kind is a fault, never a guess.
    pub(crate) fn value(&self, name: &str, kind: Kind) -> Result<Value> {
        macro_rules! take {
            ($row:expr) => {
                match kind {
                    Kind::Int => $row.try_get(name).map(Value::Int),
                    Kind::Text => $row.try_get(name).map(Value::Text),
                    Kind::Bytes => $row.try_get(name).map(Value::Bytes),
                }
            };
        }
        match self {
            Cells::Sqlite(row) => take!(row),
            Cells::Postgres(row) => take!(row),
        }
        .map_err(fault)
    }
}

/// Whether running the whole transaction again may help.
pub(crate) fn is_retryable(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|e| e.code());
    matches!(code.as_deref(), Some("40001" | "40P01" | "55P03"))
}

/// A database error in our words.
pub(crate) fn fault(error: sqlx::Error) -> StoreError {
    let Some(told) = error.as_database_error() else {
        return StoreError::fault(error);
    };
    if told.is_unique_violation() {
        let constraint = told
            .constraint()
            .unwrap_or_else(|| told.message())
            .to_owned();
        return StoreError::Duplicate { constraint };
    }
    // 1811: SQLITE_CONSTRAINT_TRIGGER; P0001: RAISE EXCEPTION in our triggers.
    if matches!(told.code().as_deref(), Some("1811" | "P0001")) || told.is_check_violation() {
        return StoreError::Forbidden(told.message().to_owned());
    }
    if is_retryable(&error) {
        return StoreError::Busy;
    }
    StoreError::fault(error)
}
