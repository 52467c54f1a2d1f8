//! 「矛盾」 What two departments cannot both truly say of somebody, with both sides.
//! One that is no longer found stays, with the time it was gone.

use crate::error::Result;
use crate::seal::{Blind, sealed};
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args, json, row};
use engine_pool::Subject;
use kernel::{DataBatchId, Date, Now, PersonId, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One side of a contradiction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContradictionSide {
    /// The category.
    pub category: Slug,
    /// The department's own number of the record.
    pub record_no: String,
    /// The day the record speaks of.
    pub as_of: Date,
    /// The delivery it came in.
    pub batch: Option<DataBatchId>,
}

/// A contradiction as found in the pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundContradiction {
    /// The rule.
    pub rule: Slug,
    /// The sentence for people.
    pub says: String,
    /// The one side.
    pub left: ContradictionSide,
    /// The other.
    pub right: ContradictionSide,
}

/// Of whom: a registered person, or whoever the pool's subject names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfWhom {
    /// In the register.
    Person(PersonId),
    /// Not in the register.
    Subject(Subject),
}

/// How often a rule was found broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContradictionCount {
    /// The rule.
    pub rule: Slug,
    /// People it was found of.
    pub people: i64,
    /// Pairs of records.
    pub pairs: i64,
}

/// What is sealed: whom it is of, and both sides.
type Content = (OfWhom, FoundContradiction);

sealed! {
    STATE = contradiction.state (person: Int, subject: Bytes, rule: Text, left_no: Bytes, right_no: Bytes, found_at: Int);
}

statements! {
    STANDING = "SELECT person, subject, rule, left_no, right_no, found_at, state
                FROM contradiction
                WHERE person >= $1 AND person <= $2 AND gone_at = 0
                ORDER BY person, rule, left_no, right_no";
    STANDING_OTHERS = "SELECT person, subject, rule, left_no, right_no, found_at, state
                       FROM contradiction
                       WHERE person = 0 AND subject > $1 AND subject <= $2 AND gone_at = 0
                       ORDER BY subject, rule, left_no, right_no";
    FOUND = "INSERT INTO contradiction
                 (person, subject, rule, left_no, right_no, found_at, gone_at, state)
             VALUES ($1, $2, $3, $4, $5, $6, 0, $7)
             ON CONFLICT (person, subject, rule, left_no, right_no) DO UPDATE SET
                 found_at = excluded.found_at, gone_at = 0, state = excluded.state";
    GONE = "UPDATE contradiction SET gone_at = $6
            WHERE person = $1 AND subject = $2 AND rule = $3 AND left_no = $4 AND right_no = $5";
    COUNTS = "SELECT rule, count(*) AS people, CAST(sum(n) AS BIGINT) AS pairs FROM
                  (SELECT rule, person, subject, count(*) AS n FROM contradiction
                   WHERE gone_at = 0 GROUP BY rule, person, subject) AS each
              GROUP BY rule ORDER BY rule";
    OF_RULE = "SELECT person, subject, rule, left_no, right_no, found_at, state
               FROM contradiction WHERE rule = $1 AND gone_at = 0
               ORDER BY person, subject, left_no, right_no LIMIT $2";
    OF_RULE_AFTER = "SELECT person, subject, rule, left_no, right_no, found_at, state
                     FROM contradiction WHERE rule = $1 AND gone_at = 0
                         AND (person, subject, left_no, right_no) > ($2, $3, $4, $5)
                     ORDER BY person, subject, left_no, right_no LIMIT $6";
}

impl Tx {
    /// Keeps what was found of registered people numbered `first` to `last`;
    /// whatever stood of them before and is not among it is gone.
    pub async fn keep_contradictions_between(
        &mut self,
        first: PersonId,
        last: PersonId,
        found: &[(OfWhom, FoundContradiction)],
        now: Now,
    ) -> Result<()> {
        let rows = self.fetch_all(STANDING, args![first, last]).await?;
        self.keep_among(&rows, found, now).await
    }

    /// What stands of one registered person.
    pub async fn contradictions_about(
        &mut self,
        person: PersonId,
    ) -> Result<Vec<FoundContradiction>> {
        let rows = self.fetch_all(STANDING, args![person, person]).await?;
        rows.iter().map(|row| Ok(read(row)?.1)).collect()
    }

    /// The same for subjects of the pool nobody in the register answers to: those
    /// after a key, up to and with another, or all of them.
    pub async fn keep_contradictions_of_others(
        &mut self,
        after: &[u8],
        last: Option<&[u8]>,
        found: &[(OfWhom, FoundContradiction)],
        now: Now,
    ) -> Result<()> {
        let last = last.unwrap_or(&[0xff; size_of::<Blind>()]);
        let rows = self.fetch_all(STANDING_OTHERS, args![after, last]).await?;
        self.keep_among(&rows, found, now).await
    }

    /// What stands, by rule.
    pub async fn contradiction_counts(&mut self) -> Result<Vec<ContradictionCount>> {
        let rows = self.fetch_all(COUNTS, args![]).await?;
        rows.iter()
            .map(|row| {
                Ok(ContradictionCount {
                    rule: row.get("rule")?,
                    people: row.get("people")?,
                    pairs: row.get("pairs")?,
                })
            })
            .collect()
    }

    /// What stands of one rule, up to `limit`.
    pub async fn contradictions_of(
        &mut self,
        rule: &Slug,
        limit: u32,
    ) -> Result<Vec<(OfWhom, FoundContradiction)>> {
        let rows = self.fetch_all(OF_RULE, args![rule, limit]).await?;
        rows.iter().map(read).collect()
    }

    /// The same after one of them: page by page, all of a rule.
    pub async fn contradictions_after(
        &mut self,
        rule: &Slug,
        after: Option<&(OfWhom, FoundContradiction)>,
        limit: u32,
    ) -> Result<Vec<(OfWhom, FoundContradiction)>> {
        let Some((whom, one)) = after else {
            return self.contradictions_of(rule, limit).await;
        };
        let (person, subject, _, left, right) = self.key(whom, one);
        let row = args![rule, person, subject, left, right, limit];
        let rows = self.fetch_all(OF_RULE_AFTER, row).await?;
        rows.iter().map(read).collect()
    }

    async fn keep_among(
        &mut self,
        standing: &[Row],
        found: &[(OfWhom, FoundContradiction)],
        now: Now,
    ) -> Result<()> {
        let mut before = BTreeMap::new();
        for row in standing {
            let (whom, one) = read(row)?;
            before.insert(self.key(&whom, &one), one);
        }
        for (whom, one) in found {
            let key = self.key(whom, one);
            if before.remove(&key).as_ref() == Some(one) {
                continue;
            }
            let (person, subject, rule, left, right) = key;
            let key = row![person, subject.as_slice(), rule, left, right, now.at];
            let state = self.seal(&STATE, &key, json(&(whom, one))?)?;
            let mut row = key.to_vec();
            row.extend(args![state]);
            self.execute(FOUND, row).await?;
        }
        for (person, subject, rule, left, right) in before.into_keys() {
            let row = args![person, subject, rule, left, right, now.at];
            self.execute(GONE, row).await?;
        }
        Ok(())
    }

    pub(super) fn key(&self, whom: &OfWhom, one: &FoundContradiction) -> Key {
        let (person, subject) = match whom {
            OfWhom::Person(person) => (*person, Vec::new()),
            OfWhom::Subject(subject) => (PersonId(0), self.blind_subject(subject).to_vec()),
        };
        let left = self.blind_record_no(&one.left.record_no);
        let right = self.blind_record_no(&one.right.record_no);
        (person, subject, one.rule.clone(), left, right)
    }
}

pub(super) type Key = (PersonId, Vec<u8>, Slug, Blind, Blind);

fn read(row: &Row) -> Result<Content> {
    row.unsealed_json(&STATE)
}
