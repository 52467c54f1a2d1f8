//! After the decision: review, reduction, phase-out, giving up, appeal, revision.

use super::world::*;
use crate::*;
use kernel::*;

fn month(text: &str) -> Period {
    text.parse().unwrap()
}

/// Intends, serves and lets the household waive, then decides.
fn heard(world: &mut World, id: i64, draft: AdverseDraft) {
    let today = world.now.today().to_string();
    world.does(county(), Act::Intend(draft.clone()));
    world.does(county(), served(&today));
    world.does(citizen(), Act::Waive);
    world.does(county(), adverse(id, draft));
}

#[test]
fn a_review_falls_due_and_changes_nothing_without_facts() {
    let mut world = World::new(dibao(), "2026-09-01");
    world.paying();
    let due: Date = "2027-09-10".parse().unwrap();
    assert_eq!(world.case.review_on(), Some(due));
    world.on("2027-09-09");
    assert_eq!(
        world.act(system(), Act::FallDue),
        Err(Refusal::TooEarly(due))
    );
    world.on("2027-09-10").does(system(), Act::FallDue);
    let keep = || Act::Decide {
        decision: DecisionId(2),
        proposal: Proposal::Keep {
            reasons: "情况没有变化".into(),
        },
    };
    // The pack's rule finds that this household is looked at sooner from now on.
    let sooner = Judgement {
        review_sooner: true,
        ..judgement(Truth::Undetermined)
    };
    world.does(system(), Act::Judge(sooner));
    assert_eq!(
        world.act(county(), keep()),
        Err(Refusal::StepNotDone("核对".into()))
    );
    world.checked().does(village(), survey());
    world.does(county(), keep());
    assert_eq!(world.case.phase, Phase::Paying);
    assert_eq!(world.case.review_on(), Some("2028-03-10".parse().unwrap()));
    assert!(world.case.granted_in(month("2028-01")).is_some());
}

#[test]
fn a07_a_review_called_before_its_day_opens_the_checks_again_and_pays_on() {
    let mut world = World::new(dibao(), "2026-09-01");
    world.paying().on("2026-11-02");
    let call = |reasons: &str| Act::CallReview {
        reasons: reasons.into(),
    };
    // A person must say so, with a reason, and not of their own household.
    assert_eq!(world.act(system(), call("变了")), Err(Refusal::NotAPerson));
    assert_eq!(world.act(citizen(), call("变了")), Err(Refusal::NotAPerson));
    let blank = Err(Refusal::Blank("为什么要复核"));
    assert_eq!(world.act(village(), call(" ")), blank);
    let paid = world.case.latest();
    world.does(village(), call("儿子找到工作了"));
    assert_eq!(world.case.phase, Phase::ReviewDue);
    assert_eq!(world.case.latest(), paid, "nothing changes by it");
    assert!(world.case.granted_in(month("2026-12")).is_some());
    let again = world.act(village(), call("儿子找到工作了"));
    assert!(matches!(again, Err(Refusal::WrongPhase { .. })));
    // A person ends it, after the checks, as any other review.
    let keep = || Act::Decide {
        decision: DecisionId(2),
        proposal: Proposal::Keep {
            reasons: "情况没有变化".into(),
        },
    };
    world.does(system(), Act::Judge(judgement(Truth::True)));
    let open = Err(Refusal::StepNotDone("核对".into()));
    assert_eq!(world.act(county(), keep()), open);
    world.checked().does(village(), survey());
    world.does(county(), keep());
    assert_eq!(world.case.phase, Phase::Paying);
}

#[test]
fn a_reduction_starts_where_it_says() {
    let mut world = World::new(dibao(), "2026-09-01");
    world
        .paying()
        .on("2026-11-02")
        .does(system(), judged_amount(50_000));
    let less = Act::Decide {
        decision: DecisionId(2),
        proposal: grant(50_000),
    };
    assert!(matches!(
        world.act(county(), less),
        Err(Refusal::WrongAmount(_))
    ));
    heard(&mut world, 2, draft(AdverseKind::Reduce));
    let fen = |period| world.case.granted_in(month(period)).and_then(|s| s.amount);
    assert_eq!(fen("2026-11"), Some(Money::from_fen(82_000)));
    assert_eq!(fen("2026-12"), Some(Money::from_fen(50_000)));
    assert_eq!(world.case.decision().unwrap().replaces, Some(DecisionId(1)));
}

#[test]
fn a32_phase_out_ends_automatically_as_the_signed_decision_says() {
    let mut world = World::new(dibao(), "2026-09-01");
    world
        .paying()
        .on("2026-11-02")
        .does(system(), judged(Truth::False));
    let long = AdverseDraft {
        phase_out_months: 13,
        ..draft(AdverseKind::Stop)
    };
    assert!(matches!(
        world.act(county(), Act::Intend(long)),
        Err(Refusal::WrongAmount(_))
    ));
    let stop = AdverseDraft {
        phase_out_months: 6,
        ..draft(AdverseKind::Stop)
    };
    heard(&mut world, 2, stop);
    assert_eq!(world.case.phase, Phase::PhaseOut);
    assert!(world.case.granted_in(month("2027-05")).is_some());
    assert!(world.case.granted_in(month("2027-06")).is_none());
    world.on("2027-05-31");
    let too_early = Refusal::TooEarly("2027-06-01".parse().unwrap());
    assert_eq!(world.act(system(), Act::EndPhaseOut), Err(too_early));
    world.on("2027-06-01").does(system(), Act::EndPhaseOut);
    assert_eq!(world.case.phase, Phase::Stopped);
}

#[test]
fn what_gives_way_is_refused_with_its_article_even_in_favour() {
    let mut world = World::new(dibao(), "2026-09-01");
    world.ripe();
    let gives_way = GivesWay {
        says: "全家都够特困，请办特困".into(),
        basis: "意见（2023）".into(),
    };
    world.does(
        system(),
        Act::Judge(Judgement {
            failed: vec![slug("not_tekun")],
            gives_way: Some(gives_way),
            ..judgement(Truth::False)
        }),
    );
    let refusal = world.act(county(), granted(1)).unwrap_err();
    assert_eq!(refusal.code(), "case.gives_way");
    assert_eq!(refusal.article(), Some("意见（2023）"));
    assert_eq!(refusal.to_string(), "全家都够特困，请办特困");
    assert_eq!(world.case.phase, Phase::Handling);
}

#[test]
fn nothing_is_granted_beside_what_excludes_it_until_that_has_ended() {
    let mut world = World::new(dibao(), "2026-09-01");
    world.ripe().does(system(), judged(Truth::True));
    let held = |until: Option<&str>| Held {
        name: "特困人员救助供养".into(),
        until: until.map(month),
        rule: Some(RuleReference {
            rule: slug("not_tekun"),
            says: "您家正在享受“特困人员救助供养”，两项不能同时享受".into(),
            basis: "意见（2023）".into(),
        }),
    };
    for (until, refused) in [
        (None, true),
        (Some("2026-11"), true),
        (Some("2026-10"), false),
    ] {
        world.held = vec![held(until)];
        let answer = world.would(county(), granted(1));
        assert_eq!(answer.is_err(), refused, "{until:?}");
        if let Err(refusal) = answer {
            assert_eq!(refusal.code(), "case.held");
            assert_eq!(refusal.article(), Some("意见（2023）"));
        }
    }
}

#[test]
fn what_gives_way_ends_in_the_month_the_other_begins() {
    let mut world = World::new(dibao(), "2026-09-01");
    world.paying().on("2026-11-20");
    let give_way = |from: &str| Act::GiveWay {
        to: "特困人员救助供养".into(),
        from: month(from),
        basis: "意见（2023）".into(),
    };
    assert_eq!(
        world.act(system(), give_way("2026-12")),
        Err(Refusal::NotAPerson)
    );
    assert!(world.act(county(), give_way("2026-11")).is_err());
    world.does(county(), give_way("2026-12"));
    assert_eq!(world.case.phase, Phase::Stopped);
    assert!(world.case.granted_in(month("2026-11")).is_some());
    assert!(world.case.granted_in(month("2026-12")).is_none());
}

#[test]
fn giving_up_needs_no_decision_and_pays_to_the_end_of_the_month() {
    let mut world = World::new(dibao(), "2026-09-01");
    world.paying().on("2026-11-20");
    let from = |text| Act::GiveUp { from: month(text) };
    assert!(matches!(
        world.act(citizen(), from("2026-11")),
        Err(Refusal::WrongDay(_))
    ));
    assert!(world.act(stranger(), from("2026-12")).is_err());
    world.does(citizen(), from("2026-12"));
    assert!(world.case.granted_in(month("2026-11")).is_some());
    assert!(world.case.granted_in(month("2026-12")).is_none());
}

fn appeal(id: i64, way: AppealWay, day: &str) -> Act {
    Act::Appeal {
        decision: DecisionId(id),
        way,
        filed_on: day.parse().unwrap(),
    }
}

fn ends(result: AppealResult) -> Act {
    Act::EndAppeal {
        appeal: 0,
        end: AppealEnd {
            result,
            document_no: "复〔2026〕3号".into(),
            says: "结果".into(),
        },
    }
}

#[test]
fn an_appeal_pauses_a_stop_until_it_ends() {
    for (result, phase, paid) in [
        (AppealResult::Upheld, Phase::Stopped, false),
        (AppealResult::Withdrawn, Phase::Stopped, false),
        (AppealResult::Revoked, Phase::Paying, true),
    ] {
        let mut world = World::new(dibao(), "2026-09-01");
        world
            .paying()
            .on("2026-11-02")
            .does(system(), judged(Truth::False));
        heard(&mut world, 2, draft(AdverseKind::Stop));
        let on = "2026-11-02".parse().unwrap();
        let decision = DecisionId(2);
        world.does(town(), Act::ServeDecision { decision, on });
        let december = month("2026-12");
        assert!(world.case.granted_in(december).is_none());
        world.on("2026-12-01");
        let file = appeal(2, AppealWay::Reconsideration, "2026-12-01");
        world.does(citizen(), file.clone());
        assert!(world.act(citizen(), file).is_err());
        assert_eq!(world.case.phase, Phase::Paying);
        assert!(world.case.granted_in(december).is_some(), "filing pauses");
        assert!(!world.case.appeals[0].late);
        world.on("2027-01-20").does(county_two(), ends(result));
        assert_eq!(world.case.phase, phase);
        assert_eq!(world.case.granted_in(december).is_some(), paid);
        assert!(world.act(county_two(), ends(result)).is_err());
    }
}

#[test]
fn a_late_appeal_is_recorded_all_the_same() {
    let mut world = World::new(dibao(), "2026-09-01");
    world.ripe().does(system(), judged(Truth::False));
    world.does(county(), adverse(1, draft(AdverseKind::Refuse)));
    let decision = DecisionId(1);
    let on = "2026-09-10".parse().unwrap();
    world.does(town(), Act::ServeDecision { decision, on });
    world.on("2027-02-01");
    // 60 days ended 2026-11-09; six months end 2027-03-10
    world.does(
        citizen(),
        appeal(1, AppealWay::Reconsideration, "2027-02-01"),
    );
    world.does(citizen(), appeal(1, AppealWay::Litigation, "2027-02-01"));
    assert!(world.case.appeals[0].late);
    assert!(!world.case.appeals[1].late);
    // a refusal took nothing away: nothing to pause
    assert!(!world.case.appeals[0].paused);
}

#[test]
fn a_revoked_refusal_must_be_decided_again() {
    let mut world = World::new(dibao(), "2026-09-01");
    world.ripe().does(system(), judged(Truth::False));
    world.does(county(), adverse(1, draft(AdverseKind::Refuse)));
    world.does(citizen(), appeal(1, AppealWay::Litigation, "2026-09-10"));
    world.does(county_two(), ends(AppealResult::Revoked));
    assert_eq!(world.case.stage(&world.flow), Stage::Deciding);
    world
        .does(system(), judged(Truth::True))
        .does(county_two(), granted(2));
    assert_eq!(world.case.decisions.len(), 2);
    assert!(world.case.decisions[0].revoked);
}

#[test]
fn a_wrong_decision_is_revised_not_rewritten() {
    let mut world = World::new(dibao(), "2026-09-01");
    world.ripe().does(system(), judged(Truth::False));
    world.does(county(), adverse(1, draft(AdverseKind::Refuse)));
    assert_eq!(world.act(county(), granted(2)), Err(Refusal::NotJudged));
    world
        .does(system(), judged(Truth::True))
        .does(county(), granted(2));
    let revisions: Vec<_> = world.case.decisions.iter().map(|d| d.revision).collect();
    assert_eq!(revisions, [1, 2]);
    assert!(world.case.decisions[0].adverse().is_some());
    assert_eq!(world.case.phase, Phase::Granted);
}
