//! 「全域」 Everybody of the register, page by page, with what the pool says of them: the
//! next page is read while the one at hand is judged.

use crate::error::{AppError, Result};
use crate::screen::{Family, Pooled, families, pooled};
use engine_pool::Standing;
use kernel::{Date, HouseholdId, PersonId, Slug};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::Db;
use tokio::task::JoinHandle;

/// Households of a page: bounds the memory of a run.
const PAGE: u32 = 1_000;

/// What a run reads.
struct Asked {
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
        db: &Db,
        day: Date,
        categories: BTreeSet<Slug>,
        standings: &BTreeMap<Slug, Standing>,
    ) -> Everybody {
        let asked = Arc::new(Asked {
            day,
            categories,
            standings: standings.clone(),
        });
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
        let register = tx.register_page(after, PAGE).await?;
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
