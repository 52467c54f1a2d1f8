//! 「幂等」 The same request twice has one effect and one answer. The key is kept in
//! the effect's own transaction: no effect without its key, no key without its
//! effect. A key that comes back with another body is refused.

use crate::error::{Result, StoreError};
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{args, json, row};
use kernel::{Instant, Now};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

/// Names one request of one sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    scope: String,
    key: String,
    digest: [u8; 32],
    expires_at: Option<Instant>,
}

impl RequestKey {
    /// A key that never expires (payments). `scope` keeps senders apart: the
    /// account, or the act; `body` is the request's bytes.
    pub fn forever(scope: impl Into<String>, key: impl Into<String>, body: &[u8]) -> Self {
        RequestKey {
            scope: scope.into(),
            key: key.into(),
            digest: Sha256::digest(body).into(),
            expires_at: None,
        }
    }

    /// A key that may be forgotten after a moment.
    pub fn until(
        scope: impl Into<String>,
        key: impl Into<String>,
        body: &[u8],
        expires_at: Instant,
    ) -> Self {
        RequestKey {
            expires_at: Some(expires_at),
            ..Self::forever(scope, key, body)
        }
    }
}

/// An answer, and whether it was given just now or before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply<T> {
    /// What the request got.
    pub value: T,
    /// True when it was given before and nothing happened now.
    pub repeated: bool,
}

sealed! {
    REPLY = idempotency.reply (scope: Text, key: Text);
}

statements! {
    CLAIM = "INSERT INTO idempotency (scope, key, digest, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (scope, key) DO NOTHING";
    FIND = "SELECT scope, key, digest, reply FROM idempotency WHERE scope = $1 AND key = $2";
    ANSWER = "UPDATE idempotency SET reply = $3 WHERE scope = $1 AND key = $2";
    FORGET = "DELETE FROM idempotency WHERE expires_at < $1";
}

impl Tx {
    /// Runs `act` unless the request was answered before; then gives that answer.
    /// Two at once: the second waits for the first.
    pub async fn idempotent<T, E, F>(
        &mut self,
        request: &RequestKey,
        now: Now,
        act: F,
    ) -> Result<Reply<T>, E>
    where
        T: Serialize + DeserializeOwned,
        E: From<StoreError>,
        F: AsyncFnOnce(&mut Tx) -> Result<T, E>,
    {
        let RequestKey {
            scope,
            key,
            digest,
            expires_at,
        } = request;
        let claim = args![scope, key, digest, now.at, expires_at];
        if self.execute(CLAIM, claim).await? == 0 {
            let value = self.answered(request).await?;
            return Ok(Reply {
                value,
                repeated: true,
            });
        }
        let value = act(self).await?;
        let reply = self.seal(&REPLY, &row![scope, key], json(&value)?)?;
        self.execute(ANSWER, args![scope, key, reply]).await?;
        Ok(Reply {
            value,
            repeated: false,
        })
    }

    async fn answered<T: DeserializeOwned>(&mut self, request: &RequestKey) -> Result<T> {
        let found = self
            .fetch_one(FIND, args![request.scope, request.key])
            .await?;
        if found.get::<[u8; 32]>("digest")? != request.digest {
            return Err(self.fail(StoreError::KeyReused));
        }
        found.unsealed_json(&REPLY)
    }

    /// Forgets keys whose time is over; gives how many.
    pub async fn forget_requests(&mut self, now: Now) -> Result<u64> {
        self.execute(FORGET, args![now.at]).await
    }
}
