//! 「事务」 A transaction: everything in it is kept, or nothing. Nouns add their
//! verbs to [`Tx`] in files of their own; SQL never leaves this crate.

use crate::audit::AuditRow;
use crate::db::Shared;
use crate::dialect::{Begin, Conn, fault, is_retryable};
use crate::error::{Result, StoreError};
use crate::seal::Spot;
use crate::sequence::Taken;
use crate::statement::Sql;
use crate::value::{Row, Value};
use std::sync::Arc;

/// One transaction on whichever database. A statement that failed ends it:
/// what follows is refused and nothing is kept, on both databases alike.
pub struct Tx {
    pub(crate) conn: Conn,
    pub(crate) shared: Arc<Shared>,
    pub(crate) taken: Taken,
    failed: bool,
    retry: bool,
    reading: bool,
    /// What a look puts on record: written once it is over. `None`: written at once.
    noted: Option<Vec<AuditRow>>,
}

impl Tx {
    pub(crate) fn new(conn: Conn, shared: Arc<Shared>) -> Self {
        Tx {
            conn,
            shared,
            taken: Taken::default(),
            failed: false,
            retry: false,
            reading: false,
            noted: None,
        }
    }

    /// Runs a statement; gives how many rows it touched.
    pub(crate) async fn execute(&mut self, sql: Sql, args: Vec<Value>) -> Result<u64> {
        self.ready(&args)?;
        let done = self.conn.execute(sql.text, args).await;
        self.note(done)
    }

    /// Runs a statement that must touch exactly one row: an update under an
    /// optimistic lock. `what` names the thing in words for the conflict.
    pub(crate) async fn execute_one(
        &mut self,
        sql: Sql,
        args: Vec<Value>,
        what: &'static str,
    ) -> Result<()> {
        match self.execute(sql, args).await? {
            1 => Ok(()),
            _ => Err(self.conflict(what)),
        }
    }

    /// Every row of a query.
    pub(crate) async fn fetch_all(&mut self, sql: Sql, args: Vec<Value>) -> Result<Vec<Row>> {
        self.ready(&args)?;
        let rows = self.conn.fetch_all(sql.text, args).await;
        let rows = self.note(rows)?.into_iter();
        Ok(rows
            .map(|cells| Row::new(cells, &self.shared.secrets))
            .collect())
    }

    /// The first row, if any.
    pub(crate) async fn fetch_optional(
        &mut self,
        sql: Sql,
        args: Vec<Value>,
    ) -> Result<Option<Row>> {
        Ok(self.fetch_all(sql, args).await?.into_iter().next())
    }

    /// The first row; none is a fault (counts, `RETURNING`).
    pub(crate) async fn fetch_one(&mut self, sql: Sql, args: Vec<Value>) -> Result<Row> {
        self.fetch_optional(sql, args)
            .await?
            .ok_or_else(|| StoreError::fault(format!("no row: {}", sql.text)))
    }

    /// `plain` sealed into a column of the row with these keys.
    pub(crate) fn seal(
        &self,
        spot: &Spot,
        row: &[Value],
        plain: impl AsRef<[u8]>,
    ) -> Result<Vec<u8>> {
        spot.seal(&self.shared.secrets, row, plain.as_ref())
    }

    /// Marks the transaction as one that must not be kept.
    pub(crate) fn fail(&mut self, error: StoreError) -> StoreError {
        self.failed = true;
        error
    }

    /// Somebody changed it between our load and our save. The whole transaction
    /// runs anew and loads anew; if that cannot help, the caller is told.
    pub(crate) fn conflict(&mut self, what: &'static str) -> StoreError {
        self.retry = true;
        self.fail(StoreError::Conflict { what })
    }

    /// What is put on record from here on waits for [`Tx::take_notes`].
    pub(crate) fn begin_notes(&mut self) {
        self.noted = Some(Vec::new());
    }

    /// Where rows of the audit wait, if they do.
    pub(crate) fn notes(&mut self) -> Option<&mut Vec<AuditRow>> {
        self.noted.as_mut()
    }

    /// What waits to be written.
    pub(crate) fn take_notes(&mut self) -> Vec<AuditRow> {
        self.noted.take().unwrap_or_default()
    }

    /// Whether it sees kept data only.
    pub(crate) fn is_reading(&self) -> bool {
        self.reading
    }

    pub(crate) fn is_failed(&self) -> bool {
        self.failed
    }

    /// Whether running the whole transaction again may help.
    pub(crate) fn wants_retry(&self) -> bool {
        self.retry
    }

    pub(crate) fn reset(&mut self) {
        self.failed = false;
        self.retry = false;
    }

    pub(crate) async fn begin(&mut self, how: Begin) -> Result<()> {
        self.reset();
        self.reading = how == Begin::Read;
        self.conn.begin(how).await.map_err(fault)
    }

    /// Transaction control, outside of what a job may do.
    pub(crate) async fn control(&mut self, text: &str) -> Result<()> {
        let done = self.conn.run(text).await;
        self.retry |= done.as_ref().is_err_and(is_retryable);
        done.map_err(fault)
    }

    /// PostgreSQL refuses a NUL in text and SQLite does not: refused for both.
    pub(crate) fn ready(&mut self, args: &[Value]) -> Result<()> {
        if self.failed {
            return Err(StoreError::fault(
                "a statement of this transaction failed before",
            ));
        }
        let nul = |value: &Value| matches!(value, Value::Text(Some(text)) if text.contains('\0'));
        if args.iter().any(nul) {
            return Err(self.fail(StoreError::Forbidden("文字里有看不见的空字符".to_owned())));
        }
        Ok(())
    }

    pub(crate) fn note<T>(&mut self, done: sqlx::Result<T>) -> Result<T> {
        done.map_err(|error| {
            self.failed = true;
            self.retry |= is_retryable(&error);
            fault(error)
        })
    }
}
