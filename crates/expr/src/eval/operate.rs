//! 「运算」 What each operation does to a chunk of rows.

use super::gather::{BLOCK, Totals, is_some_unknown};
use super::scene::{Part, Scene};
use super::view::*;
use super::wide::wide;
use super::width::{Outcome, State, UNKNOWN_WIDTH, width_of_all};
use crate::Environment;
use crate::column::{Column, day_number};
use crate::program::{Comparison, Constant, Node, NodeId, Op, Rank, Step, Storage};
use std::iter::repeat_n;

impl Scene<'_> {
    /// Computes a node into its register. Its first row stands for all when all
    /// operands' do, and where all rows have come out alike. A register of another sort
    /// than the node (which cannot be) becomes a fault.
    pub(crate) fn compute(&self, step: &Step, out: &mut Column, totals: &mut Totals) -> State {
        let node = &step.node;
        let all = self.chunk.rows(node.rank);
        let (mut alike, mut faulty) = (
            !matches!(node.op, Op::Aggregate(_) | Op::Parameter(_)),
            false,
        );
        for operand in &step.operands {
            let state = self.state(*operand);
            alike &= state.uniform;
            faulty |= state.faulty;
        }
        let rows = if alike { all.min(1) } else { all };
        let outcome = self.operate(node, rows, out, totals);
        let uniform = rows > 0 && (alike || rows == 1 || out.is_uniform(rows));
        State {
            uniform,
            faulty: faulty || outcome.failed,
            width: match uniform {
                true => out.width_at(0),
                false => outcome.width,
            },
        }
    }

    fn operate(&self, node: &Node, rows: usize, out: &mut Column, totals: &mut Totals) -> Outcome {
        match node.op {
            Op::Constant(constant) => *out = constant_column(constant),
            Op::AsOf => *out = day_column(today(self.environment)),
            Op::MonthsBefore(months) => *out = day_column(months_before(self.environment, months)),
            Op::Fact(_) | Op::Field(..) => {}
            Op::Parameter(place) => return self.parameter(place, out),
            Op::Spread(x, rank) => {
                self.spread(x, rank, rows, out);
                return Outcome::whole(self.width(x));
            }
            Op::If(c, a, b) => {
                self.choose((c, a, b), rows, out);
                return Outcome::whole(self.width(a).max(self.width(b)));
            }
            Op::Aggregate(gather) => return self.gather(&gather, rows, out, totals),
            op => match out {
                Column::Truth(out) => self.truth(op, rows, out),
                Column::Number(values, gaps) => return self.number(op, rows, (values, gaps)),
                Column::Date(values, gaps) => {
                    if let Op::Extreme(greatest, a, b) = op {
                        let pair = (self.dates(a), self.dates(b));
                        map2(rows, pair, (values, gaps), |x, y| {
                            (if (x < y) == greatest { y } else { x }, 0)
                        });
                    }
                }
                Column::Code(..) => {}
            },
        }
        Outcome::whole(UNKNOWN_WIDTH)
    }

    fn truth(&self, op: Op, rows: usize, out: &mut Vec<u8>) {
        match op {
            Op::Not(x) => {
                let x = self.truths(x);
                join2(rows, (x, Truths::One(0)), out, |x, _| not(x));
            }
            Op::And(a, b) => {
                let pair = (self.truths(a), self.truths(b));
                match self.may_be_faulty(a) || self.may_be_faulty(b) {
                    true => join2(rows, pair, out, and),
                    false => join2(rows, pair, out, and_known),
                }
            }
            Op::Or(a, b) => {
                let pair = (self.truths(a), self.truths(b));
                match self.may_be_faulty(a) || self.may_be_faulty(b) {
                    true => join2(rows, pair, out, or),
                    false => join2(rows, pair, out, or_known),
                }
            }
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
            Storage::Number => {
                let pair = (self.numbers(a), self.numbers(b));
                // A difference that fits has the sign of the comparison, and signs are
                // cheap to take from many numbers at once.
                let known = match comparison {
                    Comparison::Equal => self.ask_few((a, b), rows, out, |x, y| x == y),
                    Comparison::NotEqual => self.ask_few((a, b), rows, out, |x, y| x != y),
                    Comparison::Less => self.ask_few((a, b), rows, out, |x, y| x < y),
                    Comparison::AtMost => self.ask_few((a, b), rows, out, |x, y| x <= y),
                };
                match (comparison, self.width(a).max(self.width(b)) < 63) {
                    _ if known => {}
                    (Comparison::Less, true) => {
                        ask2(rows, pair, out, |x, y| x.wrapping_sub(y) < 0);
                    }
                    (Comparison::AtMost, true) => {
                        ask2(rows, pair, out, |x, y| y.wrapping_sub(x) >= 0);
                    }
                    _ => ask(comparison, rows, pair, out),
                }
            }
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

    /// Each household's value of its region.
    fn parameter(&self, place: usize, out: &mut Column) -> Outcome {
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
                return Outcome::whole(width_of_all(rows_of(v, regions.len())));
            }
            (Column::Date(v, g), Some(Column::Date(fv, fg))) => {
                by_region((v, g), (fv, fg), regions);
            }
            (Column::Code(v, g), Some(Column::Code(fv, fg))) => {
                by_region((v, g), (fv, fg), regions);
            }
            _ => {}
        }
        Outcome::whole(UNKNOWN_WIDTH)
    }

    /// Repeats values of the coarser rank.
    fn spread(&self, x: NodeId, rank: crate::program::Rank, rows: usize, out: &mut Column) {
        if self.is_one(x) {
            return self.repeat_one(x, rows, out);
        }
        if rank == Rank::Person {
            let owners = &self.chunk.owners[..];
            return match out {
                Column::Truth(out) => {
                    if let Truths::Many(truths) = self.truths(x) {
                        pick(rows_of(out, rows), truths, owners);
                    }
                }
                Column::Number(v, g) => pick_both((v, g), rows, self.numbers(x), owners),
                Column::Date(v, g) => pick_both((v, g), rows, self.dates(x), owners),
                Column::Code(v, g) => pick_both((v, g), rows, self.codes(x), owners),
            };
        }
        let parts = self.parts(rank);
        match out {
            Column::Truth(out) => {
                let (out, x) = (rows_of(out, rows), self.truths(x));
                for part in parts {
                    out[part.range()].fill(x.at(part.row()));
                }
            }
            Column::Number(v, g) => repeat((v, g), rows, self.numbers(x), parts),
            Column::Date(v, g) => repeat((v, g), rows, self.dates(x), parts),
            Column::Code(v, g) => repeat((v, g), rows, self.codes(x), parts),
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
            amend(&mut v[start..], gaps, |value, gap| match gap {
                0 => value,
                _ => T::default(),
            });
        }
        View::One(value, gap) => {
            let value = if gap == 0 { value } else { T::default() };
            v.resize(v.len() + rows, value);
            g.resize(g.len() + rows, gap);
        }
    }
}

/// Each person's household's value.
fn pick<T: Copy>(out: &mut [T], from: &[T], owners: &[u32]) {
    for (o, owner) in out.iter_mut().zip(owners) {
        *o = from[*owner as usize];
    }
}

fn pick_both<T: Copy + Default>(
    (v, g): (&mut Vec<T>, &mut Vec<u8>),
    rows: usize,
    from: View<'_, T>,
    owners: &[u32],
) {
    if let View::Many(values, gaps) = from {
        pick(rows_of(v, rows), values, owners);
        pick(rows_of(g, rows), gaps, owners);
    }
}

fn repeat<T: Copy + Default>(
    (v, g): (&mut Vec<T>, &mut Vec<u8>),
    rows: usize,
    from: View<'_, T>,
    parts: &[Part],
) {
    let (v, g) = (rows_of(v, rows), rows_of(g, rows));
    for part in parts {
        let (value, gap) = from.at(part.row());
        v[part.range()].fill(value);
        g[part.range()].fill(gap);
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
    use crate::column::{FALSE, TRUE};
    let (v, g) = (rows_of(v, rows), rows_of(g, rows));
    let Truths::Many(truths) = c else {
        for (row, (v, g)) in v.iter_mut().zip(g).enumerate() {
            (*v, *g) = chosen(c.at(row), a.at(row), b.at(row));
        }
        return;
    };
    match (a, b) {
        (View::Many(xs, gx), View::Many(ys, gy)) => {
            blend(v, truths, (xs.iter().copied(), ys.iter().copied()));
            blend(g, truths, (gx.iter().copied(), gy.iter().copied()));
        }
        (View::Many(xs, gx), View::One(y, gy)) => {
            blend(v, truths, (xs.iter().copied(), repeat_n(y, rows)));
            blend(g, truths, (gx.iter().copied(), repeat_n(gy, rows)));
        }
        (View::One(x, gx), View::Many(ys, gy)) => {
            blend(v, truths, (repeat_n(x, rows), ys.iter().copied()));
            blend(g, truths, (repeat_n(gx, rows), gy.iter().copied()));
        }
        (View::One(x, gx), View::One(y, gy)) => {
            blend(v, truths, (repeat_n(x, rows), repeat_n(y, rows)));
            blend(g, truths, (repeat_n(gx, rows), repeat_n(gy, rows)));
        }
    }
    // Unknown truths are few, or many together.
    for (block, truths) in truths.chunks(BLOCK).enumerate() {
        if !is_some_unknown(truths) {
            continue;
        }
        for (row, truth) in (block * BLOCK..).zip(truths) {
            if *truth != TRUE && *truth != FALSE {
                (v[row], g[row]) = chosen(*truth, a.at(row), b.at(row));
            }
        }
    }
}

fn blend<T: Copy>(
    out: &mut [T],
    truths: &[u8],
    (xs, ys): (impl Iterator<Item = T>, impl Iterator<Item = T>),
) {
    wide(
        #[inline(always)]
        move || {
            for ((o, truth), (x, y)) in out.iter_mut().zip(truths).zip(xs.zip(ys)) {
                *o = if *truth == crate::column::TRUE { x } else { y };
            }
        },
    );
}

fn chosen<T: Copy + Default + PartialEq>(truth: u8, x: (T, u8), y: (T, u8)) -> (T, u8) {
    match truth {
        crate::column::TRUE => x,
        crate::column::FALSE => y,
        _ if x == y && x.1 == 0 => x,
        unknown => (T::default(), gap_of_truth(unknown)),
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

pub(super) fn today(environment: &Environment) -> i32 {
    day_number(environment.as_of)
}

pub(super) fn months_before(environment: &Environment, months: u32) -> i32 {
    let back = i32::try_from(months).unwrap_or(i32::MAX).saturating_neg();
    let start = kernel::months_after(environment.as_of, back);
    start.map_or(i32::MIN, day_number)
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
