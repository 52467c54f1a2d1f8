//! What was acknowledged survives `kill -9`, nothing is there twice, and what is
//! there is whole. Killing a process cannot lose what the operating system
//! already holds: `power.rs` takes that away too.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod acting;

use acting::{Acting, act, keys, nothing_lost};
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;
use store::testing::{AUDIT_KEY, places, sealing_keys};
use store::{Db, Settings};

/// The process that is killed.
#[tokio::test]
async fn child_that_writes_until_killed() {
    acting::act_until_killed().await;
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    for place in places() {
        let mut acknowledged: Vec<String> = Vec::new();
        for round in 0..8 {
            let child = "child_that_writes_until_killed";
            let mut acting = Acting::start(&[], child, &place.url, round);
            // Never the same moment: somewhere within many groups.
            acting.act_for(Duration::from_millis(20 + round * 37 % 230));
            acknowledged.extend(acting.kill());
            nothing_lost(&place.url, &acknowledged).await;
        }
        assert!(acknowledged.len() > 50, "only {}", acknowledged.len());
        eprintln!("{}: {} acknowledged", place.name, acknowledged.len());
    }
}

/// Two programs on one database, the server and the command line.
#[tokio::test]
async fn two_programs_at_once_lose_nothing() {
    for place in places() {
        let programs = [place.open().await, place.open().await];
        let mut writers = tokio::task::JoinSet::new();
        for n in 0..80 {
            let db = programs[n % 2].clone();
            writers.spawn(async move { act(&db, format!("k{n}")).await.unwrap() });
        }
        let ids: BTreeSet<i64> = writers.join_all().await.into_iter().collect();
        assert_eq!(ids.len(), 80, "{}: a number given twice", place.name);
        assert_eq!(keys(&place.url).await.len(), 80);
        for db in programs {
            db.close().await;
        }
    }
}

/// The process killed while it brings a new database up to date.
#[tokio::test]
async fn child_that_opens() {
    let Ok(url) = std::env::var("STORE_TEST_OPEN") else {
        return;
    };
    println!("ready");
    Db::open(&url, Settings::new(AUDIT_KEY, sealing_keys()))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_upgrade_killed_anywhere_is_done_or_not_begun() {
    for round in 0..12 {
        for place in places() {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "child_that_opens", "--nocapture"])
                .env("STORE_TEST_OPEN", &place.url)
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut told = BufReader::new(child.stdout.take().unwrap());
            let mut line = String::new();
            while !line.contains("ready") {
                assert_ne!(told.read_line(&mut line).unwrap(), 0);
            }
            std::thread::sleep(Duration::from_millis(round * 3));
            child.kill().unwrap();
            child.wait().unwrap();
            let db = place.open().await;
            act(&db, format!("after/{round}")).await.unwrap();
            db.close().await;
        }
    }
}
