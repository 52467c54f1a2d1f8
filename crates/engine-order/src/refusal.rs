//! 「不予」 Every way an order says no.

use crate::stage::Stage;
use kernel::{CalendarError, Refuse, Slug};

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The act does not belong to this stage.
    #[error("工单现在是“{}”，不能{act}", .stage.label())]
    WrongStage {
        /// Where it stands.
        stage: Stage,
        /// What was wanted.
        act: &'static str,
    },
    /// Another kind of order.
    #[error("这张工单是另一类的")]
    AnotherType,
    /// It cannot be asked this way.
    #[error("这类工单不能这样提")]
    NotAskedThisWay,
    /// Nothing wanted.
    #[error("请选一项服务")]
    NothingWanted,
    /// No such item.
    #[error("没有“{0}”这项服务")]
    NoSuchItem(Slug),
    /// Nonsense count.
    #[error("数量要在 1 到 1000 之间")]
    WrongCount,
    /// Not for these people.
    #[error("“{0}”只给符合条件的人。可以先申请相应的待遇")]
    NotForThem(String),
    /// Over the quota.
    #[error("“{item}”一期 {times} 次，已经用了 {used} 次，不能再约")]
    OverQuota {
        /// Which item.
        item: String,
        /// How many in all.
        times: u32,
        /// How many used.
        used: u32,
    },
    /// Beyond any amount.
    #[error("金额太大，请核对")]
    TooMuch,
    /// A text that must be there is empty.
    #[error("请写明{0}")]
    Blank(&'static str),
    /// A machine cannot do this.
    #[error("这一步要由人来做")]
    NotAPerson,
    /// No such provider.
    #[error("没有这个服务方")]
    NoSuchProvider,
    /// Struck off by a person.
    #[error("“{0}”现在停派，恢复以后再派")]
    Stopped(String),
    /// An unsafe mark waits for a person.
    #[error("“{0}”有不安全的投诉，等人看过再派新单")]
    Held(String),
    /// There is nothing to decide on, or not this way.
    #[error("“{0}”现在没有要定的事，请刷新再看")]
    NothingProposed(String),
    /// Nobody decides on themselves.
    #[error("是您自己的服务方，请别人来定")]
    OwnStanding,
    /// Cannot do it.
    #[error("“{provider}”没有“{skill}”这项资质，不能派")]
    NoSkill {
        /// Who.
        provider: String,
        /// What they lack.
        skill: Slug,
    },
    /// Does not work there.
    #[error("“{0}”不服务这个地方，不能派")]
    OutOfArea(String),
    /// Has enough to do.
    #[error("“{provider}”手上已经有 {most} 单，满了，不能派")]
    Full {
        /// Who.
        provider: String,
        /// The most at once.
        most: u32,
    },
    /// Sent to them already.
    #[error("已经派给“{0}”了")]
    SentAlready(String),
    /// Not theirs.
    #[error("这张工单没有派给您")]
    NotYours,
    /// Not for claiming.
    #[error("这类工单不能认领，由中心派")]
    NotClaimed,
    /// A step out of order.
    #[error("先做完“{0}”")]
    StepFirst(String),
    /// No such step, or done already.
    #[error("没有这一步，或者已经做完了")]
    NoSuchStep,
    /// A step the office must sign.
    #[error("“{0}”要由别的人来验，不能自己验自己")]
    OfficeStep(String),
    /// Proof lacking.
    #[error("还缺凭证：{}。没有凭证不能办结", .0.join("、"))]
    NoProof(Vec<String>),
    /// A proof nobody asked for, or of another kind.
    #[error("“{0}”不是这类工单要的凭证，或者种类不对")]
    WrongProof(Slug),
    /// A number above what is allowed.
    #[error("“{asks}”最多 {most}，请核对")]
    AboveMost {
        /// What was asked.
        asks: String,
        /// The most.
        most: i64,
    },
    /// Times that cannot be.
    #[error("时间不对：{0}")]
    WrongTime(&'static str),
    /// 1 to 5.
    #[error("评价请给 1 到 5 颗星")]
    WrongStars,
    /// Rated already.
    #[error("已经评价过了")]
    RatedAlready,
    /// Not rated in packs.
    #[error("这类工单不评价")]
    NotRated,
    /// Nothing to settle yet.
    #[error("还没有确认办好，不能结算")]
    NotConfirmed,
    /// Settled already.
    #[error("已经结算过了")]
    SettledAlready,
    /// Something the price hangs on is not known.
    #[error("还不知道：{}。知道了才能结算", .0.join("、"))]
    PriceOpen(Vec<String>),
    /// An alarm is never cancelled.
    #[error("告警不能取消。是误按，也请问清楚以后写明情况办结")]
    AlarmNotCancelled,
    /// An alarm is not handed away.
    #[error("告警不能转出。请一边处理一边打 120、110")]
    AlarmNotTransferred,
    /// Nobody answered yet.
    #[error("还没有人应答，不能办结")]
    NotAnswered,
    /// Not an alarm.
    #[error("这不是告警")]
    NotAnAlarm,
    /// What the pack needs before closing is missing.
    #[error("还要写明：{}", .0.join("、"))]
    CloseLacks(Vec<String>),
    /// No such line.
    #[error("不能转到“{0}”")]
    NoSuchLine(Slug),
    /// No call to make.
    #[error("没有这个要打的电话，或者已经打过了")]
    NoSuchCall,
    /// The calendar does not reach.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::WrongStage { .. } => "order.wrong_stage",
            Refusal::AnotherType => "order.another_type",
            Refusal::NotAskedThisWay => "order.not_asked_this_way",
            Refusal::NothingWanted => "order.nothing_wanted",
            Refusal::NoSuchItem(_) => "order.no_such_item",
            Refusal::WrongCount => "order.wrong_count",
            Refusal::NotForThem(_) => "order.not_for_them",
            Refusal::OverQuota { .. } => "order.over_quota",
            Refusal::TooMuch => "order.too_much",
            Refusal::Blank(_) => "order.blank",
            Refusal::NotAPerson => "order.not_a_person",
            Refusal::NoSuchProvider => "order.no_such_provider",
            Refusal::Stopped(_) => "order.stopped",
            Refusal::Held(_) => "order.held",
            Refusal::NothingProposed(_) => "order.nothing_proposed",
            Refusal::OwnStanding => "order.own_standing",
            Refusal::NoSkill { .. } => "order.no_skill",
            Refusal::OutOfArea(_) => "order.out_of_area",
            Refusal::Full { .. } => "order.full",
            Refusal::SentAlready(_) => "order.sent_already",
            Refusal::NotYours => "order.not_yours",
            Refusal::NotClaimed => "order.not_claimed",
            Refusal::StepFirst(_) => "order.step_first",
            Refusal::NoSuchStep => "order.no_such_step",
            Refusal::OfficeStep(_) => "order.office_step",
            Refusal::NoProof(_) => "order.no_proof",
            Refusal::WrongProof(_) => "order.wrong_proof",
            Refusal::AboveMost { .. } => "order.above_most",
            Refusal::WrongTime(_) => "order.wrong_time",
            Refusal::WrongStars => "order.wrong_stars",
            Refusal::RatedAlready => "order.rated_already",
            Refusal::NotRated => "order.not_rated",
            Refusal::NotConfirmed => "order.not_confirmed",
            Refusal::SettledAlready => "order.settled_already",
            Refusal::PriceOpen(_) => "order.price_open",
            Refusal::AlarmNotCancelled => "order.alarm_not_cancelled",
            Refusal::AlarmNotTransferred => "order.alarm_not_transferred",
            Refusal::NotAnswered => "order.not_answered",
            Refusal::NotAnAlarm => "order.not_an_alarm",
            Refusal::CloseLacks(_) => "order.close_lacks",
            Refusal::NoSuchLine(_) => "order.no_such_line",
            Refusal::NoSuchCall => "order.no_such_call",
            Refusal::Calendar(_) => "order.calendar",
        }
    }
}
