//! 「评估」 Assessments, the bodies that are rated, random draws: the state as sealed
//! JSON, beside it what lists, rankings and deadlines ask for; the history as events.
//! What may happen to them is engine-assessment's affair.

use crate::error::{Result, StoreError};
use crate::event::{Loaded, Recorded};
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, Value, args, json, row};
use engine_assessment::{Assessment, DrawEvent, DrawList, Event, Mending, Phase, Points, Subject};
use kernel::{Actor, AssessmentId, BodyId, Date, DrawId, Now, PersonId, RegionCode, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const KIND: &str = "assessment";
const DRAW: &str = "draw";

/// A body that is rated or inspected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssessedBody {
    /// Its number.
    pub id: BodyId,
    /// Of which kind, as sheets say it.
    pub kind: Slug,
    /// Where.
    pub region: RegionCode,
    /// Its name.
    pub name: String,
    /// Its risk class.
    pub class: Slug,
    /// Who leads it.
    pub people: BTreeSet<PersonId>,
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssessmentLine {
    /// Which.
    pub id: AssessmentId,
    /// By which sheet.
    pub sheet: Slug,
    /// Of whom.
    pub subject: Subject,
    /// Where.
    pub region: RegionCode,
    /// Where it stands.
    pub phase: Phase,
    /// When it was confirmed.
    pub confirmed: Option<Date>,
    /// The last day it counts.
    pub until: Option<Date>,
    /// A body's score; of a person none is kept open.
    pub score: Option<Points>,
    /// A body's grade, counted from the best.
    pub grade: Option<i64>,
    /// The nearest day something must be mended by.
    pub mend_by: Option<Date>,
}

sealed! {
    STATE = assessment.state (id: Int, version: Int);
    BODY = assessed_body.state (id: Int, kind: Text);
    LOTS = random_draw.state (id: Int, version: Int);
}

statements! {
    INSERT = "INSERT INTO assessment (id, version, sheet, person, body, draw, region, phase,
                  confirmed, until, score, grade, mend_by, state)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    UPDATE = "UPDATE assessment SET version = $2, phase = $3, confirmed = $4, until = $5,
                  score = $6, grade = $7, mend_by = $8, state = $9
              WHERE id = $1 AND version = $10";
    SELECT = "SELECT id, version, state FROM assessment WHERE id = $1";
    PLACE = "SELECT id, sheet, person, body, region, phase, confirmed, until, score, grade, mend_by
             FROM assessment WHERE region >= $1 AND region <= $2 ORDER BY id DESC LIMIT $3";
    OF_PERSON = "SELECT id, sheet, person, body, region, phase, confirmed, until, score, grade, mend_by
                 FROM assessment WHERE person = $1 ORDER BY id DESC";
    OF_BODY = "SELECT id, sheet, person, body, region, phase, confirmed, until, score, grade, mend_by
               FROM assessment WHERE body = $1 AND sheet = $2 AND confirmed >= $3 AND confirmed <= $4
                   AND phase <> 'replaced'
               ORDER BY id";
    OF_DRAW = "SELECT id, sheet, person, body, region, phase, confirmed, until, score, grade, mend_by
               FROM assessment WHERE draw = $1 ORDER BY id";
    KEEP_BODY = "INSERT INTO assessed_body (id, kind, region, name, class, state)
                 VALUES ($1, $2, $3, $4, $5, $6)";
    BODIES = "SELECT id, kind, state FROM assessed_body
              WHERE kind = $1 AND region >= $2 AND region <= $3 ORDER BY id";
    ONE_BODY = "SELECT id, kind, state FROM assessed_body WHERE id = $1";
    INSERT_DRAW = "INSERT INTO random_draw (id, version, sheet, region, state)
                   VALUES ($1, $2, $3, $4, $5)";
    UPDATE_DRAW = "UPDATE random_draw SET version = $2, state = $3 WHERE id = $1 AND version = $4";
    SELECT_DRAW = "SELECT id, version, state FROM random_draw WHERE id = $1";
    DRAWS = "SELECT id, version, state FROM random_draw
             WHERE region >= $1 AND region <= $2 ORDER BY id DESC LIMIT $3";
}

impl Tx {
    /// Keeps a new assessment with its first events. `draw`: the draw it came from.
    pub async fn create_assessment(
        &mut self,
        (state, phase, draw): (&Assessment, Phase, Option<DrawId>),
        events: &[Event],
        actor: &Actor,
        now: Now,
    ) -> Result<()> {
        let opened = &state.opened;
        let id = opened.id;
        let version = self.append(KIND, id.0, 0, events, actor, now).await?;
        let (person, body) = match opened.subject {
            Subject::Person(person) => (Some(person), None),
            Subject::Body(body) => (None, Some(body)),
        };
        let mut values = args![
            id,
            version,
            opened.sheet.id,
            person,
            body,
            draw,
            opened.region
        ];
        values.extend(self.open_columns(state, phase, version)?);
        self.execute(INSERT, values).await?;
        Ok(())
    }

    /// An assessment and the version to save it under.
    pub async fn assessment(&mut self, id: AssessmentId) -> Result<Loaded<Assessment>> {
        self.load(SELECT, &STATE, id.0, "评估").await
    }

    /// Keeps what the events made of an assessment loaded at `version`.
    pub async fn save_assessment(
        &mut self,
        version: i64,
        (state, phase): (&Assessment, Phase),
        events: &[Event],
        actor: &Actor,
        now: Now,
    ) -> Result<i64> {
        let id = state.opened.id;
        let next = self.append(KIND, id.0, version, events, actor, now).await?;
        let mut values = args![id, next];
        values.extend(self.open_columns(state, phase, next)?);
        values.extend(args![version]);
        self.execute_one(UPDATE, values, "评估").await?;
        Ok(next)
    }

    /// What happened to an assessment, oldest first.
    pub async fn assessment_history(&mut self, id: AssessmentId) -> Result<Vec<Recorded<Event>>> {
        self.history(KIND, id.0).await
    }

    /// Assessments whose place lies between two codes, newest first; at most `limit`.
    pub async fn assessments_in(
        &mut self,
        (from, to): (RegionCode, RegionCode),
        limit: u32,
    ) -> Result<Vec<AssessmentLine>> {
        let rows = self.fetch_all(PLACE, args![from, to, limit]).await?;
        rows.iter().map(AssessmentLine::read).collect()
    }

    /// A person's assessments, newest first.
    pub async fn assessments_of(&mut self, person: PersonId) -> Result<Vec<AssessmentLine>> {
        let rows = self.fetch_all(OF_PERSON, args![person]).await?;
        rows.iter().map(AssessmentLine::read).collect()
    }

    /// A body's confirmed assessments by a sheet between two days, both included.
    pub async fn scores_of(
        &mut self,
        body: BodyId,
        sheet: &Slug,
        (from, to): (Date, Date),
    ) -> Result<Vec<AssessmentLine>> {
        let rows = self
            .fetch_all(OF_BODY, args![body, sheet, from, to])
            .await?;
        rows.iter().map(AssessmentLine::read).collect()
    }

    /// The assessments a draw led to.
    pub async fn assessments_drawn(&mut self, draw: DrawId) -> Result<Vec<AssessmentLine>> {
        let rows = self.fetch_all(OF_DRAW, args![draw]).await?;
        rows.iter().map(AssessmentLine::read).collect()
    }

    /// Keeps a body; a second one of the same kind, place and name is refused.
    pub async fn keep_body(&mut self, body: &AssessedBody) -> Result<()> {
        let AssessedBody {
            id,
            kind,
            region,
            name,
            class,
            ..
        } = body;
        let state = self.seal(&BODY, &row![id, kind], json(body)?)?;
        self.execute(KEEP_BODY, args![id, kind, region, name, class, state])
            .await?;
        Ok(())
    }

    /// Bodies of a kind whose place lies between two codes.
    pub async fn bodies_in(
        &mut self,
        kind: &Slug,
        (from, to): (RegionCode, RegionCode),
    ) -> Result<Vec<AssessedBody>> {
        let rows = self.fetch_all(BODIES, args![kind, from, to]).await?;
        rows.iter().map(|row| row.unsealed_json(&BODY)).collect()
    }

    /// One body.
    pub async fn body(&mut self, id: BodyId) -> Result<AssessedBody> {
        match self.fetch_optional(ONE_BODY, args![id]).await? {
            Some(row) => row.unsealed_json(&BODY),
            None => Err(StoreError::NotFound {
                what: "单位",
                id: id.to_string(),
            }),
        }
    }

    /// Keeps a new draw.
    pub async fn create_draw(&mut self, draw: &DrawList) -> Result<()> {
        let (id, version) = (draw.id, 0_i64);
        let state = self.seal(&LOTS, &row![id, version], json(draw)?)?;
        let values = args![id, version, draw.sheet.id, draw.region, state];
        self.execute(INSERT_DRAW, values).await?;
        Ok(())
    }

    /// A draw and the version to save it under.
    pub async fn draw(&mut self, id: DrawId) -> Result<Loaded<DrawList>> {
        self.load(SELECT_DRAW, &LOTS, id.0, "抽查").await
    }

    /// Keeps what the events made of a draw loaded at `version`.
    pub async fn save_draw(
        &mut self,
        version: i64,
        draw: &DrawList,
        events: &[DrawEvent],
        actor: &Actor,
        now: Now,
    ) -> Result<()> {
        let id = draw.id;
        let next = self.append(DRAW, id.0, version, events, actor, now).await?;
        let state = self.seal(&LOTS, &row![id, next], json(draw)?)?;
        self.execute_one(UPDATE_DRAW, args![id, next, state, version], "抽查")
            .await
    }

    /// Draws of a place, newest first; at most `limit`.
    pub async fn draws_in(
        &mut self,
        (from, to): (RegionCode, RegionCode),
        limit: u32,
    ) -> Result<Vec<DrawList>> {
        let rows = self.fetch_all(DRAWS, args![from, to, limit]).await?;
        rows.iter().map(|row| row.unsealed_json(&LOTS)).collect()
    }

    /// What lists ask for, and the sealed state.
    fn open_columns(&self, state: &Assessment, phase: Phase, version: i64) -> Result<Vec<Value>> {
        let id = state.opened.id;
        let confirmed = state.confirmed.as_ref();
        let on = confirmed.map(|one| Now { at: one.stamp.at }.today());
        let until = confirmed.and_then(|one| one.until);
        let open = confirmed.filter(|_| matches!(state.opened.subject, Subject::Body(_)));
        let score = open.map(|one| one.certificate.outcome.score.0);
        let grade = open.and_then(|one| i64::try_from(one.certificate.grade).ok());
        let open = state.mendings.iter().filter(|one| !Mending::closed(one));
        let mend_by = open.map(|one| one.due).min();
        let phase = json(&phase)?.trim_matches('"').to_owned();
        Ok(args![
            phase,
            on,
            until,
            score,
            grade,
            mend_by,
            self.seal(&STATE, &row![id, version], json(state)?)?
        ])
    }
}

impl AssessmentLine {
    fn read(row: &Row) -> Result<Self> {
        let body = row.maybe("body")?.map(Subject::Body);
        let person = row.maybe("person")?.map(Subject::Person);
        let nobody = || StoreError::fault("an assessment of nobody");
        let phase: String = row.get("phase")?;
        let phase = serde_json::from_value(serde_json::Value::String(phase));
        Ok(AssessmentLine {
            id: row.get("id")?,
            sheet: row.get("sheet")?,
            subject: body.or(person).ok_or_else(nobody)?,
            region: row.get("region")?,
            phase: phase.map_err(|why| StoreError::fault(why.to_string()))?,
            confirmed: row.maybe("confirmed")?,
            until: row.maybe("until")?,
            score: row.maybe::<i64>("score")?.map(Points),
            grade: row.maybe("grade")?,
            mend_by: row.maybe("mend_by")?,
        })
    }
}
