//! 「稀疏运算」 Operations on numbers that most rows have alike (see [`crate::few`]):
//! what the others come to is computed once, then the few are put right.

use super::gather::doubtful;
use super::scene::Scene;
use super::view::{Truths, View, each, rows_of, truth_of_gap};
use crate::column::{TRUE, truth_byte};
use crate::few::FewRows;
use crate::program::{NodeId, Place};

/// A number with its gap bytes being written.
type Numbers<'o> = (&'o mut Vec<i64>, &'o mut Vec<u8>);

impl<'a> Scene<'a> {
    /// A node's rows that are not as the others, where the frame knows them.
    pub(super) fn few(&self, id: NodeId) -> Option<FewRows<'a>> {
        let Place::Fact(fact) = *self.plan.places.get(id.place())? else {
            return None;
        };
        if self.is_one(id) {
            return None;
        }
        let few = self.frame.few.get(*self.binding.facts.get(fact)?)?;
        let rank = self.program.nodes.get(id.place())?.rank;
        Some(few.as_ref()?.within(self.chunk.range(rank)))
    }

    /// Applies `f`, which always can be; whether there was a list to go by.
    #[inline(always)]
    pub(super) fn apply_few(
        &self,
        x: NodeId,
        rows: usize,
        (out, gaps): (&mut Vec<i64>, &mut Vec<u8>),
        f: impl Fn(i64) -> i64,
    ) -> bool {
        let Some(few) = self.few(x) else {
            return false;
        };
        let (out, gaps) = (rows_of(out, rows), rows_of(gaps, rows));
        out.fill(f(0));
        gaps.fill(few.gap);
        for (row, value, gap) in few.cells() {
            (out[row], gaps[row]) = (f(value), gap);
        }
        true
    }

    /// As [`Scene::apply_few`], of pairs.
    #[inline(always)]
    pub(super) fn apply_few2(
        &self,
        (a, b): (NodeId, NodeId),
        rows: usize,
        (out, gaps): Numbers<'_>,
        f: impl Fn(i64, i64) -> i64,
    ) -> bool {
        let to = (&mut *out, &mut *gaps);
        match (self.few(a), self.few(b)) {
            (None, None) => return false,
            (Some(x), Some(y)) => both(x, y, rows, to, f),
            (Some(x), None) => beside(self.numbers(b), x, rows, to, |y, x| f(x, y)),
            (None, Some(y)) => beside(self.numbers(a), y, rows, to, f),
        }
        true
    }

    /// Asks `f` of a number and one that all rows have.
    #[inline(always)]
    pub(super) fn ask_few(
        &self,
        (a, b): (NodeId, NodeId),
        rows: usize,
        out: &mut Vec<u8>,
        f: impl Fn(i64, i64) -> bool,
    ) -> bool {
        let (few, other, swapped) = match (self.few(a), self.few(b)) {
            (Some(few), None) => (few, self.numbers(b), false),
            (None, Some(few)) => (few, self.numbers(a), true),
            _ => return false,
        };
        let View::One(other, other_gap) = other else {
            return false;
        };
        let ask = |value: i64, gap: u8| match (gap | other_gap, swapped) {
            (0, false) => truth_byte(f(value, other)),
            (0, true) => truth_byte(f(other, value)),
            (gap, _) => truth_of_gap(gap),
        };
        let out = rows_of(out, rows);
        out.fill(ask(0, few.gap));
        for (row, value, gap) in few.cells() {
            out[row] = ask(value, gap);
        }
        true
    }

    /// Each household's sum of its members' numbers; those that are 0 neither add
    /// anything nor leave anything open. Sums must fit.
    pub(super) fn sum_few(
        &self,
        few: FewRows<'_>,
        filter: Option<Truths<'_>>,
        (out, gaps): (&mut [i64], &mut [u8]),
    ) {
        let owners = &self.chunk.owners[..];
        out.fill(0);
        gaps.fill(0);
        let mut open = 0;
        for (row, value, gap) in few.cells() {
            let owner = owners[row] as usize;
            match filter.map_or(TRUE, |filter| filter.at(row)) {
                TRUE => {
                    out[owner] += value;
                    gaps[owner] |= gap;
                }
                unknown => gaps[owner] |= doubtful(unknown, value, gap),
            }
            open |= gaps[owner];
        }
        if open == 0 {
            return;
        }
        for (row, ..) in few.cells() {
            let owner = owners[row] as usize;
            out[owner] &= -i64::from(gaps[owner] == 0);
        }
    }
}

/// Of numbers and few others.
#[inline(always)]
fn beside(
    many: View<'_, i64>,
    few: FewRows<'_>,
    rows: usize,
    (out, gaps): Numbers<'_>,
    f: impl Fn(i64, i64) -> i64,
) {
    let (out, gaps) = (rows_of(out, rows), rows_of(gaps, rows));
    match many {
        View::Many(xs, gx) => {
            each(out, xs, |x| f(x, 0));
            each(gaps, gx, |gap| gap | few.gap);
            for (row, value, gap) in few.cells() {
                (out[row], gaps[row]) = (f(xs[row], value), gx[row] | gap);
            }
        }
        View::One(x, gx) => {
            out.fill(f(x, 0));
            gaps.fill(gx | few.gap);
            for (row, value, gap) in few.cells() {
                (out[row], gaps[row]) = (f(x, value), gx | gap);
            }
        }
    }
}

/// Of few and few others.
#[inline(always)]
fn both(
    x: FewRows<'_>,
    y: FewRows<'_>,
    rows: usize,
    (out, gaps): Numbers<'_>,
    f: impl Fn(i64, i64) -> i64,
) {
    let (out, gaps) = (rows_of(out, rows), rows_of(gaps, rows));
    out.fill(f(0, 0));
    gaps.fill(x.gap | y.gap);
    for (row, value, gap) in x.cells() {
        (out[row], gaps[row]) = (f(value, 0), gap | y.gap);
    }
    let mut others = x.cells().peekable();
    for (row, value, gap) in y.cells() {
        while others.next_if(|(other, ..)| *other < row).is_some() {}
        let (own, own_gap) = match others.peek() {
            Some((other, own, own_gap)) if *other == row => (*own, *own_gap),
            _ => (0, x.gap),
        };
        (out[row], gaps[row]) = (f(own, value), own_gap | gap);
    }
}
