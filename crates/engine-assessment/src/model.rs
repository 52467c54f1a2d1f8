//! 「评估件」 One assessment from opening to a grade in force, and how its events fold.

use crate::config::{Settle, Sheet};
use crate::mend::{Mending, MendingState};
use crate::points::Points;
use crate::score::{Counting, Given, Outcome, asked, grade, graded, missing};
use kernel::{Actor, AssessmentId, BodyId, Date, Instant, PersonId, RegionCode, Slug};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An answer and what was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Of the question's values.
    pub value: i64,
    /// What was seen, in words; empty where none is needed.
    pub evidence: String,
}

/// Answers by question. A question without an entry is not answered.
pub type Answers = BTreeMap<Slug, Answer>;

/// Which sheet, to the letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetRef {
    /// The sheet.
    pub id: Slug,
    /// Its version.
    pub version: String,
    /// The hash of the pack it stands in.
    pub pack: String,
}

/// Who or what is assessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A person.
    Person(PersonId),
    /// An institution or organisation.
    Body(BodyId),
}

/// Who wrote, when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Instant,
}

/// How it began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// Its number.
    pub id: AssessmentId,
    /// By which sheet.
    pub sheet: SheetRef,
    /// Of whom.
    pub subject: Subject,
    /// The place responsible.
    pub region: RegionCode,
    /// 首次、常规、即时、复评 Why, in words.
    pub reason: String,
    /// The assessment it looks at again.
    pub reviews: Option<AssessmentId>,
    /// Who may not assess: the first assessors, when it looks again.
    pub barred: BTreeSet<PersonId>,
    /// The only ones who may, when they were drawn; empty: whoever is entitled.
    pub drawn: BTreeSet<PersonId>,
    /// Figures from earlier assessments, as they were on that day.
    pub given: Given,
    /// Who, when.
    pub stamp: Stamp,
}

/// What one assessor wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// Who.
    pub by: Actor,
    /// What.
    pub answers: Answers,
    /// Why it was changed after signing.
    pub reason: Option<String>,
    /// When it was signed; a change takes the signature away.
    pub signed: Option<Instant>,
}

/// A signature of an assessor in a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Instant,
}

/// 改级 A grade other than the one counted, proposed with a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overriding {
    /// To which band.
    pub to: usize,
    /// Why.
    pub reason: String,
    /// Who proposes; another confirms.
    pub stamp: Stamp,
}

/// 凭证 Everything a grade rests on. The same sheet and answers give it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// By which sheet, version and pack.
    pub sheet: SheetRef,
    /// The answers that count (reviewers' means: of each).
    pub answers: Vec<(Option<PersonId>, Answers)>,
    /// Figures from earlier assessments.
    pub given: Given,
    /// Who assessed.
    pub assessors: Vec<Signed>,
    /// The arithmetic.
    pub outcome: Outcome,
    /// A grade set over it.
    pub overriding: Option<Overriding>,
    /// The grade, its place counted from the best.
    pub grade: usize,
    /// The grade's id and name as the sheet had it.
    pub band: (Slug, String),
}

/// 确认 In force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// Who signed, when.
    pub stamp: Stamp,
    /// What it rests on.
    pub certificate: Certificate,
    /// The last day it counts.
    pub until: Option<Date>,
    /// The last day another look may be asked for.
    pub appeal_until: Date,
}

/// 申诉
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appeal {
    /// Who asks for another look.
    pub stamp: Stamp,
    /// Why.
    pub reason: String,
    /// The assessment that looks again.
    pub again: Option<AssessmentId>,
}

/// 阶段
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// 评估中
    Filling,
    /// 意见不一
    Disputed,
    /// 待确认 Counted; a person has yet to confirm.
    Graded,
    /// 已定级
    InForce,
    /// 申诉中 It counts meanwhile.
    Appealed,
    /// 已被替代 By a later one.
    Replaced,
}

impl Phase {
    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Phase::Filling => "评估中",
            Phase::Disputed => "意见不一",
            Phase::Graded => "待确认",
            Phase::InForce => "已定级",
            Phase::Appealed => "申诉中",
            Phase::Replaced => "已被替代",
        }
    }
}

/// One assessment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// How it began.
    pub opened: Opened,
    /// What each assessor wrote, in the order they began.
    pub fills: Vec<Fill>,
    /// A grade proposed over the one counted.
    pub overriding: Option<Overriding>,
    /// In force since.
    pub confirmed: Option<Confirmed>,
    /// Asked to look again.
    pub appeal: Option<Appeal>,
    /// The later one that counts instead.
    pub replaced: Option<AssessmentId>,
    /// What must be mended.
    pub mendings: Vec<Mending>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// 开始
    Opened(Box<Opened>),
    /// 填写
    Filled {
        /// Who.
        by: Actor,
        /// All answers so far.
        answers: Answers,
        /// Why, when it had been signed.
        reason: Option<String>,
    },
    /// 签字
    Signed {
        /// Who.
        by: Actor,
        /// When.
        at: Instant,
    },
    /// 拟改级
    Overridden(Overriding),
    /// 确认，或退回重评
    Confirmed(Box<Confirmed>),
    /// 退回
    Returned {
        /// Who, when.
        stamp: Stamp,
        /// Why.
        reason: String,
    },
    /// 申诉
    Appealed(Appeal),
    /// 复评开始
    LookedAgain {
        /// The assessment that looks again.
        again: AssessmentId,
    },
    /// 被替代
    Replaced {
        /// By which.
        by: AssessmentId,
    },
    /// 要整改
    Found {
        /// What.
        mendings: Vec<Mending>,
    },
    /// 整改有了进展
    Mended {
        /// Of which question.
        question: Slug,
        /// Where it stands now.
        state: MendingState,
    },
}

impl Assessment {
    /// A new one.
    pub fn new(opened: Opened) -> Assessment {
        Assessment {
            opened,
            fills: Vec::new(),
            overriding: None,
            confirmed: None,
            appeal: None,
            replaced: None,
            mendings: Vec::new(),
        }
    }

    /// Folds one event.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Opened(opened) => *self = Assessment::new(Opened::clone(opened)),
            Event::Filled {
                by,
                answers,
                reason,
            } => {
                let fill = Fill {
                    by: by.clone(),
                    answers: answers.clone(),
                    reason: reason.clone(),
                    signed: None,
                };
                match self.fills.iter_mut().find(|one| one.by.person == by.person) {
                    Some(old) => *old = fill,
                    None => self.fills.push(fill),
                }
            }
            Event::Signed { by, at } => {
                let mut fills = self.fills.iter_mut();
                if let Some(fill) = fills.find(|one| one.by.person == by.person) {
                    fill.signed = Some(*at);
                }
            }
            Event::Overridden(overriding) => self.overriding = Some(overriding.clone()),
            Event::Returned { .. } => {
                self.overriding = None;
                self.fills.iter_mut().for_each(|fill| fill.signed = None);
            }
            Event::Confirmed(confirmed) => self.confirmed = Some(Confirmed::clone(confirmed)),
            Event::Appealed(appeal) => self.appeal = Some(appeal.clone()),
            Event::LookedAgain { again } => {
                if let Some(appeal) = &mut self.appeal {
                    appeal.again = Some(*again);
                }
            }
            Event::Replaced { by } => self.replaced = Some(*by),
            Event::Found { mendings } => self.mendings.extend(mendings.iter().cloned()),
            Event::Mended { question, state } => {
                let mut all = self.mendings.iter_mut();
                if let Some(one) = all.find(|one| one.question == *question) {
                    one.state = state.clone();
                }
            }
        }
    }

    /// The first assessors, as many as the sheet asks for; a later one is the third.
    pub fn first(&self, sheet: &Sheet) -> &[Fill] {
        let count = self.fills.len().min(usize::from(sheet.assessors));
        self.fills.get(..count).unwrap_or_default()
    }

    /// The third assessor, if there is one.
    pub fn third(&self, sheet: &Sheet) -> Option<&Fill> {
        self.fills.get(usize::from(sheet.assessors))
    }

    /// Whether every first assessor has signed a sheet without gaps.
    pub fn complete(&self, sheet: &Sheet) -> bool {
        let first = self.first(sheet);
        let whole = |fill: &Fill| fill.signed.is_some() && missing(sheet, &fill.answers).is_empty();
        first.len() == usize::from(sheet.assessors) && first.iter().all(whole)
    }

    /// The questions in which signed assessors differ and nobody has settled it, in
    /// the sheet's order. Of means: none.
    pub fn disputed(&self, sheet: &Sheet) -> Vec<Slug> {
        if !self.complete(sheet) || sheet.settle == Settle::Mean {
            return Vec::new();
        }
        let first = self.first(sheet);
        let differs = |id: &Slug| {
            let value = |fill: &Fill| {
                let question = sheet.question(id.as_str())?;
                match asked(sheet, question, &fill.answers)? {
                    true => fill.answers.get(id).map(|answer| answer.value),
                    false => None,
                }
            };
            let mut values = first.iter().map(value);
            let one = values.next();
            values.any(|other| Some(other) != one)
        };
        let all = sheet.questions.iter().map(|one| one.id.clone());
        let all: Vec<Slug> = all.filter(differs).collect();
        match self.third(sheet).filter(|third| third.signed.is_some()) {
            Some(third) => all
                .into_iter()
                .filter(|id| !third.answers.contains_key(id))
                .collect(),
            None => all,
        }
    }

    /// The answers that count, once nobody differs. A third assessor's stand over the
    /// first ones'; words of evidence of several stand together.
    pub fn settled(&self, sheet: &Sheet) -> Option<Answers> {
        if !self.complete(sheet) || !self.disputed(sheet).is_empty() {
            return None;
        }
        let mut answers = Answers::new();
        for fill in self.first(sheet) {
            for (id, answer) in &fill.answers {
                match answers.get_mut(id) {
                    Some(known) => also(&mut known.evidence, &answer.evidence),
                    None => {
                        answers.insert(id.clone(), answer.clone());
                    }
                }
            }
        }
        if let Some(third) = self.third(sheet).filter(|third| third.signed.is_some()) {
            answers.extend(third.answers.clone());
        }
        // What is not asked after all does not count.
        let asked = |id: &Slug| {
            let question = sheet.question(id.as_str());
            question.is_some_and(|one| asked(sheet, one, &answers) == Some(true))
        };
        let kept: Vec<Slug> = answers.keys().filter(|id| asked(id)).cloned().collect();
        answers.retain(|id, _| kept.contains(id));
        Some(answers)
    }

    /// What is counted today; `None` while something is missing or disputed.
    pub fn outcome(&self, sheet: &Sheet) -> Option<Outcome> {
        match sheet.settle {
            Settle::Mean => self.mean(sheet),
            Settle::Joint | Settle::Third => {
                grade(sheet, &self.settled(sheet)?, &self.opened.given)
            }
        }
    }

    fn mean(&self, sheet: &Sheet) -> Option<Outcome> {
        if !self.complete(sheet) {
            return None;
        }
        let counts: Vec<Counting<'_>> = self
            .first(sheet)
            .iter()
            .map(|fill| Counting {
                sheet,
                answers: &fill.answers,
                given: &self.opened.given,
            })
            .collect();
        let each: Option<Vec<_>> = counts.iter().map(Counting::measures).collect();
        let each = each?;
        let measures = sheet.measures.iter().enumerate().map(|(at, measure)| {
            let points: Vec<Points> = each.iter().filter_map(|one| Some(one.get(at)?.1)).collect();
            Some((measure.id.clone(), Points::mean(&points)?))
        });
        let measures: Option<Vec<_>> = measures.collect();
        let question = |id: &Slug| {
            let points: Option<Vec<Points>> = counts.iter().map(|one| one.points(id)).collect();
            Points::mean(&points?)
        };
        graded(sheet, &measures?, &question)
    }

    /// Where it stands.
    pub fn phase(&self, sheet: &Sheet) -> Phase {
        if self.replaced.is_some() {
            return Phase::Replaced;
        }
        match (&self.confirmed, &self.appeal) {
            (Some(_), Some(_)) => Phase::Appealed,
            (Some(_), None) => Phase::InForce,
            (None, _) if !self.complete(sheet) => Phase::Filling,
            (None, _) if self.outcome(sheet).is_some() => Phase::Graded,
            (None, _) => Phase::Disputed,
        }
    }

    /// Everybody who assessed, each once.
    pub fn assessors(&self) -> BTreeSet<PersonId> {
        self.fills.iter().filter_map(|one| one.by.person).collect()
    }

    /// The grade in force on a day: band, counted from the best.
    pub fn grade_on(&self, day: Date) -> Option<usize> {
        let confirmed = self.confirmed.as_ref()?;
        let counts = confirmed.until.is_none_or(|until| day <= until) && self.replaced.is_none();
        counts.then_some(confirmed.certificate.grade)
    }
}

fn also(words: &mut String, more: &str) {
    if !more.is_empty() && words != more {
        if !words.is_empty() {
            words.push('；');
        }
        words.push_str(more);
    }
}
