//! 「检验」 Tables of the gate, of deliveries, of authorisations and verifications.

mod agreements;
mod authorisations;
mod contradictions;
mod deliveries;
mod gates;
mod hooks;
mod mends;
mod pulls;
mod repairs;
mod shares;
mod sheets;
mod suppressed;
mod verifications;

use crate::config::*;
use crate::contradiction::{ContradictionRule, FieldOf, Rule};
use crate::purpose::PurposeKind;
use crate::record::{Held, Record, Subject, Value};
use kernel::{Actor, DataBatchId, Date, FieldLevel, Now, PersonId, PersonNumber, Role, Slug};
use std::collections::BTreeMap;

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// Noon of a day in China.
fn now(text: &str) -> Now {
    let at = format!("{text}T04:00:00Z").parse().unwrap();
    Now { at }
}

fn number(text: &str) -> PersonNumber {
    text.parse().unwrap()
}

const MOTHER: &str = "990482194803150023";
const SON: &str = "990482200001010035";

fn officer() -> Actor {
    Actor {
        account: "town".into(),
        person: Some(PersonId(900)),
        role: Role::TownOfficer,
    }
}

fn machine() -> Actor {
    Actor {
        account: "psb".into(),
        person: None,
        role: Role::DepartmentMachine,
    }
}

fn field(id: &str, name: &str, ty: FieldType, required: bool) -> Field {
    let (id, name) = (slug(id), name.to_owned());
    Field {
        id,
        name,
        ty,
        level: FieldLevel::L3,
        required,
    }
}

fn category(id: &str, no: u32, purposes: &[PurposeKind], fields: Vec<Field>) -> Category {
    Category {
        id: slug(id),
        no,
        name: id.to_owned(),
        frequency: Frequency::M,
        sensitivity: Sensitivity::S3,
        use_for: slug("asset"),
        keyed_by: KeyedBy::Person,
        purposes: purposes.iter().copied().collect(),
        provenance: kernel::Provenance::Assumed,
        source: None,
        file: FileKind::Csv,
        fields,
    }
}

/// Two departments: cars and deaths, wages and bank balances.
fn config() -> Config {
    use PurposeKind::{Discovery, Verification};
    let both = [Discovery, Verification];
    let codes = BTreeMap::from([
        (slug("small"), "小型".to_owned()),
        (slug("large"), "大型".to_owned()),
    ]);
    let vehicle = category(
        "vehicle",
        28,
        &both,
        vec![
            field("plate", "号牌号码", FieldType::Text, true),
            field("size", "车型", FieldType::Code(codes), true),
            field("price", "价格", FieldType::Money, false),
            field("bought_on", "购买日期", FieldType::Date, false),
        ],
    );
    let death = category(
        "death",
        25,
        &both,
        vec![field("died_on", "死亡日期", FieldType::Date, true)],
    );
    let wage = category(
        "wage",
        80,
        &both,
        vec![field("amount", "工资", FieldType::Money, true)],
    );
    let deposit = category(
        "deposit",
        167,
        &[Verification],
        vec![field("balance", "余额", FieldType::Money, true)],
    );
    let mut lift = category(
        "lift",
        101,
        &both,
        vec![field("state", "状态", FieldType::Text, true)],
    );
    lift.keyed_by = KeyedBy::Organisation;
    let department = |id: &str, categories: Vec<Category>| Department {
        id: slug(id),
        name: id.to_owned(),
        categories: categories.into_iter().map(|c| (c.id.clone(), c)).collect(),
    };
    let departments = [
        department("psb", vec![vehicle, death, lift]),
        department("money", vec![wage, deposit]),
    ];
    let event = FieldOf {
        category: slug("death"),
        field: slug("died_on"),
    };
    Config {
        catalogue: Catalogue::new(departments).unwrap(),
        contradictions: vec![ContradictionRule {
            id: slug("paid_after_death"),
            says: "去世以后还有工资记录".into(),
            rule: Rule::NotAfter {
                event,
                other: slug("wage"),
            },
        }],
        ..Config::default()
    }
}

fn held(
    category: &str,
    person: &str,
    record_no: &str,
    as_of: &str,
    values: &[(&str, Value)],
) -> Held {
    Held {
        record: Record {
            category: slug(category),
            subject: Subject::Person(number(person)),
            record_no: record_no.to_owned(),
            as_of: day(as_of),
            values: values
                .iter()
                .map(|(id, value)| (slug(id), value.clone()))
                .collect(),
        },
        batch: Some(DataBatchId(1)),
    }
}
