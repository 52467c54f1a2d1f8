//! A joint case: our own service becomes a case of its own, its decision comes back.

use super::town::*;
use crate::case::Ruling;
use engine_case::*;
use kernel::*;
use store::testing::both;

#[tokio::test]
async fn a_joint_case_sends_its_parts_and_combines_the_answers() {
    both(async |db| {
        let town = Town::new(db).await;
        let joint = town.open("together").await;
        let answers = vec![wage(MUM, 3000), wage(SON, 0)];
        let papers = Vec::new();
        town.act(mum(), joint, Act::Fill { answers, papers }).await;
        let context = town.by(mum(), Some(joint));
        let consents = vec![consent(MUM), consent(SON)];
        town.app
            .submit_case(&context, joint, consents)
            .await
            .unwrap();
        town.act(super::town::town(), joint, Act::Accept { tolerate: None })
            .await;
        let parts: Vec<Slug> = town.case(joint).await.parts.keys().cloned().collect();
        assert!(!parts.is_empty());
        for part in parts {
            let own = town.app.law().pack.service(part.as_str()).is_some();
            if !own {
                let answer = answered(&part);
                town.act(super::town::town(), joint, answer).await;
                continue;
            }
            let context = town.by(super::town::town(), Some(joint));
            let opened = town.app.open_part(&context, joint, part.clone()).await;
            let child = opened.unwrap().value.case;
            let said = town.case(child).await.answers;
            assert_eq!(said.len(), 2, "what was said once is not asked again");
            let context = town.by(system(), Some(joint));
            let early = town.app.carry_part(&context, child).await.unwrap();
            assert_eq!(early, None);
            town.act(mum(), child, Act::Withdraw).await;
            let context = town.by(system(), Some(joint));
            let carried = town.app.carry_part(&context, child).await.unwrap();
            assert!(carried.is_some());
        }
        let case = town.case(joint).await;
        assert_eq!(case.phase, Phase::Completed);
        assert_eq!(case.combined().open, Vec::<Slug>::new());
        let context = town.by(county(), Some(joint));
        let decided = town.app.decide_case(&context, joint, Ruling::refuse("x"));
        assert!(decided.await.is_err());
    })
    .await;
}

fn answered(part: &Slug) -> Act {
    let now: Instant = "2026-03-02T02:00:00Z".parse().unwrap();
    Act::AnswerPart {
        part: part.clone(),
        answer: PartAnswer {
            result: PartResult::Granted,
            decided_by: "某局 某人".into(),
            document_no: "1".into(),
            reasons: "符合".into(),
            basis: "某条".into(),
            remedy: vec![],
            at: now,
        },
    }
}
