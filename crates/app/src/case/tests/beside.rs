//! Benefits that exclude each other: the weaker now, the stronger later, never both.

use super::town::*;
use crate::case::Ruling;
use engine_case::*;
use kernel::*;
use store::testing::both;

fn grant() -> Ruling {
    Ruling::Grant {
        from: None,
        amount: None,
        reasons: "核对过".into(),
    }
}

/// A case of the weaker service, judged.
async fn weaker(town: &Town, savings: Option<i64>) -> CaseId {
    let case = town.open("near").await;
    let (answers, papers) = (vec![wage(MUM, 900), wage(SON, 0)], Vec::new());
    town.act(mum(), case, Act::Fill { answers, papers }).await;
    let context = town.by(mum(), Some(case));
    town.app
        .submit_case(&context, case, Vec::new())
        .await
        .unwrap();
    town.act(super::town::town(), case, Act::Accept { tolerate: None })
        .await;
    town.judged(case, savings).await;
    case
}

#[tokio::test]
async fn the_weaker_is_given_while_the_stronger_is_unknown_and_gives_way_later() {
    both(async |db| {
        let town = Town::new(db).await;
        let near = weaker(&town, None).await;
        let context = town.by(county(), Some(near));
        town.app.decide_case(&context, near, grant()).await.unwrap();
        let told = town.notices(near).await.pop().unwrap();
        assert!(told.contains("还没查清：先认定"), "{told}");
        let review = town.case(near).await.judgement;
        assert!(review.is_none(), "the decision used it up");

        let living = town.ripe(900, 0).await;
        town.judged(living, Some(0)).await;
        let context = town.by(county(), Some(living));
        let decided = town.app.decide_case(&context, living, grant()).await;
        assert_eq!(decided.unwrap().value.phase, Phase::Granted);
        let told = town.notices(living).await.pop().unwrap();
        assert!(told.contains("原来的边缘认定到那时并过来"), "{told}");
        let after = town.case(near).await;
        assert_eq!(after.phase, Phase::Stopped);
        let month = |text: &str| text.parse::<Period>().unwrap();
        assert!(after.granted_in(month("2026-04")).is_none());
        assert!(
            town.case(living)
                .await
                .granted_in(month("2026-04"))
                .is_some()
        );
        // The same request again: nothing gives way twice.
        let again = town
            .app
            .decide_case(&context, living, grant())
            .await
            .unwrap();
        assert!(again.repeated);
    })
    .await;
}

#[tokio::test]
async fn an_excluded_grant_is_refused_with_its_article() {
    both(async |db| {
        let town = Town::new(db).await;
        // The stronger is owed: the weaker is not given, and says why.
        let near = weaker(&town, Some(0)).await;
        let context = town.by(county(), Some(near));
        let refused = town.app.decide_case(&context, near, grant()).await;
        let Err(crate::AppError::Refused(refused)) = refused else {
            panic!("granted beside what excludes it");
        };
        assert_eq!(refused.code, "case.gives_way");
        assert_eq!(refused.article.as_deref(), Some("示例办法 第十二条"));
        assert_eq!(refused.says, "够基本生活补助，请办那一项");
        let certificate = town.app.certificate_of(&context, near).await.unwrap();
        assert_eq!(certificate.replay(&town.app.law().judge).unwrap(), []);
        // The stronger stands already, whatever the facts at hand say.
        let living = town.ripe(900, 0).await;
        town.judged(living, Some(0)).await;
        let context = town.by(county(), Some(living));
        town.app
            .decide_case(&context, living, grant())
            .await
            .unwrap();
        for (service, code, article) in [
            ("near", "case.held", Some("示例办法 第十二条")),
            ("living", "case.held", None),
        ] {
            let case = match service {
                "near" => weaker(&town, None).await,
                _ => {
                    town.on("2026-03-02");
                    let case = town.ripe(900, 0).await;
                    town.judged(case, Some(0)).await;
                    case
                }
            };
            let context = town.by(county(), Some(case));
            let refused = town.app.decide_case(&context, case, grant()).await;
            let Err(crate::AppError::Refused(refused)) = refused else {
                panic!("{service}: granted twice");
            };
            assert_eq!(refused.code, code, "{service}");
            assert_eq!(refused.article.as_deref(), article, "{service}");
            // Whoever meets every condition of the weaker is refused it by that rule alone.
            let context = town.by(county(), Some(case));
            let refuse = Ruling::refuse("已经在享受基本生活补助");
            let intended = town.app.intend(&context, case, refuse).await;
            match article {
                Some(article) => {
                    intended.unwrap();
                    let intent = town.case(case).await.intent.unwrap();
                    let told: Vec<_> = intent.draft.rules.iter().map(|r| &r.basis[..]).collect();
                    assert_eq!(told, [article]);
                }
                None => assert!(intended.is_err(), "a rule is wanted"),
            }
        }
    })
    .await;
}
