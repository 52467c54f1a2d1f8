//! 「批次」 What came in at one time and lapses at one time is an account of its own.
//! Spending takes what lapses first; what is left when its time is over lapses.

use crate::bounds::account;
use crate::model::{Account, Ledger, Leg};
use crate::refusal::Refusal;
use kernel::{AccountId, Now};

/// The legs that take `amount` out of the lots: what lapses first goes first, what never
/// lapses last, of two alike the older account.
pub(crate) fn earliest(
    ledger: &Ledger,
    lots: &[AccountId],
    amount: i64,
    now: Now,
) -> Result<Vec<Leg>, Refusal> {
    if amount <= 0 {
        return Err(Refusal::NothingToMove);
    }
    let mut open = Vec::with_capacity(lots.len());
    for id in lots {
        let lot = account(ledger, *id)?;
        if !lot.bounds.lapsed(now.at) {
            open.push(lot);
        }
    }
    open.sort_by_key(|lot| (lot.bounds.expires.is_none(), lot.bounds.expires, lot.id));
    open.dedup_by_key(|lot| lot.id);
    let (mut needed, mut legs) = (amount, Vec::new());
    for lot in open {
        let take = usable(lot).min(needed);
        if take > 0 {
            needed -= take;
            legs.push(Leg {
                account: lot.id,
                amount: -take,
            });
        }
    }
    if needed > 0 {
        return Err(Refusal::NotEnough {
            available: amount - needed,
            needed: amount,
        });
    }
    Ok(legs)
}

/// The legs that empty a lot whose time is over, but for what is held.
pub(crate) fn left(
    ledger: &Ledger,
    lot: AccountId,
    to: AccountId,
    now: Now,
) -> Result<Vec<Leg>, Refusal> {
    let from = account(ledger, lot)?;
    if !from.bounds.lapsed(now.at) {
        return Err(Refusal::LotNotDue(lot));
    }
    let amount = usable(from);
    if amount == 0 {
        return Err(Refusal::NothingToMove);
    }
    let out = Leg {
        account: lot,
        amount: -amount,
    };
    let back = Leg {
        account: to,
        amount,
    };
    Ok(vec![out, back])
}

fn usable(lot: &Account) -> i64 {
    lot.available().unwrap_or(0).max(0)
}
