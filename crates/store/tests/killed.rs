//! What was acknowledged survives `kill -9`, nothing is there twice, and what is
//! there is whole. Killing a process cannot lose what the operating system
//! already holds, so this proves the order of things, not the disk: that the
//! writer syncs before it answers is asserted beside the writer itself.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use kernel::{Actor, Instant, Now, Role};
use sqlx::{Connection as _, Row as _, SqliteConnection};
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::time::Duration;
use store::audit::{AuditEntry, verify};
use store::testing::{AUDIT_KEY, Place, places, sealing_keys};
use store::{Db, RequestKey, Settings, StoreError};

const CLIENTS: usize = 32;

fn now() -> Now {
    Now {
        at: Instant::from_timestamp(1_790_000_000, 0).unwrap(),
    }
}

/// One act with all that a real one has: id, effect, key, audit, outbox.
async fn act(db: &Db, key: String) -> Result<i64, StoreError> {
    db.write(async move |tx| {
        let request = RequestKey::forever("test", &key, key.as_bytes());
        let reply = tx
            .idempotent(&request, now(), async |tx: &mut store::Tx| {
                let id = tx.next_id("act").await?;
                let actor = Actor {
                    account: "a".into(),
                    person: None,
                    role: Role::System,
                };
                let (action, purpose, subject) = ("test.act", "test", key.as_str());
                let entry = AuditEntry {
                    actor: &actor,
                    action,
                    purpose,
                    subject,
                    details: b"",
                };
                tx.audit(&entry, now()).await?;
                tx.publish("act", &key, &id, now(), now().at).await?;
                Ok::<_, StoreError>(id)
            })
            .await?;
        Ok(reply.value)
    })
    .await
}

/// The process that is killed. Does nothing unless the test below started it.
#[tokio::test]
async fn child_that_writes_until_killed() {
    let Ok(url) = std::env::var("STORE_TEST_URL") else {
        return;
    };
    let round = std::env::var("STORE_TEST_ROUND").unwrap();
    let db = Db::open(&url, Settings::new(AUDIT_KEY, sealing_keys()))
        .await
        .unwrap();
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..CLIENTS {
        let (db, round) = (db.clone(), round.clone());
        clients.spawn(async move {
            for n in 0.. {
                let key = format!("{round}/{client}/{n}");
                act(&db, key.clone()).await.unwrap();
                println!("ack {key}");
            }
        });
    }
    clients.join_all().await;
}

/// Runs the child for a while, kills it, gives what it acknowledged.
fn run_and_kill(place: &Place, round: u64) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_that_writes_until_killed", "--nocapture"])
        .env("STORE_TEST_URL", &place.url)
        .env("STORE_TEST_ROUND", round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stdout.take().unwrap());
    let mut lines = String::new();
    while !lines.contains("ack ") {
        assert_ne!(
            told.read_line(&mut lines).unwrap(),
            0,
            "the child died: {lines}"
        );
    }
    // Never the same moment: somewhere within many groups.
    std::thread::sleep(Duration::from_millis(20 + round * 37 % 230));
    child.kill().unwrap();
    child.wait().unwrap();
    told.read_to_string(&mut lines).unwrap();
    let whole_lines = lines.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole_lines
        .lines()
        .filter_map(|line| line.strip_prefix("ack "))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    for place in places() {
        let mut acknowledged: Vec<String> = Vec::new();
        for round in 0..8 {
            acknowledged.extend(run_and_kill(&place, round));
            let db = place.open().await;
            for key in acknowledged.iter().rev().take(5) {
                // The client never heard and sends again: nothing happens twice.
                act(&db, key.clone()).await.unwrap();
            }
            let report = verify(&db, Vec::new(), |_, _| true).await.unwrap();
            assert!(report.is_whole(), "{:?}", report.faults);
            db.close().await;
        }
        let kept = keys(&place).await;
        let unique: BTreeSet<&String> = kept.iter().collect();
        assert_eq!(unique.len(), kept.len(), "doubled");
        let lost: Vec<&String> = acknowledged
            .iter()
            .filter(|key| !unique.contains(key))
            .collect();
        assert!(
            lost.is_empty(),
            "{} of {} lost: {lost:?}",
            lost.len(),
            acknowledged.len()
        );
        assert!(acknowledged.len() > 50, "only {}", acknowledged.len());
        eprintln!(
            "{}: {} acknowledged, {} kept",
            place.name,
            acknowledged.len(),
            kept.len()
        );
    }
}

async fn keys(place: &Place) -> Vec<String> {
    let sql = "SELECT key FROM outbox WHERE topic = 'act'";
    if place.name == "sqlite" {
        let mut conn = SqliteConnection::connect(&place.url).await.unwrap();
        let check = sqlx::query("PRAGMA integrity_check")
            .fetch_one(&mut conn)
            .await
            .unwrap();
        assert_eq!(check.get::<String, _>(0), "ok");
        let rows = sqlx::query(sql).fetch_all(&mut conn).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    } else {
        let mut conn = sqlx::PgConnection::connect(&place.url).await.unwrap();
        let rows = sqlx::query(sql).fetch_all(&mut conn).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
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
        assert_eq!(keys(&place).await.len(), 80);
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
