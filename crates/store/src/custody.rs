//! 「交接链」 Chains of custody: found by the code on the thing, whose hands in the
//! sealed state. Who may hand over what is engine-booking's affair.

use crate::error::Result;
use crate::event::Loaded;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{args, json, row};
use engine_booking::{Chain, ChainEvent};
use kernel::{Actor, Now, RegionCode};

const KIND: &str = "custody";

sealed! {
    STATE = custody.state (id: Int, version: Int);
}

statements! {
    INSERT = "INSERT INTO custody (id, version, code, region, closed, state)
              VALUES ($1, $2, $3, $4, 0, $5)";
    UPDATE = "UPDATE custody SET version = $2, closed = $3, state = $4
              WHERE id = $1 AND version = $5";
    BY_CODE = "SELECT id, version, region, state FROM custody WHERE code = $1";
    PLACE = "SELECT id, version, state FROM custody
             WHERE region >= $1 AND region <= $2 AND closed = 0 ORDER BY id DESC LIMIT $3";
    COUNT = "SELECT count(*) AS n FROM custody
             WHERE region >= $1 AND region <= $2 AND closed = 0";
}

impl Tx {
    /// Keeps something that was taken in; a code is on one thing only.
    pub async fn create_custody(
        &mut self,
        (chain, region): (&Chain, RegionCode),
        event: &ChainEvent,
        actor: &Actor,
        now: Now,
    ) -> Result<()> {
        let id = chain.id;
        let events = std::slice::from_ref(event);
        let version = self.append(KIND, id.0, 0, events, actor, now).await?;
        let state = self.seal(&STATE, &row![id, version], json(chain)?)?;
        let values = args![id, version, chain.code, region, state];
        self.execute(INSERT, values).await?;
        Ok(())
    }

    /// The chain of a code and where it is kept; none: no such code.
    pub async fn custody(&mut self, code: &str) -> Result<Option<(Loaded<Chain>, RegionCode)>> {
        let Some(row) = self.fetch_optional(BY_CODE, args![code]).await? else {
            return Ok(None);
        };
        Ok(Some((Loaded::read(&row, &STATE)?, row.get("region")?)))
    }

    /// Keeps what the event made of a chain loaded at `version`.
    pub async fn save_custody(
        &mut self,
        version: i64,
        chain: &Chain,
        event: &ChainEvent,
        actor: &Actor,
        now: Now,
    ) -> Result<()> {
        let id = chain.id;
        let events = std::slice::from_ref(event);
        let next = self.append(KIND, id.0, version, events, actor, now).await?;
        let state = self.seal(&STATE, &row![id, next], json(chain)?)?;
        let closed = i64::from(chain.closed);
        self.execute_one(UPDATE, args![id, next, closed, state, version], "交接链")
            .await
    }

    /// What is in our hands between two codes, newest first; at most `limit`.
    pub async fn custody_in(
        &mut self,
        (from, to): (RegionCode, RegionCode),
        limit: u32,
    ) -> Result<Vec<Chain>> {
        let rows = self.fetch_all(PLACE, args![from, to, limit]).await?;
        rows.iter().map(|row| row.unsealed_json(&STATE)).collect()
    }

    /// How many are in our hands between two codes.
    pub async fn custody_count(&mut self, (from, to): (RegionCode, RegionCode)) -> Result<i64> {
        self.fetch_one(COUNT, args![from, to]).await?.get("n")
    }
}
