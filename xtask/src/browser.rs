//! 「浏览器」 The pages in the system's Chromium, on one database or the other.

use crate::machine;
use crate::run::{Beside, Outcome, beside, step};

/// What asks the API everything: it mostly waits for its turn, so it may run beside others.
const API: &str = "api";

/// Runs the browser tests on SQLite and, where its programs are, on PostgreSQL: `wanted`
/// ones, or all and then the API's.
pub(crate) fn test(wanted: &[String]) -> Outcome {
    if !prepare()? {
        return Ok(());
    }
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    if !wanted.is_empty() {
        return pages(&wanted);
    }
    pages(&["but", API])?;
    begun(&[API])?.into_iter().try_for_each(Beside::wait)
}

/// The pages, all of them, one database after the other; then the API's tests are begun on
/// both and are to be waited for.
pub(crate) fn test_and_go_on() -> Outcome<Vec<Beside>> {
    if !prepare()? {
        return Ok(Vec::new());
    }
    pages(&["but", API])?;
    begun(&[API])
}

/// Installs what the tests need and builds the binary; `false`: this machine has no browser.
fn prepare() -> Outcome<bool> {
    if !machine::has_browser() {
        if machine::is_ci() {
            return Err(
                "node, npm, chromium or python3 is missing; in CI nothing may be skipped".into(),
            );
        }
        eprintln!(
            "\n!! 跳过浏览器测试：要有 node、npm、chromium 和 python3。安装：apt-get install nodejs npm chromium python3-venv"
        );
        return Ok(false);
    }
    let install = [
        "--prefix",
        "e2e",
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
    ];
    step("browser libraries", "npm", &install)?;
    schemathesis()?;
    step("build", "cargo", &["build", "--package", "nuanxin"])?;
    Ok(true)
}

/// One database after the other.
fn pages(wanted: &[&str]) -> Outcome {
    commands(wanted)
        .into_iter()
        .try_for_each(|(title, program, words)| step(&title, program, &words))
}

/// Both databases at the same time.
fn begun(wanted: &[&str]) -> Outcome<Vec<Beside>> {
    commands(wanted)
        .into_iter()
        .map(|(title, program, words)| beside(&title, program, &words))
        .collect()
}

/// Title, program and words of the run on each database there is.
fn commands<'a>(wanted: &[&'a str]) -> Vec<(String, &'static str, Vec<&'a str>)> {
    let words = [&["e2e/run.mjs"][..], wanted].concat();
    let what = wanted.join(" ");
    let mut commands = vec![(format!("browser on SQLite: {what}"), "node", words.clone())];
    if machine::postgres_bin().is_some() {
        let lent = [
            "run",
            "--quiet",
            "--package",
            "store",
            "--features",
            "testing",
            "--example",
            "with_postgres",
            "--",
            "node",
        ];
        let title = format!("browser on PostgreSQL: {what}");
        commands.push((title, "cargo", [&lent[..], &words].concat()));
    }
    commands
}

/// Puts the program that asks the API everything beside the build.
fn schemathesis() -> Outcome {
    const PLACE: &str = "target/schemathesis";
    step("API tester", "python3", &["-m", "venv", PLACE])?;
    let pip = format!("{PLACE}/bin/pip");
    let words = [
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--requirement",
        "e2e/requirements.txt",
    ];
    step("API tester's libraries", &pip, &words)
}
