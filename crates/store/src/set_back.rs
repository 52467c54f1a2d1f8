//! 「没收下的行」 Rows a delivery's gate set back, sealed as they came with why; each is
//! closed once, by the delivery that brought it again or by a person who says that it
//! needs no mending. Absent: who may see or mend them.

use crate::bulk::{Bulk, Rows};
use crate::error::{Result, StoreError};
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Kind, Row, args, json, row};
use kernel::{Actor, DataBatchId, Instant};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

sealed! {
    ROW = set_back_row.state (batch: Int, line: Int);
    WAIVED = set_back_row.waived (batch: Int, line: Int);
}

statements! {
    ROWS = "SELECT batch, line, mended, state, waived FROM set_back_row
            WHERE batch = $1 AND line > $2 ORDER BY line LIMIT $3";
    ONE = "SELECT batch, line, mended, state, waived FROM set_back_row WHERE batch = $1 AND line = $2";
    MEND = "UPDATE set_back_row SET mended = $3 WHERE batch = $1 AND line = $2
            AND mended IS NULL AND waived IS NULL";
    WAIVE = "UPDATE set_back_row SET waived = $3 WHERE batch = $1 AND line = $2
             AND mended IS NULL AND waived IS NULL";
    COUNTS = "SELECT batch, count(*) AS set_back, count(mended) AS mended,
              count(waived) AS waived FROM set_back_row
              GROUP BY batch ORDER BY batch";
    MENDED_BY = "SELECT line FROM set_back_row WHERE batch = $1 AND mended = $2 ORDER BY line";
}

const SET_BACK: Bulk = Bulk {
    table: "set_back_row",
    columns: &[
        ("batch", Kind::Int),
        ("line", Kind::Int),
        ("mended", Kind::Int),
        ("state", Kind::Bytes),
        ("waived", Kind::Bytes),
    ],
};

/// A row the gate set back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetBackRow<T> {
    /// Its line in the file.
    pub line: u64,
    /// The delivery that brought it again, mended.
    pub mended: Option<DataBatchId>,
    /// Who said that it needs no mending, and why.
    pub waived: Option<Waived>,
    /// What it was and why.
    pub what: T,
}

/// 不用补 What a person said of a row that needs no mending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waived {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Instant,
    /// Why, in their words.
    pub why: String,
}

/// How many rows of a delivery are kept as set back, and how many of them were mended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SetBackCount {
    /// Rows kept.
    pub set_back: i64,
    /// Of them mended.
    pub mended: i64,
    /// Of them closed without mending.
    pub waived: i64,
}

impl Tx {
    /// Keeps rows the gate set back.
    pub async fn keep_set_back<T: Serialize>(
        &mut self,
        batch: DataBatchId,
        rows: impl IntoIterator<Item = (u64, T)>,
    ) -> Result<()> {
        let mut bulk = Rows::new(SET_BACK);
        for (line, what) in rows {
            let line = i64::try_from(line).map_err(StoreError::fault)?;
            let state = self.seal(&ROW, &row![batch, line], json(&what)?)?;
            bulk.push(args![batch, line, None::<i64>, state, None::<Vec<u8>>]);
        }
        self.insert_many(bulk).await
    }

    /// Rows of a delivery that were set back, by line, after a line.
    pub async fn set_back_rows<T: DeserializeOwned>(
        &mut self,
        batch: DataBatchId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<SetBackRow<T>>> {
        let after = i64::try_from(after).map_err(StoreError::fault)?;
        let rows = self.fetch_all(ROWS, args![batch, after, limit]).await?;
        rows.iter().map(read).collect()
    }

    /// One row that was set back.
    pub async fn set_back_row<T: DeserializeOwned>(
        &mut self,
        batch: DataBatchId,
        line: u64,
    ) -> Result<Option<SetBackRow<T>>> {
        let line = i64::try_from(line).map_err(StoreError::fault)?;
        let row = self.fetch_optional(ONE, args![batch, line]).await?;
        row.as_ref().map(read).transpose()
    }

    /// A row that was set back came again, mended; `false`: it had already.
    pub async fn mend_row(
        &mut self,
        batch: DataBatchId,
        line: u64,
        by: DataBatchId,
    ) -> Result<bool> {
        let line = i64::try_from(line).map_err(StoreError::fault)?;
        Ok(self.execute(MEND, args![batch, line, by]).await? == 1)
    }

    /// A row needs no mending; `false`: it was closed before.
    pub async fn waive_row(
        &mut self,
        batch: DataBatchId,
        line: u64,
        said: &Waived,
    ) -> Result<bool> {
        let line = i64::try_from(line).map_err(StoreError::fault)?;
        let said = self.seal(&WAIVED, &row![batch, line], json(said)?)?;
        Ok(self.execute(WAIVE, args![batch, line, said]).await? == 1)
    }

    /// Every delivery with rows set back.
    pub async fn set_back_counts(&mut self) -> Result<BTreeMap<DataBatchId, SetBackCount>> {
        let rows = self.fetch_all(COUNTS, args![]).await?;
        let read = |row: &Row| {
            let count = SetBackCount {
                set_back: row.get("set_back")?,
                mended: row.get("mended")?,
                waived: row.get("waived")?,
            };
            Ok((row.get("batch")?, count))
        };
        rows.iter().map(read).collect()
    }

    /// The lines of a delivery that another one brought again.
    pub async fn lines_mended_by(
        &mut self,
        batch: DataBatchId,
        by: DataBatchId,
    ) -> Result<Vec<u64>> {
        let rows = self.fetch_all(MENDED_BY, args![batch, by]).await?;
        let line = |row: &Row| row.get("line").map(i64::unsigned_abs);
        rows.iter().map(line).collect()
    }
}

fn read<T: DeserializeOwned>(row: &Row) -> Result<SetBackRow<T>> {
    let line: i64 = row.get("line")?;
    Ok(SetBackRow {
        line: line.unsigned_abs(),
        mended: row.maybe("mended")?,
        waived: match row.maybe::<Vec<u8>>("waived")? {
            Some(_) => Some(row.unsealed_json(&WAIVED)?),
            None => None,
        },
        what: row.unsealed_json(&ROW)?,
    })
}
