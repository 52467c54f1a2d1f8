//! 「归位」 Records into the pool. Few go straight to their places; of a large delivery
//! each piece first waits beside the pool and all are filed at once, in the pool's own
//! order. Of two versions of a record the later day stands, and on the same day the
//! later delivery; an older version changes nothing.

use super::content::pack;
use super::records::{OF_OTHER, OF_PERSON, StoredRecord};
use crate::bulk::{Bulk, Rows};
use crate::error::{Result, StoreError};
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Kind, args};
use kernel::DataBatchId;

statements! {
    STAGE = "CREATE TEMP TABLE IF NOT EXISTS staged_record AS
        SELECT person, category, record_no, as_of, batch, field_values FROM pool_record
        WHERE 1 = 0";
    FILE = "INSERT INTO pool_record
            (person, category, record_no, as_of, batch, field_values)
        SELECT person, category, record_no, as_of, batch, field_values FROM staged_record
        WHERE 1 = 1 ORDER BY person, category, record_no
        ON CONFLICT (person, category, record_no) DO UPDATE SET
        as_of = excluded.as_of, batch = excluded.batch, field_values = excluded.field_values
        WHERE (excluded.as_of, excluded.batch) >= (pool_record.as_of, pool_record.batch)";
    UNSTAGE = "DROP TABLE staged_record";
}

pub(super) const RECORDS: Bulk = Bulk {
    table: "pool_record",
    columns: &[
        ("person", Kind::Int),
        ("category", Kind::Int),
        ("record_no", Kind::Bytes),
        ("as_of", Kind::Text),
        ("batch", Kind::Int),
        ("field_values", Kind::Bytes),
    ],
};

pub(super) const OTHERS: Bulk = Bulk {
    table: "pool_other",
    columns: &[
        ("subject", Kind::Bytes),
        ("category", Kind::Int),
        ("record_no", Kind::Bytes),
        ("as_of", Kind::Text),
        ("batch", Kind::Int),
        ("field_values", Kind::Bytes),
    ],
};

/// A delivery's records before they are filed: as they came, without a key.
const STAGED: Bulk = Bulk {
    table: "staged_record",
    columns: RECORDS.columns,
};

const NEWER_RECORD: &str = "ON CONFLICT (person, category, record_no) DO UPDATE SET
    as_of = excluded.as_of, batch = excluded.batch, field_values = excluded.field_values
    WHERE (excluded.as_of, excluded.batch) >= (pool_record.as_of, pool_record.batch)";

const NEWER_OTHER: &str = "ON CONFLICT (subject, category, record_no) DO UPDATE SET
    as_of = excluded.as_of, batch = excluded.batch, field_values = excluded.field_values
    WHERE (excluded.as_of, excluded.batch) >= (pool_other.as_of, pool_other.batch)";

impl Tx {
    /// Puts a delivery's records into the pool; a record number may stand only
    /// once in `records` (the gate sees to it). An older version changes nothing.
    pub async fn put_records(
        &mut self,
        batch: DataBatchId,
        records: Vec<StoredRecord>,
    ) -> Result<()> {
        let (people, others) = self.sealed_rows((RECORDS, OTHERS), batch, &records).await?;
        self.upsert_many(people, NEWER_RECORD).await?;
        self.upsert_many(others, NEWER_OTHER).await
    }

    /// A piece of a large delivery. Departments send everybody in an order of their
    /// own: put in as they come, each record would open another page of the pool. They
    /// wait beside it until [`Tx::file_records`] files them in the pool's order.
    pub async fn stage_records(
        &mut self,
        batch: DataBatchId,
        records: Vec<StoredRecord>,
    ) -> Result<()> {
        self.execute(STAGE, args![]).await?;
        let (people, others) = self.sealed_rows((STAGED, OTHERS), batch, &records).await?;
        self.insert_many(people).await?;
        self.upsert_many(others, NEWER_OTHER).await
    }

    /// Files what was staged in this transaction; as [`Tx::put_records`] would have.
    pub async fn file_records(&mut self) -> Result<()> {
        self.execute(STAGE, args![]).await?;
        self.execute(FILE, args![]).await?;
        self.execute(UNSTAGE, args![]).await?;
        Ok(())
    }

    /// Rows about registered people and about others, sealed.
    pub(super) async fn sealed_rows(
        &mut self,
        (people, others): (Bulk, Bulk),
        batch: DataBatchId,
        records: &[StoredRecord],
    ) -> Result<(Rows, Rows)> {
        let categories = records.iter().map(|one| &one.record.category);
        let fields = records.iter().flat_map(|one| one.record.values.keys());
        let names = self
            .names_with(&categories.collect(), &fields.collect())
            .await?;
        let (mut people, mut others) = (Rows::new(people), Rows::new(others));
        for StoredRecord { person, record } in records {
            let category = names.categories.number(&record.category);
            let category = category.ok_or_else(|| StoreError::fault("a category did not stay"))?;
            let no = self.blind_record_no(&record.record_no);
            let (mut row, subject, spot, rows) = match person {
                Some(person) => (args![*person], None, &OF_PERSON, &mut people),
                None => (
                    args![self.blind_subject(&record.subject)],
                    Some(&record.subject),
                    &OF_OTHER,
                    &mut others,
                ),
            };
            row.extend(args![category, no, record.as_of, batch]);
            let content = pack(subject, &record.record_no, &record.values, &names.fields)?;
            let sealed = self.seal(spot, &row, content)?;
            row.extend(args![sealed]);
            rows.push(row);
        }
        Ok((people, others))
    }
}
