//! 「剧本」 What each call of the week is and how it goes, drawn beforehand from one seed.
//! Only the number of calls is the source's; hours and shares are invented: a house is
//! tried with them, nothing is claimed of a city.

use super::CALLERS;
use crate::options::BenchOrderOptions;
use chrono::TimeDelta;
use engine_order::OrderType;
use kernel::{Instant, OrderId, RegionCode};
use std::sync::Arc;
use testkit::city::Dice;

/// Calls by the hour of the day: mornings and early afternoons are busy.
const HOURS: [(i64, u32); 24] = [
    (0, 1),
    (1, 1),
    (2, 1),
    (3, 1),
    (4, 1),
    (5, 1),
    (6, 2),
    (7, 5),
    (8, 12),
    (9, 14),
    (10, 11),
    (11, 7),
    (12, 4),
    (13, 6),
    (14, 10),
    (15, 10),
    (16, 8),
    (17, 6),
    (18, 5),
    (19, 4),
    (20, 3),
    (21, 2),
    (22, 1),
    (23, 1),
];
/// Stars by how often they are given.
const STARS: [(u8, u32); 5] = [(5, 68), (4, 20), (3, 6), (2, 4), (1, 2)];

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goes {
    /// Done like most.
    Plain,
    /// The first who is asked says no.
    Declined,
    /// The first who is asked says nothing: after its clock it goes to the next.
    Silent,
    /// Called off before anybody comes.
    CalledOff,
    /// Handed to the other hotline, which does it.
    Elsewhere,
    /// Handed to the other hotline, which sends it back undone.
    Back,
    /// The other hotline handed it to us.
    FromElsewhere,
}

/// How often each happens, of 100.
const GOES: [(Goes, u32); 7] = [
    (Goes::Plain, 74),
    (Goes::Declined, 6),
    (Goes::Silent, 6),
    (Goes::CalledOff, 5),
    (Goes::Elsewhere, 2),
    (Goes::Back, 1),
    (Goes::FromElsewhere, 6),
];

/// A call: what is planned of it, and what happened, noted while it is told.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) at: Instant,
    pub(super) goes: Goes,
    pub(super) item: usize,
    pub(super) region: Option<RegionCode>,
    pub(super) person: i64,
    /// Seconds until it is sent, and until whoever accepts says yes.
    pub(super) sent_after: i64,
    pub(super) yes_after: i64,
    /// Minutes of work.
    pub(super) works: u32,
    /// Whether anybody says it is well done, and with how many stars.
    pub(super) confirms: bool,
    pub(super) rates: Option<u8>,
    /// What happened.
    pub(super) order: Option<OrderId>,
    pub(super) first_sent: Option<Instant>,
    pub(super) yes: Option<Instant>,
    pub(super) stars: Option<u8>,
    pub(super) closed: bool,
}

/// The week's calls, the earliest first.
pub(super) fn calls(
    options: &BenchOrderOptions,
    ty: &Arc<OrderType>,
    villages: &[RegionCode],
    begins: Instant,
) -> Vec<Call> {
    let mut all: Vec<Call> = (0..options.calls)
        .map(|nth| {
            let mut dice = Dice::new(options.seed, nth as u64);
            call(&mut dice, nth, ty, villages, begins)
        })
        .collect();
    all.sort_by_key(|call| call.at);
    all
}

fn call(
    dice: &mut Dice,
    nth: usize,
    ty: &OrderType,
    villages: &[RegionCode],
    begins: Instant,
) -> Call {
    let below = |dice: &mut Dice, count: usize| {
        dice.below(u32::try_from(count).unwrap_or(u32::MAX)) as usize
    };
    let (day, hour) = (dice.below(7), dice.weighted(&HOURS));
    let at = begins
        + TimeDelta::days(i64::from(day))
        + TimeDelta::hours(hour)
        + TimeDelta::seconds(i64::from(dice.below(3_600)));
    // Most say yes within three minutes, some need more than the five.
    let yes_after = match dice.below(100) {
        0..80 => dice.between(20, 170),
        80..93 => dice.between(170, 295),
        _ => dice.between(305, 420),
    };
    let stars = dice.weighted(&STARS);
    Call {
        at,
        goes: dice.weighted(&GOES),
        item: below(dice, ty.items.len()),
        region: villages.get(below(dice, villages.len())).copied(),
        person: CALLERS + i64::try_from(nth).unwrap_or(0),
        sent_after: i64::from(dice.between(15, 110)),
        yes_after: i64::from(yes_after),
        works: dice.between(50, 190),
        confirms: dice.happens(8_500),
        rates: dice.happens(6_000).then_some(stars),
        order: None,
        first_sent: None,
        yes: None,
        stars: None,
        closed: false,
    }
}
