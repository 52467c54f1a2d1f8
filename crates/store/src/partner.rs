//! 「对方的库」 A department's own PostgreSQL, read page by page and never written: every
//! page is one read-only transaction, ordered by its key, so that the next page begins
//! after the last row of this one. The names of view and columns come from the house's
//! partner file and the catalogue and are quoted; values are bound. Absent: other kinds
//! of databases, and TLS (a tunnel beside the house is the partner's and ours to run).

use crate::error::{Result, StoreError};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Row as _};
use std::collections::BTreeMap;
use std::str::FromStr as _;
use std::time::Duration;

/// Somebody else's database.
#[derive(Clone)]
pub struct PartnerDb {
    pool: PgPool,
    wait: Duration,
}

/// What is read of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerView {
    /// The view or table, `schema.name`.
    pub view: String,
    /// Its columns, by the catalogue's ids.
    pub columns: Vec<String>,
    /// The column that orders the rows; no value of it twice.
    pub key: String,
    /// The column with the day a row speaks of.
    pub as_of: String,
}

/// A page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartnerPage {
    /// Column → text; what is empty is left out.
    pub rows: Vec<BTreeMap<String, String>>,
    /// Rows of the whole view.
    pub total: i64,
    /// The newest day it speaks of, as text; none of an empty view.
    pub as_of: Option<String>,
}

impl PartnerDb {
    /// Opens when first asked; nothing is asked yet.
    ///
    /// # Errors
    /// An address that is none.
    pub fn new(url: &str, wait: Duration) -> Result<PartnerDb> {
        let address = || StoreError::Address("（对方数据库的地址）".to_owned());
        let options = PgConnectOptions::from_str(url).map_err(|_| address())?;
        let milliseconds = wait.as_millis().to_string();
        let options = options.application_name("nuanxin-pull").options([
            ("default_transaction_read_only", "on"),
            ("statement_timeout", milliseconds.as_str()),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .min_connections(0)
            .acquire_timeout(wait)
            .connect_lazy_with(options);
        Ok(PartnerDb { pool, wait })
    }

    /// So many rows after a key, as one moment has them.
    ///
    /// # Errors
    /// The department's database does not answer, or has no such view or column.
    pub async fn page(
        &self,
        view: &PartnerView,
        after: Option<&str>,
        rows: u32,
    ) -> Result<PartnerPage> {
        let reading = self.read(view, after, rows);
        match tokio::time::timeout(self.wait, reading).await {
            Ok(page) => page.map_err(StoreError::fault),
            Err(_) => Err(StoreError::fault("the partner's database keeps silent")),
        }
    }

    async fn read(
        &self,
        view: &PartnerView,
        after: Option<&str>,
        rows: u32,
    ) -> sqlx::Result<PartnerPage> {
        let from = quoted_path(&view.view);
        let (key, as_of) = (quoted(&view.key), quoted(&view.as_of));
        let columns = view.columns.iter().map(|one| quoted(one));
        let columns: Vec<String> = columns.map(|one| format!("{one}::text AS {one}")).collect();
        // One order whatever the partner's collation, so that no row is passed over.
        let ordered = format!("{key}::text COLLATE \"C\"");
        let select = format!(
            "SELECT {} FROM {from} WHERE $1::text IS NULL OR {ordered} > $1 ORDER BY {ordered} LIMIT $2",
            columns.join(", ")
        );
        let count = format!("SELECT count(*) AS n, max({as_of})::text AS day FROM {from}");
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        let mut tx = self.pool.begin_with(begin).await?;
        let whole = sqlx::query(AssertSqlSafe(count))
            .fetch_one(&mut *tx)
            .await?;
        let query = sqlx::query(AssertSqlSafe(select));
        let found = query
            .bind(after)
            .bind(i64::from(rows))
            .fetch_all(&mut *tx)
            .await?;
        tx.rollback().await?;
        let mut page = PartnerPage {
            rows: Vec::with_capacity(found.len()),
            total: whole.try_get("n")?,
            as_of: whole.try_get("day")?,
        };
        for row in found {
            let mut cells = BTreeMap::new();
            for column in &view.columns {
                let cell: Option<String> = row.try_get(column.as_str())?;
                cells.extend(cell.map(|cell| (column.clone(), cell)));
            }
            page.rows.push(cells);
        }
        Ok(page)
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn quoted_path(view: &str) -> String {
    let parts: Vec<String> = view.split('.').map(quoted).collect();
    parts.join(".")
}
