//! Questions on both databases: read by who may, answered once, with a reason.

use super::*;
use crate::case::tests::town::*;
use engine_access::Purpose;
use kernel::DataBatchId;
use store::testing::both;

async fn asked(town: &Town) {
    let ask = async move |tx: &mut Tx| {
        let now = kernel::Now {
            at: "2026-03-02T02:00:00Z".parse().unwrap(),
        };
        for kind in ["number", "birth"] {
            let question = RegisterQuestion {
                kind: kind.into(),
                person: Some(MUM).filter(|_| kind == "number"),
                category: slug("hukou"),
                record_no: "R1".into(),
                as_of: "2026-03-01".parse().unwrap(),
                batch: DataBatchId(1),
                says: "证件号码对不上".into(),
            };
            assert!(tx.ask_of_register(&question, now).await?);
        }
        Ok::<_, store::StoreError>(())
    };
    town.app.db().write(ask).await.unwrap();
}

fn place() -> RegionCode {
    "990101".parse().unwrap()
}

fn ctx(town: &Town, actor: kernel::Actor) -> Context {
    Context {
        purpose: Purpose::Discovery,
        ..town.by(actor, None)
    }
}

#[tokio::test]
async fn a_question_shows_both_sides_and_is_answered_once_with_a_reason() {
    both(async |db| {
        let town = Town::new(db).await;
        asked(&town).await;
        let open = town
            .app
            .open_questions(&ctx(&town, county()), place())
            .await;
        let open = open.unwrap();
        assert_eq!(open.len(), 1, "about nobody registered: the whole city's");
        let one = open.iter().find(|one| one.name == "试甲").unwrap();
        let number = one.register.iter().find(|(label, _)| label == "证件号码");
        assert_eq!(number.unwrap().1, "****0023", "never whole in a list");
        let settle = async |context: &Context, answer: &str, reason: &str| {
            let done = town
                .app
                .settle_question(context, place(), &one.key, (answer, reason));
            done.await
        };
        for (answer, reason, says) in [
            ("", "查过了", "哪一边对"),
            ("perhaps", "查过了", "哪一边对"),
            ("register", " ", "怎样查清楚"),
        ] {
            match settle(&ctx(&town, county()), answer, reason).await {
                Err(AppError::BadInput(told)) => assert!(told.contains(says), "{told}"),
                other => panic!("{other:?}"),
            }
        }
        let context = ctx(&town, county());
        let first = settle(&context, "register", "看了户口本").await.unwrap();
        let again = settle(&context, "register", "看了户口本").await.unwrap();
        assert!(!first.repeated && again.repeated);
        let late = settle(&ctx(&town, county()), "record", "又看了").await;
        assert!(matches!(late, Err(AppError::BadInput(told)) if told.contains("已经有人")));
        let left = town
            .app
            .open_questions(&ctx(&town, county()), place())
            .await;
        assert!(left.unwrap().is_empty());
        let rows = async |tx: &mut Tx| tx.audit_of(&format!("person:{MUM}")).await;
        let rows = town.app.db().read(rows).await.unwrap();
        let settled = rows.iter().filter(|row| row.action == "register.settle");
        assert_eq!(settled.count(), 1);
        for who in [village(), crate::case::tests::town::town(), mum()] {
            let refused = town
                .app
                .open_questions(&ctx(&town, who.clone()), place())
                .await;
            assert!(refused.unwrap_err().refusal_code().is_some(), "{who:?}");
            let refused = settle(&ctx(&town, who), "record", "我说的").await;
            assert!(refused.unwrap_err().refusal_code().is_some());
        }
    })
    .await;
}
