//! What a bad delivery is, what it must get, and what the table needs to write one.

use super::files::*;
use super::{envelopes, rows};
use std::fs::File;
use std::path::Path;

/// One bad delivery.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Puts files into a folder; gives further words for `import`, after the folder.
    pub(crate) put: fn(usize, &Path) -> Vec<String>,
    pub(crate) code: i32,
    pub(crate) says: &'static [&'static str],
    /// Records it adds.
    pub(crate) records: usize,
    /// People it adds.
    pub(crate) people: usize,
}

pub(crate) const fn refused(
    name: &'static str,
    code: i32,
    says: &'static [&'static str],
    put: fn(usize, &Path) -> Vec<String>,
) -> Case {
    taken(name, code, says, 0, put)
}

pub(crate) const fn taken(
    name: &'static str,
    code: i32,
    says: &'static [&'static str],
    records: usize,
    put: fn(usize, &Path) -> Vec<String>,
) -> Case {
    Case {
        name,
        put,
        code,
        says,
        records,
        people: 0,
    }
}

pub(crate) fn put(delivery: Delivery, folder: &Path) -> Vec<String> {
    delivery.put(folder);
    Vec::new()
}

/// Vehicles with one cell of the third row changed.
pub(crate) fn cell(case: usize, column: &str, text: &str) -> Delivery {
    let mut table = vehicles(case);
    let at = table[0].iter().position(|name| name == column).unwrap();
    table[3][at] = text.to_owned();
    Delivery::vehicles(gb(&csv(&table)))
}

/// A file of this length whose end is a hole, after a true beginning.
pub(crate) fn endless(delivery: Delivery, folder: &Path) -> Vec<String> {
    let path = delivery.put(folder);
    let file = File::options().append(true).open(path).unwrap();
    file.set_len(2 << 30).unwrap();
    Vec::new()
}

pub(crate) fn cases() -> Vec<Case> {
    let mut all = rows::encodings();
    all.extend(rows::shapes());
    all.extend(rows::cells());
    all.extend(envelopes::workbooks());
    all.extend(envelopes::slips());
    all
}
