//! 「开门」 `nuanxin serve`: the web site. Ends cleanly when told to.

use super::elsewhere;
use crate::clock::WallClock;
use crate::ending::{Ending, Failure, Outcome};
use crate::house;
use crate::options::ServeOptions;
use crate::partners::Partners;
use crate::rounds::Rounds;
use crate::say;
use app::App;
use app::import::drop::DropFolder;
use app::sign_in::Passkeys;
use kernel::Clock;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use web::{Renewal, Site, SiteSettings, renewable};

/// The hotline of civil affairs in Zhejiang.
const HOTLINE: &str = "96345";
/// So many looks, five seconds apart, must find a dropped file the same.
const DROP_LOOKS: u32 = 3;
/// Between two looks at the law in force.
const RENEWAL: std::time::Duration = std::time::Duration::from_secs(5);

pub(crate) async fn run(options: ServeOptions) -> Outcome {
    let mut app = house::open(&options.place).await?;
    if let Some(file) = &options.font {
        let unreadable =
            |why| Failure::BadInput(format!("读不了字库文件 {}：{why}", file.display()));
        app = app.with_letters(std::fs::read(file).map_err(unreadable)?)?;
    }
    let listener = listen(options.listen).await?;
    let settings = SiteSettings {
        secure: options.secure,
        address: address(options.address.clone(), &listener)?,
        ..settings(&app)
    };
    let office = settings.office.clone();
    let clock: Arc<dyn Clock> = Arc::new(WallClock);
    let trust = house::trust(&options.ca)?;
    let partners = match &options.partners {
        Some(file) => Partners::read(file, &app, &clock, &trust)?,
        None => Partners::default(),
    };
    let mut site = Site::new(app.clone(), settings, clock.clone())
        .with_log(super::audit::log_keys(&options.place.keys)?);
    if let Some(departments) = partners.departments {
        site = site.with_departments(departments);
    }
    if let Some((ring, signer)) = partners.parties {
        site = site.with_parties(ring, Some(signer));
    }
    if let Some(gate) = partners.gate {
        site = site.with_gate(gate);
    }
    let dropped = options.drop.as_deref();
    let dropped = dropped.map(|folder| DropFolder::open(folder, DROP_LOOKS));
    let dropped = dropped.transpose()?;
    // Without a list nobody is on it.
    match &partners.hooks {
        Some(line) => app.list_hooks(line).await?,
        None => app.list_no_hooks().await?,
    }
    let rounds = Rounds::new(app, clock, options.place.keys.clone())
        .trusting(trust.clone())
        .with_sms(partners.sms)
        .with_pulls(partners.pulls)
        .with_tapped(partners.tapped)
        .with_drop(dropped)
        .with_hooks(partners.hooks)
        .screening(options.screen_at);
    let rounds = match partners.paying {
        Some((paying, bank)) => {
            let bank = Arc::new(bank);
            site = site.with_paying(paying.clone(), bank.clone());
            rounds.with_paying(paying, bank)
        }
        None => rounds,
    };
    if let Some(base) = &options.base {
        let passkeys = Passkeys::new(base, &office).map_err(Failure::BadInput)?;
        site = site.with_passkeys(passkeys);
        if let Some(file) = &options.sso {
            site = site.with_elsewhere(elsewhere::read(file, base, &trust)?);
        }
    }
    say!("暖心已打开：http://{}", listener.local_addr()?);
    tokio::select! {
        served = serve(listener, site) => served?,
        () = rounds.go_on() => {}
    }
    Ok(Ending::of(true))
}

/// How the site is reached from outside: as told, else where it listens.
pub(crate) fn address(told: Option<String>, listener: &TcpListener) -> Result<String, Failure> {
    let Some(told) = told else {
        return Ok(format!("http://{}", listener.local_addr()?));
    };
    let told = told.trim_end_matches('/');
    let host = told
        .strip_prefix("https://")
        .or_else(|| told.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => {
            Ok(told.to_owned())
        }
        _ => Err(Failure::BadInput(format!(
            "--address 要写成 https://域名 这样，不带后面的路径；收到的是“{told}”"
        ))),
    }
}

/// What the pack says of who serves.
pub(crate) fn settings(app: &App) -> SiteSettings {
    let head = app.law().pack.head().map(|head| head.name.clone());
    SiteSettings {
        office: format!("{}民政局", head.unwrap_or_default()),
        hotline: HOTLINE.to_owned(),
        ..SiteSettings::default()
    }
}

/// Opens the port, or says how to mend it.
pub(crate) async fn listen(at: SocketAddr) -> Result<TcpListener, Failure> {
    let opened = TcpListener::bind(at).await;
    opened.map_err(|why| {
        Failure::BadInput(format!(
            "打不开 {at}：{why}。请换一个地址，例如 --listen 127.0.0.1:8081"
        ))
    })
}

/// Serves until the process is told to end; open requests are finished.
pub(crate) async fn serve(listener: TcpListener, site: Site) -> Result<(), Failure> {
    let stop = async {
        // Without a signal handler it is ended from outside.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let (router, renewal) = renewable(site);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(stop);
    tokio::select! {
        served = async { serving.await } => served?,
        () = keep_the_law(&renewal) => {}
    }
    Ok(())
}

/// A law signed or suspended anywhere counts here within seconds.
async fn keep_the_law(renewal: &Renewal) {
    loop {
        tokio::time::sleep(RENEWAL).await;
        match renewal.renew().await {
            Ok(true) => tracing::info!("现在按新的一版规定办"),
            Ok(false) => {}
            Err(why) => tracing::warn!("没有换上施行的规定：{why}"),
        }
    }
}
