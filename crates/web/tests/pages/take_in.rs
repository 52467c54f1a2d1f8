//! A file brought to the desk: looked at and nothing kept, then taken in once; what
//! is wrong is said by line and column; a template comes back through the gate.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use app::App;
use app::sign_in::Token;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use kernel::*;
use site::{ask, signed_in, text};
use store::testing;
use tower::ServiceExt as _;

const HEAD: &str = "证件号码,记录编号,数据日期,出生日期,状态\n";

async fn bring(router: &Router, token: &Token, name: &str, body: &[u8]) -> Response<Body> {
    let mut form = Vec::new();
    for (field, value) in [("category", "resident"), ("as_of", "2026-02-01")] {
        let part =
            format!("--cut\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        form.extend(part.bytes());
    }
    let part = format!(
        "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
    );
    form.extend(part.bytes());
    form.extend(body);
    form.extend(b"\r\n--cut--\r\n");
    let request = Request::post("/desk/take-in")
        .header("sec-fetch-site", "same-origin")
        .header("cookie", format!("nx_session={}", token.0))
        .header("content-type", "multipart/form-data; boundary=cut")
        .body(Body::from(form))
        .unwrap();
    router.clone().oneshot(request).await.unwrap()
}

async fn batches(app: &App) -> usize {
    let pool = app
        .db()
        .read(async |tx| tx.pool(&"resident".parse().unwrap()).await);
    pool.await.unwrap().batches.len()
}

fn key(page: &str) -> String {
    let after = page.split("name=\"key\" value=\"").nth(1);
    after.unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_file_is_looked_at_first_and_taken_in_once() {
    testing::both(async |db| {
        let (router, app) = site::site(db).await;
        let officer = signed_in(&app, Role::SystemAdministrator).await;
        let rows = format!("{HEAD}990101199001010035,r1,2026-02-01,1990-01-01,在籍\n");
        let answer = bring(&router, &officer, "人口.csv", rows.as_bytes()).await;
        let status = answer.status();
        let page = text(answer).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        assert!(page.contains("可以收，还没有收"), "{page}");
        assert_eq!(batches(&app).await, 0, "a look keeps nothing");
        let form = format!("key={}", key(&page));
        let other = signed_in(&app, Role::CountyApprover).await;
        let answer = ask(&router, "POST", "/desk/take-in/keep", Some(&other), &form).await;
        assert_eq!(
            answer.status(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "nobody else's"
        );
        let mut seen = Vec::new();
        for _ in 0..2 {
            let answer = ask(&router, "POST", "/desk/take-in/keep", Some(&officer), &form).await;
            assert_eq!(answer.status(), StatusCode::SEE_OTHER);
            let to = answer.headers()["location"].to_str().unwrap().to_owned();
            seen.push(to);
        }
        assert_eq!(seen[0], seen[1], "a doubled click is one delivery");
        assert_eq!(batches(&app).await, 1);
        let report = text(ask(&router, "GET", &seen[0], Some(&officer), "").await).await;
        assert!(
            report.contains("收进来了") && report.contains("公安局"),
            "{report}"
        );
        let again = text(bring(&router, &officer, "人口.csv", rows.as_bytes()).await).await;
        assert!(again.contains("这份以前收过了"), "{again}");
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_said_by_line_and_column_and_nothing_is_kept() {
    let place = testing::sqlite();
    let (router, app) = site::site(place.open().await).await;
    let officer = signed_in(&app, Role::SystemAdministrator).await;
    let rows = format!("{HEAD}990101199001010035,r1,2026-02-01,昨天,在籍\n");
    for (name, body, says) in [
        ("人口.csv", rows.as_bytes(), "不是日期。请写成 2026-01-31"),
        ("人口.csv", b"a,b\n1,2\n".as_slice(), "表头缺少"),
        (
            "人口.xlsx",
            b"PK\x03\x04 cut".as_slice(),
            "不是完整的 Excel 文件",
        ),
        ("人口.pdf", b"%PDF".as_slice(), "只收 .xlsx 和 .csv"),
        ("人口.csv", b"".as_slice(), "是空的"),
    ] {
        let answer = bring(&router, &officer, name, body).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        let page = text(answer).await;
        assert!(page.contains(says), "{name} {says}: {page}");
        assert!(!page.contains("/tmp"), "{page}");
        assert!(!page.contains("name=\"key\""));
    }
    assert_eq!(batches(&app).await, 0);
}

#[tokio::test]
async fn a_template_comes_back_through_the_gate() {
    let place = testing::sqlite();
    let (router, app) = site::site(place.open().await).await;
    let officer = signed_in(&app, Role::SystemAdministrator).await;
    for ending in ["csv", "xlsx"] {
        let path = format!("/desk/take-in/templates/resident/{ending}");
        let answer = ask(&router, "GET", &path, Some(&officer), "").await;
        assert_eq!(answer.status(), StatusCode::OK);
        let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await;
        let name = format!("a.{ending}");
        let page = text(bring(&router, &officer, &name, &body.unwrap()).await).await;
        let judged = page.contains("可以收") || page.contains("这份收不了");
        assert!(judged && !page.contains("表头"), "{ending}: {page}");
    }
    let none = "/desk/take-in/templates/none/csv";
    let answer = ask(&router, "GET", none, Some(&officer), "").await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}

/// Between two tags after some words, as digits.
fn figure(page: &str, after: &str) -> Option<u64> {
    let rest = page.split(after).nth(1)?;
    rest.split(['<', '"', ' ']).next()?.parse().ok()
}

/// Stopped half-way, the page says how far it came and comes again by itself; the same
/// file goes on from there, and the page becomes the delivery's.
#[tokio::test(flavor = "multi_thread")]
async fn n02_a_large_file_shows_how_far_it_came_until_it_is_whole() {
    const ROWS: u64 = 21_000;
    let place = testing::sqlite();
    let (router, app) = site::site(place.open().await).await;
    let officer = signed_in(&app, Role::SystemAdministrator).await;
    let row = |n: u64| {
        let born = Date::from_ymd_opt(1950, 1, 1).unwrap() + chrono::Days::new(n / 900);
        let nth = u16::try_from(n % 900 + 1).unwrap();
        let number = CitizenId::build(990_101, born, nth).unwrap();
        let number = number.reveal();
        format!("{number},r{n},2026-01-31,{born},在籍\n")
    };
    let rows: String = std::iter::once(HEAD.to_owned())
        .chain((0..ROWS).map(row))
        .collect();
    let page = async |path: &str| ask(&router, "GET", path, Some(&officer), "").await;
    let list = async || text(page("/desk/take-in").await).await;
    assert!(!list().await.contains("正在收的"));
    let (house, bytes) = (app.clone(), rows.clone());
    let bringing =
        tokio::spawn(async move { site::bring_rows(&house, "resident", "police", &bytes).await });
    let batch = loop {
        let told = list().await;
        let done = figure(
            &told,
            "</a></th><td>公安局：户籍人口</td><td class=\"r num\">",
        );
        let batch = figure(&told, "href=\"/desk/take-in/resident/");
        if let (Some(1..), Some(batch)) = (done, batch) {
            break batch;
        }
        assert!(!bringing.is_finished(), "{told}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    bringing.abort();
    assert!(bringing.await.is_err(), "it was stopped half-way");
    let at = format!("/desk/take-in/resident/{batch}");
    let answer = page(&at).await;
    assert_eq!(answer.headers()["refresh"], "3");
    let told = text(answer).await;
    let done = figure(&told, "<h1>正在收：").unwrap();
    assert!((1..ROWS).contains(&done), "{told}");
    for words in [
        format!("正在收：{done} / {ROWS} 行"),
        format!("max=\"{ROWS}\" value=\"{done}\""),
        format!("aria-label=\"收到 {done} 行，一共 {ROWS} 行\""),
        "从这里接着收，不丢也不重".to_owned(),
    ] {
        assert!(told.contains(&words), "{words}: {told}");
    }
    let again = site::bring_rows(&app, "resident", "police", &rows).await;
    assert_eq!(again.batch.map(|one| one.0.unsigned_abs()), Some(batch));
    assert!(!list().await.contains("正在收的"));
    let answer = page(&at).await;
    assert!(!answer.headers().contains_key("refresh"));
    let told = text(answer).await;
    assert!(
        told.contains(&ROWS.to_string()) && !told.contains("正在收："),
        "{told}"
    );
}
