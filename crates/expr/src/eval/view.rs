//! 「视图」 Reading columns: many rows, or one value standing for all of them.

use crate::column::{FALSE, FAULT, MISSING, TRUE, TRUTH_FAULT, truth_byte};

/// Values and gaps to read. A gap's value is 0.
#[derive(Clone, Copy)]
pub(crate) enum View<'a, T> {
    Many(&'a [T], &'a [u8]),
    One(T, u8),
}

/// Truth bytes to read.
#[derive(Clone, Copy)]
pub(crate) enum Truths<'a> {
    Many(&'a [u8]),
    One(u8),
}

impl<T: Copy + Default> View<'_, T> {
    /// What is read where nothing sensible can be: never a wrong value.
    pub(crate) fn fault() -> Self {
        View::One(T::default(), FAULT)
    }

    /// A row's value and gap.
    pub(crate) fn at(&self, row: usize) -> (T, u8) {
        match self {
            View::One(value, gap) => (*value, *gap),
            View::Many(values, gaps) => match (values.get(row), gaps.get(row)) {
                (Some(value), Some(gap)) => (*value, *gap),
                _ => (T::default(), FAULT),
            },
        }
    }
}

impl Truths<'_> {
    pub(crate) fn at(&self, row: usize) -> u8 {
        match self {
            Truths::One(truth) => *truth,
            Truths::Many(truths) => truths.get(row).copied().unwrap_or(TRUTH_FAULT),
        }
    }
}

/// A gap as a truth byte.
pub(crate) fn truth_of_gap(gap: u8) -> u8 {
    (gap & FAULT) << 1
}

/// A truth byte's gap: 0 when it is known.
pub(crate) fn gap_of_truth(truth: u8) -> u8 {
    match truth {
        TRUE | FALSE => 0,
        truth if truth & TRUTH_FAULT != 0 => FAULT,
        _ => MISSING,
    }
}

/// The first `rows` of a register, which keeps its memory.
pub(crate) fn rows_of<T: Copy + Default>(register: &mut Vec<T>, rows: usize) -> &mut [T] {
    if register.len() < rows {
        register.resize(rows, T::default());
    }
    &mut register[..rows]
}

/// What one row of an operation gives: a value, or a gap.
pub(crate) type Made<T> = (T, u8);

/// Applies `f` to known values; a gap stays a gap.
pub(crate) fn map1<A, O>(
    rows: usize,
    a: View<'_, A>,
    (out, gaps): (&mut Vec<O>, &mut Vec<u8>),
    f: impl Fn(A) -> Made<O>,
) where
    A: Copy,
    O: Copy + Default,
{
    let (out, gaps) = (rows_of(out, rows), rows_of(gaps, rows));
    let row = |x: A, gx: u8| kept(gx, f(x));
    match a {
        View::Many(xs, gx) => {
            let to = out.iter_mut().zip(gaps.iter_mut());
            for ((o, g), (x, gx)) in to.zip(xs.iter().zip(gx)) {
                (*o, *g) = row(*x, *gx);
            }
        }
        View::One(x, gx) => fill((out, gaps), row(x, gx)),
    }
}

/// Applies `f` to pairs of known values; where either is a gap, so is the
/// result.
pub(crate) fn map2<A, B, O>(
    rows: usize,
    (a, b): (View<'_, A>, View<'_, B>),
    (out, gaps): (&mut Vec<O>, &mut Vec<u8>),
    f: impl Fn(A, B) -> Made<O>,
) where
    A: Copy,
    B: Copy,
    O: Copy + Default,
{
    let (out, gaps) = (rows_of(out, rows), rows_of(gaps, rows));
    let row = |x: A, gx: u8, y: B, gy: u8| kept(gx | gy, f(x, y));
    let to = out.iter_mut().zip(gaps.iter_mut());
    match (a, b) {
        (View::Many(xs, gx), View::Many(ys, gy)) => {
            let from = xs.iter().zip(gx).zip(ys.iter().zip(gy));
            for ((o, g), ((x, gx), (y, gy))) in to.zip(from) {
                (*o, *g) = row(*x, *gx, *y, *gy);
            }
        }
        (View::Many(xs, gx), View::One(y, gy)) => {
            for ((o, g), (x, gx)) in to.zip(xs.iter().zip(gx)) {
                (*o, *g) = row(*x, *gx, y, gy);
            }
        }
        (View::One(x, gx), View::Many(ys, gy)) => {
            for ((o, g), (y, gy)) in to.zip(ys.iter().zip(gy)) {
                (*o, *g) = row(x, gx, *y, *gy);
            }
        }
        (View::One(x, gx), View::One(y, gy)) => fill((out, gaps), row(x, gx, y, gy)),
    }
}

fn kept<O: Default>(gap: u8, made: Made<O>) -> Made<O> {
    let gap = if gap == 0 { made.1 } else { gap };
    (if gap == 0 { made.0 } else { O::default() }, gap)
}

fn fill<O: Copy>((out, gaps): (&mut [O], &mut [u8]), (value, gap): Made<O>) {
    out.fill(value);
    gaps.fill(gap);
}

/// Asks `f` of pairs of known values; where either is a gap, the truth is
/// undetermined.
pub(crate) fn ask2<A: Copy>(
    rows: usize,
    (a, b): (View<'_, A>, View<'_, A>),
    out: &mut Vec<u8>,
    f: impl Fn(A, A) -> bool,
) {
    let out = rows_of(out, rows);
    let row = |x: A, gx: u8, y: A, gy: u8| {
        let (gap, known) = (gx | gy, truth_byte(f(x, y)));
        if gap == 0 { known } else { truth_of_gap(gap) }
    };
    match (a, b) {
        (View::Many(xs, gx), View::Many(ys, gy)) => {
            let from = xs.iter().zip(gx).zip(ys.iter().zip(gy));
            for (o, ((x, gx), (y, gy))) in out.iter_mut().zip(from) {
                *o = row(*x, *gx, *y, *gy);
            }
        }
        (View::Many(xs, gx), View::One(y, gy)) => {
            for (o, (x, gx)) in out.iter_mut().zip(xs.iter().zip(gx)) {
                *o = row(*x, *gx, y, gy);
            }
        }
        (View::One(x, gx), View::Many(ys, gy)) => {
            for (o, (y, gy)) in out.iter_mut().zip(ys.iter().zip(gy)) {
                *o = row(x, gx, *y, *gy);
            }
        }
        (View::One(x, gx), View::One(y, gy)) => out.fill(row(x, gx, y, gy)),
    }
}

/// Combines truth bytes.
pub(crate) fn join2(
    rows: usize,
    (a, b): (Truths<'_>, Truths<'_>),
    out: &mut Vec<u8>,
    f: impl Fn(u8, u8) -> u8,
) {
    let out = rows_of(out, rows);
    match (a, b) {
        (Truths::Many(xs), Truths::Many(ys)) => {
            for (o, (x, y)) in out.iter_mut().zip(xs.iter().zip(ys)) {
                *o = f(*x, *y);
            }
        }
        (Truths::Many(xs), Truths::One(y)) | (Truths::One(y), Truths::Many(xs)) => {
            for (o, x) in out.iter_mut().zip(xs) {
                *o = f(*x, y);
            }
        }
        (Truths::One(x), Truths::One(y)) => out.fill(f(x, y)),
    }
}

/// Both (Kleene): one false decides.
pub(crate) fn and(a: u8, b: u8) -> u8 {
    settled((a & b & TRUE) | ((a | b) & FALSE), a | b)
}

/// Either (Kleene): one true decides.
pub(crate) fn or(a: u8, b: u8) -> u8 {
    settled(((a | b) & TRUE) | (a & b & FALSE), a | b)
}

/// The opposite.
pub(crate) fn not(a: u8) -> u8 {
    ((a & TRUE) << 1) | ((a & FALSE) >> 1) | (a & TRUTH_FAULT)
}

/// What is known, or else whether a fault had a part in it.
pub(crate) fn settled(known: u8, parts: u8) -> u8 {
    if known == 0 {
        parts & TRUTH_FAULT
    } else {
        known
    }
}
