//! 「核对报告书」 Reports as they were given out, with what they were made from; and
//! the events of a verification, from which they can be made again.

use crate::error::Result;
use crate::event::Recorded;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args, json, row};
use engine_case::Opened;
use engine_pool::sheet::Known;
use engine_pool::verification::Event;
use kernel::{Actor, Instant, PersonId, Slug, VerificationId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a report was made from, beside the verification's own events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportInputs {
    /// Who drew it up.
    pub by: Actor,
    /// The case as it was opened.
    pub opened: Opened,
    /// The names of the members.
    pub names: BTreeMap<PersonId, String>,
    /// What the pool knew of them.
    pub known: Known,
}

/// A report as it was given out.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptReport {
    /// Of which verification.
    pub verification: VerificationId,
    /// How many of its events it tells.
    pub version: i64,
    /// When it was drawn up.
    pub at: Instant,
    /// The pack whose names and rules it uses, by hash.
    pub pack: String,
    /// SHA-256 of the text, lower-case hex.
    pub digest: String,
    /// What it was made from.
    pub inputs: ReportInputs,
    /// The report, JSON, to the byte.
    pub text: String,
}

type Content = (ReportInputs, String);

sealed! {
    STATE = check_report.state (verification: Int, version: Int, digest: Text);
}

statements! {
    KEEP = "INSERT INTO check_report (verification, version, at, pack, digest, state)
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (verification, version) DO NOTHING";
    NEWEST = "SELECT verification, version, at, pack, digest, state FROM check_report
              WHERE verification = $1 ORDER BY version DESC LIMIT 1";
    ONE = "SELECT verification, version, at, pack, digest, state FROM check_report
           WHERE verification = $1 AND version = $2";
    SILENT = "INSERT INTO check_silence (verification, version, department, open_questions, at)
              VALUES ($1, $2, $3, $4, $5)
              ON CONFLICT (verification, version, department) DO NOTHING";
    SILENCES = "SELECT verification, version, department, open_questions, at FROM check_silence
                WHERE at >= $1 ORDER BY at DESC, department LIMIT $2";
}

/// A department that left questions of a report open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// Of which verification.
    pub verification: VerificationId,
    /// Which department.
    pub department: Slug,
    /// How many questions.
    pub open: i64,
    /// When the report was drawn up.
    pub at: Instant,
}

impl Tx {
    /// Keeps a report; the first of a version stands.
    pub async fn keep_check_report(&mut self, one: &KeptReport) -> Result<()> {
        let (id, version, digest) = (one.verification, one.version, one.digest.clone());
        let content = json(&(&one.inputs, &one.text))?;
        let state = self.seal(&STATE, &row![id, version, digest], content)?;
        self.execute(KEEP, args![id, version, one.at, one.pack, digest, state])
            .await?;
        Ok(())
    }

    /// Notes which departments left questions of a report open.
    pub async fn note_silence(&mut self, one: &KeptReport, silent: &[(Slug, i64)]) -> Result<()> {
        for (department, open) in silent {
            let row = args![one.verification, one.version, department, *open, one.at];
            self.execute(SILENT, row).await?;
        }
        Ok(())
    }

    /// Departments that left questions open since a moment, newest first.
    pub async fn silences(&mut self, since: Instant, limit: u32) -> Result<Vec<Silence>> {
        let rows = self.fetch_all(SILENCES, args![since, limit]).await?;
        let one = |row: &Row| {
            Ok(Silence {
                verification: row.get("verification")?,
                department: row.get("department")?,
                open: row.get("open_questions")?,
                at: row.get("at")?,
            })
        };
        rows.iter().map(one).collect()
    }

    /// The newest report of a verification.
    pub async fn newest_check_report(&mut self, id: VerificationId) -> Result<Option<KeptReport>> {
        let row = self.fetch_optional(NEWEST, args![id]).await?;
        row.map(|row| read(&row)).transpose()
    }

    /// The report of a version.
    pub async fn check_report(
        &mut self,
        id: VerificationId,
        version: i64,
    ) -> Result<Option<KeptReport>> {
        let row = self.fetch_optional(ONE, args![id, version]).await?;
        row.map(|row| read(&row)).transpose()
    }

    /// Everything that happened to a verification, oldest first.
    pub async fn verification_history(
        &mut self,
        id: VerificationId,
    ) -> Result<Vec<Recorded<Event>>> {
        self.history(super::VERIFICATION_KIND, id.0).await
    }
}

fn read(row: &Row) -> Result<KeptReport> {
    let (inputs, text) = row.unsealed_json::<Content>(&STATE)?;
    Ok(KeptReport {
        verification: row.get("verification")?,
        version: row.get("version")?,
        at: row.get("at")?,
        pack: row.get("pack")?,
        digest: row.get("digest")?,
        inputs,
        text,
    })
}
