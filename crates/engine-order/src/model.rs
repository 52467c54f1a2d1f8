//! 「工单」 The state of an order, folded from its events alone ([`crate::event`]).

use crate::config::{Asker, ClockOf, Way, Whom};
use crate::provider::Point;
use crate::quote::Quote;
use crate::stage::Stage;
use kernel::{
    Actor, Date, DocumentId, HouseholdId, Instant, Money, OrderId, PersonId, ProviderId,
    RegionCode, Slug,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An order. `Order::default()` is the order before its first event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Where it stands.
    pub stage: Stage,
    /// What was asked; `None` only before the first event.
    pub requested: Option<Requested>,
    /// When it was asked.
    pub asked_at: Option<Instant>,
    /// What it costs whom.
    pub quote: Quote,
    /// How often the key was pressed (an alarm); the first press is one.
    pub presses: u32,
    /// The last press.
    pub pressed_at: Option<Instant>,
    /// Who answered, as a human being.
    pub answered: Option<Stamp>,
    /// Whether a person must choose a provider.
    pub wants_person: bool,
    /// Everybody who was sent, oldest first.
    pub offers: Vec<Offer>,
    /// When the provider was there.
    pub arrived: Option<Instant>,
    /// Steps done.
    pub steps: Vec<StepDone>,
    /// Proofs given, all rounds.
    pub proofs: Vec<ProofGiven>,
    /// What was reported as done; `None` again once reopened.
    pub done: Option<Done>,
    /// What a person should look at.
    pub flags: Vec<Flag>,
    /// Who said it is done.
    pub confirmed: Option<Confirmation>,
    /// 未确认 Nobody said anything in time: somebody rings up; it is no consent.
    pub unconfirmed: bool,
    /// Every time it was opened again.
    pub reopened: Vec<Reopening>,
    /// The rating.
    pub rating: Option<Rating>,
    /// What is owed.
    pub settled: Option<Settlement>,
    /// What was written when an alarm was closed.
    pub closing: BTreeMap<Slug, String>,
    /// Who closed it.
    pub closed: Option<Stamp>,
    /// Who cancelled it and why.
    pub cancelled: Option<Cancellation>,
    /// Handed to other lines.
    pub transfers: Vec<Transfer>,
    /// Clocks, running and stopped, in the order they began.
    pub clocks: Vec<Clock>,
    /// Everybody the ladder called, oldest first.
    pub callings: Vec<Calling>,
}

/// What was asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Requested {
    /// The order.
    pub order: OrderId,
    /// Its kind.
    pub ty: Slug,
    /// How it came.
    pub asked_by: Asker,
    /// Why it exists.
    pub cause: Cause,
    /// Whom it is for.
    pub about: About,
    /// What is wanted.
    pub wants: Vec<Want>,
    /// In the person's words.
    pub says: String,
    /// The responsible node.
    pub region: RegionCode,
    /// Where to go, in words.
    pub address: String,
    /// Where to go, where it is known.
    pub place: Option<Point>,
    /// The day it is wanted for; `None`: now.
    pub on: Option<Date>,
}

/// Why an order exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Somebody asked.
    Asked,
    /// 按键 A key was pressed on a device.
    Pressed {
        /// The device.
        device: String,
    },
    /// 失联 A device fell silent.
    Silence {
        /// The device.
        device: String,
        /// When it was last heard.
        last: Instant,
    },
    /// 到期 It comes again.
    Due {
        /// The day it was due.
        on: Date,
    },
    /// 转来 Another line handed it over.
    From {
        /// Which line.
        line: Slug,
        /// Its number there.
        reference: String,
    },
}

impl Cause {
    /// The device, if one stands behind it.
    pub fn device(&self) -> Option<&str> {
        match self {
            Cause::Pressed { device } | Cause::Silence { device, .. } => Some(device),
            Cause::Asked | Cause::Due { .. } | Cause::From { .. } => None,
        }
    }
}

/// Whom an order is for; what is not known stays unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The person, where the register has them.
    pub person: Option<PersonId>,
    /// Their household.
    pub household: Option<HouseholdId>,
    /// How they are called: a name, or words.
    pub name: String,
    /// Telephone, as given.
    pub phone: Option<String>,
    /// Full years, where known.
    pub age: Option<i32>,
    /// Groups (benefits held, colours…) known to hold or not to hold.
    pub groups: BTreeMap<Slug, bool>,
}

/// One item wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Want {
    /// Which.
    pub item: Slug,
    /// How many.
    pub count: u32,
}

/// Who did something and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Instant,
}

/// 派出 Somebody was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Who.
    pub provider: ProviderId,
    /// Their name then.
    pub name: String,
    /// The human being who answers for them.
    pub person: PersonId,
    /// When.
    pub at: Instant,
    /// Metres, or `None` where only the place in the tree of regions is known.
    pub metres: Option<i64>,
    /// What came of it; `None`: not yet.
    pub end: Option<OfferEnd>,
}

/// What came of an offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferEnd {
    /// 接单
    Accepted {
        /// When.
        at: Instant,
    },
    /// 不接
    Declined {
        /// When.
        at: Instant,
        /// Why.
        why: String,
    },
    /// 没回
    Lapsed {
        /// When.
        at: Instant,
    },
    /// 改派 Taken back by a person.
    Withdrawn {
        /// When.
        at: Instant,
        /// Why.
        why: String,
    },
}

/// A step done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepDone {
    /// Which.
    pub step: Slug,
    /// Who and when it was reported.
    pub stamp: Stamp,
    /// When it happened.
    pub occurred: Instant,
}

/// A proof given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofGiven {
    /// Which.
    pub proof: Slug,
    /// What.
    pub value: ProofValue,
}

/// What a proof is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofValue {
    /// A photograph, kept as a document.
    Photo(DocumentId),
    /// Words.
    Text(String),
    /// Where.
    Place(Point),
    /// How many.
    Number(i64),
    /// How much.
    Money(Money),
}

/// 做完 Reported as done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// When it happened (a phone without a line reports later).
    pub occurred: Instant,
    /// When it was reported.
    pub reported: Instant,
    /// Minutes it took, as reported.
    pub minutes: Option<u32>,
    /// Who reported it.
    pub by: Actor,
    /// In words.
    pub note: String,
}

/// What a person should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// 补报 Reported more than an hour after it happened.
    LateReport,
    /// 时间太短 Less than four fifths of the item's time.
    TooShort,
    /// 不在现场 More than 200 m from the place.
    TooFar,
    /// 评价低
    LowRating,
    /// 安全投诉
    Safety,
}

impl Flag {
    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Flag::LateReport => "事后补报",
            Flag::TooShort => "时间太短",
            Flag::TooFar => "离得太远",
            Flag::LowRating => "评价低",
            Flag::Safety => "安全投诉",
        }
    }
}

/// Who said it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Who and when.
    pub stamp: Stamp,
    /// In words.
    pub words: String,
    /// Whether an operator rang up instead of the person clicking.
    pub by_phone: bool,
}

/// Opened again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reopening {
    /// Who and when.
    pub stamp: Stamp,
    /// Why.
    pub why: String,
    /// Whom it went back to; nobody where the work had never been accepted.
    pub provider: Option<ProviderId>,
}

/// The rating.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// 1 to 5.
    pub stars: u8,
    /// In words.
    pub words: String,
    /// Who and when.
    pub stamp: Stamp,
}

/// 结算 What is owed to the provider and by whom. Money moves elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// Full price.
    pub price: Money,
    /// By the public.
    pub subsidy: Money,
    /// By the person.
    pub own: Money,
    /// To whom.
    pub provider: ProviderId,
    /// Who and when.
    pub stamp: Stamp,
}

/// On whose side something was called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// 要服务的人
    Requester,
    /// 服务方
    Provider,
    /// 中心
    Office,
}

impl Side {
    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Side::Requester => "要服务的人",
            Side::Provider => "服务方",
            Side::Office => "中心",
        }
    }
}

/// Who cancelled and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// On whose side.
    pub side: Side,
    /// Why.
    pub why: String,
    /// Who and when.
    pub stamp: Stamp,
}

/// Handed to another line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Which.
    pub to: Slug,
    /// Why.
    pub why: String,
    /// Who and when.
    pub stamp: Stamp,
    /// Its number there, once told.
    pub reference: Option<String>,
    /// What came back and when.
    pub answer: Option<(Instant, String)>,
}

/// 时钟
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// What it counts.
    pub of: ClockOf,
    /// When it began.
    pub from: Instant,
    /// When it has run out.
    pub due: Instant,
    /// When what it counts happened; or when it stopped to matter.
    pub stopped: Option<Instant>,
    /// 超时 It was noted that it ran out.
    pub missed: bool,
    /// How many times its ladder was climbed whole.
    pub round: u32,
    /// The next rung.
    pub rung: u32,
}

/// Somebody the ladder called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calling {
    /// On which clock.
    pub on: ClockOf,
    /// Who.
    pub who: Whom,
    /// How.
    pub by: Vec<Way>,
    /// Which time round, from 0.
    pub round: u32,
    /// When.
    pub at: Instant,
    /// What came of the telephone call, once somebody wrote it down.
    pub came: Option<(Stamp, String)>,
}

impl Order {
    /// The offer under way: sent and neither declined, lapsed nor withdrawn.
    pub fn offer(&self) -> Option<&Offer> {
        let open = |end: &Option<OfferEnd>| matches!(end, None | Some(OfferEnd::Accepted { .. }));
        self.offers.last().filter(|offer| open(&offer.end))
    }

    /// When the provider in charge accepted.
    pub fn accepted_at(&self) -> Option<Instant> {
        match self.offer()?.end {
            Some(OfferEnd::Accepted { at }) => Some(at),
            _ => None,
        }
    }

    /// A clock that runs.
    pub fn clock(&self, of: ClockOf) -> Option<&Clock> {
        let running = self.clocks.iter().rev();
        running
            .into_iter()
            .find(|c| c.of == of && c.stopped.is_none())
    }

    /// Telephone calls somebody has still to make.
    pub fn calls_to_make(&self) -> impl Iterator<Item = (usize, &Calling)> {
        let open = self.stage.is_open();
        let callings = self.callings.iter().enumerate();
        callings.filter(move |(_, one)| open && one.came.is_none() && one.by.contains(&Way::Call))
    }

    /// Whether it is over, confirmed, costs something (or nobody knows what) and has not
    /// been settled.
    pub fn to_settle(&self) -> bool {
        let costs = self.quote.price().is_none_or(|price| price.fen() > 0);
        let over = self.stage == Stage::Closed && self.confirmed.is_some();
        over && costs && self.settled.is_none()
    }

    /// How long the first human answer took: to an alarm, its answer; to another order,
    /// the first yes of anybody, counted from when it was first sent. Silence that ended
    /// with the clock, and a no, are no answer to whoever rang up.
    pub fn response(&self) -> Option<chrono::TimeDelta> {
        let of = |of| self.clocks.iter().find(|c| c.of == of);
        if let Some(clock) = of(ClockOf::Answer) {
            return Some(clock.stopped? - clock.from);
        }
        let yes = self.offers.iter().find_map(|offer| match offer.end {
            Some(OfferEnd::Accepted { at }) => Some(at),
            _ => None,
        });
        Some(yes? - of(ClockOf::Accept)?.from)
    }
}
