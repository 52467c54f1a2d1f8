//! 「流程」 What a pack configures of a case: steps, deadlines, notices, review,
//! phase-out. Built by packs from `[[step]]`, `[deadline]`, `[notice.*]`,
//! `[review]`, `[phase_out]`, `[[form.consent]]`; checked by [`ServiceFlow::validate`] in `flow_check.rs`.
//! Absent on purpose: conditions and amounts (policy's).

use crate::decision::{AdverseKind, RuleReference};
use crate::span::Span;
use kernel::{Period, PersonId, Role, Slug, WorkCalendar};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What one `decide` needs beside the state: the flow the case is pinned to, the
/// calendar, and what the register knows at this moment.
#[derive(Clone, Copy, Debug)]
pub struct Config<'a> {
    /// The flow of the service version the case is pinned to.
    pub flow: &'a ServiceFlow,
    /// Working days.
    pub calendar: &'a WorkCalendar,
    /// Near relatives of the household's members known to the register: they may
    /// neither survey nor sign (57号 第十一条).
    pub relatives: &'a [PersonId],
    /// What the same people have already and cannot have beside this service.
    pub held: &'a [Held],
}

/// 已经享受的 A benefit granted in another case to the same people: the same one, or
/// one that this service gives way to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Its name for people.
    pub name: String,
    /// The first month without it, where its end is known.
    pub until: Option<Period>,
    /// The rule by which both cannot be had; `None`: it is the same benefit.
    pub rule: Option<RuleReference>,
}

/// The way one service goes, whole. Order of `steps` is the order of the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceFlow {
    /// The service.
    pub service: Slug,
    /// Its name for people, `最低生活保障`.
    pub name: String,
    /// Whether someone must apply; otherwise an officer or the system opens it.
    pub needs_application: bool,
    /// Consents without which an application is not whole.
    pub consents: Vec<ConsentRule>,
    /// The steps.
    pub steps: Vec<Step>,
    /// From acceptance to decision.
    pub total: Option<Span>,
    /// The same, when prolonged for a special case.
    pub special: Option<Span>,
    /// What people are told, by occasion.
    pub notices: BTreeMap<NoticeKind, NoticeRule>,
    /// How a person is heard before an adverse decision.
    pub hearing: HearingRule,
    /// How long someone has to answer an escalation.
    pub escalation: Span,
    /// How long until a notice of decision must have been served.
    pub serve: Option<Span>,
    /// When a granted case is looked at again.
    pub review: Option<ReviewRule>,
    /// A phase-out instead of an abrupt end.
    pub phase_out: Option<PhaseOutRule>,
    /// Remedies and their periods.
    pub appeal: AppealRule,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its id in the service.
    pub id: Slug,
    /// Its name for people.
    pub name: String,
    /// What is done in it.
    pub kind: StepKind,
    /// Who does it. For `verify` and `pay` this may be [`Role::System`].
    pub by: Role,
    /// Who may sign it as well: only the acceptance of a joint case names any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Role>,
    /// Ids of the steps that must be done before; `None` is the usual order, see
    /// [`ServiceFlow::before`].
    pub after: Option<Vec<Slug>>,
    /// How long it may take once it is open.
    pub within: Option<Span>,
    /// How long it lasts at least (publicity).
    pub lasts: Option<Span>,
    /// How many different people must sign (survey).
    pub people: u32,
    /// Whether the household signs too (survey).
    pub household_signs: bool,
    /// Field ids that may be shown (publicity); nothing else is.
    pub shows: Vec<Slug>,
    /// Whether an objection starts the publicity again after the new survey
    /// (特困人员认定办法 第十五条 does, 57号 第十九条 does not).
    pub again: bool,
    /// Steps whose people may not sign this one.
    pub not_same_as: Vec<Slug>,
    /// A visit by the deciding office is due when a near relative is registered or
    /// an objection was raised (57号 第二十条).
    pub visit_if_conflict: bool,
    /// Parts that go to departments (joint).
    pub parts: Vec<PartRule>,
    /// Articles.
    pub basis: Option<String>,
}

/// What is done in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// 受理
    Accept,
    /// 核对
    Verify,
    /// 入户调查
    Survey,
    /// 公示
    Publicity,
    /// 审核意见、民主评议
    Review,
    /// 审核确认
    Decide,
    /// 发放
    Pay,
    /// 联办
    Joint,
}

/// 联办事项 One part of a joint service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartRule {
    /// The part: usually the id of the service it asks for.
    pub id: Slug,
    /// Its name for people.
    pub name: String,
    /// The department that answers.
    pub department: Slug,
    /// How long it has.
    pub within: Option<Span>,
    /// Articles.
    pub basis: Option<String>,
}

/// A consent every named person must give.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConsentRule {
    /// Its id.
    pub id: Slug,
    /// Who must give it.
    pub who: ConsentBy,
}

/// Who must give a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentBy {
    /// 申请人
    Applicant,
    /// 每位成年家庭成员
    EveryAdult,
}

/// The occasions on which people are told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// 收到申请
    Received,
    /// 一次性告知
    OneTime,
    /// 还不知道
    Undetermined,
    /// 拟作决定，请您说明
    Intended,
    /// 给予
    Granted,
    /// 不予
    Refused,
    /// 减少
    Reduced,
    /// 停止
    Stopped,
    /// 追回
    Recovered,
    /// 终止办理
    Terminated,
}

/// A notice as the pack writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeRule {
    /// The text with its `{expressions}`; the engine gets it rendered.
    pub says: String,
    /// Whether the person is heard first (`after = "hearing"`).
    pub after_hearing: bool,
    /// Ways to appeal; an adverse notice without one is never sent.
    pub remedy: Vec<String>,
}

/// 听取陈述申辩
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HearingRule {
    /// How long the person may speak, from the day the notice is served.
    pub period: Span,
    /// Articles.
    pub basis: String,
}

/// 复核
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewRule {
    /// The usual interval.
    pub every: Span,
    /// The interval when the pack's condition holds (policy evaluates it).
    pub otherwise: Option<Span>,
}

/// 渐退期
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseOutRule {
    /// The longest it may last, months.
    pub months: u32,
    /// Articles.
    pub basis: Option<String>,
}

/// 救济
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AppealRule {
    /// 行政复议 From service of the notice.
    pub reconsideration: Span,
    /// 行政诉讼 From service of the notice.
    pub litigation: Span,
    /// Whether filing pauses a stop or a reduction (行政复议法 第四十二条 allows).
    pub pauses_stop: bool,
}

impl Default for AppealRule {
    /// 行政复议法 第二十条: 60 days; 行政诉讼法 第四十六条: 6 months; filing pauses.
    fn default() -> Self {
        AppealRule {
            reconsideration: Span::Days(60),
            litigation: Span::Months(6),
            pauses_stop: true,
        }
    }
}

impl Default for HearingRule {
    /// Ten working days (trust.md §5; the Act names no number).
    fn default() -> Self {
        HearingRule {
            period: Span::WorkingDays(10),
            basis: "社会救助法 第四十八条".to_owned(),
        }
    }
}

impl Step {
    /// A step of a kind with nothing said about it yet.
    pub fn new(id: Slug, name: impl Into<String>, kind: StepKind, by: Role) -> Self {
        Step {
            id,
            name: name.into(),
            kind,
            by,
            also: Vec::new(),
            after: None,
            within: None,
            lasts: None,
            people: if kind == StepKind::Survey { 2 } else { 1 },
            household_signs: kind == StepKind::Survey,
            shows: Vec::new(),
            again: false,
            not_same_as: Vec::new(),
            visit_if_conflict: false,
            parts: Vec::new(),
            basis: None,
        }
    }
}

impl ServiceFlow {
    /// A flow with no steps and the law's defaults.
    pub fn new(service: Slug, name: impl Into<String>) -> Self {
        ServiceFlow {
            service,
            name: name.into(),
            needs_application: true,
            consents: Vec::new(),
            steps: Vec::new(),
            total: None,
            special: None,
            notices: BTreeMap::new(),
            hearing: HearingRule::default(),
            escalation: Span::WorkingDays(10),
            serve: None,
            review: None,
            phase_out: None,
            appeal: AppealRule::default(),
        }
    }

    /// A step by id.
    pub fn step(&self, id: &Slug) -> Option<&Step> {
        self.steps.iter().find(|step| &step.id == id)
    }

    /// The first step of a kind.
    pub fn step_of(&self, kind: StepKind) -> Option<&Step> {
        self.steps.iter().find(|step| step.kind == kind)
    }

    /// Whether this role opens and takes back joint cases beside whom the acceptance names.
    pub fn also_opens(&self, role: Role) -> bool {
        let joint = self.step_of(StepKind::Joint).is_some();
        let accept = self.step_of(StepKind::Accept).filter(|_| joint);
        accept.is_some_and(|step| step.by != role && step.also.contains(&role))
    }

    /// The steps that must be done before `step` may open. Unless the pack says
    /// otherwise, verification, survey and joint parts need only the acceptance
    /// (so they run side by side) and everything else needs all that stands above.
    pub fn before<'a>(&'a self, step: &'a Step) -> Vec<&'a Slug> {
        if let Some(after) = &step.after {
            return after.iter().collect();
        }
        let above = self.steps.iter().take_while(|other| other.id != step.id);
        let parallel = matches!(
            step.kind,
            StepKind::Verify | StepKind::Survey | StepKind::Joint
        );
        above
            .filter(|other| !parallel || other.kind == StepKind::Accept)
            .map(|other| &other.id)
            .collect()
    }

    /// Whether the person must be heard before an outcome of this kind. The law
    /// wants it for reductions, stops and recoveries; a pack can only add.
    pub fn hears(&self, kind: AdverseKind) -> bool {
        let by_law = matches!(
            kind,
            AdverseKind::Reduce | AdverseKind::Stop | AdverseKind::Recover
        );
        let notice = self.notices.get(&kind.notice());
        by_law || notice.is_some_and(|notice| notice.after_hearing)
    }
}

impl NoticeKind {
    /// As a pack writes it after `notice.`.
    pub fn id(self) -> &'static str {
        match self {
            NoticeKind::Received => "received",
            NoticeKind::OneTime => "one_time",
            NoticeKind::Undetermined => "undetermined",
            NoticeKind::Intended => "intended",
            NoticeKind::Granted => "granted",
            NoticeKind::Refused => "refused",
            NoticeKind::Reduced => "reduced",
            NoticeKind::Stopped => "stopped",
            NoticeKind::Recovered => "recovered",
            NoticeKind::Terminated => "terminated",
        }
    }

    /// Whether it tells of an adverse outcome and so must name remedies.
    pub fn is_adverse(self) -> bool {
        matches!(
            self,
            NoticeKind::Refused
                | NoticeKind::Reduced
                | NoticeKind::Stopped
                | NoticeKind::Recovered
                | NoticeKind::Terminated
        )
    }
}
