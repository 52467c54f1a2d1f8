//! 「转下批」 What came back, or was held, goes on in another draft: one
//! transaction takes it out of the old batch; the draft's next computing puts it
//! in with the account that stands then.

use super::{Payments, Progress};
use crate::{AppError, Context, Result};
use engine_access::Action;
use engine_payment::{BatchState, Command, Refusal, decide};
use kernel::PaymentBatchId;
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
                let target = tx.payment_batch(into).await?.state;
                desk.authorise(tx, ctx, Action::ComputeBatch, Some(&target))
                    .await?;
                if target.state != BatchState::Draft {
                    return Err(AppError::refused(Refusal::WrongState {
                        state: target.state,
                        verb: "转入",
                    }));
                }
                let loaded = tx.payment_batch(from).await?;
                let command = Command::Reissue { line, into };
                let events = decide(&loaded.state, command, &ctx.actor, &desk.config, now)
                    .map_err(AppError::refused)?;
                let after = desk.keep(tx, ctx, &loaded, &events, now).await?;
                Ok::<_, AppError>(Progress::of(&after))
            })
            .await
        };
        Ok(self.app.db.write(write).await?.value)
    }
}
