//! 「下一步什么时候」 When an order wants to be looked at again by itself. An open alarm
//! always does: its answer clock climbs the ladder again and again, then its close clock.

use crate::config::{ClockOf, OrderType, Rung, Way, Whom};
use crate::lapse::Lapse;
use crate::model::{Clock, Order};
use chrono::TimeDelta;
use kernel::Instant;

/// The rungs of a clock, in the order they are climbed. An alarm's clock without a rung
/// of its own calls the duty operator when it has run out: no clock of an alarm ends in
/// silence.
pub(crate) fn rungs(ty: &OrderType, clock: &Clock) -> Vec<Rung> {
    let mut own: Vec<Rung> = ty
        .ladder
        .iter()
        .filter(|r| r.on == clock.of)
        .cloned()
        .collect();
    own.sort_by_key(|rung| rung.after);
    let endless = matches!(clock.of, ClockOf::Answer | ClockOf::Close);
    if own.is_empty() && ty.alarm && endless {
        let after = (clock.due - clock.from).num_seconds();
        own.push(Rung {
            on: clock.of,
            after: u32::try_from(after).unwrap_or(u32::MAX),
            who: Whom::DutyOperator,
            by: vec![Way::Screen],
        });
    }
    own
}

/// Seconds of one whole climb, the pause after it included; `None`: climbed once.
pub(crate) fn period(ty: &OrderType, rungs: &[Rung]) -> Option<i64> {
    let pause = i64::from(ty.again.and_then(Lapse::seconds)?.max(1));
    Some(i64::from(rungs.last()?.after) + pause)
}

/// When the next rung of a running clock is due.
pub(crate) fn next_rung(ty: &OrderType, clock: &Clock) -> Option<Instant> {
    let rungs = rungs(ty, clock);
    let rung = rungs.get(usize::try_from(clock.rung).ok()?)?;
    let before = match clock.round {
        0 => 0,
        round => period(ty, &rungs)?.checked_mul(i64::from(round))?,
    };
    Some(clock.from + TimeDelta::seconds(before + i64::from(rung.after)))
}

impl Order {
    /// The next moment at which the house itself has something to do with it; `None`:
    /// never again by itself. Of an open alarm this is never `None`.
    pub fn next_tick(&self, ty: &OrderType) -> Option<Instant> {
        if !self.stage.is_open() {
            return None;
        }
        let running = self.clocks.iter().filter(|clock| clock.stopped.is_none());
        running
            .flat_map(|clock| {
                let due = (!clock.missed).then_some(clock.due);
                [due, next_rung(ty, clock)]
            })
            .flatten()
            .min()
    }
}
