//! 「热线的一周」 `nuanxin bench order --week`: as many calls as the source counts in a week
//! (91,928 a year), with rush hours, told in minutes: taken down, sent, accepted or not,
//! done, confirmed, rated; some called off, some handed to the other hotline and back, some
//! come from it. The clock goes from one thing that happens to the next, and every ladder
//! and every clock in between is looked at when it is due. In the end what the house counts
//! (看数, each number's orders, the cockpit's target) must be what happened, told apart from
//! it by this program. How people behave here is invented ([`script`]).

mod agree;
mod script;
mod tell;

use super::house::{by, hire};
use super::order::{COUNTY, OPERATOR, hotline, partner};
use super::{kind, open_empty, settings};
use crate::clock::SteppedClock;
use crate::ending::{Failure, Outcome};
use crate::options::BenchOrderOptions;
use crate::say;
use app::{App, Law};
use engine_access::{Holder, Purpose};
use kernel::{Now, PersonId, RegionCode, Role};
use script::Call;
use std::sync::Arc;
use std::time::Instant as Stopwatch;
use tell::Telling;

/// Who looks at figures.
const LEADER: i64 = 5;
/// The first caller.
const CALLERS: i64 = 100_000;

pub(super) async fn week(options: &BenchOrderOptions, url: &str) -> Outcome {
    let law = Law::new(super::super::load(&options.pack)?);
    let db = open_empty(url, &settings()?).await?;
    let midnight = options.day.and_hms_opt(0, 0, 0).map(|day| day.and_utc());
    let midnight = midnight.ok_or_else(|| Failure::BadInput("没有这一天".to_owned()))?;
    // The day begins eight hours before it does in Greenwich.
    let begins = midnight - chrono::TimeDelta::hours(8);
    let clock = Arc::new(SteppedClock::at(Now { at: begins }));
    let app = App::new(db.clone(), law, clock.clone());
    let head = app.law().pack.region();
    let region = head.ok_or_else(|| Failure::BadInput("政策包没有区划".to_owned()))?;
    let ty = hotline(&app)?;
    let villages: Vec<RegionCode> = app.villages(region).iter().map(|one| one.0).collect();
    let people = [
        (Holder::Person(PersonId(OPERATOR)), Role::AlarmOperator),
        (Holder::Person(PersonId(COUNTY)), Role::CountyApprover),
        (Holder::Person(PersonId(LEADER)), Role::Leader),
    ];
    let mut hands: Vec<(Holder, Role)> = people.to_vec();
    for nth in 0..options.providers {
        let new = partner(nth, &ty, (region, &villages), options)?;
        hands.push((Holder::Person(new.person), Role::Provider));
    }
    hire(&app, region, options.day, &hands).await?;
    for nth in 0..options.providers {
        let new = partner(nth, &ty, (region, &villages), options)?;
        let ctx = by(
            COUNTY,
            Role::CountyApprover,
            Purpose::Duty,
            format!("partner/{nth}"),
        );
        app.add_provider(&ctx, new).await?;
    }
    let calls = script::calls(options, &ty, &villages, begins);
    let begun = Stopwatch::now();
    let telling = Telling::new(&app, &clock, &ty, calls);
    let told = telling.all().await?;
    let took = begun.elapsed();
    rush(&told, begins);
    say!("  {} 在 {} 秒里过完", kind(url), took.as_secs());
    let held = agree::agree(&app, &ty, region, (begins, &clock), &told).await;
    db.close().await;
    held
}

/// How the week went by the hour.
fn rush(told: &[Call], begins: kernel::Instant) {
    let mut hours = [0_usize; 24];
    for call in told {
        let hour = (call.at - begins).num_hours().rem_euclid(24);
        if let Some(count) = usize::try_from(hour).ok().and_then(|at| hours.get_mut(at)) {
            *count += 1;
        }
    }
    let most = hours.iter().enumerate().max_by_key(|(_, count)| **count);
    if let Some((hour, count)) = most {
        say!(
            "  一周 {} 个来电，最忙是 {hour} 点，共 {count} 个",
            told.len()
        );
    }
}
