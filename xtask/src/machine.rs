//! 「机器」 What this machine has: PostgreSQL's server binaries, cargo-deny.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Where PostgreSQL's server programs are, newest first, if anywhere.
pub(crate) fn postgres_bin() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    versions.sort();
    versions
        .into_iter()
        .rev()
        .find(|bin| bin.join("initdb").exists())
}

/// Whether `cargo deny` answers.
pub(crate) fn has_cargo_deny() -> bool {
    Command::new("cargo")
        .args(["deny", "--version"])
        .output()
        .is_ok_and(|done| done.status.success())
}

/// Whether Node with npm, Chromium and Python are here.
pub(crate) fn has_browser() -> bool {
    ["node", "npm", "chromium", "python3"]
        .iter()
        .all(|program| {
            let asked = Command::new(program).arg("--version").output();
            asked.is_ok_and(|done| done.status.success())
        })
}

/// Whether this is CI, where nothing may be skipped.
pub(crate) fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}
