//! 「登记收款账户」 Taking down where a person's money goes, and changing it with a
//! second person.

use super::Payments;
use crate::{AppError, Context, Result};
use engine_access::{Action, Record, RecordState};
use engine_payment::{AccountHolding, PayAccount};
use kernel::{FieldLevel, PersonId};
use store::Tx;

impl Payments {
    /// Takes down a person's account; when there is one already, proposes the
    /// change for a second person to confirm.
    ///
    /// # Errors
    /// [`AppError::Refused`].
    pub async fn enter_account(
        &self,
        ctx: &Context,
        person: PersonId,
        account: &PayAccount,
    ) -> Result<AccountHolding> {
        self.change_account(ctx, person, account, false).await
    }

    /// Confirms a proposed change; `seen` is the account the person was shown.
    ///
    /// # Errors
    /// [`AppError::Refused`], also for the one who proposed it.
    pub async fn confirm_account(
        &self,
        ctx: &Context,
        person: PersonId,
        seen: &PayAccount,
    ) -> Result<AccountHolding> {
        self.change_account(ctx, person, seen, true).await
    }

    async fn change_account(
        &self,
        ctx: &Context,
        person: PersonId,
        account: &PayAccount,
        confirms: bool,
    ) -> Result<AccountHolding> {
        let key = ctx.key("payment.account", &(person, account, confirms))?;
        let (desk, ctx, account) = (self.clone(), ctx.clone(), account.clone());
        let write = async move |tx: &mut Tx| {
            let now = desk.app.now();
            let (desk, ctx, account) = (&desk, &ctx, &account);
            tx.idempotent(&key, now, async |tx: &mut Tx| {
                let record = Record {
                    region: desk.app.law.pack.head().map(|head| head.region),
                    subjects: vec![person],
                    state: RecordState::None,
                    level: FieldLevel::L3,
                };
                ctx.authorise(tx, Action::ChangeAccount, record, &[], now)
                    .await?;
                let before = tx.pay_account(person).await?;
                let after = if confirms {
                    before.state.confirm(account, &ctx.actor)
                } else {
                    before.state.enter(account.clone(), &ctx.actor, now)
                };
                let after = after.map_err(AppError::refused)?;
                if after != before.state {
                    tx.save_pay_account(person, before.version, &after, &ctx.actor, now)
                        .await?;
                }
                let subject = format!("person:{person}");
                let action = if confirms {
                    "payment.account_confirmed"
                } else {
                    "payment.account_entered"
                };
                ctx.record(tx, action, &subject, &after, now).await?;
                Ok::<_, AppError>(after)
            })
            .await
        };
        Ok(self.app.db.write(write).await?.value)
    }
}
