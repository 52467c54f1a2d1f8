//! 「记录」 Kinds of records a person may have any number of, and where they come from.

use super::catalogue::{category_named, field_named, only, word};
use super::scope::{Scope, kind_of};
use super::sources::fits;
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::model::{RecordOrigin, RecordSource};
use crate::place::At;
use crate::tree::Table;
use engine_pool::Catalogue;
use expr::{FieldDecl, RecordKind, Type};
use kernel::{FieldLevel, Slug};
use std::collections::BTreeMap;

/// Reads `[records.X]` and declares the kinds.
pub(crate) fn records(
    desk: &Desk<'_>,
    document: &Table,
    catalogue: &Catalogue,
    scope: &mut Scope,
) -> Vec<RecordOrigin> {
    let mut all = Vec::new();
    for (id, table) in document.named("records") {
        let Some(date) = table.slug("date") else {
            continue;
        };
        let mut fields = Vec::new();
        for (name, row) in table.named("fields") {
            let what = format!("记录字段 {} ", name.value);
            let Some(kind) = kind_of(desk, &what, row, &scope.schema, 0) else {
                continue;
            };
            let label = row.maybe_words("label");
            fields.push(FieldDecl {
                label: label.unwrap_or_else(|| name.value.to_string()),
                id: name.value,
                ty: kind.ty,
            });
        }
        let date_field = fields.iter().position(|field| field.id == date.value);
        let date_field = date_field.unwrap_or_else(|| {
            fields.push(FieldDecl {
                id: date.value.clone(),
                label: "日期".to_owned(),
                ty: Type::Date,
            });
            fields.len() - 1
        });
        let kind = RecordKind {
            id: id.value.clone(),
            label: table.words("label"),
            fields,
            date_field,
        };
        let declared = scope.schema.add_records(kind);
        let Some(kind) = scope.note(desk, "records ", id.value.as_str(), id.place, declared) else {
            continue;
        };
        let (source, found) = record_source(desk, table, &kind, catalogue);
        let level = word(table, "level").or(found);
        let lost = source.is_none() && table.get("from").is_some();
        if level.is_none() && !lost {
            let message = format!("记录 {} 少了 `level`（字段级别 L0–L4）", id.value);
            desk.fault(Fault::error("no_level", id.place, message));
        }
        all.push(RecordOrigin {
            kind,
            level: level.unwrap_or(FieldLevel::L4),
            source,
        });
    }
    all
}

/// Where records come from, and the strictest level of the fields taken.
fn record_source(
    desk: &Desk<'_>,
    table: &Table,
    kind: &RecordKind,
    catalogue: &Catalogue,
) -> (Option<RecordSource>, Option<FieldLevel>) {
    let read = || {
        let from = table.table("from")?;
        let name = from.slug("category")?;
        let (owner, category) = category_named(desk, catalogue, &name)?;
        let mut given: BTreeMap<Slug, At<Slug>> = BTreeMap::new();
        for (key, node) in from.table("fields").map_or(&[][..], |table| &table.entries) {
            let field = key.value.parse::<Slug>().ok();
            let other = node
                .as_text()
                .and_then(|text| Some(At::new(text.value.parse().ok()?, text.place)));
            if let (Some(field), Some(other)) = (field, other) {
                if !kind.fields.iter().any(|known| known.id == field) {
                    let message = format!("记录“{}”没有字段“{field}”", kind.label);
                    desk.fault(Fault::error("unknown_name", key.place, message));
                }
                given.insert(field, other);
            }
        }
        if let Some(date) = from.slug("date") {
            given.insert(kind.fields[kind.date_field].id.clone(), date);
        }
        let mut fields = Vec::new();
        let mut level = None;
        for field in &kind.fields {
            let Some(other) = given.get(&field.id) else {
                let message = format!("记录的来源没有说字段“{}”从哪里来", field.id);
                desk.fault(Fault::error("missing_key", from.place, message));
                continue;
            };
            if other.value.as_str() != "as_of" {
                let found = field_named(desk, category, other)?;
                level = level.max(Some(found.level));
                fits(desk, &found.ty, &field.ty, other.place);
            }
            fields.push(other.value.clone());
        }
        let source = RecordSource {
            department: owner.id.clone(),
            category: category.id.clone(),
            fields,
            only: only(desk, category, from),
        };
        Some((source, level))
    };
    match read() {
        Some((source, level)) => (Some(source), level),
        None => (None, None),
    }
}
