//! 「量告警」 `nuanxin bench alarm`: red keys pressed against the real server process over
//! its real signed protocol, the server killed (SIGKILL) again and again meanwhile, the
//! SMS centre dead. Every press must be acknowledged once it is on disk, every device must
//! have one incident with all its presses, and somebody must have been called. What is
//! timed is what a home sees: from the first try to the signed answer, which is given
//! after the ladder's first rungs were called in the same transaction. On each database
//! given. Absent on purpose: the same by hand; a key that may be lost is no comparison.

mod count;
mod house;
mod server;

use super::{broken, kind, percentile, urls};
use crate::clock::WallClock;
use crate::commands::devices::World;
use crate::ending::{Ending, Failure, Outcome};
use crate::options::{BenchAlarmOptions, Place};
use crate::say;
use app::order::{Heard, Signal};
use kernel::OrderId;
use server::{Kill, Server};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use testkit::{demo_ring, demo_signer, sms};
use tokio::task::JoinSet;

/// The seed of the demonstration's keys.
const SEED: u64 = 330_482;
/// The gateway that speaks for every device.
const GATEWAY: &str = "demo";
/// Every so many devices is pressed twice at the same moment: still one incident.
const TWICE: usize = 5;
/// How often a device tries before the run is called off.
const TRIES: u32 = 600;
/// Dispatched within, 99 of 100, where the house was there.
const GOAL: Duration = Duration::from_secs(5);
/// Dispatched within, after the house was started again.
const GOAL_AFTER: Duration = Duration::from_secs(15);

/// A signal that came through.
struct Heeded {
    device: usize,
    order: Option<OrderId>,
    begun: Instant,
    ended: Instant,
    tries: u32,
}

pub(crate) async fn alarm(options: BenchAlarmOptions) -> Outcome {
    if options.alarms == 0 || options.kills >= options.alarms {
        return Err(Failure::BadInput(
            "告警至少 1 次，杀的次数要比告警少。例：--alarms 1000 --kills 20".to_owned(),
        ));
    }
    let folder = std::env::temp_dir().join(format!("nuanxin-alarm-{}", std::process::id()));
    let mut within = true;
    for url in urls(&options.db, &folder) {
        std::fs::create_dir_all(&folder)?;
        // Where it fails, what the server said last stays to be read.
        within &= matches!(one(&options, &folder, &url).await?, Ending::Yes);
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(Ending::of(within))
}

async fn one(options: &BenchAlarmOptions, folder: &Path, url: &str) -> Outcome {
    say!("{}", kind(url));
    let place = Place {
        db: url.to_owned(),
        pack: options.pack.clone(),
        keys: folder.join("keys"),
    };
    let devices = house::furnish(&place, options.alarms).await?;
    let centre = sms::Sms {
        callers: demo_ring([super::super::sim::CALLER], SEED),
        signer: demo_signer(super::super::sim::SMS, SEED),
        dead: true,
        unreachable: Default::default(),
        clock: Arc::new(WallClock),
    };
    let centre = sms::open(centre, "127.0.0.1:0").await?;
    let lines = house::lines(folder, &centre.serving.base())?;
    let mut server = Server::new(&place, folder, lines)?;
    let world = World::new(server.base(), GATEWAY, SEED, Arc::new(WallClock))?;
    let ready = server.start(&world).await?;
    say!("  服务打开用了 {} 毫秒", ready.as_millis());
    let begun = Instant::now();
    let heeded = press(&world, &devices, &mut server, options).await?;
    let took = begun.elapsed();
    let kills = server.end().await?;
    let texts = centre.taken().len();
    centre.serving.close().await;
    let says = count::hold(&place, &devices, &heeded).await?;
    if texts > 0 {
        return Err(broken("短信通道本该不通"));
    }
    say!(
        "  {} 次告警、{} 个信号，{} 秒，服务被杀 {} 次，短信不通：丢 0，一台一件，每件都叫了人",
        devices.len(),
        heeded.len(),
        took.as_secs(),
        kills.len()
    );
    say!("  {says}");
    told(&heeded, &kills)
}

/// Presses every key, some twice at once; kills the server between, and under way.
async fn press(
    world: &World,
    devices: &[String],
    server: &mut Server,
    options: &BenchAlarmOptions,
) -> Result<Vec<Heeded>, Failure> {
    let gap = Duration::from_millis(options.gap_ms);
    let mut all = JoinSet::new();
    let mut killed = 0;
    for (nth, device) in devices.iter().enumerate() {
        let presses = 1 + u64::from(nth % TWICE == 0);
        for seq in 0..presses {
            let (world, device) = (world.clone(), device.clone());
            all.spawn(async move { tell(&world, nth, device, seq).await });
        }
        let due = (killed + 1) * devices.len() / (options.kills + 1);
        if killed < options.kills && nth + 1 >= due {
            // While signals are under way.
            server.kill_and_start(world).await?;
            killed += 1;
        }
        tokio::time::sleep(gap).await;
    }
    let mut heeded = Vec::new();
    while let Some(done) = all.join_next().await {
        heeded.push(done.map_err(broken)??);
    }
    Ok(heeded)
}

async fn tell(world: &World, nth: usize, device: String, seq: u64) -> Result<Heeded, Failure> {
    let signal = Signal {
        device,
        seq,
        says: Heard::Red,
    };
    let begun = Instant::now();
    let told = world.tell(&signal, TRIES).await?;
    Ok(Heeded {
        device: nth,
        order: told.answer.order,
        begun,
        ended: Instant::now(),
        tries: told.tries,
    })
}

/// The times; whether they are within the goals.
fn told(heeded: &[Heeded], kills: &[Kill]) -> Outcome {
    let (mut there, mut after) = (Vec::new(), Vec::new());
    let mut first: BTreeMap<usize, &Heeded> = BTreeMap::new();
    for one in heeded {
        first
            .entry(one.device)
            .and_modify(|known| {
                if one.ended < known.ended {
                    *known = one;
                }
            })
            .or_insert(one);
    }
    for one in first.values() {
        let hit = |kill: &&Kill| one.begun < kill.ready && one.ended > kill.killed;
        match kills.iter().rfind(hit) {
            None => there.push(one.ended - one.begun),
            Some(kill) => after.push(one.ended.saturating_duration_since(kill.started)),
        }
    }
    there.sort_unstable();
    after.sort_unstable();
    let tries = heeded.iter().map(|one| one.tries).max().unwrap_or(0);
    let slowest = after.last().copied().unwrap_or_default();
    let up = kills.iter().map(|kill| kill.ready - kill.started).max();
    say!(
        "  服务在时 {} 次：从按下到派出 p50 {} ms，p99 {} ms（目标 {} ms）",
        there.len(),
        percentile(&there, 50),
        percentile(&there, 99),
        GOAL.as_millis()
    );
    say!(
        "  碰上被杀 {} 次：从再开到派出 p50 {} ms，最慢 {} ms（目标 {} ms）；最多报了 {tries} 遍",
        after.len(),
        percentile(&after, 50),
        slowest.as_millis(),
        GOAL_AFTER.as_millis()
    );
    say!("  再开一次最慢 {} 毫秒", up.unwrap_or_default().as_millis());
    let within = percentile(&there, 99) <= GOAL.as_millis() && slowest <= GOAL_AFTER;
    Ok(Ending::of(within))
}
