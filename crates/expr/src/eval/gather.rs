//! 「汇总」 Aggregates: members into households, records into persons.

use super::rowwise::{gather_extreme, sum_narrow, sum_plainly};
use super::scene::{Part, Scene};
use super::view::*;
use super::wide::wide;
use super::width::{Outcome, UNKNOWN_WIDTH, width_of_all};
use crate::ast::AggregateOp;
use crate::column::{Column, FALSE, MISSING, TRUE, TRUTH_FAULT};
use crate::few::FewRows;
use crate::program::{Gather, Rank};

/// Memory for aggregates, kept between operations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    /// Running totals.
    numbers: Vec<i64>,
    /// Households' counts.
    counts: Vec<u8>,
    /// What was seen of each member, then of the household from that member on.
    seen: Vec<u8>,
    further: Vec<u8>,
}

/// After so many doublings a household's count still fits in a byte.
const BYTE_STEPS: usize = 7;

/// Rows looked at together for something rare.
pub(super) const BLOCK: usize = 64;

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
                    _ => gather_truths(any, truths, self.parts(gather.over), unanswered, out),
                }
                Outcome::whole(0)
            }
            (Column::Number(v, g), value) => {
                let to = (rows_of(v, rows), rows_of(g, rows));
                let values = value.map_or(View::One(1, 0), |value| self.numbers(value));
                match gather.op {
                    AggregateOp::Sum | AggregateOp::Count => {
                        let few = value.and_then(|value| self.few(value));
                        self.gather_sum((values, width, few), filter, gather.over, to, totals)
                    }
                    op => {
                        let parts = self.parts(gather.over);
                        gather_extreme(op, values, filter, parts, unanswered, to);
                        Outcome::whole(width)
                    }
                }
            }
            (Column::Date(v, g), Some(value)) => {
                let to = (rows_of(v, rows), rows_of(g, rows));
                let (values, parts) = (self.dates(value), self.parts(gather.over));
                gather_extreme(gather.op, values, filter, parts, unanswered, to);
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
        self.gather_first(truths.len(), totals, |this, next| this | next);
        self.pick_first(truths.len(), totals, out);
        // Households without members have seen nothing, as they should.
        alter(out, |seen| decided(any, seen, 0));
    }

    /// What is gathered at each household's first member; 0 where there is none.
    fn pick_first(&self, rows: usize, totals: &mut Totals, out: &mut [u8]) {
        let (seen, starts) = (rows_of(&mut totals.seen, rows + 1), &self.chunk.starts[..]);
        // The last households may be without members.
        seen[rows] = 0;
        for (o, start) in out.iter_mut().zip(starts) {
            *o = seen[*start as usize];
        }
        if self.parts(Rank::Person).len() < out.len() {
            for (o, pair) in out.iter_mut().zip(starts.windows(2)) {
                *o &= u8::from(pair[0] != pair[1]).wrapping_neg();
            }
        }
    }

    /// Gathers `totals.seen` of every household at its first member.
    #[inline(always)]
    fn gather_first(&self, rows: usize, totals: &mut Totals, both: impl Fn(u8, u8) -> u8) {
        for (step, joined) in self.chunk.joined.iter().enumerate() {
            let ahead = 1 << step;
            let (seen, further) = (&totals.seen[..rows], rows_of(&mut totals.further, rows));
            let last = rows.saturating_sub(ahead);
            let next = seen[rows - last..].iter().zip(joined);
            further[last..].copy_from_slice(&seen[last..]);
            let both = &both;
            wide(
                #[inline(always)]
                move || {
                    for ((to, this), (next, joined)) in further.iter_mut().zip(seen).zip(next) {
                        *to = both(*this, next & joined);
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
        (values, width, few): (View<'_, i64>, u32, Option<FewRows<'_>>),
        filter: Option<Truths<'_>>,
        over: Rank,
        (out, gaps): (&mut [i64], &mut [u8]),
        totals: &mut Totals,
    ) -> Outcome {
        let rows = self.chunk.rows(over);
        let more = usize::BITS - rows.leading_zeros() + 1;
        // What the widest may be is soon far from what it is.
        let width = match values {
            View::Many(numbers, _) if width + more >= i64::BITS => width_of_all(numbers),
            _ => width,
        };
        let width = width + more;
        let filter = filter.filter(|filter| !matches!(filter, Truths::One(TRUE)));
        match (over, values, filter) {
            (Rank::Person, View::One(1, 0), None) => {
                for (count, pair) in out.iter_mut().zip(self.chunk.starts.windows(2)) {
                    *count = i64::from(pair[1] - pair[0]);
                }
                gaps.fill(0);
            }
            (Rank::Person, _, Some(Truths::One(FALSE))) => {
                out.fill(0);
                gaps.fill(0);
            }
            (Rank::Person, View::Many(numbers, from), filter) if width < i64::BITS => {
                if let Some(few) = few.filter(|few| few.gap == 0) {
                    self.sum_few(few, filter, (out, gaps));
                    return Outcome::whole(width);
                }
                let open = look_at_members((numbers, from), filter, totals);
                match filter {
                    None => self.add_up(numbers.iter().copied(), out, totals),
                    Some(Truths::One(_)) => out.fill(0),
                    Some(Truths::Many(truths)) => {
                        let counted = numbers.iter().zip(truths);
                        let counted = counted.map(|(n, truth)| n & counting(*truth));
                        self.add_up(counted, out, totals);
                    }
                }
                self.leave_open((out, gaps), open, totals);
            }
            (Rank::Person, View::One(number, 0), Some(Truths::Many(truths)))
                if width < i64::BITS =>
            {
                self.count_alike(number, truths, out, totals);
                let open = look_at_alike(number, truths, totals);
                self.leave_open((out, gaps), open, totals);
            }
            _ => {
                let (parts, unanswered) = (self.parts(over), self.unanswered(over));
                let to = (&mut *out, &mut *gaps);
                let failed = match (values, filter) {
                    _ if width >= i64::BITS => sum_plainly(values, filter, parts, unanswered, to),
                    (View::Many(numbers, from), Some(Truths::Many(truths))) => {
                        let cell = |row: usize| (numbers[row], from[row], truths[row]);
                        sum_narrow(cell, parts, unanswered, to)
                    }
                    (View::One(number, gap), Some(Truths::Many(truths))) => {
                        sum_narrow(|row| (number, gap, truths[row]), parts, unanswered, to)
                    }
                    (values, filter) => {
                        let truth = filter.map_or(TRUE, |filter| filter.at(0));
                        let cell = |row| {
                            let (number, gap) = values.at(row);
                            (number, gap, truth)
                        };
                        sum_narrow(cell, parts, unanswered, to)
                    }
                };
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

    /// Each household's part of the running total.
    #[inline(always)]
    fn add_up(&self, numbers: impl Iterator<Item = i64>, out: &mut [i64], totals: &mut Totals) {
        let (mut sum, mut before) = (0, 0);
        if self.parts(Rank::Person).len() == out.len() {
            // What is written last is the total up to the household's last member.
            for (number, owner) in numbers.zip(&self.chunk.owners) {
                sum += number;
                out[*owner as usize] = sum;
            }
            for sum in out {
                (*sum, before) = (*sum - before, *sum);
            }
            return;
        }
        let running = rows_of(&mut totals.numbers, self.chunk.persons.len() + 1);
        running[0] = 0;
        for (to, number) in running[1..].iter_mut().zip(numbers) {
            sum += number;
            *to = sum;
        }
        for (sum, end) in out.iter_mut().zip(&self.chunk.starts[1..]) {
            let until = running[*end as usize];
            (*sum, before) = (until - before, until);
        }
    }

    /// How many members count in each household, times what each counts.
    fn count_alike(&self, number: i64, truths: &[u8], out: &mut [i64], totals: &mut Totals) {
        if self.chunk.joined.len() > BYTE_STEPS {
            let counted = truths.iter().map(|truth| number & counting(*truth));
            return self.add_up(counted, out, totals);
        }
        each(rows_of(&mut totals.seen, truths.len()), truths, |truth| {
            u8::from(truth == TRUE)
        });
        self.gather_first(truths.len(), totals, u8::wrapping_add);
        let mut counts = std::mem::take(&mut totals.counts);
        let picked = rows_of(&mut counts, out.len());
        self.pick_first(truths.len(), totals, picked);
        each(out, picked, |count| number * i64::from(count));
        totals.counts = counts;
    }

    /// A household's sum is unknown where `totals.seen` says so (`open`: somewhere).
    fn leave_open(&self, (out, gaps): (&mut [i64], &mut [u8]), open: bool, totals: &mut Totals) {
        if !open {
            return gaps.fill(0);
        }
        let rows = self.chunk.persons.len();
        self.gather_first(rows, totals, |this, next| this | next);
        self.pick_first(rows, totals, gaps);
        amend(out, gaps, |sum, gap| sum & -i64::from(gap == 0));
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

pub(super) fn unanswered_at(unanswered: Option<&[u8]>, row: usize) -> u8 {
    unanswered.map_or(0, |gaps| gaps.get(row).copied().unwrap_or(MISSING))
}

/// Kleene's "some" and "every": one deciding member decides, whoever else is unknown.
fn gather_truths(
    any: bool,
    truths: Truths<'_>,
    parts: &[Part],
    unanswered: Option<&[u8]>,
    out: &mut [u8],
) {
    match unanswered {
        Some(unanswered) => each(out, unanswered, |open| decided(any, 0, open)),
        None => out.fill(decided(any, 0, 0)),
    }
    for part in parts {
        let seen = |seen: u8, row: usize| {
            let truth = truths.at(row);
            seen | truth | (u8::from(truth == 0) * OPEN)
        };
        let open = unanswered_at(unanswered, part.row());
        out[part.row()] = decided(any, part.range().fold(0, seen), open);
    }
}

/// What members' truths come to, from which of them there are.
#[inline(always)]
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

/// Says in `totals` which gap each member brings; whether there is any.
fn look_at_members(
    (numbers, gaps): (&[i64], &[u8]),
    filter: Option<Truths<'_>>,
    totals: &mut Totals,
) -> bool {
    let seen = rows_of(&mut totals.seen, numbers.len());
    let Some(filter) = filter else {
        seen.copy_from_slice(gaps);
        return is_some_gap(seen);
    };
    let Truths::Many(truths) = filter else {
        // The same unknown (or false) for all.
        for ((to, number), gap) in seen.iter_mut().zip(numbers).zip(gaps) {
            *to = doubtful(filter.at(0), *number, *gap);
        }
        return is_some_gap(seen);
    };
    each2(seen, (gaps, truths), |gap, truth| {
        gap & u8::from(truth == TRUE).wrapping_neg()
    });
    if is_some_unknown(truths) {
        // Numbers under gaps mean nothing, and may be 0.
        let matters = rows_of(&mut totals.further, numbers.len());
        each2(matters, (numbers, gaps), |number, gap| {
            u8::from(number != 0) | gap
        });
        merge(seen, (matters, truths), |seen, matters: u8, truth| {
            seen | (gap_of_truth(truth) & u8::from(matters != 0).wrapping_neg())
        });
    }
    is_some_gap(seen)
}

/// As [`look_at_members`], where all have the same number.
fn look_at_alike(number: i64, truths: &[u8], totals: &mut Totals) -> bool {
    if number == 0 || !is_some_unknown(truths) {
        return false;
    }
    let seen = rows_of(&mut totals.seen, truths.len());
    each(seen, truths, gap_of_truth);
    true
}

/// Whether some truth is neither true nor false.
pub(super) fn is_some_unknown(truths: &[u8]) -> bool {
    bits(truths, |truth| !(truth | truth >> 1)) & 1 != 0
}

/// All bits when a truth is true: its lowest bit, so that no branch has to be guessed.
#[inline(always)]
fn counting(truth: u8) -> i64 {
    -i64::from(truth & TRUE)
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
