//! What a table hides cannot be reckoned back from what it shows.

use crate::suppress::{SMALL, suppressed};
use proptest::prelude::*;

/// The least and the most every hidden count can be, for whoever has the table and knows
/// how many rows and columns it has: every way to fill it in is tried.
fn reckoned(shown: &[Vec<Option<u64>>], most: u64) -> Vec<(usize, usize, u64, u64)> {
    let (rows, columns) = (shown.len() - 1, shown[0].len() - 1);
    let hidden: Vec<(usize, usize)> = (0..rows)
        .flat_map(|row| (0..columns).map(move |column| (row, column)))
        .filter(|(row, column)| shown[*row][*column].is_none())
        .collect();
    let mut found: Vec<(usize, usize, u64, u64)> = Vec::new();
    let mut filled: Vec<Vec<u64>> = (0..rows)
        .map(|row| (0..columns).map(|c| shown[row][c].unwrap_or(0)).collect())
        .collect();
    fn fits(shown: &[Vec<Option<u64>>], filled: &[Vec<u64>]) -> bool {
        let (rows, columns) = (filled.len(), filled[0].len());
        let across = (0..rows).all(|r| {
            let sum = filled[r].iter().sum::<u64>();
            shown[r][columns].is_none_or(|total| total == sum)
        });
        let down = (0..columns).all(|c| {
            let sum = filled.iter().map(|row| row[c]).sum::<u64>();
            shown[rows][c].is_none_or(|total| total == sum)
        });
        let all = filled.iter().flatten().sum::<u64>();
        across && down && shown[rows][columns].is_none_or(|total| total == all)
    }
    fn fill(
        shown: &[Vec<Option<u64>>],
        filled: &mut Vec<Vec<u64>>,
        hidden: &[(usize, usize)],
        most: u64,
        found: &mut Vec<(usize, usize, u64, u64)>,
    ) {
        let Some(((row, column), rest)) = hidden.split_first() else {
            if fits(shown, filled) {
                for (r, line) in shown.iter().enumerate().take(filled.len()) {
                    for c in (0..filled[0].len()).filter(|c| line[*c].is_none()) {
                        let n = filled[r][c];
                        match found.iter_mut().find(|one| (one.0, one.1) == (r, c)) {
                            Some(one) => (one.2, one.3) = (one.2.min(n), one.3.max(n)),
                            None => found.push((r, c, n, n)),
                        }
                    }
                }
            }
            return;
        };
        // No more than the row's total has room for; the row's last one is what is left.
        let total = shown[*row][filled[0].len()];
        let left = total.map(|total| total.saturating_sub(filled[*row].iter().sum()));
        let last = rest.first().is_none_or(|next| next.0 != *row);
        let least = left.filter(|_| last).unwrap_or(0);
        for n in least..=left.unwrap_or(most) {
            filled[*row][*column] = n;
            fill(shown, filled, rest, most, found);
        }
        filled[*row][*column] = 0;
    }
    fill(shown, &mut filled, &hidden, most, &mut found);
    found
}

#[test]
fn totals_do_not_betray_a_small_count() {
    // One small count: without a second hidden one its row tells it.
    let shown = suppressed(&[vec![3, 20, 30], vec![40, 9, 60]]);
    assert_eq!(shown[0][..2], [None, None]);
    assert_eq!(shown[1][..2], [None, None]);
    assert_eq!(shown[0][2], Some(30));
    assert_eq!(shown[2], [Some(43), Some(29), Some(90), Some(162)]);
    // Two ones in a row are no cover for each other.
    let shown = suppressed(&[vec![1, 1, 30], vec![50, 60, 70]]);
    assert_eq!(shown[0], [None, None, None, Some(32)]);
    // Nothing small: nothing hidden; a zero is told.
    let shown = suppressed(&[vec![0, 5], vec![7, 0]]);
    assert!(shown.iter().flatten().all(Option::is_some));
    assert_eq!(suppressed(&[]), [vec![Some(0)]]);
    // Somebody alone hides the totals with them.
    assert_eq!(suppressed(&[vec![2]]), [[None, None], [None, None]]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_hidden_count_can_be_reckoned_back(
        cells in prop::collection::vec(prop::collection::vec(0_u64..8, 3), 2..3)
    ) {
        let shown = suppressed(&cells);
        for (row, line) in cells.iter().enumerate() {
            for (column, n) in line.iter().enumerate() {
                let small = (1..=SMALL).contains(n);
                prop_assert!(!small || shown[row][column].is_none());
            }
        }
        for (row, column, least, most) in reckoned(&shown, 9) {
            let n = cells[row][column];
            if (1..=SMALL).contains(&n) {
                prop_assert!(least < most, "{cells:?} {shown:?} {row},{column}: {least}");
            }
        }
    }
}
