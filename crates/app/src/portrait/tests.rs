//! A24: the portrait by the pack's rules, and a colour set by a person for a time.
//! On both databases.

use super::*;
use crate::case::tests::town::*;
use store::testing::both;

fn wanted(colour: Option<&str>, reason: &str, until: &str) -> ColourWanted {
    ColourWanted {
        colour: colour.map(slug),
        reason: reason.into(),
        until: until.parse().unwrap(),
    }
}

#[tokio::test]
async fn a24_the_rules_colour_a_household_and_a_person_may_for_a_time() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = town.submitted(1, 1).await;
        let officer = crate::case::tests::town::town;
        let page = async || {
            let ctx = town.by(officer(), Some(case));
            let page = town.app.household_page(&ctx, HOME).await.unwrap();
            page.portrait.unwrap()
        };
        let told = page().await;
        let colour = told.colour.clone().unwrap();
        assert_eq!((colour.name.as_str(), colour.visit_months), ("绿", 6));
        assert_eq!(told.light(), "ok");
        // What nobody told is not known: neither yes nor no, and it says of what.
        assert!(told.types[0].unknown() && !told.types[0].holds());
        assert!(told.types[0].evidence.iter().all(|one| one.value.is_none()));
        assert_eq!(told.caution, Some("演示值"));

        let set = async |who, wanted| {
            let ctx = town.by(who, Some(case));
            town.app.set_colour(&ctx, HOME, wanted).await
        };
        for (one, says) in [
            (wanted(Some("red"), " ", "2026-03-20"), "为什么"),
            (wanted(Some("red"), "老人病了", "2026-03-01"), "管到哪天"),
            (wanted(Some("red"), "老人病了", "2028-03-01"), "管到哪天"),
            (wanted(Some("blue"), "老人病了", "2026-03-20"), "颜色"),
        ] {
            let wrong = set(officer(), one).await;
            assert!(matches!(&wrong, Err(AppError::BadInput(said)) if said.contains(says)));
        }
        for who in [village(), elsewhere(), mum()] {
            let refused = set(who, wanted(Some("red"), "老人病了", "2026-03-20")).await;
            assert!(refused.unwrap_err().refusal_code().is_some());
        }
        set(officer(), wanted(Some("red"), "老人病了", "2026-03-20"))
            .await
            .unwrap();
        let colour = page().await.colour.unwrap();
        assert_eq!(
            (colour.name.as_str(), colour.says.as_str()),
            ("红", "老人病了")
        );
        assert_eq!(colour.set_until, Some("2026-03-20".parse().unwrap()));
        town.on("2026-03-21");
        assert_eq!(page().await.colour.unwrap().name, "绿");
        town.on("2026-03-19");
        set(officer(), wanted(None, "老人好了", "2026-03-20"))
            .await
            .unwrap();
        assert_eq!(page().await.colour.unwrap().name, "绿");
    })
    .await;
}

#[tokio::test]
async fn a24_a_side_nobody_knows_is_counted_by_itself() {
    both(async |db| {
        let house = Town::new(db).await;
        let case = house.submitted(1, 1).await;
        let law = ("kind = \"type\"", "kind = \"side\"");
        let house = house.moved_to(&house.under(law.0, law.1));
        let ctx = house.by(town(), Some(case));
        let page = house.app.household_page(&ctx, HOME).await.unwrap();
        let told = page.portrait.unwrap();
        assert_eq!(
            (told.sides.len(), told.short(), told.unknown()),
            (1, 0, 1),
            "not known is not without need"
        );
    })
    .await;
}
