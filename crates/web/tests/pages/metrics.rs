//! What a monitor reads: in OpenMetrics text, for a system administrator's token with
//! the scope only, with nothing of anybody in it. On both databases.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use app::App;
use app::sign_in::{NewToken, Token};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use engine_access::{Purpose, Scope};
use kernel::Role;
use site::{ask, now, signed_in, text};
use store::audit::checkpoint;
use store::testing;
use tower::ServiceExt as _;

async fn token(app: &App, session: &Token, scope: Scope) -> String {
    let visitor = app.visitor(session).await.unwrap().unwrap();
    let new = NewToken {
        note: "监控".to_owned(),
        scopes: vec![scope],
        days: 30,
    };
    let ctx = visitor.acts(Purpose::Administration, "");
    app.issue_token(&ctx, new).await.unwrap().0
}

async fn read(router: &Router, token: &str) -> (StatusCode, String) {
    let request = Request::get("/metrics")
        .header("host", "site.test")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    (answer.status(), text(answer).await)
}

#[tokio::test]
async fn a_monitor_reads_counts_and_nobody_else_does() {
    testing::both(async |db| {
        let (router, app) = site::site(db).await;
        let admin = signed_in(&app, Role::SystemAdministrator).await;
        let town = signed_in(&app, Role::TownOfficer).await;
        for (who, scope) in [(&admin, Scope::PolicyRead), (&town, Scope::MetricsRead)] {
            let other = token(&app, who, scope).await;
            assert_eq!(
                read(&router, &other).await.0,
                StatusCode::FORBIDDEN,
                "{scope:?}"
            );
        }
        let monitor = token(&app, &admin, Scope::MetricsRead).await;
        let leader = signed_in(&app, Role::Leader).await;
        ask(&router, "GET", "/cases/77", Some(&leader), "").await;
        for _ in 0..3 {
            ask(&router, "GET", "/cockpit", Some(&leader), "").await;
        }
        let (status, told) = read(&router, &monitor).await;
        assert_eq!(status, StatusCode::OK, "{told}");
        let says = |line: &str| assert!(told.lines().any(|one| one == line), "{line} in {told}");
        let asked = r#"nuanxin_http_requests_total{method="GET",route="/cockpit",status="200"} 3"#;
        says(asked);
        let asked =
            r#"nuanxin_http_requests_total{method="GET",route="/cases/{case}",status="403"} 1"#;
        says(asked);
        says(r#"nuanxin_http_request_seconds_count{method="GET",route="/cockpit"} 3"#);
        says(r#"nuanxin_pool_batches{state="accepted"} 0"#);
        says("nuanxin_outbox_dead 0");
        says("# EOF");
        // No checkpoint yet: its age is not zero, it is not there.
        assert!(!told.contains("nuanxin_audit_checkpoint_age_seconds "));
        assert!(!told.contains("nuanxin_audit_unsigned_rows 0"));
        for secret in ["/cases/77", "Leader", "试", "990101"] {
            assert!(!told.contains(secret), "{secret} in {told}");
        }
        let made = checkpoint(app.db(), "nuanxin/test", now(), |_| vec![0; 64]);
        made.await.unwrap();
        let (_, told) = read(&router, &monitor).await;
        assert!(
            told.contains("nuanxin_audit_checkpoint_age_seconds 0"),
            "{told}"
        );
        assert!(told.contains("nuanxin_audit_unsigned_rows 0"), "{told}");
    })
    .await;
}
