//! 「演示」 `nuanxin demo`: the whole story on a synthetic city, against partners in
//! processes of their own. Killed anywhere and started again, it goes on.

use super::audit::{log_key, log_keys, make_checkpoint, trust, verified};
use super::city;
use super::prove::ledger_of;
use super::serve::{address, listen, serve, settings};
use super::sim::{BANK, CALLER, SMS};
use super::{bench, elsewhere};
use crate::clock::OnwardClock;
use crate::ending::{Ending, Failure, Outcome};
use crate::house::open_db;
use crate::options::{DemoOptions, Format, Load, Place};
use crate::rounds::Rounds;
use crate::say;
use app::payment::BankGateway;
use app::sign_in::Passkeys;
use app::sign_in::elsewhere::Elsewhere;
use app::sms::SmsGateway;
use app::trust::Trust;
use app::verify::Departments;
use app::{App, Law};
use kernel::{Clock, Date};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use testkit::city::{City, Story as Fate};
use testkit::story::{
    FileClock, Trouble, World, known_elsewhere, open_accounts, open_centre, open_places,
    pay_config, tell,
};
use testkit::{demo_ring, demo_signer};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use web::{DemoAccount, Gate, Site, SiteSettings};

/// The day the departments' files speak of.
const COLLECTED: &str = "2026-08-31";
/// The day the story begins: within the calendar of working days that is known.
const FIRST_DAY: &str = "2026-09-01";
/// Who stands outside and cosigns: in a real city other offices.
const WITNESSES: [&str; 2] = ["city-bureau", "discipline-office"];
/// The most days leapt over at once.
const MOST_DAYS: u16 = 60;
/// How long a partner is waited for. The story's partners share its machine: on a
/// busy one they are slow, and a slow answer must not change the story.
const PATIENCE: Duration = Duration::from_secs(30);

/// Tells the story; then opens the city to browsers, or asks it as hard as `load` says.
pub(crate) async fn run(options: DemoOptions, load: Option<Load>, format: Format) -> Outcome {
    let begun = Instant::now();
    if options.fresh && options.data.exists() {
        std::fs::remove_dir_all(&options.data)?;
    }
    std::fs::create_dir_all(&options.data)?;
    let place = Place {
        db: options
            .db
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}/nuanxin.db", options.data.display())),
        pack: options.pack.clone(),
        keys: options.data.join("keys"),
    };
    let law = Law::new(super::load(&place.pack)?);
    let db = open_db(&place).await?;
    let day = |text: &str| {
        text.parse::<Date>()
            .map_err(|why| Failure::Broken(why.to_string()))
    };
    let (collected, first_day) = (day(COLLECTED)?, day(FIRST_DAY)?);
    let built = city::build(&law.pack, options.seed, options.residents, collected)?;
    let files = options
        .data
        .join(format!("city-{}-{}", options.seed, options.residents));
    let written = city::write(&law.pack, &built, &files, collected)?;
    city::tell(&built, &written);
    let clock_file = options.data.join("clock");
    let clock = Arc::new(FileClock::set(&clock_file, first_day)?);
    let mut partners = Partners {
        options: &options,
        clock: &clock_file,
        children: Vec::new(),
    };
    let departments = partners.departments(&law, "water").await?;
    let silent_departments = partners.departments(&law, "bank").await?;
    let bank = partners.bank(&built, clock.clone()).await?;
    let sms = partners.sms(clock.clone()).await?;
    let world = World {
        app: App::new(db.clone(), law, clock.clone()),
        clock,
        city: built,
        first_day,
        departments,
        silent_departments,
        bank,
        sms,
    };
    let figures = tell(&world, &files, |line| say!("{line}")).await;
    let figures = figures.map_err(|why| trouble(&why))?;
    partners.witnesses(&place.keys).await?;
    let certificates = Trust::default();
    make_checkpoint(&db, &place.keys, &certificates, world.clock.now()).await?;
    say!("■ 验证");
    let sound = verified(&db, &place.keys, Some(&certificates), Format::Text).await?
        && ledger_of(&db, Format::Text).await?;
    if format.is_json() {
        super::print_json(&figures)?;
    }
    say!(
        "■ 用时 {:.1} 秒，内存最高 {} MB",
        begun.elapsed().as_secs_f64(),
        peak_mb()
    );
    if !options.headless && sound {
        let keys = place.keys.clone();
        open_site(world, options.listen, keys, load, &mut partners).await?;
    }
    db.close().await;
    partners.release().await;
    Ok(Ending::of(sound))
}

/// Opens the city to browsers: the day goes on from where the story ended.
async fn open_site(
    world: World,
    at: SocketAddr,
    keys: PathBuf,
    load: Option<Load>,
    partners: &mut Partners<'_>,
) -> Result<(), Failure> {
    let clock = Arc::new(OnwardClock::from(world.clock.now()));
    let logins = open_accounts(&world).await.map_err(|why| trouble(&why))?;
    let devices = open_centre(&world).await.map_err(|why| trouble(&why))?;
    say!("■ 派单中心：{} 台设备绑好了", devices.len());
    let places = open_places(&world).await.map_err(|why| trouble(&why))?;
    say!("■ 预约：{places} 处开出来了");
    let app = App::new(
        world.app.db().clone(),
        world.app.law().clone(),
        clock.clone(),
    );
    let demo = logins.into_iter().map(|one| DemoAccount {
        login: one.login,
        password: one.password,
        who: one.who,
        totp: one.totp,
    });
    let listener = listen(at).await?;
    let settings = SiteSettings {
        demo: demo.collect(),
        address: address(None, &listener)?,
        ..settings(&app)
    };
    // Passkeys want a name, not a number.
    let base = format!("http://localhost:{}", listener.local_addr()?.port());
    let elsewhere = partners.sso(&world, &base).await?;
    if load.is_none() {
        say!("{}", card(&settings, &listener.local_addr()?.to_string()));
    }
    let accounts = settings.demo.clone();
    let paying = app.payments(pay_config().map_err(|why| trouble(&why))?);
    let passkeys = Passkeys::new(&base, &settings.office).map_err(Failure::Broken)?;
    let bank = Arc::new(world.bank);
    let log = log_keys(&keys)?;
    let rounds = Rounds::new(app.clone(), clock.clone(), keys)
        .with_sms(Some(world.sms))
        .with_paying(paying.clone(), bank.clone());
    let site = Site::new(app.clone(), settings, clock.clone())
        .with_log(log)
        .with_departments(world.departments)
        .with_paying(paying, bank)
        .with_elsewhere(elsewhere)
        .with_passkeys(passkeys)
        .with_gate(gate(partners.options.seed));
    // The simulators live in the same day, in a file of their own.
    let told_clock = world.clock;
    let told = async {
        loop {
            let kept = told_clock.wait_until(clock.now().at);
            kept.map_err(|why| Failure::Broken(why.to_string()))?;
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    };
    let asked = async {
        match load {
            Some(load) => bench::web(listener, site, &app, &accounts, clock.clone(), load).await,
            None => serve(listener, site).await,
        }
    };
    tokio::select! {
        served = asked => served,
        ended = told => ended,
        () = rounds.go_on() => Ok(()),
        () = leaps(&clock, &rounds) => Ok(()),
    }
}

/// Days pass when somebody types how many: a publicity ends, a review falls due.
async fn leaps(clock: &OnwardClock, rounds: &Rounds) {
    // A thread of its own: a read that waits for somebody to type must not keep the
    // program from ending.
    let (say, mut lines) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let typed = std::io::stdin().lines().map_while(Result::ok);
        typed
            .map(|line| say.send(line))
            .take_while(Result::is_ok)
            .for_each(drop);
    });
    while let Some(line) = lines.recv().await {
        match line.trim().parse::<u16>() {
            Ok(days) if days <= MOST_DAYS => {
                clock.leap(days);
                rounds.once().await;
                say!("  今天是 {}", clock.now().today());
            }
            _ => say!("  请输入 1 到 {MOST_DAYS} 之间的天数"),
        }
    }
    // Nobody is there to type: the city goes on.
    std::future::pending::<()>().await;
}

/// The one card: where to go, and as whom.
fn card(settings: &SiteSettings, address: &str) -> String {
    let password = settings.demo.first().map(|one| one.password.as_str());
    let mut lines = vec![
        String::new(),
        format!("  {} · 暖心（演示，人和事都是编的）", settings.office),
        format!("  打开 http://{address}  登录页 http://{address}/sign-in"),
        format!(
            "  密码都是 {}；验证码在登录页上",
            password.unwrap_or_default()
        ),
    ];
    lines.extend(
        settings
            .demo
            .iter()
            .map(|one| format!("    {:<10} {}", one.login, one.who)),
    );
    lines.push("  输入天数再按回车，城里就过几天（例如 7）；按 Ctrl-C 结束".to_owned());
    lines.join("\n")
}

/// Whom the demonstration believes at its door for machines.
fn gate(seed: u64) -> Gate {
    let names = ["device:demo", "line:line_12345"];
    Gate::new(demo_ring(names, seed), demo_signer(CALLER, seed))
}

fn trouble(why: &Trouble) -> Failure {
    Failure::Broken(format!(
        "故事停在这里：{why}。已经办好的都在，再跑一次会接着走"
    ))
}

/// Peak memory of this process, from the system; 0 where it does not say.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| {
        line.trim()
            .trim_end_matches("kB")
            .trim()
            .parse::<u64>()
            .ok()
    });
    kib.unwrap_or(0) / 1024
}

/// The outside world, as child processes on a leash.
struct Partners<'a> {
    options: &'a DemoOptions,
    clock: &'a Path,
    children: Vec<Child>,
}

impl Partners<'_> {
    async fn departments(&mut self, law: &Law, down: &str) -> Result<Departments, Failure> {
        let options = self.options;
        let words = [
            "departments".to_owned(),
            format!("--residents={}", options.residents),
            format!("--as-of={COLLECTED}"),
            format!("--pack={}", options.pack.display()),
            format!("--down={down}"),
        ];
        let base = self.open(&words).await?;
        let catalogue = &law.pack.data().catalogue;
        let names: Vec<&str> = catalogue.departments().map(|one| one.id.as_str()).collect();
        let signer = demo_signer(CALLER, options.seed);
        Departments::new(base, signer, demo_ring(names, options.seed), PATIENCE)
            .map_err(Failure::Broken)
    }

    /// The bank pays into every card but those of the families who will bring
    /// another: the one the story pays, and the one that waits to be clicked for.
    async fn bank(&mut self, city: &City, clock: Arc<dyn Clock>) -> Result<BankGateway, Failure> {
        let state: PathBuf = self.options.data.join("bank.json");
        let mut words = vec!["bank".to_owned(), format!("--state={}", state.display())];
        let told = city.story_families().into_iter();
        let closed = told.filter(|one| matches!(one.story, Fate::Granted | Fate::Waiting));
        let cards = closed.filter_map(|one| city.find(&one.applicant).map(|who| city.card_of(who)));
        words.extend(cards.map(|card| format!("--return-account={card}")));
        let base = self.open(&words).await?;
        let seed = self.options.seed;
        let signer = demo_signer(CALLER, seed);
        BankGateway::new(base, BANK, signer, demo_ring([BANK], seed), clock, PATIENCE)
            .map_err(Failure::Broken)
    }

    async fn sms(&mut self, clock: Arc<dyn Clock>) -> Result<SmsGateway, Failure> {
        let base = self.open(&["sms".to_owned()]).await?;
        let seed = self.options.seed;
        let signer = demo_signer(CALLER, seed);
        let ring = demo_ring([SMS], seed);
        SmsGateway::new(base, SMS, signer, ring, clock, PATIENCE).map_err(Failure::Broken)
    }

    /// Other houses to sign in at; the residents of the story and two of the staff are
    /// known there, and somebody nobody knows here.
    async fn sso(&mut self, world: &World, base: &str) -> Result<Vec<Elsewhere>, Failure> {
        let people = known_elsewhere(world).await.map_err(|why| trouble(&why))?;
        let file = self.options.data.join("sso-people.json");
        let text = serde_json::to_vec(&people).map_err(|why| Failure::Broken(why.to_string()))?;
        std::fs::write(&file, text)?;
        let words = [
            "sso".to_owned(),
            format!("--site={base}"),
            format!("--people={}", file.display()),
        ];
        let at = self.open(&words).await?;
        Ok(vec![
            elsewhere::demo_ticket(&at, base, self.options.seed)?,
            elsewhere::demo_oidc(&at, base, self.options.seed)?,
        ])
    }

    /// Two witnesses, each with its own key and memory; the house trusts them.
    async fn witnesses(&mut self, keys: &Path) -> Result<(), Failure> {
        let log = log_key(keys)?.told();
        let mut trusted = Vec::new();
        for name in WITNESSES {
            let folder = self.options.data.join(name);
            let words = [
                "witness".to_owned(),
                format!("--name={name}"),
                format!("--folder={}", folder.display()),
                format!("--log={log}"),
            ];
            let base = self.start(&words).await?;
            let key = super::witness::verifier(name, &folder)?.told();
            trusted.push(format!("{key} {base}"));
        }
        trust(keys, &trusted)
    }

    /// Starts a simulator; gives its address.
    async fn open(&mut self, words: &[String]) -> Result<String, Failure> {
        let seed = format!("--seed={}", self.options.seed);
        let words = [&["sim".to_owned()], words, &[seed]].concat();
        self.start(&words).await
    }

    /// Starts a process of this program on a leash; gives its address.
    async fn start(&mut self, words: &[String]) -> Result<String, Failure> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(words)
            .arg(format!("--clock={}", self.clock.display()))
            .arg("--leash")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let out = child
            .stdout
            .take()
            .ok_or_else(|| Failure::Broken("模拟器没有输出".to_owned()))?;
        let mut lines = BufReader::new(out).lines();
        let first = lines.next_line().await?.unwrap_or_default();
        let address = first.strip_prefix("listening on ").map(str::to_owned);
        let address = address.ok_or_else(|| Failure::Broken(format!("模拟器没有打开：{first}")))?;
        self.children.push(child);
        Ok(format!("http://{address}"))
    }

    /// Lets them go: their input closes and they end.
    async fn release(&mut self) {
        for child in &mut self.children {
            drop(child.stdin.take());
            drop(child.wait().await);
        }
    }
}
