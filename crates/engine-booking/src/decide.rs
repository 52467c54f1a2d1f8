//! 「预约、入住、轮候」 The verbs. Every check is here; folding never fails.

mod book;
mod queue;

use crate::command::{Act, Command};
use crate::config::Config;
use crate::event::{Event, What};
use crate::free::day_of;
use crate::model::{Booking, Cared, End, Stage, Stamp, Stock, Unit, WaitingEnd};
use crate::refusal::Refusal;
use chrono::TimeDelta;
use kernel::{BookingId, Now, Slug};

/// Judges one command against the stock.
///
/// # Errors
/// The [`Refusal`] that applies first.
pub fn decide(
    stock: &Stock,
    command: &Command,
    config: Config<'_>,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    if stock.ty != config.ty.id {
        return Err(Refusal::OtherType);
    }
    let asked = Asked {
        stock,
        command,
        config,
        now,
    };
    let happened = asked.decide()?;
    let by = Stamp {
        actor: command.actor.clone(),
        at: now.at,
    };
    let event = |what| Event {
        by: by.clone(),
        what,
    };
    Ok(happened.into_iter().map(event).collect())
}

/// One question and what it is asked of.
struct Asked<'a> {
    stock: &'a Stock,
    command: &'a Command,
    config: Config<'a>,
    now: Now,
}

impl<'a> Asked<'a> {
    fn decide(&self) -> Result<Vec<What>, Refusal> {
        match &self.command.act {
            Act::Add { label, sort } => self.add(label, sort.as_ref()),
            Act::Close { unit, reason } => self.close(*unit, reason),
            Act::Reopen { unit } => self.reopen(*unit),
            Act::Book {
                id,
                unit,
                sort,
                span,
                guest,
            } => self.book(*id, *unit, sort.as_ref(), *span, guest),
            Act::Restore {
                id,
                unit,
                span,
                guest,
                there,
                own_care,
            } => self.restore(*id, (*unit, *span), guest, (*there, *own_care)),
            Act::Move {
                id,
                unit,
                span,
                reason,
            } => self.move_to(*id, *unit, *span, reason),
            Act::Cancel { id, reason } => self.cancel(*id, reason),
            Act::Arrive { id } => self.arrive(*id),
            Act::Leave { id } => self.leave(*id),
            Act::Miss { id } => self.miss(*id),
            Act::Care { unit, cared } => self.care(*unit, cared),
            Act::Wait {
                id,
                guest,
                class,
                sort,
                span,
            } => self.wait(*id, guest, (class, sort.as_ref(), *span)),
            Act::Offer {
                unit,
                span,
                passing,
            } => self.offer(*unit, *span, passing),
            Act::Accept { id, span } => self.accept(*id, *span),
            Act::Decline { id, reason } => self.decline(*id, reason),
            Act::Withdraw { id, reason } => self.withdraw(*id, reason),
            Act::Tick => Ok(self.tick()),
        }
    }

    fn add(&self, label: &str, sort: Option<&Slug>) -> Result<Vec<What>, Refusal> {
        self.desk()?;
        let label = reason(label)?.to_owned();
        self.sort(sort)?;
        if sort.is_none() && !self.config.ty.sorts.is_empty() {
            return Err(Refusal::NoSuchSort(self.config.ty.unit.clone()));
        }
        let last = self.stock.units.keys().next_back().copied();
        Ok(vec![What::Added(Unit {
            no: last.unwrap_or_default() + 1,
            label,
            sort: sort.cloned(),
            closed: None,
            care_due: false,
        })])
    }

    fn close(&self, unit: u32, why: &str) -> Result<Vec<What>, Refusal> {
        self.desk()?;
        self.unit(unit)?;
        let reason = reason(why)?.to_owned();
        Ok(vec![What::Closed { unit, reason }])
    }

    fn reopen(&self, unit: u32) -> Result<Vec<What>, Refusal> {
        self.desk()?;
        self.unit(unit)?;
        Ok(vec![What::Reopened { unit }])
    }

    fn cancel(&self, id: BookingId, why: &str) -> Result<Vec<What>, Refusal> {
        let booking = self.booking(id)?;
        self.in_time(booking)?;
        let reason = reason(why)?.to_owned();
        if booking.stage != Stage::Booked {
            return Err(Refusal::Begun);
        }
        let end = End::Cancelled { reason };
        let care = false;
        Ok(vec![What::Ended { id, end, care }])
    }

    fn arrive(&self, id: BookingId) -> Result<Vec<What>, Refusal> {
        self.desk()?;
        let booking = self.booking(id)?;
        let unit = self.unit(booking.unit)?;
        if booking.stage != Stage::Booked {
            return Err(Refusal::NoSuchBooking(id));
        }
        if day_of(booking.span.from) > self.now.today() {
            return Err(Refusal::NotYet);
        }
        self.given_out(unit)?;
        if unit.care_due {
            self.cared_for(unit)?;
        }
        self.nobody_there(id, (booking.unit, booking.place))?;
        Ok(vec![What::Arrived { id }])
    }

    /// A unit that waits for care is not handed on.
    fn cared_for(&self, unit: &Unit) -> Result<(), Refusal> {
        match &self.config.ty.care {
            Some(care) => Err(Refusal::CareDue {
                label: unit.label.clone(),
                care: care.name.clone(),
            }),
            None => Ok(()),
        }
    }

    /// Who was there before has left.
    fn nobody_there(&self, id: BookingId, place: (u32, u32)) -> Result<(), Refusal> {
        let there = |one: &Booking| {
            one.id != id
                && (one.unit, one.place) == place
                && matches!(one.stage, Stage::Present { .. })
        };
        match self.stock.bookings.values().any(there) {
            true => Err(Refusal::StillThere),
            false => Ok(()),
        }
    }

    fn leave(&self, id: BookingId) -> Result<Vec<What>, Refusal> {
        self.desk()?;
        if !matches!(self.booking(id)?.stage, Stage::Present { .. }) {
            return Err(Refusal::NotThere);
        }
        let (end, care) = (End::Left, self.config.ty.care.is_some());
        Ok(vec![What::Ended { id, end, care }])
    }

    fn miss(&self, id: BookingId) -> Result<Vec<What>, Refusal> {
        self.desk()?;
        let booking = self.booking(id)?;
        if booking.stage != Stage::Booked || booking.span.from > self.now.at {
            return Err(Refusal::NotYet);
        }
        let (end, care) = (End::NoShow, false);
        Ok(vec![What::Ended { id, end, care }])
    }

    fn care(&self, unit: u32, cared: &Cared) -> Result<Vec<What>, Refusal> {
        self.desk()?;
        let there = self.unit(unit)?;
        let rule = self.config.ty.care.as_ref();
        let rule = rule.filter(|_| there.care_due);
        let rule = rule.ok_or_else(|| Refusal::NoCareDue(there.label.clone()))?;
        let empty = |note: &Slug| {
            cared
                .notes
                .get(note)
                .is_none_or(|text| text.trim().is_empty())
        };
        if let Some((_, name)) = rule.notes.iter().find(|(note, _)| empty(note)) {
            return Err(Refusal::NoteMissing(name.clone()));
        }
        let cared = cared.clone();
        Ok(vec![What::Cared { unit, cared }])
    }

    /// Who did not come by the end of the grace; offers nobody answered; slots that came
    /// for who still waited; free slots that go to the next.
    fn tick(&self) -> Vec<What> {
        let mut happened = Vec::new();
        if let Some(grace) = self.config.ty.grace_minutes {
            let grace = TimeDelta::minutes(i64::from(grace));
            let late =
                self.stock.bookings.values().filter(|one| {
                    one.stage == Stage::Booked && one.span.from + grace < self.now.at
                });
            happened.extend(late.map(|one| What::Ended {
                id: one.id,
                end: End::NoShow,
                care: false,
            }));
        }
        let over = self.stock.waiting.values().filter(|one| {
            let today = self.now.today();
            one.offer.as_ref().is_some_and(|offer| offer.until < today)
        });
        happened.extend(over.map(|one| What::Declined {
            id: one.id,
            reason: "到期没有答复".to_owned(),
        }));
        let begun =
            |one: &&crate::model::Waiting| one.span.is_some_and(|span| span.from <= self.now.at);
        let gone = self.stock.waiting.values().filter(begun);
        happened.extend(gone.map(|one| What::Unqueued {
            id: one.id,
            end: WaitingEnd::Gone,
        }));
        happened.extend(self.asked_by_time());
        happened
    }

    fn desk(&self) -> Result<(), Refusal> {
        if self.command.desk {
            Ok(())
        } else {
            Err(Refusal::ForTheDesk)
        }
    }

    fn unit(&self, no: u32) -> Result<&'a Unit, Refusal> {
        let unit = self.stock.units.get(&no);
        unit.ok_or_else(|| Refusal::NoSuchUnit(no, self.config.ty.unit.clone()))
    }

    fn booking(&self, id: BookingId) -> Result<&Booking, Refusal> {
        let booking = self.stock.bookings.get(&id);
        booking.ok_or(Refusal::NoSuchBooking(id))
    }

    /// A sort the pack has.
    fn sort(&self, sort: Option<&Slug>) -> Result<(), Refusal> {
        let unknown = sort.is_some_and(|sort| self.config.ty.sort_name(sort).is_none());
        if unknown {
            return Err(Refusal::NoSuchSort(self.config.ty.unit.clone()));
        }
        Ok(())
    }

    /// Residents change their own until some hours before.
    fn in_time(&self, booking: &Booking) -> Result<(), Refusal> {
        let hours = self.config.ty.change_hours;
        let last = booking.span.from - TimeDelta::hours(i64::from(hours));
        if !self.command.desk && self.now.at > last {
            return Err(Refusal::TooLate(hours));
        }
        Ok(())
    }

    fn given_out(&self, unit: &Unit) -> Result<(), Refusal> {
        match &unit.closed {
            Some(closed) => Err(Refusal::Closed {
                label: unit.label.clone(),
                reason: closed.reason.clone(),
            }),
            None => Ok(()),
        }
    }
}

/// Words that say something.
fn reason(text: &str) -> Result<&str, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::NoReason);
    }
    Ok(text)
}
