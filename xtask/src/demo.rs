//! 「演示」 The whole story on the synthetic city, from a clean clone.

use crate::run::{Outcome, step};

/// Builds the binary and runs `nuanxin demo` with the given options.
pub(crate) fn run(options: &[String]) -> Outcome {
    nuanxin("demo", options)
}

/// The measurements of docs/performance.md: `screen`, `store`; all when none
/// is named.
pub(crate) fn bench(options: &[String]) -> Outcome {
    let wanted = |name: &str| options.is_empty() || options.iter().any(|word| word == name);
    if let Some(other) = options
        .iter()
        .find(|word| !["screen", "store"].contains(&word.as_str()))
    {
        return Err(format!(
            "no measurement `{other}`; there are: screen, store"
        ));
    }
    if wanted("screen") {
        screen("known", &["openfisca"])?;
        screen("missing", &["duckdb", "datafusion", "polars"])?;
    }
    if wanted("store") {
        nuanxin("bench", &["store".to_owned()])?;
    }
    Ok(())
}

/// A million people and ten benefits, beside peers.
fn screen(facts: &str, peers: &[&str]) -> Outcome {
    let words = ["run", "--release", "--package", "bench", "--example", "run"];
    let words = [&words[..], &["--", "1000000", "10", facts], peers].concat();
    step("screen", "cargo", &words)
}

fn nuanxin(command: &str, options: &[String]) -> Outcome {
    step(
        "build",
        "cargo",
        &["build", "--release", "--package", "nuanxin"],
    )?;
    let mut words = vec![command];
    words.extend(options.iter().map(String::as_str));
    step(command, "target/release/nuanxin", &words)
}
