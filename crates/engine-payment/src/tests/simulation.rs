//! 「坏脾气的银行」 A hundred batches of five hundred items against a bank that
//! delays, loses answers, repeats, truncates, reorders, returns and miscounts.
//! At the end: nobody paid twice, nobody missing, every planted fault named,
//! three sides equal to the fen.

use super::*;
use std::collections::{BTreeMap, BTreeSet};

const BATCHES: i64 = 100;
const ITEMS: i64 = 500;

/// SplitMix64: a few lines, the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % below as u64).unwrap()
    }
}

/// The bank's own books: what was really moved, by account.
#[derive(Default)]
struct Bank {
    files: BTreeMap<String, String>,
    executed: BTreeMap<String, (AccountNumber, i64, LineOutcome)>,
    received: BTreeMap<AccountNumber, i64>,
    debited: i64,
    refunded: i64,
}

impl Bank {
    /// Takes a file once by its digest; pays each line once by its reference.
    fn take(&mut self, file: &BankFile, returns: &BTreeSet<String>) {
        let known = self
            .files
            .insert(file.reference.clone(), file.digest.clone());
        if known.is_some() {
            assert_eq!(
                known.as_ref(),
                Some(&file.digest),
                "a resend has the same bytes"
            );
            return;
        }
        let (text, _, _) = encoding_rs::GB18030.decode(&file.bytes);
        for row in text.lines().filter(|row| row.starts_with("D,")) {
            let fields: Vec<&str> = row.split(',').collect();
            let reference = fields[2].to_owned();
            let account: AccountNumber = fields[3].parse().unwrap();
            let fen: i64 = fields[5].parse().unwrap();
            let on = kernel::Date::from_ymd_opt(2026, 12, 10).unwrap();
            self.debited += fen;
            let outcome = if returns.contains(&reference) {
                self.refunded += fen;
                LineOutcome::Returned {
                    code: "R02".into(),
                    on,
                }
            } else {
                *self.received.entry(account.clone()).or_default() += fen;
                LineOutcome::Paid {
                    reference: format!("BK{reference}"),
                    on,
                }
            };
            let twice = self.executed.insert(reference, (account, fen, outcome));
            assert!(twice.is_none(), "a line reference was executed twice");
        }
    }

    fn reply(&self, batch: &Batch, number: u32) -> Reply {
        let mut reply = honest(batch, &[]);
        reply.number = number;
        for line in &mut reply.lines {
            line.outcome = self.executed[&line.reference].2.clone();
        }
        reply
    }
}

/// What goes wrong with one reply, and the name it must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Plant {
    Honest,
    Truncated,
    Reordered,
    RepeatedLine,
    RepeatedReply,
    MissingLines,
    UnknownLine,
    WrongTotal,
    Corrupted,
    WrongAmount,
}

const PLANTS: [Plant; 10] = [
    Plant::Honest,
    Plant::Truncated,
    Plant::Reordered,
    Plant::RepeatedLine,
    Plant::RepeatedReply,
    Plant::MissingLines,
    Plant::UnknownLine,
    Plant::WrongTotal,
    Plant::Corrupted,
    Plant::WrongAmount,
];

fn spoil(plant: Plant, honest: &Reply, dice: &mut Dice) -> Vec<u8> {
    let mut reply = honest.clone();
    let place = dice.roll(reply.lines.len() - 1);
    match plant {
        Plant::Honest | Plant::RepeatedReply => {}
        Plant::Truncated => {
            let bytes = write_reply(&reply);
            let header = bytes.iter().position(|b| *b == b'\n').unwrap() + 1;
            let cut = header + dice.roll(bytes.len() - header - 2);
            return bytes[..cut].to_vec();
        }
        Plant::Reordered => reply.lines.swap(place, place + 1),
        Plant::RepeatedLine => reply.lines.push(reply.lines[place].clone()),
        Plant::MissingLines => drop(reply.lines.drain(place..)),
        Plant::UnknownLine => {
            let mut stranger = reply.lines[place].clone();
            stranger.reference = format!("ZZ{place:018}");
            reply.lines.push(stranger);
        }
        Plant::WrongTotal => {
            let text = String::from_utf8(write_reply(&reply)).unwrap();
            let total = text.split(',').nth(6).unwrap().to_owned();
            let wrong = (total.parse::<i64>().unwrap() + 1).to_string();
            return text.replacen(&total, &wrong, 1).into_bytes();
        }
        Plant::Corrupted => {
            let mut bytes = write_reply(&reply);
            let at = bytes.len() / 2;
            bytes[at] = if bytes[at] == b'7' { b'8' } else { b'7' };
            return bytes;
        }
        Plant::WrongAmount => {
            reply.lines[place].amount = Money::from_fen(reply.lines[place].amount.fen() + 1);
        }
    }
    write_reply(&reply)
}

/// Whether a reading gave the planted fault its name.
fn is_named(plant: Plant, faults: &[ReplyFault], exceptions: &[BatchException]) -> bool {
    let fault = |wanted: fn(&ReplyFault) -> bool| faults.iter().any(wanted);
    let exception = |wanted: fn(&ExceptionKind) -> bool| exceptions.iter().any(|e| wanted(&e.kind));
    match plant {
        Plant::Honest => faults.is_empty() && exceptions.is_empty(),
        Plant::Truncated => fault(|f| matches!(f, ReplyFault::Truncated)),
        Plant::Reordered => fault(|f| matches!(f, ReplyFault::Reordered { .. })),
        Plant::RepeatedLine => fault(|f| matches!(f, ReplyFault::Repeated { .. })),
        Plant::RepeatedReply => fault(|f| matches!(f, ReplyFault::ReadBefore)),
        Plant::MissingLines => fault(|f| matches!(f, ReplyFault::Incomplete { .. })),
        Plant::UnknownLine => exception(|k| matches!(k, ExceptionKind::UnknownLine)),
        Plant::WrongTotal => fault(|f| matches!(f, ReplyFault::WrongTotal { .. })),
        Plant::Corrupted => faults.iter().any(ReplyFault::is_fatal),
        Plant::WrongAmount => exception(|k| matches!(k, ExceptionKind::WrongAmount { .. })),
    }
}

struct World {
    dice: Dice,
    bank: Bank,
    planted: BTreeMap<Plant, u32>,
    asked: u32,
}

impl World {
    /// Sends until the bank has it: answers get lost, files get lost, and the
    /// clock alone never sends twice.
    fn deliver(&mut self, batch: &mut Batch, returns: &BTreeSet<String>) {
        let mut minute = 2;
        while batch.state != BatchState::Accepted {
            let file = write_bank_file(batch, &config()).unwrap();
            tell(batch, Command::Send, &machine(), minute).unwrap();
            let (arrives, answers) =
                [(true, true), (true, false), (false, false)][self.dice.roll(3)];
            if arrives {
                self.bank.take(&file, returns);
                if self.dice.roll(4) == 0 {
                    self.bank.take(&file, returns); // the network repeats it
                }
            }
            if !answers {
                minute += 40;
                tell(batch, Command::FallSilent, &machine(), minute).unwrap();
                assert!(ask(batch, Command::Send, &machine(), minute).is_err());
                self.asked += 1;
            }
            let answer = if self.bank.files.contains_key(&file.reference) {
                BankAnswer::Received {
                    receipt: "ok".into(),
                }
            } else {
                BankAnswer::NeverReceived {
                    proof: "查无此文件".into(),
                }
            };
            tell(batch, Command::Answer(answer), &machine(), minute + 1).unwrap();
        }
    }

    /// Reads spoilt replies until an honest one settles the batch.
    fn settle(&mut self, batch: &mut Batch) {
        let mut number = 0;
        let mut last: Option<Vec<u8>> = None;
        for round in 0.. {
            number += 1;
            let honest = self.bank.reply(batch, number);
            let mut plant = PLANTS[self.dice.roll(PLANTS.len())];
            if round > 6 {
                plant = Plant::Honest;
            }
            let bytes = match (plant, &last) {
                (Plant::RepeatedReply, Some(last)) => last.clone(),
                (Plant::RepeatedReply, None) => continue,
                _ => spoil(plant, &honest, &mut self.dice),
            };
            let command = Command::ReadReply(read_reply(&bytes));
            let events = tell(batch, command, &machine(), 100).unwrap();
            let Event::ReplyRead {
                faults,
                exceptions,
                repeated,
                ..
            } = &events[0]
            else {
                panic!("{events:?}")
            };
            let fresh = named_now_or_before(plant, faults, exceptions, &batch.exceptions);
            assert!(fresh, "{plant:?} not named: {faults:?} {exceptions:?}");
            *self.planted.entry(plant).or_default() += 1;
            if !repeated {
                last = Some(bytes);
            }
            let settled = matches!(batch.state, BatchState::Settled | BatchState::PartlyFailed);
            if settled && plant == Plant::Honest {
                return;
            }
        }
    }
}

/// The same stranger again is named once: then it is among the batch's own.
fn named_now_or_before(
    plant: Plant,
    faults: &[ReplyFault],
    exceptions: &[BatchException],
    all: &[BatchException],
) -> bool {
    let late = matches!(plant, Plant::MissingLines) && !faults.iter().any(ReplyFault::is_fatal);
    is_named(plant, faults, exceptions)
        || is_named(plant, faults, all)
        // Lines missing after all are settled leave nothing incomplete.
        || late
}

fn close(world: &mut World, batch: &mut Batch, before: (i64, i64)) {
    let open: Vec<u32> = batch.exceptions.iter().map(|e| e.no).collect();
    for no in open {
        let words = "银行已书面更正".to_owned();
        tell(batch, Command::Explain { no, words }, &officer(3), 200).unwrap();
    }
    let ours = |batch: &Batch| -> Vec<(String, Money)> {
        let paid = |item: &&Item| matches!(item.state, ItemState::Paid { .. });
        let lines = batch.items.iter().filter(paid);
        lines
            .map(|i| (line_reference(batch, i), i.amount))
            .collect()
    };
    let ledger = ours(batch)
        .into_iter()
        .map(|(reference, amount)| LedgerLine { reference, amount })
        .collect();
    let mine: BTreeSet<String> = batch
        .items
        .iter()
        .map(|i| line_reference(batch, i))
        .collect();
    let bank = world
        .bank
        .executed
        .iter()
        .filter(|(r, e)| mine.contains(*r) && matches!(e.2, LineOutcome::Paid { .. }))
        .map(|(reference, e)| BankLine {
            reference: reference.clone(),
            amount: Money::from_fen(e.1),
        })
        .collect();
    let treasury = TreasuryStatement {
        debited: Money::from_fen(world.bank.debited - before.0),
        refunded: Money::from_fen(world.bank.refunded - before.1),
    };
    let command = Command::Reconcile {
        ledger,
        bank,
        treasury,
        named: vec![],
    };
    tell(batch, command, &officer(3), 201).unwrap();
    assert_eq!(
        batch.reconciliation.as_ref().unwrap().difference(),
        Money::ZERO
    );
    tell(batch, Command::Close, &officer(3), 202).unwrap();
}

#[test]
fn a35_a_hundred_batches_reach_everybody_once() {
    let mut world = World {
        dice: Dice(20_261_123),
        bank: Bank::default(),
        planted: BTreeMap::new(),
        asked: 0,
    };
    let mut owed: BTreeMap<AccountNumber, i64> = BTreeMap::new();
    let (mut returned, mut paid) = (0, 0);
    for id in 1..=BATCHES {
        let mut batch = released(id, ITEMS);
        let before = (world.bank.debited, world.bank.refunded);
        let returns: BTreeSet<String> = batch
            .items
            .iter()
            .filter(|_| world.dice.roll(50) == 0)
            .map(|item| line_reference(&batch, item))
            .collect();
        world.deliver(&mut batch, &returns);
        world.settle(&mut batch);
        close(&mut world, &mut batch, before);
        for item in &batch.items {
            let account = item.account.clone().unwrap().number;
            let comes_back = returns.contains(&line_reference(&batch, item));
            match (&item.state, comes_back) {
                (ItemState::Paid { .. }, false) => {
                    paid += 1;
                    *owed.entry(account).or_default() += item.amount.fen();
                }
                (ItemState::Returned { .. }, true) => returned += 1,
                other => panic!("batch {id} line {}: {other:?}", item.line),
            }
        }
    }
    assert_eq!(paid + returned, BATCHES * ITEMS, "nobody is missing");
    assert_eq!(owed, world.bank.received, "nobody is paid twice");
    assert!(returned > 500, "{returned}");
    assert!(world.asked > 50, "{}", world.asked);
    for plant in PLANTS {
        let times = world.planted.get(&plant).copied().unwrap_or(0);
        assert!(times >= 10, "{plant:?} planted only {times} times");
    }
}
