//! Rows the gate set back: shown with their reasons and masked, mended by hand or by a
//! file, through the same gate; each closed once, its origin kept, nothing lost.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use app::App;
use app::import::{ImportOutcome, MendedFrom, SetBack};
use app::sign_in::Token;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use kernel::*;
use site::family::{MUM, NUMBER, family};
use site::{ask, bring_rows, signed_in, text};
use std::collections::BTreeSet;
use store::testing;
use tower::ServiceExt as _;

const HEAD: &str = "证件号码,记录编号,数据日期,出生日期,状态\n";
const OTHER: &str = "990101199001010035";

/// Forty rows: line 5 has a day that is none and is MUM's, line 9 a number that stood
/// before, line 12 a code nobody knows.
fn rows() -> String {
    let mut rows = HEAD.to_owned();
    for n in 2..=41 {
        let row = match n {
            5 => format!("{NUMBER},r5,2026-01-31,昨天,在籍\n"),
            9 => format!("{OTHER},r2,2026-01-31,1990-01-01,在籍\n"),
            12 => format!("{OTHER},r12,2026-01-31,1990-01-01,=在籍\n"),
            n => format!("{OTHER},r{n},2026-01-31,1990-01-01,在籍\n"),
        };
        rows.push_str(&row);
    }
    rows
}

/// Everybody's grant is over the whole province: data comes in for all of it.
async fn house(db: store::Db) -> (Router, App) {
    site::site_under(db, site::law(), "990000".parse().unwrap()).await
}

fn resident() -> Slug {
    "resident".parse().unwrap()
}

async fn kept(app: &App, batch: DataBatchId) -> Vec<(u64, Option<DataBatchId>)> {
    let rows = app
        .db()
        .read(async move |tx| tx.set_back_rows::<SetBack>(batch, 0, 100).await);
    let rows = rows.await.unwrap().into_iter();
    rows.map(|row| (row.line, row.mended)).collect()
}

/// Whether something of MUM is not known because her row was refused.
async fn is_unknown(app: &App) -> bool {
    let gaps = app.db().read(async |tx| {
        let standings = tx.pool_standings().await?;
        tx.gaps_of(&BTreeSet::from([MUM]), &standings).await
    });
    gaps.await.unwrap().contains(&(MUM, resident()))
}

async fn hand_in(router: &Router, path: &str, token: &Token, body: &str) -> (StatusCode, String) {
    let form = format!(
        "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n\
         {body}\r\n--cut--\r\n"
    );
    let request = Request::post(path)
        .header("sec-fetch-site", "same-origin")
        .header("cookie", format!("nx_session={}", token.0))
        .header("content-type", "multipart/form-data; boundary=cut")
        .body(Body::from(form))
        .unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    (answer.status(), text(answer).await)
}

#[tokio::test]
async fn n02_a_row_set_back_is_shown_masked_mended_by_hand_and_closed() {
    testing::both(async |db| {
        let (router, app) = house(db).await;
        family(&app).await;
        let imported = bring_rows(&app, "resident", "police", &rows()).await;
        let ImportOutcome::Accepted(quality) = &imported.outcome else {
            panic!("{imported:?}");
        };
        let batch = imported.batch.unwrap();
        assert_eq!((quality.rows, quality.taken), (40, 37));
        let lines = [(5, None), (9, None), (12, None)];
        assert_eq!(kept(&app, batch).await, lines, "what was not taken is kept, all of it");
        assert!(is_unknown(&app).await);
        let officer = signed_in(&app, Role::CountyApprover).await;
        let get = async |path: &str| text(ask(&router, "GET", path, Some(&officer), "").await).await;
        let list = get("/desk/set-back").await;
        assert!(list.contains("3 行等着补"), "{list}");
        let at = format!("/desk/take-in/resident/{batch}/set-back");
        let page = get(&at).await;
        assert!(page.contains("不是日期") && page.contains("****0023"), "{page}");
        assert!(!page.contains(NUMBER) && !page.contains(OTHER), "masked in a list");
        let one = get(&format!("{at}/5")).await;
        assert!(one.contains(NUMBER) && one.contains("昨天"), "whole where it is mended");
        // Still wrong: said at its column, nothing kept.
        let form = |birth: &str| {
            format!("f_id_no={NUMBER}&f_record_no=r5&f_as_of=2026-01-31&f_birth={birth}&f_state=%E5%9C%A8%E7%B1%8D")
        };
        let path = format!("{at}/5");
        let answer = ask(&router, "POST", &path, Some(&officer), &form("1948-03-32")).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let says = text(answer).await;
        assert!(says.contains("没有这一天") && says.contains("1948-03-32"), "{says}");
        assert_eq!(kept(&app, batch).await, lines);
        // Mended: taken by a delivery of its own, which does not stand for the category.
        let answer = ask(&router, "POST", &path, Some(&officer), &form("1948-03-15")).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{}", text(answer).await);
        let to = answer.headers()["location"].to_str().unwrap().to_owned();
        let by = DataBatchId(to.rsplit('/').next().unwrap().parse().unwrap());
        assert_eq!(kept(&app, batch).await[0], (5, Some(by)));
        assert!(!is_unknown(&app).await, "the row came: she is known");
        let (standing, record, from) = app
            .db()
            .read(async move |tx| {
                let standing = tx.pool_standings().await?[&resident()].batch;
                let record = tx.records_in(MUM, &resident()).await?.remove(0);
                let from = tx.repairs_of_record::<MendedFrom>(&resident(), "r5").await?;
                Ok::<_, store::StoreError>((standing, record, from))
            })
            .await
            .unwrap();
        assert_eq!((standing, record.batch), (batch, by));
        assert_eq!(from[0].what, MendedFrom { batch, line: 5 });
        let report = get(&to).await;
        assert!(report.contains("补的是") && report.contains("第 5 行"), "{report}");
        // Once: the same row again is said to be done.
        let answer = ask(&router, "POST", &path, Some(&officer), &form("1948-03-15")).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(answer).await.contains("补过了"));
        // On record, who and which rows.
        let wanted = store::audit::AuditWanted {
            account: String::new(),
            subject: format!("data_batch:{batch}"),
            action: "pool.mend".to_owned(),
            from: site::now().at,
            to: site::now().at + chrono::TimeDelta::days(1),
            skip: 0,
            limit: 10,
        };
        let rows = app.db().read(async move |tx| tx.audit_rows(&wanted).await);
        assert_eq!(rows.await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn n02_the_rows_set_back_go_out_as_a_file_and_come_back_mended() {
    testing::both(async |db| {
        let (router, app) = house(db).await;
        let imported = bring_rows(&app, "resident", "police", &rows()).await;
        let batch = imported.batch.unwrap();
        let officer = signed_in(&app, Role::CountyApprover).await;
        let at = format!("/desk/take-in/resident/{batch}/set-back");
        let answer = ask(&router, "GET", &format!("{at}.csv"), Some(&officer), "").await;
        let file = text(answer).await;
        assert!(
            file.contains("没收下的行") && file.contains("'=在籍"),
            "{file}"
        );
        assert_eq!(file.lines().count(), 4, "{file}");
        // As it went out nothing is better, and the repeated number would go over another.
        let (status, page) = hand_in(&router, &at, &officer, &file).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("没有一行补对"), "{page}");
        // Two mended, the repeated one left as it is: it goes on waiting.
        let file = file.replace("'=在籍", "在籍").replace("昨天", "1948-03-15");
        let (status, page) = hand_in(&router, &at, &officer, &file).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        let after = page.split("name=\"key\" value=\"").nth(1).unwrap();
        let form = format!("key={}", after.split('"').next().unwrap());
        let answer = ask(&router, "POST", "/desk/take-in/keep", Some(&officer), &form).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let to = answer.headers()["location"].to_str().unwrap().to_owned();
        let by = DataBatchId(to.rsplit('/').next().unwrap().parse().unwrap());
        assert_eq!(
            kept(&app, batch).await,
            [(5, Some(by)), (9, None), (12, Some(by))]
        );
        assert_eq!(
            kept(&app, by).await.len(),
            1,
            "what did not pass is kept there, too"
        );
        // A number that was taken before would put that record away: refused, in words.
        let head = "没收下的行,证件号码,记录编号,数据日期,出生日期,状态\n";
        let over = format!("{head}{batch}-9,{OTHER},r3,2026-01-31,1990-01-01,在籍\n");
        let (status, page) = hand_in(&router, &at, &officer, &over).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("盖掉"), "{page}");
        // A row that was never set back closes nothing and is not taken.
        let alien = format!("{head}{batch}-7,{OTHER},r77,2026-01-31,1990-01-01,在籍\n");
        let (status, page) = hand_in(&router, &at, &officer, &alien).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("不是这一批里等着补的行"), "{page}");
        let list = text(ask(&router, "GET", "/desk/set-back", Some(&officer), "").await).await;
        assert!(list.contains("1 行等着补"), "{list}");
    })
    .await;
}

#[tokio::test]
async fn n02_what_the_mender_may_not_see_stays_as_it_came() {
    let place = testing::sqlite();
    let (router, app) = house(place.open().await).await;
    family(&app).await;
    let mut rows = "证件号码,记录编号,数据日期,自己付的\n".to_owned();
    for n in 2..=21 {
        let day = if n == 4 { "2026-02-31" } else { "2026-01-31" };
        let whose = if n == 4 { NUMBER } else { OTHER };
        rows.push_str(&format!("{whose},r{n},{day},{n}0.00\n"));
    }
    let department = "police";
    let imported = bring_rows(&app, "bill", department, &rows).await;
    let batch = imported.batch.unwrap();
    // The county sees up to L3; what was paid is L4.
    let officer = signed_in(&app, Role::CountyApprover).await;
    let at = format!("/desk/take-in/bill/{batch}/set-back");
    for path in [at.clone(), format!("{at}/4"), format!("{at}.csv")] {
        let page = text(ask(&router, "GET", &path, Some(&officer), "").await).await;
        assert!(page.contains("2026-02-31"), "{path}: {page}");
        assert!(!page.contains("40.00"), "{path}: {page}");
    }
    let form = format!("f_id_no={NUMBER}&f_record_no=r4&f_as_of=2026-01-30&f_self_pay=");
    let answer = ask(&router, "POST", &format!("{at}/4"), Some(&officer), &form).await;
    assert_eq!(
        answer.status(),
        StatusCode::SEE_OTHER,
        "{}",
        text(answer).await
    );
    let held = app
        .db()
        .read(async |tx| tx.records_in(MUM, &"bill".parse().unwrap()).await);
    let held = held.await.unwrap();
    let paid = &held[0].values[&"self_pay".parse::<Slug>().unwrap()];
    assert_eq!((held.len(), paid.to_string()), (1, "40.00元".to_owned()));
}

/// 不用补 A person closes a row with a reason, once; it waits no longer and cannot be
/// mended, and whom it was about stays unknown.
#[tokio::test]
async fn n02_a_row_that_needs_no_mending_is_closed_with_a_reason() {
    testing::both(async |db| {
        let (router, app) = house(db).await;
        family(&app).await;
        let imported = bring_rows(&app, "resident", "police", &rows()).await;
        let batch = imported.batch.unwrap();
        let officer = signed_in(&app, Role::CountyApprover).await;
        let at = format!("/desk/take-in/resident/{batch}/set-back");
        let path = format!("{at}/5/waive");
        let answer = ask(&router, "POST", &path, Some(&officer), "why=+").await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(answer).await.contains("请写明理由"));
        let why = "why=%E8%BF%99%E6%98%AF%E5%90%88%E8%AE%A1%E8%A1%8C";
        let answer = ask(&router, "POST", &path, Some(&officer), why).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let answer = ask(&router, "POST", &path, Some(&officer), why).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let none = ask(
            &router,
            "POST",
            &format!("{at}/6/waive"),
            Some(&officer),
            why,
        )
        .await;
        assert_eq!(none.status(), StatusCode::NOT_FOUND, "no such row");
        let get =
            async |path: &str| text(ask(&router, "GET", path, Some(&officer), "").await).await;
        assert!(get("/desk/set-back").await.contains("2 行等着补"));
        let page = get(&at).await;
        assert!(page.contains("不用补：这是合计行"), "{page}");
        assert!(get(&format!("{at}/5")).await.contains("这一行不用补"));
        let form = format!("f_id_no={NUMBER}&f_record_no=r5&f_as_of=2026-01-31&f_birth=1948-03-15");
        let answer = ask(&router, "POST", &format!("{at}/5"), Some(&officer), &form).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(answer).await.contains("不用补了"));
        let file = get(&format!("{at}.csv")).await;
        assert!(!file.contains(&format!("{batch}-5")) && file.contains(&format!("{batch}-9")));
        assert!(
            is_unknown(&app).await,
            "a row nobody needs is no record of hers"
        );
        let told = app
            .db()
            .read(async move |tx| tx.set_back_row::<app::import::SetBack>(batch, 5).await);
        let said = told.await.unwrap().unwrap().waived.unwrap();
        assert_eq!(
            (said.why.as_str(), said.by.person.is_some()),
            ("这是合计行", true)
        );
    })
    .await;
}
