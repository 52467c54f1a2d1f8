//! Transactions keep all or nothing, on both databases.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use store::testing::both;
use store::{Result, StoreError};

#[tokio::test]
async fn a_transaction_keeps_all_or_nothing() {
    both(async |db| {
        let first: Result<i64> = db.write(async |tx| tx.next_id("case").await).await;
        assert_eq!(first.unwrap(), 1);
        let refused: Result<i64> = db
            .write(async |tx| {
                tx.next_id("case").await?;
                Err(StoreError::KeyReused)
            })
            .await;
        assert!(matches!(refused, Err(StoreError::KeyReused)));
        let range = db
            .write(async |tx| tx.next_ids("case", 10).await)
            .await
            .unwrap();
        assert_eq!(range, 2..12);
    })
    .await;
}

#[tokio::test]
async fn a_panicking_body_leaves_the_database_usable() {
    both(async |db| {
        let gone: Result<i64> = db
            .write(async |tx| {
                tx.next_id("case").await?;
                panic!("as a defect would")
            })
            .await;
        assert!(matches!(gone, Err(StoreError::Fault(_))));
        let next: Result<i64> = db.write(async |tx| tx.next_id("case").await).await;
        assert_eq!(next.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn numbers_are_given_once_whoever_asks_and_whatever_is_undone() {
    both(async |db| {
        let mut askers = tokio::task::JoinSet::new();
        for n in 0..200 {
            let db = db.clone();
            askers.spawn(async move {
                let given: Result<Vec<i64>> = db
                    .write(async move |tx| {
                        let mut ids = vec![tx.next_id("case").await?, tx.next_id("case").await?];
                        ids.extend(tx.next_ids("case", n % 5).await?);
                        match n % 3 {
                            0 => Err(StoreError::KeyReused),
                            _ => Ok(ids),
                        }
                    })
                    .await;
                given.unwrap_or_default()
            });
        }
        let given: Vec<i64> = askers.join_all().await.into_iter().flatten().collect();
        let unique: std::collections::BTreeSet<&i64> = given.iter().collect();
        assert_eq!(unique.len(), given.len());
        assert!(given.len() > 400);
    })
    .await;
}

#[tokio::test]
async fn a_transaction_inside_a_transaction_is_refused_not_waited_for() {
    both(async |db| {
        let inner = db.clone();
        let nested: Result<i64> = db
            .write(async move |_| inner.write(async |tx| tx.next_id("case").await).await)
            .await;
        assert!(matches!(nested, Err(StoreError::Fault(_))), "{nested:?}");
    })
    .await;
}
