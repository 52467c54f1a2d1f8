//! Every bad delivery on both databases: refused whole, or its good rows taken and
//! the bad ones named; nothing half-done, and one memory for all.

use super::case::cases;
use super::files::*;
use super::keys;
use super::{GROWTH_MAX_KB, Ran, TIME_MAX, WORK_MAX, check, command, root, run};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;
use store::testing::places;
use store::{Db, StoreError};

/// What the database holds: records about people, people, accepted deliveries.
pub(crate) async fn held(url: &str, home: &Path) -> (usize, usize, usize) {
    let settings = keys::settings(&home.join("keys"));
    let db = Db::open(url, settings).await.unwrap();
    let held = db
        .read(async |tx| {
            let records = usize::try_from(tx.count_records().await?).unwrap();
            let people = tx.number_index().await?.len();
            Ok::<_, StoreError>((records, people, tx.pool_standings().await?.len()))
        })
        .await
        .unwrap();
    db.close().await;
    held
}

pub(crate) fn words(url: &str, home: &Path, first: &[&str], more: Vec<String>) -> Vec<String> {
    let mut words: Vec<String> = first.iter().map(|word| (*word).to_owned()).collect();
    words.extend(more);
    words.extend(["--db".into(), url.to_owned(), "--keys".into()]);
    words.push(home.join("keys").display().to_string());
    words.push("--pack".into());
    words.push(root().join("packs/pinghu").display().to_string());
    words
}

async fn every_case(url: &str, name: &str) {
    let home = tempfile::tempdir().unwrap();
    let import = |folder: &Path, more: Vec<String>| -> Ran {
        let folder = folder.display().to_string();
        run(
            home.path(),
            &words(url, home.path(), &["import", &folder], more),
        )
    };
    let good = home.path().join("good");
    fs::create_dir(&good).unwrap();
    Delivery::residents(gb(&csv(&residents(0, 0)))).put(&good);
    Delivery::vehicles(gb(&csv(&vehicles(0)))).put(&good);
    let baseline = import(&good, Vec::new());
    check("good files", &baseline, 0, &["户籍人口：10 行，收下 10 行"]);
    let (mut records, mut people, _) = held(url, home.path()).await;
    assert_eq!((records, people), (2 * ROWS, ROWS));
    for (at, case) in cases().iter().enumerate() {
        let folder = home.path().join(format!("case{at}"));
        fs::create_dir(&folder).unwrap();
        let more = (case.put)(at + 1, &folder);
        let ran = import(&folder, more);
        let told = format!("{name}: {}", case.name);
        check(&told, &ran, case.code, case.says);
        records += case.records;
        people += case.people;
        let (now_records, now_people, _) = held(url, home.path()).await;
        assert_eq!(
            (now_records, now_people),
            (records, people),
            "{told}: {}",
            ran.said
        );
        let growth = ran.peak_kb.saturating_sub(baseline.peak_kb);
        assert!(growth <= GROWTH_MAX_KB, "{told}: {growth} kB more");
        assert!(ran.took < TIME_MAX, "{told}: took {:?}", ran.took);
        let first = ran.said.lines().next().unwrap_or_default();
        let more = ran.worked.saturating_sub(baseline.worked);
        eprintln!(
            "{told}: {growth} kB more, {more:?} more, {:?} in all, {first}",
            ran.took
        );
        assert!(more <= WORK_MAX, "{told}: {more:?} of the processor");
        drop(fs::remove_dir_all(&folder));
    }
    // Fewer would mean that somebody took one out.
    assert!(cases().len() >= 70, "{} cases", cases().len());
    eprintln!("{name}: {} cases", cases().len());
    let verify = run(
        home.path(),
        &words(url, home.path(), &["audit", "verify"], Vec::new()),
    );
    check("the audit afterwards", &verify, 0, &[]);
}

#[tokio::test]
async fn a02_bad_deliveries_get_words_and_leave_nothing_half_done() {
    for place in places() {
        every_case(&place.url, place.name).await;
    }
}

/// What was refused for its slip's sake is taken once the slip is right.
#[tokio::test]
async fn a02_a_refused_delivery_may_come_again() {
    for place in places() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("in");
        fs::create_dir(&folder).unwrap();
        let file = Delivery::vehicles(gb(&csv(&vehicles(0))));
        let path = file.put(&folder);
        fs::remove_file(&path).unwrap();
        let name = folder.display().to_string();
        let import = || {
            run(
                home.path(),
                &words(&place.url, home.path(), &["import", &name], Vec::new()),
            )
        };
        check("its file is late", &import(), 1, &["清单旁边没有文件"]);
        file.put(&folder);
        check("it came", &import(), 0, &["收下 10 行"]);
        check("and again", &import(), 0, &["已经收过"]);
    }
}

/// What the pool says of everybody's vehicles: number, day, values; which rows of the
/// latest delivery were set back.
type Contents = (Vec<(String, String, String)>, Vec<u64>);

async fn contents(url: &str, home: &Path) -> Contents {
    let settings = keys::settings(&home.join("keys"));
    let db = Db::open(url, settings).await.unwrap();
    let read = db
        .read(async |tx| {
            let vehicle: kernel::Slug = "vehicle".parse().unwrap();
            let people = tx.number_index().await?;
            let (mut all, mut lines) = (Vec::new(), Vec::new());
            for person in 0..ROWS {
                let person = people.person(number(person).parse().unwrap()).unwrap();
                let held = tx.records_in(person, &vehicle).await?;
                let told = held.into_iter().map(|one| {
                    (
                        one.record_no,
                        one.as_of.to_string(),
                        format!("{:?}", one.values),
                    )
                });
                all.extend(told);
            }
            let batches = tx.pool(&vehicle).await?.batches;
            if let Some(batch) = batches.keys().next_back() {
                let rows = tx
                    .set_back_rows::<serde_json::Value>(*batch, 0, 1_000)
                    .await?;
                lines.extend(rows.iter().map(|row| row.line));
            }
            all.sort();
            Ok::<_, StoreError>((all, lines))
        })
        .await
        .unwrap();
    db.close().await;
    read
}

/// How far the import came that is under way: its number, rows kept.
async fn mark(url: &str, home: &Path) -> Option<(i64, u64)> {
    let settings = keys::settings(&home.join("keys"));
    let db = Db::open(url, settings).await.unwrap();
    let runs = db.read(async |tx| tx.import_runs().await).await.unwrap();
    db.close().await;
    runs.first().map(|run| (run.batch.0, run.done))
}

const MANY: usize = 30_000;

/// Residents taken in, and a folder with one large file of vehicles; the words that
/// import it.
fn large(url: &str, home: &Path) -> Vec<String> {
    let folder = home.join("in");
    fs::create_dir(&folder).unwrap();
    let mut table = vehicles(0);
    let rows = (1..MANY).map(|at| {
        let mut row = table[1 + at % ROWS].clone();
        row[1] = format!("K{at}");
        if at % 5_000 == 7 {
            row[6] = "昨天".to_owned();
        }
        row
    });
    let rows: Table = rows.collect();
    table.truncate(2);
    table.extend(rows);
    Delivery::residents(gb(&csv(&residents(0, 0)))).put(&folder);
    let name = folder.display().to_string();
    let words = words(url, home, &["import", &name], Vec::new());
    check("residents", &run(home, &words), 0, &["收下 10 行"]);
    Delivery::vehicles(gb(&csv(&table)))
        .slip(json!({"rows": MANY}))
        .put(&folder);
    words
}

/// Killed anywhere, a delivery goes on after its last kept piece; the pool knows nothing
/// of it before it is whole, and then exactly what it knows where nobody killed anything.
#[tokio::test]
async fn a02_killed_while_importing_it_goes_on_and_ends_as_if_undisturbed() {
    for (place, calm) in places().into_iter().zip(places()) {
        let quiet = tempfile::tempdir().unwrap();
        let words = large(&calm.url, quiet.path());
        check(
            "undisturbed",
            &run(quiet.path(), &words),
            0,
            &["收下 29994 行"],
        );
        let wanted = contents(&calm.url, quiet.path()).await;
        assert_eq!((wanted.0.len(), wanted.1.len()), (MANY - 6, 6));
        let home = tempfile::tempdir().unwrap();
        let words = large(&place.url, home.path());
        let before = held(&place.url, home.path()).await;
        let (mut kills, mut pause_ms, mut marks) = (0, 300, Vec::new());
        loop {
            let mut child = command(&words)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let begun = Instant::now();
            while begun.elapsed().as_millis() < pause_ms && child.try_wait().unwrap().is_none() {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            child.kill().unwrap();
            if child.wait().unwrap().code().is_some() {
                break;
            }
            kills += 1;
            let now = held(&place.url, home.path()).await;
            match mark(&place.url, home.path()).await {
                Some(mark) => {
                    assert_eq!(now, before, "{}: in the pool half", place.name);
                    marks.push(mark);
                }
                None if now != before => {
                    assert_eq!(now.0, before.0 + MANY - 6, "{}: half", place.name);
                }
                None => {}
            }
            pause_ms = pause_ms * 5 / 4;
        }
        eprintln!("{}: {kills} kills, marks {marks:?}", place.name);
        assert!(kills >= 3, "{}: killed {kills} times only", place.name);
        assert!(
            marks.is_sorted_by_key(|(_, done)| *done),
            "never back: {marks:?}"
        );
        assert!(
            marks.windows(2).all(|two| two[0].0 == two[1].0),
            "one delivery: {marks:?}"
        );
        assert!(
            marks
                .iter()
                .any(|(_, done)| (1..MANY as u64).contains(done)),
            "{}: never killed between two pieces: {marks:?}",
            place.name
        );
        assert_eq!(contents(&place.url, home.path()).await, wanted);
        assert_eq!(mark(&place.url, home.path()).await, None);
        check(
            "and again",
            &run(home.path(), &words),
            0,
            &["机动车登记 已经收过"],
        );
    }
}
