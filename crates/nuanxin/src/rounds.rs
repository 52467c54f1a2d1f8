//! 「守夜」 What goes on while nobody clicks: what falls due by the calendar, messages
//! that wait, files for the bank and its replies, the signed record of the record.
//! Each piece may fail by itself: it says so and is tried again in the next round.

use crate::commands::audit::make_checkpoint;
use crate::ending::Failure;
use app::hook::HookLine;
use app::import::drop::DropFolder;
use app::notify::{Carried, SmsLine};
use app::payment::{BankGateway, Payments};
use app::pull::{DatabasePages, DepartmentPages, PullPlan, PullRound};
use app::sms::{Outgoing, Receipt, SmsGateway, SmsTrouble, Taken};
use app::trust::Trust;
use app::{App, Context};
use engine_access::Purpose;
use kernel::{Actor, Clock, Date, Instant, PaymentBatchId, Role};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tracing::{info, warn};

/// Between two rounds.
const PAUSE: Duration = Duration::from_secs(5);
/// Between two looks at the clocks of orders: an alarm waits for nothing longer.
const CLOCKS: Duration = Duration::from_secs(1);
/// Between two looks for deliveries somebody took in and did not look at.
const CATCHING_UP: Duration = Duration::from_secs(60);
/// Messages handed over in one go.
const MESSAGES: u32 = 200;
/// Between two signatures under the record.
const SIGNING: chrono::TimeDelta = chrono::TimeDelta::minutes(10);

/// Who does the rounds.
pub(crate) struct Rounds {
    app: Mutex<App>,
    clock: Arc<dyn Clock>,
    keys: PathBuf,
    trust: Trust,
    sms: Option<SmsGateway>,
    paying: Option<(Payments, Arc<BankGateway>)>,
    pulls: Option<(Vec<PullPlan>, DepartmentPages)>,
    tapped: Option<(Vec<PullPlan>, DatabasePages)>,
    dropped: Option<Mutex<DropFolder>>,
    hooks: Option<HookLine>,
    done: Mutex<Done>,
}

/// What was done last.
#[derive(Default)]
struct Done {
    ticked: Option<Date>,
    signed: Option<Instant>,
}

/// No line to an SMS centre: every attempt fails, and the message goes on by the
/// next way, down to a call by a person.
struct NoLine;

impl SmsLine for NoLine {
    async fn send(&self, _: &Outgoing) -> Result<Taken, SmsTrouble> {
        Err(SmsTrouble("没有接短信专线".to_owned()))
    }

    async fn receipt(&self, _: &str) -> Result<Receipt, SmsTrouble> {
        Err(SmsTrouble("没有接短信专线".to_owned()))
    }
}

impl Rounds {
    /// Over a house; its signing keys lie in `keys`.
    pub(crate) fn new(app: App, clock: Arc<dyn Clock>, keys: PathBuf) -> Rounds {
        Rounds {
            app: Mutex::new(app),
            clock,
            keys,
            trust: Trust::default(),
            sms: None,
            paying: None,
            pulls: None,
            tapped: None,
            dropped: None,
            hooks: None,
            done: Mutex::default(),
        }
    }

    /// Believing these certificates of the witnesses.
    #[must_use]
    pub(crate) fn trusting(mut self, trust: Trust) -> Rounds {
        self.trust = trust;
        self
    }

    /// With a line to the SMS centre.
    #[must_use]
    pub(crate) fn with_sms(mut self, sms: Option<SmsGateway>) -> Rounds {
        self.sms = sms;
        self
    }

    /// With the paying desk and its line to the bank.
    #[must_use]
    pub(crate) fn with_paying(mut self, paying: Payments, bank: Arc<BankGateway>) -> Rounds {
        self.paying = Some((paying, bank));
        self
    }

    /// With what is fetched from departments.
    #[must_use]
    pub(crate) fn with_pulls(mut self, pulls: Option<(Vec<PullPlan>, DepartmentPages)>) -> Rounds {
        self.pulls = pulls;
        self
    }

    /// With the departments' databases that are read.
    #[must_use]
    pub(crate) fn with_tapped(mut self, tapped: Option<(Vec<PullPlan>, DatabasePages)>) -> Rounds {
        self.tapped = tapped;
        self
    }

    /// With a folder departments lay files into.
    #[must_use]
    pub(crate) fn with_drop(mut self, folder: Option<DropFolder>) -> Rounds {
        self.dropped = folder.map(Mutex::new);
        self
    }

    /// With those who are told of events.
    #[must_use]
    pub(crate) fn with_hooks(mut self, hooks: Option<HookLine>) -> Rounds {
        self.hooks = hooks;
        self
    }

    /// Round after round, until it is dropped.
    pub(crate) async fn go_on(&self) {
        let rounds = async {
            loop {
                self.once().await;
                tokio::time::sleep(PAUSE).await;
            }
        };
        // Apart from everything else: neither the bank nor a dead SMS centre may keep an
        // alarm waiting.
        let clocks = async {
            loop {
                self.orders().await;
                tokio::time::sleep(CLOCKS).await;
            }
        };
        // A department may take its time: nothing else waits for it.
        let pulls = async {
            loop {
                self.pull().await;
                tokio::time::sleep(PAUSE).await;
            }
        };
        let drops = async {
            loop {
                self.take_drops().await;
                tokio::time::sleep(PAUSE).await;
            }
        };
        let hooks = async {
            loop {
                self.tell().await;
                tokio::time::sleep(PAUSE).await;
            }
        };
        // A look at everybody takes as long as it takes: nothing else waits for it.
        let looks = async {
            loop {
                self.catch_up().await;
                tokio::time::sleep(CATCHING_UP).await;
            }
        };
        tokio::join!(rounds, clocks, pulls, drops, hooks, looks);
    }

    /// What follows deliveries whose taker died before it.
    async fn catch_up(&self) {
        let app = self.app.lock().await.clone();
        match app.catch_up_looks().await {
            Ok(caught) if caught.stuck > 0 => {
                warn!("有 {} 批数据收了还没看完，过后再看", caught.stuck);
            }
            Ok(_) => {}
            Err(why) => warn!("收了没看完的数据没有补看成：{why}"),
        }
    }

    /// What lies in the drop folder and has stopped growing.
    async fn take_drops(&self) {
        let Some(folder) = &self.dropped else {
            return;
        };
        let app = self.app.lock().await.clone();
        match app.drop_round(&mut *folder.lock().await).await {
            Ok(round) => {
                for one in &round.dropped {
                    info!("投放文件夹：{} 在 {}", one.name, one.lies.display());
                }
                for why in &round.stuck {
                    warn!("投放文件夹里有没收成的，等一会儿再收：{why}");
                }
            }
            Err(why) => warn!("投放文件夹没有看完：{why}"),
        }
    }

    /// What happened, told to whom it was agreed.
    async fn tell(&self) {
        let Some(line) = &self.hooks else { return };
        let app = self.app.lock().await.clone();
        match app.hook_round(line).await {
            Ok(round) if round.failed > 0 => warn!("有 {} 件事件没推成，过后再推", round.failed),
            Ok(_) => {}
            Err(why) => warn!("推送没有走完：{why}"),
        }
    }

    /// What is fetched from departments, as far as it is time.
    async fn pull(&self) {
        let app = self.app.lock().await.clone();
        let http = async {
            if let Some((plans, pages)) = &self.pulls {
                told(app.pull_round(plans, pages).await);
            }
        };
        let databases = async {
            if let Some((plans, pages)) = &self.tapped {
                told(app.pull_round(plans, pages).await);
            }
        };
        tokio::join!(http, databases);
    }

    /// Ladders climbed, offers lapsed, silent devices.
    async fn orders(&self) {
        let app = self.app.lock().await.clone();
        match app.tick_orders().await {
            Ok(ticked) if ticked.stuck > 0 => {
                warn!("有 {} 张工单到了时候却走不动，要人看", ticked.stuck);
            }
            Ok(_) => {}
            Err(why) => warn!("工单的钟没有看完：{why}"),
        }
    }

    /// One round.
    pub(crate) async fn once(&self) {
        let mut done = self.done.lock().await;
        let app = self.app().await;
        let now = self.clock.now();
        if done.ticked != Some(now.today()) {
            match tick(&app).await {
                Ok(()) => done.ticked = Some(now.today()),
                Err(why) => warn!("按日子走没有走完：{why}"),
            }
        }
        self.orders().await;
        bookings(&app).await;
        if let Err(why) = self.messages(&app).await {
            warn!("消息没有发完：{why}");
        }
        if let Err(why) = self.bank(&app).await {
            warn!("银行的事没有办完：{why}");
        }
        let signed = done.signed.is_some_and(|at| now.at < at + SIGNING);
        if !signed {
            match make_checkpoint(app.db(), &self.keys, &self.trust, now).await {
                Ok(_) => done.signed = Some(now.at),
                Err(why) => warn!("审计没有签上：{why}"),
            }
        }
    }

    /// The house under the law in force.
    async fn app(&self) -> App {
        let mut app = self.app.lock().await;
        match app.renewed().await {
            Ok(Some(renewed)) => *app = renewed,
            Ok(None) => {}
            Err(why) => warn!("没有换上施行的规定：{why}"),
        }
        app.clone()
    }

    async fn messages(&self, app: &App) -> Result<(), Failure> {
        loop {
            let carried = match &self.sms {
                Some(line) => app.send_messages(line, MESSAGES).await?,
                None => app.send_messages(&NoLine, MESSAGES).await?,
            };
            if carried == Carried::default() {
                return Ok(());
            }
        }
    }

    async fn bank(&self, app: &App) -> Result<(), Failure> {
        let Some((paying, bank)) = &self.paying else {
            return Ok(());
        };
        let paying = paying.under(app);
        let round = paying.talk_to_bank(&itself(), bank).await?;
        for (batch, fault) in round.faults {
            warn!("批次 {batch} 的回盘有问题：{fault:?}");
        }
        Ok(())
    }
}

/// Who did not come, offers nobody answered, slots that came and went for who waits.
async fn bookings(app: &App) {
    match app.tick_bookings().await {
        Ok(0) => {}
        Ok(stuck) => warn!("有 {stuck} 处预约到了时候却走不动，要人看"),
        Err(why) => warn!("预约的钟没有看完：{why}"),
    }
}

async fn tick(app: &App) -> Result<(), Failure> {
    let Some(region) = app.law().pack.region() else {
        return Ok(());
    };
    app.recount_providers().await?;
    let doubles = app.look_for_doubles().await?;
    if doubles > 0 {
        warn!("底册里新找到 {doubles} 对像一个人的，要人看");
    }
    let planned = app.plan_orders(region).await?;
    if planned.stuck > 0 {
        warn!("有 {} 户的周期工单没有排上，要人看", planned.stuck);
    }
    app.watch_plans().await?;
    app.tick_books().await?;
    let ticked = app.tick_cases(region).await?;
    if ticked.stuck > 0 {
        warn!("有 {} 件到了日子却走不动，要人看", ticked.stuck);
    }
    Ok(())
}

/// The house itself, at the bank's door.
fn itself() -> Context {
    Context {
        actor: Actor {
            account: "rounds".to_owned(),
            person: None,
            role: Role::System,
        },
        purpose: Purpose::Payment(PaymentBatchId(0)),
        request: "rounds".to_owned(),
    }
}

fn told(round: app::Result<PullRound>) {
    match round {
        Ok(round) if round.waiting > 0 => {
            warn!("有 {} 类数据没拉成，等一会儿再拉", round.waiting);
        }
        Ok(_) => {}
        Err(why) => warn!("拉取没有走完：{why}"),
    }
}

#[cfg(test)]
mod tests {
    //! The rounds themselves, on both databases.

    use super::*;
    use ::store::testing::both;
    use ::store::{StoreError, Tx};
    use app::Law;
    use engine_booking::{
        Act, Command, Config, Guest, Offer, Span, Stock, Waiting, decide, moment,
    };
    use kernel::{BookingId, FixedClock, Now, PersonId, Slug, StockId};

    const STOCK: StockId = StockId(1);

    fn at(text: &str) -> Now {
        Now {
            at: format!("{text}:00+08:00").parse().unwrap(),
        }
    }

    fn guest(person: i64) -> Guest {
        Guest {
            person: PersonId(person),
            name: format!("居民{person}"),
            phone: None,
            note: None,
        }
    }

    fn actor() -> Actor {
        Actor {
            account: "desk".to_owned(),
            person: Some(PersonId(900)),
            role: Role::TownOfficer,
        }
    }

    /// A counsellor booked at nine, and somebody whose answer was due yesterday.
    fn stock(app: &App, ty: &Slug) -> (Stock, Vec<engine_booking::Event>) {
        let ty = app.booking_type(ty).unwrap();
        let region = "330482001".parse().unwrap();
        let mut stock = Stock::new(STOCK, ty.id.clone(), "辅导室".to_owned(), region);
        let nine = moment("2026-09-29".parse().unwrap(), 9 * 60).unwrap();
        let span = |from| Span {
            from,
            to: Some(from + chrono::TimeDelta::minutes(50)),
        };
        let add = Act::Add {
            label: "王老师".to_owned(),
            sort: ty.sorts.keys().next().cloned(),
        };
        let book = Act::Book {
            id: BookingId(1),
            unit: None,
            sort: None,
            span: span(nine),
            guest: guest(1),
        };
        let mut all = Vec::new();
        for act in [add, book] {
            let command = Command {
                actor: actor(),
                desk: true,
                act,
            };
            let config = Config {
                ty: &ty,
                calendar: app.law().pack.calendar(),
            };
            let events = decide(&stock, &command, config, at("2026-09-28T09:00")).unwrap();
            events.iter().for_each(|event| stock.apply(event));
            all.extend(events);
        }
        let later = span(nine + chrono::TimeDelta::days(10));
        let by = engine_booking::Stamp {
            actor: actor(),
            at: at("2026-09-26T09:00").at,
        };
        let waiting = Waiting {
            id: BookingId(2),
            guest: guest(2),
            class: ty.waiting.as_ref().unwrap().classes[0].id.clone(),
            sort: None,
            span: Some(later),
            since: by.at,
            offer: None,
            passed: Vec::new(),
            said_no: false,
        };
        let offer = Offer {
            unit: 1,
            span: Some(later),
            until: "2026-09-28".parse().unwrap(),
        };
        for what in [
            engine_booking::What::Queued(waiting),
            engine_booking::What::Offered {
                id: BookingId(2),
                offer,
            },
        ] {
            let event = engine_booking::Event {
                by: by.clone(),
                what,
            };
            stock.apply(&event);
            all.push(event);
        }
        (stock, all)
    }

    #[tokio::test]
    async fn i06_the_rounds_note_who_did_not_come_and_take_back_what_nobody_answered() {
        both(async |db| {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/pinghu");
            let law = Law::new(packs::load(folder.as_ref()).pack.unwrap());
            let now = at("2026-09-29T09:30");
            let clock = Arc::new(FixedClock(now));
            let app = App::new(db.clone(), law, clock.clone());
            let ty: Slug = "family_counselling".parse().unwrap();
            let (stock, events) = stock(&app, &ty);
            let kept: Result<(), StoreError> = db
                .write(async move |tx: &mut Tx| {
                    let empty = Stock::new(STOCK, stock.ty.clone(), String::new(), stock.region);
                    tx.create_stock(&empty, &events[..1], &actor(), now).await?;
                    let version = tx.stock_to_change(STOCK).await?.version;
                    tx.save_stock(version, &stock, &events[1..], &actor(), now)
                        .await
                })
                .await;
            kept.unwrap();
            let keys = tempfile::tempdir().unwrap();
            let rounds = Rounds::new(app, clock, keys.path().to_owned());
            rounds.once().await;
            let read = db.read(async |tx: &mut Tx| {
                let stock = tx.stock(STOCK).await?.state;
                let line = tx.bookings_of(PersonId(1), 1).await?;
                Ok::<_, StoreError>((stock, line))
            });
            let (stock, line) = read.await.unwrap();
            assert!(stock.bookings.is_empty());
            assert_eq!(line[0].stage, ::store::BookingStage::NoShow);
            assert_eq!(stock.waiting[&BookingId(2)].offer, None);
        })
        .await;
    }
}
