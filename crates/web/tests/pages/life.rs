//! A death registered on its page with the pack's own file, its joint case opened by a
//! person, taken back; one timeline; in the tone of mourning; and who may not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use axum::Router;
use axum::http::StatusCode;
use kernel::*;
use site::family::{NUMBER, family};
use site::staffed::{Held, staffed};
use site::{COUNTY, ask, copy, now, signed_in, text};
use std::path::Path;
use store::testing;

/// The example pack with the shipped file about deaths beside it.
fn law(folder: &Path) -> app::Law {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    copy(&here.join("../packs/fixtures/base"), folder);
    let death = here.join("../../packs/zhejiang/life/death.toml");
    std::fs::copy(death, folder.join("death.toml")).unwrap();
    let birth = here.join("../../packs/zhejiang/life/birth.toml");
    std::fs::copy(birth, folder.join("birth.toml")).unwrap();
    // The joint cases they open, among the example's departments.
    let marks = [
        "nhc", "psb", "mca", "hrss", "nhsa", "dpf", "vet", "hpf", "bank", "nrp",
    ];
    for joint in ["funeral/after_death.toml", "marriage/birth_together.toml"] {
        let text = std::fs::read_to_string(here.join("../../packs/zhejiang").join(joint)).unwrap();
        let ours = marks.iter().fold(text, |text, id| {
            text.replace(&format!("department = \"{id}\""), "department = \"police\"")
        });
        std::fs::write(folder.join(joint.rsplit('/').next().unwrap()), ours).unwrap();
    }
    let loaded = packs::load(folder);
    let faults = loaded.report.render();
    app::Law::new(loaded.pack.unwrap_or_else(|| panic!("{faults}")))
}

struct Desk {
    router: Router,
    officer: app::sign_in::Token,
}

impl Desk {
    async fn sends(&self, path: &str, form: &str) -> (StatusCode, String, String) {
        let answer = ask(&self.router, "POST", path, Some(&self.officer), form).await;
        let to = answer.headers().get("location");
        let to = to.map_or("", |to| to.to_str().unwrap()).to_owned();
        (answer.status(), to, text(answer).await)
    }

    async fn reads(&self, path: &str) -> String {
        text(ask(&self.router, "GET", path, Some(&self.officer), "").await).await
    }
}

#[tokio::test]
async fn j01_a_death_is_registered_confirmed_and_taken_back_on_one_page() {
    testing::both(async |db| {
        let folder = tempfile::tempdir().unwrap();
        let law = law(folder.path());
        let county: RegionCode = COUNTY.parse().unwrap();
        let (router, app) = site::site_under(db, law, county).await;
        family(&app).await;
        let officer = signed_in(&app, Role::TownOfficer).await;
        let leader = signed_in(&app, Role::Leader).await;
        let outside = staffed(&app, 700, Role::TownOfficer, Held::Elsewhere).await;
        let desk = Desk { router, officer };
        let day = now().today().pred_opt().unwrap();
        let form = |name: &str, request: &str| {
            format!("request={request}&kind=death&number={NUMBER}&name={name}&day={day}&source=x")
        };
        let closed = ask(&desk.router, "GET", "/desk/life", Some(&leader), "").await;
        assert_eq!(closed.status(), StatusCode::FORBIDDEN);
        let (status, _, page) = desk.sends("/desk/life", &form("nobody", "a")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("没有查到归这里管的这个人") && page.contains("value=\"nobody\""));
        let name = "%E8%AF%95%E7%94%B2";
        let (status, to, page) = desk.sends("/desk/life", &form(name, "b")).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        let (status, _, page) = desk.sends("/desk/life", &form(name, "c")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("已经登记过"));
        let page = desk.reads(&to).await;
        assert!(page.contains("底册记下去世的日子") && page.contains("身后“一件事”"));
        assert!(page.contains("data-tone=\"solemn\""), "no warm colour");
        assert!(page.contains("演示值"), "what is assumed says so");
        let out = ask(&desk.router, "GET", &to, Some(&outside), "").await;
        assert_eq!(out.status(), StatusCode::NOT_FOUND);
        // After the register and the village's message: what waits for a person.
        let (status, _, page) = desk.sends(&to, "request=d&do=decline&no=3&words=").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
        assert!(page.contains("请写明原因或结果"));
        let (status, _, page) = desk.sends(&to, "request=e&do=do&no=3&words=").await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        assert!(desk.reads(&to).await.contains("11 项同时办"));
        let (status, _, page) = desk.sends(&to, "request=f&do=undo&words=wrong").await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        let page = desk.reads(&to).await;
        for says in [
            "已撤回",
            "没有部门办过",
            "撤回：登记错了",
            "时间线",
            "都办完了",
        ] {
            assert!(page.contains(says), "{says}: {page}");
        }
        assert!(desk.reads("/desk/life").await.contains("试甲"));
    })
    .await;
}

#[tokio::test]
async fn i04_a_birth_waits_for_its_child_writes_it_and_is_taken_back_on_one_page() {
    testing::both(async |db| {
        let folder = tempfile::tempdir().unwrap();
        let law = law(folder.path());
        let county: RegionCode = COUNTY.parse().unwrap();
        let (router, app) = site::site_under(db, law, county).await;
        family(&app).await;
        let officer = signed_in(&app, Role::TownOfficer).await;
        let desk = Desk { router, officer };
        let day = now().today().pred_opt().unwrap();
        let name = "%E8%AF%95%E7%94%B2";
        let form = format!("request=a&kind=birth&number={NUMBER}&name={name}&day={day}&source=x");
        let (status, to, page) = desk.sends("/desk/life", &form).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        let page = desk.reads(&to).await;
        assert!(page.contains("孩子写进底册") && page.contains("id=\"child_number\""));
        assert!(!page.contains("data-tone=\"solemn\""), "nobody is mourned");
        // A wrong number says what is wrong with it; a right one of that day is written.
        let write = |number: &str| {
            format!("request=b{number}&do=write_child&no=1&name=%E8%AF%95%E5%AE%9D&number={number}")
        };
        let (status, _, page) = desk.sends(&to, &write("123")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
        let (status, _, page) = desk.sends(&to, &write(&child_number(day))).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        let page = desk.reads(&to).await;
        assert!(
            page.contains("的孩子试宝") && page.contains("写进妈妈那一户"),
            "{page}"
        );
        let (status, _, page) = desk.sends(&to, "request=c&do=undo&words=wrong").await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        let page = desk.reads(&to).await;
        assert!(page.contains("孩子从这一户划掉了") && !page.contains("的孩子试宝"));
    })
    .await;
}

/// A girl's number of that day, with its check character (GB 11643).
fn child_number(day: Date) -> String {
    let head = format!("990482{}002", day.format("%Y%m%d"));
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = head.bytes().map(|byte| u32::from(byte - b'0'));
    let sum: u32 = digits
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum();
    let check = "10X98765432".chars().nth(sum as usize % 11).unwrap();
    format!("{head}{check}")
}
