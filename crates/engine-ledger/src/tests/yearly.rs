//! H10: what was spent on charity and on running the house, held against a pack's limits.

use super::*;
use kernel::{Provenance, Slug};
use std::collections::BTreeMap;

fn limit(counts: Counts, of: &[Base], (least, most): (Option<u32>, Option<u32>)) -> YearLimit {
    let id: Slug = "some".parse().unwrap();
    YearLimit {
        orgs: [id.clone()].into(),
        id,
        name: "某比例".to_owned(),
        counts,
        of: of.to_vec(),
        least,
        most,
        basis: "试验".to_owned(),
        provenance: Provenance::Assumed,
        note: None,
    }
}

fn years(all: &[(i32, [i64; 4])]) -> BTreeMap<i32, YearSums> {
    let sums = |[income, charity, admin, left]: [i64; 4]| YearSums {
        income,
        charity,
        admin,
        left,
    };
    all.iter().map(|(year, one)| (*year, sums(*one))).collect()
}

#[test]
fn h10_one_of_two_bases_is_enough_and_what_is_not_known_is_not_said() {
    let either = limit(
        Counts::Charity,
        &[Base::IncomeLastYear, Base::IncomeMean3],
        (Some(70), None),
    );
    let four = years(&[
        (2022, [300, 0, 0, 0]),
        (2023, [300, 0, 0, 0]),
        (2024, [1_000, 0, 0, 0]),
        (2025, [0, 400, 0, 0]),
    ]);
    let check = check_year(&either, &four, (2025, true));
    // 70% of 1000 is not reached, 70% of 533 is.
    assert_eq!(check.standing, Standing::Within);
    assert_eq!(check.lines[0].kept, Some(false));
    assert_eq!(
        (check.lines[0].bound, check.lines[1].bound),
        (Some(700), Some(374))
    );
    assert_eq!(check.lines[0].mille(400), Some(400));

    let mut less = four.clone();
    less.insert(2025, years(&[(0, [0, 373, 0, 0])])[&0]);
    let crossed = check_year(&either, &less, (2025, true));
    assert_eq!(crossed.standing, Standing::Crossed);
    // The year runs on: it may yet be spent.
    let runs = check_year(&either, &less, (2025, false));
    assert_eq!(runs.standing, Standing::NotYet);
    // 2022 is not known: neither the mean nor that it is crossed.
    less.remove(&2022);
    let unknown = check_year(&either, &less, (2025, true));
    assert_eq!(unknown.standing, Standing::Unknown);
    assert_eq!(unknown.lines[1].amount, None);
    assert_eq!(check_year(&either, &less, (2026, true)).counted, None);
}

#[test]
fn h10_running_costs_are_held_to_the_fen_against_all_that_was_spent() {
    let most = limit(Counts::Admin, &[Base::SpentThisYear], (None, Some(10)));
    let standing = |charity, admin| {
        let book = years(&[(2025, [0, charity, admin, 0])]);
        check_year(&most, &book, (2025, false)).standing
    };
    assert_eq!(
        standing(900, 100),
        Standing::Within,
        "just ten of a hundred"
    );
    assert_eq!(
        standing(899, 100),
        Standing::Crossed,
        "said before the year ends"
    );
    assert_eq!(standing(0, 0), Standing::Within, "nothing of nothing");
    assert_eq!(standing(0, 1), Standing::Crossed);
    let none = check_year(&most, &years(&[]), (2025, true));
    assert_eq!(none.standing, Standing::Unknown, "no book is not a zero");
}

#[test]
fn h10_what_was_left_last_year_is_a_base_of_its_own() {
    let least = limit(Counts::Charity, &[Base::LeftLastYear], (Some(8), None));
    let book = years(&[(2024, [0, 0, 0, 1_001]), (2025, [0, 80, 0, 921])]);
    let check = check_year(&least, &book, (2025, true));
    assert_eq!(check.standing, Standing::Crossed, "80 is below 80.08");
    assert_eq!(
        check.lines[0].bound,
        Some(81),
        "rounded up: 80 would not keep it"
    );
}
