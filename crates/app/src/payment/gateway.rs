//! 「银行专线」 The line to the bank: signed requests, signed replies. It keeps three
//! things apart that must never be mixed: the bank said yes, the bank said no
//! (with proof), and nobody knows.

use super::bank_wire::{FileStanding, FileState, Statement, TreasuryMoves};
use crate::line::{Letter, Line, Said};
use crate::signing::{KeyRing, Signer};
use crate::trust::Reach;
use engine_payment::AccountNumber;
use kernel::Clock;
use reqwest::Method;
use std::sync::Arc;

/// The most bytes a reply may have.
const REPLY_BYTES_MAX: usize = 64 << 20;

/// Nobody knows: no answer, or one that cannot be believed. Never a “no”.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("银行没有给出可以采信的答复：{0}")]
pub struct NoWord(pub String);

/// Talks to one bank.
pub struct BankGateway {
    line: Line,
    base: String,
    name: String,
    clock: Arc<dyn Clock>,
}

impl BankGateway {
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
        Ok(BankGateway {
            line: Line::new(signer, ring, &reach.into())?,
            base: base.into().trim_end_matches('/').to_owned(),
            name: name.into(),
            clock,
        })
    }

    /// The bank's name, as in its key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Hands a file in. The same bytes again are the same file.
    ///
    /// # Errors
    /// [`NoWord`]: ask with [`BankGateway::standing`], do not resend by the clock.
    pub async fn hand_in(&self, bytes: &[u8]) -> Result<FileStanding, NoWord> {
        let said = self
            .exchange(Method::POST, "/files", bytes.to_vec())
            .await?;
        match said.status {
            // Refused whole, or the reference is taken by another file: in both
            // cases nothing of these bytes is paid.
            200 | 409 | 422 => parse(&said.body),
            status => Err(NoWord(format!("HTTP {status}"))),
        }
    }

    /// Asks where a file stands.
    ///
    /// # Errors
    /// [`NoWord`].
    pub async fn standing(&self, reference: &str) -> Result<FileStanding, NoWord> {
        let path = format!("/files/{reference}");
        let said = self.exchange(Method::GET, &path, Vec::new()).await?;
        match said.status {
            200 | 404 => parse(&said.body),
            status => Err(NoWord(format!("HTTP {status}"))),
        }
    }

    /// Fetches a reply file by its number from 1; `None` while there is none.
    ///
    /// # Errors
    /// [`NoWord`].
    pub async fn reply(&self, reference: &str, number: u32) -> Result<Option<Vec<u8>>, NoWord> {
        let path = format!("/files/{reference}/replies/{number}");
        let said = self.exchange(Method::GET, &path, Vec::new()).await?;
        match said.status {
            200 => Ok(Some(said.body)),
            404 => Ok(None),
            status => Err(NoWord(format!("HTTP {status}"))),
        }
    }

    /// The bank's own books for a file.
    ///
    /// # Errors
    /// [`NoWord`].
    pub async fn statement(&self, reference: &str) -> Result<Statement, NoWord> {
        let path = format!("/files/{reference}/lines");
        self.found(&path).await
    }

    /// What the file moved on the treasury's account.
    ///
    /// # Errors
    /// [`NoWord`].
    pub async fn treasury(
        &self,
        payer: &AccountNumber,
        reference: &str,
    ) -> Result<TreasuryMoves, NoWord> {
        let path = format!("/treasury/{}/{reference}", payer.digits());
        self.found(&path).await
    }

    async fn found<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, NoWord> {
        let said = self.exchange(Method::GET, path, Vec::new()).await?;
        match said.status {
            200 => parse(&said.body),
            status => Err(NoWord(format!("HTTP {status}"))),
        }
    }

    async fn exchange(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Said, NoWord> {
        let letter = Letter {
            base: &self.base,
            to: &self.name,
            method,
            path,
            body,
            reply_bytes_max: REPLY_BYTES_MAX,
        };
        let said = self.line.exchange(letter, || self.clock.now()).await;
        let said = said.map_err(|why| NoWord(why.to_string()))?;
        match &said.believed {
            Ok(()) => Ok(said),
            Err(why) => Err(NoWord(why.to_string())),
        }
    }
}

impl FileStanding {
    /// As the payment engine takes it.
    pub(crate) fn answer(self) -> engine_payment::BankAnswer {
        let proof = self.words.unwrap_or_else(|| "银行没有说明".to_owned());
        match self.state {
            FileState::Received | FileState::Done => engine_payment::BankAnswer::Received {
                receipt: self.receipt.unwrap_or_default(),
            },
            FileState::Never => engine_payment::BankAnswer::NeverReceived { proof },
            FileState::Refused => engine_payment::BankAnswer::Refused { proof },
        }
    }
}

fn parse<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, NoWord> {
    serde_json::from_slice(body).map_err(|_| NoWord("答复的格式不对".to_owned()))
}
