//! 「开着的房子」 One `nuanxin serve`, asked and answered as its partners do: a department
//! pushes, an address is told, another is down until a person sees it on the page, a party
//! asks by its agreement. Everything over real HTTP, signed, on both databases.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod house;
#[path = "../keys/mod.rs"]
mod keys;

use app::signing::{KeyRing, SignedHeaders, Signer};
use house::{BROKEN, House, Partner, SEED, TOLD, now, wait_for};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::testing::places;

const SOMEBODY: &str = "990482194803150023";
const OTHER: &str = "990502193501010016";

fn rows() -> String {
    let today = now().today();
    let row = |id_no: &str, no: &str| {
        json!({
            "id_no": id_no, "record_no": no, "as_of": today, "plate": format!("合F·{no}"),
            "type": "car", "register_date": "2016-11-06", "use": "private", "status": "normal",
        })
        .to_string()
    };
    format!("{}\n{}\n", row(SOMEBODY, "V1"), row(OTHER, "V2"))
}

fn push_path(batch: &str) -> String {
    let today = now().today();
    format!("/api/v1/data/vehicle?as_of={today}&rows=2&batch={batch}&format=jsonl")
}

/// A department's deliveries: one is taken; whatever is wrong is refused in words.
async fn pushed(house: &House) {
    let psb = testkit::demo_signer("psb", SEED);
    let (path, body) = (push_path("b1"), rows());
    let signed = psb.sign_request("POST", &path, body.as_bytes(), now());
    let (status, told) = house.post(&path, &signed, &body).await;
    assert_eq!(
        (status, &told["outcome"]),
        (200, &json!("accepted")),
        "{told}"
    );
    assert_eq!(told["taken"], 2, "{told}");
    // The very same request again, by whoever listened.
    let (status, told) = house.post(&path, &signed, &body).await;
    assert_eq!((status, code(&told)), (409, "push.replayed"), "{told}");
    // By its name, with another key.
    let stranger = testkit::demo_signer("psb", SEED + 1);
    let path = push_path("b2");
    let signed = stranger.sign_request("POST", &path, body.as_bytes(), now());
    let (status, told) = house.post(&path, &signed, &body).await;
    assert_eq!((status, code(&told)), (401, "push.signature"), "{told}");
    // Signed an hour ago.
    let mut before = now();
    before.at -= chrono::TimeDelta::hours(1);
    let signed = psb.sign_request("POST", &path, body.as_bytes(), before);
    let (status, told) = house.post(&path, &signed, &body).await;
    assert_eq!((status, code(&told)), (401, "push.stale"), "{told}");
    // Other bytes than were signed.
    let signed = psb.sign_request("POST", &path, body.as_bytes(), now());
    let bent = body.replace("V2", "V3");
    let (status, told) = house.post(&path, &signed, &bent).await;
    assert_eq!((status, code(&told)), (422, "push.other_bytes"), "{told}");
    // A field nobody agreed on.
    let more = body.replace("\"plate\"", "\"salary\":\"9000\",\"plate\"");
    let path = push_path("b3");
    let signed = psb.sign_request("POST", &path, more.as_bytes(), now());
    let (status, told) = house.post(&path, &signed, &more).await;
    assert_eq!(
        (status, code(&told)),
        (403, "pool.fields_not_agreed"),
        "{told}"
    );
    assert!(told.to_string().contains("salary"), "{told}");
    // Rows that say nothing: refused whole, each with its reason.
    let bad = body.replace("2016-11-06", "soon");
    let path = push_path("b4");
    let signed = psb.sign_request("POST", &path, bad.as_bytes(), now());
    let (status, told) = house.post(&path, &signed, &bad).await;
    assert_eq!(
        (status, &told["outcome"]),
        (422, &json!("refused")),
        "{told}"
    );
    assert!(told["faults"][0]["line"].is_u64(), "{told}");
}

fn code(told: &Value) -> &str {
    told["code"].as_str().unwrap_or_default()
}

/// The address that is well: a signed CloudEvent for what was taken and for what was not.
async fn told(partner: &Partner) {
    let came = wait_for("two events", async || {
        let came = partner.posts(TOLD);
        (came.len() >= 2).then_some(came)
    });
    let came = came.await;
    let mut kinds = BTreeMap::new();
    for one in &came {
        let event: Value = serde_json::from_slice(&one.body).unwrap();
        let kind = event["type"].as_str().unwrap().to_owned();
        kinds.insert(kind, event["data"].clone());
        assert_eq!(event["specversion"], "1.0");
        assert_eq!(event["source"], "//civil.example/agreements/psb_told");
        let headers = SignedHeaders::collect(|name| one.headers.get(name)?.to_str().ok());
        let mut ring = KeyRing::default();
        ring.trust("civil", testkit::demo_signer("civil", SEED).verifying_key());
        let head = ring.verify_head(&headers.unwrap(), "POST", TOLD, now());
        assert!(head.is_ok(), "{head:?}");
        let text = String::from_utf8_lossy(&one.body);
        assert!(!text.contains(SOMEBODY), "nothing of anybody: {text}");
    }
    let taken = &kinds["nuanxin.delivery_taken.v1"];
    assert_eq!(
        (&taken["category"], &taken["taken"]),
        (&json!("vehicle"), &json!("2"))
    );
    assert!(
        kinds.contains_key("nuanxin.delivery_refused.v1"),
        "{kinds:?}"
    );
}

/// The address that answers 500: tried again by itself; at the end it is dead, and a
/// person sees it.
async fn never_taken(house: &House, partner: &Partner) {
    let ids = || -> Vec<String> {
        let posts = partner.posts(BROKEN).into_iter();
        let read = posts.map(|one| serde_json::from_slice::<Value>(&one.body).unwrap());
        read.map(|one| one["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = wait_for("tried again", async || {
        let ids = ids();
        let again = ids
            .iter()
            .find(|id| ids.iter().filter(|one| one == id).count() >= 2);
        again.cloned()
    });
    let first = first.await;
    let page = house.page("/board/data/hooks").await;
    assert!(
        page.contains("停不了的地址") && !page.contains("试了几次"),
        "{page}"
    );
    // An hour of waiting is not waited here: one attempt is left.
    house.all_but_one_attempt("hook.psb_broken").await;
    let before = ids().len();
    wait_for("the last attempt", async || {
        (ids().len() > before).then_some(())
    })
    .await;
    let page = wait_for("a dead event on the page", async || {
        let page = house.page("/board/data/hooks").await;
        page.contains("试了几次").then_some(page)
    });
    let page = page.await;
    assert!(page.contains(&first) && page.contains("HTTP 500"), "{page}");
    assert!(page.contains("有没发成的"), "{page}");
}

async fn ask(house: &House, by: &Signer, path: &str, body: &Value) -> (u16, Value) {
    let body = body.to_string();
    let signed = by.sign_request("POST", path, body.as_bytes(), now());
    house.post(path, &signed, &body).await
}

/// A party asks: within its agreement, beyond it, after its last day.
async fn asked(house: &House) {
    let asker = testkit::demo_signer("asker", SEED);
    let about = |number: &str, purpose: &str| json!({"id_no": number, "purpose": purpose, "reference": "公租房 2026-17"});
    let path = "/api/v1/ask/records/vehicle";
    let (status, told) = ask(house, &asker, path, &about(SOMEBODY, "verification")).await;
    assert_eq!(
        (status, &told["answer"]),
        (200, &json!("records")),
        "{told}"
    );
    let record = &told["records"][0];
    assert_eq!(record["plate"], "合F·V1", "{told}");
    assert!(
        record.get("status").is_none(),
        "beyond the agreed fields: {told}"
    );
    let (status, told) = ask(
        house,
        &asker,
        "/api/v1/ask/receives",
        &json!({"id_no": OTHER, "benefit": "dibao", "purpose": "verification", "reference": "1"}),
    )
    .await;
    assert_eq!(
        (status, &told["answer"]),
        (200, &json!("not_known")),
        "{told}"
    );
    let late = testkit::demo_signer("late", SEED);
    let mut refused = Vec::new();
    for (by, path, purpose) in [
        (&asker, "/api/v1/ask/records/driver_licence", "verification"),
        (&asker, path, "discovery"),
        (&late, path, "verification"),
    ] {
        let (status, told) = ask(house, by, path, &about(SOMEBODY, purpose)).await;
        assert_eq!((status, code(&told)), (403, "ask.not_agreed"), "{told}");
        refused.push(told);
    }
    let same = refused.windows(2).all(|two| two[0] == two[1]);
    assert!(same, "one voice: {refused:?}");
    let page = house.page("/board/data/asks").await;
    assert!(page.contains("开着也能问的协议"), "{page}");
    assert!(page.contains("协议里没有、没让问的"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n02_one_running_house_takes_tells_and_answers_by_agreement() {
    for place in places() {
        eprintln!("-- on {}", place.name);
        let partner = Partner::listen().await;
        let house = House::open(&place.url, partner.at).await;
        pushed(&house).await;
        told(&partner).await;
        asked(&house).await;
        never_taken(&house, &partner).await;
    }
}
