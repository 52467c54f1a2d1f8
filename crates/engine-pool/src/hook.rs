//! 「推送」 Telling a party what happened: when its address may be asked, what its answer
//! means, how long is waited after a silence, and who stopped it. After the CloudEvents
//! web hooks (HTTP 1.1 Web Hooks for Event Delivery 1.0.2): nothing is sent before the
//! address said it wants it, and no faster than it said. Absent: HTTP, the events
//! themselves, and addresses nobody wrote down.

use chrono::TimeDelta;
use kernel::{Actor, Instant, Now};
use serde::{Deserialize, Serialize};

/// The first wait after a silence, seconds; doubled with every further one.
const WAIT_SECONDS: i64 = 15;
/// The longest wait we choose ourselves.
const WAIT_MAX_SECONDS: i64 = 3_600;
/// The longest wait an address may ask for.
const ASKED_WAIT_MAX_SECONDS: i64 = 86_400;
/// A consent is asked for anew after so long.
const CONSENT_DAYS: i64 = 7;
/// How many a minute are asked for, and sent where no limit was named.
pub const PER_MINUTE: u32 = 600;
/// So many turns are remembered.
pub const PAST_MAX: usize = 20;

/// An address that is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    /// Where, as the operator wrote it down.
    pub url: String,
    /// In whose name it was asked.
    pub origin: String,
    /// Its consent.
    pub consent: Option<Consent>,
    /// Who stopped it.
    pub stopped: Option<Stopped>,
    /// Not before.
    pub wait_until: Option<Instant>,
    /// Why it waits, in words.
    pub why: Option<String>,
    /// Silences in a row.
    pub silences: u32,
    /// The running minute and how many were sent in it.
    pub minute: Option<(Instant, u32)>,
    /// Taken in all.
    pub taken: u64,
    /// When one was taken last.
    pub last: Option<Instant>,
    /// What did not go well, the newest last.
    pub past: Vec<Trouble>,
}

/// 同意接收
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// When.
    pub at: Instant,
    /// How many a minute; `None`: as many as we like.
    pub per_minute: Option<u32>,
}

/// 停发
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    /// A person stopped it; what happens meanwhile waits.
    ByPerson {
        /// Who.
        by: Actor,
        /// Why.
        why: String,
        /// When.
        at: Instant,
    },
    /// The address says it is gone for good (410); what happens is not kept for it.
    Gone {
        /// When.
        at: Instant,
    },
    /// The operator took it off the list; what happens is not kept for it.
    Unlisted {
        /// When.
        at: Instant,
    },
}

/// What did not go well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// When.
    pub at: Instant,
    /// What.
    pub says: String,
}

/// What an address answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// 2xx.
    Taken,
    /// 429, 503: later, seconds where it said so.
    Later(Option<i64>),
    /// 410.
    Gone,
    /// Another status: this event is not taken.
    NotTaken(u16),
    /// Nothing.
    Silent(String),
}

impl Heard {
    /// From an HTTP status. A redirect is not followed: it counts as not taken.
    pub fn of(status: u16, retry_after_seconds: Option<i64>) -> Heard {
        match status {
            200..=299 => Heard::Taken,
            410 => Heard::Gone,
            429 | 503 => Heard::Later(retry_after_seconds),
            other => Heard::NotTaken(other),
        }
    }
}

/// What is to be done with an address now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nothing.
    Rest,
    /// Its consent is asked for.
    AskConsent,
    /// So many may be sent.
    Send(u32),
}

/// What is to be done with the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It is told.
    Done,
    /// It counts as a failed attempt.
    Failed,
    /// It waits, uncounted, until then.
    PutBack(Instant),
}

/// What an address answered to being asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consented {
    /// Yes: how many a minute (`None`: any).
    Yes(Option<u32>),
    /// It answered without a yes for us.
    No,
    /// Nothing.
    Silent(String),
}

impl Consented {
    /// From the headers of its answer: a status says nothing.
    pub fn of(origin: &str, allowed_origin: Option<&str>, allowed_rate: Option<&str>) -> Consented {
        let ours = allowed_origin
            .map(str::trim)
            .is_some_and(|one| one == "*" || one.eq_ignore_ascii_case(origin));
        match (ours, allowed_rate.map(str::trim)) {
            (true, Some("*")) => Consented::Yes(None),
            // We asked for a rate: without one in the answer there is no consent.
            (true, Some(rate)) => match rate.parse::<u32>() {
                Ok(rate) if rate > 0 => Consented::Yes(Some(rate)),
                _ => Consented::No,
            },
            _ => Consented::No,
        }
    }
}

impl Hook {
    /// Whether what happens is kept for it.
    pub fn is_open(&self) -> bool {
        !matches!(
            self.stopped,
            Some(Stopped::Gone { .. } | Stopped::Unlisted { .. })
        )
    }

    /// The operator's list names it: a new address is asked anew, one that was off the
    /// list is on it again.
    pub fn listed(&mut self, url: &str, origin: &str) {
        if self.url != url || self.origin != origin {
            (self.url, self.origin) = (url.to_owned(), origin.to_owned());
            (self.consent, self.wait_until, self.why) = (None, None, None);
            self.silences = 0;
            self.stopped = self
                .stopped
                .take()
                .filter(|one| !matches!(one, Stopped::Gone { .. }));
        }
        if matches!(self.stopped, Some(Stopped::Unlisted { .. })) {
            self.stopped = None;
        }
    }

    /// What is to be done now.
    pub fn turn(&self, now: Now) -> Turn {
        if self.stopped.is_some() || self.wait_until.is_some_and(|until| now.at < until) {
            return Turn::Rest;
        }
        let lasts = TimeDelta::days(CONSENT_DAYS);
        let Some(consent) = self.consent.filter(|one| now.at < one.at + lasts) else {
            return Turn::AskConsent;
        };
        let most = consent.per_minute.unwrap_or(PER_MINUTE).min(PER_MINUTE);
        let sent = self
            .minute
            .filter(|(from, _)| now.at < *from + TimeDelta::minutes(1));
        match most.saturating_sub(sent.map_or(0, |(_, sent)| sent)) {
            0 => Turn::Rest,
            room => Turn::Send(room),
        }
    }

    /// It was asked for its consent.
    pub fn consented(&mut self, answer: Consented, now: Now) {
        match answer {
            Consented::Yes(per_minute) => {
                let at = now.at;
                self.consent = Some(Consent { at, per_minute });
                (self.wait_until, self.why, self.silences) = (None, None, 0);
            }
            Consented::No => self.waits("对方没有同意接收".to_owned(), now),
            Consented::Silent(why) => self.waits(why, now),
        }
    }

    /// It answered to an event.
    pub fn heard(&mut self, answer: &Heard, now: Now) -> Then {
        self.count(now);
        match answer {
            Heard::Taken => {
                self.taken += 1;
                self.last = Some(now.at);
                (self.wait_until, self.why, self.silences) = (None, None, 0);
                Then::Done
            }
            Heard::Later(seconds) => {
                let asked = seconds.map(|one| one.clamp(1, ASKED_WAIT_MAX_SECONDS));
                let until = now.at + TimeDelta::seconds(asked.unwrap_or(WAIT_SECONDS * 4));
                let why = "对方说太快了，等一会儿再发";
                self.remember(why.to_owned(), now);
                (self.wait_until, self.why) = (Some(until), Some(why.to_owned()));
                Then::PutBack(until)
            }
            Heard::Gone => {
                self.remember("对方说这个地址不用了".to_owned(), now);
                self.stopped = Some(Stopped::Gone { at: now.at });
                Then::PutBack(now.at)
            }
            Heard::NotTaken(status) => {
                self.remember(format!("对方没收下（HTTP {status}）"), now);
                Then::Failed
            }
            Heard::Silent(why) => {
                self.waits(why.clone(), now);
                Then::Failed
            }
        }
    }

    fn count(&mut self, now: Now) {
        let running = self
            .minute
            .filter(|(from, _)| now.at < *from + TimeDelta::minutes(1));
        let (from, sent) = running.unwrap_or((now.at, 0));
        self.minute = Some((from, sent + 1));
    }

    fn waits(&mut self, why: String, now: Now) {
        let seconds = (WAIT_SECONDS << self.silences.min(16)).min(WAIT_MAX_SECONDS);
        self.silences += 1;
        self.wait_until = Some(now.at + TimeDelta::seconds(seconds));
        self.remember(why.clone(), now);
        self.why = Some(why);
    }

    fn remember(&mut self, says: String, now: Now) {
        self.past.push(Trouble { at: now.at, says });
        let over = self.past.len().saturating_sub(PAST_MAX);
        self.past.drain(..over);
    }
}
