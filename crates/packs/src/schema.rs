//! 「编辑器」 JSON Schema of every kind of pack file, made from the very key tables
//! the loader walks by ([`crate::keys`]), so that the two cannot drift.

use crate::form::Form;
use crate::keys::{PACK_FILE, ROOTS};
use crate::shape::{Kind, Shape};
use serde_json::{Map, Value, json};

/// What a slug looks like.
const SLUG: &str = "^[a-z][a-z0-9_]{0,63}$";

/// JSON Schema (draft 2020-12) that any TOML file of a pack fits.
pub fn json_schema() -> Value {
    let mut definitions = Map::new();
    let roots = ROOTS.iter().map(|(_, shape)| *shape).chain([&PACK_FILE]);
    let any: Vec<Value> = roots.map(|shape| table(shape, &mut definitions)).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "暖心规则包",
        "anyOf": any,
        "$defs": definitions,
    })
}

/// A reference to a table's definition, which is added when first met.
fn table(shape: &'static Shape, definitions: &mut Map<String, Value>) -> Value {
    if !definitions.contains_key(shape.name) {
        // Held open first: a table may contain itself.
        definitions.insert(shape.name.to_owned(), Value::Null);
        let mut properties = Map::new();
        let mut required = Vec::new();
        for key in shape.keys {
            let mut property = kind(&key.kind, definitions);
            if let Value::Object(property) = &mut property {
                property.insert("description".to_owned(), json!(key.says));
            }
            properties.insert(key.name.to_owned(), property);
            if key.must && (!shape.partial || key.name == "id") {
                required.push(key.name);
            }
        }
        let definition = json!({
            "description": shape.says.trim(),
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        });
        definitions.insert(shape.name.to_owned(), definition);
    }
    json!({ "$ref": format!("#/$defs/{}", shape.name) })
}

fn kind(kind: &Kind, definitions: &mut Map<String, Value>) -> Value {
    let named = |value: Value| {
        json!({
            "type": "object",
            "propertyNames": { "pattern": SLUG },
            "additionalProperties": value,
        })
    };
    match kind {
        Kind::Text(form) => text(form),
        Kind::Whole(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
        Kind::Number => json!({ "type": "number" }),
        Kind::Bool => json!({ "type": "boolean" }),
        // TOML's own dates reach a JSON Schema as text.
        Kind::Day => json!({ "type": "string", "format": "date" }),
        Kind::Scalar => json!({ "type": ["string", "number", "boolean"] }),
        Kind::Table(shape) => table(shape, definitions),
        Kind::Named(shape) => named(table(shape, definitions)),
        Kind::Labels => named(json!({ "type": "string" })),
        Kind::List(item) => json!({ "type": "array", "items": self::kind(item, definitions) }),
        Kind::Either(kinds) => {
            let any: Vec<Value> = kinds
                .iter()
                .map(|one| self::kind(one, definitions))
                .collect();
            json!({ "anyOf": any })
        }
        Kind::Open => json!({ "type": "object" }),
    }
}

fn text(form: &Form) -> Value {
    match form {
        Form::Word(words) => {
            let any: Vec<Value> = words
                .iter()
                .map(|(word, says)| json!({ "const": word, "description": says }))
                .collect();
            json!({ "oneOf": any })
        }
        Form::Slug => json!({ "type": "string", "pattern": SLUG }),
        Form::Region => json!({ "type": "string", "pattern": "^([0-9]{6}|[0-9]{9}|[0-9]{12})$" }),
        Form::Span => json!({ "type": "string", "pattern": "^[0-9]+ (wd|d|months?)$" }),
        Form::Months => json!({ "type": "string", "pattern": "^[0-9]+ months?$" }),
        Form::Percent => json!({ "type": "string", "pattern": "^[0-9]{1,3}%$" }),
        Form::Sentence | Form::Unit | Form::Expression | Form::Template => {
            json!({ "type": "string", "minLength": 1 })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_knows_every_kind_of_file_and_leaves_no_table_open() {
        let schema = json_schema();
        let definitions = schema["$defs"].as_object().unwrap();
        for (_, shape) in ROOTS {
            assert!(definitions.contains_key(shape.name), "{}", shape.name);
        }
        for (name, definition) in definitions {
            assert!(definition.is_object(), "{name}");
            assert_eq!(definition["additionalProperties"], json!(false), "{name}");
        }
        let condition = &definitions["condition"]["required"];
        assert_eq!(condition, &json!(["id", "holds", "yes", "no", "basis"]));
        let change = &definitions["condition_change"]["required"];
        assert_eq!(change, &json!(["id"]));
    }
}
