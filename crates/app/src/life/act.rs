//! 「登记、确认、撤回」 authorise → find what follows → decide → do → save, in one transaction:
//! an event and what it does elsewhere are kept together or not at all.

use super::{Room, itself, once};
use crate::worklist::name_in;
use crate::{App, AppError, Context, Result};
use engine_access::RecordState;
use engine_registry::{
    Config, LifeBegun, LifeChange, LifeCommand, LifeEvent, LifeKind, StepState, Writes, begin,
    decide_life,
};
use kernel::{Date, HouseholdId, LifeEventId, PersonId, PersonNumber, RegionCode, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{RegisterSlice, Reply, Tx};

const NOBODY: &str = "没有查到归这里管的这个人。请照着证件核对号码和姓名";

/// An event to be registered.
#[derive(Clone, Debug)]
pub struct NewLife {
    /// Which kind.
    pub kind: Slug,
    /// The number on the card.
    pub number: PersonNumber,
    /// The name on it.
    pub name: String,
    /// The other of two.
    pub other: Option<(PersonNumber, String)>,
    /// The day.
    pub day: Date,
    /// Where it was read.
    pub source: String,
    /// Of a birth.
    pub birth: Birth,
}

/// What a birth says of the child.
#[derive(Clone, Debug, Default)]
pub struct Birth {
    /// Its number and name, once the police gave them.
    pub child: Option<(PersonNumber, String)>,
    /// Which of several born that day; none said: the first.
    pub nth: u32,
}

/// What a person does about an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "act")]
pub enum LifeAct {
    /// 办、确认
    Do {
        /// Which step.
        no: u32,
        /// What came of it, of a step done by hand.
        says: String,
    },
    /// 孩子写进底册 The number and name the police gave it.
    WriteChild {
        /// Which step.
        no: u32,
        /// The number.
        number: PersonNumber,
        /// The name.
        name: String,
    },
    /// 不办
    Decline {
        /// Which step.
        no: u32,
        /// Why.
        reason: String,
    },
    /// 登记错了，撤回
    Undo {
        /// Why.
        reason: String,
    },
    /// 已办回
    ActBack {
        /// Which step.
        no: u32,
        /// What was done.
        says: String,
    },
}

/// Who else an event is about.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    /// The other of two.
    pub(super) other: Option<PersonId>,
    /// A child the register has by this very event already.
    pub(super) child: Option<PersonId>,
    /// Which child of the day.
    pub(super) nth: u32,
}

/// Who it is about, and where they live.
pub(super) struct Whom {
    pub(super) person: PersonId,
    pub(super) household: Option<HouseholdId>,
    pub(super) region: RegionCode,
}

impl App {
    /// 登记 Registers an event; what needs nobody's word is done at once.
    ///
    /// # Errors
    /// Nobody of that card here; a refusal of access or of the event; the store's.
    pub async fn begin_life(&self, ctx: &Context, new: NewLife) -> Result<Reply<LifeEventId>> {
        let child = new.birth.child.as_ref().map(|(number, _)| number.reveal());
        let who = (new.number.reveal(), &new.name, child, new.birth.nth);
        let body = (&new.kind, who, new.day);
        let key = ctx.key("life.begin", &body)?;
        let room = self.life_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.asked(tx, &new).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 部门告诉的去世 Begins what follows for people a delivery said are dead. How many.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn begin_told_deaths(
        &self,
        people: &BTreeSet<PersonId>,
        source: &str,
    ) -> Result<usize> {
        let mut kinds = self.life_kinds().iter();
        let Some(kind) = kinds.find(|one| one.writes == Writes::Died) else {
            return Ok(0);
        };
        let mut begun = 0;
        for person in people {
            let room = self.life_room(&itself("life.told"));
            let (id, person) = (kind.id.clone(), *person);
            let source = format!("部门数据：{source}");
            let write = async move |tx: &mut Tx| room.told(tx, &id, person, &source).await;
            begun += usize::from(self.db.write(write).await?);
        }
        Ok(begun)
    }

    /// 确认、不办、撤回、已办回 How many steps are open then.
    ///
    /// # Errors
    /// A refusal of access, of the event or of what a step does; the store's.
    pub async fn on_life(
        &self,
        ctx: &Context,
        id: LifeEventId,
        act: LifeAct,
    ) -> Result<Reply<usize>> {
        let key = ctx.key("life.act", &(id, &act))?;
        let room = self.life_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.act(tx, id, &act).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }
}

impl Room {
    async fn asked(&self, tx: &mut Tx, new: &NewLife) -> Result<LifeEventId> {
        let kind = self.app.life_kind(&new.kind)?;
        let nobody = || AppError::BadInput(NOBODY.to_owned());
        let whom = self.named(tx, new.number, &new.name).await?;
        let whom = whom.ok_or_else(nobody)?;
        let other = match &new.other {
            Some((number, name)) => Some(self.named(tx, *number, name).await?.ok_or_else(nobody)?),
            None => None,
        };
        self.may(tx, whom.region, Some(whom.person), RecordState::None)
            .await?;
        let about = About {
            other: other.map(|one| one.person),
            child: None,
            nth: new.birth.nth,
        };
        let told = (new.day, new.source.clone());
        let id = self.begin(tx, kind, whom, about, told).await?;
        match (&new.birth.child, kind.writes) {
            (Some((number, name)), Writes::Born) => {
                let event = tx.life(id).await?.state;
                let step = self.child_step(&event);
                let no = step.map_or(1, |one| one.no);
                self.write_child(tx, &event, no, (*number, name)).await?;
                Ok(id)
            }
            _ => Ok(id),
        }
    }

    /// A death the register was told of, if none is registered for the person.
    async fn told(&self, tx: &mut Tx, kind: &Slug, person: PersonId, source: &str) -> Result<bool> {
        let kind = self.app.life_kind(kind)?;
        let slice = RegisterSlice {
            people: [person].into(),
            ..RegisterSlice::default()
        };
        let register = tx.register(&slice).await?.state;
        let died = register.people.get(&person);
        let died = died.and_then(|one| one.died(&Config::default()));
        let (Some(day), Some(whom)) = (died, self.whom(tx, person).await?) else {
            return Ok(false);
        };
        if tx
            .life_stands(&kind.id, person, &once(kind, day, 1))
            .await?
        {
            return Ok(false);
        }
        let told = (day, source.to_owned());
        let about = About::default();
        self.begin(tx, kind, whom, about, told).await.map(|_| true)
    }

    /// Whoever has this number and name, where they live; of the dead, where they lived.
    async fn named(&self, tx: &mut Tx, number: PersonNumber, name: &str) -> Result<Option<Whom>> {
        for person in tx.people_with(number).await? {
            if name_in(tx, person).await? == name.trim() {
                return self.whom(tx, person).await;
            }
        }
        Ok(None)
    }

    pub(super) async fn whom(&self, tx: &mut Tx, person: PersonId) -> Result<Option<Whom>> {
        let today = self.now.today();
        let slice = RegisterSlice {
            people: [person].into(),
            with_households: true,
            ..RegisterSlice::default()
        };
        let register = tx.register(&slice).await?.state;
        let of = |home: &&engine_registry::Household| {
            let mut all = home.memberships.iter();
            all.any(|one| one.person == person)
        };
        let homes = register.households.values().filter(of);
        let lives = |home: &&engine_registry::Household| {
            home.members_on(today).any(|one| one.person == person)
        };
        let home = homes.max_by_key(|home| (lives(home), home.id));
        let whom = home.and_then(|home| {
            Some(Whom {
                person,
                household: Some(home.id),
                region: home.region_on(today)?,
            })
        });
        Ok(whom)
    }

    /// Begins an event: what follows is found now and listed; the house does its part.
    pub(super) async fn begin(
        &self,
        tx: &mut Tx,
        kind: &LifeKind,
        whom: Whom,
        about: About,
        (day, source): (Date, String),
    ) -> Result<LifeEventId> {
        let word = once(kind, day, about.nth);
        let known = tx.life_stands(&kind.id, whom.person, &word).await?;
        let id = LifeEventId(tx.next_id("life_event").await?);
        let begun = LifeBegun {
            id,
            kind: kind.id.clone(),
            pack: self.app.law.pack.hash().to_owned(),
            person: whom.person,
            other: about.other,
            household: whom.household,
            region: whom.region,
            day,
            source,
            by: self.ctx.actor.clone(),
            at: self.now.at,
        };
        let steps = self.steps(tx, kind, &whom, (day, about.child)).await?;
        let changes = begin(begun, steps, kind.two, known, self.now).map_err(AppError::refused)?;
        let broken = || AppError::Fault("a life event without a beginning".to_owned());
        let event = LifeEvent::of(&changes).ok_or_else(broken)?;
        let (by, now) = (&self.ctx.actor, self.now);
        tx.create_life(&event, &word, &changes, by, now).await?;
        self.on_record(tx, "life.begin", id, &changes).await?;
        let house = self.itself();
        for step in &event.steps {
            if step.step.confirm {
                if let Some(says) = house.proposal(tx, &event, step).await? {
                    let no = step.no;
                    house
                        .step(tx, id, LifeCommand::Propose { no, says })
                        .await?;
                }
                continue;
            }
            let (says, mark) = house.perform(tx, &event, step, "").await?;
            let no = step.no;
            let done = LifeCommand::Do { no, says, mark };
            house.step(tx, id, done).await?;
        }
        Ok(id)
    }

    async fn act(&self, tx: &mut Tx, id: LifeEventId, act: &LifeAct) -> Result<usize> {
        let event = tx.life(id).await?.state;
        let begun = &event.begun;
        self.may(tx, begun.region, Some(begun.person), RecordState::Open)
            .await?;
        let event = match act {
            LifeAct::Do { no, says } => {
                let step = event.step(*no).map_err(AppError::refused)?;
                if step.state != StepState::Waiting {
                    let waits = engine_registry::LifeRefusal::NotWaiting;
                    return Err(AppError::refused(waits));
                }
                let (says, mark) = self.perform(tx, &event, step, says).await?;
                let no = *no;
                self.step(tx, id, LifeCommand::Do { no, says, mark })
                    .await?
            }
            LifeAct::WriteChild { no, number, name } => {
                self.write_child(tx, &event, *no, (*number, name)).await?
            }
            LifeAct::Decline { no, reason } => {
                let (no, reason) = (*no, reason.clone());
                let decline = LifeCommand::Decline { no, reason };
                self.step(tx, id, decline).await?
            }
            LifeAct::Undo { reason } => {
                let reason = reason.clone();
                let event = self.step(tx, id, LifeCommand::Undo { reason }).await?;
                self.take_back(tx, event).await?
            }
            LifeAct::ActBack { no, says } => {
                let (no, says) = (*no, says.clone());
                self.step(tx, id, LifeCommand::ActBack { no, says }).await?
            }
        };
        Ok(event.open().count())
    }

    /// Decides and keeps; whether it may be asked was looked at before.
    pub(super) async fn step(
        &self,
        tx: &mut Tx,
        id: LifeEventId,
        command: LifeCommand,
    ) -> Result<LifeEvent> {
        let loaded = tx.life(id).await?;
        let mut event = loaded.state;
        let (by, now) = (&self.ctx.actor, self.now);
        let changes = decide_life(&event, command, by, now).map_err(AppError::refused)?;
        changes.iter().for_each(|change| event.apply(change));
        tx.save_life(loaded.version, &event, &changes, by, now)
            .await?;
        self.on_record(tx, "life.act", id, &changes).await?;
        Ok(event)
    }

    async fn on_record(
        &self,
        tx: &mut Tx,
        says: &str,
        id: LifeEventId,
        changes: &[LifeChange],
    ) -> Result<()> {
        let subject = format!("life:{id}");
        self.ctx
            .record(tx, says, &subject, &changes, self.now)
            .await
    }
}
