//! Who was reached by what comes again, who was not, and the homes behind each number.

use super::world::*;
use crate::case::tests::town::*;
use crate::order::Reached;
use engine_order::*;
use engine_payment::{Beneficiary, Entitlement, Every as Each};
use kernel::*;
use store::Tx;
use store::testing::both;

/// A look once a month at everybody who is helped.
const LOOK: &str = r#"
[order]
id = "look_in"
name = "每月看一眼"
says = "每个月上门看一眼"
asked_by = ["plan", "worker", "phone"]
confirms = "nobody"
[[item]]
id = "look"
name = "看一眼"
unit = "次"
price = 0
skill = "looking"
[clock]
accept = "2 d"
[dispatch]
by = "operator"
[[every]]
months = 1
[[proof]]
id = "seen"
asks = "看到什么"
kind = "text"
required = true
"#;

async fn helped(centre: &Centre) {
    let grant = Entitlement {
        id: EntitlementId(77),
        programme: slug("living"),
        component: slug("base"),
        beneficiary: Beneficiary::Person(MUM),
        payee: MUM,
        amount: Money::from_fen(80_000),
        every: Each::Month,
        from: "2026-01".parse().unwrap(),
        to: None,
        decision: DecisionId(990),
        stop: None,
    };
    let now = centre.app.now();
    let save = async move |tx: &mut Tx| tx.save_entitlement(0, &grant, &county(), now).await;
    centre.app.db().write(save).await.unwrap();
}

#[tokio::test]
async fn a27_a44_covered_overdue_and_never_are_counted_and_open_to_their_homes() {
    both(async |db| {
        let centre = Centre::with(db, &[("look.toml", LOOK)]).await;
        let near = centre.partner(961, "looking", VILLAGE).await;
        let ty = slug("look_in");
        let place: RegionCode = "990101".parse().unwrap();
        let leader = actor(951, Role::Leader);
        let counts = async || {
            let context = centre.by(leader.clone());
            let found = centre
                .app
                .order_coverage(&context, place, &ty)
                .await
                .unwrap();
            assert_eq!(found.counts.values().sum::<usize>(), found.households);
            (
                found.percent(),
                found.counts.into_iter().collect::<Vec<_>>(),
            )
        };
        assert_eq!(counts().await, (None, vec![]), "nobody is helped: no share");
        helped(&centre).await;
        assert_eq!(counts().await, (Some(0), vec![(Reached::Never, 1)]));
        let order = centre.asked("look_in", "look").await;
        centre.ok(operator(), order, dispatch(near)).await;
        centre.ok(partner(961), order, Act::Accept).await;
        centre.town.at("2026-03-02T02:45:00Z");
        let done = finish("2026-03-02T02:40:00Z", vec![words("seen", "都好")]);
        centre.ok(partner(961), order, done).await;
        assert_eq!(counts().await, (Some(100), vec![(Reached::Covered, 1)]));
        centre.town.at("2026-04-20T02:00:00Z");
        assert_eq!(counts().await, (Some(0), vec![(Reached::Overdue, 1)]));
        // The village sees which homes; those of another place do not.
        let homes = async |who: Actor, place: &str, wanted| {
            let context = centre.by(who);
            let place = place.parse().unwrap();
            centre
                .app
                .order_coverage_homes(&context, place, &ty, wanted)
                .await
        };
        let (late, count) = homes(village(), VILLAGE, Reached::Overdue).await.unwrap();
        assert_eq!(count, 1);
        assert_eq!((late[0].household, late[0].name.as_str()), (HOME, "试甲"));
        assert_eq!(late[0].last, "2026-03-02".parse().ok());
        assert!(
            late[0]
                .due
                .is_some_and(|due| due < centre.app.now().today())
        );
        let (none, count) = homes(village(), VILLAGE, Reached::Never).await.unwrap();
        assert_eq!((none.len(), count), (0, 0));
        for other in [elsewhere(), partner(961), mum()] {
            assert!(homes(other, VILLAGE, Reached::Overdue).await.is_err());
        }
        assert!(homes(village(), "990101", Reached::Overdue).await.is_err());
    })
    .await;
}
