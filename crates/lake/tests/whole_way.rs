//! 「同一份数据，两条路」 A synthetic city comes in twice, on two houses: once all of it as its
//! departments write it, once with some of it as Parquet through `nuanxin-lake deliver` and
//! the drop folder. What the houses then hold is equal, record by record. Runs the house
//! itself: `cargo build -p nuanxin` first, or say in `NUANXIN_BIN` where it is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod parquet;

use parquet::{save, snappy, table_of};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const AS_OF: &str = "2026-10-31";
/// What comes as Parquet in the second house: money, days, codes, numbers with decimals.
const PARQUET: [&str; 4] = [
    "hrss/pension_benefit",
    "nrp/realty",
    "psb/vehicle",
    "tax/wage_tax",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn nuanxin() -> PathBuf {
    let named = std::env::var_os("NUANXIN_BIN").map(PathBuf::from);
    let found = named.unwrap_or_else(|| root().join("target/debug/nuanxin"));
    assert!(
        found.exists(),
        "no house to hand anything to: cargo build -p nuanxin, or set NUANXIN_BIN"
    );
    found
}

fn run(program: &Path, words: &[&str]) -> String {
    let out = Command::new(program)
        .args(words)
        .env_remove("NUANXIN_FORMAT")
        .output();
    let out = out.unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "{words:?}: {said}");
    String::from_utf8(out.stdout).unwrap()
}

/// A house under the shipped law.
struct House {
    folder: PathBuf,
}

impl House {
    fn says(&self, words: &[&str]) -> String {
        let db = format!("sqlite:{}", self.folder.join("n.db").display());
        let (keys, pack) = (self.folder.join("keys"), root().join("packs/pinghu"));
        let place = [
            "--db",
            &db,
            "--keys",
            keys.to_str().unwrap(),
            "--pack",
            pack.to_str().unwrap(),
        ];
        run(&nuanxin(), &[words, &place[..]].concat())
    }

    /// Every record discovery may read, without the number of its delivery.
    fn records(&self) -> Vec<String> {
        let first = ["--as", "9000000001"];
        self.says(&["staff", "found", "9000000001", "9000000002"]);
        let propose = ["staff", "propose", "9000000041", "county_approver"];
        self.says(&[&propose[..], &first[..]].concat());
        self.says(&["staff", "approve", "9000000041", "--as", "9000000002"]);
        let out = self.folder.join("out");
        let out = out.to_str().unwrap();
        self.says(&[
            "facts",
            "--as",
            "9000000041",
            "--as-of",
            AS_OF,
            "--out",
            out,
        ]);
        let text = fs::read_to_string(Path::new(out).join("records.jsonl")).unwrap();
        let mut records: Vec<String> = text
            .lines()
            .map(|line| {
                let mut record: Value = serde_json::from_str(line).unwrap();
                record.as_object_mut().unwrap().remove("delivery").unwrap();
                record.to_string()
            })
            .collect();
        records.sort();
        records
    }
}

fn digest(path: &Path) -> String {
    let digest = Sha256::digest(fs::read(path).unwrap());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A department's CSV file with its slip as a Parquet file with a slip.
fn as_parquet(csv: &Path, category: &engine_pool::Category, to: &Path) {
    let text = encoding(csv);
    save(to, &table_of(category, &text), snappy());
    let slip = fs::read_to_string(format!("{}.manifest.json", csv.display())).unwrap();
    let mut slip: Value = serde_json::from_str(&slip).unwrap();
    slip["file"] = to.file_name().unwrap().to_str().unwrap().into();
    slip["sha256"] = digest(to).into();
    fs::write(format!("{}.manifest.json", to.display()), slip.to_string()).unwrap();
}

/// The city's files are GB18030; `iconv` is part of every Linux.
fn encoding(csv: &Path) -> String {
    let file = csv.to_str().unwrap();
    run(Path::new("iconv"), &["-f", "GB18030", "-t", "UTF-8", file])
}

#[test]
fn n02_what_came_as_parquet_is_in_the_pool_what_came_as_csv_is() {
    let home = tempfile::tempdir().unwrap();
    let city = home.path().join("city");
    let pack = root().join("packs/pinghu");
    let built = [
        "city",
        "build",
        "--residents",
        "300",
        "--as-of",
        AS_OF,
        "--out",
    ];
    let place = [city.to_str().unwrap(), "--pack", pack.to_str().unwrap()];
    run(&nuanxin(), &[&built[..], &place[..]].concat());
    let catalogue = lake::load(&pack).unwrap().data().catalogue.clone();
    let [csv, parquet] = ["csv", "parquet"].map(|name| {
        let folder = home.path().join(name);
        fs::create_dir(&folder).unwrap();
        House { folder }
    });
    csv.says(&["import", city.to_str().unwrap()]);
    let expected = csv.records();
    // The other house: the same, but these files are somewhere else, and Parquet.
    let (aside, drop) = (home.path().join("aside"), home.path().join("drop"));
    fs::create_dir(&aside).unwrap();
    fs::create_dir(&drop).unwrap();
    for name in PARQUET {
        let (_, id) = name.split_once('/').unwrap();
        let file = city.join(format!("{name}.csv"));
        let category = catalogue.category(&id.parse().unwrap()).unwrap();
        as_parquet(&file, category, &aside.join(format!("{id}.parquet")));
        fs::remove_file(&file).unwrap();
        fs::remove_file(format!("{}.manifest.json", file.display())).unwrap();
    }
    parquet.says(&["import", city.to_str().unwrap()]);
    for name in PARQUET {
        let (_, id) = name.split_once('/').unwrap();
        let file = aside.join(format!("{id}.parquet"));
        let words = [
            "deliver",
            file.to_str().unwrap(),
            "--drop",
            drop.to_str().unwrap(),
            "--pack",
            pack.to_str().unwrap(),
        ];
        let said = run(Path::new(env!("CARGO_BIN_EXE_nuanxin-lake")), &words);
        assert!(said.contains("放好了"), "{said}");
    }
    parquet.says(&["pool", "drop", drop.to_str().unwrap()]);
    assert_eq!(
        fs::read_dir(drop.join("done")).unwrap().count(),
        PARQUET.len()
    );
    let found = parquet.records();
    for name in PARQUET {
        let (_, id) = name.split_once('/').unwrap();
        let of = |all: &[String]| {
            let one = format!("\"category\":\"{id}\"");
            all.iter().filter(|line| line.contains(&one)).count()
        };
        assert!(of(&expected) > 0, "{id} is handed out");
        assert_eq!(of(&found), of(&expected), "{id}");
    }
    assert_eq!(found, expected);
}
