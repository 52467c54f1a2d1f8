//! The books on both databases: what is folded is what is stored, two writers
//! lose nothing, and a tampered balance is named.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use engine_ledger::{Bounds, Command, Config, Leg, Refusal, decide};
use kernel::{AccountId, Actor, Instant, Now, Role, TransferId};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};
use std::time::Duration;
use store::ledger::{LedgerSlice, verify};
use store::testing::{both, places};
use store::{Db, StoreError};

fn at(second: i64) -> Now {
    Now {
        at: Instant::from_timestamp(1_790_000_000 + second, 0).unwrap(),
    }
}

fn clerk() -> Actor {
    Actor {
        account: "finance".into(),
        person: None,
        role: Role::Finance,
    }
}

/// What a booking may come to.
#[derive(Debug)]
enum Fail {
    Refused(#[allow(dead_code, reason = "shown when a test fails")] Refusal),
    Store(StoreError),
}

impl From<StoreError> for Fail {
    fn from(error: StoreError) -> Self {
        Fail::Store(error)
    }
}

async fn book(db: &Db, command: Command, now: Now) -> Result<(), Fail> {
    db.write(async move |tx| {
        let ledger = tx.ledger(&LedgerSlice::of(&command)).await?;
        let command = command.clone();
        let events = decide(&ledger, command, &clerk(), "试账", &Config::default(), now)
            .map_err(Fail::Refused)?;
        tx.save_ledger(&ledger, &events, &clerk(), now).await?;
        Ok(())
    })
    .await
}

fn account(n: i64) -> AccountId {
    AccountId(n)
}

async fn open(db: &Db, accounts: i64) {
    for n in 1..=accounts {
        let command = Command::Open {
            id: account(n),
            unit: "fen".parse().unwrap(),
            name: format!("account:{n}"),
            bounds: Bounds {
                floor: (n > 1).then_some(0),
                ..Bounds::default()
            },
        };
        book(db, command, at(0)).await.unwrap();
    }
}

fn legs(from: i64, to: i64, amount: i64) -> Vec<Leg> {
    vec![
        Leg {
            account: account(from),
            amount: -amount,
        },
        Leg {
            account: account(to),
            amount,
        },
    ]
}

/// A random command; many of them will rightly be refused.
fn random(rng: &mut ChaCha8Rng, n: i64) -> Command {
    let (from, to) = (rng.random_range(1..=5), rng.random_range(1..=5));
    let (id, reference) = (TransferId(n), format!("ref:{}", rng.random_range(0..n + 3)));
    let other = TransferId(rng.random_range(1..=n));
    let amount = rng.random_range(1..5000);
    match rng.random_range(0..8) {
        0..3 => Command::Transfer {
            id,
            reference,
            legs: legs(from, to, amount),
            purpose: None,
        },
        3 | 4 => {
            let expires = rng.random_bool(0.3).then(|| at(n + 5).at);
            Command::Reserve {
                id,
                reference,
                legs: legs(from, to, amount),
                expires,
                purpose: None,
            }
        }
        5 => Command::Post {
            id,
            hold: other,
            reference,
            legs: None,
        },
        6 if rng.random_bool(0.5) => Command::Expire { hold: other },
        6 => Command::Void { hold: other },
        _ => Command::Reverse {
            id,
            of: other,
            reference,
        },
    }
}

#[tokio::test]
async fn random_bookings_sum_to_zero_and_read_back_as_folded() {
    both(async |db| {
        open(&db, 5).await;
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mut kept = 0;
        let mut folded = db.read(async |tx| tx.whole_ledger().await).await.unwrap();
        for n in 1..=400 {
            let command = random(&mut rng, n);
            let decided = decide(
                &folded,
                command.clone(),
                &clerk(),
                "试账",
                &Config::default(),
                at(n),
            );
            match (book(&db, command.clone(), at(n)).await, decided) {
                (Ok(()), Ok(events)) => {
                    kept += 1;
                    events.iter().for_each(|event| folded.apply(event));
                }
                (Err(Fail::Refused(_)), Err(_)) => {}
                (stored, decided) => panic!("{command:?}: {stored:?} but {decided:?}"),
            }
        }
        assert!(kept > 60, "{kept}");
        let whole = db.read(async |tx| tx.whole_ledger().await).await.unwrap();
        assert_eq!(whole, folded);
        assert_eq!(verify(&db).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn many_writers_at_once_never_take_an_account_below_its_floor() {
    both(async |db| {
        open(&db, 3).await;
        let fund = Command::Transfer {
            id: TransferId(1),
            reference: "fund".into(),
            legs: legs(1, 2, 1000),
            purpose: None,
        };
        book(&db, fund, at(1)).await.unwrap();
        let mut writers = tokio::task::JoinSet::new();
        for n in 0..40 {
            let db = db.clone();
            writers.spawn(async move {
                let (id, reference) = (TransferId(100 + n), format!("pay:{n}"));
                let pay = Command::Transfer {
                    id,
                    reference,
                    legs: legs(2, 3, 60),
                    purpose: None,
                };
                match book(&db, pay, at(2)).await {
                    Ok(()) => true,
                    Err(Fail::Refused(_)) => false,
                    Err(Fail::Store(StoreError::Conflict { .. } | StoreError::Busy)) => false,
                    Err(other) => panic!("{other:?}"),
                }
            });
        }
        let paid = writers
            .join_all()
            .await
            .into_iter()
            .filter(|paid| *paid)
            .count();
        assert!((1..=16).contains(&paid), "1000 / 60 = 16, paid {paid}");
        let left = db
            .read(async |tx| tx.account_named("account:2").await)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(left.balance, 1000 - 60 * i64::try_from(paid).unwrap());
        assert!(left.balance >= 0);
        assert_eq!(verify(&db).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn one_business_fact_is_booked_once_however_often_it_is_sent_at_once() {
    both(async |db| {
        open(&db, 2).await;
        let mut senders = tokio::task::JoinSet::new();
        for n in 0..20 {
            let db = db.clone();
            senders.spawn(async move {
                let legs = legs(1, 2, 500);
                let command = Command::Transfer {
                    id: TransferId(10 + n),
                    reference: "once".into(),
                    legs,
                    purpose: None,
                };
                book(&db, command, at(1)).await.is_ok()
            });
        }
        assert_eq!(
            senders
                .join_all()
                .await
                .into_iter()
                .filter(|ok| *ok)
                .count(),
            1
        );
        let fund = db
            .read(async |tx| tx.account_named("account:2").await)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(fund.balance, 500);
    })
    .await;
}

#[tokio::test]
async fn lapsed_holds_are_found_and_a_tampered_balance_is_named() {
    for place in places() {
        let db = place.open().await;
        open(&db, 2).await;
        let hold = Command::Reserve {
            id: TransferId(1),
            reference: "hold".into(),
            legs: legs(1, 2, 9),
            expires: Some((at(0).at) + Duration::from_secs(60)),
            purpose: None,
        };
        book(&db, hold, at(0)).await.unwrap();
        let early = db
            .read(async |tx| tx.lapsed_holds(at(59), 10).await)
            .await
            .unwrap();
        assert_eq!(early, []);
        let late = db
            .read(async |tx| tx.lapsed_holds(at(60), 10).await)
            .await
            .unwrap();
        assert_eq!(late, [TransferId(1)]);
        book(&db, Command::Expire { hold: late[0] }, at(60))
            .await
            .unwrap();
        assert_eq!(verify(&db).await.unwrap(), []);
        let steal = "UPDATE account SET balance = balance + 1 WHERE id = 2";
        if place.name == "sqlite" {
            SqliteConnection::connect(&place.url)
                .await
                .unwrap()
                .execute(steal)
                .await
                .unwrap();
        } else {
            PgConnection::connect(&place.url)
                .await
                .unwrap()
                .execute(steal)
                .await
                .unwrap();
        }
        assert_eq!(verify(&db).await.unwrap().len(), 2, "balance and sum");
        db.close().await;
    }
}
