//! 「名字」 What each rule may name: code sets, records, parameters, facts. The
//! shared vocabulary first; each service adds its own. A base fact is a thing in
//! the world, so its name is unique in the whole pack; parameters and derived
//! facts belong to their service, and others reach parameters as
//! `service.parameter`.

use super::catalogue::code_set;
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::place::Place;
use crate::tree::Table;
use expr::{CodeMember, CodeSet, Decimal, Level, Schema, SchemaError, Type, Unit};
use kernel::Slug;
use std::collections::BTreeMap;

/// A schema with the place each name was declared at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) schema: Schema,
    places: BTreeMap<String, Place>,
}

impl Scope {
    /// Where a fact or parameter was declared.
    pub(crate) fn place_of(&self, name: &str) -> Option<Place> {
        self.places.get(name).copied()
    }

    /// Notes a declaration; a refused one becomes a fault that shows the first.
    pub(crate) fn note<T>(
        &mut self,
        desk: &Desk<'_>,
        kind: &str,
        name: &str,
        place: Place,
        result: Result<T, SchemaError>,
    ) -> Option<T> {
        let key = format!("{kind}{name}");
        match result {
            Ok(declared) => {
                self.places.insert(key, place);
                Some(declared)
            }
            Err(error) => {
                let fault = Fault::error("name", place, error.to_string());
                let first = self.places.get(&key).copied();
                desk.fault(match first {
                    Some(first) => fault.also(first, "先在这里"),
                    None => fault,
                });
                None
            }
        }
    }

    /// `[code.X]`: member = label.
    pub(crate) fn codes(&mut self, desk: &Desk<'_>, document: &Table) {
        for (id, table) in document.named("code") {
            let mut members = Vec::new();
            for (key, node) in &table.entries {
                let member = key.value.parse::<Slug>().ok().zip(node.as_text());
                match member {
                    Some((id, label)) => members.push(CodeMember {
                        id,
                        label: label.value,
                    }),
                    None => {
                        let message = "代码要写成：标识 = \"名称\"";
                        desk.fault(Fault::error("wrong_type", node.place, message));
                    }
                }
            }
            let set = CodeSet {
                id: id.value.clone(),
                label: id.value.to_string(),
                members,
            };
            let result = self.schema.add_codes(set);
            self.note(desk, "code ", id.value.as_str(), id.place, result);
        }
    }
}

/// How a declaration's values are written and kept.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    pub(crate) ty: Type,
    /// Values are written in hundredths (`unit = "%"`).
    pub(crate) percent: bool,
}

/// The type a table declares: exactly one of `unit`, `type`, `code`.
pub(crate) fn kind_of(
    desk: &Desk<'_>,
    what: &str,
    table: &Table,
    schema: &Schema,
    least_scale: u8,
) -> Option<Kind> {
    let written: Vec<&str> = ["unit", "type", "code"]
        .into_iter()
        .filter(|key| table.get(key).is_some())
        .collect();
    if written.len() != 1 {
        let message = match written.len() {
            0 => format!(
                "{what}要写明类型：unit（单位）、type（bool 或 date）、code（代码集）写其中一个"
            ),
            _ => format!("{what}的 {} 只能写一个", written.join("、")),
        };
        desk.fault(Fault::error("type", table.place, message));
        return None;
    }
    if let Some(text) = table.text("unit") {
        let unit = desk.unit(&text)?;
        let percent = text.value.trim() == "%";
        let scale = scale_of(unit, table).max(least_scale);
        let ty = Type::Number { unit, scale };
        return Some(Kind { ty, percent });
    }
    let plain = |ty| Some(Kind { ty, percent: false });
    if let Some(name) = table.slug("code") {
        return plain(Type::Code(code_set(desk, &name, schema)?));
    }
    match table.words("type").as_str() {
        "bool" => plain(Type::Bool),
        "date" => plain(Type::Date),
        _ => None,
    }
}

fn scale_of(unit: Unit, table: &Table) -> u8 {
    let stated = table
        .whole("decimals")
        .and_then(|scale| u8::try_from(scale).ok());
    stated.unwrap_or(unit.default_scale()).min(expr::SCALE_MAX)
}

/// The decimals written in a parameter's values: it keeps them all.
pub(crate) fn decimals_written(values: &[&Table], percent: bool) -> u8 {
    let scale = |table: &&Table| match &table.get("is")?.value {
        crate::tree::Value::Number(number) => {
            let read: Decimal = number.parse().ok()?;
            let read = if percent { read.percent()? } else { read };
            Some(read.scale)
        }
        _ => None,
    };
    values.iter().filter_map(scale).max().unwrap_or(0)
}

/// `of = "person"`, or what stands for it.
pub(crate) fn level_of(table: &Table, usual: Option<Level>) -> Option<Level> {
    match table.words("of").as_str() {
        "person" => Some(Level::Person),
        "household" => Some(Level::Household),
        _ => usual,
    }
}

/// The id of something that belongs to a service: `dibao__standard`.
pub(crate) fn own_id(service: Option<&Slug>, name: &Slug) -> Slug {
    let full = service.map(|service| format!("{service}__{name}"));
    full.and_then(|id| id.parse().ok())
        .unwrap_or_else(|| name.clone())
}
