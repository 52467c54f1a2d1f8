//! 「脉搏」 How the house is doing, in counts a monitor reads: what waits to be sent,
//! what was given up on, how old the newest checkpoint is. No row is opened.

use crate::error::Result;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args};
use kernel::Instant;

/// Counts of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pulse {
    /// What waits in the outbox: topic, how many, the oldest's due time.
    pub outbox: Vec<(String, i64, Instant)>,
    /// What was given up on.
    pub dead: i64,
    /// Messages by status.
    pub messages: Vec<(String, i64)>,
    /// Deliveries, accepted and not.
    pub deliveries: [i64; 2],
    /// When the newest checkpoint was made.
    pub checkpoint: Option<Instant>,
    /// Rows that wait for the next.
    pub unsigned: i64,
}

statements! {
    OUTBOX = "SELECT topic, count(*) AS n, min(due_at) AS oldest FROM outbox
              WHERE state = $1 GROUP BY topic ORDER BY topic";
    MESSAGES = "SELECT status, count(*) AS n FROM message GROUP BY status ORDER BY status";
    DELIVERIES = "SELECT accepted, count(*) AS n FROM data_batch GROUP BY accepted";
}

impl Tx {
    /// How the house is doing.
    pub async fn pulse(&mut self) -> Result<Pulse> {
        let mut pulse = Pulse {
            checkpoint: self.newest_checkpoints(1).await?.first().map(|one| one.at),
            unsigned: self.audit_waiting().await?,
            ..Pulse::default()
        };
        let waiting = self.fetch_all(OUTBOX, args![0_i64]).await?;
        let line = |row: &Row| Ok((row.get("topic")?, row.get("n")?, row.get("oldest")?));
        pulse.outbox = waiting.iter().map(line).collect::<Result<_>>()?;
        for row in self.fetch_all(OUTBOX, args![2_i64]).await? {
            pulse.dead += row.get::<i64>("n")?;
        }
        let messages = self.fetch_all(MESSAGES, args![]).await?;
        let line = |row: &Row| Ok((row.get("status")?, row.get("n")?));
        pulse.messages = messages.iter().map(line).collect::<Result<_>>()?;
        for row in self.fetch_all(DELIVERIES, args![]).await? {
            pulse.deliveries[usize::from(row.get::<bool>("accepted")?)] = row.get("n")?;
        }
        Ok(pulse)
    }
}
