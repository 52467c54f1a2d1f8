//! 「导出」 Lists asked for: who may have them is engine-access's affair.

use crate::error::{Result, StoreError};
use crate::event::Loaded;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args, json, row};
use engine_access::Export;
use kernel::{CaseId, Instant, RegionCode};
use serde::{Deserialize, Serialize};

/// A list asked for, as kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListExport {
    /// Who, what for, who said yes.
    pub export: Export,
    /// What was looked for, in words.
    pub what: String,
    /// The kind of file: `xlsx`, `csv`.
    pub file: String,
    /// Which cases: what is approved is what leaves.
    pub cases: Vec<CaseId>,
}

sealed! {
    STATE = list_export.state (id: Int, region: Int, at: Int, version: Int);
}

statements! {
    ASK = "INSERT INTO list_export (id, region, at, version, state) VALUES ($1, $2, $3, 1, $4)";
    FIND = "SELECT id, region, at, version, state FROM list_export WHERE id = $1";
    SINCE = "SELECT id, region, at, version, state FROM list_export
             WHERE region = $1 AND at > $2 ORDER BY at DESC, id DESC LIMIT 100";
    SAVE = "UPDATE list_export SET version = $2, state = $3 WHERE id = $1 AND version = $4";
}

impl Tx {
    /// Keeps a list asked for in a place.
    pub async fn ask_list(&mut self, region: RegionCode, asked: &ListExport) -> Result<i64> {
        let (id, at) = (self.next_id("list_export").await?, asked.export.at);
        let state = self.seal(&STATE, &row![id, region, at, 1_i64], json(asked)?)?;
        self.execute(ASK, args![id, region, at, state]).await?;
        Ok(id)
    }

    /// One of them, with its place.
    pub async fn list_export(&mut self, id: i64) -> Result<(RegionCode, Loaded<ListExport>)> {
        let found = self.fetch_optional(FIND, args![id]).await?;
        let row = found.ok_or_else(|| StoreError::NotFound {
            what: "导出",
            id: id.to_string(),
        })?;
        Ok((row.get("region")?, read(&row)?))
    }

    /// Those of a place asked for after a moment, newest first, a hundred at most.
    pub async fn list_exports(
        &mut self,
        region: RegionCode,
        since: Instant,
    ) -> Result<Vec<(i64, ListExport)>> {
        let rows = self.fetch_all(SINCE, args![region, since]).await?;
        let pair = |row: &Row| Ok((row.get("id")?, read(row)?.state));
        rows.iter().map(pair).collect()
    }

    /// Keeps what became of one.
    pub async fn save_list(
        &mut self,
        id: i64,
        region: RegionCode,
        loaded: &Loaded<ListExport>,
    ) -> Result<()> {
        let (old, next) = (loaded.version, loaded.version + 1);
        let at = loaded.state.export.at;
        let state = self.seal(&STATE, &row![id, region, at, next], json(&loaded.state)?)?;
        self.execute_one(SAVE, args![id, next, state, old], "导出")
            .await
    }
}

fn read(row: &Row) -> Result<Loaded<ListExport>> {
    Ok(Loaded {
        state: row.unsealed_json(&STATE)?,
        version: row.get("version")?,
    })
}
