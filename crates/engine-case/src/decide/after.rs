//! 「决定之后」 Serving, paying, review, phase-out, giving up, appeal.

use super::deciding::STANDING;
use super::{Course, Done, is_staff, said};
use crate::DeadlineFor;
use crate::appeal::{Appeal, AppealEnd, AppealResult, AppealWay};
use crate::config::StepKind;
use crate::decision::{AdverseKind, Decision, Outcome};
use crate::event::What;
use crate::handling::StepStatus;
use crate::model::Phase;
use crate::refusal::Refusal;
use kernel::{Date, DecisionId, Now, Period, Role};

impl Course<'_> {
    fn decision(&self, id: DecisionId) -> Result<&Decision, Refusal> {
        let found = self.case.decisions.iter().find(|d| d.id == id);
        found.ok_or(Refusal::NothingThere("个决定"))
    }

    /// The system or an officer: things that only follow the calendar or the books.
    fn clerk(&self, act: &'static str) -> Done {
        match self.by.role == Role::System || is_staff(&self.by) {
            true => Ok(()),
            false => Err(Refusal::NotTheirs { act }),
        }
    }

    pub(super) fn serve_decision(&mut self, id: DecisionId, on: Date) -> Done {
        let decision = self.decision(id)?;
        self.clerk("登记送达")?;
        if decision.served.is_some() {
            return Err(Refusal::NothingThere("次送达"));
        }
        let made = Now {
            at: decision.signed.at(),
        };
        if on > self.today() || on < made.today() {
            return Err(Refusal::WrongDay("送达日要在决定之后、今天或以前"));
        }
        self.push(What::DecisionServed { decision: id, on });
        self.settle_deadline(DeadlineFor::Service(id));
        Ok(())
    }

    pub(super) fn start_paying(&mut self) -> Done {
        self.in_phase(&[Phase::Granted], "开始发放")?;
        self.clerk("开始发放")?;
        self.enter(Phase::Paying);
        let pay = self.config.flow.step_of(StepKind::Pay);
        match pay.filter(|step| self.status(&step.id) == Some(StepStatus::Open)) {
            Some(step) => self.finish(&step.id, self.by.person.into_iter().collect(), None),
            None => Ok(()),
        }
    }

    /// A review falls due: verification and survey open again.
    pub(super) fn fall_due(&mut self) -> Done {
        self.in_phase(&[Phase::Paying], "到期复核")?;
        self.clerk("到期复核")?;
        let due = self.case.review_on();
        let due = due.ok_or(Refusal::NotProvided("复核"))?;
        if self.today() < due {
            return Err(Refusal::TooEarly(due));
        }
        self.enter(Phase::ReviewDue);
        self.reopen(&[StepKind::Verify, StepKind::Survey], false)
    }

    /// Somebody calls for a review before its day: verification and survey open again,
    /// and what is paid is paid on.
    pub(super) fn call_review(&mut self, reasons: String) -> Done {
        self.in_phase(&[Phase::Paying], "请求复核")?;
        let signed = self.sign()?;
        said(&reasons, "为什么要复核")?;
        if self.case.intent.is_some() {
            return Err(Refusal::IntentState("已经有一个拟作的决定，先办完它"));
        }
        self.push(What::ReviewCalled { reasons, signed });
        self.enter(Phase::ReviewDue);
        self.reopen(&[StepKind::Verify, StepKind::Survey], false)
    }

    /// The months of phase-out named in the signed decision are over.
    pub(super) fn end_phase_out(&mut self) -> Done {
        self.in_phase(&[Phase::PhaseOut], "结束渐退期")?;
        self.clerk("结束渐退期")?;
        let until = self.case.latest().and_then(|standing| standing.until);
        let until = until.ok_or(Refusal::NotProvided("渐退期"))?;
        if self.today() < until.first_day() {
            return Err(Refusal::TooEarly(until.first_day()));
        }
        self.enter(Phase::Stopped);
        Ok(())
    }

    pub(super) fn give_up(&mut self, from: Period) -> Done {
        self.in_phase(&STANDING, "放弃")?;
        self.asker_or_officer("放弃")?;
        self.ends_of_itself(from, "本人主动放弃", What::GivenUp { from })
    }

    /// Nothing is lost by it: what takes its place was granted in the same breath, by
    /// the same signer, so nobody has to be heard first.
    pub(super) fn give_way(&mut self, to: String, from: Period, basis: String) -> Done {
        self.in_phase(&STANDING, "让位")?;
        let signed = self.sign()?;
        said(&to, "换成哪一项")?;
        said(&basis, "依据")?;
        let gave_way = What::GaveWay {
            to,
            from,
            basis,
            signed,
        };
        self.ends_of_itself(from, "换成了另一项", gave_way)
    }

    fn ends_of_itself(&mut self, from: Period, why: &str, what: What) -> Done {
        if from <= Period::of(self.today()) {
            return Err(Refusal::WrongDay("最早从下个月开始"));
        }
        self.push(what);
        if self.case.intent.is_some() {
            let reasons = why.to_owned();
            self.push(What::IntentDropped { reasons });
        }
        self.enter(Phase::Stopped);
        Ok(())
    }

    pub(super) fn appeal(&mut self, id: DecisionId, way: AppealWay, filed_on: Date) -> Done {
        let decision = self.decision(id)?;
        self.household_or_officer("申请复议或起诉")?;
        if decision.revoked {
            return Err(Refusal::NothingThere("个决定"));
        }
        let made = Now {
            at: decision.signed.at(),
        };
        if filed_on > self.today() || filed_on < made.today() {
            return Err(Refusal::WrongDay("提出的日子要在决定之后、今天或以前"));
        }
        let rule = &self.config.flow.appeal;
        let open = self.case.appeals.iter().filter(|a| a.ended.is_none());
        if open.clone().any(|a| a.decision == id && a.way == way) {
            return Err(Refusal::NothingThere("次新的复议或诉讼"));
        }
        let span = match way {
            AppealWay::Reconsideration => rule.reconsideration,
            AppealWay::Litigation => rule.litigation,
        };
        let last = decision
            .served
            .map(|served| span.last_day(served, self.config.calendar))
            .transpose()?;
        let pauses = rule.pauses_stop && takes_away(decision) && !decision.paused;
        let appeal = Appeal {
            decision: id,
            way,
            filed_on,
            late: last.is_some_and(|last| filed_on > last),
            paused: pauses,
            by: self.by.clone(),
            at: self.now.at,
            ended: None,
        };
        self.push(What::Appealed(appeal));
        if pauses {
            self.push(What::EffectPaused { decision: id });
            self.stand();
        }
        Ok(())
    }

    pub(super) fn end_appeal(&mut self, appeal: usize, end: AppealEnd) -> Done {
        let filed = self.case.appeals.get(appeal);
        let filed = filed.filter(|appeal| appeal.ended.is_none());
        let id = filed.ok_or(Refusal::NothingThere("次复议或诉讼"))?.decision;
        self.sign()?;
        said(&end.document_no, "文书编号")?;
        said(&end.says, "结果的内容")?;
        let result = end.result;
        self.push(What::AppealEnded { appeal, end });
        if self.decision(id)?.revoked {
            return Ok(());
        }
        let still = self.case.appeals.iter();
        let still = still.filter(|a| a.decision == id && a.ended.is_none());
        let last = still.count() == 0;
        match result {
            AppealResult::Revoked => {
                self.push(What::Revoked { decision: id });
                self.revoked(id)?;
            }
            AppealResult::Upheld | AppealResult::Withdrawn => {
                if self.decision(id)?.paused && last {
                    self.push(What::EffectResumed { decision: id });
                }
            }
        }
        self.stand();
        Ok(())
    }

    /// A revoked first decision must be made again: its step opens once more.
    fn revoked(&mut self, id: DecisionId) -> Done {
        let first = matches!(self.case.phase, Phase::Refused | Phase::Terminated);
        let latest = self.case.decisions.last().is_some_and(|d| d.id == id);
        if first && latest {
            self.enter(Phase::Handling);
            let decide = self.step_of(StepKind::Decide, "审核确认")?.clone();
            if self.status(&decide.id) == Some(StepStatus::Done) {
                self.begin(&decide)?;
            }
        }
        Ok(())
    }

    /// Puts the phase in line with what is granted after a pause, a resumption or
    /// a revocation. Only for cases that were granted once.
    fn stand(&mut self) {
        let standing = [Phase::Granted, Phase::Paying, Phase::ReviewDue];
        let granted = |d: &Decision| matches!(d.outcome, Outcome::Granted(_)) && !d.revoked;
        if !self.case.decisions.iter().any(granted) {
            return;
        }
        let stop = self.case.decisions.iter().rev().find(|d| {
            let adverse = d.adverse().map(|a| a.draft().kind);
            adverse == Some(AdverseKind::Stop) && !d.revoked && !d.paused
        });
        let later_grant = stop.is_some_and(|stop| {
            let after = self.case.decisions.iter().skip_while(|d| d.id != stop.id);
            after.skip(1).any(granted)
        });
        let phase_out = stop.and_then(Decision::adverse).map(|a| a.draft());
        let phase_out = phase_out.is_some_and(|d| d.phase_out_months > 0);
        let over = self.case.latest().and_then(|s| s.until);
        let over = over.is_none_or(|until| self.today() >= until.first_day());
        let next = match stop {
            _ if self.case.given_up.is_some() => Phase::Stopped,
            Some(_) if !later_grant && phase_out && !over => Phase::PhaseOut,
            Some(_) if !later_grant => Phase::Stopped,
            _ if standing.contains(&self.case.phase) => self.case.phase,
            _ => Phase::Paying,
        };
        self.enter(next);
    }
}

/// Whether a decision takes away what someone had, so that an appeal can hold it up.
fn takes_away(decision: &Decision) -> bool {
    let kind = decision.adverse().map(|adverse| adverse.draft().kind);
    matches!(
        kind,
        Some(AdverseKind::Stop | AdverseKind::Reduce | AdverseKind::Recover)
    )
}
