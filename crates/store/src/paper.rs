//! 「文书」 Papers given out: what a stranger with the code may learn of one, and the
//! bytes, which never change. Absent on purpose: what stands on them.

use crate::case::Document;
use crate::error::{Result, StoreError};
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{args, json, row};
use engine_access::Attempts;
use kernel::{CaseId, Date, DecisionId, DocumentId, Instant, Now};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

const CODE: &str = "paper.code";
const CONTENT: &str = "paper.content";
const SOURCE: &str = "paper_guess.source";

/// A paper given out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPaper {
    /// The document with its bytes.
    pub id: DocumentId,
    /// The code printed on it.
    pub code: String,
    /// About what: `case:17`, `household:3`.
    pub subject: String,
    /// Its kind, a word for lists.
    pub kind: String,
    /// Its title.
    pub title: String,
    /// Who gave it.
    pub office: String,
    /// To whom.
    pub name: String,
    /// The day printed on it.
    pub day: Date,
    /// SHA-256 of its content, hex: printed on it.
    pub content: String,
    /// SHA-256 of its bytes, hex.
    pub file: String,
    /// The case it belongs to.
    pub case: Option<CaseId>,
    /// The decision it tells.
    pub decision: Option<DecisionId>,
}

sealed! {
    STATE = paper.state (id: Int, subject: Text, kind: Text);
}

statements! {
    KEEP = "INSERT INTO paper (id, code, content, subject, kind, at, state)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (content) DO NOTHING";
    BY_CODE = "SELECT id, subject, kind, state FROM paper WHERE code = $1";
    BY_CONTENT = "SELECT id, subject, kind, state FROM paper WHERE content = $1";
    NEWEST = "SELECT id, subject, kind, state FROM paper WHERE subject = $1 AND kind = $2
              ORDER BY id DESC LIMIT 1";
    KEPT_AT = "SELECT at FROM document WHERE id = $1";
    GUESSES = "SELECT failures, locked_until FROM paper_guess WHERE source = $1 AND at >= $2";
    GUESSED = "INSERT INTO paper_guess (source, failures, locked_until, at)
               VALUES ($1, $2, $3, $4)
               ON CONFLICT (source) DO UPDATE SET failures = excluded.failures,
                   locked_until = excluded.locked_until, at = excluded.at";
    FORGET = "DELETE FROM paper_guess WHERE at < $1";
}

impl Tx {
    /// Keeps a paper with its bytes; `false`: the same content was given out before,
    /// and nothing was kept.
    pub async fn keep_paper(&mut self, paper: &KeptPaper, body: &[u8], now: Now) -> Result<bool> {
        let KeptPaper {
            id, subject, kind, ..
        } = paper;
        let secrets = self.shared.secrets.clone();
        let code = secrets.blind(CODE, &paper.code);
        let content = secrets.blind(CONTENT, &paper.content);
        let state = self.seal(&STATE, &row![id, subject, kind], json(paper)?)?;
        let row = args![id, code, content, subject, kind, now.at, state];
        if self.execute(KEEP, row).await? == 0 {
            return Ok(false);
        }
        let document = Document {
            id: *id,
            case: paper.case,
            kind: format!("paper.{kind}"),
            media: "application/pdf".to_owned(),
            body: body.to_owned(),
        };
        self.keep_document(&document, now).await?;
        Ok(true)
    }

    /// The paper a code was printed on.
    pub async fn paper_by_code(&mut self, code: &str) -> Result<Option<KeptPaper>> {
        let code = self.shared.secrets.blind(CODE, code);
        let row = self.fetch_optional(BY_CODE, args![code]).await?;
        row.map(|row| row.unsealed_json(&STATE)).transpose()
    }

    /// The paper with this content.
    pub async fn paper_by_content(&mut self, content: &str) -> Result<Option<KeptPaper>> {
        let content = self.shared.secrets.blind(CONTENT, content);
        let row = self.fetch_optional(BY_CONTENT, args![content]).await?;
        row.map(|row| row.unsealed_json(&STATE)).transpose()
    }

    /// The newest paper of a kind about something.
    pub async fn newest_paper(&mut self, subject: &str, kind: &str) -> Result<Option<KeptPaper>> {
        let row = self.fetch_optional(NEWEST, args![subject, kind]).await?;
        row.map(|row| row.unsealed_json(&STATE)).transpose()
    }

    /// When a document was kept.
    pub async fn document_kept_at(&mut self, id: DocumentId) -> Result<Instant> {
        let row = self.fetch_optional(KEPT_AT, args![id]).await?;
        let missing = || StoreError::NotFound {
            what: "文书",
            id: id.to_string(),
        };
        row.ok_or_else(missing)?.get("at")
    }

    /// Wrong codes from somewhere since a moment.
    pub async fn paper_guesses(&mut self, source: &str, since: Instant) -> Result<Attempts> {
        let source = self.shared.secrets.blind(SOURCE, source);
        let row = self.fetch_optional(GUESSES, args![source, since]).await?;
        row.map_or(Ok(Attempts::default()), |row| {
            Ok(Attempts {
                failures: row.get("failures")?,
                locked_until: row.maybe("locked_until")?,
            })
        })
    }

    /// Keeps how often somewhere was wrong, and forgets what is older than `since`.
    pub async fn paper_guessed(
        &mut self,
        source: &str,
        attempts: Attempts,
        since: Instant,
        now: Now,
    ) -> Result<()> {
        self.execute(FORGET, args![since]).await?;
        let source = self.shared.secrets.blind(SOURCE, source);
        let row = args![source, attempts.failures, attempts.locked_until, now.at];
        self.execute(GUESSED, row).await?;
        Ok(())
    }
}

/// SHA-256 as the house prints it: lower-case hex.
pub fn digest_hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
