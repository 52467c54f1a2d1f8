//! Whatever is tried, in whatever order: households stay whole.

use super::*;
use proptest::prelude::*;

fn any_command() -> impl Strategy<Value = Command> {
    let person = 1..4_i64;
    let code = prop::sample::select(vec![2_u8, 10, 20, 30, 52]);
    let when = (0..60_i64).prop_map(|months| {
        kernel::months_after(day("2022-01-01"), months as i32)
            .unwrap()
            .to_string()
    });
    let members = prop::collection::vec((person.clone(), code), 0..4);
    let within = prop::option::of(1..4_i64);
    (0..5_u8, 1..4_i64, members, when, within, person).prop_map(
        |(verb, household, members, from, within, person)| {
            let members: Vec<NewMember> = members
                .into_iter()
                .map(|(who, code)| member(who, Relation::from_code(code).unwrap()))
                .collect();
            let id = HouseholdId(household);
            match verb {
                0 => form(household, members, &from, within),
                1 => Command::Join {
                    household: id,
                    member: member(person, Relation::DAUGHTER),
                    from: day(&from),
                    origin: told(&from),
                },
                2 => Command::Leave {
                    household: id,
                    person: PersonId(person),
                    until: day(&from),
                },
                3 => Command::ChangeHead {
                    household: id,
                    members,
                    from: day(&from),
                    origin: told(&from),
                },
                _ => Command::PlaceWithin {
                    household: id,
                    within: within.map(HouseholdId),
                },
            }
        },
    )
}

/// A change of head that has a chance: the members there are, the last of
/// them the new head.
fn handed_over(state: &State, command: Command) -> Command {
    let Command::ChangeHead {
        household,
        from,
        origin,
        ..
    } = command
    else {
        return command;
    };
    let there = state.households.get(&household);
    let mut members: Vec<NewMember> = there
        .into_iter()
        .flat_map(|household| household.members_on(from))
        .map(|one| NewMember {
            person: one.person,
            relation: Relation::NOT_RELATED,
        })
        .collect();
    if let Some(last) = members.last_mut() {
        last.relation = Relation::HEAD;
    }
    Command::ChangeHead {
        household,
        members,
        from,
        origin,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// On every first of a month: nobody in two households, nobody twice in
    /// one, every household with members has exactly one head.
    #[test]
    fn households_stay_whole(commands in prop::collection::vec(any_command(), 1..40)) {
        let mut state = people();
        for command in commands {
            let command = handed_over(&state, command);
            let _ = run(&mut state, command);
        }
        for months in 0..60 {
            let on = kernel::months_after(day("2022-01-01"), months).unwrap();
            let mut seen = std::collections::BTreeSet::new();
            for household in state.households.values() {
                let members: Vec<_> = household.members_on(on).collect();
                let heads = members.iter().filter(|m| m.relation.is_head()).count();
                prop_assert_eq!(heads, usize::from(!members.is_empty()), "{} {:?}", on, household);
                for one in members {
                    prop_assert!(seen.insert(one.person), "{} {:?}", on, state.households);
                }
            }
        }
    }
}
