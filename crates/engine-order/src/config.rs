//! 「工单类型」 What a pack says of one kind of order: items with price, subsidy and
//! quota, clocks with their ladder, how it is dispatched, what proves it, what closes
//! it, when it comes again. Built by packs from an `[order]` file; what cannot be meant
//! is found by [`OrderType::validate`] at load.

use crate::lapse::{Hours, Lapse};
use crate::provider::{ColourRule, Provider};
use kernel::{FieldLevel, Money, Slug, WorkCalendar};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What one `decide` needs beside the order.
#[derive(Clone, Copy, Debug)]
pub struct Config<'a> {
    /// The kind of order.
    pub ty: &'a OrderType,
    /// Working days.
    pub calendar: &'a WorkCalendar,
    /// Who could be sent, with skill, area and load as they are at this moment.
    pub providers: &'a [Provider],
    /// How often the person had each item within its quota's period, this order not
    /// counted.
    pub used: &'a BTreeMap<Slug, u32>,
}

/// A kind of order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderType {
    /// Its id.
    pub id: Slug,
    /// `红键救急`.
    pub name: String,
    /// How a person would ask for it.
    pub says: String,
    /// Mission rows it proves.
    pub rows: Vec<String>,
    /// What it rests on.
    pub basis: Vec<String>,
    /// 告警 Nobody may lose it: never cancelled, repeated until a human answers.
    pub alarm: bool,
    /// 隐名 Whoever does it does not learn who it is for (a child's wish).
    pub masked: bool,
    /// 素 Whoever asks for it mourns: its pages have no warm colour.
    pub solemn: bool,
    /// Who may see what it is about.
    pub level: FieldLevel,
    /// Who may ask.
    pub asked_by: Vec<Asker>,
    /// What can be asked for.
    pub items: Vec<Item>,
    /// The clocks that run.
    pub clocks: BTreeMap<ClockOf, Lapse>,
    /// When people work, for clocks in working time.
    pub hours: Hours,
    /// 告警阶梯 Who is called when, on which clock.
    pub ladder: Vec<Rung>,
    /// After the last rung, how long until the ladder is climbed again.
    pub again: Option<Lapse>,
    /// How it finds its provider.
    pub dispatch: DispatchRule,
    /// Steps of a longer work, in their order.
    pub steps: Vec<Step>,
    /// What proves it.
    pub proof: Vec<ProofRule>,
    /// Who says it is done.
    pub confirms: Confirms,
    /// What an alarm needs before it may be closed.
    pub close: Close,
    /// Presses within so many seconds are one and need no new answer.
    pub burst_seconds: u32,
    /// A device silent for so long is itself an alarm.
    pub silence: Option<Lapse>,
    /// How often it comes again, by the colour of the household.
    pub every: Vec<Every>,
    /// How it is rated.
    pub rating: Option<RatingRule>,
    /// Other lines it may be handed to and come back from.
    pub transfer: Vec<Elsewhere>,
    /// 三色 When a partner turns yellow or red.
    pub colours: ColourRule,
}

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asker {
    /// 居民自己
    Resident,
    /// 打电话 Taken in by an operator.
    Phone,
    /// 设备
    Device,
    /// 村社干部
    Worker,
    /// 另一条热线
    Line,
    /// 按计划 The house itself: recurring orders, silence.
    Plan,
}

/// 服务项目
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its id.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// 次、小时、餐、份
    pub unit: String,
    /// Full price of one.
    pub price: Money,
    /// What somebody must be able to do.
    pub skill: Slug,
    /// How long it takes, minutes; a report of less than four fifths is flagged.
    pub minutes: Option<u32>,
    /// What the public pays of it.
    pub subsidies: Vec<Subsidy>,
    /// How often.
    pub quota: Option<Quota>,
    /// Only for people of one of these groups; empty: for everybody.
    pub only_for: Vec<Slug>,
    /// Where the numbers come from, in words.
    pub basis: Option<String>,
}

/// 补贴 The largest one that applies counts; they do not add up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subsidy {
    /// How much for one; never more than the price.
    pub amount: Money,
    /// From this age.
    pub age_from: Option<i32>,
    /// Up to this age, included.
    pub age_to: Option<i32>,
    /// Only for people of one of these groups.
    pub only_for: Vec<Slug>,
}

/// 次数
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// How many.
    pub times: u32,
    /// In what.
    pub per: Per,
    /// What of one more.
    pub over: Over,
}

/// In what a quota is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// 每年
    Year,
    /// 每月
    Month,
}

/// What of one more than the quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// 不再受理
    Refuse,
    /// 自费 Without subsidy.
    FullPrice,
}

/// What a clock counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockOf {
    /// 应答 From the request (or a press anew) until a human being answers.
    Answer,
    /// 派单 From the request until somebody is sent.
    Dispatch,
    /// 接单 From being sent until the provider accepts.
    Accept,
    /// 到场 From accepting until there.
    Arrive,
    /// 做完 From accepting until done.
    Done,
    /// 确认 From done until the person says so.
    Confirm,
    /// 办结 From the answer to an alarm until it is closed.
    Close,
}

impl ClockOf {
    /// Every clock.
    pub const ALL: [ClockOf; 7] = [
        ClockOf::Answer,
        ClockOf::Dispatch,
        ClockOf::Accept,
        ClockOf::Arrive,
        ClockOf::Done,
        ClockOf::Confirm,
        ClockOf::Close,
    ];

    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            ClockOf::Answer => "应答",
            ClockOf::Dispatch => "派单",
            ClockOf::Accept => "接单",
            ClockOf::Arrive => "到场",
            ClockOf::Done => "做完",
            ClockOf::Confirm => "确认",
            ClockOf::Close => "办结",
        }
    }

    /// As a pack writes it.
    pub fn id(self) -> &'static str {
        match self {
            ClockOf::Answer => "answer",
            ClockOf::Dispatch => "dispatch",
            ClockOf::Accept => "accept",
            ClockOf::Arrive => "arrive",
            ClockOf::Done => "done",
            ClockOf::Confirm => "confirm",
            ClockOf::Close => "close",
        }
    }
}

/// One rung of the ladder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// On which clock.
    pub on: ClockOf,
    /// Seconds after that clock began.
    pub after: u32,
    /// Who.
    pub who: Whom,
    /// How.
    pub by: Vec<Way>,
}

/// Who is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// 值班坐席
    DutyOperator,
    /// 值班长
    Supervisor,
    /// 家里的联系人
    FamilyContacts,
    /// 最近的服务方
    NearestProvider,
    /// 接单的服务方
    Provider,
    /// 村社干部
    Village,
    /// 要服务的人
    Requester,
    /// 120、110、119
    Emergency,
}

impl Whom {
    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Whom::DutyOperator => "值班坐席",
            Whom::Supervisor => "值班长",
            Whom::FamilyContacts => "家里的联系人",
            Whom::NearestProvider => "最近的服务方",
            Whom::Provider => "接单的服务方",
            Whom::Village => "村社干部",
            Whom::Requester => "要服务的人",
            Whom::Emergency => "120",
        }
    }
}

/// How somebody is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// 屏幕
    Screen,
    /// 打电话 A call a human being makes; it stands on the operator's screen until made.
    Call,
    /// 短信
    Sms,
}

/// How an order finds its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DispatchRule {
    /// By whom.
    pub by: DispatchBy,
    /// After so many who declined or let it lapse, a person must look.
    pub tries: u32,
}

/// By whom an order is dispatched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DispatchBy {
    /// 坐席派单
    Operator,
    /// 自动派给最合适的
    Nearest,
    /// 认领 Whoever wants to takes it.
    Claim,
}

/// 分步 One step of a longer work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its id.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// Whether somebody other than the provider must sign it.
    pub by_office: bool,
    /// Ids of the proofs it needs.
    pub needs: Vec<Slug>,
}

/// 凭证 What proves that it was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofRule {
    /// Its id.
    pub id: Slug,
    /// How it is asked for.
    pub asks: String,
    /// What it is.
    pub kind: ProofKind,
    /// Whether it must be there.
    pub required: bool,
    /// The most of a number, or of fen for money.
    pub most: Option<i64>,
}

/// What a proof is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofKind {
    /// 照片
    Photo,
    /// 文字
    Text,
    /// 定位
    Place,
    /// 数
    Number,
    /// 金额
    Money,
}

/// Who says it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirms {
    /// 要服务的人 Or an operator who rang them up.
    Resident,
    /// 中心 An operator or officer.
    Office,
    /// 不用 The proof is enough.
    Nobody,
}

/// What an alarm needs before it may be closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Close {
    /// What must be written.
    pub needs: Vec<Need>,
}

/// One thing that must be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// Its id.
    pub id: Slug,
    /// How it is asked.
    pub asks: String,
}

/// 周期 How often it comes again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Every {
    /// The colour of the household; `None`: every household on the list.
    pub colour: Option<Slug>,
    /// Days; exactly one of both.
    pub days: Option<u32>,
    /// Months.
    pub months: Option<u32>,
}

/// 评价
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatingRule {
    /// Up to so many stars it counts as bad and somebody rings up.
    pub low: u8,
    /// The question.
    pub asks: String,
}

/// Another line an order may be handed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// Its id.
    pub id: Slug,
    /// Its name.
    pub name: String,
}

impl OrderType {
    /// A kind with nothing said about it yet: asked by phone, dispatched by an operator,
    /// proved by words, confirmed by the resident.
    pub fn new(id: Slug, name: impl Into<String>) -> Self {
        OrderType {
            id,
            name: name.into(),
            says: String::new(),
            rows: Vec::new(),
            basis: Vec::new(),
            alarm: false,
            masked: false,
            solemn: false,
            level: FieldLevel::L2,
            asked_by: vec![Asker::Phone],
            items: Vec::new(),
            clocks: BTreeMap::new(),
            hours: Hours::default(),
            ladder: Vec::new(),
            again: None,
            dispatch: DispatchRule {
                by: DispatchBy::Operator,
                tries: 3,
            },
            steps: Vec::new(),
            proof: Vec::new(),
            confirms: Confirms::Resident,
            close: Close::default(),
            burst_seconds: 60,
            silence: None,
            every: Vec::new(),
            rating: None,
            transfer: Vec::new(),
            colours: ColourRule::default(),
        }
    }

    /// An item by id.
    pub fn item(&self, id: &Slug) -> Option<&Item> {
        self.items.iter().find(|item| &item.id == id)
    }

    /// A proof by id.
    pub fn proof_of(&self, id: &Slug) -> Option<&ProofRule> {
        self.proof.iter().find(|proof| &proof.id == id)
    }
}
