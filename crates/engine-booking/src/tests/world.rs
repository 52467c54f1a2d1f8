//! A small world: an office with two windows, a home with three beds.

use crate::*;
use kernel::{
    Actor, BookingId, FieldLevel, Instant, Now, PersonId, Role, Slug, StockId, WorkCalendar,
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

/// 2026-09-30 is a Wednesday; the first week of October is a holiday, Saturday the tenth
/// a working day.
pub(super) fn calendar() -> WorkCalendar {
    let table = include_str!("../../../../packs/zhejiang/holidays.csv");
    WorkCalendar::from_csv(table).unwrap()
}

/// A moment in China, `2026-09-30 09:00`.
pub(super) fn at(text: &str) -> Instant {
    let local = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
    (local - chrono::TimeDelta::hours(8)).and_utc()
}

pub(super) fn now(text: &str) -> Now {
    Now { at: at(text) }
}

fn base(id: &str, how: How) -> BookingType {
    BookingType {
        id: slug(id),
        name: id.to_owned(),
        says: String::new(),
        rows: Vec::new(),
        basis: Vec::new(),
        level: FieldLevel::L2,
        solemn: false,
        unit: "窗口".to_owned(),
        sorts: BTreeMap::new(),
        how,
        capacity: 1,
        keeps: false,
        residents: true,
        each_at_most: 1,
        change_hours: 24,
        grace_minutes: Some(30),
        waiting: None,
        care: None,
    }
}

/// Half hours on working days, nine to ten.
pub(super) fn office() -> BookingType {
    let open = vec![Opening {
        weekdays: BTreeSet::from([1, 2, 3, 4, 5]),
        from: 9 * 60,
        to: 10 * 60,
    }];
    base(
        "office",
        How::Slots {
            minutes: 30,
            open,
            working_days: true,
            days_ahead: 30,
        },
    )
}

/// Beds of two sorts with a waiting list.
pub(super) fn home() -> BookingType {
    let class = |id: &str| WaitingClass {
        id: slug(id),
        name: id.to_owned(),
    };
    BookingType {
        unit: "床位".to_owned(),
        sorts: BTreeMap::from([
            (slug("plain"), "普通".to_owned()),
            (slug("nursing"), "护理型".to_owned()),
        ]),
        residents: false,
        grace_minutes: None,
        waiting: Some(WaitingRule {
            classes: vec![class("tekun"), class("other")],
            answer_days: 3,
        }),
        ..base(
            "home",
            How::Stay {
                days_most: None,
                days_ahead: 30,
            },
        )
    }
}

/// Wheelchairs, at most ten days, cared for before they are lent again.
pub(super) fn lending() -> BookingType {
    BookingType {
        unit: "轮椅".to_owned(),
        care: Some(CareRule {
            name: "洗消".to_owned(),
            notes: BTreeMap::from([(slug("how"), "消毒方法".to_owned())]),
        }),
        grace_minutes: None,
        ..base(
            "lending",
            How::Stay {
                days_most: Some(10),
                days_ahead: 30,
            },
        )
    }
}

pub(super) fn guest(person: i64) -> Guest {
    Guest {
        person: PersonId(person),
        name: format!("居民{person}"),
        phone: None,
        note: None,
    }
}

fn actor(role: Role) -> Actor {
    Actor {
        account: "test".into(),
        person: Some(PersonId(900)),
        role,
    }
}

/// A stock and the law over it.
pub(super) struct World {
    pub(super) ty: BookingType,
    pub(super) stock: Stock,
    pub(super) calendar: WorkCalendar,
    pub(super) now: Now,
    pub(super) elsewhere: Elsewhere,
}

impl World {
    pub(super) fn new(ty: BookingType, units: &[Option<&str>]) -> World {
        let place = "330482000000".parse().unwrap();
        let stock = Stock::new(StockId(1), ty.id.clone(), "某处".to_owned(), place);
        let mut world = World {
            ty,
            stock,
            calendar: calendar(),
            now: now("2026-09-28 08:00"),
            elsewhere: Elsewhere::default(),
        };
        for (at, sort) in units.iter().enumerate() {
            let label = format!("{} 号", at + 1);
            let sort = sort.map(slug);
            world.desk(Act::Add { label, sort }).unwrap();
        }
        world
    }

    pub(super) fn config(&self) -> Config<'_> {
        Config {
            ty: &self.ty,
            calendar: &self.calendar,
            elsewhere: self.elsewhere,
        }
    }

    pub(super) fn desk(&mut self, act: Act) -> Result<Vec<Event>, Refusal> {
        self.act(act, true)
    }

    pub(super) fn resident(&mut self, act: Act) -> Result<Vec<Event>, Refusal> {
        self.act(act, false)
    }

    fn act(&mut self, act: Act, desk: bool) -> Result<Vec<Event>, Refusal> {
        let role = if desk {
            Role::TownOfficer
        } else {
            Role::Citizen
        };
        let command = Command {
            actor: actor(role),
            desk,
            act,
        };
        let events = decide(&self.stock, &command, self.config(), self.now)?;
        for event in &events {
            self.stock.apply(event);
        }
        Ok(events)
    }

    pub(super) fn book(
        &mut self,
        id: i64,
        from: &str,
        to: Option<&str>,
    ) -> Result<Vec<Event>, Refusal> {
        self.resident(Act::Book {
            id: BookingId(id),
            unit: None,
            sort: None,
            span: span(from, to),
            guest: guest(id),
        })
    }
}

pub(super) fn span(from: &str, to: Option<&str>) -> Span {
    Span {
        from: at(from),
        to: to.map(at),
    }
}
