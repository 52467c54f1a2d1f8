//! 「装入」 From a folder to a pack: read the chain, walk every file, merge the
//! overlays, resolve and prove. Each stage goes on after faults, so that one run
//! shows them all.

use crate::archive::Archive;
use crate::chain::{self, Folder, Layer};
use crate::desk::Desk;
use crate::diagnostic::{Fault, Faults, Report};
use crate::keys::ROOTS;
use crate::lint::lint;
use crate::model::Pack;
use crate::overlay::{Change, Merge, Override};
use crate::place::{At, Place, Sources};
use crate::prove::prove;
use crate::read::{head, register};
use crate::resolve::{Draft, resolve};
use crate::shape::root_of;
use crate::suggest::meant;
use crate::tree::Table;
use engine_policy::RuleBook;
use kernel::{RegionTree, WorkCalendar};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// What loading found: the report always, the pack when there is no error.
#[derive(Debug)]
pub struct Loaded {
    /// Every diagnostic, warnings too.
    pub report: Report,
    /// The pack, unless there is an error.
    pub pack: Option<Pack>,
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
    let documents = documents(&layers, &faults, &changes);
    let heads = head::heads(&layers, &faults);
    let regions = head::regions(&layers, &sources, &faults);
    let calendar = head::calendar(&layers, &sources, &faults);
    let desk = Desk {
        sources: &sources,
        faults: &faults,
        layers: &heads,
        regions: &regions,
        layer_of_file: &layer_of_file(&layers),
        broken: RefCell::default(),
        compiled: RefCell::default(),
    };
    let draft = resolve(&desk, &documents);
    prove(&desk, &draft);
    lint(&desk, &draft);
    let register = register::register(&desk, &layers, &draft.catalogue);
    let overrides = changes.into_inner().into_iter();
    let overrides = overrides.map(|change| Override {
        was: match change.new {
            true => "没有写".to_owned(),
            false => written(&sources, change.base),
        },
        base: sources.spot(change.base),
        now: written(&sources, change.by),
        by: sources.spot(change.by),
        what: change.what,
    });
    let overrides = overrides.collect();
    let report = Report::new(sources, faults.into_vec());
    if report.errors() > 0 {
        return Loaded { report, pack: None };
    }
    let hash = hash(folders);
    let pack = pack(draft, hash, report.clone());
    let pack = Pack {
        layers: heads.into_iter().flatten().collect(),
        regions,
        calendar,
        register,
        overrides,
        archive: Archive::of(folders),
        ..pack
    };
    Loaded {
        report,
        pack: Some(pack),
    }
}

/// The words at a place, on one line.
fn written(sources: &Sources, place: Place) -> String {
    let words: Vec<&str> = sources.text(place).split_whitespace().collect();
    words.join(" ")
}

/// For every file, its layer in the chain.
fn layer_of_file(layers: &[Layer]) -> Vec<usize> {
    let mut all = Vec::new();
    for (index, layer) in layers.iter().enumerate() {
        let tables = layer.tables.iter().map(|(_, file)| *file);
        let files = layer.documents.iter().map(|one| one.file).chain(tables);
        for file in files.chain([layer.pack.file]) {
            let file = file as usize;
            if all.len() <= file {
                all.resize(file + 1, 0);
            }
            all[file] = index;
        }
    }
    all
}

/// SHA-256 over every file of the chain, base first, in the order of names. The
/// folders' own names and places do not count: the same files, the same hash.
fn hash(folders: &[Folder]) -> String {
    let mut hasher = Sha256::new();
    for (index, folder) in folders.iter().enumerate() {
        for (name, bytes) in &folder.files {
            hasher.update(format!("{index}/{name}\0{}\0", bytes.len()));
            hasher.update(bytes);
        }
    }
    let digest = hasher.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn pack(draft: Draft, hash: String, report: Report) -> Pack {
    let mut facts = BTreeMap::new();
    let mut rules = Vec::new();
    for fact in draft.facts {
        facts.insert(fact.origin.id.clone(), fact.origin);
        rules.push(fact.rule);
    }
    let services = draft.services.into_iter();
    let (benefits, services) = services
        .map(|one| (one.benefit.benefit, one.service))
        .unzip();
    let records = draft
        .records
        .into_iter()
        .map(|one| (one.kind.id.clone(), one));
    let records: BTreeMap<_, _> = records.collect();
    let rules = RuleBook {
        pack_hash: hash.clone(),
        facts: rules,
        records: records.values().map(|one| one.kind.clone()).collect(),
        parameters: draft.parameters.into_iter().map(|one| one.rule).collect(),
        benefits,
    };
    Pack {
        hash,
        layers: Vec::new(),
        regions: RegionTree::default(),
        calendar: WorkCalendar::default(),
        rules: Arc::new(rules),
        data: engine_pool::Config {
            catalogue: draft.catalogue,
            contradictions: draft.contradictions,
            agreements: draft.agreements,
            ..engine_pool::Config::default()
        },
        register: Vec::new(),
        facts,
        portrait: draft.portrait,
        signs: draft.signs,
        warnings: draft.warnings,
        records,
        services,
        joints: draft.joints.into_iter().map(|one| one.joint).collect(),
        orders: draft.orders.into_iter().map(Arc::new).collect(),
        sheets: draft.sheets,
        bookings: draft.bookings.into_iter().map(Arc::new).collect(),
        plans: draft.plans,
        life_kinds: draft.life_kinds,
        books: draft.books.into_iter().map(Arc::new).collect(),
        overrides: Vec::new(),
        archive: Archive::default(),
        report,
    }
}

/// Roots no overlay changes: a city writes its own.
const DATA_ROOTS: [&str; 2] = ["department", "agreements"];

/// A file that says what it is: the root key and the merged table.
#[derive(Clone, Debug)]
pub(crate) struct Rooted {
    pub(crate) root: &'static str,
    pub(crate) id: At<String>,
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
    for layer in layers {
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
        .filter(|one| !DATA_ROOTS.contains(&one.root))
        .map(|one| one.id.value.clone())
        .collect();
    let target = all
        .iter_mut()
        .find(|one| !DATA_ROOTS.contains(&one.root) && one.id.value == of.value);
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
