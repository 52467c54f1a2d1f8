//! 「到点」 What the calendar does to books: claims nobody confirmed are released, lots whose
//! time is over are emptied.

use super::Room;
use crate::{App, Result};
use engine_ledger::Command;
use store::Tx;
use store::ledger::ClaimStage;

/// So many in one transaction; the next one goes on until nothing is left.
const MOST: u32 = if cfg!(test) { 2 } else { 500 };

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BooksTicked {
    /// Claims nobody confirmed.
    pub claims: usize,
    /// Lots that lapsed.
    pub lots: usize,
}

impl App {
    /// Ends every claim and lot whose time is over, a bounded number a transaction.
    ///
    /// # Errors
    /// The store's.
    pub async fn tick_books(&self) -> Result<BooksTicked> {
        let ctx = super::itself();
        let most = usize::try_from(MOST).unwrap_or(usize::MAX);
        let mut all = BooksTicked::default();
        loop {
            let room = self.book_room(&ctx);
            let tick = async move |tx: &mut Tx| room.tick(tx).await;
            let done = self.db.write(tick).await?;
            all.claims += done.claims;
            all.lots += done.lots;
            if done.claims < most && done.lots < most {
                return Ok(all);
            }
        }
    }
}

impl Room {
    async fn tick(&self, tx: &mut Tx) -> Result<BooksTicked> {
        let claims = tx.claims_over(self.now, MOST).await?;
        for claim in &claims {
            let command = Command::Expire { hold: claim.id };
            self.command(tx, command, "没有人确认").await?;
            tx.end_claim(claim.id, ClaimStage::Lapsed).await?;
        }
        let lots = tx.lots_over(self.now, MOST).await?;
        for (book, lot) in &lots {
            let ty = self.app.book_type(book)?;
            self.lapse(tx, &ty, *lot).await?;
        }
        Ok(BooksTicked {
            claims: claims.len(),
            lots: lots.len(),
        })
    }
}
