//! 「记录」 The standing version of every record. A registered person's records lie
//! together by person, then category, and household members have neighbouring
//! numbers: verifying a household is one short range. Of two versions of a
//! record the later day stands, and on the same day the later delivery.

use super::content::{Opened, unpack, unpack_other};
use super::names::Names;
use crate::error::{Result, StoreError};
use crate::seal::{Blind, sealed};
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args};
use engine_pool::{Held, Record, Subject, Value};
use kernel::{DataBatchId, Date, PersonId, PersonNumber, Slug};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A record to be put into the pool; `person` where its subject is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// The registered person it is about.
    pub person: Option<PersonId>,
    /// The record.
    pub record: Record,
}

/// A record about a registered person, as the pool holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolRecord {
    /// Whom it is about.
    pub person: PersonId,
    /// Its category.
    pub category: Slug,
    /// The department's own number of it.
    pub record_no: String,
    /// The day it speaks of.
    pub as_of: Date,
    /// Its delivery.
    pub batch: DataBatchId,
    /// Its values by field.
    pub values: BTreeMap<Slug, Value>,
}

impl PoolRecord {
    /// As engine-pool speaks of it.
    pub fn held(self, number: PersonNumber) -> Held {
        Held {
            record: Record {
                category: self.category,
                subject: Subject::Person(number),
                record_no: self.record_no,
                as_of: self.as_of,
                values: self.values,
            },
            batch: Some(self.batch),
        }
    }
}

/// Records about people who are not registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OthersPage {
    /// The key of the last subject looked at: the next page begins after it.
    pub last: Vec<u8>,
    /// By number of the person.
    pub people: BTreeMap<PersonNumber, Vec<Held>>,
}

sealed! {
    pub(super) OF_PERSON = pool_record.field_values (person: Int, category: Int, record_no: Bytes, as_of: Text, batch: Int);
    pub(super) OF_OTHER = pool_other.field_values (subject: Bytes, category: Int, record_no: Bytes, as_of: Text, batch: Int);
}

/// What a record's number and a subject are found by.
const RECORD_NO: &str = "pool.record_no";
const SUBJECT: &str = "pool_other.subject";

statements! {
    OF_RANGE = "SELECT person, category, record_no, as_of, batch, field_values FROM pool_record
                WHERE person >= $1 AND person <= $2 ORDER BY person, category";
    OF_CATEGORY = "SELECT person, category, record_no, as_of, batch, field_values
                   FROM pool_record WHERE person = $1 AND category = $2";
    OF_SUBJECT = "SELECT subject, category, record_no, as_of, batch, field_values FROM pool_other
                  WHERE subject = $1 ORDER BY category";
    OTHERS_AFTER = "SELECT DISTINCT subject FROM pool_other
                    WHERE subject > $1 ORDER BY subject LIMIT $2";
    OTHERS_BETWEEN = "SELECT subject, category, record_no, as_of, batch, field_values
                      FROM pool_other WHERE subject > $1 AND subject <= $2
                      ORDER BY subject, category";
    FORGET_OTHER = "DELETE FROM pool_other WHERE subject = $1";
    COUNT = "SELECT count(*) AS n FROM pool_record";
}

impl Tx {
    /// The records of people, by person and category, with those of entries merged into
    /// them; of `categories` only, where given. Neighbouring numbers are read in one range.
    pub async fn records_of(
        &mut self,
        people: &BTreeSet<PersonId>,
        categories: Option<&BTreeSet<Slug>>,
    ) -> Result<Vec<PoolRecord>> {
        let mut records = Vec::new();
        for (first, last) in ranges(people) {
            records.extend(self.records_between(first, last, categories).await?);
        }
        // What is filed under an entry that was merged is read as the other's; it stays
        // where it is, so that an undone merge leaves nothing behind.
        let leads = self.merged_into(people).await?;
        for (merged, head) in &leads {
            let more = self.records_between(*merged, *merged, categories).await?;
            records.extend(more.into_iter().map(|one| PoolRecord {
                person: *head,
                ..one
            }));
        }
        if !leads.is_empty() {
            records.sort_by_key(|one| one.person);
        }
        Ok(records)
    }

    /// The records of everyone numbered `first` to `last`, by person: screening.
    pub async fn records_between(
        &mut self,
        first: PersonId,
        last: PersonId,
        categories: Option<&BTreeSet<Slug>>,
    ) -> Result<Vec<PoolRecord>> {
        let rows = self.fetch_all(OF_RANGE, args![first, last]).await?;
        let (mut records, names) = self.opened(&rows, read).await?;
        if let Some(wanted) = categories {
            records.retain(|one| wanted.contains(&one.category));
        }
        records.sort_by(|a, b| {
            let place = |one: &PoolRecord| (one.person, names.categories.number(&one.category));
            (place(a), &a.record_no).cmp(&(place(b), &b.record_no))
        });
        Ok(records)
    }

    /// One person's records of one category.
    pub async fn records_in(
        &mut self,
        person: PersonId,
        category: &Slug,
    ) -> Result<Vec<PoolRecord>> {
        let mut names = self.names().await?;
        if names.categories.number(category).is_none() {
            names = self.look_up_names().await?;
        }
        let Some(no) = names.categories.number(category) else {
            return Ok(Vec::new());
        };
        let rows = self.fetch_all(OF_CATEGORY, args![person, no]).await?;
        let (mut records, _) = self.opened(&rows, read).await?;
        records.sort_by(|a, b| a.record_no.cmp(&b.record_no));
        Ok(records)
    }

    /// The records about an organisation, a place or somebody not registered.
    pub async fn records_about(&mut self, subject: &Subject) -> Result<Vec<Held>> {
        let rows = self
            .fetch_all(OF_SUBJECT, args![self.blind_subject(subject)])
            .await?;
        let (mut held, names) = self.opened(&rows, read_other).await?;
        sort(&mut held, &names);
        Ok(held)
    }

    /// The records of `categories` about people who are not registered: of up to
    /// `limit` subjects after a key. `None` after the last.
    pub async fn others_after(
        &mut self,
        after: &[u8],
        limit: u32,
        categories: &BTreeSet<Slug>,
    ) -> Result<Option<OthersPage>> {
        let rows = self.fetch_all(OTHERS_AFTER, args![after, limit]).await?;
        let Some(row) = rows.last() else {
            return Ok(None);
        };
        let last: Vec<u8> = row.get("subject")?;
        let rows = self.fetch_all(OTHERS_BETWEEN, args![after, last]).await?;
        let (opened, names) = self.opened(&rows, read_other).await?;
        let mut people: BTreeMap<PersonNumber, Vec<Held>> = BTreeMap::new();
        for held in opened {
            if !categories.contains(&held.record.category) {
                continue;
            }
            if let Subject::Person(number) = held.record.subject {
                people.entry(number).or_default().push(held);
            }
        }
        for held in people.values_mut() {
            sort(held, &names);
        }
        Ok(Some(OthersPage { last, people }))
    }

    pub(super) fn blind_subject(&self, subject: &Subject) -> Blind {
        self.shared.secrets.blind(SUBJECT, &subject_key(subject))
    }

    /// What the number of a record is found by, here and where records are spoken of.
    pub(crate) fn blind_record_no(&self, record_no: &str) -> Blind {
        self.shared.secrets.blind(RECORD_NO, record_no)
    }

    /// Somebody was registered: the records about their number become theirs.
    pub async fn adopt_records(&mut self, number: PersonNumber, person: PersonId) -> Result<usize> {
        let subject = Subject::Person(number);
        let held = self.records_about(&subject).await?;
        self.execute(FORGET_OTHER, args![self.blind_subject(&subject)])
            .await?;
        let adopted = held.len();
        for Held { record, batch } in held {
            let batch = batch.ok_or_else(|| StoreError::fault("a record without delivery"))?;
            self.put_records(
                batch,
                vec![StoredRecord {
                    person: Some(person),
                    record,
                }],
            )
            .await?;
        }
        Ok(adopted)
    }

    /// How many records about registered people there are.
    pub async fn count_records(&mut self) -> Result<i64> {
        self.fetch_one(COUNT, args![]).await?.get("n")
    }
}

/// What one row says, or that a field was numbered since the names were read.
type ReadAs<T> = fn(&Row, &Names) -> Result<Opened<T>>;

impl Tx {
    /// The rows opened, each under the names it was kept with.
    async fn opened<T>(&mut self, rows: &[Row], read: ReadAs<T>) -> Result<(Vec<T>, Arc<Names>)> {
        let mut names = self.names().await?;
        let mut opened = Vec::with_capacity(rows.len());
        for row in rows {
            let mut one = read(row, &names)?;
            if matches!(one, Opened::NewName) {
                names = self.look_up_names().await?;
                one = read(row, &names)?;
            }
            match one {
                Opened::Whole(record) => opened.push(record),
                Opened::NewName => {
                    return Err(StoreError::fault("a record under a number without a name"));
                }
            }
        }
        Ok((opened, names))
    }
}

fn read(row: &Row, names: &Names) -> Result<Opened<PoolRecord>> {
    let Some(category) = names.categories.name(row.get("category")?) else {
        return Ok(Opened::NewName);
    };
    let Opened::Whole((record_no, values)) = unpack(&row.unsealed(&OF_PERSON)?, &names.fields)?
    else {
        return Ok(Opened::NewName);
    };
    Ok(Opened::Whole(PoolRecord {
        person: row.get("person")?,
        category: category.clone(),
        record_no,
        as_of: row.get("as_of")?,
        batch: row.get("batch")?,
        values,
    }))
}

fn read_other(row: &Row, names: &Names) -> Result<Opened<Held>> {
    let Some(category) = names.categories.name(row.get("category")?) else {
        return Ok(Opened::NewName);
    };
    let Opened::Whole((subject, (record_no, values))) =
        unpack_other(&row.unsealed(&OF_OTHER)?, &names.fields)?
    else {
        return Ok(Opened::NewName);
    };
    Ok(Opened::Whole(Held {
        record: Record {
            category: category.clone(),
            subject,
            record_no,
            as_of: row.get("as_of")?,
            values,
        },
        batch: Some(row.get("batch")?),
    }))
}

/// By category in the order of their numbers, then by the department's number.
fn sort(held: &mut [Held], names: &Names) {
    held.sort_by(|a, b| {
        let place = |one: &Held| names.categories.number(&one.record.category);
        (place(a), &a.record.record_no).cmp(&(place(b), &b.record.record_no))
    });
}

/// Runs of neighbouring numbers.
fn ranges(people: &BTreeSet<PersonId>) -> Vec<(PersonId, PersonId)> {
    let mut ranges: Vec<(PersonId, PersonId)> = Vec::new();
    for person in people {
        match ranges.last_mut() {
            Some((_, last)) if last.0 + 1 == person.0 => *last = *person,
            _ => ranges.push((*person, *person)),
        }
    }
    ranges
}

/// `person:…`, `organisation:…`, `place:…`.
fn subject_key(subject: &Subject) -> String {
    match subject {
        Subject::Person(number) => format!("person:{}", number.reveal()),
        Subject::Organisation(code) => format!("organisation:{}", String::from(*code)),
        Subject::Place(code) => format!("place:{}", code.as_u64()),
    }
}
