//! 「量存储」 `nuanxin bench store`: what the store does in a second on each database
//! given, synced as in production. No figure has a fraction.

use super::{open_empty, settings, urls};
use crate::ending::{Ending, Failure, Outcome};
use crate::options::BenchStoreOptions;
use crate::say;
use engine_pool::{Record, Subject, Value};
use kernel::{Actor, DataBatchId, Date, Instant, Now, PersonId, Role, Slug};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant as Stopwatch};
use store::audit::{AuditEntry, checkpoint, verify};
use store::{Db, StoreError, StoredRecord};

/// Categories of records written.
const CATEGORIES: usize = 12;
/// Households read.
const READS: usize = 2_000;
/// A household read.
const MEMBERS: i64 = 4;

fn now() -> Now {
    Now {
        at: Instant::from_timestamp(1_790_000_000, 0).unwrap_or_default(),
    }
}

fn broken(why: impl std::fmt::Display) -> Failure {
    Failure::Broken(why.to_string())
}

pub(crate) async fn store(options: BenchStoreOptions) -> Outcome {
    let people = i64::try_from(options.people).unwrap_or(i64::MAX);
    if people <= MEMBERS {
        return Err(Failure::BadInput("人数至少是 5".to_owned()));
    }
    let folder = std::env::temp_dir().join(format!("nuanxin-store-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut done = Ok(Ending::Yes);
    for url in urls(&options.db, &folder) {
        let kind = if url.starts_with("sqlite") {
            "SQLite"
        } else {
            "PostgreSQL"
        };
        say!("{kind}");
        done = measure(&url, people).await;
        if done.is_err() {
            break;
        }
    }
    std::fs::remove_dir_all(&folder)?;
    done
}

async fn measure(url: &str, people: i64) -> Outcome {
    let db = open_empty(url, &settings()?).await?;
    let single = acts(&db, 1, Duration::from_secs(3)).await?;
    let grouped = acts(&db, 64, Duration::from_secs(4)).await?;
    say!("  一次办理（编号、发件、留痕，落盘）：单独每秒 {single}，64 路每秒 {grouped}");
    bulk(&db, people).await?;
    read(&db, people).await?;
    audit(&db).await?;
    db.close().await;
    Ok(Ending::Yes)
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

/// Acts a second.
async fn acts(db: &Db, clients: usize, time: Duration) -> Result<u128, Failure> {
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
        done += one.map_err(broken)?.map_err(broken)?;
    }
    Ok(per_second(done as usize, start.elapsed()))
}

fn per_second(count: usize, took: Duration) -> u128 {
    count as u128 * 1_000_000 / took.as_micros().max(1)
}

async fn bulk(db: &Db, people: i64) -> Result<(), Failure> {
    let day: Date = "2026-11-01".parse().map_err(broken)?;
    let categories: Vec<Slug> = (0..CATEGORIES)
        .map(|n| format!("category_{n}").parse())
        .collect::<Result<_, _>>()
        .map_err(broken)?;
    let field = |name: &str| name.parse::<Slug>().map_err(broken);
    let (plate, value) = (field("plate")?, field("value")?);
    let subject = Subject::Place("330482000000".parse().map_err(broken)?);
    for (what, batch) in [("第一次写", 1), ("再写，更新", 2)] {
        let start = Stopwatch::now();
        let mut rows = 0;
        let all: Vec<i64> = (1..=people).collect();
        // As departments deliver: one category after another, each over everybody.
        for (n, category) in categories.iter().enumerate() {
            for part in all.chunks(20_000) {
                let record = |person: &i64| StoredRecord {
                    person: Some(PersonId(*person)),
                    record: Record {
                        category: category.clone(),
                        subject: subject.clone(),
                        record_no: format!("{n}-{person}"),
                        as_of: day,
                        values: BTreeMap::from([
                            (plate.clone(), Value::Text(format!("浙F·{person:05}"))),
                            (value.clone(), Value::Int(person * 100)),
                        ]),
                    },
                };
                let records: Vec<StoredRecord> = part.iter().map(record).collect();
                rows += records.len();
                let write = db.write(async move |tx| {
                    tx.put_records(DataBatchId(batch), records.clone()).await
                });
                write.await.map_err(broken)?;
            }
        }
        let rate = per_second(rows, start.elapsed());
        say!("  {what} {rows} 条记录：每秒 {rate} 条");
    }
    Ok(())
}

async fn read(db: &Db, people: i64) -> Result<(), Failure> {
    let mut times = Vec::new();
    for n in 0..READS as i64 {
        let first = 1 + (n * 7_919) % (people - MEMBERS);
        let household: BTreeSet<PersonId> = (first..first + MEMBERS).map(PersonId).collect();
        let start = Stopwatch::now();
        let records = db
            .read(async move |tx| tx.records_of(&household, None).await)
            .await
            .map_err(broken)?;
        times.push(start.elapsed());
        let wanted = CATEGORIES * MEMBERS as usize;
        if records.len() != wanted {
            return Err(broken(format!(
                "一户有 {} 条记录，应当是 {wanted}",
                records.len()
            )));
        }
    }
    times.sort();
    let at = |part: usize| times.get(READS * part / 100).map_or(0, Duration::as_micros);
    say!("  读一户 48 条：p50 {} 微秒，p99 {} 微秒", at(50), at(99));
    Ok(())
}

async fn audit(db: &Db) -> Result<(), Failure> {
    let start = Stopwatch::now();
    checkpoint(db, "measure.example/log", now(), |_| vec![0; 64])
        .await
        .map_err(broken)?;
    let taken = start.elapsed();
    let start = Stopwatch::now();
    let report = verify(db, Vec::new(), |_, _| true).await.map_err(broken)?;
    if !report.is_whole() {
        return Err(broken(format!("{:?}", report.faults)));
    }
    let rows = usize::try_from(report.rows).unwrap_or(usize::MAX);
    let (into, seen) = (per_second(rows, taken), per_second(rows, start.elapsed()));
    say!("  留痕：{rows} 行，进树每秒 {into}，验证每秒 {seen}");
    Ok(())
}
