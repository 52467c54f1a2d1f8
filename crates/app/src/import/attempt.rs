//! 「一次登记」 What one delivery changes in one household: all of it, or none and a
//! question to a person with the reason.

use crate::context::Context;
use engine_registry::{Command, Config, Event, Origin, Refusal, decide};
use kernel::{Date, Now, PersonId, PersonNumber, add_days};
use std::collections::BTreeSet;
use store::{Register, RegisterSlice, Result, Tx};

/// A slice of the register, being changed.
pub(crate) struct Attempt {
    pub(crate) register: Register,
    events: Vec<Event>,
    now: Now,
}

impl Attempt {
    /// Loads people with their households.
    pub(crate) async fn load(
        tx: &mut Tx,
        numbers: impl IntoIterator<Item = PersonNumber>,
        now: Now,
    ) -> Result<Attempt> {
        let slice = RegisterSlice {
            numbers: numbers.into_iter().collect::<BTreeSet<_>>(),
            with_households: true,
            ..RegisterSlice::default()
        };
        Ok(Attempt {
            register: tx.register(&slice).await?,
            events: Vec::new(),
            now,
        })
    }

    /// Loads one person with their households.
    pub(crate) async fn about(tx: &mut Tx, person: PersonId, now: Now) -> Result<Attempt> {
        Attempt::of(tx, [person].into(), now).await
    }

    /// Loads people with their households.
    pub(crate) async fn of(tx: &mut Tx, people: BTreeSet<PersonId>, now: Now) -> Result<Attempt> {
        let slice = RegisterSlice {
            people,
            with_households: true,
            ..RegisterSlice::default()
        };
        Ok(Attempt {
            register: tx.register(&slice).await?,
            events: Vec::new(),
            now,
        })
    }

    /// Does one thing.
    pub(crate) fn act(&mut self, command: Command) -> Result<(), Refusal> {
        let events = decide(&self.register.state, command, &Config::default(), self.now)?;
        for event in &events {
            self.register.state.apply(event);
        }
        self.events.extend(events);
        Ok(())
    }

    /// Takes a person out of their household from `wanted` on, or from the first
    /// day after that the register can tell; a head hands over the day before.
    /// The day they no longer belong to it; whether somebody took over.
    pub(crate) fn leave(
        &mut self,
        person: PersonId,
        wanted: Date,
        origin: &Origin,
    ) -> Result<(Date, bool), Refusal> {
        let today = self.now.today();
        let state = &self.register.state;
        let Some((household, own)) = state.household_of(person, today) else {
            return Ok((wanted, false));
        };
        let id = household.id;
        let after = |day: Date| add_days(day, 1).unwrap_or(day);
        let people = &state.people;
        let born = |one: PersonId| people.get(&one)?.born(&Config::default());
        let successors = household.succession(person, today, born);
        if !own.relation.is_head() || successors.len() < 2 {
            let until = wanted.max(after(own.from));
            self.act(Command::Leave {
                household: id,
                person,
                until,
            })?;
            return Ok((until, false));
        }
        let newest = household.members_on(today).map(|one| one.from).max();
        let from = newest.map_or(wanted, |newest| wanted.max(after(newest)));
        self.act(Command::ChangeHead {
            household: id,
            members: successors,
            from,
            origin: origin.clone(),
        })?;
        let until = after(from);
        self.act(Command::Leave {
            household: id,
            person,
            until,
        })?;
        Ok((until, true))
    }

    /// Keeps what was done; whether anything was.
    pub(crate) async fn save(self, tx: &mut Tx, ctx: &Context) -> Result<bool> {
        if self.events.is_empty() {
            return Ok(false);
        }
        let Attempt {
            register,
            events,
            now,
        } = self;
        tx.save_register(&register, &events, &ctx.actor, now)
            .await?;
        Ok(true)
    }
}
