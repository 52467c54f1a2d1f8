//! 「视图」 Reading columns: many rows, or one value standing for all of them.

use super::wide::wide;
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
#[inline(always)]
pub(crate) fn truth_of_gap(gap: u8) -> u8 {
    (gap & FAULT) << 1
}

/// A truth byte's gap: 0 when it is known.
#[inline(always)]
pub(crate) fn gap_of_truth(truth: u8) -> u8 {
    let (known, fault) = (truth & (TRUE | FALSE), truth & TRUTH_FAULT);
    // One of the two bits, or none.
    ((fault >> 1) | (u8::from(fault == 0) * MISSING)) & u8::from(known == 0).wrapping_neg()
}

/// The first `rows` of a register, which keeps its memory.
pub(crate) fn rows_of<T: Copy + Default>(register: &mut Vec<T>, rows: usize) -> &mut [T] {
    if register.len() < rows {
        register.resize(rows, T::default());
    }
    &mut register[..rows]
}

/// Writes every row out of another column's.
#[inline(always)]
pub(crate) fn each<O, A: Copy>(out: &mut [O], xs: &[A], f: impl Fn(A) -> O) {
    wide(
        #[inline(always)]
        move || {
            for (o, x) in out.iter_mut().zip(xs) {
                *o = f(*x);
            }
        },
    );
}

/// Writes every row out of two other columns'.
#[inline(always)]
pub(crate) fn each2<O, A: Copy, B: Copy>(
    out: &mut [O],
    (xs, ys): (&[A], &[B]),
    f: impl Fn(A, B) -> O,
) {
    wide(
        #[inline(always)]
        move || {
            for (o, (x, y)) in out.iter_mut().zip(xs.iter().zip(ys)) {
                *o = f(*x, *y);
            }
        },
    );
}

/// Writes every row out of itself and another column's.
#[inline(always)]
pub(crate) fn amend<O: Copy, A: Copy>(out: &mut [O], xs: &[A], f: impl Fn(O, A) -> O) {
    wide(
        #[inline(always)]
        move || {
            for (o, x) in out.iter_mut().zip(xs) {
                *o = f(*o, *x);
            }
        },
    );
}

/// Writes every row out of itself and two other columns'.
#[inline(always)]
pub(crate) fn merge<O: Copy, A: Copy, B: Copy>(
    out: &mut [O],
    (xs, ys): (&[A], &[B]),
    f: impl Fn(O, A, B) -> O,
) {
    wide(
        #[inline(always)]
        move || {
            for (o, (x, y)) in out.iter_mut().zip(xs.iter().zip(ys)) {
                *o = f(*o, *x, *y);
            }
        },
    );
}

/// Writes every row out of itself.
#[inline(always)]
pub(crate) fn alter<O: Copy>(out: &mut [O], f: impl Fn(O) -> O) {
    wide(
        #[inline(always)]
        move || out.iter_mut().for_each(|o| *o = f(*o)),
    );
}

/// Every row's bits together.
#[inline(always)]
pub(crate) fn bits<A: Copy, O: Copy + Default + std::ops::BitOr<Output = O>>(
    xs: &[A],
    f: impl Fn(A) -> O,
) -> O {
    wide(
        #[inline(always)]
        move || xs.iter().fold(O::default(), |all, x| all | f(*x)),
    )
}

/// What one row of an operation gives: a value, or a gap.
pub(crate) type Made<T> = (T, u8);

/// Applies `f`, which always can be, also to what stands under gaps; a gap stays a gap.
pub(crate) fn apply1<A: Copy, O: Copy + Default>(
    rows: usize,
    a: View<'_, A>,
    (out, gaps): (&mut Vec<O>, &mut Vec<u8>),
    f: impl Fn(A) -> O,
) {
    let (out, gaps) = (rows_of(out, rows), rows_of(gaps, rows));
    match a {
        View::Many(xs, gx) => {
            each(out, xs, f);
            gaps.copy_from_slice(&gx[..rows]);
        }
        View::One(x, gx) => fill((out, gaps), (f(x), gx)),
    }
}

/// As [`apply1`], of pairs; where either is a gap, so is the result.
pub(crate) fn apply2<A: Copy, B: Copy, O: Copy + Default>(
    rows: usize,
    (a, b): (View<'_, A>, View<'_, B>),
    (out, gaps): (&mut Vec<O>, &mut Vec<u8>),
    f: impl Fn(A, B) -> O,
) {
    let (View::Many(xs, gx), View::Many(ys, gy)) = (a, b) else {
        let gap = match (a, b) {
            (View::Many(..), View::One(y, gap)) => {
                apply1(rows, a, (out, gaps), |x| f(x, y));
                gap
            }
            (View::One(x, gap), _) => {
                apply1(rows, b, (out, gaps), |y| f(x, y));
                gap
            }
            (View::Many(..), View::Many(..)) => 0,
        };
        if gap != 0 {
            rows_of(gaps, rows).iter_mut().for_each(|to| *to |= gap);
        }
        return;
    };
    each2(rows_of(out, rows), (xs, ys), f);
    each2(rows_of(gaps, rows), (gx, gy), |x, y| x | y);
}

/// Applies `f` to known values; a gap stays a gap; whether `f` failed somewhere. Values and gaps go in loops of
/// their own, which the compiler turns into wide instructions: `f` is applied under
/// gaps too, and what it makes there means nothing. Only where it could not be
/// carried out somewhere are rows looked at one by one.
pub(crate) fn map1<A, O>(
    rows: usize,
    a: View<'_, A>,
    (out, gaps): (&mut Vec<O>, &mut Vec<u8>),
    f: impl Fn(A) -> Made<O>,
) -> bool
where
    A: Copy,
    O: Copy + Default,
{
    let (out, gaps) = (rows_of(out, rows), rows_of(gaps, rows));
    match a {
        View::Many(xs, gx) => {
            let (to, f) = (&mut out[..], &f);
            let failed = wide(
                #[inline(always)]
                move || {
                    let mut failed = 0;
                    for (o, x) in to.iter_mut().zip(xs) {
                        let (value, gap) = f(*x);
                        *o = value;
                        failed |= gap;
                    }
                    failed
                },
            );
            gaps.copy_from_slice(&gx[..rows]);
            if failed != 0 {
                let to = out.iter_mut().zip(gaps.iter_mut());
                for ((o, g), (x, gx)) in to.zip(xs.iter().zip(gx)) {
                    (*o, *g) = kept(*gx, f(*x));
                }
            }
            failed != 0
        }
        View::One(x, gx) => {
            let made = kept(gx, f(x));
            fill((out, gaps), made);
            made.1 != gx
        }
    }
}

/// Applies `f` to pairs of known values; where either is a gap, so is the
/// result. As [`map1`].
pub(crate) fn map2<A, B, O>(
    rows: usize,
    (a, b): (View<'_, A>, View<'_, B>),
    (out, gaps): (&mut Vec<O>, &mut Vec<u8>),
    f: impl Fn(A, B) -> Made<O>,
) -> bool
where
    A: Copy,
    B: Copy,
    O: Copy + Default,
{
    let (View::Many(xs, gx), View::Many(ys, gy)) = (a, b) else {
        return match (a, b) {
            (View::Many(_, g), View::One(_, gap)) | (View::One(_, gap), View::Many(_, g))
                if gap != 0 =>
            {
                rows_of(out, rows).fill(O::default());
                for (to, g) in rows_of(gaps, rows).iter_mut().zip(g) {
                    *to = g | gap;
                }
                false
            }
            (View::Many(..), View::One(y, _)) => map1(rows, a, (out, gaps), |x| f(x, y)),
            (View::One(x, _), View::Many(..)) => map1(rows, b, (out, gaps), |y| f(x, y)),
            (View::One(x, gx), View::One(y, gy)) => {
                let to = (rows_of(out, rows), rows_of(gaps, rows));
                let made = kept(gx | gy, f(x, y));
                fill(to, made);
                made.1 != gx | gy
            }
            (View::Many(..), View::Many(..)) => false,
        };
    };
    let (out, gaps) = (rows_of(out, rows), rows_of(gaps, rows));
    let (to, how) = (&mut out[..], &f);
    let failed = wide(
        #[inline(always)]
        move || {
            let mut failed = 0;
            for (o, (x, y)) in to.iter_mut().zip(xs.iter().zip(ys)) {
                let (value, gap) = how(*x, *y);
                *o = value;
                failed |= gap;
            }
            failed
        },
    );
    each2(gaps, (gx, gy), |x, y| x | y);
    if failed != 0 {
        let from = xs.iter().zip(gx).zip(ys.iter().zip(gy));
        let to = out.iter_mut().zip(gaps.iter_mut());
        for ((o, g), ((x, gx), (y, gy))) in to.zip(from) {
            (*o, *g) = kept(gx | gy, f(*x, *y));
        }
    }
    failed != 0
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
    let one = |gap: u8, known: bool| match gap {
        0 => truth_byte(known),
        gap => truth_of_gap(gap),
    };
    match (a, b) {
        (View::Many(xs, gx), View::Many(ys, gy)) => {
            each2(out, (xs, ys), |x, y| truth_byte(f(x, y)));
            wide(
                #[inline(always)]
                move || {
                    for (o, (gx, gy)) in out.iter_mut().zip(gx.iter().zip(gy)) {
                        *o = unless_gap(*o, gx | gy);
                    }
                },
            );
        }
        (View::Many(xs, gx), View::One(y, gy)) => {
            each2(out, (xs, gx), |x, gx| {
                unless_gap(truth_byte(f(x, y)), gx | gy)
            });
        }
        (View::One(x, gx), View::Many(ys, gy)) => {
            each2(out, (ys, gy), |y, gy| {
                unless_gap(truth_byte(f(x, y)), gx | gy)
            });
        }
        (View::One(x, gx), View::One(y, gy)) => out.fill(one(gx | gy, f(x, y))),
    }
}

/// A truth byte, or its gap's.
#[inline(always)]
fn unless_gap(truth: u8, gap: u8) -> u8 {
    let known = u8::from(gap == 0).wrapping_neg();
    (truth & known) | (truth_of_gap(gap) & !known)
}

/// Whether all rows are the first one's like.
pub(crate) fn is_uniform<T: Copy + PartialEq>(rows: &[T]) -> bool {
    let Some(first) = rows.first() else {
        return false;
    };
    // Most columns that differ do so soon.
    let mut parts = rows.chunks(32);
    parts.all(|part| part.iter().fold(true, |all, row| all & (row == first)))
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
            each2(out, (xs, ys), f);
        }
        (Truths::Many(xs), Truths::One(y)) | (Truths::One(y), Truths::Many(xs)) => {
            each(out, xs, |x| f(x, y));
        }
        (Truths::One(x), Truths::One(y)) => out.fill(f(x, y)),
    }
}

/// Both (Kleene): one false decides.
#[inline(always)]
pub(crate) fn and(a: u8, b: u8) -> u8 {
    settled((a & b & TRUE) | ((a | b) & FALSE), a | b)
}

/// Either (Kleene): one true decides.
#[inline(always)]
pub(crate) fn or(a: u8, b: u8) -> u8 {
    settled(((a | b) & TRUE) | (a & b & FALSE), a | b)
}

/// Both, where nothing is a fault.
#[inline(always)]
pub(crate) fn and_known(a: u8, b: u8) -> u8 {
    (a & b & TRUE) | ((a | b) & FALSE)
}

/// Either, where nothing is a fault.
#[inline(always)]
pub(crate) fn or_known(a: u8, b: u8) -> u8 {
    ((a | b) & TRUE) | (a & b & FALSE)
}

/// The opposite.
#[inline(always)]
pub(crate) fn not(a: u8) -> u8 {
    ((a & TRUE) << 1) | ((a & FALSE) >> 1) | (a & TRUTH_FAULT)
}

/// What is known, or else whether a fault had a part in it.
#[inline(always)]
pub(crate) fn settled(known: u8, parts: u8) -> u8 {
    if known == 0 {
        parts & TRUTH_FAULT
    } else {
        known
    }
}
