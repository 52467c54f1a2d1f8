//! 「批量建档」 Many new people and households at once, with their whole history.

use super::numbers::NUMBER;
use super::{HOUSEHOLD_STATE, Key, PERSON_STATE, Register, numbers_of, region_of};
use crate::bulk::{Bulk, Rows};
use crate::error::{Result, StoreError};
use crate::event::{BODY, EVENTS, role_name};
use crate::tx::Tx;
use crate::value::{Kind, args, json, row};
use engine_registry::{Event, State};
use kernel::{Actor, Now, PersonId};
use std::collections::{BTreeMap, BTreeSet};

const PEOPLE: Bulk = Bulk {
    table: "person",
    columns: &[
        ("id", Kind::Int),
        ("version", Kind::Int),
        ("merged_into", Kind::Int),
        ("state", Kind::Bytes),
    ],
};
const NUMBERS: Bulk = Bulk {
    table: "person_number",
    columns: &[("number", Kind::Bytes), ("person", Kind::Int)],
};
const HOUSEHOLDS: Bulk = Bulk {
    table: "household",
    columns: &[
        ("id", Kind::Int),
        ("version", Kind::Int),
        ("region", Kind::Int),
        ("within", Kind::Int),
        ("state", Kind::Bytes),
    ],
};
const MEMBERS: Bulk = Bulk {
    table: "membership",
    columns: &[("person", Kind::Int), ("household", Kind::Int)],
};

impl Tx {
    /// Keeps many new people and households at once, fast: `state` holds nobody
    /// who is kept already, `events` are all that made it.
    pub async fn load_register(
        &mut self,
        state: &State,
        events: &[Event],
        actor: &Actor,
        now: Now,
    ) -> Result<()> {
        let register = Register::from(state.clone());
        let mut versions: BTreeMap<Key, i64> = BTreeMap::new();
        let mut rows = Rows::new(EVENTS);
        let role = role_name(actor.role)?;
        for event in events {
            let body = json(event)?;
            for key in register.keys(event) {
                let (kind, id) = match &key {
                    Key::Person(id) => ("person", id.0),
                    Key::Household(id) => ("household", id.0),
                    Key::Entry(..) => {
                        return Err(StoreError::fault("only people and households load in bulk"));
                    }
                };
                let seq = versions.entry(key).or_insert(0);
                *seq += 1;
                let body = self.seal(&BODY, &row![kind, id, *seq], &body)?;
                let actor = args![
                    kind,
                    id,
                    *seq,
                    body,
                    now.at,
                    actor.account,
                    actor.person,
                    role
                ];
                rows.push(actor);
            }
        }
        self.insert_many(rows).await?;
        let version = |key: Key| versions.get(&key).copied().unwrap_or(0);
        let (mut people, mut numbers) = (Rows::new(PEOPLE), Rows::new(NUMBERS));
        for person in state.people.values() {
            let version = version(Key::Person(person.id));
            let state = self.seal(&PERSON_STATE, &row![person.id, version], json(person)?)?;
            people.push(args![person.id, version, person.merged_into, state]);
            for number in numbers_of(person) {
                let blind = self.shared.secrets.blind(NUMBER, &number);
                numbers.push(args![blind, person.id]);
            }
        }
        let (mut households, mut members) = (Rows::new(HOUSEHOLDS), Rows::new(MEMBERS));
        for one in state.households.values() {
            let version = version(Key::Household(one.id));
            let state = self.seal(&HOUSEHOLD_STATE, &row![one.id, version], json(one)?)?;
            households.push(args![one.id, version, region_of(one)?, one.within, state]);
            let people: BTreeSet<PersonId> = one.memberships.iter().map(|m| m.person).collect();
            for person in people {
                members.push(args![person, one.id]);
            }
        }
        for rows in [people, numbers, households, members] {
            self.insert_many(rows).await?;
        }
        Ok(())
    }
}
