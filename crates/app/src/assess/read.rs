//! 「看评估」 Lists of a place, one assessment with all it rests on, a resident's own,
//! the ranking of bodies. Each reading is on record.

use super::page::AssessmentPage;
use super::{Room, state_of};
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record};
use engine_assessment::{About, Phase, Place, Subject, rank};
use kernel::{AssessmentId, Date, FieldLevel, RegionCode, Slug};
use std::collections::{BTreeMap, BTreeSet};
use store::{AssessmentLine, Tx};

/// The longest list.
const LINES_MAX: u32 = 500;
/// The most assessments a ranking looks through.
const RANKED_MAX: u32 = 20_000;

/// A sheet that can be used.
#[derive(Clone, Debug)]
pub struct SheetLine {
    /// Which.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Of which kind of body; `None`: of people.
    pub body: Option<(Slug, String)>,
    /// How many questions.
    pub questions: usize,
    /// Whether it says how to draw.
    pub draws: bool,
    /// What it rests on, where no law or standard: `演示值`.
    pub caution: Option<&'static str>,
}

/// An assessment in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Which.
    pub id: AssessmentId,
    /// The sheet's name.
    pub sheet: String,
    /// Of whom.
    pub whose: String,
    /// Where.
    pub place: String,
    /// Where it stands.
    pub phase: Phase,
    /// When it was confirmed.
    pub confirmed: Option<Date>,
    /// The last day it counts.
    pub until: Option<Date>,
    /// The nearest day something must be mended by.
    pub mend_by: Option<Date>,
}

impl Listed {
    /// How it is lit.
    pub fn light(&self, today: &Date) -> &'static str {
        let today = *today;
        let late = self.mend_by.is_some_and(|due| due < today);
        match self.phase {
            _ if late => "stop",
            Phase::Disputed | Phase::Appealed => "warn",
            Phase::Filling | Phase::Graded => "info",
            Phase::InForce if self.until.is_some_and(|until| until < today) => "warn",
            Phase::InForce => "ok",
            Phase::Replaced => "half",
        }
    }

    /// Where it stands, in words.
    pub fn says(&self, today: &Date) -> &'static str {
        let today = *today;
        match (self.phase, self.until, self.mend_by) {
            (_, _, Some(due)) if due < today => "整改逾期",
            (_, _, Some(_)) => "整改中",
            (Phase::InForce, Some(until), _) if until < today => "到期，要重评",
            (phase, _, _) => phase.label(),
        }
    }
}

/// A body in a ranking.
#[derive(Clone, Debug)]
pub struct RankLine {
    /// The assessment behind it.
    pub id: AssessmentId,
    /// Its name.
    pub name: String,
    /// Where.
    pub place: String,
    /// Its grade.
    pub grade: String,
    /// When it was confirmed.
    pub confirmed: Option<Date>,
}

impl App {
    /// 评估表 Every sheet of the law in force.
    pub fn sheets(&self) -> Vec<SheetLine> {
        let all = self.law.pack.sheets().iter().map(|entry| &entry.sheet);
        all.map(|sheet| SheetLine {
            id: sheet.id.clone(),
            name: sheet.name.clone(),
            version: sheet.version.clone(),
            body: match &sheet.about {
                About::Person => None,
                About::Body { kind, name } => Some((kind.clone(), name.clone())),
            },
            questions: sheet.questions.len(),
            draws: sheet.draw.is_some(),
            caution: (!sheet.provenance.is_founded()).then(|| sheet.provenance.label()),
        })
        .collect()
    }

    /// 评估清单 Assessments of a place, newest first: names and where they stand.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn assessments(&self, ctx: &Context, region: RegionCode) -> Result<Vec<Listed>> {
        let room = self.room(ctx);
        self.db
            .look(async move |tx| {
                room.may_list(tx, region).await?;
                let lines = tx.assessments_in(region.span(), LINES_MAX).await?;
                let subject = format!("region:{region}");
                let (ctx, now) = (&room.ctx, room.now);
                ctx.record(tx, "assessment.list", &subject, &lines.len(), now)
                    .await?;
                let mut all = Vec::new();
                for line in lines {
                    all.push(room.listed(tx, line).await?);
                }
                Ok(all)
            })
            .await
    }

    /// 排名 Bodies of a place by the newest score of a sheet, highest first.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn ranking(
        &self,
        ctx: &Context,
        region: RegionCode,
        sheet: &Slug,
    ) -> Result<Vec<Place<RankLine>>> {
        let (room, sheet) = (self.room(ctx), sheet.clone());
        self.db
            .look(async move |tx| {
                room.may_list(tx, region).await?;
                let lines = tx.assessments_in(region.span(), RANKED_MAX).await?;
                let subject = format!("region:{region}");
                let (ctx, now) = (&room.ctx, room.now);
                ctx.record(tx, "assessment.ranking", &subject, &sheet, now)
                    .await?;
                let mut seen = BTreeSet::new();
                let mut scores = Vec::new();
                // Newest first: the first confirmed of each body counts.
                for line in lines.into_iter().filter(|one| one.sheet == sheet) {
                    let (Some(score), false) = (line.score, line.phase == Phase::Replaced) else {
                        continue;
                    };
                    if seen.insert(line.subject) {
                        scores.push((room.ranked(tx, line).await?, score));
                    }
                }
                Ok(rank(scores))
            })
            .await
    }

    /// 一次评估 With all it rests on.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn assessment_page(&self, ctx: &Context, id: AssessmentId) -> Result<AssessmentPage> {
        let room = self.room(ctx);
        self.db.look(async move |tx| room.page(tx, id).await).await
    }

    /// 我的评估 A resident's own, those in force or asked to be looked at again.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn own_assessments(&self, ctx: &Context) -> Result<Vec<AssessmentPage>> {
        let room = self.room(ctx);
        self.db
            .look(async move |tx| {
                let me = room.ctx.actor.person;
                let me = me.ok_or_else(|| AppError::refused(engine_access::Refusal::NotAPerson))?;
                let mut all = Vec::new();
                for line in tx.assessments_of(me).await? {
                    if line.confirmed.is_some() {
                        all.push(room.page(tx, line.id).await?);
                    }
                }
                Ok(all)
            })
            .await
    }
}

impl Room {
    pub(super) async fn may_list(&self, tx: &mut Tx, region: RegionCode) -> Result<()> {
        let record = Record::of_place(region, FieldLevel::L1);
        let may = self
            .ctx
            .authorise(tx, Action::ReadWork, record, &[], self.now);
        may.await.map(drop)
    }

    async fn whose(&self, tx: &mut Tx, subject: Subject) -> Result<String> {
        match subject {
            Subject::Person(person) => crate::worklist::name_in(tx, person).await,
            Subject::Body(body) => Ok(tx.body(body).await?.name),
        }
    }

    pub(super) async fn listed(&self, tx: &mut Tx, line: AssessmentLine) -> Result<Listed> {
        let sheet = self.app.law.pack.sheet(line.sheet.as_str());
        Ok(Listed {
            id: line.id,
            sheet: sheet.map_or_else(|| line.sheet.to_string(), |one| one.name.clone()),
            whose: self.whose(tx, line.subject).await?,
            place: self.app.place(line.region),
            phase: line.phase,
            confirmed: line.confirmed,
            until: line.until,
            mend_by: line.mend_by,
        })
    }

    async fn ranked(&self, tx: &mut Tx, line: AssessmentLine) -> Result<RankLine> {
        // The name of the grade as the assessment itself has it.
        let state = tx.assessment(line.id).await?.state;
        let confirmed = state.confirmed.map(|one| one.certificate.band.1);
        Ok(RankLine {
            id: line.id,
            name: self.whose(tx, line.subject).await?,
            place: self.app.place(line.region),
            grade: confirmed.unwrap_or_default(),
            confirmed: line.confirmed,
        })
    }

    async fn page(&self, tx: &mut Tx, id: AssessmentId) -> Result<AssessmentPage> {
        let state = tx.assessment(id).await?.state;
        let sheet = self.sheet(&state.opened.sheet)?.clone();
        let whom = self.whom(tx, state.opened.subject).await?;
        let at = (state.opened.region, &whom, state_of(&state, &sheet));
        self.may(tx, Action::ReadAssessment, at).await?;
        let (ctx, now) = (&self.ctx, self.now);
        ctx.record(tx, "assessment.read", &format!("assessment:{id}"), &(), now)
            .await?;
        let mut people = state.assessors();
        people.extend(&state.opened.drawn);
        let confirmed = state.confirmed.as_ref();
        people.extend(confirmed.and_then(|one| one.stamp.by.person));
        people.extend(
            state
                .overriding
                .as_ref()
                .and_then(|one| one.stamp.by.person),
        );
        let mut names = BTreeMap::new();
        for person in people {
            names.insert(person, crate::worklist::name_in(tx, person).await?);
        }
        Ok(AssessmentPage {
            place: self.app.place(state.opened.region),
            whose: whom.name,
            me: self.ctx.actor.person,
            today: self.now.today(),
            sheet,
            state,
            names,
        })
    }
}
