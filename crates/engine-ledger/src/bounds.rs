//! 「界限」 What an account may hold and give: floor, ceiling, purpose, time. Holds count.

use crate::model::{Account, Ledger, Leg};
use crate::refusal::Refusal;
use kernel::{AccountId, Now, Slug};

/// No account holds more than this, so that no sum of balance and holds can
/// leave 64 bits (23 quadrillion yuan in fen).
const LIMIT: i128 = (i64::MAX / 4) as i128;

pub(crate) fn account(ledger: &Ledger, id: AccountId) -> Result<&Account, Refusal> {
    ledger.accounts.get(&id).ok_or(Refusal::NoSuchAccount(id))
}

/// What leaves a restricted account leaves it for an allowed purpose; nothing enters or
/// leaves a lot whose time is over.
pub(crate) fn spend(
    ledger: &Ledger,
    legs: &[Leg],
    purpose: Option<&Slug>,
    now: Now,
) -> Result<(), Refusal> {
    for leg in legs {
        let bounds = &account(ledger, leg.account)?.bounds;
        if bounds.lapsed(now.at) {
            return Err(Refusal::LotLapsed(leg.account));
        }
        let Some(allowed) = &bounds.purposes else {
            continue;
        };
        match purpose {
            _ if leg.amount > 0 => {}
            None => return Err(Refusal::PurposeMissing(leg.account)),
            Some(purpose) if !allowed.contains(purpose) => {
                return Err(Refusal::PurposeNotAllowed {
                    account: leg.account,
                    purpose: purpose.clone(),
                });
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// No account goes below its floor, above its ceiling or beyond 64 bits, pending holds
/// counted. `released` are the legs of the hold being posted, given back first.
pub(crate) fn hold(ledger: &Ledger, legs: &[Leg], released: &[Leg]) -> Result<(), Refusal> {
    for leg in legs {
        let account = account(ledger, leg.account)?;
        let back = |sign: i64| -> i128 {
            released
                .iter()
                .filter(|back| back.account == leg.account && back.amount.signum() == sign)
                .map(|back| i128::from(back.amount).abs())
                .sum()
        };
        let held_out = i128::from(account.held_out) - back(-1);
        let held_in = i128::from(account.held_in) - back(1);
        let after = i128::from(account.balance) + i128::from(leg.amount);
        // Holds must fit as well, or a later posting could not.
        if after.abs() + held_out.abs() + held_in > LIMIT {
            return Err(Refusal::TooLarge(leg.account));
        }
        if let Some(floor) = account.bounds.floor
            && leg.amount < 0
            && after - held_out < i128::from(floor)
        {
            let available = i128::from(account.balance) - held_out - i128::from(floor);
            return Err(Refusal::BelowFloor {
                account: leg.account,
                available: i64::try_from(available).unwrap_or(i64::MAX),
                needed: leg.amount.checked_neg().unwrap_or(i64::MAX),
            });
        }
        if let Some(ceiling) = account.bounds.ceiling
            && leg.amount > 0
            && after + held_in > i128::from(ceiling)
        {
            let room = i128::from(ceiling) - i128::from(account.balance) - held_in;
            return Err(Refusal::AboveCeiling {
                account: leg.account,
                room: i64::try_from(room).unwrap_or(0),
                asked: leg.amount,
            });
        }
    }
    Ok(())
}
