//! 「验账」 Proves a whole book from its transfers and holds alone, without
//! trusting a balance anyone stored. Every fault is named; none is mended.

use crate::model::{Account, Hold, HoldState, Ledger, Leg, Transfer, TransferKind};
use kernel::{AccountId, Slug, TransferId};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

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
    let mut prover = Prover::new(ledger.accounts.clone(), ledger.holds.clone());
    for transfer in ledger.transfers.values() {
        prover.take(&Booked::of(transfer));
    }
    prover.finish()
}

/// A transfer as far as proving goes.
#[derive(Clone, Copy, Debug)]
pub struct Booked<'a> {
    /// Its number.
    pub id: TransferId,
    /// What it stands for.
    pub reference: &'a str,
    /// Its sides.
    pub legs: &'a [Leg],
    /// What it is.
    pub kind: TransferKind,
    /// What for.
    pub purpose: Option<&'a Slug>,
    /// The reversal that undid it.
    pub reversed_by: Option<TransferId>,
}

impl<'a> Booked<'a> {
    /// Without who wrote it.
    pub fn of(transfer: &'a Transfer) -> Self {
        Booked {
            id: transfer.id,
            reference: &transfer.reference,
            legs: &transfer.legs,
            kind: transfer.kind,
            purpose: transfer.purpose.as_ref(),
            reversed_by: transfer.reversed_by,
        }
    }
}

/// Proves a book one transfer after the other, so that it need not fit into memory: it
/// keeps a sum per account, the pending holds and what was reversed.
#[derive(Debug)]
pub struct Prover {
    accounts: BTreeMap<AccountId, Account>,
    holds: BTreeMap<TransferId, Hold>,
    summed: BTreeMap<AccountId, i128>,
    reversals: Vec<(TransferId, TransferId, Vec<Leg>)>,
    reversed: BTreeMap<TransferId, (TransferId, Vec<Leg>)>,
    posted: BTreeSet<TransferId>,
    references: HashSet<u128>,
    faults: Vec<LedgerFault>,
}

impl Prover {
    /// Over the accounts as stored and all holds.
    pub fn new(
        accounts: BTreeMap<AccountId, Account>,
        holds: BTreeMap<TransferId, Hold>,
    ) -> Prover {
        let mut prover = Prover {
            accounts,
            holds: BTreeMap::new(),
            summed: BTreeMap::new(),
            reversals: Vec::new(),
            reversed: BTreeMap::new(),
            posted: BTreeSet::new(),
            references: HashSet::new(),
            faults: Vec::new(),
        };
        for hold in holds.values() {
            prover.balanced(hold.id, &hold.legs);
            prover.named_once(&hold.reference);
        }
        prover.holds = holds;
        prover
    }

    /// The next transfer.
    pub fn take(&mut self, one: &Booked<'_>) {
        self.balanced(one.id, one.legs);
        self.named_once(one.reference);
        for leg in one.legs {
            *self.summed.entry(leg.account).or_default() += i128::from(leg.amount);
        }
        if let Some(by) = one.reversed_by {
            self.reversed.insert(one.id, (by, one.legs.to_vec()));
        }
        match one.kind {
            TransferKind::Direct => self.allowed(one),
            TransferKind::Lapse { .. } => {}
            TransferKind::Reversal { of } => {
                self.reversals.push((one.id, of, one.legs.to_vec()));
            }
            TransferKind::Posting { hold } => {
                self.allowed(one);
                let state = HoldState::Posted { transfer: one.id };
                let known = self.holds.get(&hold).is_some_and(|h| h.state == state);
                if !known || !self.posted.insert(hold) {
                    self.faults.push(LedgerFault::WrongPosting(one.id));
                }
            }
        }
    }

    /// Every fault, once all transfers were taken.
    pub fn finish(mut self) -> Vec<LedgerFault> {
        self.balances();
        self.undone();
        self.faults
    }

    fn balanced(&mut self, transfer: TransferId, legs: &[Leg]) {
        let mut sums: Vec<(&Slug, i128)> = Vec::with_capacity(2);
        for leg in legs {
            let Some(account) = self.accounts.get(&leg.account) else {
                self.faults.push(LedgerFault::LostAccount {
                    transfer,
                    account: leg.account,
                });
                continue;
            };
            match sums.iter_mut().find(|(unit, _)| **unit == account.unit) {
                Some((_, sum)) => *sum += i128::from(leg.amount),
                None => sums.push((&account.unit, i128::from(leg.amount))),
            }
        }
        for (unit, difference) in sums.into_iter().filter(|(_, sum)| *sum != 0) {
            self.faults.push(LedgerFault::UnbalancedTransfer {
                transfer,
                unit: unit.clone(),
                difference,
            });
        }
    }

    /// By 128 bits of each reference: two alike by chance are not to be met.
    fn named_once(&mut self, reference: &str) {
        let half = |seed: u8| {
            let mut hasher = DefaultHasher::new();
            (seed, reference).hash(&mut hasher);
            u128::from(hasher.finish())
        };
        if !self.references.insert(half(0) << 64 | half(1)) {
            let reference = reference.to_owned();
            self.faults.push(LedgerFault::RepeatedReference(reference));
        }
    }

    /// What left a restricted account left it for one of its purposes; undoing a mistake
    /// and lapsing are no spending.
    fn allowed(&mut self, one: &Booked<'_>) {
        for leg in one.legs.iter().filter(|leg| leg.amount < 0) {
            let account = self.accounts.get(&leg.account);
            let Some(allowed) = account.and_then(|one| one.bounds.purposes.as_ref()) else {
                continue;
            };
            if !one.purpose.is_some_and(|purpose| allowed.contains(purpose)) {
                self.faults.push(LedgerFault::WrongPurpose {
                    transfer: one.id,
                    account: leg.account,
                });
            }
        }
    }

    fn undone(&mut self) {
        let mut reversed = BTreeSet::new();
        for (id, of, legs) in &self.reversals {
            let exact = self.reversed.get(of).is_some_and(|(by, were)| {
                by == id
                    && were.len() == legs.len()
                    && were.iter().zip(legs).all(|(was, now)| {
                        was.account == now.account
                            && i128::from(was.amount) == -i128::from(now.amount)
                    })
            });
            if !exact {
                self.faults.push(LedgerFault::WrongReversal(*id));
            }
            if !reversed.insert(of) {
                self.faults.push(LedgerFault::ReversedTwice(*of));
            }
        }
    }

    fn balances(&mut self) {
        let mut held: BTreeMap<AccountId, (i128, i128)> = BTreeMap::new();
        let holds = self.holds.values();
        let pending = holds.filter(|hold| hold.state == HoldState::Pending);
        for leg in pending.flat_map(|hold| &hold.legs) {
            let entry = held.entry(leg.account).or_default();
            let amount = i128::from(leg.amount);
            if amount < 0 {
                entry.0 -= amount;
            } else {
                entry.1 += amount;
            }
        }
        let mut units: BTreeMap<&Slug, i128> = BTreeMap::new();
        for account in self.accounts.values() {
            let balance = self.summed.get(&account.id).copied().unwrap_or_default();
            let held = held.get(&account.id).copied().unwrap_or_default();
            *units.entry(&account.unit).or_default() += i128::from(account.balance);
            stands(account, balance, held, &mut self.faults);
        }
        for (unit, sum) in units.into_iter().filter(|(_, sum)| *sum != 0) {
            self.faults.push(LedgerFault::UnitNotZero {
                unit: unit.clone(),
                sum,
            });
        }
    }
}

/// What is stored of an account is what its entries and holds make, within its bounds.
fn stands(
    account: &Account,
    balance: i128,
    (out, coming): (i128, i128),
    faults: &mut Vec<LedgerFault>,
) {
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
    let below = |floor: &i64| balance - out < i128::from(*floor);
    if let Some(floor) = account.bounds.floor.filter(below) {
        faults.push(LedgerFault::BelowFloor {
            account: account.id,
            balance: balance - out,
            floor,
        });
    }
}
