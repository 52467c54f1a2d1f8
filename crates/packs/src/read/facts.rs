//! 「基本事实」 Facts that come from departments or from people.

use super::catalogue::word;
use super::scope::{Scope, kind_of, level_of};
use super::sources::sources;
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::model::{FactOrigin, FactSource};
use crate::place::{At, Place};
use crate::tree::{Node, Table};
use engine_policy::FactRule;
use engine_pool::{Catalogue, PurposeKind};
use expr::{FactDecl, Level, Value};
use kernel::{FieldLevel, Slug};

/// A base fact with what the pack knows of it.
#[derive(Clone, Debug)]
pub(crate) struct BaseFact {
    pub(crate) rule: FactRule,
    pub(crate) origin: FactOrigin,
    /// The service that declares it; `None`: the vocabulary.
    pub(crate) service: Option<Slug>,
    /// The trait it is, by its id, where it says so.
    pub(crate) says_trait: Option<String>,
    pub(crate) place: Place,
}

/// Reads base facts (`[fact.X]` without `is`) and declares them.
pub(crate) fn base_facts(
    desk: &Desk<'_>,
    document: &Table,
    service: Option<(&Slug, Level)>,
    catalogue: &Catalogue,
    scope: &mut Scope,
) -> Vec<BaseFact> {
    let mut all = Vec::new();
    for (name, table) in document.named("fact") {
        if table.get("is").is_some() {
            continue;
        }
        let usual_level = service.map(|(_, level)| level);
        match base_fact(desk, &name, table, usual_level, catalogue, scope) {
            Some(fact) => all.push(BaseFact {
                service: service.map(|(service, _)| service.clone()),
                ..fact
            }),
            None => desk.breaks(name.value.as_str()),
        }
    }
    all
}

fn base_fact(
    desk: &Desk<'_>,
    name: &At<Slug>,
    table: &Table,
    usual_level: Option<Level>,
    catalogue: &Catalogue,
    scope: &mut Scope,
) -> Option<BaseFact> {
    let what = format!("事实 {} ", name.value);
    let kind = kind_of(desk, &what, table, &scope.schema, 0);
    let level = level_of(table, usual_level);
    if level.is_none() {
        let message = format!("{what}少了 `of`（person 一个人，或 household 一户）");
        desk.fault(Fault::error("missing_key", name.place, message));
    }
    let field_level: Option<FieldLevel> = word(table, "level");
    if table.get("level").is_none() {
        let message = format!("{what}少了 `level`（字段级别 L0–L4）");
        desk.fault(Fault::error("no_level", name.place, message));
    }
    let (kind, level) = (kind?, level?);
    let decl = FactDecl {
        id: name.value.clone(),
        label: table.words("label"),
        level,
        ty: kind.ty.clone(),
    };
    let declared = scope.schema.add_fact(name.value.as_str(), decl);
    let decl = scope.note(desk, "", name.value.as_str(), name.place, declared)?;
    let sources = sources(desk, table, &kind, catalogue);
    let needs = authorisation(desk, name, table, &sources, catalogue);
    let asks = table.maybe_words("asks");
    if table.get("from").is_none() && asks.is_none() {
        let message = format!("{what}既没有 from 也没有 asks：没有办法知道它");
        desk.fault(Fault::error("unknowable", name.place, message));
    }
    let cost = match (needs, sources.is_empty()) {
        (true, _) => 3,
        (false, true) => 1,
        (false, false) => 2,
    };
    let stated = table.whole("cost").and_then(|cost| u8::try_from(cost).ok());
    let usual = table.get("usual");
    Some(BaseFact {
        rule: FactRule {
            decl,
            field_level: field_level.unwrap_or(FieldLevel::L4),
            cost: stated.unwrap_or(cost),
            needs_authorisation: needs,
            asks,
            basis: table.maybe_words("basis"),
        },
        origin: FactOrigin {
            id: name.value.clone(),
            sources,
            percent: kind.percent,
            usual: usual.and_then(|node| desk.value(node, &kind.ty, kind.percent)),
        },
        service: None,
        says_trait: table.maybe_words("trait"),
        place: name.place,
    })
}

/// A category that may not be read for discovery needs an authorisation, and the
/// fact must say so: nobody shall learn it from a code review.
fn authorisation(
    desk: &Desk<'_>,
    name: &At<Slug>,
    table: &Table,
    sources: &[FactSource],
    catalogue: &Catalogue,
) -> bool {
    let says = table.words("needs") == "authorisation";
    let closed = sources.iter().find(|source| {
        let category = catalogue.category(&source.category);
        category.is_some_and(|category| !category.allows(PurposeKind::Discovery))
    });
    match (says, closed) {
        (false, Some(source)) => {
            let message = format!(
                "事实 {} 取自“{}”，那里不许主动发现时读：要写 needs = \"authorisation\"",
                name.value, source.category
            );
            desk.fault(Fault::error(
                "needs_authorisation",
                table.place_of("from"),
                message,
            ));
        }
        (true, None) if !sources.is_empty() => {
            let message = format!(
                "事实 {} 写了要授权，可它的来源都允许主动发现时读",
                name.value
            );
            desk.fault(Fault::warning(
                "needs_authorisation",
                table.place_of("needs"),
                message,
            ));
        }
        _ => {}
    }
    says || closed.is_some()
}

/// A value of an example, or the word “unknown”.
pub(crate) fn example_value(
    desk: &Desk<'_>,
    node: &Node,
    fact: &BaseFact,
) -> Option<Option<Value>> {
    if node.as_text().is_some_and(|text| text.value == "unknown") {
        return Some(None);
    }
    desk.value(node, &fact.rule.decl.ty, fact.origin.percent)
        .map(Some)
}
