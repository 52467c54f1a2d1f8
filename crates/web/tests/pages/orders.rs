//! Orders through the running site: who opens which order's page, who may act on it, and
//! the door where devices speak by signature.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use app::order::{Heard, NewOrder, NewProvider, Signal};
use app::{App, Context};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use engine_access::Purpose;
use engine_order::{Asker, Want};
use kernel::*;
use site::staffed::{Held, staffed};
use site::{ROLES, ask, law_in, now, person, signed_in, text};
use store::testing;
use testkit::{demo_ring, demo_signer};
use tower::ServiceExt as _;
use web::Gate;

const PACK: &str = "../../packs/pinghu";

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn by(role: Role, request: &str) -> Context {
    Context {
        actor: Actor {
            account: format!("{role:?}"),
            person: Some(person(role)),
            role,
        },
        purpose: Purpose::Duty,
        request: request.to_owned(),
    }
}

/// A partner with everything a repair wants, answered for by the provider of the site.
async fn partner(app: &App, county: RegionCode) -> ProviderId {
    let new = NewProvider {
        name: "维修队".into(),
        person: person(Role::Provider),
        phone: None,
        home: county,
        areas: vec![county],
        skills: [slug("repair")].into(),
        place: None,
        most: 5,
    };
    app.add_provider(&by(Role::CountyApprover, "partner"), new)
        .await
        .unwrap()
        .value
}

async fn called(app: &App, request: &str) -> OrderId {
    let village = app.villages("330482".parse().unwrap())[0].0;
    let new = NewOrder {
        ty: slug("hotline_96345"),
        asked_by: Asker::Phone,
        person: None,
        name: "来电的试老人".into(),
        phone: Some("19900001234".into()),
        wants: vec![Want {
            item: slug("repair"),
            count: 1,
        }],
        says: "水管漏了".into(),
        region: Some(village),
        address: "一村 1 号".into(),
        place: None,
        on: None,
    };
    let ctx = by(Role::AlarmOperator, request);
    app.ask_order(&ctx, new).await.unwrap().value.order
}

async fn built(db: store::Db) -> (Router, App) {
    let county: RegionCode = "330482".parse().unwrap();
    site::site_under(db, law_in(PACK), county).await
}

#[tokio::test]
async fn m01_an_orders_page_opens_for_whom_it_is_and_nobody_else() {
    let place = testing::sqlite();
    let (router, app) = built(place.open().await).await;
    let provider = partner(&app, "330482".parse().unwrap()).await;
    let order = called(&app, "one").await;
    let not_sent = called(&app, "two").await;
    let send = engine_order::Act::Dispatch {
        to: provider,
        why: String::new(),
    };
    app.on_order(&by(Role::AlarmOperator, "send"), order, send)
        .await
        .unwrap();
    let open = |role: Role, path: &str| match path {
        "/desk/orders/" => matches!(
            role,
            Role::AlarmOperator | Role::TownOfficer | Role::CountyApprover
        ),
        "/jobs/" => matches!(role, Role::Provider | Role::VillageWorker),
        _ => false,
    };
    let mut wrong = Vec::new();
    let mut provider = None;
    for role in ROLES {
        let token = signed_in(&app, role).await;
        for path in ["/desk/orders/", "/jobs/", "/orders/"] {
            let answer = ask(&router, "GET", &format!("{path}{order}"), Some(&token), "").await;
            let status = answer.status();
            let page = text(answer).await;
            if (status == StatusCode::OK) != open(role, path) {
                wrong.push(format!("{path} {role:?}: {status}"));
            }
            if status != StatusCode::OK && page.contains("试老人") {
                wrong.push(format!("a no says whose it is: {path} {role:?}"));
            }
        }
        if role == Role::Provider {
            provider = Some(token);
        }
    }
    // A provider sees what was sent to them and nothing else; another place sees nothing.
    // A code works once: the session of before.
    let path = format!("/jobs/{not_sent}");
    let answer = ask(&router, "GET", &path, provider.as_ref(), "").await;
    if answer.status() == StatusCode::OK {
        wrong.push("an order that was not sent to them".into());
    }
    let elsewhere = staffed(&app, 31_000, Role::AlarmOperator, Held::Before).await;
    let path = format!("/desk/orders/{order}");
    let answer = ask(&router, "GET", &path, Some(&elsewhere), "").await;
    if answer.status() == StatusCode::OK {
        wrong.push("an operator whose grant is over".into());
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn m01_a_call_is_taken_down_dispatched_and_accepted_by_clicking() {
    let place = testing::sqlite();
    let (router, app) = built(place.open().await).await;
    let provider = partner(&app, "330482".parse().unwrap()).await;
    let operator = signed_in(&app, Role::AlarmOperator).await;
    let village = app.villages("330482".parse().unwrap())[0].0;
    let form = format!(
        "request=r1&type=hotline_96345&item=repair&count=1&name=wang&village={village}&says=leak"
    );
    let answer = ask(&router, "POST", "/desk/orders/new", Some(&operator), &form).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let to = answer.headers()["location"].to_str().unwrap().to_owned();
    let path = to.split('?').next().unwrap().to_owned();
    let page = text(ask(&router, "GET", &path, Some(&operator), "").await).await;
    assert!(page.contains("维修队") && page.contains("wang"), "{page}");
    let form = format!("request=r2&act=dispatch&provider={provider}&words=");
    let answer = ask(&router, "POST", &path, Some(&operator), &form).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    // The same form sent twice does it once; another role may not send it.
    let answer = ask(&router, "POST", &path, Some(&operator), &form).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let queue = text(ask(&router, "GET", "/desk/orders", Some(&operator), "").await).await;
    assert!(
        queue.contains("待接单") && queue.contains("接单剩"),
        "{queue}"
    );
    let worker = signed_in(&app, Role::Provider).await;
    let list = text(ask(&router, "GET", "/jobs", Some(&worker), "").await).await;
    assert!(list.contains("leak"));
    let leader = signed_in(&app, Role::Leader).await;
    let page = text(ask(&router, "GET", "/cockpit/orders", Some(&leader), "").await).await;
    assert!(page.contains("96345") && !page.contains("wang"), "{page}");
    let behind = "/cockpit/orders/list?type=hotline_96345&of=asked&days=30";
    let page = text(ask(&router, "GET", behind, Some(&leader), "").await).await;
    assert!(
        page.contains("<span id=\"count\">1</span>") && !page.contains("wang"),
        "{page}"
    );
}

/// A form of a page that takes files, as a browser sends it.
async fn upload(
    router: &Router,
    path: &str,
    token: &app::sign_in::Token,
    fields: &[(&str, &str)],
    photo: Option<&str>,
) -> StatusCode {
    let mut body = Vec::new();
    let request = fields.iter().map(|(_, value)| *value).collect::<String>();
    for (name, value) in [("request", request.as_str())].iter().chain(fields) {
        let head = format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend(format!("{head}{value}\r\n").into_bytes());
    }
    if let Some(name) = photo {
        let head = format!("form-data; name=\"{name}\"; filename=\"a.png\"");
        body.extend(format!("--edge\r\ncontent-disposition: {head}\r\n\r\n").into_bytes());
        body.extend(b"\x89PNG\r\n\x1a\n of the tests\r\n");
    }
    body.extend(b"--edge--\r\n");
    let request = Request::builder()
        .method("POST")
        .uri(path)
        .header("host", "site.test")
        .header("origin", "http://site.test")
        .header("content-type", "multipart/form-data; boundary=edge")
        .header("cookie", format!("nx_session={}", token.0))
        .body(Body::from(body))
        .unwrap();
    router.clone().oneshot(request).await.unwrap().status()
}

#[tokio::test]
async fn a43_a_home_is_made_safe_from_the_first_look_to_the_acceptance_by_clicking() {
    let place = testing::sqlite();
    let (router, app) = built(place.open().await).await;
    let county: RegionCode = "330482".parse().unwrap();
    let new = NewProvider {
        name: "改造队".into(),
        person: person(Role::Provider),
        phone: None,
        home: county,
        areas: vec![county],
        skills: [slug("renovation")].into(),
        place: None,
        most: 5,
    };
    let boss = by(Role::CountyApprover, "partner");
    let provider = app.add_provider(&boss, new).await.unwrap().value;
    let operator = signed_in(&app, Role::AlarmOperator).await;
    let worker = signed_in(&app, Role::Provider).await;
    let village = app.villages(county)[0].0;
    let form = format!(
        "request=n1&type=warm_nest&item=renovation&count=1&name=wang&village={village}&says=old"
    );
    let answer = ask(&router, "POST", "/desk/orders/new", Some(&operator), &form).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let to = answer.headers()["location"].to_str().unwrap().to_owned();
    let desk = to.split('?').next().unwrap().to_owned();
    let job = desk.replace("/desk/orders/", "/jobs/");
    let step = format!("{desk}/step");
    let form = format!("request=n2&act=dispatch&provider={provider}&words=");
    let answer = ask(&router, "POST", &desk, Some(&operator), &form).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let (did, said) = (("act", "step"), StatusCode::SEE_OTHER);
    let does = async |fields: &[(&str, &str)], photo| {
        let status = upload(&router, &job, &worker, fields, photo).await;
        assert_eq!(status, said, "{fields:?}");
    };
    does(&[("act", "accept")], None).await;
    does(&[did, ("proof-surveyed", "damp")], None).await;
    does(&[did, ("proof-item_list", "rails")], None).await;
    let budget = [("proof-budget", "8000")];
    assert_eq!(upload(&router, &step, &operator, &budget, None).await, said);
    does(&[did], Some("proof-photo_before")).await;
    // The acceptance asks for the photograph on its own page, and is not signed without.
    let page = text(ask(&router, "GET", &desk, Some(&operator), "").await).await;
    assert!(
        page.contains("name=\"proof-photo_after\" type=\"file\""),
        "{page}"
    );
    let words = [("proof-accepted", "good")];
    let without = upload(&router, &step, &operator, &words, None).await;
    assert_eq!(without, StatusCode::UNPROCESSABLE_ENTITY);
    let words = [("proof-accepted", "good indeed")];
    let with = upload(&router, &step, &operator, &words, Some("proof-photo_after")).await;
    assert_eq!(with, said);
    does(&[("act", "finish"), ("proof-result", "done")], None).await;
    let page = text(ask(&router, "GET", &desk, Some(&operator), "").await).await;
    assert!(
        page.contains("验收意见：good indeed") && page.contains("做后照片"),
        "{page}"
    );
    let raw = page.contains("做完一步：survey") || page.contains("做完一步：accept");
    assert!(page.contains("做完一步：") && !raw, "{page}");
}

#[tokio::test]
async fn m04_who_is_red_stands_on_the_board_and_a_person_decides_by_clicking() {
    let place = testing::sqlite();
    let (router, app) = built(place.open().await).await;
    let provider = partner(&app, "330482".parse().unwrap()).await;
    let today = now().today();
    let marks = engine_order::Record {
        late: 5,
        ..engine_order::Record::default()
    };
    let mark = async move |tx: &mut store::Tx| tx.mark_provider(provider, today, marks).await;
    app.db().write(mark).await.unwrap();
    app.recount_providers().await.unwrap();
    let operator = signed_in(&app, Role::AlarmOperator).await;
    let queue = text(ask(&router, "GET", "/desk/orders", Some(&operator), "").await).await;
    assert!(queue.contains("1 家服务方等人看停不停派"), "{queue}");
    let board = "/desk/orders/partners";
    let seen = text(ask(&router, "GET", board, Some(&operator), "").await).await;
    assert!(
        seen.contains("维修队") && !seen.contains("name=\"verdict\""),
        "{seen}"
    );
    let worker = signed_in(&app, Role::Provider).await;
    let own = text(ask(&router, "GET", "/jobs", Some(&worker), "").await).await;
    assert!(own.contains("等人看停不停派，照常派单"), "{own}");
    let county = signed_in(&app, Role::CountyApprover).await;
    let seen = text(ask(&router, "GET", board, Some(&county), "").await).await;
    assert!(
        seen.contains("value=\"stop\"") && seen.contains("value=\"clear\""),
        "{seen}"
    );
    let to = format!("{board}/{provider}");
    let blank = ask(
        &router,
        "POST",
        &to,
        Some(&county),
        "request=p1&verdict=stop&why=+",
    )
    .await;
    assert_ne!(blank.status(), StatusCode::SEE_OTHER);
    let form = "request=p2&verdict=stop&why=late-five-times";
    let done = ask(&router, "POST", &to, Some(&county), form).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let own = text(ask(&router, "GET", "/jobs", Some(&worker), "").await).await;
    assert!(
        own.contains("停派了") && own.contains("late-five-times"),
        "{own}"
    );
    let object = format!("/jobs/standing/{provider}");
    let done = ask(
        &router,
        "POST",
        &object,
        Some(&worker),
        "request=p3&words=power-cut",
    )
    .await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let seen = text(ask(&router, "GET", board, Some(&county), "").await).await;
    assert!(
        seen.contains("power-cut") && seen.contains("value=\"let_in\""),
        "{seen}"
    );
    let form = "request=p4&verdict=let_in&why=true";
    let done = ask(&router, "POST", &to, Some(&county), form).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let seen = text(ask(&router, "GET", board, Some(&county), "").await).await;
    assert!(seen.contains("没有要定的"), "{seen}");
}

async fn speak(
    router: &Router,
    signer: &app::signing::Signer,
    body: &[u8],
    spoil: bool,
) -> (StatusCode, Vec<u8>) {
    let path = "/api/v1/signals";
    let signed = signer.sign_request("POST", path, body, now());
    let mut request = Request::builder().method("POST").uri(path);
    for (name, value) in signed.pairs() {
        request = request.header(name, value);
    }
    let sent = match spoil {
        true => body.iter().rev().copied().collect(),
        false => body.to_vec(),
    };
    let request = request.body(Body::from(sent)).unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await;
    (status, bytes.unwrap().to_vec())
}

#[tokio::test]
async fn d04_a_signal_is_believed_by_its_signature_alone_and_acknowledged() {
    let place = testing::sqlite();
    let gate = Gate::new(
        demo_ring(["device:demo", "line:x"], 7),
        demo_signer("nuanxin", 7),
    );
    let (router, _) = site::site_with(place.open().await, |site| site.with_gate(gate)).await;
    let signal = Signal {
        device: "D-1".into(),
        seq: 1,
        says: Heard::Red,
    };
    let body = serde_json::to_vec(&signal).unwrap();
    // Believed, and told plainly that nobody has this device.
    let good = demo_signer("device:demo", 7);
    assert_eq!(
        speak(&router, &good, &body, false).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        speak(&router, &good, &body, true).await.0,
        StatusCode::UNAUTHORIZED
    );
    let stranger = demo_signer("device:demo", 8);
    assert_eq!(
        speak(&router, &stranger, &body, false).await.0,
        StatusCode::UNAUTHORIZED
    );
    let line = demo_signer("line:x", 7);
    assert_eq!(
        speak(&router, &line, &body, false).await.0,
        StatusCode::FORBIDDEN
    );
}
