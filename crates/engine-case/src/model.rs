//! 「办件」 The state of a case: one application, its steps, its decisions. Folded
//! from events alone.

use crate::appeal::Appeal;
use crate::deadline::Deadline;
use crate::decision::{AdverseKind, Decision, Outcome};
use crate::form::{Answer, Channel, Consent, Member, MissingPaper, Paper};
use crate::handling::{Objection, PartState, StepState, SurveyReport};
use crate::hearing::Intent;
use crate::signature::Signature;
use kernel::{CaseId, Date, HouseholdId, Money, Period, PersonId, RegionCode, Role, Slug, Truth};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A case. `Case::default()` is the case before its first event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Where it stands.
    pub phase: Phase,
    /// What it was opened with; `None` only before the first event.
    pub opened: Option<Opened>,
    /// What it is pinned to since submission.
    pub pinned: Option<Pinned>,
    /// The answers, one per field and person.
    pub answers: Vec<Answer>,
    /// How often answers were changed since submission.
    pub form_revision: u32,
    /// Consents given.
    pub consents: Vec<Consent>,
    /// Papers handed in.
    pub papers: Vec<Paper>,
    /// The one-time notice: what was missing. Never a second list.
    pub one_time_notice: Option<Vec<MissingPaper>>,
    /// Steps begun, by id.
    pub steps: BTreeMap<Slug, StepState>,
    /// Surveys, all rounds.
    pub surveys: Vec<SurveyReport>,
    /// Objections raised during publicity.
    pub objections: Vec<Objection>,
    /// Parts of a joint case, by id.
    pub parts: BTreeMap<Slug, PartState>,
    /// 近亲属备案 Officials related to the household.
    pub conflicts: Vec<Conflict>,
    /// A visit of the deciding office.
    pub visits: Vec<Visit>,
    /// The engine's latest judgement, until a decision uses it or facts change.
    pub judgement: Option<Judgement>,
    /// A question a person must answer because the rules cannot.
    pub escalation: Option<Escalation>,
    /// A demand to take part.
    pub demand: Option<Demand>,
    /// An adverse decision somebody intends.
    pub intent: Option<Intent>,
    /// Decisions, oldest first.
    pub decisions: Vec<Decision>,
    /// Appeals.
    pub appeals: Vec<Appeal>,
    /// 主动放弃 The first month the household wants nothing more.
    pub given_up: Option<Period>,
    /// Deadlines, met and open.
    pub deadlines: Vec<Deadline>,
    /// Whether the total was prolonged.
    pub prolonged: bool,
}

/// Where a case stands. Finer words come from [`Case::stage`].
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Before the first event.
    #[default]
    New,
    /// 草稿
    Draft,
    /// 已提交
    Submitted,
    /// 待补材料
    Returned,
    /// 办理中 Accepted: steps are running.
    Handling,
    /// 已给予 Granted, not yet paying.
    Granted,
    /// 不予
    Refused,
    /// 发放中
    Paying,
    /// 待复核
    ReviewDue,
    /// 渐退期
    PhaseOut,
    /// 已停止
    Stopped,
    /// 已撤回
    Withdrawn,
    /// 已终止
    Terminated,
    /// 联办完成 Every part of a joint case is answered.
    Completed,
}

/// Where a case stands, in the words a person reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The phase says it all.
    Phase(Phase),
    /// 核对中
    Verifying,
    /// 调查中
    Surveying,
    /// 核对和调查中
    VerifyingAndSurveying,
    /// 公示中
    Publicising,
    /// 审核中
    Reviewing,
    /// 待决定
    Deciding,
    /// 听取陈述申辩
    Hearing,
    /// 部门联办中
    Joint,
}

/// What a case was opened with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// Its id.
    pub case: CaseId,
    /// The service asked for.
    pub service: Slug,
    /// Who asks.
    pub applicant: PersonId,
    /// For whom, in a service for persons; the applicant in a service for households.
    pub beneficiary: PersonId,
    /// The household.
    pub household: HouseholdId,
    /// Its members at the time.
    pub members: Vec<Member>,
    /// The node that is responsible.
    pub region: RegionCode,
    /// How it came in.
    pub channel: Channel,
    /// The joint case and part it belongs to.
    pub part_of: Option<(CaseId, Slug)>,
}

/// What a case is pinned to: a new law or a new form does not touch it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pinned {
    /// Hash of the resolved pack, hexadecimal.
    pub pack: String,
    /// Version of the service in it.
    pub version: String,
    /// The day of submission: parameters of this day judge.
    pub on: Date,
}

/// 近亲属备案 An official who is a near relative of the household.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The official.
    pub official: PersonId,
    /// Of whom in the household.
    pub relative_of: PersonId,
    /// How they are related, in words.
    pub relation: String,
}

/// A visit of the deciding office to the household.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// Who went.
    pub signed: Signature,
    /// What they found.
    pub found: String,
}

/// The engine's judgement, as app hands it over. No decision by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// Eligible, ineligible, undetermined.
    pub verdict: Truth,
    /// Digest of its certificate.
    pub certificate: String,
    /// Conditions that do not hold.
    pub failed: Vec<Slug>,
    /// Facts missing, cheapest first.
    pub missing: Vec<Slug>,
    /// The amount the rules give.
    pub amount: Option<Money>,
    /// The stronger benefit it is known to give way to.
    pub gives_way: Option<GivesWay>,
    /// Whether it is looked at again sooner than usual.
    pub review_sooner: bool,
}

/// 让位 Why this benefit is not given although its own conditions may hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivesWay {
    /// The pack's sentence.
    pub says: String,
    /// The article.
    pub basis: String,
}

/// 请示 A question the rules cannot answer, put to a person with a deadline
/// (一事一议).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Escalation {
    /// The question.
    pub question: String,
    /// Who must answer.
    pub to: Role,
    /// Who asked.
    pub asked: Signature,
    /// The answer.
    pub settled: Option<Settlement>,
}

/// The answer to an escalation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settlement {
    /// Whether the household gets the benefit of the doubt; otherwise the facts
    /// must be found first.
    pub in_favour: bool,
    /// Why.
    pub reasons: String,
    /// Who answered.
    pub signed: Signature,
}

/// 要求配合 A demand to take part, before a case may be ended without it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Demand {
    /// What is asked of the household.
    pub asks: String,
    /// Who asks.
    pub signed: Signature,
    /// The last day.
    pub until: Date,
    /// Whether the household did it.
    pub done: bool,
}

/// 应享 What is granted in a stretch of months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Per period.
    pub amount: Option<Money>,
    /// The first month of this amount.
    pub from: Period,
    /// The first month without it; `None` while no end is decided.
    pub until: Option<Period>,
}

impl Case {
    /// Whether a person belongs to the household or is the applicant.
    pub fn concerns(&self, person: PersonId) -> bool {
        self.opened.as_ref().is_some_and(|opened| {
            opened.applicant == person
                || opened.beneficiary == person
                || opened.members.iter().any(|m| m.person == person)
        })
    }

    /// The decision in force: the latest one not revoked.
    pub fn decision(&self) -> Option<&Decision> {
        self.decisions.iter().rev().find(|d| !d.revoked)
    }

    /// Whether nothing more can happen to it, appeals and corrections aside.
    pub fn is_over(&self) -> bool {
        matches!(
            self.phase,
            Phase::Refused
                | Phase::Stopped
                | Phase::Withdrawn
                | Phase::Terminated
                | Phase::Completed
        )
    }

    /// What the household is entitled to, month by month, by the decisions in
    /// force: revoked ones and those an appeal holds up do not count.
    pub fn standings(&self) -> Vec<Standing> {
        let mut standings = Vec::new();
        for decision in self.decisions.iter().filter(|d| !d.revoked && !d.paused) {
            match &decision.outcome {
                Outcome::Granted(grant) => {
                    begin(&mut standings, grant.amount, grant.from);
                }
                Outcome::Adverse(adverse) => {
                    let draft = adverse.draft();
                    match (draft.kind, draft.from) {
                        (AdverseKind::Reduce, Some(from)) => {
                            begin(&mut standings, draft.amount, from);
                        }
                        (AdverseKind::Stop, Some(from)) => {
                            end(&mut standings, draft.last_months(from));
                        }
                        _ => {}
                    }
                }
                Outcome::Kept { .. } => {}
            }
        }
        if let Some(from) = self.given_up {
            end(&mut standings, from);
        }
        standings
    }

    /// What is granted for a month.
    pub fn granted_in(&self, period: Period) -> Option<Standing> {
        let covers = |s: &Standing| s.from <= period && s.until.is_none_or(|u| period < u);
        self.standings().into_iter().find(covers)
    }

    /// The latest amount granted, whichever month it is for.
    pub fn latest(&self) -> Option<Standing> {
        self.standings().pop()
    }

    /// The day the next review falls due, by the latest decision that set one.
    pub fn review_on(&self) -> Option<Date> {
        let set = |decision: &Decision| match &decision.outcome {
            Outcome::Granted(grant) => grant.review_on,
            Outcome::Kept { review_on, .. } => *review_on,
            Outcome::Adverse(_) => None,
        };
        let in_force = self.decisions.iter().rev().filter(|d| !d.revoked);
        in_force.filter_map(set).next()
    }
}

/// Starts a stretch; what stood before ends there.
fn begin(standings: &mut Vec<Standing>, amount: Option<Money>, from: Period) {
    end(standings, from);
    standings.push(Standing {
        amount,
        from,
        until: None,
    });
}

/// Ends everything at a month.
fn end(standings: &mut Vec<Standing>, at: Period) {
    standings.retain(|standing| standing.from < at);
    if let Some(last) = standings.last_mut() {
        last.until = Some(last.until.map_or(at, |until| until.min(at)));
    }
}
