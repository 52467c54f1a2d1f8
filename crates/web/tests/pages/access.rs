//! Every address × every role: a second list, written independently of the
//! routes, must agree; an address this list does not name fails.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use axum::http::StatusCode;
use site::{ROLES, ask, signed_in, text};
use std::collections::{BTreeMap, BTreeSet};
use store::testing;

/// `METHOD address  who`. Who: `*` anybody, `+` anybody signed in, else letters:
/// c resident, g agent, v village, t town, k county, f finance, a alarm, h charity,
/// w rule author, p rule approver, u auditor, s system, e security, d audit
/// administrator, l leader, o provider. `-`: no session at all, only a program's token.
const EXPECTED: &str = "
GET /assets/{digest}/{name} *
GET /look *
GET /sign-in *
POST /sign-in *
GET /sign-in/at/{house} *
GET /sign-in/at/{house}/back *
POST /sign-in/passkey *
POST /sign-in/passkey/ask *
POST /sign-out *
GET /passkeys +
POST /passkeys +
POST /passkeys/ask +
POST /passkeys/{key}/remove +
GET /prove +
POST /prove +
POST /prove/passkey +
GET /prove/kept +
GET / *
GET /services *
GET /check *
GET /check/wrong cg
POST /check/wrong cg
GET /apply cg
POST /apply cg
GET /apply/answers cg
POST /apply/answers cg
POST /apply/asked cg
GET /apply/look cg
POST /apply/look cg
GET /cases cg
GET /cases/{case} cg
GET /cases/{case}/sent cg
POST /cases/{case}/withdraw cg
POST /cases/{case}/speak cg
POST /cases/{case}/papers cg
GET /cases/{case}/files/{document} cg
GET /cases/{case}/appeal cg
POST /cases/{case}/appeal cg
GET /field/assess vtk
POST /field/assess vtk
GET /field/assess/{assessment} vtk
POST /field/assess/{assessment} vtk
GET /desk/assess vtk
GET /desk/assess/{assessment} vtk
POST /desk/assess/{assessment}/act vtk
GET /desk/draws k
POST /desk/draws k
POST /desk/bodies k
GET /desk/draws/{draw} vtk
POST /desk/draws/{draw}/act k
GET /assessments cg
POST /assessments/{assessment}/appeal cg
GET /books cg
GET /books/{book} cg
POST /books/{book} cg
GET /charity *
GET /charity/mine cg
GET /charity/years *
GET /charity/years/{org}/{year} *
GET /charity/{fund} *
GET /desk/books kh
GET /desk/books/{book} kh
POST /desk/books/{book} kh
GET /desk/books/{book}/{part} kh
GET /desk/funds kh
POST /desk/funds kh
GET /desk/funds/years kh
POST /desk/funds/years kh
GET /desk/funds/{fund} kh
POST /desk/funds/{fund} kh
GET /agents c
POST /agents c
POST /agents/end c
GET /three cg
GET /data cg
GET /messages cg
GET /xingfu cg
GET /xingfu/paper cg
GET /xingfuma c
GET /desk/scan vt
POST /desk/scan vt
GET /desk/take-in ks
POST /desk/take-in ks
POST /desk/take-in/keep ks
GET /desk/take-in/templates/{category}/{kind} ks
GET /desk/take-in/{category}/{batch} ks
GET /desk/set-back ks
GET /desk/take-in/{category}/{batch}/set-back ks
POST /desk/take-in/{category}/{batch}/set-back ks
GET /desk/take-in/{category}/{batch}/set-back.csv ks
GET /desk/take-in/{category}/{batch}/set-back/{line} ks
POST /desk/take-in/{category}/{batch}/set-back/{line} ks
POST /desk/take-in/{category}/{batch}/set-back/{line}/waive ks
GET /cases/{case}/papers/{what} cg
GET /papers *
GET /rules *
GET /rules/{service} *
GET /desk/law wpk
POST /desk/law/draft w
POST /desk/law/{hash}/try wp
POST /desk/law/{hash}/sign p
POST /desk/law/{hash}/suspend p
GET /desk/law/{hash}/again k
POST /desk/law/{hash}/again k
GET /desk/simulate wpk
GET /desk/simulate/names k
GET /desk/simulate/export wpk
GET /papers/{code} *
POST /papers/{code} *
GET /desk/cases/{case}/papers/{what} vtkf
GET /desk vtkf
GET /desk/cases vtkf
POST /desk/views vtkf
POST /desk/views/{view}/drop vtkf
GET /desk/cases/export k
POST /desk/cases/export k
POST /desk/cases/export/{export} k
GET /desk/cases/export/{export}/file k
GET /desk/rules vtkfwpu
GET /desk/rules/{service} vtkfwpu
GET /desk/found vtkf
GET /desk/found/changes vtkf
GET /desk/found/changes/{change} vtkf
GET /desk/found/outcomes vtkf
POST /desk/found/open vt
POST /desk/found/{finding}/open vt
POST /desk/found/{finding}/followed vt
GET /desk/households/{household} vtkf
POST /desk/households/{household}/colour tk
POST /desk/households/{household}/unmask tk
GET /desk/holo tk
POST /desk/holo tk
GET /desk/catalogue ltk
GET /desk/catalogue/{category} ltk
POST /desk/catalogue/{category}/share tk
GET /desk/shares ltk
POST /desk/shares/{share} k
GET /dictionary *
GET /dictionary.json *
GET /statistics *
GET /statistics.json *
GET /board/data lk
GET /board/data/list lk
GET /board/data/pulls lk
GET /board/data/hooks lk
GET /board/data/asks lk
POST /board/data/hooks/{agreement} k
GET /desk/contradictions k
POST /desk/contradictions k
GET /desk/warnings vtk
GET /desk/warnings/{warning} vtk
POST /desk/warnings/{warning} vtk
GET /desk/doubles k
POST /desk/doubles k
POST /desk/doubles/look k
GET /desk/questions k
POST /desk/questions k
GET /desk/past fk
POST /desk/past fk
POST /desk/past/look k
GET /desk/pay fk
POST /desk/pay/open f
GET /desk/pay/{batch} fk
POST /desk/pay/{batch}/step fk
GET /desk/cases/{case} vtkf
POST /desk/cases/{case}/act vtkf
POST /desk/cases/{case}/decide tk
POST /desk/cases/{case}/verify tk
GET /desk/cases/{case}/check vtkf
POST /desk/cases/{case}/check tk
GET /desk/cases/{case}/check/json vtkf
GET /desk/cases/{case}/check/paper vtkf
GET /desk/cases/{case}/certificate vtkf
GET /audit ud
GET /audit/{row} ud
GET /audit/{row}/proof.json ud
GET /desk/orders atk
GET /desk/orders/new atv
POST /desk/orders/new atv
GET /desk/orders/settle f
POST /desk/orders/settle f
GET /desk/orders/partners atk
POST /desk/orders/partners/{provider} k
POST /jobs/standing/{provider} o
GET /desk/orders/{order} atk
POST /desk/orders/{order} atk
POST /desk/orders/{order}/step atk
GET /desk/orders/{order}/files/{document} atk
GET /jobs ov
GET /jobs/{order} ov
POST /jobs/{order} ov
GET /jobs/{order}/files/{document} ov
GET /orders cg
GET /orders/new cg
POST /orders/new cg
GET /orders/{order} cg
POST /orders/{order} cg
GET /orders/{order}/files/{document} cg
GET /bookings cg
GET /bookings/find cg
POST /bookings/new cg
GET /bookings/{booking} cg
POST /bookings/{booking} cg
GET /desk/bookings tk
POST /desk/bookings tk
GET /desk/bookings/{stock} tk
POST /desk/bookings/{stock} tk
GET /desk/bookings/{stock}/log tk
GET /desk/custody tk
POST /desk/custody tk
GET /desk/custody/{code} tk
POST /desk/custody/{code} tk
GET /cockpit/bookings ltk
GET /cockpit/bookings/list ltk
GET /cockpit/bookings/units ltk
GET /cockpit/orders latk
GET /cockpit/orders/list latk
GET /cockpit/orders/coverage latk
GET /cockpit/orders/coverage/list latk
POST /api/v1/signals *
POST /api/v1/lines/orders *
POST /api/v1/lines/answers *
GET /api/v1/lines/handed *
GET /cockpit ltk
GET /cockpit/list ltk
GET /cockpit/map ltk
GET /desk/life tk
POST /desk/life tk
GET /desk/life/{event} tk
POST /desk/life/{event} tk
GET /desk/plan ltk
POST /desk/plan/freeze k
GET /desk/plan/reports/{report} ltk
GET /desk/indicators/{indicator} ltk
POST /desk/indicators/{indicator} tk
GET /desk/indicators/{indicator}/records ltk
GET /metrics -
GET /desk/cases/{case}/files/{document} vtkf
POST /desk/cases/{case}/papers vt
GET /field vt
GET /field/line vtk
GET /field/counter vt
POST /field/counter vt
GET /field/pages.js vtk
GET /field/leads vt
GET /field/leads/{finding} vt
POST /field/leads/{finding} vt
POST /field/leads/{finding}/followed vt
GET /field/apply/{case} vt
POST /field/apply/{case} vt
GET /field/cases/{case}/{step} vt
POST /field/cases/{case}/{step} vt
POST /field/cases/{case}/{step}/sign vt
GET /healthz *
GET /readyz *
GET /api *
GET /api/v1/openapi.json *
GET /api/v1/services *
GET /api/v1/services/{service} *
POST /api/v1/judgements -
GET /api/v1/cases -
GET /api/v1/cases/{case}/check -
GET /api/v1/data *
POST /api/v1/data/{category} -
POST /api/v1/ask/records/{category} -
POST /api/v1/ask/receives -
POST /api/v1/ask/statistics -
GET /desk/tokens +
POST /desk/tokens vtkfusd
POST /desk/tokens/{token}/revoke +
";

const LETTERS: &str = "cgvtkfahwpusedlo";

const NOT_YOURS: &str = "这个页面不是给您这个岗位的";

struct Line {
    method: &'static str,
    path: &'static str,
    who: &'static str,
}

fn lines() -> Vec<Line> {
    let line = |text: &'static str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        Line {
            method: words[0],
            path: words[1],
            who: words[2],
        }
    };
    EXPECTED
        .lines()
        .filter(|text| !text.is_empty())
        .map(line)
        .collect()
}

/// The address with its gaps filled.
fn filled(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').unwrap();
        out.push_str(before);
        out.push_str(match name {
            "name" => "tokens.css",
            _ => "1",
        });
        rest = behind;
    }
    out + rest
}

#[test]
fn every_address_is_named_here_and_there() {
    let here: BTreeSet<String> = lines()
        .iter()
        .map(|line| format!("{} {}", line.method, line.path))
        .collect();
    let there: BTreeSet<String> = web::route_lines()
        .iter()
        .map(|line| format!("{} {}", line.method, line.path))
        .collect();
    let unnamed: Vec<_> = there.difference(&here).collect();
    let gone: Vec<_> = here.difference(&there).collect();
    assert!(unnamed.is_empty(), "no test names {unnamed:?}");
    assert!(gone.is_empty(), "no longer served: {gone:?}");
}

#[tokio::test]
async fn every_address_lets_in_whom_it_is_for_and_nobody_else() {
    let place = testing::sqlite();
    let (router, app) = site::site(place.open().await).await;
    let mut wrong = Vec::new();
    let mut asked = 0;
    let mut sessions = BTreeMap::new();
    for (role, letter) in ROLES.into_iter().zip(LETTERS.chars()) {
        sessions.insert(letter, signed_in(&app, role).await);
    }
    let mut lines = lines();
    // Last, because it ends the sessions.
    lines.sort_by_key(|line| line.path == "/sign-out");
    for line in &lines {
        let path = filled(line.path);
        let response = ask(&router, line.method, &path, None, "").await;
        let stopped =
            is_sent_to_sign_in(&response) || response.status() == StatusCode::UNAUTHORIZED;
        asked += 1;
        if stopped == (line.who == "*") {
            wrong.push(format!("{} {path} nobody", line.method));
        }
        for (role, letter) in ROLES.into_iter().zip(LETTERS.chars()) {
            let token = &sessions[&letter];
            let response = ask(&router, line.method, &path, Some(token), "").await;
            let status = response.status();
            let body = text(response).await;
            let stopped = (status == StatusCode::FORBIDDEN && body.contains(NOT_YOURS))
                || status == StatusCode::UNAUTHORIZED;
            let expected = matches!(line.who, "*" | "+") || line.who.contains(letter);
            asked += 1;
            if stopped == expected {
                wrong.push(format!("{} {path} {role:?}: {status}", line.method));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(asked, lines.len() * (ROLES.len() + 1));
}

fn is_sent_to_sign_in(response: &axum::http::Response<axum::body::Body>) -> bool {
    let to = response.headers().get("location");
    to.is_some_and(|to| to.to_str().unwrap().starts_with("/sign-in?"))
}
