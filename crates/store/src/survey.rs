//! 「入户笔录」 A survey as one of those who went wrote it down, until the others
//! have signed. Who must sign is engine-case's affair.

use crate::error::Result;
use crate::event::Loaded;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{args, json, row};
use kernel::{Actor, CaseId, Instant, PersonId, Slug};
use serde::{Deserialize, Serialize};

/// A survey written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyWritten {
    /// How: `入户调查`.
    pub ways: Vec<String>,
    /// What was seen and heard.
    pub found: String,
    /// Who signs for the household.
    pub household: Option<PersonId>,
    /// Who wrote it.
    pub by: Actor,
    /// When.
    pub at: Instant,
    /// Whoever went along and has signed, with the moment.
    pub signed: Vec<(Actor, Instant)>,
}

sealed! {
    STATE = survey_report.state (case_id: Int, step: Text, round: Int, version: Int);
}

statements! {
    FIND = "SELECT case_id, step, round, version, state FROM survey_report
            WHERE case_id = $1 AND step = $2 AND round = $3";
    FIRST = "INSERT INTO survey_report (case_id, step, round, version, state)
             VALUES ($1, $2, $3, $4, $5)";
    AGAIN = "UPDATE survey_report SET version = $4, state = $5
             WHERE case_id = $1 AND step = $2 AND round = $3 AND version = $6";
}

impl Tx {
    /// What was written down in this round of a step; `None`: nothing yet.
    pub async fn survey_written(
        &mut self,
        case: CaseId,
        step: &Slug,
        round: u32,
    ) -> Result<Option<Loaded<SurveyWritten>>> {
        let found = self.fetch_optional(FIND, args![case, step, round]).await?;
        let Some(row) = found else { return Ok(None) };
        Ok(Some(Loaded {
            state: row.unsealed_json(&STATE)?,
            version: row.get("version")?,
        }))
    }

    /// Keeps what was written, over the version it was written on (0: the first).
    pub async fn write_survey(
        &mut self,
        (case, step, round): (CaseId, &Slug, u32),
        version: i64,
        written: &SurveyWritten,
    ) -> Result<()> {
        let next = version + 1;
        let state = self.seal(&STATE, &row![case, step, round, next], json(written)?)?;
        match version {
            0 => {
                self.execute(FIRST, args![case, step, round, next, state])
                    .await?;
                Ok(())
            }
            _ => {
                let values = args![case, step, round, next, state, version];
                self.execute_one(AGAIN, values, "入户笔录").await
            }
        }
    }
}
