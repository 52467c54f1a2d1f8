//! 「查法条」 A linter for law: what is written without a fault and still cannot be
//! meant. Rules that never hold or always do, bands that overlap or leave a gap,
//! two services that cross, numbers without end, questions nobody needs, traits that must not make
//! anybody suspect. Absent on purpose: names and types (`resolve`), the proofs every
//! pack needs (`prove`).

mod beside;
mod look;
mod reach;
mod span;
mod there;
mod traits;

use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::resolve::{Draft, ServiceAt};
use crate::walk::Reads;
use engine_policy::CONDITIONS_MAX;
use kernel::Slug;
use look::look;
use reach::{Form, Hulls, Reader, possible};
use span::{Span, place};
use there::only_there;

/// Looks at everything that was compiled.
pub(crate) fn lint(desk: &Desk<'_>, draft: &Draft) {
    let hulls = hulls(draft);
    let reader = Reader {
        hulls: &hulls,
        words_only: false,
    };
    for one in desk.compiled.borrow().iter() {
        let told = look(desk, &reader, one);
        let reads = Reads::of(&one.typed);
        only_there(desk, draft, (&reads, &told), |there| look(desk, there, one));
        told.into_iter().for_each(|fault| desk.fault(fault));
    }
    for service in &draft.services {
        too_many_conditions(desk, service);
        let told = conditions_together(&reader, service);
        let mut reads = Reads::default();
        let conditions = &service.benefit.benefit.conditions;
        conditions.iter().for_each(|one| reads.add(&one.holds));
        only_there(desk, draft, (&reads, &told), |there| {
            conditions_together(there, service)
        });
        told.into_iter().for_each(|fault| desk.fault(fault));
        unused_questions(desk, draft, service);
    }
    beside::beside(desk, draft, &reader);
    values_overlap(desk, draft);
    traits::traits(desk, draft);
}

fn hulls(draft: &Draft) -> Hulls {
    let mut hulls = Hulls::new();
    for parameter in draft.parameters.iter().filter(|one| one.whole) {
        let values = parameter.rule.values.iter();
        let all = values.map(|value| Some(Span::exactly(place(value.value)?)));
        let all: Option<Vec<Span>> = all.collect();
        if let Some(hull) = all.and_then(|all| all.into_iter().reduce(Span::hull)) {
            hulls.insert(parameter.rule.decl.id.clone(), hull);
        }
    }
    hulls
}

/// A verdict is a word of 32 bits, one for each condition.
fn too_many_conditions(desk: &Desk<'_>, service: &ServiceAt) {
    if let Some(place) = service.benefit.conditions.get(CONDITIONS_MAX) {
        let message = format!(
            "服务 {} 有 {} 个条件，最多 {CONDITIONS_MAX} 个",
            service.service.id,
            service.benefit.conditions.len()
        );
        let help = "从这一条起放不下了：把相近的几条用 and 合成一条";
        desk.fault(Fault::error("too_many", *place, message).help(help));
    }
}

/// Each can hold, but not all of them for one household.
fn conditions_together(reader: &Reader<'_>, service: &ServiceAt) -> Vec<Fault> {
    let conditions = &service.benefit.benefit.conditions;
    let forms: Vec<Form> = conditions
        .iter()
        .map(|condition| reader.form(condition.holds.root(), true))
        .collect();
    if possible(&forms)
        || forms
            .iter()
            .any(|form| !possible(std::slice::from_ref(form)))
    {
        return Vec::new();
    }
    let pairs = (0..forms.len()).flat_map(|one| (one + 1..forms.len()).map(move |two| (one, two)));
    let mut pairs = pairs.filter(|(one, two)| {
        let both = [forms[*one].clone(), forms[*two].clone()];
        !possible(&both)
    });
    let fault = match pairs.next() {
        Some((one, two)) => {
            let (first, second) = (&conditions[one].id, &conditions[two].id);
            let message = format!("条件 `{first}` 和 `{second}` 不会同时成立：谁也享受不到");
            Fault::error("nobody", service.benefit.conditions[two], message)
                .also(service.benefit.conditions[one], "和这一条")
        }
        None => {
            let message = format!(
                "服务 {} 的条件不会全部成立：谁也享受不到",
                service.service.id
            );
            Fault::error("nobody", service.benefit.place, message)
        }
    };
    vec![fault.help("看看哪一条的上下限写反了")]
}

/// A question whose answer no rule of the service reads is asked for nothing.
fn unused_questions(desk: &Desk<'_>, draft: &Draft, service: &ServiceAt) {
    let benefit = &service.benefit.benefit;
    let mut reads = Reads::default();
    let conditions = benefit.conditions.iter().map(|one| &one.holds);
    let amount = benefit.amount.iter().map(|one| &one.value);
    let more = benefit.receiving.iter().chain(&benefit.review_sooner);
    let form = service
        .service
        .form
        .fields
        .iter()
        .filter_map(|one| one.when.as_ref());
    let documents = service
        .service
        .documents
        .iter()
        .filter_map(|one| one.when.as_ref());
    let all = conditions
        .chain(amount)
        .chain(more)
        .chain(form)
        .chain(documents);
    all.chain(&service.service.phase_out_when)
        .for_each(|one| reads.add(one));
    let idle = |fact: &Slug| {
        let known = draft.facts.iter().any(|one| one.origin.id == *fact);
        known && !reads.facts.contains(fact)
    };
    for (fact, place) in service.questions.iter().filter(|(fact, _)| idle(fact)) {
        let message = format!("问了 `{fact}`，可是这项服务没有规则用到它");
        let help = "查不着、用不上的不要问：删掉这一问，或者写上用到它的规则";
        desk.fault(Fault::warning("unused_question", *place, message).help(help));
    }
}

/// A value that is said to end after the next one of its region has begun.
fn values_overlap(desk: &Desk<'_>, draft: &Draft) {
    let layer = |place: &crate::place::Place| desk.layer_of_file.get(place.file as usize);
    for parameter in &draft.parameters {
        let values: Vec<_> = parameter
            .rule
            .values
            .iter()
            .zip(&parameter.places)
            .collect();
        for (value, place) in &values {
            let Some(to) = value.to else { continue };
            let next = values.iter().find(|(other, at)| {
                let same = other.region == value.region && layer(at) == layer(place);
                same && other.from > value.from && other.from <= to
            });
            if let Some((next, at)) = next {
                let message = format!(
                    "参数 {} 有两个值重叠：从 {} 到 {to}",
                    parameter.name, next.from
                );
                let fault = Fault::error("overlap", **place, message);
                let help = "前一个值到后一个值的前一天为止";
                desk.fault(fault.help(help).also(**at, "和这一个"));
            }
        }
    }
}
