//! 「规则」 Every refusal once, in its order, and what holds and reversals do.

use super::*;

/// Outside world 1 (fen), fund 2 (floor 0, holds 1,000), person 3, minutes 4 and 5.
fn book() -> Ledger {
    let mut ledger = Ledger::default();
    for command in [
        open(1, "fen", None),
        open(2, "fen", Some(0)),
        open(3, "fen", Some(0)),
        open(4, "minute", None),
        open(5, "minute", Some(0)),
        transfer(100, &[leg(1, -1_000), leg(2, 1_000)]),
    ] {
        tell(&mut ledger, command, 0).unwrap();
    }
    ledger
}

fn reserve(id: i64, amount: i64, expires: Option<i64>) -> Command {
    Command::Reserve {
        id: TransferId(id),
        reference: format!("h{id}"),
        legs: vec![leg(2, -amount), leg(3, amount)],
        expires: expires.map(|minute| now(minute).at),
        purpose: None,
    }
}

fn post(id: i64, hold: i64, legs: Option<Vec<Leg>>) -> Command {
    Command::Post {
        id: TransferId(id),
        hold: TransferId(hold),
        reference: format!("p{id}"),
        legs,
    }
}

fn reverse(id: i64, of: i64) -> Command {
    Command::Reverse {
        id: TransferId(id),
        of: TransferId(of),
        reference: format!("r{id}"),
    }
}

#[test]
fn every_refusal_in_its_order() {
    let mut ledger = book();
    tell(&mut ledger, reserve(200, 300, Some(10)), 0).unwrap();
    tell(&mut ledger, reserve(201, 100, None), 0).unwrap();
    tell(
        &mut ledger,
        Command::Void {
            hold: TransferId(201),
        },
        0,
    )
    .unwrap();
    tell(&mut ledger, transfer(101, &[leg(2, -50), leg(3, 50)]), 0).unwrap();
    tell(&mut ledger, reverse(102, 101), 0).unwrap();
    let mut same_reference = transfer(900, &[leg(2, 0)]);
    if let Command::Transfer { reference, .. } = &mut same_reference {
        *reference = "t100".to_owned();
    }
    let unit: kernel::Slug = "fen".parse().unwrap();
    let table: Vec<(Command, Refusal)> = vec![
        (open(2, "fen", None), Refusal::AccountExists(AccountId(2))),
        (open(9, "fen", Some(1)), Refusal::FloorAboveZero),
        (
            same_reference,
            Refusal::ReferenceTaken {
                reference: "t100".into(),
                by: TransferId(100),
            },
        ),
        (
            Command::Transfer {
                id: TransferId(200),
                reference: "new".into(),
                legs: vec![],
                purpose: None,
            },
            Refusal::NumberTaken(TransferId(200)),
        ),
        (
            transfer(900, &[leg(2, 0)]),
            Refusal::WrongLegs {
                legs: 1,
                most: 10_000,
            },
        ),
        (
            transfer(900, &[leg(77, 0), leg(2, 1)]),
            Refusal::NoSuchAccount(AccountId(77)),
        ),
        (
            transfer(900, &[leg(2, 0), leg(3, 1)]),
            Refusal::EmptyLeg(AccountId(2)),
        ),
        (
            transfer(900, &[leg(2, 1), leg(2, -1)]),
            Refusal::RepeatedAccount(AccountId(2)),
        ),
        (
            transfer(900, &[leg(2, -9_999), leg(3, 9_998)]),
            Refusal::Unbalanced {
                unit: unit.clone(),
                difference: -1,
            },
        ),
        (
            // Fen against minutes: each unit is off by itself.
            transfer(900, &[leg(2, -5), leg(5, 5)]),
            Refusal::Unbalanced {
                unit,
                difference: -5,
            },
        ),
        (
            transfer(900, &[leg(2, -701), leg(3, 701)]),
            Refusal::BelowFloor {
                account: AccountId(2),
                available: 700,
                needed: 701,
            },
        ),
        (
            transfer(900, &[leg(1, i64::MIN + 1), leg(2, i64::MAX)]),
            Refusal::TooLarge(AccountId(1)),
        ),
        (reserve(901, 10, Some(0)), Refusal::ExpiryInThePast),
        (
            reserve(901, 701, None),
            Refusal::BelowFloor {
                account: AccountId(2),
                available: 700,
                needed: 701,
            },
        ),
        (post(902, 999, None), Refusal::NoSuchHold(TransferId(999))),
        (post(902, 201, None), Refusal::HoldSettled(TransferId(201))),
        (
            post(902, 200, Some(vec![leg(2, -301), leg(3, 301)])),
            Refusal::BeyondHold(AccountId(2)),
        ),
        (
            post(902, 200, Some(vec![leg(2, -1), leg(1, 1)])),
            Refusal::BeyondHold(AccountId(1)),
        ),
        (
            post(902, 200, Some(vec![leg(2, 1), leg(3, -1)])),
            Refusal::BeyondHold(AccountId(2)),
        ),
        (
            Command::Void {
                hold: TransferId(201),
            },
            Refusal::HoldSettled(TransferId(201)),
        ),
        (
            Command::Void {
                hold: TransferId(1),
            },
            Refusal::NoSuchHold(TransferId(1)),
        ),
        (
            Command::Expire {
                hold: TransferId(200),
            },
            Refusal::HoldNotDue(TransferId(200)),
        ),
        (reverse(903, 999), Refusal::NoSuchTransfer(TransferId(999))),
        (
            reverse(903, 101),
            Refusal::AlreadyReversed {
                of: TransferId(101),
                by: TransferId(102),
            },
        ),
        (
            reverse(903, 102),
            Refusal::ReversalOfReversal(TransferId(102)),
        ),
    ];
    for (command, refusal) in table {
        let told = ask(&ledger, command.clone(), 0);
        assert_eq!(told, Err(refusal), "{command:?}");
    }
    assert_eq!(
        ask(&ledger, post(902, 200, None), 10),
        Err(Refusal::HoldLapsed {
            hold: TransferId(200),
            expired: now(10).at
        })
    );
}

#[test]
fn a_hold_counts_against_the_floor_until_it_is_settled() {
    let mut ledger = book();
    tell(&mut ledger, reserve(200, 800, None), 0).unwrap();
    let fund = &ledger.accounts[&AccountId(2)];
    assert_eq!((fund.balance, fund.held_out), (1_000, 800));
    assert_eq!(fund.available(), Some(200));
    assert_eq!(ledger.accounts[&AccountId(3)].available(), Some(0));
    // Posted in part: the rest comes back.
    let part = Some(vec![leg(2, -500), leg(3, 500)]);
    tell(&mut ledger, post(201, 200, part), 0).unwrap();
    assert_eq!(ledger.accounts[&AccountId(2)].available(), Some(500));
    assert_eq!(ledger.accounts[&AccountId(3)].balance, 500);
    assert_eq!(
        ask(&ledger, post(202, 200, None), 0),
        Err(Refusal::HoldSettled(TransferId(200)))
    );
    assert_eq!(verify(&ledger), []);
}

#[test]
fn a_hold_with_a_time_expires_and_one_without_never_does() {
    let mut ledger = book();
    tell(&mut ledger, reserve(200, 800, Some(5)), 0).unwrap();
    tell(&mut ledger, reserve(201, 100, None), 0).unwrap();
    let expire = |hold| Command::Expire {
        hold: TransferId(hold),
    };
    assert!(ask(&ledger, expire(200), 4).is_err());
    tell(&mut ledger, expire(200), 5).unwrap();
    assert_eq!(ledger.accounts[&AccountId(2)].available(), Some(900));
    assert_eq!(
        ask(&ledger, expire(201), i64::from(u32::MAX)),
        Err(Refusal::HoldNotDue(TransferId(201)))
    );
    assert_eq!(verify(&ledger), []);
}

#[test]
fn a_reversal_is_the_exact_opposite_and_respects_floors() {
    let mut ledger = book();
    tell(&mut ledger, transfer(101, &[leg(2, -400), leg(3, 400)]), 0).unwrap();
    tell(&mut ledger, transfer(102, &[leg(3, -300), leg(1, 300)]), 0).unwrap();
    // The person has spent it: a reversal may not push them below zero.
    assert!(matches!(
        ask(&ledger, reverse(103, 101), 0),
        Err(Refusal::BelowFloor { available: 100, .. })
    ));
    tell(&mut ledger, reverse(103, 102), 0).unwrap();
    tell(&mut ledger, reverse(104, 101), 0).unwrap();
    assert_eq!(ledger.accounts[&AccountId(2)].balance, 1_000);
    assert_eq!(ledger.accounts[&AccountId(3)].balance, 0);
    assert_eq!(verify(&ledger), []);
}

#[test]
fn minutes_and_fen_balance_each_for_itself() {
    let mut ledger = book();
    let legs = [leg(2, -100), leg(3, 100), leg(4, -60), leg(5, 60)];
    tell(&mut ledger, transfer(101, &legs), 0).unwrap();
    assert_eq!(ledger.accounts[&AccountId(5)].balance, 60);
    assert_eq!(verify(&ledger), []);
}

#[test]
fn verify_names_whatever_was_tampered_with() {
    let mut good = book();
    tell(&mut good, reserve(200, 300, None), 0).unwrap();
    tell(&mut good, reserve(201, 100, None), 0).unwrap();
    tell(&mut good, post(202, 201, None), 0).unwrap();
    tell(&mut good, transfer(101, &[leg(2, -50), leg(3, 50)]), 0).unwrap();
    tell(&mut good, reverse(102, 101), 0).unwrap();
    assert_eq!(verify(&good), []);
    type Edit = fn(&mut Ledger);
    type Names = fn(&LedgerFault) -> bool;
    let fund = AccountId(2);
    let edits: [(&str, Edit, Names); 9] = [
        (
            "a balance",
            |l| l.accounts.get_mut(&AccountId(3)).unwrap().balance += 1,
            |f| {
                matches!(
                    f,
                    LedgerFault::WrongBalance {
                        account: AccountId(3),
                        ..
                    }
                )
            },
        ),
        (
            "a balance: the unit",
            |l| l.accounts.get_mut(&AccountId(3)).unwrap().balance += 1,
            |f| matches!(f, LedgerFault::UnitNotZero { sum: 1, .. }),
        ),
        (
            "a hold total",
            |l| l.accounts.get_mut(&AccountId(2)).unwrap().held_out -= 300,
            |f| {
                matches!(
                    f,
                    LedgerFault::WrongHeld {
                        account: AccountId(2),
                        ..
                    }
                )
            },
        ),
        (
            "a leg",
            |l| l.transfers.get_mut(&TransferId(101)).unwrap().legs[0].amount -= 1,
            |f| {
                matches!(
                    f,
                    LedgerFault::UnbalancedTransfer {
                        transfer: TransferId(101),
                        ..
                    }
                )
            },
        ),
        (
            "a transfer taken out",
            |l| drop(l.transfers.remove(&TransferId(100))),
            |f| matches!(f, LedgerFault::WrongBalance { .. }),
        ),
        (
            "an account taken out",
            |l| drop(l.accounts.remove(&AccountId(3))),
            |f| {
                matches!(
                    f,
                    LedgerFault::LostAccount {
                        account: AccountId(3),
                        ..
                    }
                )
            },
        ),
        (
            "a reversal without its mark",
            |l| l.transfers.get_mut(&TransferId(101)).unwrap().reversed_by = None,
            |f| matches!(f, LedgerFault::WrongReversal(TransferId(102))),
        ),
        (
            "a hold reopened after posting",
            |l| l.holds.get_mut(&TransferId(201)).unwrap().state = HoldState::Pending,
            |f| matches!(f, LedgerFault::WrongPosting(TransferId(202))),
        ),
        (
            "a floor raised",
            |l| l.accounts.get_mut(&AccountId(2)).unwrap().bounds.floor = Some(900),
            |f| {
                matches!(
                    f,
                    LedgerFault::BelowFloor {
                        account: AccountId(2),
                        ..
                    }
                )
            },
        ),
    ];
    assert!(good.accounts.contains_key(&fund));
    for (what, edit, names) in edits {
        let mut bad = good.clone();
        edit(&mut bad);
        assert!(verify(&bad).iter().any(names), "{what}: {:?}", verify(&bad));
    }
    let mut bad = good.clone();
    let mut twin = bad.transfers[&TransferId(101)].clone();
    twin.id = TransferId(999);
    bad.transfers.insert(twin.id, twin);
    let twice = LedgerFault::RepeatedReference("t101".to_owned());
    assert!(verify(&bad).contains(&twice));
}
