//! M01: an order type by a pack alone, from the call to the money and the figures; no Rust
//! knows its name. On both databases.

use super::world::*;
use crate::case::tests::town::*;
use engine_order::*;
use kernel::*;
use store::testing::both;

/// Nobody in Rust has heard of it; not even the other tests have.
const KETTLE: &str = r#"
[order]
id = "kettle"
name = "送开水"
says = "一壶开水送到家"
asked_by = ["resident", "phone"]
confirms = "resident"
[[item]]
id = "pot"
name = "一壶"
unit = "壶"
price = 6
skill = "carrying"
subsidy = [{ amount = 4, age_from = 70 }]
[clock]
accept = "10 min"
done = "2 h"
confirm = "1 d"
[dispatch]
by = "nearest"
[[proof]]
id = "warm"
asks = "水热吗"
kind = "text"
required = true
[rating]
low = 2
asks = "几颗星？"
"#;

#[tokio::test]
async fn m01_an_order_type_by_pack_alone_is_asked_for_done_rated_paid_and_counted() {
    both(async |db| {
        let centre = Centre::with(db, &[("kettle.toml", KETTLE)]).await;
        let cashier = actor(957, Role::Finance);
        centre.town.hire(cashier.clone(), "990101").await;
        let near = centre.partner(961, "carrying", VILLAGE).await;
        centre.partner(962, "electric", VILLAGE).await;
        let order = centre.asked("kettle", "pot").await;
        let state = centre.order(order).await;
        assert_eq!(state.stage, Stage::Offered, "to the only one who can");
        assert_eq!(centre.told(961).await, ["order_offered"]);
        centre.town.at("2026-03-02T02:04:00Z");
        centre.ok(partner(961), order, Act::Accept).await;
        centre.town.at("2026-03-02T02:30:00Z");
        let done = |proofs| finish("2026-03-02T02:28:00Z", proofs);
        let bare = centre.no(partner(961), order, done(vec![])).await;
        assert_eq!(bare, "order.no_proof");
        let proofs = vec![words("warm", "烫手")];
        centre.ok(partner(961), order, done(proofs)).await;
        let early = centre.no(cashier.clone(), order, Act::Settle).await;
        assert!(
            early == "order.not_confirmed" || early.starts_with("access."),
            "{early}"
        );
        let confirm = Act::Confirm {
            words: "喝上了".into(),
            by_phone: false,
        };
        centre.ok(mum(), order, confirm).await;
        let rate = |stars| Act::Rate {
            stars,
            words: String::new(),
            safety: false,
        };
        assert_eq!(centre.no(mum(), order, rate(6)).await, "order.wrong_stars");
        centre.ok(mum(), order, rate(5)).await;
        let place: RegionCode = "990101".parse().unwrap();
        let waits = async |who: Actor| {
            let context = centre.by(who);
            centre.app.orders_to_settle(&context, place).await
        };
        assert!(waits(operator()).await.is_err(), "finance settles");
        let groups = waits(cashier.clone()).await.unwrap();
        let [group] = groups.as_slice() else {
            panic!("{groups:?}")
        };
        let month: Period = "2026-03".parse().unwrap();
        assert_eq!(
            (group.provider, group.month, group.lines.len()),
            (near, month, 1)
        );
        assert_eq!((group.subsidy().fen(), group.own().fen()), (400, 200));
        let mine = async |who: i64| {
            let context = centre.by(partner(who));
            let own = centre.app.own_settled(&context).await.unwrap();
            (own.subsidy.fen(), own.own.fen(), own.lines.len())
        };
        assert_eq!(mine(961).await, (0, 0, 0));
        let settle = async |who: Actor| {
            let context = centre.by(who);
            centre.app.settle_orders(&context, vec![order]).await
        };
        assert!(settle(operator()).await.is_err());
        assert_eq!(settle(cashier.clone()).await.unwrap().value, 1);
        // On the books once, in balance; the partner sees it, nobody else does.
        let again = settle(cashier.clone()).await.unwrap_err();
        assert_eq!(again.refusal_code(), Some("order.settled_already"));
        assert_eq!(waits(cashier).await.unwrap(), []);
        assert_eq!(mine(961).await, (400, 200, 1));
        assert_eq!(mine(962).await, (0, 0, 0));
        let books = ["order_subsidy:kettle", "order_own:kettle"];
        let read = async move |tx: &mut store::Tx| {
            let mut held = Vec::new();
            for name in books {
                held.push(tx.account_named(name).await?.map(|one| one.balance));
            }
            Ok::<_, store::StoreError>(held)
        };
        let held = centre.app.db().read(read).await.unwrap();
        assert_eq!(held, [Some(-400), Some(-200)]);
        let paid = centre.order(order).await.settled.unwrap();
        assert_eq!(paid.provider, near);
        let sums = [paid.price, paid.subsidy, paid.own].map(|one| one.fen());
        assert_eq!(sums, [600, 400, 200], "seventy-seven years old: four off");

        let county: RegionCode = "990101".parse().unwrap();
        let span: (Instant, Instant) = (
            "2026-03-01T00:00:00Z".parse().unwrap(),
            "2026-03-03T00:00:00Z".parse().unwrap(),
        );
        let leader = actor(951, Role::Leader);
        let context = centre.by(leader.clone());
        let figures = centre.app.order_figures(&context, county, span.0, span.1);
        let figures = figures.await.unwrap();
        let one = figures.types.iter().find(|one| one.id == "kettle").unwrap();
        assert_eq!((one.name.as_str(), one.asked, one.closed), ("送开水", 1, 1));
        assert_eq!((one.answered, one.in_time, one.content), (1, 1, 1));
        let ty = slug("kettle");
        for (figure, count) in [("asked", 1), ("rated", 1), ("slow", 0)] {
            let context = centre.by(leader.clone());
            let behind = centre
                .app
                .orders_behind(&context, county, span, &ty, figure);
            assert_eq!(behind.await.unwrap().len(), count, "{figure}");
        }
    })
    .await;
}
