//! By the clock.

use super::world::{World, at, guest, home, now, office, span};
use crate::*;
use kernel::{BookingId, Refuse as _};

fn code(result: Result<Vec<Event>, Refusal>) -> &'static str {
    result.map_or_else(|why| why.code(), |_| "ok")
}

#[test]
fn i01_a_window_is_given_once_and_the_other_window_after_it() {
    let mut world = World::new(office(), &[None, None]);
    let nine =
        |world: &mut World, id| code(world.book(id, "2026-09-29 09:00", Some("2026-09-29 09:30")));
    assert_eq!(nine(&mut world, 1), "ok");
    assert_eq!(nine(&mut world, 2), "ok");
    assert_eq!(nine(&mut world, 3), "booking.taken");
    assert_eq!(
        code(world.book(4, "2026-09-29 09:30", Some("2026-09-29 10:00"))),
        "ok"
    );
    let units: Vec<u32> = world.stock.bookings.values().map(|one| one.unit).collect();
    assert_eq!(units, [1, 2, 1]);
}

#[test]
fn i01_only_what_the_pack_opens_can_be_booked() {
    let mut world = World::new(office(), &[None]);
    let table = [
        ("2026-09-29 09:15", "2026-09-29 09:45", "booking.not_open"),
        ("2026-09-29 10:00", "2026-09-29 10:30", "booking.not_open"),
        ("2026-09-29 09:00", "2026-09-29 10:00", "booking.not_open"),
        ("2026-10-02 09:00", "2026-10-02 09:30", "booking.not_open"), // 国庆
        ("2026-10-10 09:00", "2026-10-10 09:30", "ok"),               // 调休上班的周六
        ("2026-09-27 09:00", "2026-09-27 09:30", "booking.past"),
        ("2026-11-20 09:00", "2026-11-20 09:30", "booking.too_far"),
    ];
    for (at, (from, to, wanted)) in table.into_iter().enumerate() {
        let id = i64::try_from(at).unwrap() + 1;
        assert_eq!(code(world.book(id, from, Some(to))), wanted, "{from}");
    }
    let mut day = free_slots(
        &world.stock,
        world.config(),
        "2026-10-10".parse().unwrap(),
        None,
        world.now,
    )
    .unwrap()
    .into_iter()
    .map(|slot| slot.left);
    assert_eq!(
        (day.next(), day.next(), day.next()),
        (Some(0), Some(1), None)
    );
}

#[test]
fn one_person_has_one_open_booking_and_may_change_it_in_time() {
    let mut world = World::new(office(), &[None]);
    assert_eq!(
        code(world.book(1, "2026-09-29 09:00", Some("2026-09-29 09:30"))),
        "ok"
    );
    let again = world.resident(Act::Book {
        id: BookingId(2),
        unit: None,
        sort: None,
        span: span("2026-09-30 09:00", Some("2026-09-30 09:30")),
        guest: guest(1),
    });
    assert_eq!(again, Err(Refusal::Enough(1)));
    let change = |id| Act::Move {
        id: BookingId(id),
        unit: None,
        span: span("2026-09-30 09:30", Some("2026-09-30 10:00")),
        reason: "有事".to_owned(),
    };
    assert_eq!(code(world.resident(change(1))), "ok");
    assert_eq!(
        world.stock.bookings[&BookingId(1)].span.from,
        at("2026-09-30 09:30")
    );
    assert_eq!(
        code(world.book(3, "2026-09-29 09:00", Some("2026-09-29 09:30"))),
        "ok",
        "what was left is free"
    );
    world.now = now("2026-09-29 10:00");
    let cancel = Act::Cancel {
        id: BookingId(1),
        reason: "不去了".to_owned(),
    };
    assert_eq!(world.resident(cancel.clone()), Err(Refusal::TooLate(24)));
    assert_eq!(code(world.desk(cancel)), "ok");
}

#[test]
fn i01_nobody_moves_into_a_time_others_wait_for_and_what_they_have_stays() {
    let waiting = home().waiting;
    let mut world = World::new(
        BookingType {
            waiting,
            ..office()
        },
        &[None],
    );
    let nine = ("2026-09-29 09:00", Some("2026-09-29 09:30"));
    let later = ("2026-09-29 09:30", Some("2026-09-29 10:00"));
    assert_eq!(code(world.book(1, nine.0, nine.1)), "ok");
    assert_eq!(code(world.book(2, later.0, later.1)), "ok");
    let to_nine = || Act::Move {
        id: BookingId(2),
        unit: None,
        span: span(nine.0, nine.1),
        reason: "想早点".to_owned(),
    };
    assert_eq!(world.resident(to_nine()), Err(Refusal::Taken));
    // Residents queue in the last class of a kind.
    let classes = &world.config().ty.waiting.as_ref().unwrap().classes;
    let class = classes.last().unwrap().id.clone();
    let wait = Act::Wait {
        id: BookingId(3),
        guest: guest(3),
        class,
        sort: None,
        span: Some(span(nine.0, nine.1)),
    };
    assert_eq!(code(world.resident(wait)), "ok");
    let cancel = Act::Cancel {
        id: BookingId(1),
        reason: "不去了".to_owned(),
    };
    assert_eq!(code(world.resident(cancel)), "ok");
    // Free now, and whoever waits comes first: at the desk as well as by oneself.
    assert_eq!(world.resident(to_nine()), Err(Refusal::OthersWait(1)));
    assert_eq!(world.desk(to_nine()), Err(Refusal::OthersWait(1)));
    let kept = world.stock.bookings[&BookingId(2)].span;
    assert_eq!(
        kept,
        span(later.0, later.1),
        "what they had is still theirs"
    );
}

#[test]
fn who_does_not_come_is_noted_after_the_grace_and_not_before() {
    let mut world = World::new(office(), &[None]);
    world
        .book(1, "2026-09-29 09:00", Some("2026-09-29 09:30"))
        .unwrap();
    world.now = now("2026-09-29 09:30");
    assert_eq!(world.desk(Act::Tick).unwrap(), []);
    world.now = now("2026-09-29 09:31");
    let events = world.desk(Act::Tick).unwrap();
    assert!(
        matches!(
            &events[0].what,
            What::Ended {
                end: End::NoShow,
                ..
            }
        ),
        "{events:?}"
    );
    assert!(world.stock.bookings.is_empty());
}

#[test]
fn what_cannot_be_meant_is_found_at_load() {
    let mut ty = office();
    assert_eq!(ty.faults(), []);
    ty.capacity = 0;
    ty.how = How::Slots {
        minutes: 90,
        open: vec![Opening {
            weekdays: [1].into(),
            from: 540,
            to: 600,
        }],
        working_days: true,
        days_ahead: 1,
    };
    let words: Vec<String> = ty.faults().iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        ["capacity 至少是 1", "开放时间 09:00-10:00 放不下一个时段"]
    );
}

#[test]
fn i01_a_slot_that_becomes_free_is_offered_to_the_next_by_itself() {
    let rule = WaitingRule {
        classes: vec![WaitingClass {
            id: "first".parse().unwrap(),
            name: "先来的".to_owned(),
        }],
        answer_days: 1,
    };
    let ty = BookingType {
        waiting: Some(rule),
        ..office()
    };
    let mut world = World::new(ty, &[None]);
    let (from, to) = ("2026-10-09 09:00", Some("2026-10-09 09:30"));
    world.book(1, from, to).unwrap();
    for id in [2, 3] {
        let wait = Act::Wait {
            id: BookingId(id),
            guest: guest(id),
            class: "first".parse().unwrap(),
            sort: None,
            span: Some(span(from, to)),
        };
        assert_eq!(code(world.resident(wait)), "ok");
    }
    assert_eq!(world.desk(Act::Tick).unwrap(), [], "it is full");
    let cancel = Act::Cancel {
        id: BookingId(1),
        reason: "有事".to_owned(),
    };
    assert_eq!(code(world.resident(cancel)), "ok");
    let asked = |world: &World, id| world.stock.waiting[&BookingId(id)].offer.is_some();
    world.desk(Act::Tick).unwrap();
    assert_eq!((asked(&world, 2), asked(&world, 3)), (true, false));
    assert_eq!(world.desk(Act::Tick).unwrap(), [], "one at a time");
    // Nobody answers: it goes on to the next, and that is on record; then to nobody again.
    world.now = now("2026-09-30 08:00");
    assert_eq!(world.desk(Act::Tick).unwrap().len(), 1);
    world.desk(Act::Tick).unwrap();
    assert_eq!((asked(&world, 2), asked(&world, 3)), (false, true));
    assert_eq!(world.stock.waiting[&BookingId(2)].passed.len(), 1);
    let no = Act::Decline {
        id: BookingId(3),
        reason: "不要了".to_owned(),
    };
    assert_eq!(code(world.resident(no)), "ok");
    assert_eq!(world.desk(Act::Tick).unwrap(), []);
    // The slot comes: who still waits waits no more.
    world.now = now("2026-10-09 09:00");
    world.desk(Act::Tick).unwrap();
    assert!(world.stock.waiting.is_empty());
}
