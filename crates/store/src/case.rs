//! 「办件」 Cases: the state as JSON, beside it what lists and deadlines ask for; the
//! history as events; papers by their bytes. What may happen to a case is
//! engine-case's affair.

use crate::error::{Result, StoreError};
use crate::event::{Loaded, Recorded};
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Value, args, json, row};
use engine_case::{Case, Event, Phase};
use kernel::{Actor, CaseId, Date, DocumentId, HouseholdId, Now, PersonId, RegionCode, Slug};
use sha2::{Digest as _, Sha256};

const KIND: &str = "case";

/// A line of a work list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseLine {
    /// The case.
    pub id: CaseId,
    /// The service asked for.
    pub service: Slug,
    /// Who asks.
    pub applicant: PersonId,
    /// The household.
    pub household: HouseholdId,
    /// The responsible node.
    pub region: RegionCode,
    /// The nearest open deadline.
    pub due: Option<Date>,
}

/// Where a page of open cases ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenAfter {
    /// As `case_file.due`, or after every day.
    due: String,
    id: i64,
}

/// Some open cases, and where the next page begins if there may be more.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenPage {
    /// The cases.
    pub cases: Vec<Case>,
    /// Where to go on.
    pub next: Option<OpenAfter>,
}

/// How many open cases there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenCases {
    /// All, those without a deadline too.
    pub all: u32,
    /// Past their nearest deadline.
    pub late: u32,
    /// Within days of it.
    pub soon: u32,
    /// Further from it.
    pub calm: u32,
    /// Sent back for papers.
    pub returned: u32,
}

/// A paper or a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its number.
    pub id: DocumentId,
    /// The case it belongs to.
    pub case: Option<CaseId>,
    /// What it is, as the pack names it.
    pub kind: String,
    /// Media type of the bytes.
    pub media: String,
    /// The bytes.
    pub body: Vec<u8>,
}

sealed! {
    STATE = case_file.state (id: Int, version: Int);
    PAPER = document.body (id: Int);
}

statements! {
    INSERT = "INSERT INTO case_file (id, version, service, applicant, household, region, phase,
                  pack, joint_case, joint_part, due, state)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    UPDATE = "UPDATE case_file SET version = $2, service = $3, applicant = $4, household = $5,
                  region = $6, phase = $7, pack = $8, joint_case = $9, joint_part = $10,
                  due = $11, state = $12
              WHERE id = $1 AND version = $13";
    SELECT = "SELECT id, version, state FROM case_file WHERE id = $1";
    OF_HOUSEHOLD = "SELECT id FROM case_file WHERE household = $1 ORDER BY id";
    OF_JOINT = "SELECT id FROM case_file WHERE joint_case = $1 ORDER BY id";
    WORK = "SELECT id, service, applicant, household, region, due FROM case_file
            WHERE phase = $1 AND region >= $2 AND region <= $3
            ORDER BY region, due NULLS LAST, id LIMIT $4";
    OPEN = "SELECT id, version, coalesce(due, '9999') AS due, state FROM case_file
            WHERE phase IN ('submitted', 'returned', 'handling', 'review_due')
                AND region >= $1 AND region <= $2
                AND (coalesce(due, '9999') > $3 OR (coalesce(due, '9999') = $3 AND id > $4))
            ORDER BY coalesce(due, '9999'), id LIMIT $5";
    COUNT_OPEN = "SELECT count(*) AS everything,
                      count(CASE WHEN due < $3 THEN 1 END) AS late,
                      count(CASE WHEN due >= $3 AND due <= $4 THEN 1 END) AS soon,
                      count(CASE WHEN due > $4 THEN 1 END) AS calm,
                      count(CASE WHEN phase = 'returned' THEN 1 END) AS returned
                  FROM case_file
                  WHERE phase IN ('submitted', 'returned', 'handling', 'review_due')
                      AND region >= $1 AND region <= $2";
    DUE = "SELECT id, service, applicant, household, region, due FROM case_file
           WHERE due <= $1 ORDER BY due, id LIMIT $2";
    KEEP = "INSERT INTO document (id, case_id, kind, media, digest, body, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
    DOCUMENT = "SELECT id, case_id, kind, media, digest, body FROM document WHERE id = $1";
    PAPERS = "SELECT id FROM document WHERE case_id = $1 ORDER BY id";
}

impl Tx {
    /// Keeps a new case with its first events.
    pub async fn create_case(
        &mut self,
        case: &Case,
        events: &[Event],
        actor: &Actor,
        now: Now,
    ) -> Result<CaseId> {
        let id = id_of(case)?;
        let version = self.append(KIND, id.0, 0, events, actor, now).await?;
        self.execute(INSERT, self.columns(id, version, case)?)
            .await?;
        Ok(id)
    }

    /// A case and the version to save it under.
    pub async fn case(&mut self, id: CaseId) -> Result<Loaded<Case>> {
        self.load(SELECT, &STATE, id.0, "办件").await
    }

    /// Keeps what the events made of a case loaded at `version`; gives the new
    /// version. Without events nothing is written.
    pub async fn save_case(
        &mut self,
        version: i64,
        case: &Case,
        events: &[Event],
        actor: &Actor,
        now: Now,
    ) -> Result<i64> {
        if events.is_empty() {
            return Ok(version);
        }
        let id = id_of(case)?;
        let next = self.append(KIND, id.0, version, events, actor, now).await?;
        let mut values = self.columns(id, next, case)?;
        values.extend(args![version]);
        self.execute_one(UPDATE, values, "办件").await?;
        Ok(next)
    }

    /// What happened to a case, oldest first.
    pub async fn case_history(&mut self, id: CaseId) -> Result<Vec<Recorded<Event>>> {
        self.history(KIND, id.0).await
    }

    /// A household's cases, oldest first.
    pub async fn cases_of_household(&mut self, household: HouseholdId) -> Result<Vec<CaseId>> {
        self.case_ids(OF_HOUSEHOLD, household.0).await
    }

    /// The cases that are parts of a joint case.
    pub async fn parts_of_case(&mut self, joint: CaseId) -> Result<Vec<CaseId>> {
        self.case_ids(OF_JOINT, joint.0).await
    }

    /// Cases in a phase whose responsible node lies between two codes, both
    /// included; at most `limit`.
    pub async fn cases_in(
        &mut self,
        phase: Phase,
        from: RegionCode,
        to: RegionCode,
        limit: u32,
    ) -> Result<Vec<CaseLine>> {
        let rows = self
            .fetch_all(WORK, args![phase_name(phase)?, from, to, limit])
            .await?;
        rows.iter().map(CaseLine::read).collect()
    }

    /// Cases somebody must work on whose responsible node lies between two codes,
    /// both included, most urgent first, without a deadline last; at most `limit`, from
    /// where an earlier page ended.
    pub async fn open_cases(
        &mut self,
        (from, to): (RegionCode, RegionCode),
        after: OpenAfter,
        limit: u32,
    ) -> Result<OpenPage> {
        let OpenAfter { due, id } = after;
        let rows = self
            .fetch_all(OPEN, args![from, to, due, id, limit])
            .await?;
        let full = rows.len() == usize::try_from(limit).unwrap_or(usize::MAX);
        let next = match rows.last().filter(|_| full) {
            Some(row) => Some(OpenAfter {
                due: row.get("due")?,
                id: row.get("id")?,
            }),
            None => None,
        };
        let cases = rows.iter().map(|row| row.unsealed_json(&STATE));
        Ok(OpenPage {
            cases: cases.collect::<Result<_>>()?,
            next,
        })
    }

    /// How many cases [`Tx::open_cases`] has between two codes, by their nearest deadline:
    /// before `today`, up to and with `soon`, later.
    pub async fn count_open_cases(
        &mut self,
        (from, to): (RegionCode, RegionCode),
        today: Date,
        soon: Date,
    ) -> Result<OpenCases> {
        let row = self
            .fetch_one(COUNT_OPEN, args![from, to, today, soon])
            .await?;
        Ok(OpenCases {
            all: row.get("everything")?,
            late: row.get("late")?,
            soon: row.get("soon")?,
            calm: row.get("calm")?,
            returned: row.get("returned")?,
        })
    }

    /// Cases with an open deadline on or before a day, most urgent first.
    pub async fn cases_due(&mut self, day: Date, limit: u32) -> Result<Vec<CaseLine>> {
        let rows = self.fetch_all(DUE, args![day, limit]).await?;
        rows.iter().map(CaseLine::read).collect()
    }

    /// Keeps a document; it never changes after.
    pub async fn keep_document(&mut self, document: &Document, now: Now) -> Result<()> {
        let digest = Sha256::digest(&document.body).to_vec();
        let Document {
            id,
            case,
            kind,
            media,
            body,
        } = document;
        let body = self.seal(&PAPER, &row![id], body)?;
        self.execute(KEEP, args![id, case, kind, media, digest, body, now.at])
            .await?;
        Ok(())
    }

    /// A document, its bytes checked against their digest.
    pub async fn document(&mut self, id: DocumentId) -> Result<Document> {
        let Some(row) = self.fetch_optional(DOCUMENT, args![id]).await? else {
            return Err(StoreError::NotFound {
                what: "文书",
                id: id.to_string(),
            });
        };
        let document = Document {
            id,
            case: row.maybe("case_id")?,
            kind: row.get("kind")?,
            media: row.get("media")?,
            body: row.unsealed(&PAPER)?,
        };
        if Sha256::digest(&document.body).as_slice() != row.get::<Vec<u8>>("digest")? {
            return Err(StoreError::fault(format!(
                "document {id} is not what was kept"
            )));
        }
        Ok(document)
    }

    /// The documents of a case.
    pub async fn documents_of(&mut self, case: CaseId) -> Result<Vec<DocumentId>> {
        let rows = self.fetch_all(PAPERS, args![case]).await?;
        rows.iter().map(|row| row.get("id")).collect()
    }

    fn columns(&self, id: CaseId, version: i64, case: &Case) -> Result<Vec<Value>> {
        let Some(opened) = &case.opened else {
            return Err(StoreError::fault("a case that was never opened"));
        };
        let due = case
            .deadlines
            .iter()
            .filter(|d| d.met.is_none())
            .map(|d| d.due)
            .min();
        let joint_case = opened.part_of.as_ref().map(|(joint, _)| *joint);
        let joint_part = opened.part_of.as_ref().map(|(_, part)| part.clone());
        let pack = case.pinned.as_ref().map(|pinned| pinned.pack.clone());
        Ok(args![
            id,
            version,
            opened.service,
            opened.applicant,
            opened.household,
            opened.region,
            phase_name(case.phase)?,
            pack,
            joint_case,
            joint_part,
            due,
            self.seal(&STATE, &row![id, version], json(case)?)?
        ])
    }

    async fn case_ids(&mut self, sql: crate::statement::Sql, of: i64) -> Result<Vec<CaseId>> {
        let rows = self.fetch_all(sql, args![of]).await?;
        rows.iter().map(|row| row.get("id")).collect()
    }
}

impl CaseLine {
    pub(crate) fn read(row: &crate::value::Row) -> Result<Self> {
        Ok(CaseLine {
            id: row.get("id")?,
            service: row.get("service")?,
            applicant: row.get("applicant")?,
            household: row.get("household")?,
            region: row.get("region")?,
            due: row.maybe("due")?,
        })
    }
}

fn id_of(case: &Case) -> Result<CaseId> {
    let opened = case.opened.as_ref();
    opened
        .map(|opened| opened.case)
        .ok_or_else(|| StoreError::fault("a case that was never opened"))
}

fn phase_name(phase: Phase) -> Result<String> {
    Ok(json(&phase)?.trim_matches('"').to_owned())
}
