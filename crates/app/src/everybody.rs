//! 「全域」 Everybody of the register, page by page, with what the pool says of them: the
//! next pages are read, side by side, while the one at hand is judged.

use crate::App;
use crate::error::{AppError, Result};
use crate::screen::{Family, Pooled, families, pooled};
use engine_pool::Standing;
use kernel::{Date, HouseholdId, PersonId, Slug};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use store::{Db, Tx};
use tokio::task::JoinHandle;

/// What a run reads.
struct Asked {
    /// Households of a page.
    page: u32,
    /// Pages read side by side.
    beside: usize,
    day: Date,
    categories: BTreeSet<Slug>,
    standings: BTreeMap<Slug, Standing>,
}

type Page = (Vec<Family>, Pooled);

/// The pages of a run.
pub(crate) struct Everybody {
    db: Db,
    asked: Arc<Asked>,
    /// Pages being read, in order.
    reading: VecDeque<JoinHandle<Result<Page>>>,
    /// The last household of the last of them; none once the end was seen.
    until: Option<HouseholdId>,
}

impl Everybody {
    /// Reads nothing before the first page is asked for.
    pub(crate) fn new(
        app: &App,
        day: Date,
        categories: BTreeSet<Slug>,
        standings: &BTreeMap<Slug, Standing>,
    ) -> Everybody {
        let standings = standings.clone();
        Everybody::asking(
            &app.db,
            Asked {
                page: app.pace.households.get(),
                // One more than are judged: nobody waits for the disk.
                beside: app.pace.threads.get() + 1,
                day,
                categories,
                standings,
            },
        )
    }

    fn asking(db: &Db, asked: Asked) -> Everybody {
        Everybody {
            db: db.clone(),
            asked: Arc::new(asked),
            reading: VecDeque::new(),
            until: Some(HouseholdId(0)),
        }
    }

    /// The next families that stand on the day, and the records of their members; none
    /// at the end.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn page(&mut self) -> Result<Option<Page>> {
        loop {
            self.read_ahead().await?;
            let Some(next) = self.reading.front_mut() else {
                return Ok(None);
            };
            let came = next.await.map_err(|why| AppError::Fault(why.to_string()));
            self.reading.pop_front();
            let page = came??;
            // A page of dissolved households alone is not the end.
            if !page.0.is_empty() {
                self.read_ahead().await?;
                return Ok(Some(page));
            }
        }
    }

    async fn read_ahead(&mut self) -> Result<()> {
        while let Some(after) = self.until
            && self.reading.len() < self.asked.beside
        {
            let limit = self.asked.page;
            let end = async move |tx: &mut Tx| tx.page_end(after, limit).await;
            self.until = self.db.read(end).await?;
            if let Some(last) = self.until {
                let page = read(self.db.clone(), Arc::clone(&self.asked), after, last);
                self.reading.push_back(tokio::spawn(page));
            }
        }
        Ok(())
    }
}

impl Drop for Everybody {
    fn drop(&mut self) {
        self.reading.iter().for_each(JoinHandle::abort);
    }
}

async fn read(db: Db, asked: Arc<Asked>, after: HouseholdId, last: HouseholdId) -> Result<Page> {
    db.read(async move |tx| {
        let register = tx.register_between(after, last).await?;
        let families = families(&register, asked.day);
        let members = families.iter().flat_map(|family| &family.members);
        let people: BTreeSet<PersonId> = members.map(|(id, _)| *id).collect();
        let pooled = pooled(tx, &people, &asked.categories, &asked.standings).await?;
        Ok((families, pooled))
    })
    .await
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::case::tests::town::{Town, VILLAGE};
    use engine_registry::{Command, NewMember, Origin, PersonFact, State, decide};
    use kernel::{Actor, Now, Relation, Role};
    use store::testing::both;

    /// A household of one, older than the town's.
    pub(crate) async fn older(db: &Db, now: Now) {
        let actor = Actor {
            account: "test".to_owned(),
            person: None,
            role: Role::System,
        };
        let origin = || Origin::Department {
            category: "resident".parse().unwrap(),
            batch: kernel::DataBatchId(1),
            as_of: "2025-06-01".parse().unwrap(),
        };
        let (mut state, mut log) = (State::default(), Vec::new());
        let commands = [
            Command::RegisterPerson {
                id: PersonId(9),
                facts: vec![
                    PersonFact::Name("合成独居".parse().unwrap()),
                    PersonFact::Number("990482195001010015".parse().unwrap()),
                ],
                origin: origin(),
            },
            Command::FormHousehold {
                id: HouseholdId(9),
                region: VILLAGE.parse().unwrap(),
                members: vec![NewMember {
                    person: PersonId(9),
                    relation: Relation::HEAD,
                }],
                from: "2025-06-01".parse().unwrap(),
                within: None,
                origin: origin(),
            },
        ];
        for command in commands {
            let events = decide(&state, command, &engine_registry::Config::default(), now).unwrap();
            for event in &events {
                state.apply(event);
            }
            log.extend(events);
        }
        let write = async move |tx: &mut Tx| tx.load_register(&state, &log, &actor, now).await;
        db.write(write).await.unwrap();
    }

    #[tokio::test]
    async fn a16_a_page_of_households_that_do_not_stand_is_not_the_end() {
        both(async |db| {
            let town = Town::new(db).await;
            let db = town.app.db().clone();
            older(&db, town.app.now()).await;
            let on = async |day: &str, beside: usize| {
                let asked = Asked {
                    page: 1,
                    beside,
                    day: day.parse().unwrap(),
                    categories: BTreeSet::new(),
                    standings: BTreeMap::new(),
                };
                let mut everybody = Everybody::asking(&db, asked);
                let mut seen = Vec::new();
                while let Some((families, _)) = everybody.page().await.unwrap() {
                    seen.extend(families.iter().map(|one| (one.id, one.members.len())));
                }
                assert!(everybody.page().await.unwrap().is_none());
                seen
            };
            // The town's own household stands from 2026 on.
            let both = [(HouseholdId(1), 2), (HouseholdId(9), 1)];
            for beside in 1..4 {
                assert_eq!(on("2025-12-01", beside).await, [(HouseholdId(9), 1)]);
                assert_eq!(on("2026-03-02", beside).await, both);
            }
        })
        .await;
    }
}
