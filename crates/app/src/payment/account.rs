//! 「登记收款账户」 Taking down where a person's money goes, and changing it with a
//! second person.

use super::Payments;
use crate::{AppError, Context, Result};
use engine_access::{Action, Record, RecordState};
use engine_payment::{AccountHolding, AccountNumber, PayAccount};
use kernel::{FieldLevel, PaymentBatchId, PersonId};
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

    /// 换卡 The card a payee brings for a line that came back: the first person takes it
    /// down, the second reads the same card again and so confirms it.
    ///
    /// # Errors
    /// [`AppError::Refused`]; no such line; what was typed is no account, or not the
    /// one the first person took down.
    pub async fn new_card(
        &self,
        ctx: &Context,
        (batch, line): (PaymentBatchId, u32),
        (number, name): (&str, &str),
    ) -> Result<AccountHolding> {
        let bad = |says: String| AppError::BadInput(says);
        let number = number.replace([' ', '-'], "").parse::<AccountNumber>();
        let number = number.map_err(|why| bad(why.to_string()))?;
        if name.trim().is_empty() {
            return Err(bad("请写户名，和卡上的一样".to_owned()));
        }
        let desk = self.clone();
        let look = ctx.clone();
        let read = async move |tx: &mut Tx| {
            let batch = tx.payment_batch(batch).await?.state;
            desk.authorise(tx, &look, Action::ReadLedger, Some(&batch))
                .await?;
            let item = batch.items.iter().find(|item| item.line == line);
            let Some(payee) = item.map(|item| item.payee) else {
                return Ok::<_, AppError>(None);
            };
            Ok(Some((payee, tx.pay_account(payee).await?.state)))
        };
        let found = self.app.db.read(read).await?;
        let (payee, holding) = found.ok_or_else(|| bad(format!("没有第 {line} 行")))?;
        let account = PayAccount {
            holder: payee,
            number,
            name: name.trim().to_owned(),
        };
        let waits = holding.proposed.as_ref();
        let theirs = waits.filter(|one| one.stamp.by.person != ctx.actor.person);
        match theirs {
            None => self.enter_account(ctx, payee, &account).await,
            Some(one) if one.account == account => self.confirm_account(ctx, payee, &account).await,
            Some(_) => Err(bad("和第一个人录的不一样。请照着卡再核对一遍".to_owned())),
        }
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
                    region: desk.app.law.pack.region(),
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
