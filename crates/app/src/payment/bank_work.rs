//! 「和银行打交道」 One round of talking to the bank: send what was released, ask
//! about what is silent, fetch what is ready. Every step is written down before
//! and after, so that a round killed anywhere is simply done again: a file whose
//! sending was written down is asked about, never sent by the clock.

use super::books::{FileWork, TOPIC};
use super::{BankGateway, Payments, Progress};
use crate::{AppError, Context, Result};
use engine_access::Action;
use engine_payment::{
    BankAnswer, Batch, BatchState, Command, Event, ItemState, ReplyFault, decide, read_reply,
};
use kernel::PaymentBatchId;
use std::time::Duration;
use store::{Lease, Tx};

/// How long one worker may take over one file.
const LEASE: Duration = Duration::from_secs(120);
/// Most files of one round.
const FILES: u32 = 20;

/// What one round did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BankRound {
    /// Files handed to the bank now.
    pub sent: u32,
    /// Files the bank gave no word about; they will be asked about.
    pub no_word: u32,
    /// Files the bank does not know but that may still be on their way: asked about
    /// again once the silence has lasted.
    pub waiting: u32,
    /// Batches that fell silent: their items are `Unknown`.
    pub fell_silent: u32,
    /// Files the bank proved it never had; the same bytes go again.
    pub never_received: u32,
    /// What was wrong with the replies read, named.
    pub faults: Vec<(PaymentBatchId, ReplyFault)>,
    /// Batches as they stand after a reply was read.
    pub read: Vec<Progress>,
}

impl Payments {
    /// Talks to the bank once. `ctx` is the machine's.
    ///
    /// # Errors
    /// [`AppError::Refused`] without the right; the store's errors. The bank's
    /// silence is no error.
    pub async fn talk_to_bank(&self, ctx: &Context, bank: &BankGateway) -> Result<BankRound> {
        let mut round = BankRound::default();
        for lease in self.lease_files(ctx).await? {
            self.send_file(ctx, bank, &lease, &mut round).await?;
        }
        for id in self.batches_at(BatchState::Sent).await? {
            self.ask_about(ctx, bank, id, &mut round).await?;
        }
        for id in self.batches_at(BatchState::Accepted).await? {
            self.fetch_reply(ctx, bank, id, &mut round).await?;
        }
        Ok(round)
    }

    async fn lease_files(&self, ctx: &Context) -> Result<Vec<Lease>> {
        let (desk, owner) = (self.clone(), ctx.actor.account.clone());
        let write = async move |tx: &mut Tx| {
            let now = desk.app.now();
            Ok::<_, AppError>(tx.lease(TOPIC, &owner, now, LEASE, FILES).await?)
        };
        self.app.db.write(write).await
    }

    async fn batches_at(&self, state: BatchState) -> Result<Vec<PaymentBatchId>> {
        let read = async move |tx: &mut Tx| Ok::<_, AppError>(tx.payment_batches_at(state).await?);
        self.app.db.read(read).await
    }

    async fn plain_batch(&self, id: PaymentBatchId) -> Result<Batch> {
        let read = async move |tx: &mut Tx| Ok::<_, AppError>(tx.payment_batch(id).await?.state);
        self.app.db.read(read).await
    }

    /// Writes the sending down, hands the bytes in, writes the answer down.
    async fn send_file(
        &self,
        ctx: &Context,
        bank: &BankGateway,
        lease: &Lease,
        round: &mut BankRound,
    ) -> Result<()> {
        let work: FileWork = serde_json::from_str(&lease.body)
            .map_err(|why| AppError::Fault(format!("发送任务读不懂：{why}")))?;
        let id = PaymentBatchId(work.batch);
        let batch = self.plain_batch(id).await?;
        if batch.state != BatchState::Released {
            // Sent before by a worker that did not live to say so: it is asked about.
            return self.complete(lease).await;
        }
        let (batch, _) = self.step(ctx, id, Command::Send, None).await?;
        let Some(file) = &batch.file else {
            return Err(AppError::Fault("已发送的批次没有文件".to_owned()));
        };
        let reference = file.reference.clone();
        let read = async move |tx: &mut Tx| Ok::<_, AppError>(tx.bank_file(&reference).await?.body);
        let bytes = self.app.db.read(read).await?;
        match bank.hand_in(&bytes).await {
            Ok(standing) => {
                let command = Command::Answer(standing.answer());
                self.step(ctx, id, command, Some(lease.clone())).await?;
                round.sent += 1;
                Ok(())
            }
            Err(why) => {
                tracing::warn!(batch = %id, %why, "no word from the bank");
                round.no_word += 1;
                self.complete(lease).await
            }
        }
    }

    /// Asks about a file nobody has confirmed. “Never received” is believed only
    /// after the silence: until then the file may still be on its way.
    async fn ask_about(
        &self,
        ctx: &Context,
        bank: &BankGateway,
        id: PaymentBatchId,
        round: &mut BankRound,
    ) -> Result<()> {
        let batch = self.plain_batch(id).await?;
        let silent = self.note_silence(ctx, &batch, round).await?;
        let Some(file) = &batch.file else {
            return Ok(());
        };
        let Ok(standing) = bank.standing(&file.reference).await else {
            round.no_word += 1;
            return Ok(());
        };
        let answer = standing.answer();
        let never = matches!(answer, BankAnswer::NeverReceived { .. });
        if never && !silent {
            round.waiting += 1;
            return Ok(());
        }
        self.step(ctx, id, Command::Answer(answer), None).await?;
        round.never_received += u32::from(never);
        Ok(())
    }

    async fn fetch_reply(
        &self,
        ctx: &Context,
        bank: &BankGateway,
        id: PaymentBatchId,
        round: &mut BankRound,
    ) -> Result<()> {
        let batch = self.plain_batch(id).await?;
        let Some(file) = &batch.file else {
            return Ok(());
        };
        match bank.reply(&file.reference, batch.reads + 1).await {
            Ok(Some(bytes)) => {
                let command = Command::ReadReply(read_reply(&bytes));
                let (after, events) = self.step(ctx, id, command, None).await?;
                let named = faults(&events).into_iter().map(|fault| (id, fault));
                round.faults.extend(named);
                round.read.push(Progress::of(&after));
            }
            Ok(None) => {
                self.note_silence(ctx, &batch, round).await?;
            }
            Err(_) => round.no_word += 1,
        }
        Ok(())
    }

    /// Marks a batch whose silence has lasted; gives whether it is silent.
    async fn note_silence(
        &self,
        ctx: &Context,
        batch: &Batch,
        round: &mut BankRound,
    ) -> Result<bool> {
        let Some(file) = &batch.file else {
            return Ok(false);
        };
        let waited = self.app.now().at.signed_duration_since(file.at);
        if waited.num_minutes() < i64::from(self.config.silence_minutes) {
            return Ok(false);
        }
        if batch.items.iter().any(|item| item.state == ItemState::Sent) {
            self.step(ctx, batch.id, Command::FallSilent, None).await?;
            round.fell_silent += 1;
        }
        Ok(true)
    }

    async fn complete(&self, lease: &Lease) -> Result<()> {
        let (desk, lease) = (self.clone(), lease.clone());
        let write = async move |tx: &mut Tx| {
            let now = desk.app.now();
            Ok::<_, AppError>(tx.complete(&lease, now).await?)
        };
        self.app.db.write(write).await
    }

    /// One step that no person signs; with its lease closed in the same
    /// transaction, where there is one.
    pub(super) async fn step(
        &self,
        ctx: &Context,
        id: PaymentBatchId,
        command: Command,
        lease: Option<Lease>,
    ) -> Result<(Batch, Vec<Event>)> {
        let (desk, ctx) = (self.clone(), ctx.clone());
        let write = async move |tx: &mut Tx| {
            let now = desk.app.now();
            let loaded = tx.payment_batch(id).await?;
            desk.authorise(tx, &ctx, Action::Reconcile, Some(&loaded.state))
                .await?;
            let command = command.clone();
            let events = decide(&loaded.state, command, &ctx.actor, &desk.config, now)
                .map_err(AppError::refused)?;
            let after = desk.keep(tx, &ctx, &loaded, &events, now).await?;
            if let Some(lease) = &lease {
                tx.complete(lease, now).await?;
            }
            Ok::<_, AppError>((after, events))
        };
        self.app.db.write(write).await
    }
}

fn faults(events: &[Event]) -> Vec<ReplyFault> {
    events
        .iter()
        .flat_map(|event| match event {
            Event::ReplyRead { faults, .. } => faults.clone(),
            _ => Vec::new(),
        })
        .collect()
}
