//! 「演示」 The whole story on the synthetic city, from a clean clone.

use crate::run::{Outcome, step};

/// Builds the binary and runs `nuanxin demo` with the given options.
pub(crate) fn run(options: &[String]) -> Outcome {
    nuanxin("demo", options)
}

/// Builds the binary and runs `nuanxin bench`.
pub(crate) fn bench(options: &[String]) -> Outcome {
    nuanxin("bench", options)
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
