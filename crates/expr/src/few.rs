//! 「少数」 Numbers that most rows have alike: 0, or missing. Nearly nobody has a pension
//! from abroad or shares in a company, so what differs lies in a list of its own, and an
//! operation looks at that instead of at every row. Beside the column, never instead of
//! it: whoever does not know of the list computes the same.

use crate::column::{Column, MISSING};
use crate::eval::wide;
use std::ops::Range;

/// Rows looked at first.
const SAMPLE: usize = 4_096;
/// How many rows a place in the list is remembered for.
const BLOCK: usize = 512;

/// The rows of a column that are not as the others.
#[derive(Clone, Debug)]
pub(crate) struct Few {
    /// The others' gap; their number is 0.
    gap: u8,
    rows: Vec<u32>,
    values: Vec<i64>,
    gaps: Vec<u8>,
    /// For each block of rows the first place in the list that is of it or later.
    blocks: Vec<u32>,
}

/// Of some rows those that are not as the others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FewRows<'f> {
    first: usize,
    /// The others' gap.
    pub(crate) gap: u8,
    rows: &'f [u32],
    values: &'f [i64],
    gaps: &'f [u8],
}

impl Few {
    /// Of a column of numbers, when at most one row in `one_in` is not as the others.
    pub(crate) fn of(column: &Column, one_in: usize) -> Option<Few> {
        let Column::Number(values, gaps) = column else {
            return None;
        };
        let missing = sum(gaps, |gap| gap == MISSING);
        let gap = u8::from(missing > gaps.len() / 2) * MISSING;
        let differ = |values: &[i64], gaps: &[u8]| {
            let cells = values.iter().zip(gaps);
            wide(
                #[inline(always)]
                move || {
                    cells.fold(0_u64, |sum, (value, own)| {
                        sum + u64::from((*value != 0) | (*own != gap))
                    })
                },
            )
        };
        // Most that are not few are many from the start.
        let some = values.len().min(SAMPLE);
        if differ(&values[..some], &gaps[..some]) as usize * one_in > some * 2 {
            return None;
        }
        let count = differ(values, gaps) as usize;
        if count * one_in > gaps.len() {
            return None;
        }
        let mut few = Few {
            gap,
            // One more, to write what is not kept.
            rows: vec![0; count + 1],
            values: vec![0; count + 1],
            gaps: vec![0; count + 1],
            blocks: Vec::with_capacity(gaps.len() / BLOCK + 2),
        };
        few.collect(values, gaps, count);
        Some(few)
    }

    fn collect(&mut self, values: &[i64], gaps: &[u8], count: usize) {
        let (mut place, mut row) = (0_usize, 0_u32);
        for (values, gaps) in values.chunks(BLOCK).zip(gaps.chunks(BLOCK)) {
            self.blocks.push(u32::try_from(place).unwrap_or(u32::MAX));
            for (value, own) in values.iter().zip(gaps) {
                // Written anyway, kept where it differs: no branch to be guessed.
                self.rows[place] = row;
                (self.values[place], self.gaps[place]) = (*value, *own);
                place += usize::from((*value != 0) | (*own != self.gap));
                row = row.wrapping_add(1);
            }
        }
        self.blocks.push(u32::try_from(place).unwrap_or(u32::MAX));
        self.rows.truncate(count);
        self.values.truncate(count);
        self.gaps.truncate(count);
    }

    /// Those of some rows.
    pub(crate) fn within(&self, rows: Range<usize>) -> FewRows<'_> {
        let (start, end) = (self.find(rows.start), self.find(rows.end));
        FewRows {
            first: rows.start,
            gap: self.gap,
            rows: &self.rows[start..end],
            values: &self.values[start..end],
            gaps: &self.gaps[start..end],
        }
    }

    /// The first place in the list that is of this row or a later one.
    fn find(&self, row: usize) -> usize {
        let block = |number: usize| match self.blocks.get(number) {
            Some(place) => *place as usize,
            None => self.rows.len(),
        };
        let (start, end) = (block(row / BLOCK), block(row / BLOCK + 1));
        start + self.rows[start..end].partition_point(|other| (*other as usize) < row)
    }
}

fn sum(gaps: &[u8], is: impl Fn(u8) -> bool) -> usize {
    let count = wide(
        #[inline(always)]
        move || {
            gaps.iter()
                .fold(0_u64, |sum, gap| sum + u64::from(is(*gap)))
        },
    );
    count as usize
}

impl<'f> FewRows<'f> {
    /// How many.
    pub(crate) fn len(self) -> usize {
        self.rows.len()
    }

    /// Rows, counted from the first, their numbers and their gaps.
    pub(crate) fn cells(self) -> impl Iterator<Item = (usize, i64, u8)> + use<'f> {
        let cells = self.rows.iter().zip(self.values.iter().zip(self.gaps));
        cells.map(move |(row, (value, gap))| (*row as usize - self.first, *value, *gap))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_holds_what_differs_and_nothing_else() {
        for (others, gap) in [(0, 0), (MISSING, MISSING)] {
            let rows = 3 * BLOCK + 7;
            let mut values = vec![0; rows];
            let mut gaps = vec![others; rows];
            for row in (5..rows).step_by(97) {
                (values[row], gaps[row]) = (row as i64, 0);
            }
            gaps[BLOCK] = MISSING - others;
            let column = Column::Number(values.clone(), gaps.clone());
            assert!(Few::of(&column, 200).is_none());
            let few = Few::of(&column, 20).unwrap();
            for span in [0..rows, 3..4, 5..6, 500..530, 512..1024, 1_500..rows, 9..9] {
                let within = few.within(span.clone());
                assert_eq!(within.gap, gap);
                let mut seen = vec![(0, gap); span.len()];
                within.cells().for_each(|(row, v, g)| seen[row] = (v, g));
                let plain: Vec<_> = span.map(|row| (values[row], gaps[row])).collect();
                assert_eq!(seen, plain);
            }
        }
        assert!(Few::of(&Column::Truth(vec![0; 9]), 1).is_none());
    }
}
