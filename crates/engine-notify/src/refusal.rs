//! 「不予」 Why something cannot be done with a message.

use kernel::Refuse;

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The message exists already.
    #[error("这条消息已经在发了")]
    QueuedAlready,
    /// There is no message.
    #[error("还没有这条消息")]
    NoMessage,
    /// There is no such attempt.
    #[error("没有这一次发送")]
    NoAttempt,
    /// An attempt that was never handed over cannot have failed at the other side's.
    #[error("这一次还没有发出去")]
    NotSent,
    /// The message has no text.
    #[error("消息没有内容")]
    NoText,
    /// It is not on the phone list.
    #[error("这条消息不在电话名单上")]
    NotOnPhoneList,
    /// A human being must make the call.
    #[error("电话要由人来打")]
    NotAPerson,
}

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::QueuedAlready => "notify.queued_already",
            Refusal::NoMessage => "notify.no_message",
            Refusal::NoAttempt => "notify.no_attempt",
            Refusal::NotSent => "notify.not_sent",
            Refusal::NoText => "notify.no_text",
            Refusal::NotOnPhoneList => "notify.not_on_phone_list",
            Refusal::NotAPerson => "notify.not_a_person",
        }
    }
}
