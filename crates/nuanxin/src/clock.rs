//! 「真钟」 The only place that asks the machine for the time.

use kernel::{Clock, Now};

/// A clock that goes on from a moment: a story that has been told lives on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OnwardClock {
    from: Now,
    since: std::time::Instant,
}

impl OnwardClock {
    /// Goes on from there.
    pub(crate) fn from(from: Now) -> Self {
        let since = std::time::Instant::now();
        OnwardClock { from, since }
    }
}

impl Clock for OnwardClock {
    fn now(&self) -> Now {
        let passed = i64::try_from(self.since.elapsed().as_micros()).unwrap_or(i64::MAX);
        Now {
            at: self.from.at + chrono::TimeDelta::microseconds(passed),
        }
    }
}

/// The machine's clock, to the microsecond (what both databases hold).
#[derive(Clone, Copy, Debug)]
pub(crate) struct WallClock;

impl Clock for WallClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that owns the wall clock"
    )]
    fn now(&self) -> Now {
        let now = chrono::Utc::now();
        Now {
            at: chrono::DurationRound::duration_trunc(now, chrono::TimeDelta::microseconds(1))
                .unwrap_or(now),
        }
    }
}
