//! 「运算」 What each operation does to a chunk of rows.

use super::scene::Scene;
use super::view::*;
use crate::column::{Column, FAULT, MISSING, date_of, day_number};
use crate::number::{power_of_ten, round_half_up};
use crate::program::{Comparison, Constant, Node, NodeId, Op, Storage};
use crate::typed::{DateFunction, Rounding};
use kernel::Date;

/// A number with its gap bytes being written.
type Numbers<'o> = (&'o mut Vec<i64>, &'o mut Vec<u8>);

impl Scene<'_> {
    /// Computes a node into its register; whether its first row stands for all, which
    /// it does when all operands' do, and where all rows have come out alike. A register
    /// of another sort than the node (which cannot be) becomes a fault.
    pub(crate) fn compute(&self, node: &Node, out: &mut Column) -> bool {
        let all = self.chunk.rows(node.rank);
        let alike = match node.op {
            Op::Aggregate(_) | Op::Parameter(_) => false,
            op => op.operands().all(|x| self.is_one(x)),
        };
        let rows = if alike { all.min(1) } else { all };
        self.operate(node, rows, out);
        rows > 0 && (alike || out.is_uniform(rows))
    }

    fn operate(&self, node: &Node, rows: usize, out: &mut Column) {
        match node.op {
            Op::Constant(constant) => *out = constant_column(constant),
            Op::AsOf => *out = day_column(day_number(self.environment.as_of)),
            Op::MonthsBefore(months) => *out = day_column(self.months_before(months)),
            Op::Fact(_) | Op::Field(..) => {}
            Op::Parameter(place) => self.parameter(place, out),
            Op::Spread(x, rank) => self.spread(x, rank, rows, out),
            Op::If(c, a, b) => self.choose((c, a, b), rows, out),
            Op::Aggregate(gather) => self.gather(&gather, rows, out),
            op => match out {
                Column::Truth(out) => self.truth(op, rows, out),
                Column::Number(values, gaps) => self.number(op, rows, (values, gaps)),
                Column::Date(values, gaps) => {
                    if let Op::Extreme(greatest, a, b) = op {
                        let pair = (self.dates(a), self.dates(b));
                        let to = (values, gaps);
                        map2(rows, pair, to, |x, y| {
                            (if (x < y) == greatest { y } else { x }, 0)
                        });
                    }
                }
                Column::Code(..) => {}
            },
        }
    }

    fn months_before(&self, months: u32) -> i32 {
        let back = i32::try_from(months).unwrap_or(i32::MAX).saturating_neg();
        let start = kernel::months_after(self.environment.as_of, back);
        start.map_or(i32::MIN, day_number)
    }

    fn truth(&self, op: Op, rows: usize, out: &mut Vec<u8>) {
        match op {
            Op::Not(x) => {
                let x = self.truths(x);
                join2(rows, (x, Truths::One(0)), out, |x, _| not(x));
            }
            Op::And(a, b) => join2(rows, (self.truths(a), self.truths(b)), out, and),
            Op::Or(a, b) => join2(rows, (self.truths(a), self.truths(b)), out, or),
            Op::Compare(comparison, a, b) => self.compare(comparison, (a, b), rows, out),
            _ => {}
        }
    }

    fn compare(
        &self,
        comparison: Comparison,
        (a, b): (NodeId, NodeId),
        rows: usize,
        out: &mut Vec<u8>,
    ) {
        match self.program.node(a).storage {
            Storage::Number => ask(comparison, rows, (self.numbers(a), self.numbers(b)), out),
            Storage::Date => ask(comparison, rows, (self.dates(a), self.dates(b)), out),
            Storage::Code => ask(comparison, rows, (self.codes(a), self.codes(b)), out),
            Storage::Truth => {
                let same = comparison == Comparison::Equal;
                join2(rows, (self.truths(a), self.truths(b)), out, |x, y| {
                    match gap_of_truth(x) | gap_of_truth(y) {
                        0 if (x == y) == same => crate::column::TRUE,
                        0 => crate::column::FALSE,
                        gap => truth_of_gap(gap),
                    }
                });
            }
        }
    }

    fn number(&self, op: Op, rows: usize, to: Numbers<'_>) {
        match op {
            Op::Negate(x) => map1(rows, self.numbers(x), to, |x| made(x.checked_neg())),
            Op::Abs(x) => map1(rows, self.numbers(x), to, |x| made(x.checked_abs())),
            Op::Rescale(x, more) => {
                let power = 10_i64.pow(u32::from(more));
                map1(rows, self.numbers(x), to, |x| {
                    overflowing(x.overflowing_mul(power))
                });
            }
            Op::Round(how, x, drop, zeros) => {
                let (by, times) = (power_of_ten(drop), power_of_ten(zeros));
                match u64::try_from(by) {
                    Ok(by) if zeros == 0 => {
                        map1(rows, self.numbers(x), to, |x| (rounded_near(how, x, by), 0));
                    }
                    _ => map1(rows, self.numbers(x), to, |x| {
                        fitting(rounded(how, i128::from(x), by) * times)
                    }),
                }
            }
            Op::Add(a, b) => map2(rows, (self.numbers(a), self.numbers(b)), to, |x, y| {
                overflowing(x.overflowing_add(y))
            }),
            Op::Subtract(a, b) => map2(rows, (self.numbers(a), self.numbers(b)), to, |x, y| {
                overflowing(x.overflowing_sub(y))
            }),
            Op::Multiply(a, b, 0) => map2(rows, (self.numbers(a), self.numbers(b)), to, |x, y| {
                overflowing(x.overflowing_mul(y))
            }),
            Op::Multiply(a, b, drop) => {
                let by = power_of_ten(drop);
                map2(rows, (self.numbers(a), self.numbers(b)), to, |x, y| {
                    fitting(round_half_up(i128::from(x) * i128::from(y), by))
                });
            }
            Op::Divide(a, b, shift) => {
                let power = 10_i64.pow(u32::from(shift));
                map2(rows, (self.numbers(a), self.numbers(b)), to, |x, y| {
                    divide(x, y, power)
                });
            }
            Op::Extreme(greatest, a, b) => {
                map2(rows, (self.numbers(a), self.numbers(b)), to, |x, y| {
                    (if (x < y) == greatest { y } else { x }, 0)
                });
            }
            Op::Dates(function, a, b) => match (self.dates(a), self.dates(b)) {
                // Ages on the day of judgement, nearly always: one day for all.
                (a, View::One(day, 0)) => {
                    let day = date_of(day);
                    map1(rows, a, to, |x| between(function, date_of(x), day));
                }
                pair => map2(rows, pair, to, |x, y| {
                    between(function, date_of(x), date_of(y))
                }),
            },
            _ => {}
        }
    }

    /// Each household's value of its region.
    fn parameter(&self, place: usize, out: &mut Column) {
        let regions = self.frame.regions.get(self.chunk.households.clone());
        let regions = regions.unwrap_or(&[]);
        match (out, self.environment.values.get(place)) {
            (Column::Truth(out), Some(Column::Truth(by_region))) => {
                let out = rows_of(out, regions.len());
                for (o, region) in out.iter_mut().zip(regions) {
                    *o = by_region[*region as usize];
                }
            }
            (Column::Number(v, g), Some(Column::Number(fv, fg))) => {
                by_region((v, g), (fv, fg), regions);
            }
            (Column::Date(v, g), Some(Column::Date(fv, fg))) => {
                by_region((v, g), (fv, fg), regions);
            }
            (Column::Code(v, g), Some(Column::Code(fv, fg))) => {
                by_region((v, g), (fv, fg), regions);
            }
            _ => {}
        }
    }

    /// Repeats values of the coarser rank.
    fn spread(&self, x: NodeId, rank: crate::program::Rank, rows: usize, out: &mut Column) {
        let segments = self.segments(rank);
        if self.is_one(x) {
            return self.repeat_one(x, rows, out);
        }
        match out {
            Column::Truth(out) => {
                let (out, x) = (rows_of(out, rows), self.truths(x));
                for (row, range) in segments.ranges().enumerate() {
                    out[range].fill(x.at(row));
                }
            }
            Column::Number(v, g) => repeat((v, g), rows, self.numbers(x), segments.ranges()),
            Column::Date(v, g) => repeat((v, g), rows, self.dates(x), segments.ranges()),
            Column::Code(v, g) => repeat((v, g), rows, self.codes(x), segments.ranges()),
        }
    }

    fn repeat_one(&self, x: NodeId, rows: usize, out: &mut Column) {
        out.clear();
        self.hand_out(x, rows, out);
    }

    fn choose(&self, (c, a, b): (NodeId, NodeId, NodeId), rows: usize, out: &mut Column) {
        let c = self.truths(c);
        match out {
            Column::Truth(out) => {
                let (a, b) = (self.truths(a), self.truths(b));
                for (row, o) in rows_of(out, rows).iter_mut().enumerate() {
                    let (x, y) = (a.at(row), b.at(row));
                    *o = match c.at(row) {
                        crate::column::TRUE => x,
                        crate::column::FALSE => y,
                        _ if x == y && gap_of_truth(x) == 0 => x,
                        unknown => unknown,
                    };
                }
            }
            Column::Number(v, g) => choose((v, g), rows, c, (self.numbers(a), self.numbers(b))),
            Column::Date(v, g) => choose((v, g), rows, c, (self.dates(a), self.dates(b))),
            Column::Code(v, g) => choose((v, g), rows, c, (self.codes(a), self.codes(b))),
        }
    }

    /// Appends a node's rows to an output column.
    pub(crate) fn hand_out(&self, id: NodeId, rows: usize, to: &mut Column) {
        match to {
            Column::Truth(to) => match self.truths(id) {
                Truths::Many(truths) => to.extend_from_slice(truths),
                Truths::One(truth) => to.resize(to.len() + rows, truth),
            },
            Column::Number(v, g) => append((v, g), rows, self.numbers(id)),
            Column::Date(v, g) => append((v, g), rows, self.dates(id)),
            Column::Code(v, g) => append((v, g), rows, self.codes(id)),
        }
    }
}

fn append<T: Copy + Default>((v, g): (&mut Vec<T>, &mut Vec<u8>), rows: usize, from: View<'_, T>) {
    match from {
        View::Many(values, gaps) => {
            // What stands under a gap means nothing; handed out, it is 0.
            let start = v.len();
            v.extend_from_slice(values);
            g.extend_from_slice(gaps);
            for (value, gap) in v[start..].iter_mut().zip(gaps) {
                if *gap != 0 {
                    *value = T::default();
                }
            }
        }
        View::One(value, gap) => {
            let value = if gap == 0 { value } else { T::default() };
            v.resize(v.len() + rows, value);
            g.resize(g.len() + rows, gap);
        }
    }
}

fn repeat<T: Copy + Default>(
    (v, g): (&mut Vec<T>, &mut Vec<u8>),
    rows: usize,
    from: View<'_, T>,
    ranges: impl Iterator<Item = std::ops::Range<usize>>,
) {
    let (v, g) = (rows_of(v, rows), rows_of(g, rows));
    for (row, range) in ranges.enumerate() {
        let (value, gap) = from.at(row);
        v[range.clone()].fill(value);
        g[range].fill(gap);
    }
}

fn by_region<T: Copy + Default>(
    (v, g): (&mut Vec<T>, &mut Vec<u8>),
    (from, gaps): (&[T], &[u8]),
    regions: &[u32],
) {
    let (v, g) = (rows_of(v, regions.len()), rows_of(g, regions.len()));
    for ((v, g), region) in v.iter_mut().zip(g).zip(regions) {
        (*v, *g) = (from[*region as usize], gaps[*region as usize]);
    }
}

/// Where the condition is unknown, equal known values are the answer anyway.
fn choose<T: Copy + Default + PartialEq>(
    (v, g): (&mut Vec<T>, &mut Vec<u8>),
    rows: usize,
    c: Truths<'_>,
    (a, b): (View<'_, T>, View<'_, T>),
) {
    let to = rows_of(v, rows).iter_mut().zip(rows_of(g, rows));
    for (row, (v, g)) in to.enumerate() {
        let (x, y) = (a.at(row), b.at(row));
        (*v, *g) = match c.at(row) {
            crate::column::TRUE => x,
            crate::column::FALSE => y,
            _ if x == y && x.1 == 0 => x,
            unknown => (T::default(), gap_of_truth(unknown)),
        };
    }
}

fn ask<T: Copy + PartialOrd>(
    comparison: Comparison,
    rows: usize,
    pair: (View<'_, T>, View<'_, T>),
    out: &mut Vec<u8>,
) {
    match comparison {
        Comparison::Equal => ask2(rows, pair, out, |x, y| x == y),
        Comparison::NotEqual => ask2(rows, pair, out, |x, y| x != y),
        Comparison::Less => ask2(rows, pair, out, |x, y| x < y),
        Comparison::AtMost => ask2(rows, pair, out, |x, y| x <= y),
    }
}

fn made(value: Option<i64>) -> Made<i64> {
    value.map_or((0, FAULT), |value| (value, 0))
}

fn overflowing((value, over): (i64, bool)) -> Made<i64> {
    (value, u8::from(over) * FAULT)
}

fn fitting(value: i128) -> Made<i64> {
    made(i64::try_from(value).ok())
}

fn rounded(how: Rounding, value: i128, by: i128) -> i128 {
    match how {
        Rounding::HalfUp => round_half_up(value, by),
        Rounding::Down => value / by,
        Rounding::Up => (value + value.signum() * (by - 1)) / by,
    }
}

/// The same in 64 bits, many times faster; dropping decimals always fits.
fn rounded_near(how: Rounding, value: i64, by: u64) -> i64 {
    let more = match how {
        Rounding::HalfUp => by / 2,
        Rounding::Down => 0,
        Rounding::Up => by - 1,
    };
    let magnitude = ((value.unsigned_abs() + more) / by) as i64;
    if value < 0 { -magnitude } else { magnitude }
}

/// The quotient of x × power by y, halves away from zero; a fault by zero.
fn divide(x: i64, y: i64, power: i64) -> Made<i64> {
    if y == 0 {
        return (0, FAULT);
    }
    // Most quotients fit in 64 bits, where division is many times faster.
    let near = u64::MAX / 4;
    match x.checked_mul(power) {
        Some(x) if x.unsigned_abs() < near && y.unsigned_abs() < near => {
            let (above, below) = (x.unsigned_abs(), y.unsigned_abs());
            let magnitude = ((above + below / 2) / below) as i64;
            let positive = (x < 0) == (y < 0);
            (if positive { magnitude } else { -magnitude }, 0)
        }
        _ => {
            let (x, y) = (i128::from(x) * i128::from(power), i128::from(y));
            fitting(round_half_up(x * y.signum(), y.abs()))
        }
    }
}

fn between(function: DateFunction, from: Date, to: Date) -> Made<i64> {
    match function {
        DateFunction::Days => ((to - from).num_days(), 0),
        DateFunction::Months => (i64::from(kernel::months_between(from, to)), 0),
        DateFunction::Age => match kernel::age_on(from, to) {
            Some(age) => (i64::from(age), 0),
            None => (0, MISSING),
        },
    }
}

fn constant_column(constant: Constant) -> Column {
    match constant {
        Constant::Truth(truth) => Column::Truth(vec![truth]),
        Constant::Number(digits) => Column::Number(vec![digits], vec![0]),
        Constant::Date(day) => day_column(day),
        Constant::Code(number) => Column::Code(vec![number], vec![0]),
    }
}

fn day_column(day: i32) -> Column {
    Column::Date(vec![day], vec![0])
}
