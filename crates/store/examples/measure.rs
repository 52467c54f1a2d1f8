//! 「量」 What the store does in a second, on both databases, synced as in
//! production: `cargo run --release -p store --features testing --example measure`.

use engine_pool::{Record, Subject, Value};
use kernel::{Actor, DataBatchId, Date, Instant, Now, PersonId, Role, Slug};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::time::{Duration, Instant as Stopwatch};
use store::audit::{AuditEntry, checkpoint, verify};
use store::testing::{AUDIT_KEY, Cluster, sealing_keys};
use store::{Db, Settings, StoreError, StoredRecord};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const CATEGORIES: i64 = 12;

fn now() -> Now {
    Now {
        at: Instant::from_timestamp(1_790_000_000, 0).unwrap_or_default(),
    }
}

#[tokio::main]
async fn main() -> Outcome {
    let people: i64 = std::env::args().nth(1).map_or(Ok(20_000), |n| n.parse())?;
    let dir = tempfile::tempdir()?;
    let sqlite = format!("sqlite:{}", dir.path().join("measure.db").display());
    measure("SQLite", &sqlite, people).await?;
    match Cluster::start(true) {
        Ok(cluster) => measure("PostgreSQL", &cluster.create("measure")?, people).await?,
        Err(why) => println!("PostgreSQL left out: {why}"),
    }
    Ok(())
}

async fn measure(name: &str, url: &str, people: i64) -> Outcome {
    let db = Db::open(url, Settings::new(AUDIT_KEY, sealing_keys())).await?;
    println!("{name}");
    let single = acts(&db, 1, Duration::from_secs(3)).await?;
    let grouped = acts(&db, 64, Duration::from_secs(4)).await?;
    println!(
        "  acts (id, outbox, audit; synced): {single:.0}/s alone, {grouped:.0}/s from 64 clients"
    );
    bulk(&db, people).await?;
    read(&db, people).await?;
    audit(&db).await?;
    db.close().await;
    Ok(())
}

async fn act(db: &Db, key: String) -> Result<(), StoreError> {
    db.write(async move |tx| {
        let id = tx.next_id("act").await?;
        let actor = Actor {
            account: "measure".into(),
            person: None,
            role: Role::System,
        };
        let entry = AuditEntry {
            actor: &actor,
            action: "measure.act",
            purpose: "measure",
            subject: &key,
            details: key.as_bytes(),
        };
        tx.audit(&entry, now()).await?;
        tx.publish("act", &key, &id, now(), now().at).await?;
        Ok(())
    })
    .await
}

async fn acts(db: &Db, clients: usize, time: Duration) -> Outcome<f64> {
    let start = Stopwatch::now();
    let mut running = tokio::task::JoinSet::new();
    for client in 0..clients {
        let db = db.clone();
        running.spawn(async move {
            let mut done = 0_u32;
            while start.elapsed() < time {
                act(&db, format!("{clients}/{client}/{done}")).await?;
                done += 1;
            }
            Ok::<_, StoreError>(done)
        });
    }
    let mut done = 0;
    while let Some(one) = running.join_next().await {
        done += one??;
    }
    Ok(f64::from(done) / start.elapsed().as_secs_f64())
}

async fn bulk(db: &Db, people: i64) -> Outcome {
    let day: Date = "2026-11-01".parse()?;
    let categories: Vec<Slug> = (0..CATEGORIES)
        .map(|n| format!("category_{n}").parse())
        .collect::<Result<_, _>>()?;
    let (plate, value): (Slug, Slug) = ("plate".parse()?, "value".parse()?);
    let subject = Subject::Place("330482000000".parse()?);
    for (what, batch) in [("new", 1), ("again, newer", 2)] {
        let (start, used) = (Stopwatch::now(), processor_seconds());
        let mut rows = 0;
        let all: Vec<i64> = (1..=people).collect();
        // As departments deliver: one category after another, each over everybody.
        for (n, category) in categories.iter().enumerate() {
            for part in all.chunks(20_000) {
                let mut records = Vec::new();
                for person in part {
                    let values = BTreeMap::from([
                        (plate.clone(), Value::Text(format!("浙F·{person:05}"))),
                        (value.clone(), Value::Int(person * 100)),
                    ]);
                    records.push(StoredRecord {
                        person: Some(PersonId(*person)),
                        record: Record {
                            category: category.clone(),
                            subject: subject.clone(),
                            record_no: format!("{n}-{person}"),
                            as_of: day,
                            values,
                        },
                    });
                }
                rows += records.len();
                db.write(async move |tx| tx.put_records(DataBatchId(batch), records.clone()).await)
                    .await?;
            }
        }
        let rate = rows as f64 / start.elapsed().as_secs_f64();
        let per_core = rows as f64 / (processor_seconds() - used).max(0.01);
        println!(
            "  records {what}: {rows} rows, {rate:.0} rows/s, {per_core:.0} per own CPU second"
        );
    }
    Ok(())
}

/// CPU time this process has used; a database server's is its own.
fn processor_seconds() -> f64 {
    let told = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = told
        .rsplit_once(')')
        .map_or("", |(_, rest)| rest)
        .split_whitespace();
    let ticks = fields
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

async fn read(db: &Db, people: i64) -> Outcome {
    let mut times = Vec::new();
    for n in 0..2000 {
        let first = 1 + (n * 7919) % (people - 4);
        let household: BTreeSet<PersonId> = (first..first + 4).map(PersonId).collect();
        let start = Stopwatch::now();
        let records = db
            .read(async move |tx| tx.records_of(&household, None).await)
            .await?;
        times.push(start.elapsed());
        if records.len() != 48 {
            return Err(format!("{} records of a household", records.len()).into());
        }
    }
    times.sort();
    let (half, most) = (times[1000].as_micros(), times[1980].as_micros());
    println!("  48 records of a household of four: p50 {half} µs, p99 {most} µs");
    Ok(())
}

async fn audit(db: &Db) -> Outcome {
    let start = Stopwatch::now();
    checkpoint(db, "measure.example/log", now(), |_| vec![0; 64]).await?;
    let taken = start.elapsed();
    let start = Stopwatch::now();
    let report = verify(db, Vec::new(), |_, _| true).await?;
    if !report.is_whole() {
        return Err(format!("{:?}", report.faults).into());
    }
    let (taken, seen) = (taken.as_secs_f64(), start.elapsed().as_secs_f64());
    let rows = report.rows as f64;
    println!(
        "  audit: {rows} rows into the tree {:.0}/s, verified {:.0}/s",
        rows / taken,
        rows / seen
    );
    Ok(())
}
