//! 「授权」 Nouns of access: actions, purposes, records, grants, requests.

use kernel::{
    Actor, AssessmentId, CaseId, Date, FieldLevel, FindingId, PaymentBatchId, PersonId, RegionCode,
    Role,
};
use serde::{Deserialize, Serialize};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// 动作 Everything anybody can do. One per use case.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Action { $($(#[$doc])* $name),* }

        impl Action {
            /// Every action there is.
            pub const ALL: &[Action] = &[$(Action::$name),*];
        }
    };
}

actions! {
    /// 看办件
    ReadCase,
    /// 看本岗位的待办
    ReadWork,
    /// 看全局的数
    ReadFigures,
    /// 看个人和家庭
    ReadPerson,
    /// 按证件号查人
    SearchPerson,
    /// 看一项遮住的内容
    Unmask,
    /// 定色 Sets a household's colour over what the rules say.
    SetColour,
    /// 导出
    Export,
    /// 建立、填写、提交申请
    Apply,
    /// 受理、一次性告知
    Accept,
    /// 核对
    Verify,
    /// 入户调查
    Survey,
    /// 公示
    Publicise,
    /// 提出公示异议
    Object,
    /// 审核意见、答复异议
    Review,
    /// 按规定判断
    Judge,
    /// 政策找人（全员）
    Screen,
    /// 请示、答复请示
    Escalate,
    /// 拟作不利决定、答复陈述申辩
    Hear,
    /// 陈述申辩
    Speak,
    /// 审核确认、签字决定
    Decide,
    /// 撤回、更正、放弃
    Withdraw,
    /// 复议、诉讼登记
    Appeal,
    /// 到期、渐退等按日子走的事
    Tick,
    /// 请求复核在发的待遇
    CallReview,
    /// 部门答复联办
    AnswerPart,
    /// 登记人员和家庭
    Register,
    /// 看底册存疑、作答复
    SettleQuestion,
    /// 签核对授权
    Authorise,
    /// 导入部门数据
    Import,
    /// 按协议来问 A party's question under its agreement.
    AskAsParty,
    /// 提出共享申请 For a department that asks.
    AskShare,
    /// 答复共享申请
    AnswerShare,
    /// 生成发放批次
    ComputeBatch,
    /// 复核发放批次
    CheckBatch,
    /// 审批发放批次
    ApproveBatch,
    /// 放行发放批次
    ReleaseBatch,
    /// 银行回盘、对账
    Reconcile,
    /// 看以前少发、多发的建议，说怎么办
    ProposePast,
    /// 复核以前少发、多发的建议
    ConfirmPast,
    /// 变更收款账户
    ChangeAccount,
    /// 看账本
    ReadLedger,
    /// 记账、冲账
    PostLedger,
    /// 编写规则
    WriteRule,
    /// 启用规则
    ActivateRule,
    /// 停用规则
    SuspendRule,
    /// 政策试算（只有数目）
    Simulate,
    /// 复查停用的规定作过的决定
    ReviewVersion,
    /// 授予角色
    GrantRole,
    /// 系统运维
    Operate,
    /// 看审计
    ReadAudit,
    /// 紧急查看
    BreakGlass,
    /// 复查紧急查看
    ReviewGlass,
    /// 出示幸福码
    ShowXingfuma,
    /// 扫幸福码
    ScanXingfuma,
    /// 下单、代人下单
    Order,
    /// 看工单
    ReadOrder,
    /// 应答、派单、转出、办结告警
    Dispatch,
    /// 接单、做、报完工
    DoOrder,
    /// 确认、重开、评价、取消
    ConfirmOrder,
    /// 结算
    SettleOrder,
    /// 服务方入册、停派
    KeepProvider,
    /// 绑定设备
    BindDevice,
    /// 设备报信
    Signal,
    /// 看评估
    ReadAssessment,
    /// 评估：开始、填写、签字、报整改
    Assess,
    /// 确认定级、退回、改级、复评、销号
    ConfirmGrade,
    /// 受评单位和双随机抽查
    DrawLots,
    /// 预约、改约、取消、轮候
    Book,
    /// 看预约
    ReadBooking,
    /// 管预约的地方：添置、到了、没来、离开、处理、通知轮候、交接
    KeepBooking,
    /// 填报、核对指标的数，办结提醒
    KeepPlan,
    /// 冻结规划报告
    FreezePlan,
    /// 登记去世、出生、结婚，确认接着要做的，撤回
    KeepLife,
    /// 一件事：在政策包写明的地方登记、撤回
    OpenJoint,
    /// 看账：自己的时间、积分
    ReadBook,
    /// 用账：申报、确认、使用、转赠
    UseBook,
    /// 管账：记入、请求冲正、办冲正；专款的收、用、公示
    KeepBook,
}

/// 目的 Why something is read or done. Written to the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// 本人的事
    Own,
    /// 办一件事
    Case(CaseId),
    /// 走访、线索
    Visit(FindingId),
    /// 窗口 Somebody came to the counter with their papers.
    Counter,
    /// 评估一个人、一家单位
    Assessment(AssessmentId),
    /// 告警
    Alarm(String),
    /// 政策找人
    Discovery,
    /// 发放
    Payment(PaymentBatchId),
    /// 数据归集
    Collection,
    /// 审计、投诉
    Audit(String),
    /// 管理系统
    Administration,
    /// 当班 What waits for one's own role: lists, no record opened.
    Duty,
}

/// The kind of a purpose, as the table speaks of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurposeKind {
    /// 本人的事
    Own,
    /// 办一件事
    Case,
    /// 走访、线索
    Visit,
    /// 窗口
    Counter,
    /// 评估
    Assessment,
    /// 告警
    Alarm,
    /// 政策找人
    Discovery,
    /// 发放
    Payment,
    /// 数据归集
    Collection,
    /// 审计、投诉
    Audit,
    /// 管理系统
    Administration,
    /// 当班
    Duty,
}

impl PurposeKind {
    /// Every kind.
    pub const ALL: &[PurposeKind] = &[
        PurposeKind::Own,
        PurposeKind::Case,
        PurposeKind::Visit,
        PurposeKind::Counter,
        PurposeKind::Assessment,
        PurposeKind::Alarm,
        PurposeKind::Discovery,
        PurposeKind::Payment,
        PurposeKind::Collection,
        PurposeKind::Audit,
        PurposeKind::Administration,
        PurposeKind::Duty,
    ];
}

impl Purpose {
    /// Its kind.
    pub fn kind(&self) -> PurposeKind {
        match self {
            Purpose::Own => PurposeKind::Own,
            Purpose::Case(_) => PurposeKind::Case,
            Purpose::Visit(_) => PurposeKind::Visit,
            Purpose::Counter => PurposeKind::Counter,
            Purpose::Assessment(_) => PurposeKind::Assessment,
            Purpose::Alarm(_) => PurposeKind::Alarm,
            Purpose::Discovery => PurposeKind::Discovery,
            Purpose::Payment(_) => PurposeKind::Payment,
            Purpose::Collection => PurposeKind::Collection,
            Purpose::Audit(_) => PurposeKind::Audit,
            Purpose::Administration => PurposeKind::Administration,
            Purpose::Duty => PurposeKind::Duty,
        }
    }
}

/// 记录状态 Where the record stands, as far as access cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordState {
    /// 没有状态可言 Not a record with a life, e.g. a whole county.
    None,
    /// 草稿 With its author.
    Draft,
    /// 在办
    Open,
    /// 已决定
    Decided,
    /// 办结
    Closed,
    /// 封存 Sealed, e.g. an adoption: only through break-glass or a court.
    Sealed,
}

impl RecordState {
    /// Every state.
    pub const ALL: &[RecordState] = &[
        RecordState::None,
        RecordState::Draft,
        RecordState::Open,
        RecordState::Decided,
        RecordState::Closed,
        RecordState::Sealed,
    ];
}

/// 对象 What is acted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The node responsible; `None` only for what belongs to no place.
    pub region: Option<RegionCode>,
    /// Whom it is about.
    pub subjects: Vec<PersonId>,
    /// Where it stands.
    pub state: RecordState,
    /// The highest field level the action reads or writes.
    pub level: FieldLevel,
}

impl Record {
    /// What is of a place (`None`: of no place) and about nobody in particular.
    pub fn of_place(region: impl Into<Option<RegionCode>>, level: FieldLevel) -> Self {
        Record {
            region: region.into(),
            subjects: Vec::new(),
            state: RecordState::None,
            level,
        }
    }
}

/// 申请 Who wants to do what, to what, why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// To what.
    pub record: Record,
    /// Why.
    pub purpose: Purpose,
}

/// 持有人 Who holds a grant. People by person; machines by account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// A human being.
    Person(PersonId),
    /// A machine's account.
    Account(String),
}

/// 授权 A role somewhere, for a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Who.
    pub holder: Holder,
    /// The role.
    pub role: Role,
    /// The node and everything under it.
    pub region: RegionCode,
    /// First day.
    pub from: Date,
    /// Last day; `None`: until revoked.
    pub to: Option<Date>,
}

/// 代办 Somebody acts for another, for a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agency {
    /// Who acts.
    pub agent: PersonId,
    /// For whom.
    pub of: PersonId,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// 已知 What is known when a request is judged; app loads it in the same
/// transaction, so a revocation holds from the next request on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Knowledge<'a> {
    /// The actor's grants.
    pub grants: &'a [Grant],
    /// For whom the actor may act.
    pub agencies: &'a [Agency],
    /// Near relatives of the record's subjects.
    pub relatives: &'a [PersonId],
}

/// 许可 What was allowed; [`crate::show`] takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    /// The action.
    pub action: Action,
    /// The highest level shown in full.
    pub level: FieldLevel,
}

impl Grant {
    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// Whether it belongs to the human being or machine behind the actor.
    pub fn belongs_to(&self, actor: &Actor) -> bool {
        match (&self.holder, actor.person) {
            (Holder::Person(holder), Some(person)) => *holder == person,
            (Holder::Account(holder), None) => holder == &actor.account,
            _ => false,
        }
    }
}
