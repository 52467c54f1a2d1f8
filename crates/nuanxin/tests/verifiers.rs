//! 「两个验证人」 Witnesses over HTTP, and two verifiers that share no line: ours, and
//! the Python one in docs/verify on an export of the same database. They agree on a
//! whole record and both find every tampering behind the last witnessed checkpoint.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod keys;

use ed25519_dalek::SigningKey;
use kernel::{Actor, Clock, FixedClock, Instant, Now, Role};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use store::audit::AuditEntry;
use store::audit::note::Verifier;
use store::testing::{Place, places, tamper};
use store::{Db, StoreError};
use testkit::Serving;
use testkit::witness::{self, Witness};

fn now() -> Now {
    Now {
        at: Instant::from_timestamp(1_790_000_000, 0).unwrap(),
    }
}

/// A house with a record, its keys and its witnesses.
struct House {
    dir: tempfile::TempDir,
    place: Place,
    witnesses: Vec<Serving>,
}

impl House {
    /// 60 rows under two cosigned checkpoints, of 25 and of 60.
    async fn built(place: Place) -> House {
        let dir = tempfile::tempdir().unwrap();
        let mut house = House {
            dir,
            place,
            witnesses: Vec::new(),
        };
        let (well, key) = house.audit(&["key"]).await;
        assert!(well, "{key}");
        let log = Verifier::read(&key).unwrap();
        house.open_witnesses(&log).await;
        for rows in [25, 35] {
            house.grow(rows).await;
            let (well, told) = house.audit(&["checkpoint"]).await;
            assert!(
                well && told.contains("one") && told.contains("two"),
                "{told}"
            );
        }
        house
    }

    /// Witnesses with their old keys and memories, at new addresses.
    async fn open_witnesses(&mut self, log: &Verifier) {
        self.witnesses.clear();
        let mut trusted = String::new();
        for (name, byte) in [("one", 1), ("two", 2)] {
            let witness = Witness {
                name: name.to_owned(),
                key: SigningKey::from_bytes(&[byte; 32]),
                logs: vec![log.clone()],
                state: self.path(&format!("{name}.json")),
                clock: Arc::new(FixedClock(now())) as Arc<dyn Clock>,
            };
            let key = witness.verifier().told();
            let serving = witness::open(witness, "127.0.0.1:0").await.unwrap();
            trusted.push_str(&format!("{key} {}\n", serving.base()));
            self.witnesses.push(serving);
        }
        fs::write(self.path("keys").join("witnesses.txt"), trusted).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    async fn audit(&self, words: &[&str]) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nuanxin"));
        command
            .arg("audit")
            .args(words)
            .args(["--db", &self.place.url])
            .arg("--keys")
            .arg(self.path("keys"));
        run(command).await
    }

    /// Rows as the house itself would write them.
    async fn grow(&self, rows: usize) {
        if !self.path("keys/audit.key").exists() {
            self.audit(&["verify"]).await;
        }
        let settings = keys::settings(&self.path("keys"));
        let db = Db::open(&self.place.url, settings).await.unwrap();
        db.write(async move |tx| {
            for n in 0..rows {
                let actor = Actor {
                    account: format!("clerk-{n}"),
                    person: (n % 3 == 0).then_some(kernel::PersonId(n as i64)),
                    role: Role::System,
                };
                let entry = AuditEntry {
                    actor: &actor,
                    action: "case.read",
                    purpose: "低保审核",
                    subject: "case:1",
                    details: b"",
                };
                tx.audit(&entry, now()).await?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
        db.close().await;
    }

    /// Ours: whole or not, and what it says.
    async fn ours(&self, ask: bool) -> (bool, Value) {
        let mut words = vec!["verify", "--format", "json"];
        words.extend(ask.then_some("--ask"));
        let (well, told) = self.audit(&words).await;
        (well, serde_json::from_str(&told).expect(&told))
    }

    /// The other: whole or not, and what it says.
    async fn theirs(&self, notes: &[PathBuf]) -> (bool, String) {
        let file = self.path("export.jsonl");
        let (well, told) = self.audit(&["export", file.to_str().unwrap()]).await;
        assert!(well, "{told}");
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/verify/audit_verify.py");
        let mut command = Command::new("python3");
        command.arg(script).arg(&file);
        for note in notes {
            command.arg("--witnessed").arg(note);
        }
        run(command).await
    }

    /// What a witness remembers, as it would hand it to anybody.
    fn note_of(&self, name: &str) -> PathBuf {
        let seen = fs::read(self.path(&format!("{name}.json"))).unwrap();
        let seen: Value = serde_json::from_slice(&seen).unwrap();
        let kept = seen.as_object().unwrap().values().next().unwrap();
        let path = self.path(&format!("{name}.note"));
        fs::write(&path, kept["note"].as_str().unwrap()).unwrap();
        path
    }

    /// Opens the way for [`tamper`]: triggers forbid changing the record.
    async fn disarm(&self) {
        for table in [
            "audit",
            "audit_leaf",
            "audit_checkpoint",
            "audit_cosignature",
        ] {
            let sql = if self.place.name == "sqlite" {
                format!("DROP TRIGGER {table}_no_update; DROP TRIGGER {table}_no_delete")
            } else {
                format!("DROP TRIGGER {table}_no_change ON {table}")
            };
            tamper(&self.place.url, &sql).await;
        }
    }
}

/// Runs beside the witnesses, which answer meanwhile.
async fn run(mut command: Command) -> (bool, String) {
    let done = tokio::task::spawn_blocking(move || command.stdin(Stdio::null()).output());
    let Output {
        status,
        stdout,
        stderr,
    } = done.await.unwrap().unwrap();
    assert!(
        matches!(status.code(), Some(0 | 1)),
        "{}",
        String::from_utf8_lossy(&stderr)
    );
    (status.success(), String::from_utf8(stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_verifiers_agree_and_witnesses_cosign_only_growth() {
    for place in places() {
        let house = House::built(place).await;
        let (well, told) = house.ours(true).await;
        assert!(well, "{told}");
        assert_eq!((&told["rows"], &told["covered"]), (&60.into(), &60.into()));
        assert_eq!(told["witnesses"], serde_json::json!({"one": 60, "two": 60}));
        assert_eq!(told["asked"], 2);
        let (well, told) = house.theirs(&[house.note_of("one")]).await;
        assert!(well, "{told}");
        for words in [
            "60 rows, 60 covered",
            "witness one stands behind 60 rows",
            "witness two stands behind 60 rows",
        ] {
            assert!(told.contains(words), "{told}");
        }
        // The whole record written anew from the start, with all of the house's own
        // keys: consistent in itself, and no witness cosigns it.
        house.disarm().await;
        tamper(
            &house.place.url,
            "DELETE FROM audit; DELETE FROM audit_leaf; DELETE FROM audit_checkpoint;
             DELETE FROM audit_cosignature; UPDATE audit_head SET size = 0, edge = ''",
        )
        .await;
        house.grow(70).await;
        let (well, told) = house.audit(&["checkpoint"]).await;
        assert!(!well && told.matches("不肯会签").count() == 2, "{told}");
        let (well, told) = house.ours(false).await;
        assert!(well && told["witnesses"] == serde_json::json!({}), "{told}");
        let (well, told) = house.audit(&["verify"]).await;
        assert!(well && told.contains("没有外部见证"), "{told}");
        // Whoever asks the witnesses sees it at once; the other verifier too.
        assert!(!house.ours(true).await.0);
        let (well, told) = house.theirs(&[house.note_of("two")]).await;
        assert!(!well && told.contains("another root"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_verifiers_find_every_tampering_behind_the_last_checkpoint() {
    let of = |seq: i64| format!("(SELECT audit FROM audit_leaf WHERE seq = {seq})");
    let cases = [
        (
            "edit",
            format!("UPDATE audit SET account = 'x' WHERE id = {}", of(5)),
        ),
        (
            "row gone",
            format!("DELETE FROM audit WHERE id = {}", of(7)),
        ),
        (
            "deletion, gap closed",
            format!(
                "DELETE FROM audit WHERE id = {}; DELETE FROM audit_leaf WHERE seq = 7;
                 UPDATE audit_leaf SET seq = -seq WHERE seq > 7;
                 UPDATE audit_leaf SET seq = -seq - 1 WHERE seq < 0",
                of(7)
            ),
        ),
        (
            "reorder",
            "UPDATE audit_leaf SET seq = -1 WHERE seq = 3;
             UPDATE audit_leaf SET seq = 3 WHERE seq = 9;
             UPDATE audit_leaf SET seq = 9 WHERE seq = -1"
                .to_owned(),
        ),
        (
            "truncation",
            "DELETE FROM audit WHERE id IN (SELECT audit FROM audit_leaf WHERE seq >= 50);
             DELETE FROM audit_leaf WHERE seq >= 50"
                .to_owned(),
        ),
        (
            "truncation to an earlier checkpoint",
            "DELETE FROM audit WHERE id IN (SELECT audit FROM audit_leaf WHERE seq >= 25);
             DELETE FROM audit_leaf WHERE seq >= 25;
             DELETE FROM audit_checkpoint WHERE size > 25;
             DELETE FROM audit_cosignature WHERE size > 25;
             UPDATE audit_head SET size = 25,
                 edge = (SELECT edge FROM audit_checkpoint WHERE size = 25)"
                .to_owned(),
        ),
        (
            "a cosignature for another size",
            "UPDATE audit_cosignature SET line = (SELECT c.line FROM audit_cosignature c
                 WHERE c.size = 25 AND c.witness = 'one') WHERE size = 60 AND witness = 'one'"
                .to_owned(),
        ),
    ];
    for (what, sql) in cases {
        for place in places() {
            let house = House::built(place).await;
            house.disarm().await;
            tamper(&house.place.url, &sql).await;
            let notes = [house.note_of("one"), house.note_of("two")];
            let (well, told) = house.ours(true).await;
            assert!(!well, "{what}, ours: {told}");
            let (well, told) = house.theirs(&notes).await;
            assert!(!well && told.contains("FAULT"), "{what}, theirs: {told}");
        }
    }
}
