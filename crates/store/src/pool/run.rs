//! 「收到一半」 A large delivery in pieces, each in a transaction of its own: the records
//! wait beside the pool with the mark of how far it came. Two who do the same meet at the
//! mark and one of them stops. Filing takes all of it in one transaction.

use super::filing::{OTHERS, RECORDS};
use super::records::StoredRecord;
use crate::bulk::Bulk;
use crate::error::{Result, StoreError};
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Row, args};
use kernel::{DataBatchId, Date, Instant, Now, PersonId, Slug};

statements! {
    BEGIN_RUN = "INSERT INTO import_run (batch, category, digest, law, day, numbers,
                 rows_given, rows_done, moved) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)";
    OF_BYTES = "SELECT batch, category, digest, law, day, numbers, rows_given, rows_done, moved
                FROM import_run WHERE category = $1 AND digest = $2";
    RUNS = "SELECT batch, category, digest, law, day, numbers, rows_given, rows_done, moved
            FROM import_run ORDER BY batch";
    OLD_RUNS = "SELECT batch FROM import_run WHERE moved < $1 ORDER BY batch";
    MOVE = "UPDATE import_run SET rows_done = $3, moved = $4
            WHERE batch = $1 AND rows_done = $2";
    DROP_RUN = "DELETE FROM import_run WHERE batch = $1";
    DROP_RECORDS = "DELETE FROM import_record WHERE batch = $1";
    DROP_OTHERS = "DELETE FROM import_other WHERE batch = $1";
    DROP_SET_BACK = "DELETE FROM set_back_row WHERE batch = $1";
    WHOM = "SELECT DISTINCT person FROM import_record WHERE batch = $1
            ORDER BY person LIMIT $2";
    NUMBERS = "SELECT count(*) AS numbers FROM person_number";
    FILE_RECORDS = "INSERT INTO pool_record
            (person, category, record_no, as_of, batch, field_values)
        SELECT person, category, record_no, as_of, batch, field_values FROM import_record
        WHERE batch = $1 ORDER BY person, category, record_no
        ON CONFLICT (person, category, record_no) DO UPDATE SET
        as_of = excluded.as_of, batch = excluded.batch, field_values = excluded.field_values
        WHERE (excluded.as_of, excluded.batch) >= (pool_record.as_of, pool_record.batch)";
    FILE_OTHERS = "INSERT INTO pool_other
            (subject, category, record_no, as_of, batch, field_values)
        SELECT subject, category, record_no, as_of, batch, field_values FROM import_other
        WHERE batch = $1 ORDER BY subject, category, record_no
        ON CONFLICT (subject, category, record_no) DO UPDATE SET
        as_of = excluded.as_of, batch = excluded.batch, field_values = excluded.field_values
        WHERE (excluded.as_of, excluded.batch) >= (pool_other.as_of, pool_other.batch)";
}

const WAITING: Bulk = Bulk {
    table: "import_record",
    columns: RECORDS.columns,
};

const WAITING_OTHERS: Bulk = Bulk {
    table: "import_other",
    columns: OTHERS.columns,
};

/// How far a large delivery came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRun {
    /// The number it will have.
    pub batch: DataBatchId,
    /// What it holds.
    pub category: Slug,
    /// Of its bytes.
    pub digest: String,
    /// The law it was judged under.
    pub law: String,
    /// The day it was judged on.
    pub day: Date,
    /// Documents in the register when it began: more since then, and a record may be of
    /// somebody who is known by now.
    pub numbers: i64,
    /// Rows of the file.
    pub rows: u64,
    /// Of them kept so far.
    pub done: u64,
    /// When the last piece was kept.
    pub moved: Instant,
}

impl ImportRun {
    /// Whether this one, left by somebody, is the beginning of `fresh`: the same bytes
    /// judged the same way.
    pub fn goes_on_as(&self, fresh: &ImportRun) -> bool {
        let own = (&self.law, self.day, self.numbers, self.rows);
        own == (&fresh.law, fresh.day, fresh.numbers, fresh.rows)
    }
}

impl Tx {
    /// Begins a run.
    pub async fn begin_import(&mut self, run: &ImportRun) -> Result<()> {
        let rows = i64::try_from(run.rows).map_err(StoreError::fault)?;
        let row = args![
            run.batch,
            run.category,
            run.digest,
            run.law,
            run.day,
            run.numbers,
            rows,
            run.moved
        ];
        self.execute(BEGIN_RUN, row).await?;
        Ok(())
    }

    /// The run of these bytes.
    pub async fn import_run(&mut self, category: &Slug, digest: &str) -> Result<Option<ImportRun>> {
        let row = self
            .fetch_optional(OF_BYTES, args![category, digest])
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Every run under way, or left by somebody who died.
    pub async fn import_runs(&mut self) -> Result<Vec<ImportRun>> {
        let rows = self.fetch_all(RUNS, args![]).await?;
        rows.iter().map(read).collect()
    }

    /// Keeps a piece of a run; it came so far before (`run.done`) and has so many rows.
    /// `false`: somebody else moved it, and nothing was kept.
    pub async fn move_import(
        &mut self,
        run: &ImportRun,
        rows: u64,
        records: Vec<StoredRecord>,
        now: Now,
    ) -> Result<bool> {
        let count = |rows: u64| i64::try_from(rows).map_err(StoreError::fault);
        let (before, after) = (count(run.done)?, count(run.done + rows)?);
        if self
            .execute(MOVE, args![run.batch, before, after, now.at])
            .await?
            != 1
        {
            return Ok(false);
        }
        let (people, others) = self
            .sealed_rows((WAITING, WAITING_OTHERS), run.batch, &records)
            .await?;
        self.insert_many(people).await?;
        self.insert_many(others).await?;
        Ok(true)
    }

    /// Documents in the register.
    pub async fn count_numbers(&mut self) -> Result<i64> {
        self.fetch_one(NUMBERS, args![]).await?.get("numbers")
    }

    /// Files a whole run in the pool; the people it is about, at most `limit` of them,
    /// and whether it is about anybody else.
    pub async fn file_import(
        &mut self,
        batch: DataBatchId,
        limit: usize,
    ) -> Result<(Vec<PersonId>, bool)> {
        let limit = i64::try_from(limit).map_err(StoreError::fault)?;
        let rows = self.fetch_all(WHOM, args![batch, limit]).await?;
        let whom = rows.iter().map(|row| row.get("person"));
        let whom = whom.collect::<Result<Vec<PersonId>>>()?;
        self.execute(FILE_RECORDS, args![batch]).await?;
        let others = self.execute(FILE_OTHERS, args![batch]).await? > 0;
        self.forget_run(batch).await?;
        Ok((whom, others))
    }

    /// Throws a run away with everything it had kept.
    pub async fn drop_import(&mut self, batch: DataBatchId) -> Result<()> {
        self.forget_run(batch).await?;
        self.execute(DROP_SET_BACK, args![batch]).await?;
        Ok(())
    }

    /// Throws away runs nobody moved since a moment.
    pub async fn drop_old_imports(&mut self, before: Instant) -> Result<()> {
        for row in self.fetch_all(OLD_RUNS, args![before]).await? {
            self.drop_import(row.get("batch")?).await?;
        }
        Ok(())
    }

    async fn forget_run(&mut self, batch: DataBatchId) -> Result<()> {
        for statement in [DROP_RUN, DROP_RECORDS, DROP_OTHERS] {
            self.execute(statement, args![batch]).await?;
        }
        Ok(())
    }
}

fn read(row: &Row) -> Result<ImportRun> {
    let count = |name| row.get::<i64>(name).map(i64::unsigned_abs);
    Ok(ImportRun {
        batch: row.get("batch")?,
        category: row.get("category")?,
        digest: row.get("digest")?,
        law: row.get("law")?,
        day: row.get("day")?,
        numbers: row.get("numbers")?,
        rows: count("rows_given")?,
        done: count("rows_done")?,
        moved: row.get("moved")?,
    })
}
