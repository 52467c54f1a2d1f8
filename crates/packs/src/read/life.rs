//! 「人生大事」 From a `[life_event]` file to a [`LifeKind`]: what touches a right always
//! waits for a person, whatever the file says.

use super::catalogue::word;
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::load::Rooted;
use crate::tree::Table;
use engine_registry::{Consequence, Does, LifeKind};
use std::collections::BTreeSet;

/// Every life event of the documents.
pub(crate) fn life_kinds(desk: &Desk<'_>, documents: &[Rooted]) -> Vec<LifeKind> {
    let documents = documents.iter().filter(|one| one.root == "life_event");
    documents.filter_map(|one| kind(desk, &one.table)).collect()
}

fn kind(desk: &Desk<'_>, table: &Table) -> Option<LifeKind> {
    let head = table.table("life_event")?;
    let rows = table.tables("then");
    let mut seen = BTreeSet::new();
    let ids = rows.iter().filter_map(|row| row.slug("id"));
    for id in ids.filter(|id| !seen.insert(id.value.clone())) {
        let message = format!("`{}` 写了两次", id.value);
        desk.fault(Fault::error("life_event", id.place, message));
    }
    Some(LifeKind {
        id: head.slug("id")?.value,
        name: head.words("name"),
        says: head.words("says"),
        writes: word(head, "writes")?,
        two: head.flag("two").unwrap_or(false),
        then: rows.iter().filter_map(|row| then(desk, row)).collect(),
        basis: head.words("basis"),
        provenance: word(head, "provenance")?,
        rows: head.sentences("rows"),
    })
}

fn then(desk: &Desk<'_>, row: &Table) -> Option<Consequence> {
    let does: Does = word(row, "does")?;
    let must = matches!(does, Does::StopPayments | Does::ByHand);
    if must && row.flag("confirm") == Some(false) {
        let message = "停发和由人去办的，一定要由人确认";
        desk.fault(Fault::error("life_event", row.place_of("confirm"), message));
    }
    if does == Does::TellVillage && (row.get("says").is_none() || row.get("undone").is_none()) {
        let message = "要告诉人的，写 says（说什么）和 undone（撤回时说什么）";
        desk.fault(Fault::error("life_event", row.place, message));
    }
    Some(Consequence {
        id: row.slug("id")?.value,
        name: row.words("name"),
        does,
        confirm: must || row.flag("confirm").unwrap_or(false),
        who: row.words("who"),
        days: row.whole("days"),
        says: row.words("says"),
        undone: row.words("undone"),
    })
}
