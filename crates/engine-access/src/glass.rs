//! 「紧急查看」 Break-glass: one person, thirty minutes, a reason, the supervisor
//! alerted, reviewed within three working days. Reading only. Its conditions are
//! fixed once it is open.

use crate::allow::{GLASS_ACTIONS, GLASS_LEVEL};
use crate::model::{Purpose, Request};
use crate::refusal::Refusal;
use kernel::{Actor, Date, FieldLevel, Instant, Now, PersonId, Role, WorkCalendar};
use serde::{Deserialize, Serialize};

/// How long it stays open, minutes.
pub const MINUTES: i64 = 30;
/// Shortest reason, characters.
const REASON: usize = 6;
/// Working days until it must be reviewed.
const REVIEW_DAYS: u32 = 3;

/// One break-glass.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BreakGlass {
    /// Who looks.
    pub actor: Actor,
    /// At whom.
    pub subject: PersonId,
    /// Which alarm.
    pub alarm: String,
    /// Why.
    pub reason: String,
    /// When it was opened.
    pub at: Instant,
    /// When it closes.
    pub until: Instant,
    /// The last day for its review.
    pub review_by: Date,
    /// Who reviewed it, and what they found.
    pub reviewed: Option<(Actor, String)>,
}

/// What somebody wants.
#[derive(Clone, Debug, PartialEq)]
pub enum GlassCommand {
    /// 打开
    Open {
        /// Who looks.
        actor: Actor,
        /// At whom.
        subject: PersonId,
        /// Which alarm.
        alarm: String,
        /// Why.
        reason: String,
    },
    /// 复查
    Review {
        /// Who reviews: another person.
        actor: Actor,
        /// What they found.
        found: String,
    },
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GlassEvent {
    /// 打开 App alerts the supervisor in the same transaction.
    Opened(BreakGlass),
    /// 复查
    Reviewed {
        /// Who.
        actor: Actor,
        /// What they found.
        found: String,
    },
}

impl BreakGlass {
    /// Opens or reviews. `state` is the break-glass in question (`None` when
    /// opening); `others` are the actor's earlier ones.
    pub fn decide(
        state: Option<&BreakGlass>,
        command: GlassCommand,
        others: &[BreakGlass],
        calendar: &WorkCalendar,
        now: Now,
    ) -> Result<GlassEvent, Refusal> {
        match (state, command) {
            (
                None,
                GlassCommand::Open {
                    actor,
                    subject,
                    alarm,
                    reason,
                },
            ) => open(actor, subject, (alarm, reason), others, calendar, now),
            (Some(_), GlassCommand::Open { .. }) => Err(Refusal::GlassOpen),
            (Some(glass), GlassCommand::Review { actor, found }) => {
                if glass.reviewed.is_some() {
                    return Err(Refusal::NothingThere);
                }
                crate::four_eyes(&actor, std::slice::from_ref(&glass.actor))?;
                long_enough(&found)?;
                Ok(GlassEvent::Reviewed { actor, found })
            }
            (None, GlassCommand::Review { .. }) => Err(Refusal::NothingThere),
        }
    }

    /// Folds an event.
    pub fn apply(state: Option<BreakGlass>, event: &GlassEvent) -> Option<BreakGlass> {
        match event {
            GlassEvent::Opened(glass) => Some(glass.clone()),
            GlassEvent::Reviewed { actor, found } => state.map(|mut glass| {
                glass.reviewed = Some((actor.clone(), found.clone()));
                glass
            }),
        }
    }

    /// The level it opens for a request, if it opens it at all.
    pub(crate) fn opens(&self, request: &Request, now: Now) -> Option<FieldLevel> {
        let same_person = self.actor.person.is_some() && self.actor.person == request.actor.person;
        let same_alarm = matches!(&request.purpose, Purpose::Alarm(alarm) if *alarm == self.alarm);
        let only_this_one = request.record.subjects == [self.subject];
        let open = self.at <= now.at && now.at < self.until;
        let opened = same_person
            && request.actor.role == self.actor.role
            && same_alarm
            && only_this_one
            && open
            && GLASS_ACTIONS.contains(&request.action);
        opened.then_some(GLASS_LEVEL)
    }
}

fn open(
    actor: Actor,
    subject: PersonId,
    (alarm, reason): (String, String),
    others: &[BreakGlass],
    calendar: &WorkCalendar,
    now: Now,
) -> Result<GlassEvent, Refusal> {
    let person = actor.person.ok_or(Refusal::NotAPerson)?;
    if actor.role != Role::AlarmOperator {
        return Err(Refusal::Role);
    }
    if alarm.trim().is_empty() {
        return Err(Refusal::Purpose);
    }
    long_enough(&reason)?;
    let mine = others.iter().filter(|g| g.actor.person == Some(person));
    let waiting = mine.filter(|g| g.reviewed.is_none() && now.today() > g.review_by);
    if let Some(glass) = waiting.min_by_key(|g| g.review_by) {
        return Err(Refusal::GlassLocked(glass.review_by));
    }
    Ok(GlassEvent::Opened(BreakGlass {
        actor,
        subject,
        alarm,
        reason,
        at: now.at,
        until: now.at + chrono::TimeDelta::minutes(MINUTES),
        review_by: calendar.add_working_days(now.today(), REVIEW_DAYS)?,
        reviewed: None,
    }))
}

fn long_enough(text: &str) -> Result<(), Refusal> {
    if text.trim().chars().count() < REASON {
        return Err(Refusal::Reason(REASON));
    }
    Ok(())
}
