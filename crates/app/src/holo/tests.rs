//! The whole picture on both databases: records, looked up and none, not known and why are
//! three lists; what needs an authorisation tells nothing of a person by its number; what
//! somebody ruled on is told with who, when and why.

use super::*;
use crate::case::tests::town::*;
use crate::contradict::RightSide;
use crate::pool::tests::{batch, delivered};
use engine_pool::{QualityReport, Record as PoolRecord, Subject};
use kernel::{CaseId, DataBatchId, RegionCode};
use std::collections::BTreeMap;
use store::StoredRecord;
use store::testing::both;

fn good() -> QualityReport {
    QualityReport {
        rows: 1,
        taken: 1,
        ..QualityReport::default()
    }
}

async fn put(town: &Town, batch: i64, (category, no): (&'static str, &'static str)) {
    let record = StoredRecord {
        person: Some(MUM),
        record: PoolRecord {
            category: slug(category),
            subject: Subject::Person("990482194803150023".parse().unwrap()),
            record_no: no.into(),
            as_of: "2026-02-01".parse().unwrap(),
            values: BTreeMap::new(),
        },
    };
    let batch = DataBatchId(batch);
    let put = async move |tx: &mut Tx| tx.put_records(batch, vec![record.clone()]).await;
    town.app.db().write(put).await.unwrap();
}

async fn page(town_: &Town, case: CaseId) -> HoloPage {
    let ctx = town_.by(town(), Some(case));
    let page = town_.app.holo(&ctx, &HoloWho::Home, "核对家里人").await;
    page.unwrap().unwrap()
}

/// Of the mother and the son.
async fn data(town: &Town, case: CaseId) -> [HoloData; 2] {
    let page = page(town, case).await;
    [MUM, SON].map(|person| {
        let mut people = page.people.iter();
        let one = people.find(|one| one.page.person == person).unwrap();
        one.data.clone()
    })
}

fn held(data: &HoloData) -> Vec<(&str, usize, bool)> {
    let all = data.held.iter();
    all.map(|one| (one.id.as_str(), one.records.len(), one.set_back))
        .collect()
}

fn unknown(data: &HoloData) -> Vec<(&str, &str)> {
    let all = data.unknown.iter();
    all.map(|one| (one.name.as_str(), one.why.as_str()))
        .collect()
}

fn none(data: &HoloData) -> Vec<(&str, String)> {
    let all = data.none.iter();
    all.map(|one| (one.name.as_str(), one.as_of.to_string()))
        .collect()
}

const NEVER: &str = "部门还没有提供过这类数据";

#[tokio::test]
async fn n03_what_nobody_knows_is_never_told_as_none() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = town.submitted(1, 1).await;
        for one in data(&town, case).await {
            assert!(one.held.is_empty() && one.none.is_empty());
            assert_eq!(unknown(&one), [("医疗费用", NEVER), ("户籍人口", NEVER)]);
            assert_eq!(one.locked, 1, "savings");
        }
        // One comes in time, the other is older than its rhythm allows.
        delivered(&town, batch(1, "resident", "2026-03-01", good(), true)).await;
        delivered(&town, batch(2, "bill", "2025-06-01", good(), true)).await;
        for one in data(&town, case).await {
            assert_eq!(none(&one), [("户籍人口", "2026-03-01".to_owned())]);
            let [(name, why)] = unknown(&one)[..] else {
                panic!("{one:?}")
            };
            assert_eq!(name, "医疗费用");
            assert!(why.contains("过时"), "{why}");
        }
        // A row of the mother's was set back: what it said nobody knows.
        let gap = async |tx: &mut Tx| {
            let whose = ["990482194803150023".parse().unwrap()].into();
            tx.put_gaps(DataBatchId(1), &slug("resident"), &whose).await
        };
        town.app.db().write(gap).await.unwrap();
        let [mum, son] = data(&town, case).await;
        assert!(none(&mum).is_empty() && none(&son).len() == 1);
        let told = unknown(&mum);
        let back = told.iter().find(|one| one.0 == "户籍人口").unwrap();
        assert!(back.1.contains("退回"), "{mum:?}");
        // Beside a record that is there, it is said with it.
        put(&town, 1, ("resident", "R1")).await;
        let [mum, _] = data(&town, case).await;
        assert_eq!(held(&mum), [("resident", 1, true)]);
    })
    .await;
}

#[tokio::test]
async fn n03_how_much_is_locked_tells_nothing_of_a_person() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = town.submitted(1, 1).await;
        let before = data(&town, case).await.map(|one| one.locked);
        delivered(&town, batch(3, "savings", "2026-03-01", good(), true)).await;
        put(&town, 3, ("savings", "S1")).await;
        let [mum, son] = data(&town, case).await;
        assert_eq!(
            [mum.locked, son.locked],
            before,
            "the mother has an account"
        );
        assert_eq!(before, [1, 1]);
        assert!(mum.held.is_empty() && mum.unknown.len() == 2, "{mum:?}");
    })
    .await;
}

#[tokio::test]
async fn n02_the_whole_picture_says_who_ruled_what_and_nothing_of_what_is_locked() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = town.submitted(1, 1).await;
        for (id, category) in [(1, "resident"), (2, "bill"), (3, "savings")] {
            delivered(&town, batch(id, category, "2026-03-01", good(), true)).await;
        }
        put(&town, 1, ("resident", "R1")).await;
        put(&town, 2, ("bill", "B1")).await;
        put(&town, 3, ("savings", "S1")).await;
        let same = "same = [\"resident.birth\", \"resident.birth\"]";
        let app = town.under(same, "not_both = [\"resident\", \"bill\"]");
        let town_ = town.moved_to(&app);
        app.look_for_contradictions().await.unwrap();
        let told = page(&town_, case).await.contradictions;
        let [one] = &told[..] else { panic!("{told:?}") };
        assert!(one.ruling.is_none());
        let sides = [one.left.as_str(), one.right.as_str()];
        assert_eq!(sides, ["公安局的户籍人口", "公安局的医疗费用"]);
        let ctx = || Context {
            purpose: Purpose::Discovery,
            ..town_.by(county(), None)
        };
        let (place, rule): (RegionCode, _) = ("990101".parse().unwrap(), slug("two_births"));
        let desk = app.contradiction_desk(&ctx(), place, Some(&rule)).await;
        let key = desk.unwrap().1[0].key.clone();
        let says = async |right, reason: &str| {
            let (ctx, found) = (ctx(), (right, reason));
            let ruled = app.rule_contradiction(&ctx, place, (&rule, &key), found);
            ruled.await.unwrap();
        };
        says(Some(RightSide::Left), "看了户口本，户籍对").await;
        let told = page(&town_, case).await.contradictions;
        let [one] = &told[..] else { panic!("{told:?}") };
        let ruling = one.ruling.as_ref().unwrap();
        assert_eq!(
            (ruling.says, ruling.reason.as_str(), ruling.by),
            ("前一个对", "看了户口本，户籍对", "县级审核确认人")
        );
        says(None, "户口本是旧的，撤回").await;
        let open = page(&town_, case).await.contradictions;
        assert!(open.len() == 1 && open[0].ruling.is_none(), "taken back");
        // With an account on one side, even that it stands would tell of the account.
        let app = town.under(same, "not_both = [\"resident\", \"savings\"]");
        let town_ = town.moved_to(&app);
        app.look_for_contradictions().await.unwrap();
        let stands = async |tx: &mut Tx| tx.contradictions_about(MUM).await;
        let stands = app.db().read(stands).await.unwrap();
        assert!(
            stands
                .iter()
                .any(|one| one.right.category == slug("savings"))
        );
        assert!(page(&town_, case).await.contradictions.is_empty());
    })
    .await;
}
