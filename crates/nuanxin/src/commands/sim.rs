//! 「外面的世界」 `nuanxin sim departments | bank | sms | sso`: the partners as processes of
//! their own, speaking the real protocols. Demonstration keys only.

use super::load;
use crate::clock::WallClock;
use crate::ending::{Ending, Failure, Outcome};
use crate::options::{SimCommand, SimMischief, SimPlace};
use crate::say;
use kernel::{Clock, Date, Slug};
use std::sync::Arc;
use std::time::Duration;
use testkit::bank::{Bank, Manners};
use testkit::city::{City, CityDepartments};
use testkit::departments::{Agreements, Contradiction, Departments, Mischief, PageMischief};
use testkit::sms::Sms;
use testkit::sso::Sso;
use testkit::story::FileClock;
use testkit::{Serving, bank, demo_ring, demo_signer, departments, sms, sso};
use tokio::io::AsyncReadExt;

/// How the house signs in demonstrations.
pub(crate) const CALLER: &str = "nuanxin";
/// How the bank signs.
pub(crate) const BANK: &str = "bank";
/// How the SMS centre signs.
pub(crate) const SMS: &str = "sms";

pub(crate) async fn run(command: SimCommand) -> Outcome {
    match command {
        SimCommand::Departments {
            at,
            residents,
            seed,
            as_of,
            pack,
            down,
            wrong,
        } => {
            let pack = load(&pack)?;
            let region = pack.region();
            let region = region.ok_or_else(|| Failure::BadInput("政策包没有地区".to_owned()))?;
            let city = City::build(seed, residents as usize, pack.regions(), region, as_of)
                .map_err(|why| Failure::BadInput(why.to_string()))?;
            let catalogue = pack.data().catalogue.clone();
            let signers = catalogue.departments().map(|one| &one.id);
            let world = Departments {
                agreements: Agreements::over(&catalogue, CALLER, Date::MAX),
                callers: demo_ring([CALLER], seed),
                signers: signers
                    .map(|id| (id.clone(), demo_signer(id.as_str(), seed)))
                    .collect(),
                mischief: mischief(&down, &wrong)?,
                clock: clock(&at)?,
                data: Arc::new(CityDepartments::new(city, catalogue)),
            };
            serve(departments::open(world, &at.listen.to_string()).await?, &at).await
        }
        SimCommand::Bank {
            at,
            seed,
            state,
            return_every,
            return_account,
        } => {
            let world = Bank {
                callers: demo_ring([CALLER], seed),
                signer: demo_signer(BANK, seed),
                manners: Manners {
                    return_every,
                    return_accounts: return_account.into_iter().collect(),
                    ..Manners::default()
                },
                state: Some(state),
                clock: clock(&at)?,
            };
            serve(bank::open(world, &at.listen.to_string()).await?, &at).await
        }
        SimCommand::Sso {
            at,
            seed,
            site,
            people,
        } => {
            let text = std::fs::read(&people)?;
            let people = serde_json::from_slice(&text)
                .map_err(|why| Failure::BadInput(format!("{} 读不懂：{why}", people.display())))?;
            let world = Sso {
                site,
                people,
                seed,
                clock: clock(&at)?,
            };
            let houses = sso::open(world, &at.listen.to_string()).await?;
            serve(houses.serving, &at).await
        }
        SimCommand::Devices {
            to,
            clock,
            seed,
            gateway,
            devices,
            press,
            times,
            every_ms,
        } => {
            let clock: Arc<dyn Clock> = match &clock {
                Some(path) => Arc::new(FileClock::open(path)?),
                None => Arc::new(WallClock),
            };
            let world = super::devices::World::new(to, &gateway, seed, clock)?;
            super::devices::run(world, &devices, &press, times, every_ms).await
        }
        SimCommand::Sms { at, seed, dead } => {
            let world = Sms {
                callers: demo_ring([CALLER], seed),
                signer: demo_signer(SMS, seed),
                dead,
                unreachable: Default::default(),
                clock: clock(&at)?,
            };
            let centre = sms::open(world, &at.listen.to_string()).await?;
            serve(centre.serving, &at).await
        }
    }
}

fn mischief(down: &[String], wrong: &SimMischief) -> Result<Mischief, Failure> {
    let bad = |why: &dyn std::fmt::Display| Failure::BadInput(why.to_string());
    let down = down.iter().map(|id| id.parse::<Slug>());
    let down: Result<_, _> = down.collect();
    let says = wrong.says.iter().map(|text| text.parse::<Contradiction>());
    let says: Result<_, _> = says.collect();
    Ok(Mischief {
        down: down.map_err(|why| bad(&why))?,
        delay: Duration::from_millis(wrong.delay_ms),
        contradictions: says.map_err(|why| bad(&why))?,
        pages: PageMischief {
            down_every: wrong.page_down_every,
            silent_every: wrong.page_silent_every,
            repeated_rows: wrong.page_repeats,
            late_days: wrong.late_days,
            contradicts_itself_every: wrong.page_contradicts_every,
            changes_after: wrong.page_changes_after,
        },
        ..Mischief::default()
    })
}

pub(crate) fn clock(at: &SimPlace) -> Result<Arc<dyn Clock>, Failure> {
    Ok(match &at.clock {
        Some(path) => Arc::new(FileClock::open(path)?),
        None => Arc::new(WallClock),
    })
}

/// Serves until told to stop; on a leash, also when whoever holds it is gone.
pub(crate) async fn serve(serving: Serving, at: &SimPlace) -> Outcome {
    if !at.leash {
        // Says its address itself.
        serving.until_told().await?;
        return Ok(Ending::Yes);
    }
    say!("listening on {}", serving.address());
    let mut held = tokio::io::stdin();
    let mut byte = [0; 1];
    while matches!(held.read(&mut byte).await, Ok(count) if count > 0) {}
    serving.close().await;
    Ok(Ending::Yes)
}
