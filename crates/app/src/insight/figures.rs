//! 「取数」 The figure of each indicator in a place on a day, with where it came from:
//! reported values as confirmed, numbers of the rules, queries counted now. A day gone by
//! is not counted again: the house keeps no records of how it stood.

use super::Room;
use crate::Result;
use engine_insight::{
    Frozen, Indicator, Lineage, Plan, Point, Quantity, Query, Series, Source, Standing, newest,
    standing, target_of,
};
use expr::Value;
use kernel::{Date, RegionCode};
use sha2::{Digest, Sha256};
use store::{CountedLine, Loaded, Tx};

/// A figure as it stands.
pub(super) struct Figure {
    pub(super) indicator: Indicator,
    /// What was told, reported or counted; the plan's own words are not in it.
    pub(super) value: Option<Point>,
    /// The newest there is, the plan's own words included.
    pub(super) newest: Option<Point>,
    pub(super) standing: Standing,
    pub(super) lineage: Lineage,
    /// The lines it counted.
    pub(super) lines: Vec<CountedLine>,
    pub(super) series: Option<(i64, Loaded<Series>)>,
}

/// A figure before it is measured.
#[derive(Default)]
struct Told {
    value: Option<Point>,
    says: String,
    lines: Option<Vec<CountedLine>>,
}

impl Figure {
    pub(super) fn target(&self, today: Date) -> Option<Point> {
        let day = self.newest.map_or(today, |one| one.day);
        target_of(&self.indicator, day)
    }

    /// As a report keeps it.
    pub(super) fn frozen(&self, today: Date) -> Frozen {
        Frozen {
            indicator: self.indicator.id.clone(),
            name: self.indicator.name.clone(),
            unit: self.indicator.unit.clone(),
            value: self.newest.map(|one| one.quantity),
            day: self.newest.map(|one| one.day),
            target: self.target(today).map(|one| one.quantity),
            standing: self.standing,
            lineage: self.lineage.clone(),
        }
    }
}

impl Room {
    /// Every figure of a plan in a place on a day.
    pub(super) async fn figures(
        &self,
        tx: &mut Tx,
        plan: &Plan,
        place: RegionCode,
        on: Date,
    ) -> Result<Vec<Figure>> {
        let all: Vec<&Indicator> = plan.indicators().map(|(_, one)| one).collect();
        self.some(tx, plan, &all, place, on).await
    }

    pub(super) async fn some(
        &self,
        tx: &mut Tx,
        plan: &Plan,
        indicators: &[&Indicator],
        place: RegionCode,
        on: Date,
    ) -> Result<Vec<Figure>> {
        let today = on == self.now.today();
        let queries: Vec<&Query> = match today {
            true => indicators.iter().filter_map(|one| query(one)).collect(),
            false => Vec::new(),
        };
        let mut counts = self.app.counts(tx, place, &queries).await?.into_iter();
        let mut figures = Vec::new();
        for one in indicators {
            let series = tx.series(&one.id, place).await?;
            let told = match &one.source {
                Source::Reported { .. } => reported(series.as_ref().map(|(_, it)| &it.state), on),
                Source::Parameter { name, times } => self.parameter(name, *times, place, on),
                Source::Counted(_) => match counts.next() {
                    Some(count) => Told {
                        value: count.value.map(|quantity| Point { day: on, quantity }),
                        says: match count.whole {
                            Some(whole) => format!("{} ÷ {whole}", count.lines.len()),
                            None => format!("{} 条", count.lines.len()),
                        },
                        lines: Some(count.lines),
                    },
                    None => Told {
                        says: "那一天平台没有数过，不补".to_owned(),
                        ..Told::default()
                    },
                },
            };
            figures.push(figure(plan, one, told, series, (place, on)));
        }
        Ok(figures)
    }

    /// A number of the rules, in force in the place on the day.
    fn parameter(&self, name: &str, times: u32, place: RegionCode, on: Date) -> Told {
        let mut all = self.app.law.pack.rules().parameters.iter();
        let found = all.find(|one| one.decl.id.as_str() == name);
        let Some(value) = found.and_then(|one| one.at(place, on)) else {
            let says = "规则里那一天没有这个标准".to_owned();
            return Told {
                says,
                ..Told::default()
            };
        };
        let mut says = format!("{}（{}）", value.source, value.provenance.label());
        if let Some(article) = &value.article {
            says = format!("{says} {article}");
        }
        Told {
            value: hundredths(&value.value)
                .and_then(|one| one.checked_mul(i64::from(times)))
                .map(|amount| Point {
                    day: on,
                    quantity: Quantity(amount),
                }),
            says,
            lines: None,
        }
    }
}

fn query(indicator: &Indicator) -> Option<&Query> {
    match &indicator.source {
        Source::Counted(query) => Some(query),
        _ => None,
    }
}

fn reported(series: Option<&Series>, on: Date) -> Told {
    let value = series.and_then(|series| series.on(on));
    Told {
        value: value.map(|one| Point {
            day: one.as_of,
            quantity: one.quantity,
        }),
        says: value.map(|one| one.source.clone()).unwrap_or_default(),
        lines: None,
    }
}

fn figure(
    plan: &Plan,
    indicator: &Indicator,
    told: Told,
    series: Option<(i64, Loaded<Series>)>,
    (place, on): (RegionCode, Date),
) -> Figure {
    let whole = place == plan.place;
    let latest = newest(indicator, told.value, whole, on);
    let says = match (told.value, latest) {
        (None, Some(_)) => plan.basis.clone(),
        _ if told.says.is_empty() => "还没有人填报".to_owned(),
        _ => told.says,
    };
    Figure {
        standing: standing(plan, indicator, told.value, whole, on),
        lineage: Lineage {
            source: indicator.source.clone(),
            says,
            records: told.lines.as_ref().map(Vec::len),
            digest: told.lines.as_deref().map(digest),
        },
        indicator: indicator.clone(),
        value: told.value,
        newest: latest,
        lines: told.lines.unwrap_or_default(),
        series,
    }
}

/// SHA-256 over the numbers of the counted records, in order.
pub(super) fn digest(lines: &[CountedLine]) -> String {
    let mut hasher = Sha256::new();
    for line in lines {
        hasher.update(line.record.as_bytes());
        hasher.update(b"\n");
    }
    let bytes = hasher.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A number of the rules in hundredths, if it is one exactly.
fn hundredths(value: &Value) -> Option<i64> {
    let Value::Number(number) = value else {
        return None;
    };
    let scale = u32::from(number.scale);
    match scale {
        0..=2 => number.mantissa.checked_mul(10_i64.pow(2 - scale)),
        _ => {
            let by = 10_i64.checked_pow(scale - 2)?;
            (number.mantissa % by == 0).then(|| number.mantissa / by)
        }
    }
}
