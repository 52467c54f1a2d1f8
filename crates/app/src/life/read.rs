//! 「一条时间线」 One event with every step, who did what and when; and the events of a place.
//! Reading one is on record.

use super::Room;
use crate::worklist::name_in;
use crate::{App, AppError, Context, Result};
use engine_access::RecordState;
use engine_registry::{LifeChange, LifeEvent, StepState};
use kernel::{Actor, Instant, LifeEventId, RegionCode};
use store::{LifeLine, Recorded, Tx};

/// The longest list.
const LIST_MAX: u32 = 200;

/// An event as its page shows it.
#[derive(Clone, Debug)]
pub struct LifePage {
    /// It.
    pub event: LifeEvent,
    /// What kind, in words.
    pub kind: String,
    /// Whether it is mourned.
    pub solemn: bool,
    /// Where the kind comes from.
    pub basis: String,
    /// How well that is founded.
    pub founded: &'static str,
    /// Whose.
    pub name: String,
    /// The other's name.
    pub other: Option<String>,
    /// The child a birth wrote into the register.
    pub child: Option<String>,
    /// The step that waits for a child's name and number.
    pub wants_child: Option<u32>,
    /// Where.
    pub place: String,
    /// Everything that happened, oldest first.
    pub timeline: Vec<TimelineLine>,
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct TimelineLine {
    /// When.
    pub at: Instant,
    /// Who.
    pub by: Actor,
    /// What.
    pub what: String,
    /// More of it.
    pub says: String,
}

/// An event of a list.
#[derive(Clone, Debug)]
pub struct LifeListed {
    /// It.
    pub line: LifeLine,
    /// What kind, in words.
    pub kind: String,
    /// Whose.
    pub name: String,
    /// Where.
    pub place: String,
}

impl App {
    /// 看一件大事
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn life_page(&self, ctx: &Context, id: LifeEventId) -> Result<LifePage> {
        let room = self.life_room(ctx);
        let look = async move |tx: &mut Tx| room.page(tx, id).await;
        self.db.look(look).await
    }

    /// 看本地的大事 Newest first.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn lives(&self, ctx: &Context, region: RegionCode) -> Result<Vec<LifeListed>> {
        let room = self.life_room(ctx);
        let look = async move |tx: &mut Tx| {
            room.may(tx, region, None, RecordState::None).await?;
            let mut found = Vec::new();
            for line in tx.lives_in(region.span(), LIST_MAX).await? {
                let kind = room.app.life_kind(&line.kind);
                found.push(LifeListed {
                    kind: kind.map_or_else(|_| line.kind.to_string(), |kind| kind.name.clone()),
                    name: name_in(tx, line.person).await?,
                    place: room.app.place(line.region),
                    line,
                });
            }
            let subject = format!("region:{region}");
            room.ctx
                .record(tx, "life.list", &subject, &found.len(), room.now)
                .await?;
            Ok::<_, AppError>(found)
        };
        self.db.look(look).await
    }
}

impl Room {
    async fn page(&self, tx: &mut Tx, id: LifeEventId) -> Result<LifePage> {
        let event = tx.life(id).await?.state;
        let begun = &event.begun;
        self.may(tx, begun.region, Some(begun.person), RecordState::Open)
            .await?;
        let kind = self.app.life_kind(&begun.kind)?;
        let history = tx.life_history(id).await?;
        let timeline = history.iter().map(|one| line(&event, one)).collect();
        let subject = format!("life:{id}");
        self.ctx
            .record(tx, "life.read", &subject, &(), self.now)
            .await?;
        Ok(LifePage {
            kind: kind.name.clone(),
            solemn: kind.solemn(),
            basis: kind.basis.clone(),
            founded: kind.provenance.label(),
            name: name_in(tx, begun.person).await?,
            other: match begun.other {
                Some(other) => Some(name_in(tx, other).await?),
                None => None,
            },
            child: match self.written_child(&event) {
                Some(child) => Some(name_in(tx, child).await?),
                None => None,
            },
            wants_child: match self.awaits_child(&event) {
                true => self.child_step(&event).map(|one| one.no),
                false => None,
            },
            place: self.app.place(begun.region),
            timeline,
            event,
        })
    }
}

fn line(event: &LifeEvent, one: &Recorded<LifeChange>) -> TimelineLine {
    let (what, says) = match &one.event {
        LifeChange::Begun(begun, _) => ("登记".to_owned(), begun.source.clone()),
        LifeChange::Proposed(no, says) => {
            let step = event.steps.iter().find(|one| one.no == *no);
            let name = step.map_or_else(String::new, |one| one.step.name.clone());
            (format!("提议：{name}"), says.clone())
        }
        LifeChange::Undone(undone) => ("撤回：登记错了".to_owned(), undone.reason.clone()),
        LifeChange::Step(no, state) => {
            let name = event.step(*no).map(|one| one.step.name.clone());
            let name = name.unwrap_or_default();
            let says = match state {
                StepState::Done { says, .. }
                | StepState::Reversed { says, .. }
                | StepState::ActedBack { says, .. }
                | StepState::MustAct { says }
                | StepState::Declined { reason: says, .. } => says.clone(),
                StepState::Waiting | StepState::Dropped => String::new(),
            };
            (format!("{name}：{}", state.label()), says)
        }
    };
    TimelineLine {
        at: one.at,
        by: one.actor.clone(),
        what,
        says,
    }
}
