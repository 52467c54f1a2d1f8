//! 「期限长度」 A length of time as a pack writes it: `3 wd`, `7 d`, `12 months`.
//! Absent on purpose: hours. The law of assistance counts in days.

use kernel::{CalendarError, Date, WorkCalendar, add_days, months_after};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A length of time. The day it starts from does not count (民法典 第二百零一条).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Span {
    /// 工作日 Working days, `3 wd`.
    WorkingDays(u32),
    /// 天 Calendar days, `7 d`.
    Days(u32),
    /// 月 Calendar months, `12 months`.
    Months(u32),
}

/// Why a text is no span.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不是期限。请写成例如 3 wd（工作日）、7 d（天）、12 months（月）")]
pub struct SpanError(pub String);

impl Span {
    /// The last day of the span that starts on `from`. Where the calendar does
    /// not reach the answer is its error, never a guess.
    pub fn last_day(self, from: Date, calendar: &WorkCalendar) -> Result<Date, CalendarError> {
        match self {
            Span::WorkingDays(count) => calendar.add_working_days(from, count),
            // Parsing keeps counts small, so only the end of dates itself is past.
            Span::Days(count) => Ok(add_days(from, count).unwrap_or(Date::MAX)),
            Span::Months(count) => Ok(months_after(from, count as i32).unwrap_or(Date::MAX)),
        }
    }

    /// The count, whatever the unit.
    pub fn count(self) -> u32 {
        match self {
            Span::WorkingDays(count) | Span::Days(count) | Span::Months(count) => count,
        }
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let wrong = || SpanError(text.to_owned());
        let (count, unit) = text.trim().split_once(' ').ok_or_else(wrong)?;
        let digits = !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit());
        let count: u32 = match digits {
            true => count.parse().map_err(|_| wrong())?,
            false => return Err(wrong()),
        };
        // Nothing in this law lasts longer; a larger number is a slip of the pen.
        if count == 0 || count > 3660 {
            return Err(wrong());
        }
        match unit.trim() {
            "wd" => Ok(Span::WorkingDays(count)),
            "d" => Ok(Span::Days(count)),
            "month" | "months" => Ok(Span::Months(count)),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Span::WorkingDays(count) => write!(f, "{count} wd"),
            Span::Days(count) => write!(f, "{count} d"),
            Span::Months(count) => write!(f, "{count} months"),
        }
    }
}

impl TryFrom<String> for Span {
    type Error = SpanError;
    fn try_from(text: String) -> Result<Self, SpanError> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> String {
        span.to_string()
    }
}
