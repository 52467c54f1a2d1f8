//! 「全检」 The one test command, for a newcomer and for CI alike.

use crate::machine;
use crate::run::{Beside, Outcome, beside, output, root, step};
use crate::{browser, contrast, doors, mission, tidy};
use std::fs;

/// The residents of the small stories: enough for every kind of family.
const STORY_RESIDENTS: &str = "2000";

/// The binary as a developer builds it.
const NUANXIN: &str = "target/debug/nuanxin";

/// Unit tests, packs, both databases, both stories at small size, the pages.
pub(crate) fn test() -> Outcome {
    without_pages()?;
    browser::test(&[])
}

fn without_pages() -> Outcome {
    let postgres = machine::postgres_bin();
    if postgres.is_none() {
        if machine::is_ci() {
            return Err(
                "PostgreSQL's server programs are missing; in CI nothing may be skipped".into(),
            );
        }
        eprintln!(
            "\n!! 跳过 PostgreSQL：没有找到它的服务端程序。安装后再跑：apt-get install postgresql"
        );
    }
    contrast::check()?;
    step("tests", "cargo", &["test", "--workspace", "--quiet"])?;
    step("build", "cargo", &["build", "--package", "nuanxin"])?;
    packs()?;
    let story = [
        "demo",
        "--headless",
        "--fresh",
        "--residents",
        STORY_RESIDENTS,
    ];
    step("story on SQLite", NUANXIN, &story)?;
    if postgres.is_some() {
        step("story on PostgreSQL", "cargo", &words_with_postgres(&story))?;
    }
    Ok(())
}

/// What CI runs: everything a reviewer would ask for, then [`test`].
pub(crate) fn ci() -> Outcome {
    step("formatting", "cargo", &["fmt", "--all", "--check"])?;
    tidy::check()?;
    doors::check()?;
    mission::check()?;
    step(
        "clippy",
        "cargo",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "--deny",
            "warnings",
        ],
    )?;
    if machine::has_cargo_deny() {
        // The advisory database lives on a host that closed networks do not reach; licences, bans and
        // sources are checked from the lock file alone.
        step(
            "licences",
            "cargo",
            &["deny", "check", "licenses", "bans", "sources"],
        )?;
    } else if machine::is_ci() {
        return Err("cargo-deny is missing; in CI nothing may be skipped".into());
    } else {
        eprintln!("\n!! 跳过许可证检查：没有 cargo-deny。安装：cargo install cargo-deny");
    }
    without_pages()?;
    // Browsers wait more than they work: what the second binary needs is built meanwhile,
    // by what they leave.
    let building = beside("lake: build", "nice", &LAKE_BUILD)?;
    let api = browser::test_and_go_on();
    let built = building.wait();
    let lake = built.and_then(|()| lake());
    let asked = api.and_then(|api| api.into_iter().try_for_each(Beside::wait));
    lake.and(asked)
}

/// Everything the second binary's tests need.
const LAKE_BUILD: [&str; 7] = [
    "-n",
    "19",
    "cargo",
    "test",
    "--manifest-path=crates/lake/Cargo.toml",
    "--no-run",
    "--quiet",
];

/// The second binary, which nobody else builds: formatting, lints, licences, tests.
fn lake() -> Outcome {
    let manifest = "--manifest-path=crates/lake/Cargo.toml";
    step("lake: formatting", "cargo", &["fmt", manifest, "--check"])?;
    let lints = [
        "clippy",
        manifest,
        "--all-targets",
        "--quiet",
        "--",
        "--deny",
        "warnings",
    ];
    step("lake: clippy", "cargo", &lints)?;
    if machine::has_cargo_deny() {
        let kinds = ["deny", manifest, "check", "licenses", "bans", "sources"];
        step("lake: licences", "cargo", &kinds)?;
    }
    // What it hands over is taken by the house itself.
    step(
        "lake: the house",
        "cargo",
        &["build", "-p", "nuanxin", "--quiet"],
    )?;
    step("lake: tests", "cargo", &["test", manifest, "--quiet"])
}

/// Checks every pack and runs every example.
fn packs() -> Outcome {
    let mut folders: Vec<_> = fs::read_dir(root().join("packs"))
        .map_err(|why| format!("packs/: {why}"))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("pack.toml").exists())
        .collect();
    folders.sort();
    for folder in folders {
        let folder = folder.display().to_string();
        step("pack check", NUANXIN, &["pack", "check", &folder])?;
        let told = output(NUANXIN, &["pack", "test", &folder])?;
        eprintln!(
            "── pack test {folder}: {}",
            told.lines().last().unwrap_or_default()
        );
    }
    Ok(())
}

/// `cargo run` words that run the binary over a private PostgreSQL.
fn words_with_postgres<'a>(story: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec![
        "run",
        "--quiet",
        "--package",
        "store",
        "--features",
        "testing",
    ];
    words.extend(["--example", "with_postgres", "--", NUANXIN]);
    words.extend(story);
    words
}
