//! 「批次、专款、上限」 Lots go by age and lapse, restricted funds ask what for, ceilings
//! refuse, and what was held on a day can be said later.

use super::*;
use kernel::Slug;
use std::collections::BTreeSet;

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn within(id: i64, unit: &str, bounds: Bounds) -> Command {
    Command::Open {
        id: AccountId(id),
        unit: slug(unit),
        name: format!("account:{id}"),
        bounds,
    }
}

fn lot(id: i64, lapses: i64) -> Command {
    let expires = Some(now(lapses).at);
    within(
        id,
        "minute",
        Bounds {
            expires,
            ..Bounds::floor(0)
        },
    )
}

/// Issuer 1, used 2, lapsed 3; lots 10 (lapses at 100), 11 (at 50), 12 (never), 60 each.
fn bank() -> Ledger {
    let mut ledger = Ledger::default();
    for command in [
        open(1, "minute", None),
        open(2, "minute", Some(0)),
        open(3, "minute", Some(0)),
        lot(10, 100),
        lot(11, 50),
        within(12, "minute", Bounds::floor(0)),
        transfer(100, &[leg(1, -60), leg(10, 60)]),
        transfer(101, &[leg(1, -60), leg(11, 60)]),
        transfer(102, &[leg(1, -60), leg(12, 60)]),
    ] {
        tell(&mut ledger, command, 0).unwrap();
    }
    ledger
}

fn spend(id: i64, amount: i64) -> Command {
    Command::Spend {
        id: TransferId(id),
        reference: format!("s{id}"),
        lots: [12, 10, 11].map(AccountId).to_vec(),
        amount,
        to: vec![leg(2, amount)],
        purpose: None,
    }
}

fn lapse(id: i64, lot: i64) -> Command {
    Command::Lapse {
        id: TransferId(id),
        reference: format!("l{id}"),
        lot: AccountId(lot),
        to: AccountId(3),
    }
}

#[test]
fn h13_what_lapses_first_is_spent_first_and_the_rest_lapses() {
    let mut ledger = bank();
    tell(&mut ledger, spend(200, 90), 0).unwrap();
    let left = |ledger: &Ledger, id| ledger.accounts[&AccountId(id)].balance;
    assert_eq!(
        [11, 10, 12].map(|id| left(&ledger, id)),
        [0, 30, 60],
        "youngest deadline first, never-lapsing last"
    );
    assert_eq!(
        ask(&ledger, spend(201, 91), 0),
        Err(Refusal::NotEnough {
            available: 90,
            needed: 91
        })
    );
    assert_eq!(
        ask(&ledger, lapse(202, 10), 99),
        Err(Refusal::LotNotDue(AccountId(10)))
    );
    // Over: no longer spent, only lapsed, and once.
    assert_eq!(
        ask(&ledger, spend(201, 61), 100),
        Err(Refusal::NotEnough {
            available: 60,
            needed: 61
        })
    );
    assert_eq!(
        ask(&ledger, transfer(203, &[leg(1, -1), leg(10, 1)]), 100),
        Err(Refusal::LotLapsed(AccountId(10)))
    );
    tell(&mut ledger, lapse(202, 10), 100).unwrap();
    assert_eq!((left(&ledger, 10), left(&ledger, 3)), (0, 30));
    assert_eq!(
        ask(&ledger, lapse(204, 10), 100),
        Err(Refusal::NothingToMove)
    );
    assert_eq!(verify(&ledger), []);
}

#[test]
fn h13_a_spending_undone_goes_back_to_the_lots_it_came_from() {
    let mut ledger = bank();
    tell(&mut ledger, spend(200, 90), 0).unwrap();
    let undo = Command::Reverse {
        id: TransferId(201),
        of: TransferId(200),
        reference: "undo".into(),
    };
    tell(&mut ledger, undo, 60).unwrap();
    for id in [10, 11, 12] {
        assert_eq!(ledger.accounts[&AccountId(id)].balance, 60);
    }
    // Lot 11 was over by then: it may only lapse.
    tell(&mut ledger, lapse(202, 11), 60).unwrap();
    assert_eq!(verify(&ledger), []);
}

#[test]
fn what_a_hold_has_reserved_does_not_lapse() {
    let mut ledger = bank();
    let hold = Command::Reserve {
        id: TransferId(200),
        reference: "h".into(),
        legs: vec![leg(11, -40), leg(2, 40)],
        expires: None,
        purpose: None,
    };
    tell(&mut ledger, hold, 0).unwrap();
    tell(&mut ledger, lapse(201, 11), 50).unwrap();
    assert_eq!(ledger.accounts[&AccountId(3)].balance, 20);
    let post = Command::Post {
        id: TransferId(202),
        hold: TransferId(200),
        reference: "p".into(),
        legs: None,
    };
    tell(&mut ledger, post, 60).unwrap();
    assert_eq!(ledger.accounts[&AccountId(11)].balance, 0);
    assert_eq!(verify(&ledger), []);
}

#[test]
fn h01_money_leaves_a_restricted_fund_only_for_its_purposes() {
    let purposes: BTreeSet<Slug> = ["elder", "school"].map(slug).into();
    let mut ledger = Ledger::default();
    let fund = Bounds {
        purposes: Some(purposes),
        ..Bounds::floor(0)
    };
    for command in [
        open(1, "fen", None),
        within(2, "fen", fund),
        open(3, "fen", Some(0)),
        transfer(100, &[leg(1, -500), leg(2, 500)]),
    ] {
        tell(&mut ledger, command, 0).unwrap();
    }
    let pay = |purpose: Option<&str>| Command::Transfer {
        id: TransferId(101),
        reference: "pay".into(),
        legs: vec![leg(2, -100), leg(3, 100)],
        purpose: purpose.map(slug),
    };
    assert_eq!(
        ask(&ledger, pay(None), 0),
        Err(Refusal::PurposeMissing(AccountId(2)))
    );
    assert_eq!(
        ask(&ledger, pay(Some("feast")), 0),
        Err(Refusal::PurposeNotAllowed {
            account: AccountId(2),
            purpose: slug("feast")
        })
    );
    let reserve = Command::Reserve {
        id: TransferId(101),
        reference: "pay".into(),
        legs: vec![leg(2, -100), leg(3, 100)],
        expires: None,
        purpose: None,
    };
    assert_eq!(
        ask(&ledger, reserve, 0),
        Err(Refusal::PurposeMissing(AccountId(2)))
    );
    tell(&mut ledger, pay(Some("elder")), 0).unwrap();
    assert_eq!(verify(&ledger), []);
    // Whoever writes another purpose afterwards is found.
    let paid = ledger.transfers.get_mut(&TransferId(101)).unwrap();
    paid.purpose = Some(slug("feast"));
    let wrong = LedgerFault::WrongPurpose {
        transfer: TransferId(101),
        account: AccountId(2),
    };
    assert_eq!(verify(&ledger), [wrong]);
}

#[test]
fn h14_a_ceiling_refuses_what_would_go_above_it_holds_counted() {
    let capped = Bounds {
        ceiling: Some(100),
        ..Bounds::floor(0)
    };
    let mut ledger = Ledger::default();
    for command in [open(1, "point", None), within(2, "point", capped)] {
        tell(&mut ledger, command, 0).unwrap();
    }
    let hold = Command::Reserve {
        id: TransferId(100),
        reference: "h".into(),
        legs: vec![leg(1, -70), leg(2, 70)],
        expires: None,
        purpose: None,
    };
    tell(&mut ledger, hold, 0).unwrap();
    assert_eq!(
        ask(&ledger, transfer(101, &[leg(1, -31), leg(2, 31)]), 0),
        Err(Refusal::AboveCeiling {
            account: AccountId(2),
            room: 30,
            asked: 31
        })
    );
    tell(&mut ledger, transfer(101, &[leg(1, -30), leg(2, 30)]), 0).unwrap();
    let post = Command::Post {
        id: TransferId(102),
        hold: TransferId(100),
        reference: "p".into(),
        legs: None,
    };
    tell(&mut ledger, post, 0).unwrap();
    assert_eq!(ledger.accounts[&AccountId(2)].room(), Some(0));
    assert_eq!(verify(&ledger), []);
    ledger
        .accounts
        .get_mut(&AccountId(2))
        .unwrap()
        .bounds
        .ceiling = Some(99);
    assert!(matches!(
        verify(&ledger)[..],
        [LedgerFault::AboveCeiling { ceiling: 99, .. }]
    ));
    let below = Bounds {
        ceiling: Some(-1),
        ..Bounds::default()
    };
    assert_eq!(
        ask(&ledger, within(9, "point", below), 0),
        Err(Refusal::CeilingBelowZero)
    );
    let loose = Bounds {
        expires: Some(now(9).at),
        ..Bounds::default()
    };
    assert_eq!(
        ask(&ledger, within(9, "point", loose), 0),
        Err(Refusal::LotWithoutFloor)
    );
}

#[test]
fn h13_a_statement_says_what_was_there_on_a_day_and_what_moved() {
    let mut ledger = bank();
    tell(&mut ledger, spend(200, 90), 10).unwrap();
    // Between two lots of one person: nothing moved for them.
    tell(&mut ledger, transfer(201, &[leg(12, -5), leg(10, 5)]), 11).unwrap();
    let own: BTreeSet<AccountId> = [10, 11, 12].map(AccountId).into();
    let all = statement(ledger.transfers.values(), &own, (now(5).at, now(20).at));
    assert_eq!((all.opening, all.closing), (180, 90));
    let lines: Vec<(i64, i64)> = all.lines.iter().map(|l| (l.amount, l.balance)).collect();
    assert_eq!(lines, [(-90, 90)]);
    let at = |minute| balance_at(ledger.transfers.values(), &own, now(minute).at);
    assert_eq!((at(9), at(10)), (180, 90));
}

#[test]
fn h13_promises_are_held_against_what_will_be_given_and_unknown_is_not_zero() {
    // 600 owed; 200 given in 100 days goes on for 200 days: 400.
    let seen = solvency(600, Some(200), 100, 200);
    assert_eq!((seen.given, seen.short), (Some(400), Some(200)));
    assert_eq!(solvency(300, Some(200), 100, 200).short, Some(0));
    let unknown = solvency(600, None, 100, 200);
    assert_eq!((unknown.given, unknown.short), (None, None));
}
