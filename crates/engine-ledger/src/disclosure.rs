//! 「公示」 When a fund's or campaign's money must be shown, and whether it was. The days
//! are a pack's; the source is the Charity Law (see the pack's basis).

use crate::config::Timer;
use kernel::{Date, add_days, months_after};
use serde::{Deserialize, Serialize};

/// What of a campaign decides when it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    /// Its first day.
    pub began: Date,
    /// Its last day, planned or past.
    pub ends: Date,
    /// 突发事件募捐
    pub emergency: bool,
    /// The days on which it was shown, oldest first.
    pub shown: Vec<Date>,
}

/// One day by which it must be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The last day that is in time.
    pub by: Date,
    /// When it was shown; `None`: not yet.
    pub shown: Option<Date>,
    /// The full account after the end.
    pub full: bool,
}

impl Due {
    /// Days late on `today` (or when it was shown); 0: in time.
    pub fn late_days(&self, today: Date) -> i64 {
        let until = self.shown.unwrap_or(today);
        until.signed_duration_since(self.by).num_days().max(0)
    }
}

/// All days by which it must be or had to be shown, up to the first that is not yet met
/// after `today`. Each showing begins the time anew; a showing meets the earliest day open.
pub fn dues(campaign: &Campaign, timer: &Timer, today: Date) -> Vec<Due> {
    let mut all = Vec::new();
    let mut shown = campaign.shown.iter().copied().peekable();
    let mut from = campaign.began;
    if campaign.emergency || runs_long(campaign, timer) {
        // Past the end only the full account is asked for.
        while let Some(by) = next(from, campaign.emergency, timer).filter(|by| *by <= campaign.ends)
        {
            let met = shown.next_if(|day| *day <= campaign.ends);
            all.push(Due {
                by,
                shown: met,
                full: false,
            });
            match met {
                Some(day) => from = day.max(from),
                // Not shown: the next days run on from this one.
                None => from = by,
            }
            if met.is_none() && by > today {
                return all;
            }
            if all.len() > 2_000 {
                break;
            }
        }
    }
    if let Some(by) = later(campaign.ends, timer.end_months) {
        let met = shown.find(|day| *day > campaign.ends);
        all.push(Due {
            by,
            shown: met,
            full: true,
        });
    }
    all
}

/// The first day not met.
pub fn open_due(campaign: &Campaign, timer: &Timer, today: Date) -> Option<Due> {
    let all = dues(campaign, timer, today);
    all.into_iter().find(|due| due.shown.is_none())
}

fn runs_long(campaign: &Campaign, timer: &Timer) -> bool {
    later(campaign.began, timer.long_months).is_some_and(|limit| campaign.ends > limit)
}

fn next(from: Date, emergency: bool, timer: &Timer) -> Option<Date> {
    if emergency {
        add_days(from, timer.emergency_days)
    } else {
        later(from, timer.usual_months)
    }
}

fn later(from: Date, months: u32) -> Option<Date> {
    months_after(from, i32::try_from(months).ok()?)
}
