//! 「轮候」 Who waits, who is next, and who was passed over and why.

use super::{Asked, reason};
use crate::config::{How, WaitingRule};
use crate::event::What;
use crate::free::day_of;
use crate::line::line;
use crate::model::{Guest, Offer, Span, Waiting, WaitingEnd};
use crate::refusal::Refusal;
use kernel::{BookingId, Date, Slug, add_days};
use std::collections::BTreeSet;

impl Asked<'_> {
    pub(super) fn wait(
        &self,
        id: BookingId,
        guest: &Guest,
        (class, sort, span): (&Slug, Option<&Slug>, Option<Span>),
    ) -> Result<Vec<What>, Refusal> {
        let rule = self.config.ty.waiting.as_ref().ok_or(Refusal::NoWaiting)?;
        rule.place(class).ok_or(Refusal::NoSuchClass)?;
        // Nobody puts themselves before others by their own word.
        if let Some(last) = rule.classes.last().filter(|last| last.id != *class)
            && !self.command.desk
        {
            return Err(Refusal::ClassByDesk(last.name.clone()));
        }
        self.fresh(id)?;
        self.sort(sort)?;
        let mut waiting = self.stock.waiting.values();
        let here = waiting.any(|one| one.guest.person == guest.person);
        if here || self.config.elsewhere.waits > 0 {
            return Err(Refusal::WaitsAlready);
        }
        self.worth_waiting(sort, span)?;
        Ok(vec![What::Queued(Waiting {
            id,
            guest: guest.clone(),
            class: class.clone(),
            sort: sort.cloned(),
            span,
            since: self.now.at,
            offer: None,
            passed: Vec::new(),
            said_no: false,
        })])
    }

    pub(super) fn offer(
        &self,
        unit: u32,
        slot: Option<Span>,
        passing: &[(BookingId, String)],
    ) -> Result<Vec<What>, Refusal> {
        self.desk()?;
        let rule = self.config.ty.waiting.as_ref().ok_or(Refusal::NoWaiting)?;
        let there = self.unit(unit)?;
        let from_now = Span {
            from: self.now.at,
            to: None,
        };
        let span = match &self.config.ty.how {
            How::Slots { .. } => Some(slot.ok_or(Refusal::WhichSlot)?),
            How::Stay { .. } => None,
        };
        if let Some(span) = span {
            self.when(span)?;
        }
        self.place(Some(unit), None, span.unwrap_or(from_now), None)?;
        let line = self.line(there.sort.as_ref(), span);
        let passed = |id: BookingId| passing.iter().find(|(one, _)| *one == id);
        let next = line.iter().position(|one| passed(one.id).is_none());
        let next = next.ok_or(Refusal::NobodyWaits)?;
        let (before, rest) = line.split_at(next);
        let mut happened = Vec::new();
        for one in before {
            let (_, why) = passed(one.id).ok_or(Refusal::NoReason)?;
            let why = reason(why);
            let why = why.map_err(|_| Refusal::PassedWithoutReason(one.guest.name.clone()))?;
            happened.push(What::Passed {
                id: one.id,
                reason: why.to_owned(),
            });
        }
        // A reason against somebody who is not passed has no place on record.
        for (id, _) in passing {
            if let Some(one) = rest.iter().find(|one| one.id == *id) {
                return Err(Refusal::NotBefore(one.guest.name.clone()));
            }
            if !before.iter().any(|one| one.id == *id) {
                return Err(Refusal::NotWaiting(*id));
            }
        }
        let next = rest.first().ok_or(Refusal::NobodyWaits)?;
        happened.push(What::Offered {
            id: next.id,
            offer: self.offered(rule, unit, span),
        });
        Ok(happened)
    }

    fn offered(&self, rule: &WaitingRule, unit: u32, span: Option<Span>) -> Offer {
        let until = add_days(self.now.today(), rule.answer_days).unwrap_or(Date::MAX);
        let until = span.map_or(until, |span| until.min(day_of(span.from)));
        Offer { unit, span, until }
    }

    /// A slot that became free goes to the next who waits for it without anybody having to
    /// press a button; a stay is offered by a person, who sees the room. One offer a slot
    /// at a time: the next look sees what this one keeps.
    pub(super) fn asked_by_time(&self) -> Vec<What> {
        let (How::Slots { .. }, Some(rule)) = (&self.config.ty.how, &self.config.ty.waiting) else {
            return Vec::new();
        };
        let waiting = self.stock.waiting.values();
        let ahead = waiting.filter_map(|one| one.span.filter(|span| span.from > self.now.at));
        let spans: BTreeSet<Span> = ahead.collect();
        let offers = spans.into_iter().map(|span| self.next_for(rule, span));
        offers.flatten().collect()
    }

    fn next_for(&self, rule: &WaitingRule, span: Span) -> Vec<What> {
        let mut happened = Vec::new();
        for one in self.line(None, Some(span)) {
            // Who wants a sort that is full is not passed over by who wants another.
            let Ok((unit, _)) = self.place(None, one.sort.as_ref(), span, None) else {
                continue;
            };
            if one.said_no {
                happened.push(What::Passed {
                    id: one.id,
                    reason: "上次通知没有要，或者没有答复".to_owned(),
                });
                continue;
            }
            happened.push(What::Offered {
                id: one.id,
                offer: self.offered(rule, unit.no, Some(span)),
            });
            return happened;
        }
        // Nobody left to ask: nobody was passed over either.
        Vec::new()
    }

    pub(super) fn accept(&self, id: BookingId, span: Span) -> Result<Vec<What>, Refusal> {
        let waiting = self.waiting(id)?;
        let offer = waiting.offer.as_ref().ok_or(Refusal::NoOffer)?;
        if offer.until < self.now.today() {
            return Err(Refusal::OfferOver(offer.until));
        }
        let span = offer.span.unwrap_or(span);
        self.when(span)?;
        self.may_have_one_more(waiting.guest.person)?;
        let place = self.place(Some(offer.unit), None, span, Some(id))?;
        let end = WaitingEnd::Placed;
        Ok(vec![
            What::Unqueued { id, end },
            self.booked(id, place, span, &waiting.guest),
        ])
    }

    pub(super) fn decline(&self, id: BookingId, why: &str) -> Result<Vec<What>, Refusal> {
        if self.waiting(id)?.offer.is_none() {
            return Err(Refusal::NoOffer);
        }
        let reason = reason(why)?.to_owned();
        Ok(vec![What::Declined { id, reason }])
    }

    pub(super) fn withdraw(&self, id: BookingId, why: &str) -> Result<Vec<What>, Refusal> {
        self.waiting(id)?;
        let reason = reason(why)?.to_owned();
        let end = WaitingEnd::Withdrawn { reason };
        Ok(vec![What::Unqueued { id, end }])
    }

    /// How many wait for what is asked for: it is theirs first.
    pub(super) fn waiting_for(&self, unit: Option<u32>, sort: Option<&Slug>, span: Span) -> usize {
        let of_unit = unit.and_then(|no| self.stock.units.get(&no));
        let sort = of_unit.map_or(sort, |unit| unit.sort.as_ref());
        self.line(sort, Some(span)).len()
    }

    /// A slot is waited for by name, and only when it is full; a stay is not.
    fn worth_waiting(&self, sort: Option<&Slug>, span: Option<Span>) -> Result<(), Refusal> {
        let How::Slots { .. } = &self.config.ty.how else {
            return Ok(());
        };
        let span = span.ok_or(Refusal::WhichSlot)?;
        self.when(span)?;
        let none_waits = self.waiting_for(None, sort, span) == 0;
        match self.place(None, sort, span, None) {
            Ok(_) if none_waits => Err(Refusal::StillFree),
            _ => Ok(()),
        }
    }

    fn line(&self, sort: Option<&Slug>, span: Option<Span>) -> Vec<&Waiting> {
        line(self.stock, self.config.ty, sort, span)
    }

    fn waiting(&self, id: BookingId) -> Result<&Waiting, Refusal> {
        let waiting = self.stock.waiting.get(&id);
        waiting.ok_or(Refusal::NotWaiting(id))
    }
}
