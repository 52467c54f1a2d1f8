//! 「对账」 The three sides asked for and put beside each other: our books, the
//! bank's books, the treasury's account.

use super::bank_wire::{Statement, TreasuryMoves};
use super::books::ledger_lines;
use super::{BankGateway, Payments, Progress};
use crate::{AppError, Context, Result};
use engine_access::Action;
use engine_payment::{
    BankLine, Command, Named, Reconciliation, TreasuryStatement, decide, reconcile,
};
use kernel::PaymentBatchId;
use store::Tx;

/// What the world outside says of a file: the bank's books and the treasury's
/// account, by the line or on paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// The bank's own books.
    pub bank: Vec<BankLine>,
    /// The treasury's account.
    pub treasury: TreasuryStatement,
}

impl Outside {
    /// As the bank writes it.
    pub fn said(statement: Statement, moves: &TreasuryMoves) -> Self {
        let lines = statement.lines.into_iter().map(|line| BankLine {
            reference: line.reference,
            amount: line.amount,
        });
        Outside {
            bank: lines.collect(),
            treasury: TreasuryStatement {
                debited: moves.debited,
                refunded: moves.refunded,
            },
        }
    }
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
        self.compare_with(ctx, outside, id).await
    }

    /// The same, with what bank and treasury gave on paper.
    ///
    /// # Errors
    /// [`AppError::Refused`] without the right to see the books.
    pub async fn compare_with(
        &self,
        ctx: &Context,
        outside: Outside,
        id: PaymentBatchId,
    ) -> Result<Reconciliation> {
        let (desk, ctx) = (self.clone(), ctx.clone());
        let read = async move |tx: &mut Tx| {
            let batch = tx.payment_batch(id).await?.state;
            desk.authorise(tx, &ctx, Action::ReadLedger, Some(&batch))
                .await?;
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
        let outside = self.ask_outside(ctx, bank, id).await?;
        self.reconcile_with(ctx, outside, id, named).await
    }

    /// The same, with what bank and treasury gave on paper.
    ///
    /// # Errors
    /// [`AppError::Refused`]: open exceptions, unnamed differences.
    pub async fn reconcile_with(
        &self,
        ctx: &Context,
        outside: Outside,
        id: PaymentBatchId,
        named: Vec<Named>,
    ) -> Result<Progress> {
        let key = ctx.key("payment.reconcile", &(id, &named))?;
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
        Ok(Outside::said(statement, &moves))
    }
}
