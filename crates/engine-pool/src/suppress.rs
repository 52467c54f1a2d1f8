//! 「小数不公布」 A table of counts as it may leave the house: counts from 1 to 4 are
//! hidden, and so many others with them that rows, columns and totals do not tell what is
//! hidden. A zero is told: that nobody is there betrays nobody. Absent: protection
//! against whoever knows some of the people counted, and against a table of yesterday
//! held beside one of today (publish seldom).

/// The largest count that is hidden.
pub const SMALL: u64 = 4;
/// How far a line must leave the hidden counts open, together.
const OPEN: u64 = 3;

/// The table with its totals as last row and last column; `None`: hidden. Rows shorter
/// than the longest count as ending in zeros.
pub fn suppressed(cells: &[Vec<u64>]) -> Vec<Vec<Option<u64>>> {
    let whole = with_totals(cells);
    let mut hidden: Vec<Vec<bool>> = whole
        .iter()
        .map(|row| row.iter().map(|n| (1..=SMALL).contains(n)).collect())
        .collect();
    let lines = lines(whole.len(), whole.first().map_or(0, Vec::len));
    // Every round hides at least one more: it ends.
    while let Some((row, column)) = lines.iter().find_map(|line| next(line, &whole, &hidden)) {
        hidden[row][column] = true;
    }
    let shown = |row: &Vec<u64>, hides: &Vec<bool>| {
        let pairs = row.iter().zip(hides);
        pairs.map(|(n, hides)| (!hides).then_some(*n)).collect()
    };
    whole
        .iter()
        .zip(&hidden)
        .map(|(row, hides)| shown(row, hides))
        .collect()
}

fn with_totals(cells: &[Vec<u64>]) -> Vec<Vec<u64>> {
    let width = cells.iter().map(Vec::len).max().unwrap_or(0);
    let mut whole: Vec<Vec<u64>> = cells
        .iter()
        .map(|row| {
            let mut row = row.clone();
            row.resize(width, 0);
            row.push(row.iter().sum());
            row
        })
        .collect();
    let sum = |at: usize| whole.iter().map(|row| row[at]).sum();
    let totals: Vec<u64> = (0..=width).map(sum).collect();
    whole.push(totals);
    whole
}

type Place = (usize, usize);

/// Every row and every column, its total last.
fn lines(rows: usize, columns: usize) -> Vec<Vec<Place>> {
    let across = (0..rows).map(|row| (0..columns).map(|column| (row, column)).collect());
    let down = (0..columns).map(|column| (0..rows).map(|row| (row, column)).collect());
    across.chain(down).collect()
}

/// What a line must hide besides; `None`: it keeps its secrets.
fn next(line: &[Place], whole: &[Vec<u64>], hidden: &[Vec<bool>]) -> Option<Place> {
    let is_hidden = |place: &&Place| hidden[place.0][place.1];
    let held: Vec<&Place> = line.iter().filter(is_hidden).collect();
    let (total, parts) = line.split_last()?;
    let parts_hidden = parts.iter().filter(is_hidden).count() as u64;
    let sum: u64 = parts
        .iter()
        .filter(is_hidden)
        .map(|(row, column)| whole[*row][*column])
        .sum();
    // Of hidden parts everybody knows there is at least one in each.
    let open = hidden[total.0][total.1] || sum >= parts_hidden + OPEN;
    if held.is_empty() || (held.len() >= 2 && open) {
        return None;
    }
    let free = |place: &&Place| !hidden[place.0][place.1];
    let size = |place: &&Place| whole[place.0][place.1];
    // The smallest that is somebody, a part before the total; nothing else being there,
    // nobody's place.
    let parts = || parts.iter().filter(free);
    let part = parts().filter(|place| size(place) > 0).min_by_key(size);
    let total = Some(total).filter(free).filter(|place| size(place) > 0);
    part.or(total).or_else(|| parts().next()).copied()
}
