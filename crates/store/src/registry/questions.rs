//! 「底册存疑」 What deliveries say that does not fit the register. The register was
//! not changed; a person looks.

use crate::error::Result;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{args, json, row};
use kernel::{DataBatchId, Date, Now, PersonId, Slug};
use serde::{Deserialize, Serialize};

/// A question to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterQuestion {
    /// Its kind, a word for lists.
    pub kind: String,
    /// About whom, where they are registered.
    pub person: Option<PersonId>,
    /// The category that raised it.
    pub category: Slug,
    /// The department's own number of the record.
    pub record_no: String,
    /// The day the record speaks of.
    pub as_of: Date,
    /// Its delivery.
    pub batch: DataBatchId,
    /// What does not fit, in words for a person.
    pub says: String,
}

sealed! {
    STATE = register_question.state (category: Text, record_no: Bytes, as_of: Text, kind: Text, at: Int);
}

statements! {
    ASK = "INSERT INTO register_question (category, record_no, as_of, kind, person, at, state)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (category, record_no, as_of, kind) DO NOTHING";
    QUESTIONS = "SELECT category, record_no, as_of, kind, at, state FROM register_question
                 ORDER BY at, category, record_no, kind LIMIT $1";
}

impl Tx {
    /// Keeps a question; whether it is new.
    pub async fn ask_of_register(&mut self, question: &RegisterQuestion, now: Now) -> Result<bool> {
        let RegisterQuestion {
            category,
            as_of,
            kind,
            ..
        } = question;
        let no = self.blind_record_no(&question.record_no);
        let key = row![category, no, as_of, kind, now.at];
        let state = self.seal(&STATE, &key, json(question)?)?;
        let person = question.person.unwrap_or(PersonId(0));
        let row = args![category, no, as_of, kind, person, now.at, state];
        Ok(self.execute(ASK, row).await? == 1)
    }

    /// Questions, oldest first.
    pub async fn register_questions(&mut self, limit: u32) -> Result<Vec<RegisterQuestion>> {
        let rows = self.fetch_all(QUESTIONS, args![limit]).await?;
        rows.iter().map(|row| row.unsealed_json(&STATE)).collect()
    }
}
