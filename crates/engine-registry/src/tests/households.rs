//! Households: one head, everyone in one at a time, no circle.

use super::*;

#[test]
fn a_household_has_one_head_and_everyone_once() {
    let (head, son, spouse) = (Relation::HEAD, Relation::SON, Relation::SPOUSE);
    let mut state = people();
    for (members, refusal) in [
        (vec![], Refusal::NoMembers),
        (vec![member(2, son)], Refusal::HeadMissing),
        (
            vec![member(1, head), member(2, Relation::SELF)],
            Refusal::HeadTwice,
        ),
        (
            vec![member(1, head), member(2, son), member(2, spouse)],
            Refusal::MemberTwice(PersonId(2)),
        ),
        (
            vec![member(1, head), member(9, son)],
            Refusal::UnknownPerson(PersonId(9)),
        ),
    ] {
        let refused = run(&mut state, form(1, members, "2020-01-01", None));
        assert_eq!(refused, Err(refusal));
    }
    let ahead = run(
        &mut state,
        form(1, vec![member(1, head)], "2026-11-24", None),
    );
    assert_eq!(ahead, Err(Refusal::FromTheFuture(day("2026-11-24"))));
    assert!(state.households.is_empty());
}

#[test]
fn nobody_is_in_two_households_at_once() {
    let mut state = family();
    let there = |from| Refusal::InTwoHouseholds {
        person: PersonId(2),
        household: HouseholdId(1),
        from: day(from),
    };
    let alone = || vec![member(2, Relation::HEAD)];
    for from in ["2026-01-01", "2019-01-01"] {
        assert_eq!(
            run(&mut state, form(2, alone(), from, None)),
            Err(there(from))
        );
    }
    run(&mut state, leave(2, "2026-03-01")).unwrap();
    assert_eq!(
        run(&mut state, form(2, alone(), "2026-02-28", None)),
        Err(there("2026-02-28"))
    );
    run(&mut state, form(2, alone(), "2026-03-01", None)).unwrap();
    for (on, household) in [("2026-02-28", 1), ("2026-03-01", 2)] {
        let (found, _) = state.household_of(PersonId(2), day(on)).unwrap();
        assert_eq!(found.id, HouseholdId(household), "{on}");
    }
    let join = Command::Join {
        household: HouseholdId(1),
        member: member(2, Relation::SON),
        from: day("2026-05-01"),
        origin: told("2026-05-01"),
    };
    assert!(matches!(
        run(&mut state, join),
        Err(Refusal::InTwoHouseholds { .. })
    ));
}

#[test]
fn the_head_leaves_last_or_hands_over_first() {
    let mut state = family();
    assert_eq!(
        run(&mut state, leave(1, "2026-01-01")),
        Err(Refusal::HeadCannotLeave)
    );
    assert_eq!(
        run(&mut state, leave(3, "2026-01-01")),
        Err(Refusal::NotAMember(PersonId(3)))
    );
    assert_eq!(
        run(&mut state, leave(2, "2020-01-01")),
        Err(Refusal::OutOfOrder)
    );
    let change = |members: Vec<NewMember>, from: &str| Command::ChangeHead {
        household: HouseholdId(1),
        members,
        from: day(from),
        origin: told(from),
    };
    let mother = Relation::from_code(52).unwrap();
    let handed = || vec![member(2, Relation::HEAD), member(1, mother)];
    for (members, from, refusal) in [
        (
            vec![member(2, Relation::HEAD)],
            "2026-01-01",
            Refusal::NotAllMembers,
        ),
        (
            vec![member(2, Relation::SON), member(1, mother)],
            "2026-01-01",
            Refusal::HeadMissing,
        ),
        (handed(), "2020-01-01", Refusal::OutOfOrder),
    ] {
        assert_eq!(run(&mut state, change(members, from)), Err(refusal));
    }
    run(&mut state, change(handed(), "2026-01-01")).unwrap();
    run(&mut state, leave(1, "2026-06-01")).unwrap();
    let household = &state.households[&HouseholdId(1)];
    for (on, head, members) in [
        ("2025-12-31", PersonId(1), 2),
        ("2026-01-01", PersonId(2), 2),
        ("2026-06-01", PersonId(2), 1),
    ] {
        assert_eq!(household.head_on(day(on)), Some(head), "{on}");
        assert_eq!(household.members_on(day(on)).count(), members, "{on}");
    }
    run(&mut state, leave(2, "2026-07-01")).unwrap();
    assert_eq!(
        state.households[&HouseholdId(1)].head_on(day("2026-07-01")),
        None
    );
    let join = Command::Join {
        household: HouseholdId(1),
        member: member(3, Relation::SON),
        from: day("2026-08-01"),
        origin: told("2026-08-01"),
    };
    assert_eq!(run(&mut state, join), Err(Refusal::HeadMissing));
}

#[test]
fn the_dead_join_no_household() {
    let mut state = family();
    run(
        &mut state,
        record(3, PersonFact::Died(day("2026-01-01")), told("2026-02-01")),
    )
    .unwrap();
    let join = Command::Join {
        household: HouseholdId(1),
        member: member(3, Relation::DAUGHTER),
        from: day("2026-01-02"),
        origin: told("2026-02-01"),
    };
    assert_eq!(run(&mut state, join), Err(Refusal::Dead(PersonId(3))));
}

#[test]
fn a_household_never_contains_itself() {
    let mut state = family();
    let alone = vec![member(3, Relation::HEAD)];
    let itself = run(&mut state, form(2, alone.clone(), "2026-01-01", Some(2)));
    assert_eq!(itself, Err(Refusal::ContainsItself(HouseholdId(2))));
    let nowhere = run(&mut state, form(2, alone.clone(), "2026-01-01", Some(9)));
    assert_eq!(nowhere, Err(Refusal::UnknownHousehold(HouseholdId(9))));
    run(&mut state, form(2, alone, "2026-01-01", Some(1))).unwrap();
    for (household, within) in [(1, 1), (1, 2)] {
        let place = Command::PlaceWithin {
            household: HouseholdId(household),
            within: Some(HouseholdId(within)),
        };
        assert_eq!(
            run(&mut state, place),
            Err(Refusal::ContainsItself(HouseholdId(household)))
        );
    }
    let out = Command::PlaceWithin {
        household: HouseholdId(2),
        within: None,
    };
    run(&mut state, out).unwrap();
    assert_eq!(state.households[&HouseholdId(2)].within, None);
}

#[test]
fn a_household_moves_in_order() {
    let mut state = family();
    let to = |text: &str, from: &str| Command::Move {
        household: HouseholdId(1),
        region: region(text),
        from: day(from),
    };
    run(&mut state, to("330482002001", "2026-05-01")).unwrap();
    assert_eq!(
        run(&mut state, to("330482003", "2026-05-01")),
        Err(Refusal::OutOfOrder)
    );
    let household = &state.households[&HouseholdId(1)];
    for (on, place) in [
        ("2026-04-30", Some("330482001001")),
        ("2026-05-01", Some("330482002001")),
        ("2019-12-31", None),
    ] {
        assert_eq!(household.region_on(day(on)), place.map(region), "{on}");
    }
}

#[test]
fn a_change_of_head_in_the_past_forgets_nobody_who_left_since() {
    let mut state = family();
    run(&mut state, leave(2, "2026-05-01")).unwrap();
    let change = |head: i64, other: i64| Command::ChangeHead {
        household: HouseholdId(1),
        members: vec![
            member(head, Relation::HEAD),
            member(other, Relation::NOT_RELATED),
        ],
        from: day("2026-01-01"),
        origin: told("2026-01-01"),
    };
    // Who has left since cannot have become the head for good.
    assert_eq!(run(&mut state, change(2, 1)), Err(Refusal::HeadCannotLeave));
    run(&mut state, change(1, 2)).unwrap();
    let household = &state.households[&HouseholdId(1)];
    assert_eq!(household.members_on(day("2026-04-30")).count(), 2);
    assert_eq!(household.members_on(day("2026-05-01")).count(), 1);
    let join = Command::Join {
        household: HouseholdId(1),
        member: member(3, Relation::DAUGHTER),
        from: day("2025-06-01"),
        origin: told("2025-06-01"),
    };
    assert_eq!(run(&mut state, join), Err(Refusal::OutOfOrder));
}

#[test]
fn the_spouse_takes_over_else_the_eldest() {
    let mut state = people();
    let members = vec![
        member(1, Relation::HEAD),
        member(2, Relation::SPOUSE),
        member(3, Relation::SON),
    ];
    run(&mut state, form(1, members, "2020-01-01", None)).unwrap();
    let on = day("2026-03-01");
    let born = |one: PersonId| state.people.get(&one)?.born(&Config::default());
    let household = &state.households[&HouseholdId(1)];
    let relation = |leaver: i64| -> Vec<(i64, u8)> {
        household
            .succession(PersonId(leaver), on, born)
            .into_iter()
            .map(|one| (one.person.0, one.relation.code()))
            .collect()
    };
    assert_eq!(relation(1), [(1, 97), (2, 2), (3, 20)]);
    assert_eq!(relation(2), [(1, 2), (2, 97), (3, 97)]);
}
