//! 「还没看」 Deliveries that were taken in and not looked at to their end: the mark is
//! written with the delivery and taken away when all that follows it was done, so that
//! whoever dies in between leaves a word for the next.

use crate::error::Result;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args, json, row};
use kernel::{DataBatchId, Instant, Now};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A delivery that is still to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed<T> {
    /// Its number.
    pub batch: DataBatchId,
    /// Whether only the look for contradictions is left.
    pub followed: bool,
    /// Whom it touched.
    pub what: T,
}

sealed! {
    STATE = delivery_owed.state (batch: Int);
}

statements! {
    OWE = "INSERT INTO delivery_owed (batch, at, followed, state) VALUES ($1, $2, 0, $3)";
    OF_BATCH = "SELECT batch, followed, state FROM delivery_owed WHERE batch = $1";
    SINCE = "SELECT batch, followed, state FROM delivery_owed WHERE at <= $1 ORDER BY batch";
    FOLLOWED = "UPDATE delivery_owed SET followed = 1 WHERE batch = $1";
    PAID = "DELETE FROM delivery_owed WHERE batch = $1";
}

impl Tx {
    /// A delivery is to be looked at; in the transaction that takes it in.
    pub async fn owe_look<T: Serialize>(
        &mut self,
        batch: DataBatchId,
        what: &T,
        now: Now,
    ) -> Result<()> {
        let state = self.seal(&STATE, &row![batch], json(what)?)?;
        self.execute(OWE, args![batch, now.at, state]).await?;
        Ok(())
    }

    /// What is owed for a delivery; nothing: it was looked at, or never taken in.
    pub async fn look_owed<T: DeserializeOwned>(
        &mut self,
        batch: DataBatchId,
    ) -> Result<Option<Owed<T>>> {
        let row = self.fetch_optional(OF_BATCH, args![batch]).await?;
        row.as_ref().map(owed).transpose()
    }

    /// What is owed since a moment or longer, in the order it came.
    pub async fn looks_owed_since<T: DeserializeOwned>(
        &mut self,
        moment: Instant,
    ) -> Result<Vec<Owed<T>>> {
        let rows = self.fetch_all(SINCE, args![moment]).await?;
        rows.iter().map(owed).collect()
    }

    /// Only the look for contradictions is left.
    pub async fn look_followed(&mut self, batch: DataBatchId) -> Result<()> {
        self.execute(FOLLOWED, args![batch]).await?;
        Ok(())
    }

    /// Nothing is owed for a delivery any more.
    pub async fn look_paid(&mut self, batch: DataBatchId) -> Result<()> {
        self.execute(PAID, args![batch]).await?;
        Ok(())
    }
}

fn owed<T: DeserializeOwned>(row: &Row) -> Result<Owed<T>> {
    Ok(Owed {
        batch: row.get("batch")?,
        followed: row.get::<i64>("followed")? == 1,
        what: row.unsealed_json(&STATE)?,
    })
}
