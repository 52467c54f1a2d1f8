//! 「发放」 Entitlements, obligations, batches with their items, pay accounts. Of one
//! obligation only one attempt can be live, in the whole database: a unique key
//! keeps it, whatever two programs do at once. Bank files: `payment/bank.rs`.

mod bank;

#[cfg(test)]
pub(crate) use bank::{SEALED as BANK_SEALED, STATEMENTS as BANK_STATEMENTS};
pub use bank::{StoredFile, SuspenseLine};

use crate::bulk::{Bulk, Rows};
use crate::error::{Result, StoreError};
use crate::event::Loaded;
use crate::seal::sealed;
use crate::statement::{Sql, statements};
use crate::tx::Tx;
use crate::value::{Kind, Row, args, json, row};
use engine_payment::{
    AccountHolding, Batch, BatchState, Beneficiary, Entitlement, Event, Item, ItemState,
    ObligationKey, PayAccount,
};
use kernel::{Actor, EntitlementId, Now, ObligationId, PaymentBatchId, Period, PersonId};
use std::collections::{BTreeMap, BTreeSet};

const BATCH: &str = "payment_batch";
const ENTITLEMENT: &str = "entitlement";
const ACCOUNT: &str = "pay_account";

sealed! {
    RIGHT = entitlement.state (id: Int, version: Int);
    LIST = payment_batch.state (id: Int, version: Int);
    ITEM = payment_item.state (batch: Int, line: Int, phase: Text);
    WHERE = pay_account.state (person: Int, version: Int);
}

statements! {
    GRANT = "INSERT INTO entitlement (id, version, programme, beneficiary, payee, first_month,
                 last_month, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    CHANGE = "UPDATE entitlement SET version = $2, programme = $3, beneficiary = $4, payee = $5,
                  first_month = $6, last_month = $7, state = $8
              WHERE id = $1 AND version = $9";
    SELECT = "SELECT id, version, state FROM entitlement WHERE id = $1";
    RUNNING = "SELECT id, version, state FROM entitlement
               WHERE first_month <= $1 AND (last_month IS NULL OR last_month >= $1) ORDER BY id";
    OF_BENEFICIARY = "SELECT id, version, state FROM entitlement WHERE beneficiary = $1 ORDER BY id";
    OWE = "INSERT INTO obligation (id, programme, beneficiary, period, component, revision)
           VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (programme, beneficiary, period, component, revision) DO NOTHING";
    OWED = "SELECT id FROM obligation
            WHERE programme = $1 AND beneficiary = $2 AND period = $3 AND component = $4
              AND revision = $5";
    MADE = "SELECT DISTINCT o.programme, o.beneficiary, o.period, o.component, o.revision
            FROM payment_item i JOIN obligation o ON o.id = i.obligation
            WHERE o.period = $1 AND i.batch <> $2";
    LIVE = "SELECT DISTINCT o.programme, o.beneficiary, o.period, o.component, o.revision
            FROM payment_item i JOIN obligation o ON o.id = i.obligation
            WHERE o.period = $1 AND i.batch <> $2 AND i.live = 1";
    DRAFT = "INSERT INTO payment_batch (id, version, period, phase, state)
             VALUES ($1, $2, $3, $4, $5)";
    PROGRESS = "UPDATE payment_batch SET version = $2, phase = $3, state = $4
                WHERE id = $1 AND version = $5";
    FIND_BATCH = "SELECT id, version, state FROM payment_batch WHERE id = $1";
    OF_PERIOD = "SELECT id FROM payment_batch WHERE period = $1 ORDER BY id";
    ALL_BATCHES = "SELECT id FROM payment_batch ORDER BY id";
    ITEMS = "SELECT batch, line, phase, state FROM payment_item WHERE batch = $1 ORDER BY line";
    REISSUED = "SELECT batch, line, phase, state FROM payment_item WHERE phase = 'reissued' ORDER BY batch, line";
    IN_PHASE = "SELECT id FROM payment_batch WHERE phase = $1 ORDER BY id";
    OF_RIGHT = "SELECT i.batch, i.line, i.phase, i.state FROM obligation o
                JOIN payment_item i ON i.obligation = o.id
                WHERE o.beneficiary = $1 AND o.period >= $2 AND o.period <= $3
                ORDER BY o.period, o.id, i.batch";
    OF_PAYEE = "SELECT batch, line, phase, state FROM payment_item WHERE payee = $1 ORDER BY batch, line";
    DROP_ITEM = "DELETE FROM payment_item WHERE batch = $1 AND line = $2";
    ACCOUNT_OF = "SELECT person, version, state FROM pay_account WHERE person = $1";
    ADD_ACCOUNT = "INSERT INTO pay_account (person, version, state) VALUES ($1, $2, $3)";
    SET_ACCOUNT = "UPDATE pay_account SET version = $2, state = $3
                   WHERE person = $1 AND version = $4";
    ALL_ACCOUNTS = "SELECT person, version, state FROM pay_account ORDER BY person";
}

const ITEMS_BULK: Bulk = Bulk {
    table: "payment_item",
    columns: &[
        ("batch", Kind::Int),
        ("line", Kind::Int),
        ("obligation", Kind::Int),
        ("payee", Kind::Int),
        ("amount", Kind::Int),
        ("phase", Kind::Text),
        ("live", Kind::Int),
        ("state", Kind::Bytes),
    ],
};

impl Tx {
    /// Keeps an entitlement: version 0 for a new one. Its history is its states.
    pub async fn save_entitlement(
        &mut self,
        version: i64,
        entitlement: &Entitlement,
        actor: &Actor,
        now: Now,
    ) -> Result<i64> {
        let id = entitlement.id;
        let next = self
            .append(ENTITLEMENT, id.0, version, &[entitlement], actor, now)
            .await?;
        let state = self.seal(&RIGHT, &row![id, next], json(entitlement)?)?;
        let mut row = args![
            id,
            next,
            entitlement.programme,
            entitlement.beneficiary.to_string(),
            entitlement.payee,
            entitlement.from,
            entitlement.last_month(),
            state
        ];
        if version == 0 {
            self.execute(GRANT, row).await?;
        } else {
            row.extend(args![version]);
            self.execute_one(CHANGE, row, "待遇").await?;
        }
        Ok(next)
    }

    /// An entitlement.
    pub async fn entitlement(&mut self, id: EntitlementId) -> Result<Loaded<Entitlement>> {
        self.load(SELECT, &RIGHT, id.0, "待遇").await
    }

    /// Entitlements that may fall due in a month, phase-outs included.
    pub async fn entitlements_in(&mut self, period: Period) -> Result<Vec<Entitlement>> {
        self.entitlements(RUNNING, args![period]).await
    }

    /// What a person or a household is or was entitled to.
    pub async fn entitlements_of(
        &mut self,
        whose: Beneficiary,
    ) -> Result<Vec<Loaded<Entitlement>>> {
        let rows = self
            .fetch_all(OF_BENEFICIARY, args![whose.to_string()])
            .await?;
        rows.iter().map(|row| Loaded::read(row, &RIGHT)).collect()
    }

    /// The number of an obligation; the same key has the same number for ever.
    pub async fn obligation(&mut self, key: &ObligationKey) -> Result<ObligationId> {
        let whose = key.beneficiary.to_string();
        let unique = args![
            key.programme,
            whose,
            key.period,
            key.component,
            key.revision
        ];
        if let Some(row) = self.fetch_optional(OWED, unique.clone()).await? {
            return row.get("id");
        }
        let mut row = args![self.next_id("obligation").await?];
        row.extend(unique.clone());
        self.execute(OWE, row).await?;
        // Another batch may have been first: the row that is there counts.
        self.fetch_one(OWED, unique).await?.get("id")
    }

    /// Keys of a month that stand in other batches, whatever became of them.
    pub async fn obligations_made(
        &mut self,
        period: Period,
        except: PaymentBatchId,
    ) -> Result<BTreeSet<ObligationKey>> {
        self.obligation_keys(MADE, period, except).await
    }

    /// Keys of a month with a live attempt in another batch.
    pub async fn obligations_live(
        &mut self,
        period: Period,
        except: PaymentBatchId,
    ) -> Result<BTreeSet<ObligationKey>> {
        self.obligation_keys(LIVE, period, except).await
    }

    /// Keeps an empty draft.
    pub async fn create_payment_batch(&mut self, batch: &Batch) -> Result<()> {
        let state = without_items(batch)?;
        let state = self.seal(&LIST, &row![batch.id, 0_i64], state)?;
        let row = args![batch.id, 0_i64, batch.period, phase(batch)?, state];
        self.execute(DRAFT, row).await?;
        self.change_items(batch.id, &[], &batch.items).await
    }

    /// A batch with its items.
    pub async fn payment_batch(&mut self, id: PaymentBatchId) -> Result<Loaded<Batch>> {
        let mut loaded: Loaded<Batch> = self.load(FIND_BATCH, &LIST, id.0, "发放批次").await?;
        let rows = self.fetch_all(ITEMS, args![id]).await?;
        let items = rows.iter().map(|row| row.unsealed_json(&ITEM));
        loaded.state.items = items.collect::<Result<_>>()?;
        Ok(loaded)
    }

    /// Keeps what the events made of a batch. Only items that changed are written.
    pub async fn save_payment_batch(
        &mut self,
        before: &Loaded<Batch>,
        after: &Batch,
        events: &[Event],
        actor: &Actor,
        now: Now,
    ) -> Result<i64> {
        if events.is_empty() {
            return Ok(before.version);
        }
        let next = self
            .append(BATCH, after.id.0, before.version, events, actor, now)
            .await?;
        let state = without_items(after)?;
        let state = self.seal(&LIST, &row![after.id, next], state)?;
        let row = args![after.id, next, phase(after)?, state, before.version];
        self.execute_one(PROGRESS, row, "发放批次").await?;
        self.change_items(after.id, &before.state.items, &after.items)
            .await?;
        Ok(next)
    }

    /// The batches of a month.
    pub async fn payment_batches_in(&mut self, period: Period) -> Result<Vec<PaymentBatchId>> {
        let rows = self.fetch_all(OF_PERIOD, args![period]).await?;
        rows.iter().map(|row| row.get("id")).collect()
    }

    /// Every batch, oldest first.
    pub async fn payment_batches(&mut self) -> Result<Vec<PaymentBatchId>> {
        let rows = self.fetch_all(ALL_BATCHES, args![]).await?;
        rows.iter().map(|row| row.get("id")).collect()
    }

    /// Everything that was to be paid to a person: the 幸福清单.
    pub async fn payments_to(&mut self, payee: PersonId) -> Result<Vec<(PaymentBatchId, Item)>> {
        let rows = self.fetch_all(OF_PAYEE, args![payee]).await?;
        rows.iter()
            .map(|row| Ok((row.get("batch")?, row.unsealed_json(&ITEM)?)))
            .collect()
    }

    /// Every attempt at what a person or a household was owed for some months, in
    /// the order of the months.
    pub async fn payments_for(
        &mut self,
        whose: Beneficiary,
        from: Period,
        through: Period,
    ) -> Result<Vec<(PaymentBatchId, Item)>> {
        let months = args![whose.to_string(), from, through];
        let rows = self.fetch_all(OF_RIGHT, months).await?;
        rows.iter()
            .map(|row| Ok((row.get("batch")?, row.unsealed_json(&ITEM)?)))
            .collect()
    }

    /// Items of other batches that go on in this one.
    pub async fn items_reissued_into(&mut self, batch: PaymentBatchId) -> Result<Vec<Item>> {
        let rows = self.fetch_all(REISSUED, args![]).await?;
        let mut items: Vec<Item> = Vec::new();
        for row in rows {
            let item: Item = row.unsealed_json(&ITEM)?;
            if item.state == (ItemState::Reissued { into: batch }) {
                items.push(item);
            }
        }
        Ok(items)
    }

    /// The batches that stand at this point, oldest first.
    pub async fn payment_batches_at(&mut self, at: BatchState) -> Result<Vec<PaymentBatchId>> {
        let rows = self.fetch_all(IN_PHASE, args![phase_name(at)?]).await?;
        rows.iter().map(|row| row.get("id")).collect()
    }

    /// Where a person's money goes; version 0 while nobody has said.
    pub async fn pay_account(&mut self, person: PersonId) -> Result<Loaded<AccountHolding>> {
        match self.fetch_optional(ACCOUNT_OF, args![person]).await? {
            Some(row) => Loaded::read(&row, &WHERE),
            None => Ok(Loaded {
                state: AccountHolding::default(),
                version: 0,
            }),
        }
    }

    /// Where everybody's money goes.
    pub async fn pay_accounts(&mut self) -> Result<BTreeMap<PersonId, PayAccount>> {
        let mut accounts = BTreeMap::new();
        for row in self.fetch_all(ALL_ACCOUNTS, args![]).await? {
            let holding: AccountHolding = row.unsealed_json(&WHERE)?;
            if let Some(account) = holding.current {
                accounts.insert(row.get("person")?, account);
            }
        }
        Ok(accounts)
    }

    /// Changes where a person's money goes: version 0 for the first account.
    pub async fn save_pay_account(
        &mut self,
        person: PersonId,
        version: i64,
        account: &AccountHolding,
        actor: &Actor,
        now: Now,
    ) -> Result<i64> {
        let next = self
            .append(ACCOUNT, person.0, version, &[account], actor, now)
            .await?;
        let state = self.seal(&WHERE, &row![person, next], json(account)?)?;
        if version == 0 {
            self.execute(ADD_ACCOUNT, args![person, next, state])
                .await?;
        } else {
            let row = args![person, next, state, version];
            self.execute_one(SET_ACCOUNT, row, "收款账户").await?;
        }
        Ok(next)
    }

    async fn entitlements(
        &mut self,
        sql: Sql,
        args: Vec<crate::value::Value>,
    ) -> Result<Vec<Entitlement>> {
        let rows = self.fetch_all(sql, args).await?;
        rows.iter().map(|row| row.unsealed_json(&RIGHT)).collect()
    }

    async fn obligation_keys(
        &mut self,
        sql: Sql,
        period: Period,
        except: PaymentBatchId,
    ) -> Result<BTreeSet<ObligationKey>> {
        let rows = self.fetch_all(sql, args![period, except]).await?;
        rows.iter().map(key).collect()
    }

    /// Changed lines are taken out before any is put in: while a list is
    /// renumbered no obligation is live twice.
    async fn change_items(
        &mut self,
        batch: PaymentBatchId,
        before: &[Item],
        after: &[Item],
    ) -> Result<()> {
        let old: BTreeMap<u32, &Item> = before.iter().map(|item| (item.line, item)).collect();
        let new: BTreeMap<u32, &Item> = after.iter().map(|item| (item.line, item)).collect();
        for (line, item) in &old {
            if new.get(line) != Some(item) {
                self.execute(DROP_ITEM, args![batch, *line]).await?;
            }
        }
        let mut rows = Rows::new(ITEMS_BULK);
        for (line, item) in new {
            if old.get(&line) == Some(&item) {
                continue;
            }
            let dead = matches!(
                item.state,
                ItemState::Reissued { .. } | ItemState::Cancelled { .. }
            );
            let phase = item.state.name();
            let state = self.seal(&ITEM, &row![batch, line, phase], json(item)?)?;
            rows.push(args![
                batch,
                line,
                item.obligation,
                item.payee,
                item.amount,
                phase,
                !dead,
                state
            ]);
        }
        self.insert_many(rows).await
    }
}

fn phase(batch: &Batch) -> Result<String> {
    phase_name(batch.state)
}

fn phase_name(state: BatchState) -> Result<String> {
    Ok(json(&state)?.trim_matches('"').to_owned())
}

fn without_items(batch: &Batch) -> Result<String> {
    json(&Batch {
        items: Vec::new(),
        ..batch.clone()
    })
}

/// Whose right a row is about: `person:7`, `household:7`.
pub(crate) fn beneficiary(row: &Row) -> Result<Beneficiary> {
    let whose: String = row.get("beneficiary")?;
    let wrong = || StoreError::fault(format!("{whose} is no beneficiary"));
    let (kind, id) = whose.split_once(':').ok_or_else(wrong)?;
    let id: i64 = id.parse().map_err(|_| wrong())?;
    match kind {
        "person" => Ok(Beneficiary::Person(kernel::PersonId(id))),
        "household" => Ok(Beneficiary::Household(kernel::HouseholdId(id))),
        _ => Err(wrong()),
    }
}

fn key(row: &Row) -> Result<ObligationKey> {
    Ok(ObligationKey {
        programme: row.get("programme")?,
        beneficiary: beneficiary(row)?,
        period: row.get("period")?,
        component: row.get("component")?,
        revision: row.get("revision")?,
    })
}
