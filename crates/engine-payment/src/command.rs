//! 「指令」 What may be asked of a batch, in which state and by whom. The table of
//! states is here and nowhere else.

use crate::batch::BatchState;
use crate::compute::MonthDiff;
use crate::obligation::{Due, ObligationKey};
use crate::reconcile::{BankLine, LedgerLine, Named, TreasuryStatement};
use crate::reply::ReplyReading;
use kernel::{DecisionId, ObligationId, PaymentBatchId};
use std::collections::{BTreeMap, BTreeSet};

/// What the bank answers when asked about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BankAnswer {
    /// 已收到 It has the file.
    Received {
        /// Its receipt.
        receipt: String,
    },
    /// 没有收到 It never had the file: nothing can have been paid.
    NeverReceived {
        /// Its words.
        proof: String,
    },
    /// 整批拒收 It refused the file whole: nothing was paid.
    Refused {
        /// Its words.
        proof: String,
    },
}

/// What is asked of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 生成清单 Freezes a list.
    Compute {
        /// With their numbers.
        dues: Vec<(ObligationId, Due)>,
        /// Keys with a live attempt in another batch.
        live: BTreeSet<ObligationKey>,
        /// Against last month.
        diff: MonthDiff,
        /// The pack's hash.
        rule: String,
        /// [`crate::inputs_digest`] of the entitlements.
        inputs: String,
    },
    /// 复核
    Check {
        /// The hash of the list the person saw.
        seen: String,
    },
    /// 审批
    Approve {
        /// The hash of the list the person saw.
        seen: String,
    },
    /// 放行
    Release {
        /// The hash of the list the person saw.
        seen: String,
        /// What is known by now that makes somebody look first, by line.
        doubts: BTreeMap<u32, String>,
    },
    /// 退回起草
    Reject {
        /// Why.
        reason: String,
    },
    /// 暂缓一项 Back to `Draft`.
    Hold {
        /// Which.
        line: u32,
        /// Why.
        reason: String,
    },
    /// 恢复一项 Back to `Draft`.
    Resume {
        /// Which.
        line: u32,
    },
    /// 取消一项 Before release (back to `Draft`), or after a proven return.
    Cancel {
        /// Which.
        line: u32,
        /// The signed decision.
        decision: DecisionId,
    },
    /// 发送 Recorded before the bytes leave.
    Send,
    /// 没有回音
    FallSilent,
    /// 银行答复
    Answer(BankAnswer),
    /// 读回盘
    ReadReply(ReplyReading),
    /// 说明例外
    Explain {
        /// Which.
        no: u32,
        /// What was found out.
        words: String,
    },
    /// 对账
    Reconcile {
        /// 账
        ledger: Vec<LedgerLine>,
        /// 行
        bank: Vec<BankLine>,
        /// 库
        treasury: TreasuryStatement,
        /// What people say of differences.
        named: Vec<Named>,
    },
    /// 办结
    Close,
    /// 转下批 A proven return, or an item held back, goes on in another batch.
    Reissue {
        /// Which.
        line: u32,
        /// Into which.
        into: PaymentBatchId,
    },
}

impl Command {
    /// The verb, for a person.
    pub fn verb(&self) -> &'static str {
        match self {
            Command::Compute { .. } => "生成清单",
            Command::Check { .. } => "复核",
            Command::Approve { .. } => "审批",
            Command::Release { .. } => "放行",
            Command::Reject { .. } => "退回起草",
            Command::Hold { .. } => "暂缓",
            Command::Resume { .. } => "恢复",
            Command::Cancel { .. } => "取消",
            Command::Send => "发送",
            Command::FallSilent => "记为没有回音",
            Command::Answer(_) => "记银行答复",
            Command::ReadReply(_) => "读回盘",
            Command::Explain { .. } => "说明例外",
            Command::Reconcile { .. } => "对账",
            Command::Close => "办结",
            Command::Reissue { .. } => "转下批",
        }
    }

    /// The states in which the verb may be asked at all (trust.md §4).
    pub fn allowed_in(&self, state: BatchState) -> bool {
        use BatchState::{
            Accepted, Approved, Checked, Closed, Computed, Draft, PartlyFailed, Reconciled,
            Released, Sent, Settled,
        };
        match self {
            Command::Compute { .. } => state == Draft,
            Command::Check { .. } => state == Computed,
            Command::Approve { .. } => state == Checked,
            Command::Release { .. } => state == Approved,
            Command::Reject { .. } => matches!(state, Computed | Checked | Approved),
            Command::Hold { .. } | Command::Resume { .. } => {
                matches!(state, Draft | Computed | Checked | Approved)
            }
            Command::Cancel { .. } => matches!(
                state,
                Draft | Computed | Checked | Approved | PartlyFailed | Reconciled | Closed
            ),
            Command::Send => state == Released,
            Command::FallSilent => matches!(state, Sent | Accepted),
            Command::Answer(BankAnswer::Received { .. }) => matches!(state, Sent | Accepted),
            Command::Answer(_) => state == Sent,
            Command::ReadReply(_) => {
                matches!(state, Sent | Accepted | Settled | PartlyFailed | Reconciled)
            }
            Command::Explain { .. } => {
                matches!(state, Accepted | Settled | PartlyFailed | Reconciled)
            }
            Command::Reconcile { .. } => matches!(state, Settled | PartlyFailed),
            Command::Close => state == Reconciled,
            Command::Reissue { .. } => matches!(
                state,
                Released | Sent | Accepted | Settled | PartlyFailed | Reconciled | Closed
            ),
        }
    }

    /// Whether a human being has to sign it.
    pub fn wants_a_person(&self) -> bool {
        !matches!(
            self,
            Command::Send | Command::FallSilent | Command::Answer(_) | Command::ReadReply(_)
        )
    }
}
