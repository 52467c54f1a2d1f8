//! 「浏览器」 The pages in the system's Chromium, on one database or the other.

use crate::machine;
use crate::run::{Outcome, step};

/// Runs the browser tests on SQLite and, where its programs are, on PostgreSQL.
pub(crate) fn test(wanted: &[String]) -> Outcome {
    if !machine::has_browser() {
        if machine::is_ci() {
            return Err(
                "node, npm, chromium or python3 is missing; in CI nothing may be skipped".into(),
            );
        }
        eprintln!(
            "\n!! 跳过浏览器测试：要有 node、npm、chromium 和 python3。安装：apt-get install nodejs npm chromium python3-venv"
        );
        return Ok(());
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
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let words = [&["e2e/run.mjs"][..], &wanted].concat();
    step("browser on SQLite", "node", &words)?;
    if machine::postgres_bin().is_some() {
        let mut lent = vec![
            "run",
            "--quiet",
            "--package",
            "store",
            "--features",
            "testing",
        ];
        lent.extend(["--example", "with_postgres", "--", "node"]);
        lent.extend(words);
        step("browser on PostgreSQL", "cargo", &lent)?;
    }
    Ok(())
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
