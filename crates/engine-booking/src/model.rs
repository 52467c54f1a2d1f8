//! 「家底、预约、轮候」 The nouns: a stock of alike things in one place, who has them
//! when, and who waits.

use kernel::{Actor, BookingId, Date, Instant, PersonId, RegionCode, Slug, StockId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// 家底 All of one kind at one place: the windows of an office, the beds of a home. The
/// units and the open bookings; those that ended are history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// Its number.
    pub id: StockId,
    /// The kind, of the pack.
    pub ty: Slug,
    /// `当湖街道婚姻登记处`.
    pub name: String,
    /// Where.
    pub region: RegionCode,
    /// The things themselves by their number here.
    pub units: BTreeMap<u32, Unit>,
    /// Bookings that are not over.
    pub bookings: BTreeMap<BookingId, Booking>,
    /// Who waits, by the number their wait has.
    pub waiting: BTreeMap<BookingId, Waiting>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Its number here, from 1.
    pub no: u32,
    /// `3 号窗口`, `2 楼 301-1 床`.
    pub label: String,
    /// Its sort, where the kind has sorts.
    pub sort: Option<Slug>,
    /// Not given out for now.
    pub closed: Option<Closed>,
    /// It came back and was not yet cared for.
    pub care_due: bool,
}

/// 停用
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Why.
    pub reason: String,
    /// Who and when.
    pub by: Stamp,
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Who.
    pub actor: Actor,
    /// When.
    pub at: Instant,
}

/// Whom a booking is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    /// The person of the register.
    pub person: PersonId,
    /// How they are called at the desk.
    pub name: String,
    /// Where they are reached.
    pub phone: Option<String>,
    /// What they ask beside, in words.
    pub note: Option<String>,
}

/// From when to when; `None`: until they leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The first moment.
    pub from: Instant,
    /// The moment after the last.
    pub to: Option<Instant>,
}

impl Span {
    /// Whether two have a moment in common.
    pub fn meets(&self, other: &Span) -> bool {
        let before = |end: Option<Instant>, start: Instant| end.is_none_or(|end| start < end);
        before(self.to, other.from) && before(other.to, self.from)
    }
}

/// 座 What a booking takes of a unit: the n-th place in it in one grain of time. No two
/// rows of one seat can be kept, whoever asks at the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Seat {
    /// Which unit.
    pub unit: u32,
    /// Which of its places, from 1.
    pub place: u32,
    /// The grain: the minute a slot begins (since 1970), the day of a stay (days since
    /// 1970), or [`Seat::OPEN`] for a stay without an end.
    pub grain: i64,
}

impl Seat {
    /// The grain of a stay without an end.
    pub const OPEN: i64 = -1;
}

/// Where a booking stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 已约
    Booked,
    /// 已到、在住
    Present {
        /// Since when.
        since: Instant,
    },
    /// It is over.
    Over(End),
}

/// How a booking ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// 办完、离开
    Left,
    /// 取消
    Cancelled {
        /// Why.
        reason: String,
    },
    /// 没有来
    NoShow,
}

/// 预约
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// Its number.
    pub id: BookingId,
    /// Which unit.
    pub unit: u32,
    /// Which of its places.
    pub place: u32,
    /// When.
    pub span: Span,
    /// For whom.
    pub guest: Guest,
    /// Where it stands.
    pub stage: Stage,
    /// Who made it, and when.
    pub made: Stamp,
}

/// 轮候 Somebody who waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Its number; the booking it comes to bears the same.
    pub id: BookingId,
    /// Who.
    pub guest: Guest,
    /// The class, of the pack.
    pub class: Slug,
    /// The sort wanted; `None`: any.
    pub sort: Option<Slug>,
    /// The slot wanted; `None` for a stay: whenever something is free.
    pub span: Option<Span>,
    /// Since when.
    pub since: Instant,
    /// What was offered and waits for an answer.
    pub offer: Option<Offer>,
    /// Passed over: why, each time.
    pub passed: Vec<(String, Stamp)>,
    /// They were asked and said no, or nothing: time itself asks them no more.
    #[serde(default)]
    pub said_no: bool,
}

/// 通知入住 A unit kept for somebody until they answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Which unit.
    pub unit: u32,
    /// Which slot; `None` for a stay: the unit as a whole.
    pub span: Option<Span>,
    /// Until when an answer counts (the whole day).
    pub until: Date,
}

/// How a wait ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitingEnd {
    /// 已安排
    Placed,
    /// The slot came and none was free.
    Gone,
    /// 自己不等了
    Withdrawn {
        /// Why.
        reason: String,
    },
}

/// 处理记录 `洗消`: one entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cared {
    /// What was noted, by the pack's note.
    pub notes: BTreeMap<Slug, String>,
}

/// What of a unit is kept for those who were asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// All of it.
    Whole,
    /// So many places.
    Places(usize),
}

impl Stock {
    /// An empty one.
    pub fn new(id: StockId, ty: Slug, name: String, region: RegionCode) -> Stock {
        Stock {
            id,
            ty,
            name,
            region,
            units: BTreeMap::new(),
            bookings: BTreeMap::new(),
            waiting: BTreeMap::new(),
        }
    }

    /// Those of a unit that meet a span.
    pub fn meeting(&self, unit: u32, span: Span) -> impl Iterator<Item = &Booking> {
        self.bookings
            .values()
            .filter(move |one| one.unit == unit && one.span.meets(&span))
    }

    /// How many places of a unit are kept at that time for those who have an offer;
    /// `but` not counted. A stay keeps the whole unit.
    pub fn kept(&self, unit: u32, span: Span, but: Option<BookingId>) -> Kept {
        let offers = self.waiting.values().filter(|one| Some(one.id) != but);
        let offers = offers.filter_map(|one| one.offer.as_ref());
        let mut places = 0;
        for offer in offers.filter(|offer| offer.unit == unit) {
            match offer.span {
                None => return Kept::Whole,
                Some(slot) if slot.meets(&span) => places += 1,
                Some(_) => {}
            }
        }
        Kept::Places(places)
    }

    /// Bookings of a person that are not over.
    pub fn of(&self, person: PersonId) -> impl Iterator<Item = &Booking> {
        self.bookings
            .values()
            .filter(move |one| one.guest.person == person)
    }
}
