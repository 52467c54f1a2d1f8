//! The officer's desk over a small town: what each role sees and may do, refusals in
//! their own words with what was typed kept, nothing seen without a reason.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use app::Context;
use axum::http::StatusCode;
use engine_access::Purpose;
use kernel::*;
use site::family::*;
use site::{ask, person, signed_in, text};
use store::testing;

#[tokio::test]
async fn an_officer_finds_opens_and_accepts_a_case() {
    testing::both(async |db| {
        let (router, app) = site::site(db).await;
        family(&app).await;
        let case = applied(&app).await;
        let town = signed_in(&app, Role::TownOfficer).await;
        let list = text(ask(&router, "GET", "/desk/cases?q=试甲", Some(&town), "").await).await;
        assert!(list.contains("找到 1 件"), "{list}");
        let list = text(ask(&router, "GET", "/desk/cases?q=0023", Some(&town), "").await).await;
        assert!(list.contains("找到 1 件"), "the last four of a number");
        let list = text(ask(&router, "GET", "/desk/cases?q=9999", Some(&town), "").await).await;
        assert!(list.contains("没有这样的办件"));
        let today = text(ask(&router, "GET", "/desk", Some(&town), "").await).await;
        assert!(today.contains("/desk/cases\">全部 1 件"), "{today}");
        let path = format!("/desk/cases/{case}");
        let page = text(ask(&router, "GET", &path, Some(&town), "").await).await;
        assert!(page.contains("试甲家"), "{page}");
        assert!(!page.contains(NUMBER));
        let form = "request=r1&offer=accept";
        let act = format!("{path}/act");
        for _ in 0..2 {
            // A doubled click does nothing twice and says the same.
            let answer = ask(&router, "POST", &act, Some(&town), form).await;
            assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        }
        let ctx = Context {
            actor: Actor {
                account: "TownOfficer".into(),
                person: Some(person(Role::TownOfficer)),
                role: Role::TownOfficer,
            },
            purpose: Purpose::Case(case),
            request: String::new(),
        };
        let history = app.case_history(&ctx, case).await.unwrap();
        let accepted = |one: &&store::Recorded<engine_case::Event>| {
            matches!(one.event.what, engine_case::What::Accepted { .. })
        };
        assert_eq!(history.iter().filter(accepted).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_refusal_is_said_in_its_own_words_and_what_was_typed_stays() {
    let place = testing::sqlite();
    let (router, app) = site::site(place.open().await).await;
    family(&app).await;
    let case = applied(&app).await;
    let town = signed_in(&app, Role::TownOfficer).await;
    let act = format!("/desk/cases/{case}/act");
    ask(&router, "POST", &act, Some(&town), "request=a&offer=accept").await;
    let form = "request=b&offer=demand&asks=%E8%AF%B7%E6%9D%A5%E4%B8%80%E8%B6%9F&days=many";
    let answer = ask(&router, "POST", &act, Some(&town), form).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = text(answer).await;
    assert!(page.contains("“many”不是天数"), "{page}");
    assert!(page.contains("请来一趟"));
    // A decision never goes the way of a plain act.
    let form = "request=c&offer=grant&reasons=x";
    let answer = ask(&router, "POST", &act, Some(&town), form).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn who_decides_sees_why_not_yet_and_nobody_else_is_offered_it() {
    let place = testing::sqlite();
    let (router, app) = site::site(place.open().await).await;
    family(&app).await;
    let case = applied(&app).await;
    let path = format!("/desk/cases/{case}");
    let county = signed_in(&app, Role::CountyApprover).await;
    let page = text(ask(&router, "GET", &path, Some(&county), "").await).await;
    // Not accepted yet: nothing of a decision is offered.
    assert!(page.contains("试甲家"));
    assert!(!page.contains("act=grant"));
    let decide = format!("{path}/decide");
    let form = "request=d&offer=grant&reasons=%E5%A5%BD";
    let answer = ask(&router, "POST", &decide, Some(&county), form).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_household_is_seen_for_a_reason_and_a_number_whole_only_for_another() {
    testing::both(async |db| {
        let (router, app) = site::site(db).await;
        family(&app).await;
        let case = applied(&app).await;
        let town = signed_in(&app, Role::TownOfficer).await;
        let plain = format!("/desk/households/{HOME}");
        let answer = ask(&router, "GET", &plain, Some(&town), "").await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        let path = format!("{plain}?case={case}");
        let page = text(ask(&router, "GET", &path, Some(&town), "").await).await;
        assert!(page.contains("****0023"), "{page}");
        assert!(!page.contains(NUMBER));
        let other = format!("/desk/households/2?case={case}");
        let answer = ask(&router, "GET", &other, Some(&town), "").await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        let unmask = format!("{plain}/unmask");
        let form = format!("case={case}&person={MUM}&field=number&reason=");
        let answer = ask(&router, "POST", &unmask, Some(&town), &form).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!text(answer).await.contains(NUMBER));
        let form = format!("{form}%E8%A6%81%E6%89%93%E5%8D%B0");
        let page = text(ask(&router, "POST", &unmask, Some(&town), &form).await).await;
        assert!(page.contains(NUMBER), "{page}");
        let subject = format!("person:{MUM}");
        let rows = app.db().read(async move |tx| tx.audit_of(&subject).await);
        let rows = rows.await.unwrap();
        assert_eq!(
            rows.iter().filter(|r| r.action == "person.unmask").count(),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn a_case_elsewhere_and_one_that_is_not_look_the_same() {
    let place = testing::sqlite();
    let (router, app) = site::site(place.open().await).await;
    let town = signed_in(&app, Role::TownOfficer).await;
    let answer = ask(&router, "GET", "/desk/cases/77", Some(&town), "").await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let finance = signed_in(&app, Role::Finance).await;
    family(&app).await;
    let case = applied(&app).await;
    let path = format!("/desk/cases/{case}");
    let answer = ask(&router, "GET", &path, Some(&finance), "").await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn rules_are_pages_and_findings_need_a_screening() {
    let place = testing::sqlite();
    let (router, app) = site::site(place.open().await).await;
    let town = signed_in(&app, Role::TownOfficer).await;
    let list = text(ask(&router, "GET", "/desk/rules", Some(&town), "").await).await;
    for service in app.law().pack.services() {
        let path = format!("/desk/rules/{}", service.id);
        assert!(list.contains(&path));
        let page = text(ask(&router, "GET", &path, Some(&town), "").await).await;
        assert!(page.contains("谁可以享受"), "{path}");
    }
    let answer = ask(&router, "GET", "/desk/rules/none", Some(&town), "").await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let found = text(ask(&router, "GET", "/desk/found", Some(&town), "").await).await;
    assert!(found.contains("还没有筛查过"));
}
