//! 「进度」 Where a case stands in the words of a person, and what may happen next.

use crate::config::{ServiceFlow, StepKind};
use crate::handling::StepStatus;
use crate::model::{Case, Phase, Stage};

impl Case {
    /// Where it stands. During the handling the open steps name it.
    pub fn stage(&self, flow: &ServiceFlow) -> Stage {
        if self.intent.is_some() {
            return Stage::Hearing;
        }
        if self.phase != Phase::Handling {
            return Stage::Phase(self.phase);
        }
        let open = |kind| {
            let mut steps = flow.steps.iter().filter(|step| step.kind == kind);
            steps.any(|step| {
                let state = self.steps.get(&step.id);
                state.is_some_and(|state| state.status == StepStatus::Open)
            })
        };
        match (open(StepKind::Verify), open(StepKind::Survey)) {
            (true, true) => Stage::VerifyingAndSurveying,
            (true, false) => Stage::Verifying,
            (false, true) => Stage::Surveying,
            _ if open(StepKind::Publicity) => Stage::Publicising,
            _ if open(StepKind::Joint) => Stage::Joint,
            _ if open(StepKind::Review) => Stage::Reviewing,
            _ if open(StepKind::Decide) => Stage::Deciding,
            _ => Stage::Phase(self.phase),
        }
    }
}

impl Stage {
    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Stage::Phase(phase) => phase.label(),
            Stage::Verifying => "核对中",
            Stage::Surveying => "调查中",
            Stage::VerifyingAndSurveying => "核对和调查中",
            Stage::Publicising => "公示中",
            Stage::Reviewing => "审核中",
            Stage::Deciding => "待决定",
            Stage::Hearing => "听取陈述申辩",
            Stage::Joint => "部门联办中",
        }
    }
}
