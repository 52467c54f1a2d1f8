//! 「模拟」 Seeded chaos: random commands, right and wrong, on a small book with lots,
//! ceilings and restricted funds. Sums stay zero, floors and ceilings hold, lots are never
//! negative, a crash loses the state and the events rebuild the same bytes, and a slice of
//! the book decides as the whole does.
//!
//! `NUANXIN_LEDGER_OPS=10000` raises the operations per seed from 200,
//! `NUANXIN_LEDGER_SEEDS` says how many seeds (1,000 unless told).

use super::*;
use std::collections::BTreeMap;

/// SplitMix64: a few lines, the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }

    fn id(&mut self, below: i64) -> i64 {
        i64::try_from(self.roll(u64::try_from(below).unwrap())).unwrap()
    }
}

fn told(name: &str, usual: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().expect("a whole number"),
        Err(_) => usual,
    }
}

fn operations() -> u64 {
    told("NUANXIN_LEDGER_OPS", 200)
}

fn seeds() -> u64 {
    told("NUANXIN_LEDGER_SEEDS", 1_000)
}

fn random_legs(dice: &mut Dice) -> Vec<Leg> {
    let unit = dice.id(2) * 4;
    let first = dice.id(4);
    let count = 2 + dice.id(2);
    let mut legs: Vec<Leg> = (0..count)
        .map(|place| leg(unit + (first + place) % 4, dice.id(200) - 80))
        .collect();
    match dice.roll(20) {
        0 => {}
        1 => legs[0].account = legs[1].account,
        _ => {
            let sum: i64 = legs.iter().map(|leg| leg.amount).sum();
            legs[0].amount -= sum;
        }
    }
    legs
}

fn random_purpose(dice: &mut Dice) -> Option<kernel::Slug> {
    let purposes = ["elder", "school", "feast"];
    let name = purposes.get(usize::try_from(dice.roll(4)).unwrap())?;
    name.parse().ok()
}

/// Accounts 0–3 count fen (0 the world, 2 a restricted fund), 4–7 minutes (4 the issuer,
/// 7 with a ceiling), 8–11 are lots of minutes, one of them already over when it opens.
fn accounts(steps: i64) -> Vec<Command> {
    let mut all: Vec<Command> = (0..8).map(account).collect();
    for id in 8..12 {
        let lapses = (id - 8) * steps / 3;
        all.push(Command::Open {
            id: AccountId(id),
            unit: "minute".parse().unwrap(),
            name: format!("account:{id}"),
            bounds: Bounds {
                expires: Some(now(lapses).at),
                ..Bounds::floor(0)
            },
        });
    }
    all
}

fn account(id: i64) -> Command {
    let unit = if id < 4 { "fen" } else { "minute" };
    let purposes = ["elder", "school"].map(|name| name.parse().unwrap());
    Command::Open {
        id: AccountId(id),
        unit: unit.parse().unwrap(),
        name: format!("account:{id}"),
        bounds: Bounds {
            floor: (id % 4 != 0).then_some(-50 * (id % 3)),
            ceiling: (id == 7).then_some(150),
            purposes: (id == 2).then(|| purposes.into()),
            expires: None,
        },
    }
}

fn random_command(dice: &mut Dice, next: i64, minute: i64) -> Command {
    // Mostly fresh numbers and references, sometimes used ones.
    let id = TransferId(if dice.roll(20) == 0 {
        dice.id(next)
    } else {
        next
    });
    let reference = match dice.roll(20) {
        0 => format!("x{}", dice.id(next)),
        _ => format!("x{next}"),
    };
    let earlier = TransferId(next - 1 - dice.id(next.clamp(1, 12)));
    match dice.roll(11) {
        8 => {
            let amount = dice.id(90) - 5;
            let lots = (8..next.min(8 + 4)).map(AccountId).collect();
            Command::Spend {
                id,
                reference,
                lots,
                amount,
                to: vec![leg(4, amount)],
                purpose: random_purpose(dice),
            }
        }
        9 => Command::Lapse {
            id,
            reference,
            lot: AccountId(8 + dice.id(4)),
            to: AccountId(4),
        },
        // Into a lot, or the account with a ceiling.
        10 => {
            let amount = 1 + dice.id(60);
            Command::Transfer {
                id,
                reference,
                legs: vec![leg(4, -amount), leg(8 + dice.id(4), amount)],
                purpose: None,
            }
        }
        0 | 1 => Command::Transfer {
            id,
            reference,
            legs: random_legs(dice),
            purpose: random_purpose(dice),
        },
        2 | 3 => Command::Reserve {
            id,
            reference,
            legs: random_legs(dice),
            expires: (dice.roll(2) == 0).then(|| now(minute + dice.id(20)).at),
            purpose: random_purpose(dice),
        },
        4 => Command::Post {
            id,
            hold: earlier,
            reference,
            legs: (dice.roll(3) == 0).then(|| random_legs(dice)),
        },
        5 => Command::Void { hold: earlier },
        6 => Command::Expire { hold: earlier },
        _ => Command::Reverse {
            id,
            of: earlier,
            reference,
        },
    }
}

/// Only what the command names: what a store would load.
fn slice(ledger: &Ledger, command: &Command) -> Ledger {
    let mut part = Ledger::default();
    let mut legs: Vec<Leg> = Vec::new();
    let mut entries: Vec<TransferId> = Vec::new();
    match command {
        Command::Open { .. } => {}
        Command::Spend {
            id,
            reference,
            lots,
            to,
            ..
        } => {
            legs.extend(lots.iter().map(|lot| leg(lot.0, 0)));
            legs.extend(to);
            entries.push(*id);
            entries.extend(ledger.references.get(reference));
        }
        Command::Lapse {
            id,
            reference,
            lot,
            to,
        } => {
            legs.extend([leg(lot.0, 0), leg(to.0, 0)]);
            entries.push(*id);
            entries.extend(ledger.references.get(reference));
        }
        Command::Transfer {
            id,
            reference,
            legs: own,
            ..
        }
        | Command::Reserve {
            id,
            reference,
            legs: own,
            ..
        } => {
            legs.extend(own);
            entries.push(*id);
            entries.extend(ledger.references.get(reference));
        }
        Command::Post {
            id,
            hold,
            reference,
            legs: own,
        } => {
            legs.extend(own.iter().flatten());
            entries.extend([*id, *hold]);
            entries.extend(ledger.references.get(reference));
        }
        Command::Void { hold } | Command::Expire { hold } => entries.push(*hold),
        Command::Reverse { id, of, reference } => {
            entries.extend([*id, *of]);
            entries.extend(ledger.references.get(reference));
        }
    }
    for entry in entries {
        if let Some(hold) = ledger.holds.get(&entry) {
            legs.extend(&hold.legs);
            part.references.insert(hold.reference.clone(), entry);
            part.holds.insert(entry, hold.clone());
        }
        if let Some(transfer) = ledger.transfers.get(&entry) {
            legs.extend(&transfer.legs);
            part.references.insert(transfer.reference.clone(), entry);
            part.transfers.insert(entry, transfer.clone());
        }
    }
    for leg in legs {
        if let Some(account) = ledger.accounts.get(&leg.account) {
            part.accounts.insert(leg.account, account.clone());
        }
    }
    part
}

fn check_sums_and_floors(ledger: &Ledger, seed: u64) {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for account in ledger.accounts.values() {
        *sums.entry(account.unit.as_str()).or_default() += account.balance;
        if let Some(available) = account.available() {
            assert!(available >= 0, "seed {seed}: floor broken: {account:?}");
        }
        if let Some(room) = account.room() {
            assert!(room >= 0, "seed {seed}: ceiling broken: {account:?}");
        }
        if account.bounds.expires.is_some() {
            assert!(account.balance >= 0, "seed {seed}: a lot below zero");
        }
        assert!(account.held_out >= 0 && account.held_in >= 0, "seed {seed}");
    }
    assert!(sums.values().all(|sum| *sum == 0), "seed {seed}: {sums:?}");
}

fn bytes(ledger: &Ledger) -> Vec<u8> {
    serde_json::to_vec(ledger).unwrap()
}

/// One seed from the first account to the last operation: what was accepted, what refused.
fn live(seed: u64, refused: &mut BTreeMap<&'static str, u64>) -> u64 {
    let mut dice = Dice(seed);
    let mut ledger = Ledger::default();
    let mut history = Vec::new();
    let mut accepted = 0;
    let steps = i64::try_from(operations()).unwrap();
    for command in accounts(steps) {
        history.extend(tell(&mut ledger, command, 0).unwrap());
    }
    for step in 0..steps {
        let command = random_command(&mut dice, step + 1, step);
        let judged = ask(&ledger, command.clone(), step);
        let of_slice = ask(&slice(&ledger, &command), command, step);
        assert_eq!(judged, of_slice, "seed {seed}: a slice decides otherwise");
        // The lights go out: before the events are kept, or after.
        let crash = dice.roll(2_000);
        match judged {
            Ok(_) if crash == 0 => {}
            Ok(events) => {
                accepted += 1;
                for event in &events {
                    ledger.apply(event);
                }
                history.extend(events);
                check_sums_and_floors(&ledger, seed);
            }
            Err(refusal) => {
                *refused.entry(kernel::Refuse::code(&refusal)).or_default() += 1;
            }
        }
        if crash <= 1 {
            ledger = rebuilt(&history, &ledger, seed);
        }
    }
    assert_eq!(verify(&ledger), [], "seed {seed}");
    rebuilt(&history, &ledger, seed);
    accepted
}

/// What the events alone make, which must be what was lost, to the byte.
fn rebuilt(history: &[Event], lost: &Ledger, seed: u64) -> Ledger {
    let mut again = Ledger::default();
    for event in history {
        again.apply(event);
    }
    assert_eq!(bytes(lost), bytes(&again), "seed {seed}: replay differs");
    again
}

#[test]
fn a_thousand_seeds_keep_the_sum_at_zero_through_crashes() {
    let mut refused = BTreeMap::new();
    let accepted: u64 = (0..seeds()).map(|seed| live(seed, &mut refused)).sum();
    // The chaos must have met both sides of most rules, or it proves little.
    assert!(
        accepted > seeds() * operations() / 10,
        "{accepted} accepted"
    );
    for code in [
        "ledger.above_ceiling",
        "ledger.not_enough",
        "ledger.lot_lapsed",
        "ledger.lot_not_due",
        "ledger.purpose_missing",
        "ledger.purpose_not_allowed",
        "ledger.below_floor",
    ] {
        assert!(refused.contains_key(code), "{code}: {refused:?}");
    }
    assert!(refused.len() >= 18, "{refused:?}");
}
