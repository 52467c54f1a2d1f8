//! 「发生了什么」 What happened to a stock. Folding never fails and asks nothing.

use crate::model::{
    Booking, Cared, Closed, End, Offer, Seat, Span, Stage, Stamp, Stock, Unit, Waiting, WaitingEnd,
};
use kernel::BookingId;
use serde::{Deserialize, Serialize};

/// What happened, who did it and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Who and when.
    pub by: Stamp,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A unit was added.
    Added(Unit),
    /// A unit is not given out for now.
    Closed {
        /// Which.
        unit: u32,
        /// Why.
        reason: String,
    },
    /// It is given out again.
    Reopened {
        /// Which.
        unit: u32,
    },
    /// Somebody has a booking.
    Booked {
        /// It.
        booking: Booking,
        /// What it takes.
        seats: Vec<Seat>,
    },
    /// It is another unit or another time.
    Moved {
        /// Which.
        id: BookingId,
        /// The unit now.
        unit: u32,
        /// The place in it now.
        place: u32,
        /// The time now.
        span: Span,
        /// What it takes now, instead of before.
        seats: Vec<Seat>,
        /// The unit left behind is to be cared for.
        care: Option<u32>,
        /// Why.
        reason: String,
    },
    /// They are there.
    Arrived {
        /// Which.
        id: BookingId,
    },
    /// It is over.
    Ended {
        /// Which.
        id: BookingId,
        /// How.
        end: End,
        /// The unit is to be cared for before it is given again.
        care: bool,
    },
    /// A unit was cared for.
    Cared {
        /// Which.
        unit: u32,
        /// What was noted.
        cared: Cared,
    },
    /// The care that was due is not: the ending it came of was a mistake.
    CareVoid {
        /// Which.
        unit: u32,
    },
    /// Somebody waits.
    Queued(Waiting),
    /// Somebody came before them, and why.
    Passed {
        /// Whom.
        id: BookingId,
        /// Why.
        reason: String,
    },
    /// A unit is kept for somebody until they answer.
    Offered {
        /// Whom.
        id: BookingId,
        /// What.
        offer: Offer,
    },
    /// They did not take it; they wait on.
    Declined {
        /// Who.
        id: BookingId,
        /// Why.
        reason: String,
    },
    /// They wait no more.
    Unqueued {
        /// Who.
        id: BookingId,
        /// How it ended.
        end: WaitingEnd,
    },
}

impl Stock {
    /// Takes in what happened.
    pub fn apply(&mut self, event: &Event) {
        match &event.what {
            What::Added(unit) => {
                self.units.insert(unit.no, unit.clone());
            }
            What::Closed { unit, reason } => {
                if let Some(unit) = self.units.get_mut(unit) {
                    let (reason, by) = (reason.clone(), event.by.clone());
                    unit.closed = Some(Closed { reason, by });
                }
            }
            What::Reopened { unit } => {
                if let Some(unit) = self.units.get_mut(unit) {
                    unit.closed = None;
                }
            }
            What::Cared { unit, .. } | What::CareVoid { unit } => self.care(*unit, false),
            What::Queued(waiting) => {
                self.waiting.insert(waiting.id, waiting.clone());
            }
            What::Booked { booking, .. } => {
                self.bookings.insert(booking.id, booking.clone());
            }
            What::Moved { .. } | What::Arrived { .. } | What::Ended { .. } => {
                self.apply_to_booking(event)
            }
            What::Passed { .. }
            | What::Offered { .. }
            | What::Declined { .. }
            | What::Unqueued { .. } => {
                self.apply_to_waiting(event);
            }
        }
    }

    fn apply_to_booking(&mut self, event: &Event) {
        match &event.what {
            What::Moved {
                id,
                unit,
                place,
                span,
                care,
                ..
            } => {
                if let Some(booking) = self.bookings.get_mut(id) {
                    (booking.unit, booking.place, booking.span) = (*unit, *place, *span);
                }
                if let Some(left) = care {
                    self.care(*left, true);
                }
            }
            What::Arrived { id } => {
                if let Some(booking) = self.bookings.get_mut(id) {
                    let since = event.by.at;
                    booking.stage = Stage::Present { since };
                }
            }
            What::Ended { id, care, .. } => {
                if let Some(booking) = self.bookings.remove(id)
                    && *care
                {
                    self.care(booking.unit, true);
                }
            }
            _ => {}
        }
    }

    fn apply_to_waiting(&mut self, event: &Event) {
        match &event.what {
            What::Passed { id, reason } => {
                if let Some(waiting) = self.waiting.get_mut(id) {
                    waiting.passed.push((reason.clone(), event.by.clone()));
                }
            }
            What::Offered { id, offer } => {
                if let Some(waiting) = self.waiting.get_mut(id) {
                    waiting.offer = Some(offer.clone());
                }
            }
            What::Declined { id, .. } => {
                if let Some(waiting) = self.waiting.get_mut(id) {
                    waiting.offer = None;
                    waiting.said_no = true;
                }
            }
            What::Unqueued { id, .. } => {
                self.waiting.remove(id);
            }
            _ => {}
        }
    }

    fn care(&mut self, unit: u32, due: bool) {
        if let Some(unit) = self.units.get_mut(&unit) {
            unit.care_due = due;
        }
    }
}
