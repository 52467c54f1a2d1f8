//! 「步骤」 Verification, survey, publicity, opinion, visit.

use super::{Course, Done, is_staff, said};
use crate::config::StepKind;
use crate::event::What;
use crate::handling::{Objection, ObjectionAnswer, StepStatus, SurveyReport};
use crate::model::{Phase, Visit};
use crate::refusal::Refusal;
use crate::signature::Signature;
use kernel::{Actor, PersonId, Role, Slug, VerificationId};
use std::collections::BTreeSet;

impl Course<'_> {
    /// A verification is started and finished by the officer or by the system: it
    /// gathers facts and decides nothing.
    fn verifies(&self, by: Role) -> Result<Vec<PersonId>, Refusal> {
        if self.by.role == Role::System {
            return Ok(Vec::new());
        }
        let signed = self.sign()?;
        match by == Role::System || signed.role() == by {
            true => Ok(vec![signed.person()]),
            false => Err(Refusal::WrongRole { by }),
        }
    }

    pub(super) fn start_verification(&mut self, step: Slug, verification: VerificationId) -> Done {
        let by = self.open_step(&step, StepKind::Verify)?.by;
        self.verifies(by)?;
        let state = self.case.steps.get(&step);
        if state.is_some_and(|state| state.verification.is_some()) {
            return Err(Refusal::NothingThere("次新的核对"));
        }
        self.push(What::VerificationStarted { step, verification });
        Ok(())
    }

    pub(super) fn finish_verification(
        &mut self,
        step: Slug,
        verification: VerificationId,
        says: String,
    ) -> Done {
        let by = self.open_step(&step, StepKind::Verify)?.by;
        let workers = self.verifies(by)?;
        said(&says, "核对的结果")?;
        let started = self.case.steps.get(&step).and_then(|s| s.verification);
        if started != Some(verification) {
            return Err(Refusal::NothingThere("次核对"));
        }
        self.finish(&step, workers, Some(says))
    }

    pub(super) fn survey(
        &mut self,
        id: Slug,
        (ways, found): (Vec<String>, String),
        surveyors: &[Actor],
        household: Option<PersonId>,
    ) -> Done {
        let step = self.open_step(&id, StepKind::Survey)?;
        self.sign()?;
        if ways.is_empty() || ways.iter().any(|way| way.trim().is_empty()) {
            return Err(Refusal::Blank("用什么方式调查的"));
        }
        said(&found, "看到了什么")?;
        let signatures = self.surveyors(surveyors, step.by)?;
        let people: BTreeSet<_> = signatures.iter().map(Signature::person).collect();
        if (people.len() as u64) < u64::from(step.people.max(2)) {
            return Err(Refusal::TooFewPeople {
                needed: step.people.max(2),
                present: people.len() as u32,
            });
        }
        let signed = household.is_some_and(|person| self.case.concerns(person));
        if step.household_signs && !signed {
            return Err(Refusal::HouseholdUnsigned);
        }
        let workers = people.into_iter().collect();
        let says = Some(found.clone());
        self.push(What::Surveyed(SurveyReport {
            step: id.clone(),
            ways,
            found,
            surveyors: signatures,
            household,
        }));
        self.finish(&id, workers, says)
    }

    /// Everyone who went signs, impartial, at least one in the role of the step;
    /// who records must have been there.
    fn surveyors(&self, surveyors: &[Actor], by: Role) -> Result<Vec<Signature>, Refusal> {
        let mut signatures = Vec::new();
        for surveyor in surveyors {
            let signature = Signature::of(surveyor, self.now.at)?;
            if !is_staff(surveyor) {
                return Err(Refusal::NotAPerson);
            }
            self.impartial(signature.person())?;
            signatures.push(signature);
        }
        let there = |s: &Signature| Some(s.person()) == self.by.person;
        if !signatures.iter().any(there) {
            return Err(Refusal::NotTheirs {
                act: "写调查结果"
            });
        }
        match signatures.iter().any(|s| s.role() == by) {
            true => Ok(signatures),
            false => Err(Refusal::WrongRole { by }),
        }
    }

    pub(super) fn publicise(&mut self, id: Slug, shown: Vec<(Slug, String)>) -> Done {
        let step = self.open_step(&id, StepKind::Publicity)?;
        self.sign_as(step.by)?;
        let running = self.case.steps.get(&id).is_some_and(|s| s.days.is_some());
        if running {
            return Err(Refusal::StepNotOpen(step.name.clone()));
        }
        if let Some((field, _)) = shown.iter().find(|(field, _)| !step.shows.contains(field)) {
            return Err(Refusal::NotForShow(field.to_string()));
        }
        if shown.is_empty() || shown.iter().any(|(_, text)| text.trim().is_empty()) {
            return Err(Refusal::Blank("公示的内容"));
        }
        let lasts = step.lasts.ok_or(Refusal::NotProvided("公示的天数"))?;
        // The day it is put up is not a full day.
        let today = self.today();
        let first = today.succ_opt().unwrap_or(today);
        let last = lasts.last_day(today, self.config.calendar)?;
        self.push(What::PublicityStarted {
            step: id,
            shown,
            first,
            last,
        });
        Ok(())
    }

    /// The publicity under way today.
    fn publicity(&self) -> Option<&crate::Step> {
        let flow = self.config.flow;
        let mut steps = flow.steps.iter().filter(|s| s.kind == StepKind::Publicity);
        steps.find(|step| {
            let state = self.case.steps.get(&step.id);
            let open = state.filter(|s| s.status == StepStatus::Open);
            let days = open.and_then(|s| s.days);
            days.is_some_and(|(_, last)| self.today() <= last)
        })
    }

    pub(super) fn object(&mut self, says: String) -> Done {
        self.in_phase(&[Phase::Handling], "提出异议")?;
        if self.by.person.is_none() || !self.by.role.is_human() {
            return Err(Refusal::NotAPerson);
        }
        said(&says, "有什么异议")?;
        let again = self.publicity().ok_or(Refusal::NotPublicised)?.again;
        self.push(What::Objected(Objection {
            says,
            taken_by: self.by.clone(),
            at: self.now.at,
            settled: None,
        }));
        self.reopen(&[StepKind::Survey], again)
    }

    pub(super) fn settle_objection(
        &mut self,
        objection: usize,
        upheld: bool,
        found: String,
    ) -> Done {
        self.in_phase(&[Phase::Handling], "答复异议")?;
        let signed = self.sign()?;
        said(&found, "查到了什么")?;
        let waiting = self.case.objections.get(objection);
        if waiting.is_none_or(|o| o.settled.is_some()) {
            return Err(Refusal::NothingThere("条异议"));
        }
        let flow = self.config.flow;
        let mut surveys = flow.steps.iter().filter(|s| s.kind == StepKind::Survey);
        if surveys.any(|s| self.status(&s.id) != Some(StepStatus::Done)) {
            return Err(Refusal::SurveyFirst);
        }
        let answer = ObjectionAnswer {
            upheld,
            found,
            signed,
        };
        self.push(What::ObjectionSettled { objection, answer });
        Ok(())
    }

    pub(super) fn end_publicity(&mut self, id: Slug) -> Done {
        let step = self.open_step(&id, StepKind::Publicity)?;
        // Only the calendar ends it; who notices does not matter.
        let workers = match self.by.role {
            Role::System => Vec::new(),
            _ => vec![self.sign_as(step.by)?.person()],
        };
        let days = self.case.steps.get(&id).and_then(|state| state.days);
        let (_, last) = days.ok_or(Refusal::NotPublicised)?;
        if self.today() <= last {
            let days = step.lasts.map_or(0, |lasts| lasts.count());
            return Err(Refusal::PublicityOpen { last, days });
        }
        self.finish(&id, workers, None)
    }

    pub(super) fn review(&mut self, id: Slug, says: String) -> Done {
        let step = self.open_step(&id, StepKind::Review)?;
        let signed = self.sign_as(step.by)?;
        self.other_hands(step, signed.person())?;
        said(&says, "审核意见")?;
        self.finish(&id, vec![signed.person()], Some(says))
    }

    pub(super) fn visit(&mut self, found: String) -> Done {
        self.in_phase(&[Phase::Handling, Phase::ReviewDue], "入户")?;
        let decide = self.step_of(StepKind::Decide, "审核确认")?;
        let signed = self.sign_as(decide.by)?;
        said(&found, "看到了什么")?;
        self.push(What::Visited(Visit { signed, found }));
        Ok(())
    }

    /// Refuses a signer who did one of the steps that must be another's.
    pub(super) fn other_hands(&self, step: &crate::Step, person: PersonId) -> Done {
        for id in &step.not_same_as {
            let state = self.case.steps.get(id);
            if state.is_some_and(|state| state.workers.contains(&person)) {
                let name = self.config.flow.step(id).map(|s| s.name.clone());
                let step = name.unwrap_or_else(|| id.to_string());
                return Err(Refusal::SamePerson { step });
            }
        }
        Ok(())
    }
}
