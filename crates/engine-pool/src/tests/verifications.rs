//! One-click verification: asked, answered, one department down, compared,
//! explained, asked again.

use super::authorisations::authorisation;
use super::*;
use crate::answer::{Answer, NoAnswer};
use crate::authorisation::Authorisation;
use crate::contradiction::{RightSide, RuledPair};
use crate::purpose::Purpose;
use crate::refusal::Refusal;
use crate::report::Outcome;
use crate::verification::*;
use crate::{report, verify};
use kernel::{CaseId, HouseholdId, Money, VerificationId};

fn yuan(yuan: i64) -> Value {
    Value::Money(Money::from_yuan(yuan).unwrap())
}

fn declare(person: i64, category: &str, says: Declared) -> Declaration {
    Declaration {
        person: PersonId(person),
        category: slug(category),
        says,
    }
}

pub(super) fn request() -> Request {
    let member = |person, text| Member {
        person: PersonId(person),
        number: number(text),
    };
    Request {
        id: VerificationId(3),
        household: HouseholdId(1),
        members: vec![member(1, MOTHER), member(2, SON)],
        categories: [].into(),
        declared: vec![
            declare(1, "vehicle", Declared::Nothing),
            declare(2, "vehicle", Declared::Nothing),
            declare(
                1,
                "deposit",
                Declared::Sum {
                    field: slug("balance"),
                    value: yuan(3000),
                },
            ),
            declare(
                2,
                "wage",
                Declared::Is {
                    field: slug("amount"),
                    value: yuan(2000),
                },
            ),
        ],
        purpose: Purpose::Verification { case: CaseId(7) },
        by: officer(),
    }
}

pub(super) fn begin(request: Request, paper: Option<Authorisation>) -> Command {
    Command::Request {
        request: Box::new(request),
        authorisation: paper.map(Box::new),
    }
}

fn run(state: &mut Verification, command: Command) -> Result<Vec<Event>, Refusal> {
    let events = verify(state, command, &config(), now("2026-11-23"))?;
    events.iter().for_each(|event| state.apply(event));
    Ok(events)
}

fn begun() -> Verification {
    let mut state = Verification::default();
    run(&mut state, begin(request(), Some(authorisation()))).unwrap();
    state
}

pub(super) fn none() -> Answer {
    Answer::NoRecord {
        as_of: day("2026-11-23"),
    }
}

fn answered(person: i64, category: &str, answer: Answer) -> Answered {
    Answered {
        person: PersonId(person),
        category: slug(category),
        answer,
    }
}

pub(super) fn police(car: Answer) -> Command {
    let answers = vec![
        answered(1, "vehicle", none()),
        answered(2, "vehicle", car),
        answered(1, "death", none()),
        answered(2, "death", none()),
    ];
    Command::Answer {
        department: slug("psb"),
        answers,
    }
}

fn bank(accounts: &[i64]) -> Command {
    let one = |(at, amount): (usize, &i64)| {
        held(
            "deposit",
            MOTHER,
            &format!("D{at}"),
            "2026-11-20",
            &[("balance", yuan(*amount))],
        )
    };
    let deposits = accounts.iter().enumerate().map(one).collect();
    let wages = vec![held(
        "wage",
        SON,
        "W1",
        "2026-10-31",
        &[("amount", yuan(2000))],
    )];
    let answers = vec![
        answered(1, "deposit", Answer::of(deposits, day("2026-11-20"))),
        answered(2, "deposit", none()),
        answered(1, "wage", none()),
        answered(2, "wage", Answer::Records(wages)),
    ];
    Command::Answer {
        department: slug("money"),
        answers,
    }
}

#[test]
fn a08_one_click_asks_every_department_for_the_whole_household() {
    let state = begun();
    assert_eq!(state.waiting_for(), [slug("money"), slug("psb")]);
    assert_eq!(
        state.asks[&slug("money")].categories,
        [slug("deposit"), slug("wage")].into()
    );
    assert_eq!((state.case, report(&state)), (Some(CaseId(7)), None));
}

#[test]
fn a_verification_without_paper_or_purpose_is_refused() {
    let withdrawn = Authorisation {
        withdrawn: Some(crate::authorisation::Withdrawal {
            by: PersonId(1),
            on: day("2026-11-02"),
        }),
        ..authorisation()
    };
    let mut half = authorisation();
    half.signatures.remove(&PersonId(2));
    let elsewhere = Authorisation {
        household: HouseholdId(2),
        ..authorisation()
    };
    let nosy = Request {
        purpose: Purpose::Discovery,
        ..request()
    };
    let robot = Request {
        by: machine(),
        ..request()
    };
    let nobody = Request {
        members: vec![],
        ..request()
    };
    let mut twice = request();
    twice.members.push(twice.members[0].clone());
    let unknown = Request {
        categories: [slug("ship")].into(),
        ..request()
    };
    let lifts = Request {
        categories: [slug("lift")].into(),
        ..request()
    };
    let paper = || Some(authorisation());
    for (request, paper, refusal) in [
        (request(), None, Refusal::NoAuthorisation),
        (
            request(),
            Some(withdrawn),
            Refusal::AuthorisationWithdrawn {
                on: day("2026-11-02"),
            },
        ),
        (
            request(),
            Some(half),
            Refusal::MemberDidNotSign {
                member: PersonId(2),
            },
        ),
        (
            request(),
            Some(elsewhere),
            Refusal::AuthorisationOfAnotherCase,
        ),
        (nosy, paper(), Refusal::NotForThisCase),
        (robot, paper(), Refusal::NeedsAPerson),
        (nobody, paper(), Refusal::NoMembers),
        (twice, paper(), Refusal::MemberTwice(PersonId(1))),
        (lifts, paper(), Refusal::NotAboutPeople("lift".into())),
        (unknown, paper(), Refusal::UnknownCategory(slug("ship"))),
    ] {
        let mut state = Verification::default();
        assert_eq!(run(&mut state, begin(request, paper)), Err(refusal));
        assert_eq!(state, Verification::default());
    }
    let again = run(&mut begun(), begin(request(), paper()));
    assert_eq!(again, Err(Refusal::AlreadyRequested));
}

#[test]
fn everything_as_declared_passes() {
    let mut state = begun();
    run(&mut state, police(none())).unwrap();
    assert_eq!(
        run(&mut state, Command::Compare),
        Err(Refusal::StillWaiting(vec![slug("money")]))
    );
    run(&mut state, bank(&[1000, 2000])).unwrap();
    run(&mut state, Command::Compare).unwrap();
    let report = report(&state).unwrap();
    assert_eq!(
        (report.outcome, report.asked, report.answered),
        (Outcome::Passed, 8, 8)
    );
    assert!(report.differences.is_empty());
}

#[test]
fn a_department_that_is_down_is_named_and_nothing_is_made_of_it() {
    let mut state = begun();
    run(&mut state, police(none())).unwrap();
    let why = NoAnswer::Timeout { seconds: 10 };
    run(
        &mut state,
        Command::Fail {
            department: slug("money"),
            why: why.clone(),
        },
    )
    .unwrap();
    run(&mut state, Command::Compare).unwrap();
    let first = report(&state).unwrap();
    assert_eq!(
        (first.outcome, first.answered, first.unanswered.len()),
        (Outcome::Incomplete, 4, 4)
    );
    assert!(
        first
            .unanswered
            .iter()
            .all(|one| one.department == slug("money") && one.why == why)
    );
    // Declared savings were not compared with nothing.
    assert!(first.differences.is_empty());
    assert_eq!(
        run(&mut state, Command::Recheck { by: machine() }),
        Err(Refusal::NeedsAPerson)
    );
    let events = run(&mut state, Command::Recheck { by: officer() }).unwrap();
    assert!(
        matches!(&events[..], [Event::Asked { department, .. }] if *department == slug("money"))
    );
    assert_eq!(
        (report(&state), state.asks[&slug("money")].times),
        (None, 2)
    );
    run(&mut state, bank(&[3000])).unwrap();
    // Everyone has answered, but the last comparison was before that.
    assert_eq!(report(&state), None);
    assert_eq!(
        run(&mut state, Command::Recheck { by: officer() }),
        Err(Refusal::NotCompared)
    );
    run(&mut state, Command::Compare).unwrap();
    assert_eq!(report(&state).unwrap().outcome, Outcome::Passed);
    assert_eq!(
        run(&mut state, Command::Recheck { by: officer() }),
        Err(Refusal::NothingToRecheck)
    );
}

#[test]
fn what_a_department_leaves_out_is_no_answer() {
    let mut state = begun();
    let answers = vec![answered(1, "vehicle", none())];
    run(
        &mut state,
        Command::Answer {
            department: slug("psb"),
            answers,
        },
    )
    .unwrap();
    run(&mut state, bank(&[3000])).unwrap();
    run(&mut state, Command::Compare).unwrap();
    let report = report(&state).unwrap();
    assert_eq!(
        (report.outcome, report.unanswered.len()),
        (Outcome::Incomplete, 3)
    );
    assert!(
        report
            .unanswered
            .iter()
            .all(|one| one.why == NoAnswer::LeftOut)
    );
}

#[test]
fn differences_are_explained_and_settled_by_people() {
    let mut state = begun();
    let car = held("vehicle", SON, "V1", "2026-11-01", &[]);
    run(&mut state, police(Answer::Records(vec![car]))).unwrap();
    run(&mut state, bank(&[1000, 2500])).unwrap();
    assert_eq!(
        run(&mut state, settle(0, true, "x", officer())),
        Err(Refusal::NotCompared)
    );
    run(&mut state, Command::Compare).unwrap();
    let first = report(&state).unwrap();
    let found: Vec<&Found> = first.differences.iter().map(|one| &one.found).collect();
    assert_eq!(found, [&Found::Count(1), &Found::Sum(Some(yuan(3500)))]);
    assert_eq!(first.outcome, Outcome::Doubtful);
    let words = "车是哥哥的，登记在我名下".to_owned();
    run(
        &mut state,
        Command::Explain {
            difference: 0,
            words,
            by: officer(),
        },
    )
    .unwrap();
    run(&mut state, settle(0, true, "有过户协议", officer())).unwrap();
    assert_eq!(report(&state).unwrap().outcome, Outcome::Doubtful);
    for (command, refusal) in [
        (settle(1, true, " ", officer()), Refusal::WordsMissing),
        (settle(1, true, "x", machine()), Refusal::NeedsAPerson),
        (
            settle(2, true, "x", officer()),
            Refusal::UnknownDifference(2),
        ),
    ] {
        assert_eq!(run(&mut state, command), Err(refusal));
    }
    run(&mut state, settle(1, false, "说不清来源", officer())).unwrap();
    assert_eq!(report(&state).unwrap().outcome, Outcome::Doubtful);
    run(&mut state, settle(1, true, "利息，已补凭证", officer())).unwrap();
    assert_eq!(report(&state).unwrap().outcome, Outcome::Passed);
    // Comparing again keeps what people said and settled.
    run(&mut state, Command::Compare).unwrap();
    assert_eq!(report(&state).unwrap().outcome, Outcome::Passed);
}

fn settle(difference: usize, accepted: bool, reason: &str, by: Actor) -> Command {
    Command::Settle {
        difference,
        accepted,
        reason: reason.into(),
        by,
    }
}

#[test]
fn departments_contradicting_each_other_are_listed() {
    let report = report(&contradicted()).unwrap();
    assert_eq!(report.outcome, Outcome::Doubtful);
    assert_eq!(report.contradictions.len(), 1);
    assert_eq!(report.contradictions[0].says, "去世以后还有工资记录");
    assert_eq!(
        report.contradictions[0].right,
        (slug("wage"), "W1".to_owned())
    );
}

#[test]
fn n02_what_somebody_ruled_settles_a_contradiction_of_these_very_records() {
    let mut state = contradicted();
    let open = report(&state).unwrap();
    let pair = RuledPair {
        person: PersonId(2),
        rule: open.contradictions[0].rule.clone(),
        left: ("X1".to_owned(), day("2026-09-30")),
        right: ("W1".to_owned(), day("2026-10-31")),
        says: RightSide::Right,
        reason: "人还在，公安已改".into(),
        by: officer(),
        at: now("2026-11-22").at,
    };
    let rule = |ruled| Command::Rule { ruled };
    // Another person's, another day's, another rule's: none of them is of this.
    let others = [
        RuledPair {
            person: PersonId(1),
            ..pair.clone()
        },
        RuledPair {
            left: ("X1".to_owned(), day("2026-09-29")),
            ..pair.clone()
        },
        RuledPair {
            rule: slug("other"),
            ..pair.clone()
        },
    ];
    assert_eq!(run(&mut state, rule(others.to_vec())), Ok(Vec::new()));
    assert_eq!(report(&state).unwrap(), open);
    // Taken in once, and what is not of it is left out.
    let all = others.iter().chain([&pair]).cloned().collect();
    assert_eq!(run(&mut state, rule(all)).unwrap().len(), 1);
    assert_eq!(run(&mut state, rule(vec![pair.clone()])), Ok(Vec::new()));
    let settled = report(&state).unwrap();
    assert_eq!(settled.outcome, Outcome::Passed);
    assert!(settled.contradictions.is_empty());
    assert_eq!(settled.ruled, [(open.contradictions[0].clone(), pair)]);
    // Taken back, it is open again.
    assert_eq!(run(&mut state, rule(Vec::new())).unwrap().len(), 1);
    assert_eq!(report(&state).unwrap(), open);
    assert_eq!(
        run(&mut begun(), rule(Vec::new())),
        Err(Refusal::NotCompared)
    );
}

/// The son is dead for the police and paid by his employer; nothing else is open.
fn contradicted() -> Verification {
    let mut state = begun();
    let death = held(
        "death",
        SON,
        "X1",
        "2026-09-30",
        &[("died_on", Value::Date(day("2026-09-15")))],
    );
    let answers = vec![
        answered(1, "vehicle", none()),
        answered(2, "vehicle", none()),
        answered(1, "death", none()),
        answered(2, "death", Answer::Records(vec![death])),
    ];
    run(
        &mut state,
        Command::Answer {
            department: slug("psb"),
            answers,
        },
    )
    .unwrap();
    run(&mut state, bank(&[3000])).unwrap();
    run(&mut state, Command::Compare).unwrap();
    state
}

#[test]
fn an_answer_about_anyone_or_anything_else_is_not_used() {
    let stranger = held("vehicle", "990502193501010016", "V9", "2026-11-01", &[]);
    for answers in [
        vec![answered(3, "vehicle", none())],
        vec![answered(1, "deposit", none())],
        vec![answered(1, "vehicle", Answer::Records(vec![stranger]))],
        vec![answered(1, "vehicle", Answer::Records(vec![]))],
        vec![
            answered(1, "vehicle", none()),
            answered(1, "vehicle", none()),
        ],
    ] {
        let mut state = begun();
        let department = slug("psb");
        let refused = run(
            &mut state,
            Command::Answer {
                department: department.clone(),
                answers,
            },
        );
        assert_eq!(refused, Err(Refusal::AnsweredUnasked { department }));
    }
    let mut state = begun();
    run(&mut state, police(none())).unwrap();
    assert_eq!(
        run(&mut state, police(none())),
        Err(Refusal::NotWaitingFor(slug("psb")))
    );
}

#[test]
fn the_events_alone_rebuild_the_state() {
    let mut state = Verification::default();
    let mut log = Vec::new();
    for command in [
        begin(request(), Some(authorisation())),
        police(none()),
        bank(&[9]),
        Command::Compare,
    ] {
        log.extend(run(&mut state, command).unwrap());
    }
    let json = serde_json::to_string(&log).unwrap();
    let read: Vec<Event> = serde_json::from_str(&json).unwrap();
    let mut again = Verification::default();
    read.iter().for_each(|event| again.apply(event));
    assert_eq!(again, state);
}
