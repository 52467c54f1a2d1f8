//! No place is given twice and none is lost, however many ask at the same moment, on
//! both databases; and it is the key that says so, not only the engine.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use engine_booking::{
    Act, Booking, BookingType, Command, Config, Elsewhere, Event, Guest, How, Opening, Refusal,
    Seat, Span, Stage, Stamp, Stock, What, decide,
};
use kernel::{Actor, BookingId, FieldLevel, Instant, Now, PersonId, Role, StockId, WorkCalendar};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use store::testing::both;
use store::{Db, StoreError, Tx};

const STOCK: StockId = StockId(1);

fn at(text: &str) -> Instant {
    format!("{text}:00+08:00").parse().unwrap()
}

fn ty() -> BookingType {
    BookingType {
        id: "hall".parse().unwrap(),
        name: "厅".into(),
        says: "试验".into(),
        rows: vec![],
        basis: vec![],
        level: FieldLevel::L3,
        solemn: false,
        unit: "厅".into(),
        sorts: BTreeMap::new(),
        how: How::Slots {
            minutes: 30,
            open: vec![Opening {
                weekdays: (1..=7).collect(),
                from: 540,
                to: 1_020,
            }],
            working_days: false,
            days_ahead: 30,
        },
        capacity: 1,
        keeps: false,
        residents: true,
        each_at_most: 1,
        change_hours: 0,
        grace_minutes: None,
        waiting: None,
        care: None,
    }
}

fn actor(person: i64) -> Actor {
    Actor {
        account: format!("a{person}"),
        person: Some(PersonId(person)),
        role: Role::Citizen,
    }
}

fn now() -> Now {
    Now {
        at: at("2026-09-28T08:00"),
    }
}

fn guest(person: i64) -> Guest {
    Guest {
        person: PersonId(person),
        name: format!("居民{person}"),
        phone: None,
        note: None,
    }
}

fn span(slot: u64) -> Span {
    let from = at("2026-09-29T09:00") + Duration::from_secs(1_800 * slot);
    Span {
        from,
        to: Some(from + Duration::from_secs(1_800)),
    }
}

#[derive(Debug)]
enum Not {
    #[expect(dead_code, reason = "seen in the words of a panic")]
    Store(StoreError),
    Refused(Refusal),
}

impl From<StoreError> for Not {
    fn from(why: StoreError) -> Not {
        Not::Store(why)
    }
}

async fn found(db: &Db) {
    let found: Result<(), StoreError> = db
        .write(async |tx: &mut Tx| {
            let region = "330482001".parse().unwrap();
            let mut stock = Stock::new(STOCK, ty().id, "礼堂".into(), region);
            let by = Actor {
                role: Role::TownOfficer,
                ..actor(1)
            };
            let mut events = Vec::new();
            for label in ["甲", "乙", "丙"] {
                let act = Act::Add {
                    label: label.into(),
                    sort: None,
                };
                events.extend(asked(&mut stock, &by, true, act).unwrap());
            }
            tx.create_stock(&stock, &events, &by, now()).await
        })
        .await;
    found.unwrap();
}

fn asked(stock: &mut Stock, by: &Actor, desk: bool, act: Act) -> Result<Vec<Event>, Refusal> {
    let days = WorkCalendar::default();
    let ty = ty();
    let config = Config {
        ty: &ty,
        calendar: &days,
        elsewhere: Elsewhere::default(),
    };
    let command = Command {
        actor: by.clone(),
        desk,
        act,
    };
    let events = decide(stock, &command, config, now())?;
    events.iter().for_each(|event| stock.apply(event));
    Ok(events)
}

async fn book(db: &Db, person: i64, slot: u64) -> Result<(), Not> {
    db.write(async move |tx: &mut Tx| {
        let loaded = tx.stock_to_change(STOCK).await?;
        let mut stock = loaded.state;
        let act = Act::Book {
            id: BookingId(person),
            unit: None,
            sort: None,
            span: span(slot),
            guest: guest(person),
        };
        let by = actor(person);
        let events = asked(&mut stock, &by, false, act).map_err(Not::Refused)?;
        tx.save_stock(loaded.version, &stock, &events, &by, now())
            .await?;
        Ok(())
    })
    .await
}

/// 60 clients, 3 halls, 5 slots: exactly 15 get one, 45 hear a word, nobody both.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i01_sixty_clients_and_fifteen_places_none_twice_none_lost() {
    both(async |db| {
        found(&db).await;
        let mut clients = tokio::task::JoinSet::new();
        for person in 1..=60 {
            let db = db.clone();
            clients
                .spawn(async move { (person, book(&db, person, person.unsigned_abs() % 5).await) });
        }
        let (mut got, mut refused) = (BTreeSet::new(), 0);
        while let Some(done) = clients.join_next().await {
            match done.unwrap() {
                (person, Ok(())) => assert!(got.insert(person)),
                (_, Err(Not::Refused(Refusal::Taken))) => refused += 1,
                (_, Err(other)) => panic!("{other:?}"),
            }
        }
        assert_eq!((got.len(), refused), (15, 45));
        let kept = db.read(async |tx: &mut Tx| {
            let stock = tx.stock(STOCK).await?.state;
            Ok::<_, StoreError>((stock, tx.seats_taken(STOCK).await?))
        });
        let (stock, seats) = kept.await.unwrap();
        let kept: BTreeSet<i64> = stock.bookings.keys().map(|id| id.0).collect();
        assert_eq!(kept, got, "whoever heard yes is kept, and nobody else");
        assert_eq!(seats.len(), 15);
    })
    .await;
}

/// Somebody who does not ask the engine still cannot take a place twice.
#[tokio::test]
async fn the_key_refuses_a_place_the_engine_was_not_asked_about() {
    both(async |db| {
        found(&db).await;
        book(&db, 1, 0).await.unwrap();
        let forced: Result<(), StoreError> = db
            .write(async |tx: &mut Tx| {
                let loaded = tx.stock_to_change(STOCK).await?;
                let seats = tx.seats_taken(STOCK).await?;
                let by = Stamp {
                    actor: actor(2),
                    at: now().at,
                };
                let booking = Booking {
                    id: BookingId(2),
                    unit: seats[0].unit,
                    place: seats[0].place,
                    span: span(0),
                    guest: guest(2),
                    stage: Stage::Booked,
                    made: by.clone(),
                };
                let what = What::Booked { booking, seats };
                let event = Event { by, what };
                let mut stock = loaded.state;
                stock.apply(&event);
                tx.save_stock(loaded.version, &stock, &[event], &actor(2), now())
                    .await
            })
            .await;
        assert!(
            matches!(forced, Err(StoreError::Conflict { .. })),
            "{forced:?}"
        );
        let seats = db.read(async |tx: &mut Tx| tx.seats_taken(STOCK).await);
        assert_eq!(seats.await.unwrap().len(), 1);
    })
    .await;
}

/// A stay nobody asked the engine about: day by day, or without an end.
async fn forced(db: &Db, person: i64, from: i64, days: Option<i64>) -> Result<(), StoreError> {
    db.write(async move |tx: &mut Tx| {
        let loaded = tx.stock_to_change(STOCK).await?;
        let day = |n: i64| at("2026-10-01T09:00") + Duration::from_secs(86_400 * n.unsigned_abs());
        let span = Span {
            from: day(from),
            to: days.map(|days| day(from + days)),
        };
        let seat = |grain| Seat {
            unit: 1,
            place: 1,
            grain,
        };
        let first = Seat::day(span.from);
        let seats = match days {
            Some(days) => (first..first + days).map(seat).collect(),
            None => vec![seat(Seat::OPEN)],
        };
        let by = Stamp {
            actor: actor(person),
            at: now().at,
        };
        let booking = Booking {
            id: BookingId(person),
            unit: 1,
            place: 1,
            span,
            guest: guest(person),
            stage: Stage::Booked,
            made: by.clone(),
        };
        let what = What::Booked { booking, seats };
        let event = Event { by, what };
        let mut stock = loaded.state;
        stock.apply(&event);
        tx.save_stock(loaded.version, &stock, &[event], &actor(person), now())
            .await
    })
    .await
}

async fn over(db: &Db, person: i64) {
    let ended: Result<(), StoreError> = db
        .write(async move |tx: &mut Tx| {
            let loaded = tx.stock_to_change(STOCK).await?;
            let by = Stamp {
                actor: actor(person),
                at: now().at,
            };
            let what = What::Ended {
                id: BookingId(person),
                end: engine_booking::End::Left,
                care: false,
            };
            let event = Event { by, what };
            let mut stock = loaded.state;
            stock.apply(&event);
            tx.save_stock(loaded.version, &stock, &[event], &actor(person), now())
                .await
        })
        .await;
    ended.unwrap();
}

fn refused(done: &Result<(), StoreError>) -> bool {
    matches!(done, Err(StoreError::Conflict { .. }))
}

/// A stay without an end and dated ones: the database itself lets none reach into the
/// other, in either order, and gives the days back when one is over.
#[tokio::test]
async fn d13_the_store_lets_no_dated_stay_reach_into_an_open_one() {
    both(async |db| {
        found(&db).await;
        forced(&db, 1, 0, Some(5)).await.unwrap();
        let open = forced(&db, 2, 4, None).await;
        assert!(refused(&open), "from within a dated one: {open:?}");
        forced(&db, 2, 5, None).await.unwrap();
        let dated = forced(&db, 3, 30, Some(2)).await;
        assert!(refused(&dated), "after an open one began: {dated:?}");
        let second = forced(&db, 3, 40, None).await;
        assert!(refused(&second), "two without an end: {second:?}");
        over(&db, 2).await;
        forced(&db, 3, 30, Some(2)).await.unwrap();
        assert!(refused(&forced(&db, 4, 31, None).await));
        over(&db, 3).await;
        forced(&db, 4, 5, None).await.unwrap();
    })
    .await;
}

/// Forty at once, half of them without an end, none of them asking the engine.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn d13_forty_stays_at_once_never_share_a_day() {
    both(async |db| {
        found(&db).await;
        let mut clients = tokio::task::JoinSet::new();
        for person in 1..=40 {
            let db = db.clone();
            clients.spawn(async move {
                let days = (person % 2 == 0).then_some(3);
                (person, forced(&db, person, person * 7 % 40, days).await)
            });
        }
        let mut kept = BTreeSet::new();
        while let Some(done) = clients.join_next().await {
            match done.unwrap() {
                (person, Ok(())) => assert!(kept.insert(person)),
                (_, other) => assert!(refused(&other), "{other:?}"),
            }
        }
        let stock = db.read(async |tx: &mut Tx| tx.stock(STOCK).await);
        let stock = stock.await.unwrap().state;
        let there: BTreeSet<i64> = stock.bookings.keys().map(|id| id.0).collect();
        assert_eq!(there, kept);
        assert!(!kept.is_empty());
        for one in stock.bookings.values() {
            let met = stock
                .meeting(1, one.span)
                .filter(|other| other.id != one.id);
            assert_eq!(met.count(), 0, "{one:?}");
        }
    })
    .await;
}
