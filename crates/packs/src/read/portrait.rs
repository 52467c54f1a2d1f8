//! 「画像」 The rules a household's portrait is made of.

use super::catalogue::word;
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::place::{At, Place};
use crate::tree::Table;
use crate::walk::Reads;
use engine_policy::{PortraitKind, PortraitRule};
use expr::{Level, Schema, Typed};
use kernel::{FieldLevel, Slug};
use std::collections::BTreeMap;

/// Reads every `[[portrait]]` of the documents, in their order.
pub(crate) fn portraits<'a>(
    desk: &Desk<'_>,
    documents: impl Iterator<Item = &'a Table>,
    schema: &Schema,
    strictest: &dyn Fn(&Typed) -> FieldLevel,
) -> Vec<PortraitRule> {
    let mut seen: BTreeMap<(String, Slug), Place> = BTreeMap::new();
    let mut rules = Vec::new();
    for row in documents.flat_map(|document| document.tables("portrait")) {
        let Some(id) = row.slug("id") else { continue };
        let key = (row.words("kind"), id.value.clone());
        if let Some(first) = seen.insert(key, id.place) {
            let message = format!("`{}` 写了两次", id.value);
            let fault = Fault::error("duplicate", id.place, message);
            desk.fault(fault.also(first, "先在这里"));
        }
        rules.extend(rule(desk, row, id, schema, strictest));
    }
    rules
}

fn rule(
    desk: &Desk<'_>,
    row: &Table,
    id: At<Slug>,
    schema: &Schema,
    strictest: &dyn Fn(&Typed) -> FieldLevel,
) -> Option<PortraitRule> {
    let kind = match row.words("kind").as_str() {
        "side" => PortraitKind::Side,
        "type" => PortraitKind::Type,
        "colour" => PortraitKind::Colour,
        _ => return None,
    };
    let visit_months = row.whole("visit_months");
    if (kind == PortraitKind::Colour) != visit_months.is_some() {
        let message = "三色要写 visit_months（几个月走访一次），别的不写";
        desk.fault(Fault::error("type", row.place, message));
    }
    let when = desk.rule(&row.text("when")?, schema, Level::Household)?;
    Some(PortraitRule {
        id: id.value,
        kind,
        name: row.words("name"),
        says: row.words("says"),
        reads: Reads::of(&when).facts,
        level: strictest(&when),
        when,
        visit_months,
        provenance: word(row, "provenance")?,
    })
}
