//! A site over an empty house with an account for every role: what the tests of
//! pages stand on.

#![allow(dead_code, reason = "each test file uses its part")]

pub(crate) mod family;
pub(crate) mod staffed;

use app::sign_in::{NewAccount, Token};
use app::{App, Context, Law};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use engine_access::{Grant, GrantCommand, Holder, Purpose};
use kernel::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tower::ServiceExt as _;
use web::{Site, SiteSettings, router};

pub(crate) const PASSWORD: &str = "a password of the tests";
/// The county of the fixture pack.
pub(crate) const COUNTY: &str = "990101";

pub(crate) const ROLES: [Role; 16] = [
    Role::Citizen,
    Role::Agent,
    Role::VillageWorker,
    Role::TownOfficer,
    Role::CountyApprover,
    Role::Finance,
    Role::AlarmOperator,
    Role::CharityAccountant,
    Role::RuleAuthor,
    Role::RuleApprover,
    Role::Auditor,
    Role::SystemAdministrator,
    Role::SecurityAdministrator,
    Role::AuditAdministrator,
    Role::Leader,
    Role::Provider,
];

pub(crate) fn now() -> Now {
    Now {
        at: "2026-02-02T02:00:00Z".parse().unwrap(),
    }
}

pub(crate) fn law() -> Law {
    law_in("../packs/fixtures/base")
}

/// The law of a folder of ours, read once.
pub(crate) fn law_in(folder: &'static str) -> Law {
    static LAWS: Mutex<BTreeMap<&str, Law>> = Mutex::new(BTreeMap::new());
    let mut laws = LAWS.lock().unwrap();
    let read = || {
        let base = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let loaded = packs::load(&base);
        let faults = loaded.report.render();
        Law::new(loaded.pack.unwrap_or_else(|| panic!("{faults}")))
    };
    laws.entry(folder).or_insert_with(read).clone()
}

/// A folder with everything in it, elsewhere.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

pub(crate) fn person(role: Role) -> PersonId {
    let at = ROLES.iter().position(|one| *one == role).unwrap();
    PersonId(9_000 + at as i64)
}

/// A site where everybody has an account named after their role and a grant over
/// the county.
pub(crate) async fn site(db: store::Db) -> (Router, App) {
    let region: RegionCode = COUNTY.parse().unwrap();
    built(db, law(), region, |site| site).await
}

/// The same under another law, in another county.
pub(crate) async fn site_under(db: store::Db, law: Law, region: RegionCode) -> (Router, App) {
    built(db, law, region, |site| site).await
}

/// The same, with more around the house.
pub(crate) async fn site_with(db: store::Db, more: impl FnOnce(Site) -> Site) -> (Router, App) {
    built(db, law(), COUNTY.parse().unwrap(), more).await
}

/// The same under another law, in another county, with more around the house.
pub(crate) async fn site_of(
    db: store::Db,
    law: Law,
    region: RegionCode,
    more: impl FnOnce(Site) -> Site,
) -> (Router, App) {
    built(db, law, region, more).await
}

/// Rows as a file by hand, through the gate, as the house itself.
pub(crate) async fn bring_rows(
    app: &App,
    category: &str,
    department: &str,
    rows: &str,
) -> app::import::Imported {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.csv"), rows).unwrap();
    let slip = serde_json::json!({
        "department": department, "category": category, "as_of": "2026-01-31",
        "rows": rows.lines().count() - 1, "file": "a.csv", "encoding": "UTF-8",
        "sha256": app::import::sha256_hex(rows.as_bytes()),
    });
    let file = folder.path().join("a.csv.manifest.json");
    std::fs::write(file, slip.to_string()).unwrap();
    let ctx = Context {
        actor: Actor {
            account: "system".to_owned(),
            person: None,
            role: Role::System,
        },
        purpose: Purpose::Collection,
        request: String::new(),
    };
    let report = app.import(&ctx, folder.path(), None, |_| {}).await.unwrap();
    report.deliveries.into_iter().next().unwrap()
}

async fn built(
    db: store::Db,
    law: Law,
    region: RegionCode,
    more: impl FnOnce(Site) -> Site,
) -> (Router, App) {
    let clock = Arc::new(FixedClock(now()));
    let app = App::new(db, law, clock.clone());
    app.found_house([PersonId(1), PersonId(2)], region)
        .await
        .unwrap();
    for role in ROLES {
        let new = NewAccount {
            login: format!("{role:?}"),
            person: person(role),
            role,
            name: format!("试{role:?}"),
            password: Some(PASSWORD.to_owned()),
            totp: (!matches!(role, Role::Citizen | Role::Agent)).then(|| secret(role)),
        };
        let ctx = admin(0, format!("account/{role:?}"));
        app.open_account(&ctx, new).await.unwrap();
        if matches!(role, Role::Citizen | Role::Agent) {
            continue;
        }
        let holder = Holder::Person(person(role));
        let grant = Grant {
            holder: holder.clone(),
            role,
            region,
            from: now().today(),
            to: None,
        };
        let propose = GrantCommand::Propose(grant);
        app.grant(&admin(0, format!("p/{role:?}")), holder.clone(), propose)
            .await
            .unwrap();
        app.grant(
            &admin(1, format!("a/{role:?}")),
            holder,
            GrantCommand::Approve(0),
        )
        .await
        .unwrap();
    }
    let site = Site::new(app.clone(), SiteSettings::default(), clock);
    (router(more(site)), app)
}

/// One of the two security administrators.
pub(crate) fn admin(at: usize, request: String) -> Context {
    Context {
        actor: Actor {
            account: format!("admin{at}"),
            person: Some(PersonId(1 + at as i64)),
            role: Role::SecurityAdministrator,
        },
        purpose: Purpose::Administration,
        request,
    }
}

pub(crate) fn secret(role: Role) -> Vec<u8> {
    format!("a secret of the tests {role:?}").into_bytes()
}

/// A session of that role.
pub(crate) async fn signed_in(app: &App, role: Role) -> Token {
    let code = app::sign_in::code_at(&secret(role), now().at).unwrap();
    app.sign_in(&format!("{role:?}"), PASSWORD, Some(&code))
        .await
        .unwrap()
}

/// Asks the site; a form is sent as from its own page.
pub(crate) async fn ask(
    router: &Router,
    method: &str,
    path: &str,
    token: Option<&Token>,
    form: &str,
) -> Response<Body> {
    let typed = "application/x-www-form-urlencoded";
    send(router, method, path, token, (typed, form)).await
}

/// The same with a file in the form's field `name`.
pub(crate) async fn hand_in(
    router: &Router,
    path: &str,
    token: Option<&Token>,
    name: &str,
) -> Response<Body> {
    let request = path.replace('/', "-");
    let form = format!(
        "--edge\r\ncontent-disposition: form-data; name=\"request\"\r\n\r\n{request}\r\n\
         --edge\r\ncontent-disposition: form-data; name=\"kind\"\r\n\r\nbank_statement\r\n\
         --edge\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"a.pdf\"\r\n\
         content-type: application/pdf\r\n\r\n%PDF-1.7 of the tests\r\n--edge--\r\n"
    );
    let media = "multipart/form-data; boundary=edge";
    send(router, "POST", path, token, (media, &form)).await
}

async fn send(
    router: &Router,
    method: &str,
    path: &str,
    token: Option<&Token>,
    (media, form): (&str, &str),
) -> Response<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "site.test")
        .header("origin", "http://site.test")
        .header("content-type", media);
    if let Some(token) = token {
        request = request.header("cookie", format!("nx_session={}", token.0));
    }
    let request = request.body(Body::from(form.to_owned())).unwrap();
    router.clone().oneshot(request).await.unwrap()
}

/// The text of an answer.
pub(crate) async fn text(response: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    // A spreadsheet is an answer too.
    String::from_utf8_lossy(&bytes).into_owned()
}
