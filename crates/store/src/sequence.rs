//! 「编号」 Where ids come from: the application's own sequences, so both databases
//! hold the same kind of numbers. `next_id` inside the transaction for what
//! people see; `fresh_id` without asking the database for rows nobody numbers
//! by hand.
//!
//! A sequence's row would make writers on PostgreSQL queue until each commit is
//! synced. So a busy process takes numbers in blocks, from one at a time to
//! [`BLOCK`] as it goes on; what a transaction did not use of its block is shared
//! only after its commit, and what a transaction that was undone took is given
//! back. Numbers are unique and nearly without gaps; they rise within a process.

use crate::error::{Result, StoreError};
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::args;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::atomic::Ordering;

statements! {
    TAKE = "INSERT INTO sequence (kind, next) VALUES ($1, 1 + $2)
            ON CONFLICT (kind) DO UPDATE SET next = sequence.next + $2
            RETURNING next";
}

/// The most numbers a process takes at a time.
const BLOCK: i64 = 64;

/// Numbers a process has taken and not used.
#[derive(Default)]
pub(crate) struct Blocks {
    free: BTreeMap<&'static str, BTreeSet<i64>>,
    /// How many were taken last time.
    size: BTreeMap<&'static str, i64>,
}

/// What one transaction did with them.
#[derive(Default)]
pub(crate) struct Taken {
    /// Taken from the process's numbers.
    used: Vec<(&'static str, i64)>,
    /// The rest of a block this transaction took from the database.
    rest: BTreeMap<&'static str, Range<i64>>,
}

/// Each opening of the database gets this many fresh ids.
const RANGE: i64 = 1 << 40;

impl Tx {
    /// The next number of a kind, from 1.
    pub async fn next_id(&mut self, kind: &'static str) -> Result<i64> {
        if self.shared.single_writer {
            return Ok(self.next_ids(kind, 1).await?.start);
        }
        if let Some(id) = self.taken.rest.get_mut(kind).and_then(Iterator::next) {
            return Ok(id);
        }
        let size = {
            let mut blocks = self.shared.blocks()?;
            if let Some(id) = blocks.free.get_mut(kind).and_then(BTreeSet::pop_first) {
                self.taken.used.push((kind, id));
                return Ok(id);
            }
            let size = blocks.size.entry(kind).or_insert(0);
            *size = (*size * 2).clamp(1, BLOCK);
            *size
        };
        let mut block = self.take(kind, size).await?;
        let id = block.start;
        block.start += 1;
        self.taken.rest.insert(kind, block);
        Ok(id)
    }

    /// `count` neighbouring numbers of a kind.
    pub async fn next_ids(&mut self, kind: &'static str, count: u32) -> Result<Range<i64>> {
        self.take(kind, i64::from(count)).await
    }

    async fn take(&mut self, kind: &'static str, count: i64) -> Result<Range<i64>> {
        let next: i64 = self
            .fetch_one(TAKE, args![kind, count])
            .await?
            .get("next")?;
        Ok(next - count..next)
    }

    /// After the commit: what is left of a block may be used by others.
    pub(crate) fn share_numbers(&mut self) {
        let taken = std::mem::take(&mut self.taken);
        if let Ok(mut blocks) = self.shared.blocks() {
            for (kind, rest) in taken.rest {
                blocks.free.entry(kind).or_default().extend(rest);
            }
        }
    }

    /// After a rollback: the numbers it used were not used; its own block never was.
    pub(crate) fn return_numbers(&mut self) {
        let taken = std::mem::take(&mut self.taken);
        if let Ok(mut blocks) = self.shared.blocks() {
            for (kind, id) in taken.used {
                blocks.free.entry(kind).or_default().insert(id);
            }
        }
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
