//! 「门」 The doors between rooms: what each crate may import, held against
//! `cargo metadata`. A door not in the table does not exist.

use crate::run::{Outcome, output};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Room → the rooms it may import. `engine-*` stands for every engine.
const DOORS: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("expr", &["kernel"]),
    ("engine-policy", &["kernel", "expr"]),
    ("engine-*", &["kernel"]),
    ("packs", &["kernel", "expr", "engine-*"]),
    ("store", &["kernel", "engine-*"]),
    // Typesetting is compiled in one place: app says what stands on a paper, web draws
    // squares of codes.
    ("papers", &[]),
    (
        "app",
        &["kernel", "expr", "engine-*", "packs", "store", "papers"],
    ),
    ("web", &["kernel", "engine-*", "app", "papers"]),
    ("bench", &["kernel", "expr", "engine-policy", "packs"]),
    (
        "testkit",
        &["kernel", "expr", "engine-*", "packs", "store", "app"],
    ),
    (
        "nuanxin",
        &[
            "kernel", "expr", "engine-*", "packs", "store", "app", "web", "testkit", "bench",
        ],
    ),
    ("xtask", &[]),
];

/// Room → libraries it must never import: IO, SQL and HTTP stay outside engines.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("kernel", &["tokio", "sqlx", "axum", "reqwest", "rand"]),
    ("expr", &["tokio", "sqlx", "axum", "reqwest", "rand"]),
    ("engine-*", &["tokio", "sqlx", "axum", "reqwest", "rand"]),
    ("packs", &["tokio", "sqlx", "axum", "reqwest", "rand"]),
    ("papers", &["tokio", "sqlx", "axum", "reqwest", "rand"]),
    ("store", &["axum", "reqwest"]),
    ("app", &["axum", "sqlx"]),
    ("web", &["sqlx", "reqwest"]),
];

/// Fails with every wrong door at once.
pub(crate) fn check() -> Outcome {
    let metadata = output(
        "cargo",
        &["metadata", "--format-version=1", "--no-deps", "--offline"],
    )?;
    let metadata: Value =
        serde_json::from_str(&metadata).map_err(|why| format!("cargo metadata: {why}"))?;
    let faults = faults(&imports(&metadata));
    if faults.is_empty() {
        eprintln!("doors: every room keeps to its doors");
        return Ok(());
    }
    Err(format!("wrong doors:\n  {}", faults.join("\n  ")))
}

/// Crate → what its manifest imports outside dev-dependencies.
fn imports(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list(&metadata["packages"])
        .iter()
        .map(|package| {
            let names = list(&package["dependencies"])
                .iter()
                .filter(|dependency| dependency["kind"].as_str() != Some("dev"))
                .map(|dependency| text(&dependency["name"]))
                .collect();
            (text(&package["name"]), names)
        })
        .collect()
}

fn row<'t>(table: &'t [(&str, &'t [&'t str])], room: &str) -> Option<&'t [&'t str]> {
    let exact = table.iter().find(|(name, _)| *name == room);
    let found = exact.or_else(|| table.iter().find(|(name, _)| matches(name, room)));
    found.map(|(_, rooms)| *rooms)
}

fn matches(pattern: &str, room: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or(pattern == room, |stem| room.starts_with(stem))
}

fn faults(imports: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut faults = Vec::new();
    for (room, imported) in imports {
        let Some(open) = row(DOORS, room) else {
            faults.push(format!(
                "{room} is not in the table of doors (xtask/src/doors.rs)"
            ));
            continue;
        };
        for other in imported.iter().filter(|other| imports.contains_key(*other)) {
            if !open.iter().any(|door| matches(door, other)) {
                faults.push(format!("{room} imports {other}: that door does not exist"));
            }
        }
        for banned in row(FORBIDDEN, room).unwrap_or_default() {
            if imported.contains(*banned) {
                faults.push(format!(
                    "{room} imports {banned}: IO stays outside this room"
                ));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(rooms: &[(&str, &[&str])]) -> BTreeMap<String, BTreeSet<String>> {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        rooms
            .iter()
            .map(|(room, names)| ((*room).to_owned(), set(names)))
            .collect()
    }

    #[test]
    fn doors_are_kept() {
        check().unwrap();
    }

    #[test]
    fn a_wrong_door_is_named() {
        let engines = house(&[
            ("kernel", &[]),
            ("engine-case", &["kernel", "engine-pool"]),
            ("engine-pool", &[]),
        ]);
        assert_eq!(
            faults(&engines),
            ["engine-case imports engine-pool: that door does not exist"]
        );
        let leaky = house(&[("engine-case", &["sqlx"])]);
        assert_eq!(
            faults(&leaky),
            ["engine-case imports sqlx: IO stays outside this room"]
        );
        let stranger = house(&[("utils", &[])]);
        assert_eq!(faults(&stranger).len(), 1);
    }
}
