//! 「经过」 What happened to a case. Events carry everything needed to fold the
//! state, who did it and when.

use crate::appeal::{Appeal, AppealEnd};
use crate::deadline::{Deadline, DeadlineFor};
use crate::decision::{AdverseDraft, Decision};
use crate::form::{Answer, Consent, MissingPaper, Paper};
use crate::handling::{Combined, Objection, ObjectionAnswer, PartAnswer, SurveyReport};
use crate::hearing::{Answered, Finished, Point, Served};
use crate::model::{
    Conflict, Demand, Escalation, Judgement, Opened, Phase, Pinned, Settlement, Visit,
};
use crate::signature::Signature;
use kernel::{Actor, CaseId, Date, DecisionId, Instant, Period, PersonId, Slug, VerificationId};
use serde::{Deserialize, Serialize};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Who did it.
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
    /// 建立
    Opened(Opened),
    /// 填写
    Filled {
        /// Answers.
        answers: Vec<Answer>,
        /// Papers.
        papers: Vec<Paper>,
    },
    /// 提交
    Submitted {
        /// What it is pinned to.
        pinned: Pinned,
        /// Consents.
        consents: Vec<Consent>,
    },
    /// 一次性告知
    Returned {
        /// What is missing.
        missing: Vec<MissingPaper>,
    },
    /// 受理
    Accepted {
        /// Why a missing paper is tolerated.
        tolerated: Option<String>,
    },
    /// 近亲属备案
    ConflictRegistered(Conflict),
    /// 更正、补充: a new revision of the form; the judgement falls.
    Corrected {
        /// The answers.
        answers: Vec<Answer>,
    },
    /// 延长
    Prolonged {
        /// Why.
        reasons: String,
    },
    /// 期限开始
    DeadlineSet(Deadline),
    /// 期限延后 Only ever later.
    DeadlineMoved {
        /// Which.
        of: DeadlineFor,
        /// The new last day.
        due: Date,
    },
    /// 期限了结
    DeadlineMet {
        /// Which.
        of: DeadlineFor,
        /// The day.
        on: Date,
    },
    /// 步骤开始
    StepOpened {
        /// Which.
        step: Slug,
        /// Which time.
        round: u32,
        /// The day.
        on: Date,
    },
    /// 步骤退回等待
    StepPutBack {
        /// Which.
        step: Slug,
    },
    /// 步骤完成
    StepDone {
        /// Which.
        step: Slug,
        /// Who did it.
        workers: Vec<PersonId>,
        /// The outcome in words.
        says: Option<String>,
    },
    /// 核对开始
    VerificationStarted {
        /// The step.
        step: Slug,
        /// The verification.
        verification: VerificationId,
    },
    /// 调查
    Surveyed(SurveyReport),
    /// 公示开始
    PublicityStarted {
        /// The step.
        step: Slug,
        /// What is shown.
        shown: Vec<(Slug, String)>,
        /// The first full day.
        first: Date,
        /// The last full day.
        last: Date,
    },
    /// 异议
    Objected(Objection),
    /// 异议答复
    ObjectionSettled {
        /// Which.
        objection: usize,
        /// The answer.
        answer: ObjectionAnswer,
    },
    /// 决定机关入户
    Visited(Visit),
    /// 判断
    Judged(Judgement),
    /// 请示
    Escalated(Escalation),
    /// 请示答复
    EscalationSettled(Settlement),
    /// 拟作不利决定
    Intended {
        /// What.
        draft: AdverseDraft,
        /// Who.
        signed: Signature,
    },
    /// 放弃拟作的决定
    IntentDropped {
        /// Why.
        reasons: String,
    },
    /// 拟作决定送达
    IntentServed(Served),
    /// 陈述申辩
    Spoken {
        /// What was said.
        points: Vec<Point>,
        /// Whether the person is done.
        finished: Option<Finished>,
    },
    /// 陈述申辩答复
    PointAnswered {
        /// Which.
        point: usize,
        /// The answer.
        answer: Answered,
    },
    /// 决定
    Decided(Box<Decision>),
    /// 阶段变化
    PhaseChanged {
        /// The phase after it.
        phase: Phase,
    },
    /// 决定送达
    DecisionServed {
        /// Which.
        decision: DecisionId,
        /// The day.
        on: Date,
    },
    /// 主动放弃
    GivenUp {
        /// The first month without.
        from: Period,
    },
    /// 让位
    GaveWay {
        /// To what.
        to: String,
        /// The first month without this one.
        from: Period,
        /// The article.
        basis: String,
        /// Who granted the other one.
        signed: Signature,
    },
    /// 请求复核
    ReviewCalled {
        /// What made them say so.
        reasons: String,
        /// Who.
        signed: Signature,
    },
    /// 要求配合
    Demanded(Demand),
    /// 已配合
    DemandMet,
    /// 送部门
    PartSent {
        /// Which.
        part: Slug,
        /// To whom.
        department: Slug,
        /// The day.
        on: Date,
    },
    /// 关联办件
    PartLinked {
        /// Which.
        part: Slug,
        /// Our own case.
        case: CaseId,
    },
    /// 部门答复
    PartAnswered {
        /// Which.
        part: Slug,
        /// The answer.
        answer: PartAnswer,
    },
    /// 联办完成
    Combined(Combined),
    /// 复议、诉讼
    Appealed(Appeal),
    /// 暂停执行
    EffectPaused {
        /// Which decision.
        decision: DecisionId,
    },
    /// 恢复执行
    EffectResumed {
        /// Which decision.
        decision: DecisionId,
    },
    /// 复议、诉讼结果
    AppealEnded {
        /// Which.
        appeal: usize,
        /// How.
        end: AppealEnd,
    },
    /// 撤销 An appeal revoked the decision.
    Revoked {
        /// Which.
        decision: DecisionId,
    },
}
