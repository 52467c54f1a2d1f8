//! A backup of either database restores into either; what is not the file that was
//! written, or not an empty database, is refused with words and nothing is changed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod acting;

use acting::{act, nothing_lost, now};
use kernel::{CaseId, DocumentId};
use std::fs;
use std::path::Path;
use store::backup::{self, TableSum};
use store::testing::{AUDIT_KEY, Place, places, postgres, sealing_keys, sqlite};
use store::{AttachedTo, Attachment, Db, Loaded, Settings, StoreError, Tx};

/// Acts, a sealed grant and an audit checkpoint: something of every kind.
async fn fill(db: &Db) -> Vec<String> {
    let keys: Vec<String> = (0..120).map(|n| format!("act/{n}")).collect();
    for key in &keys {
        act(db, key.clone()).await.unwrap();
    }
    db.write(async |tx| {
        let person = kernel::PersonId(7);
        let holder = engine_access::Holder::Person(person);
        let by = kernel::Actor {
            account: "a".into(),
            person: Some(kernel::PersonId(1)),
            role: kernel::Role::SecurityAdministrator,
        };
        let grant = engine_access::Grant {
            holder: holder.clone(),
            role: kernel::Role::TownOfficer,
            region: "330482001".parse().unwrap(),
            from: "2026-01-01".parse().unwrap(),
            to: None,
        };
        let state = engine_access::Grants {
            grants: vec![grant],
            proposals: Vec::new(),
        };
        let loaded = Loaded { state, version: 0 };
        tx.save_grants(&holder, &loaded, &[], &by, now()).await
    })
    .await
    .unwrap();
    store::audit::checkpoint(db, "test", now(), |note| note.to_vec())
        .await
        .unwrap();
    keys
}

/// Photographs, larger together than what a restore loads at once.
const PHOTOS: i64 = 2;

fn photo(id: i64) -> (Attachment, Vec<u8>) {
    let body: Vec<u8> = (0..600_000_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8 ^ id as u8)
        .collect();
    let attachment = Attachment {
        document: DocumentId(id),
        case: CaseId(1),
        purpose: AttachedTo::Survey("survey".parse().unwrap()),
        name: "堂屋.jpg".into(),
        media: "image/jpeg".into(),
        bytes: body.len() as u64,
        by: kernel::Actor {
            account: "village".into(),
            person: Some(kernel::PersonId(2)),
            role: kernel::Role::VillageWorker,
        },
        at: now().at,
    };
    (attachment, body)
}

async fn take_photographs(db: &Db) {
    for id in 1..=PHOTOS {
        let (attachment, body) = photo(id);
        let kept = db.write(async move |tx| tx.attach(&attachment, body.clone(), now()).await);
        kept.await.unwrap();
    }
}

async fn photographs_are_there(db: &Db, way: &str) {
    let read = async |tx: &mut Tx| {
        let listed = tx.attachments_of(CaseId(1)).await?;
        let mut all = Vec::new();
        for one in listed {
            let body = tx.document(one.document).await?.body;
            all.push((one, body));
        }
        Ok::<_, StoreError>(all)
    };
    let found = db.read(read).await.unwrap();
    let expected: Vec<_> = (1..=PHOTOS).map(photo).collect();
    assert!(
        found == expected,
        "{way}: a photograph is not what was taken"
    );
}

/// What must be the same after a restore: each opening takes its own numbers.
fn same(sums: &[TableSum]) -> Vec<TableSum> {
    let told = sums.iter().filter(|sum| sum.table != "sequence");
    told.cloned().collect()
}

#[tokio::test]
async fn either_database_restores_into_either() {
    for from in places() {
        let db = from.open().await;
        let keys = fill(&db).await;
        take_photographs(&db).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("house.backup");
        let written = backup::write(&db, &file).await.unwrap();
        db.close().await;
        assert!(
            written
                .iter()
                .any(|sum| sum.table == "audit" && sum.rows >= 120)
        );
        for to in places() {
            let way = format!("{} to {}", from.name, to.name);
            let db = to.open().await;
            let restored = backup::restore(&db, &file).await.unwrap();
            assert_eq!(restored, written, "{way}");
            db.close().await;
            nothing_lost(&to.url, &keys).await;
            // What it holds is what the first one held, table by table.
            let db = to.open().await;
            let holder = engine_access::Holder::Person(kernel::PersonId(7));
            let grants = db.read(async move |tx| tx.grants(&holder).await);
            assert_eq!(grants.await.unwrap().state.grants.len(), 1, "{way}");
            photographs_are_there(&db, &way).await;
            let again = folder.path().join(format!("{}.backup", to.name));
            let second = backup::write(&db, &again).await.unwrap();
            let told = |sums: &[TableSum], name: &str| {
                same(sums).into_iter().find(|sum| sum.table == name)
            };
            for table in [
                "attachment",
                "document",
                "audit_leaf",
                "audit_checkpoint",
                "grants",
                "idempotency",
            ] {
                assert_eq!(told(&second, table), told(&written, table), "{way} {table}");
            }
            // A number given after the restore is nobody's yet.
            act(&db, "after".to_owned()).await.unwrap();
            let Err(StoreError::Backup(says)) = backup::restore(&db, &file).await else {
                panic!("{way}: restored over what was there");
            };
            assert!(says.contains("请恢复到一个空库"), "{says}");
            db.close().await;
        }
    }
}

async fn refused(place: &Place, file: &Path) -> String {
    let db = place.open().await;
    let outcome = backup::restore(&db, file).await;
    let acts = acting::keys(&place.url).await;
    assert!(acts.is_empty(), "something was restored");
    db.close().await;
    match outcome {
        Err(StoreError::Backup(says)) => says,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_file_that_is_not_what_was_written_changes_nothing() {
    let place = sqlite();
    let db = place.open().await;
    fill(&db).await;
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.backup");
    backup::write(&db, &good).await.unwrap();
    // An old backup is never written over.
    let Err(StoreError::Backup(says)) = backup::write(&db, &good).await else {
        panic!("written over");
    };
    assert!(says.contains("不覆盖旧备份"), "{says}");
    db.close().await;
    let bytes = fs::read(&good).unwrap();
    let bent = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let mut flipped = bytes.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let cases = [
        ("empty", Vec::new(), "不是暖心的备份文件"),
        (
            "foreign",
            b"PK\x03\x04 some other archive".to_vec(),
            "不是暖心的备份文件",
        ),
        (
            "short",
            bytes[..bytes.len() - 40].to_vec(),
            "不完整或者被改过",
        ),
        ("head only", bytes[..17].to_vec(), "不完整或者被改过"),
        ("flipped", flipped, "不完整或者被改过"),
        ("longer", [&bytes[..], b"more"].concat(), "不完整或者被改过"),
    ];
    let empties = [Some(sqlite()), postgres()];
    for (name, bytes, says) in cases {
        let file = bent(name, &bytes);
        for empty in empties.iter().flatten() {
            let told = refused(empty, &file).await;
            assert!(told.contains(says), "{name}: {told}");
        }
    }
    for empty in empties.iter().flatten() {
        let told = refused(empty, &folder.path().join("nowhere")).await;
        assert!(told.contains("读不了"), "{told}");
    }
}

#[tokio::test]
async fn without_its_keys_a_backup_is_not_restored() {
    let place = sqlite();
    let db = place.open().await;
    fill(&db).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("house.backup");
    backup::write(&db, &file).await.unwrap();
    db.close().await;
    let mut others = sealing_keys();
    others.fields[0].bytes = [9; 32];
    for place in places() {
        let settings = Settings::new(AUDIT_KEY, others.clone());
        let db = Db::open(&place.url, settings).await.unwrap();
        let outcome = backup::restore(&db, &file).await;
        assert!(
            matches!(outcome, Err(StoreError::SealingKeyWrong { no: 1 })),
            "{outcome:?}"
        );
        assert!(acting::keys(&place.url).await.is_empty());
        db.close().await;
    }
}
