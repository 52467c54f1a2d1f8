//! 「模拟」 Seeded chaos: random commands, right and wrong, on a small book. Sums
//! stay zero, floors hold, a replay gives the same bytes, and a slice of the book
//! decides as the whole does.
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
    match dice.roll(8) {
        0 | 1 => Command::Transfer {
            id,
            reference,
            legs: random_legs(dice),
        },
        2 | 3 => Command::Reserve {
            id,
            reference,
            legs: random_legs(dice),
            expires: (dice.roll(2) == 0).then(|| now(minute + dice.id(20)).at),
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
        Command::Transfer {
            id,
            reference,
            legs: own,
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
        assert!(account.held_out >= 0 && account.held_in >= 0, "seed {seed}");
    }
    assert!(sums.values().all(|sum| *sum == 0), "seed {seed}: {sums:?}");
}

#[test]
fn a_thousand_seeds_keep_the_sum_at_zero() {
    let (mut accepted, mut refused) = (0_u64, BTreeMap::<&str, u64>::new());
    for seed in 0..seeds() {
        let mut dice = Dice(seed);
        let mut ledger = Ledger::default();
        let mut history = Vec::new();
        for id in 0..8 {
            let unit = if id < 4 { "fen" } else { "minute" };
            let floor = (id % 4 != 0).then_some(-50 * (id % 3));
            history.extend(tell(&mut ledger, open(id, unit, floor), 0).unwrap());
        }
        for step in 0..operations() {
            let step = i64::try_from(step).unwrap();
            let command = random_command(&mut dice, step + 1, step);
            let judged = ask(&ledger, command.clone(), step);
            let of_slice = ask(&slice(&ledger, &command), command, step);
            assert_eq!(judged, of_slice, "seed {seed}: a slice decides otherwise");
            match judged {
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
        }
        assert_eq!(verify(&ledger), [], "seed {seed}");
        let mut again = Ledger::default();
        for event in &history {
            again.apply(event);
        }
        let bytes = |ledger| serde_json::to_vec(ledger).unwrap();
        assert_eq!(bytes(&ledger), bytes(&again), "seed {seed}: replay differs");
    }
    // The chaos must have met both sides of most rules, or it proves little.
    assert!(
        accepted > seeds() * operations() / 10,
        "{accepted} accepted"
    );
    assert!(refused.len() >= 12, "{refused:?}");
}
