//! 「不予」 Every way a case says no: the sentence for the person, a stable code,
//! the article where a law says it.

use crate::model::Phase;
use kernel::{CalendarError, Date, Refuse, Role};

/// Why an act on a case is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The act does not belong to this phase.
    #[error("办件现在是“{}”，不能{act}", .phase.label())]
    WrongPhase {
        /// Where the case stands.
        phase: Phase,
        /// What was wanted.
        act: &'static str,
    },
    /// A machine or the system tried to sign.
    #[error("这一步要由人来签字。机器和系统不能代替")]
    NotAPerson,
    /// Another role must do this.
    #[error("这一步由{}来做", role_name(*.by))]
    WrongRole {
        /// Who must.
        by: Role,
    },
    /// Only the household or its agent may do this.
    #[error("只有申请人、家里人或代办人可以{act}")]
    NotTheirs {
        /// What was wanted.
        act: &'static str,
    },
    /// Another member of the household asked for it.
    #[error("是家里别人申请的，要由申请人本人或者代办人{act}")]
    NotAsker {
        /// What was wanted.
        act: &'static str,
    },
    /// The signer belongs to the household.
    #[error("不能给自己家办。请换一位同事")]
    OwnCase,
    /// The signer is a near relative.
    #[error("您是这家的近亲属，要回避。请换一位同事，并做好备案")]
    Relative,
    /// The signer already did a step that must be another's.
    #[error("“{step}”也是您做的。请换一位同事")]
    SamePerson {
        /// That step's name.
        step: String,
    },
    /// Fewer different people than needed.
    #[error("至少要 {needed} 位不同的人一起去并签字，现在是 {present} 位")]
    TooFewPeople {
        /// Needed.
        needed: u32,
        /// Present.
        present: u32,
    },
    /// Nobody of the household signed.
    #[error("还缺这家人的签字")]
    HouseholdUnsigned,
    /// No such step, or not of this kind.
    #[error("这项服务没有“{0}”这个步骤")]
    NoSuchStep(String),
    /// The step is not open.
    #[error("“{0}”还没有开始，或者已经做完了")]
    StepNotOpen(String),
    /// A step must be done first.
    #[error("“{0}”还没有做完")]
    StepNotDone(String),
    /// The case goes by another service.
    #[error("办件申请的是另一项服务")]
    AnotherService,
    /// A text that must be there is empty.
    #[error("请写明{0}")]
    Blank(&'static str),
    /// Consents are missing.
    #[error("还有 {count} 份同意书没有签：{consents}")]
    ConsentMissing {
        /// How many.
        count: usize,
        /// Which.
        consents: String,
    },
    /// The one-time notice was given already.
    #[error("缺的材料已经一次告知过，不能再要别的：{0}")]
    NoticeGiven(String),
    /// Papers of the notice are still missing.
    #[error("还缺：{0}。可以补齐，也可以写明理由先受理")]
    PapersMissing(String),
    /// A field that may not be shown in public.
    #[error("“{0}”不能公示。只公示规定的内容")]
    NotForShow(String),
    /// Publicity is still on.
    #[error("公示到 {last} 为止，满 {days} 天才能结束")]
    PublicityOpen {
        /// The last full day.
        last: Date,
        /// How many full days.
        days: u32,
    },
    /// The publicity was not started or ended, so nobody can object.
    #[error("现在不在公示期")]
    NotPublicised,
    /// Nothing under this number.
    #[error("没有这一{0}，或者已经处理过了")]
    NothingThere(&'static str),
    /// Objections must be answered first.
    #[error("还有 {0} 条异议没有答复")]
    ObjectionsOpen(usize),
    /// A survey is open that must come first.
    #[error("先重新调查，再答复异议")]
    SurveyFirst,
    /// The deciding office must visit first.
    #[error("有近亲属备案或异议，决定前要先入户")]
    VisitNeeded,
    /// There is no judgement on today's facts.
    #[error("还没有按现在的情况判断过。请先判断")]
    NotJudged,
    /// The judgement on file is by a version that was put out of force.
    #[error("判断用的那一版规定已经停用。请按现在的规定重新判断，再作决定")]
    LawSuspended,
    /// Facts are missing: neither yes nor no.
    #[error("还不知道：{missing}。先弄清楚，或请上级研究；不能因为不知道就不给")]
    Undetermined {
        /// The facts.
        missing: String,
    },
    /// The judgement says otherwise.
    #[error("按规定判断的结果是{verdict}，不能这样决定。情况有变请先更正再判断，有疑问请上级研究")]
    AgainstJudgement {
        /// `符合` or `不符合`.
        verdict: &'static str,
    },
    /// It gives way to a stronger benefit.
    #[error("{says}")]
    GivesWay {
        /// The pack's sentence.
        says: String,
        /// The article.
        basis: String,
    },
    /// The same people have it, or a stronger one, already.
    #[error("已经在享受“{name}”，不能同时再给。先办完那一项的停发或调整")]
    Held {
        /// What they have.
        name: String,
        /// The article.
        basis: Option<String>,
    },
    /// A rule cited that the judgement does not find failed.
    #[error("“{0}”不在判断为不符合的条件里，不能作为理由")]
    RuleNotFailed(String),
    /// The amount is not what the rules give.
    #[error("按规定算出来的金额和填写的不一样。请核对")]
    AmountDiffers,
    /// A reduction that does not reduce, or the like.
    #[error("{0}")]
    WrongAmount(&'static str),
    /// There is an escalation open already, or none.
    #[error("{0}")]
    EscalationState(&'static str),
    /// An adverse decision lacks something.
    #[error("还不能作这样的决定，缺：{missing}")]
    AdverseIncomplete {
        /// What.
        missing: String,
    },
    /// The person was not heard.
    #[error("作这样的决定以前，要先告诉本人，听本人说")]
    NotHeard,
    /// The hearing was about something else.
    #[error("告诉本人的不是这件事，要重新告知")]
    HeardOnAnother,
    /// The intended decision has not reached the person.
    #[error("拟作的决定还没有送到本人手里")]
    IntentNotServed,
    /// The person may still speak.
    #[error("本人可以说到 {until}，现在还不能决定")]
    HearingOpen {
        /// The last day.
        until: Date,
    },
    /// Points wait for an answer.
    #[error("本人说的还有 {count} 点没有答复")]
    PointsUnanswered {
        /// How many.
        count: usize,
    },
    /// Nothing is intended, or something already is.
    #[error("{0}")]
    IntentState(&'static str),
    /// A decision with this id exists.
    #[error("这个决定已经作过了")]
    DecidedAlready,
    /// The household was not asked to take part, or still has time.
    #[error("{0}")]
    DemandState(&'static str),
    /// Not yet the day.
    #[error("还没有到时候，要等到 {0}")]
    TooEarly(Date),
    /// A day that cannot be.
    #[error("日期不对：{0}")]
    WrongDay(&'static str),
    /// The flow has no such thing.
    #[error("这项服务没有规定{0}")]
    NotProvided(&'static str),
    /// A part's answer lacks something.
    #[error("部门答复不完整，缺：{0}")]
    AnswerIncomplete(String),
    /// The calendar does not reach.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::WrongPhase { .. } => "case.wrong_phase",
            Refusal::NotAPerson => "case.not_a_person",
            Refusal::WrongRole { .. } => "case.wrong_role",
            Refusal::NotTheirs { .. } => "case.not_theirs",
            Refusal::NotAsker { .. } => "case.not_asker",
            Refusal::OwnCase => "case.own_case",
            Refusal::Relative => "case.relative",
            Refusal::SamePerson { .. } => "case.same_person",
            Refusal::TooFewPeople { .. } => "case.too_few_people",
            Refusal::HouseholdUnsigned => "case.household_unsigned",
            Refusal::NoSuchStep(_) => "case.no_such_step",
            Refusal::StepNotOpen(_) => "case.step_not_open",
            Refusal::StepNotDone(_) => "case.step_not_done",
            Refusal::AnotherService => "case.another_service",
            Refusal::Blank(_) => "case.blank",
            Refusal::ConsentMissing { .. } => "case.consent_missing",
            Refusal::NoticeGiven(_) => "case.notice_given",
            Refusal::PapersMissing(_) => "case.papers_missing",
            Refusal::NotForShow(_) => "case.not_for_show",
            Refusal::PublicityOpen { .. } => "case.publicity_open",
            Refusal::NotPublicised => "case.not_publicised",
            Refusal::NothingThere(_) => "case.nothing_there",
            Refusal::ObjectionsOpen(_) => "case.objections_open",
            Refusal::SurveyFirst => "case.survey_first",
            Refusal::VisitNeeded => "case.visit_needed",
            Refusal::NotJudged => "case.not_judged",
            Refusal::LawSuspended => "case.law_suspended",
            Refusal::Undetermined { .. } => "case.undetermined",
            Refusal::AgainstJudgement { .. } => "case.against_judgement",
            Refusal::GivesWay { .. } => "case.gives_way",
            Refusal::Held { .. } => "case.held",
            Refusal::RuleNotFailed(_) => "case.rule_not_failed",
            Refusal::AmountDiffers => "case.amount_differs",
            Refusal::WrongAmount(_) => "case.wrong_amount",
            Refusal::EscalationState(_) => "case.escalation",
            Refusal::AdverseIncomplete { .. } => "case.adverse_incomplete",
            Refusal::NotHeard => "case.not_heard",
            Refusal::HeardOnAnother => "case.heard_on_another",
            Refusal::IntentNotServed => "case.intent_not_served",
            Refusal::HearingOpen { .. } => "case.hearing_open",
            Refusal::PointsUnanswered { .. } => "case.points_unanswered",
            Refusal::IntentState(_) => "case.intent",
            Refusal::DecidedAlready => "case.decided_already",
            Refusal::DemandState(_) => "case.demand",
            Refusal::TooEarly(_) => "case.too_early",
            Refusal::WrongDay(_) => "case.wrong_day",
            Refusal::NotProvided(_) => "case.not_provided",
            Refusal::AnswerIncomplete(_) => "case.answer_incomplete",
            Refusal::Calendar(_) => "case.calendar",
        }
    }

    fn article(&self) -> Option<&str> {
        match self {
            Refusal::NotAPerson => Some("个人信息保护法 第二十四条"),
            Refusal::Relative | Refusal::VisitNeeded => Some("民发〔2021〕57号 第十一条、第二十条"),
            Refusal::TooFewPeople { .. } | Refusal::HouseholdUnsigned => {
                Some("民发〔2021〕57号 第十六条")
            }
            Refusal::NoticeGiven(_) => Some("民发〔2021〕57号 第十条"),
            Refusal::ConsentMissing { .. } => Some("社会救助法 第四十条"),
            Refusal::PublicityOpen { .. } => Some("民发〔2021〕57号 第十九条"),
            Refusal::NotForShow(_) => Some("民发〔2021〕57号 第二十四条"),
            Refusal::NotHeard
            | Refusal::HearingOpen { .. }
            | Refusal::IntentNotServed
            | Refusal::PointsUnanswered { .. } => Some("社会救助法 第四十八条"),
            Refusal::GivesWay { basis, .. } => Some(basis),
            Refusal::Held { basis, .. } => basis.as_deref(),
            Refusal::AdverseIncomplete { .. } => Some("社会救助法 第四十五条、第四十八条"),
            _ => None,
        }
    }
}

impl Phase {
    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Phase::New => "还没有建立",
            Phase::Draft => "草稿",
            Phase::Submitted => "已提交",
            Phase::Returned => "待补材料",
            Phase::Handling => "办理中",
            Phase::Granted => "已给予",
            Phase::Refused => "不予",
            Phase::Paying => "发放中",
            Phase::ReviewDue => "待复核",
            Phase::PhaseOut => "渐退期",
            Phase::Stopped => "已停止",
            Phase::Withdrawn => "已撤回",
            Phase::Terminated => "已终止",
            Phase::Completed => "联办完成",
        }
    }
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Citizen => "居民本人",
        Role::Agent => "监护人或代办人",
        Role::VillageWorker => "村社工作人员",
        Role::TownOfficer => "镇街经办人",
        Role::CountyApprover => "县级审核确认人",
        Role::Leader => "分管领导",
        Role::Finance => "财务人员",
        Role::AlarmOperator => "值班员",
        Role::Provider => "服务人员",
        Role::CharityAccountant => "慈善会计",
        Role::RuleAuthor => "规则编写人",
        Role::RuleApprover => "规则审批人",
        Role::DepartmentMachine => "部门系统",
        Role::Auditor => "审计人员",
        Role::SystemAdministrator => "系统管理员",
        Role::SecurityAdministrator => "安全管理员",
        Role::AuditAdministrator => "审计管理员",
        Role::System => "本系统",
    }
}
