//! A department's own delivery: believed, under an agreement, taken once. Whatever is
//! wrong with it is refused fast, with a reason, and is on record.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use app::App;
use app::signing::{KeyRing, SignedHeaders, Signer};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, Response, StatusCode};
use kernel::*;
use serde_json::Value;
use site::text;
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use store::testing;
use tower::ServiceExt as _;

const ROWS: &str = concat!(
    r#"{"id_no":"990101199001010035","record_no":"r1","as_of":"2026-01-31","area":"2.5","transfer_fee":"300.00","year":"2025"}"#,
    "\n",
    r#"{"id_no":"990482194803150023","record_no":"r2","as_of":"2026-01-31","area":"1","transfer_fee":"0"}"#,
    "\n",
);

const CSV: &str = "证件号码,记录编号,数据日期,承包面积亩,年流转费,年度\n\
    990101199001010035,r1,2026-01-31,2.5,300.00,2025\n";

fn address(batch: &str, rows: u32) -> String {
    format!("/api/v1/data/land_contract?as_of=2026-01-31&rows={rows}&batch={batch}&format=jsonl")
}

/// One for the whole run, as a department's program has one: its count makes nonces
/// differ where the clock of a test stands still.
fn signer() -> &'static Signer {
    static SIGNER: LazyLock<Signer> = LazyLock::new(|| testkit::demo_signer("agri", 7));
    &SIGNER
}

/// The province's packs, one thing in the agreements changed.
fn law(change: (&str, &str)) -> (tempfile::TempDir, app::Law) {
    let folder = tempfile::tempdir().unwrap();
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    for name in ["zhejiang", "jiaxing", "pinghu"] {
        copy(&packs.join(name), &folder.path().join(name));
    }
    let file = folder.path().join("zhejiang/data/agreements.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let changed = text.replace(change.0, change.1);
    assert!(change.0.is_empty() || changed != text);
    std::fs::write(&file, changed).unwrap();
    let loaded = packs::load(&folder.path().join("pinghu"));
    let faults = loaded.report.render();
    let law = app::Law::new(loaded.pack.unwrap_or_else(|| panic!("{faults}")));
    (folder, law)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

async fn house(db: store::Db, change: (&str, &str)) -> (Router, App) {
    let (_folder, law) = law(change);
    let mut ring = KeyRing::default();
    for name in ["agri", "bank", "nhsa"] {
        ring.trust(name, testkit::demo_signer(name, 7).verifying_key());
    }
    ring.trust(
        "hrss",
        Signer::sm2("hrss", &[9; 32]).unwrap().verifying_key(),
    );
    let ours = testkit::demo_signer("nuanxin", 7);
    site::site_of(db, law, "330482000000".parse().unwrap(), |site| {
        site.with_parties(ring, Some(ours))
    })
    .await
}

async fn send(router: &Router, path: &str, signed: &SignedHeaders, body: Body) -> Response<Body> {
    let mut request = Request::post(path);
    for (name, value) in signed.pairs() {
        request = request.header(name, value);
    }
    router
        .clone()
        .oneshot(request.body(body).unwrap())
        .await
        .unwrap()
}

async fn push(router: &Router, path: &str, body: &str) -> (StatusCode, Value) {
    let signed = signer().sign_request("POST", path, body.as_bytes(), site::now());
    let answer = send(router, path, &signed, Body::from(body.to_owned())).await;
    let status = answer.status();
    (status, serde_json::from_str(&text(answer).await).unwrap())
}

async fn batches(app: &App, category: &str) -> usize {
    let category: Slug = category.parse().unwrap();
    let pool = app.db().read(async move |tx| tx.pool(&category).await);
    pool.await.unwrap().batches.len()
}

#[tokio::test]
async fn n02_a_signed_delivery_is_taken_once_and_the_answer_is_signed() {
    testing::both(async |db| {
        let (router, app) = house(db, ("", "")).await;
        let path = address("b1", 2);
        let signed = signer().sign_request("POST", &path, ROWS.as_bytes(), site::now());
        let answer = send(&router, &path, &signed, Body::from(ROWS)).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let got = answer.headers().clone();
        let reply = SignedHeaders::collect(|name| got.get(name)?.to_str().ok()).unwrap();
        let body = text(answer).await;
        let mut ring = KeyRing::default();
        ring.trust(
            "nuanxin",
            testkit::demo_signer("nuanxin", 7).verifying_key(),
        );
        let believed = ring.verify_reply(
            &reply,
            "nuanxin",
            200,
            body.as_bytes(),
            &signed.nonce,
            site::now(),
        );
        assert_eq!(believed, Ok(()));
        let told: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (&told["outcome"], &told["taken"]),
            (&"accepted".into(), &2.into()),
            "{told}"
        );
        // The very same request again is a replay; sent anew it is the same delivery.
        let answer = send(&router, &path, &signed, Body::from(ROWS)).await;
        assert_eq!(answer.status(), StatusCode::CONFLICT);
        assert!(text(answer).await.contains("push.replayed"));
        let (status, again) = push(&router, &path, ROWS).await;
        assert_eq!(
            (status, &again["outcome"]),
            (StatusCode::OK, &"repeated".into())
        );
        assert_eq!(again["batch"], told["batch"]);
        // Other content under the same number is refused, whole.
        let other = ROWS.replace("300.00", "301.00");
        let (status, told) = push(&router, &path, &other).await;
        assert_eq!(
            (status, &told["code"]),
            (StatusCode::CONFLICT, &"push.number_used".into())
        );
        assert_eq!(batches(&app, "land_contract").await, 1);
    })
    .await;
}

#[tokio::test]
async fn n02_what_nobody_may_send_is_refused_with_its_reason_and_is_on_record() {
    testing::both(async |db| {
        let (router, app) = house(db, ("", "")).await;
        let path = address("b1", 2);
        let now = site::now();
        let old = Now {
            at: now.at - chrono::TimeDelta::seconds(301),
        };
        let extra = ROWS.replace("\"year\"", "\"salary\":\"1\",\"year\"");
        let stranger = testkit::demo_signer("agri", 8);
        let other = testkit::demo_signer("bank", 7);
        let cases = [
            (
                "push.signature",
                401,
                stranger.sign_request("POST", &path, ROWS.as_bytes(), now),
                ROWS,
            ),
            (
                "push.signature",
                401,
                signer().sign_request("PUT", &path, ROWS.as_bytes(), now),
                ROWS,
            ),
            (
                "push.signature",
                401,
                signer().sign_request("POST", "/api/v1/data/x", ROWS.as_bytes(), now),
                ROWS,
            ),
            (
                "push.stale",
                401,
                signer().sign_request("POST", &path, ROWS.as_bytes(), old),
                ROWS,
            ),
            (
                "push.other_bytes",
                422,
                signer().sign_request("POST", &path, b"other", now),
                ROWS,
            ),
            (
                "pool.no_agreement",
                403,
                other.sign_request("POST", &path, ROWS.as_bytes(), now),
                ROWS,
            ),
            (
                "pool.fields_not_agreed",
                403,
                signer().sign_request("POST", &path, extra.as_bytes(), now),
                &extra,
            ),
        ];
        for (code, status, signed, body) in cases {
            let begun = Instant::now();
            let answer = send(&router, &path, &signed, Body::from(body.to_owned())).await;
            assert_eq!(answer.status().as_u16(), status, "{code}");
            let told: Value = serde_json::from_str(&text(answer).await).unwrap();
            assert_eq!(told["code"], code, "{told}");
            assert!(begun.elapsed() < Duration::from_secs(2), "{code}");
        }
        let bare = Request::post(&path).body(Body::from(ROWS)).unwrap();
        let answer = router.clone().oneshot(bare).await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        for query in [
            "",
            "?as_of=2026-01-31&rows=2&format=jsonl",
            "?as_of=2026-01-31&rows=2&batch=b&format=jsonl&whole=1",
            "?as_of=2026-02-30&rows=2&batch=b&format=jsonl",
        ] {
            let path = format!("/api/v1/data/land_contract{query}");
            let (status, told) = push(&router, &path, ROWS).await;
            assert_eq!(
                (status, &told["code"]),
                (StatusCode::BAD_REQUEST, &"push.unreadable".into()),
                "{query}"
            );
        }
        assert_eq!(batches(&app, "land_contract").await, 0);
        let wanted = store::audit::AuditWanted {
            account: String::new(),
            subject: String::new(),
            action: "pool.turned_away".to_owned(),
            from: site::now().at,
            to: site::now().at + chrono::TimeDelta::days(1),
            skip: 0,
            limit: 100,
        };
        let recorded = app.db().read(async move |tx| tx.audit_rows(&wanted).await);
        assert_eq!(recorded.await.unwrap().len(), 11);
    })
    .await;
}

#[tokio::test]
async fn n02_an_agreement_that_ended_or_lists_less_takes_nothing() {
    let ended = ("until = 2028-07-31", "until = 2026-02-01");
    let less = (
        "{ category = \"land_contract\" }",
        "{ category = \"land_contract\", fields = [\"area\", \"transfer_fee\"] }",
    );
    for (change, code) in [
        (ended, "pool.agreement_ended"),
        (less, "pool.fields_not_agreed"),
    ] {
        let place = testing::sqlite();
        let (router, app) = house(place.open().await, change).await;
        let (status, told) = push(&router, &address("b1", 2), ROWS).await;
        assert_eq!(
            (status.as_u16(), &told["code"]),
            (403, &code.into()),
            "{told}"
        );
        assert_eq!(batches(&app, "land_contract").await, 0);
        // The file by hand goes through the same gate.
        let imported = site::bring_rows(&app, "land_contract", "agri", CSV).await;
        let app::import::ImportOutcome::Refused { reasons, .. } = imported.outcome else {
            panic!("{imported:?}");
        };
        assert!(
            reasons[0].contains("协议") || reasons[0].contains("没有约定"),
            "{reasons:?}"
        );
    }
}

#[tokio::test]
async fn n02_faulty_rows_are_told_by_line_and_kept() {
    let place = testing::sqlite();
    let (router, app) = house(place.open().await, ("", "")).await;
    let mut rows = String::new();
    for n in 0..30 {
        rows.push_str(&ROWS.lines().next().unwrap().replace("r1", &format!("r{n}")));
        rows.push('\n');
    }
    let rows = rows.replace(
        "\"record_no\":\"r7\",\"as_of\":\"2026-01-31\"",
        "\"record_no\":\"r7\",\"as_of\":\"2026-02-31\"",
    );
    let (status, told) = push(&router, &address("b1", 30), &rows).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    assert_eq!(
        (&told["taken"], &told["faults"][0]["line"]),
        (&29.into(), &8.into())
    );
    let batch = DataBatchId(told["batch"].as_i64().unwrap());
    let kept = app
        .db()
        .read(async move |tx| tx.set_back_rows::<app::import::SetBack>(batch, 0, 10).await);
    let kept = kept.await.unwrap();
    assert_eq!((kept.len(), kept[0].line, kept[0].mended), (1, 8, None));
    assert!(
        kept[0]
            .what
            .cells
            .contains(&("as_of".into(), "2026-02-31".into()))
    );
}

#[tokio::test]
async fn n02_a_long_body_with_a_field_too_many_is_refused_before_it_is_all_there() {
    let place = testing::sqlite();
    let (router, app) = house(place.open().await, ("", "")).await;
    let path = address("b1", 1);
    let row = Bytes::from(ROWS.replace("\"year\"", "\"salary\":\"1\",\"year\""));
    let signed = signer().sign_streamed("POST", &path, "0".repeat(64), site::now());
    let given = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = given.clone();
    // A gigabyte and more, made as it is asked for.
    let endless = futures_util::stream::iter(0..8_000_000_u32).map(move |_| {
        counted.fetch_add(row.len(), std::sync::atomic::Ordering::Relaxed);
        Ok::<_, std::io::Error>(row.clone())
    });
    let begun = Instant::now();
    let answer = send(&router, &path, &signed, Body::from_stream(endless)).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert!(text(answer).await.contains("salary"));
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert!(given.load(std::sync::atomic::Ordering::Relaxed) < 1 << 20);
    assert_eq!(batches(&app, "land_contract").await, 0);
}

#[tokio::test]
async fn n02_an_sm2_key_of_a_department_counts_like_any_other() {
    let place = testing::sqlite();
    let (router, _) = house(place.open().await, ("", "")).await;
    let path = "/api/v1/data/wage_tax?as_of=2026-01-31&rows=0&batch=b1&format=jsonl";
    let signer = Signer::sm2("hrss", &[9; 32]).unwrap();
    let signed = signer.sign_request("POST", path, b"", site::now());
    let answer = send(&router, path, &signed, Body::empty()).await;
    // Believed; but those are another department's data.
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert!(text(answer).await.contains("pool.no_agreement"));
}

use futures_util::StreamExt as _;

/// One for the whole run.
fn asker() -> &'static Signer {
    static SIGNER: LazyLock<Signer> = LazyLock::new(|| testkit::demo_signer("nhsa", 7));
    &SIGNER
}

async fn question(router: &Router, path: &str, body: &str) -> (StatusCode, bool, Value) {
    let signed = asker().sign_request("POST", path, body.as_bytes(), site::now());
    let answer = send(router, path, &signed, Body::from(body.to_owned())).await;
    let (status, got) = (answer.status(), answer.headers().clone());
    let reply = SignedHeaders::collect(|name| got.get(name)?.to_str().ok()).unwrap();
    let text = text(answer).await;
    let mut ring = KeyRing::default();
    let ours = testkit::demo_signer("nuanxin", 7);
    ring.trust("nuanxin", ours.verifying_key());
    let believed = ring.verify_reply(
        &reply,
        "nuanxin",
        status.as_u16(),
        text.as_bytes(),
        &signed.nonce,
        site::now(),
    );
    (
        status,
        believed.is_ok(),
        serde_json::from_str(&text).unwrap(),
    )
}

#[tokio::test]
async fn n02_a_party_asks_over_the_wire_and_every_answer_is_signed() {
    testing::both(async |db| {
        let (router, _) = house(db, ("", "")).await;
        let about = |more: &str| {
            format!(
                r#"{{"id_no":"990482194803150023","purpose":"verification","reference":"7"{more}}}"#
            )
        };
        let living = about(r#","benefit":"dibao""#);
        let (status, signed, told) = question(&router, "/api/v1/ask/receives", &living).await;
        assert_eq!((status, signed), (StatusCode::OK, true));
        assert_eq!(told["answer"], "not_known", "{told}");
        let path = "/api/v1/ask/records/dibao_member";
        let (status, signed, told) = question(&router, path, &about("")).await;
        assert_eq!((status, signed), (StatusCode::OK, true));
        assert_eq!(told["answer"], "not_known", "never delivered: {told}");
        let mut refusals = Vec::new();
        for (path, body) in [
            ("/api/v1/ask/records/land_contract", about("")),
            (path, about(r#","fields":["reason"]"#)),
            (
                "/api/v1/ask/receives",
                about(r#","benefit":"orphan_allowance""#),
            ),
            (
                "/api/v1/ask/statistics",
                r#"{"purpose":"verification","reference":"7"}"#.to_owned(),
            ),
        ] {
            let (status, signed, told) = question(&router, path, &body).await;
            assert_eq!(
                (status, signed),
                (StatusCode::FORBIDDEN, true),
                "{path} {told}"
            );
            refusals.push(told);
        }
        refusals.dedup();
        assert_eq!(refusals.len(), 1, "one voice: {refusals:?}");
        let bare = Request::post("/api/v1/ask/receives").body(Body::from(living));
        let answer = router.clone().oneshot(bare.unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    })
    .await;
}

const TOLD: &str = "[agreement.agri_told]
name = \"告诉农业农村局\"
way = \"out\"
party = \"agri\"
purposes = [\"verification\"]
basis = \"示例\"
provenance = \"assumed\"
from = 2025-08-01
until = 2028-07-31
events = [\"delivery_taken\", \"delivery_refused\"]

[agreement.nhsa_relief]";

#[tokio::test]
async fn n02_a_department_is_told_what_became_of_its_own_delivery() {
    testing::both(async |db| {
        let (router, app) = house(db, ("[agreement.nhsa_relief]", TOLD)).await;
        let target = app::hook::HookTarget {
            agreement: "agri_told".parse().unwrap(),
            url: "http://127.0.0.1:9/told".to_owned(),
            binary: false,
            token: None,
        };
        let clock = std::sync::Arc::new(FixedClock(site::now()));
        let ours = testkit::demo_signer("nuanxin", 7);
        let line = app::hook::HookLine::new(
            "civil.example",
            ours,
            vec![target],
            clock,
            Duration::from_secs(1),
        );
        app.list_hooks(&line.unwrap()).await.unwrap();
        let waiting = async || {
            let count = app.db().read(async |tx| tx.waiting("hook.agri_told").await);
            count.await.unwrap()
        };
        push(&router, &address("b1", 2), ROWS).await;
        assert_eq!(waiting().await, 1, "taken");
        push(&router, &address("b1", 2), ROWS).await;
        assert_eq!(waiting().await, 1, "the same bytes tell nothing anew");
        let bad = ROWS
            .replace("2.5", "many")
            .replace("\"area\":\"1\"", "\"area\":\"few\"");
        let (status, told) = push(&router, &address("b2", 2), &bad).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
        assert_eq!(waiting().await, 2, "refused");
    })
    .await;
}

/// What a person sees of it: who is told and what waits, who may ask and who was refused.
#[tokio::test]
async fn n02_the_pages_show_who_is_told_what_waits_and_who_may_ask() {
    let place = testing::sqlite();
    let db = place.open().await;
    let (router, app) = house(db, ("[agreement.nhsa_relief]", TOLD)).await;
    let county = site::signed_in(&app, Role::CountyApprover).await;
    let page =
        async |path: &str| text(site::ask(&router, "GET", path, Some(&county), "").await).await;
    let before = page("/board/data/hooks").await;
    assert!(before.contains("没有推送给谁"), "{before}");
    let target = app::hook::HookTarget {
        agreement: "agri_told".parse().unwrap(),
        url: "http://127.0.0.1:9/told".to_owned(),
        binary: false,
        token: None,
    };
    let clock = std::sync::Arc::new(FixedClock(site::now()));
    let ours = testkit::demo_signer("nuanxin", 7);
    let wait = Duration::from_secs(1);
    let line = app::hook::HookLine::new("civil.example", ours, vec![target], clock, wait).unwrap();
    app.list_hooks(&line).await.unwrap();
    push(&router, &address("b1", 2), ROWS).await;
    let told = page("/board/data/hooks").await;
    for words in [
        "告诉农业农村局",
        "您送的数据收下了、您送的数据退回了",
        "等着的 1 件",
        "都好",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    // Nobody is there: it waits, and the page says so and until when.
    let round = app.hook_round(&line).await.unwrap();
    assert_eq!(round, app::hook::HookRound::default());
    let told = page("/board/data/hooks").await;
    assert!(
        told.contains("等着再发") && told.contains("1 家要看"),
        "{told}"
    );
    let asks = page("/board/data/asks").await;
    for words in [
        "向医疗保障局提供救助对象名单",
        "一天最多 5000 次",
        "今天答了 0 次",
    ] {
        assert!(asks.contains(words), "{words}: {asks}");
    }
    assert!(!asks.contains("没让问的"), "{asks}");
    // A party that is believed and asks for what it may not.
    let path = "/api/v1/ask/records/vehicle";
    let body = r#"{"id_no":"990482194803150023","purpose":"verification","reference":"1"}"#;
    let signer = testkit::demo_signer("nhsa", 7);
    let signed = signer.sign_request("POST", path, body.as_bytes(), site::now());
    let refused = send(&router, path, &signed, Body::from(body)).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let asks = page("/board/data/asks").await;
    assert!(asks.contains("没让问的") && asks.contains("nhsa"), "{asks}");
    assert!(
        !asks.contains("990482194803150023"),
        "whom it asked about is not told"
    );
}

/// The five sides of a delivery's quality are five figures, the same ones above and in the
/// table by deliveries.
#[tokio::test]
async fn n02_each_side_of_quality_is_its_own_figure() {
    let place = testing::sqlite();
    let (router, app) = house(place.open().await, ("", "")).await;
    let county = site::signed_in(&app, Role::CountyApprover).await;
    let first = ROWS.lines().next().unwrap();
    let row = |no: usize| first.replace("\"r1\"", &format!("\"r{no}\"")) + "\n";
    let rows: String = (1..=20).chain([20]).map(row).collect();
    let (status, told) = push(&router, &address("b9", 21), &rows).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    let path = "/desk/catalogue/land_contract";
    let page = text(site::ask(&router, "GET", path, Some(&county), "").await).await;
    let figures = |before: &str| -> Vec<String> {
        let parts = page.split(before).skip(1);
        let figure = parts.filter_map(|rest| rest.split('<').next());
        figure.take(5).map(str::to_owned).collect()
    };
    let (above, table) = (figures("<dd><b>"), figures("<td class=\"r num\">"));
    assert_eq!(above, table, "{page}");
    assert!(above.iter().any(|one| one == "100%"), "{above:?}");
    assert!(above.iter().any(|one| one != "100%"), "{above:?}");
}
