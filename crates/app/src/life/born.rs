//! 「孩子写进底册」 A birth is registered with its mother; the child is written once it has a
//! name and a number, by a person or by a department's delivery, and joins the mother's
//! household. Then what the household gets is looked at again. Taken back: the child leaves
//! the household as if it had never joined, and every fact about it is struck out with the
//! reason; its number is free again.

use super::Room;
use super::act::About;
use crate::import::Unborn;
use crate::import::attempt::Attempt;
use crate::import::child::{Child, child_joins};
use crate::{App, AppError, Result};
use engine_payment::Beneficiary;
use engine_registry::{
    Command, Config, Does, LifeCommand, LifeEvent, LifeKind, LifeStep, Origin, Refusal, StepState,
    Writes,
};
use kernel::{PersonId, PersonName, PersonNumber, Slug};
use std::collections::BTreeSet;
use store::{RegisterSlice, Tx};

/// Before the household can be looked at again.
pub(super) const CHILD_FIRST: &str = "请先写孩子的姓名和证件号码，写进底册";

/// The number is somebody else's.
const TAKEN: &str = "这个号码的人已经在底册上，不是那天生在妈妈这一户的。请先核对";

/// What is said of a mother without a household here.
const NO_HOME: &str = "底册里没有妈妈住的家庭。请先核对家庭";

impl App {
    /// 部门告诉的出生 Begins what follows for children a delivery brought. How many.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn begin_told_births(
        &self,
        born: &BTreeSet<(PersonId, PersonId)>,
        source: &str,
    ) -> Result<usize> {
        let mut kinds = self.life_kinds().iter();
        let Some(kind) = kinds.find(|one| one.writes == Writes::Born) else {
            return Ok(0);
        };
        let mut begun = 0;
        for (mother, child) in born {
            let room = self.life_room(&super::itself("life.told"));
            let (id, both) = (kind.id.clone(), (*mother, *child));
            let source = format!("部门数据：{source}");
            let write = async move |tx: &mut Tx| room.told_birth(tx, &id, both, &source).await;
            begun += usize::from(self.db.write(write).await?);
        }
        Ok(begun)
    }
}

impl App {
    /// 证明作废 Takes back births whose certificates were withdrawn, as far as the house did
    /// what followed; of the others a person is asked. How many were taken back.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn revoke_told_births(&self, all: &[Unborn], source: &str) -> Result<usize> {
        let mut kinds = self.life_kinds().iter();
        let Some(kind) = kinds.find(|one| one.writes == Writes::Born) else {
            return Ok(0);
        };
        let mut back = 0;
        for one in all {
            let room = self.life_room(&super::itself("life.told"));
            let (id, one) = (kind.id.clone(), one.clone());
            let reason = format!("部门数据：{source}，证明作废");
            let write = async move |tx: &mut Tx| room.revoke_birth(tx, &id, &one, &reason).await;
            back += usize::from(self.db.write(write).await?);
        }
        Ok(back)
    }
}

impl Room {
    /// Takes a birth back that a delivery brought and whose certificate was withdrawn.
    async fn revoke_birth(
        &self,
        tx: &mut Tx,
        kind: &Slug,
        one: &Unborn,
        reason: &str,
    ) -> Result<bool> {
        let Some(event) = self.birth_of(tx, kind, one).await? else {
            // A child the register had from elsewhere; of one that was taken back there is
            // nothing more to ask.
            let attempt = Attempt::about(tx, one.child, self.now).await?;
            if standing(&attempt, one.child).is_empty() {
                return Ok(false);
            }
            tx.ask_of_register(&one.asks, self.now).await?;
            return Ok(false);
        };
        if event.a_person_acted() || !self.only_word(tx, one).await? {
            tx.ask_of_register(&one.asks, self.now).await?;
            return Ok(false);
        }
        let reason = reason.to_owned();
        let revoke = LifeCommand::Revoke { reason };
        let event = self.step(tx, event.begun.id, revoke).await?;
        self.take_back(tx, event).await.map(|_| true)
    }

    /// Whether all that stands about the child is what the withdrawn certificate's category
    /// said: another department that knows it, or a person, contradicts the withdrawal.
    async fn only_word(&self, tx: &mut Tx, one: &Unborn) -> Result<bool> {
        let attempt = Attempt::about(tx, one.child, self.now).await?;
        let child = attempt.register.state.people.get(&one.child);
        let mut versions = child.into_iter().flat_map(|one| one.versions.iter());
        let other = versions.any(|version| {
            let theirs = version.origin.category() == Some(&one.asks.category);
            version.retracted.is_none() && !theirs
        });
        Ok(!other)
    }

    /// The birth that wrote this child, while it stands.
    async fn birth_of(&self, tx: &mut Tx, kind: &Slug, one: &Unborn) -> Result<Option<LifeEvent>> {
        let kind = self.app.life_kind(kind)?;
        let slice = RegisterSlice {
            people: [one.child].into(),
            ..RegisterSlice::default()
        };
        let register = tx.register(&slice).await?.state;
        let born = register.people.get(&one.child);
        let Some(day) = born.and_then(|child| child.born(&Config::default())) else {
            return Ok(None);
        };
        for nth in 1.. {
            let word = super::once(kind, day, nth);
            let Some(id) = tx.life_standing(&kind.id, one.mother, &word).await? else {
                break;
            };
            let event = tx.life(id).await?.state;
            if self.written_child(&event) == Some(one.child) {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    /// A birth the register was told of. One registered at the desk that still waits for its
    /// child goes on there; a further child of the day is a further event.
    async fn told_birth(
        &self,
        tx: &mut Tx,
        kind: &Slug,
        (mother, child): (PersonId, PersonId),
        source: &str,
    ) -> Result<bool> {
        let kind: &LifeKind = self.app.life_kind(kind)?;
        let slice = RegisterSlice {
            people: [child].into(),
            ..RegisterSlice::default()
        };
        let register = tx.register(&slice).await?.state;
        let born = register.people.get(&child);
        let born = born.and_then(|one| one.born(&Config::default()));
        let (Some(day), Some(whom)) = (born, self.whom(tx, mother).await?) else {
            return Ok(false);
        };
        let mut nth = 1;
        while let Some(known) = tx
            .life_standing(&kind.id, mother, &super::once(kind, day, nth))
            .await?
        {
            let known = tx.life(known).await?.state;
            // The same word again is not a twin.
            if self.awaits_child(&known) || self.written_child(&known) == Some(child) {
                return Ok(false);
            }
            nth += 1;
        }
        let about = About {
            other: None,
            child: Some(child),
            nth,
        };
        let told = (day, source.to_owned());
        self.begin(tx, kind, whom, about, told).await.map(|_| true)
    }

    /// The step that writes the child.
    pub(super) fn child_step<'a>(&self, event: &'a LifeEvent) -> Option<&'a LifeStep> {
        let kind = self.app.life_kind(&event.begun.kind).ok()?;
        let mut steps = event.steps.iter();
        let step = steps.find(|one| one.step.does == Does::Register);
        step.filter(|_| kind.writes == Writes::Born)
    }

    /// Whether the child still has to be written by a person.
    pub(super) fn awaits_child(&self, event: &LifeEvent) -> bool {
        let step = self.child_step(event);
        step.is_some_and(|one| one.step.confirm && one.state == StepState::Waiting)
    }

    /// The child this event wrote, while it stands.
    pub(super) fn written_child(&self, event: &LifeEvent) -> Option<PersonId> {
        match self.child_step(event)?.state {
            StepState::Done { mark, .. } => mark.map(PersonId),
            _ => None,
        }
    }

    /// Writes the child, and then what the household would get.
    pub(super) async fn write_child(
        &self,
        tx: &mut Tx,
        event: &LifeEvent,
        no: u32,
        (number, name): (PersonNumber, &str),
    ) -> Result<LifeEvent> {
        let step = event.step(no).map_err(AppError::refused)?;
        if !self.awaits_child(event) || step.step.does != Does::Register {
            let waits = engine_registry::LifeRefusal::NotWaiting;
            return Err(AppError::refused(waits));
        }
        let (says, mark) = self.register_child(tx, event, (number, name)).await?;
        let id = event.begun.id;
        let done = LifeCommand::Do { no, says, mark };
        let mut event = self.step(tx, id, done).await?;
        let house = self.itself();
        for step in event.steps.clone() {
            if step.state != StepState::Waiting {
                continue;
            }
            if let Some(says) = house.proposal(tx, &event, &step).await? {
                let no = step.no;
                let propose = LifeCommand::Propose { no, says };
                event = house.step(tx, id, propose).await?;
            }
        }
        Ok(event)
    }

    /// The child in the register: written now, or there already in the same household.
    async fn register_child(
        &self,
        tx: &mut Tx,
        event: &LifeEvent,
        (number, name): (PersonNumber, &str),
    ) -> Result<(String, Option<i64>)> {
        let (begun, today) = (&event.begun, self.now.today());
        let wrong = |says: String| AppError::BadInput(says);
        let name: std::result::Result<PersonName, _> = name.trim().parse();
        let name = name.map_err(|_| wrong("请照着证件写孩子的姓名".to_owned()))?;
        let mut numbers = tx.people_with(number).await?;
        let mut people: BTreeSet<PersonId> = numbers.drain(..).collect();
        people.insert(begun.person);
        let mut attempt = Attempt::of(tx, people, self.now).await?;
        let state = &attempt.register.state;
        if let Some(known) = state.by_number(number) {
            let home = |person| state.household_of(person, today).map(|(home, _)| home.id);
            let there = home(known).is_some() && home(known) == home(begun.person);
            let person = state.people.get(&known);
            let config = Config::default();
            let same = person.is_some_and(|one| {
                one.born(&config) == Some(begun.day) && one.name(&config) == Some(&name)
            });
            return match there && same {
                true => Ok(("底册上这一户已经有这个孩子".to_owned(), None)),
                false => Err(wrong(TAKEN.to_owned())),
            };
        }
        let child = Child {
            id: PersonId(tx.next_id("person").await?),
            number,
            name,
            day: begun.day,
        };
        let origin = Origin::Declared {
            case: None,
            by: self.ctx.actor.clone(),
            as_of: begun.day,
        };
        let joins = child_joins(&mut attempt, &child, begun.person, origin, self.now);
        let relation = joins.map_err(|doubt| wrong(doubt.says))?;
        let relation = relation.ok_or_else(|| wrong(NO_HOME.to_owned()))?;
        attempt.save(tx, &self.ctx).await?;
        tx.adopt_records(number, child.id).await?;
        let says = format!("写进妈妈那一户，是户主的{}", relation.label());
        Ok((says, Some(child.id.0)))
    }

    /// Takes the child out again; `Err`: what somebody must mend.
    pub(super) async fn unwrite_child(
        &self,
        tx: &mut Tx,
        event: &LifeEvent,
        child: Option<i64>,
    ) -> Result<std::result::Result<String, String>> {
        let Some(child) = child.map(PersonId) else {
            return Ok(Ok("底册没有动过".to_owned()));
        };
        let mut attempt = Attempt::about(tx, child, self.now).await?;
        let reason = event.undone.as_ref().map(|one| one.reason.clone());
        let reason = reason.unwrap_or_default();
        let today = self.now.today();
        let lives = attempt.register.state.household_of(child, today);
        let lives = lives.map(|(home, _)| home.id);
        let mut back = || -> std::result::Result<(), Refusal> {
            if let Some(household) = lives {
                attempt.act(Command::UndoJoin {
                    household,
                    person: child,
                    reason: reason.clone(),
                    by: self.ctx.actor.clone(),
                })?;
            }
            for (version, field) in standing(&attempt, child) {
                attempt.act(Command::Retract {
                    person: child,
                    field,
                    version,
                    reason: reason.clone(),
                    by: self.ctx.actor.clone(),
                })?;
            }
            Ok(())
        };
        if let Err(why) = back() {
            return Ok(Err(format!("底册要改回来：{why}")));
        }
        attempt.save(tx, &self.ctx).await?;
        let rights = tx.entitlements_of(Beneficiary::Person(child)).await?;
        Ok(match rights.is_empty() {
            true => Ok("孩子从这一户划掉了，写过的都注明了原因".to_owned()),
            false => Err("孩子从底册划掉了；孩子名下批过待遇，请在原来的办件里改正".to_owned()),
        })
    }
}

/// Every version about a person that stands.
fn standing(attempt: &Attempt, person: PersonId) -> Vec<(usize, engine_registry::PersonField)> {
    let person = attempt.register.state.people.get(&person);
    let versions = person.into_iter().flat_map(|one| one.versions.iter());
    let versions = versions.enumerate();
    let stands = versions.filter(|(_, one)| one.retracted.is_none());
    stands.map(|(at, one)| (at, one.fact.field())).collect()
}
