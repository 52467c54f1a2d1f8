//! 「数的时段」 What every page of figures shares: the spans to choose from, and words for
//! what is not known yet.

use crate::orders::span;
use chrono::TimeDelta;
use kernel::Instant;

/// Spans to choose from, days.
pub(crate) const DAYS: [i64; 3] = [7, 30, 365];

/// The longest list drawn at once.
pub(crate) const LINES_MAX: usize = 300;

/// The span asked for, days; a month where none of the choices is.
pub(crate) fn days(asked: Option<i64>) -> i64 {
    asked.filter(|days| DAYS.contains(days)).unwrap_or(30)
}

/// From when to when; the present second belongs to it.
pub(crate) fn back(days: i64, now: Instant) -> (Instant, Instant) {
    let to = now + TimeDelta::seconds(1);
    (to - TimeDelta::days(days), to)
}

/// How long, where it is known.
pub(crate) fn long(seconds: &Option<i64>) -> String {
    seconds.map_or_else(|| "还没有".to_owned(), span)
}

/// How many of a hundred, where it is known.
pub(crate) fn percent(percent: Option<usize>) -> String {
    percent.map_or_else(|| "还不知道".to_owned(), |percent| format!("{percent}%"))
}
