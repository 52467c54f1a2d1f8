//! 「缺口」 Whose row of which delivery was refused. A refused row is not “no
//! record”: nobody knows what it said.

use crate::bulk::{Bulk, Rows};
use crate::error::Result;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Kind, args};
use engine_pool::Standing;
use kernel::{DataBatchId, PersonId, Slug};
use std::collections::{BTreeMap, BTreeSet};

statements! {
    OF_RANGE = "SELECT person, category, batch FROM pool_gap
                WHERE person >= $1 AND person <= $2";
    CLOSE = "DELETE FROM pool_gap WHERE person = $1 AND category = $2 AND batch = $3";
}

const GAPS: Bulk = Bulk {
    table: "pool_gap",
    columns: &[
        ("person", Kind::Int),
        ("category", Kind::Text),
        ("batch", Kind::Int),
    ],
};

impl Tx {
    /// Keeps whose rows a delivery's gate refused.
    pub async fn put_gaps(
        &mut self,
        batch: DataBatchId,
        category: &Slug,
        people: &BTreeSet<PersonId>,
    ) -> Result<()> {
        let mut rows = Rows::new(GAPS);
        for person in people {
            rows.push(args![person, category, batch]);
        }
        self.insert_many(rows).await
    }

    /// The last refused row of somebody in a delivery came again, mended.
    pub async fn close_gap(
        &mut self,
        batch: DataBatchId,
        category: &Slug,
        person: PersonId,
    ) -> Result<()> {
        self.execute(CLOSE, args![person, category, batch]).await?;
        Ok(())
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
