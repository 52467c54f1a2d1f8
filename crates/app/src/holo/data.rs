//! 「谁说的、哪天的」 A person's data by category, every record with its number, its
//! delivery, its department and its time; fields as far as the reader may see them.

use crate::{App, Context, Result};
use engine_access::{Permit, Purpose, View, show};
use engine_pool::{Authorisation, Category, PurposeKind, Value, may_read};
use kernel::{DataBatchId, Date, Instant, Now, PersonId, Slug};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use store::{PoolRecord, Tx};

/// A category of data about somebody.
#[derive(Clone, Debug)]
pub struct HoloCategory {
    /// Its id.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub department: String,
    /// How often it comes.
    pub rhythm: &'static str,
    /// Days since the day its last accepted delivery speaks of: a marriage of twelve years
    /// ago in yesterday's delivery is a day old. `None`: no delivery stands.
    pub age_days: Option<i64>,
    /// Whether that is older than it should be.
    pub stale: bool,
    /// Its records, newest first.
    pub records: Vec<HoloRecord>,
}

/// A record.
#[derive(Clone, Debug)]
pub struct HoloRecord {
    /// The department's own number of it, all but its end masked.
    pub record_no: String,
    /// The day it speaks of.
    pub as_of: Date,
    /// The delivery it came in.
    pub batch: DataBatchId,
    /// When that came.
    pub received: Instant,
    /// Field and value, as far as they are shown.
    pub fields: Vec<(String, String)>,
    /// Fields the reader may not see.
    pub hidden: usize,
}

type Pooled = BTreeMap<PersonId, (Vec<HoloCategory>, usize)>;

impl App {
    /// What the pool holds of these people that may be read for this matter.
    pub(super) async fn pooled_for(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        people: &BTreeSet<PersonId>,
        permit: &Permit,
        now: Now,
    ) -> Result<Pooled> {
        let paper = standing_paper(tx, &ctx.purpose, now.today()).await?;
        let mut by_key: BTreeMap<(PersonId, Slug), Vec<PoolRecord>> = BTreeMap::new();
        for record in tx.records_of(people, None).await? {
            let key = (record.person, record.category.clone());
            by_key.entry(key).or_default().push(record);
        }
        let standings = tx.pool_standings().await?;
        let mut received: BTreeMap<DataBatchId, Instant> = BTreeMap::new();
        let mut pooled = Pooled::new();
        for ((person, id), mut records) in by_key {
            let catalogue = &self.law.pack.data().catalogue;
            let Some(category) = catalogue.category(&id) else {
                continue;
            };
            let entry = pooled.entry(person).or_default();
            if !may_know(category, person, paper.as_ref(), now.today()) {
                entry.1 += 1;
                continue;
            }
            records.sort_by_key(|one| std::cmp::Reverse((one.as_of, one.batch)));
            let mut shown = Vec::with_capacity(records.len());
            for record in &records {
                let at = match received.entry(record.batch) {
                    Entry::Occupied(known) => *known.get(),
                    Entry::Vacant(open) => {
                        *open.insert(tx.delivery(record.batch).await?.received_at)
                    }
                };
                shown.push(self.holo_record(category, record, at, permit));
            }
            let standing = standings.get(&id);
            entry.0.push(HoloCategory {
                id: id.clone(),
                name: category.name.clone(),
                department: catalogue
                    .owner(&id)
                    .map(|one| one.name.clone())
                    .unwrap_or_default(),
                rhythm: category.frequency.label(),
                age_days: standing.map(|one| one.age_days(now.today())),
                stale: standing.is_none_or(|one| !one.is_fresh(category, now.today())),
                records: shown,
            });
        }
        Ok(pooled)
    }

    pub(crate) fn holo_record(
        &self,
        category: &Category,
        record: &PoolRecord,
        received: Instant,
        permit: &Permit,
    ) -> HoloRecord {
        let mut fields = Vec::new();
        let mut hidden = 0;
        for field in &category.fields {
            let Some(value) = record.values.get(&field.id) else {
                continue;
            };
            let words = self.value_words(&field.ty, value);
            match show(&words, field.level, View::Detail, permit) {
                Some(shown) => fields.push((field.name.clone(), shown)),
                None => hidden += 1,
            }
        }
        HoloRecord {
            record_no: engine_access::last_four(&record.record_no),
            as_of: record.as_of,
            batch: record.batch,
            received,
            fields,
            hidden,
        }
    }

    /// A value as people read it: codes by their names, places by theirs.
    pub(crate) fn value_words(&self, ty: &engine_pool::FieldType, value: &Value) -> String {
        match (ty, value) {
            (engine_pool::FieldType::Code(codes), Value::Code(code)) => {
                codes.get(code).cloned().unwrap_or_else(|| code.to_string())
            }
            (_, Value::Region(region)) => self.place(*region),
            _ => value.to_string(),
        }
    }
}

/// What may be known without asking, and what the household has authorised.
fn may_know(
    category: &Category,
    person: PersonId,
    paper: Option<&Authorisation>,
    day: Date,
) -> bool {
    if category.allows(PurposeKind::Discovery) {
        return true;
    }
    let purpose = paper.map(|paper| engine_pool::Purpose::Verification { case: paper.case });
    purpose.is_some_and(|purpose| may_read(category, &purpose, person, paper, day).is_ok())
}

/// The case's authorisation that holds today.
async fn standing_paper(
    tx: &mut Tx,
    purpose: &Purpose,
    today: Date,
) -> Result<Option<Authorisation>> {
    let Purpose::Case(case) = purpose else {
        return Ok(None);
    };
    let papers = tx.authorisations_of(*case).await?.into_iter().rev();
    Ok(papers.map(|one| one.state).find(|one| one.holds_on(today)))
}
