//! 「数据海」 Deliveries, authorisations, verifications; the records themselves are in
//! `pool/records.rs`. Absent on purpose: whether something may be read, which is
//! engine-pool's and the caller's to ask first.

mod content;
mod contradictions;
mod filing;
mod gaps;
mod names;
mod owed;
mod parts;
mod records;
mod reports;
mod rulings;
mod run;
mod shares;

pub use contradictions::{ContradictionCount, ContradictionSide, FoundContradiction, OfWhom};
#[cfg(test)]
pub(crate) use contradictions::{
    SEALED as CONTRADICTION_SEALED, STATEMENTS as CONTRADICTION_STATEMENTS,
};
#[cfg(test)]
pub(crate) use filing::STATEMENTS as FILING_STATEMENTS;
#[cfg(test)]
pub(crate) use gaps::STATEMENTS as GAP_STATEMENTS;
pub(crate) use names::Names;
#[cfg(test)]
pub(crate) use names::STATEMENTS as NAME_STATEMENTS;
pub use owed::Owed;
#[cfg(test)]
pub(crate) use owed::{SEALED as OWED_SEALED, STATEMENTS as OWED_STATEMENTS};
#[cfg(test)]
pub(crate) use parts::STATEMENTS as PART_STATEMENTS;
pub use records::{OthersPage, PoolRecord, StoredRecord};
#[cfg(test)]
pub(crate) use records::{SEALED as RECORD_SEALED, STATEMENTS as RECORD_STATEMENTS};
pub use reports::{KeptReport, ReportInputs, Silence};
#[cfg(test)]
pub(crate) use reports::{SEALED as REPORT_SEALED, STATEMENTS as REPORT_STATEMENTS};
pub use rulings::KeptRuling;
#[cfg(test)]
pub(crate) use rulings::{SEALED as RULING_SEALED, STATEMENTS as RULING_STATEMENTS};
pub use run::ImportRun;
#[cfg(test)]
pub(crate) use run::STATEMENTS as RUN_STATEMENTS;
#[cfg(test)]
pub(crate) use shares::{SEALED as SHARE_SEALED, STATEMENTS as SHARE_STATEMENTS};

use crate::error::{Result, StoreError};
use crate::event::Loaded;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{args, json, row};
use engine_pool::verification::{Event as VerificationEvent, Verification};
use engine_pool::{Authorisation, Batch, BatchState, Event, Standing, State};
use kernel::{Actor, AuthorisationId, CaseId, DataBatchId, HouseholdId, Now, Slug, VerificationId};
use std::collections::BTreeMap;

sealed! {
    DELIVERY = data_batch.state (id: Int, version: Int);
    SIGNED = authorisation.state (id: Int, version: Int);
    ASKED = verification.state (id: Int, version: Int);
}

statements! {
    RECEIVE = "INSERT INTO data_batch (id, version, department, category, digest, as_of,
                   rows_given, rows_taken, accepted, state, mends)
               VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8, $9)";
    JUDGE = "UPDATE data_batch SET version = $3, rows_taken = $4, accepted = $5, state = $6
             WHERE id = $1 AND version = $2";
    BATCH = "SELECT id, version, state FROM data_batch WHERE id = $1";
    BATCHES = "SELECT id, version, state FROM data_batch WHERE category = $1 ORDER BY id";
    ALL_BATCHES = "SELECT id, version, state FROM data_batch ORDER BY id";
    STANDINGS = "SELECT category, id, as_of FROM data_batch WHERE accepted = 1
                 AND mends IS NULL ORDER BY category, as_of, id";
    AUTHORISE = "INSERT INTO authorisation (id, version, household, case_id, state)
                 VALUES ($1, $2, $3, $4, $5)";
    AUTHORISATION = "SELECT id, version, state FROM authorisation WHERE id = $1";
    CHANGE_AUTHORISATION = "UPDATE authorisation SET version = $3, state = $4
                            WHERE id = $1 AND version = $2";
    OF_CASE = "SELECT id, version, state FROM authorisation WHERE case_id = $1 ORDER BY id";
    REQUEST = "INSERT INTO verification (id, version, household, case_id, state)
               VALUES ($1, $2, $3, $4, $5)";
    VERIFICATION = "SELECT id, version, state FROM verification WHERE id = $1";
    PROGRESS = "UPDATE verification SET version = $3, state = $4 WHERE id = $1 AND version = $2";
    VERIFICATIONS = "SELECT id FROM verification WHERE case_id = $1 ORDER BY id";
}

const BATCH_KIND: &str = "data_batch";
const VERIFICATION_KIND: &str = "verification";

impl Tx {
    /// The deliveries of one category.
    pub async fn pool(&mut self, category: &Slug) -> Result<State> {
        let rows = self.fetch_all(BATCHES, args![category]).await?;
        let batches = rows.iter().map(|row| row.unsealed_json::<Batch>(&DELIVERY));
        let batches = batches.map(|batch| batch.map(|batch| (batch.id, batch)));
        Ok(State {
            batches: batches.collect::<Result<_>>()?,
        })
    }

    /// Every delivery, oldest first: the quality of what was delivered.
    pub async fn deliveries(&mut self) -> Result<Vec<Batch>> {
        let rows = self.fetch_all(ALL_BATCHES, args![]).await?;
        rows.iter()
            .map(|row| row.unsealed_json(&DELIVERY))
            .collect()
    }

    /// Keeps what happened to deliveries.
    pub async fn save_pool(&mut self, events: &[Event], actor: &Actor, now: Now) -> Result<()> {
        for event in events {
            match event {
                Event::Received(batch) => self.receive(batch, event, actor, now).await?,
                Event::Repeated { id, .. } => {
                    let seq = self.batch(*id).await?.version;
                    self.judge(*id, seq, event, actor, now).await?;
                }
                Event::Accepted { id, .. } | Event::Refused { id, .. } => {
                    let seq = self.batch(*id).await?.version;
                    self.judge(*id, seq, event, actor, now).await?;
                }
            }
        }
        Ok(())
    }

    /// How far each category has been delivered; a mending never stands for it.
    pub async fn pool_standings(&mut self) -> Result<BTreeMap<Slug, Standing>> {
        let mut standings = BTreeMap::new();
        for row in self.fetch_all(STANDINGS, args![]).await? {
            let standing = Standing {
                batch: row.get("id")?,
                as_of: row.get("as_of")?,
            };
            standings.insert(row.get("category")?, standing);
        }
        Ok(standings)
    }

    /// Keeps a signed authorisation.
    pub async fn keep_authorisation(
        &mut self,
        authorisation: &Authorisation,
        actor: &Actor,
        now: Now,
    ) -> Result<()> {
        let Authorisation {
            id,
            household,
            case,
            ..
        } = authorisation;
        let version = self
            .append("authorisation", id.0, 0, &[authorisation], actor, now)
            .await?;
        let state = self.seal(&SIGNED, &row![id, version], json(authorisation)?)?;
        let row = args![id, version, household, case, state];
        self.execute(AUTHORISE, row).await?;
        Ok(())
    }

    /// Changes an authorisation (a withdrawal).
    pub async fn save_authorisation(
        &mut self,
        version: i64,
        authorisation: &Authorisation,
        actor: &Actor,
        now: Now,
    ) -> Result<()> {
        let id = authorisation.id;
        let next = self
            .append("authorisation", id.0, version, &[authorisation], actor, now)
            .await?;
        let state = self.seal(&SIGNED, &row![id, next], json(authorisation)?)?;
        let row = args![id, version, next, state];
        self.execute_one(CHANGE_AUTHORISATION, row, "核对授权")
            .await
    }

    /// An authorisation.
    pub async fn authorisation(&mut self, id: AuthorisationId) -> Result<Loaded<Authorisation>> {
        self.load(AUTHORISATION, &SIGNED, id.0, "核对授权").await
    }

    /// The authorisations signed for a case, oldest first.
    pub async fn authorisations_of(&mut self, case: CaseId) -> Result<Vec<Loaded<Authorisation>>> {
        let rows = self.fetch_all(OF_CASE, args![case]).await?;
        rows.iter().map(|row| Loaded::read(row, &SIGNED)).collect()
    }

    /// A verification.
    pub async fn verification(&mut self, id: VerificationId) -> Result<Loaded<Verification>> {
        self.load(VERIFICATION, &ASKED, id.0, "核对").await
    }

    /// The verifications of a case, oldest first.
    pub async fn verifications_of(&mut self, case: CaseId) -> Result<Vec<VerificationId>> {
        let rows = self.fetch_all(VERIFICATIONS, args![case]).await?;
        rows.iter().map(|row| row.get("id")).collect()
    }

    /// Keeps what the events made of a verification: version 0 for a new one.
    pub async fn save_verification(
        &mut self,
        version: i64,
        verification: &Verification,
        events: &[VerificationEvent],
        actor: &Actor,
        now: Now,
    ) -> Result<i64> {
        let (Some(request), Some(case)) = (&verification.request, verification.case) else {
            return Err(StoreError::fault("a verification that was never requested"));
        };
        let (id, household): (VerificationId, HouseholdId) = (request.id, request.household);
        let next = self
            .append(VERIFICATION_KIND, id.0, version, events, actor, now)
            .await?;
        let state = self.seal(&ASKED, &row![id, next], json(verification)?)?;
        if version == 0 {
            self.execute(REQUEST, args![id, next, household, case, state])
                .await?;
        } else if next > version {
            self.execute_one(PROGRESS, args![id, version, next, state], "核对")
                .await?;
        }
        Ok(next)
    }

    /// One delivery.
    pub async fn delivery(&mut self, id: DataBatchId) -> Result<Batch> {
        Ok(self.batch(id).await?.state)
    }

    async fn batch(&mut self, id: DataBatchId) -> Result<Loaded<Batch>> {
        self.load(BATCH, &DELIVERY, id.0, "数据批次").await
    }

    async fn receive(
        &mut self,
        batch: &Batch,
        event: &Event,
        actor: &Actor,
        now: Now,
    ) -> Result<()> {
        let one = std::slice::from_ref(event);
        let version = self
            .append(BATCH_KIND, batch.id.0, 0, one, actor, now)
            .await?;
        let rows = i64::try_from(batch.rows).map_err(StoreError::fault)?;
        let Batch {
            id,
            department,
            category,
            digest,
            as_of,
            mends,
            ..
        } = batch;
        let state = self.seal(&DELIVERY, &row![id, version], json(batch)?)?;
        let row = args![
            id, version, department, category, digest.0, as_of, rows, state, mends
        ];
        self.execute(RECEIVE, row).await?;
        Ok(())
    }

    async fn judge(
        &mut self,
        id: DataBatchId,
        version: i64,
        event: &Event,
        actor: &Actor,
        now: Now,
    ) -> Result<()> {
        let one = std::slice::from_ref(event);
        let next = self
            .append(BATCH_KIND, id.0, version, one, actor, now)
            .await?;
        let mut state = State::default();
        state.batches.insert(id, self.batch(id).await?.state);
        state.apply(event);
        let Some(batch) = state.batches.get(&id) else {
            return Err(StoreError::fault("a delivery vanished while judged"));
        };
        let (accepted, taken) = match &batch.state {
            BatchState::Accepted { quality, .. } => (true, quality.taken),
            _ => (false, 0),
        };
        let taken = i64::try_from(taken).map_err(StoreError::fault)?;
        let state = self.seal(&DELIVERY, &row![id, next], json(batch)?)?;
        let row = args![id, version, next, taken, accepted, state];
        self.execute_one(JUDGE, row, "数据批次").await
    }
}
