//! 「政策试算」 The page over somebody old under the shipped law: one number, a sweep side
//! by side, several numbers together, a draft in the law's place; what is typed wrongly
//! is said and stays typed; the table goes out.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use app::publish::NumberDraft;
use app::{App, Context};
use axum::http::StatusCode;
use engine_access::Purpose;
use kernel::*;
use site::{ask, bring_rows, law_in, signed_in, site_under, text};
use store::testing::both;

/// Somebody of 85, and somebody who died: so that it is known who did not. Gives the
/// town they live in.
async fn population(app: &App) -> RegionCode {
    let pack = &app.law().pack;
    let county = pack.head().unwrap().region;
    let today = site::now().today();
    let village = pack
        .regions()
        .all(today)
        .find(|one| one.code.level() == RegionLevel::Village && county.contains(one.code))
        .unwrap()
        .code;
    let number = |nth| {
        let born = "1940-05-06".parse().unwrap();
        CitizenId::build(990_482, born, nth)
            .unwrap()
            .reveal()
            .to_string()
    };
    let mut people = vec![
        "id_no,record_no,as_of,name,sex,birth,ethnic,address,region,household_no,relation,marital"
            .to_owned(),
    ];
    for (nth, home) in [(1, "H1"), (3, "H2")] {
        people.push(format!(
            "{},R{nth},2026-01-31,合成甲,male,1940-05-06,han,合成路1号,{village},{home},self,widowed",
            number(nth)
        ));
    }
    let death = [
        "id_no,record_no,as_of,date,cause_class,cancelled_on".to_owned(),
        format!("{},D1,2026-01-31,2026-01-20,illness,2026-01-21", number(3)),
    ];
    for (category, rows) in [("hukou_person", people), ("death_cancel", death.to_vec())] {
        let owner = pack.data().catalogue.owner(&category.parse().unwrap());
        let department = owner.unwrap().id.to_string();
        let rows = rows.join("\n") + "\n";
        let brought = bring_rows(app, category, &department, &rows).await;
        let accepted = matches!(brought.outcome, app::import::ImportOutcome::Accepted(_));
        assert!(accepted, "{brought:?}");
    }
    village.within(RegionLevel::Town).unwrap()
}

#[tokio::test]
async fn a37_one_number_a_sweep_several_numbers_and_a_draft_on_the_page() {
    both(async |db| {
        let law = law_in("../../packs/pinghu");
        let county = law.pack.head().unwrap().region;
        let (router, app) = site_under(db, law, county).await;
        let town = population(&app).await;
        let token = signed_in(&app, Role::CountyApprover).await;
        let page = async |query: &str| {
            let path = format!("/desk/simulate{query}");
            let answer = ask(&router, "GET", &path, Some(&token), "").await;
            (answer.status(), text(answer).await)
        };
        let (status, blank) = page("").await;
        assert_eq!(status, StatusCode::OK);
        assert!(blank.contains("左边选一个数") && !blank.contains("换上草案</label>"));
        let one = "?parameter=age_allowance.allowance_80&value=500";
        let (_, told) = page(one).await;
        assert!(told.contains(">1</a> 户 1 人得益</em>，0 户 0 人受损"), "{told}");
        // 440 yuan more a month.
        assert!(told.contains("多花 5,280.00 元") || told.contains("多花 5,280 元"), "{told}");
        // Slid on from there without a script, the value in force and both ends beside it.
        assert!(told.contains("type=\"range\"") && told.contains("value=\"500\""), "{told}");
        assert!(blank.contains("type=\"range\""), "from the start");
        // The one between the two lines, drawn and as a table; the paper to take along.
        assert!(told.contains("1 份正好卡在两条线之间") || told.contains("0 份正好卡在两条线之间"));
        assert!(told.contains("<summary>每一格是多少</summary>"), "{told}");
        let out = format!("/desk/simulate/export{one}&kind=sheet");
        let sheet = ask(&router, "GET", &out, Some(&token), "").await;
        assert_eq!(sheet.status(), StatusCode::OK);
        let named = sheet.headers()["content-disposition"].to_str().unwrap();
        assert!(named.contains("sheet-") && named.ends_with(".xlsx\""), "{named}");
        let nobody = ask(&router, "GET", &out, None, "").await;
        assert_ne!(nobody.status(), StatusCode::OK);
        // The one who has more stands behind the number, with what it is now and then.
        let more = told.split('"').find(|one| one.contains("/names?") && one.ends_with("who=more"));
        let more = more.unwrap().replace("&amp;", "&").replace("&#38;", "&");
        let named = ask(&router, "GET", &more, Some(&token), "").await;
        assert_eq!(named.status(), StatusCode::OK);
        let named = text(named).await;
        assert!(named.contains("多了的人家：1 个") && named.contains("合成"), "{named}");
        let odd = format!("/desk/simulate/names{one}&who=everybody");
        let odd = ask(&router, "GET", &odd, Some(&token), "").await;
        assert_eq!(odd.status(), StatusCode::NOT_FOUND);
        // The next one can be put beside it.
        assert!(told.contains("name=\"last\" value=\"age_allowance.allowance_80=500\""));
        assert!(!told.contains("和上次比"));
        let last = "?parameter=age_allowance.allowance_80&value=300&last=age_allowance.allowance_80%3D500";
        let (_, next) = page(last).await;
        assert!(next.contains("value=500%2C300") && next.contains("和上次比"), "{next}");
        let (_, other) = page("?parameter=standard&value=300&last=age_allowance.allowance_80%3D500").await;
        assert!(!other.contains("和上次比"), "another number is not beside it");
        let (_, swept) = page("?parameter=age_allowance.allowance_80&value=300..500:100").await;
        assert!(swept.contains("并排看") && swept.contains("300") && swept.contains("400"));
        let (_, two) = page(&format!("{one}&parameter2=standard&value2=1500")).await;
        assert!(two.contains("改成 500") && two.contains("改成 1,500") || two.contains("改成 1500"));
        assert!(two.contains("value2=1500"), "what goes out is of both");
        // Two sweeps at once cannot be told apart: said, and what was typed stays.
        let sweeps = "?parameter=age_allowance.allowance_80&value=300,500&parameter2=standard&value2=1400,1500";
        let (status, wrong) = page(sweeps).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.contains("一次只能有一个参数试几个值") && wrong.contains("value=\"1400,1500\""));
        let author = Context {
            actor: Actor {
                account: "RuleAuthor".to_owned(),
                person: Some(site::person(Role::RuleAuthor)),
                role: Role::RuleAuthor,
            },
            purpose: Purpose::Administration,
            request: "draft".to_owned(),
        };
        // For one town only, so that the examples of the whole county still hold.
        let typed = NumberDraft {
            parameter: "age_allowance.allowance_80".to_owned(),
            value: "500".to_owned(),
            from: "2026-01-01".to_owned(),
            region: town.to_string(),
            source: "示例文件".to_owned(),
            ..NumberDraft::default()
        };
        let hash = app.draft_number(&author, &typed).await.unwrap();
        let (_, offered) = page("").await;
        assert!(offered.contains("换上草案</label>") && offered.contains(&hash));
        let (_, drafted) = page(&format!("?draft={hash}")).await;
        assert!(drafted.contains("换上草案“") && drafted.contains(">1</a> 户 1 人得益</em>"), "{drafted}");
        let (_, before) = page(&format!("?draft={hash}&day=2025-12-15")).await;
        assert!(before.contains("<em>0 户 0 人得益</em>"), "not yet in force on that day");
        // One that begins later is tried on its first day, by then everybody as old as they
        // will be, on the data there is.
        let later = NumberDraft {
            parameter: "age_allowance.allowance_80".to_owned(),
            value: "600".to_owned(),
            from: "2026-06-01".to_owned(),
            region: town.to_string(),
            source: "示例文件".to_owned(),
            ..NumberDraft::default()
        };
        let writes = Context {
            request: "draft-2".to_owned(),
            ..author.clone()
        };
        let later = app.draft_number(&writes, &later).await.unwrap();
        let first = app.first_day(&later).await.unwrap();
        assert_eq!(first, "2026-06-01".parse().unwrap());
        let (_, planned) = page(&format!("?draft={later}&day={first}")).await;
        assert!(planned.contains(">1</a> 户 1 人得益</em>"), "{planned}");
        let (_, early) = page(&format!("?draft={later}&day=2026-02-02")).await;
        assert!(early.contains("<em>0 户 0 人得益</em>"), "not yet");
        let (status, none) = page("?draft=none").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(none.contains("没有 none 这一版"));
        let path = format!("/desk/simulate/export?draft={hash}&kind=csv");
        let out = ask(&router, "GET", &path, Some(&token), "").await;
        assert_eq!(out.status(), StatusCode::OK);
        assert!(text(out).await.lines().count() > 5);
    })
    .await;
}
