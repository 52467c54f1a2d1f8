//! 「成一户」 Two who married and live together: one of them joins the household the other
//! heads, once; and both taken back, each where they were. A person confirms it: a marriage
//! alone moves nobody (户口不因结婚自己迁), and who counts as one household is their word.

use super::Room;
use crate::import::attempt::Attempt;
use crate::{AppError, Result};
use engine_registry::{Command, LifeBegun, LifeEvent, NewMember, Origin, Refusal};
use kernel::{HouseholdId, PersonId, Relation};
use store::Tx;

impl Room {
    /// Writes it; says what was done, and who moved (nobody: they were one already).
    pub(super) async fn join(
        &self,
        tx: &mut Tx,
        begun: &LifeBegun,
        other: PersonId,
    ) -> Result<(String, Option<i64>)> {
        let mut attempt = Attempt::of(tx, [begun.person, other].into(), self.now).await?;
        let today = self.now.today();
        let home = |person| {
            let found = attempt.register.state.household_of(person, today);
            found.map(|(home, own)| (home.id, own.relation.is_head()))
        };
        let (one, two) = (home(begun.person), home(other));
        if let (Some((one, _)), Some((two, _))) = (one, two)
            && one == two
        {
            return Ok(("底册上已经是一户".to_owned(), None));
        }
        let (target, mover) = match (one, two) {
            (Some((home, true)), _) => (home, other),
            (_, Some((home, true))) => (home, begun.person),
            _ => {
                let says = "两个人都不是户主。请先在户籍上立户，底册跟着变".to_owned();
                return Err(AppError::BadInput(says));
            }
        };
        let origin = Origin::Declared {
            case: None,
            by: begun.by.clone(),
            as_of: begun.day,
        };
        let mut write = || -> std::result::Result<(), Refusal> {
            let (from, _) = attempt.leave(mover, begun.day.min(today), &origin)?;
            attempt.act(Command::Join {
                household: target,
                member: NewMember {
                    person: mover,
                    relation: Relation::SPOUSE,
                },
                from,
                origin: origin.clone(),
            })
        };
        write().map_err(AppError::refused)?;
        attempt.save(tx, &self.ctx).await?;
        Ok(("两个人成一户".to_owned(), Some(mover.0)))
    }

    /// Takes it back; `Err`: what somebody must mend.
    pub(super) async fn unjoin(
        &self,
        tx: &mut Tx,
        event: &LifeEvent,
        mover: Option<i64>,
    ) -> Result<std::result::Result<String, String>> {
        let Some(mover) = mover.map(PersonId) else {
            return Ok(Ok("底册没有动过".to_owned()));
        };
        let mut attempt = Attempt::about(tx, mover, self.now).await?;
        let reason = event.undone.as_ref().map(|one| one.reason.clone());
        let reason = reason.unwrap_or_default();
        let by = || self.ctx.actor.clone();
        let today = self.now.today();
        let lives = attempt.register.state.household_of(mover, today);
        let Some(now_at) = lives.map(|(home, _)| home.id) else {
            return Ok(Err("这个人后来又搬走了，请核对家庭".to_owned()));
        };
        let was_at = super::register::left(&attempt, mover);
        let mut back = || -> std::result::Result<(), Refusal> {
            attempt.act(Command::UndoJoin {
                household: now_at,
                person: mover,
                reason: reason.clone(),
                by: by(),
            })?;
            match was_at.filter(|was: &HouseholdId| *was != now_at) {
                Some(household) => attempt.act(Command::UndoLeave {
                    household,
                    person: mover,
                    reason: reason.clone(),
                    by: by(),
                }),
                None => Ok(()),
            }
        };
        let came = back();
        Ok(match came {
            Ok(()) => {
                attempt.save(tx, &self.ctx).await?;
                Ok("各回原来的家庭".to_owned())
            }
            Err(why) => Err(format!("家庭要改回来：{why}")),
        })
    }
}
