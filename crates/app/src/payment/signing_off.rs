//! 「签批」 The steps a person signs: check, approve, release, send back, hold,
//! cancel, explain, close. All go one way.

use super::{Payments, Progress};
use crate::{AppError, Context, Result};
use engine_access::Action;
use engine_payment::{Batch, BatchState, Command, decide};
use kernel::{DecisionId, PaymentBatchId};
use std::collections::BTreeMap;
use store::Tx;

impl Payments {
    /// 复核 `seen`: the hash of the list the checker saw.
    ///
    /// # Errors
    /// [`AppError::Refused`]: the maker himself, a changed list, somebody vanished.
    pub async fn check(&self, ctx: &Context, id: PaymentBatchId, seen: &str) -> Result<Progress> {
        let seen = seen.to_owned();
        self.act(ctx, id, Command::Check { seen }).await
    }

    /// 审批 Reserves the money in the books.
    ///
    /// # Errors
    /// [`AppError::Refused`]: maker or checker, a changed list, not enough funds.
    pub async fn approve(&self, ctx: &Context, id: PaymentBatchId, seen: &str) -> Result<Progress> {
        let seen = seen.to_owned();
        self.act(ctx, id, Command::Approve { seen }).await
    }

    /// 放行 Fixes the file's bytes and puts its sending into the outbox.
    ///
    /// # Errors
    /// [`AppError::Refused`]: maker or checker, a changed list.
    pub async fn release(&self, ctx: &Context, id: PaymentBatchId, seen: &str) -> Result<Progress> {
        let seen = seen.to_owned();
        let doubts = BTreeMap::new();
        self.act(ctx, id, Command::Release { seen, doubts }).await
    }

    /// 退回起草
    ///
    /// # Errors
    /// [`AppError::Refused`].
    pub async fn reject(
        &self,
        ctx: &Context,
        id: PaymentBatchId,
        reason: &str,
    ) -> Result<Progress> {
        let reason = reason.to_owned();
        self.act(ctx, id, Command::Reject { reason }).await
    }

    /// 暂缓一项 The batch returns to its draft.
    ///
    /// # Errors
    /// [`AppError::Refused`].
    pub async fn hold(
        &self,
        ctx: &Context,
        id: PaymentBatchId,
        line: u32,
        reason: &str,
    ) -> Result<Progress> {
        let reason = reason.to_owned();
        self.act(ctx, id, Command::Hold { line, reason }).await
    }

    /// 恢复一项 The batch returns to its draft.
    ///
    /// # Errors
    /// [`AppError::Refused`].
    pub async fn resume(&self, ctx: &Context, id: PaymentBatchId, line: u32) -> Result<Progress> {
        self.act(ctx, id, Command::Resume { line }).await
    }

    /// 取消一项, by a signed decision.
    ///
    /// # Errors
    /// [`AppError::Refused`].
    pub async fn cancel(
        &self,
        ctx: &Context,
        id: PaymentBatchId,
        line: u32,
        decision: DecisionId,
    ) -> Result<Progress> {
        self.act(ctx, id, Command::Cancel { line, decision }).await
    }

    /// 说明例外
    ///
    /// # Errors
    /// [`AppError::Refused`].
    pub async fn explain(
        &self,
        ctx: &Context,
        id: PaymentBatchId,
        no: u32,
        words: &str,
    ) -> Result<Progress> {
        let words = words.to_owned();
        self.act(ctx, id, Command::Explain { no, words }).await
    }

    /// 办结
    ///
    /// # Errors
    /// [`AppError::Refused`]: the maker, or something does not add up.
    pub async fn close(&self, ctx: &Context, id: PaymentBatchId) -> Result<Progress> {
        self.act(ctx, id, Command::Close).await
    }

    /// One signed step, once.
    pub(crate) async fn act(
        &self,
        ctx: &Context,
        id: PaymentBatchId,
        command: Command,
    ) -> Result<Progress> {
        let key = ctx.key("payment.act", &(id, format!("{command:?}")))?;
        let (desk, ctx) = (self.clone(), ctx.clone());
        let write = async move |tx: &mut Tx| {
            let now = desk.app.now();
            let (desk, ctx, command) = (&desk, &ctx, &command);
            tx.idempotent(&key, now, async |tx: &mut Tx| {
                let loaded = tx.payment_batch(id).await?;
                let action = action(command, &loaded.state);
                desk.authorise(tx, ctx, action, Some(&loaded.state)).await?;
                let mut command = command.clone();
                if let Command::Release { doubts, .. } = &mut command {
                    *doubts = desk.doubts_by_line(tx, &loaded.state).await?;
                }
                let actor = &ctx.actor;
                let events = decide(&loaded.state, command, actor, &desk.config, now)
                    .map_err(AppError::refused)?;
                let after = desk.keep(tx, ctx, &loaded, &events, now).await?;
                Ok::<_, AppError>(Progress::of(&after))
            })
            .await
        };
        Ok(self.app.db.write(write).await?.value)
    }
}

/// Which right a command needs. Sending back belongs to whoever's turn it is.
fn action(command: &Command, batch: &Batch) -> Action {
    match command {
        Command::Check { .. } => Action::CheckBatch,
        Command::Approve { .. } => Action::ApproveBatch,
        Command::Release { .. } => Action::ReleaseBatch,
        Command::Reject { .. } => match batch.state {
            BatchState::Computed => Action::CheckBatch,
            BatchState::Checked => Action::ApproveBatch,
            _ => Action::ReleaseBatch,
        },
        Command::Compute { .. }
        | Command::Hold { .. }
        | Command::Resume { .. }
        | Command::Cancel { .. }
        | Command::Reissue { .. } => Action::ComputeBatch,
        Command::Send
        | Command::FallSilent
        | Command::Answer(_)
        | Command::ReadReply(_)
        | Command::Explain { .. }
        | Command::Reconcile { .. }
        | Command::Close => Action::Reconcile,
    }
}
