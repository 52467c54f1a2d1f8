//! What an address that is told events may expect of us.

use crate::hook::{Consented, Heard, Hook, PER_MINUTE, Stopped, Then, Turn};
use chrono::TimeDelta;
use kernel::Now;

fn at(second: i64) -> Now {
    let start: kernel::Instant = "2026-09-01T01:00:00Z".parse().unwrap();
    Now {
        at: start + TimeDelta::seconds(second),
    }
}

fn open(per_minute: Option<u32>) -> Hook {
    let mut hook = Hook::default();
    hook.listed("http://a/b", "civil.example");
    hook.consented(Consented::Yes(per_minute), at(0));
    hook
}

#[test]
fn a_consent_is_a_header_for_us_with_a_rate_and_nothing_else() {
    let of = |origin, rate| Consented::of("civil.example", origin, rate);
    assert_eq!(of(Some("*"), Some("*")), Consented::Yes(None));
    assert_eq!(
        of(Some("CIVIL.example"), Some("120")),
        Consented::Yes(Some(120))
    );
    for (origin, rate) in [
        (None, Some("*")),
        (Some("other.example"), Some("*")),
        (Some("*"), None),
        (Some("*"), Some("0")),
        (Some("*"), Some("fast")),
    ] {
        assert_eq!(of(origin, rate), Consented::No, "{origin:?} {rate:?}");
    }
}

#[test]
fn nothing_is_sent_without_consent_and_no_faster_than_allowed() {
    let mut hook = Hook::default();
    hook.listed("http://a/b", "civil.example");
    assert_eq!(hook.turn(at(0)), Turn::AskConsent);
    hook.consented(Consented::No, at(0));
    assert_eq!(hook.turn(at(1)), Turn::Rest);
    assert_eq!(hook.turn(at(15)), Turn::AskConsent);
    let mut hook = open(Some(2));
    assert_eq!(hook.turn(at(0)), Turn::Send(2));
    assert_eq!(hook.heard(&Heard::Taken, at(0)), Then::Done);
    assert_eq!(hook.heard(&Heard::Taken, at(1)), Then::Done);
    assert_eq!(hook.turn(at(2)), Turn::Rest);
    assert_eq!(hook.turn(at(60)), Turn::Send(2));
    assert_eq!(open(None).turn(at(0)), Turn::Send(PER_MINUTE));
    // A consent does not last for ever, and another address is asked anew.
    assert_eq!(hook.turn(at(8 * 86_400)), Turn::AskConsent);
    let mut moved = open(None);
    moved.listed("http://a/c", "civil.example");
    assert_eq!(moved.turn(at(0)), Turn::AskConsent);
}

#[test]
fn silences_are_waited_out_longer_each_time_and_a_wish_to_wait_is_kept() {
    let mut hook = open(None);
    let silent = Heard::Silent("没有连上".to_owned());
    assert_eq!(hook.heard(&silent, at(0)), Then::Failed);
    assert_eq!(hook.turn(at(14)), Turn::Rest);
    assert_ne!(hook.turn(at(15)), Turn::Rest);
    hook.heard(&silent, at(15));
    assert_eq!(hook.turn(at(15 + 29)), Turn::Rest);
    assert_ne!(hook.turn(at(15 + 30)), Turn::Rest);
    let later = Heard::of(429, Some(90));
    assert_eq!(hook.heard(&later, at(60)), Then::PutBack(at(150).at));
    assert_eq!(hook.turn(at(149)), Turn::Rest);
    assert_eq!(hook.heard(&Heard::of(204, None), at(150)), Then::Done);
    assert_eq!((hook.silences, hook.wait_until), (0, None));
    // A redirect is not followed.
    assert_eq!(hook.heard(&Heard::of(302, None), at(151)), Then::Failed);
}

#[test]
fn gone_is_gone_until_the_operator_writes_another_address() {
    let mut hook = open(None);
    hook.heard(&Heard::of(410, None), at(0));
    assert!(!hook.is_open());
    hook.listed("http://a/b", "civil.example");
    assert!(matches!(hook.stopped, Some(Stopped::Gone { .. })));
    hook.listed("http://a/c", "civil.example");
    assert!(hook.is_open());
}
