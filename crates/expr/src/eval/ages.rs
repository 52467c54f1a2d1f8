//! 「年龄表」 Ages on one day without a calendar: who has completed so many years was
//! born on or before a day that is looked up once.

use crate::column::{date_of, day_number};
use kernel::Date;

/// Nobody in the table is older.
const YEARS: usize = 150;

/// For each number of completed years the latest day of birth that has them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ages {
    day: i32,
    latest: Vec<i32>,
}

impl Ages {
    /// The table of a day.
    pub(crate) fn on(day: Date) -> Ages {
        let today = day_number(day);
        let latest = (0..=YEARS as i32).map(|years| {
            // Near the day so many average years before; ages only rise backwards.
            let about = today - years * 146_097 / 400;
            let reached = |born: &i32| {
                let age = kernel::age_on(date_of(*born), day);
                age.is_some_and(|age| i64::from(age) >= i64::from(years))
            };
            (about - 3..=about + 3).rev().find(reached)
        });
        Ages {
            day: today,
            latest: latest.collect::<Option<_>>().unwrap_or_default(),
        }
    }

    /// Whether it is the table of this day.
    pub(crate) fn are_on(&self, day: i32) -> bool {
        self.day == day && !self.latest.is_empty()
    }

    /// Completed years of somebody born on a day; `None` beyond the table.
    pub(crate) fn of(&self, born: i32) -> Option<i64> {
        let days = u32::try_from(self.day.checked_sub(born)?).ok()?;
        // Off by one at most.
        let about = (days.checked_mul(400)? / 146_097) as usize;
        let (this, next) = (self.latest.get(about)?, self.latest.get(about + 1)?);
        Some(about as i64 - i64::from(born > *this) + i64::from(born <= *next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_says_what_the_calendar_says() {
        let (mut known, mut beyond) = (0, 0);
        for day in [
            "2026-09-01",
            "2024-02-29",
            "2023-02-28",
            "2024-03-01",
            "2000-12-31",
        ] {
            let day: Date = day.parse().unwrap_or_default();
            let ages = Ages::on(day);
            assert!(ages.are_on(day_number(day)));
            for back in -400..60_000 {
                let born = day_number(day) - back;
                let calendar = kernel::age_on(date_of(born), day);
                match ages.of(born) {
                    Some(age) => {
                        known += 1;
                        assert_eq!(u32::try_from(age).ok(), calendar, "{day} {back}");
                    }
                    None => beyond += 1,
                }
            }
        }
        assert!(known > 250_000 && beyond > 0, "{known} {beyond}");
    }
}
