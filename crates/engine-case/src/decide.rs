//! 「办」 The verbs. One act in, events or a refusal out; nothing else is read.

mod after;
mod application;
mod deciding;
mod hearing;
mod joint;
mod steps;

use crate::command::{Act, Command};
use crate::config::{Config, Step, StepKind};
use crate::event::{Event, What};
use crate::handling::StepStatus;
use crate::model::{Case, Phase};
use crate::refusal::Refusal;
use crate::signature::Signature;
use crate::span::Span;
use crate::{Deadline, DeadlineFor};
use kernel::{Actor, Date, Now, PersonId, Role, Slug};

/// Decides a command. Same inputs, same answer.
pub fn decide(
    state: &Case,
    command: Command,
    config: &Config<'_>,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let asked_for = state.opened.as_ref().map(|opened| &opened.service);
    if asked_for.is_some_and(|service| service != &config.flow.service) {
        return Err(Refusal::AnotherService);
    }
    let mut course = Course {
        case: state.clone(),
        events: Vec::new(),
        by: command.by,
        config,
        now,
    };
    course.act(command.act)?;
    Ok(course.events)
}

/// A command under way: the case as it becomes, the events so far.
struct Course<'a> {
    case: Case,
    events: Vec<Event>,
    by: Actor,
    config: &'a Config<'a>,
    now: Now,
}

type Done = Result<(), Refusal>;

impl Course<'_> {
    fn act(&mut self, act: Act) -> Done {
        match act {
            Act::Open(opened) => self.open(opened),
            Act::Fill { answers, papers } => self.fill(answers, papers),
            Act::Submit {
                pack,
                version,
                consents,
            } => self.submit(pack, version, consents),
            Act::Return { missing } => self.send_back(missing),
            Act::Accept { tolerate } => self.accept(tolerate),
            Act::RegisterConflict(conflict) => self.register_conflict(conflict),
            Act::Correct { answers } => self.correct(answers),
            Act::Establish { answers } => self.establish(answers),
            Act::Prolong { reasons } => self.prolong(reasons),
            Act::Withdraw => self.withdraw(),
            Act::Demand { asks, within } => self.demand(asks, within),
            Act::MeetDemand => self.meet_demand(),
            Act::StartVerification { step, verification } => {
                self.start_verification(step, verification)
            }
            Act::FinishVerification {
                step,
                verification,
                says,
            } => self.finish_verification(step, verification, says),
            Act::Survey {
                step,
                ways,
                found,
                surveyors,
                household,
            } => self.survey(step, (ways, found), &surveyors, household),
            Act::Publicise { step, shown } => self.publicise(step, shown),
            Act::Object { says } => self.object(says),
            Act::SettleObjection {
                objection,
                upheld,
                found,
            } => self.settle_objection(objection, upheld, found),
            Act::EndPublicity { step } => self.end_publicity(step),
            Act::Review { step, says } => self.review(step, says),
            Act::Visit { found } => self.visit(found),
            act => self.act_later(act),
        }
    }

    /// The acts of judging, hearing, deciding and after.
    fn act_later(&mut self, act: Act) -> Done {
        match act {
            Act::Judge(judgement) => self.judge(judgement),
            Act::Escalate { question, to } => self.escalate(question, to),
            Act::SettleEscalation { in_favour, reasons } => {
                self.settle_escalation(in_favour, reasons)
            }
            Act::Intend(draft) => self.intend(draft),
            Act::DropIntent { reasons } => self.drop_intent(reasons),
            Act::ServeIntent { on, how } => self.serve_intent(on, how),
            Act::Speak { points, finished } => self.speak(points, finished),
            Act::Waive => self.waive(),
            Act::AnswerPoint {
                point,
                text,
                accepted,
            } => self.answer_point(point, text, accepted),
            Act::Decide { decision, proposal } => self.decide(decision, proposal),
            Act::ServeDecision { decision, on } => self.serve_decision(decision, on),
            Act::StartPaying => self.start_paying(),
            Act::FallDue => self.fall_due(),
            Act::CallReview { reasons } => self.call_review(reasons),
            Act::EndPhaseOut => self.end_phase_out(),
            Act::GiveUp { from } => self.give_up(from),
            Act::GiveWay { to, from, basis } => self.give_way(to, from, basis),
            Act::LinkPart { part, case } => self.link_part(part, case),
            Act::AnswerPart { part, answer } => self.answer_part(part, answer),
            Act::Appeal {
                decision,
                way,
                filed_on,
            } => self.appeal(decision, way, filed_on),
            Act::EndAppeal { appeal, end } => self.end_appeal(appeal, end),
            // Everything else is taken by `act`.
            _ => Ok(()),
        }
    }

    fn push(&mut self, what: What) {
        let event = Event {
            by: self.by.clone(),
            at: self.now.at,
            what,
        };
        self.case.apply(&event);
        self.events.push(event);
    }

    fn today(&self) -> Date {
        self.now.today()
    }

    fn enter(&mut self, phase: Phase) {
        if self.case.phase != phase {
            self.push(What::PhaseChanged { phase });
            if self.case.is_over() {
                self.settle_handling();
            }
        }
    }

    // ── who ─────────────────────────────────────────────────────────────────

    /// Refuses unless the case is in one of these phases.
    fn in_phase(&self, phases: &[Phase], act: &'static str) -> Done {
        match phases.contains(&self.case.phase) {
            true => Ok(()),
            false => Err(Refusal::WrongPhase {
                phase: self.case.phase,
                act,
            }),
        }
    }

    /// The household itself: a member or the applicant, or an agent. Whether the
    /// agent may act is access's to say.
    fn is_household(&self) -> bool {
        match (self.by.role, self.by.person) {
            (Role::Citizen, Some(person)) => self.case.concerns(person),
            (Role::Agent, Some(_)) => true,
            _ => false,
        }
    }

    /// The household, or an officer who writes down what it says: paper, phone and
    /// agent are equal to online.
    fn household_or_officer(&self, act: &'static str) -> Done {
        let officer = is_staff(&self.by);
        match self.is_household() || officer {
            true => Ok(()),
            false => Err(Refusal::NotTheirs { act }),
        }
    }

    /// Who asked, whom it is for, who acts for them, or an officer at their word: what
    /// one member asked for is not taken back by another.
    fn asker_or_officer(&self, act: &'static str) -> Done {
        self.household_or_officer(act)?;
        let opened = self.case.opened.as_ref();
        let theirs = opened.is_none_or(|one| {
            let askers = [one.applicant, one.beneficiary];
            self.by
                .person
                .is_some_and(|person| askers.contains(&person))
        });
        match self.by.role != Role::Citizen || theirs {
            true => Ok(()),
            false => Err(Refusal::NotAsker { act }),
        }
    }

    /// Signs as someone who works on other people's cases, and not on this one's
    /// household or a near relative's.
    fn sign(&self) -> Result<Signature, Refusal> {
        let signed = Signature::of(&self.by, self.now.at)?;
        if !is_staff(&self.by) {
            return Err(Refusal::NotAPerson);
        }
        self.impartial(signed.person())?;
        Ok(signed)
    }

    fn impartial(&self, person: PersonId) -> Done {
        if self.case.concerns(person) {
            return Err(Refusal::OwnCase);
        }
        let registered = self.case.conflicts.iter().any(|c| c.official == person);
        match registered || self.config.relatives.contains(&person) {
            true => Err(Refusal::Relative),
            false => Ok(()),
        }
    }

    /// Signs in the role a step asks for.
    fn sign_as(&self, by: Role) -> Result<Signature, Refusal> {
        let signed = self.sign()?;
        match signed.role() == by {
            true => Ok(signed),
            false => Err(Refusal::WrongRole { by }),
        }
    }

    // ── steps and deadlines ─────────────────────────────────────────────────

    /// An open step of a kind by id.
    fn open_step(&self, id: &Slug, kind: StepKind) -> Result<&Step, Refusal> {
        let step = self.config.flow.step(id).filter(|step| step.kind == kind);
        let step = step.ok_or_else(|| Refusal::NoSuchStep(id.to_string()))?;
        match self.status(id) {
            Some(StepStatus::Open) => Ok(step),
            _ => Err(Refusal::StepNotOpen(step.name.clone())),
        }
    }

    fn step_of(&self, kind: StepKind, name: &str) -> Result<&Step, Refusal> {
        let step = self.config.flow.step_of(kind);
        step.ok_or_else(|| Refusal::NoSuchStep(name.to_owned()))
    }

    fn status(&self, id: &Slug) -> Option<StepStatus> {
        self.case.steps.get(id).map(|state| state.status)
    }

    fn set_deadline(&mut self, of: DeadlineFor, span: Span, basis: Option<String>) -> Done {
        let from = self.today();
        let due = span.last_day(from, self.config.calendar)?;
        self.push(What::DeadlineSet(Deadline {
            of,
            from,
            due,
            met: None,
            basis,
        }));
        Ok(())
    }

    fn settle_deadline(&mut self, of: DeadlineFor) {
        let running = |d: &Deadline| d.of == of && d.met.is_none();
        if self.case.deadlines.iter().any(running) {
            let on = self.today();
            self.push(What::DeadlineMet { of, on });
        }
    }

    /// The case is over: nothing of the handling runs on.
    fn settle_handling(&mut self) {
        let open = self.case.deadlines.iter().filter(|d| {
            let after = matches!(d.of, DeadlineFor::Service(_) | DeadlineFor::Review(_));
            d.met.is_none() && !after
        });
        let open: Vec<_> = open.map(|d| d.of.clone()).collect();
        open.into_iter().for_each(|of| self.settle_deadline(of));
    }

    /// Opens a step for the first or a further time.
    fn begin(&mut self, step: &Step) -> Done {
        let round = self.case.steps.get(&step.id).map_or(1, |s| s.round + 1);
        let on = self.today();
        self.push(What::StepOpened {
            step: step.id.clone(),
            round,
            on,
        });
        if let Some(within) = step.within {
            let of = DeadlineFor::Step(step.id.clone(), round);
            self.set_deadline(of, within, step.basis.clone())?;
        }
        if step.kind == StepKind::Joint {
            self.send_parts(step)?;
        }
        Ok(())
    }

    /// Takes an open step back to waiting.
    fn put_back(&mut self, step: &Slug) {
        let round = self.case.steps.get(step).map_or(1, |s| s.round);
        self.push(What::StepPutBack { step: step.clone() });
        self.settle_deadline(DeadlineFor::Step(step.clone(), round));
    }

    /// Finishes a step and opens what waited for it.
    fn finish(&mut self, step: &Slug, workers: Vec<PersonId>, says: Option<String>) -> Done {
        let round = self.case.steps.get(step).map_or(1, |s| s.round);
        self.push(What::StepDone {
            step: step.clone(),
            workers,
            says,
        });
        self.settle_deadline(DeadlineFor::Step(step.clone(), round));
        self.open_ready()
    }

    fn ready(&self, step: &Step) -> bool {
        let done = |id: &&Slug| self.status(id) == Some(StepStatus::Done);
        self.config.flow.before(step).iter().all(done)
    }

    /// Opens every step whose predecessors are done; side by side where the flow
    /// allows it. Paying waits for a grant.
    fn open_ready(&mut self) -> Done {
        // A refusal opens nothing more.
        if !matches!(self.case.phase, Phase::Handling | Phase::Granted) {
            return Ok(());
        }
        for step in &self.config.flow.steps {
            let waiting = matches!(self.status(&step.id), None | Some(StepStatus::Waiting));
            let granted = step.kind != StepKind::Pay || self.case.phase == Phase::Granted;
            if waiting && granted && step.kind != StepKind::Accept && self.ready(step) {
                self.begin(step)?;
            }
        }
        Ok(())
    }

    /// Opens done steps of these kinds again and puts back what came to depend on
    /// them. A publicity that has begun goes on unless its flow says `again`.
    fn reopen(&mut self, kinds: &[StepKind], restart_publicity: bool) -> Done {
        let flow = self.config.flow;
        let mut reopened = false;
        for step in flow.steps.iter().filter(|step| kinds.contains(&step.kind)) {
            if self.status(&step.id) == Some(StepStatus::Done) {
                self.begin(step)?;
                reopened = true;
            }
        }
        for step in &flow.steps {
            let state = self.case.steps.get(&step.id);
            let open = state.is_some_and(|s| s.status == StepStatus::Open);
            let shown = state.is_some_and(|s| s.days.is_some());
            let stays = step.kind == StepKind::Publicity && shown && !restart_publicity;
            if reopened && open && !stays && !self.ready(step) {
                self.put_back(&step.id);
            }
        }
        Ok(())
    }
}

/// A human being who works for the house, not a citizen or agent.
fn is_staff(actor: &Actor) -> bool {
    let outside = matches!(actor.role, Role::Citizen | Role::Agent);
    actor.person.is_some() && actor.role.is_human() && !outside
}

/// Refuses a text that says nothing.
fn said(text: &str, what: &'static str) -> Done {
    match text.trim().is_empty() {
        true => Err(Refusal::Blank(what)),
        false => Ok(()),
    }
}
