//! 「包头」 Who each pack of the chain is; its regions and its calendar.

use crate::chain::Layer;
use crate::diagnostic::{Fault, Faults};
use crate::model::LayerHead;
use crate::place::{At, Place, Sources};
use crate::tree::{Node, Table};
use engine_pool::share::ShareDays;
use kernel::{RegionCode, RegionTree, TableFault, WorkCalendar};

/// Every pack's head, base first; `None` where it is wrong. A region outside
/// the one above is a fault.
pub(crate) fn heads(layers: &[Layer], faults: &Faults) -> Vec<Option<LayerHead>> {
    let mut heads: Vec<Option<LayerHead>> = Vec::new();
    for layer in layers {
        let above = heads.iter().flatten().last();
        let head = layer.pack.table.table("pack");
        let head = head.and_then(|pack| head_of(pack, above, faults));
        heads.push(head);
    }
    heads
}

fn head_of(pack: &Table, above: Option<&LayerHead>, faults: &Faults) -> Option<LayerHead> {
    let (id, region) = (pack.slug("id")?, pack.text("region")?);
    let code: RegionCode = region.value.parse().ok()?;
    if let Some(above) = above.filter(|above| !above.region.contains(code)) {
        let message = format!("{} 不在上级“{}”的范围内", region.value, above.name);
        faults.put(Fault::error("region", region.place, message));
        return None;
    }
    let brand = pack.table("brand").map_or(&[][..], |brand| &brand.entries);
    let label =
        |(key, node): &(At<String>, Node)| Some((key.value.parse().ok()?, node.as_text()?.value));
    Some(LayerHead {
        id: id.value,
        name: pack.words("name"),
        region: code,
        visits_per_week: pack.whole("visits_per_week"),
        looks_per_week: pack.whole("looks_per_week"),
        brand: brand.iter().filter_map(label).collect(),
        sharing: pack.table("sharing").and_then(sharing),
        warnings_at_once: pack.table("warnings").and_then(|one| one.whole("at_once")),
    })
}

fn sharing(table: &Table) -> Option<ShareDays> {
    let days = |key: &str| table.whole(key);
    Some(ShareDays {
        unconditional_days: days("unconditional")?,
        conditional_days: days("conditional")?,
        prolonged_days: days("prolonged")?,
        supply_days: days("supply")?,
        basis: table.words("basis"),
        provenance: super::catalogue::word(table, "provenance")?,
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
