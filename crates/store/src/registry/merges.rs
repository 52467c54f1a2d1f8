//! 「一个人两条」 Suspicions that two entries are one person, proposals to merge, and the
//! entries that point to another one.

use super::ENTRY_STATE;
use crate::error::Result;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args, json, row};
use engine_registry::Merge;
use kernel::{Instant, Now, PersonId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

/// A suspicion as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeSuspect<T> {
    /// The entry with the smaller number.
    pub one: PersonId,
    /// The other.
    pub other: PersonId,
    /// For saving it.
    pub version: i64,
    /// Since when.
    pub at: Instant,
    /// What makes one think so, and what became of it.
    pub state: T,
}

sealed! {
    STATE = merge_suspect.state (one: Int, other: Int, version: Int);
}

statements! {
    SUSPECT = "INSERT INTO merge_suspect (one, other, version, at, state)
               VALUES ($1, $2, 1, $3, $4) ON CONFLICT (one, other) DO NOTHING";
    SUSPECTS = "SELECT one, other, version, at, state FROM merge_suspect
                WHERE (at, one, other) > ($1, $2, $3) ORDER BY at, one, other LIMIT $4";
    ONE = "SELECT one, other, version, at, state FROM merge_suspect WHERE one = $1 AND other = $2";
    SAVE = "UPDATE merge_suspect SET version = $3, state = $4
            WHERE one = $1 AND other = $2 AND version = $5";
    MERGES = "SELECT kind, key, version, state FROM register_entry
              WHERE kind = 'merge' ORDER BY id DESC LIMIT $1";
    INTO = "SELECT id, merged_into FROM person WHERE merged_into >= $1 AND merged_into <= $2";
}

impl Tx {
    /// Keeps a suspicion; `false`: it was there before, whatever became of it.
    pub async fn suspect_merge<T: Serialize>(
        &mut self,
        (one, other): (PersonId, PersonId),
        state: &T,
        now: Now,
    ) -> Result<bool> {
        let sealed = self.seal(&STATE, &row![one, other, 1_i64], json(state)?)?;
        let row = args![one, other, now.at, sealed];
        Ok(self.execute(SUSPECT, row).await? == 1)
    }

    /// Suspicions, oldest first, after one of them.
    pub async fn merge_suspects<T: DeserializeOwned>(
        &mut self,
        after: Option<(Instant, PersonId, PersonId)>,
        limit: u32,
    ) -> Result<Vec<MergeSuspect<T>>> {
        let first = (Instant::UNIX_EPOCH, PersonId(0), PersonId(0));
        let (at, one, other) = after.unwrap_or(first);
        let rows = self.fetch_all(SUSPECTS, args![at, one, other, limit]);
        let rows = rows.await?;
        rows.iter().map(suspect).collect()
    }

    /// One of them.
    pub async fn merge_suspect<T: DeserializeOwned>(
        &mut self,
        (one, other): (PersonId, PersonId),
    ) -> Result<Option<MergeSuspect<T>>> {
        let row = self.fetch_optional(ONE, args![one, other]).await?;
        row.as_ref().map(suspect).transpose()
    }

    /// Keeps what became of one.
    pub async fn save_merge_suspect<T: Serialize>(
        &mut self,
        suspect: &MergeSuspect<T>,
    ) -> Result<()> {
        let MergeSuspect {
            one,
            other,
            version,
            state,
            ..
        } = suspect;
        let next = version + 1;
        let sealed = self.seal(&STATE, &row![*one, *other, next], json(state)?)?;
        let row = args![*one, *other, next, sealed, *version];
        self.execute_one(SAVE, row, "存疑").await
    }

    /// Proposals to merge, the newest first.
    pub async fn merges(&mut self, limit: u32) -> Result<Vec<Merge>> {
        let rows = self.fetch_all(MERGES, args![limit]).await?;
        rows.iter()
            .map(|row| row.unsealed_json(&ENTRY_STATE))
            .collect()
    }

    /// The entries that point to these people, each with where it leads: one step, and
    /// what pointed to it before.
    pub async fn merged_into(
        &mut self,
        people: &BTreeSet<PersonId>,
    ) -> Result<BTreeMap<PersonId, PersonId>> {
        let mut leads = BTreeMap::new();
        let mut heads: BTreeMap<PersonId, PersonId> =
            people.iter().map(|one| (*one, *one)).collect();
        while let (Some((first, _)), Some((last, _))) =
            (heads.first_key_value(), heads.last_key_value())
        {
            let mut next = BTreeMap::new();
            for row in self.fetch_all(INTO, args![*first, *last]).await? {
                let (id, into): (PersonId, PersonId) = (row.get("id")?, row.get("merged_into")?);
                if let Some(head) = heads.get(&into)
                    && !people.contains(&id)
                    && leads.insert(id, *head).is_none()
                {
                    next.insert(id, *head);
                }
            }
            heads = next;
        }
        Ok(leads)
    }
}

fn suspect<T: DeserializeOwned>(row: &Row) -> Result<MergeSuspect<T>> {
    Ok(MergeSuspect {
        one: row.get("one")?,
        other: row.get("other")?,
        version: row.get("version")?,
        at: row.get("at")?,
        state: row.unsealed_json(&STATE)?,
    })
}
