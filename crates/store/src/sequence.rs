//! 「编号」 Where ids come from: the application's own sequences, so both databases
//! hold the same numbers. `next_id` inside the transaction for what people see;
//! `fresh_id` without asking the database for rows nobody numbers by hand.

use crate::error::{Result, StoreError};
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::args;
use std::sync::atomic::Ordering;

statements! {
    TAKE = "INSERT INTO sequence (kind, next) VALUES ($1, 1 + $2)
            ON CONFLICT (kind) DO UPDATE SET next = sequence.next + $2
            RETURNING next";
}

/// Each opening of the database gets this many fresh ids.
const RANGE: i64 = 1 << 40;

impl Tx {
    /// The next number of a kind, from 1, without gaps among kept transactions.
    pub async fn next_id(&mut self, kind: &'static str) -> Result<i64> {
        Ok(self.next_ids(kind, 1).await?.start)
    }

    /// `count` neighbouring numbers of a kind.
    pub async fn next_ids(
        &mut self,
        kind: &'static str,
        count: u32,
    ) -> Result<std::ops::Range<i64>> {
        let count = i64::from(count);
        let next: i64 = self
            .fetch_one(TAKE, args![kind, count])
            .await?
            .get("next")?;
        Ok(next - count..next)
    }

    /// A number no other row has and no other process will take; rising within
    /// a process. Costs no row lock, so writers do not queue for it.
    pub(crate) fn fresh_id(&self) -> i64 {
        self.shared.fresh.fetch_add(1, Ordering::Relaxed)
    }

    /// The first fresh id of a newly opened database.
    pub(crate) async fn open_range(&mut self) -> Result<i64> {
        let opening = self.next_id("opening").await?;
        opening
            .checked_mul(RANGE)
            .ok_or_else(|| StoreError::fault("openings are used up"))
    }
}
