//! 「指令」 What may be asked of an order.

use crate::model::{ProofGiven, Requested, Side};
use kernel::{Actor, Instant, ProviderId, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who wants what done.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Who.
    pub by: Actor,
    /// What.
    pub act: Act,
}

/// What may be done with an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// 下单、来电、按键
    Request(Box<Requested>),
    /// 又按了一次 The same device again, while the alarm is open.
    Press,
    /// 应答 A human being is on it.
    Answer,
    /// 派单 To somebody, by a person.
    Dispatch {
        /// To whom.
        to: ProviderId,
        /// Why somebody else is taken back, where one was sent.
        why: String,
    },
    /// 认领
    Claim {
        /// By whom.
        provider: ProviderId,
    },
    /// 接单
    Accept,
    /// 不接
    Decline {
        /// Why.
        why: String,
    },
    /// 到场
    Arrive {
        /// When, where a phone without a line tells it later.
        occurred: Instant,
    },
    /// 做一步
    Step {
        /// Which.
        step: Slug,
        /// What proves it.
        proofs: Vec<ProofGiven>,
        /// When it happened.
        occurred: Instant,
    },
    /// 做完
    Finish {
        /// What proves it.
        proofs: Vec<ProofGiven>,
        /// When it happened.
        occurred: Instant,
        /// Minutes it took.
        minutes: Option<u32>,
        /// In words.
        note: String,
    },
    /// 确认 `by_phone`: an operator rang up.
    Confirm {
        /// In words.
        words: String,
        /// Whether an operator rang up.
        by_phone: bool,
    },
    /// 没做好，重开
    Reopen {
        /// Why.
        why: String,
    },
    /// 评价
    Rate {
        /// 1 to 5.
        stars: u8,
        /// In words.
        words: String,
        /// 涉及安全
        safety: bool,
    },
    /// 结算
    Settle,
    /// 办结告警
    Close {
        /// What the pack needs, by id.
        answers: BTreeMap<Slug, String>,
    },
    /// 取消
    Cancel {
        /// On whose side.
        side: Side,
        /// Why.
        why: String,
    },
    /// 转出 To another line.
    Transfer {
        /// Which.
        to: Slug,
        /// Why.
        why: String,
    },
    /// 对方编号、答复 The other line answers: its number, or what came of it.
    Answered {
        /// Its number there.
        reference: Option<String>,
        /// What came of it; the order comes back to be confirmed.
        result: Option<String>,
        /// Whether the other line sends it back undone.
        undone: bool,
    },
    /// 打过电话了
    Called {
        /// Which calling, counted from 0.
        calling: usize,
        /// What came of it.
        came: String,
    },
    /// 看钟
    Tick,
}
