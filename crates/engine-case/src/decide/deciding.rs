//! 「决定」 Granting, refusing, reducing, stopping, recovering, ending, keeping.

use super::{Course, Done, said};
use crate::command::Proposal;
use crate::config::{Held, NoticeKind, StepKind};
use crate::decision::{
    AdverseDecision, AdverseDraft, AdverseKind, Cause, Decision, Grant, Notice, Outcome,
};
use crate::event::What;
use crate::handling::StepStatus;
use crate::model::Phase;
use crate::refusal::Refusal;
use crate::{DeadlineFor, Signature};
use kernel::{Date, DecisionId, Money, Period, Truth};

/// Phases in which something is granted.
pub(super) const STANDING: [Phase; 4] = [
    Phase::Granted,
    Phase::Paying,
    Phase::ReviewDue,
    Phase::PhaseOut,
];

impl Course<'_> {
    pub(super) fn decide(&mut self, id: DecisionId, proposal: Proposal) -> Done {
        let step = self.step_of(StepKind::Decide, "审核确认")?.clone();
        let signed = self.sign_as(step.by)?;
        self.other_hands(&step, signed.person())?;
        if self.case.decisions.iter().any(|decision| decision.id == id) {
            return Err(Refusal::DecidedAlready);
        }
        match proposal {
            Proposal::Grant {
                amount,
                from,
                reasons,
                notice,
            } => {
                self.may_grant(amount, &reasons, &notice)?;
                self.free_of_others(from)?;
                let review_on = self.next_review()?;
                let grant = Grant {
                    amount,
                    from,
                    review_on,
                    reasons,
                    notice,
                };
                self.enact(id, signed, Outcome::Granted(grant), Phase::Granted)
            }
            Proposal::Keep { reasons } => {
                self.may_keep(&reasons)?;
                let review_on = self.next_review()?;
                let kept = Outcome::Kept { reasons, review_on };
                self.enact(id, signed, kept, Phase::Paying)
            }
            Proposal::Adverse(draft) => {
                let phase = self.phase_after(&draft);
                let adverse = self.adverse(draft, signed.clone())?;
                self.enact(id, signed, Outcome::Adverse(adverse), phase)
            }
        }
    }

    /// As the pack's rule judged the household's facts.
    fn next_review(&self) -> Result<Option<Date>, Refusal> {
        let sooner = self
            .case
            .judgement
            .as_ref()
            .is_some_and(|j| j.review_sooner);
        let span = self.review_span(sooner);
        let day = span.map(|span| span.last_day(self.today(), self.config.calendar));
        Ok(day.transpose()?)
    }

    /// Records the decision and everything that follows of itself.
    fn enact(&mut self, id: DecisionId, signed: Signature, outcome: Outcome, next: Phase) -> Done {
        let handling = self.case.phase == Phase::Handling;
        let review_on = match &outcome {
            Outcome::Granted(grant) => grant.review_on,
            Outcome::Kept { review_on, .. } => *review_on,
            Outcome::Adverse(_) => None,
        };
        let told = !matches!(outcome, Outcome::Kept { .. });
        let judgement = self.case.judgement.as_ref();
        let certificate = judgement.map(|j| j.certificate.clone());
        let worker = signed.person();
        self.settle_reviews();
        let decision = Decision {
            id,
            revision: self.case.decisions.len() as u32 + 1,
            replaces: self.case.decision().map(|earlier| earlier.id),
            outcome,
            signed,
            certificate,
            served: None,
            paused: false,
            revoked: false,
        };
        self.settle_deadline(DeadlineFor::Hearing);
        self.settle_deadline(DeadlineFor::Escalation);
        self.push(What::Decided(Box::new(decision)));
        self.enter(next);
        if handling && next != Phase::Terminated {
            self.settle_deadline(DeadlineFor::Total);
            let step = self.step_of(StepKind::Decide, "审核确认")?.id.clone();
            self.finish(&step, vec![worker], None)?;
        }
        if let (true, Some(serve)) = (told, self.config.flow.serve) {
            self.set_deadline(DeadlineFor::Service(id), serve, None)?;
        }
        if let Some(due) = review_on {
            self.push(What::DeadlineSet(crate::Deadline {
                of: DeadlineFor::Review(id),
                from: self.today(),
                due,
                met: None,
                basis: None,
            }));
        }
        Ok(())
    }

    fn settle_reviews(&mut self) {
        let open = self.case.deadlines.iter().filter(|d| d.met.is_none());
        let reviews = open.filter(|d| matches!(d.of, DeadlineFor::Review(_)));
        let reviews: Vec<_> = reviews.map(|d| d.of.clone()).collect();
        reviews.into_iter().for_each(|of| self.settle_deadline(of));
    }

    /// Before a first decision: every step is done, every objection answered, the
    /// visit made.
    fn ripe(&self) -> Done {
        let step = self.step_of(StepKind::Decide, "审核确认")?;
        if self.status(&step.id) != Some(StepStatus::Open) {
            return Err(Refusal::StepNotOpen(step.name.clone()));
        }
        let open = self.case.objections.iter().filter(|o| o.settled.is_none());
        let open = open.count();
        if open > 0 {
            return Err(Refusal::ObjectionsOpen(open));
        }
        let cause = !self.case.conflicts.is_empty() || !self.case.objections.is_empty();
        if step.visit_if_conflict && cause && self.case.visits.is_empty() {
            return Err(Refusal::VisitNeeded);
        }
        Ok(())
    }

    /// When a review is due: its verification and survey are done.
    fn reviewed(&self) -> Done {
        let kinds = [StepKind::Verify, StepKind::Survey];
        let steps = self.config.flow.steps.iter();
        let open = steps
            .filter(|step| kinds.contains(&step.kind))
            .find(|step| self.status(&step.id) == Some(StepStatus::Open));
        match open {
            Some(step) if self.case.phase == Phase::ReviewDue => {
                Err(Refusal::StepNotDone(step.name.clone()))
            }
            _ => Ok(()),
        }
    }

    fn in_favour(&self) -> bool {
        let settled = self
            .case
            .escalation
            .as_ref()
            .and_then(|e| e.settled.as_ref());
        settled.is_some_and(|settlement| settlement.in_favour)
    }

    fn may_grant(&self, amount: Option<Money>, reasons: &str, notice: &Notice) -> Done {
        match self.case.phase {
            Phase::Handling => self.ripe()?,
            // A decision found wrong is revised, never rewritten.
            Phase::Refused | Phase::Stopped => {}
            phase if STANDING.contains(&phase) => self.reviewed()?,
            _ => self.in_phase(&[Phase::Handling], "给予")?,
        }
        if STANDING.contains(&self.case.phase) {
            let now = self.case.latest().and_then(|standing| standing.amount);
            if amount < now {
                return Err(Refusal::WrongAmount("比原来少，要按减少来办，先听本人说"));
            }
        }
        self.grant_follows(amount)?;
        said(reasons, "理由")?;
        said(&notice.text, "告知书的文字")?;
        if notice.kind != NoticeKind::Granted {
            return Err(Refusal::Blank("与结果相符的告知书"));
        }
        if amount.is_some_and(|amount| amount.fen() < 0) {
            return Err(Refusal::WrongAmount("金额不能小于零"));
        }
        Ok(())
    }

    /// A grant is what the judgement gives, or what a person above answered in
    /// favour of.
    fn grant_follows(&self, amount: Option<Money>) -> Done {
        let judgement = self.case.judgement.as_ref().ok_or(Refusal::NotJudged)?;
        // Which of two benefits the law gives is no question for anyone's favour.
        if let Some(why) = &judgement.gives_way {
            return Err(Refusal::GivesWay {
                says: why.says.clone(),
                basis: why.basis.clone(),
            });
        }
        match judgement.verdict {
            Truth::True if amount == judgement.amount => Ok(()),
            Truth::True => Err(Refusal::AmountDiffers),
            _ if self.in_favour() => Ok(()),
            Truth::Undetermined => Err(self.undetermined()),
            Truth::False => Err(Refusal::AgainstJudgement {
                verdict: "不符合"
            }),
        }
    }

    /// Nothing that cannot stand beside it is paid to the same people in its months.
    fn free_of_others(&self, from: Period) -> Done {
        let stands = |held: &&Held| held.until.is_none_or(|until| until > from);
        match self.config.held.iter().find(stands) {
            Some(held) => Err(Refusal::Held {
                name: held.name.clone(),
                basis: held.rule.as_ref().map(|rule| rule.basis.clone()),
            }),
            None => Ok(()),
        }
    }

    fn may_keep(&self, reasons: &str) -> Done {
        self.in_phase(&[Phase::Paying, Phase::ReviewDue], "维持不变")?;
        self.reviewed()?;
        said(reasons, "理由")?;
        if self.case.intent.is_some() {
            return Err(Refusal::IntentState("已经有一个拟作的决定，先办完它"));
        }
        let judgement = self.case.judgement.as_ref().ok_or(Refusal::NotJudged)?;
        match judgement.verdict {
            // What is not known lowers nobody.
            Truth::True | Truth::Undetermined => Ok(()),
            Truth::False if self.in_favour() => Ok(()),
            Truth::False => Err(Refusal::AgainstJudgement {
                verdict: "不符合"
            }),
        }
    }

    fn undetermined(&self) -> Refusal {
        let judgement = self.case.judgement.as_ref();
        let missing = judgement.map(|j| j.missing.iter().map(ToString::to_string));
        let missing: Vec<_> = missing.into_iter().flatten().collect();
        Refusal::Undetermined {
            missing: missing.join("、"),
        }
    }

    /// Whether an adverse decision of this kind and cause is possible now.
    pub(super) fn adverse_possible(&self, draft: &AdverseDraft) -> Done {
        let phases: &[Phase] = match draft.kind {
            AdverseKind::Refuse => &[Phase::Handling],
            AdverseKind::Terminate => &[Phase::Submitted, Phase::Returned, Phase::Handling],
            AdverseKind::Reduce | AdverseKind::Stop => &STANDING,
            AdverseKind::Recover => &[
                Phase::Granted,
                Phase::Paying,
                Phase::ReviewDue,
                Phase::PhaseOut,
                Phase::Stopped,
            ],
        };
        self.in_phase(phases, "这样决定")?;
        match draft.kind {
            AdverseKind::Refuse => {
                self.ripe()?;
                self.by_conditions(draft)
            }
            AdverseKind::Terminate => self.uncooperative(),
            AdverseKind::Reduce => self.less(draft),
            AdverseKind::Stop => self.end(draft),
            AdverseKind::Recover => match draft.amount {
                Some(amount) if amount.fen() > 0 => Ok(()),
                _ => Err(Refusal::WrongAmount("追回的金额要大于零")),
            },
        }
    }

    /// The judgement must say no, and the rules cited must be the ones that failed.
    fn by_conditions(&self, draft: &AdverseDraft) -> Done {
        self.reviewed()?;
        let judgement = self.case.judgement.as_ref().ok_or(Refusal::NotJudged)?;
        match judgement.verdict {
            Truth::Undetermined => return Err(self.undetermined()),
            Truth::True => return self.stands_beside(draft),
            Truth::False => {}
        }
        let other = |rule: &&crate::RuleReference| !judgement.failed.contains(&rule.rule);
        match draft.rules.iter().find(other) {
            Some(rule) => Err(Refusal::RuleNotFailed(rule.rule.to_string())),
            None => Ok(()),
        }
    }

    /// Who meets every condition is refused only for a benefit that stands and
    /// excludes this one, by the rule that says so.
    fn stands_beside(&self, draft: &AdverseDraft) -> Done {
        let stands = self.config.held.iter().filter(|held| held.until.is_none());
        let rules: Vec<_> = stands.filter_map(|held| held.rule.as_ref()).collect();
        if rules.is_empty() || draft.kind != AdverseKind::Refuse {
            return Err(Refusal::AgainstJudgement { verdict: "符合" });
        }
        match draft.rules.iter().find(|rule| !rules.contains(rule)) {
            Some(rule) => Err(Refusal::RuleNotFailed(rule.rule.to_string())),
            None => Ok(()),
        }
    }

    fn less(&self, draft: &AdverseDraft) -> Done {
        let now = self.case.latest().and_then(|standing| standing.amount);
        if draft.amount >= now {
            return Err(Refusal::WrongAmount("不比原来少，不是减少"));
        }
        match draft.cause {
            Cause::Conduct => Ok(()),
            Cause::Death => Err(Refusal::WrongAmount("有人去世按现在的家庭重新判断")),
            Cause::Conditions => {
                self.reviewed()?;
                let judgement = self.case.judgement.as_ref().ok_or(Refusal::NotJudged)?;
                match judgement.verdict {
                    Truth::True if judgement.amount == draft.amount => Ok(()),
                    Truth::True => Err(Refusal::AmountDiffers),
                    Truth::Undetermined => Err(self.undetermined()),
                    Truth::False => Err(Refusal::AgainstJudgement {
                        verdict: "不符合"
                    }),
                }
            }
        }
    }

    fn end(&self, draft: &AdverseDraft) -> Done {
        if draft.phase_out_months > 0 {
            let rule = self.config.flow.phase_out.as_ref();
            let rule = rule.ok_or(Refusal::NotProvided("渐退期"))?;
            if draft.phase_out_months > rule.months {
                return Err(Refusal::WrongAmount("渐退期比规定的长"));
            }
        }
        if draft
            .from
            .is_some_and(|from| from < Period::of(self.today()))
        {
            return Err(Refusal::WrongDay("停发不能从已经过去的月份开始"));
        }
        match draft.cause {
            Cause::Conditions => self.by_conditions(draft),
            Cause::Death | Cause::Conduct => Ok(()),
        }
    }

    fn uncooperative(&self) -> Done {
        let demand = self.case.demand.as_ref();
        let demand = demand.ok_or(Refusal::DemandState("还没有要求过家里配合"))?;
        if demand.done {
            return Err(Refusal::DemandState("家里已经配合了"));
        }
        match self.today() > demand.until {
            true => Ok(()),
            false => Err(Refusal::TooEarly(demand.until)),
        }
    }

    /// Builds the signed adverse decision: possible, heard if it must be, on no
    /// ground the person was not told of.
    fn adverse(&self, draft: AdverseDraft, signed: Signature) -> Result<AdverseDecision, Refusal> {
        self.adverse_possible(&draft)?;
        let wanted = self.config.flow.hears(draft.kind);
        let heard = match &self.case.intent {
            None => None,
            Some(intent) if intent.draft.kind != draft.kind => {
                return Err(Refusal::HeardOnAnother);
            }
            Some(intent) => {
                let told = |rule| intent.draft.rules.iter().any(|r| &r.rule == rule);
                if !draft.rules.iter().all(|rule| told(&rule.rule)) {
                    return Err(Refusal::HeardOnAnother);
                }
                if self.harder(&draft, &intent.draft) {
                    return Err(Refusal::HeardOnAnother);
                }
                Some(intent.heard(self.today())?)
            }
        };
        AdverseDecision::new(draft, signed, heard, wanted)
    }

    /// Whether a decision would be worse than what the person was told of.
    fn harder(&self, draft: &AdverseDraft, told: &AdverseDraft) -> bool {
        match draft.kind {
            AdverseKind::Reduce => draft.amount < told.amount || draft.from < told.from,
            AdverseKind::Recover => draft.amount > told.amount,
            AdverseKind::Stop => {
                draft.from < told.from || draft.phase_out_months < told.phase_out_months
            }
            AdverseKind::Refuse | AdverseKind::Terminate => false,
        }
    }

    fn phase_after(&self, draft: &AdverseDraft) -> Phase {
        match draft.kind {
            AdverseKind::Refuse => Phase::Refused,
            AdverseKind::Terminate => Phase::Terminated,
            AdverseKind::Stop if draft.phase_out_months > 0 => Phase::PhaseOut,
            AdverseKind::Stop => Phase::Stopped,
            AdverseKind::Reduce if self.case.phase == Phase::ReviewDue => Phase::Paying,
            AdverseKind::Reduce | AdverseKind::Recover => self.case.phase,
        }
    }
}
