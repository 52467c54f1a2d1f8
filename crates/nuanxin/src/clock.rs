//! 「真钟」 The only place that asks the machine for the time.

use kernel::{Clock, Now};

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
