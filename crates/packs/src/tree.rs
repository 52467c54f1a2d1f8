//! 「纸面」 What a file says, before anyone asks what it means: a tree in which
//! every key and value remembers its place. Made of toml's own table so that all
//! syntax errors of a file come at once; serde would stop at the first.

use crate::diagnostic::{Fault, Faults};
use crate::place::{At, Place};
use kernel::Date;
use toml::de::{DeTable, DeValue};

/// A value somewhere in a file.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    /// An integer or decimal, exactly as written (without `_`).
    Number(String),
    Bool(bool),
    Date(Date),
    List(Vec<Node>),
    Table(Table),
    /// A float like `inf`, a time of day: nothing a pack can say.
    Other(&'static str),
}

impl Value {
    fn written(&self) -> String {
        match self {
            Value::Text(text) => format!("{text:?}"),
            Value::Number(number) => number.clone(),
            Value::Bool(value) => value.to_string(),
            Value::Date(day) => day.to_string(),
            Value::List(items) => {
                let items = items.iter().map(|item| item.value.written());
                format!("[{}]", items.collect::<Vec<_>>().join(", "))
            }
            Value::Table(table) => format!("{{{}}}", table.written(&[])),
            Value::Other(kind) => (*kind).to_owned(),
        }
    }

    /// What it is, for the author.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) => "文字",
            Value::Number(_) => "数",
            Value::Bool(_) => "是否（true / false）",
            Value::Date(_) => "日期",
            Value::List(_) => "列表",
            Value::Table(_) => "一组键值",
            Value::Other(kind) => kind,
        }
    }
}

/// A table: entries in the order they are written.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// The header, or the braces of an inline table.
    pub(crate) place: Place,
    pub(crate) entries: Vec<(At<String>, Node)>,
}

impl Node {
    /// Adds the entries of a table to this one, if it is a table.
    pub(crate) fn extend(&mut self, more: &Table) {
        if let Value::Table(table) = &mut self.value {
            table.entries.extend(more.entries.iter().cloned());
        }
    }
}

impl Table {
    pub(crate) fn empty(place: Place) -> Table {
        Table {
            place,
            entries: Vec::new(),
        }
    }

    /// What it says, wherever it stands and in whatever order, without some keys.
    pub(crate) fn written(&self, without: &[&str]) -> String {
        let kept = self.entries.iter();
        let kept = kept.filter(|(name, _)| !without.contains(&name.value.as_str()));
        let mut all: Vec<String> = kept
            .map(|(name, node)| format!("{} = {}", name.value, node.value.written()))
            .collect();
        all.sort();
        all.join("\n")
    }

    /// Every text, to any depth.
    pub(crate) fn all_texts(&self) -> Vec<&str> {
        let mut texts = Vec::new();
        let mut open: Vec<&Node> = self.entries.iter().map(|(_, node)| node).collect();
        while let Some(node) = open.pop() {
            match &node.value {
                Value::Text(text) => texts.push(text.as_str()),
                Value::List(items) => open.extend(items),
                Value::Table(table) => open.extend(table.entries.iter().map(|(_, node)| node)),
                _ => {}
            }
        }
        texts
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, node)| node)
    }

    pub(crate) fn entry(&self, key: &str) -> Option<&(At<String>, Node)> {
        self.entries.iter().find(|(name, _)| name.value == key)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let found = self.entries.iter_mut().find(|(name, _)| name.value == key);
        found.map(|(_, node)| node)
    }
}

/// Reads a file. Syntax errors become faults; what can be read is returned.
pub(crate) fn read(file: u32, text: &str, faults: &Faults) -> Table {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let fault = Fault::error("syntax", Place::new(file, span), syntax(error.message()));
        faults.put(fault);
    }
    let place = Place::top(file);
    table_of(file, place, table.get_ref())
}

fn table_of(file: u32, place: Place, table: &DeTable<'_>) -> Table {
    let mut entries: Vec<(At<String>, Node)> = table
        .iter()
        .map(|(key, value)| {
            let name = At::new(key.get_ref().to_string(), Place::new(file, key.span()));
            (name, node(file, value))
        })
        .collect();
    entries.sort_by_key(|(name, _)| name.place);
    Table { place, entries }
}

fn node(file: u32, value: &toml::Spanned<DeValue<'_>>) -> Node {
    let place = Place::new(file, value.span());
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Value::Number(plain(number.as_str())),
        DeValue::Integer(_) => Value::Other("不是十进制的数"),
        DeValue::Float(number) => decimal(number.as_str()),
        DeValue::Boolean(known) => Value::Bool(*known),
        DeValue::Datetime(moment) => date(moment),
        DeValue::Array(list) => Value::List(list.iter().map(|item| node(file, item)).collect()),
        DeValue::Table(table) => Value::Table(table_of(file, place, table)),
    };
    Node { place, value }
}

fn plain(number: &str) -> String {
    let number = number.strip_prefix('+').unwrap_or(number);
    number.chars().filter(|c| *c != '_').collect()
}

fn decimal(number: &str) -> Value {
    let number = plain(number);
    let digits = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
    if !number.is_empty() && number.chars().all(digits) {
        Value::Number(number)
    } else {
        Value::Other("不是普通的小数")
    }
}

fn date(moment: &toml::value::Datetime) -> Value {
    let day = moment
        .date
        .filter(|_| moment.time.is_none())
        .and_then(|d| Date::from_ymd_opt(i32::from(d.year), u32::from(d.month), u32::from(d.day)));
    day.map_or(Value::Other("时刻"), Value::Date)
}

/// toml's messages in plain Chinese where they are known; the rest as they are.
fn syntax(message: &str) -> String {
    const KNOWN: &[(&str, &str)] = &[
        ("string values must be quoted", "文字要加引号"),
        ("duplicate key", "同一个键写了两次"),
        ("missing value", "等号后面没有值"),
        (
            "invalid basic string",
            "文字的引号没有成对，或里面有不能写的字符",
        ),
        (
            "invalid literal string",
            "文字的引号没有成对，或里面有不能写的字符",
        ),
        ("key with no value", "这个键没有写 = 和值"),
        ("extra", "这里多了东西"),
        ("missing array close", "列表少了右方括号 ]"),
        ("unclosed array", "列表少了右方括号 ]"),
        ("unclosed inline table", "少了右花括号 }"),
        ("unclosed table", "表头少了右方括号 ]"),
        ("unexpected", "这里不该有这个"),
        ("invalid", "这里写得不对"),
    ];
    let found = KNOWN.iter().find(|(english, _)| message.contains(english));
    match found {
        Some((_, chinese)) => format!("{chinese}（TOML 语法：{message}）"),
        None => format!("TOML 语法有误：{message}"),
    }
}
