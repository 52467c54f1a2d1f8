//! 「指标的数」 What is known of one indicator in one place: values as reported and
//! confirmed, every version of them, and the alerts they gave rise to.

use crate::quantity::Quantity;
use kernel::{Actor, Date, Instant, RegionCode, Slug};
use serde::{Deserialize, Serialize};

/// Who did something, when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Instant,
}

/// One indicator in one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// Which indicator.
    pub indicator: Slug,
    /// Which place.
    pub place: RegionCode,
    /// Every value ever reported, in the order it came.
    pub values: Vec<Reported>,
    /// Every alert, in the order it came.
    pub alerts: Vec<Alert>,
}

/// A value as somebody reported it. It never changes; a correction is another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// The day it speaks of.
    pub as_of: Date,
    /// Which version for that day, from 1.
    pub version: u32,
    /// How much.
    pub quantity: Quantity,
    /// Where it was read.
    pub source: String,
    /// Why it corrects an earlier one.
    pub reason: Option<String>,
    /// Who reported it, when.
    pub stamp: Stamp,
    /// Where it stands.
    pub state: ValueState,
}

/// Where a reported value stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueState {
    /// 待核对
    Waiting,
    /// 已核对 By a second person.
    Confirmed(Stamp),
    /// 退回
    SentBack {
        /// Why.
        reason: String,
        /// Who, when.
        stamp: Stamp,
    },
}

/// Something somebody must look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Its number in the series, from 1.
    pub no: u32,
    /// What kind.
    pub kind: AlertKind,
    /// The day of the figure it is about, or from which one is due.
    pub about: Date,
    /// What is wrong, in words.
    pub says: String,
    /// When it was raised.
    pub at: Instant,
    /// What came of it.
    pub closed: Option<Outcome>,
}

/// What kind of alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// 落后
    OffTrack,
    /// 该报没报
    Late,
    /// 变动大
    Jump,
}

impl AlertKind {
    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            AlertKind::OffTrack => "落后",
            AlertKind::Late => "该报没报",
            AlertKind::Jump => "变动大",
        }
    }
}

/// What a person found out and did about an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// In words.
    pub says: String,
    /// Who, when.
    pub stamp: Stamp,
}

/// What happened to a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// 已填报
    Reported(Reported),
    /// 已核对
    Confirmed {
        /// Of which day.
        as_of: Date,
        /// Which version.
        version: u32,
        /// Who, when.
        stamp: Stamp,
    },
    /// 已退回
    SentBack {
        /// Of which day.
        as_of: Date,
        /// Which version.
        version: u32,
        /// Why.
        reason: String,
        /// Who, when.
        stamp: Stamp,
    },
    /// 已提醒
    Raised(Alert),
    /// 已办结
    Closed {
        /// Which alert.
        no: u32,
        /// What came of it.
        outcome: Outcome,
    },
}

impl Series {
    /// A series nothing is known of yet.
    pub fn new(indicator: Slug, place: RegionCode) -> Series {
        Series {
            indicator,
            place,
            values: Vec::new(),
            alerts: Vec::new(),
        }
    }

    /// What the events made of it.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Reported(value) => self.values.push(value.clone()),
            Event::Confirmed {
                as_of,
                version,
                stamp,
            } => self.stands((*as_of, *version), ValueState::Confirmed(stamp.clone())),
            Event::SentBack {
                as_of,
                version,
                reason,
                stamp,
            } => {
                let (reason, stamp) = (reason.clone(), stamp.clone());
                self.stands((*as_of, *version), ValueState::SentBack { reason, stamp });
            }
            Event::Raised(alert) => self.alerts.push(alert.clone()),
            Event::Closed { no, outcome } => {
                if let Some(alert) = self.alerts.iter_mut().find(|one| one.no == *no) {
                    alert.closed = Some(outcome.clone());
                }
            }
        }
    }

    fn stands(&mut self, which: (Date, u32), state: ValueState) {
        let mut values = self.values.iter_mut();
        if let Some(value) = values.find(|one| (one.as_of, one.version) == which) {
            value.state = state;
        }
    }

    /// Of each day the newest confirmed version, oldest day first.
    pub fn confirmed(&self) -> Vec<&Reported> {
        let mut all: Vec<&Reported> = self.values.iter().filter(|one| one.counts()).collect();
        all.sort_by_key(|one| (one.as_of, std::cmp::Reverse(one.version)));
        all.dedup_by_key(|one| one.as_of);
        all
    }

    /// The newest confirmed value that speaks of no later day.
    pub fn on(&self, day: Date) -> Option<&Reported> {
        let mut known = self.confirmed().into_iter();
        known.rfind(|one| one.as_of <= day)
    }

    /// Alerts nobody has closed.
    pub fn open_alerts(&self) -> impl Iterator<Item = &Alert> {
        self.alerts.iter().filter(|one| one.closed.is_none())
    }

    /// Values a second person must look at.
    pub fn waiting(&self) -> impl Iterator<Item = &Reported> {
        let waits = |one: &&Reported| one.state == ValueState::Waiting;
        self.values.iter().filter(waits)
    }
}

impl Reported {
    /// Whether a second person confirmed it.
    pub fn counts(&self) -> bool {
        matches!(self.state, ValueState::Confirmed(_))
    }

    /// The word a person reads.
    pub fn label(&self) -> &'static str {
        match self.state {
            ValueState::Waiting => "待核对",
            ValueState::Confirmed(_) => "已核对",
            ValueState::SentBack { .. } => "已退回",
        }
    }
}
