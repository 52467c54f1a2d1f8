//! 「还有没有」 Which times there are, which places are free, and what a booking takes.

use crate::config::{Config, How, Opening};
use crate::model::{Kept, Seat, Span, Stock, Unit};
use crate::refusal::Refusal;
use chrono::{Datelike as _, FixedOffset, TimeDelta};
use kernel::{BookingId, Date, Instant, Now, Slug, add_days};
use std::collections::BTreeSet;

/// The weekday whose hours a working weekend keeps: 5 = Friday.
const MOVED_AS: u8 = 5;

/// A slot and how much of it is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreeSlot {
    /// When.
    pub span: Span,
    /// How many places are left.
    pub left: usize,
}

/// The slots of a day that are still to come, with what is left of each; empty on a day
/// it is not open.
///
/// # Errors
/// [`Refusal::NoCalendar`] where nobody knows whether the day is a working day.
pub fn free_slots(
    stock: &Stock,
    config: Config<'_>,
    day: Date,
    sort: Option<&Slug>,
    now: Now,
) -> Result<Vec<FreeSlot>, Refusal> {
    let spans = slots_of(config, day)?;
    let ahead = spans.into_iter().filter(|span| span.from > now.at);
    Ok(ahead
        .map(|span| FreeSlot {
            span,
            left: units(stock, sort.cloned())
                .map(|unit| places(stock, config, unit, span, None).count())
                .sum(),
        })
        .collect())
}

/// A unit and how much of it is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreeUnit<'s> {
    /// It.
    pub unit: &'s Unit,
    /// How many places are left.
    pub left: usize,
}

/// The units of a sort that are given out, with what is left of each over a span: of a
/// stay without an end, from that day on.
pub fn free_units<'s>(
    stock: &'s Stock,
    config: Config<'_>,
    span: Span,
    sort: Option<&Slug>,
) -> Vec<FreeUnit<'s>> {
    units(stock, sort.cloned())
        .map(|unit| FreeUnit {
            unit,
            left: places(stock, config, unit, span, None).count(),
        })
        .collect()
}

/// Units that are given out, of a sort.
pub(crate) fn units(stock: &Stock, sort: Option<Slug>) -> impl Iterator<Item = &Unit> {
    stock
        .units
        .values()
        .filter(move |unit| unit.closed.is_none() && (sort.is_none() || unit.sort == sort))
}

/// The free places of a unit, the lowest first; `but` not counted.
pub(crate) fn places(
    stock: &Stock,
    config: Config<'_>,
    unit: &Unit,
    span: Span,
    but: Option<BookingId>,
) -> impl Iterator<Item = u32> {
    let kept = stock.kept(unit.no, span, but);
    let taken: BTreeSet<u32> = stock
        .bookings
        .values()
        .filter(|one| one.unit == unit.no && Some(one.id) != but)
        .filter(|one| one.span.meets(&span) || share_a_grain(&config.ty.how, one.span, span))
        .map(|one| one.place)
        .collect();
    // Kept places are the last of those that are free.
    let free = (1..=config.ty.capacity).filter(move |place| !taken.contains(place));
    let free: Vec<u32> = free.collect();
    let left = match kept {
        Kept::Whole => 0,
        Kept::Places(kept) => free.len().saturating_sub(kept),
    };
    free.into_iter().take(left)
}

/// The slots of a day, open or gone by.
pub(crate) fn slots_of(config: Config<'_>, day: Date) -> Result<Vec<Span>, Refusal> {
    let How::Slots {
        minutes,
        open,
        working_days,
        ..
    } = &config.ty.how
    else {
        return Ok(Vec::new());
    };
    let mut spans = Vec::new();
    for opening in hours(config, open, *working_days, day)? {
        let mut at = opening.from;
        while at + minutes <= opening.to {
            if let (Some(from), to) = (moment(day, at), moment(day, at + minutes)) {
                spans.push(Span { from, to });
            }
            at += minutes;
        }
    }
    spans.sort();
    Ok(spans)
}

fn hours<'o>(
    config: Config<'_>,
    open: &'o [Opening],
    working_days: bool,
    day: Date,
) -> Result<Vec<&'o Opening>, Refusal> {
    let mut weekday = u8::try_from(day.weekday().number_from_monday()).unwrap_or(MOVED_AS);
    if working_days {
        let works = config.calendar.is_working_day(day);
        if !works.map_err(|_| Refusal::NoCalendar)? {
            return Ok(Vec::new());
        }
        // A Saturday that was made a working day keeps a weekday's hours.
        weekday = weekday.min(MOVED_AS);
    }
    let there = open.iter().filter(|one| one.weekdays.contains(&weekday));
    Ok(there.collect())
}

/// A minute of a day in China as a moment.
pub fn moment(day: Date, minute: u32) -> Option<Instant> {
    let east = FixedOffset::east_opt(8 * 3600)?;
    let midnight = day
        .and_hms_opt(0, 0, 0)?
        .and_local_timezone(east)
        .single()?;
    Some(midnight.to_utc() + TimeDelta::minutes(i64::from(minute)))
}

/// The day of a moment in China.
pub(crate) fn day_of(at: Instant) -> Date {
    Now { at }.today()
}

/// What a booking takes: one grain for a slot, one for each day of a stay.
pub(crate) fn seats(how: &How, unit: u32, place: u32, span: Span) -> Vec<Seat> {
    let seat = |grain| Seat { unit, place, grain };
    if matches!(how, How::Slots { .. }) {
        return vec![seat(span.from.timestamp() / 60)];
    }
    let Some(to) = span.to else {
        return vec![seat(Seat::OPEN)];
    };
    let (first, last) = (day_of(span.from), day_of(to));
    let mut seats = vec![seat(day_number(first))];
    let mut day = add_days(first, 1);
    while let Some(next) = day.filter(|day| *day < last) {
        seats.push(seat(day_number(next)));
        day = add_days(next, 1);
    }
    seats
}

/// Whether two spans that do not meet take the same grain: two stays of one day, also
/// where one of them has no end.
fn share_a_grain(how: &How, one: Span, other: Span) -> bool {
    let grains = |span| seats(how, 0, 0, span).into_iter();
    if grains(one).any(|seat| grains(other).any(|taken| taken == seat)) {
        return true;
    }
    let reaches = |open: Span, dated: Span| {
        let last = grains(dated).map(|seat| seat.grain).max();
        open.to.is_none() && last.is_some_and(|last| last >= Seat::day(open.from))
    };
    reaches(one, other) || reaches(other, one)
}

/// Days since 1970.
fn day_number(day: Date) -> i64 {
    i64::from(day.num_days_from_ce()) - EPOCH_DAYS
}

impl Seat {
    /// The grain of a day: that of the day a moment lies in, in China.
    pub fn day(at: Instant) -> i64 {
        day_number(day_of(at))
    }
}

/// Days from the first of January of year 1 to that of 1970.
const EPOCH_DAYS: i64 = 719_163;
