//! 「坏输入」 What bad input gets, through the command line: the exit code of the
//! contract, words that say what, where and how to mend it, and a database that
//! holds exactly the good rows. The real binary, on both databases.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod case;
mod deliveries;
mod drops;
mod envelopes;
mod files;
#[path = "../keys/mod.rs"]
mod keys;
mod rows;
mod without_store;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a refused file may cost above what a good one costs.
const GROWTH_MAX_KB: u64 = 256 << 10;
/// And how long it may take on the wall, with room for a busy machine.
const TIME_MAX: Duration = Duration::from_secs(10);
/// The promise: two seconds of the processor above what a good file costs; three times
/// that where nothing is optimised.
const WORK_MAX: Duration = Duration::from_secs(if cfg!(debug_assertions) { 6 } else { 2 });

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What a run of the binary gave.
#[derive(Debug)]
struct Ran {
    code: i32,
    said: String,
    /// The most memory it held.
    peak_kb: u64,
    took: Duration,
    /// The processor's time: what a busy machine does not change.
    worked: Duration,
}

fn command(words: &[String]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nuanxin"));
    command
        .args(words)
        .current_dir(root())
        .env_remove("NUANXIN_FORMAT")
        .stdin(Stdio::null());
    command
}

/// Runs the binary; `dir` takes what it prints.
fn run(dir: &Path, words: &[String]) -> Ran {
    let (out, err) = (dir.join("stdout"), dir.join("stderr"));
    let begun = Instant::now();
    let mut child = command(words)
        .stdout(fs::File::create(&out).unwrap())
        .stderr(fs::File::create(&err).unwrap())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let stat = format!("/proc/{}/stat", child.id());
    let (mut peak_kb, mut ticks) = (0, 0);
    let code = loop {
        let held = fs::read_to_string(&status).unwrap_or_default();
        let peak = held.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok());
        peak_kb = peak_kb.max(peak.unwrap_or(0));
        ticks = ticks.max(ticks_in(&fs::read_to_string(&stat).unwrap_or_default()));
        if let Some(status) = child.try_wait().unwrap() {
            break status.code().expect("killed by a signal");
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let read = |path: &Path| fs::read_to_string(path).unwrap();
    Ran {
        code,
        said: read(&out) + &read(&err),
        peak_kb,
        took: begun.elapsed(),
        worked: Duration::from_millis(ticks * 10),
    }
}

/// User and system time of a process, in hundredths of a second.
fn ticks_in(stat: &str) -> u64 {
    let after = stat.rsplit_once(") ").map_or("", |(_, after)| after);
    let fields: Vec<&str> = after.split(' ').collect();
    let ticks = |at: usize| {
        fields
            .get(at)
            .and_then(|text| text.parse().ok())
            .unwrap_or(0)
    };
    ticks(11) + ticks(12)
}

/// Exit code and words.
fn check(case: &str, ran: &Ran, code: i32, says: &[&str]) {
    assert_eq!(ran.code, code, "{case}: {}", ran.said);
    for words in says {
        assert!(
            ran.said.contains(words),
            "{case}: no “{words}” in: {}",
            ran.said
        );
    }
    let panicked = ran.said.contains("panicked");
    assert!(!panicked, "{case}: {}", ran.said);
}
