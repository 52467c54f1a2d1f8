//! What a checkpoint covers cannot be changed unseen, on both databases.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier as _};
use kernel::{Actor, Instant, Now, PersonId, Role};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};
use store::audit::{AuditEntry, AuditFault, AuditReport, Checkpoint, checkpoint, verify};
use store::testing::{Place, both, places};
use store::{Db, StoreError};

fn at(second: i64) -> Now {
    Now {
        at: Instant::from_timestamp(1_790_000_000 + second, 0).unwrap(),
    }
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn sign(note: &[u8]) -> Vec<u8> {
    key().sign(note).to_bytes().to_vec()
}

fn genuine(note: &[u8], signature: &[u8]) -> bool {
    Signature::from_slice(signature).is_ok_and(|s| key().verifying_key().verify(note, &s).is_ok())
}

async fn record(db: &Db, from: i64, to: i64) {
    db.write(async move |tx| {
        for n in from..to {
            let actor = Actor {
                account: format!("town-{}", n % 5),
                person: (n % 7 != 0).then_some(PersonId(n)),
                role: Role::TownOfficer,
            };
            let (subject, details) = (format!("person:{n}"), format!("details {n}"));
            let entry = AuditEntry {
                actor: &actor,
                action: "case.view",
                purpose: "case:1",
                subject: &subject,
                details: details.as_bytes(),
            };
            tx.audit(&entry, at(n)).await?;
        }
        Ok::<_, StoreError>(())
    })
    .await
    .unwrap();
}

async fn check(db: &Db) -> AuditReport {
    verify(db, Vec::new(), genuine).await.unwrap()
}

async fn sealed(db: &Db, second: i64) -> Option<Checkpoint> {
    checkpoint(db, "test.example/log", at(second), sign)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_honest_record_verifies_with_its_pending_rows() {
    both(async |db| {
        assert!(check(&db).await.is_whole());
        assert!(sealed(&db, 0).await.is_none(), "nothing to sign");
        record(&db, 0, 20).await;
        let first = sealed(&db, 1).await.unwrap();
        assert_eq!(first.size, 20);
        assert!(sealed(&db, 2).await.is_none(), "nothing new");
        record(&db, 20, 33).await;
        sealed(&db, 3).await.unwrap();
        record(&db, 33, 36).await;
        let report = verify(&db, vec![first], genuine).await.unwrap();
        assert!(report.is_whole(), "{:?}", report.faults);
        assert_eq!((report.rows, report.pending, report.covered), (33, 3, 33));
        assert_eq!(report.checkpoints, 3);
        let of = db
            .read(async |tx| tx.audit_of("person:21").await)
            .await
            .unwrap();
        assert_eq!((of.len(), of[0].actor.account.as_str()), (1, "town-1"));
    })
    .await;
}

/// One look of somebody, which reads how many rows stood before it.
async fn look(db: &Db, n: i64, refuse: bool) -> Result<usize, StoreError> {
    db.look(async move |tx| {
        let actor = Actor {
            account: format!("reader-{n}"),
            person: Some(PersonId(n)),
            role: Role::TownOfficer,
        };
        let entry = AuditEntry {
            actor: &actor,
            action: "person.read",
            purpose: "case:1",
            subject: "person:1",
            details: b"what was seen",
        };
        tx.audit(&entry, at(n)).await?;
        let before = tx.audit_of("person:1").await?.len();
        match refuse {
            true => Err(StoreError::Forbidden("no".into())),
            false => Ok(before),
        }
    })
    .await
}

#[tokio::test]
async fn a_look_is_on_record_before_it_is_answered_and_a_refused_one_never() {
    both(async |db| {
        for n in 0..3 {
            look(&db, n, false).await.unwrap();
            let kept = db.read(async |tx| tx.audit_of("person:1").await).await;
            let kept = kept.unwrap();
            let last = kept.last().unwrap();
            assert_eq!(i64::try_from(kept.len()).unwrap(), n + 1);
            assert_eq!((last.at, last.actor.person), (at(n).at, Some(PersonId(n))));
        }
        assert!(look(&db, 9, true).await.is_err());
        let kept = db.read(async |tx| tx.audit_of("person:1").await).await;
        assert_eq!(kept.unwrap().len(), 3, "a refused look left a row");
        // Many at once: each has its own row, and the record verifies.
        let looks = (10..74).map(|n| look(&db, n, false));
        for answered in futures_util::future::join_all(looks).await {
            answered.unwrap();
        }
        sealed(&db, 100).await.unwrap();
        let report = check(&db).await;
        assert!(report.is_whole(), "{:?}", report.faults);
        assert_eq!(report.rows, 67);
    })
    .await;
}

#[tokio::test]
async fn where_the_record_cannot_be_written_nothing_is_shown() {
    let place = store::testing::sqlite();
    let db = place.open().await;
    look(&db, 1, false).await.unwrap();
    store::testing::tamper(
        &place.url,
        "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    .await;
    assert!(look(&db, 2, false).await.is_err());
    db.close().await;
}

#[tokio::test]
async fn a_refused_act_leaves_no_row() {
    both(async |db| {
        let refused: Result<(), StoreError> = db
            .write(async |tx| {
                let actor = Actor {
                    account: "a".into(),
                    person: None,
                    role: Role::System,
                };
                let entry = AuditEntry {
                    actor: &actor,
                    action: "x.y",
                    purpose: "p",
                    subject: "s:1",
                    details: b"",
                };
                tx.audit(&entry, at(0)).await?;
                Err(StoreError::Forbidden("no".into()))
            })
            .await;
        refused.unwrap_err();
        assert!(sealed(&db, 1).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn the_database_itself_forbids_to_change_the_record() {
    for place in places() {
        let db = place.open().await;
        record(&db, 0, 3).await;
        sealed(&db, 1).await;
        db.close().await;
        let mut raw = Raw::open(&place).await;
        for (table, column) in [
            ("audit", "purpose"),
            ("audit_leaf", "leaf"),
            ("audit_checkpoint", "note"),
        ] {
            let update = format!("UPDATE {table} SET {column} = {column}");
            assert!(raw.run(&update).await.is_err(), "{update}");
            assert!(
                raw.run(&format!("DELETE FROM {table}")).await.is_err(),
                "{table}"
            );
        }
    }
}

/// An administrator at the database's own prompt.
enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Raw {
    async fn open(place: &Place) -> Self {
        if place.name == "sqlite" {
            Raw::Sqlite(SqliteConnection::connect(&place.url).await.unwrap())
        } else {
            Raw::Postgres(PgConnection::connect(&place.url).await.unwrap())
        }
    }

    async fn run(&mut self, sql: &str) -> sqlx::Result<u64> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Raw::Sqlite(c) => c
                .execute(sqlx::raw_sql(sql))
                .await
                .map(|done| done.rows_affected()),
            Raw::Postgres(c) => c
                .execute(sqlx::raw_sql(sql))
                .await
                .map(|done| done.rows_affected()),
        }
    }

    /// Several statements in one unsynced transaction.
    async fn all(&mut self, statements: &[String]) {
        if matches!(self, Raw::Sqlite(_)) {
            self.run("PRAGMA synchronous = OFF").await.unwrap();
        }
        let script = format!("BEGIN; {}; COMMIT", statements.join("; "));
        self.run(&script)
            .await
            .unwrap_or_else(|error| panic!("{script}: {error}"));
    }

    /// What guards the tables is no obstacle to an administrator.
    async fn disarm(&mut self) {
        for table in ["audit", "audit_leaf", "audit_checkpoint"] {
            for verb in ["update", "delete"] {
                self.run(&format!(
                    "DROP TRIGGER IF EXISTS {table}_no_{verb}{}",
                    self.on(table)
                ))
                .await
                .unwrap();
            }
            let drop = format!("DROP TRIGGER IF EXISTS {table}_no_change{}", self.on(table));
            self.run(&drop).await.unwrap();
        }
    }

    fn on(&self, table: &str) -> String {
        match self {
            Raw::Sqlite(_) => String::new(),
            Raw::Postgres(_) => format!(" ON {table}"),
        }
    }
}

const ROWS: i64 = 40;
const COVERED: i64 = 33;

/// One random tampering with rows the last checkpoint covers, as SQL.
fn tampering(rng: &mut ChaCha8Rng) -> (&'static str, Vec<String>) {
    let seq = rng.random_range(0..COVERED);
    let mut other = rng.random_range(0..COVERED - 1);
    if other >= seq {
        other += 1;
    }
    let of = |seq: i64| format!("(SELECT audit FROM audit_leaf WHERE seq = {seq})");
    let n: u32 = rng.random();
    match rng.random_range(0..10) {
        0 => {
            let column = ["account", "action", "purpose", "subject"][rng.random_range(0..4)];
            let set = format!("UPDATE audit SET {column} = 'x{n}' WHERE id = {}", of(seq));
            ("edit text", vec![set])
        }
        1 => (
            "edit time",
            vec![format!(
                "UPDATE audit SET at = at + 1 + {n} WHERE id = {}",
                of(seq)
            )],
        ),
        2 => (
            "edit person",
            vec![format!(
                "UPDATE audit SET person = {n} + 100 WHERE id = {}",
                of(seq)
            )],
        ),
        3 => {
            let from = format!("(SELECT digest FROM audit WHERE id = {})", of(other));
            (
                "swap in a digest",
                vec![format!(
                    "UPDATE audit SET digest = {from} WHERE id = {}",
                    of(seq)
                )],
            )
        }
        4 => (
            "delete row",
            vec![format!("DELETE FROM audit WHERE id = {}", of(seq))],
        ),
        5 => (
            "delete row and leaf, close the gap",
            vec![
                format!("DELETE FROM audit WHERE id = {}", of(seq)),
                format!("DELETE FROM audit_leaf WHERE seq = {seq}"),
                format!("UPDATE audit_leaf SET seq = -seq WHERE seq > {seq}"),
                "UPDATE audit_leaf SET seq = -seq - 1 WHERE seq < 0".to_owned(),
            ],
        ),
        6 => (
            "reorder two leaves",
            vec![
                format!("UPDATE audit_leaf SET seq = -1 WHERE seq = {seq}"),
                format!("UPDATE audit_leaf SET seq = {seq} WHERE seq = {other}"),
                format!("UPDATE audit_leaf SET seq = {other} WHERE seq = -1"),
            ],
        ),
        7 => (
            "truncate behind the checkpoint",
            vec![
                format!(
                    "DELETE FROM audit WHERE id IN (SELECT audit FROM audit_leaf WHERE seq >= {seq})"
                ),
                format!("DELETE FROM audit_leaf WHERE seq >= {seq}"),
            ],
        ),
        8 => (
            "edit leaf",
            vec![format!(
                "UPDATE audit_leaf SET leaf = (SELECT leaf FROM audit_leaf WHERE seq = {other}) WHERE seq = {seq}"
            )],
        ),
        _ => (
            "put a copy in another's place",
            vec![
                format!("DELETE FROM audit WHERE id = {}", of(seq)),
                format!(
                    "INSERT INTO audit SELECT {}, at, account, person, role, action, purpose, \
                     subject, digest, mac FROM audit WHERE id = {}",
                    of(seq),
                    of(other)
                ),
            ],
        ),
    }
}

#[tokio::test]
async fn a_thousand_tamperings_are_detected() {
    for place in places() {
        let db = place.open().await;
        record(&db, 0, 20).await;
        sealed(&db, 1).await.unwrap();
        record(&db, 20, COVERED).await;
        sealed(&db, 2).await.unwrap();
        record(&db, COVERED, ROWS).await;
        let mut raw = Raw::open(&place).await;
        raw.disarm().await;
        raw.run("CREATE TABLE audit_copy AS SELECT * FROM audit")
            .await
            .unwrap();
        raw.run("CREATE TABLE leaf_copy AS SELECT * FROM audit_leaf")
            .await
            .unwrap();
        // Curve arithmetic is slow without optimisation: what held once, holds.
        let signed = db.read(async |tx| tx.checkpoints().await).await.unwrap();
        let known = move |note: &[u8], signature: &[u8]| {
            let same = |c: &Checkpoint| c.note.as_bytes() == note && c.signature == signature;
            signed.iter().any(same) || genuine(note, signature)
        };
        let mut rng = ChaCha8Rng::seed_from_u64(2026);
        let mut detected = 0;
        for round in 0..1000 {
            let (name, statements) = tampering(&mut rng);
            raw.all(&statements).await;
            let report = verify(&db, Vec::new(), known.clone()).await.unwrap();
            assert!(
                !report.is_whole(),
                "{} round {round}: {name} {statements:?}",
                place.name
            );
            detected += 1;
            let restore = [
                "DELETE FROM audit",
                "DELETE FROM audit_leaf",
                "INSERT INTO audit SELECT * FROM audit_copy",
                "INSERT INTO audit_leaf SELECT * FROM leaf_copy",
            ];
            raw.all(&restore.map(str::to_owned)).await;
        }
        assert_eq!(detected, 1000);
        let report = check(&db).await;
        assert!(report.is_whole(), "restored: {:?}", report.faults);
        db.close().await;
    }
}

/// Someone with the database and the audit key, but not the signing key, writes
/// everything anew, tree and all.
#[tokio::test]
async fn a_rewritten_database_is_betrayed_by_signature_or_witness() {
    both(async |db| {
        record(&db, 0, 10).await;
        let witnessed = sealed(&db, 1).await.unwrap();
        // A fresh log over other rows, signed with another key: the signature tells.
        let forged = |note: &[u8]| {
            SigningKey::from_bytes(&[9; 32])
                .sign(note)
                .to_bytes()
                .to_vec()
        };
        record(&db, 10, 12).await;
        checkpoint(&db, "test.example/log", at(2), forged)
            .await
            .unwrap()
            .unwrap();
        let report = check(&db).await;
        assert_eq!(report.faults, [AuditFault::BadSignature(12)]);
        // Two databases, one origin: the witness of the first refuses the second.
        let other = Checkpoint {
            size: 11,
            ..witnessed
        };
        let report = verify(&db, vec![other], genuine).await.unwrap();
        assert!(report.faults.contains(&AuditFault::RootDiffers(11)));
    })
    .await;
}

#[tokio::test]
async fn rows_that_wait_are_guarded_by_their_keyed_code() {
    for place in places() {
        let db = place.open().await;
        record(&db, 0, 4).await;
        let mut raw = Raw::open(&place).await;
        raw.disarm().await;
        raw.run("UPDATE audit SET purpose = 'other' WHERE subject = 'person:2'")
            .await
            .unwrap();
        assert!(matches!(
            check(&db).await.faults[..],
            [AuditFault::RowAltered(_)]
        ));
        db.close().await;
    }
}
