//! 「杀不死的故事」 The story's process is killed at random points, its simulators
//! with it, and started again over the same data, until it ends by itself. It must
//! end with the figures of the story nobody disturbed: the same findings, the same
//! grants, the same money to the fen, the same lines at the bank, the same entries
//! in the ledger; and audit and ledger verify. On both databases.
//!
//! `NUANXIN_KILLS` says how many kills each database gets; without it a few, so
//! that the suite stays short. The database server is not killed here: that what
//! it acknowledged survives its own end is the store's to prove.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use store::testing::Cluster;

/// Kills per database when nobody says.
const KILLS: u32 = 4;
/// A telling that takes longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(180);

/// What the story says when the month's money is released.
const RELEASED: &str = "不是同一个人";

/// Where one story lives.
struct Home {
    dir: tempfile::TempDir,
    db: String,
}

/// What a finished story leaves: everything in it must be the same, killed or not.
#[derive(Debug, PartialEq)]
struct Outcome {
    figures: BTreeMap<String, i64>,
    /// Account, amount and outcome of every line the bank ever executed.
    bank: Vec<String>,
    /// What the ledger says of itself.
    ledger: Value,
}

/// When a telling is killed.
#[derive(Debug)]
enum Point {
    /// So long after its start.
    After(Duration),
    /// So long after its line of that number: every step of the story gets its
    /// share, also the quick ones.
    Line(usize, Duration),
    /// So long after the release of the money: between the word to the bank and the
    /// bank's own word lie a few milliseconds that matter most.
    Release(Duration),
    Never,
}

/// A telling in a process of its own.
struct Telling {
    child: Child,
    lines: Receiver<String>,
    heard: Vec<String>,
    log: PathBuf,
}

impl Home {
    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn command(&self, words: &[&str]) -> Command {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut command = Command::new(env!("CARGO_BIN_EXE_nuanxin"));
        command
            .args(words)
            .args(["--format", "json", "--db", &self.db])
            .arg("--pack")
            .arg(root.join("packs/pinghu"))
            .stdin(Stdio::null());
        command
    }

    fn tell(&self) -> Telling {
        let log = self.dir.path().join("stderr");
        let mut child = self
            .command(&["demo", "--headless", "--residents", "400"])
            .arg("--data")
            .arg(self.data())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let (hear, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if hear.send(line).is_err() {
                    break;
                }
            }
        });
        let heard = Vec::new();
        Telling {
            child,
            lines,
            heard,
            log,
        }
    }

    fn outcome(&self, heard: &[String]) -> Outcome {
        self.verify("audit");
        self.replay();
        Outcome {
            figures: serde_json::from_value(object(heard)).unwrap(),
            bank: self.bank(),
            ledger: self.verify("ledger"),
        }
    }

    /// Every judgement on file, judged again by the law it was made under.
    fn replay(&self) {
        let keys = self.data().join("keys");
        let mut command = self.command(&["policy", "replay"]);
        let out = command.arg("--keys").arg(keys).output().unwrap();
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(out.status.success(), "policy replay: {text}");
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        assert!(object(&lines)["same"].as_u64().unwrap() > 0, "{text}");
    }

    fn verify(&self, book: &str) -> Value {
        let out = self
            .command(&[book, "verify"])
            .arg("--keys")
            .arg(self.data().join("keys"))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(
            out.status.success(),
            "{book} verify: {text}{}",
            String::from_utf8_lossy(&out.stderr)
        );
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        object(&lines)
    }

    fn bank(&self) -> Vec<String> {
        let books = fs::read(self.data().join("bank.json")).unwrap();
        let books: Value = serde_json::from_slice(&books).unwrap();
        let files = books["files"].as_object().unwrap().values();
        let lines = files.flat_map(|file| file["lines"].as_array().unwrap());
        let mut said: Vec<String> = lines
            .map(|line| {
                let kind = match &line["outcome"] {
                    Value::Object(one) => one.keys().cloned().collect::<String>(),
                    other => other.to_string(),
                };
                format!("{} {} {kind}", line["account"], line["amount"])
            })
            .collect();
        said.sort();
        assert_eq!(said.len(), books["executed"].as_array().unwrap().len());
        said
    }
}

impl Telling {
    /// Waits until the point and kills. Gives what was printed when the story ended
    /// by itself before that.
    fn until(mut self, point: &Point) -> Option<Vec<String>> {
        let begun = Instant::now();
        loop {
            let left = match point {
                Point::After(time) => time.saturating_sub(begun.elapsed()),
                Point::Line(line, pause) if self.heard.len() >= *line => {
                    std::thread::sleep(*pause);
                    Duration::ZERO
                }
                Point::Release(pause) if self.heard.iter().any(|line| line.contains(RELEASED)) => {
                    std::thread::sleep(*pause);
                    Duration::ZERO
                }
                Point::Line(..) | Point::Release(_) | Point::Never => {
                    PATIENCE.saturating_sub(begun.elapsed())
                }
            };
            assert!(begun.elapsed() < PATIENCE, "hangs: {:#?}", self.heard);
            if left.is_zero() {
                break;
            }
            match self.lines.recv_timeout(left) {
                Ok(line) => self.heard.push(line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Some(self.ended()),
            }
        }
        self.child.kill().unwrap();
        // It may have ended in the same instant: then nothing was killed.
        let status = self.child.wait().unwrap();
        status.code()?;
        self.heard.extend(self.lines.iter());
        Some(self.ended())
    }

    fn ended(&mut self) -> Vec<String> {
        let status = self.child.wait().unwrap();
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let heard = std::mem::take(&mut self.heard);
        assert!(status.success(), "{status}: {log}\n{}", heard.join("\n"));
        heard
    }
}

/// The JSON object among the printed lines.
fn object(lines: &[String]) -> Value {
    let first = lines.iter().rposition(|line| line.starts_with('{'));
    let text = lines[first.expect("no JSON was printed")..].join("\n");
    let mut values = serde_json::Deserializer::from_str(&text).into_iter();
    values.next().unwrap().unwrap()
}

fn kills() -> u32 {
    let said = std::env::var("NUANXIN_KILLS").ok();
    said.map_or(KILLS, |text| text.parse().unwrap())
}

fn random_point(random: &mut ChaCha8Rng, time: Duration, lines: usize) -> Point {
    let pause = Duration::from_micros(random.random_range(0..60_000));
    match random.random_range(0..5) {
        0 | 1 => Point::After(time.mul_f64(random.random())),
        2 | 3 => Point::Line(random.random_range(0..lines), pause),
        _ => Point::Release(pause),
    }
}

/// Kills on one kind of database; `home` gives an empty one each time.
fn kill_on(name: &str, seed: u64, mut home: impl FnMut() -> Home) {
    let undisturbed = home();
    let begun = Instant::now();
    let heard = undisturbed.tell().until(&Point::Never).unwrap();
    let (time, lines) = (begun.elapsed(), heard.len());
    let expected = undisturbed.outcome(&heard);
    assert!(!expected.bank.is_empty());
    assert!(heard.iter().any(|line| line.contains(RELEASED)));
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut killed, mut stories) = (0, 0);
    while killed < kills() {
        let home = home();
        let before = killed;
        let mut points = Vec::new();
        let heard = loop {
            let point = if killed < kills() {
                random_point(&mut random, time, lines)
            } else {
                Point::Never
            };
            match home.tell().until(&point) {
                Some(heard) => break heard,
                None => killed += 1,
            }
            points.push(point);
        };
        stories += 1;
        let outcome = home.outcome(&heard);
        assert_eq!(outcome, expected, "{name}: killed at {points:?}");
        let here = killed - before;
        eprintln!("{name}: story {stories} went on through {here} kills ({killed} so far)");
    }
    eprintln!("{name}: {killed} kills in {stories} stories, nothing lost, nothing doubled");
}

#[test]
fn a01_killed_anywhere_the_story_goes_on_in_sqlite() {
    kill_on("sqlite", 20_260_901, || {
        let dir = tempfile::tempdir().unwrap();
        let db = format!("sqlite:{}/nuanxin.db", dir.path().display());
        Home { dir, db }
    });
}

#[test]
fn a01_killed_anywhere_the_story_goes_on_in_postgres() {
    let cluster = match Cluster::start(false) {
        Ok(cluster) => cluster,
        Err(why) => {
            assert!(std::env::var("CI").is_err(), "no PostgreSQL: {why}");
            eprintln!("SKIPPED on PostgreSQL: {why}");
            return;
        }
    };
    let mut number = 0;
    kill_on("postgres", 20_260_902, || {
        number += 1;
        let db = cluster.create(&format!("story_{number}")).unwrap();
        let dir = tempfile::tempdir().unwrap();
        Home { dir, db }
    });
}
