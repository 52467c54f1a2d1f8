//! 「短信专线」 The line to the SMS centre: what is said, and the client. Signed both
//! ways. Handing the same key in twice sends one message. Absent: what is written
//! in it and what comes next when it fails (notify decides).
//!
//! `POST /messages` [`Outgoing`] → [`Taken`]; `GET /messages/{reference}` →
//! [`Receipt`], 404 for a reference the centre never gave.

use crate::signing::{KeyRing, SignedHeaders, Signer};
use kernel::Clock;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

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
    http: reqwest::Client,
    base: String,
    name: String,
    signer: Signer,
    ring: KeyRing,
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
        wait: Duration,
    ) -> Result<Self, String> {
        let http = reqwest::Client::builder()
            .timeout(wait)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|why| why.to_string())?;
        Ok(SmsGateway {
            http,
            base: base.into().trim_end_matches('/').to_owned(),
            name: name.into(),
            signer,
            ring,
            clock,
        })
    }

    /// Hands a message in.
    ///
    /// # Errors
    /// [`SmsTrouble`].
    pub async fn send(&self, message: &Outgoing) -> Result<Taken, SmsTrouble> {
        let body = serde_json::to_vec(message).map_err(|why| SmsTrouble(why.to_string()))?;
        let path = "/messages";
        let signed = self
            .signer
            .sign_request("POST", path, &body, self.clock.now());
        let request = self.http.post(format!("{}{path}", self.base)).body(body);
        self.exchange(request, &signed).await
    }

    /// Asks what became of a message.
    ///
    /// # Errors
    /// [`SmsTrouble`].
    pub async fn receipt(&self, reference: &str) -> Result<Receipt, SmsTrouble> {
        let path = format!("/messages/{reference}");
        let signed = self
            .signer
            .sign_request("GET", &path, b"", self.clock.now());
        let request = self.http.get(format!("{}{path}", self.base));
        self.exchange(request, &signed).await
    }

    async fn exchange<T: serde::de::DeserializeOwned>(
        &self,
        mut request: reqwest::RequestBuilder,
        signed: &SignedHeaders,
    ) -> Result<T, SmsTrouble> {
        for (name, value) in signed.pairs() {
            request = request.header(name, value);
        }
        let lost = |_: reqwest::Error| SmsTrouble("没有连上或没有按时答复".to_owned());
        let response = request.send().await.map_err(lost)?;
        let status = response.status().as_u16();
        let got = response.headers().clone();
        let body = response.bytes().await.map_err(lost)?;
        SignedHeaders::collect(|name| got.get(name)?.to_str().ok())
            .and_then(|headers| {
                let now = self.clock.now();
                self.ring
                    .verify_reply(&headers, &self.name, status, &body, &signed.nonce, now)
            })
            .map_err(|why| SmsTrouble(why.to_string()))?;
        if status != 200 {
            return Err(SmsTrouble(format!("HTTP {status}")));
        }
        serde_json::from_slice(&body).map_err(|_| SmsTrouble("答复的格式不对".to_owned()))
    }
}
