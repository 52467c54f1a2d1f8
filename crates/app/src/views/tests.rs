//! Kept filters: one's own and one's place's, nobody else's. On both databases.

use super::*;
use crate::case::tests::town::*;
use engine_access::Purpose;
use kernel::Actor;
use store::testing::both;

fn view(name: &str, stage: &str) -> ListView {
    let filters = [("stage".to_owned(), stage.to_owned())];
    ListView {
        name: name.into(),
        filters: filters
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect(),
    }
}

#[tokio::test]
async fn filters_are_kept_for_oneself_or_the_place_and_dropped_by_their_owner() {
    both(async |db| {
        let town = Town::new(db).await;
        let here: RegionCode = VILLAGE.parse().unwrap();
        let by = |who: Actor| Context {
            purpose: Purpose::Duty,
            ..town.by(who, None)
        };
        let keep = async |who, view, shared| town.app.keep_view(&by(who), here, view, shared).await;
        for (one, says) in [
            (view(" ", "待受理"), "名字"),
            (view(&"长".repeat(21), "待受理"), "最多 20"),
            (view("空的", ""), "没有筛选"),
        ] {
            let wrong = keep(village(), one, false).await;
            assert!(matches!(&wrong, Err(AppError::BadInput(said)) if said.contains(says)));
        }
        keep(village(), view("我的", "待受理"), false)
            .await
            .unwrap();
        keep(village(), view("大家的", "待受理"), true)
            .await
            .unwrap();
        keep(village(), view("我的", "公示中"), false)
            .await
            .unwrap();
        let names = async |who| {
            let views = town.app.views(&by(who), here).await.unwrap();
            let views = views.into_iter();
            views.map(|one| (one.name, one.mine)).collect::<Vec<_>>()
        };
        let mine = [("大家的".to_owned(), true), ("我的".to_owned(), true)];
        assert_eq!(names(village()).await, mine);
        assert_eq!(names(village_two()).await, [("大家的".to_owned(), false)]);
        let all = town.app.views(&by(village()), here).await.unwrap();
        let changed = all.iter().find(|one| one.name == "我的").unwrap();
        assert_eq!(changed.filters["stage"], "公示中");
        // Another's stays, one's own goes.
        for who in [village_two(), village()] {
            let drop = town.app.drop_view(&by(who), here, changed.id).await;
            drop.unwrap();
        }
        assert_eq!(names(village()).await, [("大家的".to_owned(), true)]);
        for who in [elsewhere(), mum()] {
            assert!(keep(who, view("别处", "待受理"), true).await.is_err());
        }
    })
    .await;
}
