//! 「看钟」 What only time brings about: the ladder is climbed, a clock has run out, an
//! offer nobody answered goes to the next. Ticking twice at one moment does nothing twice.

use super::{Course, Done};
use crate::config::{ClockOf, DispatchBy};
use crate::event::What;
use crate::model::{Clock, OfferEnd};
use crate::stage::Stage;
use crate::time::{next_rung, period, rungs};

impl Course<'_> {
    pub(super) fn tick(&mut self) -> Done {
        if !self.order.stage.is_open() || self.order.stage == Stage::New {
            return Ok(());
        }
        for of in ClockOf::ALL {
            let Some(clock) = self.order.clock(of).cloned() else {
                continue;
            };
            self.climb(&clock);
            if !clock.missed && self.now.at >= clock.due {
                self.put(What::ClockMissed { of });
                self.ran_out(of)?;
            }
        }
        Ok(())
    }

    /// Calls every rung that is due. Where nobody was there for whole rounds (the house
    /// stood still), what is left of the old round is called once and the missed rounds
    /// are skipped: people are called now, not sixty times.
    fn climb(&mut self, clock: &Clock) {
        let ty = self.config.ty;
        let rungs = rungs(ty, clock);
        if rungs.is_empty() {
            return;
        }
        let elapsed = (self.now.at - clock.from).num_seconds();
        if let Some(period) = period(ty, &rungs) {
            let present = u32::try_from(elapsed.max(0) / period).unwrap_or(u32::MAX);
            if present > clock.round {
                self.rungs_until(clock.of, clock.round);
                if self
                    .running(clock.of)
                    .is_some_and(|clock| clock.round < present)
                {
                    self.put(What::SkippedTo {
                        on: clock.of,
                        round: present,
                    });
                }
            }
        }
        self.rungs_until(clock.of, u32::MAX);
    }

    fn running(&self, of: ClockOf) -> Option<Clock> {
        self.order.clock(of).cloned()
    }

    /// Calls due rungs while the clock is in rounds up to `last`.
    fn rungs_until(&mut self, of: ClockOf, last: u32) {
        let ty = self.config.ty;
        while let Some(clock) = self.running(of).filter(|clock| clock.round <= last) {
            let rungs = rungs(ty, &clock);
            let at = usize::try_from(clock.rung).unwrap_or(usize::MAX);
            let due = next_rung(ty, &clock).is_some_and(|due| due <= self.now.at);
            let Some(rung) = rungs.get(at).filter(|_| due) else {
                return;
            };
            let ends = at + 1 == rungs.len();
            self.put(What::Called {
                on: of,
                round: clock.round,
                rung: clock.rung,
                last: ends && period(ty, &rungs).is_some(),
                who: rung.who,
                by: rung.by.clone(),
            });
        }
    }

    fn ran_out(&mut self, of: ClockOf) -> Done {
        match of {
            // Nobody said anything: that is no yes and no no. Somebody rings up.
            ClockOf::Confirm => self.put(What::Unconfirmed),
            ClockOf::Accept if self.order.stage == Stage::Offered => {
                let at = self.now.at;
                self.end_offer(OfferEnd::Lapsed { at });
                self.after_no()?;
            }
            ClockOf::Dispatch if self.config.ty.dispatch.by != DispatchBy::Claim => {
                let why = "到时间还没有派出".to_owned();
                if !self.order.wants_person {
                    self.put(What::WantsPerson { why });
                }
            }
            ClockOf::Answer
            | ClockOf::Dispatch
            | ClockOf::Accept
            | ClockOf::Arrive
            | ClockOf::Done
            | ClockOf::Close => {}
        }
        Ok(())
    }
}
