//! 「拉取」 Data fetched page by page: when it is time, what a page means for the pages
//! before it, how long is waited after a silence. A department that changes its mind
//! between two pages makes the pull begin anew; half of one edition and half of another
//! are never put together. Absent: HTTP, SQL and the pages themselves.

use chrono::TimeDelta;
use kernel::{DataBatchId, Date, Instant, Now};
use serde::{Deserialize, Serialize};

/// The first wait after a silence, seconds; doubled with every further one.
const WAIT_SECONDS: i64 = 30;
/// So many ended attempts are remembered.
pub const PAST_MAX: usize = 20;
/// So often a pull begins anew at once; then it waits as after a silence.
const ANEW_MAX: u32 = 3;

/// How a category is pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rhythm {
    /// Rows asked for at a time.
    pub page_rows: u32,
    /// Minutes from the end of a pull to the next one.
    pub every_minutes: u32,
}

/// What every page of a pull says of the whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// The department's own mark of its state: another mark, other data.
    pub mark: String,
    /// The day it speaks of.
    pub as_of: Date,
    /// Rows of all pages together.
    pub rows: u64,
}

/// A page as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageHeard {
    /// Of which edition.
    pub edition: Edition,
    /// Its rows.
    pub rows: u64,
    /// Its bytes.
    pub bytes: u64,
    /// Whether none comes after it.
    pub last: bool,
    /// How long it took, milliseconds.
    pub took_ms: u64,
}

/// Where a pull stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// What is under way.
    #[serde(default)]
    pub under_way: Option<UnderWay>,
    /// Silences since the last page that came.
    #[serde(default)]
    pub silences: u32,
    /// Not before.
    #[serde(default)]
    pub wait_until: Option<Instant>,
    /// Why it waits, in words.
    #[serde(default)]
    pub why: Option<String>,
    /// How attempts ended, the newest last.
    #[serde(default)]
    pub past: Vec<Attempt>,
}

/// A pull that has begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnderWay {
    /// Of which edition.
    pub edition: Edition,
    /// Pages that are here.
    pub pages: u32,
    /// Their rows.
    pub rows: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Whether all are here.
    pub whole: bool,
    /// How often it began anew.
    pub anew: u32,
    /// Silences on the way.
    pub silences: u32,
    /// The slowest page, milliseconds.
    pub slowest_ms: u64,
    /// When it began.
    pub began: Instant,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it began.
    pub began: Instant,
    /// When it ended.
    pub ended: Instant,
    /// The day its data speaks of.
    pub as_of: Option<Date>,
    /// Pages.
    pub pages: u32,
    /// Rows.
    pub rows: u64,
    /// Rows that came twice, word for word; kept once.
    pub doubled: u64,
    /// How often it began anew.
    pub anew: u32,
    /// Silences on the way.
    pub silences: u32,
    /// The slowest page, milliseconds.
    pub slowest_ms: u64,
    /// What became of it.
    pub end: PullEnd,
}

/// What became of a pull.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PullEnd {
    /// 收下了
    Taken {
        /// Its delivery.
        batch: DataBatchId,
        /// Rows taken.
        taken: u64,
        /// Rows set back.
        set_back: u64,
    },
    /// 和上次一样
    Same {
        /// The delivery that brought the same bytes.
        batch: DataBatchId,
    },
    /// 退回: the gate took none of it.
    Refused {
        /// Why.
        why: String,
    },
    /// 没拉成: no page, or no page that can be believed.
    Silent {
        /// Why.
        why: String,
    },
}

/// What comes after a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Keep it and ask for the next one.
    More,
    /// Keep it; all are here.
    Whole,
    /// Another edition: the pages so far count for nothing, the first one is asked for.
    Anew,
}

impl Pull {
    /// Whether something is to be asked for now. `done`: when the last pull ended.
    pub fn is_due(&self, done: Option<Instant>, rhythm: &Rhythm, now: Now) -> bool {
        if self.wait_until.is_some_and(|until| now.at < until) {
            return false;
        }
        let every = TimeDelta::minutes(i64::from(rhythm.every_minutes));
        self.under_way.is_some() || self.why.is_some() || done.is_none_or(|at| at + every <= now.at)
    }

    /// Whether all pages are here.
    pub fn is_whole(&self) -> bool {
        self.under_way.as_ref().is_some_and(|one| one.whole)
    }

    /// Folds a page in.
    pub fn heard(&mut self, page: &PageHeard, now: Now) -> Next {
        let silences = std::mem::take(&mut self.silences);
        (self.wait_until, self.why) = (None, None);
        let mut one = match self.under_way.take() {
            Some(one) if one.edition == page.edition => one,
            // Not the first page: its edition may have begun long before.
            Some(one) => {
                self.under_way = Some(UnderWay {
                    edition: page.edition.clone(),
                    pages: 0,
                    rows: 0,
                    bytes: 0,
                    whole: false,
                    anew: one.anew + 1,
                    ..one
                });
                return Next::Anew;
            }
            None => UnderWay {
                edition: page.edition.clone(),
                pages: 0,
                rows: 0,
                bytes: 0,
                whole: false,
                anew: 0,
                silences: 0,
                slowest_ms: 0,
                began: now.at,
            },
        };
        one.silences += silences;
        one.pages += 1;
        one.rows += page.rows;
        one.bytes += page.bytes;
        one.slowest_ms = one.slowest_ms.max(page.took_ms);
        one.whole = page.last;
        self.under_way = Some(one);
        match page.last {
            true => Next::Whole,
            false => Next::More,
        }
    }

    /// Whether it has begun anew so often that it must wait.
    pub fn is_restless(&self) -> bool {
        self.under_way
            .as_ref()
            .is_some_and(|one| one.anew > ANEW_MAX)
    }

    /// Nothing came, or nothing to be believed: waits longer each time, never longer
    /// than its rhythm. What is here stays here.
    pub fn silent(&mut self, why: String, rhythm: &Rhythm, now: Now) {
        let doubled = WAIT_SECONDS << self.silences.min(16);
        let most = i64::from(rhythm.every_minutes.max(1)) * 60;
        self.silences += 1;
        self.wait_until = Some(now.at + TimeDelta::seconds(doubled.min(most)));
        self.why = Some(why.clone());
        let (began, one) = (now.at, self.under_way.as_ref());
        let attempt = Attempt {
            began,
            ended: now.at,
            as_of: one.map(|one| one.edition.as_of),
            pages: one.map_or(0, |one| one.pages),
            rows: one.map_or(0, |one| one.rows),
            doubled: 0,
            anew: one.map_or(0, |one| one.anew),
            silences: self.silences,
            slowest_ms: 0,
            end: PullEnd::Silent { why },
        };
        self.remember(attempt);
    }

    /// The pages so far count for nothing: what they say of the whole is not so.
    pub fn drop_pages(&mut self) {
        self.under_way = None;
    }

    /// The gate has judged it.
    pub fn ended(&mut self, end: PullEnd, doubled: u64, now: Now) {
        (self.wait_until, self.why, self.silences) = (None, None, 0);
        if let Some(one) = self.under_way.take() {
            self.remember(Attempt {
                began: one.began,
                ended: now.at,
                as_of: Some(one.edition.as_of),
                pages: one.pages,
                rows: one.rows,
                doubled,
                anew: one.anew,
                silences: one.silences,
                slowest_ms: one.slowest_ms,
                end,
            });
        }
    }

    fn remember(&mut self, attempt: Attempt) {
        self.past.push(attempt);
        let over = self.past.len().saturating_sub(PAST_MAX);
        self.past.drain(..over);
    }
}
