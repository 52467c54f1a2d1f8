//! 「预约数」 What a leader asks of bookings: how full which place is, how long people wait,
//! how many do not come. Every number opens to its records; nobody's name is there. A
//! share nobody can tell (nobody was due, nobody waited) is `None`, never zero.

use super::Room;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record};
use engine_booking::{BookingType, Stage, Stock, Unit};
use kernel::{FieldLevel, Instant, RegionCode, Slug, StockId};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{BookingLine, BookingStage, Tx};

/// The most lines counted at once: a county's year several times over.
const LINES_MAX: u32 = 500_000;

/// What is counted of one kind.
#[derive(Clone, Debug)]
pub struct KindFigure {
    /// The kind.
    pub ty: Arc<BookingType>,
    /// Asked for: booked at once or queued.
    pub asked: usize,
    /// Booked and not begun.
    pub booked: usize,
    /// There now.
    pub present: usize,
    /// Done.
    pub left: usize,
    /// Cancelled.
    pub cancelled: usize,
    /// Did not come.
    pub no_show: usize,
    /// Waiting or asked.
    pub waiting: usize,
    /// Waited and came to a place.
    pub served: usize,
    /// Seconds from asking to a place, of those who waited: the middle one.
    pub median: Option<i64>,
    /// Of the slowest but one in ten.
    pub ninetieth: Option<i64>,
}

impl KindFigure {
    /// Per cent of those due who did not come; `None`: nobody was due.
    pub fn no_show_percent(&self) -> Option<usize> {
        let due = self.no_show + self.left + self.present;
        (due > 0).then(|| self.no_show * 100 / due)
    }
}

/// How full one sort of unit is at one place.
#[derive(Clone, Debug)]
pub struct Occupancy {
    /// The place.
    pub stock: StockId,
    /// Its name.
    pub name: String,
    /// The kind.
    pub ty: Arc<BookingType>,
    /// The sort.
    pub sort: Option<Slug>,
    /// The sort in words, or what a unit is called.
    pub sort_name: String,
    /// Units there are.
    pub units: usize,
    /// Not given out for now.
    pub closed: usize,
    /// To be cared for first.
    pub care_due: usize,
    /// Units somebody is in.
    pub used: usize,
    /// Units with a booking that has not begun.
    pub booked: usize,
}

impl Occupancy {
    /// Per cent of the units that are given out with somebody in; `None`: none is.
    pub fn percent(&self) -> Option<usize> {
        let open = self.units - self.closed;
        (open > 0).then(|| self.used * 100 / open)
    }
}

/// Everything.
#[derive(Clone, Debug, Default)]
pub struct BookingFigures {
    /// By kind, of those asked for in the time.
    pub kinds: Vec<KindFigure>,
    /// By place and sort, now.
    pub full: Vec<Occupancy>,
}

/// A unit behind a number.
#[derive(Clone, Debug)]
pub struct UnitBehind {
    /// Its label.
    pub label: String,
    /// Not given out: why.
    pub closed: Option<String>,
    /// To be cared for first.
    pub care_due: bool,
    /// How many are in it.
    pub present: usize,
    /// How many have it booked.
    pub booked: usize,
}

impl App {
    /// 预约看数 What was asked for in a place from one moment up to another, and how full
    /// its places are now.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn booking_figures(
        &self,
        ctx: &Context,
        region: RegionCode,
        times: (Instant, Instant),
    ) -> Result<BookingFigures> {
        let room = self.booking_room(ctx);
        let look = async move |tx: &mut Tx| {
            room.counts(tx, region).await?;
            let lines = tx.bookings_asked(region.span(), times, LINES_MAX).await?;
            let mut figures = BookingFigures::default();
            for ty in room.app.booking_types() {
                let of: Vec<&BookingLine> = lines.iter().filter(|one| one.ty == ty.id).collect();
                figures.kinds.push(figure(ty, &of));
                for stock in tx.stocks_in(&ty.id, region.span()).await? {
                    figures.full.extend(full(ty, &stock));
                }
            }
            let subject = format!("region:{region}");
            room.ctx
                .record(tx, "booking.figures", &subject, &lines.len(), room.now)
                .await?;
            Ok::<_, AppError>(figures)
        };
        self.db.look(look).await
    }

    /// 数的后面 The bookings behind a figure: numbers, places and times, nobody's name.
    ///
    /// # Errors
    /// A refusal; a figure nobody knows; the store's.
    pub async fn bookings_behind(
        &self,
        ctx: &Context,
        region: RegionCode,
        times: (Instant, Instant),
        ty: &Slug,
        figure: &str,
    ) -> Result<Vec<BookingLine>> {
        let holds = holds(figure)?;
        let (room, ty) = (self.booking_room(ctx), ty.clone());
        let look = async move |tx: &mut Tx| {
            room.counts(tx, region).await?;
            let lines = tx.bookings_asked(region.span(), times, LINES_MAX).await?;
            let lines = lines.into_iter().filter(|one| one.ty == ty && holds(one));
            let lines: Vec<BookingLine> = lines.collect();
            let subject = format!("region:{region}");
            room.ctx
                .record(tx, "booking.behind", &subject, &lines.len(), room.now)
                .await?;
            Ok::<_, AppError>(lines)
        };
        self.db.look(look).await
    }

    /// 数的后面 The units behind a figure of how full a place is; nobody's name.
    ///
    /// # Errors
    /// A refusal outside the actor's place; a figure nobody knows; the store's.
    pub async fn units_behind(
        &self,
        ctx: &Context,
        stock: StockId,
        sort: Option<Slug>,
        figure: &str,
    ) -> Result<(String, Vec<UnitBehind>)> {
        let holds: fn(&UnitBehind) -> bool = match figure {
            "units" => |_| true,
            "closed" => |one| one.closed.is_some(),
            "care_due" => |one| one.care_due,
            "used" => |one| one.present > 0,
            "reserved" => |one| one.booked > 0,
            _ => return Err(AppError::BadInput("没有这个数".to_owned())),
        };
        let room = self.booking_room(ctx);
        let look = async move |tx: &mut Tx| {
            let stock = tx.stock(stock).await?.state;
            room.counts(tx, stock.region).await?;
            let of = stock.units.values().filter(|unit| unit.sort == sort);
            let units: Vec<UnitBehind> =
                of.map(|unit| behind(&stock, unit)).filter(holds).collect();
            let subject = format!("stock:{}", stock.id);
            room.ctx
                .record(tx, "booking.units", &subject, &units.len(), room.now)
                .await?;
            Ok::<_, AppError>((stock.name, units))
        };
        self.db.look(look).await
    }
}

impl Room {
    async fn counts(&self, tx: &mut Tx, region: RegionCode) -> Result<()> {
        let record = Record::of_place(region, FieldLevel::L1);
        let (ctx, now) = (&self.ctx, self.now);
        let may = ctx.authorise(tx, Action::ReadFigures, record, &[], now);
        may.await.map(drop)
    }
}

fn holds(figure: &str) -> Result<fn(&BookingLine) -> bool> {
    Ok(match figure {
        "asked" => |_| true,
        "booked" => |one| one.stage == BookingStage::Booked,
        "present" => |one| one.stage == BookingStage::Present,
        "left" => |one| one.stage == BookingStage::Left,
        "cancelled" => |one| one.stage == BookingStage::Cancelled,
        "no_show" => |one| one.stage == BookingStage::NoShow,
        "waiting" => waits,
        "served" => |one| waited(one).is_some(),
        _ => return Err(AppError::BadInput("没有这个数".to_owned())),
    })
}

fn waits(one: &BookingLine) -> bool {
    matches!(one.stage, BookingStage::Waiting | BookingStage::Offered)
}

/// Seconds from the beginning of a wait to a place.
fn waited(one: &BookingLine) -> Option<i64> {
    let (from, to) = (one.asked?, one.placed?);
    one.waited.then(|| (to - from).num_seconds())
}

fn figure(ty: &Arc<BookingType>, lines: &[&BookingLine]) -> KindFigure {
    let at = |stage: BookingStage| lines.iter().filter(|one| one.stage == stage).count();
    let mut took: Vec<i64> = lines.iter().filter_map(|one| waited(one)).collect();
    took.sort_unstable();
    KindFigure {
        ty: ty.clone(),
        asked: lines.len(),
        booked: at(BookingStage::Booked),
        present: at(BookingStage::Present),
        left: at(BookingStage::Left),
        cancelled: at(BookingStage::Cancelled),
        no_show: at(BookingStage::NoShow),
        waiting: lines.iter().filter(|one| waits(one)).count(),
        served: took.len(),
        median: took.get(took.len() / 2).copied(),
        ninetieth: took.get(took.len() * 9 / 10).copied(),
    }
}

fn behind(stock: &Stock, unit: &Unit) -> UnitBehind {
    let of = || stock.bookings.values().filter(|one| one.unit == unit.no);
    UnitBehind {
        label: unit.label.clone(),
        closed: unit.closed.as_ref().map(|closed| closed.reason.clone()),
        care_due: unit.care_due,
        present: of()
            .filter(|one| matches!(one.stage, Stage::Present { .. }))
            .count(),
        booked: of().filter(|one| one.stage == Stage::Booked).count(),
    }
}

fn full(ty: &Arc<BookingType>, stock: &Stock) -> Vec<Occupancy> {
    let mut sorts: BTreeMap<Option<Slug>, Vec<UnitBehind>> = BTreeMap::new();
    for unit in stock.units.values() {
        let of = sorts.entry(unit.sort.clone()).or_default();
        of.push(behind(stock, unit));
    }
    let row = |(sort, units): (Option<Slug>, Vec<UnitBehind>)| {
        let count = |holds: fn(&&UnitBehind) -> bool| units.iter().filter(holds).count();
        let name = sort.as_ref().and_then(|sort| ty.sort_name(sort));
        Occupancy {
            stock: stock.id,
            name: stock.name.clone(),
            sort_name: name.unwrap_or(&ty.unit).to_owned(),
            units: units.len(),
            closed: count(|one| one.closed.is_some()),
            care_due: count(|one| one.care_due),
            used: count(|one| one.present > 0),
            booked: count(|one| one.booked > 0),
            ty: ty.clone(),
            sort,
        }
    };
    sorts.into_iter().map(row).collect()
}
