//! 「数据目录」 Departments, their categories and fields; what cannot be true
//! together.

use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::load::Rooted;
use crate::place::{At, Place};
use crate::suggest::meant;
use crate::tree::{Node, Table, Value as Written};
use engine_pool::{
    Catalogue, Category, Department, Field, FieldType, FileKind, Frequency, KeyedBy, PurposeKind,
    Sensitivity, Value,
};
use expr::Schema;
use kernel::{FieldLevel, Money, Provenance, Slug};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// A word of a pack as the enum of an engine that serialises to it.
pub(crate) fn word<T: DeserializeOwned>(table: &Table, key: &str) -> Option<T> {
    let text = table.maybe_words(key)?;
    serde_json::from_value(serde_json::Value::String(text)).ok()
}

/// `id = "name"`, each a word of its own.
pub(crate) fn labels(table: &Table) -> BTreeMap<Slug, String> {
    let entries = table.entries.iter();
    entries
        .filter_map(|(id, node)| Some((id.value.parse().ok()?, node.as_text()?.value)))
        .collect()
}

/// Categories already taken: id and number, each with its place.
#[derive(Default)]
struct Taken {
    ids: BTreeMap<Slug, Place>,
    numbers: BTreeMap<u32, Place>,
}

/// The catalogue of all departments. Code fields may point at code sets of the
/// vocabulary (`schema`).
pub(crate) fn catalogue(desk: &Desk<'_>, documents: &[Rooted], schema: &Schema) -> Catalogue {
    let mut taken = Taken::default();
    let mut departments = Vec::new();
    for document in documents.iter().filter(|one| one.root == "department") {
        let Some(head) = document.table.table("department") else {
            continue;
        };
        let Some(id) = head.slug("id") else { continue };
        let categories = document.table.named("category").into_iter();
        let categories = categories.filter_map(|(id, table)| {
            let category = category(desk, &id, table, schema, &mut taken);
            if category.is_none() {
                desk.breaks(id.value.as_str());
            }
            Some((id.value, category?))
        });
        departments.push(Department {
            id: id.value,
            name: head.words("name"),
            categories: categories.collect(),
        });
    }
    match Catalogue::new(departments) {
        Ok(catalogue) => catalogue,
        Err(errors) => {
            // Everything that can be underlined was reported above; this is the
            // engine's own word, should it know more.
            let place = documents
                .first()
                .map_or(Place::top(0), |one| Place::top(one.file));
            for error in errors {
                desk.fault(Fault::error("catalogue", place, error.to_string()));
            }
            Catalogue::default()
        }
    }
}

fn category(
    desk: &Desk<'_>,
    id: &At<Slug>,
    table: &Table,
    schema: &Schema,
    taken: &mut Taken,
) -> Option<Category> {
    if let Some(first) = taken.ids.insert(id.value.clone(), id.place) {
        let message = format!("数据类 `{}` 已经有了", id.value);
        desk.fault(Fault::error("duplicate", id.place, message).also(first, "先在这里"));
        return None;
    }
    let no = table.whole("no").unwrap_or(0);
    if let Some(first) = taken.numbers.insert(no, table.place_of("no")) {
        let message = format!("编号 {no} 已经用过了");
        let fault = Fault::error("duplicate", table.place_of("no"), message);
        desk.fault(fault.also(first, "先在这里"));
        return None;
    }
    let keyed_by = word(table, "keyed_by").unwrap_or(KeyedBy::Person);
    let mut fields: Vec<Field> = Vec::new();
    for row in table.tables("field") {
        let Some(field) = field(desk, row, schema) else {
            desk.breaks(format!("{}.{}", id.value, row.words("id")));
            continue;
        };
        let own = [keyed_by.column().0, "record_no", "as_of"];
        if own.contains(&field.id.as_str()) || fields.iter().any(|other| other.id == field.id) {
            let message = format!(
                "字段 `{}` 重名（每个文件已有 {}）",
                field.id,
                own.join("、")
            );
            desk.fault(Fault::error("duplicate", row.place_of("id"), message));
            continue;
        }
        fields.push(field);
    }
    let purposes = table.texts("purposes").into_iter();
    let purpose = |text: At<String>| match text.value.as_str() {
        "discovery" => Some(PurposeKind::Discovery),
        "verification" => Some(PurposeKind::Verification),
        "audit" => Some(PurposeKind::Audit),
        _ => None,
    };
    let purposes: std::collections::BTreeSet<PurposeKind> = purposes.filter_map(purpose).collect();
    if purposes.is_empty() {
        let message = "没有写用途，谁也不能用它";
        desk.fault(Fault::error(
            "no_purpose",
            table.place_of("purposes"),
            message,
        ));
        return None;
    }
    Some(Category {
        id: id.value.clone(),
        no,
        name: table.words("name"),
        frequency: word(table, "frequency").unwrap_or(Frequency::OnRequest),
        sensitivity: word(table, "sensitivity").unwrap_or(Sensitivity::S4),
        use_for: table.slug("use")?.value,
        keyed_by,
        purposes,
        provenance: word(table, "provenance").unwrap_or(Provenance::Assumed),
        source: table.maybe_words("source"),
        file: word(table, "file").unwrap_or(FileKind::Csv),
        fields,
    })
}

fn field(desk: &Desk<'_>, row: &Table, schema: &Schema) -> Option<Field> {
    let ty = match row.words("type").as_str() {
        "text" => FieldType::Text,
        "money" => FieldType::Money,
        "int" => FieldType::Int,
        "decimal" => FieldType::Decimal,
        "date" => FieldType::Date,
        "month" => FieldType::Month,
        "bool" => FieldType::Bool,
        "region" => FieldType::Region,
        "id_no" => FieldType::IdNo,
        "uscc" => FieldType::Uscc,
        "card" => FieldType::Card,
        "code" => FieldType::Code(codes(desk, row, schema)?),
        _ => return None,
    };
    Some(Field {
        id: row.slug("id")?.value,
        name: row.words("name"),
        ty,
        level: word(row, "level").unwrap_or(FieldLevel::L4),
        required: row.flag("required").unwrap_or(false),
    })
}

/// `codes = { … }` of its own, or `code = "set"` of the vocabulary.
fn codes(desk: &Desk<'_>, row: &Table, schema: &Schema) -> Option<BTreeMap<Slug, String>> {
    if let Some(name) = row.slug("code") {
        let set = code_set(desk, &name, schema)?;
        let members = set.members.iter();
        return Some(
            members
                .map(|one| (one.id.clone(), one.label.clone()))
                .collect(),
        );
    }
    let own = row.table("codes").map(|table| {
        let entries = table.entries.iter();
        let entry = |(key, node): &(At<String>, Node)| {
            Some((key.value.parse().ok()?, node.as_text()?.value))
        };
        entries.filter_map(entry).collect::<BTreeMap<_, _>>()
    });
    let own = own.filter(|codes| !codes.is_empty());
    if own.is_none() {
        let message = "代码字段要写 codes = { 标识 = \"名称\" }，或 code = \"代码集\"";
        desk.fault(Fault::error("no_codes", row.place, message));
    }
    own
}

/// A code set of the schema, or a fault with what was meant.
pub(crate) fn code_set(
    desk: &Desk<'_>,
    name: &At<Slug>,
    schema: &Schema,
) -> Option<std::sync::Arc<expr::CodeSet>> {
    let set = schema.codes(name.value.as_str()).cloned();
    if set.is_none() {
        let message = format!("没有代码集“{}”", name.value);
        desk.fault(Fault::error("unknown_name", name.place, message));
    }
    set
}

/// A category by name, with its department.
pub(crate) fn category_named<'c>(
    desk: &Desk<'_>,
    catalogue: &'c Catalogue,
    name: &At<Slug>,
) -> Option<(&'c Department, &'c Category)> {
    let owner = catalogue.owner(&name.value);
    let found = owner.and_then(|owner| Some((owner, owner.categories.get(&name.value)?)));
    if found.is_none() && !desk.is_broken(name.value.as_str()) {
        let message = format!("没有数据类“{}”", name.value);
        let known: Vec<&str> = catalogue.categories().map(|one| one.id.as_str()).collect();
        let help = meant(name.value.as_str(), known.iter().copied());
        desk.fault(Fault::error("unknown_name", name.place, message).maybe_help(help));
    }
    found
}

/// A field of a category, or a fault with what was meant.
pub(crate) fn field_named<'c>(
    desk: &Desk<'_>,
    category: &'c Category,
    name: &At<Slug>,
) -> Option<&'c Field> {
    let found = category.field(&name.value);
    let full = format!("{}.{}", category.id, name.value);
    if found.is_none() && !desk.is_broken(&full) {
        let message = format!(
            "“{}”（{}）没有字段“{}”",
            category.name, category.id, name.value
        );
        let known: Vec<&str> = category.fields.iter().map(|one| one.id.as_str()).collect();
        let help = meant(name.value.as_str(), known.iter().copied());
        desk.fault(Fault::error("unknown_name", name.place, message).maybe_help(help));
    }
    found
}

/// `where = { status = "active" }`: fields of the category with plain values.
pub(crate) fn only(desk: &Desk<'_>, category: &Category, table: &Table) -> Vec<(Slug, Value)> {
    let entries = table.table("where").map_or(&[][..], |table| &table.entries);
    let mut only = Vec::new();
    for (key, node) in entries {
        let Ok(id) = key.value.parse::<Slug>() else {
            continue;
        };
        let name = At::new(id, key.place);
        let Some(field) = field_named(desk, category, &name) else {
            continue;
        };
        match cell(&field.ty, node) {
            Some(value) => only.push((name.value, value)),
            None => {
                let message = format!("字段“{}”没有这样的值", field.name);
                let help = match &field.ty {
                    FieldType::Code(codes) => {
                        let written = node.as_text().map(|text| text.value).unwrap_or_default();
                        meant(&written, codes.keys().map(Slug::as_str))
                    }
                    _ => None,
                };
                let fault = Fault::error("wrong_value", node.place, message);
                desk.fault(fault.maybe_help(help));
            }
        }
    }
    only
}

fn cell(ty: &FieldType, node: &Node) -> Option<Value> {
    match (ty, &node.value) {
        (FieldType::Text, Written::Text(text)) => Some(Value::Text(text.clone())),
        (FieldType::Bool, Written::Bool(known)) => Some(Value::Bool(*known)),
        (FieldType::Date, Written::Date(day)) => Some(Value::Date(*day)),
        (FieldType::Int, Written::Number(number)) => number.parse().ok().map(Value::Int),
        (FieldType::Money, Written::Number(number)) => {
            number.parse::<Money>().ok().map(Value::Money)
        }
        (FieldType::Code(codes), Written::Text(text)) => {
            let id = codes.keys().find(|id| id.as_str() == text.as_str());
            id.cloned().map(Value::Code)
        }
        _ => None,
    }
}
