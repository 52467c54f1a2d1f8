//! 「包头」 Who each pack of the chain is; its regions and its calendar.

use crate::chain::Layer;
use crate::diagnostic::{Fault, Faults};
use crate::model::{LayerHead, RegisterSource};
use crate::place::{Place, Sources};
use crate::tree::Value;
use engine_pool::Catalogue;
use kernel::{RegionCode, RegionTree, Relation, TableFault, WorkCalendar};
use std::collections::BTreeMap;

/// Every pack's head, base first. A region outside the one above is a fault.
pub(crate) fn heads(layers: &[Layer], faults: &Faults) -> Vec<LayerHead> {
    let mut heads: Vec<LayerHead> = Vec::new();
    for layer in layers {
        let Some(pack) = layer.pack.table.table("pack") else {
            continue;
        };
        let (Some(id), Some(region)) = (pack.slug("id"), pack.text("region")) else {
            continue;
        };
        let code = match region.value.parse::<RegionCode>() {
            Ok(code) => code,
            Err(error) => {
                faults.put(Fault::error("region", region.place, error.to_string()));
                continue;
            }
        };
        if let Some(above) = heads.last().filter(|above| !above.region.contains(code)) {
            let message = format!("{} 不在上级“{}”的范围内", region.value, above.name);
            faults.put(Fault::error("region", region.place, message));
        }
        let brand = pack.table("brand").map(|brand| &brand.entries[..]);
        let label = |(key, node): &(crate::place::At<String>, crate::tree::Node)| match &node.value
        {
            Value::Text(text) => Some((key.value.parse().ok()?, text.clone())),
            _ => None,
        };
        heads.push(LayerHead {
            id: id.value,
            name: pack.words("name"),
            region: code,
            brand: brand.unwrap_or_default().iter().filter_map(label).collect(),
        });
    }
    heads
}

/// Which data the register of residents is taken from; the lowest pack that
/// says so decides. Its category and fields must be in the catalogue.
pub(crate) fn register(
    layers: &[Layer],
    catalogue: &Catalogue,
    faults: &Faults,
) -> Option<RegisterSource> {
    let tables = layers.iter().rev();
    let mut tables = tables.filter_map(|layer| layer.pack.table.table("pack")?.table("register"));
    let table = tables.next()?;
    let id = table.slug("category")?;
    let Some(category) = catalogue.category(&id.value) else {
        let message = format!("数据目录里没有“{}”这类数据", id.value);
        faults.put(Fault::error("register", id.place, message));
        return None;
    };
    let field = |key: &str| {
        let field = table.slug(key)?;
        if category.field(&field.value).is_none() {
            let message = format!("“{}”没有字段“{}”", category.name, field.value);
            faults.put(Fault::error("register", field.place, message));
        }
        Some(field.value)
    };
    let mut relations = BTreeMap::new();
    let written = table
        .table("relations")
        .map_or(&[][..], |table| &table.entries);
    for (code, node) in written {
        let relation = node
            .as_text()
            .and_then(|text| text.value.parse::<Relation>().ok());
        match (code.value.parse(), relation) {
            (Ok(code), Some(relation)) => {
                relations.insert(code, relation);
            }
            _ => {
                let message = "请写成家庭关系代码（GB/T 4761 两位数字），例如 10 配偶";
                faults.put(Fault::error("register", node.place, message));
            }
        }
    }
    Some(RegisterSource {
        household: field("household")?,
        name: field("name")?,
        region: field("region")?,
        relation: field("relation")?,
        phone: field("phone"),
        category: id.value,
        relations,
    })
}

/// The regions of all packs; on the same code the lower pack wins.
pub(crate) fn regions(layers: &[Layer], sources: &Sources, faults: &Faults) -> RegionTree {
    let mut tree = RegionTree::default();
    for layer in layers {
        if let Some((file, text)) = table(layer, "regions.csv", sources) {
            match RegionTree::from_csv(text) {
                Ok(more) => tree.overlay(more),
                Err(wrong) => rows(file, text, wrong, faults),
            }
        }
    }
    tree
}

/// The working days of the lowest pack that has a table; without one every
/// question about a working day is answered with an error, never a guess.
pub(crate) fn calendar(layers: &[Layer], sources: &Sources, faults: &Faults) -> WorkCalendar {
    let mut found = WorkCalendar::default();
    for layer in layers {
        if let Some((file, text)) = table(layer, "holidays.csv", sources) {
            match WorkCalendar::from_csv(text) {
                Ok(calendar) => found = calendar,
                Err(wrong) => rows(file, text, wrong, faults),
            }
        }
    }
    found
}

fn table<'a>(layer: &Layer, name: &str, sources: &'a Sources) -> Option<(u32, &'a str)> {
    let (_, file) = layer.tables.iter().find(|(own, _)| own == name)?;
    Some((*file, &sources.get(*file)?.text))
}

/// Faults of a CSV table, each with its line underlined.
fn rows(file: u32, text: &str, wrong: Vec<TableFault>, faults: &Faults) {
    for fault in wrong {
        let before = usize::try_from(fault.line.saturating_sub(1)).unwrap_or(0);
        let start: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
        let line = text[start..].split('\n').next().unwrap_or("").trim_end();
        let place = Place::new(file, start..start + line.len());
        faults.put(Fault::error("table", place, fault.what));
    }
}
