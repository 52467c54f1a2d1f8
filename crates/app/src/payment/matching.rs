//! 「对账」 The three sides asked for and put beside each other: our books, the
//! bank's books, the treasury's account.

use super::books::ledger_lines;
use super::{BankGateway, Payments, Progress};
use crate::{AppError, Context, Result};
use engine_access::Action;
use engine_payment::{
    BankLine, Command, Named, Reconciliation, TreasuryStatement, decide, reconcile,
};
use kernel::PaymentBatchId;
use store::Tx;

/// What the world outside says of a file.
#[derive(Clone)]
struct Outside {
    bank: Vec<BankLine>,
    treasury: TreasuryStatement,
}

impl Payments {
    /// The match as it stands, for a person to look at; decides nothing.
    ///
    /// # Errors
    /// [`AppError::Fault`] when the bank gives no word.
    pub async fn compare(
        &self,
        ctx: &Context,
        bank: &BankGateway,
        id: PaymentBatchId,
    ) -> Result<Reconciliation> {
        let outside = self.ask_outside(ctx, bank, id).await?;
        let read = async move |tx: &mut Tx| {
            let batch = tx.payment_batch(id).await?.state;
            let ledger = ledger_lines(tx, &batch).await?;
            reconcile(&ledger, &outside.bank, &outside.treasury, Vec::new())
                .map_err(AppError::refused)
        };
        self.app.db.read(read).await
    }

    /// 对账 Difference 0 fen, or every difference named.
    ///
    /// # Errors
    /// [`AppError::Refused`]: open exceptions, unnamed differences;
    /// [`AppError::Fault`] when the bank gives no word.
    pub async fn reconcile(
        &self,
        ctx: &Context,
        bank: &BankGateway,
        id: PaymentBatchId,
        named: Vec<Named>,
    ) -> Result<Progress> {
        let key = ctx.key("payment.reconcile", &(id, &named))?;
        let outside = self.ask_outside(ctx, bank, id).await?;
        let (desk, ctx) = (self.clone(), ctx.clone());
        let write = async move |tx: &mut Tx| {
            let now = desk.app.now();
            let (desk, ctx, outside, named) = (&desk, &ctx, &outside, &named);
            tx.idempotent(&key, now, async |tx: &mut Tx| {
                let loaded = tx.payment_batch(id).await?;
                desk.authorise(tx, ctx, Action::Reconcile, Some(&loaded.state))
                    .await?;
                let command = Command::Reconcile {
                    ledger: ledger_lines(tx, &loaded.state).await?,
                    bank: outside.bank.clone(),
                    treasury: outside.treasury.clone(),
                    named: named.clone(),
                };
                let events = decide(&loaded.state, command, &ctx.actor, &desk.config, now)
                    .map_err(AppError::refused)?;
                let after = desk.keep(tx, ctx, &loaded, &events, now).await?;
                Ok::<_, AppError>(Progress::of(&after))
            })
            .await
        };
        Ok(self.app.db.write(write).await?.value)
    }

    async fn ask_outside(
        &self,
        ctx: &Context,
        bank: &BankGateway,
        id: PaymentBatchId,
    ) -> Result<Outside> {
        let batch = self.batch(ctx, id).await?;
        let Some(file) = batch.file else {
            return Err(AppError::BadInput("这一批还没有发给银行".to_owned()));
        };
        let fault = |why: super::NoWord| AppError::Fault(why.to_string());
        let statement = bank.statement(&file.reference).await.map_err(fault)?;
        let moves = bank
            .treasury(&self.config.payer, &file.reference)
            .await
            .map_err(fault)?;
        Ok(Outside {
            bank: statement
                .lines
                .into_iter()
                .map(|line| BankLine {
                    reference: line.reference,
                    amount: line.amount,
                })
                .collect(),
            treasury: TreasuryStatement {
                debited: moves.debited,
                refunded: moves.refunded,
            },
        })
    }
}
