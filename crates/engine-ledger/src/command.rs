//! 「指令」 What may be asked of the ledger.

use crate::model::{Bounds, Leg};
use kernel::{AccountId, Instant, Slug, TransferId};
use serde::{Deserialize, Serialize};

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
        /// What it may hold and give (floor ≤ 0 ≤ ceiling).
        bounds: Bounds,
    },
    /// 转账 Moves at once.
    Transfer {
        /// A fresh number.
        id: TransferId,
        /// Unique.
        reference: String,
        /// Two or more.
        legs: Vec<Leg>,
        /// What for.
        purpose: Option<Slug>,
    },
    /// 使用 Takes from lots, those that lapse first before the others.
    Spend {
        /// A fresh number.
        id: TransferId,
        /// Unique.
        reference: String,
        /// All lots it may come from.
        lots: Vec<AccountId>,
        /// How much (> 0).
        amount: i64,
        /// Where it goes, and what else moves with it.
        to: Vec<Leg>,
        /// What for.
        purpose: Option<Slug>,
    },
    /// 失效 Moves what is left in a lot whose time is over.
    Lapse {
        /// A fresh number.
        id: TransferId,
        /// Unique.
        reference: String,
        /// Which lot.
        lot: AccountId,
        /// Where it goes.
        to: AccountId,
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
        /// What for.
        purpose: Option<Slug>,
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
