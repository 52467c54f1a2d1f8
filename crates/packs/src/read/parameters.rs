//! 「参数」 Numbers of the law: dated, placed, sourced.

use super::catalogue::word;
use super::scope::{Kind, Scope, decimals_written, kind_of, own_id};
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::place::{At, Place};
use crate::tree::Table;
use engine_policy::{Parameter, ParameterValue};
use expr::ParameterDecl;
use kernel::{Provenance, Slug};

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
        too_long(desk, service, &name);
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

/// A simulation tries a number under names of its own, a little longer.
const FULL_NAME_MAX: usize = 52;

fn too_long(desk: &Desk<'_>, service: Option<&Slug>, name: &At<Slug>) {
    let owner = service.map_or(0, |service| service.as_str().len() + 2);
    let full = owner + name.value.as_str().len();
    if full > FULL_NAME_MAX {
        let message =
            format!("参数的全名有 {full} 个字符，最多 {FULL_NAME_MAX} 个（连同服务的标识）");
        let help = "名字短一点，意思写在 label 里";
        desk.fault(Fault::error("name", name.place, message).help(help));
    }
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
