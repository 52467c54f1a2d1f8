//! 「量数据海」 `nuanxin bench pool`: what the pool does at a city's size — records through
//! the gate onto the disk, a household's records read, everything read once — each
//! beside the same rows in a plain table, kept with plain SQL in the same run on the
//! same database. Absent on purpose: files and their encodings (`nuanxin import`), and
//! from a record to its finding, which needs a register of people.

mod by_hand;
mod cold;
mod rows;

use crate::ending::{Ending, Failure, Outcome};
use crate::options::BenchPoolOptions;
use crate::say;
use by_hand::ByHand;
use engine_pool::{Category, KeyedBy};
use kernel::{DataBatchId, PersonId};
use packs::Pack;
use rows::Making;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Db, Settings};

/// Households looked at for one figure.
const LOOKS: i64 = 2_000;
/// Members of a household: neighbours in number.
const MEMBERS: i64 = 4;
/// People read in one piece when everything is read.
const PIECE: i64 = 1_000;

pub(crate) async fn pool(options: BenchPoolOptions) -> Outcome {
    if options.residents < MEMBERS * 2 || options.categories == 0 {
        return Err(Failure::BadInput(
            "至少 8 个居民、1 类数据。例：--residents 200000 --categories 11".to_owned(),
        ));
    }
    let pack = crate::commands::load(&options.place.pack)?;
    let categories = of_people(&pack, options.categories)?;
    let (url, settings) = (&options.place.db, super::settings()?);
    let db = super::open_empty(url, &settings).await?;
    let hand = ByHand::open(url).await?;
    let run = Run {
        db,
        hand,
        categories: Arc::new(categories),
        residents: options.residents,
        alone: options.alone,
    };
    run.load().await?;
    run.looks("常温").await?;
    if cold::forget_files() {
        run.cold(url, &settings).await?;
    } else {
        say!("冷读：没有量（清空系统缓存要 root）");
    }
    run.everything().await?;
    run.db.close().await;
    Ok(Ending::Yes)
}

/// The pack's first categories about people that hold an amount: the busiest ones.
fn of_people(pack: &Pack, wanted: usize) -> Result<Vec<Category>, Failure> {
    let all = pack.data().catalogue.categories();
    let found: Vec<Category> = all
        .filter(|category| category.keyed_by == KeyedBy::Person)
        .take(wanted)
        .cloned()
        .collect();
    if found.len() < wanted {
        return Err(Failure::BadInput(format!(
            "包里按人的数据只有 {} 类。请把 --categories 改小",
            found.len()
        )));
    }
    Ok(found)
}

struct Run {
    db: Db,
    hand: ByHand,
    categories: Arc<Vec<Category>>,
    residents: i64,
    /// Nothing is done by hand: no room for both.
    alone: bool,
}

impl Run {
    /// One delivery a category, as departments send them: everybody, in no order of ours.
    async fn load(&self) -> Result<(), Failure> {
        let (mut ours, mut hands, mut rows) = (Duration::ZERO, Duration::ZERO, 0_i64);
        for at in 0..self.categories.len() {
            let start = Instant::now();
            let batch = DataBatchId(i64::try_from(at).unwrap_or_default() + 1);
            let making = Making::new(&self.categories, at, self.residents);
            rows += self
                .db
                .write(async move |tx| {
                    let mut pieces = making.records();
                    let mut rows = 0;
                    while let Some(records) = pieces.recv().await {
                        rows += records.len();
                        tx.stage_records(batch, records).await?;
                    }
                    tx.file_records().await?;
                    Ok::<_, store::StoreError>(i64::try_from(rows).unwrap_or(i64::MAX))
                })
                .await?;
            ours += start.elapsed();
            if self.alone {
                continue;
            }
            let start = Instant::now();
            let making = Making::new(&self.categories, at, self.residents);
            self.hand.load(making).await?;
            hands += start.elapsed();
        }
        let wanted = self.residents * i64::try_from(self.categories.len()).unwrap_or_default();
        let kept = self.db.read(async |tx| tx.count_records().await).await?;
        let by_hand = match self.alone {
            true => wanted,
            false => self.hand.count().await?,
        };
        if rows != wanted || kept != wanted || by_hand != wanted {
            return Err(Failure::Broken(format!(
                "应有 {wanted} 条，库里 {kept} 条，手写表里 {by_hand} 条"
            )));
        }
        let size = self.hand.size("pool_record").await? / rows.max(1);
        let rate = per_second(rows, ours);
        say!("装入 {rows} 条：过闸门、封存、入库 {rate}/秒，每条占盘 {size} 字节");
        if !self.alone {
            let size = self.hand.size(by_hand::TABLE).await? / rows.max(1);
            let (rate, than) = (per_second(rows, hands), times(ours, hands));
            say!("手写 SQL 同样的行（不查、不封）：{rate}/秒，{than}；每条占盘 {size} 字节");
        }
        Ok(())
    }

    /// Households read one after another, here and there in the city.
    async fn looks(&self, state: &str) -> Result<(), Failure> {
        // Once unmeasured: connections open, statements are prepared.
        self.look_at(16).await?;
        let (ours, hand) = self.look_at(LOOKS).await?;
        let (p50, p99) = (at(&ours, 50), at(&ours, 99));
        say!("一户 {MEMBERS} 人全部记录（{state}）：p50 {p50} p99 {p99} 微秒");
        if !self.alone {
            let times = ratio(p99, at(&hand, 99));
            let (p50, p99) = (at(&hand, 50), at(&hand, 99));
            say!("手写 SQL 同样的行：p50 {p50} p99 {p99} 微秒；p99 {times:.2} 倍");
        }
        Ok(())
    }

    async fn look_at(&self, looks: i64) -> Result<(Vec<u128>, Vec<u128>), Failure> {
        let (mut ours, mut hand) = (Vec::new(), Vec::new());
        for look in 0..looks {
            let first = first_of(look, self.residents);
            let (taken, found) = self.look(first).await?;
            ours.push(taken);
            if self.alone {
                continue;
            }
            let start = Instant::now();
            let rows = self.hand.between(first, first + MEMBERS - 1).await?;
            hand.push(start.elapsed().as_micros());
            if rows != found {
                return Err(Failure::Broken(format!(
                    "第 {first} 户：{found} 条，手写 SQL {rows} 条"
                )));
            }
        }
        ours.sort_unstable();
        hand.sort_unstable();
        Ok((ours, hand))
    }

    async fn look(&self, first: i64) -> Result<(u128, usize), Failure> {
        let household: BTreeSet<PersonId> = (first..first + MEMBERS).map(PersonId).collect();
        let start = Instant::now();
        let records = self
            .db
            .read(async move |tx| tx.records_of(&household, None).await)
            .await?;
        Ok((start.elapsed().as_micros(), records.len()))
    }

    /// The same with nothing remembered: neither by the database nor by the system.
    async fn cold(&self, url: &str, settings: &Settings) -> Result<(), Failure> {
        let (mut times, mut pages) = (Vec::new(), Vec::new());
        for look in 0..40 {
            let db = Db::open(url, settings.clone()).await?;
            // The connection and the catalogue's names are there before anyone asks.
            let first = first_of(look + LOOKS, self.residents);
            let warm: BTreeSet<PersonId> = [PersonId(first_of(look, 8))].into();
            db.read(async move |tx| tx.records_of(&warm, None).await)
                .await?;
            cold::forget_files();
            let before = cold::bytes_read();
            let household: BTreeSet<PersonId> = (first..first + MEMBERS).map(PersonId).collect();
            let start = Instant::now();
            db.read(async move |tx| tx.records_of(&household, None).await)
                .await?;
            times.push(start.elapsed().as_micros());
            pages.push(u128::from(cold::bytes_read().saturating_sub(before)) / 8192);
            db.close().await;
        }
        times.sort_unstable();
        pages.sort_unstable();
        say!(
            "同上（系统缓存清空）：p50 {} p99 {} 微秒；本进程从盘上读 p50 {} 页（8 KiB；PostgreSQL 由它自己的进程读，不在其中）",
            at(&times, 50),
            at(&times, 99),
            at(&pages, 50)
        );
        Ok(())
    }

    /// Every record read and opened once, a part of the people to each core: the
    /// reading half of making everybody's facts anew.
    async fn everything(&self) -> Result<(), Failure> {
        let start = Instant::now();
        let parts = std::thread::available_parallelism().map_or(1, |cores| cores.get());
        let each = self.residents / i64::try_from(parts).unwrap_or(1) + 1;
        let mut first = 1;
        let mut reading = tokio::task::JoinSet::new();
        while first <= self.residents {
            let last = (first + each - 1).min(self.residents);
            reading.spawn(read_between(self.db.clone(), first, last));
            first = last + 1;
        }
        let mut rows = 0;
        for part in reading.join_all().await {
            rows += part?;
        }
        let ours = start.elapsed();
        let (seconds, rate) = (ours.as_secs_f64(), per_second(rows, ours));
        say!("全部读一遍并打开封存，{parts} 个核：{seconds:.1} 秒（{rate}/秒）");
        if self.alone {
            return Ok(());
        }
        let start = Instant::now();
        let by_hand = self.hand.everything().await?;
        let hand = start.elapsed();
        if rows != by_hand {
            let says = format!("读出 {rows} 条，手写 SQL {by_hand} 条");
            return Err(Failure::Broken(says));
        }
        let (seconds, than) = (hand.as_secs_f64(), times(ours, hand));
        say!("手写 SQL 按人汇总，一个核：{seconds:.1} 秒，{than}");
        Ok(())
    }
}

async fn read_between(db: Db, first: i64, last: i64) -> Result<i64, store::StoreError> {
    let (mut at, mut rows) = (first, 0);
    while at <= last {
        let to = (at + PIECE - 1).min(last);
        let (from, until) = (PersonId(at), PersonId(to));
        let records = db
            .read(async move |tx| tx.records_between(from, until, None).await)
            .await?;
        rows += i64::try_from(records.len()).unwrap_or(i64::MAX);
        at = to + 1;
    }
    Ok(rows)
}

/// Households spread over the city, never beside the one before.
fn first_of(look: i64, residents: i64) -> i64 {
    1 + (look * 7_919_777) % (residents - MEMBERS)
}

/// The value below which so many of a hundred lie.
fn at(sorted: &[u128], percent: usize) -> u128 {
    let place = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().unwrap_or_default()
}

fn ratio(ours: u128, other: u128) -> f64 {
    ours as f64 / (other.max(1)) as f64
}

fn times(ours: Duration, other: Duration) -> String {
    let ratio = ours.as_secs_f64() / other.as_secs_f64().max(0.001);
    format!("时间是它的 {ratio:.2} 倍")
}

fn per_second(rows: i64, time: Duration) -> i64 {
    (rows as f64 / time.as_secs_f64().max(0.001)) as i64
}
