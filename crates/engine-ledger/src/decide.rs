//! 「记账」 The ledger's verbs. Every check is here; folding never fails.

use crate::command::Command;
use crate::model::{
    Account, Bounds, Config, Event, Hold, HoldState, Ledger, Leg, Stamp, Transfer, TransferKind,
};
use crate::refusal::Refusal;
use crate::{bounds, lots};
use kernel::{AccountId, Actor, Instant, Now, Slug, TransferId};
use std::collections::{BTreeMap, BTreeSet};

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
    let desk = Desk {
        ledger,
        config,
        now,
        stamp: Stamp {
            by: by.clone(),
            at: now.at,
            reason: reason.to_owned(),
        },
    };
    Ok(vec![desk.judge(command)?])
}

/// One command's book, rules and moment.
struct Desk<'a> {
    ledger: &'a Ledger,
    config: &'a Config,
    now: Now,
    stamp: Stamp,
}

/// How one booking is named.
struct Name {
    id: TransferId,
    reference: String,
}

impl Desk<'_> {
    fn judge(self, command: Command) -> Result<Event, Refusal> {
        match command {
            Command::Open {
                id,
                unit,
                name,
                bounds,
            } => open(self.ledger, id, unit, name, bounds, self.stamp),
            Command::Transfer {
                id,
                reference,
                legs,
                purpose,
            } => {
                fresh(self.ledger, id, &reference)?;
                self.direct(Name { id, reference }, legs, purpose)
            }
            Command::Spend {
                id,
                reference,
                lots,
                amount,
                to,
                purpose,
            } => {
                fresh(self.ledger, id, &reference)?;
                let mut legs = lots::earliest(self.ledger, &lots, amount, self.now)?;
                legs.extend(to);
                self.direct(Name { id, reference }, legs, purpose)
            }
            Command::Lapse {
                id,
                reference,
                lot,
                to,
            } => {
                fresh(self.ledger, id, &reference)?;
                let legs = lots::left(self.ledger, lot, to, self.now)?;
                shape(self.ledger, &legs, self.config)?;
                bounds::hold(self.ledger, &legs, &[])?;
                let kind = TransferKind::Lapse { lot };
                Ok(self.transferred(Name { id, reference }, legs, kind, None))
            }
            Command::Reserve {
                id,
                reference,
                legs,
                expires,
                purpose,
            } => {
                fresh(self.ledger, id, &reference)?;
                self.reserve(Name { id, reference }, legs, expires, purpose)
            }
            Command::Post {
                id,
                hold,
                reference,
                legs,
            } => {
                fresh(self.ledger, id, &reference)?;
                self.post(Name { id, reference }, hold, legs)
            }
            Command::Void { hold } => {
                pending(self.ledger, hold)?;
                let stamp = self.stamp;
                Ok(Event::Voided { hold, stamp })
            }
            Command::Expire { hold } => {
                let held = pending(self.ledger, hold)?;
                if held.expires.is_none_or(|end| end > self.now.at) {
                    return Err(Refusal::HoldNotDue(hold));
                }
                let stamp = self.stamp;
                Ok(Event::Expired { hold, stamp })
            }
            Command::Reverse { id, of, reference } => {
                fresh(self.ledger, id, &reference)?;
                let (legs, purpose) = reversal(self.ledger, of)?;
                bounds::hold(self.ledger, &legs, &[])?;
                let kind = TransferKind::Reversal { of };
                Ok(self.transferred(Name { id, reference }, legs, kind, purpose))
            }
        }
    }

    fn direct(self, name: Name, legs: Vec<Leg>, purpose: Option<Slug>) -> Result<Event, Refusal> {
        shape(self.ledger, &legs, self.config)?;
        bounds::spend(self.ledger, &legs, purpose.as_ref(), self.now)?;
        bounds::hold(self.ledger, &legs, &[])?;
        Ok(self.transferred(name, legs, TransferKind::Direct, purpose))
    }

    fn reserve(
        self,
        name: Name,
        legs: Vec<Leg>,
        expires: Option<Instant>,
        purpose: Option<Slug>,
    ) -> Result<Event, Refusal> {
        if expires.is_some_and(|end| end <= self.now.at) {
            return Err(Refusal::ExpiryInThePast);
        }
        shape(self.ledger, &legs, self.config)?;
        bounds::spend(self.ledger, &legs, purpose.as_ref(), self.now)?;
        bounds::hold(self.ledger, &legs, &[])?;
        let hold = Hold {
            id: name.id,
            reference: name.reference,
            legs,
            expires,
            purpose,
            state: HoldState::Pending,
            stamp: self.stamp,
        };
        Ok(Event::Reserved { hold })
    }

    fn post(self, name: Name, hold: TransferId, legs: Option<Vec<Leg>>) -> Result<Event, Refusal> {
        let held = pending(self.ledger, hold)?;
        if let Some(expired) = held.expires.filter(|end| *end <= self.now.at) {
            return Err(Refusal::HoldLapsed { hold, expired });
        }
        let legs = legs.unwrap_or_else(|| held.legs.clone());
        shape(self.ledger, &legs, self.config)?;
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
        bounds::hold(self.ledger, &legs, &held.legs)?;
        let purpose = held.purpose.clone();
        Ok(self.transferred(name, legs, TransferKind::Posting { hold }, purpose))
    }

    fn transferred(
        self,
        name: Name,
        legs: Vec<Leg>,
        kind: TransferKind,
        purpose: Option<Slug>,
    ) -> Event {
        let transfer = Transfer {
            id: name.id,
            reference: name.reference,
            legs,
            kind,
            purpose,
            reversed_by: None,
            stamp: self.stamp,
        };
        Event::Transferred { transfer }
    }
}

fn open(
    ledger: &Ledger,
    id: AccountId,
    unit: Slug,
    name: String,
    bounds: Bounds,
    stamp: Stamp,
) -> Result<Event, Refusal> {
    if ledger.accounts.contains_key(&id) {
        return Err(Refusal::AccountExists(id));
    }
    if bounds.floor.is_some_and(|floor| floor > 0) {
        return Err(Refusal::FloorAboveZero);
    }
    if bounds.ceiling.is_some_and(|ceiling| ceiling < 0) {
        return Err(Refusal::CeilingBelowZero);
    }
    if bounds.expires.is_some() && bounds.floor != Some(0) {
        return Err(Refusal::LotWithoutFloor);
    }
    let account = Account {
        id,
        unit,
        name,
        bounds,
        balance: 0,
        held_out: 0,
        held_in: 0,
    };
    Ok(Event::Opened { account, stamp })
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

fn pending(ledger: &Ledger, hold: TransferId) -> Result<&Hold, Refusal> {
    let held = ledger.holds.get(&hold).ok_or(Refusal::NoSuchHold(hold))?;
    if held.state == HoldState::Pending {
        Ok(held)
    } else {
        Err(Refusal::HoldSettled(hold))
    }
}

/// The opposite legs; what they were for stays with them. A mistake is undone whatever
/// the account may be spent on.
fn reversal(ledger: &Ledger, of: TransferId) -> Result<(Vec<Leg>, Option<Slug>), Refusal> {
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
    let legs: Result<Vec<Leg>, Refusal> = original
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
        .collect();
    Ok((legs?, original.purpose.clone()))
}
