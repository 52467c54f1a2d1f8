//! 「办」 The verbs of an order. One act in, events or a refusal out.

mod alarm;
mod doing;
mod sending;
mod tick;

use crate::command::{Act, Command};
use crate::config::{Asker, ClockOf, Config, Confirms, DispatchBy};
use crate::event::{Event, What};
use crate::model::Flag;
use crate::model::{
    Cancellation, Cause, Confirmation, Order, Rating, Reopening, Requested, Settlement, Side,
    Stamp, Transfer,
};
use crate::quote::quote;
use crate::refusal::Refusal;
use crate::stage::Stage;
use kernel::{Actor, Instant, Now, Slug};

/// Decides a command. Same inputs, same answer.
///
/// # Errors
/// The [`Refusal`] that applies first.
pub fn decide(
    state: &Order,
    command: Command,
    config: &Config<'_>,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let ty = state.requested.as_ref().map(|requested| &requested.ty);
    if ty.is_some_and(|ty| ty != &config.ty.id) {
        return Err(Refusal::AnotherType);
    }
    let mut course = Course {
        order: state.clone(),
        events: Vec::new(),
        by: command.by,
        config,
        now,
    };
    course.act(command.act)?;
    Ok(course.events)
}

/// A command under way: the order as it becomes, the events so far.
struct Course<'a> {
    order: Order,
    events: Vec<Event>,
    by: Actor,
    config: &'a Config<'a>,
    now: Now,
}

type Done = Result<(), Refusal>;

impl Course<'_> {
    fn act(&mut self, act: Act) -> Done {
        match act {
            Act::Request(requested) => self.request(*requested),
            Act::Press => self.press(),
            Act::Answer => self.answer(),
            Act::Dispatch { to, why } => self.dispatch(to, why),
            Act::Claim { provider } => self.claim(provider),
            Act::Accept => self.accept(),
            Act::Decline { why } => self.decline(why),
            Act::Arrive { occurred } => self.arrive(occurred),
            Act::Step {
                step,
                proofs,
                occurred,
            } => self.step(&step, proofs, occurred),
            Act::Finish {
                proofs,
                occurred,
                minutes,
                note,
            } => self.finish(proofs, occurred, minutes, note),
            Act::Confirm { words, by_phone } => self.confirm(words, by_phone),
            Act::Reopen { why } => self.reopen(why),
            Act::Rate {
                stars,
                words,
                safety,
            } => self.rate(stars, words, safety),
            Act::Settle => self.settle(),
            Act::Close { answers } => self.close(answers),
            Act::Cancel { side, why } => self.cancel(side, why),
            Act::Transfer { to, why } => self.transfer(to, why),
            Act::Answered {
                reference,
                result,
                undone,
            } => self.answered(reference, result, undone),
            Act::Called { calling, came } => self.called(calling, came),
            Act::Tick => self.tick(),
        }
    }

    // ---- what the verbs share

    fn put(&mut self, what: What) {
        let event = Event {
            by: self.by.clone(),
            at: self.now.at,
            what,
        };
        self.order.apply(&event);
        self.events.push(event);
    }

    fn stamp(&self) -> Stamp {
        Stamp {
            by: self.by.clone(),
            at: self.now.at,
        }
    }

    fn person(&self) -> Result<kernel::PersonId, Refusal> {
        let human = self.by.person.filter(|_| self.by.role.is_human());
        human.ok_or(Refusal::NotAPerson)
    }

    fn asked(&self) -> Result<Requested, Refusal> {
        let wrong = Refusal::WrongStage {
            stage: Stage::New,
            act: "办理",
        };
        self.order.requested.clone().ok_or(wrong)
    }

    fn at(&self, stages: &[Stage], act: &'static str) -> Done {
        let stage = self.order.stage;
        match stages.contains(&stage) {
            true => Ok(()),
            false => Err(Refusal::WrongStage { stage, act }),
        }
    }

    fn start(&mut self, of: ClockOf, from: Instant) -> Done {
        if let Some(lapse) = self.config.ty.clocks.get(&of) {
            let due = lapse.after(from, self.config.ty.hours, self.config.calendar)?;
            self.put(What::ClockStarted { of, from, due });
        }
        Ok(())
    }

    fn stop(&mut self, of: ClockOf, at: Instant) {
        if self.order.clock(of).is_some() {
            self.put(What::ClockStopped { of, at });
        }
    }

    fn stop_all(&mut self) {
        for of in ClockOf::ALL {
            self.stop(of, self.now.at);
        }
    }

    // ---- from the request to the end

    fn request(&mut self, requested: Requested) -> Done {
        self.at(&[Stage::New], "下单")?;
        let ty = self.config.ty;
        if requested.ty != ty.id {
            return Err(Refusal::AnotherType);
        }
        // What the house itself finds is a cause of its own, however the kind is asked for.
        let itself = requested.asked_by == Asker::Plan && !matches!(requested.cause, Cause::Asked);
        if !itself && !ty.asked_by.contains(&requested.asked_by) {
            return Err(Refusal::NotAskedThisWay);
        }
        let quote = quote(&requested.wants, &requested.about, self.config)?;
        if !ty.alarm && requested.about.name.trim().is_empty() {
            return Err(Refusal::Blank("为谁下的单"));
        }
        self.put(What::Requested(Box::new(requested), quote));
        self.start(ClockOf::Answer, self.now.at)?;
        if ty.alarm {
            // The rungs at zero seconds: somebody knows before the request is answered.
            return self.tick();
        }
        self.start(ClockOf::Dispatch, self.now.at)?;
        if ty.dispatch.by == DispatchBy::Nearest {
            self.send_next()?;
        }
        Ok(())
    }

    fn confirm(&mut self, words: String, by_phone: bool) -> Done {
        self.at(&[Stage::Done], "确认")?;
        self.person()?;
        self.not_the_provider()?;
        let confirmation = Confirmation {
            stamp: self.stamp(),
            words,
            by_phone,
        };
        self.stop_all();
        self.put(What::Confirmed(confirmation));
        Ok(())
    }

    /// Whoever did the work does not say for others that it is well done.
    fn not_the_provider(&self) -> Done {
        let offer = self.order.offers.last();
        match offer.is_some_and(|offer| Some(offer.person) == self.by.person) {
            true => Err(Refusal::OfficeStep("确认".to_owned())),
            false => Ok(()),
        }
    }

    fn reopen(&mut self, why: String) -> Done {
        self.at(&[Stage::Done, Stage::Closed], "重开")?;
        self.person()?;
        self.not_the_provider()?;
        if why.trim().is_empty() {
            return Err(Refusal::Blank("为什么重开"));
        }
        let provider = self.order.accepted_at().and(self.order.offer());
        let provider = provider.map(|offer| offer.provider);
        let reopening = Reopening {
            stamp: self.stamp(),
            why,
            provider,
        };
        self.stop_all();
        self.put(What::Reopened(reopening));
        let clock = match (self.config.ty.alarm, provider) {
            // An alarm opened again wants a human being again.
            (true, _) => ClockOf::Answer,
            (false, Some(_)) => ClockOf::Done,
            (false, None) => ClockOf::Dispatch,
        };
        self.start(clock, self.now.at)
    }

    fn rate(&mut self, stars: u8, words: String, safety: bool) -> Done {
        self.at(&[Stage::Done, Stage::Closed], "评价")?;
        self.person()?;
        self.not_the_provider()?;
        let rule = self.config.ty.rating.as_ref().ok_or(Refusal::NotRated)?;
        if self.order.rating.is_some() {
            return Err(Refusal::RatedAlready);
        }
        if !(1..=5).contains(&stars) {
            return Err(Refusal::WrongStars);
        }
        let low = stars <= rule.low;
        let rating = Rating {
            stars,
            words,
            stamp: self.stamp(),
        };
        self.put(What::Rated(rating));
        if low {
            self.put(What::Flagged(Flag::LowRating));
        }
        if safety {
            self.put(What::Flagged(Flag::Safety));
        }
        Ok(())
    }

    fn settle(&mut self) -> Done {
        if self.order.settled.is_some() {
            return Err(Refusal::SettledAlready);
        }
        if self.order.stage != Stage::Closed || self.order.confirmed.is_none() {
            return Err(Refusal::NotConfirmed);
        }
        self.person()?;
        self.not_the_provider()?;
        let open: Vec<String> = self.order.quote.open().map(str::to_owned).collect();
        if !open.is_empty() {
            return Err(Refusal::PriceOpen(open));
        }
        let provider = self.order.offer().map(|offer| offer.provider);
        let quote = &self.order.quote;
        let sums = quote.price().zip(quote.subsidy()).zip(quote.own());
        let ((price, subsidy), own) = sums.ok_or(Refusal::TooMuch)?;
        let settlement = Settlement {
            price,
            subsidy,
            own,
            provider: provider.ok_or(Refusal::NotConfirmed)?,
            stamp: self.stamp(),
        };
        self.put(What::Settled(settlement));
        Ok(())
    }

    fn cancel(&mut self, side: Side, why: String) -> Done {
        if self.config.ty.alarm {
            return Err(Refusal::AlarmNotCancelled);
        }
        let open = [
            Stage::Waiting,
            Stage::Offered,
            Stage::Accepted,
            Stage::Doing,
        ];
        self.at(&open, "取消")?;
        self.person()?;
        if why.trim().is_empty() {
            return Err(Refusal::Blank("为什么取消"));
        }
        self.stop_all();
        let stamp = self.stamp();
        self.put(What::Cancelled(Cancellation { side, why, stamp }));
        Ok(())
    }

    fn transfer(&mut self, to: Slug, why: String) -> Done {
        if self.config.ty.alarm {
            return Err(Refusal::AlarmNotTransferred);
        }
        self.at(&[Stage::Waiting, Stage::Offered], "转出")?;
        self.person()?;
        if !self.config.ty.transfer.iter().any(|line| line.id == to) {
            return Err(Refusal::NoSuchLine(to));
        }
        if why.trim().is_empty() {
            return Err(Refusal::Blank("为什么转出"));
        }
        if self.order.offer().is_some() {
            let why = "转到别的热线".to_owned();
            self.end_offer(crate::model::OfferEnd::Withdrawn {
                at: self.now.at,
                why,
            });
        }
        self.stop_all();
        let transfer = Transfer {
            to,
            why,
            stamp: self.stamp(),
            reference: None,
            answer: None,
        };
        self.put(What::Transferred(transfer));
        Ok(())
    }

    /// The other line speaks. Its number may be told again; an answer comes once.
    fn answered(
        &mut self,
        reference: Option<String>,
        result: Option<String>,
        undone: bool,
    ) -> Done {
        self.at(&[Stage::Transferred], "记对方的答复")?;
        if let Some(reference) = reference {
            let known = self
                .order
                .transfers
                .last()
                .and_then(|one| one.reference.clone());
            if known.as_ref() != Some(&reference) {
                self.put(What::ReferenceTold { reference });
            }
        }
        let Some(result) = result else { return Ok(()) };
        if result.trim().is_empty() {
            return Err(Refusal::Blank("办得怎么样"));
        }
        self.put(What::TransferAnswered { result, undone });
        match undone {
            true => self.start(ClockOf::Dispatch, self.now.at),
            false => self.after_done(self.now.at),
        }
    }

    /// What follows once it is reported as done.
    fn after_done(&mut self, occurred: Instant) -> Done {
        match self.config.ty.confirms {
            Confirms::Resident | Confirms::Office => self.start(ClockOf::Confirm, self.now.at),
            Confirms::Nobody => {
                let confirmation = Confirmation {
                    stamp: Stamp {
                        by: self.by.clone(),
                        at: occurred,
                    },
                    words: "凭证齐全".to_owned(),
                    by_phone: false,
                };
                self.stop_all();
                self.put(What::Confirmed(confirmation));
                Ok(())
            }
        }
    }
}
