//! Bookings through the running site: found, made, refused with a reason, cancelled; whose
//! page opens for whom; a leader's numbers without names.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use app::booking::NewStock;
use app::{App, Context};
use axum::Router;
use axum::http::StatusCode;
use engine_access::Purpose;
use kernel::*;
use site::staffed::resident;
use site::{ROLES, ask, law_in, person, signed_in, text};
use store::testing;

const PACK: &str = "../../packs/pinghu";

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn keeper(request: &str) -> Context {
    Context {
        actor: Actor {
            account: "TownOfficer".into(),
            person: Some(person(Role::TownOfficer)),
            role: Role::TownOfficer,
        },
        purpose: Purpose::Duty,
        request: request.to_owned(),
    }
}

async fn built() -> (testing::Place, Router, App) {
    let place = testing::sqlite();
    let county: RegionCode = "330482".parse().unwrap();
    let (router, app) = site::site_under(place.open().await, law_in(PACK), county).await;
    (place, router, app)
}

async fn window(app: &App, ty: &str, units: &[(&str, Option<&str>)]) -> StockId {
    let units = units.iter();
    let new = NewStock {
        ty: slug(ty),
        name: "试验的一处".into(),
        region: app.villages("330482".parse().unwrap())[0].0,
        units: units
            .map(|(label, sort)| ((*label).to_owned(), sort.map(slug)))
            .collect(),
    };
    app.open_stock(&keeper(ty), new).await.unwrap().value
}

/// Seconds of the slots a page offers.
fn slots(page: &str) -> Vec<i64> {
    let mark = r#"name="slot" value=""#;
    let parts = page.split(mark).skip(1);
    parts
        .map(|part| part.split('"').next().unwrap().parse().unwrap())
        .collect()
}

#[tokio::test]
async fn i01_a_slot_is_found_booked_refused_to_the_next_and_cancelled_by_clicking() {
    let (_place, router, app) = built().await;
    let stock = window(&app, "marriage_appointment", &[("1 号窗口", None)]).await;
    let mine = signed_in(&app, Role::Citizen).await;
    let find = "/bookings/find?type=marriage_appointment";
    let page = text(ask(&router, "GET", find, Some(&mine), "").await).await;
    assert!(
        page.contains("试验的一处") && page.contains("还有 1 个"),
        "{page}"
    );
    // The last of the day: it may still be cancelled by oneself.
    let mut found = slots(&page);
    found.reverse();
    let form = |slot: i64, request: &str| {
        format!("request={request}&type=marriage_appointment&stock={stock}&slot={slot}")
    };
    let book = async |token, slot, request| {
        ask(
            &router,
            "POST",
            "/bookings/new",
            Some(token),
            &form(slot, request),
        )
        .await
    };
    let done = book(&mine, found[0], "r1").await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let to = done.headers()["location"].to_str().unwrap().to_owned();
    let own = to.split('?').next().unwrap().to_owned();
    let page = text(ask(&router, "GET", &own, Some(&mine), "").await).await;
    assert!(page.contains("约好了：1 号窗口"), "{page}");
    // One too many; outside the hours; taken.
    let no = book(&mine, found[1], "more").await;
    assert_eq!(no.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(no).await.contains("已经有 1 个"));
    let other = resident(&app, "other", PersonId(31_000), Role::Citizen).await;
    for (slot, request, says) in [
        (found[0], "taken", "已经约满"),
        (found[0] + 240, "odd", "不开放"),
        (1_600_000_000, "past", "已经过去"),
    ] {
        let no = book(&other, slot, request).await;
        assert!(no.status().is_client_error());
        let page = text(no).await;
        assert!(page.contains(says), "{says}: {page}");
    }
    // It is nobody else's to see.
    let not = ask(&router, "GET", &own, Some(&other), "").await;
    assert_eq!(not.status(), StatusCode::NOT_FOUND);
    let form = "request=c&act=cancel&words=";
    let no = ask(&router, "POST", &own, Some(&mine), form).await;
    assert!(text(no).await.contains("请写明理由"));
    let form = "request=c2&act=cancel&words=ill";
    let done = ask(&router, "POST", &own, Some(&mine), form).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let done = book(&other, found[0], "again").await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn d13_a_keeper_closes_and_opens_and_a_leader_counts_without_names() {
    let (_place, router, app) = built().await;
    let stock = window(&app, "care_bed", &[("301-1", Some("nursing"))]).await;
    // A code works once: everybody signs in once.
    let mut tokens = Vec::new();
    for role in ROLES {
        tokens.push((role, signed_in(&app, role).await));
    }
    let token = |wanted: Role| &tokens.iter().find(|(role, _)| *role == wanted).unwrap().1;
    let mine = token(Role::Citizen);
    let form = format!("request=w&type=care_bed&stock={stock}&wait=tekun&sort=nursing");
    let no = ask(&router, "POST", "/bookings/new", Some(mine), &form).await;
    assert!(text(no).await.contains("要由工作人员核实"));
    let form = form
        .replace("tekun", "other")
        .replace("request=w", "request=w2");
    let done = ask(&router, "POST", "/bookings/new", Some(mine), &form).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let desk = format!("/desk/bookings/{stock}");
    let mut open = Vec::new();
    for (role, token) in &tokens {
        let answer = ask(&router, "GET", &desk, Some(token), "").await;
        if answer.status() == StatusCode::OK {
            open.push(*role);
        }
    }
    let town = Some(token(Role::TownOfficer));
    assert_eq!(open, [Role::TownOfficer, Role::CountyApprover]);
    let act = async |form: &str| ask(&router, "POST", &desk, town, form).await;
    let done = act("request=a&act=close&unit=1&words=leak").await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let no = act("request=b&act=offer&unit=1").await;
    assert!(text(no).await.contains("现在停用：leak"));
    let done = act("request=c&act=reopen&unit=1").await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let done = act("request=d&act=offer&unit=1").await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let log = text(ask(&router, "GET", &format!("{desk}/log"), town, "").await).await;
    assert!(log.contains("停用：leak") && log.contains("恢复"), "{log}");
    let own = text(ask(&router, "GET", "/bookings", Some(mine), "").await).await;
    assert!(own.contains("轮到您了"), "{own}");
    let leader = Some(token(Role::Leader));
    for path in [
        "/cockpit/bookings",
        "/cockpit/bookings/list?type=care_bed&of=waiting&days=30",
        &format!("/cockpit/bookings/units?stock={stock}&sort=nursing&of=units"),
    ] {
        let answer = ask(&router, "GET", path, leader, "").await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let page = text(answer).await;
        assert!(!page.contains("居民"), "a name on {path}");
        if path.contains('?') {
            assert!(page.contains("<span id=\"count\">1</span>"), "{page}");
        }
    }
}
