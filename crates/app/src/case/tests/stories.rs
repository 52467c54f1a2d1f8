//! The stories: granted, refused, not known, stopped after a hearing, appealed.

use super::town::*;
use crate::case::{Ruling, SEND};
use engine_case::*;
use kernel::*;
use store::testing::both;

fn grant() -> Ruling {
    Ruling::Grant {
        from: None,
        amount: None,
        reasons: "收入和存款都核对过".into(),
    }
}

async fn waiting(town: &Town, topic: &'static str) -> i64 {
    let read = async move |tx: &mut store::Tx| tx.waiting(topic).await;
    town.app.db().read(read).await.unwrap()
}

#[tokio::test]
async fn a_family_is_granted_what_the_rules_give() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = town.ripe(900, 0).await;
        let judged = town.judged(case, Some(0)).await;
        assert_eq!(judged.stage, "待决定");
        let context = town.by(county(), Some(case));
        let decided = town.app.decide_case(&context, case, grant()).await.unwrap();
        assert_eq!(decided.value.phase, Phase::Granted);
        // the same request again: the same answer, nothing done twice
        let again = town.app.decide_case(&context, case, grant()).await.unwrap();
        assert!(again.repeated);
        assert_eq!(again.value, decided.value);
        let state = town.case(case).await;
        assert_eq!(state.decisions.len(), 1);
        let april = state.granted_in("2026-04".parse().unwrap()).unwrap();
        // (800 − 900 × 80% ÷ 2) × 2
        assert_eq!(april.amount, Some(Money::from_fen(88_000)));
        assert_eq!(state.granted_in("2026-03".parse().unwrap()), None);
        assert_eq!(
            town.notices(case).await.last().unwrap(),
            "试甲，从 2026 年 4 月 起每月 880.00 元。（800 元 − 360 元）× 2 人 人"
        );
        assert_eq!(waiting(&town, SEND).await, 1);
        // certificate and audit stand behind it
        let certificate = state.decisions[0].certificate.clone().unwrap();
        let kept = async move |tx: &mut store::Tx| {
            let rows = tx.audit_of(&format!("case:{case}")).await?;
            Ok::<_, store::StoreError>((tx.certificate(&certificate).await?, rows))
        };
        let (certificate, rows) = town.app.db().read(kept).await.unwrap();
        assert!(certificate.unwrap().judgement.amount.is_some());
        assert_eq!(rows.last().unwrap().action, "case.decide");
        assert_eq!(rows.len(), 11, "one row for each act");
        town.act(system(), case, Act::StartPaying).await;
    })
    .await;
}

#[tokio::test]
async fn a_grant_begins_when_the_service_says() {
    both(async |db| {
        let mut town = Town::new(db).await;
        town.app = town.under(
            "the month after the decision",
            "the month of the application",
        );
        let case = town.ripe(900, 0).await;
        town.judged(case, Some(0)).await;
        town.on("2026-04-01");
        let context = town.by(county(), Some(case));
        town.app.decide_case(&context, case, grant()).await.unwrap();
        let state = town.case(case).await;
        // Asked for in March, decided in April: March is owed too, February is not.
        let granted = |month: &str| state.granted_in(month.parse().unwrap()).is_some();
        assert_eq!(
            ["2026-02", "2026-03", "2026-04"].map(granted),
            [false, true, true]
        );
        let told = town.notices(case).await;
        assert!(
            told.last().unwrap().contains("从 2026 年 3 月 起"),
            "{told:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_refusal_carries_rule_evidence_reasons_and_remedy() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = town.ripe(3000, 0).await;
        town.judged(case, Some(0)).await;
        let context = town.by(county(), Some(case));
        let granted = town.app.decide_case(&context, case, grant()).await;
        assert_eq!(
            granted.unwrap_err().refusal_code(),
            Some("case.against_judgement")
        );
        let context = town.by(county(), Some(case));
        let blank = town
            .app
            .decide_case(&context, case, Ruling::refuse(" "))
            .await;
        assert_eq!(
            blank.unwrap_err().refusal_code(),
            Some("case.adverse_incomplete")
        );
        let context = town.by(county(), Some(case));
        let refuse = Ruling::refuse("工资单与税务数据一致，收入超过标准");
        let refused = town.app.decide_case(&context, case, refuse).await.unwrap();
        assert_eq!(refused.value.phase, Phase::Refused);
        let state = town.case(case).await;
        let draft = state.decision().unwrap().adverse().unwrap().draft().clone();
        assert_eq!(draft.rules.len(), 1);
        assert_eq!(draft.rules[0].rule, slug("income"));
        assert_eq!(draft.rules[0].basis, "示例办法 第三条");
        let sources: Vec<_> = draft.evidence.iter().map(|e| e.source.as_str()).collect();
        assert!(sources.contains(&"本人填写"), "{sources:?}");
        assert!(draft.evidence.iter().any(|e| e.reference == "S-1"));
        let notice = town.notices(case).await.pop().unwrap();
        assert!(
            notice.contains("1,200 元/人·月") || notice.contains("1200"),
            "{notice}"
        );
        assert!(notice.contains("60 日内申请行政复议"), "{notice}");
    })
    .await;
}

#[tokio::test]
async fn what_is_not_known_is_neither_granted_nor_refused() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = town.ripe(900, 0).await;
        town.judged(case, None).await;
        for ruling in [grant(), Ruling::refuse("银行没有答复")] {
            let context = town.by(county(), Some(case));
            let decided = town.app.decide_case(&context, case, ruling).await;
            let code = decided.unwrap_err().refusal_code();
            assert_eq!(code, Some("case.undetermined"));
        }
        assert_eq!(town.case(case).await.phase, Phase::Handling);
        // an officer establishes the fact; judged again, it is known
        let answer = |person| Answer {
            field: slug("savings"),
            about: Some(person),
            value: AnswerValue::Money(Money::ZERO),
            source: AnswerSource::Officer {
                how: "银行柜台打印流水".into(),
            },
        };
        let answers = vec![answer(MUM), answer(SON)];
        town.act(town_officer(), case, Act::Establish { answers })
            .await;
        town.on("2026-03-13");
        town.judged(case, None).await;
        let context = town.by(county(), Some(case));
        town.app.decide_case(&context, case, grant()).await.unwrap();
    })
    .await;
}

fn town_officer() -> Actor {
    super::town::town()
}

#[tokio::test]
async fn a32_a_stop_is_heard_first_and_an_appeal_pauses_it() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = town.ripe(900, 0).await;
        town.judged(case, Some(0)).await;
        let context = town.by(county(), Some(case));
        town.app.decide_case(&context, case, grant()).await.unwrap();
        town.act(system(), case, Act::StartPaying).await;
        town.on("2026-05-06");
        let answers = vec![Answer {
            source: AnswerSource::Officer {
                how: "税务数据".into(),
            },
            ..wage(MUM, 3000)
        }];
        town.act(town_officer(), case, Act::Establish { answers })
            .await;
        town.judged(case, Some(0)).await;
        let stop = || Ruling::stop("找到了长期工作", 0);
        let context = town.by(county(), Some(case));
        let unheard = town.app.decide_case(&context, case, stop()).await;
        assert_eq!(unheard.unwrap_err().refusal_code(), Some("case.not_heard"));
        let context = town.by(county(), Some(case));
        town.app.intend(&context, case, stop()).await.unwrap();
        let told = town.notices(case).await.pop().unwrap();
        assert!(told.contains("先听您说"), "{told}");
        let on = "2026-05-06".parse().unwrap();
        let how = "当面送达".to_owned();
        town.act(town_officer(), case, Act::ServeIntent { on, how })
            .await;
        let points = vec!["这份工作月底就结束".to_owned()];
        let finished = true;
        town.act(mum(), case, Act::Speak { points, finished }).await;
        let answer = Act::AnswerPoint {
            point: 0,
            text: "合同写的是一年".into(),
            accepted: false,
        };
        town.act(county(), case, answer).await;
        let context = town.by(county(), Some(case));
        let stopped = town.app.decide_case(&context, case, stop()).await.unwrap();
        assert_eq!(stopped.value.phase, Phase::Stopped);
        let decision = stopped.value.decision.unwrap();
        let june: Period = "2026-06".parse().unwrap();
        assert!(town.case(case).await.granted_in(june).is_none());
        let appeal = Act::Appeal {
            decision,
            way: AppealWay::Reconsideration,
            filed_on: "2026-05-06".parse().unwrap(),
        };
        let paused = town.act(mum(), case, appeal).await;
        assert_eq!(paused.phase, Phase::Paying);
        assert!(town.case(case).await.granted_in(june).is_some());
    })
    .await;
}

#[tokio::test]
async fn a_refused_act_leaves_nothing_behind() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = town.submitted(900, 0).await;
        let before = (town.case(case).await, town.notices(case).await);
        let early = town.try_act(village(), case, survey()).await;
        assert_eq!(
            early.unwrap_err().refusal_code(),
            Some("case.step_not_open")
        );
        assert_eq!((town.case(case).await, town.notices(case).await), before);
        // the number a refused opening took is given again
        let again = town.open("living").await;
        assert_eq!(again, CaseId(case.0 + 1));
    })
    .await;
}

#[tokio::test]
async fn the_history_folds_to_the_state_that_was_kept() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = town.ripe(900, 0).await;
        let context = town.by(county(), Some(case));
        let history = town.app.case_history(&context, case).await.unwrap();
        let mut folded = Case::default();
        history.iter().for_each(|one| folded.apply(&one.event));
        assert_eq!(folded, town.case(case).await);
    })
    .await;
}

#[tokio::test]
async fn a32_the_calendar_ends_publicity_review_and_phase_out_by_itself() {
    both(async |db| {
        let town = Town::new(db).await;
        let place: RegionCode = "990101".parse().unwrap();
        let case = town.submitted(900, 0).await;
        town.act(town_officer(), case, Act::Accept { tolerate: None })
            .await;
        town.act(town_officer(), case, start_check()).await;
        town.act(system(), case, finish_check()).await;
        town.act(village(), case, survey()).await;
        let shown = vec![(slug("applicant"), "试*".to_owned())];
        let step = slug("publicity");
        town.act(village(), case, Act::Publicise { step, shown })
            .await;
        town.on("2026-03-09");
        let nothing = town.app.tick_cases(place).await.unwrap();
        assert_eq!(nothing, Default::default());
        town.on("2026-03-10");
        assert_eq!(town.app.tick_cases(place).await.unwrap().publicities, 1);
        assert_eq!(town.app.tick_cases(place).await.unwrap(), nothing);
        town.judged(case, Some(0)).await;
        let context = town.by(county(), Some(case));
        town.app.decide_case(&context, case, grant()).await.unwrap();
        town.act(system(), case, Act::StartPaying).await;
        // the pack's phase-out of two months, decided and heard in April
        town.on("2026-04-01");
        let answers = vec![Answer {
            source: AnswerSource::Officer {
                how: "税务".into()
            },
            ..wage(MUM, 3000)
        }];
        town.act(town_officer(), case, Act::Establish { answers })
            .await;
        town.judged(case, Some(0)).await;
        let stop = || Ruling::stop("找到了工作", 2);
        let context = town.by(county(), Some(case));
        town.app.intend(&context, case, stop()).await.unwrap();
        let on = "2026-04-01".parse().unwrap();
        let how = "当面送达".to_owned();
        town.act(town_officer(), case, Act::ServeIntent { on, how })
            .await;
        town.act(mum(), case, Act::Waive).await;
        let context = town.by(county(), Some(case));
        let stopped = town.app.decide_case(&context, case, stop()).await.unwrap();
        assert_eq!(stopped.value.phase, Phase::PhaseOut);
        town.on("2026-06-30");
        assert_eq!(town.app.tick_cases(place).await.unwrap(), nothing);
        town.on("2026-07-01");
        assert_eq!(town.app.tick_cases(place).await.unwrap().phase_outs, 1);
        assert_eq!(town.case(case).await.phase, Phase::Stopped);
    })
    .await;
}
