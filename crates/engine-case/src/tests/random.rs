//! Random sequences: whatever is tried, the promises hold.

use super::world::*;
use crate::*;
use kernel::*;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// One of many acts, sensible and foolish, by one of many people.
fn any_act(kind: u8, pick: u8, today: Date) -> Act {
    let verdict = [Truth::True, Truth::False, Truth::Undetermined][usize::from(pick % 3)];
    let kinds = [
        AdverseKind::Refuse,
        AdverseKind::Reduce,
        AdverseKind::Stop,
        AdverseKind::Recover,
        AdverseKind::Terminate,
    ];
    let id = i64::from(pick % 7) + 1;
    let mut adverse_draft = draft(kinds[usize::from(pick % 5)]);
    adverse_draft.from = Some(Period::of(today).plus_months(1));
    if pick.is_multiple_of(11) {
        adverse_draft.reasons.clear();
    }
    if pick.is_multiple_of(13) {
        adverse_draft.notice.remedy.clear();
    }
    let text = || "说明".to_owned();
    match kind {
        0 => submit(),
        1 => Act::Accept { tolerate: None },
        2 => start_check(),
        3 => finish_check(),
        4 => survey(),
        5 => publicise(),
        6 => end_publicity(),
        7 => opinion(),
        8 => judged(verdict),
        9 => granted(id),
        10 => adverse(id, adverse_draft),
        11 => Act::Intend(adverse_draft),
        12 => served(&today.to_string()),
        13 => Act::Speak {
            points: vec![text()],
            finished: pick.is_multiple_of(2),
        },
        14 => Act::AnswerPoint {
            point: usize::from(pick % 2),
            text: text(),
            accepted: false,
        },
        15 => Act::Waive,
        16 => Act::Object { says: text() },
        17 => Act::SettleObjection {
            objection: 0,
            upheld: false,
            found: text(),
        },
        18 => Act::Visit { found: text() },
        19 => Act::StartPaying,
        20 if pick.is_multiple_of(2) => Act::CallReview { reasons: text() },
        20 => Act::FallDue,
        21 => Act::EndPhaseOut,
        22 => Act::Escalate {
            question: text(),
            to: Role::CountyApprover,
        },
        23 => Act::SettleEscalation {
            in_favour: pick.is_multiple_of(2),
            reasons: text(),
        },
        24 => Act::Appeal {
            decision: DecisionId(id),
            way: AppealWay::Litigation,
            filed_on: today,
        },
        25 => Act::EndAppeal {
            appeal: 0,
            end: AppealEnd {
                result: [AppealResult::Upheld, AppealResult::Revoked][usize::from(pick % 2)],
                document_no: "1".into(),
                says: text(),
            },
        },
        26 => Act::Prolong { reasons: text() },
        27 => Act::Demand {
            asks: text(),
            within: Span::Days(1),
        },
        28 => judged_amount([82_000, 50_000, 90_000][usize::from(pick % 3)]),
        29 => Act::Decide {
            decision: DecisionId(id),
            proposal: grant([82_000, 50_000, 90_000][usize::from(pick % 3)]),
        },
        30 => Act::Decide {
            decision: DecisionId(id),
            proposal: Proposal::Keep { reasons: text() },
        },
        31 => Act::ServeDecision {
            decision: DecisionId(id),
            on: today,
        },
        _ => Act::Correct {
            answers: vec![Answer {
                field: slug("helpers"),
                about: None,
                value: AnswerValue::Unknown,
                source: AnswerSource::Person,
            }],
        },
    }
}

fn anyone(pick: u8) -> Actor {
    let people = [
        citizen(),
        village(),
        village_two(),
        town(),
        county(),
        county_two(),
        system(),
        machine(),
        stranger(),
    ];
    people[usize::from(pick) % people.len()].clone()
}

fn promises(before: &Case, world: &World, today: Date) -> Result<(), TestCaseError> {
    let case = &world.case;
    let mut ids: Vec<_> = case.decisions.iter().map(|d| d.id).collect();
    ids.sort();
    ids.dedup();
    prop_assert_eq!(ids.len(), case.decisions.len(), "no decision twice");
    for decision in &case.decisions {
        prop_assert!(decision.signed.role().is_human());
        prop_assert!(!case.concerns(decision.signed.person()));
        if let Some(adverse) = decision.adverse() {
            prop_assert_eq!(adverse.draft().missing(), Vec::<&str>::new());
            let heard = adverse.heard().is_some();
            prop_assert!(heard || !adverse.draft().kind.heard_by_law());
            if adverse.draft().cause == Cause::Conditions {
                prop_assert!(decision.certificate.is_some());
            }
        }
    }
    // What ended badly ended by a signed decision.
    let adverse = |kind| {
        let mut decisions = case.decisions.iter().filter_map(Decision::adverse);
        decisions.any(|a| a.draft().kind == kind)
    };
    match case.phase {
        Phase::Refused => prop_assert!(adverse(AdverseKind::Refuse)),
        Phase::Terminated => prop_assert!(adverse(AdverseKind::Terminate)),
        Phase::Stopped | Phase::PhaseOut => prop_assert!(adverse(AdverseKind::Stop)),
        Phase::Granted | Phase::Paying | Phase::ReviewDue => {
            prop_assert!(!case.decisions.is_empty());
        }
        _ => {}
    }
    // Decisions already made stay as they were, but for service and appeals.
    for (old, new) in before.decisions.iter().zip(&case.decisions) {
        prop_assert_eq!(&old.outcome, &new.outcome);
        prop_assert_eq!(&old.signed, &new.signed);
    }
    // Deadlines only ever move later and are settled once.
    for (old, new) in before.deadlines.iter().zip(&case.deadlines) {
        prop_assert!(old.due <= new.due && old.from == new.from && old.of == new.of);
        prop_assert!(old.met.is_none() || old.met == new.met);
        prop_assert!(new.met.is_none_or(|met| met <= today));
    }
    prop_assert!(before.deadlines.len() <= case.deadlines.len());
    // A recovery may still be heard after the end; nothing else is left.
    if case.is_over() {
        let open = case.open_deadlines(today);
        let handling = open.iter().filter(|(d, _)| {
            !matches!(
                d.of,
                DeadlineFor::Service(_) | DeadlineFor::Review(_) | DeadlineFor::Hearing
            )
        });
        prop_assert_eq!(handling.count(), 0);
    }
    Ok(())
}

/// Who would do an act of this kind, so that sequences get somewhere.
fn proper(kind: u8) -> Actor {
    match kind {
        0 | 13 | 15 | 24 | 32 => citizen(),
        1 | 7 | 12 | 17 | 26 | 27 => town(),
        4 | 5 => village(),
        16 => stranger(),
        23 | 25 => county_two(),
        9 | 10 | 11 | 14 | 18 | 22 | 29 | 30 => county(),
        _ => system(),
    }
}

type Steps = Vec<(u8, u8, u8, u64)>;

/// Kinds past the single acts are whole passages that rarely come about by chance:
/// judged, told, waived, decided. They get mixed with everything else.
fn passage(kind: u8, pick: u8, days: u64) -> Vec<(u8, u8, u64)> {
    // `pick` chooses verdict, amount and outcome alike; see `any_act`.
    let told = |kind, first, outcome: u8| {
        let outcome = outcome + 5 * (pick % 7);
        let rest = [(11, outcome), (12, 0), (15, 0), (10, outcome)];
        let mut acts = vec![(first, kind, days)];
        acts.extend(rest.map(|(act, pick)| (act, pick, 0)));
        acts
    };
    match kind {
        33 => told(1, 8, 2),  // no longer eligible: stop
        34 => told(1, 28, 1), // less: reduce
        35 => vec![(20, 0, 400)],
        36 => vec![(8, 1, days), (10, 5 * (pick % 7), 0)], // refuse
        37 => vec![(8, 0, days), (9, pick, 0), (19, 0, 0)], // grant and pay
        _ => vec![(kind, pick, days)],
    }
}

/// Runs one sequence; yields the case it ends with.
fn run(start: u8, steps: Steps) -> Result<Case, TestCaseError> {
    let mut world = World::new(dibao(), "2026-09-01");
    match start {
        0 => drop(world.opened()),
        1 => drop(world.accepted()),
        2 => drop(world.ripe()),
        _ => drop(world.paying()),
    }
    let mut folded = world.case.clone();
    let acts = steps.into_iter().flat_map(|(kind, who, pick, days)| {
        let acts = passage(kind, pick, days);
        acts.into_iter()
            .map(move |(kind, pick, days)| (kind, who, pick, days))
    });
    for (kind, who, pick, days) in acts {
        world.now.at += std::time::Duration::from_secs(days * 86_400);
        let today = world.now.today();
        let before = world.case.clone();
        let seen = world.events.len();
        let by = if who.is_multiple_of(4) {
            anyone(who)
        } else {
            proper(kind)
        };
        let _ = world.act(by.clone(), any_act(kind, pick, today));
        for event in &world.events[seen..] {
            prop_assert_eq!(&event.by, &by);
            prop_assert_eq!(event.at, world.now.at);
            folded.apply(event);
        }
        prop_assert_eq!(&folded, &world.case, "events alone fold to the state");
        promises(&before, &world, today)?;
    }
    Ok(world.case)
}

#[test]
fn no_sequence_breaks_a_promise() {
    let config = ProptestConfig::with_cases(2000);
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let step = (0u8..38, any::<u8>(), any::<u8>(), 0u64..6);
    let steps = proptest::collection::vec(step, 1..120);
    let reached = RefCell::new(BTreeMap::<String, usize>::new());
    let outcome = runner.run(&(0u8..4, steps), |(start, steps)| {
        let case = run(start, steps)?;
        let mut reached = reached.borrow_mut();
        let mut count = |what: String| *reached.entry(what).or_default() += 1;
        count(format!("{:?}", case.phase));
        for adverse in case.decisions.iter().filter_map(Decision::adverse) {
            count(format!("{:?}", adverse.draft().kind));
        }
        if case.decisions.len() > 2 {
            count("several decisions".into());
        }
        Ok(())
    });
    outcome.unwrap();
    // A run that never decides anything would prove nothing.
    let reached = reached.into_inner();
    for what in [
        "Refuse",
        "Reduce",
        "Stop",
        "Recover",
        "Terminate",
        "Refused",
        "Stopped",
        "Paying",
        "ReviewDue",
        "Terminated",
        "several decisions",
    ] {
        assert!(
            reached.get(what).is_some_and(|n| *n > 0),
            "{what}: {reached:?}"
        );
    }
}
