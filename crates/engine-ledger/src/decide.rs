//! 「记账」 The ledger's verbs. Every check is here; folding never fails.

use crate::model::{
    Account, Config, Event, Hold, HoldState, Ledger, Leg, Stamp, Transfer, TransferKind,
};
use crate::refusal::Refusal;
use kernel::{AccountId, Actor, Instant, Now, Slug, TransferId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// No account holds more than this, so that no sum of balance and holds can
/// leave 64 bits (23 quadrillion yuan in fen).
const LIMIT: i128 = (i64::MAX / 4) as i128;

/// What is asked of the ledger. Numbers are allocated by the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "command")]
pub enum Command {
    /// 开户 Opens an empty account.
    Open {
        /// A fresh number.
        id: AccountId,
        /// What it counts.
        unit: Slug,
        /// What it is for.
        name: String,
        /// It never goes below (≤ 0); `None` for the outside world.
        floor: Option<i64>,
    },
    /// 转账 Moves at once.
    Transfer {
        /// A fresh number.
        id: TransferId,
        /// Unique.
        reference: String,
        /// Two or more.
        legs: Vec<Leg>,
    },
    /// 预留 Reserves without moving.
    Reserve {
        /// A fresh number.
        id: TransferId,
        /// Unique.
        reference: String,
        /// Two or more.
        legs: Vec<Leg>,
        /// When it lapses; `None`: never by the clock.
        expires: Option<Instant>,
    },
    /// 入账 Posts a hold, whole (`legs: None`) or in part; the rest is released.
    Post {
        /// A fresh number.
        id: TransferId,
        /// Which hold.
        hold: TransferId,
        /// Unique.
        reference: String,
        /// Smaller legs, or the hold's.
        legs: Option<Vec<Leg>>,
    },
    /// 解除 Releases a hold.
    Void {
        /// Which.
        hold: TransferId,
    },
    /// 到期 Releases a hold whose time ran out.
    Expire {
        /// Which.
        hold: TransferId,
    },
    /// 冲正 Writes the exact opposite of a transfer.
    Reverse {
        /// A fresh number.
        id: TransferId,
        /// Which.
        of: TransferId,
        /// Unique.
        reference: String,
    },
}

/// Judges one command against the book.
///
/// # Errors
/// The [`Refusal`] that applies first, in the order: numbers and references,
/// shape of the legs, balance, floors.
pub fn decide(
    ledger: &Ledger,
    command: Command,
    by: &Actor,
    reason: &str,
    config: &Config,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let stamp = Stamp {
        by: by.clone(),
        at: now.at,
        reason: reason.to_owned(),
    };
    let event = match command {
        Command::Open {
            id,
            unit,
            name,
            floor,
        } => open(ledger, id, unit, name, floor, stamp)?,
        Command::Transfer {
            id,
            reference,
            legs,
        } => {
            fresh(ledger, id, &reference)?;
            shape(ledger, &legs, config)?;
            floors(ledger, &legs, &[])?;
            transferred(id, reference, legs, TransferKind::Direct, stamp)
        }
        Command::Reserve {
            id,
            reference,
            legs,
            expires,
        } => {
            fresh(ledger, id, &reference)?;
            if expires.is_some_and(|end| end <= now.at) {
                return Err(Refusal::ExpiryInThePast);
            }
            shape(ledger, &legs, config)?;
            floors(ledger, &legs, &[])?;
            let hold = Hold {
                id,
                reference,
                legs,
                expires,
                state: HoldState::Pending,
                stamp,
            };
            Event::Reserved { hold }
        }
        Command::Post {
            id,
            hold,
            reference,
            legs,
        } => {
            fresh(ledger, id, &reference)?;
            post(ledger, id, hold, reference, legs, config, now, stamp)?
        }
        Command::Void { hold } => {
            pending(ledger, hold)?;
            Event::Voided { hold, stamp }
        }
        Command::Expire { hold } => {
            let held = pending(ledger, hold)?;
            if held.expires.is_none_or(|end| end > now.at) {
                return Err(Refusal::HoldNotDue(hold));
            }
            Event::Expired { hold, stamp }
        }
        Command::Reverse { id, of, reference } => {
            fresh(ledger, id, &reference)?;
            let legs = reversal(ledger, of)?;
            floors(ledger, &legs, &[])?;
            transferred(id, reference, legs, TransferKind::Reversal { of }, stamp)
        }
    };
    Ok(vec![event])
}

fn open(
    ledger: &Ledger,
    id: AccountId,
    unit: Slug,
    name: String,
    floor: Option<i64>,
    stamp: Stamp,
) -> Result<Event, Refusal> {
    if ledger.accounts.contains_key(&id) {
        return Err(Refusal::AccountExists(id));
    }
    if floor.is_some_and(|floor| floor > 0) {
        return Err(Refusal::FloorAboveZero);
    }
    let account = Account {
        id,
        unit,
        name,
        floor,
        balance: 0,
        held_out: 0,
        held_in: 0,
    };
    Ok(Event::Opened { account, stamp })
}

fn transferred(
    id: TransferId,
    reference: String,
    legs: Vec<Leg>,
    kind: TransferKind,
    stamp: Stamp,
) -> Event {
    let transfer = Transfer {
        id,
        reference,
        legs,
        kind,
        reversed_by: None,
        stamp,
    };
    Event::Transferred { transfer }
}

/// A number and a reference nobody carries yet.
fn fresh(ledger: &Ledger, id: TransferId, reference: &str) -> Result<(), Refusal> {
    if let Some(by) = ledger.references.get(reference) {
        return Err(Refusal::ReferenceTaken {
            reference: reference.to_owned(),
            by: *by,
        });
    }
    if ledger.transfers.contains_key(&id) || ledger.holds.contains_key(&id) {
        return Err(Refusal::NumberTaken(id));
    }
    Ok(())
}

/// Two or more legs, each an account once, none 0, zero in each unit.
fn shape(ledger: &Ledger, legs: &[Leg], config: &Config) -> Result<(), Refusal> {
    if legs.len() < 2 || legs.len() > config.most_legs {
        return Err(Refusal::WrongLegs {
            legs: legs.len(),
            most: config.most_legs,
        });
    }
    let mut seen = BTreeSet::new();
    let mut sums: BTreeMap<&Slug, i128> = BTreeMap::new();
    for leg in legs {
        let account = ledger
            .accounts
            .get(&leg.account)
            .ok_or(Refusal::NoSuchAccount(leg.account))?;
        if leg.amount == 0 {
            return Err(Refusal::EmptyLeg(leg.account));
        }
        if !seen.insert(leg.account) {
            return Err(Refusal::RepeatedAccount(leg.account));
        }
        *sums.entry(&account.unit).or_default() += i128::from(leg.amount);
    }
    match sums.into_iter().find(|(_, sum)| *sum != 0) {
        Some((unit, difference)) => Err(Refusal::Unbalanced {
            unit: unit.clone(),
            difference,
        }),
        None => Ok(()),
    }
}

/// No account goes below its floor or beyond 64 bits, pending holds counted.
/// `released` are the legs of the hold being posted, given back first.
fn floors(ledger: &Ledger, legs: &[Leg], released: &[Leg]) -> Result<(), Refusal> {
    for leg in legs {
        let account = ledger
            .accounts
            .get(&leg.account)
            .ok_or(Refusal::NoSuchAccount(leg.account))?;
        let given_back: i128 = released
            .iter()
            .filter(|back| back.account == leg.account && back.amount < 0)
            .map(|back| -i128::from(back.amount))
            .sum();
        let held_out = i128::from(account.held_out) - given_back;
        let after = i128::from(account.balance) + i128::from(leg.amount);
        let furthest = after - held_out;
        // Holds must fit as well, or a later posting could not.
        let largest = after.abs() + held_out.abs() + i128::from(account.held_in);
        if largest > LIMIT {
            return Err(Refusal::TooLarge(leg.account));
        }
        let Some(floor) = account.floor else { continue };
        if leg.amount < 0 && furthest < i128::from(floor) {
            let available = i128::from(account.balance) - held_out - i128::from(floor);
            return Err(Refusal::BelowFloor {
                account: leg.account,
                available: i64::try_from(available).unwrap_or(i64::MAX),
                needed: leg.amount.checked_neg().unwrap_or(i64::MAX),
            });
        }
    }
    Ok(())
}

fn pending(ledger: &Ledger, hold: TransferId) -> Result<&Hold, Refusal> {
    let held = ledger.holds.get(&hold).ok_or(Refusal::NoSuchHold(hold))?;
    if held.state == HoldState::Pending {
        Ok(held)
    } else {
        Err(Refusal::HoldSettled(hold))
    }
}

#[allow(
    clippy::too_many_arguments,
    reason = "the fields of Command::Post, taken apart"
)]
fn post(
    ledger: &Ledger,
    id: TransferId,
    hold: TransferId,
    reference: String,
    legs: Option<Vec<Leg>>,
    config: &Config,
    now: Now,
    stamp: Stamp,
) -> Result<Event, Refusal> {
    let held = pending(ledger, hold)?;
    if let Some(expired) = held.expires.filter(|end| *end <= now.at) {
        return Err(Refusal::HoldLapsed { hold, expired });
    }
    let legs = legs.unwrap_or_else(|| held.legs.clone());
    shape(ledger, &legs, config)?;
    for leg in &legs {
        let within = held.legs.iter().any(|most| {
            most.account == leg.account
                && most.amount.signum() == leg.amount.signum()
                && leg.amount.unsigned_abs() <= most.amount.unsigned_abs()
        });
        if !within {
            return Err(Refusal::BeyondHold(leg.account));
        }
    }
    floors(ledger, &legs, &held.legs)?;
    let kind = TransferKind::Posting { hold };
    Ok(transferred(id, reference, legs, kind, stamp))
}

fn reversal(ledger: &Ledger, of: TransferId) -> Result<Vec<Leg>, Refusal> {
    let original = ledger
        .transfers
        .get(&of)
        .ok_or(Refusal::NoSuchTransfer(of))?;
    if matches!(original.kind, TransferKind::Reversal { .. }) {
        return Err(Refusal::ReversalOfReversal(of));
    }
    if let Some(by) = original.reversed_by {
        return Err(Refusal::AlreadyReversed { of, by });
    }
    original
        .legs
        .iter()
        .map(|leg| {
            let amount = leg
                .amount
                .checked_neg()
                .ok_or(Refusal::TooLarge(leg.account))?;
            Ok(Leg {
                account: leg.account,
                amount,
            })
        })
        .collect()
}
