//! 「流程检查」 What a flow must have before anybody may walk it. Every fault at once.

use crate::config::{NoticeKind, ServiceFlow, Step, StepKind};
use kernel::Slug;
use std::collections::BTreeSet;

/// What is wrong with a flow: which step (or `None` for the whole) and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{problem}", step.as_ref().map(|s| format!("步骤 {s}：")).unwrap_or_default())]
pub struct FlowError {
    /// The step.
    pub step: Option<Slug>,
    /// The problem, for the author of the pack.
    pub problem: String,
}

impl ServiceFlow {
    /// Every fault of the flow, at once.
    pub fn validate(&self) -> Vec<FlowError> {
        let mut errors = Vec::new();
        let mut fault = |step: Option<&Step>, problem: String| {
            errors.push(FlowError {
                step: step.map(|step| step.id.clone()),
                problem,
            });
        };
        let count = |kind| self.steps.iter().filter(|s| s.kind == kind).count();
        if self.steps.first().map(|step| step.kind) != Some(StepKind::Accept) {
            fault(None, "第一步应是受理（kind = \"accept\"）".into());
        }
        for kind in [StepKind::Accept, StepKind::Decide, StepKind::Publicity] {
            if count(kind) > 1 {
                fault(None, format!("{kind:?} 只能有一步"));
            }
        }
        if count(StepKind::Decide) + count(StepKind::Joint) == 0 {
            fault(None, "没有作决定的步骤，也没有联办：办件走不到头".into());
        }
        let mut seen = BTreeSet::new();
        for step in &self.steps {
            for problem in self.step_problems(step, &seen) {
                fault(Some(step), problem);
            }
            if !seen.insert(&step.id) {
                fault(Some(step), "步骤名重复".into());
            }
        }
        if let Some(decide) = self.step_of(StepKind::Decide) {
            self.notice_problems()
                .into_iter()
                .for_each(|problem| fault(Some(decide), problem));
        }
        errors
    }

    fn step_problems(&self, step: &Step, above: &BTreeSet<&Slug>) -> Vec<String> {
        let mut problems = Vec::new();
        for id in step.after.iter().flatten() {
            if !above.contains(id) {
                problems.push(format!("after 里的“{id}”不在它上面"));
            }
        }
        for id in &step.not_same_as {
            if self.step(id).is_none() {
                problems.push(format!("not_same_as 里没有叫“{id}”的步骤"));
            }
        }
        let joint = self.step_of(StepKind::Joint).is_some();
        let opens = joint && step.kind == StepKind::Accept;
        if !opens && !step.also.is_empty() {
            problems.push("also 只用在一件事的受理步骤".into());
        }
        let human = !matches!(step.kind, StepKind::Verify | StepKind::Pay);
        if human && !step.by.is_human() && step.kind != StepKind::Joint {
            problems.push("这一步要由人来做、由人签字".into());
        }
        let mut need = |kind, present: bool, problem: &str| {
            if step.kind == kind && !present {
                problems.push(problem.to_owned());
            }
        };
        let (survey, publicity) = (StepKind::Survey, StepKind::Publicity);
        need(
            survey,
            step.people >= 2,
            "入户调查至少两人（57号 第十六条）",
        );
        need(publicity, step.lasts.is_some(), "公示要写明天数（lasts）");
        let shows = !step.shows.is_empty();
        need(publicity, shows, "公示要写明公开哪些内容（shows）");
        let parts = !step.parts.is_empty();
        need(StepKind::Joint, parts, "联办要写明有哪些部门事项（parts）");
        problems
    }

    fn notice_problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for kind in [NoticeKind::Granted, NoticeKind::Refused] {
            if !self.notices.contains_key(&kind) {
                problems.push(format!("缺少告知文字 notice.{}", kind.id()));
            }
        }
        for (kind, notice) in &self.notices {
            if kind.is_adverse() && notice.remedy.is_empty() {
                problems.push(format!("notice.{} 没有写怎样申请复议或起诉", kind.id()));
            }
        }
        problems
    }
}
