//! The sheet of a verification: who answered, what the pool stands in with and how
//! old that is, and that it follows from the events alone.

use super::authorisations::authorisation;
use super::verifications::{begin, none, police, request};
use super::*;
use crate::answer::{Answer, NoAnswer};
use crate::sheet::{From, Known, Stage, sheet};
use crate::verification::{Command, Event, Verification};
use crate::verify;

fn told(events: &[Event], known: &Known) -> Option<crate::Sheet> {
    let at = now("2026-11-23");
    sheet(events, known, (at.at, &officer()), at.today())
}

/// The police answer, the bank is down, everything is compared.
fn events() -> Vec<Event> {
    let (mut state, mut log) = (Verification::default(), Vec::new());
    let down = Command::Fail {
        department: slug("money"),
        why: NoAnswer::Unreachable,
    };
    let begun = begin(request(), Some(authorisation()));
    for command in [begun, police(none()), down, Command::Compare] {
        let events = verify(&state, command, &config(), now("2026-11-23")).unwrap();
        events.iter().for_each(|event| state.apply(event));
        log.extend(events);
    }
    log
}

#[test]
fn a06_the_pool_stands_in_with_its_age_and_never_for_what_it_does_not_hold() {
    let events = events();
    let wage = Answer::NoRecord {
        as_of: day("2026-11-01"),
    };
    let known = Known::from([(PersonId(1), BTreeMap::from([(slug("wage"), wage)]))]);
    let sheet = told(&events, &known).unwrap();
    assert_eq!(sheet.silent, [slug("money")].into());
    let line = |person, category: &str| {
        let mut lines = sheet.lines.iter();
        lines
            .find(|one| one.person == PersonId(person) && one.category == slug(category))
            .unwrap()
    };
    let stood = line(1, "wage");
    let from = From::Pool {
        batch: None,
        age_days: 22,
    };
    assert_eq!((&stood.from, stood.as_of), (&from, Some(day("2026-11-01"))));
    assert_eq!(stood.silent, Some(NoAnswer::Unreachable));
    for nobody in [line(1, "deposit"), line(2, "wage")] {
        assert_eq!((&nobody.from, nobody.as_of), (&From::Nobody, None));
    }
    assert_eq!(line(2, "vehicle").from, From::Live);
    let stages: Vec<Stage> = sheet.stages.iter().map(|one| one.stage).collect();
    let all = [Stage::Accept, Stage::Obtain, Stage::Verify, Stage::Report];
    assert_eq!(stages, all);
}

#[test]
fn a06_nothing_compared_is_no_report_and_the_same_events_are_the_same_sheet() {
    let events = events();
    let (_, before) = events.split_last().unwrap();
    assert_eq!(told(before, &Known::new()), None);
    let known = Known::new();
    let once = serde_json::to_string(&told(&events, &known)).unwrap();
    let state: Verification = {
        let mut state = Verification::default();
        events.iter().for_each(|event| state.apply(event));
        state
    };
    assert!(state.comparison.is_some());
    assert_eq!(once, serde_json::to_string(&told(&events, &known)).unwrap());
}
