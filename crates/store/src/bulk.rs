//! 「批量」 Many rows at once: COPY on PostgreSQL, long multi-row INSERTs on SQLite,
//! inside the caller's transaction either way.

use crate::error::Result;
use crate::tx::Tx;
use crate::value::{Kind, Value};

/// A table and its columns, for loading.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bulk {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static [(&'static str, Kind)],
}

impl Bulk {
    /// `a, b, c`.
    pub(crate) fn names(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }
}

/// Rows waiting to be loaded, value after value.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) bulk: Bulk,
    pub(crate) values: Vec<Value>,
}

impl Rows {
    pub(crate) fn new(bulk: Bulk) -> Self {
        Rows {
            bulk,
            values: Vec::new(),
        }
    }

    /// Adds a row: as many values as the table has columns, of their kinds.
    pub(crate) fn push(&mut self, row: Vec<Value>) {
        debug_assert_eq!(row.len(), self.bulk.columns.len());
        self.values.extend(row);
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len() / self.bulk.columns.len()
    }
}

impl Tx {
    /// Inserts the rows; a duplicate key fails the transaction.
    pub(crate) async fn insert_many(&mut self, rows: Rows) -> Result<()> {
        self.ready(&rows.values)?;
        if rows.len() == 0 {
            return Ok(());
        }
        let done = self.conn.insert_many(rows).await;
        self.note(done)
    }

    /// Inserts the rows; `conflict` is the statement's ON CONFLICT clause. A key
    /// may stand only once among the rows.
    pub(crate) async fn upsert_many(&mut self, rows: Rows, conflict: &'static str) -> Result<()> {
        self.ready(&rows.values)?;
        if rows.len() == 0 {
            return Ok(());
        }
        let done = self.conn.upsert_many(rows, conflict).await;
        self.note(done)
    }
}
