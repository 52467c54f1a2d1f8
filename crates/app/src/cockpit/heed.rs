//! 「要您留意」 What of the figures asks for somebody: a sentence, its figure, and a
//! second sentence that says where.

use super::stock::Stock;
use super::{Cockpit, Figure, Of, Wanted};
use engine_case::DeadlineStanding;

/// How soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// 急
    Now,
    /// 看
    Look,
    /// 知
    Know,
}

/// Something to heed.
#[derive(Clone, Debug)]
pub struct Heed {
    /// How soon.
    pub urgency: Urgency,
    /// The sentence.
    pub says: String,
    /// More of it.
    pub more: String,
    /// What it counts.
    pub figure: Figure,
}

/// Everything of the figures that asks for somebody, most urgent first.
pub(super) fn heed(cockpit: &Cockpit, stock: &Stock) -> Vec<Heed> {
    let mut found = Vec::new();
    let mut add = |urgency, figure: &Figure, says: String, more: String| {
        if figure.count > 0 {
            found.push(Heed {
                urgency,
                says,
                more,
                figure: figure.clone(),
            });
        }
    };
    let light = |wanted: DeadlineStanding| {
        stock.figure(&Wanted::of(Of::Cases(Some(wanted)), cockpit.place))
    };
    let late = light(DeadlineStanding::Overdue);
    let says = format!("{} 件办件超了期限", late.count);
    add(Urgency::Now, &late, says, worst(cockpit, stock));
    let back = &cockpit.returned;
    let says = format!("{} 笔钱被银行退回", back.count);
    let more = format!("共 {} 元，还没有重新发出", back.sum);
    add(Urgency::Now, back, says, more);
    let soon = light(DeadlineStanding::DueSoon);
    let says = format!("{} 件三天内到期", soon.count);
    add(Urgency::Look, &soon, says, "今天办得完的先办".to_owned());
    let waiting = &cockpit.found;
    let says = format!("{} 条符合、还没领", waiting.count);
    add(Urgency::Look, waiting, says, nearest(cockpit));
    if let Some((fact, figure)) = cockpit.unknown.first() {
        let says = format!("{} 条只差“{fact}”", figure.count);
        add(Urgency::Know, figure, says, "问到就能判断".to_owned());
    }
    found.sort_by_key(|one| one.urgency);
    found
}

/// Where most cases are late.
fn worst(cockpit: &Cockpit, stock: &Stock) -> String {
    let late = Of::Cases(Some(DeadlineStanding::Overdue));
    let places = cockpit.places.iter().map(|one| {
        let wanted = Wanted::of(late.clone(), one.people.wanted.place);
        (stock.figure(&wanted).count, one.name.as_str())
    });
    match places.max_by_key(|(count, _)| *count) {
        Some((count, name)) if count > 0 => format!("{name}最多，{count} 件"),
        _ => "请催一催".to_owned(),
    }
}

/// Where most were found.
fn nearest(cockpit: &Cockpit) -> String {
    match cockpit.places.iter().max_by_key(|one| one.found.count) {
        Some(most) if most.found.count > 0 => {
            format!("{}最多，{} 条", most.name, most.found.count)
        }
        _ => "请安排人上门".to_owned(),
    }
}
