//! 「边」 Every edge of the batch and of the item: the legal ones succeed, all
//! others are refused. The tables here are written from trust.md §4, not from
//! the code.

use super::*;

const LINE: u32 = 1;

/// Every command there is, ready to succeed where it is legal.
fn commands(batch: &Batch) -> Vec<(&'static str, Command)> {
    let seen = batch
        .list
        .as_ref()
        .map_or(String::new(), |l| l.hash.clone());
    let grants = [grant(1, yuan(1), "2026-01")];
    let proof = String::from("查无此文件");
    let reply = match &batch.file {
        Some(_) => write_reply(&honest(batch, &[])),
        None => Vec::new(),
    };
    let line = returned_line(batch);
    let paid: Vec<(String, Money)> = batch
        .items
        .iter()
        .filter(|item| matches!(item.state, ItemState::Paid { .. }))
        .map(|item| (line_reference(batch, item), item.amount))
        .collect();
    let total = Money::checked_sum(paid.iter().map(|p| p.1)).unwrap();
    vec![
        ("compute", computing(dues(&grants, "2026-12"))),
        ("check", Command::Check { seen: seen.clone() }),
        ("approve", Command::Approve { seen: seen.clone() }),
        (
            "release",
            Command::Release {
                seen,
                doubts: BTreeMap::new(),
            },
        ),
        (
            "reject",
            Command::Reject {
                reason: "重来".into(),
            },
        ),
        (
            "hold",
            Command::Hold {
                line: LINE,
                reason: "存疑".into(),
            },
        ),
        (
            "cancel",
            Command::Cancel {
                line,
                decision: DecisionId(7),
            },
        ),
        ("send", Command::Send),
        ("silent", Command::FallSilent),
        (
            "received",
            Command::Answer(BankAnswer::Received {
                receipt: "r".into(),
            }),
        ),
        (
            "never",
            Command::Answer(BankAnswer::NeverReceived {
                proof: proof.clone(),
            }),
        ),
        ("refused", Command::Answer(BankAnswer::Refused { proof })),
        ("reply", Command::ReadReply(read_reply(&reply))),
        (
            "explain",
            Command::Explain {
                no: 1,
                words: "已核实".into(),
            },
        ),
        (
            "reconcile",
            Command::Reconcile {
                ledger: paid
                    .iter()
                    .map(|(r, a)| LedgerLine {
                        reference: r.clone(),
                        amount: *a,
                    })
                    .collect(),
                bank: paid
                    .iter()
                    .map(|(r, a)| BankLine {
                        reference: r.clone(),
                        amount: *a,
                    })
                    .collect(),
                treasury: TreasuryStatement {
                    debited: total,
                    refunded: Money::ZERO,
                },
                named: vec![],
            },
        ),
        ("close", Command::Close),
        (
            "reissue",
            Command::Reissue {
                line,
                into: PaymentBatchId(99),
            },
        ),
    ]
}

/// A line that came back, or the first.
fn returned_line(batch: &Batch) -> u32 {
    batch
        .items
        .iter()
        .find(|item| matches!(item.state, ItemState::Returned { .. }))
        .map_or(LINE, |item| item.line)
}

/// A batch in each state: four items, the last one held; in every state past
/// `Accepted` it has an exception to explain.
fn in_state(state: BatchState) -> Batch {
    let mut batch = Batch::draft(PaymentBatchId(1), month("2026-12"));
    if state == BatchState::Draft {
        return batch;
    }
    let grants: Vec<Entitlement> = (1..=4).map(|n| grant(n, yuan(n), "2026-01")).collect();
    let mut list = dues(&grants, "2026-12");
    list[3].account = None;
    tell(&mut batch, computing(list), &officer(1), 0).unwrap();
    let seen = hash(&batch);
    let mut reply = None;
    let steps = [
        (
            BatchState::Checked,
            Command::Check { seen: seen.clone() },
            2,
        ),
        (
            BatchState::Approved,
            Command::Approve { seen: seen.clone() },
            3,
        ),
        (
            BatchState::Released,
            Command::Release {
                seen,
                doubts: BTreeMap::new(),
            },
            3,
        ),
        (BatchState::Sent, Command::Send, 3),
    ];
    for (reaches, command, person) in steps {
        if batch.state < state {
            tell(&mut batch, command, &officer(person), 0).unwrap();
            assert_eq!(batch.state, reaches);
        }
    }
    if state > BatchState::Sent {
        let receipt = BankAnswer::Received {
            receipt: "r".into(),
        };
        tell(&mut batch, Command::Answer(receipt), &machine(), 0).unwrap();
        let returned: &[u32] = if state == BatchState::Settled {
            &[]
        } else {
            &[2]
        };
        let mut honest = honest(&batch, returned);
        let mut stranger = honest.lines[0].clone();
        stranger.line = 77;
        honest.lines.push(stranger);
        reply = Some(honest);
    }
    if let Some(mut reply) = reply {
        if state == BatchState::Accepted {
            reply.lines.retain(|line| line.line == 77);
        }
        tell(&mut batch, reading(&reply), &machine(), 0).unwrap();
    }
    if state > BatchState::PartlyFailed {
        for name in ["explain", "reconcile", "close"] {
            if batch.state < state {
                let (_, command) = commands(&batch).into_iter().find(|c| c.0 == name).unwrap();
                tell(&mut batch, command, &officer(3), 0).unwrap();
            }
        }
    }
    assert_eq!(batch.state, state);
    batch
}

/// The legal edges, written out: state → verbs.
fn legal(state: BatchState) -> &'static [&'static str] {
    match state {
        BatchState::Draft => &["compute"],
        BatchState::Computed => &["check", "reject", "hold", "cancel"],
        BatchState::Checked => &["approve", "reject", "hold", "cancel"],
        BatchState::Approved => &["release", "reject", "hold", "cancel"],
        BatchState::Released => &["send"],
        BatchState::Sent => &["silent", "received", "never", "refused", "reply"],
        BatchState::Accepted => &["silent", "received", "reply", "explain"],
        BatchState::Settled => &["reply", "explain"],
        BatchState::PartlyFailed => &["reply", "explain", "cancel", "reissue"],
        BatchState::Reconciled => &["reply", "explain", "close", "cancel", "reissue"],
        BatchState::Closed => &["cancel", "reissue"],
    }
}

/// Where a legal verb leads.
fn leads(state: BatchState, verb: &str) -> BatchState {
    match verb {
        "compute" => BatchState::Computed,
        "check" => BatchState::Checked,
        "approve" => BatchState::Approved,
        "release" | "never" => BatchState::Released,
        "reject" | "hold" | "refused" => BatchState::Draft,
        "cancel" if state < BatchState::Released => BatchState::Draft,
        "send" => BatchState::Sent,
        "received" => BatchState::Accepted,
        "reply" if state < BatchState::Settled => BatchState::Settled,
        "reconcile" => BatchState::Reconciled,
        "close" => BatchState::Closed,
        _ => state,
    }
}

fn actor_for(verb: &str) -> Actor {
    match verb {
        "compute" => officer(1),
        "check" => officer(2),
        "send" | "silent" | "received" | "never" | "refused" | "reply" => machine(),
        _ => officer(3),
    }
}

#[test]
fn every_legal_edge_is_open_and_every_other_is_shut() {
    let (mut open, mut shut) = (0, 0);
    for state in BatchState::ALL {
        let batch = in_state(state);
        let before = serde_json::to_vec(&batch).unwrap();
        for (verb, command) in commands(&batch) {
            let told = ask(&batch, command, &actor_for(verb), 60);
            if legal(state).contains(&verb) {
                open += 1;
                let mut after = batch.clone();
                for event in told.unwrap_or_else(|no| panic!("{state:?} {verb}: {no}")) {
                    after.apply(&event);
                }
                assert_eq!(after.state, leads(state, verb), "{state:?} {verb}");
            } else {
                shut += 1;
                let refusal = told.expect_err(&format!("{state:?} {verb} is open"));
                let of_state = matches!(
                    refusal,
                    Refusal::WrongState { .. }
                        | Refusal::WrongItemState { .. }
                        | Refusal::NotProven(_)
                        | Refusal::OpenExceptions(_)
                        | Refusal::NoSuchLine(_)
                );
                assert!(of_state, "{state:?} {verb}: {refusal:?}");
            }
        }
        assert_eq!(
            before,
            serde_json::to_vec(&batch).unwrap(),
            "deciding changes nothing"
        );
    }
    assert_eq!((open, shut), (36, 11 * 17 - 36));
}

#[test]
fn reconciling_opens_once_exceptions_are_explained() {
    for state in [BatchState::Settled, BatchState::PartlyFailed] {
        let mut batch = in_state(state);
        let find = |batch: &Batch, name: &str| {
            commands(batch).into_iter().find(|c| c.0 == name).unwrap().1
        };
        let reconcile = find(&batch, "reconcile");
        let told = ask(&batch, reconcile.clone(), &officer(3), 60);
        assert_eq!(told, Err(Refusal::OpenExceptions(1)));
        let explain = find(&batch, "explain");
        tell(&mut batch, explain, &officer(3), 60).unwrap();
        tell(&mut batch, reconcile, &officer(3), 60).unwrap();
        assert_eq!(batch.state, BatchState::Reconciled);
        assert_eq!(
            batch.reconciliation.as_ref().unwrap().difference(),
            Money::ZERO
        );
    }
}

#[test]
fn every_edge_between_items_is_as_written() {
    let on = kernel::Date::from_ymd_opt(2026, 12, 1).unwrap();
    let states = [
        ItemState::Ready,
        ItemState::Held { reason: "r".into() },
        ItemState::Sent,
        ItemState::Paid {
            reference: "b".into(),
            on,
        },
        ItemState::Returned {
            code: "R02".into(),
            on,
        },
        ItemState::Unknown,
        ItemState::Reissued {
            into: PaymentBatchId(2),
        },
        ItemState::Cancelled {
            decision: DecisionId(1),
        },
    ];
    let legal: [(&str, &[&str]); 8] = [
        ("ready", &["held", "cancelled", "sent"]),
        ("held", &["ready", "cancelled", "reissued"]),
        ("sent", &["paid", "returned", "unknown", "ready"]),
        ("paid", &[]),
        ("returned", &["reissued", "cancelled"]),
        ("unknown", &["paid", "returned", "sent", "ready"]),
        ("reissued", &[]),
        ("cancelled", &[]),
    ];
    for (from, (name, allowed)) in states.iter().zip(legal) {
        assert_eq!(from.name(), name);
        for to in &states {
            let open = allowed.contains(&to.name());
            assert_eq!(from.may_become(to), open, "{name} → {}", to.name());
        }
    }
}

#[test]
fn maker_checker_and_releaser_are_three_people() {
    let verbs = ["check", "approve", "release"];
    let states = [
        BatchState::Computed,
        BatchState::Checked,
        BatchState::Approved,
    ];
    // Person 1 made the list, person 2 checked it.
    let before: [&[(i64, &str)]; 3] = [
        &[(1, "经办")],
        &[(1, "经办"), (2, "复核")],
        &[(1, "经办"), (2, "复核")],
    ];
    for ((verb, state), before) in verbs.into_iter().zip(states).zip(before) {
        let batch = in_state(state);
        let command = || {
            commands(&batch)
                .into_iter()
                .find(|c| c.0 == verb)
                .unwrap()
                .1
        };
        for (person, did) in before {
            // Another account of the same person does not help.
            let mut by = officer(*person);
            by.account = "second".into();
            by.role = Role::CountyApprover;
            let told = ask(&batch, command(), &by, 0);
            assert!(
                matches!(told, Err(Refusal::SamePerson { before, .. }) if before == *did),
                "{verb} by {person}: {told:?}"
            );
        }
        let mut robot = officer(5);
        robot.role = Role::System;
        for by in [machine(), robot] {
            let told = ask(&batch, command(), &by, 0);
            assert!(matches!(told, Err(Refusal::NotHuman { .. })), "{verb}");
        }
        assert!(ask(&batch, command(), &officer(5), 0).is_ok());
    }
    let told = ask(
        &in_state(BatchState::Draft),
        computing(vec![]),
        &machine(),
        0,
    );
    assert!(matches!(told, Err(Refusal::NotHuman { .. })));
    let told = ask(
        &in_state(BatchState::Reconciled),
        Command::Close,
        &officer(1),
        0,
    );
    assert!(matches!(told, Err(Refusal::SamePerson { .. })));
}

#[test]
fn silence_makes_unknown_and_never_resends() {
    let mut batch = sent(1, 3);
    let told = ask(&batch, Command::FallSilent, &machine(), 31);
    assert!(
        matches!(told, Err(Refusal::TooEarly { .. })),
        "sent at minute 2"
    );
    tell(&mut batch, Command::FallSilent, &machine(), 32).unwrap();
    assert_eq!(batch.state, BatchState::Sent);
    assert!(batch.items.iter().all(|i| i.state == ItemState::Unknown));
    // Neither resent, nor reissued, nor cancelled, nor made silent twice.
    let cancel = Command::Cancel {
        line: 1,
        decision: DecisionId(1),
    };
    let reissue = Command::Reissue {
        line: 1,
        into: PaymentBatchId(2),
    };
    for command in [Command::Send, cancel, Command::FallSilent, reissue] {
        assert!(
            ask(&batch, command.clone(), &officer(3), 999).is_err(),
            "{command:?}"
        );
    }
    // Only the bank's proof opens the way back, and the bytes are the same.
    let before = batch.file.clone().unwrap();
    let never = BankAnswer::NeverReceived {
        proof: "查无此文件".into(),
    };
    tell(&mut batch, Command::Answer(never), &machine(), 40).unwrap();
    assert_eq!(batch.state, BatchState::Released);
    tell(&mut batch, Command::Send, &machine(), 41).unwrap();
    let after = batch.file.clone().unwrap();
    assert_eq!(
        (before.reference, before.digest),
        (after.reference, after.digest)
    );
    // A reply settles what had fallen silent.
    tell(&mut batch, Command::FallSilent, &machine(), 90).unwrap();
    let reply = honest(&batch, &[]);
    tell(&mut batch, reading(&reply), &machine(), 91).unwrap();
    assert_eq!(batch.state, BatchState::Settled);
}

#[test]
fn a_file_refused_whole_gets_a_new_reference() {
    let mut batch = sent(1, 3);
    let before = batch.file.clone().unwrap();
    let refused = BankAnswer::Refused {
        proof: "付款账户错误".into(),
    };
    tell(&mut batch, Command::Answer(refused), &machine(), 3).unwrap();
    assert_eq!(batch.state, BatchState::Draft);
    assert!(batch.items.iter().all(|i| i.state == ItemState::Ready));
    let again = write_bank_file(&batch, &config()).unwrap();
    assert_ne!(again.reference, before.reference);
    assert_ne!(again.digest, before.digest);
}

#[test]
fn only_a_proven_return_is_reissued_and_only_once() {
    let mut batch = in_state(BatchState::PartlyFailed);
    let reissue = |line, into| Command::Reissue {
        line,
        into: PaymentBatchId(into),
    };
    let told = ask(&batch, reissue(2, 1), &officer(1), 0);
    assert_eq!(told, Err(Refusal::SameBatch));
    let told = ask(&batch, reissue(1, 9), &officer(1), 0);
    assert!(
        matches!(told, Err(Refusal::WrongItemState { line: 1, .. })),
        "paid"
    );
    let told = ask(&batch, reissue(50, 9), &officer(1), 0);
    assert_eq!(told, Err(Refusal::NoSuchLine(50)));
    tell(&mut batch, reissue(2, 9), &officer(1), 0).unwrap();
    assert!(
        ask(&batch, reissue(2, 10), &officer(1), 0).is_err(),
        "twice"
    );
    // What was held back goes on as well.
    tell(&mut batch, reissue(4, 9), &officer(1), 0).unwrap();
    let told = ask(&sent(3, 2), reissue(1, 9), &officer(1), 0);
    assert_eq!(told, Err(Refusal::NotProven(1)));
}
