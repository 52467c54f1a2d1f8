//! 「不予」 Why an indicator, an alert or a report says no.

use kernel::{Date, Refuse};

/// The refusals.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A machine cannot report or confirm.
    #[error("填报、核对、冻结和办结都要由人来做")]
    NotAPerson,
    /// Counted by the house, or read in the rules.
    #[error("这个指标由平台算出，不用填报")]
    NotReported,
    /// A day to come.
    #[error("{0} 还没到，不能填报或冻结")]
    Future(Date),
    /// No source.
    #[error("请写这个数从哪里来")]
    NoSource,
    /// Less than nothing.
    #[error("数不能小于零")]
    Negative,
    /// Another stands for that day and no reason is given.
    #[error("{0} 已经有一个核对过的数。要更正，请写明原因；原来的数会留着")]
    NoReason(Date),
    /// The same as stands.
    #[error("和已有的数一样")]
    Same,
    /// One waits already.
    #[error("{0} 的数正等人核对，请先核对或退回")]
    WaitsAlready(Date),
    /// No such value.
    #[error("没有这个数")]
    NoSuchValue,
    /// Already looked at.
    #[error("这个数已经核对过或退回过")]
    NotWaiting,
    /// The one who reported it.
    #[error("填报人自己不能核对，请换一个人")]
    SamePerson,
    /// A return without words.
    #[error("请写退回的原因")]
    NoWords,
    /// No such alert.
    #[error("没有这条提醒")]
    NoSuchAlert,
    /// Closed before.
    #[error("这条提醒已经办结")]
    ClosedAlready,
    /// Closed by nothing.
    #[error("请写查到了什么、做了什么，才能办结")]
    NoOutcome,
    /// Raised for this figure before.
    #[error("这条提醒已经发过")]
    RaisedAlready,
    /// A report lacks an indicator of its plan, or has another's.
    #[error("报告要把规划的每个指标都写上，没有数的也要写明。缺：{0}")]
    Incomplete(String),
    /// A figure without lineage.
    #[error("“{0}”没有写从哪里来，不能冻结")]
    NoLineage(String),
    /// Frozen before, and no reason for another version.
    #[error("{0} 的报告已经冻结，不能改。有更正，请写明原因，另存一版")]
    Frozen(Date),
    /// Nothing differs from the version before.
    #[error("和上一版完全一样，不用另存一版")]
    NothingNew,
}

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::NotAPerson => "insight.not_a_person",
            Refusal::NotReported => "insight.not_reported",
            Refusal::Future(_) => "insight.future",
            Refusal::NoSource => "insight.no_source",
            Refusal::Negative => "insight.negative",
            Refusal::NoReason(_) => "insight.no_reason",
            Refusal::Same => "insight.same",
            Refusal::WaitsAlready(_) => "insight.waits_already",
            Refusal::NoSuchValue => "insight.no_such_value",
            Refusal::NotWaiting => "insight.not_waiting",
            Refusal::SamePerson => "insight.same_person",
            Refusal::NoWords => "insight.no_words",
            Refusal::NoSuchAlert => "insight.no_such_alert",
            Refusal::ClosedAlready => "insight.closed_already",
            Refusal::NoOutcome => "insight.no_outcome",
            Refusal::RaisedAlready => "insight.raised_already",
            Refusal::Incomplete(_) => "insight.incomplete",
            Refusal::NoLineage(_) => "insight.no_lineage",
            Refusal::Frozen(_) => "insight.frozen",
            Refusal::NothingNew => "insight.nothing_new",
        }
    }
}
