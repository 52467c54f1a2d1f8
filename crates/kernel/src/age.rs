//! 「年龄、月数」 Completed years and months between two days.

use crate::Date;
use chrono::{Datelike, Months};

/// Completed years on `day`; the birthday counts. Someone born on 29 February
/// completes a year on 1 March of a common year. `None` before birth.
pub fn age_on(born: Date, day: Date) -> Option<u32> {
    if day < born {
        return None;
    }
    let birthday_passed = (day.month(), day.day()) >= (born.month(), born.day());
    let years = day.year() - born.year() - i32::from(!birthday_passed);
    u32::try_from(years).ok()
}

/// Completed months from `from` to `to`, negative when `to` is earlier. A month
/// without the day of `from` is complete on its last day (Civil Code art. 202).
pub fn months_between(from: Date, to: Date) -> i32 {
    if to < from {
        return -months_between(to, from);
    }
    let months = (to.year() - from.year()) * 12 + to.month0() as i32 - from.month0() as i32;
    let complete = months_after(from, months).is_some_and(|day| day <= to);
    months - i32::from(!complete)
}

/// The corresponding day `count` months later (earlier when negative), or that
/// month's last day where there is none (Civil Code art. 202). `None` beyond
/// the range of dates.
pub fn months_after(from: Date, count: i32) -> Option<Date> {
    let months = Months::new(count.unsigned_abs());
    if count < 0 {
        from.checked_sub_months(months)
    } else {
        from.checked_add_months(months)
    }
}
