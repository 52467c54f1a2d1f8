//! 「腾出、住回」 Stays and bookings that end because of something elsewhere (a death), and
//! come back when that was a mistake. Both go the way every act on a stock goes.

use super::desk::BookingAct;
use crate::{App, AppError, Context, Result};
use engine_access::Action;
use engine_booking::{Act, Span, What};
use kernel::{BookingId, PersonId, StockId};
use std::collections::{BTreeMap, BTreeSet};
use store::{BookingLine, BookingStage, Tx};

/// A person's list is this long at most.
const LINES_MAX: u32 = 200;

impl App {
    /// 占着的 What a person has or waits to come to, today.
    pub(crate) async fn stays_of(
        &self,
        tx: &mut Tx,
        person: PersonId,
    ) -> Result<Vec<(BookingLine, String)>> {
        let mut found = Vec::new();
        for line in tx.bookings_of(person, LINES_MAX).await? {
            if matches!(line.stage, BookingStage::Present | BookingStage::Booked) {
                let stock = tx.stock(line.stock).await?.state;
                let unit = line.unit.and_then(|no| stock.units.get(&no));
                let label = unit.map(|unit| unit.label.clone()).unwrap_or_default();
                found.push((line, format!("{} {label}", stock.name)));
            }
        }
        Ok(found)
    }

    /// 腾出 Ends a stay, cancels a booking.
    pub(crate) async fn free_stay(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        id: BookingId,
        why: &str,
    ) -> Result<()> {
        let room = self.booking_room(ctx);
        let stock = tx.stock_of(id).await?;
        let stock = tx.stock(stock).await?.state;
        let booking = stock.bookings.get(&id);
        let over = || AppError::refused(engine_booking::Refusal::NoSuchBooking(id));
        let act = match booking.ok_or_else(over)?.stage {
            engine_booking::Stage::Present { .. } => BookingAct::Leave,
            _ => BookingAct::Cancel(why.to_owned()),
        };
        room.on_booking(tx, id, act).await
    }

    /// 住回 The same unit again, from now on for a stay, at the same time for a booking:
    /// one decision, so that a refused one leaves nothing behind.
    ///
    /// # Errors
    /// A refusal: somebody else has it, its time is over.
    pub(crate) async fn stay_again(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        (person, id): (PersonId, BookingId),
    ) -> Result<()> {
        let room = self.booking_room(ctx);
        let lines = tx.bookings_of(person, LINES_MAX).await?;
        let line = lines.into_iter().find(|one| one.id == id);
        let over = || AppError::refused(engine_booking::Refusal::NoSuchBooking(id));
        let line = line.ok_or_else(over)?;
        let stayed = line.stage == BookingStage::Left;
        let from = line.begins.filter(|_| !stayed).unwrap_or(room.now.at);
        let to = line.ends.filter(|ends| *ends > room.now.at);
        let region = tx.stock(line.stock).await?.state.region;
        let action = match stayed {
            true => Action::KeepBooking,
            false => Action::Book,
        };
        room.may(tx, action, Some(region), Some(person)).await?;
        let note = Some("登记错了，恢复".to_owned());
        let act = Act::Restore {
            id: BookingId(tx.next_id("booking").await?),
            unit: line.unit.ok_or_else(over)?,
            span: Span { from, to },
            guest: room.guest(tx, person, note).await?,
            there: stayed,
            own_care: stayed && own_care(tx, line.stock, id).await?,
        };
        room.act(tx, line.stock, act).await
    }
}

/// Whether the care a unit waits for is due because this very stay ended, and by no other.
async fn own_care(tx: &mut Tx, stock: StockId, id: BookingId) -> Result<bool> {
    let mut units: BTreeMap<BookingId, u32> = BTreeMap::new();
    let mut left: BTreeMap<u32, BTreeSet<BookingId>> = BTreeMap::new();
    for one in tx.stock_history(stock).await? {
        match one.event.what {
            What::Booked { booking, .. } => {
                units.insert(booking.id, booking.unit);
            }
            What::Moved { id, unit, care, .. } => {
                units.insert(id, unit);
                if let Some(before) = care {
                    left.entry(before).or_default().insert(id);
                }
            }
            What::Ended { id, care: true, .. } => {
                if let Some(unit) = units.get(&id) {
                    left.entry(*unit).or_default().insert(id);
                }
            }
            What::Cared { unit, .. } | What::CareVoid { unit } => {
                left.remove(&unit);
            }
            _ => {}
        }
    }
    let left = units.get(&id).and_then(|unit| left.get(unit));
    Ok(left.is_some_and(|left| left.iter().eq([&id])))
}
