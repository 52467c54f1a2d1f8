//! 「短信专线」 The line to the SMS centre: what is said, and the client. Signed both
//! ways. Handing the same key in twice sends one message. Absent: what is written
//! in it and what comes next when it fails (notify decides).
//!
//! `POST /messages` [`Outgoing`] → [`Taken`]; `GET /messages/{reference}` →
//! [`Receipt`], 404 for a reference the centre never gave.

use crate::line::{Letter, Line};
use crate::signing::{KeyRing, Signer};
use crate::trust::Reach;
use kernel::Clock;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most bytes a reply may have.
const REPLY_BYTES_MAX: usize = 64 << 10;

/// A message handed in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outgoing {
    /// Ours, unique per attempt: the same key again is the same message.
    pub key: String,
    /// The number, in full.
    pub mobile: String,
    /// The text, already fit for an SMS.
    pub text: String,
}

impl std::fmt::Debug for Outgoing {
    /// The key only: number and text stay out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outgoing({})", self.key)
    }
}

/// The centre has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The centre's number for it.
    pub reference: String,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Receipt {
    /// 发送中
    Pending,
    /// 已送达
    Delivered,
    /// 送不到
    Failed {
        /// Why.
        why: String,
    },
}

/// The centre did not take it, or nobody knows. Trying again under the same key
/// is safe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("短信没有交出去：{0}")]
pub struct SmsTrouble(pub String);

/// Talks to one SMS centre.
pub struct SmsGateway {
    line: Line,
    base: String,
    name: String,
    clock: Arc<dyn Clock>,
}

impl SmsGateway {
    /// A line to `base`, signing as `signer`, believing replies signed by `name`.
    ///
    /// # Errors
    /// The system's words when no HTTP client can be made.
    pub fn new(
        base: impl Into<String>,
        name: impl Into<String>,
        signer: Signer,
        ring: KeyRing,
        clock: Arc<dyn Clock>,
        reach: impl Into<Reach>,
    ) -> Result<Self, String> {
        Ok(SmsGateway {
            line: Line::new(signer, ring, &reach.into())?,
            base: base.into().trim_end_matches('/').to_owned(),
            name: name.into(),
            clock,
        })
    }

    /// Hands a message in.
    ///
    /// # Errors
    /// [`SmsTrouble`].
    pub async fn send(&self, message: &Outgoing) -> Result<Taken, SmsTrouble> {
        let body = serde_json::to_vec(message).map_err(|why| SmsTrouble(why.to_string()))?;
        self.exchange(Method::POST, "/messages", body).await
    }

    /// Asks what became of a message.
    ///
    /// # Errors
    /// [`SmsTrouble`].
    pub async fn receipt(&self, reference: &str) -> Result<Receipt, SmsTrouble> {
        let path = format!("/messages/{reference}");
        self.exchange(Method::GET, &path, Vec::new()).await
    }

    async fn exchange<T: serde::de::DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<T, SmsTrouble> {
        let letter = Letter {
            base: &self.base,
            to: &self.name,
            method,
            path,
            body,
            reply_bytes_max: REPLY_BYTES_MAX,
        };
        let said = self.line.exchange(letter, || self.clock.now()).await;
        let said = said.map_err(|why| SmsTrouble(why.to_string()))?;
        said.believed.map_err(|why| SmsTrouble(why.to_string()))?;
        match said.status {
            200 => serde_json::from_slice(&said.body)
                .map_err(|_| SmsTrouble("答复的格式不对".to_owned())),
            status => Err(SmsTrouble(format!("HTTP {status}"))),
        }
    }
}
