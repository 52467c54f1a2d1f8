//! 「工作日历」 Working days with 调休: the State Council's yearly notice as a
//! table. A day is a working day if listed `workday`, else not if listed
//! `holiday`, else Monday–Friday. Beyond the table nothing is guessed.

use crate::table::{TableFault, day_of, each_row};
use crate::{Date, Period};
use chrono::{Datelike, Days, Weekday};
use std::collections::BTreeMap;

/// Why a working day cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Past the last day the table knows.
    #[error("工作日历只到{known_to}，算不到{asked}。请先导入下一年的放假安排")]
    Beyond {
        /// The day asked for.
        asked: Date,
        /// The last day known.
        known_to: Date,
    },
    /// Before the first day the table knows.
    #[error("工作日历从{known_from}开始，没有{asked}。请导入那一年的放假安排")]
    Before {
        /// The day asked for.
        asked: Date,
        /// The first day known.
        known_from: Date,
    },
    /// There is no table at all.
    #[error("还没有工作日历。请先导入放假安排（date,kind,name）")]
    Empty,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Special {
    works: bool,
    name: String,
}

/// The calendar of whole years: a year is known when the table has a day of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkCalendar {
    special: BTreeMap<Date, Special>,
    known: Option<(Date, Date)>,
}

impl WorkCalendar {
    /// Reads `date,kind,name` with kind `holiday` or `workday`. Years must
    /// follow one another without a gap.
    pub fn from_csv(text: &str) -> Result<Self, Vec<TableFault>> {
        let mut calendar = WorkCalendar::default();
        let mut faults = each_row(text, &["date", "kind", "name"], |row| {
            let date = day_of(row.get("date"))?.ok_or("缺少日期")?;
            let works = match row.get("kind") {
                "workday" => true,
                "holiday" => false,
                other => return Err(format!("“{other}”不是种类，请写 holiday 或 workday")),
            };
            let name = row.get("name").to_owned();
            match calendar.special.insert(date, Special { works, name }) {
                Some(_) => Err(format!("{date} 出现了两次")),
                None => Ok(()),
            }
        });
        let mut years: Vec<i32> = calendar.special.keys().map(Date::year).collect();
        years.dedup();
        if let Some(pair) = years.windows(2).find(|pair| pair[0] + 1 != pair[1]) {
            let what = format!("缺少{}年的放假安排", pair[0] + 1);
            faults.push(TableFault { line: 1, what });
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let first = years.first().and_then(|year| Period::new(*year, 1));
        let last = years.last().and_then(|year| Period::new(*year, 12));
        calendar.known = first.zip(last).map(|(a, b)| (a.first_day(), b.last_day()));
        Ok(calendar)
    }

    /// The first and the last day known.
    pub fn known(&self) -> Option<(Date, Date)> {
        self.known
    }

    /// The name of a listed day, e.g. 春节 (also of a 调休 working day).
    pub fn name(&self, day: Date) -> Option<&str> {
        self.special.get(&day).map(|special| special.name.as_str())
    }

    /// Whether people work on that day.
    pub fn is_working_day(&self, day: Date) -> Result<bool, CalendarError> {
        let (known_from, known_to) = self.known.ok_or(CalendarError::Empty)?;
        if day > known_to {
            return Err(CalendarError::Beyond {
                asked: day,
                known_to,
            });
        }
        if day < known_from {
            return Err(CalendarError::Before {
                asked: day,
                known_from,
            });
        }
        Ok(match self.special.get(&day) {
            Some(special) => special.works,
            None => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
        })
    }

    /// The `count`-th working day after `day`; `day` itself does not count
    /// (民法典 art. 201). Zero gives `day`.
    pub fn add_working_days(&self, day: Date, count: u32) -> Result<Date, CalendarError> {
        let mut at = day;
        let mut left = count;
        while left > 0 {
            at = self.after(at)?;
            left -= u32::from(self.is_working_day(at)?);
        }
        Ok(at)
    }

    /// Working days after `from` up to and including `to`: the inverse of
    /// [`WorkCalendar::add_working_days`]. Negative when `to` is earlier.
    pub fn working_days_between(&self, from: Date, to: Date) -> Result<i64, CalendarError> {
        if to < from {
            return self.working_days_between(to, from).map(|days| -days);
        }
        let mut count = 0;
        let mut at = from;
        while at < to {
            at = self.after(at)?;
            count += i64::from(self.is_working_day(at)?);
        }
        Ok(count)
    }

    /// A last day that is a day of rest moves to the day the rest has ended
    /// (民法典 art. 203): the same day when people work on it. Only for periods
    /// the law says so of; a publicity of seven days ends on its seventh.
    pub fn extended(&self, last_day: Date) -> Result<Date, CalendarError> {
        let mut at = last_day;
        while !self.is_working_day(at)? {
            at = self.after(at)?;
        }
        Ok(at)
    }

    /// The last of `count` calendar days after `day`, extended over rest days
    /// (民法典 art. 201, 203).
    pub fn add_days_extended(&self, day: Date, count: u32) -> Result<Date, CalendarError> {
        let (_, known_to) = self.known.ok_or(CalendarError::Empty)?;
        let last = add_days(day, count).ok_or(CalendarError::Beyond {
            asked: Date::MAX,
            known_to,
        })?;
        self.extended(last)
    }

    fn after(&self, day: Date) -> Result<Date, CalendarError> {
        let (_, known_to) = self.known.ok_or(CalendarError::Empty)?;
        day.succ_opt().ok_or(CalendarError::Beyond {
            asked: day,
            known_to,
        })
    }
}

/// The last of `count` calendar days: the day after `day` is the first
/// (民法典 art. 201). Never extended. `None` beyond the range of dates.
pub fn add_days(day: Date, count: u32) -> Option<Date> {
    day.checked_add_days(Days::new(u64::from(count)))
}
