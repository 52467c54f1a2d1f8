//! The drop folder through the binary, on both databases: taken and refused with receipts
//! and exit codes; killed again and again, every file ends in one place, taken once.

use super::deliveries::{held, words};
use super::files::*;
use super::keys;
use super::{check, command, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use store::Db;
use store::testing::places;

const FILES: usize = 8;

fn folder(home: &Path) -> PathBuf {
    let folder = home.join("drop");
    for name in ["vehicle", "psb"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    folder
}

fn drop_words(url: &str, home: &Path) -> Vec<String> {
    let folder = home.join("drop").display().to_string();
    let more = vec!["--settle".to_owned(), "0".to_owned()];
    words(url, home, &["pool", "drop", &folder], more)
}

/// Deliveries that were accepted, that were refused.
async fn batches(url: &str, home: &Path) -> (usize, usize) {
    let db = Db::open(url, keys::settings(&home.join("keys")))
        .await
        .unwrap();
    let all = db.read(async |tx| tx.deliveries().await).await.unwrap();
    db.close().await;
    let taken =
        |one: &&engine_pool::Batch| matches!(one.state, engine_pool::BatchState::Accepted { .. });
    let of_drop = || {
        all.iter()
            .filter(|one| one.came == Some(engine_pool::Came::Drop))
    };
    let accepted = of_drop().filter(taken).count();
    (accepted, of_drop().count() - accepted)
}

/// Folders of files under a place.
fn ended(folder: &Path, place: &str) -> usize {
    let homes = fs::read_dir(folder.join(place)).into_iter().flatten();
    let inside = homes.map(|home| fs::read_dir(home.unwrap().path()).map_or(0, Iterator::count));
    inside.sum()
}

#[tokio::test]
async fn a02_killed_over_the_drop_folder_every_file_ends_in_one_place() {
    for place in places() {
        let home = tempfile::tempdir().unwrap();
        let good = home.path().join("good");
        fs::create_dir(&good).unwrap();
        Delivery::residents(gb(&csv(&residents(0, 0)))).put(&good);
        let name = good.display().to_string();
        let import = words(&place.url, home.path(), &["import", &name], Vec::new());
        check("residents", &run(home.path(), &import), 0, &["收下 10 行"]);
        let before = held(&place.url, home.path()).await;
        let folder = folder(home.path());
        for case in 0..FILES {
            let table = vehicles(100 + case);
            let name = format!("vehicle/第{case}份-2026-08-30.csv");
            fs::write(folder.join(name), gb(&csv(&table))).unwrap();
        }
        let mut faulty = vehicles(200);
        faulty[1..]
            .iter_mut()
            .for_each(|row| row[6] = "昨天".into());
        fs::write(folder.join("psb/vehicle_2026-08-30.csv"), csv(&faulty)).unwrap();
        let words = drop_words(&place.url, home.path());
        // From before it has begun until it has ended, whatever the machine's pace.
        let (mut kills, mut midway, mut pause_ms) = (0, 0, 60);
        let code = loop {
            let mut child = command(&words)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let begun = Instant::now();
            while begun.elapsed().as_millis() < pause_ms && child.try_wait().unwrap().is_none() {
                std::thread::sleep(Duration::from_millis(5));
            }
            child.kill().unwrap();
            if let Some(code) = child.wait().unwrap().code() {
                break code;
            }
            kills += 1;
            let begun = ["taking", "done", "refused"];
            midway += usize::from(begun.iter().any(|place| ended(&folder, place) > 0));
            pause_ms = pause_ms * 11 / 10 + 1;
        };
        eprintln!("{}: {kills} kills, {midway} in the middle", place.name);
        assert!(kills >= 3, "{}: killed {kills} times only", place.name);
        assert!(midway >= 1, "{}: {kills} kills, none midway", place.name);
        // Whichever run ended by itself met the faulty file, or somebody before it did.
        assert!(code == 0 || code == 1, "{code}");
        assert_eq!(
            batches(&place.url, home.path()).await,
            (FILES, 1),
            "{}",
            place.name
        );
        let (done, refused) = (ended(&folder, "done"), ended(&folder, "refused"));
        assert_eq!((done, refused, ended(&folder, "taking")), (FILES, 1, 0));
        let now = held(&place.url, home.path()).await;
        assert_eq!(now.0, before.0 + FILES * ROWS, "{}", place.name);
        // The same file once more: known, said so, and put away.
        fs::write(
            folder.join("vehicle/again-2026-08-30.csv"),
            gb(&csv(&vehicles(100))),
        )
        .unwrap();
        let again = run(home.path(), &words);
        check("again", &again, 0, &["以前收过", "done/vehicle"]);
        fs::write(folder.join("vehicle/noday.csv"), "x").unwrap();
        let refused = run(home.path(), &words);
        check("no day", &refused, 1, &["没有收：看不出是哪天的数据"]);
        assert_eq!(batches(&place.url, home.path()).await, (FILES, 1));
    }
}
