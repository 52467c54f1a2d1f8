//! 「公示」 Five days, three months, three months after the end; late is late.

use super::*;
use kernel::Date;

const LAW: Timer = Timer {
    emergency_days: 5,
    usual_months: 3,
    long_months: 6,
    end_months: 3,
};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn campaign(emergency: bool, ends: &str, shown: &[&str]) -> Campaign {
    Campaign {
        began: day("2026-01-10"),
        ends: day(ends),
        emergency,
        shown: shown.iter().map(|text| day(text)).collect(),
    }
}

fn open(campaign: &Campaign, today: &str) -> (Date, bool, i64) {
    let due = open_due(campaign, &LAW, day(today)).unwrap();
    (due.by, due.full, due.late_days(day(today)))
}

#[test]
fn h03_an_emergency_campaign_is_shown_every_five_days_and_late_is_counted() {
    let mut one = campaign(true, "2026-03-01", &[]);
    assert_eq!(open(&one, "2026-01-15"), (day("2026-01-15"), false, 0));
    assert_eq!(open(&one, "2026-01-17"), (day("2026-01-15"), false, 2));
    one.shown.push(day("2026-01-17"));
    // The time begins anew from the day it was shown; that it was late stays on record.
    assert_eq!(open(&one, "2026-01-18"), (day("2026-01-22"), false, 0));
    let all = dues(&one, &LAW, day("2026-01-18"));
    assert_eq!(all[0].late_days(day("2026-01-18")), 2);
}

#[test]
fn h01_a_long_campaign_every_three_months_a_short_one_only_at_the_end() {
    let long = campaign(false, "2026-12-31", &["2026-04-01"]);
    assert_eq!(open(&long, "2026-04-02"), (day("2026-07-01"), false, 0));
    let short = campaign(false, "2026-05-31", &[]);
    assert_eq!(open(&short, "2026-02-01"), (day("2026-08-31"), true, 0));
    assert_eq!(open(&short, "2026-09-03"), (day("2026-08-31"), true, 3));
}

#[test]
fn h01_what_was_shown_before_the_end_is_not_the_full_account() {
    let short = campaign(false, "2026-05-31", &["2026-03-01"]);
    assert_eq!(open(&short, "2026-06-10"), (day("2026-08-31"), true, 0));
    let done = campaign(false, "2026-05-31", &["2026-03-01", "2026-08-01"]);
    assert_eq!(open_due(&done, &LAW, day("2027-01-01")), None);
}
