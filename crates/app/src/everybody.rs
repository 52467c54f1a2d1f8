//! 「全域」 Everybody of the register, page by page, with what the pool says of them: the
//! next page is read while the one at hand is judged.

use crate::App;
use crate::error::{AppError, Result};
use crate::screen::{Family, Pooled, families, pooled};
use engine_pool::Standing;
use kernel::{Date, HouseholdId, PersonId, Slug};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::Db;
use tokio::task::JoinHandle;

/// What a run reads.
struct Asked {
    /// Households of a page.
    page: u32,
    day: Date,
    categories: BTreeSet<Slug>,
    standings: BTreeMap<Slug, Standing>,
}

/// A page as read: its last household, dissolved ones among them.
struct Read {
    last: Option<HouseholdId>,
    families: Vec<Family>,
    pooled: Pooled,
}

/// The pages of a run.
pub(crate) struct Everybody {
    db: Db,
    asked: Arc<Asked>,
    next: JoinHandle<Result<Read>>,
}

impl Everybody {
    /// Begins to read.
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
                day,
                categories,
                standings,
            },
        )
    }

    fn asking(db: &Db, asked: Asked) -> Everybody {
        let asked = Arc::new(asked);
        let next = tokio::spawn(read(db.clone(), Arc::clone(&asked), HouseholdId(0)));
        let db = db.clone();
        Everybody { db, asked, next }
    }

    /// The next families that stand on the day, and the records of their members; none
    /// at the end.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn page(&mut self) -> Result<Option<(Vec<Family>, Pooled)>> {
        loop {
            let came = (&mut self.next).await;
            let came = came.map_err(|why| AppError::Fault(why.to_string()))??;
            let Some(last) = came.last else {
                // Asked again, it is still the end.
                self.next = tokio::spawn(async { Ok(came) });
                return Ok(None);
            };
            self.next = tokio::spawn(read(self.db.clone(), Arc::clone(&self.asked), last));
            // A page of dissolved households alone is not the end.
            if !came.families.is_empty() {
                return Ok(Some((came.families, came.pooled)));
            }
        }
    }
}

impl Drop for Everybody {
    fn drop(&mut self) {
        self.next.abort();
    }
}

async fn read(db: Db, asked: Arc<Asked>, after: HouseholdId) -> Result<Read> {
    db.read(async move |tx| {
        let register = tx.register_page(after, asked.page).await?;
        let last = register.state.households.keys().next_back().copied();
        let families = families(&register, asked.day);
        let members = families.iter().flat_map(|family| &family.members);
        let people: BTreeSet<PersonId> = members.map(|(id, _)| *id).collect();
        let pooled = pooled(tx, &people, &asked.categories, &asked.standings).await?;
        Ok(Read {
            last,
            families,
            pooled,
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::tests::town::{Town, VILLAGE};
    use engine_registry::{Command, NewMember, Origin, PersonFact, State, decide};
    use kernel::{Actor, Now, Relation, Role};
    use store::testing::both;

    /// A household of one, older than the town's.
    async fn older(db: &Db, now: Now) {
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
        let write =
            async move |tx: &mut store::Tx| tx.load_register(&state, &log, &actor, now).await;
        db.write(write).await.unwrap();
    }

    #[tokio::test]
    async fn a16_a_page_of_households_that_do_not_stand_is_not_the_end() {
        both(async |db| {
            let town = Town::new(db).await;
            let db = town.app.db().clone();
            older(&db, town.app.now()).await;
            let on = async |day: &str| {
                let asked = Asked {
                    page: 1,
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
            assert_eq!(on("2025-12-01").await, [(HouseholdId(9), 1)]);
            let both = [(HouseholdId(1), 2), (HouseholdId(9), 1)];
            assert_eq!(on("2026-03-02").await, both);
        })
        .await;
    }
}
