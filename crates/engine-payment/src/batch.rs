//! 「批次」 A payment batch: the state, the events, the fold.

use crate::compute::MonthDiff;
use crate::item::{Item, ItemState};
use crate::reconcile::Reconciliation;
use crate::reply::{LineOutcome, ReplyFault};
use kernel::{Actor, Instant, Money, PaymentBatchId, Period, PersonId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a batch stands (trust.md §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    /// 起草
    Draft,
    /// 已生成 The list is frozen.
    Computed,
    /// 已复核
    Checked,
    /// 已审批 The money is reserved.
    Approved,
    /// 已放行 The file may leave.
    Released,
    /// 已发送 The file left; the bank has not said that it has it.
    Sent,
    /// 银行已受理
    Accepted,
    /// 全部到账
    Settled,
    /// 部分退回
    PartlyFailed,
    /// 已对平
    Reconciled,
    /// 已办结
    Closed,
}

impl BatchState {
    /// All, in order.
    pub const ALL: [BatchState; 11] = [
        BatchState::Draft,
        BatchState::Computed,
        BatchState::Checked,
        BatchState::Approved,
        BatchState::Released,
        BatchState::Sent,
        BatchState::Accepted,
        BatchState::Settled,
        BatchState::PartlyFailed,
        BatchState::Reconciled,
        BatchState::Closed,
    ];

    /// What a person reads.
    pub fn label(self) -> &'static str {
        match self {
            BatchState::Draft => "起草",
            BatchState::Computed => "已生成",
            BatchState::Checked => "已复核",
            BatchState::Approved => "已审批",
            BatchState::Released => "已放行",
            BatchState::Sent => "已发送",
            BatchState::Accepted => "银行已受理",
            BatchState::Settled => "全部到账",
            BatchState::PartlyFailed => "部分退回",
            BatchState::Reconciled => "已对平",
            BatchState::Closed => "已办结",
        }
    }
}

/// What `Computed` freezes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenList {
    /// SHA-256 over the list, lower-case hex. Whoever signs, signs this.
    pub hash: String,
    /// The pack's hash: the rules in force.
    pub rule: String,
    /// SHA-256 over the entitlements it was computed from.
    pub inputs: String,
    /// Items to be paid.
    pub count: u32,
    /// Their sum.
    pub total: Money,
    /// Items held back.
    pub held: u32,
    /// What changed since last month.
    pub diff: MonthDiff,
}

/// Who and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Instant,
}

/// What a bank reply said that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ExceptionKind {
    /// 挂账 A line we never sent.
    UnknownLine,
    /// 金额不符 The bank's amount beside ours.
    WrongAmount {
        /// Ours.
        ours: Money,
    },
    /// 账号不符
    WrongAccount,
    /// 前后矛盾 The bank said something else before.
    Contradiction {
        /// What it said before.
        before: String,
    },
    /// 未发送 The line is ours, but was not in the file.
    NotSent,
}

/// Something a person must explain before the batch can be closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchException {
    /// From 1.
    pub no: u32,
    /// What.
    pub kind: ExceptionKind,
    /// The line number the bank gave.
    pub line: u32,
    /// The line reference the bank gave.
    pub reference: String,
    /// The amount the bank gave.
    pub amount: Money,
    /// What a person wrote about it; `None` while open.
    pub explained: Option<String>,
}

/// The file as sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentFile {
    /// Our reference, the same at every resend.
    pub reference: String,
    /// SHA-256 of its bytes, lower-case hex.
    pub digest: String,
    /// When it was last sent.
    pub at: Instant,
    /// The bank's receipt, once it has it.
    pub receipt: Option<String>,
}

/// A batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Its number.
    pub id: PaymentBatchId,
    /// The month it pays.
    pub period: Period,
    /// Where it stands.
    pub state: BatchState,
    /// Counts files refused whole, so that a mended file has a new reference.
    pub round: u32,
    /// Counts approvals: a reservation belongs to one of them.
    pub approvals: u32,
    /// Counts replies read, faulty ones included: which to ask for next.
    pub reads: u32,
    /// By line.
    pub items: Vec<Item>,
    /// What was frozen; `None` in `Draft`.
    pub list: Option<FrozenList>,
    /// 经办
    pub maker: Option<PersonId>,
    /// 复核
    pub checker: Option<PersonId>,
    /// 审批
    pub approver: Option<PersonId>,
    /// 放行
    pub releaser: Option<PersonId>,
    /// What left for the bank.
    pub file: Option<SentFile>,
    /// Digests of replies read whole.
    pub replies: Vec<String>,
    /// What does not fit.
    pub exceptions: Vec<BatchException>,
    /// The three-way match.
    pub reconciliation: Option<Reconciliation>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// 生成清单
    Computed {
        /// Frozen.
        list: FrozenList,
        /// Numbered.
        items: Vec<Item>,
        /// Who, when.
        stamp: Stamp,
    },
    /// 退回起草
    ReturnedToDraft {
        /// From where: `Approved` means a reservation to void.
        from: BatchState,
        /// Why.
        reason: String,
        /// Who, when.
        stamp: Stamp,
    },
    /// An item's mark before release: held, ready again, cancelled.
    Marked {
        /// Which.
        line: u32,
        /// Its new state.
        state: ItemState,
        /// Who, when.
        stamp: Stamp,
    },
    /// 复核
    Checked {
        /// Who, when.
        stamp: Stamp,
    },
    /// 审批
    Approved {
        /// Who, when.
        stamp: Stamp,
    },
    /// 放行
    Released {
        /// Who, when.
        stamp: Stamp,
    },
    /// 发送
    Sent {
        /// Our reference.
        reference: String,
        /// SHA-256 of its bytes.
        digest: String,
        /// Who, when.
        stamp: Stamp,
    },
    /// 没有回音 Items become `Unknown`; the bank is to be asked.
    FellSilent {
        /// Who, when.
        stamp: Stamp,
    },
    /// 银行受理
    Accepted {
        /// The bank's receipt.
        receipt: String,
        /// Who, when.
        stamp: Stamp,
    },
    /// 银行证明没有收到 The same bytes may be sent again.
    NeverReceived {
        /// The bank's words.
        proof: String,
        /// Who, when.
        stamp: Stamp,
    },
    /// 回盘
    ReplyRead {
        /// SHA-256 of the reply.
        digest: String,
        /// What is wrong with it, named.
        faults: Vec<ReplyFault>,
        /// Line → what became of it.
        outcomes: BTreeMap<u32, LineOutcome>,
        /// Lines that now need asking.
        unclear: Vec<u32>,
        /// What does not fit.
        exceptions: Vec<BatchException>,
        /// Where the batch stands after it.
        state: BatchState,
        /// Whether this reply was read before (then nothing else changes).
        repeated: bool,
        /// Who, when.
        stamp: Stamp,
    },
    /// 说明例外
    Explained {
        /// Which exception.
        no: u32,
        /// What a person found out.
        words: String,
        /// Who, when.
        stamp: Stamp,
    },
    /// 对账
    Reconciled {
        /// The match.
        reconciliation: Reconciliation,
        /// Who, when.
        stamp: Stamp,
    },
    /// 办结
    Closed {
        /// Who, when.
        stamp: Stamp,
    },
}

impl Batch {
    /// An empty draft for a month.
    pub fn draft(id: PaymentBatchId, period: Period) -> Self {
        Batch {
            id,
            period,
            state: BatchState::Draft,
            round: 1,
            approvals: 0,
            reads: 0,
            items: Vec::new(),
            list: None,
            maker: None,
            checker: None,
            approver: None,
            releaser: None,
            file: None,
            replies: Vec::new(),
            exceptions: Vec::new(),
            reconciliation: None,
        }
    }

    /// The item of a line.
    pub fn item(&self, line: u32) -> Option<&Item> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        self.items.get(index).filter(|item| item.line == line)
    }

    /// The sum of the items in a state; `None` beyond the range.
    pub fn total_where(&self, wanted: impl Fn(&ItemState) -> bool) -> Option<Money> {
        Money::checked_sum(
            self.items
                .iter()
                .filter(|item| wanted(&item.state))
                .map(|item| item.amount),
        )
    }

    /// Folds one event.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Computed { list, items, stamp } => {
                self.items = items.clone();
                self.list = Some(list.clone());
                self.maker = stamp.by.person;
                self.state = BatchState::Computed;
            }
            Event::ReturnedToDraft { from, .. } => {
                if *from == BatchState::Sent {
                    self.round += 1;
                    self.releaser = None;
                    self.file = None;
                    self.move_all(&ItemState::Unknown, &ItemState::Ready);
                    self.move_all(&ItemState::Sent, &ItemState::Ready);
                }
                self.list = None;
                self.maker = None;
                self.checker = None;
                self.approver = None;
                self.state = BatchState::Draft;
            }
            Event::Marked { line, state, .. } => self.mark(*line, state.clone()),
            Event::Checked { stamp } => {
                self.checker = stamp.by.person;
                self.state = BatchState::Checked;
            }
            Event::Approved { stamp } => {
                self.approver = stamp.by.person;
                self.approvals += 1;
                self.state = BatchState::Approved;
            }
            Event::Released { stamp } => {
                self.releaser = stamp.by.person;
                self.state = BatchState::Released;
            }
            Event::Sent {
                reference,
                digest,
                stamp,
            } => {
                self.file = Some(SentFile {
                    reference: reference.clone(),
                    digest: digest.clone(),
                    at: stamp.at,
                    receipt: None,
                });
                self.move_all(&ItemState::Ready, &ItemState::Sent);
                self.state = BatchState::Sent;
            }
            Event::FellSilent { .. } => self.move_all(&ItemState::Sent, &ItemState::Unknown),
            Event::Accepted { receipt, .. } => {
                if let Some(file) = &mut self.file {
                    file.receipt = Some(receipt.clone());
                }
                self.move_all(&ItemState::Unknown, &ItemState::Sent);
                self.state = BatchState::Accepted;
            }
            Event::NeverReceived { .. } => {
                self.move_all(&ItemState::Unknown, &ItemState::Ready);
                self.move_all(&ItemState::Sent, &ItemState::Ready);
                self.state = BatchState::Released;
            }
            Event::ReplyRead { .. } => self.reply_read(event),
            Event::Explained { no, words, .. } => {
                for exception in self.exceptions.iter_mut().filter(|e| e.no == *no) {
                    exception.explained = Some(words.clone());
                }
            }
            Event::Reconciled { reconciliation, .. } => {
                self.reconciliation = Some(reconciliation.clone());
                self.state = BatchState::Reconciled;
            }
            Event::Closed { .. } => self.state = BatchState::Closed,
        }
    }

    fn reply_read(&mut self, event: &Event) {
        let Event::ReplyRead {
            digest,
            outcomes,
            unclear,
            exceptions,
            state,
            repeated,
            ..
        } = event
        else {
            return;
        };
        self.reads += 1;
        if *repeated {
            return;
        }
        for (line, outcome) in outcomes {
            self.mark(*line, outcome.as_state());
        }
        for line in unclear {
            self.mark(*line, ItemState::Unknown);
        }
        self.exceptions.extend(exceptions.iter().cloned());
        self.replies.push(digest.clone());
        self.state = *state;
    }

    fn mark(&mut self, line: u32, state: ItemState) {
        for item in self.items.iter_mut().filter(|item| item.line == line) {
            item.state = state.clone();
        }
    }

    fn move_all(&mut self, from: &ItemState, to: &ItemState) {
        for item in self.items.iter_mut().filter(|item| item.state == *from) {
            item.state = to.clone();
        }
    }
}
