//! 「不予」 Why a booking cannot be: always with what can be done instead.

use kernel::{BookingId, Date, Refuse};

/// The engine's refusals.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The kinds differ.
    #[error("这里不办这一项预约")]
    OtherType,
    /// Residents do not book this themselves.
    #[error("这一项要到窗口预约，请联系工作人员")]
    DeskOnly,
    /// For the desk alone.
    #[error("这一步由工作人员来做")]
    ForTheDesk,
    /// No such unit.
    #[error("没有编号为 {0} 的{1}")]
    NoSuchUnit(u32, String),
    /// No such booking, or it is over.
    #[error("没有这个预约，或者它已经结束")]
    NoSuchBooking(BookingId),
    /// The number is taken.
    #[error("这个编号已经用过了")]
    NumberTaken(BookingId),
    /// A sort the pack does not have, or one is needed.
    #[error("没有这一种{0}，请重新选")]
    NoSuchSort(String),
    /// The unit is not given out.
    #[error("{label}现在停用：{reason}。请选别的")]
    Closed {
        /// Its label.
        label: String,
        /// Why.
        reason: String,
    },
    /// Every place is taken.
    #[error("这个时间已经约满。请换一个时间")]
    Taken,
    /// Kept for somebody who is asked.
    #[error("{0}正留给轮候的人，等答复")]
    Kept(String),
    /// Others wait: it goes by their order.
    #[error("有 {0} 人在轮候，要按先后来。请先排队")]
    OthersWait(usize),
    /// Not at that time.
    #[error("{0}不开放。请选开放的时段")]
    NotOpen(String),
    /// Gone by.
    #[error("这个时间已经过去了")]
    Past,
    /// Too far ahead.
    #[error("最远可以约到 {0}。请选更早的日子")]
    TooFar(Date),
    /// Too long, or without an end.
    #[error("一次最多 {0} 天。请写明到哪一天")]
    TooLong(u32),
    /// Ends before it begins.
    #[error("结束要晚于开始")]
    Backwards,
    /// The person has as many as one may have.
    #[error("已经有 {0} 个没办完的预约。请先改约或取消")]
    Enough(usize),
    /// Too late to change it oneself.
    #[error("开始前 {0} 小时内不能自己改或取消。请打电话给办事处")]
    TooLate(u32),
    /// It began.
    #[error("已经到了，不能再取消。请办离开")]
    Begun,
    /// Nobody came yet.
    #[error("还没有到，不能办离开")]
    NotThere,
    /// It has not begun.
    #[error("还没有到时间，不能记没来")]
    NotYet,
    /// Who was there before has not left.
    #[error("上一位还没有办离开。请先办离开")]
    StillThere,
    /// It was not cared for.
    #[error("{label}还没有{care}，不能交给下一位")]
    CareDue {
        /// Its label.
        label: String,
        /// `洗消`.
        care: String,
    },
    /// Nothing is to be done.
    #[error("{0}现在不用处理")]
    NoCareDue(String),
    /// A note is missing.
    #[error("请填“{0}”")]
    NoteMissing(String),
    /// A slot is waited for by name.
    #[error("请写明哪个时段")]
    WhichSlot,
    /// Nothing to wait for.
    #[error("这个时段还有空，不用排队，直接约就可以")]
    StillFree,
    /// No waiting list.
    #[error("这一项不排队")]
    NoWaiting,
    /// A class the pack does not have.
    #[error("没有这一类轮候，请重新选")]
    NoSuchClass,
    /// A class that comes before others: the desk looks into it first.
    #[error("这一类要由工作人员核实后登记。您可以先按“{0}”排队")]
    ClassByDesk(String),
    /// They wait already.
    #[error("已经在轮候了，不用再排一次")]
    WaitsAlready,
    /// No such wait.
    #[error("轮候里没有这一位")]
    NotWaiting(BookingId),
    /// Nobody waits for this.
    #[error("没有人在等这一种")]
    NobodyWaits,
    /// They were not offered anything.
    #[error("还没有通知他，不能接受或婉拒")]
    NoOffer,
    /// Their time to answer is over.
    #[error("答复期限 {0} 已过。请重新通知")]
    OfferOver(Date),
    /// Somebody would be passed over without a word.
    #[error("{0}排在前面。不按先后要写明理由，理由会留底")]
    PassedWithoutReason(String),
    /// They do not come before.
    #[error("{0}不排在前面，不用跳过")]
    NotBefore(String),
    /// A reason is missing.
    #[error("请写明理由")]
    NoReason,
    /// The calendar ends.
    #[error("日历还没有排到那一天。请选更早的日子")]
    NoCalendar,
}

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::OtherType => "booking.other_type",
            Refusal::DeskOnly => "booking.desk_only",
            Refusal::ForTheDesk => "booking.for_the_desk",
            Refusal::NoSuchUnit(..) => "booking.no_unit",
            Refusal::NoSuchBooking(_) => "booking.no_booking",
            Refusal::NumberTaken(_) => "booking.number_taken",
            Refusal::NoSuchSort(_) => "booking.no_sort",
            Refusal::Closed { .. } => "booking.closed",
            Refusal::Taken => "booking.taken",
            Refusal::Kept(_) => "booking.kept",
            Refusal::OthersWait(_) => "booking.others_wait",
            Refusal::NotOpen(_) => "booking.not_open",
            Refusal::Past => "booking.past",
            Refusal::TooFar(_) => "booking.too_far",
            Refusal::TooLong(_) => "booking.too_long",
            Refusal::Backwards => "booking.backwards",
            Refusal::Enough(_) => "booking.enough",
            Refusal::TooLate(_) => "booking.too_late",
            Refusal::Begun => "booking.begun",
            Refusal::NotThere => "booking.not_there",
            Refusal::NotYet => "booking.not_yet",
            Refusal::StillThere => "booking.still_there",
            Refusal::CareDue { .. } => "booking.care_due",
            Refusal::NoCareDue(_) => "booking.no_care_due",
            Refusal::NoteMissing(_) => "booking.note_missing",
            Refusal::WhichSlot => "booking.which_slot",
            Refusal::StillFree => "booking.still_free",
            Refusal::NoWaiting => "booking.no_waiting",
            Refusal::NoSuchClass => "booking.no_class",
            Refusal::ClassByDesk(_) => "booking.class_by_desk",
            Refusal::WaitsAlready => "booking.waits_already",
            Refusal::NotWaiting(_) => "booking.not_waiting",
            Refusal::NobodyWaits => "booking.nobody_waits",
            Refusal::NoOffer => "booking.no_offer",
            Refusal::OfferOver(_) => "booking.offer_over",
            Refusal::PassedWithoutReason(_) => "booking.passed_without_reason",
            Refusal::NotBefore(_) => "booking.not_before",
            Refusal::NoReason => "booking.no_reason",
            Refusal::NoCalendar => "booking.no_calendar",
        }
    }
}
