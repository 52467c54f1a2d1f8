//! 「底册」 Which departments' data the register is taken from, and what each says.

use super::catalogue::{category_named, field_named};
use crate::chain::Layer;
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::model::{RegisterSays, RegisterSource, ResidentFields};
use crate::tree::{Node, Table};
use engine_pool::{Catalogue, Category};
use kernel::{Relation, Slug};
use std::collections::{BTreeMap, BTreeSet};

/// What `[[pack.register]]` says; the lowest pack that says so decides. Every
/// category and field must be in the catalogue.
pub(crate) fn register(
    desk: &Desk<'_>,
    layers: &[Layer],
    catalogue: &Catalogue,
) -> Vec<RegisterSource> {
    let packs = layers.iter().rev();
    let mut packs = packs.filter_map(|layer| layer.pack.table.table("pack"));
    let lowest = packs.find(|pack| pack.get("register").is_some());
    let tables = lowest.into_iter().flat_map(|pack| pack.tables("register"));
    tables
        .filter_map(|table| source(desk, table, catalogue))
        .collect()
}

fn source(desk: &Desk<'_>, table: &Table, catalogue: &Catalogue) -> Option<RegisterSource> {
    let (_, category) = category_named(desk, catalogue, &table.slug("category")?)?;
    let fields = Fields {
        desk,
        table,
        category,
    };
    let says = table.slug("says")?;
    let says = match says.value.as_str() {
        "residents" => RegisterSays::Residents(fields.residents(true)?),
        "dwellers" => RegisterSays::Residents(fields.residents(false)?),
        "deaths" => RegisterSays::Deaths {
            date: fields.must("date")?,
        },
        "births" => RegisterSays::Births {
            date: fields.must("date")?,
            name: fields.must("name")?,
            mother: fields.must("mother")?,
            state: fields.may("state"),
            void: codes(table, "void"),
        },
        "departures" => RegisterSays::Departures {
            date: fields.must("date")?,
            kind: fields.must("kind")?,
            leaves: codes(table, "leaves"),
        },
        _ => {
            let message = "says 写 residents、dwellers、deaths、births、departures 其中一个";
            desk.fault(Fault::error("register", says.place, message));
            return None;
        }
    };
    Some(RegisterSource {
        category: category.id.clone(),
        says,
    })
}

/// Codes of a field that mean something to the register.
fn codes(table: &Table, key: &str) -> BTreeSet<Slug> {
    let all = table.texts(key);
    all.iter()
        .filter_map(|code| code.value.parse().ok())
        .collect()
}

/// The fields one table names.
struct Fields<'t, 'd> {
    desk: &'t Desk<'d>,
    table: &'t Table,
    category: &'t Category,
}

impl Fields<'_, '_> {
    /// A field that has to be named.
    fn must(&self, key: &str) -> Option<Slug> {
        let field = self.may(key);
        if field.is_none() {
            let message = format!("少了 `{key}`");
            self.desk
                .fault(Fault::error("register", self.table.place, message));
        }
        field
    }

    fn may(&self, key: &str) -> Option<Slug> {
        let field = self.table.slug(key)?;
        field_named(self.desk, self.category, &field);
        Some(field.value)
    }

    fn residents(&self, registered: bool) -> Option<ResidentFields> {
        Some(ResidentFields {
            registered,
            household: self.must("household")?,
            name: self.must("name")?,
            region: self.must("region")?,
            relation: self.must("relation")?,
            phone: self.may("phone"),
            relations: relations(self.desk, self.table),
        })
    }
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
