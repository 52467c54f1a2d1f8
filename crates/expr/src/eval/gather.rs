//! 「汇总」 Aggregates: members into households, records into persons.

use super::scene::{Scene, Segments};
use super::view::*;
use super::width::{Outcome, UNKNOWN_WIDTH};
use crate::ast::AggregateOp;
use crate::column::{Column, FALSE, FAULT, MISSING, TRUE};
use crate::program::{Gather, Rank};

/// Memory for running totals, kept between operations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    numbers: Vec<i64>,
    marks: Vec<u64>,
}

/// As many rows as a running total's four counters can count.
const ROWS_MAX: usize = 1 << 16;

impl Scene<'_> {
    pub(super) fn gather(
        &self,
        gather: &Gather,
        rows: usize,
        out: &mut Column,
        totals: &mut Totals,
    ) -> Outcome {
        let segments = self.segments(gather.over);
        let unanswered = self.unanswered(gather.over);
        let filter = gather.filter.map(|filter| self.truths(filter));
        match (out, gather.value) {
            (Column::Truth(out), Some(value)) => {
                let any = gather.op == AggregateOp::Any;
                let truths = self.truths(value);
                let out = rows_of(out, rows);
                gather_truths(any, truths, segments, unanswered, (out, totals));
                Outcome::whole(0)
            }
            (Column::Number(v, g), None) => {
                let to = (rows_of(v, rows), rows_of(g, rows));
                let one = View::One(1, 0);
                gather_sum((one, 1), filter, segments, unanswered, to, totals)
            }
            (Column::Number(v, g), Some(value)) => {
                let to = (rows_of(v, rows), rows_of(g, rows));
                let (values, width) = (self.numbers(value), self.width(value));
                match gather.op {
                    AggregateOp::Sum => {
                        gather_sum((values, width), filter, segments, unanswered, to, totals)
                    }
                    op => {
                        gather_extreme(op, values, filter, segments, unanswered, to);
                        Outcome::whole(width)
                    }
                }
            }
            (Column::Date(v, g), Some(value)) => {
                let to = (rows_of(v, rows), rows_of(g, rows));
                let values = self.dates(value);
                gather_extreme(gather.op, values, filter, segments, unanswered, to);
                Outcome::whole(0)
            }
            _ => Outcome::whole(0),
        }
    }

    /// For records: per person, whether it is unknown if there are (more).
    fn unanswered(&self, over: Rank) -> Option<&[u8]> {
        let Rank::Record(kind) = over else {
            return None;
        };
        let gaps = &self.records(kind)?.gaps;
        gaps.get(self.chunk.persons.clone())
    }
}

fn unanswered_at(unanswered: Option<&[u8]>, row: usize) -> u8 {
    unanswered.map_or(0, |gaps| gaps.get(row).copied().unwrap_or(MISSING))
}

/// Kleene's "some" and "every": one deciding member decides, whoever else is
/// unknown. Counted up over all rows, so that a household's share is a difference:
/// households of all sizes take the same steps, which no branch has to guess.
fn gather_truths(
    any: bool,
    truths: Truths<'_>,
    segments: Segments<'_>,
    unanswered: Option<&[u8]>,
    (out, totals): (&mut [u8], &mut Totals),
) {
    let counted = match truths {
        Truths::Many(truths) if truths.len() < ROWS_MAX => {
            let marks = truths.iter().map(|truth| mark(*truth));
            total(&mut totals.marks, marks);
            Some(&totals.marks[..])
        }
        _ => None,
    };
    for (row, (o, range)) in out.iter_mut().zip(segments.ranges()).enumerate() {
        let seen = match (counted, truths) {
            (Some(marks), _) => marks[range.end] - marks[range.start],
            (None, Truths::One(truth)) => mark(truth) * u64::from(!range.is_empty()),
            (None, Truths::Many(truths)) => truths[range].iter().fold(0, |seen, t| seen | mark(*t)),
        };
        *o = decided(any, seen, unanswered_at(unanswered, row));
    }
}

/// A truth as one of four counters: true, false, unknown, fault.
fn mark(truth: u8) -> u64 {
    let truth = u64::from(truth);
    (truth & 1) | (truth & 2) << 15 | u64::from(truth == 0) << 32 | (truth & 4) << 46
}

/// What members' truths come to, from which of them there are.
fn decided(any: bool, seen: u64, unanswered: u8) -> u8 {
    let there = |counter: u32| u8::from((seen >> (16 * counter)) as u16 != 0);
    let (holds, fails, fault) = (there(0), there(1), there(3));
    let closed = 1 ^ (there(2) | fault | u8::from(unanswered != 0));
    let (holds, fails) = if any {
        (holds, (1 ^ holds) & closed)
    } else {
        ((1 ^ fails) & closed, fails)
    };
    holds | fails << 1 | (fault & (1 ^ (holds | fails))) << 2
}

/// Running totals: one more than there are values, from 0.
fn total<T: Copy + Default + std::ops::Add<Output = T>>(
    totals: &mut Vec<T>,
    values: impl ExactSizeIterator<Item = T>,
) {
    let totals = rows_of(totals, values.len() + 1);
    let mut sum = T::default();
    totals[0] = sum;
    for (to, value) in totals[1..].iter_mut().zip(values) {
        sum = sum + value;
        *to = sum;
    }
}

/// Of members for whom it is unknown whether they count, only a value of 0
/// cannot matter.
fn gather_sum(
    (values, width): (View<'_, i64>, u32),
    filter: Option<Truths<'_>>,
    segments: Segments<'_>,
    unanswered: Option<&[u8]>,
    to: (&mut [i64], &mut [u8]),
    totals: &mut Totals,
) -> Outcome {
    let rows = segments.rows();
    if rows >= ROWS_MAX || width > 46 {
        let failed = sum_large(values, filter, segments, unanswered, to);
        return Outcome {
            failed,
            width: UNKNOWN_WIDTH,
        };
    }
    let found = match (values, filter) {
        (View::One(1, 0), None | Some(Truths::One(TRUE))) => {
            for (count, range) in to.0.iter_mut().zip(segments.ranges()) {
                *count = range.len() as i64;
            }
            to.1.fill(0);
            false
        }
        (View::Many(numbers, gaps), filter) => {
            let values = numbers.iter().copied().zip(gaps.iter().copied());
            add_up(values, filter, rows, totals)
        }
        (View::One(number, gap), filter) => {
            let values = std::iter::repeat_n((number, gap), rows);
            add_up(values, filter, rows, totals)
        }
    };
    let counting = matches!(
        (values, filter),
        (View::One(1, 0), None | Some(Truths::One(TRUE)))
    );
    if !counting {
        share_out(found, segments, (to.0, to.1), totals);
    }
    if let Some(unanswered) = unanswered {
        for ((total, gap), open) in to.0.iter_mut().zip(to.1.iter_mut()).zip(unanswered) {
            *gap |= open;
            *total &= -i64::from(*gap == 0);
        }
    }
    Outcome::whole(width + usize::BITS - rows.leading_zeros() + 1)
}

/// Running totals of what counts, and of gaps where there are any; whether there are.
fn add_up(
    values: impl ExactSizeIterator<Item = (i64, u8)> + Clone,
    filter: Option<Truths<'_>>,
    rows: usize,
    totals: &mut Totals,
) -> bool {
    let gap_mark = |gap: u8| u64::from(gap & MISSING) | u64::from(gap & FAULT) << 31;
    match filter {
        None | Some(Truths::One(TRUE)) => {
            total(&mut totals.numbers, values.clone().map(|(value, _)| value));
            let found = values.clone().fold(0, |all, (_, gap)| all | gap) != 0;
            if found {
                total(&mut totals.marks, values.map(|(_, gap)| gap_mark(gap)));
            }
            found
        }
        Some(Truths::One(truth)) => {
            let truths = std::iter::repeat_n(truth, rows);
            add_counted(values, truths, gap_mark, totals)
        }
        Some(Truths::Many(truths)) => add_counted(values, truths.iter().copied(), gap_mark, totals),
    }
}

fn add_counted(
    values: impl ExactSizeIterator<Item = (i64, u8)> + Clone,
    truths: impl ExactSizeIterator<Item = u8> + Clone,
    gap_mark: impl Fn(u8) -> u64,
    totals: &mut Totals,
) -> bool {
    let counted = values.clone().zip(truths.clone());
    let kept = counted.map(|((value, _), counts)| value & -i64::from(counts == TRUE));
    total(&mut totals.numbers, kept);
    let gap = |((value, gap), counts): ((i64, u8), u8)| match counts {
        TRUE => gap,
        FALSE => 0,
        // Values under gaps mean nothing, and may be 0.
        unknown if value != 0 || gap != 0 => gap_of_truth(unknown),
        _ => 0,
    };
    let unknown = truths.clone().fold(TRUE, |all, t| all & (t | t >> 1)) == 0;
    let gaps = values.clone().fold(0, |all, (_, gap)| all | gap) != 0;
    if unknown || gaps {
        let marks = values.zip(truths).map(|row| gap_mark(gap(row)));
        total(&mut totals.marks, marks);
    }
    unknown || gaps
}

/// Each household's part of the running totals.
fn share_out(
    gaps_found: bool,
    segments: Segments<'_>,
    (out, gaps): (&mut [i64], &mut [u8]),
    totals: &Totals,
) {
    for (sum, range) in out.iter_mut().zip(segments.ranges()) {
        *sum = totals.numbers[range.end] - totals.numbers[range.start];
    }
    if !gaps_found {
        return gaps.fill(0);
    }
    for ((sum, gap), range) in out.iter_mut().zip(gaps).zip(segments.ranges()) {
        let seen = totals.marks[range.end] - totals.marks[range.start];
        *gap = u8::from(seen as u32 != 0) | u8::from(seen >> 32 != 0) << 1;
        *sum &= -i64::from(*gap == 0);
    }
}

/// Beyond what running totals can hold; whether some sum does not fit.
fn sum_large(
    values: View<'_, i64>,
    filter: Option<Truths<'_>>,
    segments: Segments<'_>,
    unanswered: Option<&[u8]>,
    (out, gaps): (&mut [i64], &mut [u8]),
) -> bool {
    let filter = filter.unwrap_or(Truths::One(TRUE));
    let mut failed = false;
    for (row, range) in segments.ranges().enumerate() {
        let mut total = 0_i128;
        let mut gap = unanswered_at(unanswered, row);
        for member in range {
            let (value, value_gap) = values.at(member);
            match filter.at(member) {
                TRUE => {
                    total += i128::from(value);
                    gap |= value_gap;
                }
                FALSE => {}
                _ if value == 0 && value_gap == 0 => {}
                unknown => gap |= gap_of_truth(unknown),
            }
        }
        (out[row], gaps[row]) = match (gap, i64::try_from(total)) {
            (0, Ok(total)) => (total, 0),
            (0, Err(_)) => (0, FAULT),
            (gap, _) => (0, gap),
        };
        failed |= gaps[row] & FAULT != 0;
    }
    failed
}

/// The least or greatest; of none, missing.
fn gather_extreme<T: Copy + Default + PartialOrd>(
    op: AggregateOp,
    values: View<'_, T>,
    filter: Option<Truths<'_>>,
    segments: Segments<'_>,
    unanswered: Option<&[u8]>,
    (out, gaps): (&mut [T], &mut [u8]),
) {
    let greatest = op == AggregateOp::Max;
    for (row, range) in segments.ranges().enumerate() {
        let mut best: Option<T> = None;
        let mut gap = unanswered_at(unanswered, row);
        for member in range {
            let (value, value_gap) = values.at(member);
            match filter.map_or(TRUE, |filter| filter.at(member)) {
                TRUE => {
                    gap |= value_gap;
                    best = Some(match best {
                        Some(best) if (best < value) != greatest => best,
                        _ => value,
                    });
                }
                FALSE => {}
                unknown => gap |= gap_of_truth(unknown),
            }
        }
        (out[row], gaps[row]) = match (gap, best) {
            (0, Some(best)) => (best, 0),
            (0, None) => (T::default(), MISSING),
            (gap, _) => (T::default(), gap),
        };
    }
}
