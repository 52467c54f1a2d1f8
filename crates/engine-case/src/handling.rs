//! 「办理」 Nouns of the steps: their progress, surveys, objections, parts.

use crate::signature::Signature;
use kernel::{Actor, CaseId, Date, Instant, PersonId, Slug, VerificationId};
use serde::{Deserialize, Serialize};

/// The progress of one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepState {
    /// Waiting, open or done.
    pub status: StepStatus,
    /// 1 for the first time; an objection or a correction opens a further round.
    pub round: u32,
    /// The day it opened.
    pub opened_on: Date,
    /// The people who did it, all rounds.
    pub workers: Vec<PersonId>,
    /// The verification asked for (verify).
    pub verification: Option<VerificationId>,
    /// The first and last full day (publicity).
    pub days: Option<(Date, Date)>,
    /// The opinion or outcome, in words.
    pub says: Option<String>,
}

/// Whether a step is to be done, being done, or done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// Begun before and put back: waits for an earlier step again.
    Waiting,
    /// 在办
    Open,
    /// 已办
    Done,
}

/// 入户调查 A home survey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurveyReport {
    /// The step.
    pub step: Slug,
    /// How: `入户调查`, `邻里访问`, `信函索证`.
    pub ways: Vec<String>,
    /// What was seen and heard.
    pub found: String,
    /// The surveyors, different people.
    pub surveyors: Vec<Signature>,
    /// Who signed for the household.
    pub household: Option<PersonId>,
}

/// 公示异议 An objection raised during publicity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Objection {
    /// What is objected.
    pub says: String,
    /// Who wrote it down. An anonymous objector stays unnamed.
    pub taken_by: Actor,
    /// When.
    pub at: Instant,
    /// What came of it.
    pub settled: Option<ObjectionAnswer>,
}

/// The answer to an objection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObjectionAnswer {
    /// Whether it was right.
    pub upheld: bool,
    /// What was found.
    pub found: String,
    /// Who answered.
    pub signed: Signature,
}

/// 联办事项 One part of a joint case at its department.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartState {
    /// The department.
    pub department: Slug,
    /// The day it was sent there.
    pub sent_on: Date,
    /// Our own case for it, if the department is ours.
    pub case: Option<CaseId>,
    /// The answer.
    pub answer: Option<PartAnswer>,
}

/// A department's answer. A machine may carry it, but it names the person who
/// decided there; a refusal names rule, reasons and remedy too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartAnswer {
    /// What.
    pub result: PartResult,
    /// Who decided, by name and office, as the department states it.
    pub decided_by: String,
    /// Number of the department's document.
    pub document_no: String,
    /// Why, in words for the person.
    pub reasons: String,
    /// Articles.
    pub basis: String,
    /// Ways to appeal (refusals).
    pub remedy: Vec<String>,
    /// When it arrived.
    pub at: Instant,
}

/// What a department answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartResult {
    /// 给予
    Granted,
    /// 不予
    Refused,
    /// 不适用 The household has no need of it or has it already.
    NotApplicable,
}

/// 联办结果 The combined result of a joint case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Combined {
    /// Parts granted.
    pub granted: Vec<Slug>,
    /// Parts refused.
    pub refused: Vec<Slug>,
    /// Parts that do not apply.
    pub not_applicable: Vec<Slug>,
    /// Parts not answered yet.
    pub open: Vec<Slug>,
}

impl PartAnswer {
    /// What is still missing, in words.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        let blank = |text: &str| text.trim().is_empty();
        let mut missing = Vec::new();
        if blank(&self.decided_by) {
            missing.push("作决定的人");
        }
        if blank(&self.document_no) {
            missing.push("文书编号");
        }
        if blank(&self.reasons) {
            missing.push("理由");
        }
        if self.result == PartResult::Refused {
            if blank(&self.basis) {
                missing.push("依据哪一条");
            }
            if self.remedy.is_empty() || self.remedy.iter().any(|r| blank(r)) {
                missing.push("怎样申请复议或起诉");
            }
        }
        missing
    }
}
