//! 「过一笔」 One movement of a book: which accounts, up to which limit, and who moves it.

use super::open::{LAPSED, LOT, USED};
use super::posting::post;
use super::{Room, wrong};
use crate::{AppError, Result};
use engine_ledger::{BookType, Bounds, Command, Event, Kind, Leg};
use kernel::{AccountId, Instant, PersonId, Slug, TransferId};
use store::Tx;
use store::ledger::LedgerSlice;

impl Room {
    /// One command on the part of the ledger it needs.
    pub(super) async fn command(
        &self,
        tx: &mut Tx,
        command: Command,
        reason: &str,
    ) -> Result<Vec<Event>> {
        let slice = LedgerSlice::of(&command);
        post(tx, &self.ctx, &slice, vec![command], reason, self.now).await
    }

    /// The next number of the ledger.
    pub(super) async fn number(&self, tx: &mut Tx) -> Result<TransferId> {
        Ok(TransferId(tx.next_id("ledger").await?))
    }

    /// What is booked for `asked`: minutes, or times.
    pub(super) fn amount(&self, kind: &Kind, asked: i64) -> Result<i64> {
        let few = || wrong("数量要是大于 0 的整数");
        kind.booked(asked).filter(|_| asked > 0).ok_or_else(few)
    }

    /// Legs that give a person `amount` of what a kind earns.
    pub(super) async fn earning(
        &self,
        tx: &mut Tx,
        (ty, kind): (&BookType, &Kind),
        person: PersonId,
        amount: i64,
    ) -> Result<Vec<Leg>> {
        let issued = self.issued(tx, ty).await?;
        let lot = self.lot(tx, ty, person).await?;
        let mut legs = super::posting::legs(issued, lot, amount);
        legs.extend(self.limits(tx, (ty, kind), person, amount).await?);
        Ok(legs)
    }

    /// Books what somebody earned.
    pub(super) async fn earned(
        &self,
        tx: &mut Tx,
        (ty, kind): (&BookType, &Kind),
        (person, amount): (PersonId, i64),
        (reference, reason): (String, &str),
    ) -> Result<TransferId> {
        let id = self.number(tx).await?;
        let command = Command::Transfer {
            id,
            reference,
            legs: self.earning(tx, (ty, kind), person, amount).await?,
            purpose: None,
        };
        let done = self.command(tx, command, reason).await;
        done.map_err(|why| in_words(why, ty, kind))?;
        Ok(id)
    }

    /// Reserves what somebody says they earned, until it is confirmed or the time is over.
    pub(super) async fn earning_held(
        &self,
        tx: &mut Tx,
        (ty, kind): (&BookType, &Kind),
        (person, amount): (PersonId, i64),
        expires: Instant,
        reason: &str,
    ) -> Result<TransferId> {
        let id = self.number(tx).await?;
        let command = Command::Reserve {
            id,
            reference: format!("{}:claim:{id}", ty.id),
            legs: self.earning(tx, (ty, kind), person, amount).await?,
            expires: Some(expires),
            purpose: None,
        };
        let done = self.command(tx, command, reason).await;
        done.map_err(|why| in_words(why, ty, kind))?;
        Ok(id)
    }

    /// Takes from a person's lots, those that lapse first before the others.
    pub(super) async fn taken(
        &self,
        tx: &mut Tx,
        (ty, kind): (&BookType, &Kind),
        (person, amount): (PersonId, i64),
        to: Option<PersonId>,
        reason: &str,
    ) -> Result<TransferId> {
        let goes_to = match to {
            Some(other) => self.lot(tx, ty, other).await?,
            None => self.common(tx, ty, USED, Bounds::floor(0)).await?,
        };
        let mut legs = vec![Leg {
            account: goes_to,
            amount,
        }];
        legs.extend(self.limits(tx, (ty, kind), person, amount).await?);
        let id = self.number(tx).await?;
        let command = Command::Spend {
            id,
            reference: format!("{}:{}:{id}", ty.id, kind.id),
            lots: self.lots(tx, person, &ty.id).await?,
            amount,
            to: legs,
            purpose: None,
        };
        let done = self.command(tx, command, reason).await;
        done.map_err(|why| in_words(why, ty, kind))?;
        Ok(id)
    }

    /// Moves what is left in a lot whose time is over.
    pub(super) async fn lapse(&self, tx: &mut Tx, ty: &BookType, lot: AccountId) -> Result<()> {
        let to = self.common(tx, ty, LAPSED, Bounds::floor(0)).await?;
        let id = self.number(tx).await?;
        let command = Command::Lapse {
            id,
            reference: format!("{}:lapse:{id}", ty.id),
            lot,
            to,
        };
        self.command(tx, command, "到期没有用").await.map(drop)
    }

    /// A person's lots.
    pub(super) async fn lots(
        &self,
        tx: &mut Tx,
        person: PersonId,
        book: &Slug,
    ) -> Result<Vec<AccountId>> {
        let own = tx.book_of(person, book).await?;
        let lots = own.into_iter().filter(|one| one.part == LOT);
        Ok(lots.map(|one| one.account.id).collect())
    }
}

/// A refusal of the ledger as a person reads it: in the book's unit, without numbers of
/// accounts.
fn in_words(why: AppError, ty: &BookType, kind: &Kind) -> AppError {
    let AppError::Refused(mut refused) = why else {
        return why;
    };
    match refused.code {
        "ledger.not_enough" => {
            refused.says = format!(
                "{}（单位：{}）。没有扣，您可以少用一些",
                refused.says, ty.unit_name
            );
        }
        "ledger.above_ceiling" => {
            let most = kind.limits.iter();
            let most: Vec<String> = most
                .map(|limit| format!("{}最多 {} {}", limit.per.label(), limit.most, ty.unit_name))
                .collect();
            refused.says = format!("“{}”到上限了：{}", kind.name, most.join("，"));
        }
        _ => {}
    }
    AppError::Refused(refused)
}
