//! 「表」 The nested rows as the flat tables people and the printed rules ask:
//! households, members, records; and everybody judged.

use crate::shape::{fact_column, records_column};
use expr::{Layout, Level};

/// Name and SELECT of each view, in an order in which they can be made.
pub fn views(layout: &Layout, judge: &str) -> Vec<(String, String)> {
    let mut views = flat(layout, "facts");
    views.push((
        "judged".to_owned(),
        format!("SELECT h, region, {judge} AS judged FROM facts"),
    ));
    views
}

/// The flat tables over another source of nested rows.
pub fn flat(layout: &Layout, source: &str) -> Vec<(String, String)> {
    let facts = |level: Level| {
        let all = layout.facts().iter();
        all.filter(move |fact| fact.level == level)
            .map(|fact| fact_column(fact.id.as_str()))
    };
    let household: String = facts(Level::Household)
        .map(|name| format!(", \"{name}\""))
        .collect();
    let person: String = facts(Level::Person)
        .map(|name| format!(", m['{name}'] AS \"{name}\""))
        .collect();
    let answered: String = layout
        .kinds()
        .iter()
        .map(|kind| {
            let list = records_column(kind.id.as_str());
            format!(", m['{list}'] IS NOT NULL AS \"answered.{}\"", kind.id)
        })
        .collect();
    let members = format!("SELECT h, unnest(members) AS m FROM {source}");
    let mut views = vec![
        (
            "households".to_owned(),
            format!("SELECT h, region{household} FROM {source}"),
        ),
        (
            "persons".to_owned(),
            format!("SELECT m['p'] AS p, h{person}{answered} FROM ({members})"),
        ),
    ];
    for kind in layout.kinds() {
        let list = records_column(kind.id.as_str());
        let fields: String = kind
            .fields
            .iter()
            .map(|field| format!(", r['{0}'] AS \"{0}\"", field.id))
            .collect();
        let rows = format!("SELECT m['p'] AS p, unnest(m['{list}']) AS r FROM ({members})");
        views.push((
            list,
            format!("SELECT p{fields} FROM ({rows}) WHERE r IS NOT NULL"),
        ));
    }
    views
}
