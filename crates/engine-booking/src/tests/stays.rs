//! By the stay: beds, lent things, the waiting list.

use super::world::{World, guest, home, lending, now, slug, span};
use crate::*;
use kernel::{BookingId, Refuse as _};
use std::collections::BTreeMap;

fn code(result: Result<Vec<Event>, Refusal>) -> &'static str {
    result.map_or_else(|why| why.code(), |_| "ok")
}

fn wait(world: &mut World, id: i64, class: &str, sort: Option<&str>) -> &'static str {
    code(world.desk(waits(id, class, sort)))
}

fn waits(id: i64, class: &str, sort: Option<&str>) -> Act {
    Act::Wait {
        id: BookingId(id),
        guest: guest(id),
        class: slug(class),
        sort: sort.map(slug),
        span: None,
    }
}

#[test]
fn d13_nobody_puts_themselves_into_a_class_that_comes_before_others() {
    let mut world = World::new(home(), &[Some("plain")]);
    let first = world.resident(waits(1, "tekun", None));
    assert_eq!(first, Err(Refusal::ClassByDesk("other".to_owned())));
    assert_eq!(code(world.resident(waits(1, "other", None))), "ok");
    assert_eq!(code(world.desk(waits(2, "tekun", None))), "ok");
    assert_eq!(ahead(&world.stock, &world.ty, BookingId(1)), Some(1));
}

fn offered(events: &[Event]) -> Vec<i64> {
    let offered = events.iter().filter_map(|event| match &event.what {
        What::Offered { id, .. } => Some(id.0),
        _ => None,
    });
    offered.collect()
}

fn offer(world: &mut World, unit: u32, passing: &[(i64, &str)]) -> Result<Vec<Event>, Refusal> {
    let passing = passing
        .iter()
        .map(|(id, why)| (BookingId(*id), (*why).to_owned()));
    world.desk(Act::Offer {
        unit,
        span: None,
        passing: passing.collect(),
    })
}

#[test]
fn d13_the_line_goes_by_class_then_by_time_and_nobody_is_passed_without_a_reason() {
    let mut world = World::new(home(), &[Some("nursing"), Some("plain")]);
    assert_eq!(wait(&mut world, 1, "other", None), "ok");
    world.now = now("2026-09-28 09:00");
    assert_eq!(wait(&mut world, 2, "tekun", Some("nursing")), "ok");
    assert_eq!(wait(&mut world, 3, "other", Some("plain")), "ok");
    assert_eq!(wait(&mut world, 3, "other", None), "booking.number_taken");
    assert_eq!(wait(&mut world, 4, "rich", None), "booking.no_class");
    // Past the line nobody gets in, not at the desk either.
    let jump = Act::Book {
        id: BookingId(9),
        unit: Some(2),
        sort: None,
        span: span("2026-09-29 09:00", None),
        guest: guest(9),
    };
    assert_eq!(world.desk(jump), Err(Refusal::OthersWait(2)));
    assert_eq!(offered(&offer(&mut world, 1, &[]).unwrap()), [2]);
    assert_eq!(
        offer(&mut world, 1, &[]).unwrap_err().code(),
        "booking.kept"
    );
    let silent = offer(&mut world, 2, &[(1, " ")]);
    assert_eq!(
        silent,
        Err(Refusal::PassedWithoutReason("居民1".to_owned()))
    );
    let before = offer(&mut world, 2, &[(3, "女房")]);
    assert_eq!(before, Err(Refusal::NotBefore("居民3".to_owned())));
    let events = offer(&mut world, 2, &[(1, "这间是女房")]).unwrap();
    assert_eq!(offered(&events), [3]);
    assert_eq!(world.stock.waiting[&BookingId(1)].passed[0].0, "这间是女房");
}

#[test]
fn d13_an_offer_is_answered_in_time_or_goes_on_to_the_next() {
    let mut world = World::new(home(), &[Some("plain")]);
    wait(&mut world, 1, "other", None);
    wait(&mut world, 2, "other", None);
    offer(&mut world, 1, &[]).unwrap();
    world.now = now("2026-10-01 23:00");
    assert_eq!(
        world.desk(Act::Tick).unwrap(),
        [],
        "the whole last day counts"
    );
    world.now = now("2026-10-02 00:10");
    let late = Act::Accept {
        id: BookingId(1),
        span: span("2026-10-03 09:00", None),
    };
    assert_eq!(
        world.resident(late).unwrap_err().code(),
        "booking.offer_over"
    );
    assert_eq!(world.desk(Act::Tick).unwrap().len(), 1);
    assert!(
        world.stock.waiting.contains_key(&BookingId(1)),
        "they wait on"
    );
    offer(&mut world, 1, &[(1, "没有答复")]).unwrap();
    let take = Act::Accept {
        id: BookingId(2),
        span: span("2026-10-03 09:00", None),
    };
    assert_eq!(code(world.resident(take)), "ok");
    assert_eq!(world.stock.bookings[&BookingId(2)].unit, 1);
}

#[test]
fn d15_a_bed_is_one_persons_until_they_leave_and_they_may_change_it() {
    let mut world = World::new(home(), &[Some("plain"), Some("plain")]);
    let stay = |id: i64, unit| Act::Book {
        id: BookingId(id),
        unit: Some(unit),
        sort: None,
        span: span("2026-09-28 09:00", None),
        guest: guest(id),
    };
    assert_eq!(code(world.resident(stay(1, 1))), "booking.desk_only");
    assert_eq!(code(world.desk(stay(1, 1))), "ok");
    assert_eq!(code(world.desk(stay(2, 1))), "booking.taken");
    assert_eq!(code(world.desk(Act::Arrive { id: BookingId(1) })), "ok");
    let cancel = Act::Cancel {
        id: BookingId(1),
        reason: "x".into(),
    };
    assert_eq!(code(world.desk(cancel)), "booking.begun");
    let change = Act::Move {
        id: BookingId(1),
        unit: Some(2),
        span: span("2026-09-28 09:00", None),
        reason: "换到朝南的房间".to_owned(),
    };
    let moved = world.desk(change).unwrap();
    let What::Moved { seats, .. } = &moved[0].what else {
        panic!()
    };
    assert_eq!(
        seats[..],
        [Seat {
            unit: 2,
            place: 1,
            grain: Seat::OPEN
        }]
    );
    assert_eq!(code(world.desk(stay(2, 1))), "ok");
    assert_eq!(code(world.desk(Act::Leave { id: BookingId(1) })), "ok");
    assert_eq!(code(world.desk(stay(3, 2))), "ok");
}

#[test]
fn c06_nothing_is_lent_again_before_it_was_cared_for_and_that_is_on_record() {
    let mut world = World::new(lending(), &[None]);
    assert_eq!(
        code(world.book(1, "2026-09-28 09:00", None)),
        "booking.too_long"
    );
    assert_eq!(
        code(world.book(1, "2026-09-28 09:00", Some("2026-10-20 09:00"))),
        "booking.too_long"
    );
    let booked = world
        .book(1, "2026-09-28 09:00", Some("2026-10-01 09:00"))
        .unwrap();
    let What::Booked { seats, .. } = &booked[0].what else {
        panic!()
    };
    assert_eq!(seats.len(), 3, "a seat for each day");
    assert_eq!(
        code(world.book(2, "2026-09-30 09:00", Some("2026-10-02 09:00"))),
        "booking.taken"
    );
    assert_eq!(
        code(world.book(2, "2026-10-01 09:00", Some("2026-10-02 09:00"))),
        "ok"
    );
    world.desk(Act::Arrive { id: BookingId(1) }).unwrap();
    world.now = now("2026-10-01 10:00");
    assert_eq!(
        code(world.desk(Act::Arrive { id: BookingId(2) })),
        "booking.still_there"
    );
    world.desk(Act::Leave { id: BookingId(1) }).unwrap();
    assert_eq!(
        code(world.desk(Act::Arrive { id: BookingId(2) })),
        "booking.care_due"
    );
    let care = |how: &str| Act::Care {
        unit: 1,
        cared: Cared {
            notes: BTreeMap::from([(slug("how"), how.to_owned())]),
        },
    };
    assert_eq!(code(world.desk(care(""))), "booking.note_missing");
    assert_eq!(code(world.desk(care("含氯消毒液擦拭"))), "ok");
    assert_eq!(code(world.desk(care("再一次"))), "booking.no_care_due");
    assert_eq!(code(world.desk(Act::Arrive { id: BookingId(2) })), "ok");
}

#[test]
fn a_closed_unit_is_not_given_and_says_why() {
    let mut world = World::new(lending(), &[None]);
    let close = Act::Close {
        unit: 1,
        reason: "刹车坏了".to_owned(),
    };
    assert_eq!(code(world.desk(close)), "ok");
    assert_eq!(
        code(world.book(1, "2026-09-28 09:00", Some("2026-09-29 09:00"))),
        "booking.taken"
    );
    let that = Act::Book {
        id: BookingId(1),
        unit: Some(1),
        sort: None,
        span: span("2026-09-28 09:00", Some("2026-09-29 09:00")),
        guest: guest(1),
    };
    assert!(
        world
            .desk(that)
            .unwrap_err()
            .to_string()
            .contains("刹车坏了")
    );
    assert_eq!(code(world.desk(Act::Reopen { unit: 1 })), "ok");
    assert_eq!(
        code(world.book(1, "2026-09-28 09:00", Some("2026-09-29 09:00"))),
        "ok"
    );
}

#[test]
fn d13_who_has_a_bed_cannot_accept_a_second_one() {
    let mut world = World::new(home(), &[Some("plain"), Some("plain")]);
    let stay = Act::Book {
        id: BookingId(10),
        unit: Some(1),
        sort: None,
        span: span("2026-09-28 09:00", None),
        guest: guest(1),
    };
    assert_eq!(code(world.desk(stay)), "ok");
    assert_eq!(wait(&mut world, 1, "other", None), "ok");
    assert_eq!(offered(&offer(&mut world, 2, &[]).unwrap()), [1]);
    let take = || Act::Accept {
        id: BookingId(1),
        span: span("2026-10-01 09:00", None),
    };
    assert_eq!(code(world.desk(take())), "booking.enough");
    assert_eq!(code(world.desk(Act::Arrive { id: BookingId(10) })), "ok");
    assert_eq!(code(world.desk(Act::Leave { id: BookingId(10) })), "ok");
    assert_eq!(code(world.desk(take())), "ok");
}

#[test]
fn d13_how_many_come_before_is_the_order_they_are_asked_in() {
    let mut world = World::new(home(), &[Some("nursing"), Some("plain")]);
    let before = |world: &World, id: i64| ahead(&world.stock, &world.ty, BookingId(id));
    wait(&mut world, 1, "other", None);
    world.now = now("2026-09-28 10:00");
    wait(&mut world, 2, "tekun", None);
    wait(&mut world, 3, "other", Some("nursing"));
    assert_eq!(
        [1, 2, 3, 4].map(|id| before(&world, id)),
        [Some(1), Some(0), Some(2), None]
    );
    assert_eq!(offered(&offer(&mut world, 1, &[]).unwrap()), [2]);
    assert_eq!(
        [1, 2, 3].map(|id| before(&world, id)),
        [Some(0), None, Some(1)]
    );
}

#[test]
fn a_dated_stay_does_not_reach_into_an_open_one_of_the_same_day() {
    let mut world = World::new(home(), &[Some("plain")]);
    let stay = |id: i64, from, to| Act::Book {
        id: BookingId(id),
        unit: Some(1),
        sort: None,
        span: span(from, to),
        guest: guest(id),
    };
    let dated = stay(1, "2026-09-30 09:00", Some("2026-10-02 09:00"));
    assert_eq!(code(world.desk(dated)), "ok");
    // They share no moment, but the day of the first is the last day of the second.
    let short = stay(2, "2026-09-29 09:00", Some("2026-09-29 12:00"));
    assert_eq!(code(world.desk(short)), "ok");
    let same_day = stay(3, "2026-10-01 20:00", None);
    assert_eq!(code(world.desk(same_day)), "booking.taken");
    let after = stay(3, "2026-10-02 09:00", None);
    assert_eq!(code(world.desk(after)), "ok");
    let far = stay(4, "2026-10-10 09:00", Some("2026-10-12 09:00"));
    assert_eq!(code(world.desk(far)), "booking.taken");
}

fn restored(id: i64, own_care: bool) -> Act {
    Act::Restore {
        id: BookingId(id),
        unit: 1,
        span: span("2026-10-01 10:00", None),
        guest: guest(1),
        there: true,
        own_care,
    }
}

/// A cared-for bed its guest was taken out of by mistake, while another waits.
fn emptied_by_mistake() -> World {
    let ty = BookingType {
        care: lending().care,
        ..home()
    };
    let mut world = World::new(ty, &[Some("plain")]);
    let stay = Act::Book {
        id: BookingId(1),
        unit: Some(1),
        sort: None,
        span: span("2026-09-28 09:00", None),
        guest: guest(1),
    };
    world.desk(stay).unwrap();
    world.desk(Act::Arrive { id: BookingId(1) }).unwrap();
    wait(&mut world, 2, "tekun", None);
    world.now = now("2026-10-01 10:00");
    world.desk(Act::Leave { id: BookingId(1) }).unwrap();
    world
}

#[test]
fn who_never_left_waits_neither_for_care_nor_in_the_line() {
    let mut world = emptied_by_mistake();
    assert!(world.stock.units[&1].care_due);
    assert_eq!(
        world.resident(restored(3, true)).unwrap_err().code(),
        "booking.for_the_desk"
    );
    assert_eq!(code(world.desk(restored(3, true))), "ok");
    let there = &world.stock.bookings[&BookingId(3)];
    assert!(matches!(there.stage, Stage::Present { .. }));
    assert!(!world.stock.units[&1].care_due, "nobody left it");
    assert_eq!(code(world.desk(restored(4, true))), "booking.enough");
}

#[test]
fn a_bed_that_is_promised_or_another_left_is_not_restored() {
    let mut world = emptied_by_mistake();
    assert_eq!(code(world.desk(restored(3, false))), "booking.care_due");
    offer(&mut world, 1, &[]).unwrap();
    assert_eq!(code(world.desk(restored(3, true))), "booking.kept");
    assert!(world.stock.bookings.is_empty());
}

#[test]
fn how_many_one_may_have_counts_other_places_of_the_kind_too() {
    let mut world = World::new(home(), &[Some("plain"), Some("plain")]);
    wait(&mut world, 1, "other", None);
    offer(&mut world, 1, &[]).unwrap();
    world.elsewhere = Elsewhere { open: 1, waits: 1 };
    let stay = |id| Act::Book {
        id: BookingId(id),
        unit: Some(2),
        sort: None,
        span: span("2026-09-28 09:00", None),
        guest: guest(id),
    };
    assert_eq!(code(world.desk(stay(7))), "booking.enough");
    let take = || Act::Accept {
        id: BookingId(1),
        span: span("2026-09-29 09:00", None),
    };
    assert_eq!(code(world.desk(take())), "booking.enough");
    assert_eq!(wait(&mut world, 8, "other", None), "booking.waits_already");
    world.elsewhere = Elsewhere::default();
    assert_eq!(code(world.desk(take())), "ok");
    assert_eq!(wait(&mut world, 8, "other", None), "ok");
    assert_eq!(code(world.desk(stay(7))), "booking.others_wait");
}
