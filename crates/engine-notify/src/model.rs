//! 「消息」 Nouns: message, channel, attempt, event.

use kernel::{Actor, CaseId, Instant, MessageId, PersonId, Slug};
use serde::{Deserialize, Serialize};

/// A message before it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// What it is about, `case.refused`: one message per case, occasion and `key`.
    pub occasion: Slug,
    /// To whom.
    pub to: Recipient,
    /// The case it belongs to.
    pub case: Option<CaseId>,
    /// The whole text, for the in-app inbox, where the reader is logged in.
    pub text: String,
    /// The short text for SMS; only from [`crate::Template::sms`].
    pub sms: Option<String>,
    /// Whether law wants proof that it arrived (a notice of decision).
    pub proof_wanted: bool,
}

/// To whom a message goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Who.
    pub person: PersonId,
    /// Whether there is a mobile number; the number itself stays in the register.
    pub mobile: bool,
    /// Whether they use the app.
    pub inbox: bool,
}

/// 渠道
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// 站内消息
    InApp,
    /// 短信
    Sms,
    /// 电话名单 A human being rings up; the last resort, always there.
    Phone,
}

/// How messages go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Channels in order. The phone list comes last whether written or not.
    pub order: Vec<Channel>,
    /// How often one channel is tried.
    pub tries: u32,
    /// Minutes after which a message sent but not received goes on.
    pub patience_minutes: i64,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            order: vec![Channel::InApp, Channel::Sms],
            tries: 3,
            patience_minutes: 24 * 60,
        }
    }
}

/// The life of a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The message; `None` only before the first event.
    pub message: Option<Message>,
    /// Every attempt, oldest first. Their order numbers are the receipts' keys.
    pub attempts: Vec<Attempt>,
    /// Where it stands.
    pub status: Status,
    /// How the phone call ended.
    pub called: Option<String>,
}

/// Where a message stands.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Before the first event.
    #[default]
    New,
    /// 待发
    Queued,
    /// 已发
    Sent,
    /// 已收到
    Delivered,
    /// 待打电话
    ToCall,
}

/// One attempt on one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Channel.
    pub channel: Channel,
    /// Which try on this channel, from 1.
    pub try_no: u32,
    /// Where it stands.
    pub state: AttemptState,
    /// When it began to wait.
    pub queued_at: Instant,
    /// When it was handed over.
    pub sent_at: Option<Instant>,
    /// The other side's number for it.
    pub reference: Option<String>,
}

/// Where an attempt stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// 待发
    Queued,
    /// 已发
    Sent,
    /// 已收到
    Delivered,
    /// 失败
    Failed(String),
}

/// What somebody wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// 写好
    Queue(Message),
    /// 交给渠道
    Sent {
        /// Which attempt, counted from 0.
        attempt: usize,
        /// The other side's number for it.
        reference: Option<String>,
    },
    /// 回执：收到
    Delivered {
        /// Which attempt.
        attempt: usize,
    },
    /// 回执：失败
    Failed {
        /// Which attempt.
        attempt: usize,
        /// Why.
        why: String,
    },
    /// 等太久 Time to look whether an attempt waits too long.
    Tick,
    /// 打过电话
    Called {
        /// How it went.
        how: String,
        /// Whether the person was reached.
        reached: bool,
    },
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Instant,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// 写好
    Queued(Message),
    /// 排上一个渠道 App puts it in the outbox (or on the phone list).
    Attempt {
        /// Channel.
        channel: Channel,
        /// Which try.
        try_no: u32,
    },
    /// 已发
    Sent {
        /// Which attempt.
        attempt: usize,
        /// The other side's number.
        reference: Option<String>,
    },
    /// 收到
    Delivered {
        /// Which attempt.
        attempt: usize,
    },
    /// 失败
    Failed {
        /// Which attempt.
        attempt: usize,
        /// Why.
        why: String,
    },
    /// 打过电话
    Called {
        /// How it went.
        how: String,
        /// Whether the person was reached.
        reached: bool,
    },
}

impl State {
    /// Folds an event.
    pub fn apply(&mut self, event: &Event) {
        match &event.what {
            What::Queued(message) => {
                self.message = Some(message.clone());
                self.status = Status::Queued;
            }
            What::Attempt { channel, try_no } => {
                self.attempts.push(Attempt {
                    channel: *channel,
                    try_no: *try_no,
                    state: AttemptState::Queued,
                    queued_at: event.at,
                    sent_at: None,
                    reference: None,
                });
                if self.status != Status::Delivered {
                    self.status = match channel {
                        Channel::Phone => Status::ToCall,
                        Channel::InApp | Channel::Sms => Status::Queued,
                    };
                }
            }
            What::Sent { attempt, reference } => {
                if let Some(attempt) = self.attempts.get_mut(*attempt) {
                    attempt.state = AttemptState::Sent;
                    attempt.sent_at = Some(event.at);
                    attempt.reference = reference.clone();
                }
                if self.status == Status::Queued {
                    self.status = Status::Sent;
                }
            }
            What::Delivered { attempt } => {
                if let Some(attempt) = self.attempts.get_mut(*attempt) {
                    attempt.state = AttemptState::Delivered;
                }
                self.status = Status::Delivered;
            }
            What::Failed { attempt, why } => {
                if let Some(attempt) = self.attempts.get_mut(*attempt) {
                    attempt.state = AttemptState::Failed(why.clone());
                }
            }
            What::Called { how, reached } => {
                self.called = Some(how.clone());
                if *reached {
                    self.status = Status::Delivered;
                    if let Some(attempt) = self.attempts.last_mut() {
                        attempt.state = AttemptState::Delivered;
                    }
                }
            }
        }
    }

    /// The attempt under way: the last one, while it is neither received nor failed.
    pub fn under_way(&self) -> Option<(usize, &Attempt)> {
        let last = self.attempts.iter().enumerate().next_back();
        last.filter(|(_, a)| matches!(a.state, AttemptState::Queued | AttemptState::Sent))
    }
}
