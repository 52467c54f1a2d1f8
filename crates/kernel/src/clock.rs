//! 「时钟」 Time is a parameter. Engines take a [`Now`]; only the outermost rooms
//! own a [`Clock`].

use crate::{Date, Instant};
use chrono::FixedOffset;

/// The moment of an action and its calendar day in Asia/Shanghai.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now {
    /// The moment.
    pub at: Instant,
}

impl Now {
    /// The calendar day in China (UTC+8, no summer time since 1991).
    pub fn today(self) -> Date {
        FixedOffset::east_opt(8 * 3600).map_or_else(
            || self.at.date_naive(),
            |east| self.at.with_timezone(&east).date_naive(),
        )
    }
}

/// Tells the time. The only way to it.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Now;
}

/// A clock that stands still: tests and replays.
#[derive(Clone, Copy, Debug)]
pub struct FixedClock(pub Now);

impl Clock for FixedClock {
    fn now(&self) -> Now {
        self.0
    }
}
