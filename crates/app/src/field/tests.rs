//! Surveys on both databases: two people, two accounts, one text; and who must not.

use super::*;
use crate::AppError;
use crate::case::tests::town::*;
use engine_case::{Act, Phase};
use kernel::{Actor, CaseId};
use store::testing::both;

fn notes(found: &str, over: i64) -> SurveyNotes {
    SurveyNotes {
        ways: vec!["入户调查".into(), "不在表上的办法".into()],
        found: found.into(),
        household: Some(MUM),
        over,
    }
}

async fn accepted(town: &Town) -> CaseId {
    let case = town.submitted(900, 0).await;
    let officer = crate::case::tests::town::town();
    town.act(officer, case, Act::Accept { tolerate: None })
        .await;
    case
}

impl Town {
    async fn writes(&self, who: Actor, case: CaseId, notes: SurveyNotes) -> Result<SurveySigned> {
        let ctx = self.by(who, Some(case));
        let step = slug("survey");
        let done = self.app.write_survey(&ctx, case, &step, notes).await?;
        Ok(done.value)
    }

    async fn signs(&self, who: Actor, case: CaseId, version: i64) -> Result<SurveySigned> {
        let ctx = self.by(who, Some(case));
        let step = slug("survey");
        let done = self.app.sign_survey(&ctx, case, &step, version).await?;
        Ok(done.value)
    }

    async fn looks(&self, who: Actor, case: CaseId) -> Result<SurveyPage> {
        let ctx = self.by(who, Some(case));
        self.app.survey_page(&ctx, case, &slug("survey")).await
    }
}

fn says(outcome: Result<SurveySigned>, words: &str) {
    match outcome {
        Err(AppError::BadInput(told)) => assert!(told.contains(words), "{told}"),
        other => panic!("{words}: {other:?}"),
    }
}

#[tokio::test]
async fn two_people_sign_the_same_words_with_their_own_accounts() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = accepted(&town).await;
        let one = town.writes(village(), case, notes("一间房", 0)).await;
        assert_eq!(one.unwrap().waits_for, 1);
        assert!(town.case(case).await.surveys.is_empty());
        says(town.signs(village(), case, 1).await, "自己的账号签");
        let seen = town.looks(village_two(), case).await.unwrap();
        let view = seen.written.clone().unwrap();
        assert_eq!((view.notes.found.as_str(), view.mine), ("一间房", false));
        assert_eq!(view.notes.ways, ["入户调查"]);
        assert_eq!((seen.waits_for(), view.notes.over), (1, 1));
        assert_eq!(seen.mobile.as_deref(), Some("19900000000"));
        // The first one mends a word: what the second read is no longer what stands.
        town.writes(village(), case, notes("两间房", 1))
            .await
            .unwrap();
        says(town.signs(village_two(), case, 1).await, "刚才改过");
        let two = town.signs(village_two(), case, 2).await.unwrap();
        assert_eq!(two.waits_for, 0);
        let state = town.case(case).await;
        let report = &state.surveys[0];
        assert_eq!(report.found, "两间房");
        let people: Vec<_> = report.surveyors.iter().map(|one| one.account()).collect();
        assert_eq!(people, ["village", "village2"]);
        assert_eq!(report.household, Some(MUM));
        assert!(!town.looks(village(), case).await.unwrap().open);
        let late = town.writes(village(), case, notes("三间房", 2)).await;
        assert_eq!(late.unwrap_err().refusal_code(), Some("case.step_not_open"));
    })
    .await;
}

#[tokio::test]
async fn a_colleagues_words_are_not_written_over_unread_and_ones_own_are() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = accepted(&town).await;
        town.writes(village(), case, notes("甲写的", 0))
            .await
            .unwrap();
        says(
            town.writes(village_two(), case, notes("乙写的", 0)).await,
            "同去的人刚才也写了",
        );
        // The line was cut: whether it arrived is not known, and it is sent again.
        town.writes(village(), case, notes("甲又写的", 0))
            .await
            .unwrap();
        // Having read it, the colleague writes it anew; then the first one must sign.
        town.writes(village_two(), case, notes("乙改的", 2))
            .await
            .unwrap();
        let visits = town.by(village(), None);
        let ctx = Context {
            purpose: engine_access::Purpose::Duty,
            ..visits
        };
        let found = town.app.visits(&ctx, "990101001001".parse().unwrap()).await;
        let found = found.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].standing, VisitStanding::ToSign);
        let ctx = town.by(village(), Some(case));
        let step = slug("survey");
        let first = town.app.sign_survey(&ctx, case, &step, 3).await.unwrap();
        let again = town.app.sign_survey(&ctx, case, &step, 3).await.unwrap();
        assert!(!first.repeated && again.repeated);
        let state = town.case(case).await;
        assert_eq!(state.surveys.len(), 1, "sent twice, done once");
        assert_eq!(state.phase, Phase::Handling);
    })
    .await;
}

#[tokio::test]
async fn what_is_missing_is_said_and_who_may_not_survey_reads_nothing() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = accepted(&town).await;
        let blank = |found: &str, way: &str, household| SurveyNotes {
            ways: vec![way.to_owned()],
            household,
            ..notes(found, 0)
        };
        for (bad, words) in [
            (blank("  ", "入户调查", Some(MUM)), "看到了什么"),
            (blank("看了", "没有这种", Some(MUM)), "怎样调查"),
            (blank("看了", "入户调查", None), "谁签的字"),
            (blank(&"字".repeat(4001), "入户调查", Some(MUM)), "太长"),
        ] {
            says(town.writes(village(), case, bad).await, words);
        }
        for (who, code) in [
            (mum(), "access.role"),
            (stranger(), "access.not_own"),
            (elsewhere(), "access.region"),
        ] {
            let written = town.writes(who.clone(), case, notes("看了", 0)).await;
            assert!(written.unwrap_err().refusal_code().is_some());
            let seen = town.looks(who, case).await;
            assert_eq!(seen.unwrap_err().refusal_code(), Some(code));
        }
        let stranger_signs = {
            // Somebody of the household's own signs for it, nobody else.
            let bad = blank("看了", "入户调查", Some(kernel::PersonId(77)));
            town.writes(village(), case, bad).await.unwrap();
            town.signs(village_two(), case, 1).await
        };
        let code = stranger_signs.unwrap_err();
        assert_eq!(code.refusal_code(), Some("case.household_unsigned"));
        assert!(town.case(case).await.surveys.is_empty());
    })
    .await;
}
