//! The leader's pages: every figure is a link, and the list it opens has as many
//! lines as the figure says; a place that is not the reader's is refused; looking is
//! on record. On both databases.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use app::App;
use app::sign_in::Token;
use axum::Router;
use axum::http::StatusCode;
use engine_case::{Case, Channel, Deadline, DeadlineFor, Event, Opened, Phase};
use engine_payment::{
    Batch, Beneficiary, DueKind, Entitlement, Every, Item, ItemState, ObligationKey,
};
use engine_policy::{Finding, Verdict};
use engine_registry::{Command, Config, NewMember, Origin, PersonFact, State};
use kernel::*;
use site::{ask, now, person, signed_in, text};
use std::collections::BTreeSet;
use store::{Found, Screening, StoreError, testing};

const COUNTY: &str = "330482000000";
/// Two towns of the county, a village each.
const VILLAGES: [&str; 2] = ["330482001001", "330482101200"];

fn clerk() -> Actor {
    Actor {
        account: "TownOfficer".into(),
        person: Some(person(Role::TownOfficer)),
        role: Role::TownOfficer,
    }
}

fn home(nth: i64) -> HouseholdId {
    HouseholdId(nth)
}

fn head(nth: i64) -> PersonId {
    PersonId(100 + 2 * nth)
}

/// A number nobody has: 99, and its check digit.
fn number(nth: i64) -> PersonNumber {
    let body = format!("99048219800101{nth:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = body.bytes().zip(weights);
    let sum: u32 = digits.map(|(b, w)| u32::from(b - b'0') * w).sum();
    let check = b"10X98765432"[(sum % 11) as usize] as char;
    format!("{body}{check}").parse().unwrap()
}

/// Ten households of two, in two towns.
async fn families(app: &App) {
    let origin = Origin::Declared {
        case: None,
        by: clerk(),
        as_of: "2026-01-01".parse().unwrap(),
    };
    let (mut register, mut log) = (State::default(), Vec::new());
    let mut does = |command| {
        let events = engine_registry::decide(&register, command, &Config::default(), now());
        let events = events.unwrap();
        events.iter().for_each(|event| register.apply(event));
        log.extend(events);
    };
    for nth in 1..=10_i64 {
        for (at, id) in [head(nth), PersonId(head(nth).0 + 1)]
            .into_iter()
            .enumerate()
        {
            let name = format!(
                "试{}{}",
                ["甲", "乙", "丙", "丁", "戊"][nth as usize % 5],
                ["子", "丑"][at]
            );
            does(Command::RegisterPerson {
                id,
                facts: vec![
                    PersonFact::Name(name.parse().unwrap()),
                    PersonFact::Number(number(id.0)),
                ],
                origin: origin.clone(),
            });
        }
        let member = |person, relation| NewMember { person, relation };
        does(Command::FormHousehold {
            id: home(nth),
            region: VILLAGES[nth as usize % 2].parse().unwrap(),
            members: vec![
                member(head(nth), Relation::HEAD),
                member(PersonId(head(nth).0 + 1), Relation::SON),
            ],
            from: "2026-01-01".parse().unwrap(),
            within: None,
            origin: origin.clone(),
        });
    }
    let kept = app
        .db()
        .write(async move |tx| tx.load_register(&register, &log, &clerk(), now()).await);
    kept.await.unwrap();
}

/// Rights of three households and two people; a month paid, one item of each fate.
async fn money(app: &App) {
    let months = ["2026-01", "2026-02"].map(|text| text.parse::<Period>().unwrap());
    let right = |id: i64, beneficiary, payee| Entitlement {
        id: EntitlementId(id),
        programme: if id < 4 {
            "dibao"
        } else {
            "severe_disability_care"
        }
        .parse()
        .unwrap(),
        component: "base".parse().unwrap(),
        beneficiary,
        payee,
        amount: Money::from_fen(80_000 + id),
        every: Every::Month,
        from: months[0],
        to: None,
        decision: DecisionId(id),
        stop: None,
    };
    let rights: Vec<Entitlement> = (1..=5)
        .map(|id| match id {
            1..=3 => right(id, Beneficiary::Household(home(id)), head(id)),
            _ => right(id, Beneficiary::Person(head(id)), head(id)),
        })
        .collect();
    let day: Date = "2026-02-01".parse().unwrap();
    let state = move |id: i64, month: Period| match (id, month == months[1]) {
        (1, _) | (_, false) => ItemState::Paid {
            on: day,
            reference: String::new(),
        },
        (2, _) => ItemState::Returned {
            code: "R1".into(),
            on: day,
        },
        (3, _) => ItemState::Held {
            reason: "等材料".into(),
        },
        _ => ItemState::Sent,
    };
    let kept = app.db().write(async move |tx| {
        for right in &rights {
            tx.save_entitlement(0, right, &clerk(), now()).await?;
        }
        for (nth, month) in (1..).zip(months) {
            let mut batch = Batch::draft(PaymentBatchId(nth), month);
            for (line, right) in (1..).zip(&rights) {
                let key = ObligationKey {
                    programme: right.programme.clone(),
                    beneficiary: right.beneficiary,
                    period: month,
                    component: right.component.clone(),
                    revision: 0,
                };
                batch.items.push(Item {
                    line,
                    obligation: tx.obligation(&key).await?,
                    key,
                    entitlement: right.id,
                    decision: right.decision,
                    amount: right.amount,
                    payee: right.payee,
                    account: None,
                    kind: DueKind::Regular,
                    doubt: None,
                    attempt: 1,
                    state: state(right.id.0, month),
                });
            }
            tx.create_payment_batch(&batch).await?;
        }
        Ok::<_, StoreError>(())
    });
    kept.await.unwrap();
}

/// A screening: some receive by the departments' data, some should, of some nobody knows.
async fn screened(app: &App) {
    let found = |nth: i64, benefit: &str, person, finding, next: Option<&str>| Found {
        benefit: benefit.parse().unwrap(),
        household: home(nth),
        person,
        finding,
        verdict: Verdict::Eligible,
        amount: None,
        next: next.map(|fact| fact.parse().unwrap()),
        fault: false,
    };
    let unknown = Finding::Undetermined;
    let all = vec![
        // The house pays it too: one line, not two.
        found(1, "dibao", None, Finding::ReceivingRightly, None),
        found(6, "dibao", None, Finding::ReceivingRightly, None),
        found(7, "dibao", None, Finding::ReceivingNotFound, None),
        found(8, "dibao", None, Finding::FoundNotReceiving, None),
        found(9, "dibao", None, Finding::FoundNotReceiving, None),
        found(
            9,
            "severe_disability_care",
            Some(head(9)),
            Finding::FoundNotReceiving,
            None,
        ),
        found(10, "dibao", None, unknown, Some("income_per_head")),
        found(
            8,
            "severe_disability_care",
            Some(head(8)),
            unknown,
            Some("disability_grade"),
        ),
        found(
            10,
            "severe_disability_care",
            Some(head(10)),
            unknown,
            Some("disability_grade"),
        ),
    ];
    let run = Screening {
        id: 0,
        as_of: "2026-02-01".parse().unwrap(),
        pack_hash: "p".into(),
        data_mark: "d".into(),
        households: 10,
        persons: 20,
    };
    let kept = app
        .db()
        .write(async move |tx| tx.save_screening(&run, &all, now()).await);
    kept.await.unwrap();
}

/// Five open cases: late, due soon, calm, and one without a deadline.
async fn cases(app: &App) {
    let kept = app.db().write(async |tx| {
        for (nth, due) in (1..).zip([
            Some("2026-01-30"),
            Some("2026-02-01"),
            Some("2026-02-03"),
            Some("2026-03-01"),
            None,
        ]) {
            let deadline = |due: &str| Deadline {
                of: DeadlineFor::Total,
                from: "2026-01-10".parse().unwrap(),
                due: due.parse().unwrap(),
                met: None,
                basis: None,
            };
            let case = Case {
                phase: Phase::Handling,
                opened: Some(Opened {
                    case: CaseId(nth),
                    service: "dibao".parse().unwrap(),
                    applicant: head(nth),
                    beneficiary: head(nth),
                    household: home(nth),
                    members: Vec::new(),
                    region: VILLAGES[nth as usize % 2].parse().unwrap(),
                    channel: Channel::Online,
                    part_of: None,
                }),
                deadlines: due.iter().map(|due| deadline(due)).collect(),
                ..Case::default()
            };
            let opened = case.opened.clone().unwrap();
            let event = Event {
                by: clerk(),
                at: now().at,
                what: engine_case::What::Opened(opened),
            };
            tx.create_case(&case, &[event], &clerk(), now()).await?;
        }
        Ok::<_, StoreError>(())
    });
    kept.await.unwrap();
}

/// Every link to a list with its words.
fn figures(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for part in page.split("<a ").skip(1) {
        let Some((head, rest)) = part.split_once('>') else {
            continue;
        };
        let Some((_, href)) = head.split_once("href=\"") else {
            continue;
        };
        let href = href.split('"').next().unwrap().replace("&#38;", "&");
        let href = href.replace("&amp;", "&");
        if !href.starts_with("/cockpit/list") {
            continue;
        }
        let words = rest.split("</a>").next().unwrap();
        let mut shown = String::new();
        let mut tag = false;
        for c in words.chars() {
            match c {
                '<' => tag = true,
                '>' => tag = false,
                _ if !tag => shown.push(c),
                _ => {}
            }
        }
        found.push((href, shown));
    }
    found
}

/// How many lines a list has, over all its pages, and what it says it has.
async fn counted(router: &Router, token: &Token, address: &str) -> (usize, usize, String) {
    let (mut lines, mut page) = (0, 0);
    loop {
        let path = format!("{address}&page={page}");
        let answer = ask(router, "GET", &path, Some(token), "").await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let body = text(answer).await;
        lines += body.matches("<td class=\"who\">").count();
        let said = body.split("id=\"count\">").nth(1).unwrap();
        let said: usize = said.split('<').next().unwrap().parse().unwrap();
        if !body.contains("下一页") {
            return (lines, said, body);
        }
        page += 1;
    }
}

/// The numbers of a text, groups of digits joined.
fn numbers(text: &str) -> BTreeSet<String> {
    let plain = text.replace(',', "");
    let numbers = plain.split(|c: char| !c.is_ascii_digit() && c != '.');
    numbers
        .filter(|one| !one.is_empty())
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn every_figure_opens_as_many_lines_as_it_says() {
    testing::both(async |db| {
        let law = site::law_in("../../packs/pinghu");
        let (router, app) = site::site_under(db, law, COUNTY.parse().unwrap()).await;
        families(&app).await;
        money(&app).await;
        screened(&app).await;
        cases(&app).await;
        let leader = signed_in(&app, Role::Leader).await;
        let mut asked = BTreeSet::new();
        let towns = ["330482001000", "330482101000"];
        let places = towns.map(|town| format!("/cockpit?place={town}"));
        let maps =
            ["people", "households", "found", "arrived"].map(|by| format!("/cockpit/map?by={by}"));
        for path in [&["/cockpit".to_owned()][..], &places[..], &maps[..]].concat() {
            let page = text(ask(&router, "GET", &path, Some(&leader), "").await).await;
            let links = figures(&page);
            let least = if path.contains("map") { 1 } else { 25 };
            assert!(links.len() >= least, "{path}: {}", links.len());
            for (address, words) in links {
                let (lines, said, list) = counted(&router, &leader, &address).await;
                assert_eq!(lines, said, "{address}");
                let told = numbers(&words);
                let sum = list
                    .split("共 ")
                    .nth(1)
                    .and_then(|rest| rest.split(" 元").next());
                let sum = sum.unwrap_or_default().replace(',', "");
                let short = sum.split('.').next().unwrap_or_default().to_owned();
                let fits = [lines.to_string(), sum, short];
                let shown = fits.iter().any(|one| told.contains(one));
                assert!(shown, "{address}: “{words}”, {lines} lines, {fits:?}");
                asked.insert(address);
            }
        }
        // What was planted is what is counted.
        let page = text(ask(&router, "GET", "/cockpit", Some(&leader), "").await).await;
        for (of, lines) in [
            ("of=households&place", 7),
            ("of=people&place", 12),
            ("of=found&place", 3),
            ("of=arrived&month=2026-01&place", 5),
            ("of=arrived&month=2026-02&place", 1),
            ("of=underway&month=2026-02&place", 3),
            ("of=returned&place", 1),
            ("of=cases&place", 5),
            ("of=cases&light=late&place", 2),
            ("of=cases&light=soon&place", 1),
            ("of=cases&light=calm&place", 2),
            ("of=unknown&fact=disability_grade&place", 2),
        ] {
            let address = asked
                .iter()
                .find(|one| one.contains(of) && one.ends_with("place=330482000000"))
                .unwrap_or_else(|| panic!("{of} is on no page: {page}"));
            assert_eq!(counted(&router, &leader, address).await.0, lines, "{of}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_leader_sees_his_own_place_only_and_looking_is_on_record() {
    testing::both(async |db| {
        let law = site::law_in("../../packs/pinghu");
        let (router, app) = site::site_under(db, law, COUNTY.parse().unwrap()).await;
        families(&app).await;
        screened(&app).await;
        let leader = signed_in(&app, Role::Leader).await;
        for path in [
            "/cockpit?place=330400000000",
            "/cockpit?place=330483000000",
            "/cockpit/map?place=330483000000",
            "/cockpit/list?of=people&place=330400000000",
        ] {
            let answer = ask(&router, "GET", path, Some(&leader), "").await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
        }
        for path in [
            "/cockpit?place=here",
            "/cockpit/map?by=luck",
            "/cockpit/list",
            "/cockpit/list?of=everybody",
            "/cockpit/list?of=cases&light=green",
            "/cockpit/list?of=arrived&month=soon",
        ] {
            let answer = ask(&router, "GET", path, Some(&leader), "").await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        }
        let path = "/cockpit/list?of=found&place=330482000000";
        let list = text(ask(&router, "GET", path, Some(&leader), "").await).await;
        assert!(list.contains("试"), "{list}");
        // A leader's list leads to no record; an officer's does.
        assert!(!list.contains("/desk/households/"));
        let county = signed_in(&app, Role::CountyApprover).await;
        let list = text(ask(&router, "GET", path, Some(&county), "").await).await;
        assert!(list.contains("/desk/households/8?finding="), "{list}");
        let subject = format!("region:{COUNTY}");
        let rows = app.db().read(async move |tx| tx.audit_of(&subject).await);
        let rows = rows.await.unwrap();
        let lists = rows.iter().filter(|row| row.action == "figures.list");
        assert_eq!(lists.count(), 2);
        assert!(!rows.iter().any(|row| row.action == "figures.read"));
        ask(&router, "GET", "/cockpit", Some(&leader), "").await;
        let subject = format!("region:{COUNTY}");
        let rows = app.db().read(async move |tx| tx.audit_of(&subject).await);
        let read = rows
            .await
            .unwrap()
            .iter()
            .filter(|row| row.action == "figures.read")
            .count();
        assert_eq!(read, 1);
    })
    .await;
}

#[tokio::test]
async fn n03_public_statistics_hide_small_counts_and_what_would_tell_them() {
    testing::both(async |db| {
        let law = site::law_in("../../packs/pinghu");
        let (router, app) = site::site_under(db, law, COUNTY.parse().unwrap()).await;
        families(&app).await;
        money(&app).await;
        let leader = signed_in(&app, Role::Leader).await;
        let list = "/cockpit/list?of=people&place=330482000000";
        let (people, ..) = counted(&router, &leader, list).await;
        let asked = ask(&router, "GET", "/statistics.json", None, "").await;
        let table: app::cockpit::Statistics = serde_json::from_str(&text(asked).await).unwrap();
        let width = table.services.len();
        assert!(width > 1, "somebody receives something");
        assert!(table.hidden > 0, "a few people in a town are hidden");
        let shown = table.places.iter().flat_map(|(_, counts)| counts);
        let small = shown.flatten().filter(|n| (1..=4).contains(*n)).count();
        assert_eq!(small, 0);
        // The whole is told when it is large enough: everybody the leader counts is in it,
        // who receives two things twice.
        let (_, whole) = table.places.last().unwrap();
        let total = whole[width - 1].unwrap();
        assert!(total >= people as u64, "{whole:?}");
        // No line hides one count alone.
        for (place, counts) in &table.places {
            let hidden = counts.iter().filter(|one| one.is_none()).count();
            assert_ne!(hidden, 1, "{place}");
        }
        let page = text(ask(&router, "GET", "/statistics", None, "").await).await;
        assert!(page.contains("不公布") && page.contains("公开统计"));
    })
    .await;
}
