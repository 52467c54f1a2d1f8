//! 「到哪一步」 Whether a figure is on the way to its target, and if that cannot be told,
//! why. Between two points of a plan the way is a straight line by days. What somebody
//! must look at follows from the same points ([`signs`]).

use crate::config::{Better, Indicator, Plan, Source};
use crate::model::AlertKind;
use crate::quantity::Quantity;
use kernel::{Date, Period};
use serde::{Deserialize, Serialize};

/// Months after a figure was due until it counts as late.
const GRACE_MONTHS: i32 = 3;

/// A figure of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Point {
    /// The day it speaks of.
    pub day: Date,
    /// How much.
    pub quantity: Quantity,
}

/// Where an indicator stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// 已达到 The last target is met.
    Reached,
    /// 在路上 At least what the way to the next target asks for on that day.
    OnTrack,
    /// 落后
    Behind {
        /// What the way asked for.
        wanted: Quantity,
    },
    /// 不知道
    Unknown(Why),
}

/// Why it cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Nobody has told a figure.
    NoValue,
    /// The last figure is too old.
    Old(Date),
    /// The plan sets no target.
    NoTarget,
    /// The next target is not met yet, and the plan does not say where the way began.
    NoStart,
    /// The target is that of the whole; nobody has cut it into parts.
    OfTheWhole,
}

impl Standing {
    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Standing::Reached => "已达到",
            Standing::OnTrack => "跟得上",
            Standing::Behind { .. } => "落后",
            Standing::Unknown(_) => "还不知道",
        }
    }

    /// Why, in a sentence.
    pub fn says(self) -> String {
        match self {
            Standing::Reached => "最后一年的目标已经达到".to_owned(),
            Standing::OnTrack => "按两个目标之间的直线算，跟得上".to_owned(),
            Standing::Behind { wanted } => format!("按进度这时应到 {wanted}"),
            Standing::Unknown(why) => match why {
                Why::NoValue => "还没有数".to_owned(),
                Why::Old(day) => format!("最近的数是 {day} 的，太旧"),
                Why::NoTarget => "规划没有定目标".to_owned(),
                Why::NoStart => "没到目标，起点又没有数，中途比不了".to_owned(),
                Why::OfTheWhole => "目标是整个地方的，没有分到这里".to_owned(),
            },
        }
    }
}

/// The last day of a year.
pub fn year_end(year: i32) -> Option<Date> {
    Period::new(year, 12).map(Period::last_day)
}

/// The target a figure of a day is measured by: that of the first year from then on that
/// has one, else the last there is.
pub fn target_of(indicator: &Indicator, day: Date) -> Option<Point> {
    let all = || points(indicator.targets.iter());
    let next = all().find(|one| one.day >= day);
    next.or_else(|| all().last())
}

fn points<'a>(
    all: impl Iterator<Item = (&'a i32, &'a Option<Quantity>)>,
) -> impl Iterator<Item = Point> {
    all.filter_map(|(year, quantity)| {
        Some(Point {
            day: year_end(*year)?,
            quantity: (*quantity)?,
        })
    })
}

/// What the plan itself tells of years past.
pub(crate) fn known(indicator: &Indicator) -> impl Iterator<Item = Point> {
    points(indicator.known.iter())
}

/// The newest figure there is: what was told, or what the plan itself says of its own
/// place.
pub fn newest(
    indicator: &Indicator,
    value: Option<Point>,
    whole: bool,
    today: Date,
) -> Option<Point> {
    let told = known(indicator).filter(|one| whole && one.day <= today);
    told.chain(value).max_by_key(|one| one.day)
}

/// Where an indicator stands on a day, by its newest figure. `whole`: in the plan's own
/// place, not in a part of it.
pub fn standing(
    plan: &Plan,
    indicator: &Indicator,
    value: Option<Point>,
    whole: bool,
    today: Date,
) -> Standing {
    let Some(value) = newest(indicator, value, whole, today) else {
        return Standing::Unknown(Why::NoValue);
    };
    let ended = year_end(plan.span.1).is_some_and(|end| value.day >= end);
    if !ended && today > due(value.day, indicator) {
        return Standing::Unknown(Why::Old(value.day));
    }
    if !whole && !indicator.everywhere {
        return Standing::Unknown(Why::OfTheWhole);
    }
    on_the_way(indicator, value)
}

fn on_the_way(indicator: &Indicator, value: Point) -> Standing {
    let better = indicator.better;
    let Some(last) = points(indicator.targets.iter()).last() else {
        return Standing::Unknown(Why::NoTarget);
    };
    if better.meets(value.quantity, last.quantity) {
        return Standing::Reached;
    }
    let Some(next) = target_of(indicator, value.day) else {
        return Standing::Unknown(Why::NoTarget);
    };
    let wanted = match way(indicator, value.day, next) {
        Some(wanted) => wanted,
        None if better.meets(value.quantity, next.quantity) => return Standing::OnTrack,
        None => return Standing::Unknown(Why::NoStart),
    };
    match better.meets(value.quantity, wanted) {
        true => Standing::OnTrack,
        false => Standing::Behind { wanted },
    }
}

/// What the straight way asks for on a day; `None` without a beginning.
fn way(indicator: &Indicator, day: Date, next: Point) -> Option<Quantity> {
    if day >= next.day || indicator.always {
        return Some(next.quantity);
    }
    let before = known(indicator).chain(points(indicator.targets.iter()));
    let start = before
        .filter(|one| one.day <= day)
        .max_by_key(|one| one.day)?;
    let (gone, all) = (
        (day - start.day).num_days(),
        (next.day - start.day).num_days(),
    );
    let rise = (next.quantity.0 - start.quantity.0).checked_mul(gone)?;
    let part = rise.checked_div(all)?;
    // The way is never asked for more than it is, in either direction.
    let slack = i64::from(indicator.better == Better::Lower && rise % all != 0);
    Some(Quantity(start.quantity.0 + part + slack))
}

/// The last day the figure after this one may come.
fn due(last: Date, indicator: &Indicator) -> Date {
    let months = i32::try_from(indicator.every_months).unwrap_or(12);
    Period::of(last)
        .plus_months(months + GRACE_MONTHS)
        .last_day()
}

/// What somebody must look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    /// What kind.
    pub kind: AlertKind,
    /// The day of the figure, or the day one was due.
    pub about: Date,
    /// In words.
    pub says: String,
}

/// What of some figures, oldest first, asks for somebody.
pub fn signs(
    plan: &Plan,
    indicator: &Indicator,
    values: &[Point],
    whole: bool,
    today: Date,
) -> Vec<Sign> {
    let mut found = Vec::new();
    let last = values.last().copied();
    let stands = standing(plan, indicator, last, whole, today);
    if let (Some(last), Standing::Behind { wanted }) = (last, stands) {
        let says = format!(
            "{} 是 {}{}，按进度应到 {wanted}{}",
            last.day, last.quantity, indicator.unit, indicator.unit
        );
        found.push((AlertKind::OffTrack, last.day, says));
    }
    let running = year_end(plan.span.1).is_some_and(|end| due(end, indicator) >= today);
    let asked = matches!(indicator.source, Source::Reported { .. });
    let begun = Period::new(plan.span.0, 1).map(Period::first_day);
    let told = last.map(|one| one.day).or(begun);
    if let Some(due) = told
        .map(|day| due(day, indicator))
        .filter(|due| today > *due)
        && asked
        && running
    {
        let says = format!("最晚 {due} 要有新的数，还没有人填报");
        found.push((AlertKind::Late, due, says));
    }
    if let (Some(percent), [.., before, last]) = (indicator.jump_percent, values) {
        let moved = (last.quantity.0 - before.quantity.0).abs();
        let most = before.quantity.0.abs().saturating_mul(i64::from(percent)) / 100;
        if moved > most {
            let says = format!(
                "从 {} 到 {}{}，变动超过 {percent}%，请核实",
                before.quantity, last.quantity, indicator.unit
            );
            found.push((AlertKind::Jump, last.day, says));
        }
    }
    let sign = |(kind, about, says)| Sign { kind, about, says };
    found.into_iter().map(sign).collect()
}
