//! 「验」 The ledger's tests: refusals as a table, holds, reversals, tampering,
//! and a seeded simulation.

mod parts;
mod rules;
mod shown;
mod simulation;
mod yearly;

use crate::*;
use kernel::{AccountId, Actor, Instant, Now, PersonId, Role, TransferId};

pub(crate) fn now(minute: i64) -> Now {
    let at = Instant::from_timestamp(1_790_000_000 + minute * 60, 0).unwrap();
    Now { at }
}

pub(crate) fn clerk() -> Actor {
    Actor {
        account: "fin01".to_owned(),
        person: Some(PersonId(9)),
        role: Role::Finance,
    }
}

pub(crate) fn leg(account: i64, amount: i64) -> Leg {
    Leg {
        account: AccountId(account),
        amount,
    }
}

pub(crate) fn ask(ledger: &Ledger, command: Command, minute: i64) -> Result<Vec<Event>, Refusal> {
    decide(
        ledger,
        command,
        &clerk(),
        "试",
        &Config::default(),
        now(minute),
    )
}

pub(crate) fn tell(
    ledger: &mut Ledger,
    command: Command,
    minute: i64,
) -> Result<Vec<Event>, Refusal> {
    let events = ask(ledger, command, minute)?;
    for event in &events {
        ledger.apply(event);
    }
    Ok(events)
}

pub(crate) fn open(id: i64, unit: &str, floor: Option<i64>) -> Command {
    Command::Open {
        id: AccountId(id),
        unit: unit.parse().unwrap(),
        name: format!("account:{id}"),
        bounds: Bounds {
            floor,
            ..Bounds::default()
        },
    }
}

pub(crate) fn transfer(id: i64, legs: &[Leg]) -> Command {
    Command::Transfer {
        id: TransferId(id),
        reference: format!("t{id}"),
        legs: legs.to_vec(),
        purpose: None,
    }
}
