//! A joint case: our own service becomes a case of its own, its decision comes back
//! by itself; nobody answers past it.

use super::town::*;
use crate::App;
use crate::case::Ruling;
use crate::case::file::Written;
use engine_case::*;
use kernel::*;
use store::testing::both;

/// A joint case, submitted and accepted; the household asked for these by name.
async fn accepted(town: &Town, wanted: &[&str]) -> CaseId {
    let joint = town.open("together").await;
    let mut answers = vec![wage(MUM, 3000), wage(SON, 0)];
    answers.extend(wanted.iter().map(|service| Answer {
        field: slug(service),
        about: None,
        value: AnswerValue::Bool(true),
        source: AnswerSource::Person,
    }));
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
    joint
}

async fn checked(town: &Town, joint: CaseId) {
    town.act(super::town::town(), joint, start_check()).await;
    town.act(system(), joint, finish_check()).await;
}

async fn take(town: &Town, by: Actor, case: CaseId, offer: &str, fields: &[(&str, &str)]) {
    let written: Written = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()]))
        .collect();
    let context = town.by(by, Some(case));
    let taken = town.app.take_offer(&context, case, offer, &written).await;
    taken.unwrap_or_else(|why| panic!("{offer}: {why}"));
}

async fn offers(town: &Town, by: Actor, case: CaseId) -> Vec<String> {
    let context = town.by(by, Some(case));
    let file = town.app.case_file(&context, case).await.unwrap();
    file.offers.into_iter().map(|one| one.id).collect()
}

#[tokio::test]
async fn a_part_is_opened_worked_and_refused_with_all_its_safeguards() {
    both(async |db| {
        let town = Town::new(db).await;
        let joint = accepted(&town, &["living"]).await;
        let context = town.by(super::town::town(), Some(joint));
        let file = town.app.case_file(&context, joint).await.unwrap();
        let shown: Vec<_> = file.parts.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(shown, ["living", "hukou"], "what was asked for comes first");
        let living = &file.parts[0];
        assert!(living.wanted && living.opens && !living.answers && living.due.is_some());
        assert!(file.parts[1].answers && !file.parts[1].opens);

        take(&town, super::town::town(), joint, "open_part.living", &[]).await;
        let child = town.case(joint).await.parts[&slug("living")].case.unwrap();
        let context = town.by(super::town::town(), Some(child));
        let file = town.app.case_file(&context, child).await.unwrap();
        assert_eq!(file.part_of.map(|one| one.case), Some(joint));
        let own = town.case(child).await;
        assert_eq!(
            own.answers.len(),
            3,
            "what was said once is not asked again"
        );
        let before = offers(&town, super::town::town(), joint).await;
        assert!(
            !before.iter().any(|one| one.ends_with(".living")),
            "{before:?}"
        );

        take(&town, super::town::town(), child, "accept", &[]).await;
        let early = offers(&town, super::town::town(), child).await;
        assert!(
            !early.contains(&"take_over".to_owned()),
            "nothing is verified yet"
        );
        checked(&town, joint).await;
        let now = offers(&town, super::town::town(), child).await;
        assert!(now.contains(&"take_over".to_owned()), "{now:?}");
        assert!(!now.contains(&"authorise".to_owned()), "{now:?}");
        take(&town, super::town::town(), child, "take_over", &[]).await;

        town.act(village(), child, survey()).await;
        let shown = vec![
            (slug("applicant"), "试*".to_owned()),
            (slug("members_count"), "2".to_owned()),
        ];
        let step = slug("publicity");
        town.act(village(), child, Act::Publicise { step, shown })
            .await;
        town.on("2026-03-12");
        let step = slug("publicity");
        town.act(system(), child, Act::EndPublicity { step }).await;
        town.judged(child, Some(0)).await;
        // Nobody refuses past the case, by hand or by a department's machine.
        let past = town
            .try_act(
                super::town::town(),
                joint,
                answered("living", PartResult::Refused),
            )
            .await;
        assert!(past.is_err());
        let context = town.by(super::town::town(), Some(child));
        let refuse = || Ruling::refuse("收入超过标准");
        let not_theirs = town.app.decide_case(&context, child, refuse()).await;
        assert!(
            not_theirs.is_err(),
            "the town does not decide what the county does"
        );
        let context = town.by(county(), Some(child));
        town.app
            .decide_case(&context, child, refuse())
            .await
            .unwrap();

        let whole = town.case(joint).await;
        let answer = whole.parts[&slug("living")].answer.clone().unwrap();
        assert_eq!(answer.result, PartResult::Refused);
        assert_eq!(
            answer.remedy,
            ["60 日内申请行政复议", "6 个月内提起行政诉讼"]
        );
        assert!(
            answer.decided_by.contains("county"),
            "{}",
            answer.decided_by
        );
        assert_eq!(answer.reasons, "收入超过标准");
        assert_eq!(answer.basis, "示例办法 第三条");
        assert_eq!(whole.phase, Phase::Handling, "the police have not answered");
        let resident = town.by(mum(), None);
        let told = town.app.case_told(&resident, joint).await.unwrap();
        let part = told
            .parts
            .iter()
            .find(|one| one.case == Some(child))
            .unwrap();
        assert_eq!(part.result, Some(PartResult::Refused));
        let appeal = town.app.case_told(&resident, child).await.unwrap().decision;
        assert!(!appeal.unwrap().remedy.is_empty());
        let written = [
            ("result", "granted"),
            ("decided_by", "公安局 某人"),
            ("document_no", "7"),
            ("answer", "户口在这里"),
            ("basis", "示例办法 第二十条"),
        ];
        take(
            &town,
            super::town::town(),
            joint,
            "answer_part.hukou",
            &written,
        )
        .await;
        assert_eq!(town.case(joint).await.phase, Phase::Completed);
    })
    .await;
}

#[tokio::test]
async fn what_was_asked_for_by_name_is_never_put_aside_by_hand() {
    both(async |db| {
        let town = Town::new(db).await;
        let aside = || answered("living", PartResult::NotApplicable);
        let asked = accepted(&town, &["living"]).await;
        assert!(town.try_act(county(), asked, aside()).await.is_err());
        let unasked = accepted(&town, &[]).await;
        for result in [PartResult::Granted, PartResult::Refused] {
            let tried = town
                .try_act(county(), unasked, answered("living", result))
                .await;
            assert!(tried.is_err(), "{result:?} is decided in its own case");
        }
        town.act(county(), unasked, aside()).await;
    })
    .await;
}

#[tokio::test]
async fn a_joint_case_sends_its_parts_and_combines_the_answers() {
    both(async |db| {
        let town = Town::new(db).await;
        let joint = accepted(&town, &[]).await;
        checked(&town, joint).await;
        let hukou = answered("hukou", PartResult::Granted);
        town.act(super::town::town(), joint, hukou).await;
        let child = opened(&town.app, &town, joint).await;
        assert_eq!(town.case(joint).await.phase, Phase::Handling);
        // Taken back by the household: told to the joint case in the same moment.
        town.act(mum(), child, Act::Withdraw).await;
        let case = town.case(joint).await;
        assert_eq!(case.phase, Phase::Completed);
        assert_eq!(case.combined().not_applicable, [slug("living")]);
        let context = town.by(county(), Some(joint));
        let decided = town.app.decide_case(&context, joint, Ruling::refuse("x"));
        assert!(decided.await.is_err());
    })
    .await;
}

async fn opened(app: &App, town: &Town, joint: CaseId) -> CaseId {
    let context = town.by(super::town::town(), Some(joint));
    let opened = app.open_part(&context, joint, slug("living")).await;
    opened.unwrap().value.case
}

fn answered(part: &str, result: PartResult) -> Act {
    let now: Instant = "2026-03-02T02:00:00Z".parse().unwrap();
    Act::AnswerPart {
        part: slug(part),
        answer: PartAnswer {
            result,
            decided_by: "某局 某人".into(),
            document_no: "1".into(),
            reasons: "符合".into(),
            basis: "某条".into(),
            remedy: vec!["60 日内申请行政复议".into()],
            at: now,
        },
    }
}
