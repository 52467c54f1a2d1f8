//! Who sees what of an order.

use super::world::*;
use crate::case::tests::town::*;
use crate::order::NewOrder;
use engine_order::*;
use kernel::*;
use store::testing::both;

#[tokio::test]
async fn b05_whoever_fulfils_a_childs_wish_never_learns_whose_it_is() {
    both(async |db| {
        let centre = Centre::new(db).await;
        let volunteer = centre.partner(961, "wish", VILLAGE).await;
        let wish = NewOrder {
            asked_by: Asker::Worker,
            person: Some(SON),
            says: "想要一盏台灯".into(),
            ..centre.call("micro_wish", "wish")
        };
        let context = centre.by(village());
        let order = centre
            .app
            .ask_order(&context, wish)
            .await
            .unwrap()
            .value
            .order;
        let work = centre.app.own_work(&centre.by(partner(961))).await.unwrap();
        assert_eq!(work.len(), 1, "it can be claimed");
        let claim = Act::Claim {
            provider: volunteer,
        };
        centre.ok(partner(961), order, claim).await;
        let seen = centre
            .app
            .order(&centre.by(partner(961)), order)
            .await
            .unwrap();
        let text = format!("{:?}{:?}", seen.order, seen.history);
        assert!(
            seen.hidden && !text.contains("试乙") && !text.contains("一村"),
            "{text}"
        );
        assert!(text.contains("台灯"));
        // The centre sees no child either; the town, whose matter it is, does.
        let seen = centre
            .app
            .order(&centre.by(operator()), order)
            .await
            .unwrap();
        assert!(seen.hidden);
        let officer = crate::case::tests::town::town();
        let seen = centre.app.order(&centre.by(officer), order).await.unwrap();
        assert!(!seen.hidden && format!("{:?}", seen.order).contains("试乙"));
    })
    .await;
}

#[tokio::test]
async fn b05_a_wish_is_offered_however_many_other_orders_wait() {
    both(async |db| {
        let centre = Centre::new(db).await;
        centre.partner(961, "wish", VILLAGE).await;
        for _ in 0..101 {
            centre.asked("hotline_96345", "repair").await;
        }
        let wish = NewOrder {
            asked_by: Asker::Worker,
            person: Some(SON),
            says: "想要一盏台灯".into(),
            ..centre.call("micro_wish", "wish")
        };
        let context = centre.by(village());
        let order = centre.app.ask_order(&context, wish).await.unwrap();
        let work = centre.app.own_work(&centre.by(partner(961))).await.unwrap();
        let work: Vec<OrderId> = work.iter().map(|one| one.id).collect();
        assert_eq!(work, [order.value.order]);
    })
    .await;
}

const TOLD: &str = r#"
[agreements]
id = "sharing"
name = "数据共享协议"

[agreement.lamps]
name = "换灯的进展"
way = "out"
party = "housing"
party_name = "住建局"
purposes = ["verification"]
basis = "示例"
provenance = "assumed"
from = 2026-01-01
until = 2026-12-31
events = ["order_moved"]
orders = ["lamp"]
event_fields = ["id_no"]

[agreement.wishes]
name = "心愿的进展"
way = "out"
party = "centre"
party_name = "数据中心"
purposes = ["verification"]
basis = "示例"
provenance = "assumed"
from = 2026-01-01
until = 2026-12-31
events = ["order_moved"]
orders = ["micro_wish"]
event_fields = ["id_no", "name"]
"#;

/// What waits to be told by an agreement: key and body.
async fn waiting(centre: &Centre, agreement: &str) -> Vec<(String, serde_json::Value)> {
    let (topic, now) = (format!("hook.{agreement}"), centre.app.now());
    let time = chrono::TimeDelta::minutes(1).to_std().unwrap();
    let take = centre.app.db().write(async move |tx: &mut store::Tx| {
        let all = tx.lease(&topic, "test", now, time, 100).await?;
        for one in &all {
            tx.put_back(one, now.at).await?;
        }
        Ok::<_, store::StoreError>(all)
    });
    let read = |one: store::Lease| (one.key, serde_json::from_str(&one.body).unwrap());
    take.await.unwrap().into_iter().map(read).collect()
}

#[tokio::test]
async fn n02_a_party_is_told_how_orders_of_the_agreed_kinds_go_on_and_of_no_others() {
    both(async |db| {
        let centre = Centre::with(db, &[("data/agreements.toml", TOLD)]).await;
        let target = |agreement: &str| crate::hook::HookTarget {
            agreement: slug(agreement),
            url: "http://127.0.0.1:9/told".to_owned(),
            binary: false,
            token: None,
        };
        let signer = ed25519_dalek::SigningKey::from_bytes(&[1; 32]);
        let line = crate::hook::HookLine::new(
            "civil.example",
            crate::signing::Signer::new("civil", signer),
            vec![target("lamps"), target("wishes")],
            std::sync::Arc::new(FixedClock(centre.app.now())),
            std::time::Duration::from_secs(1),
        );
        centre.app.list_hooks(&line.unwrap()).await.unwrap();
        centre.partner(961, "electric", VILLAGE).await;
        let order = centre.asked("lamp", "bulb").await;
        centre.asked("hotline_96345", "repair").await;
        centre.ok(partner(961), order, Act::Accept).await;
        let told = waiting(&centre, "lamps").await;
        let stages: Vec<&str> = told
            .iter()
            .map(|(_, body)| body["data"]["stage"].as_str().unwrap())
            .collect();
        assert_eq!(*stages.last().unwrap(), "accepted", "{told:?}");
        assert!(stages.contains(&"offered"), "{stages:?}");
        let keys: std::collections::BTreeSet<&String> = told.iter().map(|(key, _)| key).collect();
        assert_eq!(keys.len(), told.len(), "each has an id of its own");
        for (key, body) in &told {
            assert!(
                key.starts_with(&format!("order_moved/order/{order}/")),
                "{key}"
            );
            assert_eq!(body["data"]["type"], "lamp");
            assert_eq!(
                body["person"],
                centre
                    .order(order)
                    .await
                    .requested
                    .unwrap()
                    .about
                    .person
                    .unwrap()
                    .0
            );
        }
        // Whose wish it is stays with the town, whatever an agreement lists.
        assert_eq!(waiting(&centre, "wishes").await, []);
        let wish = NewOrder {
            asked_by: Asker::Worker,
            person: Some(SON),
            says: "想要一盏台灯".into(),
            ..centre.call("micro_wish", "wish")
        };
        centre
            .app
            .ask_order(&centre.by(village()), wish)
            .await
            .unwrap();
        let told = waiting(&centre, "wishes").await;
        assert!(!told.is_empty());
        assert!(
            told.iter().all(|(_, body)| body["person"].is_null()),
            "{told:?}"
        );
        assert_eq!(waiting(&centre, "lamps").await.len(), stages.len());
    })
    .await;
}

#[tokio::test]
async fn strangers_other_places_and_other_partners_see_nothing() {
    both(async |db| {
        let centre = Centre::new(db).await;
        let near = centre.partner(961, "repair", VILLAGE).await;
        let order = centre.asked("hotline_96345", "repair").await;
        for who in [stranger(), elsewhere(), partner(962), system()] {
            let seen = centre.app.order(&centre.by(who.clone()), order).await;
            assert!(seen.is_err(), "{who:?}");
        }
        centre.ok(operator(), order, dispatch(near)).await;
        assert!(
            centre
                .app
                .order(&centre.by(partner(961)), order)
                .await
                .is_ok()
        );
        assert!(
            centre
                .app
                .order(&centre.by(partner(962)), order)
                .await
                .is_err()
        );
        let mine = centre.app.own_orders(&centre.by(mum())).await.unwrap();
        assert_eq!(mine.len(), 1);
        assert_eq!(
            centre
                .app
                .own_orders(&centre.by(stranger()))
                .await
                .unwrap()
                .len(),
            0
        );
    })
    .await;
}

#[tokio::test]
async fn a_leaders_numbers_open_to_their_orders_and_to_nobodys_name() {
    both(async |db| {
        let centre = Centre::new(db).await;
        let near = centre.partner(961, "repair", VILLAGE).await;
        for minutes in [3, 7] {
            centre.town.at("2026-03-02T02:00:00Z");
            let order = centre.asked("hotline_96345", "repair").await;
            centre.ok(operator(), order, dispatch(near)).await;
            centre.town.at(&format!("2026-03-02T02:0{minutes}:00Z"));
            centre.ok(partner(961), order, Act::Accept).await;
        }
        let county: RegionCode = "990101".parse().unwrap();
        let span: (Instant, Instant) = (
            "2026-03-01T00:00:00Z".parse().unwrap(),
            "2026-03-03T00:00:00Z".parse().unwrap(),
        );
        let leader = actor(951, Role::Leader);
        let context = centre.by(leader.clone());
        let figures = centre.app.order_figures(&context, county, span.0, span.1);
        let figures = figures.await.unwrap();
        let one = &figures.types[0];
        assert_eq!((one.asked, one.answered, one.in_time), (2, 2, 1));
        assert_eq!(
            (one.in_time_percent(), one.content_percent()),
            (Some(50), None)
        );
        let ty = slug("hotline_96345");
        for (figure, count) in [("asked", 2), ("in_time", 1), ("slow", 1), ("rated", 0)] {
            let context = centre.by(leader.clone());
            let behind = centre
                .app
                .orders_behind(&context, county, span, &ty, figure);
            assert_eq!(behind.await.unwrap().len(), count, "{figure}");
        }
        let context = centre.by(mum());
        assert!(
            centre
                .app
                .order_figures(&context, county, span.0, span.1)
                .await
                .is_err()
        );
    })
    .await;
}

#[tokio::test]
async fn an_order_nobody_accepted_is_not_answered_in_time() {
    both(async |db| {
        let centre = Centre::new(db).await;
        let near = centre.partner(961, "repair", VILLAGE).await;
        let taken = centre.asked("hotline_96345", "repair").await;
        centre.ok(operator(), taken, dispatch(near)).await;
        centre.ok(partner(961), taken, Act::Accept).await;
        let left = centre.asked("hotline_96345", "repair").await;
        centre.ok(operator(), left, dispatch(near)).await;
        let county: RegionCode = "990101".parse().unwrap();
        let span: (Instant, Instant) = (
            "2026-03-01T00:00:00Z".parse().unwrap(),
            "2026-03-03T00:00:00Z".parse().unwrap(),
        );
        let count = async || {
            let context = centre.by(actor(951, Role::Leader));
            let figures = centre.app.order_figures(&context, county, span.0, span.1);
            let one = figures.await.unwrap().types[0].clone();
            let percent = one.in_time_percent();
            (one.answered, one.in_time, one.missed, percent)
        };
        assert_eq!(count().await, (1, 1, 0, Some(100)), "its time still runs");
        centre.town.at("2026-03-02T02:06:00Z");
        centre.app.tick_orders().await.unwrap();
        assert_eq!(count().await, (1, 1, 1, Some(50)));
        let context = centre.by(actor(951, Role::Leader));
        let ty = slug("hotline_96345");
        let behind = centre
            .app
            .orders_behind(&context, county, span, &ty, "missed");
        let behind: Vec<OrderId> = behind.await.unwrap().iter().map(|one| one.id).collect();
        assert_eq!(behind, [left]);
    })
    .await;
}

/// A kind whose colours are slow to turn.
const WALK: &str = r#"
[order]
id = "a_walk"
name = "陪走"
says = "有人陪着走走"
asked_by = ["phone"]
confirms = "nobody"
[[item]]
id = "hour"
name = "走一小时"
unit = "次"
price = 0
skill = "walk"
[dispatch]
by = "operator"
[[proof]]
id = "seen"
asks = "走了吗"
kind = "text"
required = true
[colours]
days = 20
yellow = 50
red = 90
growth = 50
provenance = "assumed"
"#;

#[tokio::test]
async fn m04_colours_go_by_the_rule_of_the_kind_and_by_its_days_whatever_the_page_shows() {
    both(async |db| {
        let centre = Centre::with(db, &[("a_walk.toml", WALK)]).await;
        let repairs = centre.partner(961, "repair", VILLAGE).await;
        let walks = centre.partner(962, "walk", VILLAGE).await;
        for (day, count) in [("2026-03-10", 2), ("2026-04-10", 3)] {
            centre.town.at(&format!("{day}T02:00:00Z"));
            for _ in 0..count {
                centre.asked("hotline_96345", "repair").await;
                centre.asked("a_walk", "hour").await;
            }
        }
        centre.town.at("2026-05-01T02:00:00Z");
        let late = async move |tx: &mut store::Tx| {
            for one in [repairs, walks] {
                let record = Record {
                    late: 3,
                    ..Record::default()
                };
                tx.mark_provider(one, "2026-04-30".parse().unwrap(), record)
                    .await?;
            }
            Ok::<_, store::StoreError>(())
        };
        centre.app.db().write(late).await.unwrap();
        let county: RegionCode = "990101".parse().unwrap();
        let to = centre.app.now().at;
        let context = centre.by(actor(951, Role::Leader));
        let week = to - chrono::TimeDelta::days(7);
        let figures = centre.app.order_figures(&context, county, week, to).await;
        let figures = figures.unwrap();
        let partner = |id: ProviderId| {
            let mut all = figures.partners.iter();
            all.find(|one| one.id == id).unwrap().colour
        };
        assert_eq!(
            (partner(repairs), partner(walks)),
            (Colour::Yellow, Colour::Green)
        );
        let item = |name: &str| {
            let one = figures.items.iter().find(|one| one.name == name);
            one.map(|one| (one.days, one.now, one.before, one.colour))
        };
        assert_eq!(item("水电维修"), Some((30, 3, 2, Colour::Yellow)));
        // Twenty-one days ago is before the twenty of its rule: nothing since.
        assert_eq!(item("走一小时"), Some((20, 0, 3, Colour::Green)));
    })
    .await;
}
