//! 「共享协议」 What was agreed with whom, every category and field in the catalogue.

use super::catalogue::{category_named, field_named, word};
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::load::Rooted;
use crate::place::{At, Place};
use crate::suggest::meant;
use crate::tree::Table;
use engine_pool::ask::{AskKind, PER_DAY};
use engine_pool::{
    Agreement, Agreements, Catalogue, EventField, EventKind, PurposeKind, Term, Way,
};
use kernel::{Provenance, Slug};
use std::collections::{BTreeMap, BTreeSet};

/// Reads every `[agreement.X]` of the documents.
pub(crate) fn agreements(
    desk: &Desk<'_>,
    documents: &[Rooted],
    catalogue: &Catalogue,
) -> Agreements {
    let mut seen: BTreeMap<Slug, Place> = BTreeMap::new();
    let mut read = Vec::new();
    for document in documents.iter().filter(|one| one.root == "agreements") {
        for (id, table) in document.table.named("agreement") {
            if let Some(first) = seen.insert(id.value.clone(), id.place) {
                let message = format!("协议 `{}` 写了两次", id.value);
                let fault = Fault::error("duplicate", id.place, message);
                desk.fault(fault.also(first, "先在这里"));
                continue;
            }
            read.extend(agreement(desk, &id, table, catalogue));
        }
    }
    Agreements::new(read)
}

fn agreement(
    desk: &Desk<'_>,
    id: &At<Slug>,
    table: &Table,
    catalogue: &Catalogue,
) -> Option<Agreement> {
    let way: Way = word(table, "way")?;
    let party = table.slug("party")?;
    let known = catalogue.department(&party.value);
    let party_name = known
        .map(|one| one.name.clone())
        .or_else(|| table.maybe_words("party_name"));
    let Some(party_name) = party_name else {
        let message = format!("“{}”不在部门目录里，请写明 party_name", party.value);
        desk.fault(Fault::error("unknown_name", party.place, message));
        return None;
    };
    let (from, until) = (table.day("from")?, table.day("until")?);
    if until < from {
        let message = "until 早于 from";
        desk.fault(Fault::error(
            "wrong_value",
            table.place_of("until"),
            message,
        ));
    }
    let purposes: BTreeSet<PurposeKind> = words(table, "purposes");
    let mut terms: Vec<Term> = Vec::new();
    for row in table.tables("data") {
        let Some(term) = term(desk, row, catalogue, (way, &party.value), &purposes) else {
            continue;
        };
        if terms.iter().any(|other| other.category == term.category) {
            let message = format!("数据类 `{}` 写了两次", term.category);
            desk.fault(Fault::error("duplicate", row.place, message));
            continue;
        }
        terms.push(term);
    }
    let events: BTreeSet<EventKind> = words(table, "events");
    let event_fields: BTreeSet<EventField> = words(table, "event_fields");
    let orders = table.slugs("orders").into_iter().map(|one| one.value);
    let orders: BTreeSet<Slug> = orders.collect();
    if events.contains(&EventKind::OrderMoved) == orders.is_empty() {
        let message = "写了 order_moved 就要写 orders（哪些种工单），没写就不要写";
        let place = table.place_of("orders");
        desk.fault(Fault::error("wrong_value", place, message));
    }
    let asks: BTreeSet<AskKind> = words(table, "asks");
    let benefits = table.slugs("benefits").into_iter().map(|one| one.value);
    let benefits: BTreeSet<Slug> = benefits.collect();
    if (way == Way::In && !asks.is_empty())
        || (asks.contains(&AskKind::Receives) == benefits.is_empty())
    {
        let message = "asks 只在我们给对方的协议里写；写了 receives 就要写 benefits，没写就不要写";
        desk.fault(Fault::error("wrong_value", table.place_of("asks"), message));
    }
    let asks_per_day = table.whole("asks_per_day");
    if way == Way::In && !events.is_empty() {
        let message = "事件只在我们给对方（way = \"out\"）的协议里写";
        desk.fault(Fault::error(
            "wrong_value",
            table.place_of("events"),
            message,
        ));
    }
    if terms.is_empty() && events.is_empty() && asks.is_empty() {
        let message = "协议里没有一类数据（data），也没有一种事件（events）、一种提问（asks）";
        desk.fault(Fault::error("missing_key", table.place, message));
    }
    Some(Agreement {
        id: id.value.clone(),
        name: table.words("name"),
        party: party.value,
        party_name,
        way,
        purposes,
        basis: table.words("basis"),
        provenance: word(table, "provenance").unwrap_or(Provenance::Assumed),
        from,
        until,
        terms,
        events,
        event_fields,
        orders,
        asks,
        benefits,
        asks_per_day: asks_per_day.unwrap_or(PER_DAY),
    })
}

/// Whether every benefit an agreement names is a service that gives money.
pub(crate) fn benefits_known(desk: &Desk<'_>, documents: &[Rooted], services: &[Slug]) {
    known(desk, documents, ("benefits", "、发钱的事项"), services);
}

/// Whether every kind of order an agreement names is one.
pub(crate) fn orders_known(desk: &Desk<'_>, documents: &[Rooted], kinds: &[Slug]) {
    known(desk, documents, ("orders", "的工单种类"), kinds);
}

fn known(desk: &Desk<'_>, documents: &[Rooted], (key, what): (&str, &str), all: &[Slug]) {
    let agreements = documents.iter().filter(|one| one.root == "agreements");
    let tables = agreements.flat_map(|one| one.table.named("agreement"));
    for named in tables.flat_map(|(_, table)| table.slugs(key)) {
        if !all.contains(&named.value) {
            let message = format!("没有叫“{}”{what}", named.value);
            let help = meant(named.value.as_str(), all.iter().map(Slug::as_str));
            let fault = Fault::error("unknown_name", named.place, message);
            desk.fault(fault.maybe_help(help));
        }
    }
}

fn term(
    desk: &Desk<'_>,
    row: &Table,
    catalogue: &Catalogue,
    (way, party): (Way, &Slug),
    purposes: &BTreeSet<PurposeKind>,
) -> Option<Term> {
    let name = row.slug("category")?;
    let (owner, category) = category_named(desk, catalogue, &name)?;
    if way == Way::In && owner.id != *party {
        let message = format!("“{}”不归“{party}”提供，归“{}”", category.name, owner.id);
        desk.fault(Fault::error("wrong_value", name.place, message));
        return None;
    }
    if let Some(beyond) = purposes.iter().find(|one| !category.allows(**one)) {
        let word = serde_json::to_string(beyond).unwrap_or_default();
        let message = format!("“{}”自己不允许用途 {word}", category.name);
        desk.fault(Fault::error("wrong_value", name.place, message));
    }
    let fields = row.slugs("fields");
    if row.get("fields").is_none() {
        return Some(Term::whole(category));
    }
    let named = fields.iter();
    let named = named.filter_map(|field| Some(field_named(desk, category, field)?.id.clone()));
    let fields: BTreeSet<Slug> = named.collect();
    if way == Way::In {
        let mut due = category.fields.iter().filter(|one| one.required);
        if let Some(missing) = due.find(|one| !fields.contains(&one.id)) {
            let message = format!(
                "“{}”必填，协议里却没有它，这类数据一行也收不了",
                missing.name
            );
            desk.fault(Fault::error("wrong_value", row.place_of("fields"), message));
        }
    }
    Some(Term {
        category: category.id.clone(),
        fields,
    })
}

fn words<T: serde::de::DeserializeOwned + Ord>(table: &Table, key: &str) -> BTreeSet<T> {
    let texts = table.texts(key).into_iter();
    let read = |text: At<String>| serde_json::from_value(serde_json::Value::String(text.value));
    texts.filter_map(|text| read(text).ok()).collect()
}
