//! 「申请」 From the first word to acceptance; correction, withdrawal, cooperation.

use super::{Course, Done, is_staff, said};
use crate::config::{ConsentBy, StepKind};
use crate::event::What;
use crate::form::{Answer, Consent, MissingPaper, Paper};
use crate::model::{Conflict, Demand, Opened, Phase, Pinned};
use crate::refusal::Refusal;
use crate::span::Span;
use crate::{DeadlineFor, Signature};
use kernel::{PersonId, Role};

impl Course<'_> {
    pub(super) fn open(&mut self, opened: Opened) -> Done {
        self.in_phase(&[Phase::New], "建立")?;
        if opened.service != self.config.flow.service {
            return Err(Refusal::AnotherService);
        }
        if opened.members.is_empty() {
            return Err(Refusal::Blank("家里有哪些人"));
        }
        let theirs = match (self.by.role, self.by.person) {
            (Role::Citizen, Some(person)) => {
                let member = opened.members.iter().any(|m| m.person == person);
                opened.applicant == person || member
            }
            (Role::Agent, Some(_)) => true,
            // 免申即享: the system may prepare what nobody needs to apply for.
            (Role::System, _) => !self.config.flow.needs_application,
            _ => is_staff(&self.by),
        };
        if !theirs {
            return Err(Refusal::NotTheirs {
                act: "建立申请"
            });
        }
        self.push(What::Opened(opened));
        Ok(())
    }

    pub(super) fn fill(&mut self, answers: Vec<Answer>, papers: Vec<Paper>) -> Done {
        self.in_phase(&[Phase::Draft, Phase::Returned], "填写")?;
        if !self.prepares() {
            self.household_or_officer("填写")?;
        }
        self.push(What::Filled { answers, papers });
        Ok(())
    }

    /// The system itself, in a service nobody needs to apply for.
    fn prepares(&self) -> bool {
        self.by.role == Role::System && !self.config.flow.needs_application
    }

    pub(super) fn submit(&mut self, pack: String, version: String, consents: Vec<Consent>) -> Done {
        self.in_phase(&[Phase::Draft, Phase::Returned], "提交")?;
        if !self.prepares() {
            self.household_or_officer("提交")?;
        }
        said(&pack, "规则版本")?;
        said(&version, "服务版本")?;
        self.consented(&consents)?;
        let on = self.today();
        // Handed in again after the one-time notice, it stays under the law it began with.
        let pinned = self.case.pinned.clone();
        let pinned = pinned.unwrap_or(Pinned { pack, version, on });
        self.push(What::Submitted { pinned, consents });
        self.enter(Phase::Submitted);
        let accept = self.config.flow.step_of(StepKind::Accept);
        accept.map_or(Ok(()), |accept| self.begin(accept))
    }

    fn consented(&self, new: &[Consent]) -> Done {
        let Some(opened) = &self.case.opened else {
            return Ok(());
        };
        let mut missing = Vec::new();
        for rule in &self.config.flow.consents {
            let given = |person: PersonId| {
                let all = self.case.consents.iter().chain(new);
                let mut all = all.filter(|c| c.consent == rule.id);
                all.any(|c| c.person == person)
            };
            let absent = match rule.who {
                ConsentBy::Applicant => usize::from(!given(opened.applicant)),
                ConsentBy::EveryAdult => {
                    let adults = opened.members.iter().filter(|m| m.adult);
                    adults.filter(|m| !given(m.person)).count()
                }
            };
            missing.extend(std::iter::repeat_n(rule.id.as_str(), absent));
        }
        let count = missing.len();
        missing.dedup();
        match count {
            0 => Ok(()),
            count => Err(Refusal::ConsentMissing {
                count,
                consents: missing.join("、"),
            }),
        }
    }

    fn accepts(&self) -> Result<Signature, Refusal> {
        let accept = self.step_of(StepKind::Accept, "受理")?;
        match self.config.flow.also_opens(self.by.role) {
            true => self.sign(),
            false => self.sign_as(accept.by),
        }
    }

    pub(super) fn send_back(&mut self, missing: Vec<MissingPaper>) -> Done {
        self.in_phase(&[Phase::Submitted], "要求补材料")?;
        self.accepts()?;
        if missing.is_empty() {
            return Err(Refusal::Blank("缺哪些材料"));
        }
        if let Some(notice) = &self.case.one_time_notice {
            let old = |paper: &MissingPaper| notice.iter().any(|n| n.kind == paper.kind);
            let new: Vec<_> = missing.iter().filter(|p| !old(p)).collect();
            if !new.is_empty() {
                let names: Vec<_> = new.iter().map(|p| p.name.as_str()).collect();
                return Err(Refusal::NoticeGiven(names.join("、")));
            }
        }
        self.push(What::Returned { missing });
        let accept = self.step_of(StepKind::Accept, "受理")?.id.clone();
        self.put_back(&accept);
        self.enter(Phase::Returned);
        Ok(())
    }

    pub(super) fn accept(&mut self, tolerate: Option<String>) -> Done {
        self.in_phase(&[Phase::Submitted], "受理")?;
        let signed = self.accepts()?;
        let notice = self.case.one_time_notice.iter().flatten();
        let lacking = notice.filter(|n| !self.case.papers.iter().any(|p| p.kind == n.kind));
        let lacking: Vec<_> = lacking.map(|n| n.name.clone()).collect();
        match &tolerate {
            None if !lacking.is_empty() => {
                return Err(Refusal::PapersMissing(lacking.join("、")));
            }
            Some(reason) => said(reason, "缺材料先受理的理由")?,
            None => {}
        }
        let accept = self.step_of(StepKind::Accept, "受理")?.id.clone();
        self.push(What::Accepted {
            tolerated: tolerate,
        });
        self.enter(Phase::Handling);
        if let Some(total) = self.config.flow.total {
            self.set_deadline(DeadlineFor::Total, total, None)?;
        }
        self.finish(&accept, vec![signed.person()], None)
    }

    pub(super) fn register_conflict(&mut self, conflict: Conflict) -> Done {
        let running = [
            Phase::Draft,
            Phase::Submitted,
            Phase::Returned,
            Phase::Handling,
            Phase::Granted,
            Phase::Paying,
            Phase::ReviewDue,
        ];
        self.in_phase(&running, "做近亲属备案")?;
        // The official himself may and should declare it.
        if !is_staff(&self.by) {
            return Err(Refusal::NotAPerson);
        }
        said(&conflict.relation, "是什么亲属关系")?;
        if !self.case.concerns(conflict.relative_of) {
            return Err(Refusal::NothingThere("位家庭成员"));
        }
        self.push(What::ConflictRegistered(conflict));
        Ok(())
    }

    pub(super) fn correct(&mut self, answers: Vec<Answer>) -> Done {
        self.in_phase(&[Phase::Submitted, Phase::Handling], "更正")?;
        self.household_or_officer("更正")?;
        if answers.is_empty() {
            return Err(Refusal::Blank("更正了什么"));
        }
        self.push(What::Corrected { answers });
        if self.case.phase == Phase::Handling {
            // What was verified is no longer what is said.
            self.reopen(&[StepKind::Verify], false)?;
        }
        Ok(())
    }

    pub(super) fn establish(&mut self, answers: Vec<Answer>) -> Done {
        let phases = [
            Phase::Handling,
            Phase::Refused,
            Phase::Granted,
            Phase::Paying,
            Phase::ReviewDue,
            Phase::PhaseOut,
            Phase::Stopped,
        ];
        self.in_phase(&phases, "补充事实")?;
        self.sign()?;
        if answers.is_empty() {
            return Err(Refusal::Blank("弄清了什么"));
        }
        self.push(What::Corrected { answers });
        Ok(())
    }

    pub(super) fn prolong(&mut self, reasons: String) -> Done {
        self.in_phase(&[Phase::Handling], "延长")?;
        self.sign()?;
        said(&reasons, "延长的理由")?;
        let special = self.config.flow.special;
        let special = special.ok_or(Refusal::NotProvided("特殊情况的期限"))?;
        let total = self.case.deadline(&DeadlineFor::Total);
        let total = total.ok_or(Refusal::NotProvided("总期限"))?;
        if self.case.prolonged {
            return Err(Refusal::NothingThere("次延长"));
        }
        let due = special.last_day(total.from, self.config.calendar)?;
        if due <= total.due {
            return Err(Refusal::WrongDay("延长后的期限要比原来的晚"));
        }
        self.push(What::Prolonged { reasons });
        let of = DeadlineFor::Total;
        self.push(What::DeadlineMoved { of, due });
        Ok(())
    }

    pub(super) fn withdraw(&mut self) -> Done {
        let before = [
            Phase::Draft,
            Phase::Submitted,
            Phase::Returned,
            Phase::Handling,
        ];
        self.in_phase(&before, "撤回")?;
        self.asker_or_officer("撤回")?;
        self.enter(Phase::Withdrawn);
        Ok(())
    }

    pub(super) fn demand(&mut self, asks: String, within: Span) -> Done {
        let running = [
            Phase::Submitted,
            Phase::Returned,
            Phase::Handling,
            Phase::Paying,
            Phase::ReviewDue,
        ];
        self.in_phase(&running, "要求配合")?;
        let signed = self.sign()?;
        said(&asks, "要家里做什么")?;
        let open = self.case.demand.as_ref().is_some_and(|d| !d.done);
        if open {
            return Err(Refusal::DemandState("已经要求过了，还在等"));
        }
        let until = within.last_day(self.today(), self.config.calendar)?;
        self.push(What::Demanded(Demand {
            asks,
            signed,
            until,
            done: false,
        }));
        self.set_deadline(DeadlineFor::Demand, within, None)
    }

    pub(super) fn meet_demand(&mut self) -> Done {
        let open = self.case.demand.as_ref().is_some_and(|d| !d.done);
        if !open {
            return Err(Refusal::DemandState("没有在等家里配合的事"));
        }
        self.household_or_officer("说明已配合")?;
        self.push(What::DemandMet);
        self.settle_deadline(DeadlineFor::Demand);
        Ok(())
    }
}
