//! 「办件」 An application from first word to last: form, steps, deadlines, joint
//! parts, hearing, decision, notice, review, appeal.
//!
//! Refuses: to re-judge an old case by a new form or law (a case is pinned at
//! submission); to make any adverse decision without signer, rule, evidence,
//! reasons, notice and hearing ([`AdverseDecision`]); to let a machine sign
//! ([`Signature`]); to read "not known" as "no". Absent on purpose: conditions
//! and amounts (policy), money (payment), the departments' data (pool).

mod appeal;
mod apply;
mod command;
mod config;
mod deadline;
mod decide;
mod decision;
mod event;
mod flow_check;
mod form;
mod handling;
mod hearing;
mod model;
mod refusal;
mod signature;
mod span;
mod stage;

#[cfg(test)]
mod tests;

pub use appeal::{Appeal, AppealEnd, AppealResult, AppealWay};
pub use command::{Act, Command, Proposal};
pub use config::{
    AppealRule, Config, ConsentBy, ConsentRule, HearingRule, Held, NoticeKind, NoticeRule,
    PartRule, PhaseOutRule, ReviewRule, ServiceFlow, Step, StepKind,
};
pub use deadline::{Deadline, DeadlineFor, Standing as DeadlineStanding};
pub use decide::decide;
pub use decision::{
    AdverseDecision, AdverseDraft, AdverseKind, Cause, Decision, EvidenceReference, Grant, Notice,
    Outcome, RuleReference,
};
pub use event::{Event, What};
pub use flow_check::FlowError;
pub use form::{Answer, AnswerSource, AnswerValue, Channel, Consent, Member, MissingPaper, Paper};
pub use handling::{
    Combined, Objection, ObjectionAnswer, PartAnswer, PartResult, PartState, StepState, StepStatus,
    SurveyReport,
};
pub use hearing::{Answered, Finished, Heard, Intent, Point, Served};
pub use model::{
    Case, Conflict, Demand, Escalation, GivesWay, Judgement, Opened, Phase, Pinned, Settlement,
    Stage, Standing, Visit,
};
pub use refusal::Refusal;
pub use signature::Signature;
pub use span::{Span, SpanError};
