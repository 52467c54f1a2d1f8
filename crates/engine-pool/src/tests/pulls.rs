//! Pages, silences and changed minds.

use crate::pull::*;
use kernel::{DataBatchId, Now};

const RHYTHM: Rhythm = Rhythm {
    page_rows: 2,
    every_minutes: 60,
};

fn at(minutes: i64, seconds: i64) -> Now {
    let begin: kernel::Instant = "2026-11-23T04:00:00Z".parse().unwrap();
    Now {
        at: begin + chrono::TimeDelta::seconds(minutes * 60 + seconds),
    }
}

fn page(mark: &str, last: bool) -> PageHeard {
    PageHeard {
        edition: Edition {
            mark: mark.into(),
            as_of: "2026-11-22".parse().unwrap(),
            rows: 5,
        },
        rows: 2,
        bytes: 100,
        last,
        took_ms: 40,
    }
}

#[test]
fn a02_pages_of_one_edition_only_make_a_whole() {
    let mut pull = Pull::default();
    assert!(pull.is_due(None, &RHYTHM, at(0, 0)));
    assert_eq!(pull.heard(&page("a", false), at(0, 0)), Next::More);
    assert_eq!(pull.heard(&page("a", false), at(0, 1)), Next::More);
    // The department has new data: what is here counts for nothing.
    assert_eq!(pull.heard(&page("b", false), at(0, 2)), Next::Anew);
    assert_eq!(pull.under_way.as_ref().unwrap().pages, 0);
    assert_eq!(pull.heard(&page("b", false), at(0, 3)), Next::More);
    assert_eq!(pull.heard(&page("b", true), at(0, 4)), Next::Whole);
    assert!(pull.is_whole());
    let end = PullEnd::Same {
        batch: DataBatchId(1),
    };
    pull.ended(end.clone(), 0, at(1, 0));
    let past = pull.past.last().unwrap();
    assert_eq!((past.pages, past.anew, &past.end), (2, 1, &end));
    assert!(!pull.is_due(Some(at(1, 0).at), &RHYTHM, at(60, 59)));
    assert!(pull.is_due(Some(at(1, 0).at), &RHYTHM, at(61, 0)));
}

#[test]
fn a02_a_silent_department_is_asked_less_and_less_often_and_loses_nothing() {
    let mut pull = Pull::default();
    pull.heard(&page("a", false), at(0, 0));
    let mut waits = Vec::new();
    for _ in 0..9 {
        pull.silent("没有连上".into(), &RHYTHM, at(1, 0));
        let until = pull.wait_until.unwrap();
        waits.push((until - at(1, 0).at).num_seconds());
        assert!(!pull.is_due(None, &RHYTHM, at(1, 1)));
        assert!(pull.is_due(None, &RHYTHM, Now { at: until }));
    }
    assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    // Pages that came are still there, and the next one goes on from them.
    assert_eq!(pull.heard(&page("a", true), at(90, 0)), Next::Whole);
    assert_eq!((pull.wait_until, pull.silences), (None, 0));
    let one = pull.under_way.as_ref().unwrap();
    assert_eq!((one.pages, one.rows, one.silences), (2, 4, 9));
    for _ in 0..40 {
        pull.silent("没有连上".into(), &RHYTHM, at(91, 0));
    }
    assert_eq!(pull.past.len(), PAST_MAX);
}

#[test]
fn a02_a_department_that_never_keeps_still_is_not_asked_for_ever() {
    let mut pull = Pull::default();
    for mark in ["a", "b", "c", "d"] {
        pull.heard(&page(mark, false), at(0, 0));
        assert!(!pull.is_restless());
    }
    pull.heard(&page("e", false), at(0, 0));
    assert!(pull.is_restless());
}
