//! A database is brought up to date, or refused untouched with words.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};
use store::testing::{AUDIT_KEY, Place, places, sealing_keys};
use store::{Db, Settings, StoreError};

async fn run(place: &Place, sql: &'static str) {
    if place.name == "sqlite" {
        let mut conn = SqliteConnection::connect(&place.url).await.unwrap();
        conn.execute(sql).await.unwrap();
        conn.close().await.unwrap();
    } else {
        let mut conn = PgConnection::connect(&place.url).await.unwrap();
        conn.execute(sql).await.unwrap();
        conn.close().await.unwrap();
    }
}

async fn refusal(place: &Place) -> StoreError {
    match Db::open(&place.url, Settings::new(AUDIT_KEY, sealing_keys())).await {
        Ok(_) => panic!("{} was opened", place.name),
        Err(error) => error,
    }
}

#[tokio::test]
async fn opening_again_changes_nothing_and_a_newer_database_is_refused() {
    for place in places() {
        place.open().await.close().await;
        let db = place.open().await;
        db.write(async |tx| tx.next_id("case").await).await.unwrap();
        db.close().await;
        run(
            &place,
            "INSERT INTO schema_version (version, digest) VALUES (9999, '')",
        )
        .await;
        let error = refusal(&place).await;
        assert!(
            matches!(error, StoreError::Newer { found: 9999, .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains("9999"), "{error}");
        run(&place, "DELETE FROM schema_version WHERE version = 9999").await;
        let db = place.open().await;
        assert_eq!(
            db.write(async |tx| tx.next_id("case").await).await.unwrap(),
            2
        );
        db.close().await;
        run(
            &place,
            "UPDATE schema_version SET digest = '' WHERE version = 1",
        )
        .await;
        assert!(matches!(
            refusal(&place).await,
            StoreError::Altered { version: 1 }
        ));
    }
}

#[tokio::test]
async fn ten_openings_at_once_migrate_once() {
    for place in places() {
        let mut openings = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let url = place.url.clone();
            openings.spawn(async move {
                Db::open(&url, Settings::new(AUDIT_KEY, sealing_keys())).await
            });
        }
        for opened in openings.join_all().await {
            opened.unwrap().close().await;
        }
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_with_words() {
    for url in ["", "mysql://x/y", "sqlite::memory:", "nuanxin.db"] {
        let Err(error) = Db::open(url, Settings::new(AUDIT_KEY, sealing_keys())).await else {
            panic!("{url} was opened")
        };
        assert!(
            error.to_string().contains("看不懂数据库地址"),
            "{url}: {error}"
        );
    }
}
