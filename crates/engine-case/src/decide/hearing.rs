//! 「判断与听取」 The judgement on the file, escalation, the hearing.

use super::{Course, Done, is_staff, said};
use crate::DeadlineFor;
use crate::config::StepKind;
use crate::decision::AdverseDraft;
use crate::event::What;
use crate::hearing::{Answered, Finished, Point, Served};
use crate::model::{Escalation, Judgement, Phase, Settlement};
use crate::refusal::Refusal;
use crate::signature::Signature;
use crate::span::Span;
use kernel::{Date, Role, Truth};

impl Course<'_> {
    pub(super) fn judge(&mut self, judgement: Judgement) -> Done {
        let phases = [
            Phase::Handling,
            Phase::Refused,
            Phase::Granted,
            Phase::Paying,
            Phase::ReviewDue,
            Phase::PhaseOut,
            Phase::Stopped,
        ];
        self.in_phase(&phases, "判断")?;
        if self.by.role != Role::System && !is_staff(&self.by) {
            return Err(Refusal::NotTheirs {
                act: "看判断结果"
            });
        }
        said(&judgement.certificate, "判断的凭据")?;
        // A verdict that cannot say why is no verdict.
        match judgement.verdict {
            Truth::False if judgement.failed.is_empty() => Err(Refusal::Blank("哪一条不符合")),
            Truth::Undetermined if judgement.missing.is_empty() => {
                Err(Refusal::Blank("缺哪些事实"))
            }
            _ => {
                self.push(What::Judged(judgement));
                Ok(())
            }
        }
    }

    pub(super) fn escalate(&mut self, question: String, to: Role) -> Done {
        let phases = [Phase::Handling, Phase::ReviewDue, Phase::Paying];
        self.in_phase(&phases, "请示")?;
        let asked = self.sign()?;
        said(&question, "要请示什么")?;
        let judgement = self.case.judgement.as_ref().ok_or(Refusal::NotJudged)?;
        if judgement.verdict == Truth::True {
            return Err(Refusal::EscalationState("判断的结果是符合，不用请示"));
        }
        if self.case.escalation.is_some() {
            return Err(Refusal::EscalationState("已经请示过了"));
        }
        if !to.is_human() || matches!(to, Role::Citizen | Role::Agent) {
            return Err(Refusal::NotAPerson);
        }
        self.push(What::Escalated(Escalation {
            question,
            to,
            asked,
            settled: None,
        }));
        self.set_deadline(DeadlineFor::Escalation, self.config.flow.escalation, None)
    }

    pub(super) fn settle_escalation(&mut self, in_favour: bool, reasons: String) -> Done {
        let open = self
            .case
            .escalation
            .as_ref()
            .filter(|e| e.settled.is_none());
        let open = open.ok_or(Refusal::EscalationState("没有在等答复的请示"))?;
        let signed = self.sign_as(open.to)?;
        if signed.person() == open.asked.person() {
            return Err(Refusal::SamePerson {
                step: "请示".to_owned(),
            });
        }
        said(&reasons, "答复的理由")?;
        self.push(What::EscalationSettled(Settlement {
            in_favour,
            reasons,
            signed,
        }));
        self.settle_deadline(DeadlineFor::Escalation);
        Ok(())
    }

    /// Signs in the role that decides.
    fn decider(&self) -> Result<Signature, Refusal> {
        let decide = self.step_of(StepKind::Decide, "审核确认")?;
        self.sign_as(decide.by)
    }

    pub(super) fn intend(&mut self, draft: AdverseDraft) -> Done {
        if self.case.intent.is_some() {
            return Err(Refusal::IntentState("已经有一个拟作的决定，先办完它"));
        }
        let signed = self.decider()?;
        self.adverse_possible(&draft)?;
        let missing = draft.missing();
        if !missing.is_empty() {
            return Err(Refusal::AdverseIncomplete {
                missing: missing.join("、"),
            });
        }
        self.push(What::Intended { draft, signed });
        Ok(())
    }

    pub(super) fn drop_intent(&mut self, reasons: String) -> Done {
        if self.case.intent.is_none() {
            return Err(Refusal::IntentState("没有拟作的决定"));
        }
        self.decider()?;
        said(&reasons, "为什么不这样决定了")?;
        self.push(What::IntentDropped { reasons });
        self.settle_deadline(DeadlineFor::Hearing);
        Ok(())
    }

    pub(super) fn serve_intent(&mut self, on: Date, how: String) -> Done {
        let intent = self.case.intent.as_ref();
        let intent = intent.ok_or(Refusal::IntentState("没有拟作的决定"))?;
        if intent.served.is_some() {
            return Err(Refusal::IntentState("已经送达过了"));
        }
        if !is_staff(&self.by) && self.by.role != Role::System {
            return Err(Refusal::NotTheirs {
                act: "登记送达"
            });
        }
        let intended_on = kernel::Now {
            at: intent.signed.at(),
        };
        if on > self.today() || on < intended_on.today() {
            return Err(Refusal::WrongDay("送达日要在写好之后、今天或以前"));
        }
        said(&how, "怎样送达的")?;
        let period = self.config.flow.hearing.period;
        let until = period.last_day(on, self.config.calendar)?;
        self.push(What::IntentServed(Served { on, until, how }));
        self.push(What::DeadlineSet(crate::Deadline {
            of: DeadlineFor::Hearing,
            from: on,
            due: until,
            met: None,
            basis: Some(self.config.flow.hearing.basis.clone()),
        }));
        Ok(())
    }

    fn may_still_speak(&self) -> Done {
        let intent = self.case.intent.as_ref();
        let intent = intent.ok_or(Refusal::IntentState("没有拟作的决定"))?;
        match intent.open_on(self.today()) {
            true => Ok(()),
            false => Err(Refusal::IntentState("听取陈述申辩已经结束")),
        }
    }

    pub(super) fn speak(&mut self, said_points: Vec<String>, finished: bool) -> Done {
        self.may_still_speak()?;
        self.household_or_officer("陈述申辩")?;
        if said_points.is_empty() || said_points.iter().any(|p| p.trim().is_empty()) {
            return Err(Refusal::Blank("说了什么"));
        }
        // An officer writes down what is said but cannot declare it finished: the
        // period is the person's.
        if finished && !self.is_household() {
            return Err(Refusal::NotTheirs {
                act: "说已经说完"
            });
        }
        let point = |said| Point {
            said,
            by: self.by.clone(),
            at: self.now.at,
            answer: None,
        };
        let points = said_points.into_iter().map(point).collect();
        let finished = finished.then_some(Finished::Said);
        self.push(What::Spoken { points, finished });
        if finished.is_some() {
            self.settle_deadline(DeadlineFor::Hearing);
        }
        Ok(())
    }

    pub(super) fn waive(&mut self) -> Done {
        self.may_still_speak()?;
        if !self.is_household() {
            return Err(Refusal::NotTheirs {
                act: "放弃陈述申辩",
            });
        }
        let served = self.case.intent.as_ref().and_then(|i| i.served.as_ref());
        if served.is_none() {
            return Err(Refusal::IntentNotServed);
        }
        self.push(What::Spoken {
            points: Vec::new(),
            finished: Some(Finished::Waived),
        });
        self.settle_deadline(DeadlineFor::Hearing);
        Ok(())
    }

    pub(super) fn answer_point(&mut self, point: usize, text: String, accepted: bool) -> Done {
        let intent = self.case.intent.as_ref();
        let intent = intent.ok_or(Refusal::IntentState("没有拟作的决定"))?;
        let signed = self.sign()?;
        said(&text, "怎样答复")?;
        let waiting = intent.points.get(point).filter(|p| p.answer.is_none());
        waiting.ok_or(Refusal::NothingThere("点陈述"))?;
        let answer = Answered {
            text,
            accepted,
            signed,
        };
        self.push(What::PointAnswered { point, answer });
        Ok(())
    }

    /// The span until the next review, by the flow.
    pub(super) fn review_span(&self, sooner: bool) -> Option<Span> {
        let review = self.config.flow.review.as_ref()?;
        match sooner {
            true => review.otherwise.or(Some(review.every)),
            false => Some(review.every),
        }
    }
}
