//! 「申请内容」 What an application holds: answers with their source, papers,
//! consents. Absent on purpose: the questions themselves (the pack's form).

use kernel::{AuthorisationId, Date, DocumentId, Money, PersonId, Slug};
use serde::{Deserialize, Serialize};

/// One answer to one question of the form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The fact or form field.
    pub field: Slug,
    /// Whom it is about; `None`: the household.
    pub about: Option<PersonId>,
    /// What was said.
    pub value: AnswerValue,
    /// Where it comes from.
    pub source: AnswerSource,
}

/// The value of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerValue {
    /// 是、否
    Bool(bool),
    /// 金额
    Money(Money),
    /// 数 A decimal in text, exact: `12.5`.
    Number(String),
    /// 日期
    Date(Date),
    /// 选项
    Code(Slug),
    /// 文字
    Text(String),
    /// 不知道 Said, and not the same as nothing said.
    Unknown,
}

/// Where an answer comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerSource {
    /// 本人填写
    Person,
    /// 部门数据 Looked up, shown to the person, not asked for.
    Department {
        /// The department.
        department: Slug,
        /// The category.
        category: Slug,
        /// The day the data is about.
        as_of: Date,
    },
    /// 经办人核实 An officer or surveyor established it.
    Officer {
        /// How: `入户调查`.
        how: String,
    },
}

/// A consent, given by one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The consent's id in the form.
    pub consent: Slug,
    /// Who gave it.
    pub person: PersonId,
    /// The authorisation it made.
    pub authorisation: Option<AuthorisationId>,
}

/// A paper handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// Which of the papers needed.
    pub kind: Slug,
    /// The document.
    pub document: DocumentId,
}

/// A paper that is missing, in the one-time notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingPaper {
    /// Which of the papers needed.
    pub kind: Slug,
    /// Its name for people.
    pub name: String,
    /// Why no department can give it.
    pub why: String,
}

/// A member of the household at the time of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// Whether of age, and able to consent.
    pub adult: bool,
}

/// How an application came in. All are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// 网上
    Online,
    /// 窗口
    Window,
    /// 电话
    Phone,
    /// 代办
    Agent,
    /// 主动发现
    Found,
}

/// Adds or replaces answers: one per field and person.
pub(crate) fn merge(answers: &mut Vec<Answer>, new: &[Answer]) {
    for answer in new {
        let same = |old: &&mut Answer| old.field == answer.field && old.about == answer.about;
        match answers.iter_mut().find(same) {
            Some(old) => *old = answer.clone(),
            None => answers.push(answer.clone()),
        }
    }
}
