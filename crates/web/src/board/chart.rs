//! 「图」 Charts drawn on the server: bars of SVG without a word in them. Whatever a
//! chart says stands in the table under it; a reader of screens reads that one.

use std::fmt::Write as _;

const WIDTH: i64 = 680;
const HEIGHT: i64 = 96;
/// The widest bar.
const BAR_MAX: i64 = 44;

/// Bars from zero, each over the middle of its column of a table of as many columns;
/// the last one is lit.
pub(super) fn bars(values: &[i64]) -> String {
    let count = i64::try_from(values.len()).unwrap_or(1).max(1);
    let most = values.iter().copied().max().unwrap_or(0).max(1);
    let wide = (WIDTH / count * 3 / 5).min(BAR_MAX);
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" aria-hidden=\"true\" \
         preserveAspectRatio=\"none\"><path class=\"base\" d=\"M0 {HEIGHT}H{WIDTH}\"/>"
    );
    for (nth, value) in (0_i64..).zip(values) {
        let tall = i128::from((*value).max(0)) * i128::from(HEIGHT) / i128::from(most);
        let tall = i64::try_from(tall).unwrap_or(0);
        let left = (2 * nth + 1) * WIDTH / (2 * count) - wide / 2;
        let class = if nth + 1 == count {
            "bar-lit"
        } else {
            "bar-past"
        };
        let top = HEIGHT - tall;
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{left}\" y=\"{top}\" width=\"{wide}\" height=\"{tall}\"/>"
        );
    }
    svg.push_str("</svg>");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_is_as_high_as_the_chart_and_nothing_has_no_height() {
        let svg = bars(&[0, 50, 100]);
        for bar in [
            r#"class="bar-past" x="91" y="96" width="44" height="0""#,
            r#"class="bar-past" x="318" y="48" width="44" height="48""#,
            r#"class="bar-lit" x="544" y="0" width="44" height="96""#,
        ] {
            assert!(svg.contains(bar), "{bar} in {svg}");
        }
        assert!(!bars(&[]).contains("rect"));
        // Less than nothing is drawn as nothing; the largest sum fits.
        assert!(bars(&[-5, i64::MAX]).contains("height=\"96\""));
    }
}
