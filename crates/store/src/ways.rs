//! 「来路」 What keeps the ways in honest: nonces that count once, the party's own batch
//! numbers, how far a pull has come, values that were mended.

use crate::bulk::{Bulk, Rows};
use crate::error::Result;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{Kind, Row, args, json, row};
use kernel::{DataBatchId, Instant, Now, Slug};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

sealed! {
    PAGE = pull_page.body (source: Text, category: Text, no: Int);
    REPAIR = pool_repair.state (category: Text, record_no: Bytes, batch: Int, field: Text);
}

statements! {
    SWEEP = "DELETE FROM push_nonce WHERE until < $1";
    USE = "INSERT INTO push_nonce (party, nonce, until) VALUES ($1, $2, $3)
           ON CONFLICT (party, nonce) DO NOTHING";
    NUMBER = "SELECT digest, batch FROM push_batch
              WHERE party = $1 AND category = $2 AND number = $3";
    ADD_NUMBER = "INSERT INTO push_batch (party, category, number, digest, batch)
                  VALUES ($1, $2, $3, $4, $5)
                  ON CONFLICT (party, category, number) DO UPDATE
                  SET digest = excluded.digest, batch = excluded.batch";
    RUN = "SELECT version, done, tried, state FROM pull_run WHERE source = $1 AND category = $2";
    RUNS = "SELECT source, category, version, done, tried, state FROM pull_run
            ORDER BY source, category";
    BEGIN_RUN = "INSERT INTO pull_run (source, category, version, done, tried, state)
                 VALUES ($1, $2, 1, $3, $4, $5)";
    SAVE_RUN = "UPDATE pull_run SET version = $4, done = $5, tried = $6, state = $7
                WHERE source = $1 AND category = $2 AND version = $3";
    ADD_PAGE = "INSERT INTO pull_page (source, category, no, body) VALUES ($1, $2, $3, $4)";
    ONE_PAGE = "SELECT source, category, no, body FROM pull_page
                WHERE source = $1 AND category = $2 AND no = $3";
    DROP_PAGES = "DELETE FROM pull_page WHERE source = $1 AND category = $2";
    REPAIRS_OF_BATCH = "SELECT category, record_no, batch, field, state FROM pool_repair
                        WHERE batch = $1 ORDER BY record_no, field LIMIT $2";
    REPAIRS_OF_RECORD = "SELECT category, record_no, batch, field, state FROM pool_repair
                         WHERE category = $1 AND record_no = $2 ORDER BY batch, field";
}

const REPAIRED: Bulk = Bulk {
    table: "pool_repair",
    columns: &[
        ("category", Kind::Text),
        ("record_no", Kind::Bytes),
        ("batch", Kind::Int),
        ("field", Kind::Text),
        ("state", Kind::Bytes),
    ],
};

/// How far a pull has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRun<T> {
    /// For saving it; 0: new.
    pub version: i64,
    /// When the last whole pull ended.
    pub done: Option<Instant>,
    /// When it was tried last.
    pub tried: Option<Instant>,
    /// Where it stands.
    pub state: T,
}

/// A value the gate mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRepair<T> {
    /// The record's number.
    pub record_no: String,
    /// Its column.
    pub field: String,
    /// What it was and what was done.
    pub what: T,
}

impl Tx {
    /// Uses a nonce; `false`: it was used before. What is too old to be used is swept.
    pub async fn use_nonce(
        &mut self,
        party: &str,
        nonce: &str,
        until: Instant,
        now: Now,
    ) -> Result<bool> {
        self.execute(SWEEP, args![now.at]).await?;
        Ok(self.execute(USE, args![party, nonce, until]).await? == 1)
    }

    /// What came under a party's own number: digest and delivery.
    pub async fn push_batch(
        &mut self,
        party: &str,
        category: &Slug,
        number: &str,
    ) -> Result<Option<(String, DataBatchId)>> {
        let row = self
            .fetch_optional(NUMBER, args![party, category, number])
            .await?;
        row.map(|row| Ok((row.get("digest")?, row.get("batch")?)))
            .transpose()
    }

    /// Keeps what came under a party's own number.
    pub async fn keep_push_batch(
        &mut self,
        party: &str,
        category: &Slug,
        number: &str,
        digest: &str,
        batch: DataBatchId,
    ) -> Result<()> {
        let row = args![party, category, number, digest, batch];
        self.execute(ADD_NUMBER, row).await?;
        Ok(())
    }

    /// How far a pull has come.
    pub async fn pull_run<T: DeserializeOwned>(
        &mut self,
        source: &str,
        category: &Slug,
    ) -> Result<Option<PullRun<T>>> {
        let row = self.fetch_optional(RUN, args![source, category]).await?;
        row.as_ref().map(run).transpose()
    }

    /// Every pull: source, category, where it stands.
    pub async fn pull_runs<T: DeserializeOwned>(
        &mut self,
    ) -> Result<Vec<(String, Slug, PullRun<T>)>> {
        let rows = self.fetch_all(RUNS, args![]).await?;
        let read = rows
            .iter()
            .map(|row| Ok((row.get("source")?, row.get("category")?, run(row)?)));
        read.collect()
    }

    /// Saves how far a pull has come.
    pub async fn save_pull_run<T: Serialize>(
        &mut self,
        source: &str,
        category: &Slug,
        run: &PullRun<T>,
    ) -> Result<()> {
        let state = json(&run.state)?;
        if run.version == 0 {
            let row = args![source, category, run.done, run.tried, state];
            self.execute(BEGIN_RUN, row).await?;
            return Ok(());
        }
        let next = run.version + 1;
        let row = args![
            source,
            category,
            run.version,
            next,
            run.done,
            run.tried,
            state
        ];
        self.execute_one(SAVE_RUN, row, "拉取").await
    }

    /// Keeps a page of a pull.
    pub async fn add_pull_page(
        &mut self,
        source: &str,
        category: &Slug,
        no: i64,
        body: &[u8],
    ) -> Result<()> {
        let body = self.seal(&PAGE, &row![source, category, no], body)?;
        self.execute(ADD_PAGE, args![source, category, no, body])
            .await?;
        Ok(())
    }

    /// A page of a pull.
    pub async fn pull_page(
        &mut self,
        source: &str,
        category: &Slug,
        no: i64,
    ) -> Result<Option<Vec<u8>>> {
        let row = self
            .fetch_optional(ONE_PAGE, args![source, category, no])
            .await?;
        row.map(|row| row.unsealed(&PAGE)).transpose()
    }

    /// Throws the pages of a pull away.
    pub async fn drop_pull_pages(&mut self, source: &str, category: &Slug) -> Result<()> {
        self.execute(DROP_PAGES, args![source, category]).await?;
        Ok(())
    }

    /// Keeps what the gate mended in a delivery's records.
    pub async fn keep_repairs<T: Serialize>(
        &mut self,
        batch: DataBatchId,
        category: &Slug,
        repairs: impl IntoIterator<Item = KeptRepair<T>>,
    ) -> Result<()> {
        let mut bulk = Rows::new(REPAIRED);
        for repair in repairs {
            let no = self.blind_record_no(&repair.record_no).to_vec();
            let keys = row![category, no, batch, repair.field];
            let state = self.seal(&REPAIR, &keys, json(&repair)?)?;
            bulk.push(args![category, no, batch, repair.field, state]);
        }
        self.insert_many(bulk).await
    }

    /// What the gate mended in a delivery.
    pub async fn repairs_of_batch<T: DeserializeOwned>(
        &mut self,
        batch: DataBatchId,
        limit: u32,
    ) -> Result<Vec<KeptRepair<T>>> {
        let rows = self
            .fetch_all(REPAIRS_OF_BATCH, args![batch, limit])
            .await?;
        rows.iter().map(|row| row.unsealed_json(&REPAIR)).collect()
    }

    /// What the gate mended in a record.
    pub async fn repairs_of_record<T: DeserializeOwned>(
        &mut self,
        category: &Slug,
        record_no: &str,
    ) -> Result<Vec<KeptRepair<T>>> {
        let no = self.blind_record_no(record_no).to_vec();
        let rows = self
            .fetch_all(REPAIRS_OF_RECORD, args![category, no])
            .await?;
        rows.iter().map(|row| row.unsealed_json(&REPAIR)).collect()
    }
}

fn run<T: DeserializeOwned>(row: &Row) -> Result<PullRun<T>> {
    Ok(PullRun {
        version: row.get("version")?,
        done: row.maybe("done")?,
        tried: row.maybe("tried")?,
        state: row.json("state")?,
    })
}
