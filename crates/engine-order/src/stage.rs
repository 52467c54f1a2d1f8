//! 「阶段」 Where an order stands, and the words for it.

use serde::{Deserialize, Serialize};

/// Where an order stands.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Before the first event.
    #[default]
    New,
    /// 待派单
    Waiting,
    /// 待接单
    Offered,
    /// 已接单
    Accepted,
    /// 服务中
    Doing,
    /// 待确认
    Done,
    /// 已转出
    Transferred,
    /// 已办结
    Closed,
    /// 已取消
    Cancelled,
}

impl Stage {
    /// Every stage an order can be seen in.
    pub const ALL: [Stage; 8] = [
        Stage::Waiting,
        Stage::Offered,
        Stage::Accepted,
        Stage::Doing,
        Stage::Done,
        Stage::Transferred,
        Stage::Closed,
        Stage::Cancelled,
    ];

    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Stage::New => "新",
            Stage::Waiting => "待派单",
            Stage::Offered => "待接单",
            Stage::Accepted => "已接单",
            Stage::Doing => "服务中",
            Stage::Done => "待确认",
            Stage::Transferred => "已转出",
            Stage::Closed => "已办结",
            Stage::Cancelled => "已取消",
        }
    }

    /// As it is kept.
    pub fn id(self) -> &'static str {
        match self {
            Stage::New => "new",
            Stage::Waiting => "waiting",
            Stage::Offered => "offered",
            Stage::Accepted => "accepted",
            Stage::Doing => "doing",
            Stage::Done => "done",
            Stage::Transferred => "transferred",
            Stage::Closed => "closed",
            Stage::Cancelled => "cancelled",
        }
    }

    /// Whether something is still to be done.
    pub fn is_open(self) -> bool {
        !matches!(self, Stage::Closed | Stage::Cancelled)
    }
}
