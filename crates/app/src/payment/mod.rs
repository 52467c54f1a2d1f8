//! 「发放」 Paying: entitlements from signed decisions, the monthly batch step by
//! step, the bank, the three-way match, the family's statement. Each step is one
//! transaction: batch, books, outbox and audit together or not at all. The bank
//! is spoken to outside of transactions, and what it said is written after.
//!
//! Absent: who is owed (the case's decisions say), and any sending by the clock.

mod account;
mod arrears;
pub mod bank_wire;
mod bank_work;
mod books;
mod desk;
mod doubt;
mod entitle;
mod gateway;
mod list;
mod matching;
mod paper;
mod reissue;
mod signing_off;
mod statement;

pub use bank_work::BankRound;
pub use desk::{BatchLine, BatchPage, ChangeLine, ExceptionLine, Mend, Turn};
pub use entitle::follow_case;
pub(crate) use entitle::{resume_right, stop_right};
pub use gateway::{BankGateway, NoWord};
pub use matching::Outside;
pub use paper::PaperReply;
pub use statement::{Statement, StatementLine, StatementTotals};

use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record, RecordState};
use engine_payment::{Batch, BatchState, Config, Event, ItemState, MonthDiff};
use kernel::{FieldLevel, Money, Now, PaymentBatchId, Period};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Loaded, Tx};

/// The paying desk of the house. Cheap to clone.
#[derive(Clone)]
pub struct Payments {
    pub(crate) app: App,
    pub(crate) config: Config,
}

impl Payments {
    /// The same desk in the house under another law.
    #[must_use]
    pub fn under(&self, app: &App) -> Payments {
        Payments {
            app: app.clone(),
            config: self.config.clone(),
        }
    }
}

impl App {
    /// Opens the paying desk: who pays, and how patient it is.
    pub fn payments(&self, config: Config) -> Payments {
        Payments {
            app: self.clone(),
            config,
        }
    }
}

/// Where a batch stands: what every step gives back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Which.
    pub batch: PaymentBatchId,
    /// For which month.
    pub period: Period,
    /// Where it stands.
    pub state: BatchState,
    /// The hash of the frozen list: what the next signer must have seen.
    pub hash: Option<String>,
    /// Items by state name.
    pub items: BTreeMap<String, u32>,
    /// To be paid, or being paid, or paid.
    pub total: Money,
    /// Proven paid.
    pub paid: Money,
    /// Proven returned.
    pub returned: Money,
    /// Exceptions nobody has explained.
    pub open_exceptions: u32,
    /// This month beside last month.
    pub diff: Option<MonthDiff>,
}

impl Progress {
    /// Of a batch.
    pub fn of(batch: &Batch) -> Self {
        let mut items = BTreeMap::new();
        for item in &batch.items {
            *items.entry(item.state.name().to_owned()).or_insert(0) += 1;
        }
        let sum = |wanted: fn(&ItemState) -> bool| batch.total_where(wanted).unwrap_or_default();
        let open = batch
            .exceptions
            .iter()
            .filter(|exception| exception.explained.is_none());
        Progress {
            batch: batch.id,
            period: batch.period,
            state: batch.state,
            hash: batch.list.as_ref().map(|list| list.hash.clone()),
            items,
            total: sum(|state| {
                matches!(
                    state,
                    ItemState::Ready
                        | ItemState::Sent
                        | ItemState::Unknown
                        | ItemState::Paid { .. }
                )
            }),
            paid: sum(|state| matches!(state, ItemState::Paid { .. })),
            returned: sum(|state| matches!(state, ItemState::Returned { .. })),
            open_exceptions: u32::try_from(open.count()).unwrap_or(u32::MAX),
            diff: batch.list.as_ref().map(|list| list.diff.clone()),
        }
    }
}

impl Payments {
    /// A batch, whole.
    ///
    /// # Errors
    /// [`AppError::Refused`] without the right to see the books.
    pub async fn batch(&self, ctx: &Context, id: PaymentBatchId) -> Result<Batch> {
        let (desk, ctx) = (self.clone(), ctx.clone());
        let read = async move |tx: &mut Tx| {
            let loaded = tx.payment_batch(id).await?;
            desk.authorise(tx, &ctx, Action::ReadLedger, Some(&loaded.state))
                .await?;
            Ok::<_, AppError>(loaded.state)
        };
        self.app.db.read(read).await
    }

    /// The batches of a month, oldest first.
    ///
    /// # Errors
    /// [`AppError::Refused`] without the right to see the books.
    pub async fn batches_of(&self, ctx: &Context, period: Period) -> Result<Vec<Batch>> {
        let (desk, ctx) = (self.clone(), ctx.clone());
        let read = async move |tx: &mut Tx| {
            desk.authorise(tx, &ctx, Action::ReadLedger, None).await?;
            let mut batches = Vec::new();
            for id in tx.payment_batches_in(period).await? {
                batches.push(tx.payment_batch(id).await?.state);
            }
            Ok::<_, AppError>(batches)
        };
        self.app.db.read(read).await
    }

    /// Whether the actor may do this to a batch (or to none yet).
    pub(crate) async fn authorise(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        action: Action,
        batch: Option<&Batch>,
    ) -> Result<()> {
        let record = Record {
            region: self.app.law.pack.region(),
            subjects: Vec::new(),
            state: batch.map_or(RecordState::None, |batch| standing(batch.state)),
            level: FieldLevel::L3,
        };
        ctx.authorise(tx, action, record, &[], self.app.now())
            .await?;
        Ok(())
    }

    /// Folds and keeps what was decided about a batch, with everything that
    /// follows from it: books, outbox, bank lines, audit.
    pub(crate) async fn keep(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        before: &Loaded<Batch>,
        events: &[Event],
        now: Now,
    ) -> Result<Batch> {
        let mut after = before.state.clone();
        for event in events {
            after.apply(event);
        }
        tx.save_payment_batch(before, &after, events, &ctx.actor, now)
            .await?;
        self.follow(tx, ctx, &before.state, &after, events, now)
            .await?;
        let subject = format!("payment_batch:{}", after.id);
        for event in events {
            let action = format!("payment.{}", event_name(event));
            ctx.record(tx, &action, &subject, event, now).await?;
        }
        Ok(after)
    }
}

/// A batch's state as access sees it.
fn standing(state: BatchState) -> RecordState {
    match state {
        BatchState::Draft => RecordState::Draft,
        BatchState::Reconciled => RecordState::Decided,
        BatchState::Closed => RecordState::Closed,
        _ => RecordState::Open,
    }
}

fn event_name(event: &Event) -> &'static str {
    match event {
        Event::Computed { .. } => "computed",
        Event::ReturnedToDraft { .. } => "returned_to_draft",
        Event::Marked { .. } => "marked",
        Event::Checked { .. } => "checked",
        Event::Approved { .. } => "approved",
        Event::Released { .. } => "released",
        Event::Sent { .. } => "sent",
        Event::FellSilent { .. } => "fell_silent",
        Event::Accepted { .. } => "accepted",
        Event::NeverReceived { .. } => "never_received",
        Event::ReplyRead { .. } => "reply_read",
        Event::Explained { .. } => "explained",
        Event::Reconciled { .. } => "reconciled",
        Event::Closed { .. } => "closed",
    }
}
