//! 「评估表」 What packs say of an assessment: the sheet.

use crate::points::Points;
use kernel::{Provenance, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A sheet, whole. Built by the packs room, which has proven it ([`crate::prove`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// `elder_ability`.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// Of the standard or document; part of every grade.
    pub version: String,
    /// Who or what is assessed.
    pub about: About,
    /// How many different people assess. At least 1.
    pub assessors: u8,
    /// What happens when they differ.
    pub settle: Settle,
    /// How long a grade counts; `None`: until the next.
    pub valid_months: Option<u32>,
    /// Days within which the subject may ask for another look.
    pub appeal_days: u32,
    /// In the order asked.
    pub sections: Vec<Section>,
    /// In the order asked.
    pub questions: Vec<Question>,
    /// In the order counted: each may use those before it.
    pub measures: Vec<Measure>,
    /// How measures become a grade.
    pub grading: Grading,
    /// The grades, best first.
    pub bands: Vec<Band>,
    /// What moves a grade, in order.
    pub adjusts: Vec<Adjust>,
    /// How subjects and inspectors are drawn, for an inspection.
    pub draw: Option<Sortition>,
    /// What it rests on.
    pub basis: String,
    /// How well it is founded.
    pub provenance: Provenance,
}

/// 对象 Who or what is assessed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A person.
    Person,
    /// An institution or organisation of this kind.
    Body {
        /// `care_home`.
        kind: Slug,
        /// Its name.
        name: String,
    },
}

/// 意见不一 What happens when assessors differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settle {
    /// 共同商定 They look again together and change their own answers, with a reason.
    Joint,
    /// 第三人评定 A third person answers what they differ in; his answers stand.
    Third,
    /// 取平均 Each one's points are counted, the mean stands (reviewers' marks).
    Mean,
}

/// 部分
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// `self_care`.
    pub id: Slug,
    /// Its name.
    pub name: String,
}

/// 题
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Unique in the sheet.
    pub id: Slug,
    /// Where it stands.
    pub section: Slug,
    /// As asked.
    pub asks: String,
    /// More to know.
    pub help: Option<String>,
    /// What may be answered.
    pub value: Value,
    /// When the assessor must write what he saw.
    pub evidence: Evidence,
    /// Asked only if…; the answers it looks at come before it.
    pub only: Option<Test>,
    /// What it counts when it is not asked.
    pub skipped: Option<i64>,
    /// Points below the most make a finding to be mended within so many days.
    pub mend_days: Option<u32>,
}

/// 答案 What may be answered: a whole number, with or without a meaning for each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// One of these: points and what they mean, most points first.
    Choice(Vec<(i64, String)>),
    /// A number within.
    Number(Range),
}

impl Value {
    /// The least and the most it can be.
    pub fn range(&self) -> Range {
        match self {
            Value::Number(range) => *range,
            Value::Choice(options) => Range {
                least: options.iter().map(|(points, _)| *points).min().unwrap_or(0),
                most: options.iter().map(|(points, _)| *points).max().unwrap_or(0),
            },
        }
    }

    /// Whether this may be answered.
    pub fn takes(&self, answer: i64) -> bool {
        match self {
            Value::Number(range) => (range.least..=range.most).contains(&answer),
            Value::Choice(options) => options.iter().any(|(points, _)| *points == answer),
        }
    }

    /// What an answer means, in words.
    pub fn says(&self, answer: i64) -> String {
        match self {
            Value::Number(_) => answer.to_string(),
            Value::Choice(options) => {
                let found = options.iter().find(|(points, _)| *points == answer);
                found.map_or_else(|| answer.to_string(), |(_, says)| says.clone())
            }
        }
    }
}

/// From … to …, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range<N = i64> {
    /// The least.
    pub least: N,
    /// The most.
    pub most: N,
}

/// 凭据 When words of evidence are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Never.
    None,
    /// 扣分要写 With every answer below the most.
    Below,
    /// 都要写 With every answer.
    Always,
}

/// 条件 A test of answers: any of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Test(pub Vec<Atom>);

/// One comparison; both ends included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Atom {
    /// A question or a measure.
    pub of: Slug,
    /// It is at least (points)…
    pub least: Option<i64>,
    /// …and at most.
    pub most: Option<i64>,
}

impl Atom {
    /// Whether points fit.
    pub fn fits(&self, points: Points) -> bool {
        let over = self
            .least
            .is_none_or(|least| points >= Points::whole(least));
        over && self.most.is_none_or(|most| points <= Points::whole(most))
    }
}

/// 计分 One figure of the sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Unique in the sheet, also against sections and questions.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub take: Take,
    /// Points it begins with.
    pub start: i64,
    /// So much of the sum counts, in hundredths: 100 all of it.
    pub percent: u32,
    /// It is never less.
    pub least: Option<i64>,
    /// It is never more.
    pub most: Option<i64>,
    /// For tables: its own bands, best first.
    pub levels: Vec<Range<Points>>,
}

/// What a measure is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// 相加 Sections, questions and earlier measures together.
    Sum(Vec<Slug>),
    /// 平均 The mean of the confirmed scores by another sheet within so many months.
    Earlier {
        /// The other sheet.
        sheet: Slug,
        /// How far back.
        months: u32,
        /// What its score can be.
        range: Range<Points>,
    },
}

/// 定级
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grading {
    /// By one measure: the bands' own ranges.
    Bands {
        /// The measure.
        of: Slug,
    },
    /// By a table over the levels of two measures or more.
    Matrix(Matrix),
}

impl Grading {
    /// The measure shown as the score.
    pub fn score(&self) -> &Slug {
        match self {
            Grading::Bands { of } => of,
            Grading::Matrix(matrix) => &matrix.rows,
        }
    }
}

/// 对照表
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matrix {
    /// The measure down the side.
    pub rows: Slug,
    /// The measures across: the worse of them counts.
    pub columns: Vec<Slug>,
    /// Row by row: which band.
    pub table: Vec<Vec<usize>>,
}

/// 等级
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    /// `mild`.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// The points it spans; `None` where a table grades.
    pub range: Option<Range<Points>>,
}

/// 调整 What moves a grade. Fires once, however many of its cases are met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjust {
    /// Unique in the sheet.
    pub id: Slug,
    /// When.
    pub when: Test,
    /// How.
    pub shift: Shift,
    /// In words, for the certificate.
    pub says: String,
    /// The article.
    pub basis: String,
    /// How well it is founded.
    pub provenance: Provenance,
}

/// How a grade is moved. Bands are counted from the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shift {
    /// 直接定为
    To(usize),
    /// 加重几级 At most to the worst.
    Worse(usize),
    /// 最高只能 Not better than.
    NotAbove(usize),
}

/// 双随机 How subjects and inspectors are drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sortition {
    /// Of each risk class: its name and how many in a hundred, at least one.
    pub classes: BTreeMap<Slug, (String, u32)>,
    /// Inspectors for each.
    pub inspectors: u8,
    /// Working days until the result is public.
    pub public_days: u32,
    /// What it rests on.
    pub basis: String,
    /// How well it is founded.
    pub provenance: Provenance,
}

impl Sheet {
    /// A question by id.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|one| one.id.as_str() == id)
    }

    /// A measure by id.
    pub fn measure(&self, id: &str) -> Option<&Measure> {
        self.measures.iter().find(|one| one.id.as_str() == id)
    }

    /// A band by its place, best first.
    pub fn band(&self, at: usize) -> Option<&Band> {
        self.bands.get(at)
    }

    /// Where a band stands.
    pub fn band_at(&self, id: &str) -> Option<usize> {
        self.bands.iter().position(|one| one.id.as_str() == id)
    }
}
