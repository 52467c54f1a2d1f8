//! 「执行」 Runs a command and says what it is doing and how long it took.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// What went wrong, in one sentence.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or(here.clone(), PathBuf::from)
}

/// Runs `program` with `words` in the repository's root; its output is shown.
pub(crate) fn step(title: &str, program: &str, words: &[&str]) -> Outcome {
    step_with(title, program, words, &[])
}

/// The same, with extra environment variables.
pub(crate) fn step_with(
    title: &str,
    program: &str,
    words: &[&str],
    env: &[(&str, &str)],
) -> Outcome {
    eprintln!("\n── {title}: {program} {}", words.join(" "));
    let begun = Instant::now();
    let status = Command::new(program)
        .args(words)
        .current_dir(root())
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .status()
        .map_err(|why| format!("{title}: `{program}` could not be started ({why})"))?;
    eprintln!("── {title}: {:.1} s", begun.elapsed().as_secs_f64());
    if status.success() {
        Ok(())
    } else {
        Err(format!("{title} failed ({status})"))
    }
}

/// Runs quietly and returns what it printed.
pub(crate) fn output(program: &str, words: &[&str]) -> Outcome<String> {
    let done = Command::new(program)
        .args(words)
        .current_dir(root())
        .stdin(Stdio::null())
        .output()
        .map_err(|why| format!("`{program}` could not be started ({why})"))?;
    if !done.status.success() {
        return Err(format!(
            "`{program} {}` failed:\n{}",
            words.join(" "),
            String::from_utf8_lossy(&done.stderr)
        ));
    }
    String::from_utf8(done.stdout).map_err(|_| format!("`{program}` did not print UTF-8"))
}
