//! 「可约事项」 What a pack says of one kind of thing that can be booked. Built by packs
//! from a `[booking]` file; what cannot be meant is found by [`BookingType::faults`].

use kernel::{FieldLevel, Slug, WorkCalendar};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What one `decide` needs beside the stock.
#[derive(Clone, Copy, Debug)]
pub struct Config<'a> {
    /// The kind of booking.
    pub ty: &'a BookingType,
    /// Working days and holidays.
    pub calendar: &'a WorkCalendar,
    /// What whoever the command is for has in other stocks of this kind.
    pub elsewhere: Elsewhere,
}

/// 别处的 What one person has of one kind in other places: how many they may have counts
/// everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// Bookings that are not over.
    pub open: usize,
    /// Waits that are not over.
    pub waits: usize,
}

/// A kind of thing that can be booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingType {
    /// Its id.
    pub id: Slug,
    /// `婚姻登记预约`.
    pub name: String,
    /// How a person would ask for it.
    pub says: String,
    /// Mission rows it proves.
    pub rows: Vec<String>,
    /// What it rests on.
    pub basis: Vec<String>,
    /// Who may see who booked.
    pub level: FieldLevel,
    /// 素 Whoever asks for it mourns: its pages have no warm colour.
    pub solemn: bool,
    /// What one of them is called, `窗口`, `床位`.
    pub unit: String,
    /// Sorts of unit, `nursing` → `护理型`; empty where all are alike.
    pub sorts: BTreeMap<Slug, String>,
    /// By the clock or by the stay.
    pub how: How,
    /// How many may have one unit at the same time (≥ 1).
    pub capacity: u32,
    /// 可存放 What goes from hand to hand may be put into a unit of it.
    pub keeps: bool,
    /// Residents book themselves; otherwise only the desk does.
    pub residents: bool,
    /// Open bookings one person may have at a time.
    pub each_at_most: u32,
    /// Until how many hours before it begins it may be changed or cancelled by the
    /// guest; the desk may always.
    pub change_hours: u32,
    /// Minutes after the beginning at which who did not come is a no-show; `None`: the
    /// desk says.
    pub grace_minutes: Option<u32>,
    /// The waiting list, where there is one.
    pub waiting: Option<WaitingRule>,
    /// What is done before a unit is given again.
    pub care: Option<CareRule>,
}

/// When it can be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// 按时段 Pieces of the day.
    Slots {
        /// Length of one, minutes.
        minutes: u32,
        /// Opening times by weekday.
        open: Vec<Opening>,
        /// Working days only (a moved Saturday counts, a holiday does not).
        working_days: bool,
        /// The farthest day, counted from today.
        days_ahead: u32,
    },
    /// 按入住 From a day on.
    Stay {
        /// The longest, days; `None`: until somebody leaves.
        days_most: Option<u32>,
        /// The farthest first day, counted from today.
        days_ahead: u32,
    },
}

/// 开放时间
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Weekdays, 1 = Monday … 7 = Sunday.
    pub weekdays: BTreeSet<u8>,
    /// First minute of the day (China).
    pub from: u32,
    /// The minute after the last.
    pub to: u32,
}

/// 轮候
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingRule {
    /// Who comes before whom: classes in order, the first first. Within a class who
    /// waits longest.
    pub classes: Vec<WaitingClass>,
    /// Days somebody has to answer an offer.
    pub answer_days: u32,
}

/// A class of those who wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingClass {
    /// Its id.
    pub id: Slug,
    /// `特困老人`.
    pub name: String,
}

/// 归还后的处理 What is done before a unit is given again, `洗消`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CareRule {
    /// Its name.
    pub name: String,
    /// What is noted each time, id → words.
    pub notes: BTreeMap<Slug, String>,
}

/// What cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypeFault {
    /// Nothing fits in.
    #[error("capacity 至少是 1")]
    NoCapacity,
    /// Nobody could ever book.
    #[error("each_at_most 至少是 1")]
    NoBooking,
    /// A slot of no length, or longer than a day.
    #[error("minutes 要在 5 到 1440 之间")]
    SlotLength,
    /// No opening time.
    #[error("按时段预约要写开放时间 open")]
    NeverOpen,
    /// An opening that holds no slot.
    #[error("开放时间 {0} 放不下一个时段")]
    TooShort(String),
    /// Two openings of one weekday that overlap.
    #[error("星期{0}的开放时间有重叠")]
    Overlap(u8),
    /// A waiting list without order.
    #[error("轮候要写先后类别 class，至少一类")]
    NoClass,
    /// A class twice.
    #[error("轮候类别“{0}”写了两遍")]
    ClassTwice(Slug),
    /// An offer nobody can answer.
    #[error("answer_days 至少是 1")]
    NoAnswer,
}

impl BookingType {
    /// Everything that cannot be meant.
    pub fn faults(&self) -> Vec<TypeFault> {
        let mut faults = Vec::new();
        if self.capacity == 0 {
            faults.push(TypeFault::NoCapacity);
        }
        if self.each_at_most == 0 {
            faults.push(TypeFault::NoBooking);
        }
        if let How::Slots { minutes, open, .. } = &self.how {
            slot_faults(*minutes, open, &mut faults);
        }
        if let Some(waiting) = &self.waiting {
            waiting.faults(&mut faults);
        }
        faults
    }

    /// The name of a sort.
    pub fn sort_name(&self, sort: &Slug) -> Option<&str> {
        self.sorts.get(sort).map(String::as_str)
    }
}

impl WaitingRule {
    /// The place of a class; `None` where there is no such class.
    pub fn place(&self, class: &Slug) -> Option<usize> {
        self.classes.iter().position(|one| one.id == *class)
    }

    fn faults(&self, faults: &mut Vec<TypeFault>) {
        if self.classes.is_empty() {
            faults.push(TypeFault::NoClass);
        }
        if self.answer_days == 0 {
            faults.push(TypeFault::NoAnswer);
        }
        let mut seen = BTreeSet::new();
        for class in &self.classes {
            if !seen.insert(&class.id) {
                faults.push(TypeFault::ClassTwice(class.id.clone()));
            }
        }
    }
}

fn slot_faults(minutes: u32, open: &[Opening], faults: &mut Vec<TypeFault>) {
    if !(5..=1440).contains(&minutes) {
        faults.push(TypeFault::SlotLength);
        return;
    }
    if open.iter().all(|one| one.weekdays.is_empty()) {
        faults.push(TypeFault::NeverOpen);
    }
    for one in open {
        if one.from + minutes > one.to || one.to > 1440 {
            let clock = |at: u32| format!("{:02}:{:02}", at / 60, at % 60);
            let words = format!("{}-{}", clock(one.from), clock(one.to));
            faults.push(TypeFault::TooShort(words));
        }
    }
    for weekday in 1..=7 {
        let mut day: Vec<&Opening> = open
            .iter()
            .filter(|one| one.weekdays.contains(&weekday))
            .collect();
        day.sort_by_key(|one| one.from);
        let overlaps = day.windows(2).any(|two| match two {
            [first, second] => second.from < first.to,
            _ => false,
        });
        if overlaps {
            faults.push(TypeFault::Overlap(weekday));
        }
    }
}
