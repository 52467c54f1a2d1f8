//! 「坏字节的时辰」 Every fuzz target in turn, each for so many seconds, from its seeds;
//! a table of what was done at the end. Built by the ordinary compiler: the flags are
//! those cargo-fuzz would give, without its sanitizers, for the house has no unsafe code.
//! Absent: mending; what is found lies in `artifacts` and becomes a seed.

use crate::run::{Outcome, output, root};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Coverage for libFuzzer, and nothing else.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Ccodegen-units=1 -Clink-arg=-Wl,-z,nostart-stop-gc";
/// Seconds each target runs when nobody says.
const SECONDS: u64 = 60;
/// The most an input may have, bytes.
const INPUT_BYTES_MAX: u32 = 1 << 16;

/// What became of one target.
struct Ran {
    name: String,
    seconds: u64,
    executions: u64,
    corpus: u64,
    peak_mb: u64,
    coverage: String,
    sound: bool,
}

/// `cargo xtask fuzz [--seconds N] [--build] [NAME…]`
pub(crate) fn run(words: &[String]) -> Outcome {
    let mut seconds = SECONDS;
    let (mut only, mut build_only) = (Vec::new(), false);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--build" => build_only = true,
            "--seconds" => {
                let given = words.next().and_then(|text| text.parse().ok());
                seconds = given.ok_or("--seconds wants a number")?;
            }
            name => only.push(name.to_owned()),
        }
    }
    let place = Place::find()?;
    place.build(&only)?;
    if build_only {
        return Ok(());
    }
    let names = targets()?;
    let wanted = names
        .iter()
        .filter(|name| only.is_empty() || only.contains(name));
    let mut ran = Vec::new();
    for name in wanted {
        let one = place.fuzz(name, seconds)?;
        eprintln!("{}", line(&one));
        ran.push(one);
    }
    println!("| target | seconds | executions | edges | inputs kept | peak MB | sound |");
    println!("|---|---|---|---|---|---|---|");
    ran.iter().for_each(|one| println!("{}", line(one)));
    let broken: Vec<&str> = ran
        .iter()
        .filter(|one| !one.sound)
        .map(|one| &*one.name)
        .collect();
    match broken.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "{} found something: see {}",
            broken.join(", "),
            place.target.join("artifacts").display()
        )),
    }
}

fn line(one: &Ran) -> String {
    format!(
        "| {} | {} | {} | {} | {} | {} | {} |",
        one.name,
        one.seconds,
        one.executions,
        one.coverage,
        one.corpus,
        one.peak_mb,
        if one.sound { "yes" } else { "NO" }
    )
}

/// Every target that is written.
fn targets() -> Outcome<Vec<String>> {
    let folder = root().join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    let stem = |path: PathBuf| Some(path.file_stem()?.to_string_lossy().into_owned());
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|one| stem(one.path()))
        .collect();
    names.sort();
    Ok(names)
}

/// Where it is built and where its inputs lie.
struct Place {
    host: String,
    target: PathBuf,
}

impl Place {
    fn find() -> Outcome<Place> {
        let told = output("rustc", &["-vV"])?;
        let host = told.lines().find_map(|line| line.strip_prefix("host: "));
        let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        Ok(Place {
            host: host.ok_or("rustc does not say its host")?.to_owned(),
            target: target.unwrap_or_else(|| root().join("fuzz/target")),
        })
    }

    fn build(&self, only: &[String]) -> Outcome {
        let mut cargo = Command::new("cargo");
        cargo
            .args(["build", "--locked", "--target", &self.host])
            .args(only.iter().flat_map(|name| ["--bin", name.as_str()]))
            .arg("--target-dir")
            .arg(&self.target)
            .env("RUSTFLAGS", FLAGS)
            .current_dir(root().join("fuzz"));
        let status = cargo.status().map_err(|why| format!("cargo: {why}"))?;
        match status.success() {
            true => Ok(()),
            false => Err("the targets do not build".to_owned()),
        }
    }

    fn folder(&self, kind: &str, name: &str) -> Outcome<PathBuf> {
        let folder = self.target.join(kind).join(name);
        fs::create_dir_all(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
        Ok(folder)
    }

    /// From the inputs kept before and the seeds; what is new goes to the former.
    fn fuzz(&self, name: &str, seconds: u64) -> Outcome<Ran> {
        let kept = self.folder("corpus", name)?;
        let found = self.folder("artifacts", name)?;
        let log = self.folder("logs", name)?.join("log");
        let file = fs::File::create(&log).map_err(|why| format!("{}: {why}", log.display()))?;
        let mut command = Command::new(self.target.join(&self.host).join("debug").join(name));
        command
            .arg(format!("-max_total_time={seconds}"))
            .args(["-rss_limit_mb=2048", "-timeout=10", "-print_final_stats=1"])
            .arg(format!("-max_len={INPUT_BYTES_MAX}"))
            .arg(format!("-artifact_prefix={}/", found.display()))
            .arg(&kept)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            .current_dir(root());
        let seeds = root().join("fuzz/seeds").join(name);
        if seeds.is_dir() {
            command.arg(seeds);
        }
        let begun = std::time::Instant::now();
        let status = command.status().map_err(|why| format!("{name}: {why}"))?;
        let text = fs::read(&log).map_err(|why| format!("{name}: {why}"))?;
        let text = String::from_utf8_lossy(&text);
        Ok(Ran {
            name: name.to_owned(),
            seconds: begun.elapsed().as_secs(),
            executions: figure(&text, "stat::number_of_executed_units:"),
            corpus: count(&kept),
            peak_mb: figure(&text, "stat::peak_rss_mb:"),
            coverage: edges(&text),
            sound: status.success(),
        })
    }
}

fn figure(text: &str, what: &str) -> u64 {
    let lines = text.lines().rev();
    let found = lines.filter_map(|line| line.strip_prefix(what)).next();
    found.and_then(|one| one.trim().parse().ok()).unwrap_or(0)
}

fn edges(text: &str) -> String {
    let lines = text
        .lines()
        .rev()
        .filter_map(|line| line.split_once(" cov: "));
    let said = lines.map(|(_, rest)| rest).next().unwrap_or_default();
    said.split_whitespace().next().unwrap_or("?").to_owned()
}

fn count(folder: &Path) -> u64 {
    fs::read_dir(folder).map_or(0, |entries| entries.flatten().count() as u64)
}
