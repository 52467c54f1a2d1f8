//! 「执行」 Runs a command and says what it is doing and how long it took.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
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

/// [`step`] with extra environment variables.
pub(crate) fn step_with(
    title: &str,
    program: &str,
    words: &[&str],
    env: &[(&str, &str)],
) -> Outcome {
    begin(title, program, words, env)?.wait()
}

/// Begins `program` and does not wait for it: it mostly waits itself.
pub(crate) fn beside(title: &str, program: &str, words: &[&str]) -> Outcome<Beside> {
    begin(title, program, words, &[])
}

/// A step that has begun.
#[must_use = "nobody would hear that it failed"]
pub(crate) struct Beside {
    title: String,
    begun: Instant,
    child: Child,
}

fn begin(title: &str, program: &str, words: &[&str], env: &[(&str, &str)]) -> Outcome<Beside> {
    eprintln!("\n── {title}: {program} {}", words.join(" "));
    let begun = Instant::now();
    let child = Command::new(program)
        .args(words)
        .current_dir(root())
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .spawn()
        .map_err(|why| format!("{title}: `{program}` could not be started ({why})"))?;
    Ok(Beside {
        title: title.to_owned(),
        begun,
        child,
    })
}

impl Beside {
    /// Waits for its end and says how long it took.
    pub(crate) fn wait(mut self) -> Outcome {
        let title = &self.title;
        let status = self
            .child
            .wait()
            .map_err(|why| format!("{title}: not waited for ({why})"))?;
        eprintln!("── {title}: {:.1} s", self.begun.elapsed().as_secs_f64());
        if status.success() {
            Ok(())
        } else {
            Err(format!("{title} failed ({status})"))
        }
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
