//! 「量账本」 `nuanxin bench ledger`: transfers a second and the time to prove all entries,
//! on each database given, beside plain SQL by hand keeping the same invariant in the same
//! run (each balance under its floor in the UPDATE, each fact once by a unique key). No
//! figure before both hold. No figure has a fraction.

mod by_hand;

use super::{broken, kind, open_empty, settings, urls};
use crate::ending::{Ending, Failure, Outcome};
use crate::options::BenchLedgerOptions;
use crate::say;
use by_hand::ByHand;
use engine_ledger::{Bounds, Command, Config, Ledger, Leg, decide};
use kernel::{AccountId, Actor, Instant, Now, Role, TransferId};
use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};
use store::ledger::{LedgerSlice, prove};
use store::{Db, StoreError};

/// Accounts money moves between; account 0 is the outside world.
pub(super) const ACCOUNTS: i64 = 1_000;
/// What each holds at the beginning.
pub(super) const START: i64 = 1_000_000;
/// Transfers kept in one go while loading.
const PIECE: i64 = 500;

fn now() -> Now {
    Now {
        at: Instant::from_timestamp(1_790_000_000, 0).unwrap_or_default(),
    }
}

fn keeper() -> Actor {
    Actor {
        account: "measure".into(),
        person: None,
        role: Role::System,
    }
}

/// From, to and how much of the n-th transfer.
pub(super) fn nth(n: i64) -> (i64, i64, i64) {
    let from = 1 + n.wrapping_mul(7_919).rem_euclid(ACCOUNTS);
    let to = 1 + (from + n.rem_euclid(ACCOUNTS - 1)).rem_euclid(ACCOUNTS);
    let to = if to == from { 1 + from % ACCOUNTS } else { to };
    (from, to, 1 + n.rem_euclid(97))
}

pub(crate) async fn ledger(options: BenchLedgerOptions) -> Outcome {
    if options.entries < 2 || options.clients == 0 || options.seconds == 0 {
        return Err(Failure::BadInput(
            "流水至少 2 条，客户端和秒数至少 1。例：--entries 200000 --clients 32".to_owned(),
        ));
    }
    let folder = std::env::temp_dir().join(format!("nuanxin-ledger-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut done = Ok(Ending::Yes);
    for url in urls(&options.db, &folder) {
        say!("{}", kind(&url));
        done = measure(&url, &options).await;
        if done.is_err() {
            break;
        }
    }
    std::fs::remove_dir_all(&folder)?;
    done
}

async fn measure(url: &str, options: &BenchLedgerOptions) -> Outcome {
    let db = open_empty(url, &settings()?).await?;
    let hand = Arc::new(ByHand::open(url, ACCOUNTS, START).await?);
    furnish(&db).await?;
    let time = Duration::from_secs(options.seconds);
    let (ours, first) = ours(&db, options.clients, time).await?;
    let theirs = hands(&hand, options.clients, time).await?;
    let clients = options.clients;
    say!("  {clients} 路同时转账，每秒：我们 {ours} 笔，手写 {theirs} 笔");
    let wanted = options.entries / 2;
    load(&db, first, wanted).await?;
    hand.load(wanted).await?;
    let start = Stopwatch::now();
    let proved = prove(&db).await.map_err(broken)?;
    let took = start.elapsed();
    if !proved.holds() {
        return Err(broken(format!("账本不对：{proved:?}")));
    }
    let start = Stopwatch::now();
    let rows = hand.prove().await?;
    let hand_took = start.elapsed();
    let (entries, by_hand) = (proved.entries, took_for(10_000_000, rows, hand_took));
    let of_ten_million = took_for(10_000_000, entries, took);
    say!(
        "  验 {entries} 条流水（余额、界限、每一笔的指纹）：{} 毫秒，照此一千万条 {of_ten_million} 秒",
        took.as_millis()
    );
    say!(
        "  手写验 {rows} 条（只验余额和合计）：{} 毫秒，照此一千万条 {by_hand} 秒",
        hand_took.as_millis()
    );
    db.close().await;
    Ok(Ending::Yes)
}

fn took_for(wanted: u64, rows: u64, took: Duration) -> u128 {
    took.as_millis() * u128::from(wanted) / u128::from(rows.max(1)) / 1_000
}

/// Opens the accounts and fills them.
async fn furnish(db: &Db) -> Result<(), Failure> {
    let unit = "fen".parse().map_err(broken)?;
    let mut commands: Vec<Command> = (0..=ACCOUNTS)
        .map(|id| Command::Open {
            id: AccountId(id),
            unit: kernel::Slug::clone(&unit),
            name: format!("measure:{id}"),
            bounds: Bounds {
                floor: (id > 0).then_some(0),
                ..Bounds::default()
            },
        })
        .collect();
    commands.extend((1..=ACCOUNTS).map(|id| transfer(id, (0, id, START))));
    keep(db, commands).await.map(drop).map_err(broken)
}

fn transfer(id: i64, (from, to, amount): (i64, i64, i64)) -> Command {
    let leg = |account, amount| Leg {
        account: AccountId(account),
        amount,
    };
    Command::Transfer {
        id: TransferId(id),
        reference: format!("measure:{id}"),
        legs: vec![leg(from, -amount), leg(to, amount)],
        purpose: None,
    }
}

/// Keeps commands decided one after the other; gives how many were refused.
async fn keep(db: &Db, commands: Vec<Command>) -> Result<usize, StoreError> {
    let write = async move |tx: &mut store::Tx| {
        let mut slice = LedgerSlice::default();
        for command in &commands {
            let one = LedgerSlice::of(command);
            slice.accounts.extend(one.accounts);
        }
        let before = tx.ledger(&slice).await?;
        let mut book: Ledger = before.clone();
        let (mut events, mut refused) = (Vec::new(), 0);
        let rules = Config::default();
        for command in commands.clone() {
            match decide(&book, command, &keeper(), "measure", &rules, now()) {
                Ok(decided) => {
                    decided.iter().for_each(|event| book.apply(event));
                    events.extend(decided);
                }
                Err(_) => refused += 1,
            }
        }
        tx.save_ledger(&before, &events, &keeper(), now()).await?;
        Ok(refused)
    };
    db.write(write).await
}

/// Transfers a second, each in a transaction of its own, and the next free number.
async fn ours(db: &Db, clients: usize, time: Duration) -> Result<(u128, i64), Failure> {
    let start = Stopwatch::now();
    let mut running = tokio::task::JoinSet::new();
    for client in 0..clients {
        let db = db.clone();
        running.spawn(async move {
            let (mut done, step) = (0_i64, i64::try_from(clients).unwrap_or(1));
            let own = i64::try_from(client).unwrap_or(0);
            while start.elapsed() < time {
                let n = 10_000 + own + done * step;
                match keep(&db, vec![transfer(n, nth(n))]).await {
                    Ok(_) => done += 1,
                    // Others were there first too often: the next try counts.
                    Err(StoreError::Conflict { .. } | StoreError::Busy) => {}
                    Err(why) => return Err(why),
                }
            }
            Ok::<_, StoreError>(done)
        });
    }
    let (mut all, mut most) = (0_i64, 0);
    while let Some(one) = running.join_next().await {
        let done = one.map_err(broken)?.map_err(broken)?;
        all += done;
        most = most.max(done);
    }
    let step = i64::try_from(clients).unwrap_or(1);
    Ok((per_second(all, start.elapsed()), 10_000 + (most + 1) * step))
}

async fn hands(hand: &Arc<ByHand>, clients: usize, time: Duration) -> Result<u128, Failure> {
    let start = Stopwatch::now();
    let mut running = tokio::task::JoinSet::new();
    for client in 0..clients {
        let hand = hand.clone();
        running.spawn(async move {
            let (mut done, step) = (0_i64, i64::try_from(clients).unwrap_or(1));
            let own = i64::try_from(client).unwrap_or(0);
            while start.elapsed() < time {
                let n = 10_000 + own + done * step;
                hand.transfer(n, nth(n)).await?;
                done += 1;
            }
            Ok::<_, Failure>(done)
        });
    }
    let mut all = 0;
    while let Some(one) = running.join_next().await {
        all += one.map_err(broken)??;
    }
    Ok(per_second(all, start.elapsed()))
}

fn per_second(count: i64, took: Duration) -> u128 {
    let count = u128::try_from(count).unwrap_or(0);
    count * 1_000_000 / took.as_micros().max(1)
}

/// More transfers, many in one transaction, for the proof.
async fn load(db: &Db, first: i64, wanted: i64) -> Result<(), Failure> {
    let mut next = first;
    while next < first + wanted {
        let end = (next + PIECE).min(first + wanted);
        let commands = (next..end).map(|n| transfer(n, nth(n))).collect();
        keep(db, commands).await.map_err(broken)?;
        next = end;
    }
    Ok(())
}
