//! 「汇总」 Aggregates: members into households, records into persons.

use super::scene::{Scene, Segments};
use super::view::*;
use super::wide::wide;
use super::width::{Outcome, UNKNOWN_WIDTH};
use crate::ast::AggregateOp;
use crate::column::{Column, FALSE, FAULT, MISSING, TRUE, TRUTH_FAULT};
use crate::program::{Gather, Rank};

/// Memory for aggregates, kept between operations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    /// Running totals, and what is added up in them.
    numbers: Vec<i64>,
    counted: Vec<i64>,
    /// What was seen of each member, then of the household from that member on.
    seen: Vec<u8>,
    further: Vec<u8>,
}

/// Beside the truths themselves: some member's is unknown.
pub(super) const OPEN: u8 = 8;

impl Scene<'_> {
    pub(super) fn gather(
        &self,
        gather: &Gather,
        rows: usize,
        out: &mut Column,
        totals: &mut Totals,
    ) -> Outcome {
        let unanswered = self.unanswered(gather.over);
        let filter = gather.filter.map(|filter| self.truths(filter));
        let width = gather.value.map_or(1, |value| self.width(value));
        match (out, gather.value) {
            (Column::Truth(out), Some(value)) => {
                let any = gather.op == AggregateOp::Any;
                let (truths, out) = (self.truths(value), rows_of(out, rows));
                match (gather.over, truths) {
                    (Rank::Person, Truths::Many(truths)) => {
                        self.gather_members(any, truths, out, totals);
                    }
                    _ => gather_truths(any, truths, self.segments(gather.over), unanswered, out),
                }
                Outcome::whole(0)
            }
            (Column::Number(v, g), value) => {
                let to = (rows_of(v, rows), rows_of(g, rows));
                let values = value.map_or(View::One(1, 0), |value| self.numbers(value));
                match gather.op {
                    AggregateOp::Sum | AggregateOp::Count => {
                        self.gather_sum((values, width), filter, gather.over, to, totals)
                    }
                    op => {
                        let segments = self.segments(gather.over);
                        gather_extreme(op, values, filter, segments, unanswered, to);
                        Outcome::whole(width)
                    }
                }
            }
            (Column::Date(v, g), Some(value)) => {
                let to = (rows_of(v, rows), rows_of(g, rows));
                let (values, segments) = (self.dates(value), self.segments(gather.over));
                gather_extreme(gather.op, values, filter, segments, unanswered, to);
                Outcome::whole(0)
            }
            _ => Outcome::whole(0),
        }
    }

    /// Some and every of members. What each household has is gathered towards its first
    /// member, twice as many members with each step: households of all sizes take the
    /// same steps, so that no branch has to be guessed.
    fn gather_members(&self, any: bool, truths: &[u8], out: &mut [u8], totals: &mut Totals) {
        let seen = rows_of(&mut totals.seen, truths.len());
        each(seen, truths, |truth| truth | (u8::from(truth == 0) * OPEN));
        self.gather_first(truths.len(), totals);
        let (seen, segments) = (&totals.seen[..truths.len()], self.segments(Rank::Person));
        for (o, range) in out.iter_mut().zip(segments.ranges()) {
            // Households without members may be last.
            let here = seen.get(range.start).copied().unwrap_or(0);
            *o = decided(any, here & u8::from(!range.is_empty()).wrapping_neg(), 0);
        }
    }

    /// Gathers `totals.seen` of every household at its first member.
    fn gather_first(&self, rows: usize, totals: &mut Totals) {
        for (step, joined) in self.chunk.joined.iter().enumerate() {
            let ahead = 1 << step;
            let (seen, further) = (&totals.seen[..rows], rows_of(&mut totals.further, rows));
            let last = rows.saturating_sub(ahead);
            let next = seen[rows - last..].iter().zip(joined);
            further[last..].copy_from_slice(&seen[last..]);
            wide(
                #[inline(always)]
                move || {
                    for ((to, this), (next, joined)) in further.iter_mut().zip(seen).zip(next) {
                        *to = this | (next & joined);
                    }
                },
            );
            std::mem::swap(&mut totals.seen, &mut totals.further);
        }
    }

    /// Of members for whom it is unknown whether they count, only a value of 0
    /// cannot matter.
    fn gather_sum(
        &self,
        (values, width): (View<'_, i64>, u32),
        filter: Option<Truths<'_>>,
        over: Rank,
        (out, gaps): (&mut [i64], &mut [u8]),
        totals: &mut Totals,
    ) -> Outcome {
        let segments = self.segments(over);
        let rows = segments.rows();
        let width = width + usize::BITS - rows.leading_zeros() + 1;
        let filter = filter.filter(|filter| !matches!(filter, Truths::One(TRUE)));
        match (over, values, filter) {
            (Rank::Person, View::One(1, 0), None) => {
                for (count, range) in out.iter_mut().zip(segments.ranges()) {
                    *count = range.len() as i64;
                }
                gaps.fill(0);
            }
            (Rank::Person, View::Many(numbers, from), filter) if width < i64::BITS => {
                let open = count_members((numbers, from), filter, totals);
                self.share_out(filter.is_some(), numbers, (out, gaps), open, totals);
            }
            (Rank::Person, View::One(number, 0), Some(Truths::Many(truths)))
                if width < i64::BITS =>
            {
                let open = count_alike(number, truths, totals);
                self.share_out(true, &[], (out, gaps), open, totals);
            }
            _ => {
                let unanswered = self.unanswered(over);
                let failed = sum_plainly(values, filter, segments, unanswered, (out, gaps));
                return Outcome {
                    failed,
                    ..Outcome::whole(match width < i64::BITS {
                        true => width,
                        false => UNKNOWN_WIDTH,
                    })
                };
            }
        }
        Outcome::whole(width)
    }

    /// Each household's part of the running total, unless it has a gap (`open`: some
    /// household may).
    fn share_out(
        &self,
        counted: bool,
        numbers: &[i64],
        (out, gaps): (&mut [i64], &mut [u8]),
        open: bool,
        totals: &mut Totals,
    ) {
        let segments = self.segments(Rank::Person);
        let rows = segments.rows();
        let added = match counted {
            true => &totals.counted[..rows],
            false => numbers,
        };
        let running = rows_of(&mut totals.numbers, rows + 1);
        let mut sum = 0;
        running[0] = 0;
        for (to, number) in running[1..].iter_mut().zip(added) {
            sum += number;
            *to = sum;
        }
        for (sum, range) in out.iter_mut().zip(segments.ranges()) {
            *sum = running[range.end] - running[range.start];
        }
        if !open {
            return gaps.fill(0);
        }
        self.gather_first(rows, totals);
        let seen = &totals.seen[..rows];
        for ((sum, gap), range) in out.iter_mut().zip(gaps).zip(segments.ranges()) {
            let here = seen.get(range.start).copied().unwrap_or(0);
            *gap = here & u8::from(!range.is_empty()).wrapping_neg();
            *sum &= -i64::from(*gap == 0);
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

/// Kleene's "some" and "every": one deciding member decides, whoever else is unknown.
fn gather_truths(
    any: bool,
    truths: Truths<'_>,
    segments: Segments<'_>,
    unanswered: Option<&[u8]>,
    out: &mut [u8],
) {
    match unanswered {
        Some(unanswered) => {
            for (o, open) in out.iter_mut().zip(unanswered) {
                *o = decided(any, 0, *open);
            }
        }
        None => out.fill(decided(any, 0, 0)),
    }
    // Most people have no records of most kinds.
    for (row, range) in segments.ranges().enumerate().filter(|(_, r)| !r.is_empty()) {
        let seen = |seen: u8, row: usize| {
            let truth = truths.at(row);
            seen | truth | (u8::from(truth == 0) * OPEN)
        };
        out[row] = decided(any, range.fold(0, seen), unanswered_at(unanswered, row));
    }
}

/// What members' truths come to, from which of them there are.
pub(super) fn decided(any: bool, seen: u8, unanswered: u8) -> u8 {
    let closed = u8::from(seen & (OPEN | TRUTH_FAULT) == 0 && unanswered == 0).wrapping_neg();
    let known = if any {
        let holds = seen & TRUE;
        holds | (FALSE & closed & (holds << 1 ^ FALSE))
    } else {
        let fails = seen & FALSE;
        fails | (TRUE & closed & (fails >> 1 ^ TRUE))
    };
    settled(known, seen)
}

/// Says in `totals` what of each member is added up, and which gap it brings; whether
/// there is any.
fn count_members(
    (numbers, gaps): (&[i64], &[u8]),
    filter: Option<Truths<'_>>,
    totals: &mut Totals,
) -> bool {
    let seen = rows_of(&mut totals.seen, numbers.len());
    let Some(filter) = filter else {
        seen.copy_from_slice(gaps);
        return is_some_gap(seen);
    };
    let counted = rows_of(&mut totals.counted, numbers.len());
    let Truths::Many(truths) = filter else {
        // The same unknown (or false) for all.
        counted.fill(0);
        for ((to, number), gap) in seen.iter_mut().zip(numbers).zip(gaps) {
            *to = doubtful(filter.at(0), *number, *gap);
        }
        return is_some_gap(seen);
    };
    each2(counted, (numbers, truths), |number, truth| {
        number & -i64::from(truth == TRUE)
    });
    each2(seen, (gaps, truths), |gap, truth| {
        gap & u8::from(truth == TRUE).wrapping_neg()
    });
    // Bit 0: some truth is neither TRUE nor FALSE.
    let unknown = bits(truths, |truth| !(truth | truth >> 1));
    if unknown & 1 != 0 {
        for (row, truth) in truths.iter().enumerate() {
            if truth & (TRUE | FALSE) == 0 {
                seen[row] = doubtful(*truth, numbers[row], gaps[row]);
            }
        }
    }
    is_some_gap(seen)
}

/// As [`count_members`], where all have the same number.
fn count_alike(number: i64, truths: &[u8], totals: &mut Totals) -> bool {
    let counted = rows_of(&mut totals.counted, truths.len());
    let seen = rows_of(&mut totals.seen, truths.len());
    let doubt = u8::from(number != 0).wrapping_neg();
    each(counted, truths, |truth| number & -i64::from(truth == TRUE));
    each(seen, truths, |truth| gap_of_truth(truth) & doubt);
    is_some_gap(seen)
}

fn is_some_gap(gaps: &[u8]) -> bool {
    bits(gaps, |gap| gap) != 0
}

/// The gap of a member of whom it is not known that he counts.
pub(super) fn doubtful(truth: u8, number: i64, gap: u8) -> u8 {
    match truth {
        FALSE => 0,
        // Numbers under gaps mean nothing, and may be 0.
        unknown if number != 0 || gap != 0 => gap_of_truth(unknown),
        _ => 0,
    }
}

/// Row by row, however many and however large; whether some sum does not fit.
fn sum_plainly(
    values: View<'_, i64>,
    filter: Option<Truths<'_>>,
    segments: Segments<'_>,
    unanswered: Option<&[u8]>,
    (out, gaps): (&mut [i64], &mut [u8]),
) -> bool {
    let filter = filter.unwrap_or(Truths::One(TRUE));
    out.fill(0);
    match unanswered {
        Some(unanswered) => gaps.copy_from_slice(unanswered),
        None => gaps.fill(0),
    }
    let mut failed = false;
    for (row, range) in segments.ranges().enumerate().filter(|(_, r)| !r.is_empty()) {
        let (mut total, mut gap) = (0_i128, gaps[row]);
        for member in range {
            let (value, value_gap) = values.at(member);
            match filter.at(member) {
                TRUE => {
                    total += i128::from(value);
                    gap |= value_gap;
                }
                unknown => gap |= doubtful(unknown, value, value_gap),
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
