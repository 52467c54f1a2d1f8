//! 「说法」 Dates, money and counts as people read them; the filters of templates.

use askama::filters::Safe;
use chrono::Datelike as _;
use kernel::{Date, Instant, Money};

const WEEKDAYS: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];

/// `6月19日（周四）`.
pub(crate) fn day_words(day: Date) -> String {
    let weekday = WEEKDAYS[day.weekday().num_days_from_monday() as usize % 7];
    format!("{}月{}日（周{weekday}）", day.month(), day.day())
}

/// `2028年7月31日`: a day of another year, where the year is what matters.
pub(crate) fn far_day_words(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// `9月11日 09:58`, here.
pub(crate) fn moment_words(at: Instant) -> String {
    match chrono::FixedOffset::east_opt(8 * 3600) {
        Some(east) => at
            .with_timezone(&east)
            .format("%-m月%-d日 %H:%M")
            .to_string(),
        None => at.to_string(),
    }
}

/// `2,411` or `2,411.50`: yuan, grouped; the unit belongs to the page.
pub(crate) fn yuan_words(money: Money) -> String {
    let text = money.to_string();
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let (sign, digits) = match whole.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", whole),
    };
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match cents {
        "00" => format!("{sign}{grouped}"),
        _ => format!("{sign}{grouped}.{cents}"),
    }
}

#[expect(unreachable_pub, reason = "the macro makes them so")]
/// Filters of templates: `{{ day|day }}`, `{{ money|yuan }}`, `{{ "home"|icon }}`.
pub(crate) mod filters {
    use super::{Date, Instant, Money, Safe, day_words, far_day_words, moment_words, yuan_words};
    use crate::assets;

    /// `6月19日（周四）`.
    #[askama::filter_fn]
    pub(crate) fn day(day: &Date, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(day_words(*day))
    }

    /// `2028年7月31日`.
    #[askama::filter_fn]
    pub(crate) fn far_day(day: &Date, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(far_day_words(*day))
    }

    /// `9月11日 09:58`.
    #[askama::filter_fn]
    pub(crate) fn moment(at: &Instant, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(moment_words(*at))
    }

    /// `2,411`.
    #[askama::filter_fn]
    pub(crate) fn yuan(money: &Money, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(yuan_words(*money))
    }

    /// A drawing of the house's set; the name is ours, never typed by anyone.
    #[askama::filter_fn]
    pub(crate) fn icon(name: &str, _: &dyn askama::Values) -> askama::Result<Safe<String>> {
        let sheet = assets::address("icons.svg");
        Ok(Safe(format!(
            r##"<svg class="icon" aria-hidden="true"><use href="{sheet}#{name}"/></svg>"##
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_money_are_said_as_people_read_them() {
        let day = "2026-06-19".parse().unwrap();
        assert_eq!(day_words(day), "6月19日（周五）");
        assert_eq!(far_day_words(day), "2026年6月19日");
        for (fen, said) in [
            (241_100, "2,411"),
            (241_150, "2,411.50"),
            (0, "0"),
            (99, "0.99"),
            (-123_456_700, "-1,234,567"),
            (100_000, "1,000"),
        ] {
            assert_eq!(yuan_words(Money::from_fen(fen)), said);
        }
    }
}
