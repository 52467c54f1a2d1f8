//! 「验账」 Proves a whole book from its transfers and holds alone, without
//! trusting a balance anyone stored. Every fault is named; none is mended.

use crate::model::{HoldState, Ledger, TransferKind};
use kernel::{AccountId, Slug, TransferId};
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong with a book.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerFault {
    /// All balances of a unit together are not zero.
    #[error("{unit} 全部账户合计 {sum}，应当是 0")]
    UnitNotZero {
        /// The unit.
        unit: Slug,
        /// What is over.
        sum: i128,
    },
    /// A transfer's legs do not sum to zero, or it has fewer than two.
    #[error("转账 {transfer} 借贷不平：{unit} 差 {difference}")]
    UnbalancedTransfer {
        /// Which.
        transfer: TransferId,
        /// The unit.
        unit: Slug,
        /// What is over.
        difference: i128,
    },
    /// A leg names an account that is not in the book.
    #[error("转账 {transfer} 用到的账户 {account} 不在账本里")]
    LostAccount {
        /// Which transfer or hold.
        transfer: TransferId,
        /// Which account.
        account: AccountId,
    },
    /// A stored balance is not the sum of its legs.
    #[error("账户 {account} 记的余额是 {stored}，按流水应当是 {summed}")]
    WrongBalance {
        /// Which.
        account: AccountId,
        /// As stored.
        stored: i128,
        /// As summed.
        summed: i128,
    },
    /// A stored hold total is not the sum of the pending holds.
    #[error("账户 {account} 记的预留是 {stored}，按预留单应当是 {summed}")]
    WrongHeld {
        /// Which.
        account: AccountId,
        /// As stored (out, in).
        stored: i128,
        /// As summed.
        summed: i128,
    },
    /// An account lies below its floor.
    #[error("账户 {account} 低于下限：{balance} < {floor}")]
    BelowFloor {
        /// Which.
        account: AccountId,
        /// Balance less what is held.
        balance: i128,
        /// The floor.
        floor: i64,
    },
    /// An account lies above its ceiling.
    #[error("账户 {account} 高于上限：{balance} > {ceiling}")]
    AboveCeiling {
        /// Which.
        account: AccountId,
        /// Balance and what is on its way in.
        balance: i128,
        /// The ceiling.
        ceiling: i64,
    },
    /// Money left a restricted account for something else.
    #[error("转账 {transfer} 动用了专款账户 {account}，用途不对")]
    WrongPurpose {
        /// Which transfer.
        transfer: TransferId,
        /// Which account.
        account: AccountId,
    },
    /// A reversal that is not its original's exact opposite, or has none.
    #[error("冲正 {0} 和原转账对不上")]
    WrongReversal(TransferId),
    /// One transfer reversed twice.
    #[error("转账 {0} 被冲正了不止一次")]
    ReversedTwice(TransferId),
    /// A posting without its hold, or a hold posted more than once.
    #[error("入账 {0} 和预留对不上")]
    WrongPosting(TransferId),
    /// One reference on two entries.
    #[error("“{0}”记了不止一次账")]
    RepeatedReference(String),
}

/// Proves a whole book; empty when everything holds.
pub fn verify(ledger: &Ledger) -> Vec<LedgerFault> {
    let mut faults = Vec::new();
    balances(ledger, &mut faults);
    transfers(ledger, &mut faults);
    kinds(ledger, &mut faults);
    purposes(ledger, &mut faults);
    references(ledger, &mut faults);
    faults
}

fn balances(ledger: &Ledger, faults: &mut Vec<LedgerFault>) {
    let mut summed: BTreeMap<AccountId, (i128, i128, i128)> = BTreeMap::new();
    for leg in ledger.transfers.values().flat_map(|t| &t.legs) {
        summed.entry(leg.account).or_default().0 += i128::from(leg.amount);
    }
    let pending = ledger
        .holds
        .values()
        .filter(|hold| hold.state == HoldState::Pending);
    for leg in pending.flat_map(|hold| &hold.legs) {
        let entry = summed.entry(leg.account).or_default();
        let amount = i128::from(leg.amount);
        if amount < 0 {
            entry.1 -= amount;
        } else {
            entry.2 += amount;
        }
    }
    let mut units: BTreeMap<&Slug, i128> = BTreeMap::new();
    for account in ledger.accounts.values() {
        let (balance, out, coming) = summed.get(&account.id).copied().unwrap_or_default();
        *units.entry(&account.unit).or_default() += i128::from(account.balance);
        if balance != i128::from(account.balance) {
            faults.push(LedgerFault::WrongBalance {
                account: account.id,
                stored: account.balance.into(),
                summed: balance,
            });
        }
        for (stored, summed) in [(account.held_out, out), (account.held_in, coming)] {
            if i128::from(stored) != summed {
                faults.push(LedgerFault::WrongHeld {
                    account: account.id,
                    stored: stored.into(),
                    summed,
                });
            }
        }
        let above = |ceiling: &i64| balance + coming > i128::from(*ceiling);
        if let Some(ceiling) = account.bounds.ceiling.filter(above) {
            faults.push(LedgerFault::AboveCeiling {
                account: account.id,
                balance: balance + coming,
                ceiling,
            });
        }
        if let Some(floor) = account
            .bounds
            .floor
            .filter(|f| balance - out < i128::from(*f))
        {
            faults.push(LedgerFault::BelowFloor {
                account: account.id,
                balance: balance - out,
                floor,
            });
        }
    }
    for (unit, sum) in units.into_iter().filter(|(_, sum)| *sum != 0) {
        faults.push(LedgerFault::UnitNotZero {
            unit: unit.clone(),
            sum,
        });
    }
}

fn transfers(ledger: &Ledger, faults: &mut Vec<LedgerFault>) {
    let legs_of = ledger
        .transfers
        .values()
        .map(|t| (t.id, &t.legs))
        .chain(ledger.holds.values().map(|h| (h.id, &h.legs)));
    for (transfer, legs) in legs_of {
        let mut sums: BTreeMap<&Slug, i128> = BTreeMap::new();
        for leg in legs {
            match ledger.accounts.get(&leg.account) {
                Some(account) => {
                    *sums.entry(&account.unit).or_default() += i128::from(leg.amount);
                }
                None => faults.push(LedgerFault::LostAccount {
                    transfer,
                    account: leg.account,
                }),
            }
        }
        for (unit, difference) in sums.into_iter().filter(|(_, sum)| *sum != 0) {
            faults.push(LedgerFault::UnbalancedTransfer {
                transfer,
                unit: unit.clone(),
                difference,
            });
        }
    }
}

fn kinds(ledger: &Ledger, faults: &mut Vec<LedgerFault>) {
    let mut reversed = BTreeSet::new();
    let mut posted = BTreeSet::new();
    for transfer in ledger.transfers.values() {
        match transfer.kind {
            TransferKind::Direct | TransferKind::Lapse { .. } => {}
            TransferKind::Reversal { of } => {
                let exact = ledger.transfers.get(&of).is_some_and(|original| {
                    original.reversed_by == Some(transfer.id)
                        && original.legs.len() == transfer.legs.len()
                        && original.legs.iter().zip(&transfer.legs).all(|(was, now)| {
                            was.account == now.account
                                && i128::from(was.amount) == -i128::from(now.amount)
                        })
                });
                if !exact {
                    faults.push(LedgerFault::WrongReversal(transfer.id));
                }
                if !reversed.insert(of) {
                    faults.push(LedgerFault::ReversedTwice(of));
                }
            }
            TransferKind::Posting { hold } => {
                let state = HoldState::Posted {
                    transfer: transfer.id,
                };
                let known = ledger
                    .holds
                    .get(&hold)
                    .is_some_and(|held| held.state == state);
                if !known || !posted.insert(hold) {
                    faults.push(LedgerFault::WrongPosting(transfer.id));
                }
            }
        }
    }
}

/// What left a restricted account left it for one of its purposes; undoing a mistake and
/// lapsing are no spending.
fn purposes(ledger: &Ledger, faults: &mut Vec<LedgerFault>) {
    let spent = ledger.transfers.values().filter(|one| {
        matches!(
            one.kind,
            TransferKind::Direct | TransferKind::Posting { .. }
        )
    });
    for transfer in spent {
        for leg in transfer.legs.iter().filter(|leg| leg.amount < 0) {
            let account = ledger.accounts.get(&leg.account);
            let Some(allowed) = account.and_then(|one| one.bounds.purposes.as_ref()) else {
                continue;
            };
            let named = transfer.purpose.as_ref();
            if !named.is_some_and(|purpose| allowed.contains(purpose)) {
                faults.push(LedgerFault::WrongPurpose {
                    transfer: transfer.id,
                    account: leg.account,
                });
            }
        }
    }
}

fn references(ledger: &Ledger, faults: &mut Vec<LedgerFault>) {
    let mut seen = BTreeSet::new();
    let all = ledger
        .transfers
        .values()
        .map(|t| &t.reference)
        .chain(ledger.holds.values().map(|h| &h.reference));
    for reference in all {
        if !seen.insert(reference) {
            faults.push(LedgerFault::RepeatedReference(reference.clone()));
        }
    }
}
