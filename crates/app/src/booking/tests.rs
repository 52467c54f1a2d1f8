//! I01, J09: a kind of thing that a pack alone adds, booked, refused when full, waited
//! for, offered and taken; things handed on. On both databases.

use super::*;
use crate::case::tests::town::*;
use chrono::TimeDelta;
use engine_access::Purpose;
use engine_booking::{Holder, Span};
use kernel::{Actor, BookingId, Instant, StockId};
use store::BookingStage;
use store::testing::both;

/// A kind nobody in Rust has heard of.
const TELESCOPE: &str = r#"
[booking]
id = "telescope"
name = "看星星"
says = "约一架望远镜"
unit = "望远镜"
residents = true
each_at_most = 1
change_hours = 1
grace_minutes = 30
basis = "试验"
provenance = "assumed"

[slots]
minutes = 60
days_ahead = 30

[[slots.open]]
weekdays = [1, 2, 3, 4, 5, 6, 7]
hours = "19:00-22:00"

[waiting]
answer_days = 2

[[waiting.class]]
id = "first"
name = "先来的"
"#;

fn on_duty(town: &Town, actor: Actor) -> Context {
    Context {
        purpose: Purpose::Duty,
        ..town.by(actor, None)
    }
}

fn evening(town: &Town, hour: i64) -> Span {
    let tomorrow = kernel::add_days(town.app.now().today(), 1).unwrap();
    let at: Instant = format!("{tomorrow}T00:00:00+08:00").parse().unwrap();
    let from = at + TimeDelta::hours(hour);
    Span {
        from,
        to: Some(from + TimeDelta::hours(1)),
    }
}

async fn hill(town: &Town) -> StockId {
    place_of(town, "telescope", "山上").await
}

async fn place_of(town: &Town, ty: &str, name: &str) -> StockId {
    let new = NewStock {
        ty: slug(ty),
        name: name.to_owned(),
        region: VILLAGE.parse().unwrap(),
        units: vec![("一号".to_owned(), None)],
    };
    let ctx = on_duty(town, town_officer());
    town.app.open_stock(&ctx, new).await.unwrap().value
}

fn town_officer() -> Actor {
    crate::case::tests::town::town()
}

fn asks(stock: StockId, span: Span, wait: Option<&str>) -> NewBooking {
    NewBooking {
        stock,
        person: None,
        unit: None,
        sort: None,
        span: Some(span),
        note: None,
        wait: wait.map(slug),
    }
}

fn code<T>(done: Result<T>) -> &'static str {
    match done {
        Ok(_) => "ok",
        Err(why) => why.refusal_code().unwrap_or("no refusal"),
    }
}

async fn on(town: &Town, ctx: Context, id: BookingId, act: BookingAct) -> &'static str {
    code(town.app.on_booking(&ctx, id, act).await)
}

#[tokio::test]
async fn i01_a_kind_by_pack_alone_is_booked_refused_when_full_waited_for_and_offered() {
    both(async |db| {
        let plain = Town::new(db).await;
        let town = plain.moved_to(&plain.under_law(law_with(&[("telescope.toml", TELESCOPE)])));
        let stock = hill(&town).await;
        let seven = evening(&town, 19);
        let mums = town.by(mum(), None);
        let first = town.app.book(&mums, asks(stock, seven, None)).await;
        let first = first.unwrap().value;
        // The same request again is the same booking, not a second one.
        let again = town.app.book(&mums, asks(stock, seven, None)).await;
        assert_eq!(again.unwrap().value, first);
        let eight = evening(&town, 20);
        let more = town.by(mum(), None);
        let second = town.app.book(&more, asks(stock, eight, None)).await;
        assert_eq!(code(second), "booking.enough");
        // Full for somebody else; a free hour is not waited for, a full one is.
        let other = || town.by(stranger(), None);
        let full = town.app.book(&other(), asks(stock, seven, None)).await;
        assert_eq!(code(full), "booking.taken");
        let free = town
            .app
            .book(&other(), asks(stock, eight, Some("first")))
            .await;
        assert_eq!(code(free), "booking.still_free");
        let wait = town
            .app
            .book(&other(), asks(stock, seven, Some("first")))
            .await;
        let wait = wait.unwrap().value;
        // Another's booking is nobody's to change; neither is a place of another town.
        let cancel = || BookingAct::Cancel("有事".to_owned());
        assert!(
            on(&town, other(), first, cancel())
                .await
                .starts_with("access.")
        );
        let offer = |span| KeepAct::Offer {
            unit: 1,
            span: Some(span),
            passing: Vec::new(),
        };
        let desk = || on_duty(&town, town_officer());
        let early = town.app.keep_stock(&desk(), stock, offer(seven)).await;
        assert_eq!(code(early), "booking.taken");
        // It is changed, the hour is free: who waits comes first.
        let moved = BookingAct::Move {
            unit: None,
            span: eight,
            reason: "改一下".to_owned(),
        };
        assert_eq!(on(&town, town.by(mum(), None), first, moved).await, "ok");
        let offered = town.app.keep_stock(&desk(), stock, offer(seven)).await;
        assert_eq!(code(offered), "ok");
        let own = town.app.own_bookings(&other()).await.unwrap();
        assert_eq!(own[0].line.stage, BookingStage::Offered);
        assert!(own[0].answer_by.is_some());
        let back = BookingAct::Move {
            unit: None,
            span: seven,
            reason: "改回来".to_owned(),
        };
        assert_eq!(
            on(&town, town.by(mum(), None), first, back).await,
            "booking.taken",
            "what is offered is kept"
        );
        let took = on(&town, other(), wait, BookingAct::Accept(seven)).await;
        assert_eq!(took, "ok");
        let seen = town
            .app
            .stock_desk(&desk(), stock, None)
            .await
            .unwrap()
            .stock;
        assert_eq!((seen.bookings.len(), seen.waiting.len()), (2, 0));
        let far = on_duty(&town, elsewhere());
        assert!(town.app.stock_desk(&far, stock, None).await.is_err());
        // Time: nobody came.
        let after = (eight.from + TimeDelta::hours(2)).to_rfc3339();
        town.at(&after);
        assert_eq!(town.app.tick_bookings().await.unwrap(), 0);
        let own = town.app.own_bookings(&town.by(mum(), None)).await.unwrap();
        assert_eq!(own[0].line.stage, BookingStage::NoShow);
        // A leader's figures know the kind, and each opens to what it counted.
        let leader = Actor {
            account: "leader".to_owned(),
            person: Some(kernel::PersonId(951)),
            role: kernel::Role::Leader,
        };
        town.hire(leader.clone(), "990101").await;
        let county: kernel::RegionCode = "990101".parse().unwrap();
        let span: (Instant, Instant) = (
            seven.from - TimeDelta::days(7),
            eight.from + TimeDelta::days(7),
        );
        let looks = on_duty(&town, leader);
        let figures = town.app.booking_figures(&looks, county, span);
        let figures = figures.await.unwrap();
        let mut kinds = figures.kinds.iter();
        let one = kinds.find(|one| one.ty.id == slug("telescope")).unwrap();
        assert_eq!((one.asked, one.served), (2, 1));
        let full = figures.full.iter().find(|one| one.stock == stock).unwrap();
        assert_eq!((full.name.as_str(), full.units), ("山上", 1));
        let ty = slug("telescope");
        let behind = town
            .app
            .bookings_behind(&looks, county, span, &ty, "no_show");
        assert_eq!(behind.await.unwrap().len(), one.no_show);
        assert!(one.no_show >= 1, "{one:?}");
    })
    .await;
}

#[tokio::test]
async fn j09_ashes_are_taken_in_once_and_handed_on_only_by_who_has_them() {
    both(async |db| {
        let town = Town::new(db).await;
        let desk = || on_duty(&town, town_officer());
        let hall = Holder::Place("火化间".to_owned());
        let new = || TakeIn {
            code: "ASH-000001".to_owned(),
            what: "骨灰".to_owned(),
            region: VILLAGE.parse().unwrap(),
            to: hall.clone(),
            note: "封签完好".to_owned(),
        };
        town.app.take_in(&desk(), new()).await.unwrap();
        let again = town.app.take_in(&desk(), new()).await;
        assert_eq!(code(again), "chain.received_already");
        let me = town_officer().person.unwrap();
        let goes = |code: &str, given_by, taken_by| HandOver {
            code: code.to_owned(),
            given_by,
            taken_by,
            to: Holder::Place("寄存堂".to_owned()),
            note: "封签完好".to_owned(),
            last: false,
        };
        let unknown = town
            .app
            .hand_over(&desk(), goes("ASH-000002", me, MUM))
            .await;
        assert_eq!(code(unknown), "chain.not_received");
        let wrong = town
            .app
            .hand_over(&desk(), goes("ASH-000001", SON, MUM))
            .await;
        assert_eq!(code(wrong), "chain.not_in_hand");
        let right = town
            .app
            .hand_over(&desk(), goes("ASH-000001", me, MUM))
            .await;
        assert_eq!(code(right), "ok");
        let place = VILLAGE.parse().unwrap();
        let kept = town.app.custody_in(&desk(), place).await.unwrap();
        assert_eq!(kept.newest[0].chain.links.len(), 2);
        assert!(
            town.app
                .custody_in(&on_duty(&town, elsewhere()), place)
                .await
                .is_err()
        );
    })
    .await;
}

#[tokio::test]
async fn i01_two_who_move_to_the_last_free_hour_at_once_are_one_moved_and_one_kept() {
    both(async |db| {
        let plain = Town::new(db).await;
        let town = plain.moved_to(&plain.under_law(law_with(&[("telescope.toml", TELESCOPE)])));
        let stock = hill(&town).await;
        let (seven, eight, nine) = (evening(&town, 19), evening(&town, 20), evening(&town, 21));
        let mut ids = Vec::new();
        for (who, span) in [(mum(), seven), (stranger(), eight)] {
            let ctx = town.by(who, None);
            let done = town.app.book(&ctx, asks(stock, span, None)).await;
            ids.push(done.unwrap().value);
        }
        let moves = [(mum(), ids[0]), (stranger(), ids[1])].map(|(who, id)| {
            let (app, ctx) = (town.app.clone(), town.by(who, None));
            let to = BookingAct::Move {
                unit: None,
                span: nine,
                reason: "改一下".to_owned(),
            };
            tokio::spawn(async move { code(app.on_booking(&ctx, id, to).await) })
        });
        let mut came = Vec::new();
        for one in moves {
            came.push(one.await.unwrap());
        }
        came.sort_unstable();
        assert_eq!(came, ["booking.taken", "ok"]);
        let desk = on_duty(&town, town_officer());
        let seen = town.app.stock_desk(&desk, stock, None).await.unwrap().stock;
        let mut spans: Vec<Span> = seen.bookings.values().map(|one| one.span).collect();
        spans.sort_by_key(|span| span.from);
        assert_eq!(spans.len(), 2, "nobody lost what they had");
        assert_eq!(spans[1], nine);
        assert!(spans[0] == seven || spans[0] == eight);
    })
    .await;
}

/// A kind that ashes may be put into.
const SHELF: &str = r#"
[booking]
id = "shelf"
name = "存放"
says = "放在架上"
unit = "格"
keeps = true
basis = "试验"
provenance = "assumed"

[stay]
days_ahead = 30
"#;

#[tokio::test]
async fn i01_how_many_one_person_may_have_counts_in_all_places_of_the_kind() {
    both(async |db| {
        let plain = Town::new(db).await;
        let town = plain.moved_to(&plain.under_law(law_with(&[("telescope.toml", TELESCOPE)])));
        let up = hill(&town).await;
        let down = place_of(&town, "telescope", "山下").await;
        let (seven, eight) = (evening(&town, 19), evening(&town, 20));
        let books = async |who: Actor, stock, span, wait: Option<&str>| {
            let ctx = town.by(who, None);
            code(town.app.book(&ctx, asks(stock, span, wait)).await)
        };
        assert_eq!(books(stranger(), up, seven, None).await, "ok");
        assert_eq!(books(stranger(), down, eight, None).await, "booking.enough");
        let desk = || on_duty(&town, town_officer());
        let sons = NewBooking {
            person: Some(SON),
            ..asks(down, seven, None)
        };
        assert_eq!(code(town.app.book(&desk(), sons).await), "ok");
        assert_eq!(books(mum(), up, seven, Some("first")).await, "ok");
        let waits = books(mum(), down, seven, Some("first")).await;
        assert_eq!(waits, "booking.waits_already");
        // A wait is no booking; of two places asked for at once she gets one.
        let both = [up, down].map(|stock| {
            let (app, ctx) = (town.app.clone(), town.by(mum(), None));
            let new = asks(stock, eight, None);
            tokio::spawn(async move { code(app.book(&ctx, new).await) })
        });
        let mut came = Vec::new();
        for one in both {
            came.push(one.await.unwrap());
        }
        came.sort_unstable();
        assert_eq!(came, ["booking.enough", "ok"]);
    })
    .await;
}

fn ashes(at: usize) -> TakeIn {
    TakeIn {
        code: format!("ASH-00000{at}"),
        what: "骨灰".to_owned(),
        region: VILLAGE.parse().unwrap(),
        to: Holder::Place("火化间".to_owned()),
        note: "封签完好".to_owned(),
    }
}

#[tokio::test]
async fn j10_ashes_are_put_only_where_ashes_are_kept() {
    both(async |db| {
        let plain = Town::new(db).await;
        let files = [("telescope.toml", TELESCOPE), ("shelf.toml", SHELF)];
        let town = plain.moved_to(&plain.under_law(law_with(&files)));
        let (hill, shelf) = (hill(&town).await, place_of(&town, "shelf", "堂").await);
        let desk = || on_duty(&town, town_officer());
        let books = async |stock, span| {
            let new = NewBooking {
                person: Some(MUM),
                ..asks(stock, span, None)
            };
            town.app.book(&desk(), new).await.unwrap().value
        };
        let star = books(hill, evening(&town, 19)).await;
        let stay = Span {
            from: town.app.now().at,
            to: None,
        };
        let niche = books(shelf, stay).await;
        town.app.take_in(&desk(), ashes(1)).await.unwrap();
        let me = town_officer().person.unwrap();
        let put = async |booking| {
            let new = HandOver {
                code: "ASH-000001".to_owned(),
                given_by: me,
                taken_by: MUM,
                to: Holder::Kept(booking),
                note: "封签完好".to_owned(),
                last: false,
            };
            code(town.app.hand_over(&desk(), new).await)
        };
        assert_eq!(put(star).await, "chain.not_a_keeping_place");
        assert_eq!(put(BookingId(987_654)).await, "chain.not_a_keeping_place");
        assert_eq!(put(niche).await, "ok");
    })
    .await;
}

#[tokio::test]
async fn j09_how_many_are_in_hand_is_counted_not_the_length_of_a_list() {
    both(async |db| {
        let town = Town::new(db).await;
        for at in 1..=5 {
            let desk = on_duty(&town, town_officer());
            town.app.take_in(&desk, ashes(at)).await.unwrap();
        }
        let desk = on_duty(&town, town_officer());
        let held = town.app.custody_in(&desk, VILLAGE.parse().unwrap()).await;
        let held = held.unwrap();
        assert_eq!((held.count, held.newest.len()), (5, 3));
        assert_eq!(held.newest[0].chain.code, "ASH-000005");
    })
    .await;
}
