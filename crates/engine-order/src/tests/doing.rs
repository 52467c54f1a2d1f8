//! Doing it, with proof.

use super::world::*;
use crate::*;
use kernel::Role;

#[test]
fn m01_without_proof_it_is_not_done() {
    let mut tale = Tale::under_way(hotline());
    let text = |id: &str, text: &str| ProofGiven {
        proof: slug(id),
        value: ProofValue::Text(text.into()),
    };
    for (proofs, code) in [
        (vec![], "order.no_proof"),
        (vec![text("words", "修好了")], "order.no_proof"),
        (vec![text("photo", "没有照片")], "order.wrong_proof"),
        (vec![photo(), text("words", " ")], "order.no_proof"),
    ] {
        assert_eq!(tale.no(900, of_provider(1), finish(900, proofs)), code);
    }
    assert_eq!(
        tale.no(900, of_provider(2), finish(900, vec![photo()])),
        "order.not_yours"
    );
    tale.ok(900, of_provider(1), finish(900, vec![photo()]));
    assert_eq!(tale.order.stage, Stage::Done);
    let confirm = Act::Confirm {
        words: String::new(),
        by_phone: true,
    };
    assert_eq!(
        tale.no(901, of_provider(1), confirm.clone()),
        "order.office_step"
    );
    tale.ok(902, operator(), confirm);
    assert_eq!(tale.order.stage, Stage::Closed);
}

#[test]
fn d21_done_at_one_time_and_told_later_keeps_both() {
    let mut tale = Tale::under_way(hotline());
    assert_eq!(
        tale.no(20_000, of_provider(1), finish(-600, vec![photo()])),
        "order.wrong_time"
    );
    assert_eq!(
        tale.no(900, of_provider(1), finish(9_000, vec![photo()])),
        "order.wrong_time"
    );
    // Done at 09:20, told the next morning.
    tale.ok(86_400, of_provider(1), finish(1_200, vec![photo()]));
    let done = tale.order.done.as_ref().unwrap();
    assert_eq!(
        (done.occurred, done.reported),
        (at(1_200).at, at(86_400).at)
    );
    assert_eq!(tale.order.flags, [Flag::LateReport]);
    let clock = tale
        .order
        .clocks
        .iter()
        .find(|c| c.of == ClockOf::Done)
        .unwrap();
    assert_eq!(
        clock.stopped,
        Some(at(1_200).at),
        "the clock stops when it was done"
    );
}

#[test]
fn m01_opened_again_it_reaches_the_provider_and_wants_new_proof() {
    let mut tale = Tale::under_way(hotline());
    tale.ok(900, of_provider(1), finish(900, vec![photo()]));
    let why = "又漏了".to_owned();
    assert_eq!(
        tale.no(950, resident(), Act::Reopen { why: " ".into() }),
        "order.blank"
    );
    tale.ok(950, resident(), Act::Reopen { why });
    assert_eq!(tale.order.stage, Stage::Accepted);
    assert_eq!(tale.order.reopened[0].provider, Some(kernel::ProviderId(1)));
    assert_eq!(
        tale.no(999, of_provider(1), finish(999, vec![])),
        "order.no_proof"
    );
    tale.ok(999, of_provider(1), finish(999, vec![photo()]));
}

#[test]
fn m01_who_cancelled_and_why() {
    let mut tale = Tale::under_way(hotline());
    let cancel = |why: &str| Act::Cancel {
        side: Side::Requester,
        why: why.into(),
    };
    assert_eq!(tale.no(70, operator(), cancel("")), "order.blank");
    assert_eq!(
        tale.no(70, system(), cancel("不要了")),
        "order.not_a_person"
    );
    tale.ok(70, operator(), cancel("不要了"));
    let cancelled = tale.order.cancelled.as_ref().unwrap();
    assert_eq!(
        (cancelled.side, cancelled.why.as_str()),
        (Side::Requester, "不要了")
    );
    assert_eq!(tale.order.next_tick(&tale.ty), None);
}

#[test]
fn a43_steps_come_in_their_order_and_the_office_accepts() {
    let mut ty = hotline();
    let proof = |id: &str, kind, most| ProofRule {
        id: slug(id),
        asks: id.into(),
        kind,
        required: false,
        most,
    };
    ty.proof
        .push(proof("budget", ProofKind::Money, Some(500_000)));
    ty.proof.push(proof("accepted", ProofKind::Text, None));
    let step = |id: &str, by_office, needs: &[&str]| Step {
        id: slug(id),
        name: id.into(),
        by_office,
        needs: needs.iter().map(|id| slug(id)).collect(),
    };
    ty.steps = vec![
        step("plan", false, &["budget"]),
        step("acceptance", true, &["accepted"]),
    ];
    let mut tale = Tale::under_way(ty);
    let act = |id: &str, seconds, proofs| Act::Step {
        step: slug(id),
        proofs,
        occurred: at(seconds).at,
    };
    let money = |yuan| {
        vec![ProofGiven {
            proof: slug("budget"),
            value: ProofValue::Money(kernel::Money::from_yuan(yuan).unwrap()),
        }]
    };
    let words = vec![ProofGiven {
        proof: slug("accepted"),
        value: ProofValue::Text("合格".into()),
    }];
    assert_eq!(
        tale.no(90, operator(), act("acceptance", 90, words.clone())),
        "order.step_first"
    );
    assert_eq!(
        tale.no(90, of_provider(1), act("plan", 90, money(5_001))),
        "order.above_most"
    );
    assert_eq!(
        tale.no(90, of_provider(1), act("plan", 90, vec![])),
        "order.no_proof"
    );
    tale.ok(90, of_provider(1), act("plan", 90, money(5_000)));
    assert_eq!(
        tale.no(95, of_provider(1), finish(95, vec![photo()])),
        "order.step_first"
    );
    let mut same = of_provider(1);
    same.role = Role::TownOfficer;
    assert_eq!(
        tale.no(96, same, act("acceptance", 96, words.clone())),
        "order.office_step"
    );
    tale.ok(96, operator(), act("acceptance", 96, words));
    tale.ok(97, of_provider(1), finish(97, vec![photo()]));
}

#[test]
fn d21_too_short_and_too_far_are_said_not_refused() {
    let mut tale = Tale::under_way(hotline());
    let place = Point {
        lat: 30_700_000,
        lon: 121_000_000,
    };
    tale.order.requested.as_mut().unwrap().place = Some(place);
    let there = ProofGiven {
        proof: slug("place"),
        value: ProofValue::Place(Point {
            lat: place.lat + 3_000,
            ..place
        }),
    };
    let act = Act::Finish {
        proofs: vec![photo(), there],
        occurred: at(900).at,
        minutes: Some(47),
        note: String::new(),
    };
    tale.ok(900, of_provider(1), act);
    assert_eq!(tale.order.flags, [Flag::TooFar, Flag::TooShort]);
}

#[test]
fn m06_rated_once_and_a_low_one_is_looked_at() {
    let mut tale = Tale::under_way(hotline());
    let rate = |stars| Act::Rate {
        stars,
        words: String::new(),
        safety: false,
    };
    assert_eq!(tale.no(100, resident(), rate(5)), "order.wrong_stage");
    tale.ok(900, of_provider(1), finish(900, vec![photo()]));
    assert_eq!(tale.no(901, of_provider(1), rate(5)), "order.office_step");
    assert_eq!(tale.no(901, resident(), rate(6)), "order.wrong_stars");
    tale.ok(902, resident(), rate(2));
    assert_eq!(tale.order.flags, [Flag::LowRating]);
    assert_eq!(tale.no(903, resident(), rate(5)), "order.rated_already");
}

#[test]
fn m01_silence_is_no_consent() {
    let mut tale = Tale::under_way(hotline());
    tale.ok(900, of_provider(1), finish(900, vec![photo()]));
    tale.ok(900 + 86_400, system(), Act::Tick);
    assert!(tale.order.unconfirmed);
    assert_eq!(tale.order.stage, Stage::Done);
    assert_eq!(
        tale.no(99_999, operator(), Act::Settle),
        "order.not_confirmed"
    );
}

#[test]
fn clocks_count_by_the_wall_or_in_working_time() {
    let calendar = calendar();
    let hours = Hours::default();
    // Monday 09:00; Wednesday the 4th is a holiday in this calendar.
    for (lapse, due) in [
        ("90 s", "2026-03-02T01:01:30Z"),
        ("5 min", "2026-03-02T01:05:00Z"),
        ("1 d", "2026-03-03T01:00:00Z"),
        ("4 wh", "2026-03-02T05:00:00Z"),
        ("9 wh", "2026-03-03T01:00:00Z"),
        ("18 wh", "2026-03-05T01:00:00Z"),
        ("2 wd", "2026-03-05T09:30:00Z"),
    ] {
        let lapse: Lapse = lapse.parse().unwrap();
        let told = lapse.after(at(0).at, hours, &calendar).unwrap();
        assert_eq!(told, due.parse::<kernel::Instant>().unwrap(), "{lapse}");
        assert_eq!(lapse.to_string().parse(), Ok(lapse));
    }
    assert!(
        Lapse::WorkingDays(400)
            .after(at(0).at, hours, &calendar)
            .is_err()
    );
    for wrong in ["", "5", "5 m", "-1 s", "1.5 h", "99999 d"] {
        assert!(wrong.parse::<Lapse>().is_err(), "{wrong}");
    }
}

#[test]
fn a27_visits_come_by_colour() {
    let mut ty = hotline();
    let every = |colour: Option<&str>, days, months| Every {
        colour: colour.map(slug),
        days,
        months,
    };
    ty.every = vec![
        every(Some("red"), None, Some(1)),
        every(Some("yellow"), None, Some(3)),
        every(None, Some(180), None),
    ];
    let day = |text: &str| text.parse::<kernel::Date>().unwrap();
    let (red, green) = (slug("red"), slug("green"));
    for (colour, last, due) in [
        (Some(&red), Some("2026-01-31"), "2026-02-28"),
        (Some(&red), None, "2026-02-01"),
        (Some(&green), Some("2026-01-01"), "2026-06-30"),
        (None, None, "2026-06-30"),
    ] {
        let told = due_on(&ty, colour, day("2026-01-01"), last.map(day));
        assert_eq!(told, Some(day(due)));
    }
    assert_eq!(overdue(day("2026-03-01"), day("2026-03-05")), 4);
    ty.every.pop();
    assert_eq!(due_on(&ty, Some(&green), day("2026-01-01"), None), None);
}
