//! 「推导事实」 Facts with a formula, in the order in which they need each other.

use super::catalogue::word;
use super::scope::{Scope, kind_of, level_of, own_id};
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::model::Derived;
use crate::place::{At, Place};
use crate::tree::Table;
use expr::{DerivedDecl, Level, Typed};
use kernel::{FieldLevel, Slug};

/// Reads derived facts (`is = "…"`) in the order they need each other and
/// declares them.
pub(crate) fn derived_facts(
    desk: &Desk<'_>,
    document: &Table,
    service: Option<(&Slug, Level)>,
    scope: &mut Scope,
    level_of_fact: &dyn Fn(&Typed) -> FieldLevel,
) -> Vec<Derived> {
    let with_formula = document.named("fact").into_iter();
    let with_formula: Vec<_> = with_formula
        .filter_map(|(name, table)| Some((name, table, table.text("is")?)))
        .collect();
    let mut all = Vec::new();
    for at in in_order(desk, &with_formula) {
        let Some((name, table, text)) = with_formula.get(at) else {
            continue;
        };
        let what = format!("事实 {} ", name.value);
        for key in ["from", "asks", "absent", "cost", "usual"] {
            if let Some(node) = table.get(key) {
                let message = format!("{what}有算式 is，就不能再写 `{key}`");
                desk.fault(Fault::error("derived", node.place, message));
            }
        }
        let kind = kind_of(desk, &what, table, &scope.schema, 0);
        let level = level_of(table, service.map(|(_, level)| level)).unwrap_or(Level::Household);
        let Some(kind) = kind else {
            desk.breaks(name.value.as_str());
            continue;
        };
        let written = (text, *table);
        let Some(is) = desk.law(written, &scope.schema, level, Some(&kind.ty)) else {
            desk.breaks(name.value.as_str());
            continue;
        };
        let decl = DerivedDecl {
            id: own_id(service.map(|(service, _)| service), &name.value),
            label: table.words("label"),
            is: is.clone(),
        };
        let declared = scope.schema.add_derived(name.value.as_str(), decl);
        if scope
            .note(desk, "", name.value.as_str(), name.place, declared)
            .is_none()
        {
            continue;
        }
        let stated: Option<FieldLevel> = word(table, "level");
        let level = level_of_fact(&is);
        if stated.is_some_and(|stated| stated < level) {
            let message = format!("{what}的级别比它用到的事实低：至少要 {level:?}");
            desk.fault(Fault::error("level", table.place_of("level"), message));
        }
        all.push(Derived {
            name: name.value.clone(),
            label: table.words("label"),
            text: text.value.clone(),
            is,
            basis: table.maybe_words("basis"),
            level: stated.unwrap_or(level),
        });
    }
    all
}

/// The order in which formulas need each other; a circle is a fault.
fn in_order(desk: &Desk<'_>, facts: &[(At<Slug>, &Table, At<String>)]) -> Vec<usize> {
    // A formula that does not parse is reported when it is compiled; its order
    // does not matter.
    let mut items = Vec::new();
    let mut parsed = Vec::new();
    for (at, (name, _, text)) in facts.iter().enumerate() {
        if let Ok(ast) = expr::parse(&text.value) {
            items.push((name.value.to_string(), ast));
            parsed.push(at);
        }
    }
    let broken = (0..facts.len()).filter(|at| !parsed.contains(at));
    match expr::dependency_order(&items) {
        Ok(order) => {
            let order = order.into_iter().filter_map(|at| parsed.get(at).copied());
            order.chain(broken).collect()
        }
        Err(circle) => {
            let first = facts
                .iter()
                .find(|(name, _, _)| circle.iter().any(|one| one == name.value.as_str()));
            let place = first.map_or(Place::top(0), |(name, _, _)| name.place);
            let message = format!("这些事实互相用到，成了圈：{}", circle.join(" → "));
            desk.fault(Fault::error("circle", place, message));
            circle.iter().for_each(|name| desk.breaks(name.as_str()));
            let outside = |at: &usize| {
                let name = facts.get(*at).map(|(name, _, _)| name.value.as_str());
                !circle.iter().any(|one| Some(one.as_str()) == name)
            };
            (0..facts.len()).filter(outside).collect()
        }
    }
}
