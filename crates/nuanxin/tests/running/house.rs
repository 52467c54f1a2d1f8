//! 「房子和对方」 A house opened as an operator opens it (packs, keys, posts, partners'
//! file, one process), and a partner's machine that listens.

use super::keys;
use app::sign_in::{NewAccount, code_at};
use app::signing::SignedHeaders;
use app::{App, Context, Law};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use engine_access::Purpose;
use kernel::{Actor, Clock, Now, PersonId, Role};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Of the keys of everybody here.
pub(crate) const SEED: u64 = 41;
/// The address that takes events.
pub(crate) const TOLD: &str = "/told";
/// The one that never does.
pub(crate) const BROKEN: &str = "/broken";
/// Nothing here may take longer.
const PATIENCE: Duration = Duration::from_secs(90);

const AGREEMENTS: &str = r#"
[agreement.psb_told]
name = "告诉公安局"
way = "out"
party = "psb"
purposes = ["verification"]
basis = "示例"
provenance = "assumed"
from = 2025-08-01
until = 2099-12-31
events = ["delivery_taken", "delivery_refused"]

[agreement.psb_broken]
name = "停不了的地址"
way = "out"
party = "psb"
purposes = ["verification"]
basis = "示例"
provenance = "assumed"
from = 2025-08-01
until = 2099-12-31
events = ["delivery_taken"]

[agreement.asker_may]
name = "开着也能问的协议"
way = "out"
party = "asker"
party_name = "住建局"
purposes = ["verification"]
basis = "示例"
provenance = "assumed"
from = 2025-08-01
until = 2099-12-31
data = [{ category = "vehicle", fields = ["plate"] }]
asks = ["records", "receives"]
benefits = ["dibao"]
asks_per_day = 20

[agreement.late_may]
name = "到期了的协议"
way = "out"
party = "late"
party_name = "以前的伙伴"
purposes = ["verification"]
basis = "示例"
provenance = "assumed"
from = 2025-08-01
until = 2025-08-02
data = [{ category = "vehicle", fields = ["plate"] }]
asks = ["records"]
asks_per_day = 20
"#;

/// The machine's clock: the process under test has no other.
#[derive(Debug)]
struct Wall;

impl Clock for Wall {
    #[expect(
        clippy::disallowed_methods,
        reason = "what is signed must be signed now: the process has the machine's clock"
    )]
    fn now(&self) -> Now {
        let micros = chrono::Utc::now().timestamp_micros();
        let at = chrono::DateTime::from_timestamp_micros(micros).unwrap();
        Now { at }
    }
}

pub(crate) fn now() -> Now {
    Wall.now()
}

/// Looks again and again; gives up with the name of what did not come.
pub(crate) async fn wait_for<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// A request as it came to a partner.
#[derive(Clone)]
pub(crate) struct Came {
    method: Method,
    path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// A partner's machine.
#[derive(Clone)]
pub(crate) struct Partner {
    came: Arc<Mutex<Vec<Came>>>,
    pub(crate) at: SocketAddr,
}

impl Partner {
    pub(crate) async fn listen() -> Partner {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let partner = Partner {
            came: Arc::default(),
            at: listener.local_addr().unwrap(),
        };
        let router = Router::new().fallback(take).with_state(partner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        partner
    }

    pub(crate) fn posts(&self, path: &str) -> Vec<Came> {
        let came = self.came.lock().unwrap();
        let told = |one: &&Came| one.method == Method::POST && one.path == path;
        came.iter().filter(told).cloned().collect()
    }
}

async fn take(
    State(partner): State<Partner>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().to_owned();
    let status = match (method == Method::POST, path.as_str()) {
        (true, BROKEN) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::NO_CONTENT,
    };
    partner.came.lock().unwrap().push(Came {
        method,
        path,
        headers,
        body: body.to_vec(),
    });
    let consent = [
        ("webhook-allowed-origin", "civil.example"),
        ("webhook-allowed-rate", "600"),
    ];
    (status, consent).into_response()
}

/// A house that serves, in a process of its own.
pub(crate) struct House {
    home: tempfile::TempDir,
    db: String,
    serving: Option<Child>,
    base: String,
    session: String,
    http: reqwest::Client,
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(child) = &mut self.serving {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

impl House {
    /// Posts, an account, keys and agreements; then it serves.
    pub(crate) async fn open(db: &str, partner: SocketAddr) -> House {
        let mut house = House {
            home: tempfile::tempdir().unwrap(),
            db: db.to_owned(),
            serving: None,
            base: String::new(),
            session: String::new(),
            http: app::trust::Trust::default()
                .http()
                .unwrap()
                .build()
                .unwrap(),
        };
        house.packs();
        house.says(&["staff", "found", "9000000001", "9000000002"]);
        let approver = "9000000041";
        let first = ["--as", "9000000001"];
        house.says(
            &[
                &["staff", "propose", approver, "county_approver"][..],
                &first,
            ]
            .concat(),
        );
        house.says(&["staff", "approve", approver, "--as", "9000000002"]);
        house.session = house.account().await;
        house.partners(partner);
        house.serve();
        house
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn packs(&self) {
        let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
        for name in ["zhejiang", "jiaxing", "pinghu"] {
            copy(&packs.join(name), &self.folder("packs").join(name));
        }
        let file = self.folder("packs/zhejiang/data/agreements.toml");
        let text = fs::read_to_string(&file).unwrap();
        // A test does not grow old with the city's own agreements.
        let text = text.replace("until = 2028-07-31", "until = 2099-12-31");
        fs::write(&file, text + AGREEMENTS).unwrap();
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nuanxin"));
        command
            .args(words)
            .args(["--db", &self.db])
            .arg("--pack")
            .arg(self.folder("packs/pinghu"))
            .arg("--keys")
            .arg(self.folder("keys"))
            .env_remove("NUANXIN_FORMAT")
            .stdin(Stdio::null());
        command
    }

    fn says(&self, words: &[&str]) {
        let out = self.command(words).output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(out.status.success(), "{words:?}: {said}");
    }

    /// An account of the approver, signed in: what the browser would hold.
    async fn account(&self) -> String {
        let settings = keys::settings(&self.folder("keys"));
        let db = store::Db::open(&self.db, settings).await.unwrap();
        let pack = packs::load(&self.folder("packs/pinghu")).pack.unwrap();
        let app = App::new(db.clone(), Law::new(pack), Arc::new(Wall));
        let ctx = Context {
            actor: Actor {
                account: "admin".to_owned(),
                person: Some(PersonId(9_000_000_001)),
                role: Role::SecurityAdministrator,
            },
            purpose: Purpose::Administration,
            request: "account".to_owned(),
        };
        let (secret, password) = (b"a secret of this test".to_vec(), "a long pass word");
        let new = NewAccount {
            login: "approver".to_owned(),
            person: PersonId(9_000_000_041),
            role: Role::CountyApprover,
            name: "审核员".to_owned(),
            password: Some(password.to_owned()),
            totp: Some(secret.clone()),
        };
        app.open_account(&ctx, new).await.unwrap();
        let code = code_at(&secret, now().at).unwrap();
        let token = app.sign_in("approver", password, Some(&code)).await;
        db.close().await;
        token.unwrap().0
    }

    fn partners(&self, partner: SocketAddr) {
        let key = |name: &str| {
            let (secret, public) = testkit::demo_pem(name, SEED).unwrap();
            fs::write(self.folder(&format!("{name}.pem")), secret).unwrap();
            fs::write(self.folder(&format!("{name}.pub.pem")), public).unwrap();
        };
        ["civil", "psb", "asker", "late"].into_iter().for_each(key);
        let text = format!(
            "name = \"civil\"\nkey = \"civil.pem\"\n\
             [departments]\nurl = \"http://127.0.0.1:9\"\n\
             [departments.keys]\npsb = \"psb.pub.pem\"\n\
             [parties]\nasker = \"asker.pub.pem\"\nlate = \"late.pub.pem\"\n\
             [hooks]\norigin = \"civil.example\"\n\
             [[hooks.target]]\nagreement = \"psb_told\"\nurl = \"http://{partner}{TOLD}\"\n\
             [[hooks.target]]\nagreement = \"psb_broken\"\nurl = \"http://{partner}{BROKEN}\"\n"
        );
        fs::write(self.folder("partners.toml"), text).unwrap();
    }

    fn serve(&mut self) {
        let log = File::create(self.folder("stderr")).unwrap();
        let mut child = self
            .command(&["serve", "--listen", "127.0.0.1:0"])
            .arg("--partners")
            .arg(self.folder("partners.toml"))
            // Whether it is night must not matter to a test.
            .args(["--screen-at", "off"])
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        self.serving = Some(child);
        let open = lines.find_map(|line| {
            let line = line.ok()?;
            line.find("http://").map(|at| line[at..].to_owned())
        });
        let log = || fs::read_to_string(self.folder("stderr")).unwrap_or_default();
        self.base = open.unwrap_or_else(|| panic!("it does not serve: {}", log()));
    }

    /// A signed call; its status and its answer.
    pub(crate) async fn post(
        &self,
        path: &str,
        signed: &SignedHeaders,
        body: &str,
    ) -> (u16, Value) {
        let mut call = self.http.post(format!("{}{path}", self.base));
        for (name, value) in signed.pairs() {
            call = call.header(name, value);
        }
        let answer = call.body(body.to_owned()).send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let told = serde_json::from_str(&text);
        (status, told.unwrap_or_else(|_| panic!("{status}: {text}")))
    }

    /// A page, as the approver sees it.
    pub(crate) async fn page(&self, path: &str) -> String {
        let call = self.http.get(format!("{}{path}", self.base));
        let call = call.header("cookie", format!("nx_session={}", self.session));
        let answer = call.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.text().await.unwrap()
    }

    /// As if all attempts but one of what waits there had been made.
    pub(crate) async fn all_but_one_attempt(&self, topic: &str) {
        const AGED: &str = "UPDATE outbox SET attempts = 11, due_at = 0 WHERE topic = $1";
        let changed = match self.db.starts_with("sqlite:") {
            true => {
                let db = sqlx::SqlitePool::connect(&self.db).await.unwrap();
                let done = sqlx::query(AGED).bind(topic).execute(&db).await.unwrap();
                db.close().await;
                done.rows_affected()
            }
            false => {
                let db = sqlx::PgPool::connect(&self.db).await.unwrap();
                let done = sqlx::query(AGED).bind(topic).execute(&db).await.unwrap();
                db.close().await;
                done.rows_affected()
            }
        };
        assert!(changed >= 1);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}
