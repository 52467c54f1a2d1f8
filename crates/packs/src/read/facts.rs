//! 「事实」 Parameters, records and facts, of the vocabulary or of a service.

use super::catalogue::{category_named, field_named, only, word};
use super::scope::{Kind, Scope, decimals_written, kind_of, level_of, own_id};
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::model::{Derived, FactOrigin, FactSource, RecordOrigin, RecordSource, Take};
use crate::place::{At, Place};
use crate::tree::{Node, Table};
use engine_policy::{FactRule, Parameter, ParameterValue};
use engine_pool::{Catalogue, Category, FieldType, PurposeKind};
use expr::{
    DerivedDecl, FactDecl, FieldDecl, Level, ParameterDecl, RecordKind, Type, Typed, Value,
};
use kernel::{FieldLevel, Provenance, Slug};
use std::collections::BTreeMap;

/// A parameter with the places its proofs underline.
#[derive(Clone, Debug)]
pub(crate) struct ParameterAt {
    pub(crate) rule: Parameter,
    /// As its own service names it.
    pub(crate) name: Slug,
    pub(crate) service: Option<Slug>,
    pub(crate) place: Place,
    /// One per value.
    pub(crate) places: Vec<Place>,
    /// Whether every value written could be read.
    pub(crate) whole: bool,
}

/// A base fact with what the pack knows of it.
#[derive(Clone, Debug)]
pub(crate) struct BaseFact {
    pub(crate) rule: FactRule,
    pub(crate) origin: FactOrigin,
    /// Values are written in hundredths.
    pub(crate) percent: bool,
    /// The service that declares it; `None`: the vocabulary.
    pub(crate) service: Option<Slug>,
}

/// Reads `[parameter.X]` and declares it under its short name.
pub(crate) fn parameters(
    desk: &Desk<'_>,
    document: &Table,
    service: Option<&Slug>,
    scope: &mut Scope,
) -> Vec<ParameterAt> {
    let mut all = Vec::new();
    for (name, table) in document.named("parameter") {
        let rows = table.tables("value");
        let percent = table.words("unit").trim() == "%";
        let scale = decimals_written(&rows, percent);
        let what = format!("参数 {} ", name.value);
        let kind = kind_of(desk, &what, table, &scope.schema, scale);
        let Some(kind) = kind else {
            breaks(desk, service, &name.value);
            continue;
        };
        let label = table.maybe_words("label");
        let decl = ParameterDecl {
            id: own_id(service, &name.value),
            label: label.unwrap_or_else(|| name.value.to_string()),
            ty: kind.ty.clone(),
        };
        let short = name.value.as_str();
        let declared = scope.schema.add_parameter(short, decl);
        let Some(decl) = scope.note(desk, "", short, name.place, declared) else {
            breaks(desk, service, &name.value);
            continue;
        };
        let mut values = Vec::new();
        let mut places = Vec::new();
        let written = rows.len();
        for row in rows {
            if let Some(value) = parameter_value(desk, row, &kind) {
                values.push(value);
                places.push(row.place);
            }
        }
        all.push(ParameterAt {
            rule: Parameter { decl, values },
            name: name.value,
            service: service.cloned(),
            place: name.place,
            whole: places.len() == written,
            places,
        });
    }
    all
}

/// A parameter that could not be declared, under both its names.
fn breaks(desk: &Desk<'_>, service: Option<&Slug>, name: &Slug) {
    desk.breaks(name.as_str());
    if let Some(service) = service {
        desk.breaks(format!("{service}.{name}"));
    }
}

fn parameter_value(desk: &Desk<'_>, row: &Table, kind: &Kind) -> Option<ParameterValue> {
    let value = desk.value(row.get("is")?, &kind.ty, kind.percent)?;
    let provenance: Provenance = word(row, "provenance")?;
    let source = row.maybe_words("source");
    if provenance.is_founded() && source.is_none() {
        let message = format!(
            "来源种类是“{}”，就要写 source（出自哪份文件）",
            provenance.label()
        );
        desk.fault(Fault::error(
            "no_source",
            row.place_of("provenance"),
            message,
        ));
    }
    let (from, to) = (row.day("from")?, row.day("to"));
    let region = match row.text("region") {
        Some(text) => desk.region(&text, from)?,
        None => desk.layer_region(row.place)?,
    };
    if to.is_some_and(|to| to < from) {
        let message = "到期日在起始日之前";
        desk.fault(Fault::error("wrong_value", row.place_of("to"), message));
        return None;
    }
    Some(ParameterValue {
        from,
        to,
        region,
        value,
        provenance,
        source: source.unwrap_or_default(),
        article: row.maybe_words("article"),
    })
}

/// Reads `[records.X]` and declares the kinds.
pub(crate) fn records(
    desk: &Desk<'_>,
    document: &Table,
    catalogue: &Catalogue,
    scope: &mut Scope,
) -> Vec<RecordOrigin> {
    let mut all = Vec::new();
    for (id, table) in document.named("records") {
        let Some(date) = table.slug("date") else {
            continue;
        };
        let mut fields = Vec::new();
        for (name, row) in table.named("fields") {
            let what = format!("记录字段 {} ", name.value);
            let Some(kind) = kind_of(desk, &what, row, &scope.schema, 0) else {
                continue;
            };
            let label = row.maybe_words("label");
            fields.push(FieldDecl {
                label: label.unwrap_or_else(|| name.value.to_string()),
                id: name.value,
                ty: kind.ty,
            });
        }
        let date_field = fields.iter().position(|field| field.id == date.value);
        let date_field = date_field.unwrap_or_else(|| {
            fields.push(FieldDecl {
                id: date.value.clone(),
                label: "日期".to_owned(),
                ty: Type::Date,
            });
            fields.len() - 1
        });
        let kind = RecordKind {
            id: id.value.clone(),
            label: table.words("label"),
            fields,
            date_field,
        };
        let declared = scope.schema.add_records(kind);
        let Some(kind) = scope.note(desk, "records ", id.value.as_str(), id.place, declared) else {
            continue;
        };
        let (source, found) = record_source(desk, table, &kind, catalogue);
        let level = word(table, "level").or(found);
        let lost = source.is_none() && table.get("from").is_some();
        if level.is_none() && !lost {
            let message = format!("记录 {} 少了 `level`（字段级别 L0–L4）", id.value);
            desk.fault(Fault::error("no_level", id.place, message));
        }
        all.push(RecordOrigin {
            kind,
            level: level.unwrap_or(FieldLevel::L4),
            source,
        });
    }
    all
}

/// Where records come from, and the strictest level of the fields taken.
fn record_source(
    desk: &Desk<'_>,
    table: &Table,
    kind: &RecordKind,
    catalogue: &Catalogue,
) -> (Option<RecordSource>, Option<FieldLevel>) {
    let read = || {
        let from = table.table("from")?;
        let name = from.slug("category")?;
        let (owner, category) = category_named(desk, catalogue, &name)?;
        let mut given: BTreeMap<Slug, At<Slug>> = BTreeMap::new();
        for (key, node) in from.table("fields").map_or(&[][..], |table| &table.entries) {
            let field = key.value.parse::<Slug>().ok();
            let other = node
                .as_text()
                .and_then(|text| Some(At::new(text.value.parse().ok()?, text.place)));
            if let (Some(field), Some(other)) = (field, other) {
                if !kind.fields.iter().any(|known| known.id == field) {
                    let message = format!("记录“{}”没有字段“{field}”", kind.label);
                    desk.fault(Fault::error("unknown_name", key.place, message));
                }
                given.insert(field, other);
            }
        }
        if let Some(date) = from.slug("date") {
            given.insert(kind.fields[kind.date_field].id.clone(), date);
        }
        let mut fields = Vec::new();
        let mut level = None;
        for field in &kind.fields {
            let Some(other) = given.get(&field.id) else {
                let message = format!("记录的来源没有说字段“{}”从哪里来", field.id);
                desk.fault(Fault::error("missing_key", from.place, message));
                continue;
            };
            if other.value.as_str() != "as_of" {
                let found = field_named(desk, category, other)?;
                level = level.max(Some(found.level));
                fits(desk, &found.ty, &field.ty, other.place);
            }
            fields.push(other.value.clone());
        }
        let source = RecordSource {
            department: owner.id.clone(),
            category: category.id.clone(),
            fields,
            only: only(desk, category, from),
        };
        Some((source, level))
    };
    match read() {
        Some((source, level)) => (Some(source), level),
        None => (None, None),
    }
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
        let what = format!("事实 {} ", name.value);
        let kind = kind_of(desk, &what, table, &scope.schema, 0);
        let level = level_of(table, service.map(|(_, level)| level));
        if level.is_none() {
            let message = format!("{what}少了 `of`（person 一个人，或 household 一户）");
            desk.fault(Fault::error("missing_key", name.place, message));
        }
        let field_level: Option<FieldLevel> = word(table, "level");
        if field_level.is_none() && table.get("level").is_none() {
            let message = format!("{what}少了 `level`（字段级别 L0–L4）");
            desk.fault(Fault::error("no_level", name.place, message));
        }
        let (Some(kind), Some(level)) = (kind, level) else {
            desk.breaks(name.value.as_str());
            continue;
        };
        let decl = FactDecl {
            id: name.value.clone(),
            label: table.words("label"),
            level,
            ty: kind.ty.clone(),
        };
        let declared = scope.schema.add_fact(name.value.as_str(), decl);
        let Some(decl) = scope.note(desk, "", name.value.as_str(), name.place, declared) else {
            continue;
        };
        let sources = sources(desk, table, &kind, catalogue);
        let needs = authorisation(desk, &name, table, &sources, catalogue);
        let usual = table.get("usual");
        let asks = table.maybe_words("asks");
        if sources.is_empty() && asks.is_none() && table.get("from").is_none() {
            let message = format!("{what}既没有 from 也没有 asks：没有办法知道它");
            desk.fault(Fault::error("unknowable", name.place, message));
        }
        let usual_cost = if needs {
            3
        } else if sources.is_empty() {
            1
        } else {
            2
        };
        let cost = table.whole("cost").and_then(|cost| u8::try_from(cost).ok());
        all.push(BaseFact {
            rule: FactRule {
                decl,
                field_level: field_level.unwrap_or(FieldLevel::L4),
                cost: cost.unwrap_or(usual_cost),
                needs_authorisation: needs,
                asks,
                basis: table.maybe_words("basis"),
            },
            origin: FactOrigin {
                id: name.value,
                sources,
                usual: usual.and_then(|node| desk.value(node, &kind.ty, kind.percent)),
            },
            percent: kind.percent,
            service: service.map(|(service, _)| service.clone()),
        });
    }
    all
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

fn sources(desk: &Desk<'_>, table: &Table, kind: &Kind, catalogue: &Catalogue) -> Vec<FactSource> {
    let rows = table.tables("from").into_iter();
    rows.filter_map(|row| source(desk, row, kind, catalogue))
        .collect()
}

fn source(desk: &Desk<'_>, row: &Table, kind: &Kind, catalogue: &Catalogue) -> Option<FactSource> {
    let name = row.slug("category")?;
    let (owner, category) = category_named(desk, catalogue, &name)?;
    let take = word(row, "take").unwrap_or(Take::Latest);
    let field = row.slug("field");
    let needs_field = !matches!(take, Take::Count | Take::Exists);
    match (&field, needs_field) {
        (Some(name), true) => {
            let found = if name.value.as_str() == "as_of" {
                Some(&FieldType::Date)
            } else {
                field_named(desk, category, name).map(|found| &found.ty)
            };
            fits(desk, found?, &kind.ty, name.place);
        }
        (Some(name), false) => {
            field_named(desk, category, name)?;
        }
        (None, true) => {
            let message = "少了 `field`（取哪个字段）；只数条数请写 take = \"count\" 或 \"exists\"";
            desk.fault(Fault::error("missing_key", row.place, message));
            return None;
        }
        (None, false) => {}
    }
    taken_type(desk, row, take, &kind.ty);
    let date = date_field(desk, row, category)?;
    let absent = row.get("absent");
    Some(FactSource {
        department: owner.id.clone(),
        category: category.id.clone(),
        take,
        field: field.map(|field| field.value),
        within_months: row.months("within"),
        date,
        only: only(desk, category, row),
        absent: absent.and_then(|node| desk.value(node, &kind.ty, kind.percent)),
    })
}

/// The field `within` looks at: `as_of`, or a date of the category.
fn date_field(desk: &Desk<'_>, row: &Table, category: &Category) -> Option<Slug> {
    let Some(name) = row.slug("date") else {
        return "as_of".parse().ok();
    };
    if name.value.as_str() != "as_of" {
        let found = field_named(desk, category, &name)?;
        if !matches!(found.ty, FieldType::Date | FieldType::Month) {
            let message = format!("字段“{}”不是日期", found.name);
            desk.fault(Fault::error("wrong_type", name.place, message));
        }
    }
    Some(name.value)
}

/// Whether what is taken can be of the fact's type.
fn taken_type(desk: &Desk<'_>, row: &Table, take: Take, ty: &Type) {
    let good = match take {
        Take::Exists => matches!(ty, Type::Bool),
        Take::Count | Take::Sum => matches!(ty, Type::Number { .. }),
        Take::Max | Take::Min => matches!(ty, Type::Number { .. } | Type::Date),
        Take::Latest => true,
    };
    if !good {
        let message = format!("take = \"{}\" 得不到{ty}", row.words("take"));
        desk.fault(Fault::error("wrong_type", row.place_of("take"), message));
    }
}

/// Whether a column can become a value of the type.
fn fits(desk: &Desk<'_>, field: &FieldType, ty: &Type, place: Place) {
    let good = match (field, ty) {
        (FieldType::Money | FieldType::Int | FieldType::Decimal, Type::Number { .. }) => true,
        (FieldType::Date | FieldType::Month, Type::Date) => true,
        (FieldType::Bool, Type::Bool) => true,
        (FieldType::Code(codes), Type::Code(set)) => {
            let strange: Vec<&str> = codes
                .keys()
                .map(Slug::as_str)
                .filter(|code| set.number_of(code).is_none())
                .collect();
            if !strange.is_empty() {
                let message = format!("代码集“{}”里没有：{}", set.label, strange.join("、"));
                desk.fault(Fault::error("wrong_type", place, message));
            }
            true
        }
        _ => false,
    };
    if !good {
        let message = format!("这个字段不能当作{ty}");
        desk.fault(Fault::error("wrong_type", place, message));
    }
}

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
        let Some(is) = desk.compile(text, &scope.schema, level, Some(&kind.ty)) else {
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

/// A value of an example, or the word “unknown”.
pub(crate) fn example_value(
    desk: &Desk<'_>,
    node: &Node,
    fact: &BaseFact,
) -> Option<Option<Value>> {
    if node.as_text().is_some_and(|text| text.value == "unknown") {
        return Some(None);
    }
    desk.value(node, &fact.rule.decl.ty, fact.percent).map(Some)
}
