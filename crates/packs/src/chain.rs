//! 「上下级」 The chain of packs, province ← city ← county: which folders, in
//! which order, and the bytes of every file. The only file that reads the disk.

use crate::diagnostic::{Fault, Faults};
use crate::keys::PACK_FILE;
use crate::place::{Place, Sources};
use crate::tree::{self, Table};
use std::path::{Path, PathBuf};

/// The longest chain; more is a slip or a circle.
const LAYERS_MAX: usize = 8;
/// The largest file a person could have written.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// One folder of the chain as read: names relative to it, in sorted order.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    /// The folder's own name, `zhejiang`.
    pub(crate) name: String,
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

/// A file of the chain, parsed.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) file: u32,
    pub(crate) table: Table,
}

/// One pack of the chain, base first.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) pack: Document,
    pub(crate) documents: Vec<Document>,
    /// `regions.csv`, `holidays.csv`… by name.
    pub(crate) tables: Vec<(String, u32)>,
}

/// Reads the folder and everything it extends; the base comes first.
pub(crate) fn read(dir: &Path, sources: &mut Sources, faults: &Faults) -> Vec<Folder> {
    let mut folders = Vec::new();
    let mut seen: Vec<PathBuf> = Vec::new();
    let mut next = Some(dir.to_path_buf());
    while let Some(dir) = next {
        let name = name_of(&dir);
        let real = dir.canonicalize().unwrap_or_else(|_| dir.clone());
        let circle = seen.contains(&real) || seen.len() >= LAYERS_MAX;
        if circle || !dir.is_dir() {
            let file = sources.add(format!("{name}/pack.toml"), String::new());
            let message = if circle {
                format!("“{name}”的上级绕了回来：extends 不能成圈")
            } else {
                format!("找不到规则包的文件夹“{name}”")
            };
            faults.put(Fault::error("no_pack", Place::top(file), message));
            break;
        }
        seen.push(real);
        let folder = read_folder(&dir, name, sources, faults);
        next = extends(&folder).map(|up| dir.join(up));
        folders.push(folder);
    }
    folders.reverse();
    folders
}

fn name_of(dir: &Path) -> String {
    let real = dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
    let name = real
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "pack".to_owned())
}

/// A first glance at `pack.toml`, only to find the next folder.
fn extends(folder: &Folder) -> Option<String> {
    let (_, bytes) = folder.files.iter().find(|(name, _)| name == "pack.toml")?;
    let text = String::from_utf8_lossy(bytes);
    let table = tree::read(0, &text, &Faults::default());
    table.table("pack")?.maybe_words("extends")
}

fn read_folder(dir: &Path, name: String, sources: &mut Sources, faults: &Faults) -> Folder {
    let mut files = Vec::new();
    let mut open = vec![(dir.to_path_buf(), String::new())];
    while let Some((path, prefix)) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&path) else {
            unreadable(&name, &prefix, sources, faults);
            continue;
        };
        for entry in entries.flatten() {
            let own = entry.file_name().to_string_lossy().into_owned();
            let relative = format!("{prefix}{own}");
            let path = entry.path();
            if own.starts_with('.') {
                continue;
            }
            if path.is_dir() {
                open.push((path, format!("{relative}/")));
                continue;
            }
            if !own.ends_with(".toml") && !own.ends_with(".csv") {
                continue;
            }
            let small = entry
                .metadata()
                .is_ok_and(|meta| meta.len() <= FILE_BYTES_MAX);
            match std::fs::read(&path) {
                Ok(bytes) if small => files.push((relative, bytes)),
                _ => unreadable(&name, &relative, sources, faults),
            }
        }
    }
    files.sort();
    Folder { name, files }
}

fn unreadable(folder: &str, name: &str, sources: &mut Sources, faults: &Faults) {
    let file = sources.add(format!("{folder}/{name}"), String::new());
    let message = format!("读不了“{name}”：没有权限，或超过 4 MB");
    faults.put(Fault::error("unreadable", Place::top(file), message));
}

/// Parses every file of the folders.
pub(crate) fn parse(folders: &[Folder], sources: &mut Sources, faults: &Faults) -> Vec<Layer> {
    let layers = folders.iter();
    layers
        .map(|folder| layer(folder, sources, faults))
        .collect()
}

fn layer(folder: &Folder, sources: &mut Sources, faults: &Faults) -> Layer {
    let mut pack = None;
    let mut documents = Vec::new();
    let mut tables = Vec::new();
    for (name, bytes) in &folder.files {
        let full = format!("{}/{name}", folder.name);
        let (text, broken) = decode(bytes);
        let file = sources.add(full, text.clone());
        if let Some(at) = broken {
            let message = "这个文件不是 UTF-8 编码：请另存为 UTF-8";
            faults.put(Fault::error("encoding", Place::new(file, at..at), message));
            continue;
        }
        if name.ends_with(".csv") {
            tables.push((name.clone(), file));
            continue;
        }
        let document = Document {
            file,
            table: tree::read(file, &text, faults),
        };
        if name == "pack.toml" {
            PACK_FILE.check(&document.table, faults);
            pack = Some(document);
        } else {
            documents.push(document);
        }
    }
    let pack = pack.unwrap_or_else(|| {
        let file = sources.add(format!("{}/pack.toml", folder.name), String::new());
        let message = format!("“{}”里没有 pack.toml", folder.name);
        faults.put(Fault::error("no_pack", Place::top(file), message));
        Document {
            file,
            table: tree::read(file, "", faults),
        }
    });
    Layer {
        pack,
        documents,
        tables,
    }
}

/// The text, and where it stops being UTF-8. A byte order mark is dropped.
fn decode(bytes: &[u8]) -> (String, Option<usize>) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), None),
        Err(error) => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            (text, Some(error.valid_up_to()))
        }
    }
}
