//! 「交接链」 Whose hands something is in, from the first to the last: ashes from the hall
//! to the niche. Each link has a giver and a taker, two people, and begins where the one
//! before ended. Absent on purpose: where it lies in a store (that is a booking).

use crate::model::Stamp;
use kernel::{Actor, BookingId, ChainId, Now, PersonId, Refuse};
use serde::{Deserialize, Serialize};

/// Where something is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// A place of ours: hall, store, workshop.
    Place(String),
    /// In a unit, by a booking.
    Kept(BookingId),
    /// With the family.
    Person(PersonId, String),
}

/// 一次交接
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// From where; `None` for the first.
    pub from: Option<Holder>,
    /// To where.
    pub to: Holder,
    /// Who gave it; `None` for the first.
    pub given_by: Option<PersonId>,
    /// Who took it.
    pub taken_by: PersonId,
    /// What was seen: the seal, the state it is in.
    pub note: String,
    /// Who put it on record, and when.
    pub by: Stamp,
}

/// 交接链
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// Its number.
    pub id: ChainId,
    /// What stands on it as a code.
    pub code: String,
    /// What it is, in words.
    pub what: String,
    /// The links, the first first; never empty.
    pub links: Vec<Link>,
    /// It was given back for good.
    pub closed: bool,
}

/// What is asked of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChainCommand {
    /// 接收
    Receive {
        /// A fresh number.
        id: ChainId,
        /// The code put on it.
        code: String,
        /// What it is.
        what: String,
        /// Where it is now.
        to: Holder,
        /// Who took it.
        taken_by: PersonId,
        /// What was seen.
        note: String,
    },
    /// 交接
    HandOver {
        /// The code as it was scanned.
        code: String,
        /// Whose hands it leaves.
        given_by: PersonId,
        /// Who takes it.
        taken_by: PersonId,
        /// Where it goes.
        to: Holder,
        /// What was seen.
        note: String,
        /// It is given back for good.
        last: bool,
    },
}

/// What happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChainEvent {
    /// It was taken in.
    Received(Chain),
    /// It went from hand to hand.
    HandedOver {
        /// How.
        link: Link,
        /// For good.
        last: bool,
    },
}

/// Why it cannot be handed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainRefusal {
    /// The code is not that of this thing.
    #[error("扫到的编码和这一件对不上。请再扫一次，不要手工改")]
    OtherCode,
    /// No code.
    #[error("编码要有 6 到 40 个字母、数字或短横")]
    BadCode,
    /// It was taken in before.
    #[error("这一件已经接收过了")]
    ReceivedAlready,
    /// It was never taken in.
    #[error("这一件还没有接收")]
    NotReceived,
    /// It was given back for good.
    #[error("这一件已经交还，交接链到此为止")]
    Closed,
    /// One person on both sides.
    #[error("交的人和接的人要是两个人")]
    OnePerson,
    /// It is in other hands.
    #[error("现在不在交出的人手里。上一次是别人接的，请由他来交")]
    NotInHand,
    /// Neither giver nor taker puts it on record.
    #[error("要由交的人或者接的人自己登录来记，别人不能代记")]
    NeitherOfThem,
    /// Nobody said what they saw.
    #[error("请写下交接时看到的：封签、外观")]
    NoNote,
    /// The place is not there for such things, or the booking is over.
    #[error("这个预约号不是存放的位子，或者已经结束。请核对预约号")]
    NotAKeepingPlace,
    /// It goes where it is.
    #[error("要去的地方就是现在的地方")]
    SamePlace,
}

impl Refuse for ChainRefusal {
    fn code(&self) -> &'static str {
        match self {
            ChainRefusal::OtherCode => "chain.other_code",
            ChainRefusal::BadCode => "chain.bad_code",
            ChainRefusal::ReceivedAlready => "chain.received_already",
            ChainRefusal::NotReceived => "chain.not_received",
            ChainRefusal::Closed => "chain.closed",
            ChainRefusal::OnePerson => "chain.one_person",
            ChainRefusal::NotInHand => "chain.not_in_hand",
            ChainRefusal::NeitherOfThem => "chain.neither_of_them",
            ChainRefusal::NoNote => "chain.no_note",
            ChainRefusal::NotAKeepingPlace => "chain.not_a_keeping_place",
            ChainRefusal::SamePlace => "chain.same_place",
        }
    }
}

/// Judges one command against the chain; `None` before it was taken in.
///
/// # Errors
/// [`ChainRefusal`].
pub fn decide_chain(
    chain: Option<&Chain>,
    command: ChainCommand,
    actor: &Actor,
    now: Now,
) -> Result<ChainEvent, ChainRefusal> {
    let by = Stamp {
        actor: actor.clone(),
        at: now.at,
    };
    match (chain, command) {
        (Some(_), ChainCommand::Receive { .. }) => Err(ChainRefusal::ReceivedAlready),
        (None, ChainCommand::HandOver { .. }) => Err(ChainRefusal::NotReceived),
        (
            None,
            ChainCommand::Receive {
                id,
                code,
                what,
                to,
                taken_by,
                note,
            },
        ) => {
            if !is_code(&code) {
                return Err(ChainRefusal::BadCode);
            }
            let link = Link {
                from: None,
                to,
                given_by: None,
                taken_by,
                note: seen(note)?,
                by,
            };
            Ok(ChainEvent::Received(Chain {
                id,
                code,
                what,
                links: vec![link],
                closed: false,
            }))
        }
        (
            Some(chain),
            ChainCommand::HandOver {
                code,
                given_by,
                taken_by,
                to,
                note,
                last,
            },
        ) => {
            chain.may_go(&code, given_by, taken_by, &to)?;
            let theirs = [Some(given_by), Some(taken_by)].contains(&actor.person);
            if !theirs {
                return Err(ChainRefusal::NeitherOfThem);
            }
            let link = Link {
                from: chain.links.last().map(|link| link.to.clone()),
                to,
                given_by: Some(given_by),
                taken_by,
                note: seen(note)?,
                by,
            };
            Ok(ChainEvent::HandedOver { link, last })
        }
    }
}

impl Chain {
    /// Where it is now.
    pub fn at(&self) -> Option<&Holder> {
        self.links.last().map(|link| &link.to)
    }

    /// Takes in what happened.
    pub fn apply(&mut self, event: &ChainEvent) {
        match event {
            ChainEvent::Received(chain) => *self = chain.clone(),
            ChainEvent::HandedOver { link, last } => {
                self.links.push(link.clone());
                self.closed = *last;
            }
        }
    }

    fn may_go(
        &self,
        code: &str,
        given_by: PersonId,
        taken_by: PersonId,
        to: &Holder,
    ) -> Result<(), ChainRefusal> {
        if self.closed {
            return Err(ChainRefusal::Closed);
        }
        if self.code != code {
            return Err(ChainRefusal::OtherCode);
        }
        if given_by == taken_by {
            return Err(ChainRefusal::OnePerson);
        }
        let hands = self.links.last().map(|link| link.taken_by);
        if hands != Some(given_by) {
            return Err(ChainRefusal::NotInHand);
        }
        if self.at() == Some(to) {
            return Err(ChainRefusal::SamePlace);
        }
        Ok(())
    }
}

fn is_code(code: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (6..=40).contains(&code.len()) && code.chars().all(fits)
}

fn seen(note: String) -> Result<String, ChainRefusal> {
    if note.trim().is_empty() {
        return Err(ChainRefusal::NoNote);
    }
    Ok(note)
}
