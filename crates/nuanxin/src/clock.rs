//! 「真钟」 The only place that asks the machine for the time.

use kernel::{Clock, Now};
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that goes on from a moment: a story that has been told lives on.
#[derive(Debug)]
pub(crate) struct OnwardClock {
    from: Now,
    /// Days leapt over since.
    days: AtomicI64,
    since: std::time::Instant,
}

impl OnwardClock {
    /// Goes on from there.
    pub(crate) fn from(from: Now) -> Self {
        let since = std::time::Instant::now();
        let days = AtomicI64::new(0);
        OnwardClock { from, days, since }
    }

    /// Leaps over some days: in a demonstration nobody waits for a publicity to end.
    pub(crate) fn leap(&self, days: u16) {
        self.days.fetch_add(days.into(), Ordering::SeqCst);
    }
}

impl Clock for OnwardClock {
    fn now(&self) -> Now {
        let passed = i64::try_from(self.since.elapsed().as_micros()).unwrap_or(i64::MAX);
        let leapt = chrono::TimeDelta::days(self.days.load(Ordering::SeqCst));
        Now {
            at: self.from.at + chrono::TimeDelta::microseconds(passed) + leapt,
        }
    }
}

/// A clock that stands where it was put: a week is told in minutes.
#[derive(Debug)]
pub(crate) struct SteppedClock(std::sync::Mutex<Now>);

impl SteppedClock {
    /// Stands there.
    pub(crate) fn at(now: Now) -> Self {
        SteppedClock(std::sync::Mutex::new(now))
    }

    /// Goes on to a later moment; never back.
    pub(crate) fn go_to(&self, at: kernel::Instant) {
        let mut now = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        now.at = now.at.max(at);
    }
}

impl Clock for SteppedClock {
    fn now(&self) -> Now {
        *self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
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
