//! Parties are told over real HTTP, on both databases: nothing before they want it,
//! everything after they were down, signed, once more rather than not at all, nothing of
//! a person beyond the agreement, nothing when it is stopped or over.

use super::*;
use crate::case::Ruling;
use crate::case::tests::town::*;
use crate::pool::{ShareAsked, ShareCommand};
use crate::signing::{KeyRing, Nonces, SignatureError, SignedHeaders, Signer};
use crate::{App, Context};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use ed25519_dalek::SigningKey;
use engine_access::Purpose;
use kernel::{Actor, FixedClock, RegionCode};
use serde_json::Value;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::testing::both;
use tokio::net::TcpListener;

const AGREEMENTS: &str = r#"
[agreements]
id = "sharing"
name = "数据共享协议"

[agreement.housing]
name = "向住建局推送"
way = "out"
party = "housing"
party_name = "住建局"
purposes = ["verification"]
basis = "示例"
provenance = "assumed"
from = 2026-01-01
until = 2026-04-30
events = ["benefit_began", "share_answered"]
event_fields = ["id_no"]

[agreement.centre]
name = "向数据中心推送"
way = "out"
party = "centre"
party_name = "数据中心"
purposes = ["verification"]
basis = "示例"
provenance = "assumed"
from = 2026-01-01
until = 2026-12-31
events = ["benefit_began"]
"#;

/// A request as it came.
#[derive(Clone)]
struct Came {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// A partner's machine.
#[derive(Clone)]
struct Partner {
    came: Arc<Mutex<Vec<Came>>>,
    /// What it answers to an event.
    answers: Arc<Mutex<(u16, Option<&'static str>)>>,
    wants: Arc<Mutex<bool>>,
}

impl Partner {
    fn new() -> Partner {
        Partner {
            came: Arc::default(),
            answers: Arc::new(Mutex::new((204, None))),
            wants: Arc::new(Mutex::new(true)),
        }
    }

    fn answers(&self, status: u16, retry_after: Option<&'static str>) {
        *self.answers.lock().unwrap() = (status, retry_after);
    }

    async fn serve(&self, listener: TcpListener) {
        let router = Router::new().fallback(take).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
    }

    fn posts(&self, path: &str) -> Vec<Came> {
        let came = self.came.lock().unwrap();
        let told = |one: &&Came| one.method == Method::POST && one.path == path;
        came.iter().filter(told).cloned().collect()
    }

    fn asked(&self) -> usize {
        let came = self.came.lock().unwrap();
        came.iter()
            .filter(|one| one.method == Method::OPTIONS)
            .count()
    }

    /// The ids of structured events, in the order they came.
    fn ids(&self) -> Vec<String> {
        let id = |one: &Came| json(one)["id"].as_str().unwrap().to_owned();
        self.posts("/housing").iter().map(id).collect()
    }
}

async fn take(
    State(partner): State<Partner>,
    method: Method,
    uri: axum::http::Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    partner.came.lock().unwrap().push(Came {
        method: method.clone(),
        path: uri.path().to_owned(),
        headers,
        body: body.to_vec(),
    });
    if method == Method::OPTIONS {
        let wants = *partner.wants.lock().unwrap();
        return match wants {
            true => [
                ("webhook-allowed-origin", "*"),
                ("webhook-allowed-rate", "120"),
            ]
            .into_response(),
            // It handles OPTIONS, but not for us: no consent.
            false => [("allow", "OPTIONS, POST")].into_response(),
        };
    }
    let (status, retry_after) = *partner.answers.lock().unwrap();
    let status = StatusCode::from_u16(status).unwrap();
    match retry_after {
        Some(wait) => (status, [("retry-after", wait)]).into_response(),
        None => status.into_response(),
    }
}

fn json(came: &Came) -> Value {
    serde_json::from_slice(&came.body).unwrap()
}

fn signer() -> Signer {
    Signer::new("civil", SigningKey::from_bytes(&[1; 32]))
}

fn line(app: &App, at: SocketAddr, agreements: &[&str]) -> HookLine {
    let targets = agreements.iter().map(|one| HookTarget {
        agreement: slug(one),
        url: format!("http://{at}/{one}"),
        binary: *one == "centre",
        token: (*one == "housing").then(|| "shared-word".to_owned()),
    });
    let clock = Arc::new(FixedClock(app.now()));
    let wait = Duration::from_secs(5);
    HookLine::new("civil.example", signer(), targets.collect(), clock, wait).unwrap()
}

async fn house(db: store::Db) -> Town {
    let town = Town::new(db).await;
    let law = law_with(&[("data/agreements.toml", AGREEMENTS)]);
    let app = town.under_law(law);
    town.moved_to(&app)
}

fn place() -> RegionCode {
    "990101".parse().unwrap()
}

fn by(town: &Town, actor: Actor, purpose: Purpose) -> Context {
    Context {
        purpose,
        ..town.by(actor, None)
    }
}

/// The housing office asks for something and is answered.
async fn answered(house: &Town, why: &str) {
    let asked = ShareAsked {
        category: "resident".into(),
        asker: "住建局".into(),
        fields: vec!["birth".into()],
        purpose: format!("审核第{why}批申请人的年龄"),
        basis: "公租房办法".into(),
    };
    let asks = by(house, town(), Purpose::Collection);
    let place_of_town = "990101001".parse().unwrap();
    let id = house
        .app
        .ask_share(&asks, place_of_town, &asked)
        .await
        .unwrap();
    let answer = ShareCommand::Answer {
        granted: true,
        reasons: "用途正当".into(),
    };
    let says = by(house, county(), Purpose::Collection);
    let done = house.app.on_share_request(&says, place(), id, answer).await;
    done.unwrap();
}

async fn free_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

async fn told(town: &Town) -> Vec<HookView> {
    let duty = by(town, county(), Purpose::Duty);
    town.app.hooks(&duty, place()).await.unwrap().lines
}

async fn view(town: &Town, agreement: &str) -> HookView {
    let mut lines = told(town).await.into_iter();
    lines.find(|one| one.agreement == slug(agreement)).unwrap()
}

#[tokio::test]
async fn n02_a_grant_is_told_signed_to_whom_it_was_agreed_and_nothing_more_of_the_person() {
    both(async |db| {
        let house = house(db).await;
        let at = free_port().await;
        let targets = line(&house.app, at, &["housing", "centre"]);
        house.app.list_hooks(&targets).await.unwrap();
        let case = house.ripe(900, 0).await;
        house.judged(case, Some(0)).await;
        let grant = Ruling::Grant {
            from: None,
            amount: None,
            reasons: "核对过".into(),
        };
        let context = house.by(county(), Some(case));
        house.app.decide_case(&context, case, grant).await.unwrap();
        house.at("2026-03-25T02:00:00Z");
        // Down: it waits, no attempt is used up.
        let round = house.app.hook_round(&targets).await.unwrap();
        assert_eq!(round, HookRound::default());
        let one = view(&house, "housing").await;
        assert_eq!((one.waiting, one.says()), (1, "等着再发"));
        // It is up, but has not consented.
        let partner = Partner::new();
        *partner.wants.lock().unwrap() = false;
        partner.serve(TcpListener::bind(at).await.unwrap()).await;
        house.at("2026-03-25T02:01:00Z");
        house
            .app
            .hook_round(&line(&house.app, at, &["housing", "centre"]))
            .await
            .unwrap();
        assert_eq!((partner.asked(), partner.ids().len()), (2, 0));
        *partner.wants.lock().unwrap() = true;
        house.at("2026-03-25T02:05:00Z");
        let targets = line(&house.app, at, &["housing", "centre"]);
        let round = house.app.hook_round(&targets).await.unwrap();
        assert_eq!((round.taken, round.failed), (2, 0));
        let asked = partner.came.lock().unwrap().clone();
        let asked = asked
            .iter()
            .rfind(|one| one.method == Method::OPTIONS)
            .unwrap();
        assert_eq!(asked.headers["webhook-request-origin"], "civil.example");
        assert_eq!(asked.headers["webhook-request-rate"], "600");
        let came = &partner.posts("/housing")[0];
        assert_eq!(came.headers["webhook-request-origin"], "civil.example");
        assert_eq!(came.headers["authorization"], "Bearer shared-word");
        assert_eq!(
            came.headers["content-type"],
            "application/cloudevents+json; charset=utf-8"
        );
        let event = json(came);
        let decision = house.case(case).await.decisions[0].id;
        assert_eq!(event["specversion"], "1.0");
        assert_eq!(event["id"], format!("benefit_began/decision/{decision}"));
        assert_eq!(event["source"], "//civil.example/agreements/housing");
        assert_eq!(event["type"], "nuanxin.benefit_began.v1");
        assert_eq!(event["data"]["service"], "living");
        assert_eq!(event["data"]["from"], "2026-04");
        assert_eq!(event["data"]["id_no"], "990482194803150023");
        assert!(event["data"].get("name").is_none(), "{event}");
        assert!(event["data"].get("amount_fen").is_none(), "{event}");
        // The other one is told by numbers alone, attributes in headers.
        let bare = &partner.posts("/centre")[0];
        assert_eq!(bare.headers["ce-type"], "nuanxin.benefit_began.v1");
        assert_eq!(
            bare.headers["ce-id"],
            format!("benefit_began/decision/{decision}")
        );
        let keys: BTreeSet<String> = json(bare).as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys, ["case", "from", "service"].map(str::to_owned).into());
        signatures(came);
        let rows = house
            .app
            .db()
            .read(async |tx| tx.audit_of("agreement:housing").await);
        let rows = rows.await.unwrap();
        assert!(rows.iter().any(|row| row.action == "hook.told"));
    })
    .await;
}

/// The receiver can tell our own from a stranger's and from a changed one.
fn signatures(came: &Came) {
    let headers = SignedHeaders::collect(|name| came.headers.get(name)?.to_str().ok()).unwrap();
    let at = chrono::DateTime::parse_from_rfc3339(&headers.time).unwrap();
    let now = Now { at: at.to_utc() };
    let mut ring = KeyRing::default();
    ring.trust("civil", signer().verifying_key());
    let mut nonces = Nonces::default();
    let mut believes = |ring: &KeyRing, body: &[u8]| {
        ring.verify_request(&headers, "POST", &came.path, body, now, &mut nonces)
    };
    assert_eq!(believes(&ring, &came.body), Ok("civil".to_owned()));
    assert_eq!(believes(&ring, &came.body), Err(SignatureError::Replayed));
    assert_eq!(believes(&ring, b"{}"), Err(SignatureError::WrongDigest));
    let mut other = KeyRing::default();
    let stranger = Signer::new("civil", SigningKey::from_bytes(&[2; 32]));
    other.trust("civil", stranger.verifying_key());
    assert_eq!(
        believes(&other, &came.body),
        Err(SignatureError::WrongSignature)
    );
}

#[tokio::test]
async fn n02_what_happened_while_a_party_was_down_comes_later_and_twice_is_harmless() {
    both(async |db| {
        let house = house(db).await;
        let at = free_port().await;
        let partner = Partner::new();
        partner.serve(TcpListener::bind(at).await.unwrap()).await;
        let targets = line(&house.app, at, &["housing"]);
        house.app.list_hooks(&targets).await.unwrap();
        answered(&house, "一").await;
        answered(&house, "二").await;
        answered(&house, "三").await;
        // The first is taken in, but its answer is lost: told again, under the same id.
        partner.answers(500, None);
        let round = house.app.hook_round(&targets).await.unwrap();
        assert_eq!((round.taken, round.failed), (0, 3));
        house.at("2026-03-02T02:00:10Z");
        // Too fast for it: it says how long, and it is kept.
        partner.answers(429, Some("120"));
        let round = house.app.hook_round(&targets).await.unwrap();
        assert_eq!(round, HookRound::default());
        assert_eq!(partner.ids().len(), 4, "after a 429 no other event follows");
        house.at("2026-03-02T02:02:00Z");
        house.app.hook_round(&targets).await.unwrap();
        assert_eq!(partner.ids().len(), 4);
        partner.answers(200, None);
        house.at("2026-03-02T02:02:11Z");
        let round = house.app.hook_round(&targets).await.unwrap();
        assert_eq!((round.taken, round.failed), (3, 0));
        let ids: BTreeSet<String> = partner.ids().into_iter().collect();
        assert_eq!((partner.ids().len(), ids.len()), (7, 3), "{ids:?}");
        house.at("2026-03-02T03:00:00Z");
        let round = house.app.hook_round(&targets).await.unwrap();
        assert_eq!(round, HookRound::default(), "nothing is told a third time");
    })
    .await;
}

#[tokio::test]
async fn n02_what_is_never_taken_is_dead_seen_and_may_be_tried_again() {
    both(async |db| {
        let house = house(db).await;
        let at = free_port().await;
        let partner = Partner::new();
        partner.serve(TcpListener::bind(at).await.unwrap()).await;
        let targets = line(&house.app, at, &["housing"]);
        house.app.list_hooks(&targets).await.unwrap();
        answered(&house, "一").await;
        partner.answers(400, None);
        for hour in 2..24 {
            house.at(&format!("2026-03-02T{hour:02}:30:00Z"));
            house.app.hook_round(&targets).await.unwrap();
        }
        assert_eq!(partner.ids().len(), 12, "no more than the limit");
        let one = view(&house, "housing").await;
        assert_eq!(
            (one.says(), one.waiting, one.dead.len()),
            ("有没发成的", 0, 1)
        );
        assert_eq!(
            (one.dead[0].attempts, one.dead[0].why.as_str()),
            (12, "对方没收下（HTTP 400）")
        );
        partner.answers(202, None);
        let revive = async |actor| {
            let ctx = by(&house, actor, Purpose::Collection);
            let housing = slug("housing");
            let done = house
                .app
                .on_hook(&ctx, place(), &housing, HookCommand::Revive);
            done.await
        };
        let refused = revive(town()).await;
        assert!(refused.unwrap_err().refusal_code().is_some());
        revive(county()).await.unwrap();
        let round = house.app.hook_round(&targets).await.unwrap();
        assert_eq!(round.taken, 1);
        assert!(view(&house, "housing").await.dead.is_empty());
        // Gone for good: nothing is kept for it any more.
        partner.answers(410, None);
        answered(&house, "二").await;
        house.app.hook_round(&targets).await.unwrap();
        assert_eq!(view(&house, "housing").await.says(), "对方不收了");
        answered(&house, "三").await;
        assert_eq!(view(&house, "housing").await.waiting, 1);
    })
    .await;
}

#[tokio::test]
async fn n02_a_stopped_party_waits_and_an_agreement_that_is_over_tells_nothing() {
    both(async |db| {
        let house = house(db).await;
        let at = free_port().await;
        let partner = Partner::new();
        partner.serve(TcpListener::bind(at).await.unwrap()).await;
        let targets = line(&house.app, at, &["housing"]);
        // Nobody wrote an address down: nothing is kept.
        answered(&house, "零").await;
        house.app.list_hooks(&targets).await.unwrap();
        let does = async |command| {
            let ctx = by(&house, county(), Purpose::Collection);
            let housing = slug("housing");
            house.app.on_hook(&ctx, place(), &housing, command).await
        };
        let blank = does(HookCommand::Stop { why: " ".into() }).await;
        assert!(blank.is_err());
        let why = "对方在查泄露".to_owned();
        does(HookCommand::Stop { why }).await.unwrap();
        answered(&house, "一").await;
        house.app.hook_round(&targets).await.unwrap();
        assert_eq!((partner.asked(), partner.ids().len()), (0, 0));
        assert_eq!(view(&house, "housing").await.says(), "停着");
        does(HookCommand::GoOn).await.unwrap();
        let round = house.app.hook_round(&targets).await.unwrap();
        assert_eq!(round.taken, 1);
        // The last day is over: what waits is told to nobody, what comes is not kept.
        answered(&house, "二").await;
        house.on("2026-05-02");
        let round = house.app.hook_round(&targets).await.unwrap();
        assert_eq!((round.taken, round.dropped), (0, 1));
        answered(&house, "三").await;
        let one = view(&house, "housing").await;
        assert_eq!((one.waiting, one.says()), (0, "协议不在有效期"));
        assert_eq!(partner.ids().len(), 1);
        let rows = house
            .app
            .db()
            .read(async |tx| tx.audit_of("agreement:housing").await);
        let rows = rows.await.unwrap();
        assert!(rows.iter().any(|row| row.action == "hook.dropped"));
        // Off the list: told nothing.
        house
            .app
            .list_hooks(&line(&house.app, at, &[]))
            .await
            .unwrap();
        assert_eq!(view(&house, "housing").await.says(), "不在专线文件里");
        let stranger = line(&house.app, at, &["nobody"]);
        assert!(house.app.list_hooks(&stranger).await.is_err());
    })
    .await;
}
