//! 「账本」 From a `[ledger]` file to a book, checked by the engine itself.

use super::catalogue::{labels, word};
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::form;
use crate::load::Rooted;
use crate::tree::Table;
use engine_ledger::{
    BookType, Capacity, Does, Kind, Limit, Medium, Per, Restricted, Timer, YearLimit,
};
use engine_order::{Confirms, OrderType};
use kernel::{FieldLevel, Money};

/// Every `[ledger]` file.
pub(crate) fn books(desk: &Desk<'_>, documents: &[Rooted]) -> Vec<BookType> {
    let documents = documents.iter().filter(|one| one.root == "ledger");
    documents.filter_map(|one| book(desk, &one.table)).collect()
}

/// Whether the orders a kind names can prove time: somebody else says it was done, and
/// something of it is not paid for.
pub(crate) fn orders_prove(desk: &Desk<'_>, documents: &[Rooted], all: &[OrderType]) {
    let books = documents.iter().filter(|one| one.root == "ledger");
    let kinds = books.flat_map(|one| one.table.tables("kind"));
    for named in kinds.flat_map(|kind| kind.slugs("orders")) {
        let Some(order) = all.iter().find(|one| one.id == named.value) else {
            continue;
        };
        let why = if order.confirms == Confirms::Nobody {
            "做完不用别人确认，不能凭它记时间：自己说的不算"
        } else if order.items.iter().all(|item| item.price > Money::ZERO) {
            "每一项都收钱，不能再凭它记时间"
        } else {
            continue;
        };
        let message = format!("工单“{}”{why}", order.name);
        desk.fault(Fault::error("ledger", named.place, message));
    }
}

fn book(desk: &Desk<'_>, table: &Table) -> Option<BookType> {
    let head = table.table("ledger")?;
    let id = head.slug("id")?;
    let medium = match (table.table("personal"), table.table("fund")) {
        (Some(row), None) => personal(row, table),
        (None, Some(row)) => Medium::Fund(fund(row)),
        _ => {
            let says = "要写 [personal]（个人账户）或 [fund]（专款），只写一个";
            desk.fault(Fault::error("ledger", id.place, says));
            return None;
        }
    };
    let ty = BookType {
        name: head.words("name"),
        says: head.words("says"),
        rows: head.sentences("rows"),
        basis: head.sentences("basis"),
        assumed: head.maybe_words("provenance").as_deref() == Some("assumed"),
        level: word(head, "level").unwrap_or(FieldLevel::L3),
        unit: head.slug("unit")?.value,
        unit_name: head.words("unit_name"),
        medium,
        id: id.value,
    };
    for wrong in ty.faults() {
        desk.fault(Fault::error("ledger", id.place, wrong.to_string()));
    }
    Some(ty)
}

fn personal(row: &Table, table: &Table) -> Medium {
    let capacity = match (row.whole("recent_days"), row.whole("ahead_days")) {
        (Some(recent_days), Some(days)) => Some(Capacity { recent_days, days }),
        _ => None,
    };
    Medium::Personal {
        lot_months: row.whole("lot_months"),
        warn_days: row.whole("warn_days").unwrap_or(0),
        capacity,
        kinds: table.tables("kind").into_iter().filter_map(kind).collect(),
    }
}

fn kind(row: &Table) -> Option<Kind> {
    let limit = |key: &str, per: Per| {
        let most = row.whole(key).map(i64::from)?;
        Some(Limit { per, most })
    };
    let limits = [
        limit("day_most", Per::Day),
        limit("month_most", Per::Month),
        limit("year_most", Per::Year),
    ];
    let confirm_days = row.whole("confirm_days");
    let orders = row.slugs("orders").into_iter();
    Some(Kind {
        id: row.slug("id")?.value,
        name: row.words("name"),
        does: word::<Does>(row, "does")?,
        each: row.whole("each").map(i64::from),
        percent: row.whole("percent").unwrap_or(100),
        confirm: confirm_days.is_some(),
        confirm_days: confirm_days.unwrap_or(0),
        not_kin: row.flag("not_kin").unwrap_or(false),
        age_from: row.whole("age_from"),
        kin_from: row.whole("kin_from"),
        limits: limits.into_iter().flatten().collect(),
        orders: orders.map(|one| one.value).collect(),
    })
}

fn fund(row: &Table) -> Restricted {
    let whole = |key: &str| row.whole(key).unwrap_or(0);
    Restricted {
        purposes: row.table("purpose").map(labels).unwrap_or_default(),
        gifts: row.table("gift").map(labels).unwrap_or_default(),
        timer: Timer {
            emergency_days: whole("emergency_days"),
            usual_months: whole("usual_months"),
            long_months: whole("long_months"),
            end_months: whole("end_months"),
        },
        admin: row
            .slugs("admin")
            .into_iter()
            .map(|one| one.value)
            .collect(),
        orgs: row.table("org").map(labels).unwrap_or_default(),
        limits: row.tables("limit").into_iter().filter_map(limit).collect(),
    }
}

fn limit(row: &Table) -> Option<YearLimit> {
    let percent = |key: &str| form::percent(&row.maybe_words(key)?);
    let bases = row.sentences("of").into_iter();
    let base = |text: String| serde_json::from_value(serde_json::Value::String(text)).ok();
    Some(YearLimit {
        id: row.slug("id")?.value,
        name: row.words("name"),
        orgs: row.slugs("org").into_iter().map(|one| one.value).collect(),
        counts: word(row, "counts")?,
        of: bases.filter_map(base).collect(),
        least: percent("least"),
        most: percent("most"),
        basis: row.words("basis"),
        provenance: word(row, "provenance")?,
        note: row.maybe_words("note"),
    })
}
