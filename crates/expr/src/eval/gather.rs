//! 「汇总」 Aggregates: members into households, records into persons.

use super::scene::{Scene, Segments};
use super::view::*;
use crate::ast::AggregateOp;
use crate::column::{Column, FALSE, FAULT, MISSING, TRUE};
use crate::program::{Gather, Rank};

impl Scene<'_> {
    pub(super) fn gather(&self, gather: &Gather, rows: usize, out: &mut Column) {
        let segments = self.segments(gather.over);
        let unanswered = self.unanswered(gather.over);
        match (out, gather.value) {
            (Column::Truth(out), Some(value)) => {
                let any = gather.op == AggregateOp::Any;
                let truths = self.truths(value);
                let out = rows_of(out, rows);
                gather_truths(any, truths, segments, unanswered, out);
            }
            (Column::Number(v, g), None) => {
                let filter = gather.filter.map(|filter| self.truths(filter));
                let one = View::One(1, 0);
                let to = (rows_of(v, rows), rows_of(g, rows));
                gather_sum(one, filter, segments, unanswered, to);
            }
            (Column::Number(v, g), Some(value)) => {
                let filter = gather.filter.map(|filter| self.truths(filter));
                let to = (rows_of(v, rows), rows_of(g, rows));
                let values = self.numbers(value);
                match gather.op {
                    AggregateOp::Sum => gather_sum(values, filter, segments, unanswered, to),
                    op => gather_extreme(op, values, filter, segments, unanswered, to),
                }
            }
            (Column::Date(v, g), Some(value)) => {
                let filter = gather.filter.map(|filter| self.truths(filter));
                let to = (rows_of(v, rows), rows_of(g, rows));
                gather_extreme(
                    gather.op,
                    self.dates(value),
                    filter,
                    segments,
                    unanswered,
                    to,
                );
            }
            _ => {}
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
/// unknown.
fn gather_truths(
    any: bool,
    truths: Truths<'_>,
    segments: Segments<'_>,
    unanswered: Option<&[u8]>,
    out: &mut [u8],
) {
    for (row, range) in segments.ranges().enumerate() {
        let (mut some, mut every) = (0, TRUE | FALSE);
        match truths {
            Truths::Many(truths) => {
                for truth in &truths[range] {
                    some |= truth;
                    every &= truth;
                }
            }
            Truths::One(truth) if !range.is_empty() => (some, every) = (truth, truth),
            Truths::One(_) => {}
        }
        if unanswered_at(unanswered, row) != 0 {
            every = 0;
        }
        let known = if any {
            (some & TRUE) | (every & FALSE)
        } else {
            (some & FALSE) | (every & TRUE)
        };
        out[row] = settled(known, some);
    }
}

/// Of members for whom it is unknown whether they count, only a value of 0
/// cannot matter.
fn gather_sum(
    values: View<'_, i64>,
    filter: Option<Truths<'_>>,
    segments: Segments<'_>,
    unanswered: Option<&[u8]>,
    to: (&mut [i64], &mut [u8]),
) {
    let filter = filter.unwrap_or(Truths::One(TRUE));
    match values {
        View::Many(numbers, gaps) if are_small(numbers) => {
            let at = |row: usize| (numbers[row], gaps[row]);
            sum_small(at, filter, segments, unanswered, to);
        }
        // Even four billion of them fit.
        View::One(number, gap) if number.unsigned_abs() >> 30 == 0 => {
            sum_small(|_| (number, gap), filter, segments, unanswered, to);
        }
        _ => sum_large(values, filter, segments, unanswered, to),
    }
}

/// Whether as many as a chunk can have add up within 64 bits.
fn are_small(numbers: &[i64]) -> bool {
    let bits = numbers.iter().fold(0, |all, x| all | (x ^ (x >> 63)));
    bits >> 46 == 0 && numbers.len() < 1 << 16
}

fn sum_small(
    at: impl Fn(usize) -> (i64, u8),
    filter: Truths<'_>,
    segments: Segments<'_>,
    unanswered: Option<&[u8]>,
    (out, gaps): (&mut [i64], &mut [u8]),
) {
    let counts_at = |row: usize| match filter {
        Truths::One(truth) => truth,
        Truths::Many(truths) => truths[row],
    };
    for (row, range) in segments.ranges().enumerate() {
        let mut total = 0_i64;
        let mut gap = unanswered_at(unanswered, row);
        for member in range {
            let ((value, value_gap), counts) = (at(member), counts_at(member));
            let counted = i64::from(counts == TRUE).wrapping_neg();
            // Values under gaps mean nothing, and gaps make the sum one.
            total = total.wrapping_add(value & counted);
            gap |= value_gap & counted as u8;
            if counts & (TRUE | FALSE) == 0 && (value != 0 || value_gap != 0) {
                gap |= gap_of_truth(counts);
            }
        }
        (out[row], gaps[row]) = (if gap == 0 { total } else { 0 }, gap);
    }
}

fn sum_large(
    values: View<'_, i64>,
    filter: Truths<'_>,
    segments: Segments<'_>,
    unanswered: Option<&[u8]>,
    (out, gaps): (&mut [i64], &mut [u8]),
) {
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
    }
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
