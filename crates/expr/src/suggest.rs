//! 「是不是想写」 The known name nearest to a mistyped one.

/// A hint naming the nearest known name, when one is near enough.
pub(crate) fn suggest<'n>(
    written: &str,
    known: impl IntoIterator<Item = &'n str>,
) -> Option<String> {
    let near = written.len().div_ceil(3).max(1);
    known
        .into_iter()
        .map(|name| (distance(written, name), name))
        .filter(|(distance, _)| *distance <= near)
        .min()
        .map(|(_, name)| format!("是不是想写 `{name}`"))
}

/// Edit distance with neighbouring letters swapped counting as one edit. Names
/// are ASCII and short; anything longer than 80 bytes is far from everything.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() > 80 || b.len() > 80 {
        return usize::MAX;
    }
    let mut before_last: Vec<usize> = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut current = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let swap = usize::from(a[i - 1] != b[j - 1]);
            current[j] = (last[j - 1] + swap)
                .min(last[j] + 1)
                .min(current[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                current[j] = current[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested() {
        let known = ["income", "income_per_head", "standard"];
        for (written, meant) in [
            ("incmoe", Some("income")),
            ("standrad", Some("standard")),
            ("income_perhead", Some("income_per_head")),
            ("birthday", None),
        ] {
            let expected = meant.map(|name| format!("是不是想写 `{name}`"));
            assert_eq!(suggest(written, known), expected, "{written}");
        }
    }
}
