//! Rows set back come again: only the same department's, of the same category and day;
//! each closes one row, once; a mending never stands for its category.

use super::deliveries::{delivery, quality, run};
use super::*;
use crate::gate::FaultKind;
use crate::mend::{RowName, Waiting, WaitingRow, waiting_rows};
use crate::model::*;
use crate::refusal::Refusal;
use std::collections::BTreeMap;

/// A state with delivery 1 taken in, one row of ten set back.
fn taken() -> State {
    let mut state = State::default();
    run(&mut state, Command::Receive(delivery(1, "aa"))).unwrap();
    let (id, quality) = (DataBatchId(1), quality(1));
    run(&mut state, Command::Judge { id, quality }).unwrap();
    state
}

fn mending(id: i64, digest: &str, mends: i64) -> Delivery {
    Delivery {
        rows: 10,
        mends: Some(DataBatchId(mends)),
        came: None,
        ..delivery(id, digest)
    }
}

#[test]
fn n02_only_its_own_department_mends_what_was_taken() {
    let refused = |delivery: Delivery, state: &State| {
        let mut state = state.clone();
        run(&mut state, Command::Receive(delivery)).unwrap_err()
    };
    let state = taken();
    let one = DataBatchId(1);
    assert_eq!(
        refused(mending(2, "bb", 7), &state),
        Refusal::UnknownBatch(DataBatchId(7))
    );
    let mut other_day = mending(2, "bb", 1);
    other_day.as_of = day("2026-10-01");
    let as_of = day("2026-11-01");
    assert_eq!(
        refused(other_day, &state),
        Refusal::MendsAnotherDay { batch: one, as_of }
    );
    let mut another = state.clone();
    if let Some(batch) = another.batches.get_mut(&one) {
        batch.category = slug("house");
    }
    assert_eq!(
        refused(mending(2, "bb", 1), &another),
        Refusal::MendsAnothers(one)
    );
    let mut another = state.clone();
    if let Some(batch) = another.batches.get_mut(&one) {
        batch.department = slug("money");
    }
    assert_eq!(
        refused(mending(2, "bb", 1), &another),
        Refusal::MendsAnothers(one)
    );
    let mut untaken = State::default();
    run(&mut untaken, Command::Receive(delivery(1, "aa"))).unwrap();
    let reject = Command::Reject {
        id: one,
        reasons: vec!["表头不对".into()],
    };
    run(&mut untaken, reject).unwrap();
    assert_eq!(
        refused(mending(2, "bb", 1), &untaken),
        Refusal::MendsNothingTaken(one)
    );
    let mut twice = state.clone();
    run(&mut twice, Command::Receive(mending(2, "bb", 1))).unwrap();
    assert_eq!(
        refused(mending(3, "cc", 2), &twice),
        Refusal::MendsAMending {
            batch: DataBatchId(2),
            root: one
        }
    );
}

#[test]
fn n02_a_mending_takes_its_good_rows_and_never_stands() {
    let mut state = taken();
    run(&mut state, Command::Receive(mending(2, "bb", 1))).unwrap();
    // Nine of ten wrong: of a first delivery too many, of a mending not.
    let (id, nine) = (DataBatchId(2), quality(9));
    let judged = run(&mut state, Command::Judge { id, quality: nine }).unwrap();
    assert!(matches!(judged[..], [Event::Accepted { .. }]));
    assert_eq!(state.standing().unwrap().batch, DataBatchId(1));
    let first = &state.batches[&DataBatchId(1)];
    assert_eq!(waiting_rows(first, state.batches.values()), 0);
    assert_eq!(waiting_rows(first, std::iter::empty()), 1);
    run(&mut state, Command::Receive(mending(3, "cc", 1))).unwrap();
    let (id, none) = (DataBatchId(3), quality(10));
    let judged = run(&mut state, Command::Judge { id, quality: none }).unwrap();
    assert!(matches!(judged[..], [Event::Refused { .. }]));
}

#[test]
fn n02_a_waiting_row_is_closed_once_by_name_or_number() {
    let row = |number: &str, repeated| WaitingRow {
        record_no: number.to_owned(),
        repeated,
    };
    let rows = BTreeMap::from([
        (3, row("a", false)),
        (4, row("b", false)),
        (5, row("b", false)),
        (6, row("", false)),
        (7, row("c", true)),
    ]);
    let mut waiting = Waiting::new(DataBatchId(1), rows);
    for (name, number, answer) in [
        ("", "a", Ok(3)),
        ("", "a", Err(FaultKind::NotSetBack)),
        ("1-3", "a", Err(FaultKind::NotSetBack)),
        ("", "b", Err(FaultKind::WhichRow)),
        ("1-4", "b", Ok(4)),
        ("", "b", Ok(5)),
        ("2-6", "x", Err(FaultKind::NotSetBack)),
        ("6", "x", Err(FaultKind::NotSetBack)),
        ("1-6", "x", Ok(6)),
        ("", "", Err(FaultKind::NotSetBack)),
        ("1-7", "c", Err(FaultKind::RepeatedRecord)),
        ("1-7", "d", Ok(7)),
    ] {
        assert_eq!(waiting.close(name, number), answer, "{name} {number}");
    }
    let name = RowName {
        batch: DataBatchId(12),
        line: 8,
    };
    assert_eq!("12-8".parse::<RowName>().unwrap(), name);
    assert_eq!(name.to_string(), "12-8");
}
