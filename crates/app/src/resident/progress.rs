//! 「办到哪儿了」 What happened to a case and what comes next, in the words of the
//! household: one line per thing, with its day.

use super::told::Happened;
use crate::Law;
use engine_case::{
    AdverseKind, AppealResult, AppealWay, Case, Event, Finished, Outcome, Phase, ServiceFlow,
    StepKind, StepStatus, What,
};
use kernel::{Date, Now};
use store::Recorded;

/// What happened, oldest first; what the household need not know is left out.
pub(super) fn happened(law: &Law, flow: &ServiceFlow, events: &[Recorded<Event>]) -> Vec<Happened> {
    let told = events.iter().filter_map(|one| {
        let event = &one.event;
        let (says, note) = says(law, flow, &event.what)?;
        let on = Now { at: event.at }.today();
        Some(Happened { on, says, note })
    });
    let mut lines: Vec<Happened> = Vec::new();
    for line in told {
        // Answers are kept page by page; once is enough to hear of it.
        if lines.last() != Some(&line) {
            lines.push(line);
        }
    }
    lines
}

fn says(law: &Law, flow: &ServiceFlow, what: &What) -> Option<(String, Option<String>)> {
    let line = |says: &str| Some((says.to_owned(), None));
    let noted = |says: &str, note: &str| Some((says.to_owned(), Some(note.to_owned())));
    match what {
        What::Submitted { .. } => line("您交了申请"),
        What::Returned { missing } => {
            let names: Vec<&str> = missing.iter().map(|one| one.name.as_str()).collect();
            noted("请您补材料", &names.join("、"))
        }
        What::Accepted { .. } => line("镇街受理了"),
        What::Corrected { .. } => line("更正了申请里的内容"),
        What::Prolonged { reasons } => noted("办理时间延长了", reasons),
        What::StepDone { step, says, .. } => {
            let step = flow.step(step)?;
            let silent = matches!(
                step.kind,
                StepKind::Accept | StepKind::Decide | StepKind::Pay | StepKind::Survey
            );
            match silent {
                true => None,
                // Opinions are for the file; the household hears the outcome.
                false if step.kind == StepKind::Verify => line("各部门核对完了"),
                false => {
                    let says = says.as_deref().filter(|_| step.kind == StepKind::Publicity);
                    Some((format!("{}做完了", step.name), says.map(str::to_owned)))
                }
            }
        }
        What::Surveyed(report) => noted("有人上门看过", &report.ways.join("、")),
        What::PublicityStarted { first, last, .. } => {
            let days = format!("{} 到 {}，只写姓名和人数", day(*first), day(*last));
            noted("公示开始", &days)
        }
        What::Objected(_) => line("公示期间有人提了意见，我们再核一次"),
        What::ObjectionSettled { answer, .. } => noted("公示意见有了结果", &answer.found),
        What::Escalated(_) => line("规定里没写清楚，正在请示"),
        What::EscalationSettled(settled) => noted("请示有了答复", &settled.reasons),
        What::Intended { draft, .. } => {
            Some((format!("打算{}，先听您说", kind_words(draft.kind)), None))
        }
        What::IntentDropped { .. } => line("原来的打算不做了"),
        What::IntentServed(served) => {
            noted("告知书送到了", &format!("{}前都可以说", day(served.until)))
        }
        What::Spoken { finished, .. } => match finished {
            Some(Finished::Waived) => line("您说不用再说了"),
            _ => line("您说了自己的情况"),
        },
        What::PointAnswered { answer, .. } => noted("您说的有了答复", &answer.text),
        What::Decided(decision) => match &decision.outcome {
            Outcome::Granted(_) => line("批准了"),
            Outcome::Adverse(adverse) => {
                Some((format!("决定{}", kind_words(adverse.draft().kind)), None))
            }
            Outcome::Kept { .. } => line("复核过了，照原来的发"),
        },
        What::DecisionServed { .. } => line("决定书送到了"),
        What::PhaseChanged { phase } => match phase {
            Phase::Paying => line("开始发放"),
            Phase::ReviewDue => line("开始复核，钱照常发"),
            Phase::Withdrawn => line("您撤回了申请"),
            _ => None,
        },
        What::GivenUp { from } => Some((
            format!("您说从 {} 年 {} 月起不要了", from.year(), from.month()),
            None,
        )),
        What::Demanded(demand) => noted("请您配合", &demand.asks),
        What::DemandMet => line("您已经配合"),
        What::PartAnswered { part, answer } => {
            let name = part_name(law, flow, part);
            Some((format!("{name}有了答复"), Some(answer.reasons.clone())))
        }
        What::Combined(_) => line("各部门都答复了"),
        What::Appealed(appeal) => match appeal.way {
            AppealWay::Reconsideration => line("您申请了行政复议"),
            AppealWay::Litigation => line("您提起了行政诉讼"),
        },
        What::AppealEnded { end, .. } => noted(
            match end.result {
                AppealResult::Upheld => "复议或诉讼的结果：维持",
                AppealResult::Revoked => "复议或诉讼的结果：撤销，要重新决定",
                AppealResult::Withdrawn => "复议或诉讼撤回了",
            },
            &end.says,
        ),
        What::EffectPaused { .. } => line("复议期间，钱照原来的发"),
        What::EffectResumed { .. } => line("决定恢复执行"),
        What::Revoked { .. } => line("原来的决定撤销了"),
        _ => None,
    }
}

/// The name of a part of a joint service.
pub(super) fn part_name(law: &Law, flow: &ServiceFlow, part: &kernel::Slug) -> String {
    let mut parts = flow.steps.iter().flat_map(|step| &step.parts);
    let rule = parts.find(|one| one.id == *part);
    let service = law.pack.service(part.as_str()).map(|one| &one.name);
    let name = rule.map(|one| &one.name).or(service);
    name.map_or_else(|| part.to_string(), Clone::clone)
}

/// What an adverse decision does, after “打算” or “决定”.
pub(super) fn kind_words(kind: AdverseKind) -> &'static str {
    match kind {
        AdverseKind::Refuse => "这次不批准",
        AdverseKind::Reduce => "减少金额",
        AdverseKind::Stop => "停发",
        AdverseKind::Recover => "追回多发的钱",
        AdverseKind::Terminate => "停止办理",
    }
}

/// What is being done now and what comes after, by the flow.
pub(super) fn ahead(case: &Case, flow: &ServiceFlow) -> (Vec<String>, Vec<String>) {
    let (mut now, mut next) = (Vec::new(), Vec::new());
    let running = matches!(
        case.phase,
        Phase::Submitted | Phase::Handling | Phase::Granted
    );
    for step in flow.steps.iter().filter(|_| running) {
        let words = match step.lasts {
            Some(span) => format!("{}，{}", step.name, span_words(span)),
            None => step.name.clone(),
        };
        match case.steps.get(&step.id).map(|state| state.status) {
            Some(StepStatus::Done) => {}
            Some(StepStatus::Open) => now.push(words),
            Some(StepStatus::Waiting) | None => next.push(words),
        }
    }
    (now, next)
}

fn span_words(span: engine_case::Span) -> String {
    match span {
        engine_case::Span::WorkingDays(days) => format!("{days} 个工作日"),
        engine_case::Span::Days(days) => format!("{days} 天"),
        engine_case::Span::Months(months) => format!("{months} 个月"),
    }
}

fn day(date: Date) -> String {
    date.format("%-m月%-d日").to_string()
}
