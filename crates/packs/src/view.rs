//! 「取值」 Reading what the walk has already checked. A getter answers `None` for
//! what is absent or wrong; what is wrong was reported by [`crate::shape`], so
//! readers are silent and go on.

use crate::place::{At, Place};
use crate::tree::{Node, Table, Value};
use engine_case::Span;
use kernel::{Date, Slug};

impl Node {
    pub(crate) fn as_text(&self) -> Option<At<String>> {
        match &self.value {
            Value::Text(text) => Some(At::new(text.clone(), self.place)),
            _ => None,
        }
    }

    pub(crate) fn as_table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The items of a list; one value stands for a list of one.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }
}

impl Table {
    pub(crate) fn text(&self, key: &str) -> Option<At<String>> {
        self.get(key)?.as_text()
    }

    /// The text, or nothing at all.
    pub(crate) fn words(&self, key: &str) -> String {
        self.text(key).map(|text| text.value).unwrap_or_default()
    }

    pub(crate) fn maybe_words(&self, key: &str) -> Option<String> {
        self.text(key).map(|text| text.value)
    }

    pub(crate) fn texts(&self, key: &str) -> Vec<At<String>> {
        let items = self.get(key).map_or(&[][..], Node::items);
        items.iter().filter_map(Node::as_text).collect()
    }

    pub(crate) fn sentences(&self, key: &str) -> Vec<String> {
        self.texts(key).into_iter().map(|text| text.value).collect()
    }

    pub(crate) fn slug(&self, key: &str) -> Option<At<Slug>> {
        slug(self.text(key)?)
    }

    pub(crate) fn slugs(&self, key: &str) -> Vec<At<Slug>> {
        self.texts(key).into_iter().filter_map(slug).collect()
    }

    pub(crate) fn day(&self, key: &str) -> Option<Date> {
        match &self.get(key)?.value {
            Value::Date(day) => Some(*day),
            _ => None,
        }
    }

    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        match &self.get(key)?.value {
            Value::Bool(known) => Some(*known),
            _ => None,
        }
    }

    pub(crate) fn whole(&self, key: &str) -> Option<u32> {
        match &self.get(key)?.value {
            Value::Number(number) => number.parse().ok(),
            _ => None,
        }
    }

    pub(crate) fn span(&self, key: &str) -> Option<Span> {
        self.text(key)?.value.parse().ok()
    }

    pub(crate) fn months(&self, key: &str) -> Option<u32> {
        match self.span(key)? {
            Span::Months(months) => Some(months),
            _ => None,
        }
    }

    pub(crate) fn table(&self, key: &str) -> Option<&Table> {
        self.get(key)?.as_table()
    }

    /// `[[key]]`, or a list of inline tables, or one table alone.
    pub(crate) fn tables(&self, key: &str) -> Vec<&Table> {
        let items = self.get(key).map_or(&[][..], Node::items);
        items.iter().filter_map(Node::as_table).collect()
    }

    /// `[key.NAME]`, in the order written.
    pub(crate) fn named(&self, key: &str) -> Vec<(At<Slug>, &Table)> {
        let entries = self.table(key).map_or(&[][..], |table| &table.entries);
        entries
            .iter()
            .filter_map(|(name, node)| Some((slug(name.clone())?, node.as_table()?)))
            .collect()
    }

    /// Where a key's value stands, or the table's own header.
    pub(crate) fn place_of(&self, key: &str) -> Place {
        self.get(key).map_or(self.place, |node| node.place)
    }
}

fn slug(text: At<String>) -> Option<At<Slug>> {
    let value = text.value.parse().ok()?;
    Some(At::new(value, text.place))
}
