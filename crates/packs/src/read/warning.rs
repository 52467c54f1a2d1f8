//! 「动态预警」 Signs and the warnings made of them. A warning on a single thing is
//! refused here: at least two signs, none of which rests on nothing but what another
//! rests on. What must make nobody suspect is refused by the linter, as in reviews.

use super::catalogue::word;
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::place::{At, Place};
use crate::suggest::meant;
use crate::tree::Table;
use crate::walk::Reads;
use engine_policy::{SignRule, WarningRule};
use expr::{Level, Schema, Typed};
use kernel::{FieldLevel, Slug};
use std::collections::BTreeMap;

/// Reads every `[[sign]]` and `[[warning]]` of the documents.
pub(crate) fn warnings<'a>(
    desk: &Desk<'_>,
    documents: impl Iterator<Item = &'a Table> + Clone,
    schema: &Schema,
    strictest: &dyn Fn(&Typed) -> FieldLevel,
) -> (Vec<SignRule>, Vec<WarningRule>) {
    let mut seen: BTreeMap<(&str, Slug), Place> = BTreeMap::new();
    let mut once = |kind: &'static str, id: &At<Slug>| {
        if let Some(first) = seen.insert((kind, id.value.clone()), id.place) {
            let message = format!("`{}` 写了两次", id.value);
            let fault = Fault::error("duplicate", id.place, message);
            desk.fault(fault.also(first, "先在这里"));
        }
    };
    let mut signs = Vec::new();
    for row in documents.clone().flat_map(|one| one.tables("sign")) {
        let Some(id) = row.slug("id") else { continue };
        once("sign", &id);
        signs.extend(sign(desk, row, id, schema, strictest));
    }
    let mut rules = Vec::new();
    for row in documents.flat_map(|one| one.tables("warning")) {
        let Some(id) = row.slug("id") else { continue };
        once("warning", &id);
        rules.extend(warning(desk, row, id, &signs));
    }
    (signs, rules)
}

fn sign(
    desk: &Desk<'_>,
    row: &Table,
    id: At<Slug>,
    schema: &Schema,
    strictest: &dyn Fn(&Typed) -> FieldLevel,
) -> Option<SignRule> {
    let when = desk.suspicion((&row.text("when")?, row), schema, Level::Household)?;
    let reads = Reads::of(&when);
    Some(SignRule {
        id: id.value,
        name: row.words("name"),
        says: row.words("says"),
        reads: reads.facts.iter().chain(&reads.records).cloned().collect(),
        level: strictest(&when),
        when,
        provenance: word(row, "provenance")?,
    })
}

fn warning(desk: &Desk<'_>, row: &Table, id: At<Slug>, signs: &[SignRule]) -> Option<WarningRule> {
    let mut own: Vec<&SignRule> = Vec::new();
    for name in row.texts("signs") {
        match signs.iter().find(|sign| sign.id.as_str() == name.value) {
            Some(sign) if own.iter().any(|one| one.id == sign.id) => {
                let message = format!("征兆“{}”写了两次", name.value);
                desk.fault(Fault::error("duplicate", name.place, message));
            }
            Some(sign) => own.push(sign),
            None => {
                let message = format!("没有征兆“{}”", name.value);
                let help = meant(&name.value, signs.iter().map(|one| one.id.as_str()));
                desk.fault(Fault::error("unknown_name", name.place, message).maybe_help(help));
            }
        }
    }
    let at_least = row.whole("at_least").unwrap_or(0);
    let place = row.place_of("signs");
    let help = "预警看几件事一起变。一件事变了，谁家都会有，不能就上门去问";
    if own.len() < 2 || at_least < 2 {
        let message = "只看一件事，不成预警：至少两个征兆，at_least 至少 2";
        desk.fault(Fault::error("single_sign", place, message).help(help));
        return None;
    }
    for (at, one) in own.iter().enumerate() {
        for other in own.iter().skip(at + 1) {
            if one.reads.is_subset(&other.reads) || other.reads.is_subset(&one.reads) {
                let message = format!("“{}”和“{}”看的是同一件事", one.name, other.name);
                desk.fault(Fault::error("single_sign", place, message).help(help));
            }
        }
    }
    if usize::try_from(at_least).is_ok_and(|count| count > own.len()) {
        let message = format!("只有 {} 个征兆，凑不齐 {at_least} 个", own.len());
        desk.fault(Fault::error(
            "wrong_value",
            row.place_of("at_least"),
            message,
        ));
    }
    Some(WarningRule {
        id: id.value,
        name: row.words("name"),
        says: row.words("says"),
        level: word(row, "level")?,
        signs: own.iter().map(|one| one.id.clone()).collect(),
        at_least,
        within_months: row.whole("within_months").unwrap_or(3),
        owner: word(row, "owner")?,
        days: row.whole("days")?,
        provenance: word(row, "provenance")?,
    })
}
