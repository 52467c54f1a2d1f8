//! 「汇总」 Aggregates: members into households, records into persons.

use super::scene::{Part, Scene};
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
                    _ => gather_truths(any, truths, self.parts(gather.over), unanswered, out),
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
        self.gather_first(truths.len(), totals);
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
        let rows = self.chunk.rows(over);
        let width = width + usize::BITS - rows.leading_zeros() + 1;
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
                let (parts, unanswered) = (self.parts(over), self.unanswered(over));
                let failed = sum_plainly(values, filter, parts, unanswered, (out, gaps));
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
        let rows = self.chunk.persons.len();
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
        let mut before = 0;
        for (sum, end) in out.iter_mut().zip(&self.chunk.starts[1..]) {
            let until = running[*end as usize];
            (*sum, before) = (until - before, until);
        }
        if !open {
            return gaps.fill(0);
        }
        self.gather_first(rows, totals);
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

fn unanswered_at(unanswered: Option<&[u8]>, row: usize) -> u8 {
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
    // Bit 0: some truth is neither TRUE nor FALSE.
    let unknown = bits(truths, |truth| !(truth | truth >> 1)) & 1 != 0;
    each2(seen, (gaps, truths), |gap, truth| {
        gap & u8::from(truth == TRUE).wrapping_neg()
    });
    if unknown {
        // Numbers under gaps mean nothing, and may be 0.
        let matters = rows_of(&mut totals.further, numbers.len());
        each2(matters, (numbers, gaps), |number, gap| {
            u8::from(number != 0) | gap
        });
        let doubt = |matters, truth| gap_of_truth(truth) & u8::from(matters != 0).wrapping_neg();
        merge(seen, (matters, truths), |seen, matters: u8, truth| {
            seen | doubt(matters, truth)
        });
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
    parts: &[Part],
    unanswered: Option<&[u8]>,
    (out, gaps): (&mut [i64], &mut [u8]),
) -> bool {
    out.fill(0);
    match unanswered {
        Some(unanswered) => gaps.copy_from_slice(unanswered),
        None => gaps.fill(0),
    }
    let mut failed = false;
    let mut add = |members: &mut dyn Iterator<Item = (usize, i128, u8)>| {
        for (row, total, gap) in members {
            (out[row], gaps[row]) = match (gaps[row] | gap, i64::try_from(total)) {
                (0, Ok(total)) => (total, 0),
                (0, Err(_)) => (0, FAULT),
                (gap, _) => (0, gap),
            };
            failed |= gaps[row] & FAULT != 0;
        }
    };
    let one = |(total, gap): (i128, u8), truth: u8, value: i64, value_gap: u8| match truth {
        TRUE => (total + i128::from(value), gap | value_gap),
        unknown => (total, gap | doubtful(unknown, value, value_gap)),
    };
    match (values, filter) {
        (View::Many(values, from), Some(Truths::Many(truths))) => {
            add(&mut parts.iter().map(|part| {
                let range = part.range();
                let cells = values[range.clone()].iter().zip(&from[range.clone()]);
                let cells = cells.zip(&truths[range]);
                let (total, gap) = cells.fold((0, 0), |sum, ((v, g), t)| one(sum, *t, *v, *g));
                (part.row(), total, gap)
            }));
        }
        (values, filter) => {
            let filter = filter.unwrap_or(Truths::One(TRUE));
            add(&mut parts.iter().map(|part| {
                let (total, gap) = part.range().fold((0, 0), |sum, member| {
                    let (value, gap) = values.at(member);
                    one(sum, filter.at(member), value, gap)
                });
                (part.row(), total, gap)
            }));
        }
    }
    failed
}

/// The least or greatest; of none, missing.
fn gather_extreme<T: Copy + Default + PartialOrd>(
    op: AggregateOp,
    values: View<'_, T>,
    filter: Option<Truths<'_>>,
    parts: &[Part],
    unanswered: Option<&[u8]>,
    (out, gaps): (&mut [T], &mut [u8]),
) {
    let greatest = op == AggregateOp::Max;
    out.fill(T::default());
    match unanswered {
        Some(unanswered) => each(
            gaps,
            unanswered,
            |open| if open == 0 { MISSING } else { open },
        ),
        None => gaps.fill(MISSING),
    }
    for part in parts {
        let row = part.row();
        let mut best: Option<T> = None;
        let mut gap = unanswered_at(unanswered, row);
        for member in part.range() {
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
