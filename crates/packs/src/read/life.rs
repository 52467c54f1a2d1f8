//! 「人生大事」 From a `[life_event]` file to a [`LifeKind`]: what touches a right always
//! waits for a person, whatever the file says.

use super::catalogue::word;
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::load::Rooted;
use crate::suggest::meant;
use crate::tree::Table;
use engine_registry::{Consequence, Does, LifeKind, Writes};
use kernel::Slug;
use std::collections::BTreeSet;

/// Every life event of the documents.
pub(crate) fn life_kinds(desk: &Desk<'_>, documents: &[Rooted]) -> Vec<LifeKind> {
    let documents = documents.iter().filter(|one| one.root == "life_event");
    documents.filter_map(|one| kind(desk, &one.table)).collect()
}

/// Whether every joint case a life event opens is there.
pub(crate) fn named_cases(desk: &Desk<'_>, documents: &[Rooted], joints: &[Slug]) {
    let documents = documents.iter().filter(|one| one.root == "life_event");
    let rows = documents.flat_map(|one| one.table.tables("then"));
    let named = rows.filter_map(|row| row.slug("case"));
    for case in named.filter(|case| !joints.contains(&case.value)) {
        let message = format!("没有联办“{}”", case.value);
        let help = meant(case.value.as_str(), joints.iter().map(Slug::as_str));
        desk.fault(Fault::error("unknown_name", case.place, message).maybe_help(help));
    }
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
    let writes = word(head, "writes")?;
    let two = head.flag("two").unwrap_or(false);
    if writes == Writes::Joined && !two {
        let message = "成一户是两个人的事，要写 two = true";
        desk.fault(Fault::error("life_event", head.place_of("writes"), message));
    }
    Some(LifeKind {
        id: head.slug("id")?.value,
        name: head.words("name"),
        says: head.words("says"),
        writes,
        two,
        then: rows.iter().filter_map(|row| then(desk, row)).collect(),
        basis: head.words("basis"),
        provenance: word(head, "provenance")?,
        rows: head.sentences("rows"),
    })
}

fn then(desk: &Desk<'_>, row: &Table) -> Option<Consequence> {
    let does: Does = word(row, "does")?;
    let asks = [
        Does::StopPayments,
        Does::ReviewHousehold,
        Does::OpenCase,
        Does::ByHand,
    ];
    let must = asks.contains(&does);
    if must && row.flag("confirm") == Some(false) {
        let message = "停发、重算、开一件事和由人去办的，一定要由人确认";
        desk.fault(Fault::error("life_event", row.place_of("confirm"), message));
    }
    if does == Does::TellVillage && (row.get("says").is_none() || row.get("undone").is_none()) {
        let message = "要告诉人的，写 says（说什么）和 undone（撤回时说什么）";
        desk.fault(Fault::error("life_event", row.place, message));
    }
    let case = row.slug("case");
    if (does == Does::OpenCase) != case.is_some() {
        let message = "open_case 要写 case（开哪一件联办的事），别的不写";
        desk.fault(Fault::error("life_event", row.place, message));
    }
    Some(Consequence {
        id: row.slug("id")?.value,
        name: row.words("name"),
        does,
        confirm: must || row.flag("confirm").unwrap_or(false),
        who: row.words("who"),
        days: row.whole("days"),
        case: case.map(|case| case.value),
        says: row.words("says"),
        undone: row.words("undone"),
    })
}
