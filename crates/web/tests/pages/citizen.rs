//! The residents' pages over an empty house: what a visitor the register does not
//! know is told, and that nothing tells one case from another's.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use axum::http::StatusCode;
use kernel::Role;
use site::{ask, signed_in, text};
use store::testing;

#[tokio::test]
async fn who_is_not_in_the_register_is_told_what_to_do() {
    let place = testing::sqlite();
    let (router, app) = site::site(place.open().await).await;
    let token = signed_in(&app, Role::Citizen).await;
    for path in ["/check", "/apply", "/xingfu", "/three"] {
        let answer = ask(&router, "GET", path, Some(&token), "").await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(text(answer).await.contains("底册里还没有您的家"), "{path}");
    }
    let answer = ask(&router, "GET", "/check?home=1", Some(&token), "").await;
    assert!(text(answer).await.contains("底册里还没有您的家"));
}

#[tokio::test]
async fn looking_needs_a_sign_in_and_what_is_on_offer_does_not() {
    let place = testing::sqlite();
    let (router, app) = site::site(place.open().await).await;
    let intro = text(ask(&router, "GET", "/check", None, "").await).await;
    assert!(intro.contains("/sign-in?back=/check"));
    let offers = text(ask(&router, "GET", "/services", None, "").await).await;
    for service in app.law().pack.services() {
        assert!(offers.contains(&service.name), "{}", service.name);
    }
    let home = text(ask(&router, "GET", "/", None, "").await).await;
    assert!(home.contains("/services#basic") && !home.contains("/services#welfare"));
    let staff = signed_in(&app, Role::TownOfficer).await;
    let seen = text(ask(&router, "GET", "/check", Some(&staff), "").await).await;
    assert!(!seen.contains("不对？"));
}

#[tokio::test]
async fn a_case_that_is_not_there_and_one_that_is_anothers_sound_the_same() {
    let place = testing::sqlite();
    let (router, app) = site::site(place.open().await).await;
    let token = signed_in(&app, Role::Citizen).await;
    for path in [
        "/cases/1",
        "/cases/999999",
        "/cases/1/sent",
        "/cases/1/appeal",
    ] {
        let answer = ask(&router, "GET", path, Some(&token), "").await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
}
