//! 「代办授权」 How a resident let somebody of the village or town apply for them:
//! kept with the case, never changed.

use crate::error::Result;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{args, json, row};
use kernel::{Actor, CaseId, Instant, Now, PersonId};
use serde::{Deserialize, Serialize};

/// A resident's word that somebody may apply for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandate {
    /// Who lets apply.
    pub of: PersonId,
    /// Who applies.
    pub by: Actor,
    /// How it was said: `当面说的`.
    pub how: String,
    /// When.
    pub at: Instant,
}

sealed! {
    STATE = mandate.state (case_id: Int, at: Int);
}

statements! {
    KEEP = "INSERT INTO mandate (case_id, at, state) VALUES ($1, $2, $3)";
    FIND = "SELECT case_id, at, state FROM mandate WHERE case_id = $1";
}

impl Tx {
    /// Keeps the mandate of a case.
    pub async fn keep_mandate(&mut self, case: CaseId, mandate: &Mandate, now: Now) -> Result<()> {
        let state = self.seal(&STATE, &row![case, now.at], json(mandate)?)?;
        self.execute(KEEP, args![case, now.at, state]).await?;
        Ok(())
    }

    /// The mandate of a case; `None`: nobody of the office applied for the household.
    pub async fn mandate(&mut self, case: CaseId) -> Result<Option<Mandate>> {
        let row = self.fetch_optional(FIND, args![case]).await?;
        row.map(|row| row.unsealed_json(&STATE)).transpose()
    }
}
