//! 「量派单」 `nuanxin bench order`: orders sent to a partner per second by several operators
//! at once, while many wait and many partners stand ready, on each database given. Beside
//! it, in the same run, the same invariant by hand: each order to one partner, no partner
//! over its most; nothing authorised, decided, told, sealed or put on record. No figure
//! before both hold.

use super::hand::{Hand, on};
use super::house::{by, hire};
use super::{broken, kind, open_empty, percentile, settings, urls};
use crate::ending::{Ending, Failure, Outcome};
use crate::options::BenchOrderOptions;
use crate::say;
use app::order::{NewOrder, NewProvider};
use app::{App, AppError, Context, Law};
use engine_access::{Holder, Purpose};
use engine_order::{Act, Asker, DispatchBy, OrderType, Stage, Want};
use kernel::{FixedClock, Now, OrderId, PersonId, RegionCode, Role};
use sqlx::Row as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use store::{StoreError, Tx};
use tokio::task::JoinSet;

/// The operator and who enters partners.
pub(super) const OPERATOR: i64 = 3;
pub(super) const COUNTY: i64 = 4;
/// The first partner's person.
pub(super) const FIRST: i64 = 1_000;
/// Skills of one partner.
const SKILLS: usize = 3;

pub(crate) async fn order(options: BenchOrderOptions) -> Outcome {
    if options.open == 0 || options.providers == 0 || options.clients == 0 {
        return Err(Failure::BadInput(
            "工单、服务方、坐席都至少是 1。例：--open 10000 --providers 500".to_owned(),
        ));
    }
    let folder = std::env::temp_dir().join(format!("nuanxin-order-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut done = Ok(Ending::Yes);
    for url in urls(&options.db, &folder) {
        say!("{}", kind(&url));
        done = match options.week {
            true => super::week::week(&options, &url).await,
            false => one(&options, &folder, &url).await,
        };
        if done.is_err() {
            break;
        }
    }
    std::fs::remove_dir_all(&folder)?;
    done
}

async fn one(options: &BenchOrderOptions, folder: &Path, url: &str) -> Outcome {
    let law = Law::new(super::super::load(&options.pack)?);
    let db = open_empty(url, &settings()?).await?;
    let at = options.day.and_hms_opt(1, 0, 0).map(|nine| nine.and_utc());
    let at = at.ok_or_else(|| Failure::BadInput("没有这一天".to_owned()))?;
    let app = App::new(db.clone(), law, Arc::new(FixedClock(Now { at })));
    let ours = Ours::open(&app, options).await?;
    let mut took = ours.dispatch(options).await?;
    let whole = took.1;
    ours.hold(took.0.len()).await?;
    report("经过应用（授权、引擎、留痕、一事务）", &mut took.0, whole);
    let hand = Hand::open(url, folder).await?;
    let mut took = by_hand(&hand, options).await?;
    report(
        "手写 SQL（两张表，条件写在 UPDATE 里）",
        &mut took.0,
        took.1,
    );
    db.close().await;
    Ok(Ending::Yes)
}

fn report(what: &str, took: &mut [Duration], whole: Duration) {
    took.sort_unstable();
    let second = took.len() as u128 * 1_000 / whole.as_millis().max(1);
    say!(
        "  {what}：派出 {} 单，每秒 {second}；p50 {} ms，p99 {} ms",
        took.len(),
        percentile(took, 50),
        percentile(took, 99)
    );
}

/// The most a partner may have: enough for all, three times over.
fn most(options: &BenchOrderOptions) -> u32 {
    let each = options.open.div_ceil(options.providers) * 3;
    u32::try_from(each).unwrap_or(1_000).clamp(1, 1_000)
}

/// The house with partners and orders that wait.
struct Ours {
    app: App,
    region: RegionCode,
    orders: Arc<Vec<OrderId>>,
}

pub(super) fn operator(request: String) -> Context {
    by(OPERATOR, Role::AlarmOperator, Purpose::Duty, request)
}

impl Ours {
    async fn open(app: &App, options: &BenchOrderOptions) -> Result<Ours, Failure> {
        let head = app.law().pack.region();
        let region = head.ok_or_else(|| Failure::BadInput("政策包没有区划".to_owned()))?;
        let ty = hotline(app)?;
        let villages: Vec<RegionCode> = app.villages(region).iter().map(|one| one.0).collect();
        let people = [
            (Holder::Person(PersonId(OPERATOR)), Role::AlarmOperator),
            (Holder::Person(PersonId(COUNTY)), Role::CountyApprover),
        ];
        hire(app, region, options.day, &people).await?;
        for nth in 0..options.providers {
            let partner = partner(nth, &ty, (region, &villages), options)?;
            let request = format!("partner/{nth}");
            let ctx = by(COUNTY, Role::CountyApprover, Purpose::Duty, request);
            app.add_provider(&ctx, partner).await?;
        }
        let begun = Instant::now();
        let orders = ask(app, &ty, &villages, options).await?;
        let second = orders.len() as u128 * 1_000 / begun.elapsed().as_millis().max(1);
        say!(
            "  {} 张单等着（收一张单，每秒 {second}），{} 家服务方",
            orders.len(),
            options.providers
        );
        Ok(Ours {
            app: app.clone(),
            region,
            orders: Arc::new(orders),
        })
    }

    /// Operators send one order after the other, until none waits or the time is over.
    async fn dispatch(
        &self,
        options: &BenchOrderOptions,
    ) -> Result<(Vec<Duration>, Duration), Failure> {
        let next = Arc::new(AtomicUsize::new(0));
        let begun = Instant::now();
        let ends = begun + Duration::from_secs(options.seconds);
        let mut running = JoinSet::new();
        for _ in 0..options.clients {
            let (app, orders, next) = (self.app.clone(), self.orders.clone(), next.clone());
            running.spawn(async move {
                let mut took = Vec::new();
                while Instant::now() < ends {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    let Some(order) = orders.get(at) else { break };
                    let one = Instant::now();
                    send(&app, *order).await?;
                    took.push(one.elapsed());
                }
                Ok::<_, Failure>(took)
            });
        }
        let mut took = Vec::new();
        while let Some(done) = running.join_next().await {
            took.extend(done.map_err(broken)??);
        }
        Ok((took, begun.elapsed()))
    }

    /// Every order sent stands with one partner, and every partner's load is its orders.
    async fn hold(&self, sent: usize) -> Result<(), Failure> {
        let region = self.region;
        let read = async move |tx: &mut Tx| {
            let offered = tx.orders_at(Stage::Offered, u32::MAX).await?;
            let partners = tx.providers_in(region.span(), u32::MAX).await?;
            Ok::<_, StoreError>((offered, partners))
        };
        let (offered, partners) = self.app.db().read(read).await?;
        let load: u64 = partners.iter().map(|(one, _)| u64::from(one.load)).sum();
        let over = partners
            .iter()
            .filter(|(one, _)| one.load > one.most)
            .count();
        let twice = offered
            .iter()
            .filter(|one| one.state.offers.len() != 1)
            .count();
        match offered.len() == sent && load == sent as u64 && over == 0 && twice == 0 {
            true => Ok(()),
            false => Err(broken(format!(
                "派了 {sent}，在派 {}，服务方手上 {load}，超 {over} 家，派了两回 {twice}",
                offered.len()
            ))),
        }
    }
}

/// The kind a centre dispatches.
pub(super) fn hotline(app: &App) -> Result<Arc<OrderType>, Failure> {
    let ty = app.order_types().iter().find(|ty| {
        !ty.alarm
            && ty.dispatch.by == DispatchBy::Operator
            && ty.asked_by.contains(&Asker::Phone)
            && ty.items.len() >= SKILLS
    });
    let none = || Failure::BadInput("政策包里没有坐席派的工单".to_owned());
    ty.cloned().ok_or_else(none)
}

pub(super) fn partner(
    nth: usize,
    ty: &OrderType,
    (region, villages): (RegionCode, &[RegionCode]),
    options: &BenchOrderOptions,
) -> Result<NewProvider, Failure> {
    let skill = |more: usize| ty.items[(nth + more) % ty.items.len()].skill.clone();
    Ok(NewProvider {
        name: format!("服务方 {nth}"),
        person: PersonId(FIRST + i64::try_from(nth).map_err(broken)?),
        phone: None,
        home: *villages.get(nth % villages.len().max(1)).unwrap_or(&region),
        areas: vec![region],
        skills: (0..SKILLS).map(skill).collect(),
        place: None,
        most: most(options),
    })
}

/// Calls taken down, many at once.
async fn ask(
    app: &App,
    ty: &Arc<OrderType>,
    villages: &[RegionCode],
    options: &BenchOrderOptions,
) -> Result<Vec<OrderId>, Failure> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut running = JoinSet::new();
    for _ in 0..options.clients.max(32) {
        let (app, ty, next) = (app.clone(), ty.clone(), next.clone());
        let (villages, wanted) = (villages.to_vec(), options.open);
        running.spawn(async move {
            let mut orders = Vec::new();
            loop {
                let nth = next.fetch_add(1, Ordering::SeqCst);
                if nth >= wanted {
                    return Ok::<_, Failure>(orders);
                }
                let new = call(&ty, nth, villages.get(nth % villages.len().max(1)));
                let asked = app.ask_order(&operator(format!("ask/{nth}")), new).await?;
                orders.push(asked.value.order);
            }
        });
    }
    let mut orders = Vec::new();
    while let Some(done) = running.join_next().await {
        orders.extend(done.map_err(broken)??);
    }
    orders.sort_unstable();
    Ok(orders)
}

fn call(ty: &OrderType, nth: usize, region: Option<&RegionCode>) -> NewOrder {
    NewOrder {
        ty: ty.id.clone(),
        asked_by: Asker::Phone,
        person: None,
        name: "来电人".to_owned(),
        phone: None,
        wants: vec![Want {
            item: ty.items[nth % ty.items.len()].id.clone(),
            count: 1,
        }],
        says: "测速".to_owned(),
        region: region.copied(),
        address: "测速路".to_owned(),
        place: None,
        on: None,
    }
}

/// As an operator does it: who can come, the first of them, sent; whoever is full
/// meanwhile, the next.
async fn send(app: &App, order: OrderId) -> Result<(), Failure> {
    let ctx = operator(String::new());
    for candidate in app.candidates(&ctx, order).await? {
        if candidate.why_not.is_some() {
            continue;
        }
        let to = candidate.provider.id;
        let act = Act::Dispatch {
            to,
            why: String::new(),
        };
        let ctx = operator(format!("send/{order}/{to}"));
        match app.on_order(&ctx, order, act).await {
            Ok(_) => return Ok(()),
            Err(AppError::Refused(_)) => {}
            Err(why) => return Err(why.into()),
        }
    }
    Err(broken(format!("工单 {order} 没有人能去")))
}

const MAKE: [&str; 4] = [
    "CREATE TABLE hand_order (id BIGINT NOT NULL PRIMARY KEY, skill BIGINT NOT NULL, provider BIGINT)",
    "CREATE TABLE hand_provider (id BIGINT NOT NULL PRIMARY KEY, load BIGINT NOT NULL, most BIGINT NOT NULL)",
    "CREATE TABLE hand_skill (skill BIGINT NOT NULL, provider BIGINT NOT NULL, PRIMARY KEY (skill, provider))",
    "CREATE INDEX hand_order_provider ON hand_order (provider)",
];
const ORDER: &str = "INSERT INTO hand_order (id, skill, provider) VALUES ($1, $2, NULL)";
const PROVIDER: &str = "INSERT INTO hand_provider (id, load, most) VALUES ($1, 0, $2)";
const SKILL: &str = "INSERT INTO hand_skill (skill, provider) VALUES ($1, $2)";
const FREE: &str = "SELECT p.id FROM hand_skill s JOIN hand_provider p ON p.id = s.provider
    WHERE s.skill = (SELECT skill FROM hand_order WHERE id = $1) AND p.load < p.most
    ORDER BY p.load, p.id LIMIT 1";
const TAKE: &str = "UPDATE hand_provider SET load = load + 1 WHERE id = $1 AND load < most";
const SEND: &str = "UPDATE hand_order SET provider = $2 WHERE id = $1 AND provider IS NULL";
const SENT: &str = "SELECT (SELECT count(*) FROM hand_order WHERE provider IS NOT NULL) AS sent,
    (SELECT CAST(sum(load) AS BIGINT) FROM hand_provider) AS load,
    (SELECT count(*) FROM hand_provider WHERE load > most) AS over_most";

/// The same by hand.
async fn by_hand(
    hand: &Hand,
    options: &BenchOrderOptions,
) -> Result<(Vec<Duration>, Duration), Failure> {
    hand.make(&MAKE).await?;
    furnish(hand, options).await?;
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let ends = begun + Duration::from_secs(options.seconds);
    let mut running = JoinSet::new();
    for _ in 0..options.clients {
        let (hand, next, open) = (hand.clone(), next.clone(), options.open);
        running.spawn(async move {
            let mut took = Vec::new();
            while Instant::now() < ends {
                let nth = next.fetch_add(1, Ordering::SeqCst);
                if nth >= open {
                    break;
                }
                let one = Instant::now();
                let order = i64::try_from(nth).map_err(broken)?;
                while !send_by_hand(&hand, order).await.map_err(broken)? {}
                took.push(one.elapsed());
            }
            Ok::<_, Failure>(took)
        });
    }
    let mut took = Vec::new();
    while let Some(done) = running.join_next().await {
        took.extend(done.map_err(broken)??);
    }
    let whole = begun.elapsed();
    let (sent, load, over): (i64, i64, i64) = on!(hand, pool => {
        let row = sqlx::query(SENT).fetch_one(pool).await.map_err(broken)?;
        let number = |name: &str| row.try_get::<i64, _>(name).map_err(broken);
        (number("sent")?, number("load")?, number("over_most")?)
    });
    match usize::try_from(sent) == Ok(took.len()) && load == sent && over == 0 {
        true => Ok((took, whole)),
        false => Err(broken("手写的派单不对")),
    }
}

async fn furnish(hand: &Hand, options: &BenchOrderOptions) -> Result<(), Failure> {
    let number = |n: usize| i64::try_from(n).map_err(broken);
    on!(hand, pool => {
        let mut tx = pool.begin().await.map_err(broken)?;
        for nth in 0..options.providers {
            let put = sqlx::query(PROVIDER).bind(number(nth)?).bind(i64::from(most(options)));
            put.execute(&mut *tx).await.map_err(broken)?;
            for more in 0..SKILLS {
                let put = sqlx::query(SKILL).bind(number((nth + more) % 10)?).bind(number(nth)?);
                put.execute(&mut *tx).await.map_err(broken)?;
            }
        }
        for nth in 0..options.open {
            let put = sqlx::query(ORDER).bind(number(nth)?).bind(number(nth % 10)?);
            put.execute(&mut *tx).await.map_err(broken)?;
        }
        tx.commit().await.map_err(broken)
    })
}

/// One order in a transaction of its own; `false`: the partner was full meanwhile.
async fn send_by_hand(hand: &Hand, order: i64) -> Result<bool, sqlx::Error> {
    on!(hand, pool => {
        let mut tx = pool.begin().await?;
        let free = sqlx::query(FREE).bind(order).fetch_one(&mut *tx).await?;
        let provider: i64 = free.try_get("id")?;
        let taken = sqlx::query(TAKE).bind(provider).execute(&mut *tx).await?;
        let sent = sqlx::query(SEND).bind(order).bind(provider).execute(&mut *tx).await?;
        let done = taken.rows_affected() == 1 && sent.rows_affected() == 1;
        match done {
            true => tx.commit().await?,
            false => tx.rollback().await?,
        }
        Ok(done)
    })
}
