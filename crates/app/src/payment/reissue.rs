//! 「转下批」 What came back, or was held, goes on in another draft: one
//! transaction takes it out of the old batch; the draft's next computing puts it
//! in with the account that stands then.

use super::{Payments, Progress};
use crate::{AppError, Context, Result};
use engine_access::Action;
use engine_payment::{BatchState, Command, Refusal, decide};
use kernel::{Now, PaymentBatchId, Period};
use store::Tx;

impl Payments {
    /// Takes a line that was returned (proven) or held into another draft.
    ///
    /// # Errors
    /// [`AppError::Refused`]: no proof, not a draft, taken before.
    pub async fn reissue(
        &self,
        ctx: &Context,
        from: PaymentBatchId,
        line: u32,
        into: PaymentBatchId,
    ) -> Result<Progress> {
        let key = ctx.key("payment.reissue", &(from, line, into))?;
        let (desk, ctx) = (self.clone(), ctx.clone());
        let write = async move |tx: &mut Tx| {
            let now = desk.app.now();
            let (desk, ctx) = (&desk, &ctx);
            tx.idempotent(&key, now, async |tx: &mut Tx| {
                desk.move_on(tx, ctx, (from, line), into, now).await
            })
            .await
        };
        Ok(self.app.db.write(write).await?.value)
    }

    /// The same into a month's draft; a month without one gets a new one.
    ///
    /// # Errors
    /// [`AppError::Refused`]: no proof, taken before.
    pub async fn reissue_into_month(
        &self,
        ctx: &Context,
        from: PaymentBatchId,
        line: u32,
        period: Period,
    ) -> Result<Progress> {
        let key = ctx.key("payment.reissue_month", &(from, line, period))?;
        let (desk, ctx) = (self.clone(), ctx.clone());
        let write = async move |tx: &mut Tx| {
            let now = desk.app.now();
            let (desk, ctx) = (&desk, &ctx);
            tx.idempotent(&key, now, async |tx: &mut Tx| {
                desk.authorise(tx, ctx, Action::ComputeBatch, None).await?;
                let into = desk.draft_of(tx, ctx, period, from, now).await?;
                desk.move_on(tx, ctx, (from, line), into, now).await
            })
            .await
        };
        Ok(self.app.db.write(write).await?.value)
    }

    /// The month's draft other than one batch, made when there is none.
    async fn draft_of(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        period: Period,
        except: PaymentBatchId,
        now: Now,
    ) -> Result<PaymentBatchId> {
        for id in tx.payment_batches_in(period).await? {
            if id != except && tx.payment_batch(id).await?.state.state == BatchState::Draft {
                return Ok(id);
            }
        }
        self.new_batch(tx, ctx, period, now).await
    }

    async fn move_on(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        (from, line): (PaymentBatchId, u32),
        into: PaymentBatchId,
        now: Now,
    ) -> Result<Progress> {
        let target = tx.payment_batch(into).await?.state;
        self.authorise(tx, ctx, Action::ComputeBatch, Some(&target))
            .await?;
        if target.state != BatchState::Draft {
            return Err(AppError::refused(Refusal::WrongState {
                state: target.state,
                verb: "转入",
            }));
        }
        let loaded = tx.payment_batch(from).await?;
        let command = Command::Reissue { line, into };
        let events = decide(&loaded.state, command, &ctx.actor, &self.config, now)
            .map_err(AppError::refused)?;
        let after = self.keep(tx, ctx, &loaded, &events, now).await?;
        Ok(Progress::of(&after))
    }
}
