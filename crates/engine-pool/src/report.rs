//! 「核对报告」 What a verification has come to. A machine only lists; whoever
//! settles a difference is a person with a reason.

use crate::answer::{Answer, NoAnswer};
use crate::contradiction::{Contradiction, RuledPair};
use crate::verification::{AskState, Difference, Verification};
use kernel::{Instant, PersonId, Slug, VerificationId};
use serde::{Deserialize, Serialize};

/// 核对报告 The report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The verification.
    pub id: VerificationId,
    /// The conclusion.
    pub outcome: Outcome,
    /// What differs.
    pub differences: Vec<Difference>,
    /// What cannot be true together, and nobody found which is.
    pub contradictions: Vec<Contradiction>,
    /// What cannot be true together, and what somebody found of it.
    #[serde(default)]
    pub ruled: Vec<(Contradiction, RuledPair)>,
    /// What nobody answered: department, member, category, why.
    pub unanswered: Vec<Unanswered>,
    /// How many member × category questions were asked.
    pub asked: usize,
    /// How many of them were answered.
    pub answered: usize,
    /// When it was compared.
    pub at: Instant,
}

/// One question nobody answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unanswered {
    /// The department.
    pub department: Slug,
    /// The member.
    pub person: PersonId,
    /// The category.
    pub category: Slug,
    /// Why.
    pub why: NoAnswer,
}

/// The conclusion of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 相符: everyone answered and nothing is open.
    Passed,
    /// 存疑: a difference or a contradiction is open.
    Doubtful,
    /// 不完整: nothing is open, but not everyone answered.
    Incomplete,
}

impl Outcome {
    /// The word a person sees.
    pub fn label(self) -> &'static str {
        match self {
            Outcome::Passed => "相符",
            Outcome::Doubtful => "存疑",
            Outcome::Incomplete => "不完整",
        }
    }
}

/// The report; `None` before anything was compared, and from a recheck until
/// that is compared.
/// A difference somebody settled as accepted is no longer open; a contradiction
/// stays open until the data is corrected, or somebody found which side is right.
pub fn report(state: &Verification) -> Option<Report> {
    let request = state.request.as_deref()?;
    let comparison = state.comparison.as_ref()?;
    if comparison.stale || !state.waiting_for().is_empty() {
        return None;
    }
    let mut unanswered = Vec::new();
    let mut asked = 0;
    for (department, ask) in &state.asks {
        asked += request.members.len() * ask.categories.len();
        let open = |person, category: &Slug, why: &NoAnswer| Unanswered {
            department: department.clone(),
            person,
            category: category.clone(),
            why: why.clone(),
        };
        match &ask.state {
            AskState::Failed { why, .. } => {
                for member in &request.members {
                    let of = |category| open(member.person, category, why);
                    unanswered.extend(ask.categories.iter().map(of));
                }
            }
            AskState::Answered { answers, .. } => {
                for one in answers {
                    if let Answer::NoAnswer { why } = &one.answer {
                        unanswered.push(open(one.person, &one.category, why));
                    }
                }
            }
            AskState::Waiting { .. } => {}
        }
    }
    let open = |difference: &Difference| {
        difference
            .settled
            .as_ref()
            .is_none_or(|settled| !settled.accepted)
    };
    let (mut contradictions, mut ruled) = (Vec::new(), Vec::new());
    for one in &comparison.contradictions {
        match state.ruling_on(one) {
            Some(pair) => ruled.push((one.clone(), pair.clone())),
            None => contradictions.push(one.clone()),
        }
    }
    let doubtful = comparison.differences.iter().any(open) || !contradictions.is_empty();
    let outcome = match (doubtful, unanswered.is_empty()) {
        (true, _) => Outcome::Doubtful,
        (false, false) => Outcome::Incomplete,
        (false, true) => Outcome::Passed,
    };
    Some(Report {
        id: request.id,
        outcome,
        differences: comparison.differences.clone(),
        contradictions,
        ruled,
        answered: asked - unanswered.len(),
        unanswered,
        asked,
        at: comparison.at,
    })
}
