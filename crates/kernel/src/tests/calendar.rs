//! Working days, terms in calendar days, ages and months.

use super::day;
use crate::*;

/// The notices for 2025 and 2026 as a pack carries them.
pub(super) const HOLIDAYS: &str = include_str!("holidays-2025-2026.csv");

fn calendar() -> WorkCalendar {
    WorkCalendar::from_csv(HOLIDAYS).unwrap()
}

#[test]
fn working_day_vectors() {
    let calendar = calendar();
    for (start, count, end) in [
        ("2025-01-24", 3, "2025-02-05"),
        ("2025-09-26", 10, "2025-10-16"),
        ("2026-01-05", 30, "2026-02-14"),
        ("2026-01-05", 45, "2026-03-13"),
        ("2026-01-30", 10, "2026-02-13"),
        ("2026-02-10", 30, "2026-03-30"),
        ("2026-04-30", 5, "2026-05-11"),
        ("2026-06-15", 15, "2026-07-07"),
        ("2026-09-18", 10, "2026-10-09"),
        ("2026-09-30", 3, "2026-10-10"),
        ("2026-02-12", 3, "2026-02-24"),
        ("2026-02-15", 0, "2026-02-15"),
    ] {
        let (start, end) = (day(start), day(end));
        assert_eq!(
            calendar.add_working_days(start, count),
            Ok(end),
            "{start} + {count}"
        );
        if count > 0 {
            assert_eq!(
                calendar.working_days_between(start, end),
                Ok(i64::from(count))
            );
            assert_eq!(
                calendar.working_days_between(end, start),
                Ok(-i64::from(count))
            );
        }
    }
}

#[test]
fn working_days_of_whole_years() {
    let calendar = calendar();
    for year in [2025, 2026] {
        let days = calendar
            .working_days_between(day(&format!("{year}-01-01")), day(&format!("{year}-12-31")));
        // 1 January itself is a day of rest, so the year is counted whole.
        assert_eq!(days, Ok(248), "{year}");
    }
    assert_eq!(calendar.name(day("2026-02-14")), Some("春节"));
}

#[test]
fn a_day_past_the_table_is_an_error_never_a_guess() {
    let calendar = calendar();
    let beyond = calendar
        .add_working_days(day("2026-12-25"), 10)
        .unwrap_err();
    assert_eq!(
        beyond.to_string(),
        "工作日历只到2026-12-31，算不到2027-01-01。请先导入下一年的放假安排"
    );
    assert!(matches!(
        calendar.is_working_day(day("2024-12-31")),
        Err(CalendarError::Before { .. })
    ));
    assert!(matches!(
        calendar.extended(day("2027-01-01")),
        Err(CalendarError::Beyond { .. })
    ));
    let empty = WorkCalendar::default();
    assert_eq!(
        empty.add_working_days(day("2026-01-01"), 1),
        Err(CalendarError::Empty)
    );
}

#[test]
fn a_faulty_table_names_every_line() {
    let text = "date,kind,name\n2026-02-30,holiday,x\n2026-01-01,off,x\n2026-01-02,holiday\n\
                2026-01-03,holiday,x\n2026-01-03,workday,x\n";
    let faults = WorkCalendar::from_csv(text).unwrap_err();
    let lines: Vec<u64> = faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [2, 3, 4, 6]);
    let gap = "date,kind,name\n2024-01-01,holiday,x\n2026-01-01,holiday,x\n";
    assert!(
        WorkCalendar::from_csv(gap).unwrap_err()[0]
            .what
            .contains("2025")
    );
    assert!(WorkCalendar::from_csv("day,kind\n").is_err());
}

/// Apply → cooling day 30 → extended → window from → window end, extended.
#[test]
fn divorce_vectors_civil_code_201_203() {
    let calendar = calendar();
    for (apply, cooling, extended, from, end) in [
        (
            "2026-01-05",
            "2026-02-04",
            "2026-02-04",
            "2026-02-05",
            "2026-03-06",
        ),
        (
            "2026-01-18",
            "2026-02-17",
            "2026-02-24",
            "2026-02-25",
            "2026-03-26",
        ),
        (
            "2026-03-02",
            "2026-04-01",
            "2026-04-01",
            "2026-04-02",
            "2026-05-06",
        ),
        (
            "2026-09-01",
            "2026-10-01",
            "2026-10-08",
            "2026-10-09",
            "2026-11-09",
        ),
        (
            "2025-12-31",
            "2026-01-30",
            "2026-01-30",
            "2026-01-31",
            "2026-03-02",
        ),
    ] {
        assert_eq!(add_days(day(apply), 30), Some(day(cooling)), "{apply}");
        let cooled = calendar.add_days_extended(day(apply), 30).unwrap();
        assert_eq!(cooled, day(extended), "{apply}");
        assert_eq!(add_days(cooled, 1), Some(day(from)), "{apply}");
        assert_eq!(
            calendar.add_days_extended(cooled, 30),
            Ok(day(end)),
            "{apply}"
        );
    }
    // A publicity of seven days ends on its seventh, rest day or not.
    assert_eq!(add_days(day("2026-02-10"), 7), Some(day("2026-02-17")));
}

#[test]
fn ages_count_the_birthday() {
    for (born, on, age) in [
        ("2000-06-15", "2026-06-14", Some(25)),
        ("2000-06-15", "2026-06-15", Some(26)),
        ("2008-02-29", "2026-02-28", Some(17)),
        ("2008-02-29", "2026-03-01", Some(18)),
        ("2008-02-29", "2028-02-29", Some(20)),
        ("2026-01-01", "2026-01-01", Some(0)),
        ("2026-01-02", "2026-01-01", None),
    ] {
        assert_eq!(age_on(day(born), day(on)), age, "{born} {on}");
    }
}

#[test]
fn months_end_on_their_last_day_civil_code_202() {
    for (from, to, months) in [
        ("2026-01-15", "2026-02-14", 0),
        ("2026-01-15", "2026-02-15", 1),
        ("2026-01-31", "2026-02-28", 1),
        ("2026-01-31", "2026-03-30", 1),
        ("2025-12-31", "2026-12-31", 12),
        ("2026-03-01", "2026-01-15", -1),
        ("2026-02-15", "2026-01-15", -1),
    ] {
        assert_eq!(months_between(day(from), day(to)), months, "{from} {to}");
    }
    assert_eq!(months_after(day("2026-01-31"), 1), Some(day("2026-02-28")));
    assert_eq!(months_after(day("2026-03-31"), -1), Some(day("2026-02-28")));
}
