//! 「偷走数据库」 After the whole story the raw database is searched for everything
//! the city knows of its people: identity numbers, cards, telephones, names,
//! diagnoses. What the departments' files hold in clear must not be in it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use store::testing::{Cluster, raw_bytes};
use testkit::city::City;

const RESIDENTS: u32 = 400;
const SEED: u64 = 20_260_903;

/// Everything that must not be found, and a few that only some files hold.
fn secrets(city: &City) -> BTreeSet<String> {
    let mut secrets = BTreeSet::new();
    for person in &city.people {
        secrets.insert(person.number.reveal().to_owned());
        secrets.insert(person.name.clone());
        secrets.insert(city.card_of(person));
        secrets.insert(format!("1400{:07}", person.index % 10_000_000));
    }
    // As records and papers would hold them; a category of the catalogue, which
    // speaks of nobody, has the bare word in its name.
    secrets.extend(["\"cancer\"", "uraemia", "恶性肿瘤", "尿毒症"].map(str::to_owned));
    secrets
}

/// Which of them are in the bytes.
fn found<'s>(secrets: &'s BTreeSet<String>, bytes: &[u8]) -> Vec<&'s str> {
    // By their first three bytes: a naive search of thousands would take minutes.
    let mut starts: Vec<Vec<&str>> = vec![Vec::new(); 1 << 24];
    let place =
        |head: &[u8]| usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
    for secret in secrets {
        starts[place(secret.as_bytes())].push(secret);
    }
    let mut found = BTreeSet::new();
    for at in 0..bytes.len().saturating_sub(2) {
        for secret in &starts[place(&bytes[at..])] {
            if bytes[at..].starts_with(secret.as_bytes()) {
                found.insert(*secret);
            }
        }
    }
    found.into_iter().collect()
}

fn told(db: &str, data: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let out = Command::new(env!("CARGO_BIN_EXE_nuanxin"))
        .args(["demo", "--headless", "--db", db])
        .arg(format!("--residents={RESIDENTS}"))
        .arg(format!("--seed={SEED}"))
        .arg("--data")
        .arg(data)
        .arg("--pack")
        .arg(root.join("packs/pinghu"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let failed = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "{said}{failed}");
}

fn steal(db: &str, data: &Path) {
    told(db, data);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let pack = packs::load(&root.join("packs/pinghu")).pack.unwrap();
    let region = pack.head().unwrap().region;
    let today = "2026-08-31".parse().unwrap();
    let city = City::build(SEED, RESIDENTS as usize, pack.regions(), region, today).unwrap();
    let secrets = secrets(&city);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let raw = runtime.block_on(raw_bytes(db));
    assert!(raw.len() > 1_000_000, "{} bytes are no database", raw.len());
    let found_in_database = found(&secrets, &raw);
    assert!(found_in_database.is_empty(), "{db}: {found_in_database:?}");
    // The search can find: the bank knows the cards it paid to, in clear.
    let bank = std::fs::read(data.join("bank.json")).unwrap();
    assert!(!found(&secrets, &bank).is_empty());
    for key in std::fs::read_dir(data.join("keys")).unwrap() {
        let key = key.unwrap();
        // Whom the house trusts as witnesses stands there too, and is no secret.
        if key.path().extension().is_none_or(|ending| ending != "key") {
            continue;
        }
        let mode = key.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", key.path());
    }
}

#[test]
fn a_stolen_sqlite_file_names_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let db = format!("sqlite:{}/nuanxin.db", dir.path().display());
    steal(&db, &dir.path().join("data"));
}

#[test]
fn a_stolen_postgres_names_nobody() {
    let cluster = match Cluster::start(false) {
        Ok(cluster) => cluster,
        Err(why) => {
            assert!(std::env::var("CI").is_err(), "no PostgreSQL: {why}");
            eprintln!("SKIPPED on PostgreSQL: {why}");
            return;
        }
    };
    let dir = tempfile::tempdir().unwrap();
    let db = cluster.create("stolen").unwrap();
    steal(&db, &dir.path().join("data"));
}

#[test]
fn a_lost_key_is_asked_for_and_none_is_put_in_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_nuanxin"))
            .args(words)
            .arg("--keys")
            .arg(dir.path().join("keys"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let told = [out.stdout, out.stderr].concat();
        (out.status.success(), String::from_utf8(told).unwrap())
    };
    let db = format!("sqlite:{}/nuanxin.db", dir.path().display());
    let verify = ["audit", "verify", "--db", &db];
    assert!(run(&verify).0);
    for (file, words) in [
        ("field-1.key", "第 1 把封存钥匙"),
        ("index.key", "查找用的钥匙"),
    ] {
        let path = dir.path().join("keys").join(file);
        let kept = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let (well, told) = run(&verify);
        assert!(!well && told.contains(words), "{told}");
        assert!(
            !path.exists(),
            "a wrong key stands where the right one belongs"
        );
        std::fs::write(&path, kept).unwrap();
        assert!(run(&verify).0);
    }
    let (well, told) = run(&["key", "add", "--cipher", "sm4"]);
    assert!(well && told.contains("field-2.sm4.key"), "{told}");
    assert!(run(&verify).0);
    std::fs::remove_file(dir.path().join("keys/field-2.sm4.key")).unwrap();
    let (well, told) = run(&verify);
    assert!(!well && told.contains("第 2 把封存钥匙"), "{told}");
}
