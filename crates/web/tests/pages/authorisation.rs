//! The authorisation table through the running site: role × relation to the place or
//! the person × route × state of the record, and what of the fields is shown. What is
//! expected is written from the access model, not from the code; whatever the list
//! does not say is shut. A route no line names fails.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use app::App;
use app::case::OpenCase;
use app::sign_in::Token;
use app::verify::Departments;
use axum::Router;
use axum::http::StatusCode;
use engine_case::{Act, Channel};
use kernel::*;
use site::family::{FILE, HOME, MUM, NUMBER, SON, applied, attached, family, found, mum};
use site::staffed::{Held, resident, staffed};
use site::{ROLES, ask, hand_in, signed_in, text};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use store::testing;
use testkit::{demo_ring, demo_signer};

const SECOND: Duration = Duration::from_secs(1);

/// Routes over a record: `METHOD address  who:states…`. Who: `v` village, `t` town,
/// `k` county, `f` finance with a grant over the family's county; `m` the mother whose
/// case it is, `s` her grown son of the same household, `a` her agent. States: d draft,
/// o open, c closed (withdrawn). Open is what access does not refuse: the state of a
/// case may still say no, with a sentence. Everybody and every state else is shut.
/// Each case has a file of its own; a lead is the household's, whatever its cases are.
const RECORDS: &str = "
GET /desk/cases/{case}                 v:oc t:oc k:oc
GET /desk/cases/{case}/certificate     v:oc t:oc k:oc
POST /desk/cases/{case}/act            v:oc t:oc k:oc
POST /desk/cases/{case}/decide         t:oc k:oc
POST /desk/cases/{case}/verify         t:oc k:oc
GET /desk/cases/{case}/check           t:oc k:oc
POST /desk/cases/{case}/check          t:o k:o
GET /desk/cases/{case}/check/json
GET /desk/cases/{case}/check/paper     t:oc k:oc
GET /desk/found/changes/{change}       v:doc t:doc k:doc f:doc
GET /desk/households/{household}       v:oc t:doc k:doc
POST /desk/households/{household}/colour  t:oc k:oc
POST /desk/households/{household}/unmask  t:oc k:oc
GET /cases/{case}                      m:doc a:doc s:doc
GET /cases/{case}/sent                 m:doc a:doc s:doc
GET /cases/{case}/appeal
GET /cases/{case}/files/{document}     m:doc a:doc s:doc
GET /cases/{case}/papers/{what}        m:doc a:doc s:doc
GET /desk/cases/{case}/files/{document}  v:oc t:oc k:oc
GET /desk/cases/{case}/papers/{what}   v:oc t:oc k:oc
GET /field/apply/{case}                v:do t:do
GET /field/cases/{case}/{step}         v:o t:o
GET /field/leads/{finding}             v:doc t:doc
POST /cases/{case}/papers              m:do a:do s:do
POST /desk/cases/{case}/papers         v:o t:o
POST /field/apply/{case}               v:do t:do
POST /field/cases/{case}/{step}        v:o t:o
POST /field/cases/{case}/{step}/sign   v:o t:o
POST /field/leads/{finding}            v:doc t:doc
POST /cases/{case}/withdraw            m:do
POST /cases/{case}/speak               m:doc a:doc s:doc
POST /cases/{case}/appeal
";

/// Routes that open no record of a family by its number: role by role they stand in
/// `access.rs`; those of orders, order by order, in `orders.rs`; of bookings in
/// `bookings.rs`.
const NO_RECORD: &str = "
GET /bookings
GET /bookings/find
POST /bookings/new
GET /bookings/{booking}
POST /bookings/{booking}
GET /desk/bookings
POST /desk/bookings
GET /desk/bookings/{stock}
POST /desk/bookings/{stock}
GET /desk/bookings/{stock}/log
GET /desk/custody
POST /desk/custody
GET /desk/custody/{code}
POST /desk/custody/{code}
GET /cockpit/bookings
GET /cockpit/bookings/list
GET /cockpit/bookings/units
GET /api/v1/lines/handed
GET /cockpit/orders
GET /cockpit/orders/list
GET /cockpit/orders/coverage
GET /cockpit/orders/coverage/list
GET /desk/orders
GET /desk/orders/new
GET /desk/orders/settle
POST /desk/orders/settle
GET /desk/orders/partners
GET /desk/orders/{order}
GET /desk/orders/{order}/files/{document}
GET /orders
GET /orders/new
GET /orders/{order}
GET /orders/{order}/files/{document}
GET /jobs
GET /jobs/{order}
GET /jobs/{order}/files/{document}
POST /api/v1/lines/answers
POST /api/v1/lines/orders
POST /api/v1/signals
POST /desk/orders/new
POST /desk/orders/partners/{provider}
POST /desk/orders/{order}
POST /desk/orders/{order}/step
POST /jobs/standing/{provider}
POST /orders/new
POST /orders/{order}
POST /jobs/{order}
GET /
GET /agents
GET /api
GET /api/v1/cases
GET /api/v1/cases/{case}/check
GET /api/v1/data
GET /api/v1/openapi.json
GET /api/v1/services
GET /api/v1/services/{service}
GET /apply
GET /apply/answers
GET /apply/look
GET /assets/{digest}/{name}
GET /audit
GET /audit/{row}
GET /audit/{row}/proof.json
GET /cases
GET /check
GET /check/wrong
GET /cockpit
GET /cockpit/list
GET /cockpit/map
GET /desk/life
POST /desk/life
GET /desk/life/{event}
POST /desk/life/{event}
GET /desk/plan
POST /desk/plan/freeze
GET /desk/plan/reports/{report}
GET /desk/indicators/{indicator}
POST /desk/indicators/{indicator}
GET /desk/indicators/{indicator}/records
GET /data
GET /desk
GET /desk/cases
GET /desk/cases/export
GET /desk/cases/export/{export}/file
GET /desk/found
GET /desk/found/changes
GET /desk/found/outcomes
GET /desk/past
GET /desk/catalogue
GET /desk/catalogue/{category}
GET /desk/contradictions
GET /desk/holo
GET /desk/warnings
GET /desk/warnings/{warning}
GET /desk/shares
GET /dictionary
GET /dictionary.json
GET /statistics
GET /statistics.json
GET /board/data
GET /board/data/list
GET /board/data/pulls
GET /board/data/hooks
GET /board/data/asks
POST /api/v1/ask/records/{category}
POST /api/v1/ask/receives
POST /api/v1/ask/statistics
POST /board/data/hooks/{agreement}
GET /desk/pay
GET /desk/pay/{batch}
GET /desk/doubles
GET /desk/questions
GET /desk/law
GET /desk/law/{hash}/again
GET /desk/rules
GET /desk/rules/{service}
GET /desk/scan
GET /desk/simulate
GET /desk/simulate/export
GET /desk/simulate/names
GET /desk/take-in
GET /desk/take-in/templates/{category}/{kind}
GET /desk/take-in/{category}/{batch}
GET /desk/set-back
GET /desk/take-in/{category}/{batch}/set-back
POST /desk/take-in/{category}/{batch}/set-back
GET /desk/take-in/{category}/{batch}/set-back.csv
GET /desk/take-in/{category}/{batch}/set-back/{line}
POST /desk/take-in/{category}/{batch}/set-back/{line}
POST /desk/take-in/{category}/{batch}/set-back/{line}/waive
GET /desk/tokens
GET /field
GET /field/counter
GET /field/leads
GET /field/line
GET /field/pages.js
GET /healthz
GET /look
GET /messages
GET /metrics
GET /papers
GET /papers/{code}
GET /passkeys
GET /prove
GET /prove/kept
GET /readyz
GET /rules
GET /rules/{service}
GET /services
GET /sign-in
GET /sign-in/at/{house}
GET /sign-in/at/{house}/back
GET /three
GET /xingfu
GET /xingfu/paper
GET /xingfuma
GET /field/assess
POST /field/assess
GET /field/assess/{assessment}
POST /field/assess/{assessment}
GET /desk/assess
GET /desk/assess/{assessment}
POST /desk/assess/{assessment}/act
GET /desk/draws
POST /desk/draws
POST /desk/bodies
GET /desk/draws/{draw}
POST /desk/draws/{draw}/act
GET /assessments
POST /assessments/{assessment}/appeal
GET /books
GET /books/{book}
POST /books/{book}
GET /charity
GET /charity/mine
GET /charity/years
GET /charity/years/{org}/{year}
GET /charity/{fund}
GET /desk/books
GET /desk/books/{book}
POST /desk/books/{book}
GET /desk/books/{book}/{part}
GET /desk/funds
POST /desk/funds
GET /desk/funds/years
POST /desk/funds/years
GET /desk/funds/{fund}
POST /desk/funds/{fund}
POST /agents
POST /agents/end
POST /api/v1/data/{category}
POST /api/v1/judgements
POST /apply
POST /apply/answers
POST /apply/asked
POST /apply/look
POST /check/wrong
POST /desk/cases/export
POST /desk/cases/export/{export}
POST /desk/found/open
POST /desk/found/{finding}/followed
POST /desk/found/{finding}/open
POST /field/leads/{finding}/followed
POST /desk/law/draft
POST /desk/catalogue/{category}/share
POST /desk/contradictions
POST /desk/holo
POST /desk/warnings/{warning}
POST /desk/shares/{share}
POST /desk/law/{hash}/again
POST /desk/law/{hash}/sign
POST /desk/law/{hash}/suspend
POST /desk/law/{hash}/try
POST /desk/past
POST /desk/past/look
POST /desk/pay/open
POST /desk/pay/{batch}/step
POST /desk/doubles
POST /desk/doubles/look
POST /desk/questions
POST /desk/scan
POST /desk/take-in
POST /desk/take-in/keep
POST /desk/tokens
POST /desk/tokens/{token}/revoke
POST /desk/views
POST /desk/views/{view}/drop
POST /field/counter
POST /papers/{code}
POST /passkeys
POST /passkeys/ask
POST /passkeys/{key}/remove
POST /prove
POST /prove/passkey
POST /sign-in
POST /sign-in/passkey
POST /sign-in/passkey/ask
POST /sign-out
";

/// Forms that carry a file, and the field it is sent in.
const UPLOADS: &[(&str, &str)] = &[
    ("/papers", "bank_statement"),
    ("/survey", "photo"),
    ("/field/apply/", "photo"),
];

/// Forms sent with a sense, so that a “no” is of access and not of the form.
const FORMS: &[(&str, &str)] = &[
    ("/act", "request=r&offer=none"),
    ("/decide", "request=r&offer=none"),
    ("/verify", "request=r"),
    ("/check", "request=r"),
    (
        "/unmask",
        "case={case}&person=101&field=number&reason=%E8%A6%81%E6%89%93%E5%8D%B0",
    ),
    (
        "/colour",
        "request=r&case={case}&colour=rules&reason=%E8%A6%81%E6%94%B9&until=2026-02-02",
    ),
    ("/withdraw", "request=r&reason="),
    ("/speak", "request=r&words="),
    ("/appeal", "request=r"),
];

#[test]
fn every_route_has_its_line() {
    let line = |text: &str| {
        text.split_whitespace()
            .take(2)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let lines = [RECORDS, NO_RECORD].into_iter().flat_map(str::lines);
    let here: BTreeSet<String> = lines.filter(|text| !text.is_empty()).map(line).collect();
    let there: BTreeSet<String> = web::route_lines()
        .iter()
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let unnamed: Vec<_> = there.difference(&here).collect();
    let gone: Vec<_> = here.difference(&there).collect();
    assert!(unnamed.is_empty(), "no line names {unnamed:?}");
    assert!(gone.is_empty(), "no longer served: {gone:?}");
}

/// A draft, an open case and a withdrawn one.
async fn cases(app: &App) -> BTreeMap<char, CaseId> {
    let open = applied(app).await;
    let new = |service: &str| OpenCase {
        service: service.parse().unwrap(),
        applicant: MUM,
        beneficiary: None,
        household: HOME,
        channel: Channel::Online,
    };
    let mut found = BTreeMap::from([('o', open)]);
    // One application of a service at a time: the others are of other services, or the
    // first is withdrawn.
    let services: Vec<String> = app
        .law()
        .pack
        .services()
        .iter()
        .map(|service| service.id.to_string())
        .collect();
    for (state, request) in [('d', "open/d"), ('c', "open/c")] {
        for service in services.iter().filter(|service| *service != "living") {
            let ctx = mum(&format!("{request}/{service}"));
            if let Ok(made) = app.open_case(&ctx, new(service)).await {
                found.insert(state, made.value.case);
                break;
            }
        }
    }
    let gone = found[&'c'];
    let withdraw = app.on_case(&mum("withdraw"), gone, Act::Withdraw).await;
    withdraw.unwrap();
    found
}

/// What addresses are made of.
struct Family {
    cases: BTreeMap<char, CaseId>,
    files: BTreeMap<char, DocumentId>,
    finding: FindingId,
}

impl Family {
    async fn new(app: &App) -> Family {
        family(app).await;
        let cases = cases(app).await;
        let mut files = BTreeMap::new();
        for (state, case) in &cases {
            files.insert(*state, attached(app, *case).await);
        }
        Family {
            finding: found(app).await,
            cases,
            files,
        }
    }

    /// An address with its gaps filled.
    fn path(&self, path: &str, state: char) -> String {
        let case = self.cases[&state].to_string();
        let mut path = path
            .replace("{case}", &case)
            .replace("{household}", &HOME.to_string())
            .replace("{document}", &self.files[&state].to_string())
            .replace("{finding}", &self.finding.to_string())
            .replace("{change}", "1")
            .replace("{what}", "application")
            .replace("{step}", "survey");
        if path.ends_with(&HOME.to_string()) && path.contains("households") {
            path = format!("{path}?case={case}");
        }
        assert!(!path.contains('{'), "{path}");
        path
    }
}

/// Who asks: the letter of `RECORDS`, empty for those it never names.
struct Asker {
    letter: &'static str,
    name: String,
    token: Option<Token>,
}

async fn askers(app: &App) -> Vec<Asker> {
    let mut askers = vec![Asker {
        letter: "",
        name: "nobody".into(),
        token: None,
    }];
    let mut id = 20_000;
    for role in ROLES {
        let letter = match role {
            Role::VillageWorker => "v",
            Role::TownOfficer => "t",
            Role::CountyApprover => "k",
            Role::Finance => "f",
            _ => "",
        };
        if matches!(role, Role::Citizen | Role::Agent) {
            askers.push(Asker {
                letter: "",
                name: format!("{role:?} stranger"),
                token: Some(signed_in(app, role).await),
            });
            continue;
        }
        for held in [Held::Inside, Held::Elsewhere, Held::Before] {
            id += 1;
            askers.push(Asker {
                letter: if held == Held::Inside { letter } else { "" },
                name: format!("{role:?} {held:?}"),
                token: Some(staffed(app, id, role, held).await),
            });
        }
    }
    let agent = PersonId(30_001);
    let ends = "2026-12-31".parse().unwrap();
    app.appoint_agent(&mum("agent"), agent, ends).await.unwrap();
    for (letter, person, role) in [
        ("m", MUM, Role::Citizen),
        ("s", SON, Role::Citizen),
        ("a", agent, Role::Agent),
    ] {
        askers.push(Asker {
            letter,
            name: format!("resident {letter}"),
            token: Some(resident(app, &format!("resident-{letter}"), person, role).await),
        });
    }
    // The mother at work: her own case is not hers to handle.
    let own = staffed(app, MUM.0, Role::TownOfficer, Held::Inside).await;
    askers.push(Asker {
        letter: "",
        name: "TownOfficer, her own case".into(),
        token: Some(own),
    });
    askers
}

#[tokio::test]
async fn every_role_relation_route_and_state_is_as_written() {
    testing::both(async |db| {
        // Departments that do not answer: whether they may be asked is what is asked here.
        let ring = demo_ring(["police"], 7);
        let signer = demo_signer("nuanxin", 7);
        let silent = Departments::new("http://127.0.0.1:9", signer, ring, SECOND).unwrap();
        let (router, app) =
            site::site_with(db, |site| site.with_departments(silent).unpaced()).await;
        let family = Family::new(&app).await;
        let askers = askers(&app).await;
        let (mut asked, mut wrong) = (0, Vec::new());
        // Looking before doing: an act changes the state.
        for method in ["GET", "POST"] {
            for line in RECORDS.lines().filter(|line| line.starts_with(method)) {
                for state in family.cases.keys() {
                    for asker in &askers {
                        // Would find it withdrawn by the mother, who was asked before.
                        if line.contains("/withdraw") && ["a", "s"].contains(&asker.letter) {
                            continue;
                        }
                        asked += 1;
                        wrong.extend(ask_one(&router, &family, line, *state, asker).await);
                    }
                }
            }
        }
        println!("{asked} combinations asked, {} mismatches", wrong.len());
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(asked > 1_000);
    })
    .await;
}

async fn ask_one(
    router: &Router,
    family: &Family,
    line: &str,
    state: char,
    asker: &Asker,
) -> Vec<String> {
    let mut words = line.split_whitespace();
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let expected = words.any(|word| {
        let (who, states) = word.split_once(':').unwrap();
        who == asker.letter && states.contains(state)
    });
    let case = family.cases[&state].to_string();
    let path = family.path(path, state);
    let form = FORMS
        .iter()
        .find(|(end, _)| method == "POST" && path.ends_with(end))
        .map_or(String::new(), |(_, form)| form.replace("{case}", &case));
    let form = form.replace("request=r", &format!("request={state}"));
    let token = asker.token.as_ref();
    let carries = UPLOADS
        .iter()
        .find(|(part, _)| method == "POST" && path.contains(part) && !path.ends_with("/sign"));
    let answer = match carries {
        Some((_, field)) => hand_in(router, &path, token, field).await,
        None => ask(router, method, &path, token, &form).await,
    };
    let status = answer.status();
    let to = answer.headers().get("location");
    let to = to
        .map(|to| to.to_str().unwrap().to_owned())
        .unwrap_or_default();
    let page = text(answer).await;
    let shut = matches!(
        status,
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED
    ) || to.starts_with("/sign-in");
    let what = format!("{method} {path} [{state}] as {}: {status} {to}", asker.name);
    let mut wrong = Vec::new();
    if status.is_server_error() {
        wrong.push(format!("broke: {what}"));
    }
    if shut == expected {
        wrong.push(format!(
            "expected {}: {what}",
            if expected { "open" } else { "shut" }
        ));
    }
    // L3: a number is whole only where it was asked for with a reason; who goes to the
    // house may ring up.
    let number = page.contains(NUMBER);
    let rings = expected && path.starts_with("/field/cases/");
    let mobile = page.contains("19900000000") && !rings;
    if (number || mobile) && !(expected && path.ends_with("/unmask")) {
        wrong.push(format!("a number stands whole: {what}"));
    }
    let told = ["试甲", "试乙", "****0023", FILE];
    if shut && told.iter().any(|words| page.contains(words)) {
        wrong.push(format!("a “no” says whose it is: {what}"));
    }
    if !shut && path.contains("/files/") && page != FILE {
        wrong.push(format!("another file: {what}"));
    }
    wrong
}
