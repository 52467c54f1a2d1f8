//! 「联办」 Parts of a joint case go to their departments at once and answer each in
//! its own time.

use super::{Course, Done, is_staff};
use crate::config::{Step, StepKind};
use crate::event::What;
use crate::handling::{Combined, PartAnswer, PartResult};
use crate::model::{Case, Phase};
use crate::refusal::Refusal;
use crate::{Deadline, DeadlineFor};
use kernel::{CaseId, Role, Slug};

impl Course<'_> {
    pub(super) fn send_parts(&mut self, step: &Step) -> Done {
        let on = self.today();
        for part in &step.parts {
            self.push(What::PartSent {
                part: part.id.clone(),
                department: part.department.clone(),
                on,
            });
            if let Some(within) = part.within {
                let due = within.last_day(on, self.config.calendar)?;
                self.push(What::DeadlineSet(Deadline {
                    of: DeadlineFor::Part(part.id.clone()),
                    from: on,
                    due,
                    met: None,
                    basis: part.basis.clone(),
                }));
            }
        }
        Ok(())
    }

    pub(super) fn link_part(&mut self, part: Slug, case: CaseId) -> Done {
        self.in_phase(&[Phase::Handling], "关联")?;
        if self.by.role != Role::System && !is_staff(&self.by) {
            return Err(Refusal::NotTheirs {
                act: "关联办件"
            });
        }
        let state = self.case.parts.get(&part);
        let free = state.is_some_and(|s| s.case.is_none() && s.answer.is_none());
        if !free {
            return Err(Refusal::NothingThere("个联办事项"));
        }
        self.push(What::PartLinked { part, case });
        Ok(())
    }

    pub(super) fn answer_part(&mut self, part: Slug, answer: PartAnswer) -> Done {
        self.in_phase(&[Phase::Handling], "答复联办")?;
        let state = self.case.parts.get(&part);
        let state = state.filter(|state| state.answer.is_none());
        let state = state.ok_or(Refusal::NothingThere("个联办事项"))?;
        match self.by.role {
            // Carries the decision a person signed in our own case.
            Role::System if state.case.is_some() => {}
            // Nobody answers past a case of our own: what goes before a refusal is there.
            _ if state.case.is_some() => {
                return Err(Refusal::NotTheirs {
                    act: "越过它自己的办件答复",
                });
            }
            Role::DepartmentMachine => {}
            _ => {
                self.sign()?;
            }
        }
        let missing = answer.missing();
        if !missing.is_empty() {
            return Err(Refusal::AnswerIncomplete(missing.join("、")));
        }
        let at = self.now.at;
        let answer = PartAnswer { at, ..answer };
        let of = DeadlineFor::Part(part.clone());
        self.push(What::PartAnswered { part, answer });
        self.settle_deadline(of);
        self.combine()
    }

    /// Finishes joint steps whose parts are all answered; a flow with no decision
    /// of its own is then complete.
    fn combine(&mut self) -> Done {
        let flow = self.config.flow;
        for step in flow.steps.iter().filter(|s| s.kind == StepKind::Joint) {
            let answered = |id: &Slug| {
                let part = self.case.parts.get(id);
                part.is_some_and(|part| part.answer.is_some())
            };
            let all = step.parts.iter().all(|part| answered(&part.id));
            let open = self.status(&step.id) == Some(crate::StepStatus::Open);
            if all && open {
                self.finish(&step.id, Vec::new(), None)?;
            }
        }
        let done = |step: &Step| self.status(&step.id) == Some(crate::StepStatus::Done);
        let decides = flow.step_of(StepKind::Decide).is_some();
        if !decides && flow.steps.iter().all(done) {
            let combined = self.case.combined();
            self.push(What::Combined(combined));
            self.enter(Phase::Completed);
        }
        Ok(())
    }
}

impl Case {
    /// 联办结果 What the departments answered so far.
    pub fn combined(&self) -> Combined {
        let mut combined = Combined::default();
        for (id, part) in &self.parts {
            let list = match part.answer.as_ref().map(|answer| answer.result) {
                Some(PartResult::Granted) => &mut combined.granted,
                Some(PartResult::Refused) => &mut combined.refused,
                Some(PartResult::NotApplicable) => &mut combined.not_applicable,
                None => &mut combined.open,
            };
            list.push(id.clone());
        }
        combined
    }
}
