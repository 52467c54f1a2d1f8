//! 「决定」 A person rules; the house drafts what the law wants beside the ruling
//! (rules, evidence, notice) from the judgement on file, and the case engine
//! refuses what is not whole.

use super::desk::{Desk, Handled};
use super::draft::{Beside, Drafted};
use super::people::People;
use crate::{App, AppError, Context, Result};
use engine_case::{Act, AdverseKind, Case, Cause, EvidenceReference, Proposal, RuleReference};
use engine_policy::Certificate;
use kernel::{CaseId, DecisionId, Money, Period};
use serde::{Deserialize, Serialize};
use store::{Reply, Tx};

/// What a person rules, in their own words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// 给予 What the judgement gives, also more than before.
    Grant {
        /// The first month; `None`: as the service says (the month after the decision,
        /// the month of the application…).
        from: Option<Period>,
        /// The amount where the judgement gives none and a person above answered
        /// in favour; otherwise the judgement's holds.
        amount: Option<Money>,
        /// Why.
        reasons: String,
    },
    /// 复核后不变
    Keep {
        /// Why.
        reasons: String,
    },
    /// 不予、减少、停止、追回、终止
    Adverse(Adverse),
}

/// An adverse ruling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adverse {
    /// What.
    pub kind: AdverseKind,
    /// Why at all: conditions (rules and evidence come from the judgement), death
    /// or conduct (rules are given here).
    pub cause: Cause,
    /// The signer's own reasons.
    pub reasons: String,
    /// The first month; `None`: the month after the decision.
    pub from: Option<Period>,
    /// The amount asked back, or the lower one for conduct.
    pub amount: Option<Money>,
    /// Months of phase-out before a stop.
    pub phase_out_months: u32,
    /// Rules, for death and conduct.
    pub rules: Vec<RuleReference>,
    /// Evidence beside the judgement's.
    pub evidence: Vec<EvidenceReference>,
}

impl Ruling {
    /// The adverse ruling, if it is one.
    pub fn adverse(&self) -> Option<&Adverse> {
        match self {
            Ruling::Adverse(adverse) => Some(adverse),
            Ruling::Grant { .. } | Ruling::Keep { .. } => None,
        }
    }

    /// 不予 A refusal on the conditions the judgement found failed.
    pub fn refuse(reasons: impl Into<String>) -> Self {
        Ruling::Adverse(Adverse::by_conditions(AdverseKind::Refuse, reasons.into()))
    }

    /// 停止 A stop on the conditions the judgement found failed.
    pub fn stop(reasons: impl Into<String>, phase_out_months: u32) -> Self {
        let stop = Adverse::by_conditions(AdverseKind::Stop, reasons.into());
        Ruling::Adverse(Adverse {
            phase_out_months,
            ..stop
        })
    }

    /// 减少 A reduction to what the judgement gives.
    pub fn reduce(reasons: impl Into<String>) -> Self {
        Ruling::Adverse(Adverse::by_conditions(AdverseKind::Reduce, reasons.into()))
    }
}

impl Adverse {
    fn by_conditions(kind: AdverseKind, reasons: String) -> Self {
        Adverse {
            kind,
            cause: Cause::Conditions,
            reasons,
            from: None,
            amount: None,
            phase_out_months: 0,
            rules: Vec::new(),
            evidence: Vec::new(),
        }
    }
}

impl App {
    /// 决定 A person decides a case.
    ///
    /// # Errors
    /// A refusal (role, own case, not heard, not judged…); the store's.
    pub async fn decide_case(
        &self,
        context: &Context,
        case: CaseId,
        ruling: Ruling,
    ) -> Result<Reply<Handled>> {
        let key = context.key("case.decide", &(case, &ruling))?;
        let desk = self.desk(context);
        self.db
            .write(async move |tx| {
                let does = async |tx: &mut Tx| desk.rule(tx, case, &ruling, Step::Decide).await;
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }

    /// 拟作决定 Tells the household of an adverse decision intended, so that it can
    /// be heard first.
    ///
    /// # Errors
    /// As [`App::decide_case`].
    pub async fn intend(
        &self,
        context: &Context,
        case: CaseId,
        ruling: Ruling,
    ) -> Result<Reply<Handled>> {
        let key = context.key("case.intend", &(case, &ruling))?;
        let desk = self.desk(context);
        self.db
            .write(async move |tx| {
                let does = async |tx: &mut Tx| desk.rule(tx, case, &ruling, Step::Intend).await;
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }
}

impl App {
    /// The same within a transaction that does more.
    pub(crate) async fn intend_within(
        &self,
        tx: &mut Tx,
        context: &Context,
        case: CaseId,
        ruling: &Ruling,
    ) -> Result<Handled> {
        self.desk(context)
            .rule(tx, case, ruling, Step::Intend)
            .await
    }
}

fn is_wording(refused: &AppError) -> bool {
    matches!(
        refused.refusal_code(),
        Some("case.blank" | "case.adverse_incomplete")
    )
}

#[derive(Clone, Copy, PartialEq)]
enum Step {
    Intend,
    Decide,
}

impl Desk {
    async fn rule(&self, tx: &mut Tx, id: CaseId, ruling: &Ruling, step: Step) -> Result<Handled> {
        let loaded = tx.case(id).await?;
        let people = self.people(tx, &loaded.state, &Act::Waive).await?;
        // The draft speaks of facts: whoever may not decide must not see its faults.
        let action = match step {
            Step::Intend => engine_access::Action::Hear,
            Step::Decide => engine_access::Action::Decide,
        };
        self.permit(tx, &self.context.actor, action, &loaded.state, &people)
            .await?;
        let desk = self.under(&loaded.state)?;
        let drafted = desk.proposal(tx, &loaded.state, &people, ruling).await?;
        let act = match (step, drafted.proposal) {
            (Step::Decide, proposal) => Act::Decide {
                decision: DecisionId(tx.next_id("decision").await?),
                proposal,
            },
            (Step::Intend, Proposal::Adverse(draft)) => Act::Intend(draft),
            (Step::Intend, _) => {
                let says = "这不是不利的决定，不用先听取，直接决定就可以".to_owned();
                return Err(AppError::BadInput(says));
            }
        };
        let answer = self.act_on(tx, loaded, act).await;
        match (answer, drafted.gap) {
            // What the law says comes first; of the wording, name what is missing.
            (Err(refused), Some(gap)) if is_wording(&refused) => Err(AppError::BadInput(gap)),
            (answer, _) => answer,
        }
    }

    pub(super) async fn proposal(
        &self,
        tx: &mut Tx,
        case: &Case,
        people: &People,
        ruling: &Ruling,
    ) -> Result<Drafted> {
        let needs_judgement = ruling
            .adverse()
            .is_none_or(|adverse| adverse.cause == Cause::Conditions);
        if needs_judgement {
            let certificate = self.certificate(tx, case).await?;
            let ends = match (ruling, &case.opened) {
                (Ruling::Grant { .. }, Some(opened)) => self.would_give_way(tx, opened).await?,
                _ => Vec::new(),
            };
            let held = self.held(tx, case).await?;
            let beside = Beside {
                ends: &ends,
                held: &held,
            };
            return self.propose(case, people, &certificate, ruling, beside);
        }
        let certificate = self.any_certificate(tx, case).await?;
        self.propose(case, people, &certificate, ruling, Beside::default())
    }

    /// For what rests on conduct or a death: the judgement on file, or the one the
    /// last decision was made on.
    async fn any_certificate(&self, tx: &mut Tx, case: &Case) -> Result<Certificate> {
        if case.judgement.is_some() {
            return self.certificate(tx, case).await;
        }
        let found = match digest_of(case) {
            Some(digest) => tx.certificate(digest).await?,
            None => None,
        };
        found.ok_or_else(|| AppError::refused(engine_case::Refusal::NotJudged))
    }
}

/// The certificate of the judgement on file or, once a decision has used that up, of
/// the last decision that rests on one.
pub(super) fn digest_of(case: &Case) -> Option<&str> {
    let last = || {
        case.decisions
            .iter()
            .rev()
            .find_map(|d| d.certificate.as_deref())
    };
    let judged = case.judgement.as_ref().map(|j| j.certificate.as_str());
    judged.or_else(last)
}
