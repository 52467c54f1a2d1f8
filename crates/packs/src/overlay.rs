//! 「本地改动」 A city says only what differs. Its tables are merged into the
//! service's tree, every change recorded with both places. What the law fixes
//! (rules, kinds of steps) cannot be changed here; what is new must be announced
//! in `adds`, so that a slip of the pen never becomes a new rule.

use crate::diagnostic::{Fault, Faults};
use crate::place::{At, Place, Spot};
use crate::suggest::meant;
use crate::tree::{Node, Table, Value};
use serde::Serialize;
use std::cell::RefCell;

/// A change by an overlay: what it is, where it was written, where it is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Override {
    /// `dibao.parameter.standard`.
    pub what: String,
    /// What the base says, as written.
    pub was: String,
    /// Where.
    pub base: Spot,
    /// What holds instead (or beside it: parameter values are added), as written.
    pub now: String,
    /// Where.
    pub by: Spot,
}

/// One change: what, where it was written, where it is changed.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// `dibao.parameter.standard`.
    pub(crate) what: String,
    /// Where the base says it, or would say it.
    pub(crate) base: Place,
    /// Whether the base says nothing of it.
    pub(crate) new: bool,
    pub(crate) by: Place,
}

/// Merges one overlay into one service (or vocabulary).
pub(crate) struct Merge<'a> {
    pub(crate) faults: &'a Faults,
    /// Filled with every change.
    pub(crate) changes: &'a RefCell<Vec<Change>>,
    /// The service's id.
    pub(crate) of: String,
    /// What the overlay announces as new; each is struck off when found.
    adds: RefCell<Vec<(At<String>, bool)>>,
}

/// A list whose items have an `id`, and which keys of an item may be changed.
struct Items {
    key: &'static str,
    may_change: &'static [&'static str],
    may_add: bool,
}

const CONDITION: Items = Items {
    key: "condition",
    may_change: &["yes", "no", "unknown", "basis", "provenance"],
    may_add: true,
};
const STEP: Items = Items {
    key: "step",
    may_change: &[
        "name",
        "by",
        "also",
        "within",
        "lasts",
        "people",
        "does",
        "basis",
        "provenance",
        "shows",
    ],
    may_add: false,
};
const DOCUMENT: Items = Items {
    key: "document_needed",
    may_change: &["name", "asks", "basis", "provenance", "unless"],
    may_add: true,
};
const FIELD: Items = Items {
    key: "field",
    may_change: &["asks", "help"],
    may_add: true,
};
const CONSENT: Items = Items {
    key: "consent",
    may_change: &["asks", "basis"],
    may_add: true,
};
const FACT_CHANGES: &[&str] = &[
    "label",
    "asks",
    "cost",
    "basis",
    "from",
    "needs",
    "provenance",
];

impl<'a> Merge<'a> {
    pub(crate) fn new(
        of: String,
        overlay: &Table,
        faults: &'a Faults,
        changes: &'a RefCell<Vec<Change>>,
    ) -> Self {
        let adds = overlay.table("overlay").map(|head| head.texts("adds"));
        let adds = adds.unwrap_or_default().into_iter();
        Merge {
            faults,
            changes,
            of,
            adds: RefCell::new(adds.map(|add| (add, false)).collect()),
        }
    }

    /// The whole overlay into the whole document.
    pub(crate) fn run(&self, base: &mut Table, overlay: &Table) {
        for (key, node) in &overlay.entries {
            let Some(table) = node.as_table() else {
                self.list(base, key, node);
                continue;
            };
            match key.value.as_str() {
                "overlay" => self.head(base, table),
                "parameter" => self.parameters(base, key, table),
                "fact" => self.facts(base, key, table),
                "form" => {
                    if let Some(form) = self.table_in(base, key, table.place) {
                        self.items(form, &FIELD, "form.field", table);
                        self.items(form, &CONSENT, "form.consent", table);
                    }
                }
                "notice" => {
                    let Some(notices) = self.table_in(base, key, table.place) else {
                        continue;
                    };
                    for (kind, node) in &table.entries {
                        let path = format!("notice.{}", kind.value);
                        match (notices.get_mut(&kind.value), node.as_table()) {
                            (Some(old), Some(new)) => self.keys_of(old, new, &path, None),
                            _ => notices.entries.push((kind.clone(), node.clone())),
                        }
                    }
                }
                "deadline" | "review" | "phase_out" => {
                    self.table_in(base, key, table.place);
                    if let Some(old) = base.get_mut(&key.value) {
                        self.keys_of(old, table, &key.value, None);
                    }
                }
                "amount" => {
                    if let Some(old) = base.get_mut("amount") {
                        let may = ["sum", "round", "basis", "provenance", "from"];
                        self.keys_of(old, table, "amount", Some(&may));
                    }
                }
                _ => {}
            }
        }
        for (add, found) in self.adds.borrow().iter() {
            if !found {
                let message = format!("adds 里的“{}”在这个文件里没有写", add.value);
                self.faults
                    .put(Fault::error("adds_nothing", add.place, message));
            }
        }
    }

    fn list(&self, base: &mut Table, key: &At<String>, node: &Node) {
        let lone = Table {
            place: node.place,
            entries: vec![(key.clone(), node.clone())],
        };
        match key.value.as_str() {
            "condition" => self.items(base, &CONDITION, "condition", &lone),
            "step" => self.items(base, &STEP, "step", &lone),
            "document_needed" => self.items(base, &DOCUMENT, "document_needed", &lone),
            "example" => append(base, key, node),
            _ => {}
        }
    }

    /// `[overlay]`: names and words of the service itself.
    fn head(&self, base: &mut Table, head: &Table) {
        let root = ["service", "vocabulary", "joint"];
        let Some(root) = root.into_iter().find(|root| base.get(root).is_some()) else {
            return;
        };
        let Some(Value::Table(service)) = base.get_mut(root).map(|node| &mut node.value) else {
            return;
        };
        for (key, node) in &head.entries {
            match key.value.as_str() {
                "name" | "says" | "brand" => {
                    let path = format!("{root}.{}", key.value);
                    self.set(service, key, node, &path);
                }
                "basis" | "rows" => {
                    let path = format!("{root}.{}", key.value);
                    self.note(&path, Err(service.place), node.place);
                    append(service, key, node);
                }
                _ => {}
            }
        }
    }

    /// Values of a parameter are added; the newest and nearest counts.
    fn parameters(&self, base: &mut Table, key: &At<String>, overlay: &Table) {
        let Some(parameters) = self.table_in(base, key, overlay.place) else {
            return;
        };
        for (name, node) in &overlay.entries {
            let Some(new) = node.as_table() else { continue };
            let path = format!("parameter.{}", name.value);
            let names = names_of(parameters);
            let Some(old) = parameters.get_mut(&name.value) else {
                if self.announced(&path) {
                    parameters.entries.push((name.clone(), node.clone()));
                } else {
                    self.stranger(name, &path, &names);
                }
                continue;
            };
            for (key, node) in &new.entries {
                if key.value == "value" {
                    if let Value::Table(old) = &mut old.value {
                        self.values(old, node, &path);
                        append(old, key, node);
                    }
                } else {
                    self.fixed(key, &path);
                }
            }
        }
    }

    /// One change per new value, beside the value that held so far.
    fn values(&self, old: &Table, new: &Node, path: &str) {
        let place = |item: &Node| item.as_table().map(|table| table.place_of("is"));
        let last = old.get("value").and_then(|node| node.items().last());
        let base = last.and_then(place).ok_or(old.place);
        for by in new.items().iter().filter_map(place) {
            self.note(path, base, by);
        }
    }

    fn facts(&self, base: &mut Table, key: &At<String>, overlay: &Table) {
        let Some(facts) = self.table_in(base, key, overlay.place) else {
            return;
        };
        for (name, node) in &overlay.entries {
            let path = format!("fact.{}", name.value);
            let names = names_of(facts);
            match (facts.get_mut(&name.value), node.as_table()) {
                (Some(old), Some(new)) => self.keys_of(old, new, &path, Some(FACT_CHANGES)),
                (None, _) if self.announced(&path) => {
                    facts.entries.push((name.clone(), node.clone()));
                }
                (None, _) => self.stranger(name, &path, &names),
                _ => {}
            }
        }
    }

    /// Items with an `id` are changed key by key; unknown ones must be announced.
    fn items(&self, base: &mut Table, kind: &Items, path: &str, overlay: &Table) {
        let Some(new_items) = overlay.get(kind.key) else {
            return;
        };
        for item in new_items.items() {
            let Some(new) = item.as_table() else { continue };
            let Some(id) = new.text("id") else { continue };
            let path = format!("{path}.{}", id.value);
            let ids: Vec<String> = base
                .tables(kind.key)
                .iter()
                .map(|item| item.words("id"))
                .collect();
            let old = match base.get_mut(kind.key).map(|node| &mut node.value) {
                Some(Value::List(items)) => items.iter_mut().find(|item| {
                    let has = item.as_table().and_then(|table| table.text("id"));
                    has.is_some_and(|has| has.value == id.value)
                }),
                _ => None,
            };
            match old {
                Some(old) => self.keys_of(old, new, &path, Some(kind.may_change)),
                None if kind.may_add && self.announced(&path) => {
                    let key = At::new(kind.key.to_owned(), item.place);
                    append(base, &key, item);
                }
                None => {
                    let name = At::new(id.value, id.place);
                    self.stranger(&name, &path, &ids);
                }
            }
        }
    }

    /// Sets the keys of one table, as far as they may be changed.
    fn keys_of(&self, old: &mut Node, new: &Table, path: &str, may: Option<&[&str]>) {
        let Value::Table(old) = &mut old.value else {
            return;
        };
        for (key, node) in &new.entries {
            if key.value == "id" {
                continue;
            }
            let full = format!("{path}.{}", key.value);
            if may.is_some_and(|may| !may.contains(&key.value.as_str())) {
                self.fixed(key, path);
            } else {
                self.set(old, key, node, &full);
            }
        }
    }

    fn set(&self, table: &mut Table, key: &At<String>, node: &Node, path: &str) {
        let place = table.place;
        match table.get_mut(&key.value) {
            Some(old) => {
                self.note(path, Ok(old.place), node.place);
                *old = node.clone();
            }
            None => {
                self.note(path, Err(place), node.place);
                table.entries.push((key.clone(), node.clone()));
            }
        }
    }

    /// Keeps a change; `base` is what it replaces, or the table it is new in.
    fn note(&self, path: &str, base: Result<Place, Place>, by: Place) {
        self.changes.borrow_mut().push(Change {
            what: format!("{}.{path}", self.of),
            new: base.is_err(),
            base: base.unwrap_or_else(|table| table),
            by,
        });
    }

    fn announced(&self, path: &str) -> bool {
        let mut adds = self.adds.borrow_mut();
        match adds.iter_mut().find(|(add, _)| add.value == path) {
            Some((_, found)) => {
                *found = true;
                true
            }
            None => false,
        }
    }

    fn stranger(&self, name: &At<String>, path: &str, known: &[String]) {
        let message = format!("上级的“{}”里没有 {path}", self.of);
        let near = meant(&name.value, known.iter().map(String::as_str));
        let add = format!("真要新增，就在 [overlay] 的 adds 里写上 \"{path}\"");
        let help = match (near, path.starts_with("step.")) {
            (Some(near), true) => near,
            (Some(near), false) => format!("{near} {add}"),
            (None, _) => add,
        };
        self.faults
            .put(Fault::error("unknown_item", name.place, message).help(help));
    }

    fn fixed(&self, key: &At<String>, path: &str) {
        let message = format!("本地文件不能改 {path} 的 `{}`", key.value);
        let help = "规则由上级的包定；各地不同的数请写成参数";
        self.faults
            .put(Fault::error("fixed", key.place, message).help(help));
    }

    /// The base's table under a key, made empty if it is not there.
    fn table_in<'t>(
        &self,
        base: &'t mut Table,
        key: &At<String>,
        place: Place,
    ) -> Option<&'t mut Table> {
        if base.get(&key.value).is_none() {
            let empty = Table {
                place,
                entries: Vec::new(),
            };
            let node = Node {
                place,
                value: Value::Table(empty),
            };
            base.entries.push((key.clone(), node));
        }
        match base.get_mut(&key.value).map(|node| &mut node.value) {
            Some(Value::Table(table)) => Some(table),
            _ => None,
        }
    }
}

fn names_of(table: &Table) -> Vec<String> {
    table
        .entries
        .iter()
        .map(|(name, _)| name.value.clone())
        .collect()
}

/// Adds a node's items to the list under a key.
fn append(table: &mut Table, key: &At<String>, node: &Node) {
    let Some(old) = table.get_mut(&key.value) else {
        table.entries.push((key.clone(), node.clone()));
        return;
    };
    let mut items = old.items().to_vec();
    items.extend_from_slice(node.items());
    old.value = Value::List(items);
}
