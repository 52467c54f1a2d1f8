//! 「说了什么」 What can be asked of a stock.

use crate::model::{Cared, Guest, Span};
use kernel::{Actor, BookingId, Slug};
use serde::{Deserialize, Serialize};

/// Who asks for what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Who.
    pub actor: Actor,
    /// At the desk: not bound by the hours residents are bound by.
    pub desk: bool,
    /// What.
    pub act: Act,
}

/// What can be asked. Numbers are allocated by the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// 添置
    Add {
        /// `3 号窗口`.
        label: String,
        /// Its sort, where the kind has sorts.
        sort: Option<Slug>,
    },
    /// 停用
    Close {
        /// Which.
        unit: u32,
        /// Why.
        reason: String,
    },
    /// 恢复
    Reopen {
        /// Which.
        unit: u32,
    },
    /// 预约
    Book {
        /// A fresh number.
        id: BookingId,
        /// Which; `None`: any that is free.
        unit: Option<u32>,
        /// Of which sort; `None`: any.
        sort: Option<Slug>,
        /// When.
        span: Span,
        /// For whom.
        guest: Guest,
    },
    /// 住回、约回 What ended by mistake is theirs again, as if it had not ended: no line is
    /// waited in, and who had come is there at once.
    Restore {
        /// A fresh number.
        id: BookingId,
        /// Which unit it was.
        unit: u32,
        /// From now on for a stay, at the same time for a booking.
        span: Span,
        /// For whom.
        guest: Guest,
        /// They had come.
        there: bool,
        /// The care the unit waits for is due by this very ending alone.
        own_care: bool,
    },
    /// 改约、换床
    Move {
        /// Which.
        id: BookingId,
        /// To which unit; `None`: any that is free.
        unit: Option<u32>,
        /// To when.
        span: Span,
        /// Why.
        reason: String,
    },
    /// 取消
    Cancel {
        /// Which.
        id: BookingId,
        /// Why.
        reason: String,
    },
    /// 到了、入住
    Arrive {
        /// Which.
        id: BookingId,
    },
    /// 办完、离开
    Leave {
        /// Which.
        id: BookingId,
    },
    /// 没有来
    Miss {
        /// Which.
        id: BookingId,
    },
    /// 处理好了
    Care {
        /// Which unit.
        unit: u32,
        /// What was noted.
        cared: Cared,
    },
    /// 排队
    Wait {
        /// A fresh number.
        id: BookingId,
        /// Who.
        guest: Guest,
        /// The class.
        class: Slug,
        /// The sort wanted.
        sort: Option<Slug>,
        /// The slot wanted; `None` for a stay.
        span: Option<Span>,
    },
    /// 通知下一位
    Offer {
        /// Which unit is free.
        unit: u32,
        /// In which slot; `None` for a stay.
        span: Option<Span>,
        /// Those before whom the offered one comes: each needs a reason.
        passing: Vec<(BookingId, String)>,
    },
    /// 接受
    Accept {
        /// Which wait.
        id: BookingId,
        /// From when.
        span: Span,
    },
    /// 婉拒、过期：还在队里
    Decline {
        /// Which wait.
        id: BookingId,
        /// Why.
        reason: String,
    },
    /// 不等了
    Withdraw {
        /// Which wait.
        id: BookingId,
        /// Why.
        reason: String,
    },
    /// 到点 What time itself does: who did not come, offers nobody answered.
    Tick,
}
