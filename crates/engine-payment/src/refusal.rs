//! 「不予」 Why payment says no.

use crate::batch::BatchState;
use crate::obligation::ObligationKey;
use kernel::{EntitlementId, Instant, Money, Refuse};

/// Payment's refusals.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The verb does not belong to this state.
    #[error("批次现在是“{}”，不能{verb}", state.label())]
    WrongState {
        /// Where the batch stands.
        state: BatchState,
        /// What was asked.
        verb: &'static str,
    },
    /// The item's state does not allow it.
    #[error("第 {line} 行现在是“{state}”，不能{verb}")]
    WrongItemState {
        /// Which.
        line: u32,
        /// Where it stands.
        state: &'static str,
        /// What was asked.
        verb: &'static str,
    },
    /// A machine or an account without a person behind it.
    #[error("这一步要由本人办理并签名，系统账号不能{verb}")]
    NotHuman {
        /// What was asked.
        verb: &'static str,
    },
    /// Four eyes are counted by person.
    #[error("您已经办过这一批的“{before}”，{verb}要由另一个人来做")]
    SamePerson {
        /// What this person did before.
        before: &'static str,
        /// What was asked.
        verb: &'static str,
    },
    /// What the person saw is not what is frozen.
    #[error("清单已经变了，请重新打开再{verb}")]
    ListChanged {
        /// What was asked.
        verb: &'static str,
    },
    /// Something came to light after the list was frozen.
    #[error("第 {line} 行有新情况：{doubt}。请退回重新生成清单，先看清楚再放行")]
    Doubt {
        /// Which.
        line: u32,
        /// What is known.
        doubt: String,
    },
    /// Nothing to pay.
    #[error("这个月没有要发的项目")]
    NothingDue,
    /// An amount that is not above zero.
    #[error("“{key}”的金额要大于 0")]
    WrongAmount {
        /// Which.
        key: ObligationKey,
    },
    /// Beyond what 64 bits hold.
    #[error("金额合计太大了，请核对一下")]
    TotalTooLarge,
    /// One obligation twice in a list.
    #[error("“{0}”在清单里出现了两次")]
    RepeatedKey(ObligationKey),
    /// The obligation is being paid, or was paid, elsewhere.
    #[error("“{0}”已经在别的批次里，不能再发一次")]
    AlreadyLive(ObligationKey),
    /// Two entitlements claim one obligation.
    #[error("“{key}”有两份待遇（{one} 和 {other}）同时有效，请先停掉一份")]
    Overlapping {
        /// Which.
        key: ObligationKey,
        /// One.
        one: EntitlementId,
        /// The other.
        other: EntitlementId,
    },
    /// More lines than a bank file may have.
    #[error("清单有 {lines} 行，银行文件最多 {most} 行，请分批")]
    TooManyLines {
        /// How many.
        lines: usize,
        /// How many may be.
        most: usize,
    },
    /// Somebody paid last month is missing without a decision.
    #[error("上月有、这月没有（或变了），又没有决定书的有 {0} 项。请先补上决定，或把人加回来")]
    Vanished(usize),
    /// No such line.
    #[error("没有第 {0} 行")]
    NoSuchLine(u32),
    /// The name cannot be written into the bank file.
    #[error("第 {line} 行写不进银行文件：{why}")]
    Unwritable {
        /// Which.
        line: u32,
        /// Why.
        why: String,
    },
    /// Silence has not lasted long enough.
    #[error("还在等银行回音，{until} 之后才算没有回音")]
    TooEarly {
        /// When it will have.
        until: Instant,
    },
    /// Nothing has been sent whose fate is open.
    #[error("没有等银行答复的项目")]
    NothingOpen,
    /// A reissue without proof.
    #[error("第 {0} 行还没有银行的退回凭证，不能重发。请先向银行查询")]
    NotProven(u32),
    /// A reissue into itself.
    #[error("重发要进另一个批次")]
    SameBatch,
    /// The reply answers another file.
    #[error("这份回盘不是这一批的：它回答的是“{0}”")]
    AnotherFile(String),
    /// No such exception.
    #[error("没有编号为 {0} 的例外")]
    NoSuchException(u32),
    /// No change is waiting.
    #[error("没有等待确认的账户变更")]
    NothingProposed,
    /// Nothing written.
    #[error("请写明原因")]
    NoWords,
    /// A proposal about a past month does not stand there.
    #[error("这条建议现在是“{state}”，不能{verb}")]
    PastState {
        /// Where it stands.
        state: &'static str,
        /// What was asked.
        verb: &'static str,
    },
    /// Arrears are paid or declined, what was too much is asked back or waived.
    #[error("少发的只能选补发或不补，多发的只能选启动追回或不追；“{way}”不合适")]
    WrongWay {
        /// What was asked.
        way: &'static str,
    },
    /// Exceptions nobody has explained.
    #[error("还有 {0} 项例外没有说明，不能对账或办结")]
    OpenExceptions(usize),
    /// The three sides differ, and not every difference is named.
    #[error("三方对不平：还差 {difference} 元，{unnamed} 项没有说明")]
    NotBalanced {
        /// Fen between the farthest two sides.
        difference: Money,
        /// How many differences have no name.
        unnamed: usize,
    },
}

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::WrongState { .. } => "payment.wrong_state",
            Refusal::WrongItemState { .. } => "payment.wrong_item_state",
            Refusal::NotHuman { .. } => "payment.not_human",
            Refusal::SamePerson { .. } => "payment.same_person",
            Refusal::ListChanged { .. } => "payment.list_changed",
            Refusal::Doubt { .. } => "payment.doubt",
            Refusal::NothingDue => "payment.nothing_due",
            Refusal::WrongAmount { .. } => "payment.wrong_amount",
            Refusal::TotalTooLarge => "payment.total_too_large",
            Refusal::RepeatedKey(_) => "payment.repeated_key",
            Refusal::AlreadyLive(_) => "payment.already_live",
            Refusal::Overlapping { .. } => "payment.overlapping",
            Refusal::TooManyLines { .. } => "payment.too_many_lines",
            Refusal::Vanished(_) => "payment.vanished",
            Refusal::NoSuchLine(_) => "payment.no_such_line",
            Refusal::Unwritable { .. } => "payment.unwritable",
            Refusal::TooEarly { .. } => "payment.too_early",
            Refusal::NothingOpen => "payment.nothing_open",
            Refusal::NotProven(_) => "payment.not_proven",
            Refusal::SameBatch => "payment.same_batch",
            Refusal::AnotherFile(_) => "payment.another_file",
            Refusal::NoSuchException(_) => "payment.no_such_exception",
            Refusal::NothingProposed => "payment.nothing_proposed",
            Refusal::NoWords => "payment.no_words",
            Refusal::PastState { .. } => "payment.past_state",
            Refusal::WrongWay { .. } => "payment.wrong_way",
            Refusal::OpenExceptions(_) => "payment.open_exceptions",
            Refusal::NotBalanced { .. } => "payment.not_balanced",
        }
    }
}
