//! 「推送」 Addresses that are told what happened, as rows: one an agreement. Absent: what
//! is told, which waits in the outbox.

use crate::error::Result;
use crate::event::Loaded;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args, json};
use engine_pool::hook::Hook;
use kernel::Slug;
use std::collections::BTreeSet;

statements! {
    ONE = "SELECT agreement, version, state FROM hook WHERE agreement = $1";
    ALL = "SELECT agreement, version, state FROM hook ORDER BY agreement";
    OPEN = "SELECT agreement FROM hook WHERE open = 1";
    ADD = "INSERT INTO hook (agreement, version, open, state) VALUES ($1, 1, $2, $3)";
    SAVE = "UPDATE hook SET version = version + 1, open = $3, state = $4
            WHERE agreement = $1 AND version = $2";
}

impl Tx {
    /// Where telling by an agreement stands; version 0: nobody is told by it.
    pub async fn hook(&mut self, agreement: &Slug) -> Result<Loaded<Hook>> {
        let row = self.fetch_optional(ONE, args![agreement]).await?;
        let none = Loaded {
            version: 0,
            state: Hook::default(),
        };
        row.as_ref().map_or(Ok(none), read)
    }

    /// All of them.
    pub async fn hooks(&mut self) -> Result<Vec<(Slug, Loaded<Hook>)>> {
        let rows = self.fetch_all(ALL, args![]).await?;
        rows.iter()
            .map(|row| Ok((row.get("agreement")?, read(row)?)))
            .collect()
    }

    /// The agreements somebody is told by.
    pub async fn open_hooks(&mut self) -> Result<BTreeSet<Slug>> {
        let rows = self.fetch_all(OPEN, args![]).await?;
        rows.iter().map(|row| row.get("agreement")).collect()
    }

    /// Saves where telling stands.
    pub async fn save_hook(&mut self, agreement: &Slug, version: i64, hook: &Hook) -> Result<()> {
        let (state, open) = (json(hook)?, hook.is_open());
        if version == 0 {
            self.execute(ADD, args![agreement, open, state]).await?;
            return Ok(());
        }
        let row = args![agreement, version, open, state];
        self.execute_one(SAVE, row, "推送").await
    }
}

fn read(row: &Row) -> Result<Loaded<Hook>> {
    Ok(Loaded {
        version: row.get("version")?,
        state: row.json("state")?,
    })
}
