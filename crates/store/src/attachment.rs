//! 「材料」 What was handed in with a case: a document's bytes, and beside them what
//! it is for, how its sender called it, who and when. Sealed, never changed; what
//! may be handed in is decided in app.

use crate::case::Document;
use crate::error::Result;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{args, json, row};
use kernel::{Actor, CaseId, DocumentId, Instant, Now, Slug};
use serde::{Deserialize, Serialize};

/// Something handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its document.
    pub document: DocumentId,
    /// The case.
    pub case: CaseId,
    /// What it is for.
    pub purpose: AttachedTo,
    /// How its sender called it, made harmless.
    pub name: String,
    /// Media type, from the bytes.
    pub media: String,
    /// How many bytes.
    pub bytes: u64,
    /// Who handed it in.
    pub by: Actor,
    /// When.
    pub at: Instant,
}

/// What an attachment is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachedTo {
    /// 材料 A paper the service needs, by its id in the pack.
    Paper(Slug),
    /// 入户照片 A photograph of a survey step.
    Survey(Slug),
    /// 委托书 The paper by which the household lets somebody apply for it.
    Mandate,
}

sealed! {
    STATE = attachment.state (document: Int, case_id: Int, at: Int);
}

statements! {
    ATTACH = "INSERT INTO attachment (document, case_id, at, state) VALUES ($1, $2, $3, $4)";
    OF_CASE = "SELECT document, case_id, at, state FROM attachment
               WHERE case_id = $1 ORDER BY document";
    ONE = "SELECT document, case_id, at, state FROM attachment WHERE document = $1";
}

impl Tx {
    /// Keeps something handed in with its bytes.
    pub async fn attach(&mut self, attachment: &Attachment, body: Vec<u8>, now: Now) -> Result<()> {
        let document = Document {
            id: attachment.document,
            case: Some(attachment.case),
            kind: "attachment".to_owned(),
            media: attachment.media.clone(),
            body,
        };
        self.keep_document(&document, now).await?;
        let (id, case) = (attachment.document, attachment.case);
        let state = self.seal(&STATE, &row![id, case, now.at], json(attachment)?)?;
        self.execute(ATTACH, args![id, case, now.at, state]).await?;
        Ok(())
    }

    /// What was handed in with a case, oldest first; the bytes stay where they are.
    pub async fn attachments_of(&mut self, case: CaseId) -> Result<Vec<Attachment>> {
        let rows = self.fetch_all(OF_CASE, args![case]).await?;
        rows.iter().map(|row| row.unsealed_json(&STATE)).collect()
    }

    /// One of them; `None`: there is none of that number.
    pub async fn attachment(&mut self, document: DocumentId) -> Result<Option<Attachment>> {
        let row = self.fetch_optional(ONE, args![document]).await?;
        row.map(|row| row.unsealed_json(&STATE)).transpose()
    }
}
