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
