//! 「看评估」 Lists of a place, one assessment with all it rests on, a resident's own,
//! the ranking of bodies. Each reading is on record.

use super::{Room, state_of};
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record, RecordState};
use engine_assessment::{
    About, Assessment, Outcome, Phase, Place, Points, Sheet, Subject, asked, rank,
};
use kernel::{AssessmentId, Date, FieldLevel, PersonId, RegionCode, Slug};
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

/// An assessment as a page shows it.
#[derive(Clone, Debug)]
pub struct AssessmentPage {
    /// The sheet it began with.
    pub sheet: Sheet,
    /// All there is.
    pub state: Assessment,
    /// Of whom.
    pub whose: String,
    /// Where.
    pub place: String,
    /// Names of those who assessed and signed.
    pub names: BTreeMap<PersonId, String>,
    /// Who looks.
    pub me: Option<PersonId>,
    /// The day it is looked at.
    pub today: Date,
}

/// An answer with its meaning.
#[derive(Clone, Debug)]
pub struct AnswerLine {
    /// The question.
    pub asks: String,
    /// The points.
    pub value: i64,
    /// What they mean.
    pub says: String,
    /// What was seen.
    pub evidence: String,
}

/// An adjustment that was applied, in words.
#[derive(Clone, Debug)]
pub struct AppliedLine {
    /// Why.
    pub says: String,
    /// The article.
    pub basis: String,
    /// The grade before.
    pub from: String,
    /// The grade after.
    pub to: String,
}

/// Something to be mended, in words.
#[derive(Clone, Debug)]
pub struct MendingLine {
    /// Of which question.
    pub question: Slug,
    /// The question.
    pub asks: String,
    /// What was found.
    pub found: String,
    /// The last day.
    pub due: Date,
    /// Where it stands.
    pub says: &'static str,
    /// How it is lit.
    pub light: &'static str,
    /// What was done, or why it was sent back.
    pub words: String,
    /// Whether an answer waits to be looked at.
    pub answered: bool,
    /// Whether it is closed.
    pub closed: bool,
}

impl AssessmentPage {
    /// Where it stands.
    pub fn phase(&self) -> Phase {
        self.state.phase(&self.sheet)
    }

    /// A person's name, a stand-in for one that is not known.
    pub fn name(&self, person: &Option<PersonId>) -> &str {
        let known = person.as_ref().and_then(|one| self.names.get(one));
        known
            .filter(|name| !name.is_empty())
            .map_or("工作人员", String::as_str)
    }

    /// Who was drawn to go.
    pub fn drawn(&self) -> Vec<&str> {
        let drawn = self.state.opened.drawn.iter();
        drawn.map(|one| self.name(&Some(*one))).collect()
    }

    /// What is counted: of the certificate, or so far.
    pub fn outcome(&self) -> Option<Outcome> {
        let confirmed = self.state.confirmed.as_ref();
        let kept = confirmed.map(|one| one.certificate.outcome.clone());
        kept.or_else(|| self.state.outcome(&self.sheet))
    }

    /// A grade's name.
    pub fn band(&self, at: &usize) -> &str {
        self.sheet.band(*at).map_or("", |band| band.name.as_str())
    }

    /// Every measure with its points.
    pub fn measures(&self) -> Vec<(String, Points)> {
        let outcome = self.outcome();
        let all = outcome.into_iter().flat_map(|one| one.measures);
        let named = all.filter_map(|(id, points)| {
            let measure = self.sheet.measure(id.as_str())?;
            Some((measure.name.clone(), points))
        });
        named.collect()
    }

    /// What moved the grade.
    pub fn applied(&self) -> Vec<AppliedLine> {
        let outcome = self.outcome();
        let all = outcome.into_iter().flat_map(|one| one.applied);
        all.filter_map(|one| {
            let rule = self.sheet.adjusts.iter().find(|rule| rule.id == one.id)?;
            Some(AppliedLine {
                says: rule.says.clone(),
                basis: rule.basis.clone(),
                from: self.band(&one.from).to_owned(),
                to: self.band(&one.to).to_owned(),
            })
        })
        .collect()
    }

    /// The answers that count, section by section.
    pub fn answers(&self) -> Vec<(String, Vec<AnswerLine>)> {
        let confirmed = self.state.confirmed.as_ref();
        let kept = confirmed.and_then(|one| one.certificate.answers.first());
        let answers = match kept {
            Some((_, answers)) => answers.clone(),
            None => self.state.settled(&self.sheet).unwrap_or_default(),
        };
        let sections = self.sheet.sections.iter().map(|section| {
            let inside = self.sheet.questions.iter();
            let inside = inside.filter(|one| one.section == section.id);
            let lines = inside.filter_map(|question| {
                let answer = answers.get(&question.id)?;
                Some(AnswerLine {
                    asks: question.asks.clone(),
                    value: answer.value,
                    says: question.value.says(answer.value),
                    evidence: answer.evidence.clone(),
                })
            });
            (section.name.clone(), lines.collect())
        });
        sections.collect()
    }

    /// What must be mended.
    pub fn mendings(&self) -> Vec<MendingLine> {
        use engine_assessment::MendingState as S;
        let all = self.state.mendings.iter();
        all.map(|one| {
            let question = self.sheet.question(one.question.as_str());
            MendingLine {
                question: one.question.clone(),
                asks: question.map_or(String::new(), |q| q.asks.clone()),
                found: one.found.clone(),
                due: one.due,
                says: one.label(self.today),
                light: match &one.state {
                    S::Closed { .. } => "ok",
                    _ if one.overdue(self.today) => "stop",
                    S::Answered { .. } => "info",
                    _ => "warn",
                },
                words: match &one.state {
                    S::Open => String::new(),
                    S::Answered { proof, .. } | S::Closed { proof, .. } => proof.clone(),
                    S::SentBack { reason, .. } => reason.clone(),
                },
                answered: matches!(one.state, S::Answered { .. }),
                closed: one.closed(),
            }
        })
        .collect()
    }

    /// What the reader wrote.
    pub fn mine(&self) -> Option<&engine_assessment::Fill> {
        let me = self.me?;
        self.state
            .fills
            .iter()
            .find(|one| one.by.person == Some(me))
    }

    /// Whether the reader would be the third, who answers only what is disputed.
    pub fn third(&self) -> bool {
        let first = self.state.first(&self.sheet);
        let among = first.iter().any(|one| one.by.person == self.me);
        !among && first.len() >= usize::from(self.sheet.assessors)
    }

    /// The questions in which the first ones differ.
    pub fn disputed(&self) -> BTreeSet<Slug> {
        let first = Assessment {
            fills: self.state.first(&self.sheet).to_vec(),
            ..self.state.clone()
        };
        first.disputed(&self.sheet).into_iter().collect()
    }

    /// Whether a question is surely not asked, by what the reader answered so far.
    pub fn skipped(&self, question: &engine_assessment::Question) -> bool {
        let answers = self.mine().map(|one| one.answers.clone());
        asked(&self.sheet, question, &answers.unwrap_or_default()) == Some(false)
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
        let record = Record {
            region: Some(region),
            subjects: Vec::new(),
            state: RecordState::None,
            level: FieldLevel::L1,
        };
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
