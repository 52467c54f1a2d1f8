//! 「清单」 Entitlements, the month's obligations, the month-on-month difference,
//! the frozen list, arrears.

use super::*;

fn stop(decision: i64, last: &str, phase_out: &[(u32, u32)]) -> Option<Stop> {
    Some(Stop {
        decision: DecisionId(decision),
        last: month(last),
        phase_out: phase_out
            .iter()
            .map(|(months, percent)| PhaseOutStep {
                months: *months,
                percent: *percent,
            })
            .collect(),
    })
}

fn due(entitlement: &Entitlement, period: &str) -> Option<i64> {
    entitlement.due_in(month(period)).map(|(m, _)| m.fen())
}

#[test]
fn an_entitlement_falls_due_when_it_says() {
    let monthly = grant(1, yuan(820), "2026-03");
    let limited = Entitlement {
        to: Some(month("2026-05")),
        ..monthly.clone()
    };
    let yearly = Entitlement {
        every: Every::Year,
        ..monthly.clone()
    };
    let once = Entitlement {
        every: Every::Once,
        ..monthly.clone()
    };
    let stopped = Entitlement {
        stop: stop(9, "2026-04", &[]),
        ..monthly.clone()
    };
    let table = [
        (&monthly, "2026-02", None),
        (&monthly, "2026-03", Some(82_000)),
        (&monthly, "2099-01", Some(82_000)),
        (&limited, "2026-05", Some(82_000)),
        (&limited, "2026-06", None),
        (&yearly, "2026-03", Some(82_000)),
        (&yearly, "2026-04", None),
        (&yearly, "2027-03", Some(82_000)),
        (&once, "2026-03", Some(82_000)),
        (&once, "2027-03", None),
        (&stopped, "2026-04", Some(82_000)),
        (&stopped, "2026-05", None),
    ];
    for (entitlement, period, fen) in table {
        assert_eq!(due(entitlement, period), fen, "{period} {entitlement:?}");
    }
    assert_eq!(monthly.last_month(), None);
    assert_eq!(limited.last_month(), Some(month("2026-05")));
    assert_eq!(once.last_month(), Some(month("2026-03")));
}

#[test]
fn a32_phase_out_ends_automatically() {
    let fading = Entitlement {
        stop: stop(9, "2026-04", &[(2, 100), (3, 50)]),
        ..grant(1, Money::from_fen(82_001), "2026-03")
    };
    let months = [
        ("2026-04", Some((82_001, false))),
        ("2026-05", Some((82_001, true))),
        ("2026-06", Some((82_001, true))),
        // Half of 82,001 fen, half a fen upward.
        ("2026-07", Some((41_001, true))),
        ("2026-09", Some((41_001, true))),
        ("2026-10", None),
        ("2030-01", None),
    ];
    for (period, expected) in months {
        let got = fading.due_in(month(period)).map(|(m, f)| (m.fen(), f));
        assert_eq!(got, expected, "{period}");
    }
    assert_eq!(fading.last_month(), Some(month("2026-09")));
    // The months tell their decision: fading, then faded out, nobody vanished.
    let grants = [fading];
    let diff = |before: &str, after: &str| {
        let (was, is) = (dues(&grants, before), dues(&grants, after));
        let diff = diff_months(&was, &is, &grants, month(after));
        assert_eq!(diff.vanished, []);
        diff.changes.first().map(|change| change.link)
    };
    assert_eq!(diff("2026-05", "2026-06"), None);
    assert_eq!(
        diff("2026-06", "2026-07"),
        Some(StopLink::Fading(DecisionId(9)))
    );
    assert_eq!(
        diff("2026-09", "2026-10"),
        Some(StopLink::FadedOut(DecisionId(9)))
    );
}

#[test]
fn an_obligation_is_made_once() {
    let grants = [
        grant(1, yuan(820), "2026-01"),
        grant(2, yuan(300), "2026-01"),
    ];
    let all = dues(&grants, "2026-12");
    assert_eq!(all.len(), 2);
    let made: BTreeSet<ObligationKey> = [all[0].key.clone()].into();
    let rest = compute(&grants, |_| None, month("2026-12"), &made).unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].key, all[1].key);
    assert_eq!(all[0].key.to_string(), "dibao/household:1/2026-12/base/0");
}

#[test]
fn two_grants_for_one_thing_are_refused_and_a_phase_out_gives_way() {
    let old = grant(1, yuan(820), "2026-01");
    let mut new = grant(2, yuan(900), "2026-06");
    new.beneficiary = old.beneficiary;
    let both = [old.clone(), new.clone()];
    let twice = compute(&both, |_| None, month("2026-06"), &BTreeSet::new());
    assert!(
        matches!(twice, Err(Refusal::Overlapping { .. })),
        "{twice:?}"
    );
    let fading = Entitlement {
        stop: stop(9, "2026-05", &[(6, 100)]),
        ..old
    };
    for pair in [[fading.clone(), new.clone()], [new, fading]] {
        let dues = dues(&pair, "2026-06");
        assert_eq!(dues.len(), 1);
        assert_eq!(dues[0].entitlement, EntitlementId(2));
    }
    let nothing = [grant(1, Money::ZERO, "2026-01")];
    let refused = compute(&nothing, |_| None, month("2026-06"), &BTreeSet::new());
    assert!(matches!(refused, Err(Refusal::WrongAmount { .. })));
}

#[test]
fn nobody_vanishes_without_a_signed_decision() {
    let mut grants: Vec<Entitlement> = (1..=6)
        .map(|id| grant(id, yuan(100 * id), "2026-01"))
        .collect();
    grants[4].every = Every::Once;
    grants[4].from = month("2026-11");
    let was = dues(&grants, "2026-11");
    grants[1].stop = stop(20, "2026-11", &[]);
    grants[2].to = Some(month("2026-11"));
    grants[3].stop = stop(40, "2026-11", &[]);
    let mut raised = grant(14, yuan(450), "2026-12");
    raised.beneficiary = grants[3].beneficiary;
    grants.push(raised);
    grants.push(grant(7, yuan(70), "2026-12"));
    grants.retain(|e| e.id != EntitlementId(6)); // lost without a trace
    let is = dues(&grants, "2026-12");
    let diff = diff_months(&was, &is, &grants, month("2026-12"));
    let links: Vec<StopLink> = diff.changes.iter().map(|c| c.link).collect();
    assert_eq!(diff.unchanged, 1);
    assert_eq!(
        links,
        [
            StopLink::Stopped(DecisionId(20)),
            StopLink::GrantEnded(DecisionId(3)),
            StopLink::Revised(DecisionId(14)),
            StopLink::NotThisMonth(DecisionId(5)),
            StopLink::Granted(DecisionId(7)),
        ]
    );
    assert_eq!(diff.vanished.len(), 1);
    assert_eq!(diff.vanished[0].was, yuan(600));

    let mut batch = Batch::draft(PaymentBatchId(1), month("2026-12"));
    let Command::Compute {
        dues,
        live,
        rule,
        inputs,
        ..
    } = computing(is)
    else {
        unreachable!()
    };
    let command = Command::Compute {
        dues,
        live,
        diff,
        rule,
        inputs,
    };
    tell(&mut batch, command, &officer(1), 0).unwrap();
    let seen = hash(&batch);
    let told = ask(&batch, Command::Check { seen }, &officer(2), 0);
    assert_eq!(told, Err(Refusal::Vanished(1)));
}

#[test]
fn an_amount_changed_under_the_same_decision_has_vanished() {
    let mut grants = [grant(1, yuan(820), "2026-01")];
    let was = dues(&grants, "2026-11");
    grants[0].amount = yuan(810);
    let is = dues(&grants, "2026-12");
    let diff = diff_months(&was, &is, &grants, month("2026-12"));
    assert_eq!(diff.vanished.len(), 1);
    assert_eq!(diff.vanished[0].is, Some(yuan(810)));
}

#[test]
fn the_frozen_list_is_what_people_sign() {
    let grants: Vec<Entitlement> = (1..=3).map(|n| grant(n, yuan(n), "2026-01")).collect();
    let mut batch = Batch::draft(PaymentBatchId(1), month("2026-12"));
    tell(
        &mut batch,
        computing(dues(&grants, "2026-12")),
        &officer(1),
        0,
    )
    .unwrap();
    let first = hash(&batch);
    assert_eq!(first.len(), 64);
    let stale = Command::Check {
        seen: "0".repeat(64),
    };
    let told = ask(&batch, stale, &officer(2), 0);
    assert_eq!(told, Err(Refusal::ListChanged { verb: "复核" }));
    tell(
        &mut batch,
        Command::Check {
            seen: first.clone(),
        },
        &officer(2),
        0,
    )
    .unwrap();

    // Any change returns to Draft; the new list has another hash.
    let hold = Command::Hold {
        line: 2,
        reason: "账户存疑".into(),
    };
    let events = tell(&mut batch, hold, &officer(3), 0).unwrap();
    assert!(matches!(
        events[0],
        Event::ReturnedToDraft {
            from: BatchState::Checked,
            ..
        }
    ));
    assert_eq!((batch.state, batch.checker), (BatchState::Draft, None));
    tell(
        &mut batch,
        computing(dues(&grants, "2026-12")),
        &officer(1),
        0,
    )
    .unwrap();
    assert_ne!(hash(&batch), first);
    let list = batch.list.as_ref().unwrap();
    assert_eq!((list.count, list.held, list.total), (2, 1, yuan(4)));
    assert!(matches!(batch.items[1].state, ItemState::Held { .. }));

    // A list changed behind the engine's back is noticed too.
    let seen = hash(&batch);
    batch.items[0].amount = yuan(99);
    let told = ask(&batch, Command::Check { seen }, &officer(2), 0);
    assert_eq!(told, Err(Refusal::ListChanged { verb: "复核" }));
}

#[test]
fn who_cannot_be_paid_yet_is_held_and_not_lost() {
    let mut list = dues(
        &[
            grant(1, yuan(1), "2026-01"),
            grant(2, yuan(2), "2026-01"),
            grant(3, yuan(3), "2026-01"),
        ],
        "2026-12",
    );
    list[0].account = None;
    if let Some(account) = &mut list[1].account {
        account.name = "名,字".into();
    }
    let mut batch = Batch::draft(PaymentBatchId(1), month("2026-12"));
    tell(&mut batch, computing(list.clone()), &officer(1), 0).unwrap();
    let states: Vec<&str> = batch.items.iter().map(|i| i.state.name()).collect();
    assert_eq!(states, ["held", "held", "ready"]);
    let told = ask(&batch, Command::Resume { line: 1 }, &officer(1), 0);
    assert!(matches!(told, Err(Refusal::WrongItemState { line: 1, .. })));
    // Once there is an account the next computing makes it ready by itself.
    let reject = Command::Reject {
        reason: "补账户".into(),
    };
    tell(&mut batch, reject, &officer(2), 0).unwrap();
    list[0].account = Some(account(1));
    tell(&mut batch, computing(list), &officer(1), 0).unwrap();
    assert_eq!(batch.items[0].state, ItemState::Ready);
}

#[test]
fn a_doubt_holds_until_a_person_looked_and_stops_nothing() {
    let grants = [grant(1, yuan(1), "2026-01"), grant(2, yuan(2), "2026-01")];
    let mut list = dues(&grants, "2026-12");
    list[0].doubt = Some("底册记着本人去世".into());
    let mut batch = Batch::draft(PaymentBatchId(1), month("2026-12"));
    let state = |batch: &Batch| batch.items[0].state.clone();
    tell(&mut batch, computing(list.clone()), &officer(1), 0).unwrap();
    let held = ItemState::Held {
        reason: "底册记着本人去世".into(),
    };
    assert_eq!(state(&batch), held);
    assert_eq!(batch.list.as_ref().unwrap().total, yuan(2));

    // Looked at and resumed: the same doubt does not hold it again, another does.
    tell(&mut batch, Command::Resume { line: 1 }, &officer(1), 0).unwrap();
    tell(&mut batch, computing(list.clone()), &officer(1), 0).unwrap();
    assert_eq!(state(&batch), ItemState::Ready);
    let again = Command::Reject {
        reason: "重算".into(),
    };
    tell(&mut batch, again, &officer(2), 0).unwrap();
    list[0].doubt = Some("底册记着收款人去世".into());
    tell(&mut batch, computing(list.clone()), &officer(1), 0).unwrap();
    assert!(matches!(state(&batch), ItemState::Held { .. }));

    // What is learnt after the list was frozen is said before the money leaves.
    for person in [2, 3] {
        let seen = hash(&batch);
        let command = match person {
            2 => Command::Check { seen },
            _ => Command::Approve { seen },
        };
        tell(&mut batch, command, &officer(person), 0).unwrap();
    }
    let release = |doubts: &[(u32, &str)]| Command::Release {
        seen: hash(&batch),
        doubts: doubts.iter().map(|(n, d)| (*n, (*d).into())).collect(),
    };
    let told = ask(&batch, release(&[(2, "底册记着本人去世")]), &officer(3), 0);
    assert!(
        matches!(told, Err(Refusal::Doubt { line: 2, .. })),
        "{told:?}"
    );
    let told = ask(
        &batch,
        release(&[(1, "底册记着收款人去世")]),
        &officer(3),
        0,
    );
    assert!(told.is_ok(), "{told:?}");
}

#[test]
fn a_list_with_a_double_is_refused() {
    let list = dues(&[grant(1, yuan(1), "2026-01")], "2026-12");
    let key = list[0].key.clone();
    let batch = Batch::draft(PaymentBatchId(1), month("2026-12"));
    let twice = computing(vec![list[0].clone(), list[0].clone()]);
    let told = ask(&batch, twice, &officer(1), 0);
    assert_eq!(told, Err(Refusal::RepeatedKey(key.clone())));
    let mut elsewhere = computing(list);
    if let Command::Compute { live, .. } = &mut elsewhere {
        live.insert(key.clone());
    }
    let told = ask(&batch, elsewhere, &officer(1), 0);
    assert_eq!(told, Err(Refusal::AlreadyLive(key)));
    let told = ask(&batch, computing(vec![]), &officer(1), 0);
    assert_eq!(told, Err(Refusal::NothingDue));
}

#[test]
fn the_inputs_digest_knows_every_change_and_no_order() {
    let one = grant(1, yuan(1), "2026-01");
    let two = grant(2, yuan(2), "2026-01");
    let digest = inputs_digest(&[one.clone(), two.clone()]);
    assert_eq!(digest, inputs_digest(&[two.clone(), one.clone()]));
    let mut changed = vec![one.clone(); 6];
    changed[0].amount = yuan(3);
    changed[1].to = Some(month("2027-01"));
    changed[2].stop = stop(5, "2026-05", &[]);
    changed[3].stop = stop(5, "2026-05", &[(1, 50)]);
    changed[4].payee = PersonId(99);
    changed[5].every = Every::Year;
    let mut digests: BTreeSet<String> = changed
        .into_iter()
        .map(|one| inputs_digest(&[one, two.clone()]))
        .collect();
    digests.insert(digest);
    assert_eq!(digests.len(), 7);
}

#[test]
fn arrears_are_proposed_for_both_directions() {
    let grants = [
        grant(1, yuan(900), "2026-03"),
        grant(2, yuan(500), "2026-05"),
    ];
    let record = |id: i64, period: &str, revision: u32, amount: Money| PaidRecord {
        key: ObligationKey {
            programme: "dibao".parse().unwrap(),
            beneficiary: Beneficiary::Household(HouseholdId(id)),
            period: month(period),
            component: "base".parse().unwrap(),
            revision,
        },
        amount,
    };
    let made = [
        record(1, "2026-03", 0, yuan(900)),
        record(1, "2026-04", 0, yuan(820)),
        record(1, "2026-04", 1, yuan(30)),
        record(2, "2026-04", 0, yuan(500)),
        record(2, "2026-05", 0, yuan(500)),
        record(9, "2025-01", 0, yuan(1)), // outside the months asked about
    ];
    let proposals = propose_arrears(&grants, &made, month("2026-03"), month("2026-05"));
    let told: Vec<(String, i64, bool)> = proposals
        .iter()
        .map(|p| (p.key.to_string(), p.difference.fen(), p.decision.is_some()))
        .collect();
    assert_eq!(
        told,
        [
            ("dibao/household:1/2026-04/base/2".into(), 5_000, true),
            ("dibao/household:1/2026-05/base/0".into(), 90_000, true),
            ("dibao/household:2/2026-04/base/1".into(), -50_000, false),
        ]
    );
    assert_eq!(
        propose_arrears(&grants, &made, month("2026-05"), month("2026-03")),
        []
    );
}

#[test]
fn an_account_is_changed_by_two_people_or_not_at_all() {
    let empty = AccountHolding::default();
    let first = empty.enter(account(1), &officer(1), now(0)).unwrap();
    assert_eq!(first.current, Some(account(1)));
    assert!(empty.enter(account(1), &machine(), now(0)).is_err());
    let asked = first.enter(account(2), &officer(1), now(0)).unwrap();
    assert_eq!(asked.current, Some(account(1)), "nothing yet");
    let mut second_account = officer(1);
    second_account.account = "other".into();
    for by in [officer(1), second_account] {
        let told = asked.confirm(&account(2), &by);
        assert!(matches!(told, Err(Refusal::SamePerson { .. })), "{told:?}");
    }
    let told = asked.confirm(&account(3), &officer(2));
    assert!(
        matches!(told, Err(Refusal::ListChanged { .. })),
        "not what was seen"
    );
    let changed = asked.confirm(&account(2), &officer(2)).unwrap();
    assert_eq!(
        (changed.current, changed.proposed),
        (Some(account(2)), None)
    );
    assert_eq!(
        first.confirm(&account(1), &officer(2)),
        Err(Refusal::NothingProposed)
    );
}
