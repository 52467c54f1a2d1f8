//! What lies sealed stays shut to whoever has the database and not the keys, and
//! says so when it was touched; the keys are the database's own, or nothing opens.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use engine_pool::{Record, Subject, Value};
use kernel::{DataBatchId, DocumentId, Instant, Now, PersonId, PersonNumber, Slug};
use std::collections::{BTreeMap, BTreeSet};
use store::testing::{AUDIT_KEY, Place, places, raw_bytes, tamper};
use store::{Db, Document, Profile, SealingKey, SealingKeys, Settings, StoreError, StoredRecord};

/// Two invented people: area 99.
const NUMBERS: [&str; 2] = ["990482195102020012", "990482195203030033"];
const ILLNESS: &str = "尿毒症";

fn now() -> Now {
    Now {
        at: Instant::from_timestamp(1_790_000_000, 0).unwrap(),
    }
}

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

/// The n-th number, its check digit made right.
fn number(n: usize) -> PersonNumber {
    let stem = &NUMBERS[n][..17];
    let mut numbers = "0123456789X".chars().map(|last| format!("{stem}{last}"));
    numbers.find_map(|one| one.parse().ok()).unwrap()
}

fn key(no: u32, profile: Profile, byte: u8) -> SealingKey {
    SealingKey {
        no,
        profile,
        bytes: [byte; 32],
    }
}

fn keys(fields: Vec<SealingKey>, index: u8) -> SealingKeys {
    SealingKeys {
        fields,
        index: [index; 32],
    }
}

async fn open(place: &Place, sealing: SealingKeys) -> Result<Db, StoreError> {
    Db::open(&place.url, Settings::new(AUDIT_KEY, sealing)).await
}

async fn run(place: &Place, sql: &str) {
    tamper(&place.url, sql).await;
}

/// A record each about a registered and an unregistered person, and a paper; the
/// record's own number holds the identity number, as certificates' do.
async fn fill(db: &Db) {
    let record = |n: usize, no: &str| Record {
        category: slug("severe_disease"),
        subject: Subject::Person(number(n)),
        record_no: format!("{}{no}", number(n).reveal()),
        as_of: "2026-08-31".parse().unwrap(),
        values: BTreeMap::from([(slug("disease"), Value::Text(ILLNESS.into()))]),
    };
    let stored = |person, record| StoredRecord { person, record };
    let records = vec![
        stored(Some(PersonId(1)), record(0, "41")),
        stored(Some(PersonId(2)), record(0, "42")),
        stored(None, record(1, "43")),
    ];
    db.write(async move |tx| {
        tx.put_records(DataBatchId(1), records.clone()).await?;
        for id in [1, 2] {
            let body = format!("{} {ILLNESS} {id}", number(0).reveal()).into_bytes();
            let document = Document {
                id: DocumentId(id),
                case: None,
                kind: "paper".into(),
                media: "text/plain".into(),
                body,
            };
            tx.keep_document(&document, now()).await?;
        }
        Ok::<_, StoreError>(())
    })
    .await
    .unwrap();
}

async fn records(db: &Db, person: i64) -> Result<usize, StoreError> {
    db.read(async move |tx| {
        let people = BTreeSet::from([PersonId(person)]);
        Ok(tx.records_of(&people, None).await?.len())
    })
    .await
}

async fn paper(db: &Db, id: i64) -> Result<Document, StoreError> {
    db.read(async move |tx| tx.document(DocumentId(id)).await)
        .await
}

fn broken<T>(place: &str, done: Result<T, StoreError>) {
    match done {
        Err(StoreError::SealBroken { place: told }) => assert_eq!(told, place),
        Err(other) => panic!("{place}: {other:?}"),
        Ok(_) => panic!("{place} was opened"),
    }
}

#[tokio::test]
async fn a_thief_of_the_database_reads_nobody_and_look_ups_still_find() {
    for place in places() {
        let db = place.open().await;
        fill(&db).await;
        let held = db
            .read(async |tx| tx.records_about(&Subject::Person(number(1))).await)
            .await
            .unwrap();
        assert_eq!(held.len(), 1);
        assert_eq!(
            held[0].record.record_no,
            format!("{}43", number(1).reveal())
        );
        assert_eq!(records(&db, 1).await.unwrap(), 1);
        db.close().await;
        let raw = raw_bytes(&place.url).await;
        let holds = |text: &str| raw.windows(text.len()).any(|part| part == text.as_bytes());
        // What is clear on purpose is there: the search is not blind itself.
        assert!(holds("severe_disease") && holds("text/plain"));
        for secret in [number(0).reveal(), number(1).reveal(), ILLNESS] {
            assert!(!holds(secret), "{secret} on {}", place.name);
        }
    }
}

#[tokio::test]
async fn a_sealed_value_that_was_moved_or_bent_is_a_named_fault() {
    for place in places() {
        let db = place.open().await;
        fill(&db).await;
        run(
            &place,
            "UPDATE pool_record SET field_values =
                 (SELECT field_values FROM pool_record WHERE person = 1) WHERE person = 2",
        )
        .await;
        assert_eq!(records(&db, 1).await.unwrap(), 1);
        broken("pool_record.field_values", records(&db, 2).await);
        // Renaming the row does not help: the value is bound to its key.
        run(&place, "DELETE FROM pool_record WHERE person = 2").await;
        run(&place, "UPDATE pool_record SET person = 2").await;
        broken("pool_record.field_values", records(&db, 2).await);
        // The day it speaks of lies clear beside it, and is bound too.
        run(
            &place,
            "UPDATE pool_record SET person = 1, as_of = '2026-09-30'",
        )
        .await;
        broken("pool_record.field_values", records(&db, 1).await);
        let forbid = if place.name == "sqlite" {
            "DROP TRIGGER document_no_update"
        } else {
            "DROP TRIGGER document_no_change ON document"
        };
        run(&place, forbid).await;
        paper(&db, 1).await.unwrap();
        run(
            &place,
            "UPDATE document SET body = (SELECT d.body FROM document d WHERE d.id = 1),
                 digest = (SELECT d.digest FROM document d WHERE d.id = 1) WHERE id = 2",
        )
        .await;
        broken("document.body", paper(&db, 2).await);
        let clear = if place.name == "sqlite" {
            "UPDATE document SET body = x'4142' WHERE id = 1"
        } else {
            r"UPDATE document SET body = '\x4142' WHERE id = 1"
        };
        run(&place, clear).await;
        broken("document.body", paper(&db, 1).await);
        db.close().await;
    }
}

#[tokio::test]
async fn without_its_own_keys_a_database_does_not_open() {
    let one = || key(1, Profile::Sm4Gcm, 1);
    let two = || key(2, Profile::Aes256Gcm, 2);
    for place in places() {
        let db = open(&place, keys(vec![one()], 3)).await.unwrap();
        fill(&db).await;
        db.close().await;
        let refused = async |sealing| match open(&place, sealing).await {
            Ok(_) => panic!("opened"),
            Err(error) => {
                let told = error.to_string();
                assert!(told.contains("没有打开") || told.contains("同一"), "{told}");
                error
            }
        };
        // Another look-up key, another first key, none at all, another cipher.
        let error = refused(keys(vec![one()], 4)).await;
        assert!(matches!(error, StoreError::IndexKeyWrong), "{error:?}");
        for wrong in [key(1, Profile::Sm4Gcm, 9), key(1, Profile::Aes256Gcm, 1)] {
            let error = refused(keys(vec![wrong], 3)).await;
            assert!(
                matches!(error, StoreError::SealingKeyWrong { no: 1 }),
                "{error:?}"
            );
        }
        for missing in [vec![], vec![two()]] {
            let error = refused(keys(missing, 3)).await;
            assert!(
                matches!(error, StoreError::SealingKeyMissing { no: 1 }),
                "{error:?}"
            );
        }
        // A second key: the old one opens what it sealed, new values take the new.
        let db = open(&place, keys(vec![one(), two()], 3)).await.unwrap();
        assert_eq!(records(&db, 1).await.unwrap(), 1);
        paper(&db, 1).await.unwrap();
        db.write(async |tx| {
            let document = Document {
                id: DocumentId(3),
                case: None,
                kind: "paper".into(),
                media: "text/plain".into(),
                body: b"new".to_vec(),
            };
            tx.keep_document(&document, now()).await
        })
        .await
        .unwrap();
        db.close().await;
        // And from then on both are needed.
        let error = refused(keys(vec![one()], 3)).await;
        assert!(
            matches!(error, StoreError::SealingKeyMissing { no: 2 }),
            "{error:?}"
        );
        let db = open(&place, keys(vec![two(), one()], 3)).await.unwrap();
        assert_eq!(paper(&db, 3).await.unwrap().body, b"new");
        db.close().await;
    }
}
