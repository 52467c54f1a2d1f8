//! 「文书内容」 What stands on a paper, already in words. The order of fields is part
//! of the digest of a paper's content: it changes with a new kind of paper only.

use serde::Serialize;

/// A paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Paper {
    /// What every paper has.
    pub head: Head,
    /// What this kind has.
    #[serde(flatten)]
    pub body: Body,
}

/// What every paper has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
    /// What it is.
    pub title: String,
    /// Whose paper it is.
    pub office: String,
    /// `办件号 17`; empty: none.
    pub number: String,
    /// The day it was made: year, month, day.
    pub day: (i32, u32, u32),
    /// The code to check it by, as printed.
    pub code: String,
    /// Where to check it, as printed.
    pub check: String,
    /// What the square of the code says: an address.
    pub square: String,
    /// The digest of its content, as printed.
    pub digest: String,
}

/// What a kind of paper has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Body {
    /// 告知书
    Notice(Notice),
    /// 决定书
    Decision(Decision),
    /// 申请表
    Form(Form),
    /// 清单
    Statement(Statement),
    /// 核对报告
    Check(Check),
}

/// Two words that stand beside each other: a label and its value, a sentence and
/// its article.
pub type Row = (String, String);

/// 告知书
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// It concerns a death: no warm colour.
    pub solemn: bool,
    /// The text as it was sent.
    pub text: String,
    /// What is still missing: name and why.
    pub missing: Vec<Row>,
    /// What the reader can do.
    pub remedy: Vec<String>,
}

/// 决定书
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// It concerns a death: no warm colour.
    pub solemn: bool,
    /// Who, what, how much, from when.
    pub facts: Vec<Row>,
    /// The text as it was sent.
    pub text: String,
    /// The rules it rests on, each with its article.
    pub rules: Vec<Row>,
    /// What was seen, each with whose and of which day.
    pub evidence: Vec<Row>,
    /// The sum, line by line.
    pub sum: Vec<String>,
    /// What the signer wrote.
    pub reasons: String,
    /// Ways to appeal, with the last days.
    pub remedy: Vec<String>,
}

/// 申请表
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Form {
    /// Who asks for what.
    pub facts: Vec<Row>,
    /// What was answered.
    pub groups: Vec<Group>,
    /// What the applicant declares.
    pub closing: Vec<String>,
}

/// Answers about one person, or the household.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// About whom.
    pub name: String,
    /// Question and answer.
    pub rows: Vec<Row>,
}

/// 清单
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// It concerns a death: no warm colour.
    pub solemn: bool,
    /// Whose, for which months, the sums.
    pub facts: Vec<Row>,
    /// Month, what, yuan, where it stands.
    pub lines: Vec<[String; 4]>,
    /// What stands instead of lines.
    pub none: String,
    /// What arrived, yuan.
    pub total: String,
    /// Closing sentences.
    pub closing: Vec<String>,
}

/// 核对报告
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Which case, whom, under which authorisation.
    pub facts: Vec<Row>,
    /// The conclusion, in sentences.
    pub conclusion: Vec<String>,
    /// How it went: stage and what was done.
    pub stages: Vec<Row>,
    /// Who did not answer, and why.
    pub silent: Vec<Row>,
    /// What differs: what it is, and both sides.
    pub differences: Vec<Row>,
    /// What was found, each with its source and day.
    pub found: Vec<Row>,
    /// Department, questions, answered, what stands in.
    pub departments: Vec<[String; 4]>,
    /// Closing sentences.
    pub closing: Vec<String>,
}
