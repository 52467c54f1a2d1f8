//! 「家庭文件」 Households in a file of their own, for `policy eval`: the same form
//! as a pack's examples, in TOML or JSON. What is not written is not known;
//! nothing is expected of the outcome.

use crate::desk::Desk;
use crate::diagnostic::{Fault, Faults, Report};
use crate::form::Form;
use crate::model::{LayerHead, Pack, RecordOrigin};
use crate::place::{At, Place, Sources, Spot};
use crate::read::example::Cast;
use crate::read::facts::BaseFact;
use crate::shape::{Kind, Shape, may, must};
use crate::tree::{self, Node, Table, Value};
use engine_policy::{Beneficiary, Household};
use kernel::{Date, Slug};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// A household of a file.
#[derive(Clone, Debug)]
pub struct HouseholdAsked {
    /// What the file calls it.
    pub title: Option<String>,
    /// The day of judgement, where the file states one.
    pub on: Option<Date>,
    /// The household, ready to be judged.
    pub household: Household,
    /// Where it is written.
    pub at: Spot,
}

const FILE: Shape = Shape::new(
    "household_file",
    "家庭文件",
    &[must(
        "example",
        Kind::List(&Kind::Table(&HOUSEHOLD)),
        "一户一个 [[example]]",
    )],
);

const HOUSEHOLD: Shape = Shape::new(
    "household_asked",
    "[[example]] ",
    &[
        may("title", Kind::Text(Form::Sentence), "叫什么"),
        may("on", Kind::Day, "按哪天判断"),
        may("region", Kind::Text(Form::Region), "在哪里"),
        may("household", Kind::Open, "这户的事实"),
        must("members", Kind::List(&Kind::Open), "家里每个人的事实"),
        may("who", Kind::Whole(1, 99), "第几个人"),
        may(
            "rest",
            Kind::Text(Form::Word(&[("usual", "平常值")])),
            "没写的事实怎么算",
        ),
        may("expect", Kind::Open, "例子里的期望，这里不看"),
        may("basis", Kind::Text(Form::Sentence), "依据"),
    ],
);

/// Reads the households of a file. `name` is shown in diagnostics; a name that
/// ends in `.json` is read as JSON. `usual_day` is the day for regions' names
/// where the file states none.
pub fn households(
    pack: &Pack,
    name: &str,
    text: &str,
    usual_day: Date,
) -> Result<Vec<HouseholdAsked>, Report> {
    let mut sources = Sources::default();
    let faults = Faults::default();
    let file = sources.add(name.to_owned(), text.to_owned());
    let table = match name.ends_with(".json") {
        true => from_json(file, text, &faults),
        false => tree::read(file, text, &faults),
    };
    FILE.check(&table, &faults);
    let layers: Vec<Option<LayerHead>> = pack.layers().iter().cloned().map(Some).collect();
    let facts = facts_of(pack);
    let records: Vec<RecordOrigin> = pack.records().values().cloned().collect();
    let all = {
        let desk = Desk {
            sources: &sources,
            faults: &faults,
            layers: &layers,
            regions: pack.regions(),
            layer_of_file: &[layers.len().saturating_sub(1)],
            broken: RefCell::default(),
            compiled: RefCell::default(),
        };
        let cast = Cast {
            desk: &desk,
            facts: &facts
                .iter()
                .map(|fact| (fact.origin.id.clone(), fact))
                .collect(),
            records: &records,
            beneficiary: Beneficiary::Household,
            conditions: &[],
            paid: false,
        };
        let one = |row: &Table| {
            let on = row.day("on");
            Some(HouseholdAsked {
                title: row.maybe_words("title"),
                on,
                household: cast.household(row, on.unwrap_or(usual_day))?,
                at: sources.spot(row.place),
            })
        };
        let rows = table.tables("example").into_iter();
        rows.filter_map(one).collect()
    };
    let report = Report::new(sources, faults.into_vec());
    match report.errors() {
        0 => Ok(all),
        _ => Err(report),
    }
}

fn facts_of(pack: &Pack) -> Vec<BaseFact> {
    let origins: &BTreeMap<Slug, _> = pack.facts();
    let rules = pack.rules().facts.iter();
    let one = |rule: &engine_policy::FactRule| {
        Some(BaseFact {
            rule: rule.clone(),
            origin: origins.get(&rule.decl.id)?.clone(),
            service: None,
            says_trait: None,
            place: Place::top(0),
        })
    };
    rules.filter_map(one).collect()
}

/// JSON as the same tree; without places inside, so faults show the whole file's
/// beginning. A bare household or a list of them may stand alone.
fn from_json(file: u32, text: &str, faults: &Faults) -> Table {
    let top = Place::top(file);
    let value = match serde_json::from_str::<serde_json::Value>(text) {
        Ok(value) => value,
        Err(error) => {
            let lines = text
                .split_inclusive('\n')
                .take(error.line().saturating_sub(1));
            let at: usize = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
            let message = format!("JSON 语法有误：{error}");
            faults.put(Fault::error("syntax", Place::new(file, at..at), message));
            return Table::empty(top);
        }
    };
    let value = match value {
        serde_json::Value::Object(map) if map.contains_key("example") => {
            serde_json::Value::Object(map)
        }
        serde_json::Value::Array(all) => serde_json::json!({ "example": all }),
        one => serde_json::json!({ "example": [one] }),
    };
    match node(top, value).value {
        Value::Table(table) => table,
        _ => Table::empty(top),
    }
}

fn node(place: Place, value: serde_json::Value) -> Node {
    let value = match value {
        serde_json::Value::Null => Value::Other("空值 null（不知道请写 \"unknown\"）"),
        serde_json::Value::Bool(known) => Value::Bool(known),
        serde_json::Value::Number(number) => Value::Number(number.to_string()),
        // JSON has no dates; one written as text is meant as one.
        serde_json::Value::String(text) => match text.parse::<Date>() {
            Ok(day) if text.len() == 10 => Value::Date(day),
            _ => Value::Text(text),
        },
        serde_json::Value::Array(items) => {
            Value::List(items.into_iter().map(|item| node(place, item)).collect())
        }
        serde_json::Value::Object(map) => Value::Table(Table {
            place,
            entries: map
                .into_iter()
                .map(|(key, value)| (At::new(key, place), node(place, value)))
                .collect(),
        }),
    };
    Node { place, value }
}
