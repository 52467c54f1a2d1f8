//! 「看预约」 Where something can be had and when (nobody's data); one's own; a keeper's
//! place today; how full a county's places are. Reading people's bookings leaves a row.

use super::Room;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record, RecordState};
use engine_booking::{BookingType, FreeSlot, Stage, Stock, free_slots};
use kernel::{Date, FieldLevel, RegionCode, Slug, StockId};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{BookingLine, Tx};

/// A person's own list is this long at most.
const OWN_MOST: u32 = 50;

/// A place where something can be booked.
#[derive(Clone, Debug)]
pub struct StockLine {
    /// Its number.
    pub id: StockId,
    /// Its name.
    pub name: String,
    /// Where, in words.
    pub place: String,
    /// How many units are given out.
    pub units: usize,
}

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
    /// How many come before, of a wait.
    pub before: Option<usize>,
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
}

/// How full one sort of unit is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Occupancy {
    /// Units there are.
    pub units: usize,
    /// Not given out for now.
    pub closed: usize,
    /// To be cared for first.
    pub care_due: usize,
    /// Taken by somebody who is there.
    pub present: usize,
    /// Booked and not yet begun.
    pub booked: usize,
    /// Waiting for this sort (or any).
    pub waiting: usize,
}

impl App {
    /// Places of a kind.
    ///
    /// # Errors
    /// The store's.
    pub async fn stocks(&self, ty: &Slug, region: RegionCode) -> Result<Vec<StockLine>> {
        let (app, ty, today) = (self.clone(), ty.clone(), self.now().today());
        let read = async move |tx: &mut Tx| {
            let stocks = tx.stocks_in(&ty, region.span()).await?;
            let tree = app.law.pack.regions();
            let line = |one: Stock| StockLine {
                id: one.id,
                place: tree.full_name(one.region, today),
                units: one
                    .units
                    .values()
                    .filter(|unit| unit.closed.is_none())
                    .count(),
                name: one.name,
            };
            Ok::<_, AppError>(stocks.into_iter().map(line).collect())
        };
        self.db.read(read).await
    }

    /// The slots of a day at a place, with what is left of each; nobody's name.
    ///
    /// # Errors
    /// The calendar does not reach there; the store's.
    pub async fn free(
        &self,
        ctx: &Context,
        id: StockId,
        day: Date,
        sort: Option<Slug>,
    ) -> Result<(Arc<BookingType>, String, Vec<FreeSlot>)> {
        let room = self.booking_room(ctx);
        let read = async move |tx: &mut Tx| {
            let stock = tx.stock(id).await?.state;
            let ty = room.app.booking_type(&stock.ty)?;
            let slots = free_slots(&stock, room.config(&ty), day, sort.as_ref(), room.now);
            let slots = slots.map_err(AppError::refused)?;
            Ok::<_, AppError>((ty, stock.name, slots))
        };
        self.db.read(read).await
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

    /// 管预约 A place with everybody in it, for whoever keeps it.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn stock_desk(&self, ctx: &Context, id: StockId) -> Result<StockDesk> {
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
            let day = room.now.today();
            Ok::<_, AppError>(StockDesk { stock, ty, day })
        };
        self.db.look(look).await
    }

    /// 使用情况 How full the places of a kind are under a node, by sort; units without a
    /// sort under none.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn occupancy(
        &self,
        ctx: &Context,
        ty: &Slug,
        region: RegionCode,
    ) -> Result<BTreeMap<Option<Slug>, Occupancy>> {
        let (room, ty) = (self.booking_room(ctx), ty.clone());
        let read = async move |tx: &mut Tx| {
            let record = Record {
                region: Some(region),
                subjects: Vec::new(),
                state: RecordState::None,
                level: FieldLevel::L1,
            };
            let (ctx, now) = (&room.ctx, room.now);
            ctx.authorise(tx, Action::ReadFigures, record, &[], now)
                .await?;
            let mut all = BTreeMap::new();
            for stock in tx.stocks_in(&ty, region.span()).await? {
                count(&stock, &mut all);
            }
            Ok::<_, AppError>(all)
        };
        self.db.read(read).await
    }
}

fn count(stock: &Stock, all: &mut BTreeMap<Option<Slug>, Occupancy>) {
    for unit in stock.units.values() {
        let of = all.entry(unit.sort.clone()).or_default();
        of.units += 1;
        of.closed += usize::from(unit.closed.is_some());
        of.care_due += usize::from(unit.care_due);
    }
    for one in stock.bookings.values() {
        let unit = stock.units.get(&one.unit);
        let of = all
            .entry(unit.and_then(|unit| unit.sort.clone()))
            .or_default();
        match one.stage {
            Stage::Present { .. } => of.present += 1,
            _ => of.booked += 1,
        }
    }
    for one in stock.waiting.values() {
        all.entry(one.sort.clone()).or_default().waiting += 1;
    }
}

impl Room {
    async fn own(&self, tx: &mut Tx, line: BookingLine) -> Result<OwnBooking> {
        let stock = tx.stock(line.stock).await?.state;
        let unit = line.unit.and_then(|no| stock.units.get(&no));
        let waiting = stock.waiting.get(&line.id);
        let before = waiting.map(|mine| {
            let ahead = stock.waiting.values();
            let same = ahead.filter(|one| one.span == mine.span && one.sort == mine.sort);
            same.filter(|one| (one.since, one.id) < (mine.since, mine.id))
                .count()
        });
        let offer = waiting.and_then(|one| one.offer.as_ref());
        Ok(OwnBooking {
            ty: self.app.booking_type(&stock.ty)?,
            label: unit.map(|unit| unit.label.clone()),
            answer_by: offer.map(|offer| offer.until),
            before,
            at: stock.name,
            line,
        })
    }
}
