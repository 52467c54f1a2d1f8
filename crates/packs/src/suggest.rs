//! 「是不是想写」 The nearest known name. A suggestion must be near enough that a
//! person would say "of course"; otherwise the known names are listed instead.

/// The known name a person probably meant, if one is near.
pub(crate) fn nearest<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let allowed = (written.chars().count() / 3).max(1) + usize::from(written.len() > 3);
    known
        .into_iter()
        .map(|name| (distance(written, name), name))
        .filter(|(far, _)| *far <= allowed)
        .min_by_key(|(far, name)| (*far, name.len()))
        .map(|(_, name)| name)
}

/// “是不是想写 `x`？”, or the list of what can stand there.
pub fn meant<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<String> {
    if let Some(name) = nearest(written, known.clone()) {
        return Some(format!("是不是想写 `{name}`？"));
    }
    let mut names: Vec<&str> = known.into_iter().collect();
    names.sort_unstable();
    names.dedup();
    match names.len() {
        0 => None,
        1..=24 => Some(format!("可以写：{}", names.join("、"))),
        more => Some(format!("可以写：{}…… 共 {more} 个", names[..24].join("、"))),
    }
}

/// Edit distance with neighbouring swaps counted once (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let change = last[j] + usize::from(x != y);
            let mut best = change.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_slips_and_leaves_strangers_alone() {
        for (written, expected) in [
            ("incme_per_head", Some("income_per_head")),
            ("lable", Some("label")),
            ("isz", Some("is")),
            ("standrad", Some("standard")),
            ("helicopter", None),
            ("", Some("is")),
        ] {
            let known = ["income_per_head", "label", "standard", "is"];
            let expected = if written.is_empty() { None } else { expected };
            assert_eq!(nearest(written, known), expected, "{written}");
        }
    }

    #[test]
    fn distance_counts_a_swap_once() {
        assert_eq!(distance("lable", "label"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("城市", "城镇"), 1);
    }
}
