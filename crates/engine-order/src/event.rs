//! 「经过」 What happened to an order, and the fold.

use crate::config::{ClockOf, Way, Whom};
use crate::model::{
    Calling, Cancellation, Clock, Confirmation, Done, Flag, Offer, OfferEnd, Order, ProofGiven,
    Rating, Reopening, Requested, Settlement, Stamp, StepDone, Transfer,
};
use crate::quote::Quote;
use crate::stage::Stage;
use kernel::{Actor, Instant, Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Who.
    pub by: Actor,
    /// When it was told.
    pub at: Instant,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// 下单
    Requested(Box<Requested>, Quote),
    /// 又按
    Pressed,
    /// 应答
    Answered,
    /// 派给
    Offered(Offer),
    /// 要人来派 Nobody fits, or too many said no.
    WantsPerson {
        /// Why.
        why: String,
    },
    /// The offer under way ended.
    OfferEnded(OfferEnd),
    /// 到场
    Arrived {
        /// When.
        occurred: Instant,
    },
    /// 做了一步
    Stepped(StepDone, Vec<ProofGiven>),
    /// 做完
    Finished(Done, Vec<ProofGiven>),
    /// 留意
    Flagged(Flag),
    /// 确认
    Confirmed(Confirmation),
    /// 没人确认
    Unconfirmed,
    /// 重开
    Reopened(Reopening),
    /// 评价
    Rated(Rating),
    /// 结算
    Settled(Settlement),
    /// 办结
    Closed(BTreeMap<Slug, String>),
    /// 取消
    Cancelled(Cancellation),
    /// 转出
    Transferred(Transfer),
    /// The other line told its number.
    ReferenceTold {
        /// Its number.
        reference: String,
    },
    /// 转回 The other line told what came of it.
    TransferAnswered {
        /// What.
        result: String,
        /// Whether it was sent back undone.
        undone: bool,
    },
    /// A clock began.
    ClockStarted {
        /// Which.
        of: ClockOf,
        /// From when.
        from: Instant,
        /// Until when.
        due: Instant,
    },
    /// A clock stopped: what it counts happened, or it stopped to matter.
    ClockStopped {
        /// Which.
        of: ClockOf,
        /// When.
        at: Instant,
    },
    /// 超时
    ClockMissed {
        /// Which.
        of: ClockOf,
    },
    /// 叫人
    Called {
        /// On which clock.
        on: ClockOf,
        /// Which time round.
        round: u32,
        /// Which rung.
        rung: u32,
        /// Whether the ladder begins anew after this.
        last: bool,
        /// Who.
        who: Whom,
        /// How.
        by: Vec<Way>,
    },
    /// Rounds nobody was there for are skipped: the ladder goes on at this one.
    SkippedTo {
        /// On which clock.
        on: ClockOf,
        /// Which time round.
        round: u32,
    },
    /// 打过电话
    CallMade {
        /// Which calling.
        calling: usize,
        /// What came of it.
        came: String,
    },
}

impl Order {
    /// Folds an event.
    pub fn apply(&mut self, event: &Event) {
        let stamp = || Stamp {
            by: event.by.clone(),
            at: event.at,
        };
        match &event.what {
            What::Requested(requested, quote) => {
                self.stage = Stage::Waiting;
                self.requested = Some(Requested::clone(requested));
                self.asked_at = Some(event.at);
                self.quote = quote.clone();
                self.presses = 1;
                self.pressed_at = Some(event.at);
            }
            What::Pressed => {
                self.presses = self.presses.saturating_add(1);
                self.pressed_at = Some(event.at);
            }
            What::Answered => self.answered = Some(stamp()),
            What::Offered(offer) => {
                self.offers.push(offer.clone());
                self.wants_person = false;
                self.stage = Stage::Offered;
            }
            What::WantsPerson { .. } => self.wants_person = true,
            What::OfferEnded(end) => {
                self.stage = match end {
                    OfferEnd::Accepted { .. } => Stage::Accepted,
                    _ => Stage::Waiting,
                };
                if let Some(offer) = self.offers.last_mut() {
                    offer.end = Some(end.clone());
                }
            }
            What::Arrived { occurred } => {
                self.arrived = Some(*occurred);
                self.stage = Stage::Doing;
            }
            What::Stepped(step, proofs) => {
                self.steps.push(step.clone());
                self.proofs.extend(proofs.iter().cloned());
                self.stage = Stage::Doing;
            }
            What::Finished(done, proofs) => {
                self.done = Some(done.clone());
                self.proofs.extend(proofs.iter().cloned());
                self.stage = Stage::Done;
            }
            What::Flagged(flag) => self.flags.push(*flag),
            What::Confirmed(confirmation) => {
                self.confirmed = Some(confirmation.clone());
                self.unconfirmed = false;
                self.stage = Stage::Closed;
                self.closed = Some(stamp());
            }
            What::Unconfirmed => self.unconfirmed = true,
            What::Reopened(reopening) => self.reopen(reopening),
            What::Rated(rating) => self.rating = Some(rating.clone()),
            What::Settled(settlement) => self.settled = Some(settlement.clone()),
            What::Closed(answers) => {
                self.closing = answers.clone();
                self.closed = Some(stamp());
                self.stage = Stage::Closed;
            }
            What::Cancelled(cancellation) => {
                self.cancelled = Some(cancellation.clone());
                self.stage = Stage::Cancelled;
            }
            _ => self.apply_rest(event),
        }
    }

    /// Transfers, clocks, callings.
    fn apply_rest(&mut self, event: &Event) {
        match &event.what {
            What::Transferred(transfer) => {
                self.transfers.push(transfer.clone());
                self.stage = Stage::Transferred;
            }
            What::ReferenceTold { reference } => {
                if let Some(transfer) = self.transfers.last_mut() {
                    transfer.reference = Some(reference.clone());
                }
            }
            What::TransferAnswered { result, undone } => {
                if let Some(transfer) = self.transfers.last_mut() {
                    transfer.answer = Some((event.at, result.clone()));
                }
                self.stage = match undone {
                    true => Stage::Waiting,
                    false => Stage::Done,
                };
                self.wants_person = *undone;
            }
            What::ClockStarted { of, from, due } => self.clocks.push(Clock {
                of: *of,
                from: *from,
                due: *due,
                stopped: None,
                missed: false,
                round: 0,
                rung: 0,
            }),
            What::ClockStopped { of, at } => self.running(*of, |clock| clock.stopped = Some(*at)),
            What::ClockMissed { of } => self.running(*of, |clock| clock.missed = true),
            What::Called {
                on,
                round,
                rung,
                last,
                who,
                by,
            } => {
                self.running(*on, |clock| {
                    (clock.round, clock.rung) = match last {
                        true => (round + 1, 0),
                        false => (*round, rung + 1),
                    };
                });
                self.callings.push(Calling {
                    on: *on,
                    who: *who,
                    by: by.clone(),
                    round: *round,
                    at: event.at,
                    came: None,
                });
            }
            What::SkippedTo { on, round } => self.running(*on, |clock| {
                (clock.round, clock.rung) = (*round, 0);
            }),
            What::CallMade { calling, came } => {
                let stamp = Stamp {
                    by: event.by.clone(),
                    at: event.at,
                };
                if let Some(one) = self.callings.get_mut(*calling) {
                    one.came = Some((stamp, came.clone()));
                }
            }
            _ => {}
        }
    }

    fn running(&mut self, of: ClockOf, change: impl FnOnce(&mut Clock)) {
        let clocks = self.clocks.iter_mut().rev();
        let mut running = clocks.filter(|c| c.of == of && c.stopped.is_none());
        if let Some(clock) = running.next() {
            change(clock);
        }
    }

    fn reopen(&mut self, reopening: &Reopening) {
        self.reopened.push(reopening.clone());
        self.done = None;
        self.confirmed = None;
        self.closed = None;
        self.unconfirmed = false;
        self.arrived = None;
        self.rating = None;
        self.stage = match reopening.provider {
            Some(_) => Stage::Accepted,
            None => Stage::Waiting,
        };
        self.wants_person = reopening.provider.is_none();
    }
}
