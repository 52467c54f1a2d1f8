//! The contradiction desk on both databases: both sides with where they come from, a
//! ruling with a reason that makes the right side count again, and its undoing.

use super::*;
use crate::case::tests::town::*;
use crate::pool::tests::{batch, delivered};
use crate::resident::discovered_of;
use crate::{App, AppError};
use engine_access::Purpose;
use engine_policy::{Entry, WhyMissing};
use engine_pool::{QualityReport, Record, Value};
use kernel::{DataBatchId, RegionCode};
use store::StoredRecord;
use store::testing::both;

fn place() -> RegionCode {
    "990101".parse().unwrap()
}

fn record(category: &str, no: &str, as_of: &str, values: &[(&str, Value)]) -> StoredRecord {
    StoredRecord {
        person: Some(MUM),
        record: Record {
            category: slug(category),
            subject: Subject::Person("990482194803150023".parse().unwrap()),
            record_no: no.into(),
            as_of: as_of.parse().unwrap(),
            values: values
                .iter()
                .map(|(id, value)| (slug(id), value.clone()))
                .collect(),
        },
    }
}

/// Whether the mother's birthday counts, or why not.
async fn born(app: &App) -> Result<String, WhyMissing> {
    let law = app.law().clone();
    let read = async move |tx: &mut Tx| {
        let region = VILLAGE.parse().unwrap();
        let day = "2026-03-02".parse().unwrap();
        discovered_of(tx, &law, HOME, region, day).await
    };
    let (_, facts) = app.db().read(read).await.unwrap();
    match facts.members[0].facts.get(&slug("born")) {
        Some(Entry::Known(value, _)) => Ok(format!("{value:?}")),
        Some(Entry::Missing(why)) => Err(why.clone()),
        None => panic!("no birthday"),
    }
}

#[tokio::test]
async fn n02_who_is_right_is_said_by_a_person_with_a_reason_and_can_be_taken_back() {
    both(async |db| {
        let town = Town::new(db).await;
        let same = "same = [\"resident.birth\", \"resident.birth\"]";
        let app = town.under(same, "not_both = [\"resident\", \"bill\"]");
        let town = town.moved_to(&app);
        let good = || QualityReport {
            rows: 1,
            taken: 1,
            ..QualityReport::default()
        };
        delivered(&town, batch(1, "resident", "2026-03-01", good(), true)).await;
        delivered(&town, batch(2, "bill", "2026-03-01", good(), true)).await;
        let birth = Value::Date("1948-03-15".parse().unwrap());
        let state = Value::Code(slug("here"));
        let resident = record(
            "resident",
            "R1",
            "2026-03-01",
            &[("birth", birth), ("state", state)],
        );
        let pay = Value::Money(kernel::Money::from_yuan(90).unwrap());
        let bill = record("bill", "B1", "2026-03-01", &[("self_pay", pay)]);
        let put = async move |tx: &mut Tx| {
            tx.put_records(DataBatchId(1), vec![resident.clone()])
                .await?;
            tx.put_records(DataBatchId(2), vec![bill.clone()]).await
        };
        app.db().write(put).await.unwrap();
        assert_eq!(born(&app).await, Err(WhyMissing::Disputed));
        app.look_for_contradictions().await.unwrap();
        let ctx = |actor| Context {
            purpose: Purpose::Discovery,
            ..town.by(actor, None)
        };
        let rule = slug("two_births");
        let cards = async || {
            let told = app
                .contradiction_desk(&ctx(county()), place(), Some(&rule))
                .await;
            told.unwrap()
        };
        let (groups, shown) = cards().await;
        assert_eq!((groups[0].open, groups[0].settled, shown.len()), (1, 0, 1));
        let card = &shown[0];
        assert_eq!(card.name, "试甲");
        for (side, number) in [(&card.left, 1), (&card.right, 2)] {
            let record = side.record.as_ref().unwrap();
            assert_eq!(record.batch, DataBatchId(number));
            assert_eq!(record.record_no, "****");
        }
        assert_eq!(
            card.right.record.as_ref().unwrap().hidden,
            1,
            "L4 stays hidden"
        );
        let says = async |context: &Context, right, reason: &str| {
            let found = (right, reason);
            app.rule_contradiction(context, place(), (&rule, &card.key), found)
                .await
        };
        let blank = says(&ctx(county()), Some(RightSide::Left), " ").await;
        assert!(matches!(blank, Err(AppError::BadInput(_))));
        let early = says(&ctx(county()), None, "认错了一个").await;
        assert!(
            matches!(early, Err(AppError::BadInput(_))),
            "nothing to take back"
        );
        for who in [village(), mum(), elsewhere()] {
            let refused = says(&ctx(who), Some(RightSide::Left), "我说的算数").await;
            assert!(refused.unwrap_err().refusal_code().is_some());
        }
        let context = ctx(county());
        for _ in 0..2 {
            says(&context, Some(RightSide::Left), "看了户口本，户籍对")
                .await
                .unwrap();
        }
        assert!(born(&app).await.is_ok(), "the right side counts again");
        let (groups, shown) = cards().await;
        assert_eq!((groups[0].open, groups[0].settled), (0, 1));
        let ruling = shown[0].ruling.as_ref().unwrap();
        assert_eq!((ruling.says, ruling.by), ("前一个对", "县级审核确认人"));
        says(&ctx(county()), None, "户口本是旧的，撤回")
            .await
            .unwrap();
        assert_eq!(born(&app).await, Err(WhyMissing::Disputed));
        assert_eq!(cards().await.0[0].open, 1);
        // A ruling is of the records as they stood: a newer one opens the matter again.
        says(&ctx(county()), Some(RightSide::Left), "看了新的户口本")
            .await
            .unwrap();
        assert!(born(&app).await.is_ok());
        let newer = record(
            "bill",
            "B1",
            "2026-03-02",
            &[(
                "self_pay",
                Value::Money(kernel::Money::from_yuan(95).unwrap()),
            )],
        );
        let put =
            async move |tx: &mut Tx| tx.put_records(DataBatchId(2), vec![newer.clone()]).await;
        app.db().write(put).await.unwrap();
        assert_eq!(born(&app).await, Err(WhyMissing::Disputed));
    })
    .await;
}

#[tokio::test]
async fn n02_a_rule_counts_all_its_pairs_and_lists_those_that_wait_first() {
    both(async |db| {
        let town = Town::new(db).await;
        let app = town.under(
            "same = [\"resident.birth\", \"resident.birth\"]",
            "not_both = [\"resident\", \"bill\"]",
        );
        let town = town.moved_to(&app);
        let rule = slug("two_births");
        let side = |category: &str, no: usize| ContradictionSide {
            category: slug(category),
            record_no: format!("{category}-{no}"),
            as_of: "2026-03-01".parse().unwrap(),
            batch: None,
        };
        let found = (0..1_050).map(|no| {
            let found = FoundContradiction {
                rule: rule.clone(),
                says: "两边都有".to_owned(),
                left: side("resident", no),
                right: side("bill", no),
            };
            (OfWhom::Person(MUM), found)
        });
        let (found, now): (Vec<_>, _) = (found.collect(), town.app.now());
        let keep = async move |tx: &mut Tx| {
            tx.keep_contradictions_between(MUM, MUM, &found, now)
                .await?;
            let ruling = engine_pool::contradiction::Ruling {
                right: Some(RightSide::Left),
                reason: "看了户口本".to_owned(),
                by: county(),
            };
            for (whom, one) in found.iter().take(900) {
                tx.keep_ruling(whom, one, &ruling, now).await?;
            }
            Ok::<_, store::StoreError>(())
        };
        town.app.db().write(keep).await.unwrap();
        let ctx = Context {
            purpose: Purpose::Discovery,
            ..town.by(county(), None)
        };
        let told = town.app.contradiction_desk(&ctx, place(), Some(&rule));
        let (groups, cards) = told.await.unwrap();
        assert_eq!((groups[0].open, groups[0].settled), (150, 900));
        assert_eq!(cards.len(), 200);
        assert!(cards[..150].iter().all(|card| card.ruling.is_none()));
    })
    .await;
}
