//! 「看预约」 One's own bookings with the place in the queue; a keeper's places and one
//! place today. Reading people's bookings leaves a row.

use super::Room;
use crate::worklist::name_in;
use crate::{App, AppError, Context, Result};
use engine_access::Action;
use engine_booking::{
    Booking, BookingType, FreeSlot, How, Span, Stage, Stock, Waiting, ahead, free_slots, line,
    moment,
};
use kernel::{Date, PersonId, PersonNumber, RegionCode, StockId};
use std::sync::Arc;
use store::{BookingLine, Tx};

/// A person's own list is this long at most.
const OWN_MOST: u32 = 50;

/// One's own booking or wait.
#[derive(Clone, Debug)]
pub struct OwnBooking {
    /// The line.
    pub line: BookingLine,
    /// The kind.
    pub ty: Arc<BookingType>,
    /// The name of the place.
    pub at: String,
    /// What the unit is called.
    pub label: Option<String>,
    /// The last day an answer to the offer counts.
    pub answer_by: Option<Date>,
    /// How many are asked before, of a wait nobody was asked about yet.
    pub before: Option<usize>,
    /// The class they wait in.
    pub class: Option<String>,
    /// What they wait for, of sorts.
    pub sort: Option<String>,
    /// Passed over: why, each time.
    pub passed: Vec<String>,
    /// The slot that is offered; of a stay none.
    pub offered: Option<Span>,
}

/// A place as whoever keeps it sees it.
#[derive(Clone, Debug)]
pub struct StockDesk {
    /// It, with everybody in it.
    pub stock: Stock,
    /// The kind.
    pub ty: Arc<BookingType>,
    /// The day looked at.
    pub day: Date,
    /// Those of the day that are over, with whose they were.
    pub over: Vec<(BookingLine, String)>,
    /// The slots of the day with what is left of each; of a stay none.
    pub slots: Vec<FreeSlot>,
}

impl StockDesk {
    /// Those of the day, or there, or late: the first to come first.
    pub fn of_day(&self) -> Vec<&Booking> {
        let late = |one: &Booking| day_of(one.span.from) <= self.day;
        let slots = matches!(self.ty.how, How::Slots { .. });
        let wanted = |one: &&Booking| match (&one.stage, slots) {
            (Stage::Present { .. }, _) => true,
            (_, true) => day_of(one.span.from) == self.day,
            (_, false) => late(one),
        };
        let mut all: Vec<&Booking> = self.stock.bookings.values().filter(wanted).collect();
        all.sort_by_key(|one| (one.span.from, one.unit, one.id));
        all
    }

    /// Those of a stay that begin after the day.
    pub fn to_come(&self) -> Vec<&Booking> {
        if matches!(self.ty.how, How::Slots { .. }) {
            return Vec::new();
        }
        let later = |one: &&Booking| {
            day_of(one.span.from) > self.day && !matches!(one.stage, Stage::Present { .. })
        };
        let mut all: Vec<&Booking> = self.stock.bookings.values().filter(later).collect();
        all.sort_by_key(|one| (one.span.from, one.unit, one.id));
        all
    }

    /// Everybody who waits, in the order they are asked: those who were asked first.
    pub fn waiting(&self) -> Vec<&Waiting> {
        let asked = self
            .stock
            .waiting
            .values()
            .filter(|one| one.offer.is_some());
        asked
            .chain(line(&self.stock, &self.ty, None, None))
            .collect()
    }
}

fn day_of(at: kernel::Instant) -> Date {
    kernel::Now { at }.today()
}

/// A place in the list of whoever keeps several.
#[derive(Clone, Debug)]
pub struct KeptPlace {
    /// Its number.
    pub id: StockId,
    /// Its name.
    pub name: String,
    /// The kind.
    pub ty: Arc<BookingType>,
    /// Where, in words.
    pub place: String,
    /// Units there are.
    pub units: usize,
    /// Expected today, not yet there.
    pub expected: usize,
    /// There now.
    pub present: usize,
    /// Waiting or asked.
    pub waiting: usize,
    /// To be cared for first.
    pub care_due: usize,
}

impl App {
    /// 我管的 Every place under a node where something can be booked.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn kept_places(&self, ctx: &Context, region: RegionCode) -> Result<Vec<KeptPlace>> {
        let room = self.booking_room(ctx);
        let look = async move |tx: &mut Tx| {
            room.may(tx, Action::ReadBooking, Some(region), None)
                .await?;
            let mut all = Vec::new();
            for ty in room.app.booking_types() {
                for stock in tx.stocks_in(&ty.id, region.span()).await? {
                    all.push(room.kept_place(&stock, ty));
                }
            }
            let subject = format!("region:{region}");
            room.ctx
                .record(tx, "booking.places", &subject, &all.len(), room.now)
                .await?;
            Ok::<_, AppError>(all)
        };
        self.db.look(look).await
    }

    /// 居民 Whom a number belongs to, for the desk that books for them; `None` where the
    /// register has nobody the desk may book for.
    ///
    /// # Errors
    /// The store's.
    pub async fn booking_guest(
        &self,
        ctx: &Context,
        stock: StockId,
        number: PersonNumber,
    ) -> Result<Option<PersonId>> {
        let room = self.booking_room(ctx);
        let look = async move |tx: &mut Tx| {
            let region = tx.stock(stock).await?.state.region;
            let found = tx.people_with(number).await?;
            let Some(person) = found.first().copied() else {
                return Ok(None);
            };
            room.may(tx, Action::Book, Some(region), Some(person))
                .await?;
            let subject = format!("person:{person}");
            room.ctx
                .record(tx, "booking.guest", &subject, &stock, room.now)
                .await?;
            Ok::<_, AppError>(Some(person))
        };
        self.db.look(look).await
    }

    /// 我的预约
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn own_bookings(&self, ctx: &Context) -> Result<Vec<OwnBooking>> {
        let room = self.booking_room(ctx);
        let look = async move |tx: &mut Tx| {
            let nobody = || AppError::BadInput("请先登录".to_owned());
            let me = room.ctx.actor.person.ok_or_else(nobody)?;
            room.may(tx, Action::ReadBooking, None, Some(me)).await?;
            let mut all = Vec::new();
            for line in tx.bookings_of(me, OWN_MOST).await? {
                all.push(room.own(tx, line).await?);
            }
            let subject = format!("person:{me}");
            room.ctx
                .record(tx, "booking.own", &subject, &all.len(), room.now)
                .await?;
            Ok::<_, AppError>(all)
        };
        self.db.look(look).await
    }

    /// 管预约 A place with everybody in it, for whoever keeps it; `day`: today where
    /// `None`.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn stock_desk(
        &self,
        ctx: &Context,
        id: StockId,
        day: Option<Date>,
    ) -> Result<StockDesk> {
        let room = self.booking_room(ctx);
        let look = async move |tx: &mut Tx| {
            let stock = tx.stock(id).await?.state;
            room.may(tx, Action::ReadBooking, Some(stock.region), None)
                .await?;
            let (subject, seen) = (format!("stock:{id}"), stock.bookings.len());
            room.ctx
                .record(tx, "booking.desk", &subject, &seen, room.now)
                .await?;
            let ty = room.app.booking_type(&stock.ty)?;
            let day = day.unwrap_or_else(|| room.now.today());
            let over = room.over(tx, id, day).await?;
            let slots = match ty.how {
                How::Slots { .. } => free_slots(&stock, room.config(&ty), day, None, room.now),
                How::Stay { .. } => Ok(Vec::new()),
            };
            Ok::<_, AppError>(StockDesk {
                slots: slots.map_err(AppError::refused)?,
                stock,
                ty,
                day,
                over,
            })
        };
        self.db.look(look).await
    }
}

impl Room {
    async fn own(&self, tx: &mut Tx, line: BookingLine) -> Result<OwnBooking> {
        let stock = tx.stock(line.stock).await?.state;
        let unit = line.unit.and_then(|no| stock.units.get(&no));
        let waiting = stock.waiting.get(&line.id);
        let ty = self.app.booking_type(&stock.ty)?;
        let offer = waiting.and_then(|one| one.offer.as_ref());
        let unit = unit.or(offer.and_then(|offer| stock.units.get(&offer.unit)));
        let class = waiting.and_then(|one| {
            let classes = ty.waiting.iter().flat_map(|rule| &rule.classes);
            classes.into_iter().find(|class| class.id == one.class)
        });
        let sort = line.sort.as_ref().and_then(|sort| ty.sort_name(sort));
        let passed = waiting.into_iter().flat_map(|one| &one.passed);
        Ok(OwnBooking {
            label: unit.map(|unit| unit.label.clone()),
            answer_by: offer.map(|offer| offer.until),
            before: ahead(&stock, &ty, line.id),
            class: class.map(|class| class.name.clone()),
            sort: sort.map(str::to_owned),
            passed: passed.map(|(why, _)| why.clone()).collect(),
            offered: offer.and_then(|offer| offer.span),
            ty,
            at: stock.name,
            line,
        })
    }

    fn kept_place(&self, stock: &Stock, ty: &Arc<BookingType>) -> KeptPlace {
        let there = |one: &&Booking| matches!(one.stage, Stage::Present { .. });
        let today = self.now.today();
        let due = |one: &&Booking| one.stage == Stage::Booked && day_of(one.span.from) <= today;
        KeptPlace {
            id: stock.id,
            name: stock.name.clone(),
            ty: ty.clone(),
            place: self.app.place(stock.region),
            units: stock.units.len(),
            expected: stock.bookings.values().filter(due).count(),
            present: stock.bookings.values().filter(there).count(),
            waiting: stock.waiting.len(),
            care_due: stock.units.values().filter(|unit| unit.care_due).count(),
        }
    }

    /// Those of a day that are over, with names.
    async fn over(
        &self,
        tx: &mut Tx,
        id: StockId,
        day: Date,
    ) -> Result<Vec<(BookingLine, String)>> {
        let (Some(from), Some(to)) = (moment(day, 0), moment(day, 24 * 60)) else {
            return Ok(Vec::new());
        };
        let mut over = Vec::new();
        for line in tx.bookings_at(id, (from, to)).await? {
            if line.ended.is_some() {
                let name = name_in(tx, line.person).await?;
                over.push((line, name));
            }
        }
        Ok(over)
    }
}
