//! The outbox does every work at least once and loses none; idempotency keys give
//! one effect. On both databases.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use kernel::{Instant, Now};
use std::collections::BTreeSet;
use std::time::Duration;
use store::testing::both;
use store::{ATTEMPTS, RequestKey, Result, StoreError};

fn at(second: i64) -> Now {
    Now {
        at: Instant::from_timestamp(1_790_000_000 + second, 0).unwrap(),
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn work_is_leased_once_and_again_after_the_lease_ran_out() {
    both(async |db| {
        let put = db
            .write(async |tx| {
                let first = tx.publish("sms", "m1", &"hello", at(0), at(0).at).await?;
                let again = tx.publish("sms", "m1", &"hello", at(0), at(0).at).await?;
                tx.publish("sms", "later", &"wait", at(0), at(500).at)
                    .await?;
                Ok::<_, StoreError>((first, again))
            })
            .await;
        assert_eq!(put.unwrap(), (true, false));
        let lease =
            |second| db.write(async move |tx| tx.lease("sms", "w", at(second), MINUTE, 10).await);
        let first = lease(1).await.unwrap();
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].body, "\"hello\"");
        assert!(lease(2).await.unwrap().is_empty(), "on lease");
        let second = lease(62).await.unwrap();
        assert_eq!((second[0].id, second[0].attempts), (first[0].id, 2));
        assert!(second[0].fence > first[0].fence);
        // The first worker wakes up late: its fence is old.
        let late = first[0].clone();
        let refused = db
            .write(async move |tx| tx.complete(&late, at(63)).await)
            .await;
        assert!(matches!(refused, Err(StoreError::LeaseLost)), "{refused:?}");
        let newest = second[0].clone();
        db.write(async move |tx| tx.complete(&newest, at(64)).await)
            .await
            .unwrap();
        assert!(lease(300).await.unwrap().is_empty());
        assert_eq!(lease(501).await.unwrap()[0].key, "later");
    })
    .await;
}

#[tokio::test]
async fn what_fails_too_often_is_dead_visible_and_can_be_revived() {
    both(async |db| {
        db.write(async |tx| tx.publish("bank", "b1", &1, at(0), at(0).at).await)
            .await
            .unwrap();
        let mut second = 0;
        for attempt in 1..=ATTEMPTS {
            let (leases, dead) = db
                .write(async move |tx| {
                    let leases = tx.lease("bank", "w", at(second), MINUTE, 1).await?;
                    let dead = tx.failed(&leases[0], "线路不通", at(second)).await?;
                    // Not due again at once: there is a pause.
                    assert!(
                        tx.lease("bank", "w", at(second), MINUTE, 1)
                            .await?
                            .is_empty()
                    );
                    Ok::<_, StoreError>((leases, dead))
                })
                .await
                .unwrap();
            assert_eq!(leases[0].attempts, attempt);
            assert_eq!(dead, attempt == ATTEMPTS);
            second += 3601;
        }
        let dead = db.read(async |tx| tx.dead_letters().await).await.unwrap();
        assert_eq!((dead.len(), dead[0].error.as_str()), (1, "线路不通"));
        let id = dead[0].id;
        let taken = db
            .write(async move |tx| {
                assert!(
                    tx.lease("bank", "w", at(second), MINUTE, 1)
                        .await?
                        .is_empty()
                );
                tx.revive(id, at(second)).await?;
                tx.lease("bank", "w", at(second), MINUTE, 1).await
            })
            .await
            .unwrap();
        assert_eq!(taken.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn four_workers_share_the_work_without_doing_any_twice() {
    both(async |db| {
        db.write(async |tx| {
            for n in 0..200 {
                tx.publish("t", &format!("k{n}"), &n, at(0), at(0).at)
                    .await?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
        let mut workers = tokio::task::JoinSet::new();
        for worker in 0..4 {
            let db = db.clone();
            workers.spawn(async move {
                let mut done = Vec::new();
                loop {
                    let owner = format!("w{worker}");
                    let taken = db
                        .write(async move |tx| tx.lease("t", &owner, at(1), MINUTE, 7).await)
                        .await
                        .unwrap();
                    if taken.is_empty() {
                        let left = db.read(async |tx| tx.waiting("t").await).await.unwrap();
                        if left == 0 {
                            return done;
                        }
                    }
                    for lease in taken {
                        done.push(lease.key.clone());
                        db.write(async move |tx| tx.complete(&lease, at(2)).await)
                            .await
                            .unwrap();
                    }
                }
            });
        }
        let mut done = Vec::new();
        while let Some(part) = workers.join_next().await {
            done.extend(part.unwrap());
        }
        assert_eq!(done.len(), 200);
        assert_eq!(done.into_iter().collect::<BTreeSet<_>>().len(), 200);
    })
    .await;
}

#[tokio::test]
async fn the_same_request_twice_has_one_effect_and_one_answer() {
    both(async |db| {
        let send = |key: RequestKey| {
            db.write(async move |tx| {
                tx.idempotent(&key, at(0), async |tx: &mut store::Tx| {
                    tx.next_id("case").await
                })
                .await
            })
        };
        let key = RequestKey::forever("payment", "k1", b"body");
        let first = send(key.clone()).await.unwrap();
        let second = send(key.clone()).await.unwrap();
        assert_eq!((first.value, first.repeated), (1, false));
        assert_eq!((second.value, second.repeated), (1, true));
        let changed = send(RequestKey::forever("payment", "k1", b"other")).await;
        assert!(matches!(changed, Err(StoreError::KeyReused)), "{changed:?}");
        let other = send(RequestKey::until("account", "k1", b"other", at(10).at))
            .await
            .unwrap();
        assert_eq!(other.value, 2);
        // Only the key with an expiry is forgotten.
        let forgotten = db
            .write(async |tx| tx.forget_requests(at(1_000_000_000)).await)
            .await;
        assert_eq!(forgotten.unwrap(), 1);
        assert!(send(key).await.unwrap().repeated);
    })
    .await;
}

#[tokio::test]
async fn a_refused_act_leaves_no_key_behind() {
    both(async |db| {
        let key = RequestKey::forever("s", "k", b"b");
        let again = key.clone();
        let refused: Result<_> = db
            .write(async move |tx| {
                tx.idempotent(&key, at(0), async |_: &mut store::Tx| {
                    Err::<i64, _>(StoreError::Forbidden("no".into()))
                })
                .await
            })
            .await;
        assert!(matches!(refused, Err(StoreError::Forbidden(_))));
        let reply = db
            .write(async move |tx| {
                tx.idempotent(&again, at(0), async |_: &mut store::Tx| {
                    Ok::<_, StoreError>(7)
                })
                .await
            })
            .await
            .unwrap();
        assert_eq!((reply.value, reply.repeated), (7, false));
    })
    .await;
}

#[tokio::test]
async fn the_same_request_many_times_at_once_has_one_effect() {
    both(async |db| {
        let mut senders = tokio::task::JoinSet::new();
        for _ in 0..40 {
            let db = db.clone();
            senders.spawn(async move {
                let key = RequestKey::forever("payment", "once", b"body");
                db.write(async move |tx| {
                    tx.idempotent(&key, at(0), async |tx: &mut store::Tx| {
                        tx.next_id("pay").await
                    })
                    .await
                })
                .await
                .unwrap()
            });
        }
        let replies = senders.join_all().await;
        assert!(replies.iter().all(|reply| reply.value == 1));
        assert_eq!(replies.iter().filter(|reply| !reply.repeated).count(), 1);
    })
    .await;
}
