//! 「两项之间」 Two services looked at together: both grant although one gives way, a
//! band that lies within the stronger one's, bands of one family that cross or leave
//! a hole between them. Always a warning: the two may have been meant so, and an example
//! of one household in both services says that they were. Absent on purpose: that
//! exclusions are mutual and say who gives way (`prove`).

use super::look::{compared_type, told};
use super::reach::{Allowed, Form, Reader, possible, verdict_key};
use super::span::{Span, step};
use super::there::only_there;
use crate::desk::Desk;
use crate::diagnostic::Fault;
use crate::read::policy::verdict_id;
use crate::resolve::{Draft, ServiceAt};
use crate::walk::Reads;
use engine_policy::{Beneficiary, Benefit, Condition};
use expr::{Type, TypedKind, TypedNode};
use kernel::Slug;
use std::collections::BTreeSet;

/// Looks at every two services that stand side by side.
pub(super) fn beside(desk: &Desk<'_>, draft: &Draft, reader: &Reader<'_>) {
    for weaker in &draft.services {
        for stronger in &draft.services {
            both_grant(desk, reader, weaker, stronger);
        }
    }
    for (at, one) in draft.services.iter().enumerate() {
        for other in &draft.services[at + 1..] {
            if siblings(one, other) {
                bands_between(desk, draft, reader, (one, other));
            }
        }
    }
}

fn excluded(one: &ServiceAt, other: &ServiceAt) -> bool {
    one.benefit.benefit.excludes.contains(&other.service.id)
}

/// For the same people, and of one family or exclusive.
fn siblings(one: &ServiceAt, other: &ServiceAt) -> bool {
    let same = one.benefit.benefit.beneficiary == other.benefit.benefit.beneficiary;
    same && (one.service.family == other.service.family || excluded(one, other))
}

/// By which condition the first gives way to the second.
fn way(weaker: &Benefit, stronger: &Slug) -> Option<usize> {
    let mut all = weaker.conditions.iter();
    all.position(|one| one.gives_way.contains(stronger))
}

/// The condition that gives way does not fail for a household that has the stronger.
fn both_grant(desk: &Desk<'_>, reader: &Reader<'_>, weaker: &ServiceAt, stronger: &ServiceAt) {
    let (one, other) = (&weaker.benefit.benefit, &stronger.benefit.benefit);
    // Giving way without excluding is told by its proof.
    let Some(at) = way(one, &other.id).filter(|_| excluded(weaker, stronger)) else {
        return;
    };
    let names = format!("`{}` 说让位给 `{}`", one.id, other.id);
    let condition = &one.conditions[at];
    let fault = |message: String| {
        let fault = Fault::warning("both", weaker.benefit.conditions[at], message);
        fault.also(stronger.benefit.place, "让位给这一项")
    };
    let node = condition.holds.root();
    let id = verdict_id(&other.id);
    if verdict(node, &id, true, &mut BTreeSet::new()).is_none() {
        let message = format!(
            "{names}，条件 `{}`（{}）却没有看够不够它：两项会同时给",
            condition.id, condition.basis
        );
        let help = format!("在 holds 里写上 not verdict.{}", other.id);
        desk.fault(fault(message).help(help));
        return;
    }
    // What is within `members` is about somebody else: nothing can be told of it.
    let Some(named) = verdict(node, &id, false, &mut BTreeSet::new()) else {
        return;
    };
    let compared =
        one.beneficiary == other.beneficiary || other.beneficiary == Beneficiary::Household;
    let shown = !weaker.tried.granted.is_disjoint(&stronger.tried.granted);
    if !compared || shown {
        return;
    }
    let form = |one: &Condition| reader.form(one.holds.root(), true);
    let rights = other
        .conditions
        .iter()
        .filter(|one| one.gives_way.is_empty());
    let mut all: Vec<Form> = one.conditions.iter().chain(rights).map(form).collect();
    all.push(Form::Atom(named, Allowed::Truth(true)));
    if possible(&all) {
        let message = format!(
            "{names}，可是条件 `{}`（{}）有例外：有的家两项都够，没有例子说明",
            condition.id, condition.basis
        );
        let help = format!(
            "不该有例外，就去掉；真有，在 {} 和 {} 里把同一户各写成一个符合的例子",
            one.id, other.id
        );
        desk.fault(fault(message).help(help));
    }
}

/// The name under which a rule reads another service's verdict, if it does.
fn verdict(
    node: &TypedNode,
    id: &Slug,
    members: bool,
    seen: &mut BTreeSet<Slug>,
) -> Option<String> {
    match &node.kind {
        TypedKind::Verdict(one) if one.id == *id => Some(verdict_key(id)),
        TypedKind::Derived(one) if seen.insert(one.id.clone()) => {
            verdict(one.is.root(), id, members, seen)
        }
        TypedKind::Aggregate(_) if !members => None,
        _ => {
            let mut below = node.children().into_iter();
            below.find_map(|one| verdict(one, id, members, seen))
        }
    }
}

/// What a service says of one number, and by which of its conditions first.
struct Band {
    key: String,
    span: Span,
    at: usize,
    ty: Type,
}

impl Band {
    fn closed(&self) -> bool {
        self.span.low.is_some() && self.span.high.is_some()
    }
}

fn bands(reader: &Reader<'_>, benefit: &Benefit) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    for (at, condition) in benefit.conditions.iter().enumerate() {
        let node = condition.holds.root();
        let Some((key, span)) = reader.band(node) else {
            continue;
        };
        match bands.iter_mut().find(|band| band.key == key) {
            Some(band) => band.span = band.span.meet(span),
            None => bands.push(Band {
                key,
                span,
                at,
                ty: compared_type(node),
            }),
        }
    }
    bands
}

fn bands_between(
    desk: &Desk<'_>,
    draft: &Draft,
    reader: &Reader<'_>,
    pair: (&ServiceAt, &ServiceAt),
) {
    let look = |reader: &Reader<'_>| pair_looked_at(reader, draft, pair);
    let found = look(reader);
    let mut reads = Reads::default();
    for service in [pair.0, pair.1] {
        let conditions = service.benefit.benefit.conditions.iter();
        conditions.for_each(|one| reads.add(&one.holds));
    }
    only_there(desk, draft, (&reads, &found), look);
    found.into_iter().for_each(|fault| desk.fault(fault));
}

fn pair_looked_at(
    reader: &Reader<'_>,
    draft: &Draft,
    (one, other): (&ServiceAt, &ServiceAt),
) -> Vec<Fault> {
    let theirs = bands(reader, &other.benefit.benefit);
    let mut found = Vec::new();
    for mine in bands(reader, &one.benefit.benefit) {
        let Some(band) = theirs.iter().find(|band| band.key == mine.key) else {
            continue;
        };
        // Told at the weaker, or at the later of two equals.
        let first_is_weaker = way(&one.benefit.benefit, &other.service.id).is_some();
        let two = match first_is_weaker {
            true => Two {
                lower: (other, band),
                upper: (one, &mine),
            },
            false => Two {
                lower: (one, &mine),
                upper: (other, band),
            },
        };
        if two.disjoint_anyway(reader) {
            continue;
        }
        let told = two.within().or_else(|| two.crossing(reader));
        found.extend(told.or_else(|| two.hole(reader, draft)));
    }
    found
}

/// Two services with what each says of the same number; `upper` gives way, if one does.
struct Two<'a> {
    lower: (&'a ServiceAt, &'a Band),
    upper: (&'a ServiceAt, &'a Band),
}

impl Two<'_> {
    fn gives_way(&self) -> bool {
        way(&self.upper.0.benefit.benefit, &self.lower.0.service.id).is_some()
    }

    fn fault(&self, code: &'static str, says: &str, help: &str) -> Fault {
        let condition = |(service, band): (&ServiceAt, &Band)| {
            let one = &service.benefit.benefit.conditions[band.at];
            format!(
                "`{}` 的条件 `{}`（{}）",
                service.service.id, one.id, one.basis
            )
        };
        let message = format!(
            "{} 和 {} 之间：{says}",
            condition(self.upper),
            condition(self.lower)
        );
        let place = |(service, band): (&ServiceAt, &Band)| service.benefit.conditions[band.at];
        let fault = Fault::warning(code, place(self.upper), message).help(help);
        fault.also(place(self.lower), "和这一条")
    }

    /// What both say of anything but this number.
    fn others(&self, reader: &Reader<'_>) -> Vec<Form> {
        let forms = |(service, band): (&ServiceAt, &Band)| {
            let all = service.benefit.benefit.conditions.iter();
            let other = all.filter(|one| {
                let own = reader.band(one.holds.root());
                one.gives_way.is_empty() && own.is_none_or(|(key, _)| key != band.key)
            });
            let forms = other.map(|one| reader.form(one.holds.root(), true));
            forms.collect::<Vec<Form>>()
        };
        let mut all = forms(self.lower);
        all.extend(forms(self.upper));
        all
    }

    /// Other conditions of the two never hold together: these are about different people.
    fn disjoint_anyway(&self, reader: &Reader<'_>) -> bool {
        !possible(&self.others(reader))
    }

    /// One household can have a right to both, as far as the other conditions go.
    fn stand_together(&self, reader: &Reader<'_>) -> bool {
        let right = |(service, _): (&ServiceAt, &Band)| {
            let named = verdict_key(&verdict_id(&service.service.id));
            Form::Atom(named, Allowed::Truth(true))
        };
        let mut all = self.others(reader);
        all.extend([right(self.lower), right(self.upper)]);
        possible(&all)
    }

    /// The one that gives way asks for more than the one it gives way to.
    fn within(&self) -> Option<Fault> {
        let (strong, weak) = (self.lower.1.span, self.upper.1.span);
        let inside = self.gives_way() && weak != strong && weak.meet(strong) == weak;
        inside.then(|| {
            let says = "按这个数，够让位的那一项的，都够前面那一项：让位的一项几乎轮不到";
            let help = "让位的一项要放得更宽。看看两条的上下限或参数是不是写反了";
            self.fault("overlap", says, help)
        })
    }

    /// Two bands, both with an end on each side, that share a stretch; nothing says
    /// which of the two services it belongs to, and no example has both.
    fn crossing(&self, reader: &Reader<'_>) -> Option<Fault> {
        let (one, other) = (self.lower, self.upper);
        let shared = one.1.span.meet(other.1.span);
        let shown = !one.0.tried.granted.is_disjoint(&other.0.tried.granted);
        let fine = excluded(one.0, other.0) || one.1.span == other.1.span || shown;
        if fine || shared.is_empty() || !one.1.closed() || !other.1.closed() {
            return None;
        }
        let says = format!("两项重叠，都给：{}", told(shared, &one.1.ty));
        let help = "把上下限接上；真的两项都给，把同一户在两项里各写成一个符合的例子";
        let both = self.stand_together(reader);
        both.then(|| self.fault("overlap", &says, help))
    }

    /// A hole between the bands that no sibling reaches into. Where one has no lower
    /// and the other no upper end, the middle is not a band: children and the old.
    fn hole(&self, reader: &Reader<'_>, draft: &Draft) -> Option<Fault> {
        let (one, other) = (self.lower.1, self.upper.1);
        let before = one.span.high.zip(other.span.low);
        let (low, high) = match before.is_some_and(|(end, start)| end < start) {
            true => (one, other),
            false => (other, one),
        };
        let (end, start) = (low.span.high?, high.span.low?);
        let fine = step(&one.ty);
        let hole = Span::of(Some(end + fine), Some(start - fine));
        if hole.is_empty() || (low.span.low.is_none() && high.span.high.is_none()) {
            return None;
        }
        let reaches = |service: &ServiceAt| {
            let bands = bands(reader, &service.benefit.benefit);
            let mut same = bands.iter().filter(|band| band.key == one.key);
            same.any(|band| !band.span.meet(hole).is_empty())
        };
        let mut others = draft
            .services
            .iter()
            .filter(|service| siblings(service, self.lower.0) || siblings(service, self.upper.0));
        if others.any(reaches) {
            return None;
        }
        let says = format!("空了一段，哪一项都不给：{}", told(hole, &one.ty));
        let help = "把两项的上下限接上，或者看看参数是不是写错了";
        Some(self.fault("gap", &says, help))
    }
}
