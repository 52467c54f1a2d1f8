//! 「底册」 Which department data the register of residents is taken from.

use super::catalogue::{category_named, field_named};
use crate::chain::Layer;
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::model::RegisterSource;
use crate::tree::{Node, Table};
use engine_pool::Catalogue;
use kernel::{Relation, Slug};
use std::collections::BTreeMap;

/// What `[pack.register]` says; the lowest pack that says so decides. Its
/// category and fields must be in the catalogue.
pub(crate) fn register(
    desk: &Desk<'_>,
    layers: &[Layer],
    catalogue: &Catalogue,
) -> Option<RegisterSource> {
    let tables = layers.iter().rev();
    let mut tables = tables.filter_map(|layer| layer.pack.table.table("pack")?.table("register"));
    let table = tables.next()?;
    let (_, category) = category_named(desk, catalogue, &table.slug("category")?)?;
    let field = |key: &str| {
        let field = table.slug(key)?;
        field_named(desk, category, &field);
        Some(field.value)
    };
    Some(RegisterSource {
        household: field("household")?,
        name: field("name")?,
        region: field("region")?,
        relation: field("relation")?,
        phone: field("phone"),
        category: category.id.clone(),
        relations: relations(desk, table),
    })
}

fn relations(desk: &Desk<'_>, table: &Table) -> BTreeMap<Slug, Relation> {
    let entries = table
        .table("relations")
        .map_or(&[][..], |table| &table.entries);
    let mut relations = BTreeMap::new();
    for (code, node) in entries {
        let relation = |node: &Node| node.as_text()?.value.parse::<Relation>().ok();
        match (code.value.parse(), relation(node)) {
            (Ok(code), Some(relation)) => {
                relations.insert(code, relation);
            }
            _ => {
                let message = "请写成家庭关系代码（GB/T 4761 两位数字），例如 10 配偶";
                desk.fault(Fault::error("register", node.place, message));
            }
        }
    }
    relations
}
