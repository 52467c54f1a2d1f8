//! 「暂存」 What waits a few minutes for somebody to come back, sealed, under a hash of
//! what their browser holds. Taken once; what nobody came for is swept away.

use crate::error::Result;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{args, row};
use kernel::{Instant, Now};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What it is found by.
const KEY: &str = "set_aside.key";

sealed! {
    STATE = set_aside.state (kind: Text, key: Bytes);
}

statements! {
    PUT = "INSERT INTO set_aside (kind, key, until, state) VALUES ($1, $2, $3, $4)
           ON CONFLICT (kind, key) DO NOTHING";
    FIND = "SELECT kind, key, until, state FROM set_aside WHERE kind = $1 AND key = $2";
    DROP = "DELETE FROM set_aside WHERE kind = $1 AND key = $2";
    SWEEP = "DELETE FROM set_aside WHERE until <= $1";
}

impl Tx {
    /// Sets something aside until a moment; `false`: there is already something
    /// under this key.
    pub async fn set_aside<T: Serialize>(
        &mut self,
        kind: &str,
        key: &str,
        what: &T,
        until: Instant,
        now: Now,
    ) -> Result<bool> {
        self.execute(SWEEP, args![now.at]).await?;
        let key = self.shared.secrets.blind(KEY, key).to_vec();
        let text = crate::value::json(what)?;
        let state = self.seal(&STATE, &row![kind, key], &text)?;
        let put = self.execute(PUT, args![kind, key, until, state]).await?;
        Ok(put == 1)
    }

    /// What waits under a key, left where it is.
    pub async fn look_aside<T: DeserializeOwned>(
        &mut self,
        kind: &str,
        key: &str,
        now: Now,
    ) -> Result<Option<T>> {
        let key = self.shared.secrets.blind(KEY, key).to_vec();
        let Some(row) = self.fetch_optional(FIND, args![kind, key]).await? else {
            return Ok(None);
        };
        if row.get::<Instant>("until")? <= now.at {
            return Ok(None);
        }
        Ok(Some(row.unsealed_json(&STATE)?))
    }

    /// Takes what waits under a key; a second time there is nothing.
    pub async fn take_aside<T: DeserializeOwned>(
        &mut self,
        kind: &str,
        key: &str,
        now: Now,
    ) -> Result<Option<T>> {
        let found = self.look_aside(kind, key, now).await?;
        let key = self.shared.secrets.blind(KEY, key).to_vec();
        let gone = self.execute(DROP, args![kind, key]).await?;
        Ok(found.filter(|_| gone == 1))
    }
}
