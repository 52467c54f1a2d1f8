//! 「核对进度」 How far one verification is: whom it asked, what came back, what
//! differs. Folded from its events and from nothing else.

use crate::answer::{Answer, NoAnswer};
use crate::contradiction::{Contradiction, RuledPair};
use crate::record::Value;
use crate::verification::{Answered, Declared, Event, Request};
use kernel::{Actor, AuthorisationId, CaseId, Date, Instant, PersonId, Slug};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How far a department is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// What it was asked about.
    pub categories: BTreeSet<Slug>,
    /// How often it was asked.
    pub times: u32,
    /// Whether it answered.
    pub state: AskState,
}

/// Whether a department answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskState {
    /// 等待
    Waiting {
        /// Since when.
        since: Instant,
    },
    /// 已答复
    Answered {
        /// Every member × category it was asked about.
        answers: Vec<Answered>,
        /// When.
        at: Instant,
    },
    /// 未答复
    Failed {
        /// Why.
        why: NoAnswer,
        /// When.
        at: Instant,
    },
}

/// A difference between what was declared and what was found. A lead for
/// people: it lowers nobody by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The member.
    pub person: PersonId,
    /// The category.
    pub category: Slug,
    /// What was declared.
    pub declared: Declared,
    /// What was found, in the same shape.
    pub found: Found,
    /// The household's words.
    pub explanation: Option<String>,
    /// What a person made of it.
    pub settled: Option<Settlement>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// The department has no record.
    NoRecord,
    /// This many records.
    Count(u32),
    /// The field's sum; `None` when a record leaves it empty or it is too large.
    Sum(Option<Value>),
    /// The field's values.
    Values(Vec<Value>),
}

/// What a person made of a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// Whether the explanation is accepted.
    pub accepted: bool,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: Actor,
    /// When.
    pub at: Instant,
}

/// One verification; empty before it is requested.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// What was wanted.
    pub request: Option<Box<Request>>,
    /// The case.
    pub case: Option<CaseId>,
    /// Under which authorisation.
    pub authorisation: Option<AuthorisationId>,
    /// How far each department is.
    pub asks: BTreeMap<Slug, Ask>,
    /// The last comparison.
    pub comparison: Option<Comparison>,
    /// What people found of its contradictions, as far as it was taken in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ruled: Vec<RuledPair>,
}

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// What differs.
    pub differences: Vec<Difference>,
    /// What cannot be true together.
    pub contradictions: Vec<Contradiction>,
    /// When.
    pub at: Instant,
    /// Whether somebody was asked again since: then it is not the last word.
    pub stale: bool,
}

impl Ask {
    /// Whether some question of it has no answer.
    pub(crate) fn is_lacking(&self) -> bool {
        match &self.state {
            AskState::Waiting { .. } => false,
            AskState::Failed { .. } => true,
            AskState::Answered { answers, .. } => {
                answers.iter().any(|one| !one.answer.is_answered())
            }
        }
    }
}

impl Verification {
    /// The departments that have neither answered nor failed.
    pub fn waiting_for(&self) -> Vec<Slug> {
        self.asks
            .iter()
            .filter(|(_, ask)| matches!(ask.state, AskState::Waiting { .. }))
            .map(|(department, _)| department.clone())
            .collect()
    }

    /// The answer about a member in a category; `None` when it was not asked.
    pub fn answer(&self, person: PersonId, category: &Slug) -> Option<&Answer> {
        self.asks.values().find_map(|ask| match &ask.state {
            AskState::Answered { answers, .. } => answers
                .iter()
                .find(|one| one.person == person && one.category == *category)
                .map(|one| &one.answer),
            _ => None,
        })
    }

    /// What people found of a contradiction of these very records, as they were answered.
    /// Who shares both records with others is settled when all of them are, in one sense.
    pub fn ruling_on(&self, one: &Contradiction) -> Option<&RuledPair> {
        let members = self.request.iter().flat_map(|request| &request.members);
        let mut settled: Option<&RuledPair> = None;
        for member in members {
            let day = |(category, no): &(Slug, String)| self.day_of(member.person, category, no);
            let (Some(left), Some(right)) = (day(&one.left), day(&one.right)) else {
                continue;
            };
            let own = self.ruled.iter().find(|pair| {
                (pair.person, &pair.rule) == (member.person, &one.rule)
                    && (&pair.left.0, pair.left.1) == (&one.left.1, left)
                    && (&pair.right.0, pair.right.1) == (&one.right.1, right)
            })?;
            if settled.is_some_and(|other| other.says != own.says) {
                return None;
            }
            settled = Some(own);
        }
        settled
    }

    /// The day a record speaks of, as it was answered about a member.
    fn day_of(&self, person: PersonId, category: &Slug, record_no: &str) -> Option<Date> {
        match self.answer(person, category) {
            Some(Answer::Records(held)) => {
                let mut records = held.iter().map(|one| &one.record);
                let record = records.find(|one| one.record_no == record_no);
                record.map(|one| one.as_of)
            }
            _ => None,
        }
    }

    /// Those of `all` that settle some contradiction of the last comparison.
    pub fn rulings_among(&self, all: Vec<RuledPair>) -> Vec<RuledPair> {
        let found = self.comparison.iter().flat_map(|last| &last.contradictions);
        let found: Vec<&Contradiction> = found.collect();
        let about = |pair: &RuledPair| {
            found.iter().any(|one| {
                let day = |(category, no): &(Slug, String)| self.day_of(pair.person, category, no);
                (&one.rule, &one.left.1, &one.right.1) == (&pair.rule, &pair.left.0, &pair.right.0)
                    && (day(&one.left), day(&one.right)) == (Some(pair.left.1), Some(pair.right.1))
            })
        };
        all.into_iter().filter(about).collect()
    }

    /// Folds one event in.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::VerificationRequested {
                request,
                case,
                authorisation,
                ..
            } => {
                self.request = Some(request.clone());
                self.case = Some(*case);
                self.authorisation = Some(*authorisation);
            }
            Event::Asked {
                department,
                categories,
                at,
            } => {
                let times = self.asks.get(department).map_or(0, |ask| ask.times) + 1;
                let state = AskState::Waiting { since: *at };
                let categories = categories.clone();
                if let Some(comparison) = &mut self.comparison {
                    comparison.stale = true;
                }
                self.asks.insert(
                    department.clone(),
                    Ask {
                        categories,
                        times,
                        state,
                    },
                );
            }
            Event::Answered {
                department,
                answers,
                at,
            } => {
                let (answers, at) = (answers.clone(), *at);
                self.set(department, AskState::Answered { answers, at });
            }
            Event::Failed {
                department,
                why,
                at,
            } => {
                let (why, at) = (why.clone(), *at);
                self.set(department, AskState::Failed { why, at });
            }
            Event::Compared {
                differences,
                contradictions,
                at,
            } => {
                self.comparison = Some(Comparison {
                    differences: differences.clone(),
                    contradictions: contradictions.clone(),
                    at: *at,
                    stale: false,
                });
            }
            Event::Explained {
                difference, words, ..
            } => {
                if let Some(difference) = self.difference(*difference) {
                    difference.explanation = Some(words.clone());
                }
            }
            Event::Ruled { ruled, .. } => self.ruled = ruled.clone(),
            Event::Settled {
                difference,
                accepted,
                reason,
                by,
                at,
            } => {
                if let Some(difference) = self.difference(*difference) {
                    difference.settled = Some(Settlement {
                        accepted: *accepted,
                        reason: reason.clone(),
                        by: by.clone(),
                        at: *at,
                    });
                }
            }
        }
    }

    fn set(&mut self, department: &Slug, state: AskState) {
        if let Some(ask) = self.asks.get_mut(department) {
            ask.state = state;
        }
    }

    fn difference(&mut self, index: usize) -> Option<&mut Difference> {
        self.comparison.as_mut()?.differences.get_mut(index)
    }
}
