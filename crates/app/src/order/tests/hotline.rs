//! A call to 96345 from the first ring to the stars; lines, quotas, recurring kinds.

use super::world::*;
use crate::case::tests::town::*;
use crate::ledger::ByOrder;
use crate::order::FromLine;
use engine_order::*;
use kernel::*;
use store::testing::both;

fn rate(stars: u8) -> Act {
    Act::Rate {
        stars,
        words: String::new(),
        safety: false,
    }
}

#[tokio::test]
async fn m01_m03_m06_a_call_is_dispatched_done_with_proof_confirmed_and_rated() {
    both(async |db| {
        let centre = Centre::new(db).await;
        let near = centre.partner(961, "repair", VILLAGE).await;
        let far = centre.partner(962, "repair", "990101001002").await;
        let other = centre.partner(963, "cleaning", VILLAGE).await;
        let order = centre.asked("hotline_96345", "repair").await;
        let context = centre.by(operator());
        let who = centre.app.candidates(&context, order).await.unwrap();
        let who: Vec<_> = who
            .iter()
            .map(|one| (one.provider.id, one.why_not.is_some()))
            .collect();
        assert_eq!(
            who,
            [(near, false), (far, false)],
            "the nearest first, and nobody unskilled"
        );
        assert_eq!(
            centre.no(operator(), order, dispatch(other)).await,
            "order.no_skill"
        );
        let sent = centre.ok(operator(), order, dispatch(near)).await;
        assert_eq!(sent.stage, Stage::Offered);
        assert_eq!(centre.told(961).await, ["order_offered"]);
        assert_eq!(centre.load_of(near).await.0, 1);
        assert_eq!(
            centre.no(partner(962), order, Act::Accept).await,
            "order.not_yours"
        );
        centre.town.at("2026-03-02T02:03:00Z");
        centre.ok(partner(961), order, Act::Accept).await;
        let done = |proofs| finish("2026-03-02T02:40:00Z", proofs);
        centre.town.at("2026-03-02T02:45:00Z");
        assert_eq!(
            centre.no(partner(961), order, done(vec![])).await,
            "order.no_proof"
        );
        let proofs = vec![words("result", "换了垫圈")];
        centre.ok(partner(961), order, done(proofs)).await;
        let confirm = Act::Confirm {
            words: "好了".into(),
            by_phone: false,
        };
        assert!(
            centre
                .does(stranger(), order, confirm.clone())
                .await
                .is_err()
        );
        centre.ok(mum(), order, confirm).await;
        centre.ok(mum(), order, rate(5)).await;
        let (load, record) = centre.load_of(near).await;
        assert_eq!((load, record.stars, record.rated), (0, 5, 1));
        let state = centre.order(order).await;
        assert_eq!(state.stage, Stage::Closed);
        assert_eq!(state.response(), Some(chrono::TimeDelta::minutes(3)));
    })
    .await;
}

#[tokio::test]
async fn m02_m04_five_minutes_of_silence_go_to_the_next_and_are_remembered() {
    both(async |db| {
        let centre = Centre::new(db).await;
        let near = centre.partner(961, "repair", VILLAGE).await;
        let far = centre.partner(962, "repair", "990101001002").await;
        let order = centre.asked("hotline_96345", "repair").await;
        centre.ok(operator(), order, dispatch(near)).await;
        centre.town.at("2026-03-02T02:05:00Z");
        centre.app.tick_orders().await.unwrap();
        let state = centre.order(order).await;
        assert_eq!(state.offer().unwrap().provider, far);
        assert_eq!(centre.told(962).await, ["order_offered"]);
        let (load, record) = centre.load_of(near).await;
        assert_eq!((load, record.late), (0, 1));
        // Long past stops to count.
        centre.town.at("2026-05-02T02:05:00Z");
        centre.app.recount_providers().await.unwrap();
        assert_eq!(centre.load_of(near).await.1.late, 0);
        // Opened again it reaches the one who did it.
        let order = centre.asked("hotline_96345", "repair").await;
        centre.ok(operator(), order, dispatch(near)).await;
        centre.ok(partner(961), order, Act::Accept).await;
        let proofs = vec![words("result", "好了")];
        centre
            .ok(partner(961), order, finish("2026-05-02T02:06:00Z", proofs))
            .await;
        let why = "又漏了".to_owned();
        centre.ok(mum(), order, Act::Reopen { why }).await;
        assert_eq!(centre.told(961).await.last().unwrap(), "order_reopened");
        let (load, record) = centre.load_of(near).await;
        assert_eq!((load, record.bad), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_full_partner_is_never_sent_one_more_whoever_is_quicker() {
    both(async |db| {
        let centre = Centre::new(db).await;
        let near = centre.partner(961, "repair", VILLAGE).await;
        let mut orders = Vec::new();
        for _ in 0..6 {
            orders.push(centre.asked("hotline_96345", "repair").await);
        }
        let sends = orders.iter().map(|order| {
            let (app, context, order) = (centre.app.clone(), centre.by(operator()), *order);
            tokio::spawn(async move { app.on_order(&context, order, dispatch(near)).await })
        });
        let mut sent = 0;
        for send in sends.collect::<Vec<_>>() {
            match send.await.unwrap() {
                Ok(_) => sent += 1,
                Err(why) => assert_eq!(why.refusal_code(), Some("order.full"), "{why}"),
            }
        }
        assert_eq!(sent, 2);
        assert_eq!(centre.load_of(near).await.0, 2);
    })
    .await;
}

#[tokio::test]
async fn d20_a_second_kind_needs_no_rust_and_a_quota_holds_under_concurrency() {
    both(async |db| {
        let centre = Centre::new(db).await;
        centre.partner(961, "electric", VILLAGE).await;
        let asks = (0..6).map(|_| {
            let (app, context) = (centre.app.clone(), centre.by(operator()));
            let new = centre.call("lamp", "bulb");
            tokio::spawn(async move { app.ask_order(&context, new).await })
        });
        let mut taken = Vec::new();
        for ask in asks.collect::<Vec<_>>() {
            match ask.await.unwrap() {
                Ok(reply) => taken.push(reply.value),
                Err(why) => assert_eq!(why.refusal_code(), Some("order.over_quota"), "{why}"),
            }
        }
        assert_eq!(taken.len(), 2, "two lamps a year");
        let first = &taken[0];
        assert_eq!(first.stage, Stage::Offered, "sent to the nearest by itself");
        let quote = centre.order(first.order).await.quote;
        assert_eq!(
            quote.own(),
            Money::from_yuan(15),
            "seventy-seven years old: five off"
        );
        // What is cancelled is given back.
        let cancel = Act::Cancel {
            side: Side::Requester,
            why: "不要了".into(),
        };
        centre.ok(mum(), first.order, cancel).await;
        let context = centre.by(operator());
        centre
            .app
            .ask_order(&context, centre.call("lamp", "bulb"))
            .await
            .unwrap();
        let context = centre.by(operator());
        assert!(
            centre
                .app
                .ask_order(&context, centre.call("lamp", "bulb"))
                .await
                .is_err()
        );
    })
    .await;
}

#[tokio::test]
async fn m07_orders_go_to_the_other_line_and_come_from_it() {
    both(async |db| {
        let centre = Centre::new(db).await;
        let line = slug("line_12345");
        let order = centre.asked("hotline_96345", "other").await;
        let transfer = Act::Transfer {
            to: line.clone(),
            why: "路灯归住建".into(),
        };
        centre.ok(operator(), order, transfer).await;
        let handed = centre.app.handed_to_line(&line).await.unwrap();
        assert_eq!(handed.len(), 1);
        let app = &centre.app;
        let number = Some("SZ-1".to_owned());
        app.line_answers(&line, order, number, None, false)
            .await
            .unwrap();
        assert_eq!(
            app.handed_to_line(&line).await.unwrap(),
            [],
            "numbered there"
        );
        let nobody = slug("line_110");
        assert!(
            app.line_answers(&nobody, order, None, Some("x".into()), false)
                .await
                .is_err()
        );
        let result = Some("修好了".to_owned());
        app.line_answers(&line, order, None, result, false)
            .await
            .unwrap();
        assert_eq!(centre.order(order).await.stage, Stage::Done);
        let from = FromLine {
            reference: "SZ-2".into(),
            ty: slug("hotline_96345"),
            item: slug("repair"),
            region: VILLAGE.parse().unwrap(),
            name: "来电人".into(),
            phone: None,
            address: String::new(),
            says: "要修水管".into(),
        };
        let first = app.take_from_line(&line, from.clone()).await.unwrap();
        let again = app.take_from_line(&line, from.clone()).await.unwrap();
        assert_eq!(
            (first.value.order, again.repeated),
            (again.value.order, true)
        );
        let red = FromLine {
            reference: "SZ-3".into(),
            ty: slug("red_key"),
            ..from
        };
        assert!(app.take_from_line(&line, red).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn m07_what_the_other_line_has_numbered_does_not_hide_what_is_new() {
    both(async |db| {
        let centre = Centre::new(db).await;
        let line = slug("line_12345");
        let mut last = OrderId(0);
        for number in 0..10 {
            last = centre.asked("hotline_96345", "other").await;
            let transfer = Act::Transfer {
                to: line.clone(),
                why: "路灯归住建".into(),
            };
            centre.ok(operator(), last, transfer).await;
            if number < 9 {
                let told = Some(format!("SZ-{number}"));
                let answers = centre.app.line_answers(&line, last, told, None, false);
                answers.await.unwrap();
            }
        }
        let handed = centre.app.handed_to_line(&line).await.unwrap();
        let handed: Vec<OrderId> = handed.iter().map(|one| one.order).collect();
        assert_eq!(handed, [last]);
    })
    .await;
}

#[tokio::test]
async fn h13_an_order_that_was_confirmed_is_saved_once_by_whoever_did_it() {
    both(async |db| {
        let centre = Centre::new(db).await;
        let near = centre.partner(961, "volunteer", VILLAGE).await;
        let order = centre.asked("hotline_96345", "volunteer").await;
        centre.ok(operator(), order, dispatch(near)).await;
        centre.ok(partner(961), order, Act::Accept).await;
        let save = async |person: i64, kind: &str| {
            let by = ByOrder {
                book: slug("time_bank"),
                kind: slug(kind),
                order,
            };
            let ctx = centre.by(actor(person, Role::Citizen));
            let done = centre.app.earn_by_order(&ctx, by).await;
            done.map(|_| ()).map_err(|why| why.to_string())
        };
        let not_yet = "对方还没有确认这张工单，确认了再来";
        assert_eq!(save(961, "service").await.unwrap_err(), not_yet);
        centre.town.at("2026-03-02T02:45:00Z");
        let proofs = vec![words("result", "换了垫圈")];
        centre
            .ok(partner(961), order, finish("2026-03-02T02:40:00Z", proofs))
            .await;
        assert_eq!(save(961, "service").await.unwrap_err(), not_yet);
        let confirm = Act::Confirm {
            words: "好了".into(),
            by_phone: false,
        };
        centre.ok(mum(), order, confirm).await;
        centre.ok(mum(), order, rate(5)).await;
        let theirs = "这张工单不是您做的，或者不记这种时间";
        assert_eq!(save(962, "service").await.unwrap_err(), theirs);
        assert_eq!(save(961, "night_service").await.unwrap_err(), theirs);
        save(961, "service").await.unwrap();
        assert!(
            save(961, "service")
                .await
                .unwrap_err()
                .contains("已经记过账")
        );
        let ctx = centre.by(actor(961, Role::Citizen));
        let days = ("2026-01-01".parse().unwrap(), "2026-12-31".parse().unwrap());
        let own = centre.app.own_book(&ctx, &slug("time_bank"), days).await;
        assert_eq!(own.unwrap().balance, 60, "as many minutes as were reported");
    })
    .await;
}

/// Free of charge, and nobody is asked whether it was done.
const CHAT: &str = r#"
[order]
id = "chat"
name = "陪聊"
says = "有人来陪着说话"
asked_by = ["phone"]
confirms = "nobody"
[[item]]
id = "hour"
name = "一小时"
unit = "小时"
price = 0
skill = "chat"
[[item]]
id = "paid_hour"
name = "一小时，收钱"
unit = "小时"
price = 30
skill = "chat"
[clock]
confirm = "2 d"
[dispatch]
by = "nearest"
[[proof]]
id = "said"
asks = "说了什么"
kind = "text"
required = true
"#;

#[tokio::test]
async fn h13_neither_ones_own_word_nor_what_was_paid_for_is_time_saved() {
    both(async |db| {
        let centre = Centre::with(db, &[("chat.toml", CHAT)]).await;
        centre.partner(961, "chat", VILLAGE).await;
        let alone = centre.asked("chat", "hour").await;
        let done = |at| finish(at, vec![words("said", "家常")]);
        centre.ok(partner(961), alone, Act::Accept).await;
        centre.town.at("2026-03-02T03:00:00Z");
        centre
            .ok(partner(961), alone, done("2026-03-02T02:59:00Z"))
            .await;
        assert_eq!(centre.order(alone).await.stage, Stage::Closed);
        // The law changes: now the receiver confirms, and it may be saved as time.
        let asked = CHAT.replace("\"nobody\"", "\"resident\"");
        let time = TIME.replace("\"green_key\"", "\"chat\"");
        let files = [("chat.toml", asked.as_str()), ("time.toml", time.as_str())];
        let house = centre.town.house(law_with(&files));
        let centre = centre.under(house);
        let paid = centre.asked("chat", "paid_hour").await;
        centre.ok(partner(961), paid, Act::Accept).await;
        centre.town.at("2026-03-02T05:00:00Z");
        centre
            .ok(partner(961), paid, done("2026-03-02T04:59:00Z"))
            .await;
        let confirm = Act::Confirm {
            words: "来过".into(),
            by_phone: false,
        };
        centre.ok(mum(), paid, confirm).await;
        let save = async |order: OrderId| {
            let by = ByOrder {
                book: slug("time_bank"),
                kind: slug("service"),
                order,
            };
            let ctx = centre.by(actor(961, Role::Citizen));
            let done = centre.app.earn_by_order(&ctx, by).await;
            done.map(|_| ()).unwrap_err().to_string()
        };
        let own = "对方还没有确认这张工单，确认了再来";
        assert_eq!(save(alone).await, own);
        assert_eq!(save(paid).await, "这张工单是收钱的，不再记时间");
    })
    .await;
}
