//! 「节奏」 How often somebody may do what would help a thief when done fast. Counted
//! for the account (or what stands for it), never for an office's address: who goes
//! too fast waits alone. Kept in memory: a restart forgives, and each node counts
//! for itself.

use kernel::{Instant, Now};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Limit {
    /// 登录 Per account typed.
    SignIn,
    /// 看遮住的内容 Per person (trust.md: at most 30 an hour).
    Unmask,
    /// 查找 Per person.
    Search,
    /// 全息查询 Per person (trust.md: at most 30 an hour).
    Holo,
    /// 没登录的人：去登录、验纸 Per address: nobody is signed in.
    Visitor,
    /// 接口 Per token.
    Api,
    /// 记下太快 Per person: so often it is put on record that somebody was stopped.
    TooFast,
    /// 送数据 Per address: who it is, is only known once the head is read.
    Push,
    /// 数据服务 Per party, as it calls itself.
    Ask,
}

impl Limit {
    /// How many at once, and how long one takes to be forgiven, milliseconds.
    fn allows(self) -> (i64, i64) {
        match self {
            Limit::SignIn => (10, 6_000),
            Limit::Unmask => (30, 120_000),
            Limit::Search => (60, 1_000),
            Limit::Holo => (30, 120_000),
            Limit::Visitor => (30, 2_000),
            Limit::Api => (120, 500),
            Limit::TooFast => (1, 60_000),
            Limit::Push => (240, 250),
            Limit::Ask => (60, 500),
        }
    }

    /// What the person hears, before how long to wait.
    pub(crate) fn says(self) -> &'static str {
        match self {
            Limit::SignIn => "这个账号登录得太快了",
            Limit::Unmask => "您看的遮住内容太多了",
            Limit::Search => "您查得太快了",
            Limit::Holo => "您查人查得太多了",
            Limit::Visitor => "这个地方来得太快了",
            Limit::Api => "这个令牌用得太快了",
            Limit::TooFast | Limit::Push => "送得太快了",
            Limit::Ask => "您问得太快了",
        }
    }
}

/// Whoever is counted → when all they did will be forgiven (the GCRA algorithm).
#[derive(Debug, Default)]
pub(crate) struct Pace {
    until: Mutex<HashMap<(Limit, [u8; 16]), Instant>>,
}

/// Beyond so many the forgiven are swept out.
const SWEEP_AT: usize = 10_000;

impl Pace {
    /// One more of `who`: `Err` gives the seconds to wait.
    pub(crate) fn ask(&self, limit: Limit, who: &str, now: Now) -> Result<(), i64> {
        let mut key = [0_u8; 16];
        key.copy_from_slice(Sha256::digest(who).split_at(16).0);
        let (burst, each) = limit.allows();
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.len() > SWEEP_AT {
            until.retain(|_, forgiven| *forgiven > now.at);
        }
        let each = chrono::TimeDelta::milliseconds(each);
        let forgiven = until.get(&(limit, key)).copied();
        let next = forgiven.unwrap_or(now.at).max(now.at) + each;
        let over = next - now.at - each * i32::try_from(burst).unwrap_or(i32::MAX);
        if over > chrono::TimeDelta::zero() {
            return Err((over.num_milliseconds() + 999).div_euclid(1_000));
        }
        until.insert((limit, key), next);
        Ok(())
    }
}

/// `5 秒`, `2 分钟`.
pub(crate) fn wait_words(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} 秒"),
        _ => format!("{} 分钟", (seconds + 59).div_euclid(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Now {
        let start: Instant = "2026-09-01T01:00:00Z".parse().unwrap();
        Now {
            at: start + chrono::TimeDelta::seconds(second),
        }
    }

    #[test]
    fn who_goes_too_fast_waits_alone_and_is_forgiven() {
        let pace = Pace::default();
        for _ in 0..30 {
            assert_eq!(pace.ask(Limit::Unmask, "one", at(0)), Ok(()));
        }
        assert_eq!(pace.ask(Limit::Unmask, "one", at(0)), Err(120));
        // Being refused costs nothing more, others and other limits are free.
        assert_eq!(pace.ask(Limit::Unmask, "one", at(60)), Err(60));
        assert_eq!(pace.ask(Limit::Unmask, "two", at(0)), Ok(()));
        assert_eq!(pace.ask(Limit::Search, "one", at(0)), Ok(()));
        assert_eq!(pace.ask(Limit::Unmask, "one", at(120)), Ok(()));
        assert_eq!(pace.ask(Limit::Unmask, "one", at(120)), Err(120));
    }

    #[test]
    fn waiting_is_said_in_words() {
        assert_eq!(wait_words(5), "5 秒");
        assert_eq!(wait_words(61), "2 分钟");
    }
}
