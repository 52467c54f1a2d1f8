//! 「动作」 What somebody wants to do with a case. [`crate::decide()`] answers
//! with events or a refusal.

use crate::appeal::{AppealEnd, AppealWay};
use crate::decision::{AdverseDraft, Notice};
use crate::form::{Answer, Consent, MissingPaper, Paper};
use crate::handling::PartAnswer;
use crate::model::{Conflict, Judgement, Opened};
use crate::span::Span;
use kernel::{
    Actor, CaseId, Date, DecisionId, Money, Period, PersonId, Role, Slug, VerificationId,
};
use serde::{Deserialize, Serialize};

/// Somebody wants to do something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// Who.
    pub by: Actor,
    /// What.
    pub act: Act,
}

/// What somebody wants to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Act {
    /// 建立
    Open(Opened),
    /// 填写 Answers and papers while the form is with the applicant.
    Fill {
        /// Answers, replacing earlier ones to the same question.
        answers: Vec<Answer>,
        /// Papers.
        papers: Vec<Paper>,
    },
    /// 提交 Pins the case to pack and version.
    Submit {
        /// Hash of the resolved pack.
        pack: String,
        /// Version of the service.
        version: String,
        /// Consents given so far.
        consents: Vec<Consent>,
    },
    /// 一次性告知 Everything missing, together, once.
    Return {
        /// What is missing.
        missing: Vec<MissingPaper>,
    },
    /// 受理
    Accept {
        /// Why it is accepted although a paper of the notice is still missing.
        tolerate: Option<String>,
    },
    /// 近亲属备案
    RegisterConflict(Conflict),
    /// 更正 The applicant corrects answers after submission, before a decision.
    Correct {
        /// The corrected answers.
        answers: Vec<Answer>,
    },
    /// 补充事实 An officer establishes facts that were missing.
    Establish {
        /// The facts.
        answers: Vec<Answer>,
    },
    /// 延长 The special time limit.
    Prolong {
        /// Why.
        reasons: String,
    },
    /// 开始核对
    StartVerification {
        /// The step.
        step: Slug,
        /// The verification in the pool.
        verification: VerificationId,
    },
    /// 核对完成
    FinishVerification {
        /// The step.
        step: Slug,
        /// The verification in the pool.
        verification: VerificationId,
        /// `通过`, `有出入`…
        says: String,
    },
    /// 调查 With the signatures of everyone who went.
    Survey {
        /// The step.
        step: Slug,
        /// How.
        ways: Vec<String>,
        /// What was seen and heard.
        found: String,
        /// Everyone who went, the one who records included.
        surveyors: Vec<Actor>,
        /// Who signed for the household.
        household: Option<PersonId>,
    },
    /// 开始公示
    Publicise {
        /// The step.
        step: Slug,
        /// What is shown: field and text.
        shown: Vec<(Slug, String)>,
    },
    /// 提出异议
    Object {
        /// What is objected.
        says: String,
    },
    /// 答复异议
    SettleObjection {
        /// Which, counted from 0.
        objection: usize,
        /// Whether it was right.
        upheld: bool,
        /// What was found.
        found: String,
    },
    /// 结束公示
    EndPublicity {
        /// The step.
        step: Slug,
    },
    /// 审核意见、民主评议
    Review {
        /// The step.
        step: Slug,
        /// The opinion.
        says: String,
    },
    /// 决定机关入户
    Visit {
        /// What was found.
        found: String,
    },
    /// 判断 The engine's judgement is put on the file.
    Judge(Judgement),
    /// 请示
    Escalate {
        /// The question.
        question: String,
        /// Who must answer.
        to: Role,
    },
    /// 答复请示
    SettleEscalation {
        /// Whether the household gets the benefit of the doubt.
        in_favour: bool,
        /// Why.
        reasons: String,
    },
    /// 拟作不利决定
    Intend(AdverseDraft),
    /// 放弃拟作的决定
    DropIntent {
        /// Why.
        reasons: String,
    },
    /// 拟作决定告知书送达
    ServeIntent {
        /// The day it reached the person.
        on: Date,
        /// How.
        how: String,
    },
    /// 陈述申辩
    Speak {
        /// What is said.
        points: Vec<String>,
        /// Whether that is all.
        finished: bool,
    },
    /// 放弃陈述申辩
    Waive,
    /// 答复陈述申辩
    AnswerPoint {
        /// Which, counted from 0.
        point: usize,
        /// The answer.
        text: String,
        /// Whether the point is accepted.
        accepted: bool,
    },
    /// 决定
    Decide {
        /// The decision's id.
        decision: DecisionId,
        /// What it says.
        proposal: Proposal,
    },
    /// 决定送达
    ServeDecision {
        /// Which.
        decision: DecisionId,
        /// The day it reached the person.
        on: Date,
    },
    /// 开始发放
    StartPaying,
    /// 到期复核
    FallDue,
    /// 请求复核 Somebody says that what is being paid must be looked at again; nothing
    /// changes by it.
    CallReview {
        /// What made them say so.
        reasons: String,
    },
    /// 渐退期满
    EndPhaseOut,
    /// 要求配合
    Demand {
        /// What.
        asks: String,
        /// How long the household has.
        within: Span,
    },
    /// 已配合
    MeetDemand,
    /// 撤回 Before a decision.
    Withdraw,
    /// 主动放弃 After it: from the next month nothing more is wanted.
    GiveUp {
        /// The first month without.
        from: Period,
    },
    /// 让位 Another benefit, granted by the same signer, takes this one's place.
    GiveWay {
        /// The other one's name.
        to: String,
        /// The first month without this one.
        from: Period,
        /// The article.
        basis: String,
    },
    /// 送部门 A part goes to one of our own cases.
    LinkPart {
        /// Which.
        part: Slug,
        /// Our own case for it.
        case: CaseId,
    },
    /// 部门答复
    AnswerPart {
        /// Which.
        part: Slug,
        /// The answer; its `at` is set by the engine.
        answer: PartAnswer,
    },
    /// 复议、诉讼
    Appeal {
        /// Against which decision.
        decision: DecisionId,
        /// Where.
        way: AppealWay,
        /// The day it was filed.
        filed_on: Date,
    },
    /// 复议、诉讼结果
    EndAppeal {
        /// Which, counted from 0.
        appeal: usize,
        /// How.
        end: AppealEnd,
    },
}

/// What a decision should say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Proposal {
    /// 给予, also more than before.
    Grant {
        /// Per period, or once.
        amount: Option<Money>,
        /// The first month.
        from: Period,
        /// The signer's reasons.
        reasons: String,
        /// The notice.
        notice: Notice,
    },
    /// 不利
    Adverse(AdverseDraft),
    /// 复核后不变
    Keep {
        /// The signer's reasons.
        reasons: String,
    },
}
