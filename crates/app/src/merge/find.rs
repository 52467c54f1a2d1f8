//! 「找」 Goes through the whole register once and writes down who may be one person with
//! whom. What people have judged before is not asked again.

use super::Suspicion;
use crate::{App, Result};
use engine_registry::suspect::{likeness, suspect};
use engine_registry::{Config, Person, State};
use kernel::PersonId;
use sha2::{Digest as _, Sha256};
use store::{RegisterSlice, Tx};

/// People read at a time.
const PAGE: u32 = 1_000;
/// More entries alike than this are no suspicion but a fault of some delivery.
const ALIKE_MAX: usize = 12;

impl App {
    /// 找疑似一人 How many new suspicions there are. Costs sixteen bytes a person while it
    /// runs.
    ///
    /// # Errors
    /// The store's.
    pub async fn look_for_doubles(&self) -> Result<usize> {
        let mut all: Vec<(u64, PersonId)> = Vec::new();
        let mut after = PersonId(0);
        loop {
            let from = after;
            let people: Vec<Person> = self
                .db
                .read(async move |tx| tx.people_after(from, PAGE).await)
                .await?;
            let Some(last) = people.last() else { break };
            after = last.id;
            all.extend(people.iter().filter_map(|one| Some((mark(one)?, one.id))));
        }
        all.sort_unstable();
        let mut found = 0;
        for alike in all.chunk_by(|a, b| a.0 == b.0) {
            if (2..=ALIKE_MAX).contains(&alike.len()) {
                let alike: Vec<PersonId> = alike.iter().map(|(_, id)| *id).collect();
                found += self.suspect_among(alike).await?;
            }
        }
        Ok(found)
    }

    async fn suspect_among(&self, alike: Vec<PersonId>) -> Result<usize> {
        let now = self.now();
        let found = self
            .db
            .write(async move |tx: &mut Tx| {
                let slice = RegisterSlice {
                    people: alike.iter().copied().collect(),
                    with_households: true,
                    ..RegisterSlice::default()
                };
                let register = tx.register(&slice).await?.state;
                let mut found = 0;
                for (at, one) in alike.iter().enumerate() {
                    for other in &alike[at + 1..] {
                        let pair = (*one.min(other), *one.max(other));
                        let Some(suspicion) = suspicion(&register, pair, now.today()) else {
                            continue;
                        };
                        found += usize::from(tx.suspect_merge(pair, &suspicion, now).await?);
                    }
                }
                Ok::<_, store::StoreError>(found)
            })
            .await?;
        Ok(found)
    }
}

fn suspicion(
    register: &State,
    (one, other): (PersonId, PersonId),
    today: kernel::Date,
) -> Option<Suspicion> {
    let home = |person| {
        let (home, _) = register.household_of(person, today)?;
        home.region_on(today)
    };
    let people = (register.people.get(&one)?, register.people.get(&other)?);
    let ground = suspect(people, (home(one), home(other)), &Config::default())?;
    Some(Suspicion {
        ground,
        two: None,
        merge: None,
        left: None,
    })
}

/// The same for entries of one person.
fn mark(person: &Person) -> Option<u64> {
    let (name, born) = likeness(person, &Config::default())?;
    let digest = Sha256::digest(format!("{name}|{born}"));
    let first = digest.first_chunk::<8>()?;
    Some(u64::from_be_bytes(*first))
}
