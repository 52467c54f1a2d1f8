//! 「归并」 Folds an event into the case. Total: an event that does not fit changes
//! nothing, because events were decided before they were written.

use crate::event::{Event, What};
use crate::form::merge;
use crate::handling::{PartState, StepState, StepStatus};
use crate::hearing::Intent;
use crate::model::Case;
use crate::{Deadline, DeadlineFor, Phase};
use kernel::{Date, DecisionId, Slug};

impl Case {
    /// Folds one event.
    pub fn apply(&mut self, event: &Event) {
        match &event.what {
            What::Opened(opened) => {
                self.opened = Some(opened.clone());
                self.phase = Phase::Draft;
            }
            What::Filled { answers, papers } => {
                merge(&mut self.answers, answers);
                self.papers.extend(papers.iter().cloned());
            }
            What::Submitted { pinned, consents } => {
                self.pinned = Some(pinned.clone());
                self.consents.extend(consents.iter().cloned());
            }
            What::Returned { missing } => {
                self.one_time_notice.get_or_insert_with(|| missing.clone());
            }
            What::ConflictRegistered(conflict) => self.conflicts.push(conflict.clone()),
            What::Corrected { answers } => {
                merge(&mut self.answers, answers);
                self.form_revision += 1;
                self.judgement = None;
            }
            What::Prolonged { .. } => self.prolonged = true,
            What::Visited(visit) => self.visits.push(visit.clone()),
            What::PhaseChanged { phase } => self.phase = *phase,
            What::GivenUp { from } | What::GaveWay { from, .. } => self.given_up = Some(*from),
            What::Demanded(demand) => self.demand = Some(demand.clone()),
            What::DemandMet => {
                if let Some(demand) = &mut self.demand {
                    demand.done = true;
                }
            }
            What::Accepted { .. } | What::Combined(_) | What::ReviewCalled { .. } => {}
            What::DeadlineSet(_) | What::DeadlineMoved { .. } | What::DeadlineMet { .. } => {
                self.apply_deadline(&event.what);
            }
            What::StepOpened { .. }
            | What::StepPutBack { .. }
            | What::StepDone { .. }
            | What::VerificationStarted { .. }
            | What::Surveyed(_)
            | What::PublicityStarted { .. }
            | What::Objected(_)
            | What::ObjectionSettled { .. }
            | What::PartSent { .. }
            | What::PartLinked { .. }
            | What::PartAnswered { .. } => self.apply_step(&event.what),
            What::Judged(_)
            | What::Escalated(_)
            | What::EscalationSettled(_)
            | What::Intended { .. }
            | What::IntentDropped { .. }
            | What::IntentServed(_)
            | What::Spoken { .. }
            | What::PointAnswered { .. } => self.apply_hearing(&event.what),
            What::Decided(_)
            | What::DecisionServed { .. }
            | What::Appealed(_)
            | What::EffectPaused { .. }
            | What::EffectResumed { .. }
            | What::AppealEnded { .. }
            | What::Revoked { .. } => self.apply_decision(&event.what),
        }
    }

    fn apply_deadline(&mut self, what: &What) {
        match what {
            What::DeadlineSet(deadline) => self.deadlines.push(deadline.clone()),
            What::DeadlineMoved { of, due } => {
                if let Some(deadline) = self.running(of) {
                    deadline.due = *due;
                }
            }
            What::DeadlineMet { of, on } => {
                if let Some(deadline) = self.running(of) {
                    deadline.met = Some(*on);
                }
            }
            _ => {}
        }
    }

    fn running(&mut self, of: &DeadlineFor) -> Option<&mut Deadline> {
        let mut latest = self.deadlines.iter_mut().rev();
        latest.find(|deadline| &deadline.of == of && deadline.met.is_none())
    }

    fn apply_step(&mut self, what: &What) {
        match what {
            What::StepOpened { step, round, on } => self.open_step(step, *round, *on),
            What::StepPutBack { step } => {
                if let Some(state) = self.steps.get_mut(step) {
                    state.status = StepStatus::Waiting;
                    state.days = None;
                }
            }
            What::StepDone {
                step,
                workers,
                says,
            } => {
                if let Some(state) = self.steps.get_mut(step) {
                    state.status = StepStatus::Done;
                    state.workers.extend(workers.iter().copied());
                    state.says = says.clone();
                }
            }
            What::VerificationStarted { step, verification } => {
                if let Some(state) = self.steps.get_mut(step) {
                    state.verification = Some(*verification);
                }
            }
            What::Surveyed(report) => self.surveys.push(report.clone()),
            What::PublicityStarted {
                step, first, last, ..
            } => {
                if let Some(state) = self.steps.get_mut(step) {
                    state.days = Some((*first, *last));
                }
            }
            What::Objected(objection) => self.objections.push(objection.clone()),
            What::ObjectionSettled { objection, answer } => {
                if let Some(objection) = self.objections.get_mut(*objection) {
                    objection.settled = Some(answer.clone());
                }
            }
            What::PartSent {
                part,
                department,
                on,
            } => {
                let state = PartState {
                    department: department.clone(),
                    sent_on: *on,
                    case: None,
                    answer: None,
                };
                self.parts.insert(part.clone(), state);
            }
            What::PartLinked { part, case } => {
                if let Some(part) = self.parts.get_mut(part) {
                    part.case = Some(*case);
                }
            }
            What::PartAnswered { part, answer } => {
                if let Some(part) = self.parts.get_mut(part) {
                    part.answer = Some(answer.clone());
                }
            }
            _ => {}
        }
    }

    fn open_step(&mut self, step: &Slug, round: u32, on: Date) {
        let earlier = self.steps.get(step).map(|state| state.workers.clone());
        let state = StepState {
            status: StepStatus::Open,
            round,
            opened_on: on,
            workers: earlier.unwrap_or_default(),
            verification: None,
            days: None,
            says: None,
        };
        self.steps.insert(step.clone(), state);
    }

    fn apply_hearing(&mut self, what: &What) {
        match what {
            What::Judged(judgement) => {
                self.judgement = Some(judgement.clone());
                // An answer given on other facts does not carry over.
                self.escalation.take_if(|e| e.settled.is_some());
            }
            What::Escalated(escalation) => self.escalation = Some(escalation.clone()),
            What::EscalationSettled(settlement) => {
                if let Some(escalation) = &mut self.escalation {
                    escalation.settled = Some(settlement.clone());
                }
            }
            What::Intended { draft, signed } => {
                self.intent = Some(Intent {
                    draft: draft.clone(),
                    signed: signed.clone(),
                    served: None,
                    points: Vec::new(),
                    finished: None,
                });
            }
            What::IntentDropped { .. } => self.intent = None,
            What::IntentServed(served) => {
                if let Some(intent) = &mut self.intent {
                    intent.served = Some(served.clone());
                }
            }
            What::Spoken { points, finished } => {
                if let Some(intent) = &mut self.intent {
                    intent.points.extend(points.iter().cloned());
                    intent.finished = intent.finished.or(*finished);
                }
            }
            What::PointAnswered { point, answer } => {
                let points = self.intent.as_mut().map(|intent| &mut intent.points);
                if let Some(point) = points.and_then(|points| points.get_mut(*point)) {
                    point.answer = Some(answer.clone());
                }
            }
            _ => {}
        }
    }

    fn apply_decision(&mut self, what: &What) {
        match what {
            What::Decided(decision) => {
                self.decisions.push((**decision).clone());
                // A judgement, an answer and a hearing serve one decision only.
                self.judgement = None;
                self.escalation = None;
                self.intent = None;
            }
            What::DecisionServed { decision, on } => {
                if let Some(decision) = self.find(*decision) {
                    decision.served = Some(*on);
                }
            }
            What::Appealed(appeal) => self.appeals.push(appeal.clone()),
            What::EffectPaused { decision } => {
                if let Some(decision) = self.find(*decision) {
                    decision.paused = true;
                }
            }
            What::EffectResumed { decision } => {
                if let Some(decision) = self.find(*decision) {
                    decision.paused = false;
                }
            }
            What::AppealEnded { appeal, end } => {
                if let Some(appeal) = self.appeals.get_mut(*appeal) {
                    appeal.ended = Some(end.clone());
                }
            }
            What::Revoked { decision } => {
                if let Some(decision) = self.find(*decision) {
                    decision.revoked = true;
                    decision.paused = false;
                }
            }
            _ => {}
        }
    }

    fn find(&mut self, id: DecisionId) -> Option<&mut crate::Decision> {
        self.decisions.iter_mut().find(|decision| decision.id == id)
    }
}
