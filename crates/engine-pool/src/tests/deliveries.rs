//! Deliveries: once by digest, refused whole when too much is wrong, late when
//! late; and what the pool answers from them.

use super::*;
use crate::answer::{Answer, NoAnswer, Standing, from_pool};
use crate::gate::{FaultKind, RowFault};
use crate::model::*;
use crate::quality::{QualityCounter, QualityReport};
use crate::refusal::Refusal;
use crate::{decide, newer};

pub(super) fn delivery(id: i64, digest: &str) -> Delivery {
    Delivery {
        id: DataBatchId(id),
        department: slug("psb"),
        category: slug("vehicle"),
        digest: Digest(digest.into()),
        as_of: day("2026-11-01"),
        rows: 10,
        by: machine(),
        mends: None,
        came: None,
    }
}

pub(super) fn run(state: &mut State, command: Command) -> Result<Vec<Event>, Refusal> {
    let events = decide(state, command, &config(), now("2026-11-23"))?;
    events.iter().for_each(|event| state.apply(event));
    Ok(events)
}

pub(super) fn quality(faulty: u64) -> QualityReport {
    QualityReport {
        rows: 10,
        taken: 10 - faulty,
        ..QualityReport::default()
    }
}

#[test]
fn the_same_file_again_is_the_same_delivery() {
    let mut state = State::default();
    run(&mut state, Command::Receive(delivery(1, "aa"))).unwrap();
    run(
        &mut state,
        Command::Judge {
            id: DataBatchId(1),
            quality: quality(1),
        },
    )
    .unwrap();
    let before = state.clone();
    let events = run(&mut state, Command::Receive(delivery(2, "aa"))).unwrap();
    assert!(matches!(
        events[..],
        [Event::Repeated {
            id: DataBatchId(1),
            ..
        }]
    ));
    assert_eq!(state, before);
    assert_eq!(
        state.standing(),
        Some(Standing {
            batch: DataBatchId(1),
            as_of: day("2026-11-01")
        })
    );
}

#[test]
fn a_refused_file_may_come_again_as_it_is() {
    let mut state = State::default();
    run(&mut state, Command::Receive(delivery(1, "aa"))).unwrap();
    let reject = Command::Reject {
        id: DataBatchId(1),
        reasons: vec!["清单旁边没有文件".into()],
    };
    run(&mut state, reject).unwrap();
    let events = run(&mut state, Command::Receive(delivery(2, "aa"))).unwrap();
    assert!(matches!(events[..], [Event::Received(_)]));
}

#[test]
fn deliveries_are_refused_with_the_reason() {
    let mut state = State::default();
    run(&mut state, Command::Receive(delivery(1, "aa"))).unwrap();
    let mut stranger = delivery(2, "bb");
    stranger.department = slug("money");
    let mut unknown = delivery(2, "bb");
    unknown.category = slug("ship");
    let mut nobody = delivery(2, "bb");
    nobody.department = slug("nasa");
    let mut early = delivery(2, "bb");
    early.as_of = day("2026-11-24");
    for (command, code) in [
        (Command::Receive(stranger), "NotTheOwner"),
        (Command::Receive(unknown), "UnknownCategory"),
        (Command::Receive(nobody), "UnknownDepartment"),
        (Command::Receive(early), "FromTheFuture"),
        (Command::Receive(delivery(1, "bb")), "BatchNumberTaken"),
        (
            Command::Judge {
                id: DataBatchId(9),
                quality: quality(0),
            },
            "UnknownBatch",
        ),
        (
            Command::Judge {
                id: DataBatchId(1),
                quality: QualityReport::default(),
            },
            "ReportDoesNotFit",
        ),
        (
            Command::Reject {
                id: DataBatchId(1),
                reasons: vec![" ".into()],
            },
            "WordsMissing",
        ),
    ] {
        let refusal = run(&mut state, command).unwrap_err();
        assert!(format!("{refusal:?}").starts_with(code), "{refusal:?}");
    }
    run(
        &mut state,
        Command::Reject {
            id: DataBatchId(1),
            reasons: vec!["表头缺少：车型".into()],
        },
    )
    .unwrap();
    let again = Command::Judge {
        id: DataBatchId(1),
        quality: quality(0),
    };
    assert_eq!(
        run(&mut state, again),
        Err(Refusal::BatchAlreadyJudged(DataBatchId(1)))
    );
    assert_eq!(state.standing(), None);
}

#[test]
fn too_many_faults_refuse_the_whole_file() {
    for (faulty, accepted) in [(0, true), (1, true), (2, false), (10, false)] {
        let mut state = State::default();
        run(&mut state, Command::Receive(delivery(1, "aa"))).unwrap();
        run(
            &mut state,
            Command::Judge {
                id: DataBatchId(1),
                quality: quality(faulty),
            },
        )
        .unwrap();
        let batch = &state.batches[&DataBatchId(1)];
        assert_eq!(
            matches!(batch.state, BatchState::Accepted { .. }),
            accepted,
            "{faulty}"
        );
        if let BatchState::Refused {
            reasons, quality, ..
        } = &batch.state
        {
            assert!(
                reasons[0].contains("10行中有") && quality.is_some(),
                "{reasons:?}"
            );
        }
    }
}

#[test]
fn a_delivery_after_its_time_is_late() {
    for (as_of, late) in [
        ("2026-11-01", false),
        ("2026-09-22", false),
        ("2026-09-21", true),
    ] {
        let mut state = State::default();
        let mut one = delivery(1, "aa");
        one.as_of = day(as_of);
        run(&mut state, Command::Receive(one)).unwrap();
        assert_eq!(state.batches[&DataBatchId(1)].late, late, "{as_of}");
    }
}

#[test]
pub(super) fn quality_counts_every_kind() {
    let mut counter = QualityCounter::new(Some(day("2026-10-01")));
    assert!(counter.valid(2, "V1", day("2026-11-01")));
    assert!(counter.valid(3, "V2", day("2026-09-01")));
    assert!(!counter.valid(4, "V1", day("2026-11-01")));
    let fault = |kind| RowFault::new(5, "x", kind);
    counter.faulty(vec![fault(FaultKind::Missing), fault(FaultKind::NotMoney)]);
    counter.faulty(vec![fault(FaultKind::Inconsistent("x".into()))]);
    let report = counter.finish(true);
    let counts = (report.rows, report.taken, report.faulty(), report.late);
    assert_eq!(counts, (5, 2, 3, true));
    let five = (
        report.incomplete,
        report.invalid,
        report.outdated,
        report.repeated,
        report.inconsistent,
    );
    assert_eq!(five, (1, 1, 1, 1, 1));
    assert_eq!(report.faulty_share().percent(), "60%");
    assert_eq!(
        (
            report.faults.len(),
            report.by_kind[&FaultKind::RepeatedRecord]
        ),
        (4, 1)
    );
    let written = serde_json::to_string(&report).expect("kinds with words are written");
    let read: QualityReport = serde_json::from_str(&written).expect("and read back");
    assert_eq!(read, report);
    assert_eq!(QualityReport::default().faulty_share(), kernel::Rate::ZERO);
}

#[test]
fn no_answer_is_never_no_record() {
    let config = config();
    let vehicle = config.catalogue.category(&slug("vehicle")).unwrap();
    let today = day("2026-11-23");
    let car = || vec![held("vehicle", MOTHER, "V1", "2026-11-01", &[])];
    let standing = |as_of: &str| {
        Some(Standing {
            batch: DataBatchId(1),
            as_of: day(as_of),
        })
    };
    let never = Answer::NoAnswer {
        why: NoAnswer::NeverDelivered,
    };
    let stale = Answer::NoAnswer {
        why: NoAnswer::Stale {
            as_of: day("2026-01-01"),
        },
    };
    for (standing, records, answer) in [
        (None, vec![], never.clone()),
        (None, car(), never),
        (standing("2026-01-01"), vec![], stale.clone()),
        (standing("2026-01-01"), car(), stale),
        (
            standing("2026-11-01"),
            vec![],
            Answer::NoRecord {
                as_of: day("2026-11-01"),
            },
        ),
        (standing("2026-11-01"), car(), Answer::Records(car())),
    ] {
        assert_eq!(from_pool(vehicle, standing, records, today), answer);
    }
}

#[test]
fn the_later_day_stands_then_the_later_delivery() {
    let one = held("vehicle", MOTHER, "V1", "2026-10-01", &[]);
    let mut other = one.clone();
    other.batch = Some(DataBatchId(2));
    assert!(newer(&one, &other).is_lt());
    other.record.as_of = day("2026-09-30");
    assert!(newer(&one, &other).is_gt());
}
