//! 「一次评估」 One assessment with all it rests on, as pages show it.

use engine_assessment::{Assessment, Outcome, Phase, Points, Sheet, asked};
use kernel::{Date, PersonId, Slug};
use std::collections::{BTreeMap, BTreeSet};

/// An assessment as a page shows it.
#[derive(Clone, Debug)]
pub struct AssessmentPage {
    /// The sheet it began with.
    pub sheet: Sheet,
    /// All there is.
    pub state: Assessment,
    /// Of whom.
    pub whose: String,
    /// Where.
    pub place: String,
    /// Names of those who assessed and signed.
    pub names: BTreeMap<PersonId, String>,
    /// Who looks.
    pub me: Option<PersonId>,
    /// The day it is looked at.
    pub today: Date,
}

/// An answer with its meaning.
#[derive(Clone, Debug)]
pub struct AnswerLine {
    /// The question.
    pub asks: String,
    /// The points.
    pub value: i64,
    /// What they mean.
    pub says: String,
    /// What was seen.
    pub evidence: String,
}

/// An adjustment that was applied, in words.
#[derive(Clone, Debug)]
pub struct AppliedLine {
    /// Why.
    pub says: String,
    /// The article.
    pub basis: String,
    /// The grade before.
    pub from: String,
    /// The grade after.
    pub to: String,
}

/// Something to be mended, in words.
#[derive(Clone, Debug)]
pub struct MendingLine {
    /// Of which question.
    pub question: Slug,
    /// The question.
    pub asks: String,
    /// What was found.
    pub found: String,
    /// The last day.
    pub due: Date,
    /// Where it stands.
    pub says: &'static str,
    /// How it is lit.
    pub light: &'static str,
    /// What was done, or why it was sent back.
    pub words: String,
    /// Whether an answer waits to be looked at.
    pub answered: bool,
    /// Whether it is closed.
    pub closed: bool,
}

impl AssessmentPage {
    /// Where it stands.
    pub fn phase(&self) -> Phase {
        self.state.phase(&self.sheet)
    }

    /// A person's name, a stand-in for one that is not known.
    pub fn name(&self, person: &Option<PersonId>) -> &str {
        let known = person.as_ref().and_then(|one| self.names.get(one));
        known
            .filter(|name| !name.is_empty())
            .map_or("工作人员", String::as_str)
    }

    /// Who was drawn to go.
    pub fn drawn(&self) -> Vec<&str> {
        let drawn = self.state.opened.drawn.iter();
        drawn.map(|one| self.name(&Some(*one))).collect()
    }

    /// What is counted: of the certificate, or so far.
    pub fn outcome(&self) -> Option<Outcome> {
        let confirmed = self.state.confirmed.as_ref();
        let kept = confirmed.map(|one| one.certificate.outcome.clone());
        kept.or_else(|| self.state.outcome(&self.sheet))
    }

    /// A grade's name.
    pub fn band(&self, at: &usize) -> &str {
        self.sheet.band(*at).map_or("", |band| band.name.as_str())
    }

    /// Every measure with its points.
    pub fn measures(&self) -> Vec<(String, Points)> {
        let outcome = self.outcome();
        let all = outcome.into_iter().flat_map(|one| one.measures);
        let named = all.filter_map(|(id, points)| {
            let measure = self.sheet.measure(id.as_str())?;
            Some((measure.name.clone(), points))
        });
        named.collect()
    }

    /// What moved the grade.
    pub fn applied(&self) -> Vec<AppliedLine> {
        let outcome = self.outcome();
        let all = outcome.into_iter().flat_map(|one| one.applied);
        all.filter_map(|one| {
            let rule = self.sheet.adjusts.iter().find(|rule| rule.id == one.id)?;
            Some(AppliedLine {
                says: rule.says.clone(),
                basis: rule.basis.clone(),
                from: self.band(&one.from).to_owned(),
                to: self.band(&one.to).to_owned(),
            })
        })
        .collect()
    }

    /// The answers that count, section by section.
    pub fn answers(&self) -> Vec<(String, Vec<AnswerLine>)> {
        let confirmed = self.state.confirmed.as_ref();
        let kept = confirmed.and_then(|one| one.certificate.answers.first());
        let answers = match kept {
            Some((_, answers)) => answers.clone(),
            None => self.state.settled(&self.sheet).unwrap_or_default(),
        };
        let sections = self.sheet.sections.iter().map(|section| {
            let inside = self.sheet.questions.iter();
            let inside = inside.filter(|one| one.section == section.id);
            let lines = inside.filter_map(|question| {
                let answer = answers.get(&question.id)?;
                Some(AnswerLine {
                    asks: question.asks.clone(),
                    value: answer.value,
                    says: question.value.says(answer.value),
                    evidence: answer.evidence.clone(),
                })
            });
            (section.name.clone(), lines.collect())
        });
        sections.collect()
    }

    /// What must be mended.
    pub fn mendings(&self) -> Vec<MendingLine> {
        use engine_assessment::MendingState as S;
        let all = self.state.mendings.iter();
        all.map(|one| {
            let question = self.sheet.question(one.question.as_str());
            MendingLine {
                question: one.question.clone(),
                asks: question.map_or(String::new(), |q| q.asks.clone()),
                found: one.found.clone(),
                due: one.due,
                says: one.label(self.today),
                light: match &one.state {
                    S::Closed { .. } => "ok",
                    _ if one.overdue(self.today) => "stop",
                    S::Answered { .. } => "info",
                    _ => "warn",
                },
                words: match &one.state {
                    S::Open => String::new(),
                    S::Answered { proof, .. } | S::Closed { proof, .. } => proof.clone(),
                    S::SentBack { reason, .. } => reason.clone(),
                },
                answered: matches!(one.state, S::Answered { .. }),
                closed: one.closed(),
            }
        })
        .collect()
    }

    /// What the reader wrote.
    pub fn mine(&self) -> Option<&engine_assessment::Fill> {
        let me = self.me?;
        self.state
            .fills
            .iter()
            .find(|one| one.by.person == Some(me))
    }

    /// Whether the reader would be the third, who answers only what is disputed.
    pub fn third(&self) -> bool {
        let first = self.state.first(&self.sheet);
        let among = first.iter().any(|one| one.by.person == self.me);
        !among && first.len() >= usize::from(self.sheet.assessors)
    }

    /// The questions in which the first ones differ.
    pub fn disputed(&self) -> BTreeSet<Slug> {
        let first = Assessment {
            fills: self.state.first(&self.sheet).to_vec(),
            ..self.state.clone()
        };
        first.disputed(&self.sheet).into_iter().collect()
    }

    /// Whether a question is surely not asked, by what the reader answered so far.
    pub fn skipped(&self, question: &engine_assessment::Question) -> bool {
        let answers = self.mine().map(|one| one.answers.clone());
        asked(&self.sheet, question, &answers.unwrap_or_default()) == Some(false)
    }
}
