//! 「装入」 From a folder to a pack: read the chain, walk every file, merge the
//! overlays, resolve and prove. Each stage goes on after faults, so that one run
//! shows them all.

use crate::chain::{self, Folder, Layer};
use crate::diagnostic::{Fault, Faults, Report};
use crate::keys::ROOTS;
use crate::overlay::{Change, Merge};
use crate::place::{At, Place, Sources};
use crate::shape::root_of;
use crate::suggest::meant;
use crate::tree::Table;
use std::cell::RefCell;
use std::path::Path;

/// What loading found: the report always, the pack when there is no error.
#[derive(Debug)]
pub struct Loaded {
    /// Every diagnostic, warnings too.
    pub report: Report,
}

/// Loads the pack in a folder with everything it extends.
pub fn load(dir: &Path) -> Loaded {
    let mut sources = Sources::default();
    let faults = Faults::default();
    let folders = chain::read(dir, &mut sources, &faults);
    load_folders(&folders, sources, faults)
}

pub(crate) fn load_folders(folders: &[Folder], mut sources: Sources, faults: Faults) -> Loaded {
    let layers = chain::parse(folders, &mut sources, &faults);
    let changes = RefCell::new(Vec::new());
    let _documents = documents(&layers, &faults, &changes);
    let report = Report::new(sources, faults.into_vec());
    Loaded { report }
}

/// A file that says what it is: the root key and the merged table.
#[derive(Clone, Debug)]
pub(crate) struct Rooted {
    pub(crate) root: &'static str,
    pub(crate) id: At<String>,
    /// Its layer in the chain, base 0.
    pub(crate) layer: usize,
    pub(crate) file: u32,
    pub(crate) table: Table,
}

/// Walks every file and merges overlays into what they change.
pub(crate) fn documents(
    layers: &[Layer],
    faults: &Faults,
    changes: &RefCell<Vec<Change>>,
) -> Vec<Rooted> {
    let mut all: Vec<Rooted> = Vec::new();
    for (index, layer) in layers.iter().enumerate() {
        let mut overlays = Vec::new();
        for document in &layer.documents {
            let Some((root, shape)) = root_of(&document.table, ROOTS, document.file, faults) else {
                continue;
            };
            shape.check(&document.table, faults);
            let head = document.table.table(root);
            if *root == "overlay" {
                overlays.push(document);
                continue;
            }
            let Some(id) = head.and_then(|head| head.text("id")) else {
                continue;
            };
            if let Some(first) = all
                .iter()
                .find(|one| one.root == *root && one.id.value == id.value)
            {
                let message = format!("`{}` 已经有了", id.value);
                let fault = Fault::error("duplicate", id.place, message)
                    .help("要改上级的内容，请写 [overlay]")
                    .also(first.id.place, "先在这里");
                faults.put(fault);
                continue;
            }
            all.push(Rooted {
                root,
                id,
                layer: index,
                file: document.file,
                table: document.table.clone(),
            });
        }
        for document in overlays {
            merge(&mut all, &document.table, faults, changes);
        }
    }
    all
}

fn merge(all: &mut [Rooted], overlay: &Table, faults: &Faults, changes: &RefCell<Vec<Change>>) {
    let Some(of) = overlay.table("overlay").and_then(|head| head.text("of")) else {
        return;
    };
    let ids: Vec<String> = all
        .iter()
        .filter(|one| one.root != "department")
        .map(|one| one.id.value.clone())
        .collect();
    let target = all
        .iter_mut()
        .find(|one| one.root != "department" && one.id.value == of.value);
    let Some(target) = target else {
        let message = format!("没有叫“{}”的服务或词汇", of.value);
        let help = meant(&of.value, ids.iter().map(String::as_str));
        faults.put(Fault::error("unknown_name", of.place, message).maybe_help(help));
        return;
    };
    Merge::new(of.value, overlay, faults, changes).run(&mut target.table, overlay);
    // What was added must be whole, like everything in the base.
    if let Some((_, shape)) = ROOTS.iter().find(|(root, _)| *root == target.root) {
        shape.check(&target.table, faults);
    }
}

/// Where the whole pack begins: for what no file says.
pub(crate) fn pack_place(layers: &[Layer]) -> Place {
    layers
        .last()
        .map_or(Place::top(0), |layer| Place::top(layer.pack.file))
}
