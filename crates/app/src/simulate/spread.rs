//! 「两条线之间」 How many stand between two values of one number: the same change tried at
//! every edge from well below the line in force to well above the one proposed, in the one
//! pass, and the rights counted at each. And within which bounds a number is slid.
//! Absent on purpose: which fact a number is held against; the rules know, and are asked.

use super::report::{SimulateReport, Trial};
use super::{Proposed, Simulation};
use crate::context::Context;
use crate::error::Result;
use crate::{App, Law};
use expr::{Decimal, Type, Value};
use kernel::{Date, RegionCode, Slug};

/// Columns beyond each of the two lines.
const BEYOND: i64 = 5;
/// A slider has at least so many stops on either side, and about so many in all.
const STOPS: (i64, i64) = (5, 50);

/// A number's bounds as a slider has them, as digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slider {
    /// In force.
    pub now: String,
    /// The least.
    pub least: String,
    /// The most.
    pub most: String,
    /// From stop to stop; the value in force is one.
    pub step: String,
}

/// How many rights stand between two neighbouring values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpreadBar {
    /// The lower edge, as people read it.
    pub from: String,
    /// The upper edge.
    pub to: String,
    /// Rights that come or go between them: of households and of persons.
    pub count: u64,
    /// Between the line in force and the one proposed.
    pub between: bool,
    /// Both edges as digits.
    pub edges: (String, String),
}

/// The columns around the line in force and the line proposed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// The number's name.
    pub label: String,
    /// From low to high.
    pub bars: Vec<SpreadBar>,
    /// Before which column the line in force stands, and its value.
    pub now: (usize, String),
    /// The same of the line proposed.
    pub tried: (usize, String),
}

impl Spread {
    /// Rights between the two lines.
    pub fn between(&self) -> u64 {
        let own = self.bars.iter().filter(|bar| bar.between);
        own.map(|bar| bar.count).sum()
    }
}

/// The edges of a picture: digits at the number's scale, and where the lines stand.
struct Edges {
    all: Vec<i64>,
    now: i64,
    tried: i64,
}

impl App {
    /// 试算 As [`App::simulate`]; where one value of one number is tried, with how many
    /// stand around it.
    ///
    /// # Errors
    /// As [`App::simulate`].
    pub async fn simulate_spread(
        &self,
        ctx: &Context,
        what: &Simulation,
        progress: impl FnMut(u64),
    ) -> Result<(SimulateReport, Option<Spread>)> {
        let Some((edges, scale)) = edges_of(&self.law, what) else {
            return Ok((self.simulate(ctx, what, progress).await?, None));
        };
        let Proposed::Settings(settings) = &what.proposed else {
            return Ok((self.simulate(ctx, what, progress).await?, None));
        };
        let mut settings = settings.clone();
        let value = |mantissa: &i64| {
            let mantissa = *mantissa;
            Value::Number(Decimal { mantissa, scale })
        };
        let (label, ty) = (settings[0].label.clone(), settings[0].ty.clone());
        settings[0].values = edges.all.iter().map(value).collect();
        let wide = Simulation {
            proposed: Proposed::Settings(settings),
            ..what.clone()
        };
        let mut report = self.simulate(ctx, &wide, progress).await?;
        let spoken = |edge: &i64| value(edge).spoken(&ty);
        let digits = |mantissa: i64| Decimal { mantissa, scale }.to_string();
        let later = report.trials.iter().skip(1);
        let bars = edges
            .all
            .windows(2)
            .zip(later)
            .map(|(two, trial)| SpreadBar {
                from: spoken(&two[0]),
                to: spoken(&two[1]),
                count: trial.crossing,
                between: edges.is_between(two),
                edges: (digits(two[0]), digits(two[1])),
            });
        let bars = bars.collect();
        let line = |edge: i64| {
            let at = edges.all.iter().position(|one| *one == edge);
            (at.unwrap_or(0), spoken(&edge))
        };
        let spread = Spread {
            label,
            bars,
            now: line(edges.now),
            tried: line(edges.tried),
        };
        // The report is about what was asked for, as if it had been asked for alone.
        let at = edges.all.iter().position(|one| *one == edges.tried);
        let own = at.map(|at| report.trials.swap_remove(at));
        let own = own.map(|trial| Trial {
            crossing: 0,
            ..trial
        });
        report.trials = own.into_iter().collect();
        Ok((report, Some(spread)))
    }
}

impl Edges {
    fn is_between(&self, two: &[i64]) -> bool {
        let (low, high) = (self.now.min(self.tried), self.now.max(self.tried));
        two.first().is_some_and(|from| *from >= low) && two.last().is_some_and(|to| *to <= high)
    }
}

/// Where one value of one number is tried that has another value now.
fn edges_of(law: &Law, what: &Simulation) -> Option<(Edges, u8)> {
    let Proposed::Settings(settings) = &what.proposed else {
        return None;
    };
    let [setting] = settings.as_slice() else {
        return None;
    };
    let [Value::Number(tried)] = setting.values.as_slice() else {
        return None;
    };
    let scale = setting.ty.scale()?;
    let here = what.region.or(law.pack.region())?;
    let now = in_force(law, &setting.parameter, here, what.day)?.at_scale(scale)?;
    let tried = tried.at_scale(scale)?;
    let apart = tried.checked_sub(now)?.checked_abs()?;
    if apart == 0 {
        return None;
    }
    let step = if apart % 2 == 0 { apart / 2 } else { apart };
    let (low, high) = (now.min(tried), now.max(tried));
    let all = (-BEYOND..=apart / step + BEYOND).map(|n| low.saturating_add(n * step));
    let all = all.filter(|edge| *edge >= 0).collect();
    debug_assert!(high >= low);
    Some((Edges { all, now, tried }, scale))
}

fn in_force(law: &Law, parameter: &Slug, here: RegionCode, day: Date) -> Option<Decimal> {
    let mut all = law.pack.rules().parameters.iter();
    let found = all.find(|one| one.decl.id == *parameter)?;
    match found.at(here, day)?.value {
        Value::Number(number) => Some(number),
        _ => None,
    }
}

/// The bounds of a number around its value in force; none for what is nothing or below.
pub(super) fn slider(value: Value, ty: &Type) -> Option<Slider> {
    let Value::Number(number) = value else {
        return None;
    };
    let scale = ty.scale()?;
    let now = number.at_scale(scale).filter(|now| *now > 0)?;
    let step = step_of(now);
    let half = (now / 2 / step).max(STOPS.0);
    let down = half.min(now / step);
    let text = |mantissa: i64| {
        let digits = Decimal { mantissa, scale }.to_string();
        match digits.contains('.') {
            true => digits
                .trim_end_matches('0')
                .trim_end_matches('.')
                .to_owned(),
            false => digits,
        }
    };
    Some(Slider {
        now: text(now),
        least: text(now - down * step),
        most: text(now.saturating_add(half * step)),
        step: text(step),
    })
}

/// The widest round step that leaves enough stops and on which the value itself lies.
fn step_of(now: i64) -> i64 {
    let mut best = 1;
    let mut ten = 1_i64;
    while ten <= now / STOPS.1 {
        for step in [ten, ten.saturating_mul(2), ten.saturating_mul(5)] {
            if step <= now / STOPS.1 && now % step == 0 {
                best = best.max(step);
            }
        }
        ten = ten.saturating_mul(10);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_in_force_is_a_stop_of_its_slider() {
        for now in [1, 2, 7, 60, 885, 1_000, 1_085, 125_000, 999_983] {
            let step = step_of(now);
            assert_eq!(now % step, 0, "{now} by {step}");
            assert!(step == 1 || now / step >= STOPS.1, "{now} by {step}");
        }
        assert_eq!((step_of(1_000), step_of(1_085), step_of(60)), (20, 5, 1));
    }
}
