//! 「腾出、住回」 Stays and bookings that end because of something elsewhere (a death), and
//! come back when that was a mistake. Both go the way every act on a stock goes.

use super::Room;
use super::desk::{BookingAct, NewBooking};
use crate::{App, AppError, Context, Result};
use engine_booking::Span;
use kernel::{BookingId, PersonId};
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

    /// 住回 The same unit again, from now on for a stay, at the same time for a booking.
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
        let from = line.begins.filter(|_| !stayed);
        let new = NewBooking {
            stock: line.stock,
            person: Some(person),
            unit: line.unit,
            sort: None,
            span: Some(Span {
                from: from.unwrap_or(room.now.at),
                to: line.ends.filter(|ends| *ends > room.now.at),
            }),
            note: Some("登记错了，恢复".to_owned()),
            wait: None,
        };
        let again = Room::book(&room, tx, &new).await?;
        match stayed {
            true => room.on_booking(tx, again, BookingAct::Arrive).await,
            false => Ok(()),
        }
    }
}
