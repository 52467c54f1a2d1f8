//! 「查法条」 A linter for law: what is written without a fault and still cannot be
//! meant. Rules that never hold or always do, bands that overlap or leave a gap,
//! numbers without end or source, questions nobody needs, traits that must not make
//! anybody suspect. Absent on purpose: names and types (`resolve`), the proofs every
//! pack needs (`prove`).

mod reach;
mod span;
mod traits;

use crate::desk::{Compiled, Desk};
use crate::diagnostic::Fault;
use crate::resolve::{Draft, ServiceAt};
use crate::walk::Reads;
use engine_policy::CONDITIONS_MAX;
use expr::{Type, TypedKind, TypedNode};
use kernel::Slug;
use reach::{Form, Hulls, Reader, possible};
use span::{Span, place, spoken, step};

/// Looks at everything that was compiled.
pub(crate) fn lint(desk: &Desk<'_>, draft: &Draft) {
    let hulls = hulls(draft);
    let reader = Reader {
        hulls: &hulls,
        words_only: false,
    };
    for one in desk.compiled.borrow().iter() {
        let look = Look {
            desk,
            reader: &reader,
            one,
        };
        look.node(one.typed.root());
    }
    for service in &draft.services {
        too_many_conditions(desk, service);
        conditions_together(desk, &reader, service);
        unused_questions(desk, draft, service);
    }
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

/// One expression looked at.
struct Look<'l> {
    desk: &'l Desk<'l>,
    reader: &'l Reader<'l>,
    one: &'l Compiled,
}

impl Look<'_> {
    fn fault(&self, code: &'static str, node: &TypedNode, message: &str, help: &str) {
        let place = self.desk.inside(&self.one.text, node.span.clone());
        self.desk
            .fault(Fault::error(code, place, message).help(help));
    }

    /// Told at the narrowest words it is true of; whether anything was told.
    fn node(&self, node: &TypedNode) -> bool {
        let below = match &node.kind {
            TypedKind::If(..) => self.ladder(node),
            _ => self.each(&node.children()),
        };
        if below || !matches!(node.ty, Type::Bool) {
            return below;
        }
        if !possible(&[self.reader.form(node, true)]) {
            let message = "这一句永远不成立，谁来都是“否”";
            let help = "看看上下限、单位或代码是不是写反了；真不要它，就删掉";
            self.fault("never", node, message, help);
            return true;
        }
        if !possible(&[self.reader.form(node, false)]) {
            let message = "这一句永远成立，等于没有写";
            let help = "看看是不是漏了一个上限或下限；真不要它，就删掉";
            self.fault("always", node, message, help);
            return true;
        }
        false
    }

    fn each(&self, nodes: &[&TypedNode]) -> bool {
        let told = nodes.iter().filter(|node| self.node(node));
        told.count() > 0
    }

    /// `if … then … else if … then … else …`: bands one after another.
    fn ladder(&self, top: &TypedNode) -> bool {
        let mut rungs: Vec<&TypedNode> = Vec::new();
        let mut values: Vec<&TypedNode> = Vec::new();
        let mut rest = top;
        while let TypedKind::If(condition, yes, no) = &rest.kind {
            rungs.push(condition);
            values.push(yes);
            rest = no;
        }
        values.push(rest);
        if self.each(&rungs) | self.each(&values) {
            return true;
        }
        let mut before: Vec<Form> = Vec::new();
        for (at, rung) in rungs.iter().enumerate() {
            let mut all = before.clone();
            all.push(self.reader.form(rung, true));
            if possible(&all) {
                self.overlaps(rung, &rungs[..at]);
            } else {
                let message = "这一档永远轮不到：前面的档已经把它包进去了";
                let help = "把窄的一档写在前面，或者改它的上下限";
                self.fault("overlap", rung, message, help);
            }
            before.push(self.reader.form(rung, false));
        }
        self.gaps(&rungs);
        false
    }

    /// Two bands, both with an end on each side, that share a stretch.
    fn overlaps(&self, rung: &TypedNode, earlier: &[&TypedNode]) {
        let closed = |node: &TypedNode| {
            let band = self.reader.band(node)?;
            (band.1.low.is_some() && band.1.high.is_some()).then_some(band)
        };
        let Some((key, span)) = closed(rung) else {
            return;
        };
        let ty = compared_type(rung);
        for other in earlier {
            let Some((_, shared)) = closed(other)
                .filter(|(same, _)| *same == key)
                .map(|(same, other)| (same, other.meet(span)))
                .filter(|(_, shared)| !shared.is_empty())
            else {
                continue;
            };
            let message = format!("这一档和前面的一档重叠：{}", told(shared, &ty));
            self.fault("overlap", rung, &message, "两档的上下限要接上，不要交叉");
        }
    }

    /// A hole between bands, where the last `else` is not itself the band in it.
    fn gaps(&self, rungs: &[&TypedNode]) {
        let bands: Option<Vec<_>> = rungs.iter().map(|rung| self.reader.band(rung)).collect();
        let Some(mut bands) = bands.filter(|bands| bands.len() > 1) else {
            return;
        };
        let ty = compared_type(rungs[0]);
        let one_key = bands.iter().all(|(key, _)| *key == bands[0].0);
        bands.sort_by_key(|(_, span)| (span.low.is_some(), span.low));
        let open_below = bands
            .iter()
            .any(|(_, span)| span.low.is_none_or(|low| low <= 0));
        let open_above = bands.iter().any(|(_, span)| span.high.is_none());
        if !one_key || (open_below && open_above) {
            return;
        }
        let fine = step(&ty);
        let mut end = bands[0].1.high;
        for (_, span) in &bands[1..] {
            let (Some(before), Some(low)) = (end, span.low) else {
                break;
            };
            if low > before + fine {
                let hole = Span::of(Some(before + fine), Some(low - fine));
                let message = format!("几档之间空了一段：{}", told(hole, &ty));
                let help = "空出来的会落到最后的 else 里。把上下限接上";
                self.fault("gap", rungs[0], &message, help);
            }
            end = end.max(span.high).filter(|_| span.high.is_some());
        }
    }
}

/// The type of the number a band is about.
fn compared_type(node: &TypedNode) -> Type {
    let children = node.children();
    match (&node.ty, children.first()) {
        (Type::Bool, Some(first)) => compared_type(first),
        (ty, _) => ty.clone(),
    }
}

fn told(span: Span, ty: &Type) -> String {
    let (low, high) = (span.low.unwrap_or(0), span.high.unwrap_or(0));
    match low == high {
        true => spoken(low, ty),
        false => format!("{} 到 {}", spoken(low, ty), spoken(high, ty)),
    }
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
fn conditions_together(desk: &Desk<'_>, reader: &Reader<'_>, service: &ServiceAt) {
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
        return;
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
    desk.fault(fault.help("看看哪一条的上下限写反了"));
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
