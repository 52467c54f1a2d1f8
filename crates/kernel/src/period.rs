//! 「月份」 A calendar month, the period benefits are paid for.

use crate::Date;
use chrono::Datelike;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A calendar month, e.g. `2026-12`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    /// Months since year 0: orders and counts without calendar arithmetic.
    months: i32,
}

/// Why a text is no month.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不是月份。请写成例如 2026-12")]
pub struct PeriodError(pub String);

impl Period {
    /// The month of a year; `None` unless `month` is 1–12 and `year` 1–9999.
    pub fn new(year: i32, month: u32) -> Option<Self> {
        let valid = (1..=9999).contains(&year) && (1..=12).contains(&month);
        valid.then(|| Period {
            months: year * 12 + (month as i32 - 1),
        })
    }

    /// The month a day falls in.
    pub fn of(date: Date) -> Self {
        Period {
            months: date.year() * 12 + date.month0() as i32,
        }
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.months.div_euclid(12)
    }

    /// The month, 1–12.
    pub fn month(self) -> u32 {
        self.months.rem_euclid(12) as u32 + 1
    }

    /// The month `count` months later (earlier when negative).
    pub fn plus_months(self, count: i32) -> Self {
        Period {
            months: self.months + count,
        }
    }

    /// Months from `self` to `later`.
    pub fn months_until(self, later: Period) -> i32 {
        later.months - self.months
    }

    /// Its first day.
    pub fn first_day(self) -> Date {
        Date::from_ymd_opt(self.year(), self.month(), 1).unwrap_or(Date::MIN)
    }

    /// Its last day.
    pub fn last_day(self) -> Date {
        self.plus_months(1)
            .first_day()
            .pred_opt()
            .unwrap_or(Date::MIN)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let parse = || {
            let (year, month) = text.split_once('-')?;
            let shaped = year.len() == 4 && month.len() == 2;
            let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
            if !shaped || !digits(year) || !digits(month) {
                return None;
            }
            Period::new(year.parse().ok()?, month.parse().ok()?)
        };
        parse().ok_or_else(|| PeriodError(text.to_owned()))
    }
}

impl TryFrom<String> for Period {
    type Error = PeriodError;
    fn try_from(text: String) -> Result<Self, PeriodError> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> String {
        period.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn period_counts_months() {
        let december: Period = "2026-12".parse().unwrap();
        assert_eq!(december.plus_months(1).to_string(), "2027-01");
        assert_eq!(
            december.last_day(),
            Date::from_ymd_opt(2026, 12, 31).unwrap()
        );
        assert_eq!(
            "2024-02".parse::<Period>().unwrap().last_day().to_string(),
            "2024-02-29"
        );
        assert_eq!(december.months_until(december.plus_months(-14)), -14);
        for bad in ["2026-13", "2026-1", "26-01", "2026/01", "+026-01"] {
            assert!(bad.parse::<Period>().is_err(), "{bad}");
        }
    }
}
