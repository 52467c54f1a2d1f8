//! 「矛盾」 What two departments cannot both truly say of one person.

use super::catalogue::{category_named, field_named};
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::place::{At, Place};
use crate::tree::Table;
use engine_pool::contradiction::{FieldOf, Rule};
use engine_pool::{Catalogue, ContradictionRule, FieldType};
use kernel::Slug;
use std::collections::BTreeMap;

/// Reads every `[[contradiction]]` of the documents.
pub(crate) fn contradictions<'a>(
    desk: &Desk<'_>,
    documents: impl Iterator<Item = &'a Table>,
    catalogue: &Catalogue,
) -> Vec<ContradictionRule> {
    let mut seen: BTreeMap<Slug, Place> = BTreeMap::new();
    let mut rules = Vec::new();
    for row in documents.flat_map(|document| document.tables("contradiction")) {
        let Some(id) = row.slug("id") else { continue };
        if let Some(first) = seen.insert(id.value.clone(), id.place) {
            let message = format!("`{}` 写了两次", id.value);
            let fault = Fault::error("duplicate", id.place, message);
            desk.fault(fault.also(first, "先在这里"));
        }
        if let Some(rule) = rule(desk, row, catalogue) {
            rules.push(ContradictionRule {
                id: id.value,
                says: row.words("says"),
                rule,
            });
        }
    }
    rules
}

fn rule(desk: &Desk<'_>, row: &Table, catalogue: &Catalogue) -> Option<Rule> {
    let kinds = ["same", "not_both", "not_after"];
    let mut written = kinds.into_iter().filter(|kind| row.get(kind).is_some());
    let (Some(kind), None) = (written.next(), written.next()) else {
        let message = "same、not_both、not_after 写其中一个";
        desk.fault(Fault::error("type", row.place, message));
        return None;
    };
    let category = |name: &At<String>| {
        let id = At::new(name.value.parse().ok()?, name.place);
        Some(category_named(desk, catalogue, &id)?.1.id.clone())
    };
    let field = |name: &At<String>| field_of(desk, catalogue, name);
    if kind == "not_after" {
        let table = row.table(kind)?;
        let (event, ty) = field(&table.text("event")?)?;
        if !matches!(ty, FieldType::Date) {
            let message = "event 要是日期字段";
            desk.fault(Fault::error("wrong_type", table.place_of("event"), message));
        }
        let other = category(&table.text("other")?)?;
        return Some(Rule::NotAfter { event, other });
    }
    let [left, right] = &row.texts(kind)[..] else {
        let message = format!("`{kind}` 要写两个");
        desk.fault(Fault::error("wrong_value", row.place_of(kind), message));
        return None;
    };
    if kind == "not_both" {
        let (left, right) = (category(left), category(right));
        return Some(Rule::NotBoth {
            left: left?,
            right: right?,
        });
    }
    let ((left, one), (right, other)) = (field(left)?, field(right)?);
    if std::mem::discriminant(one) != std::mem::discriminant(other) {
        let message = "两个字段的类型不一样，不能比";
        desk.fault(Fault::error("wrong_type", row.place_of(kind), message));
    }
    Some(Rule::Same { left, right })
}

/// `category.field`.
fn field_of<'c>(
    desk: &Desk<'_>,
    catalogue: &'c Catalogue,
    name: &At<String>,
) -> Option<(FieldOf, &'c FieldType)> {
    let parts = name.value.split_once('.');
    let parts = parts.and_then(|(one, other)| Some((one.parse().ok()?, other.parse().ok()?)));
    let Some((category, field)) = parts else {
        let message = format!("“{}”要写成 数据类.字段", name.value);
        desk.fault(Fault::error("wrong_value", name.place, message));
        return None;
    };
    let (_, category) = category_named(desk, catalogue, &At::new(category, name.place))?;
    let field = field_named(desk, category, &At::new(field, name.place))?;
    let of = FieldOf {
        category: category.id.clone(),
        field: field.id.clone(),
    };
    Some((of, &field.ty))
}
