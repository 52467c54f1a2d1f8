//! 「评估的动作」 What may be asked of an assessment.

use crate::model::{Answers, Opened};
use kernel::{AssessmentId, PersonId, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "command")]
pub enum Command {
    /// 开始评估
    Open(Box<Opened>),
    /// 填写 Part or all of the sheet; by the third assessor: what is disputed.
    Fill {
        /// All answers so far.
        answers: Answers,
        /// Why, when it had been signed.
        reason: Option<String>,
    },
    /// 签字
    Sign,
    /// 拟改级
    Override {
        /// To which band.
        to: Slug,
        /// Why.
        reason: String,
    },
    /// 确认定级
    Confirm,
    /// 退回重评
    Return {
        /// Why.
        reason: String,
    },
    /// 申诉
    Appeal {
        /// Why.
        reason: String,
    },
    /// 复评 Another assessment looks again.
    LookAgain {
        /// Which.
        again: AssessmentId,
    },
    /// 替代 A later grade counts.
    Replace {
        /// Which.
        by: AssessmentId,
    },
    /// 报整改
    Answer {
        /// Found by which question.
        question: Slug,
        /// What was done.
        proof: String,
    },
    /// 销号
    Close {
        /// Found by which question.
        question: Slug,
    },
    /// 退回整改
    SendBack {
        /// Found by which question.
        question: Slug,
        /// Why.
        reason: String,
    },
}

/// What is known of the subject; the room that asks has looked it up.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Its near relatives, or those who lead it and their near relatives.
    pub relatives: BTreeSet<PersonId>,
}
