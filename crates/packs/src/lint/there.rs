//! 「一地一时」 What is wrong in one region or for a time only. A number of the law
//! differs by region and day; a rule that is sound over all its values can be dead under
//! some of them. Told as something to look at, never as a fault: a rule that lives
//! elsewhere may have been meant. Absent on purpose: days no parameter knows (`as_of`
//! in a rule is a change of the law, and meant).

use super::reach::{Hulls, Reader};
use super::span::{Span, place};
use crate::desk::Desk;
use crate::diagnostic::{Fault, Severity};
use crate::place::Place;
use crate::read::parameters::ParameterAt;
use crate::resolve::Draft;
use crate::walk::Reads;
use kernel::{Date, RegionCode};
use std::collections::BTreeSet;

/// A region and a time in which no parameter of a rule changes.
#[derive(Clone, Copy)]
struct There {
    region: RegionCode,
    from: Date,
    /// The last day; `None`: until something changes.
    to: Option<Date>,
}

/// The same values, wherever and whenever they are in force together.
struct Values {
    hulls: Hulls,
    /// Where they are written.
    written: Vec<Place>,
    there: Vec<There>,
}

/// Looks again under the values of each region and time, and tells what was not `told`
/// of all of them. Reads nothing where no parameter has two values.
pub(super) fn only_there(
    desk: &Desk<'_>,
    draft: &Draft,
    (reads, told): (&Reads, &[Fault]),
    look: impl Fn(&Reader<'_>) -> Vec<Fault>,
) {
    let read = |one: &&ParameterAt| one.whole && reads.parameters.contains(&one.rule.decl.id);
    let parameters: Vec<&ParameterAt> = draft.parameters.iter().filter(read).collect();
    if !parameters.iter().any(|one| differs(one)) {
        return;
    }
    let mut found: Vec<(Fault, Vec<Place>, Vec<There>)> = Vec::new();
    let regions = regions(desk, &parameters);
    for values in values(&regions, &parameters) {
        let reader = Reader {
            hulls: &values.hulls,
            words_only: false,
        };
        let new = |fault: &Fault| !told.iter().any(|one| meets(one.place, fault.place));
        for fault in look(&reader).into_iter().filter(new) {
            let same = |(one, ..): &&mut (Fault, Vec<Place>, Vec<There>)| {
                one.code == fault.code && one.place == fault.place
            };
            match found.iter_mut().find(same) {
                Some((_, _, there)) => there.extend(&values.there),
                None => found.push((fault, values.written.clone(), values.there.clone())),
            }
        }
    }
    for (fault, written, there) in found {
        desk.fault(retold(desk, &regions, fault, (&written, there)));
    }
}

fn differs(parameter: &ParameterAt) -> bool {
    let mut values = parameter.rule.values.iter().map(|one| one.value);
    values
        .next()
        .is_some_and(|first| values.any(|other| other != first))
}

fn meets(one: Place, other: Place) -> bool {
    one.file == other.file && one.start < other.end && other.start < one.end
}

/// The regions with values of their own, of those the pack is for.
fn regions(desk: &Desk<'_>, parameters: &[&ParameterAt]) -> Vec<RegionCode> {
    let home = desk.layers.last().and_then(Option::as_ref);
    let values = parameters.iter().flat_map(|one| &one.rule.values);
    let of = values.filter_map(|value| match home {
        Some(home) if value.region.contains(home.region) => Some(home.region),
        Some(home) => home.region.contains(value.region).then_some(value.region),
        None => Some(value.region),
    });
    of.collect::<BTreeSet<_>>().into_iter().collect()
}

fn values(regions: &[RegionCode], parameters: &[&ParameterAt]) -> Vec<Values> {
    let all = || parameters.iter().flat_map(|one| &one.rule.values);
    let begins = all().map(|value| value.from);
    let ends = all().filter_map(|value| value.to?.succ_opt());
    let days: BTreeSet<Date> = begins.chain(ends).collect();
    let days: Vec<Date> = days.into_iter().collect();
    let mut found: Vec<Values> = Vec::new();
    for region in regions.iter().copied() {
        for (at, from) in days.iter().copied().enumerate() {
            let to = days.get(at + 1).and_then(|next| next.pred_opt());
            let there = There { region, from, to };
            let (hulls, written) = in_force(there, parameters);
            match found.iter_mut().find(|one| one.hulls == hulls) {
                _ if hulls.is_empty() => {}
                Some(same) => same.there.push(there),
                None => found.push(Values {
                    hulls,
                    written,
                    there: vec![there],
                }),
            }
        }
    }
    found
}

/// A parameter the law says nothing of there and then can be anything.
fn in_force(there: There, parameters: &[&ParameterAt]) -> (Hulls, Vec<Place>) {
    let mut hulls = Hulls::new();
    let mut written = Vec::new();
    for parameter in parameters {
        let Some(value) = parameter.rule.at(there.region, there.from) else {
            continue;
        };
        if let Some(at) = place(value.value) {
            hulls.insert(parameter.rule.decl.id.clone(), Span::exactly(at));
        }
        let own = parameter.rule.values.iter().zip(&parameter.places);
        if let Some((_, place)) = own
            .filter(|_| differs(parameter))
            .find(|(one, _)| std::ptr::eq(*one, value))
        {
            written.push(*place);
        }
    }
    (hulls, written)
}

/// The fault with where and when it is one, and the values that make it one.
fn retold(
    desk: &Desk<'_>,
    regions: &[RegionCode],
    fault: Fault,
    (written, there): (&[Place], Vec<There>),
) -> Fault {
    let told = Fault {
        severity: Severity::Warning,
        message: format!("{}：{}", spoken(desk, regions, &there), fault.message),
        ..fault
    };
    let told = told.help("看看那里、那时的参数是不是写错了。真是这样定的，就不用改");
    let written = written.iter().take(VALUES_SHOWN);
    written.fold(told, |told, place| told.also(*place, "用的是这个值"))
}

const VALUES_SHOWN: usize = 2;
const PLACES_SHOWN: usize = 3;

/// “平湖市，从 2024-07-01 起”。
fn spoken(desk: &Desk<'_>, regions: &[RegionCode], all: &[There]) -> String {
    let mut stretches: Vec<There> = all.to_vec();
    stretches.sort_by_key(|one| (one.region, one.from));
    let mut joined: Vec<There> = Vec::new();
    for one in stretches {
        match joined.last_mut() {
            Some(last) if last.region == one.region && next_day(last.to) == Some(one.from) => {
                last.to = one.to;
            }
            _ => joined.push(one),
        }
    }
    let inner = |region: RegionCode| {
        let named = |other: &&RegionCode| **other != region && region.contains(**other);
        regions.iter().any(|other| named(&other))
    };
    let each = joined.iter().take(PLACES_SHOWN).map(|one| {
        let name = desk.regions.name(one.region, one.from);
        let name = name.map_or_else(|| one.region.to_string(), str::to_owned);
        let rest = if inner(one.region) {
            "没有另定数的地方"
        } else {
            ""
        };
        match one.to {
            Some(to) => format!("{name}{rest}，从 {} 到 {to}", one.from),
            None => format!("{name}{rest}，从 {} 起", one.from),
        }
    });
    let words = each.collect::<Vec<_>>().join("；");
    match joined.len() > PLACES_SHOWN {
        true => format!("只在{words}等 {} 处", joined.len()),
        false => format!("只在{words}"),
    }
}

fn next_day(day: Option<Date>) -> Option<Date> {
    day?.succ_opt()
}
