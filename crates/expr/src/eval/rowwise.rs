//! 「逐行汇总」 Sums, least and greatest row by row: of records, which most people have
//! none of, and of numbers too wide for anything quicker.

use super::gather::{doubtful, unanswered_at};
use super::scene::Part;
use super::view::*;
use crate::ast::AggregateOp;
use crate::column::{FALSE, FAULT, MISSING, TRUE};

/// Row by row, where sums fit: `cell` tells a number, its gap, and whether it counts.
#[inline(always)]
pub(super) fn sum_narrow(
    cell: impl Fn(usize) -> (i64, u8, u8),
    parts: &[Part],
    unanswered: Option<&[u8]>,
    (out, gaps): (&mut [i64], &mut [u8]),
) -> bool {
    out.fill(0);
    match unanswered {
        Some(unanswered) => gaps.copy_from_slice(unanswered),
        None => gaps.fill(0),
    }
    for part in parts {
        let (mut total, mut gap) = (0, gaps[part.row()]);
        for member in part.range() {
            match cell(member) {
                (number, own, TRUE) => {
                    total += number;
                    gap |= own;
                }
                (number, own, unknown) => gap |= doubtful(unknown, number, own),
            }
        }
        (out[part.row()], gaps[part.row()]) = (total & -i64::from(gap == 0), gap);
    }
    false
}

/// Row by row, however many and however large; whether some sum does not fit.
pub(super) fn sum_plainly(
    values: View<'_, i64>,
    filter: Option<Truths<'_>>,
    parts: &[Part],
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
    for part in parts {
        let row = part.row();
        let (mut total, mut gap) = (0_i128, gaps[row]);
        for member in part.range() {
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
pub(super) fn gather_extreme<T: Copy + Default + PartialOrd>(
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
