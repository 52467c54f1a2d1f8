//! 「能约什么」 Where something can be had and when, in numbers: how many are free of
//! which sort, which slots of a day. Nobody's data; nobody needs to sign in for it.

use super::Room;
use crate::{App, AppError, Context, Result};
use chrono::TimeDelta;
use engine_booking::{BookingType, FreeSlot, How, Span, Stock, free_slots, free_units, moment};
use kernel::{Date, RegionCode, Slug, StockId, add_days};
use std::sync::Arc;
use store::Tx;

/// Days looked through for the first that has something.
const DAYS_LOOKED: u32 = 14;

/// A place where something can be booked.
#[derive(Clone, Debug)]
pub struct Offered {
    /// Its number.
    pub id: StockId,
    /// Its name.
    pub name: String,
    /// Where, in words.
    pub place: String,
    /// By sort; of a kind without sorts one row without a name.
    pub sorts: Vec<OfferedSort>,
    /// The slots of the day asked for; of a stay none.
    pub slots: Vec<FreeSlot>,
}

/// One sort at a place.
#[derive(Clone, Debug, Default)]
pub struct OfferedSort {
    /// Its id.
    pub id: Option<Slug>,
    /// Its name.
    pub name: String,
    /// How many are given out.
    pub units: usize,
    /// Of those, with a place left over the days asked for; of slots nobody can say.
    pub free: usize,
    /// How many wait for it.
    pub waiting: usize,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The kind.
    pub ty: Slug,
    /// Under which node.
    pub region: RegionCode,
    /// One sort only.
    pub sort: Option<Slug>,
    /// The day; `None`: the first that is open and not full, of a stay today.
    pub day: Option<Date>,
}

impl App {
    /// 找得到的 Places of a kind with what is free at each, on the day found.
    ///
    /// # Errors
    /// No such kind; the calendar does not reach there; the store's.
    pub async fn find_bookings(
        &self,
        ctx: &Context,
        asked: Finding,
    ) -> Result<(Arc<BookingType>, Date, Vec<Offered>)> {
        let room = self.booking_room(ctx);
        let read = async move |tx: &mut Tx| {
            let ty = room.app.booking_type(&asked.ty)?;
            let stocks = tx.stocks_in(&asked.ty, asked.region.span()).await?;
            let day = match asked.day {
                Some(day) => day,
                None => room.first_day(&stocks, &ty, asked.sort.as_ref())?,
            };
            let all = stocks.iter();
            let all = all.map(|stock| room.offered(stock, &ty, day, asked.sort.as_ref()));
            Ok::<_, AppError>((ty.clone(), day, all.collect::<Result<_>>()?))
        };
        self.db.read(read).await
    }
}

impl Room {
    /// The first day that has something left; today where none has.
    fn first_day(&self, stocks: &[Stock], ty: &BookingType, sort: Option<&Slug>) -> Result<Date> {
        let today = self.now.today();
        if matches!(ty.how, How::Stay { .. }) {
            return Ok(today);
        }
        let days = (0..DAYS_LOOKED).filter_map(|more| add_days(today, more));
        for day in days {
            for stock in stocks {
                let slots = free_slots(stock, self.config(ty), day, sort, self.now);
                // Beyond the calendar nobody knows: the day asked for says so in words.
                let Ok(slots) = slots else { return Ok(today) };
                if slots.iter().any(|slot| slot.left > 0) {
                    return Ok(day);
                }
            }
        }
        Ok(today)
    }

    fn offered(
        &self,
        stock: &Stock,
        ty: &BookingType,
        day: Date,
        sort: Option<&Slug>,
    ) -> Result<Offered> {
        let config = self.config(ty);
        let slots = match ty.how {
            How::Slots { .. } => free_slots(stock, config, day, sort, self.now),
            How::Stay { .. } => Ok(Vec::new()),
        };
        let span = self.stay_from(ty, day);
        let ids: Vec<Option<Slug>> = match ty.sorts.is_empty() {
            true => vec![None],
            false => ty.sorts.keys().cloned().map(Some).collect(),
        };
        let ids = ids
            .into_iter()
            .filter(|id| sort.is_none() || id.as_ref() == sort);
        let of_sort = |id: Option<Slug>| {
            let units = free_units(stock, config, span, id.as_ref());
            let waits = stock.waiting.values();
            let name = id.as_ref().and_then(|id| ty.sort_name(id));
            OfferedSort {
                name: name.unwrap_or(&ty.unit).to_owned(),
                units: units.len(),
                free: units.iter().filter(|one| one.left > 0).count(),
                waiting: waits
                    .filter(|one| one.sort.is_none() || one.sort == id)
                    .count(),
                id,
            }
        };
        Ok(Offered {
            id: stock.id,
            name: stock.name.clone(),
            place: self.app.place(stock.region),
            sorts: ids.map(of_sort).collect(),
            slots: slots.map_err(AppError::refused)?,
        })
    }

    /// A stay that begins that day: of one day where there is a longest, else for good.
    fn stay_from(&self, ty: &BookingType, day: Date) -> Span {
        let from = moment(day, 0).unwrap_or(self.now.at);
        let ends = matches!(
            ty.how,
            How::Stay {
                days_most: Some(_),
                ..
            }
        );
        Span {
            from,
            to: ends.then(|| from + TimeDelta::days(1)),
        }
    }
}
