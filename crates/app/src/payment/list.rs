//! 「生成清单」 Opening a month's batch and freezing its list: what the entitlements
//! owe, what other batches have, what goes on from earlier ones, and how it
//! differs from last month.

use super::doubt::{doubt, who};
use super::{Payments, Progress};
use crate::{AppError, Context, Result};
use engine_access::Action;
use engine_payment::{
    Batch, BatchState, Command, Due, Entitlement, Item, ItemState, MonthDiff, PastProposal,
    PayAccount, compute, decide, diff_months, inputs_digest,
};
use kernel::{EntitlementId, Now, PaymentBatchId, Period, PersonId};
use std::collections::{BTreeMap, BTreeSet};
use store::{Loaded, Tx};

impl Payments {
    /// Opens an empty batch for a month.
    ///
    /// # Errors
    /// [`AppError::Refused`] without the right.
    pub async fn open_batch(&self, ctx: &Context, period: Period) -> Result<PaymentBatchId> {
        let key = ctx.key("payment.open", &period)?;
        let (desk, ctx) = (self.clone(), ctx.clone());
        let write = async move |tx: &mut Tx| {
            let now = desk.app.now();
            let (desk, ctx) = (&desk, &ctx);
            tx.idempotent(&key, now, async |tx: &mut Tx| {
                desk.authorise(tx, ctx, Action::ComputeBatch, None).await?;
                desk.new_batch(tx, ctx, period, now).await
            })
            .await
        };
        Ok(self.app.db.write(write).await?.value)
    }

    /// Freezes a draft's list.
    ///
    /// # Errors
    /// [`AppError::Refused`]: nothing due, two entitlements for one thing…
    pub async fn compute_batch(&self, ctx: &Context, id: PaymentBatchId) -> Result<Progress> {
        let key = ctx.key("payment.compute", &id)?;
        let (desk, ctx) = (self.clone(), ctx.clone());
        let write = async move |tx: &mut Tx| {
            let now = desk.app.now();
            let (desk, ctx) = (&desk, &ctx);
            tx.idempotent(&key, now, async |tx: &mut Tx| {
                let loaded = tx.payment_batch(id).await?;
                desk.authorise(tx, ctx, Action::ComputeBatch, Some(&loaded.state))
                    .await?;
                let command = desk.computing(tx, &loaded).await?;
                let events = decide(&loaded.state, command, &ctx.actor, &desk.config, now)
                    .map_err(AppError::refused)?;
                let after = desk.keep(tx, ctx, &loaded, &events, now).await?;
                Ok::<_, AppError>(Progress::of(&after))
            })
            .await
        };
        Ok(self.app.db.write(write).await?.value)
    }

    /// Opens and freezes a month's batch in one act, or gives the one that is there:
    /// done again, it doubles nothing. A month whose batches are all closed gets a
    /// new one for what is still owed, if anything is.
    ///
    /// # Errors
    /// [`AppError::Refused`]: no right, nothing due, two entitlements for one thing…
    pub async fn compute_month(&self, ctx: &Context, period: Period) -> Result<Progress> {
        let (desk, ctx) = (self.clone(), ctx.clone());
        let write = async move |tx: &mut Tx| {
            let now = desk.app.now();
            desk.authorise(tx, &ctx, Action::ComputeBatch, None).await?;
            let loaded = match desk.running_in(tx, period).await? {
                Some(loaded) if loaded.state.state != BatchState::Draft => {
                    return Ok(Progress::of(&loaded.state));
                }
                Some(loaded) => loaded,
                None => {
                    let id = desk.new_batch(tx, &ctx, period, now).await?;
                    tx.payment_batch(id).await?
                }
            };
            let command = desk.computing(tx, &loaded).await?;
            let events = decide(&loaded.state, command, &ctx.actor, &desk.config, now)
                .map_err(AppError::refused)?;
            let after = desk.keep(tx, &ctx, &loaded, &events, now).await?;
            Ok::<_, AppError>(Progress::of(&after))
        };
        self.app.db.write(write).await
    }

    /// The month's draft, else a batch that is not closed yet.
    async fn running_in(&self, tx: &mut Tx, period: Period) -> Result<Option<Loaded<Batch>>> {
        let mut running = None;
        for id in tx.payment_batches_in(period).await? {
            let loaded = tx.payment_batch(id).await?;
            match loaded.state.state {
                BatchState::Draft => return Ok(Some(loaded)),
                BatchState::Closed => {}
                _ => running = running.or(Some(loaded)),
            }
        }
        Ok(running)
    }

    pub(super) async fn new_batch(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        period: Period,
        now: Now,
    ) -> Result<PaymentBatchId> {
        let id = PaymentBatchId(tx.next_id("payment_batch").await?);
        tx.create_payment_batch(&Batch::draft(id, period)).await?;
        let subject = format!("payment_batch:{id}");
        ctx.record(tx, "payment.opened", &subject, &period, now)
            .await?;
        Ok(id)
    }

    async fn computing(&self, tx: &mut Tx, loaded: &Loaded<Batch>) -> Result<Command> {
        let batch = &loaded.state;
        let period = batch.period;
        let entitlements = tx.entitlements_in(period).await?;
        let accounts = tx.pay_accounts().await?;
        let made = tx.obligations_made(period, batch.id).await?;
        let live = tx.obligations_live(period, batch.id).await?;
        let account_of = |person| accounts.get(&person).cloned();
        let mut dues =
            compute(&entitlements, account_of, period, &made).map_err(AppError::refused)?;
        let diff = self.diff(tx, batch, &dues, &entitlements).await?;
        for item in tx.items_reissued_into(batch.id).await? {
            dues.push(Due {
                account: accounts.get(&item.payee).cloned(),
                attempt: item.attempt + 1,
                ..due(&item)
            });
        }
        for one in tx.past_to_pay(batch.id).await? {
            dues.extend(arrears(&one, period, account_of));
        }
        let doubts = self.doubts(tx, dues.iter().map(who)).await?;
        let mut numbered = Vec::with_capacity(dues.len());
        for mut due in dues {
            due.doubt = doubt(&doubts, who(&due));
            numbered.push((tx.obligation(&due.key).await?, due));
        }
        Ok(Command::Compute {
            dues: numbered,
            live,
            diff,
            rule: self.app.law.pack.hash().to_owned(),
            inputs: inputs_digest(&entitlements),
        })
    }

    /// The whole of this month beside the whole of last month, all batches of
    /// each. Entitlements that ended last month are needed to say why.
    async fn diff(
        &self,
        tx: &mut Tx,
        batch: &Batch,
        dues: &[Due],
        entitlements: &[Entitlement],
    ) -> Result<MonthDiff> {
        let period = batch.period;
        let before = period.plus_months(-1);
        let mut by_id: BTreeMap<EntitlementId, Entitlement> =
            entitlements.iter().map(|e| (e.id, e.clone())).collect();
        for entitlement in tx.entitlements_in(before).await? {
            by_id.entry(entitlement.id).or_insert(entitlement);
        }
        let previous = self.owed_in(tx, before, batch.id).await?;
        // An entitlement changed so that even last month is past its end.
        let known: BTreeSet<EntitlementId> = by_id.keys().copied().collect();
        for due in previous.iter().filter(|d| !known.contains(&d.entitlement)) {
            let entitlement = tx.entitlement(due.entitlement).await?.state;
            by_id.insert(entitlement.id, entitlement);
        }
        let mut current = self.owed_in(tx, period, batch.id).await?;
        current.extend(dues.iter().cloned());
        let all: Vec<Entitlement> = by_id.into_values().collect();
        Ok(diff_months(&previous, &current, &all, period))
    }

    /// What other batches of a month hold for that month, whatever became of it,
    /// but not what was cancelled.
    async fn owed_in(
        &self,
        tx: &mut Tx,
        period: Period,
        except: PaymentBatchId,
    ) -> Result<Vec<Due>> {
        let mut owed = Vec::new();
        for id in tx.payment_batches_in(period).await? {
            if id == except {
                continue;
            }
            let batch = tx.payment_batch(id).await?.state;
            let counts = |item: &&Item| {
                item.key.period == period && !matches!(item.state, ItemState::Cancelled { .. })
            };
            owed.extend(batch.items.iter().filter(counts).map(due));
        }
        Ok(owed)
    }
}

/// 补发 Arrears two people agreed on, in a list of that month or a later one.
fn arrears(
    one: &PastProposal,
    period: Period,
    account_of: impl Fn(PersonId) -> Option<PayAccount>,
) -> Option<Due> {
    let (amount, kind) = one.pays()?;
    let finding = &one.finding;
    (finding.key.period <= period).then(|| Due {
        key: finding.key.clone(),
        entitlement: finding.entitlement,
        decision: finding.decision,
        amount,
        payee: finding.payee,
        account: account_of(finding.payee),
        kind,
        doubt: None,
        attempt: 1,
    })
}

/// An item as what it pays.
fn due(item: &Item) -> Due {
    Due {
        key: item.key.clone(),
        entitlement: item.entitlement,
        decision: item.decision,
        amount: item.amount,
        payee: item.payee,
        account: item.account.clone(),
        kind: item.kind,
        doubt: item.doubt.clone(),
        attempt: item.attempt,
    }
}
