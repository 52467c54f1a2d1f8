//! 「约、改约」 Who gets which place when.

use super::{Asked, reason};
use crate::config::How;
use crate::event::What;
use crate::free::{day_of, places, seats, slots_of, units};
use crate::model::{Booking, Guest, Kept, Span, Stage, Stamp, Unit};
use crate::refusal::Refusal;
use chrono::TimeDelta;
use kernel::{BookingId, Date, PersonId, Slug, add_days};

/// A unit and the place in it.
pub(super) type Place<'a> = (&'a Unit, u32);

impl<'a> Asked<'a> {
    pub(super) fn book(
        &self,
        id: BookingId,
        unit: Option<u32>,
        sort: Option<&Slug>,
        span: Span,
        guest: &Guest,
    ) -> Result<Vec<What>, Refusal> {
        if !self.command.desk && !self.config.ty.residents {
            return Err(Refusal::DeskOnly);
        }
        self.fresh(id)?;
        self.sort(sort)?;
        self.may_have_one_more(guest.person)?;
        self.when(span)?;
        let waiting = self.waiting_for(unit, sort, span);
        if waiting > 0 {
            return Err(Refusal::OthersWait(waiting));
        }
        let place = self.place(unit, sort, span, None)?;
        Ok(vec![self.booked(id, place, span, guest)])
    }

    /// Whole or not at all: one decision, so that a refused one leaves nothing behind.
    pub(super) fn restore(
        &self,
        id: BookingId,
        (unit, span): (u32, Span),
        guest: &Guest,
        (there, own_care): (bool, bool),
    ) -> Result<Vec<What>, Refusal> {
        self.desk()?;
        self.fresh(id)?;
        self.may_have_one_more(guest.person)?;
        self.when(span)?;
        let place = self.place(Some(unit), None, span, None)?;
        let mut happened = vec![self.booked(id, place, span, guest)];
        if there {
            let (unit, no) = place;
            self.nobody_there(id, (unit.no, no))?;
            match (unit.care_due, own_care) {
                (true, true) => happened.push(What::CareVoid { unit: unit.no }),
                (true, false) => self.cared_for(unit)?,
                (false, _) => {}
            }
            happened.push(What::Arrived { id });
        }
        Ok(happened)
    }

    pub(super) fn move_to(
        &self,
        id: BookingId,
        unit: Option<u32>,
        span: Span,
        why: &str,
    ) -> Result<Vec<What>, Refusal> {
        let booking = self.booking(id)?;
        self.in_time(booking)?;
        let reason = reason(why)?.to_owned();
        let present = matches!(booking.stage, Stage::Present { .. });
        // Who is there changes the unit or the end, never the beginning.
        if span.from != booking.span.from {
            if present {
                return Err(Refusal::Begun);
            }
            self.when(span)?;
        } else if span != booking.span {
            self.how_long(span)?;
        }
        let sort = self.unit(booking.unit)?.sort.as_ref();
        // Another time may be waited for; another unit at the same time leaves one behind.
        let waiting = match &self.config.ty.how {
            How::Slots { .. } if span != booking.span => self.waiting_for(unit, sort, span),
            _ => 0,
        };
        if waiting > 0 {
            return Err(Refusal::OthersWait(waiting));
        }
        let (to, place) = self.place(unit, sort, span, Some(id))?;
        let care = present && to.no != booking.unit && self.config.ty.care.is_some();
        Ok(vec![What::Moved {
            id,
            unit: to.no,
            place,
            span,
            seats: seats(&self.config.ty.how, to.no, place, span),
            care: care.then_some(booking.unit),
            reason,
        }])
    }

    pub(super) fn booked(
        &self,
        id: BookingId,
        (unit, place): Place<'_>,
        span: Span,
        guest: &Guest,
    ) -> What {
        What::Booked {
            booking: Booking {
                id,
                unit: unit.no,
                place,
                span,
                guest: guest.clone(),
                stage: Stage::Booked,
                made: Stamp {
                    actor: self.command.actor.clone(),
                    at: self.now.at,
                },
            },
            seats: seats(&self.config.ty.how, unit.no, place, span),
        }
    }

    pub(super) fn may_have_one_more(&self, person: PersonId) -> Result<(), Refusal> {
        let open = self.stock.of(person).count() + self.config.elsewhere.open;
        if open >= usize::try_from(self.config.ty.each_at_most).unwrap_or(usize::MAX) {
            return Err(Refusal::Enough(open));
        }
        Ok(())
    }

    pub(super) fn fresh(&self, id: BookingId) -> Result<(), Refusal> {
        let taken = self.stock.bookings.contains_key(&id) || self.stock.waiting.contains_key(&id);
        if taken {
            return Err(Refusal::NumberTaken(id));
        }
        Ok(())
    }

    /// A free place: of the unit asked for, or of the first that has one. Units that
    /// need no care first.
    pub(super) fn place(
        &self,
        unit: Option<u32>,
        sort: Option<&Slug>,
        span: Span,
        own: Option<BookingId>,
    ) -> Result<Place<'a>, Refusal> {
        let free = |unit: &Unit| places(self.stock, self.config, unit, span, own).next();
        if let Some(no) = unit {
            let unit = self.unit(no)?;
            self.given_out(unit)?;
            if self.stock.kept(no, span, own) == Kept::Whole {
                return Err(Refusal::Kept(unit.label.clone()));
            }
            return Ok((unit, free(unit).ok_or(Refusal::Taken)?));
        }
        let mut there: Vec<&Unit> = units(self.stock, sort.cloned()).collect();
        there.sort_by_key(|unit| (unit.care_due, unit.no));
        let found = there.into_iter().find_map(|unit| Some((unit, free(unit)?)));
        found.ok_or(Refusal::Taken)
    }

    /// Whether it can be had at that time at all.
    pub(super) fn when(&self, span: Span) -> Result<(), Refusal> {
        let day = day_of(span.from);
        match &self.config.ty.how {
            How::Slots { days_ahead, .. } => {
                if span.from <= self.now.at {
                    return Err(Refusal::Past);
                }
                self.not_too_far(day, *days_ahead)?;
                if !slots_of(self.config, day)?.contains(&span) {
                    return Err(Refusal::NotOpen(day.to_string()));
                }
                Ok(())
            }
            How::Stay { days_ahead, .. } => {
                if day < self.now.today() {
                    return Err(Refusal::Past);
                }
                self.not_too_far(day, *days_ahead)?;
                self.how_long(span)
            }
        }
    }

    fn how_long(&self, span: Span) -> Result<(), Refusal> {
        if span.to.is_some_and(|to| to <= span.from) {
            return Err(Refusal::Backwards);
        }
        match &self.config.ty.how {
            How::Slots { .. } => match slots_of(self.config, day_of(span.from))?.contains(&span) {
                true => Ok(()),
                false => Err(Refusal::NotOpen(day_of(span.from).to_string())),
            },
            How::Stay {
                days_most: None, ..
            } => Ok(()),
            How::Stay {
                days_most: Some(most),
                ..
            } => {
                let longest = span.from + TimeDelta::days(i64::from(*most));
                match span.to {
                    Some(to) if to <= longest => Ok(()),
                    _ => Err(Refusal::TooLong(*most)),
                }
            }
        }
    }

    fn not_too_far(&self, day: Date, days_ahead: u32) -> Result<(), Refusal> {
        let last = add_days(self.now.today(), days_ahead).unwrap_or(Date::MAX);
        if day > last {
            return Err(Refusal::TooFar(last));
        }
        Ok(())
    }
}
