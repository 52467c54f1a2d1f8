//! Who may not: another place, another family, another purpose, a surveyor
//! without a grant, a law that is not the case's.

use super::town::*;
use crate::Context;
use engine_access::Purpose;
use engine_case::*;
use kernel::*;
use store::testing::both;

#[tokio::test]
async fn another_place_family_or_purpose_is_refused() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = town.submitted(900, 0).await;
        let accept = || Act::Accept { tolerate: None };
        for (actor, code) in [
            (elsewhere(), "access.region"),
            (stranger(), "access.role"),
            (system(), "access.role"),
            (village(), "access.role"),
        ] {
            let answer = town.try_act(actor.clone(), case, accept()).await;
            assert_eq!(answer.unwrap_err().refusal_code(), Some(code), "{actor:?}");
        }
        let withdrawn = town.try_act(stranger(), case, Act::Withdraw).await;
        assert_eq!(
            withdrawn.unwrap_err().refusal_code(),
            Some("access.not_own")
        );
        for purpose in [Purpose::Case(CaseId(99)), Purpose::Audit("a".into())] {
            let context = Context {
                purpose,
                ..town.by(super::town::town(), Some(case))
            };
            let answer = town.app.on_case(&context, case, accept()).await;
            assert_eq!(answer.unwrap_err().refusal_code(), Some("access.purpose"));
        }
        let read = town.app.case(&town.by(stranger(), Some(case)), case).await;
        assert_eq!(read.unwrap_err().refusal_code(), Some("access.not_own"));
        let (_, permit) = town
            .app
            .case(&town.by(super::town::town(), Some(case)), case)
            .await
            .unwrap();
        assert_eq!(permit.level, FieldLevel::L4);
        let rows = async move |tx: &mut store::Tx| tx.audit_of(&format!("case:{case}")).await;
        let rows = town.app.db().read(rows).await.unwrap();
        let read = rows.iter().filter(|row| row.action == "case.read");
        assert_eq!(read.count(), 1, "what was refused was not read");
    })
    .await;
}

#[tokio::test]
async fn everyone_who_surveys_needs_the_right_to() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = town.submitted(900, 0).await;
        town.act(super::town::town(), case, Act::Accept { tolerate: None })
            .await;
        let went = |second| Act::Survey {
            step: slug("survey"),
            ways: vec!["入户调查".into()],
            found: "住房一间".into(),
            surveyors: vec![village(), second],
            household: Some(MUM),
        };
        let friend = Actor {
            account: "friend".into(),
            person: Some(PersonId(950)),
            role: Role::VillageWorker,
        };
        let answer = town.try_act(village(), case, went(friend)).await;
        assert_eq!(answer.unwrap_err().refusal_code(), Some("access.region"));
        town.act(village(), case, went(village_two())).await;
    })
    .await;
}

#[tokio::test]
async fn a_key_used_for_another_act_is_refused() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = town.submitted(900, 0).await;
        let context = town.by(super::town::town(), Some(case));
        let accept = Act::Accept { tolerate: None };
        town.app.on_case(&context, case, accept).await.unwrap();
        let answer = town.app.on_case(&context, case, Act::Withdraw).await;
        assert!(matches!(
            answer,
            Err(crate::AppError::Store(store::StoreError::KeyReused))
        ));
    })
    .await;
}

#[tokio::test]
async fn nobody_hands_in_a_judgement_or_a_law() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = town.submitted(900, 0).await;
        let judgement = Judgement {
            verdict: Truth::True,
            certificate: "made up".into(),
            failed: vec![],
            missing: vec![],
            amount: None,
            gives_way: None,
            review_sooner: false,
        };
        let submit = Act::Submit {
            pack: "another".into(),
            version: "1".into(),
            consents: vec![],
        };
        for act in [Act::Judge(judgement), submit] {
            let answer = town.try_act(super::town::town(), case, act).await;
            assert!(matches!(answer, Err(crate::AppError::BadInput(_))));
        }
    })
    .await;
}

#[tokio::test]
async fn a_running_case_stays_under_the_law_it_began_with() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = town.ripe(900, 0).await;
        // The standard rises: a new case gets more, the running one what it began with.
        let newer = town.under("800", "900");
        let context = town.by(system(), Some(case));
        let orphaned = newer.judge_case(&context, case, household(Some(0))).await;
        assert!(
            matches!(orphaned, Err(crate::AppError::Fault(_))),
            "no law, no guess"
        );
        let newer = newer.with_earlier([town.app.law().clone()]);
        newer
            .judge_case(&context, case, household(Some(0)))
            .await
            .unwrap();
        let judgement = town.case(case).await.judgement.unwrap();
        assert_eq!(judgement.amount, Some(Money::from_fen(88_000)));
        // Looked at again after it was granted, it is judged by the law of that day.
        let context = town.by(county(), Some(case));
        let grant = crate::case::Ruling::Grant {
            from: None,
            amount: None,
            reasons: "符合".into(),
        };
        newer.decide_case(&context, case, grant).await.unwrap();
        let context = town.by(system(), Some(case));
        newer
            .judge_case(&context, case, household(Some(0)))
            .await
            .unwrap();
        let judgement = town.case(case).await.judgement.unwrap();
        assert_eq!(judgement.amount, Some(Money::from_fen(108_000)));
    })
    .await;
}

#[tokio::test]
async fn nobody_is_enrolled_in_what_must_be_applied_for() {
    both(async |db| {
        let town = Town::new(db).await;
        let context = town.by(system(), None);
        let enrolled = town.app.open_found(&context, &slug("living"), 5).await;
        assert!(matches!(enrolled, Err(crate::AppError::BadInput(_))));
        // Nor is a case with an authorisation checked without one.
        let case = town.submitted(900, 0).await;
        town.act(super::town::town(), case, Act::Accept { tolerate: None })
            .await;
        let context = town.by(system(), Some(case));
        let checked = town.app.check_found(&context, case).await;
        assert!(matches!(checked, Err(crate::AppError::BadInput(_))));
    })
    .await;
}
