//! A file brought to the desk: looked at and nothing kept, then taken in once; what
//! is wrong is said by line and column; a template comes back through the gate.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod site;

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
