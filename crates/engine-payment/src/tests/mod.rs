//! 「验」 Payment's tests: entitlements, the month's list, every edge of the two
//! state machines, the bank's files, the match, and a hundred batches against a
//! bank that misbehaves.

mod edges;
mod list;
mod match_three;
mod past;
mod replies;
mod simulation;

use crate::*;
use kernel::{
    Actor, DecisionId, EntitlementId, HouseholdId, Instant, Money, Now, ObligationId,
    PaymentBatchId, Period, PersonId, Role,
};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn now(minute: i64) -> Now {
    let at = Instant::from_timestamp(1_795_000_000 + minute * 60, 0).unwrap();
    Now { at }
}

pub(crate) fn month(text: &str) -> Period {
    text.parse().unwrap()
}

pub(crate) fn yuan(yuan: i64) -> Money {
    Money::from_yuan(yuan).unwrap()
}

/// A finance officer who is this person.
pub(crate) fn officer(person: i64) -> Actor {
    Actor {
        account: format!("fin{person}"),
        person: Some(PersonId(person)),
        role: Role::Finance,
    }
}

pub(crate) fn machine() -> Actor {
    Actor {
        account: "nuanxin".into(),
        person: None,
        role: Role::System,
    }
}

pub(crate) fn config() -> Config {
    Config {
        payer: "3304820000000001".parse().unwrap(),
        silence_minutes: 30,
        most_lines: 100_000,
    }
}

pub(crate) fn account(person: i64) -> PayAccount {
    PayAccount {
        holder: PersonId(person),
        name: format!("测试·户名{person}"),
        number: format!("62170099{person:08}").parse().unwrap(),
    }
}

/// A monthly grant to household `id`, received by person `id`, decision `id`.
pub(crate) fn grant(id: i64, amount: Money, from: &str) -> Entitlement {
    Entitlement {
        id: EntitlementId(id),
        programme: "dibao".parse().unwrap(),
        component: "base".parse().unwrap(),
        beneficiary: Beneficiary::Household(HouseholdId(id)),
        payee: PersonId(id),
        amount,
        every: Every::Month,
        from: month(from),
        to: None,
        decision: DecisionId(id),
        stop: None,
    }
}

pub(crate) fn dues(entitlements: &[Entitlement], period: &str) -> Vec<Due> {
    let accounts = |person: PersonId| Some(account(person.0));
    compute(entitlements, accounts, month(period), &BTreeSet::new()).unwrap()
}

pub(crate) fn numbered(dues: Vec<Due>) -> Vec<(ObligationId, Due)> {
    (1..).map(ObligationId).zip(dues).collect()
}

pub(crate) fn computing(dues: Vec<Due>) -> Command {
    Command::Compute {
        dues: numbered(dues),
        live: BTreeSet::new(),
        diff: MonthDiff::default(),
        rule: "rule".into(),
        inputs: "inputs".into(),
    }
}

pub(crate) fn ask(
    batch: &Batch,
    command: Command,
    by: &Actor,
    minute: i64,
) -> Result<Vec<Event>, Refusal> {
    decide(batch, command, by, &config(), now(minute))
}

pub(crate) fn tell(
    batch: &mut Batch,
    command: Command,
    by: &Actor,
    minute: i64,
) -> Result<Vec<Event>, Refusal> {
    let events = ask(batch, command, by, minute)?;
    for event in &events {
        batch.apply(event);
    }
    Ok(events)
}

pub(crate) fn hash(batch: &Batch) -> String {
    batch.list.as_ref().unwrap().hash.clone()
}

/// A batch of `count` grants of 100 yuan and more, released by three people.
pub(crate) fn released(id: i64, count: i64) -> Batch {
    let grants: Vec<Entitlement> = (1..=count)
        .map(|n| grant(n, Money::from_fen(10_000 + n), "2026-01"))
        .collect();
    let mut batch = Batch::draft(PaymentBatchId(id), month("2026-12"));
    let list = computing(dues(&grants, "2026-12"));
    tell(&mut batch, list, &officer(1), 0).unwrap();
    let seen = hash(&batch);
    for (command, person) in [
        (Command::Check { seen: seen.clone() }, 2),
        (Command::Approve { seen: seen.clone() }, 3),
        (
            Command::Release {
                seen,
                doubts: BTreeMap::new(),
            },
            3,
        ),
    ] {
        tell(&mut batch, command, &officer(person), 1).unwrap();
    }
    batch
}

/// The same, sent.
pub(crate) fn sent(id: i64, count: i64) -> Batch {
    let mut batch = released(id, count);
    tell(&mut batch, Command::Send, &machine(), 2).unwrap();
    batch
}

/// The bank's honest reply: `returned` lines come back, the others are paid.
pub(crate) fn honest(batch: &Batch, returned: &[u32]) -> Reply {
    let file = batch.file.as_ref().unwrap();
    let on = kernel::Date::from_ymd_opt(2026, 12, 10).unwrap();
    let lines = batch
        .items
        .iter()
        .filter(|item| {
            !matches!(
                item.state,
                ItemState::Held { .. } | ItemState::Cancelled { .. }
            )
        })
        .map(|item| ReplyLine {
            line: item.line,
            reference: line_reference(batch, item),
            account: item.account.as_ref().unwrap().number.clone(),
            amount: item.amount,
            outcome: if returned.contains(&item.line) {
                LineOutcome::Returned {
                    code: "R02".into(),
                    on,
                }
            } else {
                LineOutcome::Paid {
                    reference: format!("BK{}", item.line),
                    on,
                }
            },
        })
        .collect();
    Reply {
        file_reference: file.reference.clone(),
        file_digest: file.digest.clone(),
        number: 1,
        lines,
    }
}

pub(crate) fn reading(reply: &Reply) -> Command {
    Command::ReadReply(read_reply(&write_reply(reply)))
}
