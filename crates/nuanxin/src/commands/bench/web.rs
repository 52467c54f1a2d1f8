//! 「量网页」 `nuanxin bench web`: how long each page takes under a load of mixed people,
//! over real HTTP, beside a bare axum route that reads one row of the same database
//! in the same run. Server and askers share the machine: ratios tell, times do not.

use crate::commands::serve::listen;
use crate::ending::Failure;
use crate::options::Load;
use crate::say;
use app::App;
use app::trust::Trust;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use kernel::{Actor, Clock, Role};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::audit::AuditEntry;
use store::{Db, StoreError};
use tokio::net::TcpListener;
use web::{DemoAccount, Site, router};

/// Who looks at what. `{case}` and the like are found on the page before.
const PAGES: &[(&str, &str)] = &[
    ("", "/"),
    ("", "/services"),
    ("", "/check"),
    ("", "/sign-in"),
    ("resident4", "/check"),
    ("resident", "/cases"),
    ("resident", "/cases/1"),
    ("resident", "/three"),
    ("resident", "/xingfu"),
    ("town", "/desk"),
    ("county", "/desk"),
    ("town", "/desk/cases"),
    ("town", "/desk/found"),
    ("town", "/desk/rules"),
    ("town", "/desk/cases/{case}"),
    ("county", "/desk/cases/{case}"),
    ("maker", "/desk/pay"),
    ("", "/api/v1/services"),
];

/// The name of the bare route in the table.
const BARE: &str = "（空路由，读一行）";

/// The same that also puts one row on record: every look at a person does.
const RECORD: &str = "（空路由，留一行痕）";

/// What is asked over and over.
struct Page {
    name: String,
    address: String,
    cookie: String,
}

/// Answers of one page: milliseconds, and those that were none.
#[derive(Default)]
struct Told {
    times: Vec<f64>,
    failed: usize,
}

pub(crate) async fn web(
    listener: TcpListener,
    site: Site,
    app: &App,
    accounts: &[DemoAccount],
    clock: Arc<dyn Clock>,
    load: Load,
) -> Result<(), Failure> {
    let at = listener.local_addr()?;
    let service = router(site.unpaced()).into_make_service_with_connect_info::<SocketAddr>();
    let served = tokio::spawn(async move { axum::serve(listener, service).await });
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let bare_listener = listen(any).await?;
    let bare_at = bare_listener.local_addr()?;
    let bare = Router::new()
        .route("/", get(one_row))
        .route("/record", get(one_record))
        .with_state((app.db().clone(), clock));
    let bare_served = tokio::spawn(async move { axum::serve(bare_listener, bare).await });
    let mut pages = pages(app, accounts, at).await?;
    for (name, path) in [(BARE, "/"), (RECORD, "/record")] {
        pages.push(Page {
            name: name.to_owned(),
            address: format!("http://{bare_at}{path}"),
            cookie: String::new(),
        });
    }
    say!(
        "■ 量网页：{} 人同时看 {} 页，每人歇 {} 毫秒，{} 秒",
        load.clients,
        pages.len(),
        load.think_ms,
        load.seconds
    );
    let told = ask(Arc::new(pages), load).await?;
    tell(&told);
    served.abort();
    bare_served.abort();
    Ok(())
}

type Bare = (Db, Arc<dyn Clock>);

/// One row by its key, nothing else.
async fn one_row(State((db, _)): State<Bare>) -> Result<String, StatusCode> {
    let read = db.read(async |tx| tx.session(&[0; 32]).await);
    let found = read.await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(found.map_or(String::new(), |(login, _)| login))
}

/// One row put on record, synced before it is answered.
async fn one_record(State((db, clock)): State<Bare>) -> StatusCode {
    let now = clock.now();
    let actor = Actor {
        account: "bench".to_owned(),
        person: None,
        role: Role::System,
    };
    let written = db.write(async move |tx| {
        let entry = AuditEntry {
            actor: &actor,
            action: "bench",
            purpose: "bench",
            subject: "bench",
            details: &[],
        };
        tx.audit(&entry, now).await?;
        Ok::<_, StoreError>(())
    });
    match written.await {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The pages with the cookies of who looks at them.
async fn pages(app: &App, accounts: &[DemoAccount], at: SocketAddr) -> Result<Vec<Page>, Failure> {
    let mut cookies = BTreeMap::from([("", String::new())]);
    for (login, _) in PAGES {
        let account = accounts.iter().find(|one| one.login == *login);
        if let Some(one) = account.filter(|_| !cookies.contains_key(login)) {
            let code = match &one.totp {
                Some(secret) => Some(app.next_code(&one.login, secret).await?.0),
                None => None,
            };
            let token = app.sign_in(&one.login, &one.password, code.as_deref());
            cookies.insert(login, format!("nx_session={}", token.await?.0));
        }
    }
    let http = client()?;
    let mut pages = Vec::new();
    for (login, path) in PAGES {
        let Some(cookie) = cookies.get(login) else {
            return Err(Failure::Broken(format!("演示里没有 {login} 这个账号")));
        };
        let mut path = (*path).to_owned();
        if path.contains("{case}") {
            let list = http
                .get(format!("http://{at}/desk/cases"))
                .header("cookie", cookie);
            let list = list.send().await.map_err(broken)?;
            let list = list.text().await.map_err(broken)?;
            let found = list.split("href=\"/desk/cases/").skip(1);
            let mut found = found.filter_map(|rest| rest.split('"').next());
            let case = found.find(|id| id.chars().all(|c| c.is_ascii_digit()));
            // Whose list is empty has no case to open.
            let Some(case) = case else { continue };
            path = path.replace("{case}", case);
        }
        pages.push(Page {
            name: format!("{login} {path}"),
            address: format!("http://{at}{path}"),
            cookie: cookie.clone(),
        });
    }
    Ok(pages)
}

/// Everybody looks, each beginning elsewhere, until time is up.
async fn ask(pages: Arc<Vec<Page>>, load: Load) -> Result<BTreeMap<String, Told>, Failure> {
    let told: Arc<Mutex<BTreeMap<String, Told>>> = Arc::default();
    let http = client()?;
    // Once each before the clock runs: connections, caches.
    for page in pages.iter() {
        http.get(&page.address)
            .header("cookie", &page.cookie)
            .send()
            .await
            .map_err(broken)?;
    }
    let until = Instant::now() + Duration::from_secs(load.seconds);
    let mut everybody = Vec::new();
    for client in 0..load.clients {
        let (pages, told, http) = (Arc::clone(&pages), Arc::clone(&told), http.clone());
        everybody.push(tokio::spawn(async move {
            let mut next = client * 7;
            while Instant::now() < until {
                let page = &pages[next % pages.len()];
                next += 1;
                let begun = Instant::now();
                let answer = http
                    .get(&page.address)
                    .header("cookie", &page.cookie)
                    .send()
                    .await;
                let whole = match answer {
                    Ok(answer) if answer.status().is_success() => answer.bytes().await.is_ok(),
                    _ => false,
                };
                let took = begun.elapsed().as_secs_f64() * 1_000.0;
                {
                    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                    let told = told.entry(page.name.clone()).or_default();
                    told.times.push(took);
                    told.failed += usize::from(!whole);
                }
                tokio::time::sleep(Duration::from_millis(load.think_ms)).await;
            }
        }));
    }
    for one in everybody {
        one.await.map_err(|why| Failure::Broken(why.to_string()))?;
    }
    let told = Arc::into_inner(told).map(Mutex::into_inner);
    let told = told.map(|told| told.unwrap_or_else(PoisonError::into_inner));
    told.ok_or_else(|| Failure::Broken("还有人在看".to_owned()))
}

fn tell(told: &BTreeMap<String, Told>) {
    let at = |name: &str, share: f64| {
        let mut times = told
            .get(name)
            .map(|one| one.times.clone())
            .unwrap_or_default();
        times.sort_by(f64::total_cmp);
        let last = times.len().saturating_sub(1);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in a list of answers"
        )]
        let place = (last as f64 * share).round() as usize;
        times.get(place).copied().unwrap_or(f64::NAN)
    };
    let (bare, record) = (at(BARE, 0.99), at(RECORD, 0.99));
    say!("| 页 | 次数 | 没答好 | p50 毫秒 | p99 毫秒 | p99 与空路由比 | 与留痕的比 |");
    say!("|---|---|---|---|---|---|---|");
    for (name, one) in told {
        let (p50, p99) = (at(name, 0.5), at(name, 0.99));
        say!(
            "| {name} | {} | {} | {p50:.1} | {p99:.1} | {:.1} | {:.1} |",
            one.times.len(),
            one.failed,
            p99 / bare,
            p99 / record
        );
    }
}

/// A browser that is no browser.
fn client() -> Result<reqwest::Client, Failure> {
    let client = Trust::default().http().map_err(Failure::Broken)?;
    client.build().map_err(broken)
}

fn broken(why: reqwest::Error) -> Failure {
    Failure::Broken(why.to_string())
}
