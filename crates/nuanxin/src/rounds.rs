//! 「守夜」 What goes on while nobody clicks: what falls due by the calendar, messages
//! that wait, files for the bank and its replies, the signed record of the record.
//! Each piece may fail by itself: it says so and is tried again in the next round.

use crate::commands::audit::make_checkpoint;
use crate::ending::Failure;
use crate::options::ScreenAt;
use app::ScreenReport;
use app::hook::HookLine;
use app::import::drop::DropFolder;
use app::notify::{Carried, SmsLine};
use app::payment::{BankGateway, Payments};
use app::pull::{DatabasePages, DepartmentPages, PullPlan, PullRound};
use app::sms::{Outgoing, Receipt, SmsGateway, SmsTrouble, Taken};
use app::trust::Trust;
use app::{App, Context};
use chrono::{FixedOffset, Timelike as _};
use engine_access::Purpose;
use kernel::{Actor, Clock, Date, Instant, Now, PaymentBatchId, Role};
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
    screen_at: ScreenAt,
    done: Mutex<Done>,
    screened: Mutex<Option<Date>>,
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
            screen_at: ScreenAt(None),
            done: Mutex::default(),
            screened: Mutex::default(),
        }
    }

    /// Screening everybody once a day.
    #[must_use]
    pub(crate) fn screening(mut self, screen_at: ScreenAt) -> Rounds {
        self.screen_at = screen_at;
        self
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
        let everybody = async {
            loop {
                self.screen().await;
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
        tokio::join!(rounds, clocks, pulls, drops, hooks, everybody, looks);
    }

    /// A birthday, a number of the law that begins today: nobody delivers these, so
    /// everybody is looked at once a day.
    async fn screen(&self) {
        let ScreenAt(Some(hour)) = self.screen_at else {
            return;
        };
        let (now, mut screened) = (self.clock.now(), self.screened.lock().await);
        if *screened == Some(now.today()) || hour_of(now) < hour {
            return;
        }
        let app = self.app.lock().await.clone();
        match screen_once(&app, now.today()).await {
            Ok(Some(report)) => info!("筛查过 {} 户 {} 人", report.households, report.persons),
            Ok(None) => {}
            Err(why) => {
                warn!("今天的筛查没有做完：{why}。可以手工运行 nuanxin screen，不然明天再筛")
            }
        }
        *screened = Some(now.today());
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

/// The hour of the day in China.
fn hour_of(now: Now) -> u32 {
    let east = FixedOffset::east_opt(8 * 3600);
    east.map_or(0, |east| now.at.with_timezone(&east).hour())
}

/// `None`: it was done before today.
async fn screen_once(app: &App, today: Date) -> app::Result<Option<ScreenReport>> {
    if app.screened_on().await?.is_some_and(|last| last >= today) {
        return Ok(None);
    }
    let ctx = Context {
        purpose: Purpose::Discovery,
        ..itself()
    };
    app.screen(&ctx, today, |_| {}).await.map(Some)
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
mod tests;
