//! 「测速也要对」 The measurements whose point is what holds, at a small size and on both
//! databases: they fail by themselves when a key is lost, an order doubled or a figure is
//! not what happened. Times are not held here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::process::{Command, Stdio};
use store::testing::Cluster;

/// Runs a measurement on a database; gives what it said.
fn measured(words: &[&str], db: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let out = Command::new(env!("CARGO_BIN_EXE_nuanxin"))
        .arg("bench")
        .args(words)
        .args(["--db", db])
        .arg("--pack")
        .arg(root.join("packs/pinghu"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let why = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "{words:?} on {db}: {said}{why}");
    said
}

fn both(words: &[&str], holds: impl Fn(&str)) {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", folder.path().join("bench.db").display());
    holds(&measured(words, &file));
    match Cluster::start(false) {
        Ok(cluster) => holds(&measured(words, &cluster.create("bench").unwrap())),
        Err(why) => {
            assert!(std::env::var("CI").is_err(), "no PostgreSQL: {why}");
            eprintln!("SKIPPED on PostgreSQL: {why}");
        }
    }
}

#[test]
fn d04_d36_no_red_key_is_lost_or_doubled_while_the_server_is_killed() {
    let words = ["alarm", "--alarms", "24", "--kills", "3", "--gap-ms", "150"];
    both(&words, |said| {
        assert!(said.contains("24 次告警、29 个信号"), "{said}");
        assert!(said.contains("服务被杀 3 次"), "{said}");
    });
}

#[test]
fn m01_many_operators_send_each_order_once_and_overload_nobody() {
    let words = [
        "order",
        "--open",
        "60",
        "--providers",
        "12",
        "--seconds",
        "60",
    ];
    both(&words, |said| {
        assert_eq!(said.matches("派出 60 单").count(), 2, "{said}");
    });
}

#[test]
fn m01_m02_m06_m07_a_week_of_the_hotline_is_counted_as_it_happened() {
    let words = ["order", "--week", "--calls", "120", "--providers", "20"];
    both(&words, |said| {
        assert!(said.contains("一周 120 个来电"), "{said}");
        assert!(said.contains("都和实际一致"), "{said}");
    });
}
