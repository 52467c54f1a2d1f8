//! Tests of whole packs: the fixtures, broken on purpose.

mod broken;
mod lint;
mod pack;
mod proofs;
mod robust;

use crate::chain::{self, Folder};
use crate::diagnostic::Faults;
use crate::load::{Loaded, load_folders};
use crate::place::Sources;
use std::path::Path;

/// A fixture's chain, base first, in memory.
fn fixture(name: &str) -> Vec<Folder> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name);
    chain::read(&dir, &mut Sources::default(), &Faults::default())
}

/// The bytes of `folder/relative`.
fn file<'a>(folders: &'a mut [Folder], path: &str) -> &'a mut Vec<u8> {
    let (folder, relative) = path.split_once('/').unwrap();
    let folder = folders.iter_mut().find(|one| one.name == folder).unwrap();
    let found = folder.files.iter_mut().find(|(name, _)| name == relative);
    &mut found.unwrap_or_else(|| panic!("no {path}")).1
}

/// Replaces words that must be there exactly once.
fn change(folders: &mut [Folder], path: &str, from: &str, to: &str) {
    let bytes = file(folders, path);
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert_eq!(text.matches(from).count(), 1, "`{from}` in {path}");
    *bytes = text.replace(from, to).into_bytes();
}

/// Adds words at the end.
fn append(folders: &mut [Folder], path: &str, words: &str) {
    file(folders, path).extend_from_slice(words.as_bytes());
}

fn load(folders: &[Folder]) -> Loaded {
    load_folders(folders, Sources::default(), Faults::default())
}
