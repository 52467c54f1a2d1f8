//! 「政策包」 A whole pack whose one file is any text, through the loader: no panic;
//! a pack or its errors, never both, never neither; every error has a place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A copy of the loader's own fixtures, to be broken.
static HOME: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let home = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/packs/fixtures");
    copy(&fixtures, home.path());
    home
});

const FILES: [&str; 6] = [
    "base/aid/living.toml",
    "base/facts.toml",
    "base/data/police.toml",
    "base/pack.toml",
    "base/regions.csv",
    "city/living.toml",
];

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target: PathBuf = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &target),
            false => drop(fs::copy(&path, &target).unwrap()),
        }
    }
}

// The first byte says which file the rest is.
fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else {
        return;
    };
    let path = HOME.path().join(FILES[usize::from(*which) % FILES.len()]);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, bytes).unwrap();
    let loaded = packs::load(&HOME.path().join("city"));
    fs::write(&path, whole).unwrap();
    let report = loaded.report;
    assert_eq!(loaded.pack.is_none(), report.errors() > 0);
    let told = report.diagnostics();
    assert_eq!(told.len(), report.errors() + report.warnings());
    assert!(told.iter().all(|one| one.at.line >= 1 && one.at.column >= 1));
    report.render();
});
