//! H01, H13, H14: ceilings hold against many writers at once, lots and restricted funds
//! read back as they were opened, a statement's rows, and what is changed or taken out
//! behind the house's back is found by its print. On both databases.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use engine_ledger::{Bounds, Command, Config, Leg, decide};
use kernel::{AccountId, Actor, Instant, Now, PersonId, Role, Slug, TransferId};
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};
use std::time::Duration;
use store::ledger::{Claim, ClaimStage, LedgerSlice, ReversalAsked, prove};
use store::testing::{Place, both, places};
use store::{Db, StoreError};

fn at(second: i64) -> Now {
    Now {
        at: Instant::from_timestamp(1_790_000_000 + second, 0).unwrap(),
    }
}

fn clerk() -> Actor {
    Actor {
        account: "keeper".into(),
        person: Some(PersonId(5)),
        role: Role::CharityAccountant,
    }
}

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

async fn book(db: &Db, accounts: &[i64], command: Command, now: Now) -> Result<(), StoreError> {
    let accounts = accounts.iter().copied().map(AccountId);
    let slice = LedgerSlice {
        accounts: accounts.collect(),
        ..LedgerSlice::default()
    };
    db.write(async move |tx| {
        let ledger = tx.ledger(&slice).await?;
        let decided = decide(
            &ledger,
            command.clone(),
            &clerk(),
            "试账",
            &Config::default(),
            now,
        );
        let refused = |_| StoreError::NotFound {
            what: "refused",
            id: String::new(),
        };
        let events = decided.map_err(refused)?;
        tx.save_ledger(&ledger, &events, &clerk(), now).await
    })
    .await
}

async fn open(db: &Db, id: i64, bounds: Bounds) {
    let command = Command::Open {
        id: AccountId(id),
        unit: slug("point"),
        name: format!("account:{id}"),
        bounds,
    };
    book(db, &[], command, at(0)).await.unwrap();
}

fn transfer(id: i64, from: i64, to: i64, amount: i64) -> Command {
    let leg = |account, amount| Leg {
        account: AccountId(account),
        amount,
    };
    Command::Transfer {
        id: TransferId(id),
        reference: format!("t{id}"),
        legs: vec![leg(from, -amount), leg(to, amount)],
        purpose: None,
    }
}

#[tokio::test]
async fn h14_many_writers_at_once_never_take_an_account_above_its_ceiling() {
    both(async |db| {
        open(&db, 1, Bounds::default()).await;
        let ceiling = Some(100);
        let capped = Bounds {
            ceiling,
            ..Bounds::floor(0)
        };
        open(&db, 2, capped).await;
        let mut writers = tokio::task::JoinSet::new();
        for n in 0..30 {
            let db = db.clone();
            writers.spawn(async move {
                book(&db, &[1, 2], transfer(100 + n, 1, 2, 15), at(1))
                    .await
                    .is_ok()
            });
        }
        let done = writers
            .join_all()
            .await
            .into_iter()
            .filter(|ok| *ok)
            .count();
        assert!((1..=6).contains(&done), "100 / 15 = 6, done {done}");
        let read = async |tx: &mut store::Tx| tx.account_named("account:2").await;
        let held = db.read(read).await.unwrap().unwrap();
        assert_eq!(held.balance, 15 * i64::try_from(done).unwrap());
        assert!(prove(&db).await.unwrap().holds());
    })
    .await;
}

#[tokio::test]
async fn h13_lots_are_found_when_their_time_is_over_and_statements_read_back() {
    both(async |db| {
        open(&db, 1, Bounds::default()).await;
        let expires = Some(at(60).at);
        let purposes = Some([slug("elder")].into());
        let bounds = Bounds {
            expires,
            purposes,
            ..Bounds::floor(0)
        };
        open(&db, 2, bounds.clone()).await;
        let bank = slug("time_bank");
        let keep = async |tx: &mut store::Tx| {
            let (bank, whose) = (slug("time_bank"), (Some(PersonId(7)), None));
            tx.keep_book_part(AccountId(2), &bank, "lot", whose).await
        };
        db.write(keep).await.unwrap();
        book(&db, &[1, 2], transfer(10, 1, 2, 40), at(5))
            .await
            .unwrap();
        let (own, over, early, moved, flow) = db
            .read(async |tx| {
                Ok::<_, StoreError>((
                    tx.book_of(PersonId(7), &slug("time_bank")).await?,
                    tx.lots_over(at(60), 9).await?,
                    tx.lots_over(at(59), 9).await?,
                    tx.transfers_of(&[AccountId(2)], 100).await?,
                    tx.flow(AccountId(2), (at(0).at, at(6).at)).await?,
                ))
            })
            .await
            .unwrap();
        assert_eq!(own[0].account.bounds, bounds);
        assert_eq!((own[0].account.balance, own[0].part.as_str()), (40, "lot"));
        assert_eq!(over, [(bank.clone(), AccountId(2))]);
        assert_eq!(early, []);
        assert_eq!((moved.len(), moved[0].legs[0].amount), (1, 40));
        assert_eq!(flow, (40, 0));
    })
    .await;
}

#[tokio::test]
async fn h13_claims_and_reversals_asked_for_end_once() {
    both(async |db| {
        let claim = Claim {
            id: TransferId(3),
            book: slug("time_bank"),
            kind: slug("service"),
            giver: PersonId(1),
            receiver: PersonId(2),
            day: at(0).today(),
            amount: 60,
            expires: at(0).at + Duration::from_secs(9),
            stage: ClaimStage::Open,
        };
        let asked = ReversalAsked {
            of: TransferId(3),
            book: slug("time_bank"),
            why: "写错了".into(),
            by: clerk(),
            at: at(0).at,
        };
        let (one, other) = (claim.clone(), asked.clone());
        db.write(async move |tx| {
            tx.keep_claim(&one).await?;
            tx.ask_reversal(&other).await
        })
        .await
        .unwrap();
        let (waits, over, known) = db
            .read(async |tx| {
                Ok::<_, StoreError>((
                    tx.claims_to_confirm(PersonId(2)).await?,
                    tx.claims_over(at(9), 5).await?,
                    tx.reversals_asked(&slug("time_bank")).await?,
                ))
            })
            .await
            .unwrap();
        assert_eq!(
            (&waits[..], &over[..]),
            (&[claim.clone()][..], &[claim][..])
        );
        assert_eq!(known, [asked]);
        let end = async |tx: &mut store::Tx| {
            tx.end_claim(TransferId(3), ClaimStage::Confirmed).await?;
            tx.end_reversal(TransferId(3), true).await
        };
        db.write(end).await.unwrap();
        assert!(db.write(end).await.is_err(), "ended twice");
    })
    .await;
}

async fn behind_the_back(place: &Place, text: &'static str) {
    if place.name == "sqlite" {
        let mut conn = SqliteConnection::connect(&place.url).await.unwrap();
        let drop = "DROP TRIGGER IF EXISTS entry_no_delete; DROP TRIGGER IF EXISTS entry_no_update;
            DROP TRIGGER IF EXISTS transfer_no_update; DROP TRIGGER IF EXISTS transfer_no_delete;";
        let named: Vec<(String,)> = sqlx::query_as(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'
             AND tbl_name IN ('entry', 'transfer', 'ledger_reference')",
        )
        .fetch_all(&mut conn)
        .await
        .unwrap();
        conn.execute(drop).await.unwrap();
        for (name,) in named {
            let drop = sqlx::AssertSqlSafe(format!("DROP TRIGGER IF EXISTS \"{name}\""));
            conn.execute(drop).await.unwrap();
        }
        conn.execute(text).await.unwrap();
    } else {
        let mut conn = PgConnection::connect(&place.url).await.unwrap();
        let off = "ALTER TABLE entry DISABLE TRIGGER ALL; ALTER TABLE transfer DISABLE TRIGGER ALL;
            ALTER TABLE ledger_reference DISABLE TRIGGER ALL;";
        conn.execute(off).await.unwrap();
        conn.execute(text).await.unwrap();
    }
}

/// The sums come out right: only the print knows.
#[tokio::test]
async fn what_is_changed_or_taken_out_with_the_sums_mended_is_still_found() {
    let crimes = [
        (
            "a transfer taken out",
            "DELETE FROM entry WHERE transfer = 11; DELETE FROM transfer WHERE id = 11;
             UPDATE account SET balance = balance + 15 WHERE id = 1;
             UPDATE account SET balance = balance - 15 WHERE id = 2;",
        ),
        (
            "an amount changed",
            "UPDATE entry SET amount = -25 WHERE transfer = 11 AND account = 1;
             UPDATE entry SET amount = 25 WHERE transfer = 11 AND account = 2;
             UPDATE account SET balance = balance - 10 WHERE id = 1;
             UPDATE account SET balance = balance + 10 WHERE id = 2;",
        ),
        (
            "another day",
            "UPDATE transfer SET at = at - 86400000000 WHERE id = 11;",
        ),
    ];
    for (what, crime) in crimes {
        for place in places() {
            let db = place.open().await;
            open(&db, 1, Bounds::default()).await;
            open(&db, 2, Bounds::floor(0)).await;
            for n in 10..13 {
                book(&db, &[1, 2], transfer(n, 1, 2, 15), at(n))
                    .await
                    .unwrap();
            }
            assert!(prove(&db).await.unwrap().holds(), "{what}");
            behind_the_back(&place, crime).await;
            let proved = prove(&db).await.unwrap();
            assert_eq!(proved.faults, [], "{what}: the sums were mended");
            assert!(!proved.holds(), "{what} was not found on {}", place.name);
            db.close().await;
        }
    }
}
