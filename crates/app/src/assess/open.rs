//! 「开始评估」 Of a person, by number and name as on the card; of a body that is kept;
//! again, after an appeal, by other people.

use super::{Room, pinned, state_of, wrong};
use crate::{App, Context, Result};
use engine_access::{Action, RecordState};
use engine_assessment::{
    About, Assessment, Command, Event, Given, Known, Opened, Points, Sheet, Stamp, Subject, Take,
    decide,
};
use kernel::{AssessmentId, BodyId, DrawId, PersonId, PersonNumber, RegionCode, Slug};
use std::collections::BTreeSet;
use store::{RegisterSlice, Reply, Tx};

const NOBODY: &str = "没有查到归这里办的这位居民。请照着证件核对号码和姓名";

/// A person to be assessed.
#[derive(Clone, Debug)]
pub struct AssessPerson {
    /// By which sheet.
    pub sheet: Slug,
    /// The number on the card.
    pub number: PersonNumber,
    /// The name on it.
    pub name: String,
    /// 首次、常规、即时、复评 Why.
    pub reason: String,
}

/// A body to be assessed.
#[derive(Clone, Debug)]
pub struct AssessBody {
    /// By which sheet.
    pub sheet: Slug,
    /// Which.
    pub body: BodyId,
    /// Why.
    pub reason: String,
}

/// How it begins, beside the sheet.
pub(super) struct Beginning {
    pub(super) subject: Subject,
    pub(super) region: RegionCode,
    pub(super) reason: String,
    pub(super) reviews: Option<AssessmentId>,
    pub(super) barred: BTreeSet<PersonId>,
    pub(super) drawn: Option<(DrawId, BTreeSet<PersonId>)>,
}

impl Beginning {
    fn plain(subject: Subject, region: RegionCode, reason: &str) -> Beginning {
        Beginning {
            subject,
            region,
            reason: reason.to_owned(),
            reviews: None,
            barred: BTreeSet::new(),
            drawn: None,
        }
    }
}

impl App {
    /// 评一个人 Begins an assessment of whom a card names.
    ///
    /// # Errors
    /// Nobody of that card is served here; no such sheet; a refusal; the store's.
    pub async fn assess_person(
        &self,
        ctx: &Context,
        asked: AssessPerson,
    ) -> Result<Reply<AssessmentId>> {
        let body = (asked.number.reveal(), &asked.name, &asked.sheet);
        let key = ctx.key("assessment.open", &body)?;
        let room = self.room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.open_person(tx, &asked).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 评一家单位
    ///
    /// # Errors
    /// No such sheet or body; a refusal; the store's.
    pub async fn assess_body(
        &self,
        ctx: &Context,
        asked: AssessBody,
    ) -> Result<Reply<AssessmentId>> {
        let key = ctx.key("assessment.open", &(asked.body, &asked.sheet))?;
        let room = self.room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| {
                let body = tx.body(asked.body).await?;
                let sheet = room.sheet_now(&asked.sheet)?;
                if !matches!(&sheet.about, About::Body { kind, .. } if *kind == body.kind) {
                    return Err(wrong("这张表评的不是这种单位"));
                }
                let subject = Subject::Body(body.id);
                let whom = room.whom(tx, subject).await?;
                let at = (body.region, &whom, RecordState::None);
                room.may(tx, Action::Assess, at).await?;
                let begin = Beginning::plain(subject, body.region, &asked.reason);
                room.begin(tx, sheet, begin).await
            };
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 复评 Answers an appeal: a new assessment by other people.
    ///
    /// # Errors
    /// No appeal is open; a refusal; the store's.
    pub async fn look_again(&self, ctx: &Context, id: AssessmentId) -> Result<Reply<AssessmentId>> {
        let key = ctx.key("assessment.look_again", &id)?;
        let room = self.room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.look_again(tx, id).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }
}

impl Room {
    fn sheet_now(&self, id: &Slug) -> Result<&Sheet> {
        let sheet = self.app.law.pack.sheet(id.as_str());
        sheet.ok_or_else(|| wrong("请选一张评估表"))
    }

    async fn open_person(&self, tx: &mut Tx, asked: &AssessPerson) -> Result<AssessmentId> {
        let sheet = self.sheet_now(&asked.sheet)?;
        if sheet.about != About::Person {
            return Err(wrong("这张表不是评人的"));
        }
        let found = self.named(tx, asked).await?;
        // That a card was typed is on record, found or not.
        let (person, region) = found.ok_or_else(|| wrong(NOBODY))?;
        let subject = Subject::Person(person);
        let whom = self.whom(tx, subject).await?;
        let at = (region, &whom, RecordState::None);
        self.may(tx, Action::Assess, at).await?;
        let begin = Beginning::plain(subject, region, &asked.reason);
        self.begin(tx, sheet, begin).await
    }

    /// Number and name must both be theirs.
    async fn named(
        &self,
        tx: &mut Tx,
        asked: &AssessPerson,
    ) -> Result<Option<(PersonId, RegionCode)>> {
        for person in tx.people_with(asked.number).await? {
            if crate::worklist::name_in(tx, person).await? != asked.name.trim() {
                continue;
            }
            for household in tx.households_with(person).await? {
                let slice = RegisterSlice {
                    households: [household].into(),
                    ..RegisterSlice::default()
                };
                let register = tx.register(&slice).await?.state;
                let home = register.households.get(&household);
                let today = self.now.today();
                let lives = home.filter(|one| one.members_on(today).any(|m| m.person == person));
                if let Some(region) = lives.and_then(|one| one.region_on(today)) {
                    return Ok(Some((person, region)));
                }
            }
        }
        Ok(None)
    }

    /// Opens, keeps and records.
    pub(super) async fn begin(
        &self,
        tx: &mut Tx,
        sheet: &Sheet,
        begin: Beginning,
    ) -> Result<AssessmentId> {
        let id = AssessmentId(tx.next_id("assessment").await?);
        let given = self.given(tx, sheet, begin.subject).await?;
        let (draw, drawn) = match begin.drawn {
            Some((draw, people)) => (Some(draw), people),
            None => (None, BTreeSet::new()),
        };
        let opened = Opened {
            id,
            sheet: pinned(&self.app.law.pack, sheet),
            subject: begin.subject,
            region: begin.region,
            reason: begin.reason,
            reviews: begin.reviews,
            barred: begin.barred,
            drawn,
            given,
            stamp: Stamp {
                by: self.ctx.actor.clone(),
                at: self.now.at,
            },
        };
        let state = Assessment::new(opened.clone());
        let command = Command::Open(Box::new(opened));
        let known = Known::default();
        let events = decide(None, command, &self.ctx.actor, &known, sheet, self.now);
        let events = events.map_err(crate::AppError::refused)?;
        let kept = (&state, state.phase(sheet), draw);
        tx.create_assessment(kept, &events, &self.ctx.actor, self.now)
            .await?;
        self.on_record(tx, "assessment.open", id, &events).await?;
        Ok(id)
    }

    pub(super) async fn on_record(
        &self,
        tx: &mut Tx,
        action: &str,
        id: AssessmentId,
        events: &[Event],
    ) -> Result<()> {
        let subject = format!("assessment:{id}");
        self.ctx
            .record(tx, action, &subject, &events, self.now)
            .await
    }

    /// The means of earlier scores the sheet asks for; none is not zero.
    async fn given(&self, tx: &mut Tx, sheet: &Sheet, subject: Subject) -> Result<Given> {
        let mut given = Given::new();
        for measure in &sheet.measures {
            let Take::Earlier {
                sheet: of, months, ..
            } = &measure.take
            else {
                continue;
            };
            let today = self.now.today();
            let back = i32::try_from(*months).map_err(|_| wrong("月数太大"))?;
            let from = kernel::months_after(today, -back).unwrap_or(today);
            let scores = match subject {
                Subject::Body(body) => tx.scores_of(body, of, (from, today)).await?,
                Subject::Person(_) => Vec::new(),
            };
            let scores: Vec<Points> = scores.iter().filter_map(|one| one.score).collect();
            let mean = Points::mean(&scores).ok_or_else(|| {
                wrong(format!(
                    "{months} 个月里还没有“{}”，先评那一张",
                    measure.name
                ))
            })?;
            given.insert(measure.id.clone(), mean);
        }
        Ok(given)
    }

    async fn look_again(&self, tx: &mut Tx, id: AssessmentId) -> Result<AssessmentId> {
        let first = tx.assessment(id).await?;
        let sheet = self.sheet(&first.state.opened.sheet)?;
        let whom = self.whom(tx, first.state.opened.subject).await?;
        let at = (
            first.state.opened.region,
            &whom,
            state_of(&first.state, sheet),
        );
        self.may(tx, Action::ConfirmGrade, at).await?;
        let begin = Beginning {
            reviews: Some(id),
            barred: first.state.assessors(),
            ..Beginning::plain(
                first.state.opened.subject,
                first.state.opened.region,
                "复评：对上次的结果提出了申诉",
            )
        };
        let sheet = self.sheet_now(&first.state.opened.sheet.id)?;
        let again = self.begin(tx, sheet, begin).await?;
        self.step(tx, id, Command::LookAgain { again }).await?;
        Ok(again)
    }
}
