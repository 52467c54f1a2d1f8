//! 「谁说的、哪天的」 A person's data by category, every record with its number, its
//! delivery, its department and its time; fields as far as the reader may see them. What
//! is not there is looked up and none, or not known, and why: the two are never one list.
//! Absent on purpose: whether there are records of what needs an authorisation.

use super::Found;
use crate::{App, Context, Result};
use engine_access::{Permit, Purpose, View, show};
use engine_pool::{
    Answer, Authorisation, Category, NoAnswer, PurposeKind, Standing, Value, from_pool, may_read,
};
use engine_registry::Config;
use kernel::{DataBatchId, Date, Instant, Now, PersonId, Slug};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use store::{PoolRecord, Tx};

/// What departments know of somebody, as far as this matter lets it be read.
#[derive(Clone, Debug, Default)]
pub struct HoloData {
    /// 有记录的 Categories with records.
    pub held: Vec<HoloCategory>,
    /// 查过、没有的 Looked up to a day, and nothing there.
    pub none: Vec<HoloNone>,
    /// 还不知道的 What nobody knows.
    pub unknown: Vec<HoloUnknown>,
    /// 要授权的 Categories that need an authorisation which is not there: counted from the
    /// catalogue, so that the number tells nothing of this person.
    pub locked: usize,
}

/// A category that holds nothing about somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoloNone {
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub department: String,
    /// The day up to which was looked.
    pub as_of: Date,
}

/// A category of which nobody knows what it holds about somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoloUnknown {
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub department: String,
    /// Why, in words.
    pub why: String,
}

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
    /// Whether the delivery had another row about them that was set back.
    pub set_back: bool,
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

/// What a page about some people is told from.
struct Pool<'a> {
    paper: Option<Authorisation>,
    records: BTreeMap<(PersonId, Slug), Vec<PoolRecord>>,
    standings: BTreeMap<Slug, Standing>,
    /// Whose row of which category was set back.
    gaps: BTreeSet<(PersonId, Slug)>,
    /// When deliveries came, as far as they were asked for.
    received: BTreeMap<DataBatchId, Instant>,
    permit: &'a Permit,
    today: Date,
}

impl App {
    /// What the pool holds of these people that may be read for this matter.
    pub(super) async fn pooled_for(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        found: &Found,
        permit: &Permit,
        now: Now,
    ) -> Result<BTreeMap<PersonId, HoloData>> {
        let standings = tx.pool_standings().await?;
        let mut pool = Pool {
            paper: standing_paper(tx, &ctx.purpose, now.today()).await?,
            records: BTreeMap::new(),
            gaps: tx.gaps_of(&found.people, &standings).await?,
            standings,
            received: BTreeMap::new(),
            permit,
            today: now.today(),
        };
        for record in tx.records_of(&found.people, None).await? {
            let key = (record.person, record.category.clone());
            pool.records.entry(key).or_default().push(record);
        }
        let mut pooled = BTreeMap::new();
        for person in &found.people {
            let one = found.register.people.get(person);
            let numbered = one.is_some_and(|one| one.number(&Config::default()).is_some());
            let data = self.holo_data(tx, &mut pool, (*person, numbered)).await?;
            pooled.insert(*person, data);
        }
        Ok(pooled)
    }

    async fn holo_data(
        &self,
        tx: &mut Tx,
        pool: &mut Pool<'_>,
        (person, numbered): (PersonId, bool),
    ) -> Result<HoloData> {
        let catalogue = &self.law.pack.data().catalogue;
        let mut data = HoloData::default();
        for category in catalogue
            .categories()
            .filter(|one| one.keyed_by.is_people())
        {
            if !may_know(category, person, pool.paper.as_ref(), pool.today) {
                data.locked += usize::from(category.allows(PurposeKind::Verification));
                continue;
            }
            let key = (person, category.id.clone());
            let records = pool.records.remove(&key).unwrap_or_default();
            let set_back = pool.gaps.contains(&key);
            let name = category.name.clone();
            let owner = catalogue.owner(&category.id);
            let department = owner.map(|one| one.name.clone()).unwrap_or_default();
            let standing = pool.standings.get(&category.id).copied();
            if records.is_empty() {
                let looked = match set_back {
                    true => Err(NoAnswer::RowRefused.to_string()),
                    false => looked_up(category, standing, numbered, pool.today),
                };
                match looked {
                    Ok(as_of) => data.none.push(HoloNone {
                        name,
                        department,
                        as_of,
                    }),
                    Err(why) => data.unknown.push(HoloUnknown {
                        name,
                        department,
                        why,
                    }),
                }
                continue;
            }
            data.held.push(HoloCategory {
                id: category.id.clone(),
                name,
                department,
                rhythm: category.frequency.label(),
                age_days: standing.map(|one| one.age_days(pool.today)),
                stale: standing.is_none_or(|one| !one.is_fresh(category, pool.today)),
                set_back,
                records: self.holo_records(tx, pool, category, records).await?,
            });
        }
        Ok(data)
    }

    async fn holo_records(
        &self,
        tx: &mut Tx,
        pool: &mut Pool<'_>,
        category: &Category,
        mut records: Vec<PoolRecord>,
    ) -> Result<Vec<HoloRecord>> {
        records.sort_by_key(|one| std::cmp::Reverse((one.as_of, one.batch)));
        let mut shown = Vec::with_capacity(records.len());
        for record in &records {
            let at = match pool.received.entry(record.batch) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(open) => *open.insert(tx.delivery(record.batch).await?.received_at),
            };
            shown.push(self.holo_record(category, record, at, pool.permit));
        }
        Ok(shown)
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

/// The day up to which somebody without records was looked up, or why nobody knows.
fn looked_up(
    category: &Category,
    standing: Option<Standing>,
    numbered: bool,
    today: Date,
) -> Result<Date, String> {
    match from_pool(category, standing, Vec::new(), today) {
        Answer::NoAnswer { why } => Err(why.to_string()),
        // Departments know people by their numbers alone.
        _ if !numbered => Err("底册里没有他的证件号，部门对不上他".to_owned()),
        Answer::NoRecord { as_of } => Ok(as_of),
        Answer::Records(_) => Err(NoAnswer::LeftOut.to_string()),
    }
}

/// What may be known without asking, and what the household has authorised.
pub(super) fn may_know(
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
pub(super) async fn standing_paper(
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
