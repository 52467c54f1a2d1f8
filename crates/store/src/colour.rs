//! 「定色」 The colours people set for households over what the rules say: kept, never
//! changed; the newest counts until its last day.

use crate::error::Result;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{args, json, row};
use kernel::{Actor, Date, HouseholdId, Instant, Now, Slug};
use serde::{Deserialize, Serialize};

/// A colour somebody set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetColour {
    /// Which; `None`: as the rules say, again.
    pub colour: Option<Slug>,
    /// Why.
    pub reason: String,
    /// The last day it counts.
    pub until: Date,
    /// Who set it.
    pub by: Actor,
    /// When.
    pub at: Instant,
}

sealed! {
    STATE = set_colour.state (id: Int, household: Int);
}

statements! {
    KEEP = "INSERT INTO set_colour (id, household, at, state) VALUES ($1, $2, $3, $4)";
    NEWEST = "SELECT id, household, at, state FROM set_colour WHERE household = $1 ORDER BY id DESC LIMIT 1";
}

impl Tx {
    /// Keeps a colour somebody set for a household.
    pub async fn keep_colour(
        &mut self,
        household: HouseholdId,
        set: &SetColour,
        now: Now,
    ) -> Result<()> {
        let id = self.next_id("set_colour").await?;
        let state = self.seal(&STATE, &row![id, household], json(set)?)?;
        self.execute(KEEP, args![id, household, now.at, state])
            .await?;
        Ok(())
    }

    /// The newest colour somebody set for a household.
    pub async fn colour_set(&mut self, household: HouseholdId) -> Result<Option<SetColour>> {
        let row = self.fetch_optional(NEWEST, args![household]).await?;
        row.map(|row| row.unsealed_json(&STATE)).transpose()
    }
}
