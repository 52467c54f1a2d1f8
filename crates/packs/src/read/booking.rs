//! 「可约事项」 From a `[booking]` file to a kind of booking, checked by the engine itself.

use super::catalogue::{labels, word};
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::load::Rooted;
use crate::tree::{Node, Table, Value};
use engine_booking::{BookingType, CareRule, How, Opening, WaitingClass, WaitingRule};
use kernel::FieldLevel;
use std::collections::BTreeSet;

/// Every `[booking]` file.
pub(crate) fn bookings(desk: &Desk<'_>, documents: &[Rooted]) -> Vec<BookingType> {
    let documents = documents.iter().filter(|one| one.root == "booking");
    documents
        .filter_map(|one| booking(desk, &one.table))
        .collect()
}

fn booking(desk: &Desk<'_>, table: &Table) -> Option<BookingType> {
    let head = table.table("booking")?;
    let id = head.slug("id")?;
    let ty = BookingType {
        name: head.words("name"),
        says: head.words("says"),
        rows: head.sentences("rows"),
        basis: head.sentences("basis"),
        level: word(head, "level").unwrap_or(FieldLevel::L3),
        solemn: head.flag("solemn").unwrap_or(false),
        unit: head.words("unit"),
        sorts: table.table("sort").map(labels).unwrap_or_default(),
        how: how(desk, table, id.place)?,
        capacity: head.whole("capacity").unwrap_or(1),
        keeps: head.flag("keeps").unwrap_or(false),
        residents: head.flag("residents").unwrap_or(false),
        each_at_most: head.whole("each_at_most").unwrap_or(1),
        change_hours: head.whole("change_hours").unwrap_or(0),
        grace_minutes: head.whole("grace_minutes"),
        waiting: table.table("waiting").map(waiting),
        care: table.table("care").map(|row| CareRule {
            name: row.words("name"),
            notes: row.table("note").map(labels).unwrap_or_default(),
        }),
        id: id.value,
    };
    for wrong in ty.faults() {
        desk.fault(Fault::error("booking", id.place, wrong.to_string()));
    }
    Some(ty)
}

/// By the clock or by the stay: one of the two, never both.
fn how(desk: &Desk<'_>, table: &Table, at: crate::place::Place) -> Option<How> {
    match (table.table("slots"), table.table("stay")) {
        (Some(row), None) => Some(How::Slots {
            minutes: row.whole("minutes")?,
            open: row
                .tables("open")
                .into_iter()
                .filter_map(|row| opening(desk, row))
                .collect(),
            working_days: row.flag("working_days").unwrap_or(false),
            days_ahead: row.whole("days_ahead")?,
        }),
        (None, Some(row)) => Some(How::Stay {
            days_most: row.whole("days_most"),
            days_ahead: row.whole("days_ahead")?,
        }),
        _ => {
            let says = "要写 [slots]（按时段）或 [stay]（按入住），只写一个";
            desk.fault(Fault::error("booking", at, says));
            None
        }
    }
}

fn opening(desk: &Desk<'_>, row: &Table) -> Option<Opening> {
    let hours = row.text("hours")?;
    let Some((from, to)) = clocks(&hours.value) else {
        desk.fault(Fault::error("booking", hours.place, "请写成 08:30-11:30"));
        return None;
    };
    let days = row.get("weekdays").map_or(&[][..], Node::items);
    let day = |node: &Node| match &node.value {
        Value::Number(text) => text.parse::<u8>().ok(),
        _ => None,
    };
    let weekdays: BTreeSet<u8> = days.iter().filter_map(day).collect();
    Some(Opening { weekdays, from, to })
}

/// `08:30-11:30` as minutes of the day.
fn clocks(text: &str) -> Option<(u32, u32)> {
    let clock = |text: &str| {
        let (hour, minute) = text.trim().split_once(':')?;
        let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
        (hour <= 24 && minute < 60).then_some(hour * 60 + minute)
    };
    let (from, to) = text.split_once('-')?;
    Some((clock(from)?, clock(to)?))
}

fn waiting(row: &Table) -> WaitingRule {
    let class = |row: &Table| {
        Some(WaitingClass {
            id: row.slug("id")?.value,
            name: row.words("name"),
        })
    };
    WaitingRule {
        classes: row.tables("class").into_iter().filter_map(class).collect(),
        answer_days: row.whole("answer_days").unwrap_or(0),
    }
}
