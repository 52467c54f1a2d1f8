//! Signing in, proving, leaving; tokens of programs; writes from elsewhere. On both
//! databases where something is kept.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use app::sign_in::{NewToken, Token, code_at};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use engine_access::{Purpose, Scope};
use kernel::Role;
use site::{PASSWORD, ask, now, secret, signed_in, text};
use store::testing;
use tower::ServiceExt as _;

fn form(role: Role, password: &str, code: &str) -> String {
    format!(
        "login={role:?}&password={}&code={code}",
        password.replace(' ', "+")
    )
}

fn code(role: Role, later_seconds: i64) -> String {
    code_at(
        &secret(role),
        now().at + chrono::TimeDelta::seconds(later_seconds),
    )
    .unwrap()
}

/// The session an answer begins.
fn session(response: &axum::http::Response<Body>) -> Option<Token> {
    let cookie = response
        .headers()
        .get(header::SET_COOKIE)?
        .to_str()
        .unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let value = cookie.strip_prefix("nx_session=")?.split(';').next()?;
    Some(Token(value.to_owned()))
}

#[tokio::test]
async fn password_and_code_begin_a_session_and_each_code_works_once() {
    let place = testing::sqlite();
    begins_once(place.open().await).await;
    if let Some(place) = testing::postgres() {
        begins_once(place.open().await).await;
    }
}

async fn begins_once(db: store::Db) {
    let (router, app) = site::site(db).await;
    let town = Role::TownOfficer;
    let right = form(town, PASSWORD, &code(town, 0));
    let answer = ask(&router, "POST", "/sign-in", None, &right).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let token = session(&answer).unwrap();
    assert_eq!(
        ask(&router, "GET", "/desk", Some(&token), "")
            .await
            .status(),
        StatusCode::OK
    );
    // The same code again is refused, the next one is not.
    let answer = ask(&router, "POST", "/sign-in", None, &right).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let next = form(town, PASSWORD, &code(town, 30));
    let answer = ask(&router, "POST", "/sign-in", None, &next).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    // Leaving ends it at once, for whoever copied it too.
    ask(&router, "POST", "/sign-out", Some(&token), "").await;
    let answer = ask(&router, "GET", "/desk", Some(&token), "").await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(app.visitor(&token).await.unwrap(), None);
    app.db().clone().close().await;
}

#[tokio::test]
async fn wrong_name_password_and_code_sound_the_same_and_lock_for_a_while() {
    let place = testing::sqlite();
    let (router, _) = site::site(place.open().await).await;
    let town = Role::TownOfficer;
    let wrong = [
        form(town, "not the password at all", &code(town, 0)),
        form(town, PASSWORD, "000000"),
        form(town, PASSWORD, ""),
        "login=nobody&password=whatever+it+is&code=123456".to_owned(),
    ];
    for typed in &wrong {
        let answer = ask(&router, "POST", "/sign-in", None, typed).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(session(&answer).is_none());
        let page = text(answer).await;
        assert!(page.contains("账号、密码或验证码不对"), "{typed}");
        assert!(!page.contains("not the password"), "a secret came back");
    }
    for _ in 0..3 {
        ask(&router, "POST", "/sign-in", None, &wrong[0]).await;
    }
    // Even the right ones wait now; what was typed but no secret is still there.
    let right = form(town, PASSWORD, &code(town, 0));
    let page = text(ask(&router, "POST", "/sign-in", None, &right).await).await;
    assert!(page.contains("试错太多次了"), "{page}");
    assert!(page.contains(r#"value="TownOfficer""#));
}

#[tokio::test]
async fn a_write_from_elsewhere_changes_nothing() {
    let place = testing::sqlite();
    let (router, app) = site::site(place.open().await).await;
    let token = signed_in(&app, Role::TownOfficer).await;
    for origin in [Some("http://elsewhere.test"), Some("null"), None] {
        let mut request = Request::post("/sign-out")
            .header("host", "site.test")
            .header("cookie", format!("nx_session={}", token.0));
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let answer = router.clone().oneshot(request.body(Body::empty()).unwrap());
        assert_eq!(answer.await.unwrap().status(), StatusCode::FORBIDDEN);
        assert!(app.visitor(&token).await.unwrap().is_some(), "{origin:?}");
    }
}

async fn program(router: &axum::Router, method: &str, path: &str, token: &str) -> StatusCode {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "site.test")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::from("{}"))
        .unwrap();
    router.clone().oneshot(request).await.unwrap().status()
}

#[tokio::test]
async fn a_token_opens_its_scope_and_nothing_else_until_it_is_taken_back() {
    let place = testing::sqlite();
    narrow(place.open().await).await;
    if let Some(place) = testing::postgres() {
        narrow(place.open().await).await;
    }
}

async fn narrow(db: store::Db) {
    let (router, app) = site::site(db).await;
    let session = signed_in(&app, Role::TownOfficer).await;
    let visitor = app.visitor(&session).await.unwrap().unwrap();
    let ctx = visitor.acts(Purpose::Administration, "");
    let new = NewToken {
        note: "报表".to_owned(),
        scopes: vec![Scope::CasesRead],
        days: 30,
    };
    let token = app.issue_token(&ctx, new).await.unwrap().0;
    assert!(token.starts_with("nxt_"));
    for (method, path, status) in [
        ("GET", "/api/v1/cases", StatusCode::OK),
        ("POST", "/api/v1/judgements", StatusCode::FORBIDDEN),
        ("GET", "/api/v1/services", StatusCode::OK),
        ("GET", "/desk", StatusCode::FORBIDDEN),
        ("POST", "/desk/tokens", StatusCode::FORBIDDEN),
    ] {
        assert_eq!(
            program(&router, method, path, &token).await,
            status,
            "{path}"
        );
    }
    let unauthorised = StatusCode::UNAUTHORIZED;
    assert_eq!(
        program(&router, "GET", "/api/v1/cases", "nxt_made_up").await,
        unauthorised
    );
    let by_session = ask(&router, "GET", "/api/v1/cases", Some(&session), "").await;
    assert_eq!(by_session.status(), unauthorised);
    let id = app.own_tokens(&ctx).await.unwrap()[0].id;
    app.revoke_token(&ctx, id).await.unwrap();
    assert_eq!(
        program(&router, "GET", "/api/v1/cases", &token).await,
        unauthorised
    );
    app.db().clone().close().await;
}

#[tokio::test]
async fn made_up_households_are_judged_and_bad_ones_told_how_to_mend() {
    let place = testing::sqlite();
    let (router, app) = site::site(place.open().await).await;
    let session = signed_in(&app, Role::TownOfficer).await;
    let visitor = app.visitor(&session).await.unwrap().unwrap();
    let ctx = visitor.acts(Purpose::Administration, "");
    let new = NewToken {
        note: "试算".to_owned(),
        scopes: vec![Scope::PolicyRead],
        days: 1,
    };
    let token = app.issue_token(&ctx, new).await.unwrap().0;
    for (body, status) in [
        ("{\"household", StatusCode::BAD_REQUEST),
        ("{}", StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"household": 7}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (r#"{"unknown": []}"#, StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let request = Request::post("/api/v1/judgements")
            .header("host", "site.test")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from(body))
            .unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status, "{body}");
        let fault: serde_json::Value = serde_json::from_str(&text(answer).await).unwrap();
        assert_eq!(fault["code"], "bad_input", "{body}");
    }
}

/// Signed in long ago, as far as proofs go.
async fn stale(app: &app::App, role: Role) -> Token {
    let token = signed_in(app, role).await;
    let digest = <sha2::Sha256 as sha2::Digest>::digest(token.0.as_bytes()).to_vec();
    let times = engine_access::SessionTimes::begin_unproved(now());
    let aged = app.db().write(async move |tx| {
        tx.touch_session(&digest, times).await?;
        Ok::<_, store::StoreError>(())
    });
    aged.await.unwrap();
    token
}

#[tokio::test]
async fn what_was_typed_waits_for_the_proof_and_is_given_back_to_its_author_alone() {
    testing::both(async |db| {
        let (router, app) = site::site(db).await;
        let token = stale(&app, Role::TownOfficer).await;
        let typed = "note=%E6%8A%A5%E8%A1%A8%E7%94%A8%22%3E%3Cb%3E&days=30&scope=cases%3Aread";
        let answer = ask(&router, "POST", "/desk/tokens", Some(&token), typed).await;
        let to = answer.headers()["location"].to_str().unwrap().to_owned();
        assert!(to.starts_with("/prove?back=/&kept="), "{to}");
        let kept = to.split("kept=").nth(1).unwrap().to_owned();
        let page = text(ask(&router, "GET", &to, Some(&token), "").await).await;
        assert!(page.contains("您刚才填的都留着"), "{page}");
        let proof = |code: &str| format!("code={code}&back=/&kept={kept}");
        // A wrong code loses nothing.
        let wrong = ask(&router, "POST", "/prove", Some(&token), &proof("000000")).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(wrong).await.contains(&kept));
        let right = proof(&code(Role::TownOfficer, 30));
        let answer = ask(&router, "POST", "/prove", Some(&token), &right).await;
        let to = answer.headers()["location"].to_str().unwrap().to_owned();
        assert_eq!(to, format!("/prove/kept?kept={kept}"));
        let page = text(ask(&router, "GET", &to, Some(&token), "").await).await;
        assert!(page.contains("还没有交") && page.contains(r#"action="/desk/tokens""#));
        assert!(
            page.contains("报表用&#34;&#62;&#60;b&#62;</textarea>"),
            "{page}"
        );
        assert!(page.contains(r#"name="scope" value="cases:read""#));
        // Nothing was sent by itself; sent by its author, it is done.
        let ctx = app.visitor(&token).await.unwrap().unwrap();
        let ctx = ctx.acts(Purpose::Administration, "");
        assert!(app.own_tokens(&ctx).await.unwrap().is_empty());
        let other = signed_in(&app, Role::CountyApprover).await;
        let answer = ask(&router, "GET", &to, Some(&other), "").await;
        assert_eq!(answer.status(), StatusCode::GONE);
        let answer = ask(&router, "POST", "/desk/tokens", Some(&token), typed).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(app.own_tokens(&ctx).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_was_typed_outlives_the_session_for_the_same_person_alone() {
    testing::both(async |db| {
        let (router, app) = site::site(db).await;
        let token = signed_in(&app, Role::TownOfficer).await;
        let digest = <sha2::Sha256 as sha2::Digest>::digest(token.0.as_bytes()).to_vec();
        let long_ago = kernel::Now {
            at: now().at - chrono::TimeDelta::days(1),
        };
        let times = engine_access::SessionTimes::begin_unproved(long_ago);
        let aged = app.db().write(async move |tx| {
            tx.touch_session(&digest, times).await?;
            Ok::<_, store::StoreError>(())
        });
        aged.await.unwrap();
        let typed = "offer=review.opinion&says=%E7%9C%8B%E8%BF%87%E4%BA%86&request=k1";
        let acts = "/desk/cases/7/act";
        let answer = ask(&router, "POST", acts, Some(&token), typed).await;
        let to = answer.headers()["location"].to_str().unwrap().to_owned();
        let back = to.strip_prefix("/sign-in?back=").unwrap();
        let back = back
            .replace("%2F", "/")
            .replace("%3F", "?")
            .replace("%3D", "=");
        assert!(back.starts_with("/prove/kept?kept="), "{back}");
        let back = back.replace("%25", "%");
        // Whoever signs in next at this screen does not read what the other typed.
        let other = signed_in(&app, Role::CountyApprover).await;
        let theirs = ask(&router, "GET", &back, Some(&other), "").await;
        assert_eq!(theirs.status(), StatusCode::GONE);
        // The same person, signed in again.
        let digest = <sha2::Sha256 as sha2::Digest>::digest(token.0.as_bytes()).to_vec();
        let times = engine_access::SessionTimes::begin_unproved(now());
        let anew = app.db().write(async move |tx| {
            tx.touch_session(&digest, times).await?;
            Ok::<_, store::StoreError>(())
        });
        anew.await.unwrap();
        let page = text(ask(&router, "GET", &back, Some(&token), "").await).await;
        assert!(page.contains("看过了</textarea>"), "{page}");
        assert!(page.contains(r#"action="/desk/cases/7/act""#));
        assert!(page.contains(r#"name="offer" value="review.opinion""#));
        // A session nobody knows keeps nothing and says so.
        let nobody = Token("nobody".to_owned());
        let answer = ask(&router, "POST", acts, Some(&nobody), typed).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    })
    .await;
}

#[tokio::test]
async fn who_goes_too_fast_waits_alone() {
    let place = testing::sqlite();
    let (router, app) = site::site(place.open().await).await;
    let mut last = StatusCode::OK;
    let typed = |login: &str| format!("login={login}&password=wrong&code=1");
    for _ in 0..11 {
        let answer = ask(&router, "POST", "/sign-in", None, &typed("Finance")).await;
        last = answer.status();
        if last == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer.headers()["retry-after"], "6");
            let page = text(answer).await;
            assert!(
                page.contains("这个账号登录得太快了，请过 6 秒再试"),
                "{page}"
            );
        }
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    // A colleague of the same office, and another account, sign in.
    let right = form(Role::TownOfficer, PASSWORD, &code(Role::TownOfficer, 0));
    let answer = ask(&router, "POST", "/sign-in", None, &right).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let (town, county) = (
        session(&answer).unwrap(),
        signed_in(&app, Role::CountyApprover).await,
    );
    let mut slowed = 0;
    for _ in 0..31 {
        let path = "/desk/households/1/unmask";
        let answer = ask(&router, "POST", path, Some(&town), "case=1&person=1").await;
        slowed += i32::from(answer.status() == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(slowed, 1);
    let answer = ask(
        &router,
        "POST",
        "/desk/households/1/unmask",
        Some(&county),
        "",
    )
    .await;
    assert_ne!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    let mut found = 0;
    for _ in 0..61 {
        let answer = ask(&router, "GET", "/desk/cases?q=a", Some(&town), "").await;
        found += i32::from(answer.status() == StatusCode::OK);
    }
    assert_eq!(found, 60);
}

#[tokio::test]
async fn who_has_nothing_to_prove_with_proves_nothing() {
    let place = testing::sqlite();
    let (router, app) = site::site(place.open().await).await;
    let token = signed_in(&app, Role::Citizen).await;
    let answer = ask(
        &router,
        "POST",
        "/prove",
        Some(&token),
        "code=000000&back=/",
    )
    .await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_anybody_may_look_up_by_a_code_is_paced() {
    for (method, path) in [
        ("GET", "/papers/7KQM2X9DHTRW"),
        ("POST", "/papers/7KQM2X9DHTRW"),
        ("POST", "/sign-in/passkey"),
        ("GET", "/sign-in/at/nowhere/back"),
    ] {
        let place = testing::sqlite();
        let (router, _) = site::site(place.open().await).await;
        let says = "这个地方来得太快了";
        for nth in 1..=31 {
            let answer = ask(&router, method, path, None, "").await;
            let slowed = text(answer).await.contains(says);
            assert_eq!(slowed, nth == 31, "{method} {path}, {nth}");
        }
    }
}

#[tokio::test]
async fn the_next_code_is_one_that_is_taken_or_says_when() {
    let place = testing::sqlite();
    let (_, app) = site::site(place.open().await).await;
    let town = Role::TownOfficer;
    for wait in [0, 0, 30] {
        let (code, told) = app.next_code("TownOfficer", &secret(town)).await.unwrap();
        assert_eq!(told, wait);
        let begun = app.sign_in("TownOfficer", PASSWORD, Some(&code)).await;
        assert_eq!(begun.is_ok(), wait == 0, "{wait}");
    }
}
