//! N11: plans through the running site: the pages of a real pack, forms that say what is
//! wrong, and who may not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use axum::http::StatusCode;
use kernel::*;
use site::{ask, law_in, signed_in, text};
use store::testing;

const PACK: &str = "../../packs/pinghu";

#[tokio::test]
async fn n11_a_plan_is_read_reported_to_and_frozen_on_its_pages() {
    testing::both(async |db| {
        let county: RegionCode = "330482".parse().unwrap();
        let (router, app) = site::site_under(db, law_in(PACK), county).await;
        let leader = signed_in(&app, Role::Leader).await;
        let officer = signed_in(&app, Role::CountyApprover).await;
        let page = text(ask(&router, "GET", "/desk/plan?plan=plan_14", Some(&leader), "").await);
        let page = page.await;
        let links = page
            .matches("<th scope=\"row\"><a href=\"/desk/indicators/ind_")
            .count();
        assert_eq!(links, 22, "{page}");
        assert!(page.contains("没有定"), "a null is said to be one");
        let one = "/desk/indicators/ind_rehab_union";
        let shown = text(ask(&router, "GET", one, Some(&leader), "").await).await;
        assert!(shown.contains("还没有人填报") && !shown.contains("name=\"quantity\""));
        let at = "place=330482000000&do=report&as_of=2025-12-31&source=%E5%8F%B0%E8%B4%A6";
        let form = |quantity: &str, request: &str| {
            format!("request={request}&{at}&quantity={quantity}&reason=")
        };
        let refused = ask(&router, "POST", one, Some(&leader), &form("9", "l")).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        let wrong = ask(&router, "POST", one, Some(&officer), &form("many", "w")).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let wrong = text(wrong).await;
        assert!(wrong.contains("请写一个数") && wrong.contains("value=\"many\""));
        let done = ask(&router, "POST", one, Some(&officer), &form("9", "r")).await;
        assert_eq!(done.status(), StatusCode::SEE_OTHER);
        let confirm = "request=c&place=330482000000&do=confirm&as_of=2025-12-31&version=1";
        let own = ask(&router, "POST", one, Some(&officer), confirm).await;
        assert_eq!(own.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(own).await.contains("填报人自己不能核对"));
        let freeze = "request=f&plan=plan_14&place=330482000000&as_of=2025-12-31&reason=";
        let frozen = ask(&router, "POST", "/desk/plan/freeze", Some(&officer), freeze).await;
        assert_eq!(frozen.status(), StatusCode::SEE_OTHER);
        let report = frozen.headers()["location"].to_str().unwrap().to_owned();
        let shown = text(ask(&router, "GET", &report, Some(&leader), "").await).await;
        assert!(
            shown.contains("第 1 版") && shown.contains("没有数"),
            "{shown}"
        );
        let records = format!("{one}/records?place=330482000000");
        let shown = ask(&router, "GET", &records, Some(&leader), "").await;
        assert_eq!(shown.status(), StatusCode::OK);
        for nothing in [
            "/desk/plan?plan=none",
            "/desk/plan?place=330483000000",
            "/desk/indicators/none",
            "/desk/indicators/ind_rehab_union?place=330400000000",
            "/desk/plan/reports/999",
        ] {
            let answer = ask(&router, "GET", nothing, Some(&leader), "").await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{nothing}");
        }
        let cockpit = text(ask(&router, "GET", "/cockpit", Some(&leader), "").await).await;
        assert!(cockpit.contains("class=\"targets\"") && cockpit.contains("class=\"flow\""));
    })
    .await;
}
