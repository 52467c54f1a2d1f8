//! 「账户、转账、预留」 The ledger's nouns and how its events fold.

use kernel::{AccountId, Actor, Instant, Slug, TransferId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One account. What it holds is counted in its unit's smallest part (fen,
/// minute, point) and never in fractions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// What it counts: `fen`, `minute`, `point`…
    pub unit: Slug,
    /// What it is for, unique: `fund:dibao`, `person:17`… Given by who opens it.
    pub name: String,
    /// What it may hold and give.
    #[serde(flatten)]
    pub bounds: Bounds,
    /// The sum of all posted legs.
    pub balance: i64,
    /// What pending holds would take out (≥ 0).
    pub held_out: i64,
    /// What pending holds would bring in (≥ 0). Not yet spendable.
    pub held_in: i64,
}

/// What an account may hold and give. A part of something (a lot of minutes, a fund
/// of one purpose) is an account of its own, so that one command needs few of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// It never goes below; `None` for the outside world (treasury, issuer).
    pub floor: Option<i64>,
    /// 上限 It never goes above, what is on its way in counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<i64>,
    /// 批次到期 From this moment what is left lapses and nothing is spent any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Instant>,
    /// 专款 Money leaves only for one of these; `None`: unrestricted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purposes: Option<BTreeSet<Slug>>,
}

impl Bounds {
    /// Only a floor.
    pub fn floor(floor: i64) -> Self {
        Bounds {
            floor: Some(floor),
            ..Bounds::default()
        }
    }

    /// Whether its time is over.
    pub fn lapsed(&self, at: Instant) -> bool {
        self.expires.is_some_and(|end| end <= at)
    }
}

impl Account {
    /// What can still be taken out before the floor; `None` without a floor.
    pub fn available(&self) -> Option<i64> {
        let floor = self.bounds.floor?;
        self.balance.checked_sub(self.held_out)?.checked_sub(floor)
    }

    /// What can still come in below the ceiling; `None` without a ceiling.
    pub fn room(&self) -> Option<i64> {
        let ceiling = self.bounds.ceiling?;
        ceiling.checked_sub(self.balance)?.checked_sub(self.held_in)
    }
}

/// One side of a transfer: `amount` > 0 comes in, < 0 goes out, never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Leg {
    /// The account.
    pub account: AccountId,
    /// In the account's unit.
    pub amount: i64,
}

/// What a transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferKind {
    /// 转账 At once.
    Direct,
    /// 入账 The second phase of a hold.
    Posting {
        /// The hold posted.
        hold: TransferId,
    },
    /// 失效 What was left in a lot when its time was over.
    Lapse {
        /// The lot.
        lot: AccountId,
    },
    /// 冲正 The exact opposite of an earlier transfer.
    Reversal {
        /// The transfer reversed.
        of: TransferId,
    },
}

/// Who wrote it, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Instant,
    /// Why, for a person to read.
    pub reason: String,
}

/// A posted transfer. Immutable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Its number.
    pub id: TransferId,
    /// Unique over transfers and holds: the business fact it stands for.
    pub reference: String,
    /// Two or more, summing to zero in each unit.
    pub legs: Vec<Leg>,
    /// What it is.
    pub kind: TransferKind,
    /// 用途 What it is for; a restricted account asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Slug>,
    /// The reversal that undid it, if one did.
    pub reversed_by: Option<TransferId>,
    /// Who, when, why.
    pub stamp: Stamp,
}

/// Where a hold stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// 待定 Reserved, nothing moved.
    Pending,
    /// 已入账 Posted as this transfer; what was not posted was released.
    Posted {
        /// The posting.
        transfer: TransferId,
    },
    /// 已解除 Released.
    Voided,
    /// 已过期 Released because its time ran out.
    Expired,
}

/// A reservation: counted against floors, not yet moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Its number (shares its sequence with transfers).
    pub id: TransferId,
    /// Unique over transfers and holds.
    pub reference: String,
    /// As a transfer's.
    pub legs: Vec<Leg>,
    /// When it lapses by itself. `None`: never by the clock (payments).
    pub expires: Option<Instant>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Slug>,
    /// Where it stands.
    pub state: HoldState,
    /// Who, when, why.
    pub stamp: Stamp,
}

/// The book or a slice of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// By number.
    pub accounts: BTreeMap<AccountId, Account>,
    /// By number.
    pub holds: BTreeMap<TransferId, Hold>,
    /// By number.
    pub transfers: BTreeMap<TransferId, Transfer>,
    /// Which transfer or hold carries a reference.
    pub references: BTreeMap<String, TransferId>,
}

/// What a pack configures of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// The most legs one transfer may have: a guard against a runaway caller.
    pub most_legs: usize,
}

impl Default for Config {
    fn default() -> Self {
        Config { most_legs: 10_000 }
    }
}

/// What happened. Carries all that is needed to fold the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// 开户
    Opened {
        /// With balance 0.
        account: Account,
        /// Who, when, why.
        stamp: Stamp,
    },
    /// 转账、入账或冲正
    Transferred {
        /// As posted.
        transfer: Transfer,
    },
    /// 预留
    Reserved {
        /// Pending.
        hold: Hold,
    },
    /// 解除预留
    Voided {
        /// Which.
        hold: TransferId,
        /// Who, when, why.
        stamp: Stamp,
    },
    /// 预留到期
    Expired {
        /// Which.
        hold: TransferId,
        /// Who, when, why.
        stamp: Stamp,
    },
}

impl Ledger {
    /// Folds one event. Events come from [`crate::decide`], which has checked
    /// them; an account missing from a slice is left alone.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Opened { account, .. } => {
                self.accounts.insert(account.id, account.clone());
            }
            Event::Transferred { transfer } => self.transferred(transfer),
            Event::Reserved { hold } => {
                self.shift_holds(&hold.legs, 1);
                self.references.insert(hold.reference.clone(), hold.id);
                self.holds.insert(hold.id, hold.clone());
            }
            Event::Voided { hold, .. } => self.release(*hold, HoldState::Voided),
            Event::Expired { hold, .. } => self.release(*hold, HoldState::Expired),
        }
    }

    fn transferred(&mut self, transfer: &Transfer) {
        match transfer.kind {
            TransferKind::Direct | TransferKind::Lapse { .. } => {}
            TransferKind::Posting { hold } => self.release(
                hold,
                HoldState::Posted {
                    transfer: transfer.id,
                },
            ),
            TransferKind::Reversal { of } => {
                if let Some(original) = self.transfers.get_mut(&of) {
                    original.reversed_by = Some(transfer.id);
                }
            }
        }
        for leg in &transfer.legs {
            if let Some(account) = self.accounts.get_mut(&leg.account) {
                account.balance += leg.amount;
            }
        }
        self.references
            .insert(transfer.reference.clone(), transfer.id);
        self.transfers.insert(transfer.id, transfer.clone());
    }

    fn release(&mut self, hold: TransferId, state: HoldState) {
        let Some(held) = self.holds.get_mut(&hold) else {
            return;
        };
        held.state = state;
        let legs = held.legs.clone();
        self.shift_holds(&legs, -1);
    }

    fn shift_holds(&mut self, legs: &[Leg], sign: i64) {
        for leg in legs {
            if let Some(account) = self.accounts.get_mut(&leg.account) {
                if leg.amount < 0 {
                    account.held_out -= sign * leg.amount;
                } else {
                    account.held_in += sign * leg.amount;
                }
            }
        }
    }
}
