//! 「发放项」 One line of a batch: one attempt at one obligation, and the only
//! ways its state may go.

use crate::account::PayAccount;
use crate::obligation::{DueKind, ObligationKey};
use kernel::{Date, DecisionId, EntitlementId, Money, ObligationId, PaymentBatchId, PersonId};
use serde::{Deserialize, Serialize};

/// Where an item stands (trust.md §4).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum ItemState {
    /// 待发
    Ready,
    /// 暂缓 Owed, but not in this file.
    Held {
        /// Why, for a person.
        reason: String,
    },
    /// 已发送
    Sent,
    /// 已到账 Proven by the bank.
    Paid {
        /// The bank's number for it.
        reference: String,
        /// The bank's day.
        on: Date,
    },
    /// 已退回 Proven by the bank.
    Returned {
        /// The bank's code.
        code: String,
        /// The bank's day.
        on: Date,
    },
    /// 待查 Nobody knows; the bank is being asked.
    Unknown,
    /// 已转下批 The obligation goes on in another batch.
    Reissued {
        /// Which.
        into: PaymentBatchId,
    },
    /// 已取消 By a signed decision.
    Cancelled {
        /// Which.
        decision: DecisionId,
    },
}

impl ItemState {
    /// A stable name, as in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            ItemState::Ready => "ready",
            ItemState::Held { .. } => "held",
            ItemState::Sent => "sent",
            ItemState::Paid { .. } => "paid",
            ItemState::Returned { .. } => "returned",
            ItemState::Unknown => "unknown",
            ItemState::Reissued { .. } => "reissued",
            ItemState::Cancelled { .. } => "cancelled",
        }
    }

    /// What a person reads.
    pub fn label(&self) -> &'static str {
        match self {
            ItemState::Ready => "待发",
            ItemState::Held { .. } => "暂缓",
            ItemState::Sent => "已发送",
            ItemState::Paid { .. } => "已到账",
            ItemState::Returned { .. } => "已退回",
            ItemState::Unknown => "待查",
            ItemState::Reissued { .. } => "已转下批",
            ItemState::Cancelled { .. } => "已取消",
        }
    }

    /// Whether this state may follow that one. The only edges there are.
    pub fn may_become(&self, next: &ItemState) -> bool {
        use ItemState::{Cancelled, Held, Paid, Ready, Reissued, Returned, Sent, Unknown};
        matches!(
            (self, next),
            (Ready, Held { .. } | Cancelled { .. } | Sent)
                | (Held { .. }, Ready | Cancelled { .. } | Reissued { .. })
                | (Sent, Paid { .. } | Returned { .. } | Unknown | Ready)
                | (Unknown, Paid { .. } | Returned { .. } | Sent | Ready)
                | (Returned { .. }, Reissued { .. } | Cancelled { .. })
        )
    }

    /// Whether the bank may still be moving money for it.
    pub fn is_open(&self) -> bool {
        matches!(self, ItemState::Sent | ItemState::Unknown)
    }
}

/// One line of a batch: one attempt at one obligation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// From 1, in the list and in the bank file.
    pub line: u32,
    /// Which obligation.
    pub obligation: ObligationId,
    /// Its key.
    pub key: ObligationKey,
    /// From which entitlement.
    pub entitlement: EntitlementId,
    /// By which signed decision.
    pub decision: DecisionId,
    /// How much.
    pub amount: Money,
    /// Who receives it.
    pub payee: PersonId,
    /// Where; an item without is held.
    pub account: Option<PayAccount>,
    /// Why it is due.
    pub kind: DueKind,
    /// What made somebody look first. It stays when a person resumed the item: the
    /// same doubt does not hold it again.
    pub doubt: Option<String>,
    /// Which attempt at the obligation, from 1.
    pub attempt: u32,
    /// Where it stands.
    pub state: ItemState,
}
