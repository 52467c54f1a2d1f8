//! The rounds themselves, on both databases.

use super::*;
use ::store::testing::both;
use ::store::{StoreError, Tx};
use app::Law;
use engine_booking::{Act, Command, Config, Guest, Offer, Span, Stock, Waiting, decide, moment};
use kernel::{BookingId, FixedClock, PersonId, Slug, StockId};

const STOCK: StockId = StockId(1);

fn at(text: &str) -> Now {
    Now {
        at: format!("{text}:00+08:00").parse().unwrap(),
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

fn actor() -> Actor {
    Actor {
        account: "desk".to_owned(),
        person: Some(PersonId(900)),
        role: Role::TownOfficer,
    }
}

/// A counsellor booked at nine, and somebody whose answer was due yesterday.
fn stock(app: &App, ty: &Slug) -> (Stock, Vec<engine_booking::Event>) {
    let ty = app.booking_type(ty).unwrap();
    let region = "330482001".parse().unwrap();
    let mut stock = Stock::new(STOCK, ty.id.clone(), "辅导室".to_owned(), region);
    let nine = moment("2026-09-29".parse().unwrap(), 9 * 60).unwrap();
    let span = |from| Span {
        from,
        to: Some(from + chrono::TimeDelta::minutes(50)),
    };
    let add = Act::Add {
        label: "王老师".to_owned(),
        sort: ty.sorts.keys().next().cloned(),
    };
    let book = Act::Book {
        id: BookingId(1),
        unit: None,
        sort: None,
        span: span(nine),
        guest: guest(1),
    };
    let mut all = Vec::new();
    for act in [add, book] {
        let command = Command {
            actor: actor(),
            desk: true,
            act,
        };
        let config = Config {
            ty: &ty,
            calendar: app.law().pack.calendar(),
            elsewhere: engine_booking::Elsewhere::default(),
        };
        let events = decide(&stock, &command, config, at("2026-09-28T09:00")).unwrap();
        events.iter().for_each(|event| stock.apply(event));
        all.extend(events);
    }
    let later = span(nine + chrono::TimeDelta::days(10));
    let by = engine_booking::Stamp {
        actor: actor(),
        at: at("2026-09-26T09:00").at,
    };
    let waiting = Waiting {
        id: BookingId(2),
        guest: guest(2),
        class: ty.waiting.as_ref().unwrap().classes[0].id.clone(),
        sort: None,
        span: Some(later),
        since: by.at,
        offer: None,
        passed: Vec::new(),
        said_no: false,
    };
    let offer = Offer {
        unit: 1,
        span: Some(later),
        until: "2026-09-28".parse().unwrap(),
    };
    for what in [
        engine_booking::What::Queued(waiting),
        engine_booking::What::Offered {
            id: BookingId(2),
            offer,
        },
    ] {
        let event = engine_booking::Event {
            by: by.clone(),
            what,
        };
        stock.apply(&event);
        all.push(event);
    }
    (stock, all)
}

#[tokio::test]
async fn a01_everybody_is_screened_once_a_day_from_the_hour_on() {
    both(async |db| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/pinghu");
        let law = Law::new(packs::load(folder.as_ref()).pack.unwrap());
        let keys = tempfile::tempdir().unwrap();
        let looked = async |text: &str, hour: Option<u32>| {
            let clock = Arc::new(FixedClock(at(text)));
            let app = App::new(db.clone(), law.clone(), clock.clone());
            let rounds = Rounds::new(app.clone(), clock, keys.path().to_owned());
            let rounds = rounds.screening(ScreenAt(hour));
            rounds.screen().await;
            rounds.screen().await;
            app.screened_on().await.unwrap()
        };
        assert_eq!(looked("2026-09-29T01:59", Some(2)).await, None, "too early");
        assert_eq!(looked("2026-09-29T03:00", None).await, None, "not wanted");
        let first: Date = "2026-09-29".parse().unwrap();
        assert_eq!(looked("2026-09-29T02:00", Some(2)).await, Some(first));
        let next: Date = "2026-09-30".parse().unwrap();
        assert_eq!(looked("2026-09-30T02:00", Some(2)).await, Some(next));
    })
    .await;
}

#[test]
fn an_hour_that_is_none_is_said() {
    assert_eq!("off".parse(), Ok(ScreenAt(None)));
    assert_eq!("23".parse(), Ok(ScreenAt(Some(23))));
    for wrong in ["24", "-1", "two", ""] {
        assert!(wrong.parse::<ScreenAt>().unwrap_err().contains("0 到 23"));
    }
}

#[tokio::test]
async fn i06_the_rounds_note_who_did_not_come_and_take_back_what_nobody_answered() {
    both(async |db| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/pinghu");
        let law = Law::new(packs::load(folder.as_ref()).pack.unwrap());
        let now = at("2026-09-29T09:30");
        let clock = Arc::new(FixedClock(now));
        let app = App::new(db.clone(), law, clock.clone());
        let ty: Slug = "family_counselling".parse().unwrap();
        let (stock, events) = stock(&app, &ty);
        let kept: Result<(), StoreError> = db
            .write(async move |tx: &mut Tx| {
                let empty = Stock::new(STOCK, stock.ty.clone(), String::new(), stock.region);
                tx.create_stock(&empty, &events[..1], &actor(), now).await?;
                let version = tx.stock_to_change(STOCK).await?.version;
                tx.save_stock(version, &stock, &events[1..], &actor(), now)
                    .await
            })
            .await;
        kept.unwrap();
        let keys = tempfile::tempdir().unwrap();
        let rounds = Rounds::new(app, clock, keys.path().to_owned());
        rounds.once().await;
        let read = db.read(async |tx: &mut Tx| {
            let stock = tx.stock(STOCK).await?.state;
            let line = tx.bookings_of(PersonId(1), 1).await?;
            Ok::<_, StoreError>((stock, line))
        });
        let (stock, line) = read.await.unwrap();
        assert!(stock.bookings.is_empty());
        assert_eq!(line[0].stage, ::store::BookingStage::NoShow);
        assert_eq!(stock.waiting[&BookingId(2)].offer, None);
    })
    .await;
}
