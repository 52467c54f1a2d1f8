//! The holographic query: a household of a case with a reason, on record; who does not
//! exist and who is outside sound the same and take the same time; nothing without a
//! matter, a reason or the right; no more than thirty an hour.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use app::App;
use app::sign_in::Token;
use axum::Router;
use axum::http::StatusCode;
use engine_registry::{Command, Config, NewMember, Origin, PersonFact};
use kernel::*;
use site::family::*;
use site::staffed::{Held, staffed};
use site::{ask, now, person, signed_in, text};
use std::time::{Duration, Instant};
use store::testing;

const OTHER: &str = "990502193501010016";
const NOBODY: &str = "990482199001010035";

/// Somebody who never lived with the family.
async fn neighbour(app: &App) {
    let clerk = Actor {
        account: "TownOfficer".into(),
        person: Some(person(Role::TownOfficer)),
        role: Role::TownOfficer,
    };
    let origin = Origin::Declared {
        case: None,
        by: clerk.clone(),
        as_of: "2026-01-01".parse().unwrap(),
    };
    let mut register = engine_registry::State::default();
    let mut log = Vec::new();
    let id = PersonId(201);
    for command in [
        Command::RegisterPerson {
            id,
            facts: vec![
                PersonFact::Name("邻居丙".parse().unwrap()),
                PersonFact::Number(OTHER.parse().unwrap()),
            ],
            origin: origin.clone(),
        },
        Command::FormHousehold {
            id: HouseholdId(2),
            region: VILLAGE.parse().unwrap(),
            members: vec![NewMember {
                person: id,
                relation: Relation::HEAD,
            }],
            from: "2026-01-01".parse().unwrap(),
            within: None,
            origin,
        },
    ] {
        let events = engine_registry::decide(&register, command, &Config::default(), now());
        let events = events.unwrap();
        events.iter().for_each(|event| register.apply(event));
        log.extend(events);
    }
    let kept = app
        .db()
        .write(async move |tx| tx.load_register(&register, &log, &clerk, now()).await);
    kept.await.unwrap();
}

async fn asked(
    router: &Router,
    token: &Token,
    case: CaseId,
    who: &str,
    reason: &str,
) -> (StatusCode, String, Duration) {
    let who = match who {
        "home" => "who=home&number=".to_owned(),
        number => format!("who=number&number={number}"),
    };
    let form = format!("case={case}&{who}&reason={reason}");
    let begun = Instant::now();
    let answer = ask(router, "POST", "/desk/holo", Some(token), &form).await;
    let status = answer.status();
    (status, text(answer).await, begun.elapsed())
}

/// `核对家里人`, as a form sends it.
const REASON: &str = "%E6%A0%B8%E5%AF%B9%E5%AE%B6%E9%87%8C%E4%BA%BA";

async fn actions(app: &App, subject: &'static str) -> Vec<String> {
    let rows = app.db().read(async move |tx| tx.audit_of(subject).await);
    let rows = rows.await.unwrap().into_iter();
    rows.map(|row| row.action)
        .filter(|one| one.starts_with("holo."))
        .collect()
}

#[tokio::test]
async fn n03_a_household_of_a_case_is_shown_whole_and_the_looking_is_on_record() {
    testing::both(async |db| {
        let (router, app) = site::site_with(db, |site| site.unpaced()).await;
        family(&app).await;
        let case = applied(&app).await;
        let town = signed_in(&app, Role::TownOfficer).await;
        let (status, page, _) = asked(&router, &town, case, "home", REASON).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        assert!(page.contains("试甲") && page.contains("试乙"), "{page}");
        assert!(!page.contains(NUMBER), "a number is masked: {page}");
        assert_eq!(actions(&app, "household:1").await, ["holo.read"]);
        // Nothing was delivered yet: that is no “no record”.
        assert!(page.contains("查过、没有的，0 类"), "{page}");
        assert!(page.contains("部门还没有提供过这类数据"), "{page}");
        assert!(page.contains("有没有记录，这里看不出来"), "{page}");
        assert!(!page.contains("部门没有他的记录"), "{page}");
        let (status, page, _) = asked(&router, &town, case, NUMBER, REASON).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        assert_eq!(actions(&app, "person:101").await, ["holo.read"]);
        // Without a reason nothing is looked up; that it was asked is on record.
        let (status, page, _) = asked(&router, &town, case, "home", "").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("请写明为什么要查"), "{page}");
        assert_eq!(actions(&app, "household:1").await.len(), 1);
        assert_eq!(actions(&app, "search").await, ["holo.refused"]);
        let page = ask(&router, "GET", "/desk/holo", Some(&town), "").await;
        assert_eq!(page.status(), StatusCode::FORBIDDEN, "no matter, no query");
    })
    .await;
}

#[tokio::test]
async fn n03_who_is_outside_and_who_does_not_exist_sound_the_same() {
    testing::both(async |db| {
        let (router, app) = site::site_with(db, |site| site.unpaced()).await;
        family(&app).await;
        neighbour(&app).await;
        let case = applied(&app).await;
        let town = signed_in(&app, Role::TownOfficer).await;
        let mut times = Vec::new();
        let mut pages = Vec::new();
        for who in [OTHER, NOBODY, "not%20a%20number"] {
            let (status, page, took) = asked(&router, &town, case, who, REASON).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{page}");
            assert!(!page.contains("邻居丙"), "{page}");
            pages.push(page);
            times.push(took);
        }
        assert_eq!(pages[0], pages[1]);
        assert_eq!(pages[1], pages[2]);
        let (_, _, hit) = asked(&router, &town, case, "home", REASON).await;
        times.push(hit);
        assert!(times.iter().all(|took| *took >= Duration::from_millis(400)));
        assert_eq!(actions(&app, "person:201").await, ["holo.refused"]);
        assert_eq!(actions(&app, "search").await, ["holo.none", "holo.none"]);
        // An officer of another place sees nothing of it, and it is on record.
        let elsewhere = staffed(&app, 20_777, Role::TownOfficer, Held::Elsewhere).await;
        let (status, page, _) = asked(&router, &elsewhere, case, NUMBER, REASON).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!(!page.contains("试甲"));
        assert_eq!(actions(&app, "person:101").await, ["holo.refused"]);
    })
    .await;
}

#[tokio::test]
async fn n03_nobody_asks_faster_than_thirty_an_hour() {
    let place = testing::sqlite();
    let (router, app) = site::site(place.open().await).await;
    family(&app).await;
    let case = applied(&app).await;
    let town = signed_in(&app, Role::TownOfficer).await;
    let mut refused = 0;
    for _ in 0..31 {
        let (status, _, _) = asked(&router, &town, case, "home", "").await;
        refused += usize::from(status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(refused, 1);
    // Thirty without a reason, and once that somebody was stopped; a second time within
    // the minute nothing is added.
    assert_eq!(actions(&app, "search").await.len(), 31);
    let (status, _, _) = asked(&router, &town, case, "home", "").await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(actions(&app, "search").await.len(), 31);
}

/// Behind the page's even pace too: who is not ours to see and who does not exist cost the
/// house the same steps, so that no clock tells them apart.
#[tokio::test]
async fn n03_guessing_a_number_costs_the_same_whether_somebody_has_it() {
    let place = testing::sqlite();
    let (_, app) = site::site(place.open().await).await;
    family(&app).await;
    neighbour(&app).await;
    let case = applied(&app).await;
    staffed(&app, 20_778, Role::TownOfficer, Held::Inside).await;
    let officer = |purpose| app::Context {
        actor: Actor {
            account: "20778".to_owned(),
            person: Some(PersonId(20_778)),
            role: Role::TownOfficer,
        },
        purpose,
        request: String::new(),
    };
    let ctx = officer(engine_access::Purpose::Case(case));
    let mut times: [Vec<Duration>; 2] = Default::default();
    for round in 0..120 {
        // By turns, whichever first: what the machine does beside strikes both.
        for at in [round % 2, 1 - round % 2] {
            let who = app::holo::HoloWho::Number([OTHER, NOBODY][at].to_owned());
            let begun = Instant::now();
            let answer = app.holo(&ctx, &who, "核对家里人").await.unwrap();
            times[at].push(begun.elapsed());
            assert!(answer.is_none());
        }
    }
    let [theirs, nobodys] = times.map(|mut all| {
        all.sort();
        all[all.len() / 2]
    });
    eprintln!("not yours {theirs:?}, nobody's {nobodys:?}");
    assert!(
        theirs < nobodys * 2 && nobodys < theirs * 2,
        "{theirs:?} {nobodys:?}"
    );
    // Without a matter nothing is asked at all, and that is on record.
    let before = actions(&app, "search").await.len();
    let bare = officer(engine_access::Purpose::Collection);
    let who = app::holo::HoloWho::Number(OTHER.to_owned());
    let why = app.holo(&bare, &who, "核对家里人").await.unwrap_err();
    assert!(why.refusal_code().is_some());
    assert_eq!(actions(&app, "search").await.len(), before + 1);
}

/// A page without the number that every form gets anew.
fn without_request(page: &str) -> String {
    const BEFORE: &str = "name=\"request\" value=\"";
    let mut parts = page.split(BEFORE);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |page, rest| {
        page + rest.split_once('"').map_or("", |(_, rest)| rest)
    })
}

/// The check of a whole household, its report and the search: what is not ours and what
/// does not exist get one answer, after the same work.
#[tokio::test]
async fn n03_a_check_or_a_search_outside_ones_place_costs_what_nothing_costs() {
    let place = testing::sqlite();
    let (router, app) = site::site_with(place.open().await, |site| site.unpaced()).await;
    family(&app).await;
    neighbour(&app).await;
    let case = applied(&app).await;
    let elsewhere = staffed(&app, 20_779, Role::TownOfficer, Held::Elsewhere).await;
    let none = CaseId(case.0 + 7_000);
    let address = |method, path: &dyn Fn(CaseId) -> String| (method, [path(case), path(none)]);
    let search = |number: &str| format!("/desk/cases?q={number}");
    let ways = [
        address("GET", &|case| format!("/desk/cases/{case}/check")),
        address("GET", &|case| format!("/desk/cases/{case}/check/json")),
        address("POST", &|case| format!("/desk/cases/{case}/verify")),
        ("GET", [search(NUMBER), search(NOBODY)]),
    ];
    for (method, paths) in ways {
        let mut times: [Vec<Duration>; 2] = Default::default();
        for round in 0..40 {
            // By turns, whichever first: what the machine does beside strikes both.
            let mut heard = [None, None];
            for at in [round % 2, 1 - round % 2] {
                let path = paths[at].as_str();
                let begun = Instant::now();
                let answer = ask(&router, method, path, Some(&elsewhere), "").await;
                let status = answer.status();
                let page = text(answer).await;
                times[at].push(begun.elapsed());
                assert!(!page.contains("试甲"), "{path}: {page}");
                // The page may say back what was asked, and nothing else may differ.
                let own = [path, NUMBER, NOBODY];
                let page = own.iter().fold(page, |page, own| page.replace(*own, "-"));
                heard[at] = Some((status, without_request(&page)));
            }
            assert_eq!(heard[0], heard[1], "{}", paths[0]);
        }
        let [theirs, nobodys] = times.map(|mut all| {
            all.sort();
            all[all.len() / 2]
        });
        let told = format!("{}: not yours {theirs:?}, nobody's {nobodys:?}", paths[0]);
        eprintln!("{told}");
        assert!(theirs < nobodys * 2 && nobodys < theirs * 2, "{told}");
    }
}
