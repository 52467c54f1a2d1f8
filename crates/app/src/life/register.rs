//! 「底册上的去世」 The day of death written and the household left, or found written by a
//! delivery before; and both taken back, the head of the household with it.

use super::Room;
use crate::import::attempt::Attempt;
use crate::{AppError, Result};
use engine_registry::{
    Command, Config, LifeBegun, LifeEvent, Origin, PersonFact, PersonField, Refusal,
};
use kernel::{HouseholdId, PersonId, add_days};
use store::Tx;

impl Room {
    /// Writes the death, if no delivery has.
    pub(super) async fn write_death(&self, tx: &mut Tx, begun: &LifeBegun) -> Result<()> {
        let mut attempt = Attempt::about(tx, begun.person, self.now).await?;
        let person = attempt.register.state.people.get(&begun.person);
        if person.is_some_and(|one| one.died(&Config::default()).is_some()) {
            return Ok(());
        }
        let origin = Origin::Declared {
            case: None,
            by: begun.by.clone(),
            as_of: begun.day,
        };
        // A head hands over the day before leaving, and no day to come is written.
        let today = self.now.today();
        let home = attempt.register.state.household_of(begun.person, today);
        let heads = home.is_some_and(|(_, own)| own.relation.is_head());
        let latest = match heads {
            true => today.pred_opt().unwrap_or(today),
            false => today,
        };
        let until = add_days(begun.day, 1).unwrap_or(begun.day).min(latest);
        let mut write = || -> std::result::Result<(), Refusal> {
            attempt.act(Command::Record {
                person: begun.person,
                fact: PersonFact::Died(begun.day),
                origin: origin.clone(),
            })?;
            attempt.leave(begun.person, until, &origin).map(drop)
        };
        write().map_err(AppError::refused)?;
        attempt.save(tx, &self.ctx).await?;
        Ok(())
    }

    /// Strikes the death out and puts the person back; `Err`: what somebody must mend.
    pub(super) async fn unwrite_death(
        &self,
        tx: &mut Tx,
        event: &LifeEvent,
    ) -> Result<std::result::Result<String, String>> {
        let begun = &event.begun;
        let mut attempt = Attempt::about(tx, begun.person, self.now).await?;
        let reason = event.undone.as_ref().map(|one| one.reason.clone());
        let reason = reason.unwrap_or_default();
        let home = left(&attempt, begun.person);
        while let Some(version) = dead(&attempt, begun.person) {
            let strike = Command::Retract {
                person: begun.person,
                field: PersonField::Died,
                version,
                reason: reason.clone(),
                by: self.ctx.actor.clone(),
            };
            attempt.act(strike).map_err(AppError::refused)?;
        }
        let today = self.now.today();
        let lives = attempt.register.state.household_of(begun.person, today);
        let home = home.filter(|_| lives.is_none());
        let back = home.map(|household| {
            attempt.act(Command::UndoLeave {
                household,
                person: begun.person,
                reason,
                by: self.ctx.actor.clone(),
            })
        });
        attempt.save(tx, &self.ctx).await?;
        Ok(match back {
            Some(Err(why)) => Err(format!("去世的日子划掉了，家庭要改回来：{why}")),
            _ => Ok("去世的日子划掉了，回到原来的家庭".to_owned()),
        })
    }
}

/// The newest version of the day of death that stands.
fn dead(attempt: &Attempt, person: PersonId) -> Option<usize> {
    let person = attempt.register.state.people.get(&person)?;
    person
        .versions
        .iter()
        .rposition(|one| one.retracted.is_none() && matches!(one.fact, PersonFact::Died(_)))
}

/// The household somebody left last.
pub(super) fn left(attempt: &Attempt, person: PersonId) -> Option<HouseholdId> {
    let homes = attempt.register.state.households.values();
    let left = homes.filter_map(|home| {
        let mine = home.memberships.iter().filter(|one| one.person == person);
        Some((mine.filter_map(|one| one.until).max()?, home.id))
    });
    left.max().map(|(_, id)| id)
}
