//! Merges: proposed, confirmed by another, undone.

use super::*;

#[test]
fn a_merge_is_proposed_confirmed_by_another_and_undone() {
    let mut state = people();
    assert_eq!(
        run(&mut state, propose(1, 1)),
        Err(Refusal::MergeWithItself)
    );
    run(&mut state, propose(1, 3)).unwrap();
    assert_eq!(state.resolve(PersonId(3)), PersonId(3));
    let confirm = |by| Command::ConfirmMerge { id: MergeId(1), by };
    // Another account of the same human being is the same person.
    let second_account = Actor {
        account: "other".into(),
        ..clerk(900)
    };
    assert_eq!(
        run(&mut state, confirm(second_account)),
        Err(Refusal::SamePerson)
    );
    let machine = Actor {
        account: "job".into(),
        person: None,
        role: Role::System,
    };
    assert_eq!(
        run(&mut state, confirm(machine)),
        Err(Refusal::NeedsAPerson)
    );
    run(&mut state, confirm(clerk(901))).unwrap();
    assert_eq!(
        run(&mut state, confirm(clerk(901))),
        Err(Refusal::MergeNotOpen)
    );
    assert_eq!(state.resolve(PersonId(3)), PersonId(1));
    assert_eq!(state.by_number(CHILD.parse().unwrap()), Some(PersonId(1)));
    let (merged, into) = (PersonId(3), PersonId(1));
    let write = run(&mut state, record(3, name("甲"), told("2026-01-01")));
    assert_eq!(write, Err(Refusal::AlreadyMerged { merged, into }));
    let undo = |reason: &str| Command::UndoMerge {
        id: MergeId(1),
        reason: reason.into(),
        by: clerk(901),
    };
    assert_eq!(run(&mut state, undo("")), Err(Refusal::ReasonMissing));
    let untouched = people();
    run(&mut state, undo("其实是两个人")).unwrap();
    assert_eq!(state.people, untouched.people);
    assert_eq!(run(&mut state, undo("x")), Err(Refusal::MergeNotDone));
}

#[test]
fn who_left_a_household_empty_comes_back_as_its_head() {
    let mut state = people();
    let alone = form(1, vec![member(3, Relation::HEAD)], "2020-01-01", None);
    run(&mut state, alone).unwrap();
    let back = |relation| Command::Join {
        household: HouseholdId(1),
        member: member(3, relation),
        from: day("2026-11-23"),
        origin: told("2026-11-23"),
    };
    assert_eq!(
        run(&mut state, back(Relation::HEAD)),
        Err(Refusal::HeadTwice)
    );
    run(&mut state, leave(3, "2026-11-23")).unwrap();
    assert!(run(&mut state, back(Relation::SON)).is_err());
    run(&mut state, back(Relation::HEAD)).unwrap();
    let home = &state.households[&HouseholdId(1)];
    assert_eq!(home.head_on(day("2026-11-23")), Some(PersonId(3)));
}

#[test]
fn a_rejected_merge_changes_nobody() {
    let mut state = people();
    run(&mut state, propose(1, 3)).unwrap();
    let reject = Command::RejectMerge {
        id: MergeId(1),
        reason: "不是同一人".into(),
        by: clerk(901),
    };
    run(&mut state, reject).unwrap();
    assert_eq!(state.people, people().people);
    let confirm = Command::ConfirmMerge {
        id: MergeId(1),
        by: clerk(901),
    };
    assert_eq!(run(&mut state, confirm), Err(Refusal::MergeNotOpen));
    assert_eq!(run(&mut state, propose(1, 3)), Err(Refusal::IdTaken(1)));
}

#[test]
fn a_member_leaves_the_household_before_being_merged_away() {
    let mut state = family();
    run(&mut state, propose(1, 2)).unwrap();
    let confirm = || Command::ConfirmMerge {
        id: MergeId(1),
        by: clerk(901),
    };
    assert!(matches!(
        run(&mut state, confirm()),
        Err(Refusal::InTwoHouseholds { .. })
    ));
    run(&mut state, leave(2, "2026-11-23")).unwrap();
    assert!(run(&mut state, confirm()).is_ok());
}
