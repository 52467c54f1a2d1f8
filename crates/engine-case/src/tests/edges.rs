//! Every phase × every act: what is not in the table is refused, and a refusal
//! yields no event.

use super::world::*;
use crate::*;
use kernel::*;

/// A case in each phase, and how it got there.
fn in_phase(phase: Phase) -> World {
    let mut world = World::new(dibao(), "2026-09-01");
    match phase {
        Phase::New => {}
        Phase::Draft => drop(world.opened()),
        Phase::Submitted => drop(world.submitted()),
        Phase::Returned => drop(world.submitted().does(town(), back())),
        Phase::Handling => drop(world.ripe().does(system(), judged(Truth::True))),
        Phase::Granted => {
            world.ripe().does(system(), judged(Truth::True));
            world.does(county(), granted(1));
        }
        Phase::Refused => {
            world.ripe().does(system(), judged(Truth::False));
            world.does(county(), adverse(1, draft(AdverseKind::Refuse)));
        }
        Phase::Paying => drop(world.paying()),
        Phase::ReviewDue => {
            world.paying().on("2027-09-10").does(system(), Act::FallDue);
        }
        Phase::PhaseOut | Phase::Stopped => {
            world.paying().does(system(), judged(Truth::False));
            let mut stop = draft(AdverseKind::Stop);
            stop.phase_out_months = if phase == Phase::PhaseOut { 3 } else { 0 };
            world.does(county(), Act::Intend(stop.clone()));
            world.does(county(), served("2026-09-10"));
            world.does(citizen(), Act::Waive);
            world.does(county(), adverse(2, stop));
        }
        Phase::Withdrawn => drop(world.submitted().does(citizen(), Act::Withdraw)),
        Phase::Terminated => {
            let within = Span::Days(1);
            let asks = "签署授权".to_owned();
            world.submitted().does(town(), Act::Demand { asks, within });
            world.on("2026-09-05");
            world.does(county(), adverse(1, draft(AdverseKind::Terminate)));
        }
        Phase::Completed => {}
    }
    world
}

fn back() -> Act {
    let paper = MissingPaper {
        kind: slug("lease"),
        name: "租房合同".into(),
        why: "没有部门登记".into(),
    };
    Act::Return {
        missing: vec![paper],
    }
}

fn answer() -> Answer {
    Answer {
        field: slug("helpers"),
        about: None,
        value: AnswerValue::Unknown,
        source: AnswerSource::Person,
    }
}

/// Every act, well formed, by the one who would do it, with the phases (by their
/// first letters below) in which the law lets it happen.
fn acts(today: Date) -> Vec<(&'static str, Actor, Act, &'static str)> {
    let answers = || vec![answer()];
    let next = Period::of(today).plus_months(1);
    let text = || "说明".to_owned();
    vec![
        ("open", citizen(), open(&dibao()), "N"),
        (
            "fill",
            citizen(),
            Act::Fill {
                answers: answers(),
                papers: vec![],
            },
            "D B",
        ),
        ("submit", citizen(), submit(), "D B"),
        ("return", town(), back(), "S"),
        (
            "accept",
            town(),
            Act::Accept {
                tolerate: Some(text()),
            },
            "S",
        ),
        (
            "correct",
            citizen(),
            Act::Correct { answers: answers() },
            "S H",
        ),
        (
            "establish",
            town(),
            Act::Establish { answers: answers() },
            "H G R P V O X",
        ),
        ("prolong", town(), Act::Prolong { reasons: text() }, "H"),
        ("withdraw", citizen(), Act::Withdraw, "D S B H"),
        (
            "demand",
            town(),
            Act::Demand {
                asks: text(),
                within: Span::Days(3),
            },
            "S B H P V",
        ),
        ("meet", citizen(), Act::MeetDemand, "T"), // the demand of that story is still open
        ("judge", system(), judged(Truth::True), "H G R P V O X"),
        ("grant", county(), granted(9), "H"), // elsewhere the judgement was used up
        (
            "refuse",
            county(),
            adverse(9, draft(AdverseKind::Refuse)),
            "",
        ),
        (
            "terminate",
            county(),
            adverse(9, draft(AdverseKind::Terminate)),
            "",
        ),
        (
            "stop unheard",
            county(),
            adverse(9, draft(AdverseKind::Stop)),
            "",
        ),
        (
            "reduce unheard",
            county(),
            adverse(9, draft(AdverseKind::Reduce)),
            "",
        ),
        (
            "recover unheard",
            county(),
            adverse(9, draft(AdverseKind::Recover)),
            "",
        ),
        (
            "intend recovery",
            county(),
            Act::Intend(draft(AdverseKind::Recover)),
            "G P V O X",
        ),
        ("serve intent", town(), served(&today.to_string()), ""),
        (
            "speak",
            citizen(),
            Act::Speak {
                points: vec![text()],
                finished: false,
            },
            "",
        ),
        ("waive", citizen(), Act::Waive, ""),
        (
            "answer point",
            county(),
            Act::AnswerPoint {
                point: 0,
                text: text(),
                accepted: true,
            },
            "",
        ),
        (
            "drop intent",
            county(),
            Act::DropIntent { reasons: text() },
            "",
        ),
        ("start check", system(), start_check(), "V"),
        ("survey", village(), survey(), "V"),
        ("publicise", village(), publicise(), ""),
        ("object", stranger(), Act::Object { says: text() }, ""),
        ("end publicity", system(), end_publicity(), ""),
        ("opinion", town(), opinion(), ""),
        ("visit", county(), Act::Visit { found: text() }, "H V"),
        ("pay", system(), Act::StartPaying, "G"),
        ("fall due", system(), Act::FallDue, ""),
        (
            "call review",
            village(),
            Act::CallReview { reasons: text() },
            "P",
        ),
        ("end phase-out", system(), Act::EndPhaseOut, ""),
        ("give up", citizen(), Act::GiveUp { from: next }, "G P V O"),
        (
            "give way",
            county(),
            Act::GiveWay {
                to: text(),
                from: next,
                basis: text(),
            },
            "G P V O",
        ),
        (
            "settle escalation",
            county(),
            Act::SettleEscalation {
                in_favour: true,
                reasons: text(),
            },
            "",
        ),
        (
            "answer part",
            machine(),
            Act::AnswerPart {
                part: slug("rent"),
                answer: part_answer(),
            },
            "",
        ),
        (
            "link part",
            system(),
            Act::LinkPart {
                part: slug("rent"),
                case: CaseId(7),
            },
            "",
        ),
        (
            "serve decision",
            town(),
            Act::ServeDecision {
                decision: DecisionId(1),
                on: today,
            },
            "G R P V O X T",
        ),
        (
            "appeal",
            citizen(),
            Act::Appeal {
                decision: DecisionId(1),
                way: AppealWay::Litigation,
                filed_on: today,
            },
            "G R P V O X T",
        ),
        (
            "end appeal",
            county(),
            Act::EndAppeal {
                appeal: 0,
                end: end(),
            },
            "",
        ),
    ]
}

fn part_answer() -> PartAnswer {
    PartAnswer {
        result: PartResult::Granted,
        decided_by: "某局 某人".into(),
        document_no: "1".into(),
        reasons: "符合".into(),
        basis: "某条".into(),
        remedy: vec!["复议".into()],
        at: at("2026-09-01").at,
    }
}

fn end() -> AppealEnd {
    AppealEnd {
        result: AppealResult::Upheld,
        document_no: "1".into(),
        says: "维持".into(),
    }
}

const PHASES: [(Phase, &str); 13] = [
    (Phase::New, "N"),
    (Phase::Draft, "D"),
    (Phase::Submitted, "S"),
    (Phase::Returned, "B"),
    (Phase::Handling, "H"),
    (Phase::Granted, "G"),
    (Phase::Refused, "R"),
    (Phase::Paying, "P"),
    (Phase::ReviewDue, "V"),
    (Phase::PhaseOut, "O"),
    (Phase::Stopped, "X"),
    (Phase::Withdrawn, "W"),
    (Phase::Terminated, "T"),
];

#[test]
fn every_edge_not_in_the_table_is_refused() {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (phase, letter) in PHASES {
        let world = in_phase(phase);
        assert_eq!(world.case.phase, phase);
        for (name, by, act, legal) in acts(world.now.today()) {
            let expected = legal.split(' ').any(|l| l == letter);
            let answer = world.would(by, act);
            tried += 1;
            if answer.is_ok() != expected {
                wrong.push(format!("{name} in {phase:?}: {answer:?}"));
            }
            if let Err(refusal) = answer {
                assert!(refusal.code().starts_with("case."));
                assert!(!refusal.to_string().contains(['!', '！']), "{refusal}");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(tried, PHASES.len() * 43);
}

#[test]
fn what_one_member_asked_for_no_other_member_takes_back() {
    let other = Actor {
        person: Some(PersonId(SPOUSE)),
        ..citizen()
    };
    let world = in_phase(Phase::Handling);
    assert!(world.case.concerns(PersonId(SPOUSE)));
    let refused = world.would(other.clone(), Act::Withdraw).unwrap_err();
    assert_eq!(refused.code(), "case.not_asker");
    let agent = Actor {
        role: Role::Agent,
        ..other.clone()
    };
    assert!(world.would(agent, Act::Withdraw).is_ok());
    let next = Period::of(world.now.today()).plus_months(1);
    let paying = in_phase(Phase::Paying);
    let refused = paying.would(other, Act::GiveUp { from: next }).unwrap_err();
    assert_eq!(refused.code(), "case.not_asker");
}

#[test]
fn no_act_of_a_stranger_or_machine_changes_a_case_it_may_not_touch() {
    // A stranger may only object during publicity; a department's machine may only
    // answer parts; neither is possible in these phases.
    for (phase, _) in PHASES {
        let world = in_phase(phase);
        for (name, _, act, _) in acts(world.now.today()) {
            for by in [stranger(), machine()] {
                let answer = world.would(by.clone(), act.clone());
                assert!(answer.is_err(), "{name} by {by:?} in {phase:?}");
            }
        }
    }
}
