//! 「底册上的去世」 The day of death written and the household left, or found written by a
//! delivery before; and both taken back, the head of the household with it.

use super::Room;
use crate::import::attempt::Attempt;
use crate::{AppError, Result};
use engine_registry::{
    Command, Config, LifeBegun, LifeEvent, NewMember, Origin, PersonFact, PersonField, Refusal,
};
use kernel::{Date, HouseholdId, PersonId, Relation, add_days};
use store::Tx;

/// Where somebody lived until they were said to be dead.
struct Before {
    household: HouseholdId,
    /// The first day they did not belong to it.
    until: Date,
    /// Everybody of the last day, with the relations of that day.
    members: Vec<NewMember>,
}

impl Room {
    fn origin(&self, as_of: Date) -> Origin {
        Origin::Declared {
            case: None,
            by: self.ctx.actor.clone(),
            as_of,
        }
    }

    /// Writes the death, if no delivery has.
    pub(super) async fn write_death(&self, tx: &mut Tx, begun: &LifeBegun) -> Result<()> {
        let mut attempt = Attempt::about(tx, begun.person, self.now).await?;
        let person = attempt.register.state.people.get(&begun.person);
        if person.is_some_and(|one| one.died(&Config::default()).is_some()) {
            return Ok(());
        }
        let origin = self.origin(begun.day);
        let until = add_days(begun.day, 1).unwrap_or(begun.day);
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
        let before = before(&attempt, begun.person);
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
        let back = before.map(|before| self.rejoin(&mut attempt, begun.person, &before));
        attempt.save(tx, &self.ctx).await?;
        Ok(match back {
            Some(Err(why)) => Err(format!("去世的日子划掉了，家庭要改回来：{why}")),
            _ => Ok("去世的日子划掉了，回到原来的家庭".to_owned()),
        })
    }

    fn rejoin(
        &self,
        attempt: &mut Attempt,
        person: PersonId,
        before: &Before,
    ) -> std::result::Result<(), Refusal> {
        let today = self.now.today();
        let state = &attempt.register.state;
        if state.household_of(person, today).is_some() {
            return Ok(());
        }
        let origin = self.origin(today);
        let mut own = before.members.iter().filter(|one| one.person == person);
        let relation = own.next().map_or(Relation::NOT_RELATED, |one| one.relation);
        let home = state.households.get(&before.household);
        let others: Vec<PersonId> = home
            .map(|home| home.members_on(today).map(|one| one.person).collect())
            .unwrap_or_default();
        let headed = relation.is_head() && !others.is_empty();
        let other = Relation::from_code(97).unwrap_or(Relation::NOT_RELATED);
        attempt.act(Command::Join {
            household: before.household,
            member: NewMember {
                person,
                relation: if headed { other } else { relation },
            },
            from: before.until,
            origin: origin.clone(),
        })?;
        if !headed {
            return Ok(());
        }
        // Whoever came since keeps a relation nobody has told: 其他.
        let mut members = before.members.clone();
        members.retain(|one| one.person == person || others.contains(&one.person));
        for one in others {
            if members.iter().all(|known| known.person != one) {
                members.push(NewMember {
                    person: one,
                    relation: other,
                });
            }
        }
        let home = attempt.register.state.households.get(&before.household);
        let newest = home.and_then(|home| home.members_on(today).map(|one| one.from).max());
        let after = newest.and_then(|day| add_days(day, 1));
        attempt.act(Command::ChangeHead {
            household: before.household,
            members,
            from: after.map_or(today, |after| after.max(before.until)),
            origin,
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

/// The household somebody left last, as it was on the day of death.
fn before(attempt: &Attempt, person: PersonId) -> Option<Before> {
    let state = &attempt.register.state;
    let died = state.people.get(&person)?.died(&Config::default())?;
    let left = state.households.values().filter_map(|home| {
        let mine = home.memberships.iter().filter(|one| one.person == person);
        Some((mine.filter_map(|one| one.until).max()?, home))
    });
    let (until, home) = left.max_by_key(|(until, _)| *until)?;
    let members = home.members_on(died).map(|one| NewMember {
        person: one.person,
        relation: one.relation,
    });
    Some(Before {
        household: home.id,
        until,
        members: members.collect(),
    })
}
