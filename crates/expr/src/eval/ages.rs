//! 「年龄」 Ages on one day without a calendar, by arithmetic alone that wide
//! instructions can do for many people at once.

use crate::column::day_number;
use kernel::Date;

/// Days of birth from year 1 up to here are reckoned with.
const LAST: i32 = 3_000_000;
/// From 1 March of year 0 to the first day of year 1.
const MARCH: i32 = 305;

/// A day within a year that begins in March: the leap day is its last, so that every
/// other day has the same place in every year. (Neri and Schneider, 2022.)
#[inline(always)]
fn in_march_years(day: i32) -> (i32, i32) {
    let quarters = 4 * (day + MARCH) as u32 + 3;
    let (century, rest) = (quarters / 146_097, (quarters % 146_097) | 3);
    let product = u64::from(rest) * 2_939_745;
    let (year, part) = ((product >> 32) as u32, product as u32);
    ((100 * century + year) as i32, (part / 2_939_745 / 4) as i32)
}

/// A day on which ages are asked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ages {
    day: i32,
    year: i32,
    place: i32,
}

impl Ages {
    /// On a day.
    pub(crate) fn on(day: Date) -> Ages {
        let day = day_number(day);
        if !Ages::reckons(day) {
            return Ages::default();
        }
        let (year, place) = in_march_years(day);
        Ages { day, year, place }
    }

    /// Whether ages are those of this day.
    pub(crate) fn are_on(&self, day: i32) -> bool {
        self.day == day && self.year > 0
    }

    /// Whether a day is one it can reckon with; days under gaps are.
    #[inline(always)]
    pub(crate) fn reckons(day: i32) -> bool {
        (0..LAST).contains(&day)
    }

    /// Completed years of somebody born on a day that [`Ages::reckons`]; less than
    /// nothing for those not yet born.
    #[inline(always)]
    pub(crate) fn of(&self, born: i32) -> i64 {
        let (year, place) = in_march_years(born);
        let age = self.year - year - i32::from(self.place < place);
        i64::from(if born > self.day { -1 } else { age })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::date_of;

    #[test]
    fn arithmetic_says_what_the_calendar_says() {
        let days = [
            "2026-09-01",
            "2024-02-29",
            "2023-02-28",
            "2024-03-01",
            "2000-12-31",
        ];
        for day in days {
            let day: Date = day.parse().unwrap();
            let ages = Ages::on(day);
            assert!(ages.are_on(day_number(day)));
            for back in -400..day_number(day) {
                let born = day_number(day) - back;
                let calendar = kernel::age_on(date_of(born), day);
                let told = u32::try_from(ages.of(born)).ok();
                assert_eq!(told, calendar, "{day} {back}");
            }
        }
        assert!(Ages::reckons(0) && !Ages::reckons(-1) && !Ages::reckons(LAST));
        assert!(!Ages::default().are_on(0));
    }
}
