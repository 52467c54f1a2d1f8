//! 「管账」 Whoever keeps a county's books: writes in what was certified on paper (each paper
//! once), asks for a reversal, and, another person, does it. Nothing is ever deleted.

use super::{Room, wrong};
use crate::{App, AppError, Context, Result};
use engine_access::{Action, four_eyes};
use engine_ledger::{Command, Does};
use kernel::{PersonNumber, Slug, TransferId};
use serde::Serialize;
use store::ledger::{LedgerSlice, ReversalAsked};
use store::{Reply, Tx};

/// Something certified on paper.
#[derive(Clone, Debug, Serialize)]
pub struct Credit {
    /// Which book.
    pub book: Slug,
    /// Which kind.
    pub kind: Slug,
    /// Whose.
    pub number: PersonNumber,
    /// Their name.
    pub name: String,
    /// How many times, or how much.
    pub count: i64,
    /// The number of the paper: it counts once.
    pub paper: String,
}

impl App {
    /// 记入 What a paper certifies; the same paper never twice.
    ///
    /// # Errors
    /// A refusal of access or the ledger; bad input in words.
    pub async fn credit(&self, ctx: &Context, credit: Credit) -> Result<Reply<TransferId>> {
        let key = ctx.key("book.credit", &credit)?;
        let room = self.book_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.credit(tx, &credit).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 请求冲正 Asks that a transfer be undone; somebody else does it.
    ///
    /// # Errors
    /// As [`App::credit`].
    pub async fn ask_reversal(
        &self,
        ctx: &Context,
        (book, of): (Slug, TransferId),
        why: String,
    ) -> Result<Reply<()>> {
        let key = ctx.key("book.ask_reversal", &(&book, of, &why))?;
        let room = self.book_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.ask_reversal(tx, (&book, of), &why).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 冲正 A second person undoes it (`yes`), or not.
    ///
    /// # Errors
    /// As [`App::credit`]; `access.four_eyes` for who asked.
    pub async fn decide_reversal(
        &self,
        ctx: &Context,
        of: TransferId,
        yes: bool,
    ) -> Result<Reply<()>> {
        let key = ctx.key("book.decide_reversal", &(of, yes))?;
        let room = self.book_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.decide_reversal(tx, of, yes).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }
}

impl Room {
    async fn credit(&self, tx: &mut Tx, new: &Credit) -> Result<TransferId> {
        self.may_keep(tx, Action::KeepBook).await?;
        let ty = self.app.book_type(&new.book)?;
        let kind = self.kind(&ty, &new.kind, Does::Earn)?;
        if kind.confirm {
            return Err(wrong("这一种要对方确认，请本人申报"));
        }
        let paper = new.paper.trim();
        if paper.is_empty() {
            return Err(wrong("请写凭证号：一张凭证只记一次"));
        }
        let person = self.named(tx, new.number, &new.name).await?;
        let amount = self.amount(&kind, new.count)?;
        let reference = format!("{}:paper:{}:{paper}", ty.id, kind.id);
        let reason = format!("{}，凭证 {paper}", kind.name);
        let booked = (reference, reason.as_str());
        let id = self
            .earned(tx, (&ty, &kind), (person, amount), booked)
            .await?;
        self.put(tx, "book.credited", id, &(person, amount, paper))
            .await?;
        Ok(id)
    }

    async fn ask_reversal(
        &self,
        tx: &mut Tx,
        (book, of): (&Slug, TransferId),
        why: &str,
    ) -> Result<()> {
        self.may_keep(tx, Action::KeepBook).await?;
        self.me()?;
        if why.trim().is_empty() {
            return Err(wrong("请写为什么要冲正"));
        }
        let slice = LedgerSlice {
            transfers: [of].into(),
            ..LedgerSlice::default()
        };
        let known = tx.ledger(&slice).await?;
        let transfer = known.transfers.get(&of);
        let transfer = transfer.ok_or_else(|| wrong("没有这一笔，请核对编号"))?;
        let account = transfer.legs.first().map(|leg| leg.account);
        let of_book = match account {
            Some(account) => tx.book_of_account(account).await?,
            None => None,
        };
        if of_book.as_ref() != Some(book) {
            return Err(wrong("这一笔不在这本账里"));
        }
        if tx.reversal_asked(of).await?.is_some() || transfer.reversed_by.is_some() {
            return Err(wrong("这一笔已经有人请求冲正，或者已经冲正了"));
        }
        let asked = ReversalAsked {
            of,
            book: book.clone(),
            why: why.trim().to_owned(),
            by: self.ctx.actor.clone(),
            at: self.now.at,
        };
        tx.ask_reversal(&asked).await?;
        self.put(tx, "book.reversal_asked", of, &why).await
    }

    async fn decide_reversal(&self, tx: &mut Tx, of: TransferId, yes: bool) -> Result<()> {
        self.may_keep(tx, Action::KeepBook).await?;
        let none = || wrong("没有等着冲正的这一笔");
        let asked = tx.reversal_asked(of).await?.ok_or_else(none)?;
        let earlier = std::slice::from_ref(&asked.by);
        four_eyes(&self.ctx.actor, earlier).map_err(AppError::refused)?;
        if yes {
            let id = self.number(tx).await?;
            let command = Command::Reverse {
                id,
                of,
                reference: format!("reversal:{of}"),
            };
            let reason = format!("冲正：{}", asked.why);
            self.command(tx, command, &reason).await?;
        }
        tx.end_reversal(of, yes).await?;
        self.put(tx, "book.reversal_decided", of, &yes).await
    }
}
