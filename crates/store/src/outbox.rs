//! 「待办信箱」 What must happen after a transaction, kept in it: messages, calls to
//! departments, jobs with a due time. At least once, each: a worker holds a
//! lease, its fence number rises with every lease, and only the newest fence may
//! close the work. What failed too often is dead but stays visible. Absent: the
//! workers, and any order between works.

use crate::error::{Result, StoreError};
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args, json, row};
use kernel::{Instant, Now};
use serde::Serialize;
use std::time::Duration;

/// After so many failed attempts a work is dead.
pub const ATTEMPTS: i64 = 12;
/// The longest pause between attempts.
const LONGEST: Duration = Duration::from_secs(3600);

/// A work on lease to one worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The work's number.
    pub id: i64,
    /// What kind of work.
    pub topic: String,
    /// The receiver's key for not doing it twice.
    pub key: String,
    /// The work, JSON.
    pub body: String,
    /// Which attempt this is, from 1.
    pub attempts: i64,
    /// Rises with every lease: a receiver may refuse a lower one.
    pub fence: i64,
    /// When the lease ends.
    pub until: Instant,
}

/// A work nobody will try again by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The work's number.
    pub id: i64,
    /// What kind of work.
    pub topic: String,
    /// Its key.
    pub key: String,
    /// How often it was tried.
    pub attempts: i64,
    /// What went wrong last.
    pub error: String,
}

sealed! {
    BODY = outbox.body (id: Int);
    ERROR = outbox.error (id: Int);
}

statements! {
    PUT = "INSERT INTO outbox (id, topic, key, body, created_at, due_at, attempts,
               lease_until, fence, state)
           VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, 0)
           ON CONFLICT (topic, key) DO NOTHING";
    DUE = "SELECT id, fence FROM outbox
           WHERE topic = $1 AND state = 0 AND due_at <= $2 AND lease_until <= $2
           ORDER BY due_at, id LIMIT $3";
    CLAIM = "UPDATE outbox SET lease_owner = $3, lease_until = $4, fence = fence + 1,
                 attempts = attempts + 1
             WHERE id = $1 AND fence = $2 AND state = 0
             RETURNING id, topic, key, body, attempts, fence";
    DONE = "UPDATE outbox SET state = 1, done_at = $3, error = NULL
            WHERE id = $1 AND fence = $2 AND state = 0";
    FAILED = "UPDATE outbox SET state = $3, due_at = $4, lease_until = 0, error = $5
              WHERE id = $1 AND fence = $2 AND state = 0";
    PUT_BACK = "UPDATE outbox SET due_at = $3, lease_until = 0, attempts = attempts - 1
                WHERE id = $1 AND fence = $2 AND state = 0";
    DEAD_OF = "SELECT id, topic, key, attempts, error FROM outbox
               WHERE topic = $1 AND state = 2 ORDER BY id LIMIT $2";
    REVIVE_ALL = "UPDATE outbox SET state = 0, attempts = 0, due_at = $2, lease_until = 0
                  WHERE topic = $1 AND state = 2";
    DEAD = "SELECT id, topic, key, attempts, error FROM outbox WHERE state = 2 ORDER BY id";
    REVIVE = "UPDATE outbox SET state = 0, attempts = 0, due_at = $2, lease_until = 0
              WHERE id = $1 AND state = 2";
    WAITING = "SELECT count(*) AS n FROM outbox WHERE topic = $1 AND state = 0";
    FORGET = "DELETE FROM outbox WHERE state = 1 AND done_at < $1";
}

impl Tx {
    /// Puts a work into the box, due at once or later. The same topic and key
    /// again changes nothing and gives false.
    pub async fn publish<T: Serialize>(
        &mut self,
        topic: &str,
        key: &str,
        body: &T,
        now: Now,
        due: Instant,
    ) -> Result<bool> {
        let id = self.fresh_id();
        let body = self.seal(&BODY, &row![id], json(body)?)?;
        let row = args![id, topic, key, body, now.at, due];
        Ok(self.execute(PUT, row).await? == 1)
    }

    /// Takes up to `limit` due works on lease for `time`. A work whose lease ran
    /// out is taken anew under a higher fence.
    pub async fn lease(
        &mut self,
        topic: &str,
        owner: &str,
        now: Now,
        time: Duration,
        limit: u32,
    ) -> Result<Vec<Lease>> {
        let until = now.at + time;
        let mut leases = Vec::new();
        for due in self.fetch_all(DUE, args![topic, now.at, limit]).await? {
            let (id, fence): (i64, i64) = (due.get("id")?, due.get("fence")?);
            let claimed = self
                .fetch_optional(CLAIM, args![id, fence, owner, until])
                .await?;
            if let Some(row) = claimed {
                leases.push(Lease {
                    id,
                    topic: row.get("topic")?,
                    key: row.get("key")?,
                    body: row.unsealed_text(&BODY)?.unwrap_or_default(),
                    attempts: row.get("attempts")?,
                    fence: row.get("fence")?,
                    until,
                });
            }
        }
        Ok(leases)
    }

    /// The work is done; in the same transaction as its effect, if it has one here.
    pub async fn complete(&mut self, lease: &Lease, now: Now) -> Result<()> {
        match self
            .execute(DONE, args![lease.id, lease.fence, now.at])
            .await?
        {
            1 => Ok(()),
            _ => Err(self.fail(StoreError::LeaseLost)),
        }
    }

    /// The work failed: tried again later, each pause twice the last, or dead
    /// after [`ATTEMPTS`]. Gives whether it is dead.
    pub async fn failed(&mut self, lease: &Lease, error: &str, now: Now) -> Result<bool> {
        let dead = lease.attempts >= ATTEMPTS;
        let pause = Duration::from_secs(1 << lease.attempts.clamp(0, 20)).min(LONGEST);
        let state: i64 = if dead { 2 } else { 0 };
        let error = self.seal(&ERROR, &row![lease.id], error)?;
        let row = args![lease.id, lease.fence, state, now.at + pause, error];
        match self.execute(FAILED, row).await? {
            1 => Ok(dead),
            _ => Err(self.fail(StoreError::LeaseLost)),
        }
    }

    /// Every dead work: shown until somebody revives it.
    pub async fn dead_letters(&mut self) -> Result<Vec<DeadLetter>> {
        let rows = self.fetch_all(DEAD, args![]).await?;
        rows.iter().map(dead).collect()
    }

    /// The dead works of one topic, the oldest first.
    pub async fn dead_letters_of(&mut self, topic: &str, limit: u32) -> Result<Vec<DeadLetter>> {
        let rows = self.fetch_all(DEAD_OF, args![topic, limit]).await?;
        rows.iter().map(dead).collect()
    }

    /// Gives every dead work of a topic another life; gives how many.
    pub async fn revive_all(&mut self, topic: &str, now: Now) -> Result<u64> {
        self.execute(REVIVE_ALL, args![topic, now.at]).await
    }

    /// Gives a work back unattempted: it was not its turn after all.
    pub async fn put_back(&mut self, lease: &Lease, due: Instant) -> Result<()> {
        match self
            .execute(PUT_BACK, args![lease.id, lease.fence, due])
            .await?
        {
            1 => Ok(()),
            _ => Err(self.fail(StoreError::LeaseLost)),
        }
    }

    /// Gives a dead work another life.
    pub async fn revive(&mut self, id: i64, now: Now) -> Result<()> {
        self.execute_one(REVIVE, args![id, now.at], "任务").await
    }

    /// How many works of a topic are not done yet (dead ones not counted).
    pub async fn waiting(&mut self, topic: &str) -> Result<i64> {
        self.fetch_one(WAITING, args![topic]).await?.get("n")
    }

    /// Removes works done before a moment; gives how many.
    pub async fn forget_done(&mut self, before: Instant) -> Result<u64> {
        self.execute(FORGET, args![before]).await
    }
}

fn dead(row: &Row) -> Result<DeadLetter> {
    Ok(DeadLetter {
        id: row.get("id")?,
        topic: row.get("topic")?,
        key: row.get("key")?,
        attempts: row.get("attempts")?,
        error: row.unsealed_text(&ERROR)?.unwrap_or_default(),
    })
}
