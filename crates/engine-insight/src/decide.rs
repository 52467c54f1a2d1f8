//! 「指标的动作」 Report, confirm, send back, raise, close.

use crate::config::{Indicator, Source};
use crate::model::{Alert, AlertKind, Event, Outcome, Reported, Series, Stamp, ValueState};
use crate::quantity::Quantity;
use crate::refusal::Refusal;
use kernel::{Actor, Date, Now};
use serde::{Deserialize, Serialize};

/// What is asked of a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "command")]
pub enum Command {
    /// 填报
    Report {
        /// The day it speaks of.
        as_of: Date,
        /// How much.
        quantity: Quantity,
        /// Where it was read.
        source: String,
        /// Why it corrects what stands for that day.
        reason: Option<String>,
    },
    /// 核对
    Confirm {
        /// Of which day.
        as_of: Date,
        /// Which version.
        version: u32,
    },
    /// 退回
    SendBack {
        /// Of which day.
        as_of: Date,
        /// Which version.
        version: u32,
        /// Why.
        reason: String,
    },
    /// 提醒 Raised by the house itself.
    Raise {
        /// What kind.
        kind: AlertKind,
        /// About the figure of which day.
        about: Date,
        /// In words.
        says: String,
    },
    /// 办结
    Close {
        /// Which alert.
        no: u32,
        /// What came of it.
        says: String,
    },
}

/// What follows from a command.
///
/// # Errors
/// Every [`Refusal`] but those of reports.
pub fn decide(
    series: &Series,
    command: Command,
    by: &Actor,
    indicator: &Indicator,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let stamp = Stamp {
        by: by.clone(),
        at: now.at,
    };
    let raises = matches!(command, Command::Raise { .. });
    if !raises && (by.person.is_none() || !by.role.is_human()) {
        return Err(Refusal::NotAPerson);
    }
    let event = match command {
        Command::Report {
            as_of,
            quantity,
            source,
            reason,
        } => {
            if !matches!(indicator.source, Source::Reported { .. }) {
                return Err(Refusal::NotReported);
            }
            if as_of > now.today() {
                return Err(Refusal::Future(as_of));
            }
            report(series, (as_of, quantity), (source, reason), stamp)?
        }
        Command::Confirm { as_of, version } => {
            waiting(series, (as_of, version), by)?;
            Event::Confirmed {
                as_of,
                version,
                stamp,
            }
        }
        Command::SendBack {
            as_of,
            version,
            reason,
        } => {
            waiting(series, (as_of, version), by)?;
            let reason = words(reason).ok_or(Refusal::NoWords)?;
            Event::SentBack {
                as_of,
                version,
                reason,
                stamp,
            }
        }
        Command::Raise { kind, about, says } => {
            let mut alerts = series.alerts.iter();
            if alerts.any(|one| (one.kind, one.about) == (kind, about)) {
                return Err(Refusal::RaisedAlready);
            }
            let no = u32::try_from(series.alerts.len()).unwrap_or(u32::MAX);
            Event::Raised(Alert {
                no: no.saturating_add(1),
                kind,
                about,
                says,
                at: now.at,
                closed: None,
            })
        }
        Command::Close { no, says } => {
            let mut alerts = series.alerts.iter();
            let alert = alerts.find(|one| one.no == no);
            let alert = alert.ok_or(Refusal::NoSuchAlert)?;
            if alert.closed.is_some() {
                return Err(Refusal::ClosedAlready);
            }
            let says = words(says).ok_or(Refusal::NoOutcome)?;
            let outcome = Outcome { says, stamp };
            Event::Closed { no, outcome }
        }
    };
    Ok(vec![event])
}

/// A value beside those that are there.
fn report(
    series: &Series,
    (as_of, quantity): (Date, Quantity),
    (source, reason): (String, Option<String>),
    stamp: Stamp,
) -> Result<Event, Refusal> {
    let source = words(source).ok_or(Refusal::NoSource)?;
    if quantity < Quantity(0) {
        return Err(Refusal::Negative);
    }
    let mut of_day = series.values.iter().filter(|one| one.as_of == as_of);
    if of_day.clone().any(|one| one.state == ValueState::Waiting) {
        return Err(Refusal::WaitsAlready(as_of));
    }
    let stands = series.on(as_of).filter(|one| one.as_of == as_of);
    let reason = reason.and_then(words);
    match stands {
        Some(one) if one.quantity == quantity && one.source == source => {
            return Err(Refusal::Same);
        }
        Some(_) if reason.is_none() => return Err(Refusal::NoReason(as_of)),
        _ => {}
    }
    let last = of_day.next_back().map_or(0, |one| one.version);
    Ok(Event::Reported(Reported {
        as_of,
        version: last.saturating_add(1),
        quantity,
        source,
        reason,
        stamp,
        state: ValueState::Waiting,
    }))
}

/// The value waits, and for somebody else than who reported it.
fn waiting(series: &Series, which: (Date, u32), by: &Actor) -> Result<(), Refusal> {
    let mut values = series.values.iter();
    let value = values.find(|one| (one.as_of, one.version) == which);
    let value = value.ok_or(Refusal::NoSuchValue)?;
    match value.state {
        ValueState::Waiting if value.stamp.by.person == by.person => Err(Refusal::SamePerson),
        ValueState::Waiting => Ok(()),
        _ => Err(Refusal::NotWaiting),
    }
}

fn words(text: String) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
