//! 「缺口」 Whose row of which delivery was refused. A refused row is not “no
//! record”: nobody knows what it said. Kept by the number, so that whoever is registered
//! later, by whatever way, is not known about either.

use crate::bulk::{Bulk, Rows};
use crate::error::Result;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Kind, args};
use engine_pool::Standing;
use kernel::{DataBatchId, PersonId, PersonNumber, Slug};
use std::collections::{BTreeMap, BTreeSet};

statements! {
    // The people first, on either database: a page of them is few, the gaps are of everybody.
    OF_RANGE = "SELECT n.person AS person, g.category AS category, g.batch AS batch
                FROM person_number n CROSS JOIN pool_gap g
                WHERE n.person >= $1 AND n.person <= $2 AND g.number = n.number";
    OF_NUMBER = "SELECT batch FROM pool_gap WHERE number = $1 AND category = $2";
    CLOSE = "DELETE FROM pool_gap WHERE number = $1 AND category = $2 AND batch = $3";
}

const GAPS: Bulk = Bulk {
    table: "pool_gap",
    columns: &[
        ("number", Kind::Bytes),
        ("category", Kind::Text),
        ("batch", Kind::Int),
    ],
};

impl Tx {
    /// Keeps whose rows a delivery's gate refused, whether the register knows them or not.
    pub async fn put_gaps(
        &mut self,
        batch: DataBatchId,
        category: &Slug,
        numbers: &BTreeSet<PersonNumber>,
    ) -> Result<()> {
        let mut rows = Rows::new(GAPS);
        for number in numbers {
            rows.push(args![self.blind_number(*number), category, batch]);
        }
        self.insert_many(rows).await
    }

    /// The last refused row of a number in a delivery came again, mended.
    pub async fn close_gap(
        &mut self,
        batch: DataBatchId,
        category: &Slug,
        number: PersonNumber,
    ) -> Result<()> {
        let blind = self.blind_number(number);
        self.execute(CLOSE, args![blind, category, batch]).await?;
        Ok(())
    }

    /// Whether nobody knows what a category says of a number, because its row was refused
    /// in the delivery that stands.
    pub async fn has_gap(
        &mut self,
        number: PersonNumber,
        category: &Slug,
        standing: Option<Standing>,
    ) -> Result<bool> {
        let blind = self.blind_number(number);
        let rows = self.fetch_all(OF_NUMBER, args![blind, category]).await?;
        let stands = standing.map(|standing| standing.batch);
        for row in rows {
            if stands == Some(row.get("batch")?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What is not known of these people because their row was refused in the
    /// delivery that stands.
    pub async fn gaps_of(
        &mut self,
        people: &BTreeSet<PersonId>,
        standings: &BTreeMap<Slug, Standing>,
    ) -> Result<BTreeSet<(PersonId, Slug)>> {
        let (Some(first), Some(last)) = (people.first(), people.last()) else {
            return Ok(BTreeSet::new());
        };
        let mut rows = self.fetch_all(OF_RANGE, args![first, last]).await?;
        let merged = self.merged_into(people).await?;
        for one in merged.keys() {
            rows.extend(self.fetch_all(OF_RANGE, args![one, one]).await?);
        }
        let mut gaps = BTreeSet::new();
        for row in rows {
            let (person, category): (PersonId, Slug) = (row.get("person")?, row.get("category")?);
            let stands = standings.get(&category).map(|standing| standing.batch);
            let whose = match people.contains(&person) {
                true => Some(person),
                false => merged.get(&person).copied(),
            };
            if let Some(whose) = whose
                && stands == Some(row.get("batch")?)
            {
                gaps.insert((whose, category));
            }
        }
        Ok(gaps)
    }
}
