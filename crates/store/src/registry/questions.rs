//! 「底册存疑」 What deliveries say that does not fit the register. The register was
//! not changed; a person looks.

use crate::error::Result;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{args, json, row};
use kernel::{Actor, DataBatchId, Date, Instant, Now, PersonId, Slug};
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

/// What a person answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterAnswer {
    /// The answer's kind, a word of app's.
    pub answer: String,
    /// Why.
    pub reason: String,
    /// Who signed it.
    pub by: Actor,
    /// When.
    pub at: Instant,
}

sealed! {
    STATE = register_question.state (category: Text, record_no: Bytes, as_of: Text, kind: Text, at: Int);
    ANSWER = register_answer.state (category: Text, record_no: Bytes, as_of: Text, kind: Text, at: Int);
}

statements! {
    ASK = "INSERT INTO register_question (category, record_no, as_of, kind, person, at, state)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (category, record_no, as_of, kind) DO NOTHING";
    QUESTIONS = "SELECT category, record_no, as_of, kind, at, state FROM register_question
                 ORDER BY at, category, record_no, kind LIMIT $1";
    UNSETTLED = "SELECT q.category, q.record_no, q.as_of, q.kind, q.at, q.state
                 FROM register_question q
                 WHERE NOT EXISTS (SELECT 1 FROM register_answer a
                     WHERE a.category = q.category AND a.record_no = q.record_no
                         AND a.as_of = q.as_of AND a.kind = q.kind)
                 ORDER BY q.at, q.category, q.record_no, q.kind LIMIT $1";
    SETTLE = "INSERT INTO register_answer (category, record_no, as_of, kind, at, state)
              VALUES ($1, $2, $3, $4, $5, $6)
              ON CONFLICT (category, record_no, as_of, kind) DO NOTHING";
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

    /// Questions nobody has answered, oldest first.
    pub async fn unsettled_questions(&mut self, limit: u32) -> Result<Vec<RegisterQuestion>> {
        let rows = self.fetch_all(UNSETTLED, args![limit]).await?;
        rows.iter().map(|row| row.unsealed_json(&STATE)).collect()
    }

    /// Keeps the answer to a question; `false`: somebody answered before.
    pub async fn settle_question(
        &mut self,
        question: &RegisterQuestion,
        answer: &RegisterAnswer,
        now: Now,
    ) -> Result<bool> {
        let RegisterQuestion {
            category,
            as_of,
            kind,
            ..
        } = question;
        let no = self.blind_record_no(&question.record_no);
        let key = row![category, no, as_of, kind, now.at];
        let state = self.seal(&ANSWER, &key, json(answer)?)?;
        let row = args![category, no, as_of, kind, now.at, state];
        Ok(self.execute(SETTLE, row).await? == 1)
    }
}
