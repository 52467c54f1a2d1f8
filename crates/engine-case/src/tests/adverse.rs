//! No adverse outcome without signer, rule, evidence, reasons, notice, hearing.

use super::world::*;
use crate::*;
use kernel::*;

#[test]
fn an_adverse_decision_cannot_be_built_incomplete() {
    let whole = draft(AdverseKind::Refuse);
    let signed = Signature::of(&county(), at("2026-09-10").at).unwrap();
    let build = |draft| AdverseDecision::new(draft, signed.clone(), None, false);
    assert!(build(whole.clone()).is_ok());
    type Spoil = fn(&mut AdverseDraft);
    let spoil: [(&str, Spoil); 10] = [
        ("no rule", |d| d.rules.clear()),
        ("rule without article", |d| d.rules[0].basis = " ".into()),
        ("rule without words", |d| d.rules[0].says.clear()),
        ("no evidence", |d| d.evidence.clear()),
        ("evidence without source", |d| d.evidence[0].source.clear()),
        ("no reasons", |d| d.reasons = "　".into()),
        ("no text", |d| d.notice.text.clear()),
        ("no remedy", |d| d.notice.remedy.clear()),
        ("blank remedy", |d| d.notice.remedy[0] = " ".into()),
        ("wrong notice", |d| d.notice.kind = NoticeKind::Granted),
    ];
    for (what, spoil) in spoil {
        let mut spoilt = whole.clone();
        spoil(&mut spoilt);
        let refusal = build(spoilt).unwrap_err();
        assert_eq!(refusal.code(), "case.adverse_incomplete", "{what}");
    }
    for kind in [AdverseKind::Reduce, AdverseKind::Stop, AdverseKind::Recover] {
        assert_eq!(build(draft(kind)), Err(Refusal::NotHeard), "{kind:?}");
    }
    let dead = AdverseDraft {
        cause: Cause::Death,
        ..draft(AdverseKind::Stop)
    };
    assert!(build(dead).is_ok());
}

#[test]
fn no_machine_ever_signs_not_even_from_storage() {
    let now = at("2026-09-10").at;
    for actor in [machine(), system()] {
        assert_eq!(Signature::of(&actor, now), Err(Refusal::NotAPerson));
    }
    // A person behind a machine's role, or a human role with nobody behind it.
    let behind = Actor {
        person: Some(PersonId(4)),
        ..machine()
    };
    let nobody = Actor {
        person: None,
        ..county()
    };
    for actor in [behind, nobody] {
        assert_eq!(Signature::of(&actor, now), Err(Refusal::NotAPerson));
    }
    let signed = Signature::of(&county(), now).unwrap();
    let text = serde_json::to_string(&signed).unwrap();
    assert_eq!(serde_json::from_str::<Signature>(&text).unwrap(), signed);
    for role in ["system", "department_machine"] {
        let forged = text.replace("county_approver", role);
        assert_ne!(forged, text);
        assert!(serde_json::from_str::<Signature>(&forged).is_err());
    }
    let decision = AdverseDecision::new(draft(AdverseKind::Refuse), signed, None, false);
    let text = serde_json::to_string(&decision.unwrap()).unwrap();
    assert!(serde_json::from_str::<AdverseDecision>(&text).is_ok());
    let forged = text.replace("收入超过标准", " ");
    assert!(serde_json::from_str::<AdverseDecision>(&forged).is_err());
}

#[test]
fn who_may_sign_a_decision() {
    let mut flow = dibao();
    flow.steps[2].by = Role::CountyApprover; // surveyed by the deciding office itself
    let mut world = World::new(flow, "2026-09-01");
    world.accepted().checked();
    let act = Act::Survey {
        step: slug("survey"),
        ways: vec!["入户调查".into()],
        found: "住房一间".into(),
        surveyors: vec![county(), village()],
        household: Some(PersonId(SPOUSE)),
    };
    world.does(county(), act);
    world.does(village(), publicise()).on("2026-09-10");
    world
        .does(system(), end_publicity())
        .does(town(), opinion());
    world.does(system(), judged(Truth::True));
    let own = Actor {
        person: Some(PersonId(SPOUSE)),
        ..county_two()
    };
    let same = Refusal::SamePerson {
        step: "入户调查".into(),
    };
    let wrong = Refusal::WrongRole {
        by: Role::CountyApprover,
    };
    for (by, expected) in [
        (machine(), Refusal::NotAPerson),
        (system(), Refusal::NotAPerson),
        (stranger(), Refusal::NotAPerson),
        (town(), wrong),
        (own, Refusal::OwnCase),
        (county(), same),
    ] {
        assert_eq!(world.act(by, granted(1)), Err(expected));
    }
    world.relatives = vec![PersonId(5)];
    assert_eq!(world.act(county_two(), granted(1)), Err(Refusal::Relative));
    world.relatives.clear();
    world.does(county_two(), granted(1));
    assert!(world.act(county_two(), granted(1)).is_err());
}

#[test]
fn what_is_not_known_is_neither_granted_nor_refused() {
    let mut world = World::new(dibao(), "2026-09-01");
    world.ripe();
    let refuse = || adverse(1, draft(AdverseKind::Refuse));
    assert_eq!(world.act(county(), granted(1)), Err(Refusal::NotJudged));
    assert_eq!(world.act(county(), refuse()), Err(Refusal::NotJudged));
    world.does(system(), judged(Truth::Undetermined));
    let undetermined = Refusal::Undetermined {
        missing: "deposits".into(),
    };
    assert_eq!(world.act(county(), granted(1)), Err(undetermined.clone()));
    assert_eq!(world.act(county(), refuse()), Err(undetermined.clone()));
    let intend = Act::Intend(draft(AdverseKind::Refuse));
    assert_eq!(world.act(county(), intend), Err(undetermined.clone()));
    // A person is asked, with a deadline.
    let escalate = Act::Escalate {
        question: "银行一直没有答复".into(),
        to: Role::CountyApprover,
    };
    world.does(county(), escalate);
    let due = world.case.deadline(&DeadlineFor::Escalation).unwrap().due;
    assert_eq!(due.to_string(), "2026-09-24");
    let settle = |in_favour| Act::SettleEscalation {
        in_favour,
        reasons: "银行不答复不是本人的错".into(),
    };
    assert!(matches!(
        world.act(county(), settle(true)),
        Err(Refusal::SamePerson { .. })
    ));
    let mut facts_first = World {
        case: world.case.clone(),
        ..World::new(dibao(), "2026-09-11")
    };
    facts_first.does(county_two(), settle(false));
    assert_eq!(
        facts_first.act(county(), granted(1)),
        Err(undetermined.clone())
    );
    world.does(county_two(), settle(true));
    // even then it can only help: a refusal stays impossible
    assert_eq!(world.act(county(), refuse()), Err(undetermined));
    world.does(county(), granted(1));
}

#[test]
fn a_decision_follows_the_judgement() {
    let mut world = World::new(dibao(), "2026-09-01");
    world.ripe().does(system(), judged(Truth::True));
    let refuse = || adverse(1, draft(AdverseKind::Refuse));
    assert!(matches!(
        world.act(county(), refuse()),
        Err(Refusal::AgainstJudgement { .. })
    ));
    let more = Act::Decide {
        decision: DecisionId(1),
        proposal: grant(99_900),
    };
    assert_eq!(world.act(county(), more), Err(Refusal::AmountDiffers));
    world.does(system(), judged(Truth::False));
    assert!(matches!(
        world.act(county(), granted(1)),
        Err(Refusal::AgainstJudgement { .. })
    ));
    let mut other = draft(AdverseKind::Refuse);
    other.rules[0].rule = slug("vehicle");
    assert_eq!(
        world.act(county(), adverse(1, other)),
        Err(Refusal::RuleNotFailed("vehicle".into()))
    );
    world.does(county(), refuse());
    assert_eq!(world.case.phase, Phase::Refused);
    let decision = world.case.decision().unwrap();
    assert_eq!(decision.certificate.as_deref(), Some("c1"));
    // the notice must be served within three working days
    let served = world.case.deadline(&DeadlineFor::Service(DecisionId(1)));
    assert_eq!(served.unwrap().due.to_string(), "2026-09-15");
}

#[test]
fn a32_heard_before_a_stop() {
    let mut world = World::new(dibao(), "2026-09-01");
    world
        .paying()
        .on("2026-11-02")
        .does(system(), judged(Truth::False));
    let stop = || adverse(2, draft(AdverseKind::Stop));
    let intend = || Act::Intend(draft(AdverseKind::Stop));
    let answer = || Act::AnswerPoint {
        point: 0,
        text: "工资单显示是长期工作".into(),
        accepted: false,
    };
    assert_eq!(world.act(county(), stop()), Err(Refusal::NotHeard));
    world.does(county(), intend());
    assert_eq!(world.act(county(), stop()), Err(Refusal::IntentNotServed));
    assert_eq!(
        world.act(citizen(), Act::Waive),
        Err(Refusal::IntentNotServed)
    );
    world.does(county(), served("2026-11-02"));
    let until: Date = "2026-11-16".parse().unwrap();
    assert_eq!(
        world.act(county(), stop()),
        Err(Refusal::HearingOpen { until })
    );
    let speak = |finished| Act::Speak {
        points: vec!["这份工作只做了一个月".into()],
        finished,
    };
    // an officer writes down what is said but cannot end the person's time
    assert!(world.act(town(), speak(true)).is_err());
    assert!(world.act(town(), Act::Waive).is_err());
    assert!(world.act(stranger(), speak(false)).is_err());
    world.does(town(), speak(false));
    world.on("2026-11-16");
    assert_eq!(
        world.act(county(), stop()),
        Err(Refusal::HearingOpen { until })
    );
    world.on("2026-11-17");
    assert!(world.act(citizen(), speak(true)).is_err());
    assert_eq!(
        world.act(county(), stop()),
        Err(Refusal::PointsUnanswered { count: 1 })
    );
    world.does(county(), answer());
    // payment goes on all the while
    assert!(world.case.granted_in("2026-12".parse().unwrap()).is_some());
    // neither on another ground nor harder than what was notified
    let mut other = draft(AdverseKind::Stop);
    other.from = Some("2026-11".parse().unwrap());
    assert_eq!(
        world.act(county(), adverse(2, other)),
        Err(Refusal::HeardOnAnother)
    );
    let reduce = adverse(2, draft(AdverseKind::Reduce));
    assert!(world.act(county(), reduce).is_err());
    world.does(county(), stop());
    let adverse = world.case.decision().unwrap().adverse().unwrap();
    assert_eq!(adverse.heard().unwrap().points().len(), 1);
    assert!(world.case.granted_in("2026-11".parse().unwrap()).is_some());
    assert!(world.case.granted_in("2026-12".parse().unwrap()).is_none());
}

#[test]
fn a_pack_can_want_a_hearing_before_a_refusal_and_never_less_than_the_law() {
    let mut flow = dibao();
    let refused = flow.notices.get_mut(&NoticeKind::Refused).unwrap();
    refused.after_hearing = true;
    let mut world = World::new(flow, "2026-09-01");
    world.ripe().does(system(), judged(Truth::False));
    let refuse = || adverse(1, draft(AdverseKind::Refuse));
    assert_eq!(world.act(county(), refuse()), Err(Refusal::NotHeard));
    world.does(county(), Act::Intend(draft(AdverseKind::Refuse)));
    world.does(county(), served("2026-09-10"));
    world.does(citizen(), Act::Waive).does(county(), refuse());
    let bare = ServiceFlow::new(slug("x"), "空");
    for kind in [AdverseKind::Reduce, AdverseKind::Stop, AdverseKind::Recover] {
        assert!(bare.hears(kind));
    }
}

#[test]
fn an_uncooperative_end_needs_a_demand_that_ran_out() {
    let mut world = World::new(dibao(), "2026-09-01");
    world.accepted();
    let end = || adverse(1, draft(AdverseKind::Terminate));
    assert!(matches!(
        world.act(county(), end()),
        Err(Refusal::DemandState(_))
    ));
    let demand = Act::Demand {
        asks: "签署核对授权".into(),
        within: Span::WorkingDays(5),
    };
    world.does(town(), demand).on("2026-09-08");
    let until = "2026-09-08".parse().unwrap();
    assert_eq!(world.act(county(), end()), Err(Refusal::TooEarly(until)));
    let mut done = World {
        case: world.case.clone(),
        ..World::new(dibao(), "2026-09-09")
    };
    done.does(citizen(), Act::MeetDemand);
    assert!(matches!(
        done.act(county(), end()),
        Err(Refusal::DemandState(_))
    ));
    world.on("2026-09-09").does(county(), end());
    assert_eq!(world.case.phase, Phase::Terminated);
}
