//! 「补发和多发的建议」 Proposals about months gone by, one row for every obligation they
//! would become. What may happen to one is engine-payment's affair.

use crate::error::Result;
use crate::event::Loaded;
use crate::seal::sealed;
use crate::statement::statements;
use crate::tx::Tx;
use crate::value::{args, json, row};
use engine_payment::{ObligationKey, PastEvent, PastProposal};
use kernel::{Actor, CaseId, Now, PaymentBatchId};

/// What its events are kept under.
const KIND: &str = "past_proposal";

/// A proposal with its number and its place among the payments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRow {
    /// Its number.
    pub id: i64,
    /// What it is.
    pub loaded: Loaded<PastProposal>,
    /// The list that holds its obligation, where one does.
    pub batch: Option<PaymentBatchId>,
}

sealed! {
    STATE = past_proposal.state (id: Int, version: Int);
}

statements! {
    ONE = "SELECT id, version, state FROM past_proposal WHERE id = $1";
    OF_CASE = "SELECT id, version, state FROM past_proposal WHERE case_id = $1 ORDER BY period, id";
    AT = "SELECT id, version, state FROM past_proposal WHERE standing = $1 ORDER BY id";
    LATEST = "SELECT id, version, state FROM past_proposal ORDER BY id DESC LIMIT $1";
    TO_PAY = "SELECT p.id, p.version, p.state FROM past_proposal p
              WHERE p.standing = 'to_pay' AND NOT EXISTS (
                  SELECT 1 FROM obligation o JOIN payment_item i ON i.obligation = o.id
                  WHERE o.programme = p.programme AND o.beneficiary = p.beneficiary
                    AND o.period = p.period AND o.component = p.component
                    AND o.revision = p.revision AND i.batch <> $1)
              ORDER BY p.id";
    NEW = "INSERT INTO past_proposal (id, version, programme, beneficiary, period, component,
               revision, case_id, standing, state)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    SAVE = "UPDATE past_proposal SET version = $2, standing = $3, state = $4
            WHERE id = $1 AND version = $5";
    LISTED = "SELECT i.batch FROM obligation o JOIN payment_item i ON i.obligation = o.id
              WHERE o.programme = $1 AND o.beneficiary = $2 AND o.period = $3
                AND o.component = $4 AND o.revision = $5 AND i.batch <> $6
              ORDER BY i.batch DESC LIMIT 1";
}

impl Tx {
    /// A proposal by its number.
    pub async fn past_proposal(&mut self, id: i64) -> Result<Loaded<PastProposal>> {
        self.load(ONE, &STATE, id, "建议").await
    }

    /// Every proposal of a case, in the order of the months.
    pub async fn past_of_case(&mut self, case: CaseId) -> Result<Vec<PastRow>> {
        let rows = self.fetch_all(OF_CASE, args![case]).await?;
        self.past_rows(rows).await
    }

    /// Every proposal that stands there (`open`, `taken`, `to_pay`, `settled`, `gone`).
    pub async fn past_at(&mut self, standing: &str) -> Result<Vec<PastRow>> {
        let rows = self.fetch_all(AT, args![standing]).await?;
        self.past_rows(rows).await
    }

    /// Arrears two people agreed on that no list but this one holds or ever held.
    pub async fn past_to_pay(&mut self, batch: PaymentBatchId) -> Result<Vec<PastProposal>> {
        let rows = self.fetch_all(TO_PAY, args![batch]).await?;
        rows.iter().map(|row| row.unsealed_json(&STATE)).collect()
    }

    /// The latest proposals, newest first.
    pub async fn past_latest(&mut self, limit: u32) -> Result<Vec<PastRow>> {
        let rows = self.fetch_all(LATEST, args![limit]).await?;
        self.past_rows(rows).await
    }

    /// The list, other than `except`, that holds or held an attempt at an obligation.
    pub async fn listed_in(
        &mut self,
        key: &ObligationKey,
        except: PaymentBatchId,
    ) -> Result<Option<PaymentBatchId>> {
        let values = args![
            key.programme,
            key.beneficiary.to_string(),
            key.period,
            key.component,
            key.revision,
            except
        ];
        let row = self.fetch_optional(LISTED, values).await?;
        row.map(|row| row.get("batch")).transpose()
    }

    /// Keeps what happened to a proposal; `None`: it is the first thing that did. Gives
    /// its number.
    pub async fn save_past(
        &mut self,
        known: Option<(i64, i64)>,
        state: &PastProposal,
        events: &[PastEvent],
        actor: &Actor,
        now: Now,
    ) -> Result<i64> {
        let (id, version) = match known {
            Some(known) => known,
            None => (self.next_id(KIND).await?, 0),
        };
        let next = self.append(KIND, id, version, events, actor, now).await?;
        let sealed = self.seal(&STATE, &row![id, next], json(state)?)?;
        let standing = state.standing.name();
        match known {
            Some(_) => {
                let values = args![id, next, standing, sealed, version];
                self.execute_one(SAVE, values, "建议").await?;
            }
            None => {
                let key = &state.finding.key;
                let values = args![
                    id,
                    next,
                    key.programme,
                    key.beneficiary.to_string(),
                    key.period,
                    key.component,
                    key.revision,
                    state.finding.case,
                    standing,
                    sealed
                ];
                self.execute(NEW, values).await?;
            }
        }
        Ok(id)
    }

    async fn past_rows(&mut self, rows: Vec<crate::value::Row>) -> Result<Vec<PastRow>> {
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let loaded: Loaded<PastProposal> = Loaded::read(&row, &STATE)?;
            let key = loaded.state.finding.key.clone();
            found.push(PastRow {
                id: row.get("id")?,
                batch: self.listed_in(&key, PaymentBatchId(0)).await?,
                loaded,
            });
        }
        Ok(found)
    }
}
