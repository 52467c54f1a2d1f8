//! 「慈善行为记录」 What somebody gave, for themselves: each donation with its fund and its
//! receipt's entry, and what their fund was spent on since. Only those that were written
//! down with the giver's number; a donation with a name alone is nobody's record.

use super::{Room, wrong};
use crate::{App, AppError, Context, Result};
use engine_access::Action;
use kernel::{AccountId, Instant, Money, TransferId};
use store::Tx;
use store::ledger::LedgerSlice;

/// Donations shown; the sum is of these.
const SHOWN: u32 = 2_000;

/// One donation of one's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnGift {
    /// The entry.
    pub transfer: TransferId,
    /// When.
    pub at: Instant,
    /// Which fund.
    pub fund: AccountId,
    /// The fund's name.
    pub fund_name: String,
    /// How it came.
    pub gift: String,
    /// How much.
    pub amount: Money,
    /// It was a mistake and was undone.
    pub reversed: bool,
}

impl App {
    /// 我的慈善记录 Newest first.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn own_gifts(&self, ctx: &Context) -> Result<Vec<OwnGift>> {
        let room = self.book_room(ctx);
        let look = async move |tx: &mut Tx| room.own_gifts(tx).await;
        self.db.look(look).await
    }
}

impl Room {
    async fn own_gifts(&self, tx: &mut Tx) -> Result<Vec<OwnGift>> {
        let me = self.me()?;
        self.may_own(tx, Action::ReadBook, me).await?;
        let given = tx.given_by(me, SHOWN).await?;
        let slice = LedgerSlice {
            transfers: given.iter().map(|(transfer, ..)| *transfer).collect(),
            ..LedgerSlice::default()
        };
        let ledger = tx.ledger(&slice).await?;
        let mut lines = Vec::new();
        for (transfer, fund, gift) in given {
            let booked = ledger.transfers.get(&transfer);
            let booked = booked.ok_or_else(|| AppError::Fault(format!("没有转账 {transfer}")))?;
            let fund = tx.fund(fund).await?;
            let ty = self.app.book_type(&fund.book)?;
            let gifts = ty.fund().map(|rules| &rules.gifts);
            let gifts = gifts.ok_or_else(|| wrong("这本账不是专款"))?;
            let legs = booked.legs.iter();
            let fen: i64 = legs
                .filter(|leg| leg.account == fund.id)
                .map(|leg| leg.amount)
                .sum();
            lines.push(OwnGift {
                transfer,
                at: booked.stamp.at,
                fund: fund.id,
                fund_name: fund.name,
                gift: gifts.get(&gift).cloned().unwrap_or_default(),
                amount: Money::from_fen(fen),
                reversed: booked.reversed_by.is_some(),
            });
        }
        let (subject, count) = (format!("person:{me}"), lines.len());
        let done = self
            .ctx
            .record(tx, "book.gifts", &subject, &count, self.now);
        done.await?;
        Ok(lines)
    }
}
