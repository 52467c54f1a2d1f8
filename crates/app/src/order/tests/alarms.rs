//! Red keys, silence, bursts: none is lost, each is one incident.

use super::world::*;
use crate::case::tests::town::*;
use crate::order::{Heard, Signal};
use engine_order::*;
use std::collections::{BTreeMap, BTreeSet};
use store::testing::both;

fn close() -> Act {
    let answers = ["who_answered", "what_happened", "follow_up_visit"];
    Act::Close {
        answers: answers
            .iter()
            .map(|id| (slug(id), "写明了".to_owned()))
            .collect(),
    }
}

#[tokio::test]
async fn d04_d36_a_red_key_is_one_incident_climbs_and_is_closed_with_what_is_needed() {
    both(async |db| {
        let centre = Centre::new(db).await;
        centre.device().await;
        let order = centre.press(1, Heard::Red).await.unwrap();
        assert_eq!(
            centre.press(1, Heard::Red).await,
            Some(order),
            "a repeat is the same signal"
        );
        assert_eq!(centre.order(order).await.presses, 1);
        assert_eq!(
            centre.press(2, Heard::Red).await,
            Some(order),
            "one incident per burst"
        );
        assert_eq!(centre.order(order).await.presses, 2);
        assert_eq!(
            centre.told(SON.0).await,
            ["order_called"],
            "the family at once"
        );
        // A minute later nobody answered: the clock is noted, the next rungs are called.
        centre.town.at("2026-03-02T02:01:31Z");
        let ticked = centre.app.tick_orders().await.unwrap();
        assert_eq!((ticked.ticked, ticked.stuck), (1, 0));
        let state = centre.order(order).await;
        assert!(state.clocks[0].missed);
        let who: BTreeSet<Whom> = state.callings.iter().map(|one| one.who).collect();
        assert!(
            who.contains(&Whom::Emergency) && who.contains(&Whom::Supervisor),
            "{who:?}"
        );
        assert_eq!(
            centre.app.tick_orders().await.unwrap().ticked,
            0,
            "nothing twice"
        );
        assert_eq!(
            centre.no(operator(), order, close()).await,
            "order.not_answered"
        );
        centre.ok(operator(), order, Act::Answer).await;
        let empty = Act::Close {
            answers: BTreeMap::new(),
        };
        assert_eq!(
            centre.no(operator(), order, empty).await,
            "order.close_lacks"
        );
        let cancel = Act::Cancel {
            side: Side::Office,
            why: "误按".into(),
        };
        assert_eq!(
            centre.no(operator(), order, cancel).await,
            "order.alarm_not_cancelled"
        );
        centre.ok(operator(), order, close()).await;
        let next = centre.press(3, Heard::Red).await;
        assert_ne!(
            next,
            Some(order),
            "after it is closed a press is a new incident"
        );
    })
    .await;
}

#[tokio::test]
async fn d03_a_silent_device_is_an_alarm_once_and_anew_after_somebody_looked() {
    both(async |db| {
        let centre = Centre::new(db).await;
        centre.device().await;
        centre.town.at("2026-03-03T01:00:00Z");
        centre.press(1, Heard::Heartbeat).await;
        centre.town.at("2026-03-04T00:59:00Z");
        assert_eq!(centre.app.tick_orders().await.unwrap().silent, 0);
        centre.town.at("2026-03-04T01:00:01Z");
        assert_eq!(centre.app.tick_orders().await.unwrap().silent, 1);
        assert_eq!(centre.app.tick_orders().await.unwrap().silent, 0);
        let device = "D-1";
        let open = async move |tx: &mut store::Tx| tx.open_alarm(&slug("red_key"), device).await;
        let order = centre.app.db().read(open).await.unwrap().unwrap();
        let asked = centre.order(order).await.requested.unwrap();
        assert!(matches!(asked.cause, Cause::Silence { .. }));
        // A press while the silence is open joins it: nothing is lost, nothing doubled.
        assert_eq!(centre.press(2, Heard::Red).await, Some(order));
        centre.ok(operator(), order, Act::Answer).await;
        centre.ok(operator(), order, close()).await;
        centre.town.at("2026-03-04T01:05:00Z");
        assert_eq!(centre.app.tick_orders().await.unwrap().silent, 0);
        centre.town.at("2026-03-05T02:00:00Z");
        assert_eq!(centre.app.tick_orders().await.unwrap().silent, 1);
    })
    .await;
}

#[tokio::test]
async fn d36_twenty_presses_at_once_are_one_incident() {
    both(async |db| {
        let centre = Centre::new(db).await;
        centre.device().await;
        let presses = (1..=20_u64).map(|seq| {
            let app = centre.app.clone();
            tokio::spawn(async move {
                let signal = Signal {
                    device: "D-1".into(),
                    seq,
                    says: Heard::Red,
                };
                app.hear("demo", &signal).await.unwrap().order.unwrap()
            })
        });
        let mut orders = BTreeSet::new();
        for press in presses.collect::<Vec<_>>() {
            orders.insert(press.await.unwrap());
        }
        assert_eq!(orders.len(), 1);
        let order = centre.order(*orders.first().unwrap()).await;
        assert_eq!(order.presses, 20);
    })
    .await;
}

#[tokio::test]
async fn d03_a_device_speaks_through_its_own_gateway_only() {
    both(async |db| {
        let centre = Centre::new(db).await;
        centre.device().await;
        let signal = |device: &str| Signal {
            device: device.into(),
            seq: 1,
            says: Heard::Red,
        };
        assert!(centre.app.hear("other", &signal("D-1")).await.is_err());
        assert!(centre.app.hear("demo", &signal("D-2")).await.is_err());
        let open = async |tx: &mut store::Tx| tx.orders_at(Stage::Waiting, 10).await;
        assert_eq!(centre.app.db().read(open).await.unwrap().len(), 0);
        // The green key orders; twice is twice, the same signal again is the same order.
        let first = centre.press(2, Heard::Green).await;
        assert_eq!(centre.press(2, Heard::Green).await, first);
        assert_ne!(centre.press(3, Heard::Green).await, first);
    })
    .await;
}

/// Late twice: the village by a message, then the centre's operators.
const ICE: &str = r#"
[order]
id = "ice"
name = "除冰"
says = "门前结冰，有人来除"
asked_by = ["phone"]
confirms = "nobody"
[[item]]
id = "door"
name = "门前"
unit = "处"
price = 0
skill = "ice"
[clock]
accept = "10 min"
[[ladder]]
on = "accept"
who = "village"
after = "5 min"
by = ["screen", "sms"]
[[ladder]]
on = "accept"
who = "duty_operator"
after = "8 min"
by = ["sms"]
[dispatch]
by = "nearest"
[[proof]]
id = "clear"
asks = "除掉了吗"
kind = "text"
required = true
"#;

#[tokio::test]
async fn a_ladders_message_reaches_whoever_holds_the_role_there_and_nobody_elsewhere() {
    both(async |db| {
        let centre = Centre::with(db, &[("ice.toml", ICE)]).await;
        let far = actor(971, kernel::Role::VillageWorker);
        centre.town.hire(far, "990101001002").await;
        centre.partner(961, "ice", VILLAGE).await;
        centre.asked("ice", "door").await;
        centre.town.at("2026-03-02T02:05:30Z");
        centre.app.tick_orders().await.unwrap();
        let here = village().person.unwrap().0;
        assert_eq!(centre.told(here).await, ["order_called"]);
        assert_eq!(centre.told(971).await, [""; 0]);
        let operator = operator().person.unwrap().0;
        assert_eq!(centre.told(operator).await, [""; 0]);
        centre.town.at("2026-03-02T02:08:30Z");
        centre.app.tick_orders().await.unwrap();
        assert_eq!(centre.told(operator).await, ["order_called"]);
        assert_eq!(centre.told(here).await, ["order_called"], "once");
    })
    .await;
}
