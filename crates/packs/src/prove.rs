//! 「证明」 What must be true of a whole pack before anybody is judged by it. Each
//! proof says what it wants and underlines where it is missing.

use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::place::Place;
use crate::read::parameters::ParameterAt;
use crate::resolve::{Draft, ServiceAt, Steps};
use crate::suggest::meant;
use crate::walk::Reads;
use engine_case::{NoticeKind, ServiceFlow, StepKind};
use engine_policy::{Benefit, Every, Part, Template};
use kernel::{Date, RegionCode, RegionLevel, Slug};
use std::collections::BTreeSet;

/// Runs every proof.
pub(crate) fn prove(desk: &Desk<'_>, draft: &Draft) {
    for service in &draft.services {
        every_condition_is_refused_once(desk, service);
        endings_are_told(desk, service);
        let place = service.benefit.head;
        flow_leads_on(desk, &service.service.flow, &service.steps, place);
    }
    for joint in &draft.joints {
        flow_leads_on(desk, &joint.joint.flow, &joint.steps, joint.place);
    }
    excludes_are_mutual(desk, draft);
    of_two_one_gives_way(desk, draft);
    parameters_have_values(desk, draft);
}

/// Every condition has an example that it refuses: a rule nobody has seen fail
/// may be a rule that cannot.
fn every_condition_is_refused_once(desk: &Desk<'_>, service: &ServiceAt) {
    let refused = &service.tried.refused;
    let conditions = service.benefit.benefit.conditions.iter();
    if refused.is_empty() && conditions.len() > 0 {
        let message = format!("服务 {} 没有一个不符合的例子", service.service.id);
        let help = "没人见过它拒绝谁：给每个条件加一个不符合的例子，写明 because";
        let place = service.benefit.place;
        desk.fault(Fault::error("never_refused", place, message).help(help));
        return;
    }
    for (condition, place) in conditions.zip(&service.benefit.conditions) {
        if !refused.contains(&condition.id) {
            let message = format!("没有例子因为条件 `{}` 不成立而不符合", condition.id);
            let help = format!(
                "加一个 [[example]]，expect = {{ verdict = \"ineligible\", because = [\"{}\"] }}",
                condition.id
            );
            desk.fault(Fault::error("untested_condition", *place, message).help(help));
        }
    }
    if !service.tried.eligible {
        let message = format!("服务 {} 没有一个符合的例子", service.service.id);
        desk.fault(Fault::error(
            "untested_service",
            service.benefit.place,
            message,
        ));
    }
}

/// What is paid again and again can be cut or stopped, and people must be told.
fn endings_are_told(desk: &Desk<'_>, service: &ServiceAt) {
    let Some(amount) = &service.benefit.benefit.amount else {
        return;
    };
    if amount.every == Every::Once {
        return;
    }
    for kind in [NoticeKind::Reduced, NoticeKind::Stopped] {
        if !service.service.flow.notices.contains_key(&kind) {
            let message = format!("持续发的钱可能减少、停止：缺 [notice.{}]", kind.id());
            desk.fault(Fault::error("no_notice", service.benefit.place, message));
        }
    }
}

/// The engine's own checks of a flow, brought back to the words; and a deadline
/// wherever somebody decides.
fn flow_leads_on(desk: &Desk<'_>, flow: &ServiceFlow, steps: &Steps, place: Place) {
    // Steps that could not be read would only be reported twice.
    if flow.steps.len() == steps.written {
        for error in flow.validate() {
            let told = error.problem.contains("复议") || error.problem.ends_with("步骤名重复");
            if told {
                continue;
            }
            let step = error.step.as_ref().and_then(|step| steps.places.get(step));
            let place = step.copied().unwrap_or(place);
            desk.fault(Fault::error("flow", place, error.problem));
        }
    }
    let decide = flow.step_of(StepKind::Decide);
    let limited = flow.total.is_some() || decide.is_some_and(|step| step.within.is_some());
    if let Some(decide) = decide.filter(|_| !limited) {
        let message = "作决定没有时限：写 [deadline] total，或这一步的 within";
        let place = steps.places.get(&decide.id).copied().unwrap_or(place);
        desk.fault(Fault::error("no_deadline", place, message));
    }
    if let (Some(total), Some(special), Some(place)) = (flow.total, flow.special, steps.deadline)
        && special.count() < total.count()
    {
        let message = "特殊情况的时限比平常的还短";
        desk.fault(Fault::error("deadline", place, message));
    }
}

fn excludes_are_mutual(desk: &Desk<'_>, draft: &Draft) {
    let ids = || draft.services.iter().map(|one| one.service.id.as_str());
    for service in &draft.services {
        let benefit = &service.benefit.benefit;
        for (other, place) in benefit.excludes.iter().zip(&service.benefit.excludes) {
            let Some(found) = draft.services.iter().find(|one| one.service.id == *other) else {
                let message = format!("没有服务“{other}”");
                let fault = Fault::error("unknown_name", *place, message);
                desk.fault(fault.maybe_help(meant(other.as_str(), ids())));
                continue;
            };
            if !found.benefit.benefit.excludes.contains(&benefit.id) {
                let message = format!("`{}` 排斥 `{other}`，`{other}` 却没有写排斥它", benefit.id);
                let help = format!("在 {other} 的 excludes 里加上 \"{}\"", benefit.id);
                let fault = Fault::error("excludes", *place, message).help(help);
                desk.fault(fault.also(found.benefit.place, "这里也要写"));
            }
        }
    }
}

/// Of two services that exclude each other one gives way to the other by a
/// condition of its own, with its article and with words for when the other is not
/// known: else nobody could say which of them a family is to have.
fn of_two_one_gives_way(desk: &Desk<'_>, draft: &Draft) {
    let gives_way = |from: &Benefit, to: &Slug| {
        let mut conditions = from.conditions.iter();
        conditions.any(|one| one.gives_way.contains(to))
    };
    for service in &draft.services {
        let benefit = &service.benefit.benefit;
        for (other, place) in benefit.excludes.iter().zip(&service.benefit.excludes) {
            let found = draft.services.iter().find(|one| one.service.id == *other);
            let Some(found) = found.map(|found| &found.benefit.benefit) else {
                continue;
            };
            let (mine, theirs) = (gives_way(benefit, other), gives_way(found, &benefit.id));
            // Told once, at the first of the two.
            if mine == theirs && benefit.id < *other {
                let message = match mine {
                    true => format!("`{}` 和 `{other}` 都说让位给对方", benefit.id),
                    false => format!("`{}` 和 `{other}` 互相排斥，没有说谁让位给谁", benefit.id),
                };
                let help = "在让位的那一项写一个 [[condition]]，带 gives_way、unknown 和依据";
                desk.fault(Fault::error("gives_way", *place, message).help(help));
            }
        }
        for (condition, place) in benefit.conditions.iter().zip(&service.benefit.conditions) {
            let stranger = condition
                .gives_way
                .iter()
                .find(|to| !benefit.excludes.contains(to));
            if let Some(to) = stranger {
                let message = format!("条件 `{}` 让位给 `{to}`，两项却不排斥", condition.id);
                let help = format!("在 [service] 的 excludes 里加上 \"{to}\"");
                desk.fault(Fault::error("gives_way", *place, message).help(help));
            }
            if !condition.gives_way.is_empty() && condition.unknown.is_none() {
                let message = format!("条件 `{}` 让位，却没有写还不知道时怎么说", condition.id);
                let help = "写 unknown：先办这一项，查清了再换";
                desk.fault(Fault::error("gives_way", *place, message).help(help));
            }
        }
    }
}

/// What the rules, sums and sentences of all services read.
fn reads(draft: &Draft) -> Reads {
    let mut reads = Reads::default();
    let sentence = |template: &Template, reads: &mut Reads| {
        for part in &template.parts {
            if let Part::Value(value) = part {
                reads.add(value);
            }
        }
    };
    for service in &draft.services {
        let benefit = &service.benefit.benefit;
        for condition in &benefit.conditions {
            reads.add(&condition.holds);
            let says = [
                Some(&condition.yes),
                Some(&condition.no),
                condition.unknown.as_ref(),
            ];
            says.into_iter()
                .flatten()
                .for_each(|says| sentence(says, &mut reads));
        }
        if let Some(amount) = &benefit.amount {
            reads.add(&amount.value);
            amount
                .sum
                .iter()
                .for_each(|line| sentence(line, &mut reads));
        }
        let service = &service.service;
        let others = benefit.receiving.iter().chain(&benefit.review_sooner);
        others
            .chain(&service.phase_out_when)
            .for_each(|one| reads.add(one));
    }
    reads
}

/// Every parameter that decides anything has a value on every day from its first.
fn parameters_have_values(desk: &Desk<'_>, draft: &Draft) {
    let Some(head) = desk.layers.last().and_then(Option::as_ref) else {
        return;
    };
    let reads = reads(draft);
    let sound = !desk.faults.any_error() && !draft.services.is_empty();
    for parameter in &draft.parameters {
        if !reads.parameters.contains(&parameter.rule.decl.id) {
            // A rule with an error may be the one that uses it.
            if sound {
                let message = format!("参数 {} 没有规则用到", parameter.name);
                desk.fault(Fault::warning("unused", parameter.place, message));
            }
            continue;
        }
        same_day(desk, parameter);
        if !parameter.whole {
            continue;
        }
        let mut regions: BTreeSet<RegionCode> = BTreeSet::from([head.region]);
        let below = parameter.rule.values.iter().map(|value| value.region);
        regions.extend(below.filter(|region| head.region.contains(*region)));
        for region in &regions {
            covered(
                desk,
                parameter,
                *region,
                regions.len() > 1,
                head.region.level(),
            );
        }
    }
}

/// Two values of one region that begin on one day, in one file's pack.
fn same_day(desk: &Desk<'_>, parameter: &ParameterAt) {
    let layer = |place: &Place| desk.layer_of_file.get(place.file as usize);
    let values: Vec<_> = parameter
        .rule
        .values
        .iter()
        .zip(&parameter.places)
        .collect();
    for (at, (value, place)) in values.iter().enumerate() {
        let twin = values.iter().take(at).find(|(other, first)| {
            other.region == value.region && other.from == value.from && layer(first) == layer(place)
        });
        if let Some((_, first)) = twin {
            let message = format!("参数 {} 在同一天、同一地方有两个值", parameter.name);
            desk.fault(Fault::error("duplicate", **place, message).also(**first, "先在这里"));
        }
    }
}

fn covered(
    desk: &Desk<'_>,
    parameter: &ParameterAt,
    region: RegionCode,
    others: bool,
    pack: RegionLevel,
) {
    let mut spans: Vec<(Date, Date, Place)> = parameter
        .rule
        .values
        .iter()
        .zip(&parameter.places)
        .filter(|(value, _)| value.region.contains(region))
        .map(|(value, place)| (value.from, value.to.unwrap_or(Date::MAX), *place))
        .collect();
    spans.sort();
    let Some(mut last) = spans.first().copied() else {
        let message = format!("参数 {} 在 {region} 没有值", parameter.name);
        // A province may leave a number to its cities; a city or county must know it.
        let fault = if pack == RegionLevel::Province || others {
            Fault::warning("no_value", parameter.place, message)
        } else {
            Fault::error("no_value", parameter.place, message)
        };
        desk.fault(fault);
        return;
    };
    for (from, to, place) in spans.into_iter().skip(1) {
        let next = last.1.succ_opt().unwrap_or(Date::MAX);
        if from > next {
            let message = format!("参数 {} 从 {next} 到 {from} 之前没有值", parameter.name);
            desk.fault(Fault::error("gap", place, message).also(last.2, "上一个值到这里为止"));
        }
        if to > last.1 {
            last = (from, to, place);
        }
    }
    if last.1 < Date::MAX {
        let message = format!("参数 {} 到 {} 为止，以后没有值", parameter.name, last.1);
        desk.fault(Fault::warning("expires", last.2, message));
    }
}
