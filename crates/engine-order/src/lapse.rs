//! 「时限」 How long a clock runs, as a pack writes it: `60 s`, `15 min`, `2 h`, `1 d` by
//! the wall clock; `4 wh` in hours people work, `3 wd` in working days. Absent on
//! purpose: months (recurring orders count those, [`crate::due_on`]).

use chrono::{FixedOffset, NaiveTime, TimeDelta, Timelike};
use kernel::{CalendarError, Date, Instant, WorkCalendar, add_days};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Lapse {
    /// 钟面时间 Seconds by the wall clock, day and night.
    Seconds(u32),
    /// 工时 Minutes within working hours of working days.
    WorkingMinutes(u32),
    /// 工作日 To the end of the hours of the n-th working day after.
    WorkingDays(u32),
}

/// Why a text is no lapse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}”不是时限。请写成例如 60 s（秒）、15 min（分钟）、2 h（小时）、1 d（天）、4 wh（工时）、3 wd（工作日）"
)]
pub struct LapseError(pub String);

/// 工时 From when to when people work, minutes of the day in China.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// First minute.
    pub from: u32,
    /// The minute after the last.
    pub to: u32,
}

impl Default for Hours {
    /// 08:30–17:30.
    fn default() -> Self {
        Hours {
            from: 8 * 60 + 30,
            to: 17 * 60 + 30,
        }
    }
}

impl Hours {
    /// Reads `08:30-17:30`; `None` where it is nothing of the kind.
    pub fn read(text: &str) -> Option<Hours> {
        let (from, to) = text.split_once('-')?;
        let minute = |text: &str| {
            let time = NaiveTime::parse_from_str(text.trim(), "%H:%M").ok()?;
            Some(time.hour() * 60 + time.minute())
        };
        let (from, to) = (minute(from)?, minute(to)?);
        (from < to).then_some(Hours { from, to })
    }
}

/// A minute of a day in China as a moment.
fn moment(day: Date, minute: u32) -> Option<Instant> {
    let east = FixedOffset::east_opt(8 * 3600)?;
    let time = day.and_hms_opt(minute / 60, minute % 60, 0)?;
    Some(time.and_local_timezone(east).single()?.to_utc())
}

impl Lapse {
    /// The moment it has run out when it starts at `from`.
    ///
    /// # Errors
    /// The working calendar does not reach that far; never guessed.
    pub fn after(
        self,
        from: Instant,
        hours: Hours,
        calendar: &WorkCalendar,
    ) -> Result<Instant, CalendarError> {
        let today = kernel::Now { at: from }.today();
        match self {
            Lapse::Seconds(seconds) => Ok(from + TimeDelta::seconds(i64::from(seconds))),
            Lapse::WorkingDays(days) => {
                let day = calendar.add_working_days(today, days)?;
                Ok(moment(day, hours.to).unwrap_or(Instant::MAX_UTC))
            }
            Lapse::WorkingMinutes(minutes) => {
                let mut left = TimeDelta::minutes(i64::from(minutes));
                let (mut day, mut at) = (today, from);
                loop {
                    if calendar.is_working_day(day)? {
                        let open = moment(day, hours.from).unwrap_or(at).max(at);
                        let shut = moment(day, hours.to).unwrap_or(at);
                        if open < shut {
                            if left <= shut - open {
                                return Ok(open + left);
                            }
                            left -= shut - open;
                        }
                    }
                    day = add_days(day, 1).unwrap_or(Date::MAX);
                    at = moment(day, 0).unwrap_or(Instant::MAX_UTC);
                }
            }
        }
    }

    /// Its seconds by the wall clock; `None` for working time.
    pub fn seconds(self) -> Option<u32> {
        match self {
            Lapse::Seconds(seconds) => Some(seconds),
            Lapse::WorkingMinutes(_) | Lapse::WorkingDays(_) => None,
        }
    }

    /// In words, `5 分钟`.
    pub fn says(self) -> String {
        match self {
            Lapse::Seconds(s) if s > 0 && s % 86_400 == 0 => format!("{} 天", s / 86_400),
            Lapse::Seconds(s) if s > 0 && s % 3_600 == 0 => format!("{} 小时", s / 3_600),
            Lapse::Seconds(s) if s > 60 && s % 60 == 0 => format!("{} 分钟", s / 60),
            Lapse::Seconds(s) => format!("{s} 秒"),
            Lapse::WorkingMinutes(m) => format!("{} 个工时", m / 60),
            Lapse::WorkingDays(d) => format!("{d} 个工作日"),
        }
    }
}

impl FromStr for Lapse {
    type Err = LapseError;

    fn from_str(text: &str) -> Result<Self, LapseError> {
        let wrong = || LapseError(text.to_owned());
        let (count, unit) = text.trim().split_once(' ').ok_or_else(wrong)?;
        if count.is_empty() || !count.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let count: u32 = count.parse().map_err(|_| wrong())?;
        // Nothing here lasts longer than two years; a larger number is a slip of the pen.
        let most = match unit.trim() {
            "s" => 86_400,
            "min" => 14_400,
            "h" | "wh" => 2_400,
            "d" | "wd" => 730,
            _ => return Err(wrong()),
        };
        if count > most {
            return Err(wrong());
        }
        Ok(match unit.trim() {
            "s" => Lapse::Seconds(count),
            "min" => Lapse::Seconds(count * 60),
            "h" => Lapse::Seconds(count * 3_600),
            "d" => Lapse::Seconds(count * 86_400),
            "wh" => Lapse::WorkingMinutes(count * 60),
            _ => Lapse::WorkingDays(count),
        })
    }
}

impl fmt::Display for Lapse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Lapse::Seconds(s) if s >= 86_400 && s % 86_400 == 0 => write!(f, "{} d", s / 86_400),
            Lapse::Seconds(s) if s >= 3_600 && s % 3_600 == 0 => write!(f, "{} h", s / 3_600),
            Lapse::Seconds(s) if s > 60 && s % 60 == 0 => write!(f, "{} min", s / 60),
            Lapse::Seconds(s) => write!(f, "{s} s"),
            Lapse::WorkingMinutes(m) => write!(f, "{} wh", m / 60),
            Lapse::WorkingDays(d) => write!(f, "{d} wd"),
        }
    }
}

impl TryFrom<String> for Lapse {
    type Error = LapseError;
    fn try_from(text: String) -> Result<Self, LapseError> {
        text.parse()
    }
}

impl From<Lapse> for String {
    fn from(lapse: Lapse) -> String {
        lapse.to_string()
    }
}
