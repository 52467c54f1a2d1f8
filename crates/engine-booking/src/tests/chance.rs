//! Whatever is asked in whatever order: no place is given twice, and what the events say
//! is what the stock holds.

use super::world::{World, at, guest, home, lending, now, office, slug};
use crate::*;
use chrono::TimeDelta;
use kernel::BookingId;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
struct Step {
    what: u8,
    id: i64,
    unit: u32,
    hour: i64,
    long: i64,
    minutes: i64,
}

fn step() -> impl Strategy<Value = Step> {
    (
        0_u8..13,
        1_i64..9,
        0_u32..4,
        0_i64..200,
        1_i64..72,
        0_i64..300,
    )
        .prop_map(|(what, id, unit, hour, long, minutes)| Step {
            what,
            id,
            unit,
            hour,
            long,
            minutes,
        })
}

fn act(step: &Step, world: &World) -> Act {
    let id = BookingId(step.id);
    let from = at("2026-09-28 00:00") + TimeDelta::minutes(step.hour * 30);
    let length = match world.ty.how {
        How::Slots { .. } => TimeDelta::minutes(30),
        How::Stay { .. } => TimeDelta::hours(step.long),
    };
    let to = (step.long % 5 > 0).then_some(from + length);
    let span = Span { from, to };
    let unit = (step.unit > 0).then_some(step.unit);
    let reason = "因故".to_owned();
    match step.what {
        0..=3 => Act::Book {
            id,
            unit,
            sort: None,
            span,
            guest: guest(step.id),
        },
        4 => Act::Move {
            id,
            unit,
            span,
            reason,
        },
        5 => Act::Cancel { id, reason },
        6 => Act::Arrive { id },
        7 => Act::Leave { id },
        8 => Act::Care {
            unit: step.unit,
            cared: Cared {
                notes: BTreeMap::from([(slug("how"), reason)]),
            },
        },
        9 => Act::Wait {
            id: BookingId(step.id + 100),
            guest: guest(step.id),
            class: slug("other"),
            sort: None,
            span: None,
        },
        10 => Act::Offer {
            unit: step.unit,
            span: None,
            passing: Vec::new(),
        },
        11 => Act::Accept {
            id: BookingId(step.id + 100),
            span,
        },
        _ => Act::Tick,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn no_place_is_ever_given_twice(
        kind in 0_u8..3,
        capacity in 1_u32..3,
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let (mut ty, sorts) = match kind {
            0 => (office(), [None; 3]),
            1 => (home(), [Some("plain"), Some("nursing"), Some("plain")]),
            _ => (lending(), [None; 3]),
        };
        ty.capacity = capacity;
        let mut world = World::new(ty, &sorts);
        let mut seats: BTreeMap<BookingId, Vec<Seat>> = BTreeMap::new();
        for step in &steps {
            world.now.at = world.now.at.max(now("2026-09-28 00:00").at + TimeDelta::minutes(step.minutes));
            let act = act(step, &world);
            let Ok(events) = world.desk(act) else { continue };
            for event in &events {
                match &event.what {
                    What::Booked { booking, seats: taken } => {
                        seats.insert(booking.id, taken.clone());
                    }
                    What::Moved { id, seats: taken, .. } => {
                        seats.insert(*id, taken.clone());
                    }
                    What::Ended { id, .. } => {
                        seats.remove(id);
                    }
                    _ => {}
                }
            }
            let mut all: Vec<Seat> = seats.values().flatten().copied().collect();
            let count = all.len();
            all.sort();
            all.dedup();
            prop_assert_eq!(all.len(), count, "a seat twice");
            for one in world.stock.bookings.values() {
                let meeting = world.stock.meeting(one.unit, one.span);
                let mut places: Vec<u32> = meeting.map(|other| other.place).collect();
                let count = places.len();
                places.sort_unstable();
                places.dedup();
                // Two that meet `one` need not meet each other; `one`'s own place is its own.
                prop_assert!(world.stock.meeting(one.unit, one.span).filter(|other| other.place == one.place).count() == 1);
                prop_assert!(places.len() <= count && one.place <= world.ty.capacity);
            }
        }
    }
}
