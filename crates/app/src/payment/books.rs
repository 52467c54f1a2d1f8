//! 「记账」 What each step of a batch means in the books, in the step's own
//! transaction: approving reserves, the bank's proof posts, a return or a step
//! back voids. The clock does nothing here. Each programme has a fund that never
//! goes below zero and an account of what was paid.

use super::Payments;
use crate::ledger::posting::{legs, opened, post};
use crate::{AppError, Context, Result};
use engine_access::Action;
use engine_ledger::{Bounds, Command};
use engine_payment::{
    Batch, BatchException, BatchState, Event, ExceptionKind, Item, ItemState, LedgerLine,
    LineOutcome, ReplyLine, line_reference, write_bank_file,
};
use kernel::{AccountId, Money, Now, Slug, TransferId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::Tx;
use store::ledger::LedgerSlice;

/// The topic of files waiting to be sent.
pub(crate) const TOPIC: &str = "bank.file";
/// 开户银行 One desk pays through one bank.
pub(crate) const BANK: &str = "treasury_bank";
/// What the books count in.
const FEN: &str = "fen";

/// A file to be sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct FileWork {
    pub(crate) batch: i64,
}

impl Payments {
    /// 拨款 Moves money from the treasury into a programme's fund.
    ///
    /// # Errors
    /// [`AppError::Refused`]: no right, no amount, the same `reference` twice.
    pub async fn appropriate(
        &self,
        ctx: &Context,
        programme: &Slug,
        amount: Money,
        reference: &str,
    ) -> Result<()> {
        let key = ctx.key("payment.appropriate", &(programme, amount, reference))?;
        let (desk, ctx) = (self.clone(), ctx.clone());
        let (programme, reference) = (programme.clone(), reference.to_owned());
        let write = async move |tx: &mut Tx| {
            let now = desk.app.now();
            let (desk, ctx, programme, reference) = (&desk, &ctx, &programme, &reference);
            tx.idempotent(&key, now, async |tx: &mut Tx| {
                desk.authorise(tx, ctx, Action::PostLedger, None).await?;
                if amount <= Money::ZERO {
                    return Err(AppError::BadInput("拨款金额要大于 0".to_owned()));
                }
                let treasury = account(tx, ctx, "treasury", Bounds::default(), now).await?;
                let fund =
                    account(tx, ctx, &fund_name(programme), restricted(programme), now).await?;
                let command = Command::Transfer {
                    id: TransferId(tx.next_id("ledger").await?),
                    reference: format!("appropriation:{reference}"),
                    legs: legs(treasury, fund, amount.fen()),
                    purpose: None,
                };
                let slice = LedgerSlice {
                    accounts: [treasury, fund].into(),
                    references: [format!("appropriation:{reference}")].into(),
                    ..LedgerSlice::default()
                };
                post(tx, ctx, &slice, vec![command], "拨款", now).await?;
                let subject = format!("fund:{programme}");
                ctx.record(tx, "payment.appropriated", &subject, &amount, now)
                    .await?;
                Ok::<_, AppError>(())
            })
            .await
        };
        self.app.db.write(write).await?;
        Ok(())
    }

    /// What follows from a batch's events.
    pub(crate) async fn follow(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        before: &Batch,
        after: &Batch,
        events: &[Event],
        now: Now,
    ) -> Result<()> {
        for event in events {
            match event {
                Event::Approved { .. } => reserve(tx, ctx, after, now).await?,
                Event::ReturnedToDraft {
                    from: BatchState::Approved | BatchState::Sent,
                    ..
                } => {
                    let reserved = before
                        .items
                        .iter()
                        .filter(|item| item.state == ItemState::Ready || item.state.is_open());
                    let lines: Vec<(&Item, bool)> = reserved.map(|item| (item, false)).collect();
                    settle(tx, ctx, before, &lines, now).await?;
                }
                Event::Released { .. } | Event::NeverReceived { .. } => {
                    let file = write_bank_file(after, &self.config).map_err(AppError::refused)?;
                    tx.keep_bank_file(after.id, &file, now).await?;
                    let key = format!("{}@{}", file.reference, now.at.timestamp_micros());
                    let work = FileWork { batch: after.id.0 };
                    tx.publish(TOPIC, &key, &work, now, now.at).await?;
                }
                Event::ReplyRead {
                    outcomes,
                    exceptions,
                    digest,
                    repeated: false,
                    ..
                } => {
                    let lines: Vec<(&Item, bool)> = outcomes
                        .iter()
                        .filter_map(|(line, outcome)| {
                            let paid = matches!(outcome, LineOutcome::Paid { .. });
                            Some((after.item(*line)?, paid))
                        })
                        .collect();
                    settle(tx, ctx, after, &lines, now).await?;
                    keep_reply(tx, after, outcomes, exceptions, digest, now).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// What the books say was paid, line by line, for the match.
pub(crate) async fn ledger_lines(tx: &mut Tx, batch: &Batch) -> Result<Vec<LedgerLine>> {
    let paid: BTreeMap<String, String> = batch
        .items
        .iter()
        .map(|item| line_reference(batch, item))
        .map(|line| (paid_reference(&line), line))
        .collect();
    let slice = LedgerSlice {
        references: paid.keys().cloned().collect(),
        ..LedgerSlice::default()
    };
    let found = tx.ledger(&slice).await?.references;
    let slice = LedgerSlice {
        transfers: found.values().copied().collect(),
        ..LedgerSlice::default()
    };
    let ledger = tx.ledger(&slice).await?;
    let mut lines = Vec::new();
    for (reference, id) in found {
        let (Some(transfer), Some(line)) = (ledger.transfers.get(&id), paid.get(&reference)) else {
            continue;
        };
        if transfer.reversed_by.is_some() {
            continue;
        }
        let fen: i64 = transfer.legs.iter().map(|leg| leg.amount.max(0)).sum();
        lines.push(LedgerLine {
            reference: line.clone(),
            amount: Money::from_fen(fen),
        });
    }
    Ok(lines)
}

/// Reserves every item that will be in the file.
async fn reserve(tx: &mut Tx, ctx: &Context, batch: &Batch, now: Now) -> Result<()> {
    let mut accounts: BTreeMap<Slug, (AccountId, AccountId)> = BTreeMap::new();
    let ready: Vec<&Item> = batch
        .items
        .iter()
        .filter(|item| item.state == ItemState::Ready)
        .collect();
    for item in &ready {
        let programme = &item.key.programme;
        if !accounts.contains_key(programme) {
            let fund = account(tx, ctx, &fund_name(programme), restricted(programme), now).await?;
            let paid =
                account(tx, ctx, &format!("paid:{programme}"), Bounds::floor(0), now).await?;
            accounts.insert(programme.clone(), (fund, paid));
        }
    }
    let count = u32::try_from(ready.len()).unwrap_or(u32::MAX);
    let ids = tx.next_ids("ledger", count).await?;
    let mut commands = Vec::with_capacity(ready.len());
    for (id, item) in ids.zip(ready) {
        let Some((fund, paid)) = accounts.get(&item.key.programme) else {
            continue;
        };
        commands.push(Command::Reserve {
            id: TransferId(id),
            reference: hold_reference(batch, item),
            legs: legs(*fund, *paid, item.amount.fen()),
            expires: None,
            purpose: Some(item.key.programme.clone()),
        });
    }
    let slice = LedgerSlice {
        accounts: accounts.values().flat_map(|(f, p)| [*f, *p]).collect(),
        ..LedgerSlice::default()
    };
    let reason = format!("发放 {} 预留", batch.period);
    post(tx, ctx, &slice, commands, &reason, now).await?;
    Ok(())
}

/// Ends reservations: posted where the bank proved payment, voided where not.
async fn settle(
    tx: &mut Tx,
    ctx: &Context,
    batch: &Batch,
    lines: &[(&Item, bool)],
    now: Now,
) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let wanted = LedgerSlice {
        references: lines
            .iter()
            .map(|(item, _)| hold_reference(batch, item))
            .collect(),
        ..LedgerSlice::default()
    };
    let holds = tx.ledger(&wanted).await?.references;
    let count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    let ids = tx.next_ids("ledger", count).await?;
    let mut commands = Vec::with_capacity(lines.len());
    for (id, (item, paid)) in ids.zip(lines) {
        let reference = hold_reference(batch, item);
        let hold = *holds
            .get(&reference)
            .ok_or_else(|| AppError::Fault(format!("账本里没有预留 {reference}")))?;
        commands.push(if *paid {
            Command::Post {
                id: TransferId(id),
                hold,
                reference: paid_reference(&line_reference(batch, item)),
                legs: None,
            }
        } else {
            Command::Void { hold }
        });
    }
    let slice = LedgerSlice {
        transfers: holds.values().copied().collect(),
        ..LedgerSlice::default()
    };
    let reason = format!("发放 {} 核销", batch.period);
    post(tx, ctx, &slice, commands, &reason, now).await?;
    Ok(())
}

/// The account of a name, opened when it is not there yet.
async fn account(
    tx: &mut Tx,
    ctx: &Context,
    name: &str,
    bounds: Bounds,
    now: Now,
) -> Result<AccountId> {
    let unit: Slug = FEN
        .parse()
        .map_err(|_| AppError::Fault("单位".to_owned()))?;
    let (id, _) = opened(tx, ctx, name, (&unit, bounds), now).await?;
    Ok(id)
}

async fn keep_reply(
    tx: &mut Tx,
    batch: &Batch,
    outcomes: &BTreeMap<u32, LineOutcome>,
    exceptions: &[BatchException],
    digest: &str,
    now: Now,
) -> Result<()> {
    let Some(file) = &batch.file else {
        return Ok(());
    };
    let lines: Vec<ReplyLine> = outcomes
        .iter()
        .filter_map(|(line, outcome)| {
            let item = batch.item(*line)?;
            Some(ReplyLine {
                line: *line,
                reference: line_reference(batch, item),
                account: item.account.as_ref()?.number.clone(),
                amount: item.amount,
                outcome: outcome.clone(),
            })
        })
        .collect();
    tx.keep_reply_lines(BANK, &file.reference, digest, &lines, now)
        .await?;
    for exception in exceptions {
        let strange = matches!(
            exception.kind,
            ExceptionKind::UnknownLine | ExceptionKind::NotSent
        );
        if strange {
            let BatchException {
                line,
                reference,
                amount,
                ..
            } = exception;
            tx.suspend(BANK, &file.reference, *line, reference, *amount, now)
                .await?;
        }
    }
    Ok(())
}

/// 专款专用 A programme's money leaves its fund for that programme only.
fn restricted(programme: &Slug) -> Bounds {
    Bounds {
        purposes: Some([programme.clone()].into()),
        ..Bounds::floor(0)
    }
}

fn fund_name(programme: &Slug) -> String {
    format!("fund:{programme}")
}

/// A reservation belongs to one approval of one attempt.
fn hold_reference(batch: &Batch, item: &Item) -> String {
    format!("hold:{}#{}", line_reference(batch, item), batch.approvals)
}

fn paid_reference(line: &str) -> String {
    format!("paid:{line}")
}
