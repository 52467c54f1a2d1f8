//! 「送见证」 The line to a witness outside the administrator's control: shows it the
//! newest checkpoint with the proof that the record only grew, keeps the
//! cosignature it gives, and fetches the last note it remembers. What it says is
//! believed by its own key only.

use crate::line::{Silence, client, read};
use crate::trust::{Doubt, Reach, Trust};
use crate::{AppError, Result};
use reqwest::StatusCode;
use std::time::Duration;
use store::Db;
use store::audit::note::{Body, Line, Verifier, log_line, split};
use store::audit::{Checkpoint, Cosignature, witness};

/// How long a witness is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most bytes of an answer.
const ANSWER_MAX: usize = 1 << 16;

/// A witness: where it is, whose word it gives.
#[derive(Clone, Debug)]
pub struct WitnessLine {
    http: reqwest::Client,
    base: String,
    verifier: Verifier,
}

/// Why there is no cosignature.
#[derive(Debug, thiserror::Error)]
pub enum WitnessTrouble {
    /// It is not taken for itself.
    #[error("见证“{0}”：{1}")]
    Doubtful(String, Doubt),
    /// It does not answer.
    #[error("见证“{0}”没有应答")]
    Silent(String),
    /// It answers, but not by its key or not readably.
    #[error("见证“{0}”的答复信不过")]
    Untrusted(String),
    /// It refuses: what it saw before and what is here do not fit.
    #[error("见证“{name}”不肯会签：它见过 {seen} 条，这里的记录接不上。请立刻查")]
    Refused {
        /// Its name.
        name: String,
        /// How many rows it saw.
        seen: i64,
    },
    /// It does not know this house's key.
    #[error("见证“{0}”不认识这里的钥匙。请把公钥交给它登记")]
    Unknown(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] store::StoreError),
}

impl WitnessLine {
    /// From `KEY URL`, as a witness says it when it opens.
    ///
    /// # Errors
    /// A sentence when the line cannot be read.
    pub fn read(text: &str) -> Result<WitnessLine> {
        let wrong = || AppError::BadInput(format!("看不懂见证“{text}”。请写成：公钥 空格 网址"));
        let (key, base) = text.trim().split_once(' ').ok_or_else(wrong)?;
        let http = client(&PATIENCE.into()).map_err(AppError::Fault)?;
        Ok(WitnessLine {
            http,
            base: base.trim().trim_end_matches('/').to_owned(),
            verifier: Verifier::read(key).ok_or_else(wrong)?,
        })
    }

    /// Believing these certificates.
    ///
    /// # Errors
    /// A fault when no HTTP client can be made.
    pub fn trusting(self, trust: &Trust) -> Result<WitnessLine> {
        let (wait, trust) = (PATIENCE, trust.clone());
        let http = client(&Reach { wait, trust }).map_err(AppError::Fault)?;
        Ok(WitnessLine { http, ..self })
    }

    /// Whose word it gives.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Shows the newest checkpoint; gives the size cosigned, or `None` when there
    /// is nothing to show. A witness that saw more than we remember is asked again
    /// from there, once.
    ///
    /// # Errors
    /// [`WitnessTrouble`].
    pub async fn cosign(&self, db: &Db, log: &Verifier) -> Result<Option<i64>, WitnessTrouble> {
        let name = self.verifier.name.clone();
        let words = db.read(async |tx| tx.cosignatures().await).await?;
        let ours = words.iter().filter(|word| word.witness == name);
        let mut seen = ours.map(|word| word.size).max().unwrap_or(0);
        for again in [false, true] {
            let shown = db.read(async move |tx| tx.to_witness(seen).await).await?;
            let Some(shown) = shown else {
                return match seen {
                    0 => Ok(None),
                    _ => Err(WitnessTrouble::Refused { name, seen }),
                };
            };
            let text = shown.checkpoint.note;
            let signed = log_line(log, &shown.checkpoint.signature).told();
            let body = witness::request(seen, &shown.proof, &format!("{text}\n{signed}\n"));
            let (status, answer) = self.post(body).await?;
            let size = shown.checkpoint.size;
            match status {
                StatusCode::OK => {
                    self.keep(db, size, &text, &answer).await?;
                    return Ok(Some(size));
                }
                StatusCode::CONFLICT if !again => {
                    let told = answer.trim().parse();
                    seen = told.map_err(|_| WitnessTrouble::Untrusted(name.clone()))?;
                }
                StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => {
                    return Err(WitnessTrouble::Refused { name, seen });
                }
                StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => {
                    return Err(WitnessTrouble::Unknown(name));
                }
                _ => return Err(WitnessTrouble::Untrusted(name)),
            }
        }
        Err(WitnessTrouble::Refused { name, seen })
    }

    /// The last checkpoint the witness remembers, its own line checked.
    ///
    /// # Errors
    /// [`WitnessTrouble`].
    pub async fn remembered(&self, log: &Verifier) -> Result<Option<Checkpoint>, WitnessTrouble> {
        let url = format!("{}/checkpoint?origin={}", self.base, log.name);
        let sent = self.http.get(url).send().await;
        let (status, note) = self.answer(sent).await?;
        if status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let untrusted = || WitnessTrouble::Untrusted(self.verifier.name.clone());
        let (text, lines) = split(&note).ok_or_else(untrusted)?;
        let body = Body::read(text).ok_or_else(untrusted)?;
        let ours = lines.iter().find(|line| log.believes(text, line).is_some());
        let mut times = lines
            .iter()
            .filter_map(|line| self.verifier.believes(text, line));
        let time = times.next().ok_or_else(untrusted)?;
        let time = i64::try_from(time).map_err(|_| untrusted())?;
        Ok(Some(Checkpoint {
            size: body.size,
            note: text.to_owned(),
            signature: ours.ok_or_else(untrusted)?.signature().to_vec(),
            at: kernel::Instant::from_timestamp(time, 0).ok_or_else(untrusted)?,
        }))
    }

    async fn keep(
        &self,
        db: &Db,
        size: i64,
        text: &str,
        answer: &str,
    ) -> Result<(), WitnessTrouble> {
        let line = Line::read(answer.trim());
        let line = line.filter(|line| self.verifier.believes(text, line).is_some());
        let line = line.ok_or_else(|| WitnessTrouble::Untrusted(self.verifier.name.clone()))?;
        let word = Cosignature {
            size,
            witness: self.verifier.name.clone(),
            line: line.told(),
        };
        db.write(async move |tx| tx.keep_cosignature(&word).await)
            .await?;
        Ok(())
    }

    async fn post(&self, body: String) -> Result<(StatusCode, String), WitnessTrouble> {
        let url = format!("{}/add-checkpoint", self.base);
        let sent = self.http.post(url).body(body).send().await;
        self.answer(sent).await
    }

    async fn answer(
        &self,
        sent: reqwest::Result<reqwest::Response>,
    ) -> Result<(StatusCode, String), WitnessTrouble> {
        let name = || self.verifier.name.clone();
        let lost = |why: Silence| match why {
            Silence::TooLong => WitnessTrouble::Untrusted(name()),
            Silence::Doubtful(doubt) => WitnessTrouble::Doubtful(name(), doubt),
            Silence::Timeout | Silence::Unreachable => WitnessTrouble::Silent(name()),
        };
        let mut response = sent.map_err(|why| lost(why.into()))?;
        let bytes = read(&mut response, ANSWER_MAX).await.map_err(lost)?;
        let text = String::from_utf8(bytes).map_err(|_| WitnessTrouble::Untrusted(name()))?;
        Ok((response.status(), text))
    }
}
