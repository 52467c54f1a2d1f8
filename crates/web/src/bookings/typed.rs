//! 「填的」 What was typed into the forms of bookings, read at the boundary.

use crate::desk::Taken;
use crate::trouble::Trouble;
use axum::http::StatusCode;
use chrono::TimeDelta;
use engine_booking::{BookingType, How, Span, moment};
use kernel::{BookingId, Date, Instant, Slug};

pub(super) fn bad(says: impl Into<String>) -> Trouble {
    Trouble::new(StatusCode::UNPROCESSABLE_ENTITY, says)
}

pub(super) fn slug(text: &str) -> Result<Slug, Trouble> {
    text.parse().map_err(|_| Trouble::nothing())
}

/// A choice that may be left empty.
pub(super) fn maybe_slug(text: &str) -> Result<Option<Slug>, Trouble> {
    match text.is_empty() {
        true => Ok(None),
        false => slug(text).map(Some),
    }
}

/// A day as a form has it; empty: none.
pub(super) fn day(text: &str) -> Result<Option<Date>, Trouble> {
    match text.trim() {
        "" => Ok(None),
        text => {
            let read = text.parse();
            let says = "日子看不懂，请写成例如 2026-10-08";
            read.map(Some).map_err(|_| bad(says))
        }
    }
}

/// A booking's number.
pub(super) fn number(text: &str) -> Result<BookingId, Trouble> {
    let read = text.trim().parse().map(BookingId);
    read.map_err(|_| bad("预约号是一个数"))
}

/// When: a slot by the second it begins, a stay by its days (the last one included).
pub(super) fn span(ty: &BookingType, taken: &Taken) -> Result<Option<Span>, Trouble> {
    match &ty.how {
        How::Slots { minutes, .. } => slot(&taken.get("slot"), *minutes),
        How::Stay { .. } => {
            let far = || bad("日子太远了");
            let Some(from) = day(&taken.get("from"))? else {
                return Ok(None);
            };
            let to = day(&taken.get("to"))?;
            let to = to.map(|to| moment(to, 24 * 60).ok_or_else(far));
            Ok(Some(Span {
                from: moment(from, 0).ok_or_else(far)?,
                to: to.transpose()?,
            }))
        }
    }
}

/// A slot by the second since 1970 at which it begins; empty: none.
pub(super) fn slot(text: &str, minutes: u32) -> Result<Option<Span>, Trouble> {
    if text.is_empty() {
        return Ok(None);
    }
    let second = text.parse().ok();
    let from = second.and_then(|second| Instant::from_timestamp(second, 0));
    let from = from.ok_or_else(|| bad("请选一个时段"))?;
    let to = Some(from + TimeDelta::minutes(i64::from(minutes)));
    Ok(Some(Span { from, to }))
}
