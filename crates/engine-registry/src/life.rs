//! 「人生大事」 A death, a birth, a marriage: registered in one place, with what follows from
//! it as steps. Each step is done once; what touches a right waits for a person. A mistaken
//! event is taken back as a whole: what is not yet done is dropped, and every step that was
//! done says how it was taken back or who must act.
//!
//! Absent on purpose: what a step does elsewhere (the room that asks does it and says what
//! came of it), and which steps there are (packs).

use crate::life_kind::Does;
use kernel::{
    Actor, Date, HouseholdId, Instant, LifeEventId, Now, PersonId, Refuse, RegionCode, Slug,
};
use serde::{Deserialize, Serialize};

/// A life event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifeEvent {
    /// How it began.
    pub begun: LifeBegun,
    /// What follows.
    pub steps: Vec<LifeStep>,
    /// Taken back.
    pub undone: Option<LifeUndone>,
}

/// How it began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifeBegun {
    /// Its number.
    pub id: LifeEventId,
    /// The kind.
    pub kind: Slug,
    /// The pack it was begun by.
    pub pack: String,
    /// About whom.
    pub person: PersonId,
    /// The other, where it is about two.
    pub other: Option<PersonId>,
    /// The household then.
    pub household: Option<HouseholdId>,
    /// The place.
    pub region: RegionCode,
    /// The day.
    pub day: Date,
    /// Where it was read.
    pub source: String,
    /// Who registered it.
    pub by: Actor,
    /// When.
    pub at: Instant,
}

/// A step to be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewStep {
    /// By which consequence.
    pub consequence: Slug,
    /// Its name.
    pub name: String,
    /// What is done.
    pub does: Does,
    /// About what: the number of a right, of a booking.
    pub about: Option<i64>,
    /// In words.
    pub says: String,
    /// Whether a person must confirm.
    pub confirm: bool,
    /// Who does it, or must act when it is taken back.
    pub who: String,
    /// The last day.
    pub due: Option<Date>,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifeStep {
    /// Its number in the event, from 1.
    pub no: u32,
    /// What is to be done.
    pub step: NewStep,
    /// Where it stands.
    pub state: StepState,
}

/// Where a step stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// 待办
    Waiting,
    /// 已办
    Done {
        /// What came of it.
        says: String,
        /// What taking it back needs to know.
        mark: Option<i64>,
        /// Who.
        by: Actor,
        /// When.
        at: Instant,
    },
    /// 不办 A person found that it does not follow here.
    Declined {
        /// Why.
        reason: String,
        /// Who.
        by: Actor,
        /// When.
        at: Instant,
    },
    /// 不用办了 The event was taken back before it was done.
    Dropped,
    /// 已撤回 It is as it was.
    Reversed {
        /// What came of it.
        says: String,
        /// Who took it back.
        by: Actor,
        /// When.
        at: Instant,
    },
    /// 要人办 The house cannot take it back; who must.
    MustAct {
        /// Who must do what.
        says: String,
    },
    /// 已办回 They did.
    ActedBack {
        /// What was done.
        says: String,
        /// Who wrote it down.
        by: Actor,
        /// When.
        at: Instant,
    },
}

/// Taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifeUndone {
    /// Why.
    pub reason: String,
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Instant,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LifeCommand {
    /// 已办 A step was done.
    Do {
        /// Which.
        no: u32,
        /// What came of it.
        says: String,
        /// What taking it back needs to know.
        mark: Option<i64>,
    },
    /// 提议 What a waiting step would come to; whoever confirms it sees it first.
    Propose {
        /// Which.
        no: u32,
        /// In words.
        says: String,
    },
    /// 不办
    Decline {
        /// Which.
        no: u32,
        /// Why.
        reason: String,
    },
    /// 撤回 It was a mistake.
    Undo {
        /// Why.
        reason: String,
    },
    /// 来源作废 Whoever told of it says it was none. The house takes back what it did
    /// itself; where a person has acted since, only a person takes it back.
    Revoke {
        /// What the source said.
        reason: String,
    },
    /// 一步撤回 What came of taking a step back; `Err`: who must act.
    Back {
        /// Which.
        no: u32,
        /// What came of it.
        came: Result<String, String>,
    },
    /// 已办回
    ActBack {
        /// Which.
        no: u32,
        /// What was done.
        says: String,
    },
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LifeChange {
    /// 已登记
    Begun(Box<LifeBegun>, Vec<LifeStep>),
    /// 一步有了变化
    Step(u32, StepState),
    /// 有了提议
    Proposed(u32, String),
    /// 已撤回
    Undone(LifeUndone),
}

/// Why a life event says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LifeRefusal {
    /// A machine confirms nothing.
    #[error("这一步要由人确认")]
    NotAPerson,
    /// A day to come.
    #[error("{0} 还没有到，请核对日期")]
    Future(Date),
    /// No source.
    #[error("请写从哪里知道的（证明、文件）")]
    NoSource,
    /// Registered before.
    #[error("这件事已经登记过，不再登记第二次")]
    Known,
    /// Two people needed, or one and the same.
    #[error("这件事要写两个人")]
    TwoNeeded,
    /// No such step.
    #[error("没有这一步")]
    NoSuchStep,
    /// Not waiting.
    #[error("这一步已经办过了")]
    NotWaiting,
    /// Nothing to act back.
    #[error("这一步没有要人办回的")]
    NothingToActBack,
    /// No words.
    #[error("请写明原因或结果")]
    NoWords,
    /// Taken back before.
    #[error("这件事已经撤回")]
    Undone,
    /// A person registered it, or has done a step of it.
    #[error("已经有人办过，要由人来撤回")]
    APersonActed,
}

impl Refuse for LifeRefusal {
    fn code(&self) -> &'static str {
        match self {
            LifeRefusal::NotAPerson => "life.not_a_person",
            LifeRefusal::Future(_) => "life.future",
            LifeRefusal::NoSource => "life.no_source",
            LifeRefusal::Known => "life.known",
            LifeRefusal::TwoNeeded => "life.two_needed",
            LifeRefusal::NoSuchStep => "life.no_such_step",
            LifeRefusal::NotWaiting => "life.not_waiting",
            LifeRefusal::NothingToActBack => "life.nothing_to_act_back",
            LifeRefusal::NoWords => "life.no_words",
            LifeRefusal::Undone => "life.undone",
            LifeRefusal::APersonActed => "life.a_person_acted",
        }
    }
}

/// 登记 Begins an event with what follows. `known`: whether it is registered and stands.
///
/// # Errors
/// It is known; a day to come; no source; one person where two are needed.
pub fn begin(
    begun: LifeBegun,
    steps: Vec<NewStep>,
    two: bool,
    known: bool,
    now: Now,
) -> Result<Vec<LifeChange>, LifeRefusal> {
    if known {
        return Err(LifeRefusal::Known);
    }
    if begun.day > now.today() {
        return Err(LifeRefusal::Future(begun.day));
    }
    if begun.source.trim().is_empty() {
        return Err(LifeRefusal::NoSource);
    }
    if two != begun.other.is_some() || begun.other == Some(begun.person) {
        return Err(LifeRefusal::TwoNeeded);
    }
    let step = |(no, step)| LifeStep {
        no,
        step,
        state: StepState::Waiting,
    };
    let steps = (1_u32..).zip(steps).map(step).collect();
    Ok(vec![LifeChange::Begun(Box::new(begun), steps)])
}

/// What follows from a command.
///
/// # Errors
/// Every other [`LifeRefusal`].
pub fn decide_life(
    event: &LifeEvent,
    command: LifeCommand,
    by: &Actor,
    now: Now,
) -> Result<Vec<LifeChange>, LifeRefusal> {
    let human = by.person.is_some() && by.role.is_human();
    let (by, at) = (by.clone(), now.at);
    let one = |no, state| Ok(vec![LifeChange::Step(no, state)]);
    match command {
        LifeCommand::Do { no, says, mark } => {
            if event.waits(no)?.step.confirm && !human {
                return Err(LifeRefusal::NotAPerson);
            }
            let says = words(says)?;
            one(no, StepState::Done { says, mark, by, at })
        }
        LifeCommand::Propose { no, says } => {
            event.waits(no)?;
            Ok(vec![LifeChange::Proposed(no, words(says)?)])
        }
        LifeCommand::Decline { no, reason } => {
            event.waits(no)?;
            if !human {
                return Err(LifeRefusal::NotAPerson);
            }
            let reason = words(reason)?;
            one(no, StepState::Declined { reason, by, at })
        }
        LifeCommand::Undo { reason } => {
            if event.undone.is_some() {
                return Err(LifeRefusal::Undone);
            }
            if !human {
                return Err(LifeRefusal::NotAPerson);
            }
            let reason = words(reason)?;
            Ok(event.undoes(LifeUndone { reason, by, at }))
        }
        LifeCommand::Revoke { reason } => {
            if event.undone.is_some() {
                return Err(LifeRefusal::Undone);
            }
            if event.a_person_acted() {
                return Err(LifeRefusal::APersonActed);
            }
            let reason = words(reason)?;
            Ok(event.undoes(LifeUndone { reason, by, at }))
        }
        LifeCommand::Back { no, came } => {
            let step = event.step(no)?;
            if event.undone.is_none() || !matches!(step.state, StepState::Done { .. }) {
                return Err(LifeRefusal::NotWaiting);
            }
            match came {
                Ok(says) => one(no, StepState::Reversed { says, by, at }),
                Err(says) => one(no, StepState::MustAct { says }),
            }
        }
        LifeCommand::ActBack { no, says } => {
            if !matches!(event.step(no)?.state, StepState::MustAct { .. }) {
                return Err(LifeRefusal::NothingToActBack);
            }
            if !human {
                return Err(LifeRefusal::NotAPerson);
            }
            let says = words(says)?;
            one(no, StepState::ActedBack { says, by, at })
        }
    }
}

fn words(text: String) -> Result<String, LifeRefusal> {
    let text = text.trim();
    match text.is_empty() {
        true => Err(LifeRefusal::NoWords),
        false => Ok(text.to_owned()),
    }
}

impl LifeEvent {
    /// What taking it back says first: what waited is dropped.
    fn undoes(&self, undone: LifeUndone) -> Vec<LifeChange> {
        let waits = self.steps.iter();
        let waits = waits.filter(|one| one.state == StepState::Waiting);
        let mut changes = vec![LifeChange::Undone(undone)];
        changes.extend(waits.map(|one| LifeChange::Step(one.no, StepState::Dropped)));
        changes
    }

    /// Whether a person registered it or has done a step of it.
    pub fn a_person_acted(&self) -> bool {
        let did = |one: &LifeStep| match &one.state {
            StepState::Done { by, .. } => by.role.is_human(),
            _ => false,
        };
        self.begun.by.role.is_human() || self.steps.iter().any(did)
    }

    /// The event as its changes made it; the first must be its beginning.
    pub fn of(changes: &[LifeChange]) -> Option<LifeEvent> {
        let (first, rest) = changes.split_first()?;
        let LifeChange::Begun(begun, steps) = first else {
            return None;
        };
        let mut event = LifeEvent {
            begun: (**begun).clone(),
            steps: steps.clone(),
            undone: None,
        };
        rest.iter().for_each(|change| event.apply(change));
        Some(event)
    }

    /// What a change made of it.
    pub fn apply(&mut self, change: &LifeChange) {
        match change {
            LifeChange::Begun(..) => {}
            LifeChange::Step(no, state) => {
                if let Some(step) = self.steps.iter_mut().find(|one| one.no == *no) {
                    step.state = state.clone();
                }
            }
            LifeChange::Proposed(no, says) => {
                if let Some(step) = self.steps.iter_mut().find(|one| one.no == *no) {
                    step.step.says.clone_from(says);
                }
            }
            LifeChange::Undone(undone) => self.undone = Some(undone.clone()),
        }
    }

    /// A step by number.
    ///
    /// # Errors
    /// There is none.
    pub fn step(&self, no: u32) -> Result<&LifeStep, LifeRefusal> {
        let found = self.steps.iter().find(|one| one.no == no);
        found.ok_or(LifeRefusal::NoSuchStep)
    }

    fn waits(&self, no: u32) -> Result<&LifeStep, LifeRefusal> {
        let step = self.step(no)?;
        match step.state {
            StepState::Waiting => Ok(step),
            _ => Err(LifeRefusal::NotWaiting),
        }
    }

    /// Steps somebody must still take, those of taking it back included.
    pub fn open(&self) -> impl Iterator<Item = &LifeStep> {
        let open =
            |one: &&LifeStep| matches!(one.state, StepState::Waiting | StepState::MustAct { .. });
        self.steps.iter().filter(open)
    }
}

impl StepState {
    /// The word a person reads.
    pub fn label(&self) -> &'static str {
        match self {
            StepState::Waiting => "待办",
            StepState::Done { .. } => "已办",
            StepState::Declined { .. } => "不办",
            StepState::Dropped => "不用办了",
            StepState::Reversed { .. } => "已撤回",
            StepState::MustAct { .. } => "要人办回",
            StepState::ActedBack { .. } => "已办回",
        }
    }
}
