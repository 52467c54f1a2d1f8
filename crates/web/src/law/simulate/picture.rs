//! 「图」 The pictures of a simulation, in the units of their drawings: columns of who gains
//! and loses, columns around the two lines, and the sliders. Absent on purpose: counting.

use super::SimulatePage;
use app::simulate::{ParameterLine, Slider, Spread, Trial};

/// A column of the histogram, in the units of its picture.
pub(super) struct Bar {
    pub(super) x: u64,
    pub(super) y: u64,
    pub(super) height: u64,
    pub(super) says: String,
    pub(super) count: u64,
    pub(super) class: &'static str,
}

/// A column of the picture with two lines, in its units.
pub(super) struct Column {
    pub(super) x: u64,
    pub(super) y: u64,
    pub(super) height: u64,
    pub(super) from: String,
    pub(super) to: String,
    /// Both edges as digits.
    pub(super) edges: (String, String),
    pub(super) count: u64,
    pub(super) class: &'static str,
}

/// A line of that picture: where it stands, its words, on which side of it they are.
pub(super) struct Line {
    pub(super) x: u64,
    pub(super) words: String,
    pub(super) anchor: &'static str,
    pub(super) class: &'static str,
}

/// That picture: its floor, its highest column, where it begins, how wide it is.
const SPREAD: (u64, u64, u64, u64) = (234, 180, 24, 690);

/// A number that can be slid.
pub(super) struct Slide<'a> {
    /// `parameter`, `parameter2`, `parameter3`.
    pub(super) parameter: &'static str,
    /// `value`, `value2`, `value3`.
    pub(super) name: &'static str,
    pub(super) line: &'a ParameterLine,
    pub(super) slider: &'a Slider,
    pub(super) at: String,
}

/// The picture: where the axis lies, how high the highest column is, how far apart
/// columns stand and how wide they are.
const FLOOR: u64 = 224;
pub(super) const HIGH: u64 = 190;
const LEFT: u64 = 8;
const STRIDE: u64 = 60;

impl SimulatePage {
    /// The households by how much they gain or lose.
    pub(super) fn bars(&self, trial: &Trial) -> Vec<Bar> {
        let most = trial.steps.iter().map(|(_, count)| *count).max();
        let most = most.unwrap_or(0).max(1);
        let bar = |(at, (says, count)): (usize, &(String, u64))| {
            // A column nobody could see would say “nobody”.
            let height = match count * HIGH / most {
                0 if *count > 0 => 2,
                height => height,
            };
            Bar {
                x: LEFT + at as u64 * STRIDE,
                y: FLOOR - height,
                height,
                says: says.clone(),
                count: *count,
                class: match says.starts_with('少') {
                    true => "lose",
                    false => "gain",
                },
            }
        };
        trial.steps.iter().enumerate().map(bar).collect()
    }

    /// The numbers chosen that one value each is tried of, to be slid on from there; the
    /// first of the law where nothing is chosen.
    pub(super) fn slides(&self) -> Vec<Slide<'_>> {
        let asked = &self.asked;
        let chosen = [
            (
                ("parameter", "value"),
                asked.parameter.as_str(),
                asked.value.as_str(),
            ),
            (("parameter2", "value2"), &asked.parameter2, &asked.value2),
            (("parameter3", "value3"), &asked.parameter3, &asked.value3),
        ];
        let first = self.parameters.iter().find(|one| one.slider.is_some());
        let slide = |((parameter, name), id, value): ((_, &'static str), &str, &str)| {
            let own = self.parameters.iter().find(|one| one.id == id);
            let line = own.or(first.filter(|_| name == "value" && asked.is_blank()))?;
            let slider = line.slider.as_ref()?;
            let digits = value.chars().all(|one| one.is_ascii_digit() || one == '.');
            let at = match !value.is_empty() && digits {
                true => value.to_owned(),
                false => slider.now.clone(),
            };
            Some(Slide {
                parameter,
                name,
                line,
                slider,
                at,
            })
        };
        chosen.into_iter().filter_map(slide).collect()
    }

    /// The columns around the two lines.
    pub(super) fn columns(&self, spread: &Spread) -> Vec<Column> {
        let (floor, high, left, width) = SPREAD;
        let most = spread.bars.iter().map(|bar| bar.count).max();
        let most = most.unwrap_or(0).max(1);
        let stride = width / (spread.bars.len() as u64).max(1);
        let column = |(at, bar): (usize, &app::simulate::SpreadBar)| {
            let height = match bar.count * high / most {
                0 if bar.count > 0 => 2,
                height => height,
            };
            Column {
                x: left + at as u64 * stride,
                y: floor - height,
                height,
                from: bar.from.clone(),
                to: bar.to.clone(),
                edges: bar.edges.clone(),
                count: bar.count,
                class: match (bar.between, at < spread.now.0.min(spread.tried.0)) {
                    (true, _) => "between",
                    (false, true) => "below",
                    (false, false) => "above",
                },
            }
        };
        spread.bars.iter().enumerate().map(column).collect()
    }

    /// How wide a column is.
    pub(super) fn column_width(&self, spread: &Spread) -> u64 {
        (SPREAD.3 / (spread.bars.len() as u64).max(1)).saturating_sub(3)
    }

    /// The line in force, and the one proposed.
    pub(super) fn lines(&self, spread: &Spread) -> [Line; 2] {
        let stride = SPREAD.3 / (spread.bars.len() as u64).max(1);
        let left = spread.now.0 <= spread.tried.0;
        let line = |(at, value): &(usize, String), word: &str, left: bool, class| Line {
            x: SPREAD.2 + *at as u64 * stride - 1,
            words: format!("{word} {value}"),
            anchor: if left { "end" } else { "start" },
            class,
        };
        [
            line(&spread.now, "现行", left, "now"),
            line(&spread.tried, "改成", !left, "tried"),
        ]
    }

    /// The edges between the columns, yuan a month, and where they stand.
    pub(super) fn edges(&self) -> Vec<(u64, i64)> {
        let edges = app::simulate::STEPS_YUAN.iter().enumerate();
        edges
            .map(|(at, edge)| (LEFT - 4 + (at as u64 + 1) * STRIDE, *edge))
            .collect()
    }
}
