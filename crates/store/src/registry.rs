//! 「底册」 People, households, merges, organisations, places: one row each with the
//! whole state (every version of every fact), small tables to find them by, and
//! the events. A slice of the register is loaded, decided on, and saved under
//! the versions it was loaded with.

mod homes;
mod load;
mod merges;
mod numbers;
mod questions;

#[cfg(test)]
pub(crate) use homes::STATEMENTS as HOMES_STATEMENTS;
pub use merges::MergeSuspect;
#[cfg(test)]
pub(crate) use merges::{SEALED as MERGE_SEALED, STATEMENTS as MERGE_STATEMENTS};
#[cfg(test)]
pub(crate) use numbers::STATEMENTS as NUMBER_STATEMENTS;
pub use numbers::{NumberIndex, NumbersMark};
pub use questions::{RegisterAnswer, RegisterQuestion};
#[cfg(test)]
pub(crate) use questions::{SEALED as QUESTION_SEALED, STATEMENTS as QUESTION_STATEMENTS};

use crate::error::{Result, StoreError};
use crate::event::Loaded;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args, json, row};
use engine_registry::{Event, Household, Person, PersonFact, State};
use kernel::{Actor, HouseholdId, MergeId, Now, PersonId, PersonNumber, PlaceId, RegionCode, Uscc};
use std::collections::{BTreeMap, BTreeSet};

/// What of the register is wanted.
#[derive(Clone, Debug, Default)]
pub struct RegisterSlice {
    /// People by number, with the entries they were merged into.
    pub people: BTreeSet<PersonId>,
    /// Whoever has or had these document numbers.
    pub numbers: BTreeSet<PersonNumber>,
    /// Households, with everyone who ever belonged to them.
    pub households: BTreeSet<HouseholdId>,
    /// Also the households of everyone above, with their members.
    pub with_households: bool,
    /// Proposals to merge, with both entries.
    pub merges: BTreeSet<MergeId>,
    /// Organisations.
    pub organisations: BTreeSet<Uscc>,
    /// Places.
    pub places: BTreeSet<PlaceId>,
}

/// A slice of the register as loaded.
#[derive(Clone, Debug, Default)]
pub struct Register {
    /// What was found.
    pub state: State,
    versions: BTreeMap<Key, i64>,
}

/// What an event of the register belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Person(PersonId),
    Household(HouseholdId),
    Entry(&'static str, String),
}

sealed! {
    PERSON_STATE = person.state (id: Int, version: Int);
    HOUSEHOLD_STATE = household.state (id: Int, version: Int);
    ENTRY_STATE = register_entry.state (kind: Text, key: Text, version: Int);
}

statements! {
    PERSON = "SELECT id, version, state FROM person WHERE id = $1";
    ADD_PERSON = "INSERT INTO person (id, version, merged_into, state) VALUES ($1, $2, $3, $4)";
    SAVE_PERSON = "UPDATE person SET version = $2, merged_into = $3, state = $4
                   WHERE id = $1 AND version = $5";
    HOUSEHOLD = "SELECT id, version, state FROM household WHERE id = $1";
    ADD_HOUSEHOLD = "INSERT INTO household (id, version, region, within, state)
                     VALUES ($1, $2, $3, $4, $5)";
    SAVE_HOUSEHOLD = "UPDATE household SET version = $2, region = $3, within = $4, state = $5
                      WHERE id = $1 AND version = $6";
    MEMBERSHIPS = "SELECT household FROM membership WHERE person = $1 ORDER BY household";
    ADD_MEMBERSHIP = "INSERT INTO membership (person, household) VALUES ($1, $2)
                      ON CONFLICT (person, household) DO NOTHING";
    ENTRY = "SELECT kind, key, id, version, state FROM register_entry WHERE kind = $1 AND key = $2";
    ADD_ENTRY = "INSERT INTO register_entry (kind, key, id, version, state)
                 VALUES ($1, $2, $3, $4, $5)";
    SAVE_ENTRY = "UPDATE register_entry SET version = $3, state = $4
                  WHERE kind = $1 AND key = $2 AND version = $5";
    PAGE = "SELECT id, version, state FROM household WHERE id > $1 ORDER BY id LIMIT $2";
    PAGE_END = "SELECT max(id) AS last FROM
                (SELECT id FROM household WHERE id > $1 ORDER BY id LIMIT $2) AS page";
    BETWEEN = "SELECT id, version, state FROM household WHERE id > $1 AND id <= $2 ORDER BY id";
    PAGE_PEOPLE = "SELECT p.id, p.version, p.state FROM person p
                   WHERE p.id IN (SELECT m.person FROM membership m
                                  WHERE m.household > $1 AND m.household <= $2)";
    PEOPLE_AFTER = "SELECT id, version, state FROM person WHERE id > $1 ORDER BY id LIMIT $2";
    IN_REGION = "SELECT id FROM household WHERE region >= $1 AND region <= $2 ORDER BY region, id";
    COUNTS = "SELECT (SELECT count(*) FROM person) AS people,
                     (SELECT count(*) FROM household) AS households";
}

impl Tx {
    /// Loads a slice of the register; what does not exist is simply not in it.
    pub async fn register(&mut self, slice: &RegisterSlice) -> Result<Register> {
        let mut register = Register::default();
        let mut people = slice.people.clone();
        for number in &slice.numbers {
            people.extend(self.people_with(*number).await?);
        }
        for id in &slice.merges {
            if let Some((state, version)) = self
                .entry::<engine_registry::Merge>("merge", &id.to_string())
                .await?
            {
                people.extend([state.keep, state.merge]);
                register
                    .versions
                    .insert(Key::Entry("merge", id.to_string()), version);
                register.state.merges.insert(*id, state);
            }
        }
        for code in &slice.organisations {
            let key = String::from(*code);
            if let Some((state, version)) = self.entry("organisation", &key).await? {
                register
                    .versions
                    .insert(Key::Entry("organisation", key), version);
                register.state.organisations.insert(*code, state);
            }
        }
        for id in &slice.places {
            let key = id.to_string();
            if let Some((state, version)) = self.entry("place", &key).await? {
                register.versions.insert(Key::Entry("place", key), version);
                register.state.places.insert(*id, state);
            }
        }
        let mut households = slice.households.clone();
        if slice.with_households {
            for person in &people {
                households.extend(self.households_with(*person).await?);
            }
        }
        for id in households {
            if let Some(row) = self.fetch_optional(HOUSEHOLD, args![id]).await? {
                let loaded: Loaded<Household> = Loaded::read(&row, &HOUSEHOLD_STATE)?;
                people.extend(loaded.state.memberships.iter().map(|one| one.person));
                register.put_household(loaded);
            }
        }
        self.load_people(people, &mut register).await?;
        Ok(register)
    }

    /// The households a person belongs or belonged to.
    pub async fn households_with(&mut self, person: PersonId) -> Result<Vec<HouseholdId>> {
        let rows = self.fetch_all(MEMBERSHIPS, args![person]).await?;
        rows.iter().map(|row| row.get("household")).collect()
    }

    /// Up to `limit` households after one, with everyone who ever belonged to
    /// them: the whole register, page by page.
    pub async fn register_page(&mut self, after: HouseholdId, limit: u32) -> Result<Register> {
        let rows = self.fetch_all(PAGE, args![after, limit]).await?;
        let last = rows.last().map(|row| row.get("id")).transpose()?;
        self.with_people(&rows, after, last.unwrap_or(after)).await
    }

    /// The last of up to `limit` households after one; none after the last of all. Pages
    /// whose ends are known can be read side by side.
    pub async fn page_end(
        &mut self,
        after: HouseholdId,
        limit: u32,
    ) -> Result<Option<HouseholdId>> {
        let row = self.fetch_one(PAGE_END, args![after, limit]).await?;
        row.maybe("last")
    }

    /// The households after one up to another, with everyone who ever belonged to them.
    pub async fn register_between(
        &mut self,
        after: HouseholdId,
        last: HouseholdId,
    ) -> Result<Register> {
        let rows = self.fetch_all(BETWEEN, args![after, last]).await?;
        self.with_people(&rows, after, last).await
    }

    async fn with_people(
        &mut self,
        households: &[Row],
        after: HouseholdId,
        last: HouseholdId,
    ) -> Result<Register> {
        let mut register = Register::default();
        for row in households {
            register.put_household(Loaded::read(row, &HOUSEHOLD_STATE)?);
        }
        for row in self.fetch_all(PAGE_PEOPLE, args![after, last]).await? {
            register.put_person(Loaded::read(&row, &PERSON_STATE)?);
        }
        Ok(register)
    }

    /// Up to `limit` people after one.
    pub async fn people_after(&mut self, after: PersonId, limit: u32) -> Result<Vec<Person>> {
        let rows = self.fetch_all(PEOPLE_AFTER, args![after, limit]).await?;
        rows.iter()
            .map(|row| row.unsealed_json(&PERSON_STATE))
            .collect()
    }

    /// Households whose present region lies between two codes, both included.
    pub async fn households_in(
        &mut self,
        from: RegionCode,
        to: RegionCode,
    ) -> Result<Vec<HouseholdId>> {
        let rows = self.fetch_all(IN_REGION, args![from, to]).await?;
        rows.iter().map(|row| row.get("id")).collect()
    }

    /// How many people and households there are.
    pub async fn register_counts(&mut self) -> Result<(i64, i64)> {
        let row = self.fetch_one(COUNTS, args![]).await?;
        Ok((row.get("people")?, row.get("households")?))
    }

    /// Keeps what `events` made of a slice: `register.state` has them applied.
    pub async fn save_register(
        &mut self,
        register: &Register,
        events: &[Event],
        actor: &Actor,
        now: Now,
    ) -> Result<()> {
        let mut touched: BTreeMap<Key, Vec<&Event>> = BTreeMap::new();
        for event in events {
            for key in register.keys(event) {
                touched.entry(key).or_default().push(event);
            }
        }
        for (key, events) in touched {
            let version = register.versions.get(&key).copied().unwrap_or(0);
            match key {
                Key::Person(id) => {
                    let next = self
                        .append("person", id.0, version, &events, actor, now)
                        .await?;
                    self.save_person(register, id, version, next).await?;
                }
                Key::Household(id) => {
                    let next = self
                        .append("household", id.0, version, &events, actor, now)
                        .await?;
                    self.save_household(register, id, version, next).await?;
                }
                Key::Entry(kind, key) => {
                    let state = register.entry_json(kind, &key)?;
                    let id = match self.fetch_optional(ENTRY, args![kind, key]).await? {
                        Some(row) => row.get("id")?,
                        None => self.next_id(kind).await?,
                    };
                    let next = self.append(kind, id, version, &events, actor, now).await?;
                    let state = self.seal(&ENTRY_STATE, &row![kind, key, next], state)?;
                    if version == 0 {
                        self.execute(ADD_ENTRY, args![kind, key, id, next, state])
                            .await?;
                    } else {
                        let row = args![kind, key, next, state, version];
                        self.execute_one(SAVE_ENTRY, row, "登记").await?;
                    }
                }
            }
        }
        Ok(())
    }

    async fn load_people(
        &mut self,
        people: BTreeSet<PersonId>,
        register: &mut Register,
    ) -> Result<()> {
        let mut wanted: Vec<PersonId> = people.into_iter().collect();
        while let Some(id) = wanted.pop() {
            if register.state.people.contains_key(&id) {
                continue;
            }
            if let Some(row) = self.fetch_optional(PERSON, args![id]).await? {
                let loaded: Loaded<Person> = Loaded::read(&row, &PERSON_STATE)?;
                wanted.extend(loaded.state.merged_into);
                register.put_person(loaded);
            }
        }
        Ok(())
    }

    async fn entry<S: serde::de::DeserializeOwned>(
        &mut self,
        kind: &'static str,
        key: &str,
    ) -> Result<Option<(S, i64)>> {
        match self.fetch_optional(ENTRY, args![kind, key]).await? {
            Some(row) => Ok(Some((
                row.unsealed_json(&ENTRY_STATE)?,
                row.get("version")?,
            ))),
            None => Ok(None),
        }
    }

    async fn save_person(
        &mut self,
        register: &Register,
        id: PersonId,
        version: i64,
        next: i64,
    ) -> Result<()> {
        let Some(person) = register.state.people.get(&id) else {
            return Err(StoreError::fault(format!(
                "person {id} is not in the slice"
            )));
        };
        let merged = person.merged_into;
        let state = self.seal(&PERSON_STATE, &row![id, next], json(person)?)?;
        if version == 0 {
            self.execute(ADD_PERSON, args![id, next, merged, state])
                .await?;
        } else {
            let row = args![id, next, merged, state, version];
            self.execute_one(SAVE_PERSON, row, "人员登记").await?;
        }
        for number in numbers_of(person) {
            self.add_number(&number, id).await?;
        }
        Ok(())
    }

    async fn save_household(
        &mut self,
        register: &Register,
        id: HouseholdId,
        version: i64,
        next: i64,
    ) -> Result<()> {
        let Some(one) = register.state.households.get(&id) else {
            return Err(StoreError::fault(format!(
                "household {id} is not in the slice"
            )));
        };
        let (region, within) = (region_of(one)?, one.within);
        let state = self.seal(&HOUSEHOLD_STATE, &row![id, next], json(one)?)?;
        if version == 0 {
            self.execute(ADD_HOUSEHOLD, args![id, next, region, within, state])
                .await?;
        } else {
            let row = args![id, next, region, within, state, version];
            self.execute_one(SAVE_HOUSEHOLD, row, "家庭登记").await?;
        }
        for member in &one.memberships {
            self.execute(ADD_MEMBERSHIP, args![member.person, id])
                .await?;
        }
        Ok(())
    }
}

impl From<State> for Register {
    /// A slice of which nothing is kept yet.
    fn from(state: State) -> Self {
        Register {
            state,
            versions: BTreeMap::new(),
        }
    }
}

impl Register {
    fn put_person(&mut self, loaded: Loaded<Person>) {
        self.versions
            .insert(Key::Person(loaded.state.id), loaded.version);
        self.state.people.insert(loaded.state.id, loaded.state);
    }

    fn put_household(&mut self, loaded: Loaded<Household>) {
        self.versions
            .insert(Key::Household(loaded.state.id), loaded.version);
        self.state.households.insert(loaded.state.id, loaded.state);
    }

    /// Whose history an event belongs to; a merge changes the merged entry too.
    fn keys(&self, event: &Event) -> Vec<Key> {
        match event {
            Event::PersonRegistered { id, .. } => vec![Key::Person(*id)],
            Event::Recorded { person, .. } | Event::Retracted { person, .. } => {
                vec![Key::Person(*person)]
            }
            Event::HouseholdFormed { id, .. } => vec![Key::Household(*id)],
            Event::Joined { household, .. }
            | Event::Left { household, .. }
            | Event::LeaveUndone { household, .. }
            | Event::JoinUndone { household, .. }
            | Event::HeadChanged { household, .. }
            | Event::Moved { household, .. }
            | Event::PlacedWithin { household, .. } => vec![Key::Household(*household)],
            Event::MergeProposed { id, .. } | Event::MergeRejected { id, .. } => {
                vec![Key::Entry("merge", id.to_string())]
            }
            Event::Merged { id, .. } | Event::MergeUndone { id, .. } => {
                let merged = self.state.merges.get(id).map(|one| Key::Person(one.merge));
                let entry = Key::Entry("merge", id.to_string());
                std::iter::once(entry).chain(merged).collect()
            }
            Event::OrganisationRecorded { code, .. } => {
                vec![Key::Entry("organisation", String::from(*code))]
            }
            Event::PlaceRecorded { id, .. } => vec![Key::Entry("place", id.to_string())],
        }
    }

    fn entry_json(&self, kind: &'static str, key: &str) -> Result<String> {
        let missing = || StoreError::fault(format!("{kind} {key} is not in the slice"));
        match kind {
            "merge" => {
                let found = self
                    .state
                    .merges
                    .values()
                    .find(|one| one.id.to_string() == key);
                json(found.ok_or_else(missing)?)
            }
            "organisation" => {
                let mut all = self.state.organisations.values();
                let found = all.find(|one| String::from(one.code) == key);
                json(found.ok_or_else(missing)?)
            }
            _ => {
                let found = self
                    .state
                    .places
                    .values()
                    .find(|one| one.id.to_string() == key);
                json(found.ok_or_else(missing)?)
            }
        }
    }
}

/// Every number the entry has or had, struck out ones too: they must be found.
fn numbers_of(person: &Person) -> BTreeSet<String> {
    let numbers = person
        .versions
        .iter()
        .filter_map(|version| match version.fact {
            PersonFact::Number(number) => Some(number.reveal().to_owned()),
            _ => None,
        });
    numbers.collect()
}

fn region_of(household: &Household) -> Result<RegionCode> {
    let newest = household.regions.iter().max_by_key(|(from, _)| *from);
    newest
        .map(|(_, region)| *region)
        .ok_or_else(|| StoreError::fault("a household that lives nowhere"))
}
