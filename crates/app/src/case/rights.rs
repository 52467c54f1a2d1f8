//! 「办件权限」 Which right each act needs, and how a case's phase looks to access.

use engine_access::{Action, RecordState};
use engine_case::{Act, Phase, ServiceFlow};
use kernel::{Actor, FieldLevel, Role};

/// The right an act needs. What only follows the calendar or the books needs the
/// system's own right when the system does it; whom the pack names beside the acceptance
/// of a joint case opens and takes back such cases by a right of their own.
pub(super) fn action(act: &Act, actor: &Actor, flow: &ServiceFlow) -> Action {
    if opens_or_takes_back(act) && flow.also_opens(actor.role) {
        return Action::OpenJoint;
    }
    let system = actor.role == Role::System;
    let citizen = matches!(actor.role, Role::Citizen | Role::Agent);
    match act {
        Act::Open(_) | Act::Fill { .. } | Act::Submit { .. } => Action::Apply,
        Act::Return { .. } | Act::Accept { .. } => Action::Accept,
        Act::RegisterConflict(_) | Act::Prolong { .. } | Act::Review { .. } => Action::Review,
        Act::Correct { .. } | Act::Withdraw | Act::GiveUp { .. } => Action::Withdraw,
        Act::Establish { .. } | Act::StartVerification { .. } | Act::FinishVerification { .. } => {
            Action::Verify
        }
        Act::Survey { .. } => Action::Survey,
        Act::Visit { .. } => Action::Survey,
        Act::EndPublicity { .. } if system => Action::Tick,
        Act::Publicise { .. } | Act::EndPublicity { .. } => Action::Publicise,
        Act::Object { .. } => Action::Object,
        Act::SettleObjection { .. } => Action::Review,
        Act::Judge(_) => Action::Judge,
        Act::Escalate { .. } | Act::SettleEscalation { .. } => Action::Escalate,
        Act::Speak { .. } | Act::Waive => Action::Speak,
        Act::MeetDemand if citizen => Action::Speak,
        Act::Decide { .. } | Act::GiveWay { .. } => Action::Decide,
        Act::AnswerPart { .. } if !system => Action::AnswerPart,
        Act::Appeal { .. } | Act::EndAppeal { .. } => Action::Appeal,
        Act::CallReview { .. } => Action::CallReview,
        _ if system => Action::Tick,
        Act::Intend(_)
        | Act::DropIntent { .. }
        | Act::ServeIntent { .. }
        | Act::AnswerPoint { .. }
        | Act::ServeDecision { .. }
        | Act::Demand { .. }
        | Act::MeetDemand
        | Act::StartPaying
        | Act::FallDue
        | Act::EndPhaseOut => Action::Hear,
        Act::LinkPart { .. } | Act::AnswerPart { .. } => Action::AnswerPart,
    }
}

fn opens_or_takes_back(act: &Act) -> bool {
    matches!(
        act,
        Act::Open(_) | Act::Submit { .. } | Act::Accept { .. } | Act::Withdraw
    )
}

/// The act's name in the audit, `case.verb`.
pub(super) fn name(act: &Act) -> &'static str {
    match act {
        Act::Open(_) => "case.open",
        Act::Fill { .. } => "case.fill",
        Act::Submit { .. } => "case.submit",
        Act::Return { .. } => "case.return",
        Act::Accept { .. } => "case.accept",
        Act::RegisterConflict(_) => "case.register_conflict",
        Act::Correct { .. } => "case.correct",
        Act::Establish { .. } => "case.establish",
        Act::Prolong { .. } => "case.prolong",
        Act::StartVerification { .. } => "case.start_verification",
        Act::FinishVerification { .. } => "case.finish_verification",
        Act::Survey { .. } => "case.survey",
        Act::Publicise { .. } => "case.publicise",
        Act::Object { .. } => "case.object",
        Act::SettleObjection { .. } => "case.settle_objection",
        Act::EndPublicity { .. } => "case.end_publicity",
        Act::Review { .. } => "case.review",
        Act::Visit { .. } => "case.visit",
        Act::Judge(_) => "case.judge",
        Act::Escalate { .. } => "case.escalate",
        Act::SettleEscalation { .. } => "case.settle_escalation",
        Act::Intend(_) => "case.intend",
        Act::DropIntent { .. } => "case.drop_intent",
        Act::ServeIntent { .. } => "case.serve_intent",
        Act::Speak { .. } => "case.speak",
        Act::Waive => "case.waive",
        Act::AnswerPoint { .. } => "case.answer_point",
        Act::Decide { .. } => "case.decide",
        Act::ServeDecision { .. } => "case.serve_decision",
        Act::StartPaying => "case.start_paying",
        Act::FallDue => "case.fall_due",
        Act::CallReview { .. } => "case.call_review",
        Act::EndPhaseOut => "case.end_phase_out",
        Act::Demand { .. } => "case.demand",
        Act::MeetDemand => "case.meet_demand",
        Act::Withdraw => "case.withdraw",
        Act::GiveUp { .. } => "case.give_up",
        Act::GiveWay { .. } => "case.give_way",
        Act::LinkPart { .. } => "case.link_part",
        Act::AnswerPart { .. } => "case.answer_part",
        Act::Appeal { .. } => "case.appeal",
        Act::EndAppeal { .. } => "case.end_appeal",
    }
}

/// How a phase looks to access.
pub(crate) fn state(phase: Phase) -> RecordState {
    match phase {
        Phase::New => RecordState::None,
        Phase::Draft => RecordState::Draft,
        Phase::Submitted | Phase::Returned | Phase::Handling => RecordState::Open,
        // A refusal and a stop can still be revised: decided, not closed.
        Phase::Granted
        | Phase::Refused
        | Phase::Paying
        | Phase::ReviewDue
        | Phase::PhaseOut
        | Phase::Stopped => RecordState::Decided,
        Phase::Withdrawn | Phase::Terminated | Phase::Completed => RecordState::Closed,
    }
}

/// The highest field level an action on a case touches.
pub(super) fn level(action: Action) -> FieldLevel {
    match action {
        // What is shown in public, and the act of showing it.
        Action::Publicise | Action::Object => FieldLevel::L1,
        Action::Withdraw
        | Action::Appeal
        | Action::AnswerPart
        | Action::CallReview
        | Action::ReadCase => FieldLevel::L3,
        _ => FieldLevel::L4,
    }
}

/// Names of readings in the audit.
pub(crate) const FILE: &str = "case.read";
pub(super) const HISTORY: &str = "case.read_history";
pub(super) const JUDGEMENT: &str = "case.read_judgement";
