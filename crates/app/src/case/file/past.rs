//! 「经过」 What happened to a case in sentences, where it stands, what is still to
//! come by its flow.

use super::Reading;
use crate::Result;
use engine_case::{
    AdverseKind, Channel, Decision, Event, Finished, Outcome, Stage, StepKind, StepStatus, What,
};
use kernel::{Actor, Instant, Role, Truth};
use std::collections::BTreeMap;
use store::Tx;

/// One line of what happened.
#[derive(Clone, Debug)]
pub struct Past {
    /// Done, now, or to come.
    pub mark: PastMark,
    /// What.
    pub says: String,
    /// Who, and what else there is to say.
    pub note: String,
    /// When; `None`: not yet.
    pub at: Option<Instant>,
}

/// Where a line stands in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PastMark {
    /// 已办
    Done,
    /// 正在办
    Now,
    /// 还没到
    Later,
}

impl Reading<'_> {
    pub(super) async fn past(&self, tx: &mut Tx) -> Result<Vec<Past>> {
        let Some(opened) = &self.case.opened else {
            return Ok(Vec::new());
        };
        let mut who: BTreeMap<String, String> = BTreeMap::new();
        let mut past = Vec::new();
        for recorded in tx.case_history(opened.case).await? {
            let Some((says, note)) = self.words(&recorded.event) else {
                continue;
            };
            let by = &recorded.event.by;
            if !who.contains_key(&by.account) {
                let name = self.called(tx, by).await?;
                who.insert(by.account.clone(), name);
            }
            let name = who.get(&by.account).cloned().unwrap_or_default();
            let note = match note.is_empty() {
                true => name,
                false => format!("{name}，{note}"),
            };
            past.push(Past {
                mark: PastMark::Done,
                says,
                note,
                at: Some(recorded.at),
            });
        }
        past.extend(self.to_come()?);
        Ok(past)
    }

    /// The name on the account, or what they are.
    async fn called(&self, tx: &mut Tx, by: &Actor) -> Result<String> {
        if let (Role::Citizen, Some(person)) = (by.role, by.person)
            && let Some(name) = self.names.get(&person)
        {
            return Ok(name.clone());
        }
        let account = tx.login(&by.account).await?;
        let named = account.filter(|one| one.role == by.role);
        Ok(named.map_or_else(|| by.role.label().to_owned(), |one| one.name))
    }

    fn words(&self, event: &Event) -> Option<(String, String)> {
        let plain = |says: &str| Some((says.to_owned(), String::new()));
        let noted = |says: &str, note: &str| Some((says.to_owned(), note.to_owned()));
        match &event.what {
            What::Opened(opened) => Some((
                match opened.channel {
                    Channel::Online => "网上申请",
                    Channel::Window => "窗口申请",
                    Channel::Phone => "电话申请",
                    Channel::Agent => "代办申请",
                    Channel::Found => "主动发现，建立办件",
                }
                .to_owned(),
                String::new(),
            )),
            What::Submitted { .. } => plain("提交"),
            What::Returned { missing } => {
                let names: Vec<&str> = missing.iter().map(|one| one.name.as_str()).collect();
                noted("一次性告知缺的材料", &names.join("、"))
            }
            What::Accepted { tolerated } => noted("受理", tolerated.as_deref().unwrap_or_default()),
            What::ConflictRegistered(_) => plain("近亲属备案"),
            What::Corrected { .. } => plain("更正或补充了情况"),
            What::Prolonged { reasons } => noted("延长办理", reasons),
            What::VerificationStarted { .. } => plain("开始一键核对"),
            What::StepDone { step, says, .. } => self.step_done(step, says.as_deref()),
            What::PublicityStarted { last, .. } => noted(
                "开始公示",
                &format!("到 {} 为止", last.format("%-m月%-d日")),
            ),
            What::Objected(objection) => noted("收到异议", &objection.says),
            What::ObjectionSettled { answer, .. } => noted("答复异议", &answer.found),
            What::Visited(visit) => noted("决定前入户", &visit.found),
            What::Judged(judgement) => noted(
                "按规定判断",
                match judgement.verdict {
                    Truth::True => "符合",
                    Truth::False => "不符合",
                    Truth::Undetermined => "还不知道",
                },
            ),
            other => self.later_words(other),
        }
    }

    /// Hearing, deciding and after.
    fn later_words(&self, what: &What) -> Option<(String, String)> {
        let noted = |says: &str, note: &str| Some((says.to_owned(), note.to_owned()));
        match what {
            What::Escalated(escalation) => noted("请上级研究", &escalation.question),
            What::EscalationSettled(settled) => noted("上级答复", &settled.reasons),
            What::Intended { draft, .. } => noted("拟作决定，先听本人说", adverse(draft.kind)),
            What::IntentDropped { reasons } => noted("不作这个决定了", reasons),
            What::IntentServed(served) => noted(
                "拟作的决定送到本人手里",
                &format!(
                    "{}，可以说到 {}",
                    served.how,
                    served.until.format("%-m月%-d日")
                ),
            ),
            What::Spoken { points, finished } => match finished {
                Some(Finished::Waived) => noted("本人不想说", ""),
                _ => noted("本人陈述申辩", &format!("{} 点", points.len())),
            },
            What::PointAnswered { answer, .. } => noted("答复本人说的", &answer.text),
            What::Decided(decision) => Some((decided(decision), reasons(decision).to_owned())),
            What::DecisionServed { on, .. } => {
                noted("决定送达", &on.format("%-m月%-d日").to_string())
            }
            What::GivenUp { .. } => noted("本人主动放弃", ""),
            What::Demanded(demand) => noted("要求配合", &demand.asks),
            What::ReviewCalled { reasons, .. } => noted("请求复核，钱照常发", reasons),
            What::DemandMet => noted("已经配合", ""),
            What::Combined(_) => noted("联办完成", ""),
            What::Appealed(_) => noted("申请复议或起诉", ""),
            What::EffectPaused { .. } => noted("暂停执行", ""),
            What::EffectResumed { .. } => noted("恢复执行", ""),
            What::AppealEnded { end, .. } => noted("复议或诉讼有结果", &end.says),
            What::Revoked { .. } => noted("决定被撤销", ""),
            _ => None,
        }
    }

    fn step_done(&self, step: &kernel::Slug, says: Option<&str>) -> Option<(String, String)> {
        let flow = self.flow().ok()?;
        let step = flow.step(step)?;
        // Accepting and deciding have lines of their own.
        let own = matches!(step.kind, StepKind::Accept | StepKind::Decide);
        let done = || {
            (
                format!("{}完成", step.name),
                says.unwrap_or_default().to_owned(),
            )
        };
        (!own).then(done)
    }

    fn to_come(&self) -> Result<Vec<Past>> {
        let case = self.case;
        let line = |mark, says: String, note: String| Past {
            mark,
            says,
            note,
            at: None,
        };
        if case.is_over() {
            return Ok(Vec::new());
        }
        let flow = self.flow()?;
        let stage = case.stage(flow);
        let mut lines = Vec::new();
        let open = |step: &&engine_case::Step| {
            let state = case.steps.get(&step.id);
            state.is_some_and(|state| state.status == StepStatus::Open)
        };
        if stage == Stage::Hearing || !flow.steps.iter().any(|step| open(&step)) {
            lines.push(line(PastMark::Now, stage.label().to_owned(), String::new()));
        }
        for step in flow.steps.iter() {
            let status = case.steps.get(&step.id).map(|state| state.status);
            match status {
                Some(StepStatus::Done) => {}
                Some(StepStatus::Open) => lines.push(line(
                    PastMark::Now,
                    format!("等{}", step.name),
                    step.by.label().to_owned(),
                )),
                Some(StepStatus::Waiting) | None => {
                    lines.push(line(PastMark::Later, step.name.clone(), String::new()));
                }
            }
        }
        Ok(lines)
    }
}

/// A decision in a few words.
pub(super) fn decided(decision: &Decision) -> String {
    match &decision.outcome {
        Outcome::Granted(grant) => match grant.amount {
            Some(amount) => format!("决定给予，{amount} 元"),
            None => "决定给予".to_owned(),
        },
        Outcome::Adverse(one) => format!("决定{}", adverse(one.draft().kind)),
        Outcome::Kept { .. } => "复核后不变".to_owned(),
    }
}

fn reasons(decision: &Decision) -> &str {
    match &decision.outcome {
        Outcome::Granted(grant) => &grant.reasons,
        Outcome::Adverse(one) => &one.draft().reasons,
        Outcome::Kept { reasons, .. } => reasons,
    }
}

/// An adverse outcome in a word.
pub(super) fn adverse(kind: AdverseKind) -> &'static str {
    match kind {
        AdverseKind::Refuse => "不予",
        AdverseKind::Reduce => "减少",
        AdverseKind::Stop => "停止",
        AdverseKind::Recover => "追回",
        AdverseKind::Terminate => "终止办理",
    }
}
