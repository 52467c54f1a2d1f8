//! 「样子」 What may stand in each table, as data. One declaration serves the
//! walk (unknown keys, wrong types, missing keys), the editor's JSON Schema and
//! the reader; so they cannot drift apart. The tables themselves: [`crate::keys`].

use crate::diagnostic::{Fault, Faults};
use crate::form::Form;
use crate::place::{At, Place};
use crate::suggest::{meant, nearest};
use crate::tree::{Node, Table, Value};

/// A table's keys.
#[derive(Debug)]
pub(crate) struct Shape {
    /// Its name among the definitions of the JSON Schema.
    pub(crate) name: &'static str,
    /// What it is, for the author.
    pub(crate) says: &'static str,
    pub(crate) keys: &'static [Key],
    /// In an overlay: only an `id` must be there.
    pub(crate) partial: bool,
}

impl Shape {
    pub(crate) const fn new(name: &'static str, says: &'static str, keys: &'static [Key]) -> Shape {
        Shape {
            name,
            says,
            keys,
            partial: false,
        }
    }

    /// The same table in an overlay, which says only what differs: nothing but
    /// its `id` must be there.
    pub(crate) const fn change(&self, name: &'static str) -> Shape {
        Shape {
            name,
            says: self.says,
            keys: self.keys,
            partial: true,
        }
    }
}

/// One key of a table.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Whether it must be there.
    pub(crate) must: bool,
    pub(crate) says: &'static str,
}

/// What may be written behind a key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text(Form),
    /// A whole number from … to ….
    Whole(i64, i64),
    /// A decimal, kept exactly as written.
    Number,
    Bool,
    Day,
    /// A plain value whose type the reader knows from elsewhere (a fact's type).
    Scalar,
    Table(&'static Shape),
    /// `[fact.X]`: any slug, each with a table of this shape.
    Named(&'static Shape),
    /// Any slug, each with a sentence.
    Labels,
    List(&'static Kind),
    Either(&'static [Kind]),
    /// A table whose keys the reader checks (an example's member).
    Open,
}

/// An optional key.
pub(crate) const fn may(name: &'static str, kind: Kind, says: &'static str) -> Key {
    Key {
        name,
        kind,
        must: false,
        says,
    }
}

/// A key that must be there.
pub(crate) const fn must(name: &'static str, kind: Kind, says: &'static str) -> Key {
    Key {
        name,
        kind,
        must: true,
        says,
    }
}

impl Shape {
    fn key(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// Walks a table to its leaves and reports everything that does not fit.
    pub(crate) fn check(&self, table: &Table, faults: &Faults) {
        for (name, node) in &table.entries {
            match self.key(&name.value) {
                Some(key) => key.kind.check(name, node, faults),
                None => faults.put(self.unknown(name)),
            }
        }
        // A key written wrong is not also missing.
        let slips = table.entries.iter().map(|(name, _)| &name.value);
        let slips = slips.filter(|name| self.key(name).is_none());
        let meant: Vec<&str> = slips
            .filter_map(|name| nearest(name, self.keys.iter().map(|key| key.name)))
            .collect();
        let due = |key: &&Key| key.must && (!self.partial || key.name == "id");
        for key in self.keys.iter().filter(due) {
            if table.get(key.name).is_none() && !meant.contains(&key.name) {
                let message = format!("{}少了 `{}`（{}）", self.says, key.name, key.says);
                faults.put(Fault::error("missing_key", table.place, message));
            }
        }
    }

    fn unknown(&self, name: &At<String>) -> Fault {
        let message = format!("{}没有 `{}` 这个键", self.says, name.value);
        let known = self.keys.iter().map(|key| key.name);
        Fault::error("unknown_key", name.place, message).maybe_help(meant(&name.value, known))
    }
}

impl Kind {
    /// What should be written, for the author.
    pub(crate) fn says(&self) -> String {
        match self {
            Kind::Text(form) => form.says().to_owned(),
            Kind::Whole(low, high) if *high == i64::MAX => format!("不小于 {low} 的整数"),
            Kind::Whole(low, high) => format!("{low} 到 {high} 的整数"),
            Kind::Number => "数".to_owned(),
            Kind::Bool => "true 或 false".to_owned(),
            Kind::Day => "日期，例如 2026-07-01（不加引号）".to_owned(),
            Kind::Scalar => "数、日期、文字，或 true / false".to_owned(),
            Kind::Table(_) | Kind::Named(_) | Kind::Open => "一组键值".to_owned(),
            Kind::Labels => "一组“标识 = \"名称\"”".to_owned(),
            Kind::List(kind) => format!("列表，每项是{}", kind.says()),
            Kind::Either(kinds) => {
                let all: Vec<String> = kinds.iter().map(Kind::says).collect();
                all.join("，或")
            }
        }
    }

    /// Whether the value is of this kind at its outermost level.
    fn takes(&self, value: &Value) -> bool {
        match (self, value) {
            (Kind::Text(_), Value::Text(_))
            | (Kind::Whole(..) | Kind::Number, Value::Number(_))
            | (Kind::Bool, Value::Bool(_))
            | (Kind::Day, Value::Date(_))
            | (Kind::List(_), Value::List(_))
            | (Kind::Table(_) | Kind::Named(_) | Kind::Labels | Kind::Open, Value::Table(_)) => {
                true
            }
            (Kind::Scalar, value) => matches!(
                value,
                Value::Text(_) | Value::Number(_) | Value::Bool(_) | Value::Date(_)
            ),
            (Kind::Either(kinds), value) => kinds.iter().any(|kind| kind.takes(value)),
            _ => false,
        }
    }

    fn check(&self, name: &At<String>, node: &Node, faults: &Faults) {
        if !self.takes(&node.value) {
            let message = format!(
                "`{}` 要写{}，这里是{}",
                name.value,
                self.says(),
                node.value.kind()
            );
            faults.put(Fault::error("wrong_type", node.place, message));
            return;
        }
        match (self, &node.value) {
            (Kind::Text(form), Value::Text(text)) => form.check(name, text, node.place, faults),
            (Kind::Whole(low, high), Value::Number(number)) => {
                let fits = number
                    .parse()
                    .is_ok_and(|n: i64| (*low..=*high).contains(&n));
                if !fits {
                    let message = format!("`{}` 要写{}，这里是 {number}", name.value, self.says());
                    faults.put(Fault::error("wrong_value", node.place, message));
                }
            }
            (Kind::Table(shape), Value::Table(table)) => shape.check(table, faults),
            (Kind::Named(shape), Value::Table(table)) => named(shape, table, faults),
            (Kind::Labels, Value::Table(table)) => labels(table, faults),
            (Kind::List(kind), Value::List(items)) => {
                for item in items {
                    kind.check(name, item, faults);
                }
            }
            (Kind::Either(kinds), value) => {
                if let Some(kind) = kinds.iter().find(|kind| kind.takes(value)) {
                    kind.check(name, node, faults);
                }
            }
            _ => {}
        }
    }
}

fn named(shape: &'static Shape, table: &Table, faults: &Faults) {
    for (name, node) in &table.entries {
        Form::Slug.check(name, &name.value, name.place, faults);
        Kind::Table(shape).check(name, node, faults);
    }
}

fn labels(table: &Table, faults: &Faults) {
    for (name, node) in &table.entries {
        Form::Slug.check(name, &name.value, name.place, faults);
        Kind::Text(Form::Sentence).check(name, node, faults);
    }
}

/// Which kind of document a file is: its root table says so.
pub(crate) fn root_of<'a>(
    table: &Table,
    roots: &'a [(&'static str, &'static Shape)],
    file: u32,
    faults: &Faults,
) -> Option<&'a (&'static str, &'static Shape)> {
    if let Some(root) = roots.iter().find(|(key, _)| table.get(key).is_some()) {
        return Some(root);
    }
    let names = roots.iter().map(|(key, _)| *key);
    let first = table.entries.first();
    let place = first.map_or(Place::top(file), |(name, _)| name.place);
    let near = table
        .entries
        .iter()
        .find_map(|(name, _)| nearest(&name.value, names.clone()));
    let listed: Vec<String> = names.map(|name| format!("[{name}]")).collect();
    let help = match near {
        Some(near) => format!("是不是想写 `[{near}]`？"),
        None => format!("文件开头要有其中一个：{}", listed.join("、")),
    };
    faults.put(Fault::error("unknown_document", place, "看不出这个文件是什么").help(help));
    None
}
