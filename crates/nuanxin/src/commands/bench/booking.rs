//! 「量预约」 `nuanxin bench booking`: many clients ask for the same few slots at the same
//! moment, on each database given: none twice, none lost, how long each waits for yes or
//! no. Beside it, in the same run, the same invariant by hand: one table, one key, nothing
//! authorised, told, sealed or put on record.

use super::hand::{Hand, on};
use super::house::{by, hire};
use super::{broken, kind, open_empty, percentile, settings, urls};
use crate::ending::{Ending, Failure, Outcome};
use crate::options::BenchBookingOptions;
use crate::say;
use app::booking::{Finding, NewBooking, NewStock};
use app::{App, AppError, Law};
use engine_access::{Holder, Purpose};
use engine_booking::{How, Span};
use kernel::{Date, FixedClock, Now, PersonId, RegionCode, Role, Slug, StockId};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Db;

/// The first client's number; the desk's people lie below.
const FIRST: i64 = 1_000;

pub(crate) async fn booking(options: BenchBookingOptions) -> Outcome {
    if options.clients == 0 || options.slots == 0 {
        return Err(Failure::BadInput(
            "人数和时段数都至少是 1。例：--clients 200 --slots 50".to_owned(),
        ));
    }
    let folder = std::env::temp_dir().join(format!("nuanxin-booking-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut done = Ok(Ending::Yes);
    for url in urls(&options.db, &folder) {
        done = one(&options, &folder, &url).await;
        if done.is_err() {
            break;
        }
    }
    std::fs::remove_dir_all(&folder)?;
    done
}

async fn one(options: &BenchBookingOptions, folder: &Path, url: &str) -> Outcome {
    say!("{}", kind(url));
    let law = Law::new(super::super::load(&options.pack)?);
    let db = open_empty(url, &settings()?).await?;
    let at = options.day.and_hms_opt(0, 0, 0).map(|noon| noon.and_utc());
    let clock = FixedClock(Now {
        at: at.ok_or_else(|| Failure::BadInput("没有这一天".to_owned()))?,
    });
    let app = App::new(db.clone(), law, Arc::new(clock));
    let ours = Ours::open(&app, options).await?;
    let mut took = Vec::new();
    let begun = Instant::now();
    for round in 0..options.rounds {
        took.extend(ours.round(round, options.clients).await?);
    }
    report(
        "经过应用（授权、引擎、留痕、一事务）",
        &mut took,
        begun.elapsed(),
    );
    let hand = Hand::open(url, folder).await?;
    hand.make(&[MAKE]).await?;
    let mut took = Vec::new();
    let begun = Instant::now();
    for round in 0..options.rounds {
        took.extend(by_hand(&hand, round, options).await?);
    }
    report("手写 SQL（一张表、一个主键）", &mut took, begun.elapsed());
    db.close().await;
    Ok(Ending::Yes)
}

fn report(what: &str, took: &mut [Duration], whole: Duration) {
    took.sort_unstable();
    let second = took.len() as u128 * 1_000 / whole.as_millis().max(1);
    say!(
        "  {what}：{} 次都有答复，每秒 {second}；p50 {} ms，p99 {} ms",
        took.len(),
        percentile(took, 50),
        percentile(took, 99)
    );
}

/// The house with one window and its slots, one place for each round.
struct Ours {
    app: App,
    db: Db,
    stocks: Vec<StockId>,
    slots: Vec<Span>,
}

impl Ours {
    async fn open(app: &App, options: &BenchBookingOptions) -> Result<Ours, Failure> {
        let head = app.law().pack.region();
        let region = head.ok_or_else(|| Failure::BadInput("政策包没有区划".to_owned()))?;
        let keeper = (Holder::Person(PersonId(3)), Role::TownOfficer);
        hire(app, region, options.day, &[keeper]).await?;
        let kinds = app.booking_types().iter();
        let kind = kinds
            .filter(|ty| ty.residents && ty.sorts.is_empty())
            .find(|ty| matches!(ty.how, How::Slots { .. }));
        let none = || Failure::BadInput("政策包里没有居民能按时段约的事".to_owned());
        let ty = kind.ok_or_else(none)?.id.clone();
        let mut stocks = Vec::new();
        for round in 0..options.rounds {
            let new = NewStock {
                ty: ty.clone(),
                name: format!("测速 {round}"),
                region,
                units: vec![("1 号".to_owned(), None)],
            };
            let ctx = by(3, Role::TownOfficer, Purpose::Duty, format!("open/{round}"));
            stocks.push(app.open_stock(&ctx, new).await?.value);
        }
        let slots = first_slots(app, &ty, region, (options.day, options.slots)).await?;
        Ok(Ours {
            db: app.db().clone(),
            app: app.clone(),
            stocks,
            slots,
        })
    }

    /// Everybody at once; then every yes must be kept, once, and nothing else.
    async fn round(&self, round: usize, clients: usize) -> Result<Vec<Duration>, Failure> {
        let stock = *self.stocks.get(round).ok_or_else(|| broken("a round"))?;
        let mut running = tokio::task::JoinSet::new();
        for client in 0..clients {
            let app = self.app.clone();
            let nth = client % self.slots.len();
            let span = *self.slots.get(nth).ok_or_else(|| broken("a slot"))?;
            running.spawn(async move { ask(&app, stock, client, span).await });
        }
        let (mut took, mut said_yes) = (Vec::new(), BTreeSet::new());
        while let Some(done) = running.join_next().await {
            let (time, yes) = done.map_err(broken)??;
            took.push(time);
            said_yes.extend(yes);
        }
        let read = self.db.read(async move |tx| {
            let stock_now = tx.stock(stock).await?.state;
            Ok::<_, store::StoreError>((stock_now, tx.seats_taken(stock).await?))
        });
        let (kept, seats) = read.await?;
        let there: BTreeSet<i64> = kept
            .bookings
            .values()
            .map(|one| one.guest.person.0)
            .collect();
        let times: BTreeSet<i64> = seats.iter().map(|seat| seat.grain).collect();
        let wanted = self.slots.len().min(clients);
        let double = kept.bookings.len() - times.len();
        let lost = said_yes.difference(&there).count();
        if double > 0 || lost > 0 || there != said_yes || seats.len() != wanted {
            return Err(Failure::Broken(format!(
                "重复 {double}，丢 {lost}，约到 {} 个，应有 {wanted} 个",
                seats.len()
            )));
        }
        if round == 0 {
            say!("  {clients} 人抢 {wanted} 个时段：约到 {wanted}，重复 0，丢 0");
        }
        Ok(took)
    }
}

async fn ask(
    app: &App,
    stock: StockId,
    client: usize,
    span: Span,
) -> Result<(Duration, Option<i64>), Failure> {
    let person = FIRST + i64::try_from(client).map_err(broken)?;
    let new = NewBooking {
        stock,
        person: None,
        unit: None,
        sort: None,
        span: Some(span),
        note: None,
        wait: None,
    };
    let ctx = by(
        person,
        Role::Citizen,
        Purpose::Own,
        format!("{stock}/{client}"),
    );
    let begun = Instant::now();
    let done = app.book(&ctx, new).await;
    let took = begun.elapsed();
    match done {
        Ok(_) => Ok((took, Some(person))),
        Err(AppError::Refused(no)) if no.code == "booking.taken" => Ok((took, None)),
        Err(why) => Err(why.into()),
    }
}

/// The first slots of the days to come.
async fn first_slots(
    app: &App,
    ty: &Slug,
    region: RegionCode,
    (today, wanted): (Date, usize),
) -> Result<Vec<Span>, Failure> {
    let ctx = by(FIRST, Role::Citizen, Purpose::Own, String::new());
    let mut slots = Vec::new();
    let mut day = today;
    for _ in 0..30 {
        let finding = Finding {
            ty: ty.clone(),
            region,
            sort: None,
            day: Some(day),
        };
        let (_, _, offers) = app.find_bookings(&ctx, finding).await?;
        let first = offers.first().into_iter().flat_map(|one| &one.slots);
        slots.extend(first.map(|slot| slot.span));
        day = kernel::add_days(day, 1).ok_or_else(|| broken("a day"))?;
    }
    slots.truncate(wanted);
    if slots.len() < wanted {
        let says = format!("30 天里只有 {} 个时段，请把 --slots 改小", slots.len());
        return Err(Failure::BadInput(says));
    }
    Ok(slots)
}

const MAKE: &str =
    "CREATE TABLE bench_booking_by_hand (round BIGINT NOT NULL, slot BIGINT NOT NULL,
    client BIGINT NOT NULL, PRIMARY KEY (round, slot))";
const TAKE: &str = "INSERT INTO bench_booking_by_hand (round, slot, client) VALUES ($1, $2, $3)
    ON CONFLICT (round, slot) DO NOTHING";

async fn take(hand: &Hand, round: i64, slot: i64, client: i64) -> Result<u64, sqlx::Error> {
    on!(hand, pool => {
        let taken = sqlx::query(TAKE).bind(round).bind(slot).bind(client);
        Ok(taken.execute(pool).await?.rows_affected())
    })
}

/// The same by hand.
async fn by_hand(
    hand: &Hand,
    round: usize,
    options: &BenchBookingOptions,
) -> Result<Vec<Duration>, Failure> {
    let mut running = tokio::task::JoinSet::new();
    let round = i64::try_from(round).map_err(broken)?;
    for client in 0..options.clients {
        let hand = hand.clone();
        let slot = i64::try_from(client % options.slots).map_err(broken)?;
        let client = i64::try_from(client).map_err(broken)?;
        running.spawn(async move {
            let begun = Instant::now();
            let taken = take(&hand, round, slot, client).await?;
            Ok::<_, sqlx::Error>((begun.elapsed(), taken))
        });
    }
    let (mut took, mut got) = (Vec::new(), 0);
    while let Some(done) = running.join_next().await {
        let (time, taken) = done.map_err(broken)?.map_err(broken)?;
        took.push(time);
        got += taken;
    }
    let wanted = options.slots.min(options.clients) as u64;
    if got != wanted {
        return Err(Failure::Broken(format!("手写：{got} 个，应有 {wanted} 个")));
    }
    Ok(took)
}
