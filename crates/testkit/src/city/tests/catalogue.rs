//! The catalogue as it stands in the pack, read without the loader so that a
//! mistake of the loader cannot hide one here.

use engine_pool::{
    Catalogue, Category, Department, Field, FieldType, FileKind, Frequency, KeyedBy, PurposeKind,
    Sensitivity,
};
use kernel::{FieldLevel, Provenance, Slug};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
struct DepartmentFile {
    department: DepartmentHead,
    category: BTreeMap<Slug, CategoryText>,
}

#[derive(Deserialize)]
struct DepartmentHead {
    id: Slug,
    name: String,
}

#[derive(Deserialize)]
struct CategoryText {
    no: u32,
    name: String,
    frequency: Frequency,
    sensitivity: Sensitivity,
    r#use: Slug,
    keyed_by: KeyedBy,
    purposes: BTreeSet<PurposeKind>,
    provenance: Provenance,
    source: Option<String>,
    file: FileKind,
    field: Vec<FieldText>,
}

#[derive(Deserialize)]
struct FieldText {
    id: Slug,
    name: String,
    r#type: String,
    codes: Option<BTreeMap<Slug, String>>,
    level: FieldLevel,
    required: bool,
}

pub(super) fn packs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs")
}

fn field(text: FieldText) -> Field {
    let ty = match text.r#type.as_str() {
        "text" => FieldType::Text,
        "money" => FieldType::Money,
        "int" => FieldType::Int,
        "decimal" => FieldType::Decimal,
        "date" => FieldType::Date,
        "month" => FieldType::Month,
        "bool" => FieldType::Bool,
        "code" => FieldType::Code(text.codes.unwrap()),
        "region" => FieldType::Region,
        "id_no" => FieldType::IdNo,
        "uscc" => FieldType::Uscc,
        "card" => FieldType::Card,
        other => panic!("no such type: {other}"),
    };
    Field {
        id: text.id,
        name: text.name,
        ty,
        level: text.level,
        required: text.required,
    }
}

/// The catalogue as it stands in the pack, read without the loader so that a
/// mistake of the loader cannot hide one here.
pub(super) fn catalogue() -> Catalogue {
    let mut departments = Vec::new();
    for file in std::fs::read_dir(packs().join("zhejiang/data")).unwrap() {
        let path = file.unwrap().path();
        // What was agreed with the departments is no department.
        if path.ends_with("agreements.toml") {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        let file: DepartmentFile = toml::from_str(&text).unwrap();
        let categories = file.category.into_iter().map(|(id, c)| {
            let category = Category {
                id: id.clone(),
                no: c.no,
                name: c.name,
                frequency: c.frequency,
                sensitivity: c.sensitivity,
                use_for: c.r#use,
                keyed_by: c.keyed_by,
                purposes: c.purposes,
                provenance: c.provenance,
                source: c.source,
                file: c.file,
                fields: c.field.into_iter().map(field).collect(),
            };
            (id, category)
        });
        departments.push(Department {
            id: file.department.id,
            name: file.department.name,
            categories: categories.collect(),
        });
    }
    Catalogue::new(departments).unwrap()
}
