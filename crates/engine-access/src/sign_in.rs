//! 「登录」 How often a password may be wrong and how long a session lives. The
//! secrets themselves are app's; absent on purpose: a lock that lasts for ever,
//! because whoever knows a login could then shut its owner out.

use crate::refusal::Refusal;
use chrono::TimeDelta;
use kernel::{Instant, Now, Role};
use serde::{Deserialize, Serialize};

/// Wrong attempts that cost nothing.
const FREE: u32 = 5;
/// The longest a login is locked, minutes (trust.md §1).
const LOCK_MINUTES_MAX: i64 = 15;
/// 提级验证 How long a proof of identity is fresh enough to unmask, export,
/// approve or pay, minutes.
const PROVED_MINUTES: i64 = 10;
/// A session ends after so many hours whatever happens in it.
const SESSION_HOURS_MAX: i64 = 12;

/// Wrong attempts at one login.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// In a row.
    pub failures: u32,
    /// Nobody may try before.
    pub locked_until: Option<Instant>,
}

impl Attempts {
    /// Whether somebody may try now.
    ///
    /// # Errors
    /// [`Refusal::Locked`] with the minutes left.
    pub fn may_try(&self, now: Now) -> Result<(), Refusal> {
        match self.locked_until {
            Some(until) if now.at < until => {
                let left = (until - now.at).num_seconds();
                Err(Refusal::Locked(left.div_euclid(60) + 1))
            }
            _ => Ok(()),
        }
    }

    /// After a wrong attempt: each beyond the free ones doubles the wait.
    #[must_use]
    pub fn after_failure(self, now: Now) -> Attempts {
        let failures = self.failures.saturating_add(1);
        let beyond = failures.saturating_sub(FREE);
        let minutes = match beyond {
            0 => 0,
            _ => (1_i64 << (beyond - 1).min(8)).min(LOCK_MINUTES_MAX),
        };
        let locked_until = (minutes > 0).then(|| now.at + TimeDelta::minutes(minutes));
        Attempts {
            failures,
            locked_until,
        }
    }
}

/// The times of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionTimes {
    /// Signed in.
    pub begun: Instant,
    /// Last used.
    pub seen: Instant,
    /// Last proved who they are (at sign-in, or again).
    pub proved: Instant,
}

impl SessionTimes {
    /// A session that begins now.
    pub fn begin(now: Now) -> SessionTimes {
        SessionTimes {
            begun: now.at,
            seen: now.at,
            proved: now.at,
        }
    }

    /// A session begun on another house's word: what must not be done by whoever
    /// finds a screen open needs a proof of our own first.
    pub fn begin_unproved(now: Now) -> SessionTimes {
        SessionTimes {
            proved: now.at - TimeDelta::minutes(PROVED_MINUTES + 1),
            ..SessionTimes::begin(now)
        }
    }

    /// Whether it still lives: staff leave a desk, residents a phone.
    pub fn lives(&self, role: Role, now: Now) -> bool {
        let idle = match role {
            Role::Citizen | Role::Agent => TimeDelta::hours(2),
            _ => TimeDelta::minutes(30),
        };
        now.at - self.seen <= idle && now.at - self.begun <= TimeDelta::hours(SESSION_HOURS_MAX)
    }

    /// Whether the last proof is fresh enough for what must not be done by
    /// whoever finds a screen open.
    pub fn is_proved(&self, now: Now) -> bool {
        now.at - self.proved <= TimeDelta::minutes(PROVED_MINUTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Now {
        let start: Instant = "2026-09-01T01:00:00Z".parse().unwrap();
        Now {
            at: start + TimeDelta::minutes(minute),
        }
    }

    #[test]
    fn a_thousand_wrong_attempts_lock_the_owner_out_for_a_quarter_of_an_hour_at_most() {
        let mut attempts = Attempts::default();
        for _ in 0..FREE {
            attempts = attempts.after_failure(at(0));
            assert_eq!(attempts.may_try(at(0)), Ok(()));
        }
        for _ in 0..1_000 {
            attempts = attempts.after_failure(at(0));
            assert!(attempts.may_try(at(0)).is_err());
            assert_eq!(attempts.may_try(at(LOCK_MINUTES_MAX)), Ok(()));
        }
    }

    #[test]
    fn sessions_end_when_left_and_after_a_working_day() {
        let times = SessionTimes::begin(at(0));
        assert!(times.lives(Role::TownOfficer, at(30)));
        assert!(!times.lives(Role::TownOfficer, at(31)));
        assert!(times.lives(Role::Citizen, at(120)));
        assert!(!times.lives(Role::Citizen, at(121)));
        let used = SessionTimes {
            seen: at(12 * 60 + 1).at,
            ..times
        };
        assert!(!used.lives(Role::TownOfficer, at(12 * 60 + 1)));
        assert!(times.is_proved(at(10)) && !times.is_proved(at(11)));
        let elsewhere = SessionTimes::begin_unproved(at(0));
        assert!(elsewhere.lives(Role::TownOfficer, at(30)) && !elsewhere.is_proved(at(0)));
    }
}
