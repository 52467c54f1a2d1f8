//! 「补发和多发」 Who may do what with a proposal, and what a look changes.

use super::*;

fn found(fen: i64) -> PastFinding {
    PastFinding {
        key: ObligationKey {
            programme: "dibao".parse().unwrap(),
            beneficiary: Beneficiary::Household(kernel::HouseholdId(1)),
            period: month("2026-05"),
            component: "base".parse().unwrap(),
            revision: 1,
        },
        case: kernel::CaseId(1),
        entitlement: EntitlementId(1),
        decision: DecisionId(1),
        payee: PersonId(1),
        owed: Money::from_fen(100_000 + fen),
        made: Money::from_fen(100_000),
        difference: Money::from_fen(fen),
        causes: vec![PastCause::Decision {
            decision: DecisionId(1),
        }],
        law: "hash".to_owned(),
    }
}

fn who(person: i64, role: Role) -> Actor {
    Actor {
        account: format!("a{person}"),
        person: Some(PersonId(person)),
        role,
    }
}

fn clock() -> Now {
    Now {
        at: "2026-07-05T02:00:00Z".parse().unwrap(),
    }
}

fn step(
    state: &mut Option<PastProposal>,
    command: PastCommand,
    by: &Actor,
) -> Result<usize, &'static str> {
    let events = decide_past(state.as_ref(), command, by, clock());
    let events = events.map_err(|why| kernel::Refuse::code(&why))?;
    for event in &events {
        *state = PastProposal::after(state.take(), event);
    }
    Ok(events.len())
}

fn look(fen: Option<i64>, listed: bool) -> PastCommand {
    let found = fen.map(found);
    PastCommand::Look { found, listed }
}

fn take(way: PastWay) -> PastCommand {
    let reason = "说明".to_owned();
    PastCommand::Take { way, reason }
}

fn confirm(fen: i64) -> PastCommand {
    let seen = Money::from_fen(fen);
    PastCommand::Confirm { seen }
}

#[test]
fn nothing_is_paid_before_two_people_agreed_on_the_amount_they_saw() {
    let (one, two) = (who(1, Role::Finance), who(2, Role::CountyApprover));
    let machine = Actor {
        person: None,
        role: Role::System,
        ..one.clone()
    };
    let mut state = None;
    assert_eq!(
        step(&mut state, take(PastWay::Pay), &one),
        Err("payment.past_state")
    );
    assert_eq!(step(&mut state, look(Some(500), false), &machine), Ok(1));
    assert_eq!(
        step(&mut state, take(PastWay::Pay), &machine),
        Err("payment.not_human")
    );
    assert_eq!(
        step(&mut state, take(PastWay::Recover), &one),
        Err("payment.wrong_way")
    );
    assert_eq!(
        step(&mut state, confirm(500), &two),
        Err("payment.past_state")
    );
    assert_eq!(step(&mut state, take(PastWay::Pay), &one), Ok(1));
    assert_eq!(state.as_ref().unwrap().pays(), None);
    assert_eq!(
        step(&mut state, confirm(500), &one),
        Err("payment.same_person")
    );
    assert_eq!(
        step(&mut state, confirm(501), &two),
        Err("payment.list_changed")
    );
    assert_eq!(step(&mut state, confirm(500), &two), Ok(1));
    let paid = state.as_ref().unwrap().pays();
    assert_eq!(paid, Some((Money::from_fen(500), DueKind::Arrears)));
    assert_eq!(
        step(&mut state, confirm(500), &two),
        Err("payment.past_state")
    );
}

#[test]
fn another_amount_begins_anew_and_what_a_list_holds_is_left_alone() {
    let (one, two) = (who(1, Role::Finance), who(2, Role::CountyApprover));
    // (difference found now, in a list already, how many events, what it pays then)
    let table = [
        (Some(500), false, 0, Some(500)),
        (Some(500), true, 0, Some(500)),
        (Some(700), true, 0, Some(500)),
        (Some(700), false, 1, None),
        (None, true, 0, Some(500)),
        (None, false, 1, None),
    ];
    for (fen, listed, events, pays) in table {
        let mut state = None;
        step(&mut state, look(Some(500), false), &one).unwrap();
        step(&mut state, take(PastWay::Pay), &one).unwrap();
        step(&mut state, confirm(500), &two).unwrap();
        let happened = step(&mut state, look(fen, listed), &one);
        assert_eq!(happened, Ok(events), "{fen:?} {listed}");
        let due = state.unwrap().pays().map(|(money, _)| money.fen());
        assert_eq!(due, pays, "{fen:?} {listed}");
    }
}

#[test]
fn a_recovery_that_runs_is_not_begun_again_and_a_waiver_holds_for_its_amount() {
    let (one, two) = (who(1, Role::Finance), who(2, Role::CountyApprover));
    for (way, fen, events) in [
        (PastWay::Recover, Some(-900), 0),
        (PastWay::Recover, None, 0),
        (PastWay::Waive, Some(-500), 0),
        (PastWay::Waive, Some(-900), 1),
    ] {
        let mut state = None;
        step(&mut state, look(Some(-500), false), &one).unwrap();
        step(&mut state, take(way), &one).unwrap();
        step(&mut state, confirm(-500), &two).unwrap();
        assert_eq!(state.as_ref().unwrap().pays(), None);
        assert_eq!(
            step(&mut state, look(fen, false), &one),
            Ok(events),
            "{way:?} {fen:?}"
        );
    }
}
