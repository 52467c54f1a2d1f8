//! Lists taken out: with a reason, by two people where they hold many, by who asked,
//! within a day, on record.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use app::App;
use app::sign_in::Token;
use axum::Router;
use axum::http::StatusCode;
use chrono::TimeDelta;
use engine_access::Export;
use kernel::*;
use site::family::{applied, family};
use site::staffed::{Held, staffed};
use site::{COUNTY, ask, now, person, signed_in, text};
use store::{ListExport, testing};

const PAGE: &str = "/desk/cases/export";

async fn asks(router: &Router, who: &Token, fields: &[(&str, &str)]) -> (StatusCode, String) {
    let form = serde_urlencoded::to_string(fields).unwrap();
    let answer = ask(router, "POST", PAGE, Some(who), &form).await;
    (answer.status(), text(answer).await)
}

async fn file(router: &Router, who: &Token, id: i64) -> (StatusCode, String) {
    let answer = ask(router, "GET", &format!("{PAGE}/{id}/file"), Some(who), "").await;
    (answer.status(), text(answer).await)
}

async fn answered(router: &Router, who: &Token, id: i64, answer: &str) -> StatusCode {
    let form = format!("request=r{answer}{id}&answer={answer}");
    let path = format!("{PAGE}/{id}");
    ask(router, "POST", &path, Some(who), &form).await.status()
}

/// A request for many people by the county officer of the tests, `hours` ago.
async fn many(app: &App, case: CaseId, hours: i64) -> i64 {
    let by = Actor {
        account: "CountyApprover".into(),
        person: Some(person(Role::CountyApprover)),
        role: Role::CountyApprover,
    };
    let at = Now {
        at: now().at - TimeDelta::hours(hours),
    };
    let export = Export::ask(by, "年度统计要用", (101, FieldLevel::L2), at).unwrap();
    let kept = ListExport {
        export,
        what: "全部在办的".into(),
        file: "csv".into(),
        cases: vec![case],
    };
    let region: RegionCode = COUNTY.parse().unwrap();
    let done = app
        .db()
        .write(async move |tx| tx.ask_list(region, &kept).await);
    done.await.unwrap()
}

async fn on_record(app: &App, id: i64) -> Vec<String> {
    let subject = format!("list_export:{id}");
    let rows = app.db().read(async move |tx| tx.audit_of(&subject).await);
    rows.await
        .unwrap()
        .into_iter()
        .map(|row| row.action)
        .collect()
}

#[tokio::test]
async fn a_list_of_few_needs_a_reason_and_says_whose_copy_it_is() {
    testing::both(async |db| {
        let (router, app) = site::site(db).await;
        family(&app).await;
        applied(&app).await;
        let county = signed_in(&app, Role::CountyApprover).await;
        let (status, page) = asks(&router, &county, &[("file", "csv"), ("reason", "x")]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            page.contains("至少 5 个字") && page.contains(">x</textarea>"),
            "{page}"
        );
        let good = [
            ("file", "csv"),
            ("reason", "=1+1 月度统计"),
            ("q", "试甲"),
            ("request", "one"),
        ];
        for _ in 0..2 {
            let (status, _) = asks(&router, &county, &good).await;
            assert_eq!(status, StatusCode::SEE_OTHER);
        }
        let (status, csv) = file(&router, &county, 1).await;
        assert_eq!(status, StatusCode::OK);
        let first = csv.lines().next().unwrap();
        assert!(first.contains("试CountyApprover"), "{csv}");
        assert!(
            first.contains("用途：=1+1 月度统计") && first.contains("含“试甲”"),
            "{csv}"
        );
        assert!(
            csv.contains("试甲") && !csv.contains(site::family::NUMBER),
            "{csv}"
        );
        // A double click asked once; another officer sees and fetches nothing of it.
        assert_eq!(on_record(&app, 1).await, ["list.asked", "list.fetched"]);
        assert_eq!(on_record(&app, 2).await, [""; 0]);
        let other = staffed(&app, 9_500, Role::CountyApprover, Held::Inside).await;
        assert_eq!(file(&router, &other, 1).await.0, StatusCode::NOT_FOUND);
        let page = text(ask(&router, "GET", PAGE, Some(&other), "").await).await;
        assert!(!page.contains("月度统计"), "{page}");
        let book = [
            ("file", "xlsx"),
            ("reason", "月度统计要用"),
            ("request", "two"),
        ];
        assert_eq!(asks(&router, &county, &book).await.0, StatusCode::SEE_OTHER);
        let (_, bytes) = file(&router, &county, 2).await;
        assert!(bytes.starts_with("PK"));
    })
    .await;
}

#[tokio::test]
async fn a_list_of_many_leaves_by_two_people_within_a_day() {
    testing::both(async |db| {
        let (router, app) = site::site(db).await;
        family(&app).await;
        let case = applied(&app).await;
        let county = signed_in(&app, Role::CountyApprover).await;
        let other = staffed(&app, 9_500, Role::CountyApprover, Held::Inside).await;
        let away = staffed(&app, 9_501, Role::CountyApprover, Held::Elsewhere).await;
        let id = many(&app, case, 1).await;
        let (status, says) = file(&router, &county, id).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(says.contains("另一个人批准"), "{says}");
        // Not by oneself, not from elsewhere.
        assert_eq!(
            answered(&router, &county, id, "yes").await,
            StatusCode::FORBIDDEN
        );
        assert_eq!(
            answered(&router, &away, id, "yes").await,
            StatusCode::NOT_FOUND
        );
        let page = text(ask(&router, "GET", PAGE, Some(&other), "").await).await;
        assert!(
            page.contains("年度统计要用") && page.contains("101 人"),
            "{page}"
        );
        assert_eq!(
            answered(&router, &other, id, "yes").await,
            StatusCode::SEE_OTHER
        );
        let (status, csv) = file(&router, &county, id).await;
        assert_eq!(status, StatusCode::OK);
        assert!(csv.contains("批准：CountyApproverInside9500"), "{csv}");
        assert_eq!(on_record(&app, id).await, ["list.approved", "list.fetched"]);
        // A no holds; a day later nothing does.
        let id = many(&app, case, 1).await;
        assert_eq!(
            answered(&router, &other, id, "no").await,
            StatusCode::SEE_OTHER
        );
        assert_eq!(file(&router, &county, id).await.0, StatusCode::NOT_FOUND);
        let id = many(&app, case, 24).await;
        assert_eq!(
            answered(&router, &other, id, "yes").await,
            StatusCode::FORBIDDEN
        );
        let (status, says) = file(&router, &county, id).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(says.contains("过了 24 小时"), "{says}");
        assert_eq!(on_record(&app, id).await, [""; 0]);
    })
    .await;
}
