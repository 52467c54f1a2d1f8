//! The audit's pages: a row with its proof against the signed tree, a file others can
//! check, a row that was changed said to be so; looking is itself a row. On both
//! databases.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use app::App;
use app::audit::{LogKeys, check_proof};
use axum::Router;
use axum::http::StatusCode;
use ed25519_dalek::{Signer as _, SigningKey};
use kernel::{FixedClock, Role};
use site::{ask, now, signed_in, text};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use store::audit::checkpoint;
use store::audit::note::{Kind, Verifier};
use store::testing;
use web::{Site, SiteSettings, router};

const ORIGIN: &str = "nuanxin/test";

fn key(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32])
}

fn log(byte: u8) -> Verifier {
    Verifier::of(ORIGIN, Kind::Log, key(byte).verifying_key())
}

async fn served(db: store::Db) -> (Router, App) {
    let (_, app) = site::site(db).await;
    let clock = Arc::new(FixedClock(now()));
    let keys = LogKeys {
        log: log(1),
        witnesses: Vec::new(),
    };
    let site = Site::new(app.clone(), SiteSettings::default(), clock).with_log(keys);
    (router(site), app)
}

async fn sign(app: &App) {
    let made = checkpoint(app.db(), ORIGIN, now(), |note| {
        key(1).sign(note).to_bytes().to_vec()
    });
    made.await.unwrap();
}

/// The numbers of the rows of a page.
fn rows(page: &str) -> Vec<i64> {
    let links = page.split("href=\"/audit/").skip(1);
    links
        .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
        .collect()
}

#[tokio::test]
async fn a_row_is_proven_on_the_page_and_by_its_file() {
    testing::both(async |db| {
        let (router, app) = served(db).await;
        let auditor = signed_in(&app, Role::Auditor).await;
        let page = text(ask(&router, "GET", "/audit", Some(&auditor), "").await).await;
        assert!(page.contains("还没有检查点"), "{page}");
        let first = rows(&page);
        assert!(first.len() > 20, "{}", first.len());
        let path = format!("/audit/{}", first[0]);
        let waits = text(ask(&router, "GET", &path, Some(&auditor), "").await).await;
        assert!(waits.contains("这条记录在等下一个检查点"), "{waits}");
        let file = format!("{path}/proof.json");
        let none = ask(&router, "GET", &file, Some(&auditor), "").await;
        assert_eq!(none.status(), StatusCode::NOT_FOUND);
        sign(&app).await;
        ask(&router, "GET", "/audit", Some(&auditor), "").await;
        sign(&app).await;
        let page = text(ask(&router, "GET", "/audit", Some(&auditor), "").await).await;
        assert!(page.contains("条长上来的"), "{page}");
        for row in &first {
            let path = format!("/audit/{row}");
            let proven = text(ask(&router, "GET", &path, Some(&auditor), "").await).await;
            assert!(proven.contains("这条记录是真的，在签过的树里"), "{proven}");
            let path = format!("{path}/proof.json");
            let file = text(ask(&router, "GET", &path, Some(&auditor), "").await).await;
            let (seq, size) = check_proof(&file, &log(1)).unwrap();
            assert!(seq < size);
            assert!(
                check_proof(&file, &log(2))
                    .unwrap_err()
                    .contains("不是这家签的")
            );
            let bent = file.replacen("\"purpose\": \"", "\"purpose\": \"x", 1);
            assert_ne!(bent, file);
            assert!(check_proof(&bent, &log(1)).unwrap_err().contains("被改过"));
        }
        assert!(check_proof("{}", &log(1)).is_err());
        let path = format!("/audit/{}/proof.json", first[1]);
        let file = text(ask(&router, "GET", &path, Some(&auditor), "").await).await;
        others_check(&file);
        let missing = ask(&router, "GET", "/audit/1", Some(&auditor), "").await;
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    })
    .await;
}

/// What a stranger runs on a downloaded file: the second verifier, in another language.
fn others_check(file: &str) {
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/verify/proof_verify.py");
    let bent = file.replacen("\"purpose\": \"", "\"purpose\": \"x", 1);
    for (name, content, byte, says) in [
        ("whole", file, 1, "holds\n"),
        ("bent", bent.as_str(), 1, "does not hold\n"),
        ("another log", file, 2, "does not hold\n"),
    ] {
        let path = folder.path().join("proof.json");
        std::fs::write(&path, content).unwrap();
        let mut command = Command::new("python3");
        command.arg(&script).arg(&path);
        let told = command.args(["--log", &log(byte).told()]).output().unwrap();
        let words = String::from_utf8(told.stdout).unwrap();
        assert!(words.ends_with(says), "{name}: {words}");
        assert_eq!(told.status.success(), says == "holds\n", "{name}");
    }
}

#[tokio::test]
async fn rows_are_found_by_who_what_and_when_and_looking_is_a_row() {
    testing::both(async |db| {
        let (router, app) = served(db).await;
        let watcher = signed_in(&app, Role::AuditAdministrator).await;
        let look = async |query: &str| {
            let path = format!("/audit?{query}");
            text(ask(&router, "GET", &path, Some(&watcher), "").await).await
        };
        assert_eq!(rows(&look("action=audit.read").await).len(), 0);
        assert_eq!(rows(&look("action=audit.read").await).len(), 1);
        assert_eq!(
            rows(&look("action=audit.read&account=AuditAdministrator").await).len(),
            2
        );
        assert_eq!(
            rows(&look("action=audit.read&account=nobody").await).len(),
            0
        );
        assert_eq!(
            rows(&look("subject=audit&from=2026-02-02&to=2026-02-02").await).len(),
            4
        );
        assert_eq!(rows(&look("from=2026-02-03").await).len(), 0);
        // Fifty a page, each row on one page.
        let (one, two) = (look("").await, look("page=1").await);
        assert_eq!(rows(&one).len(), 50);
        assert!(!rows(&two).is_empty());
        let answer = ask(&router, "GET", "/audit?from=soon", Some(&watcher), "").await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = text(answer).await;
        assert!(page.contains("“soon”不是日子"), "{page}");
        assert!(page.contains("value=\"soon\""), "what was typed stays");
    })
    .await;
}

#[tokio::test]
async fn a_row_that_was_changed_is_said_to_be() {
    for place in testing::places() {
        let (router, app) = served(place.open().await).await;
        let auditor = signed_in(&app, Role::Auditor).await;
        let page = text(ask(&router, "GET", "/audit", Some(&auditor), "").await).await;
        let row = rows(&page)[0];
        sign(&app).await;
        // Who holds the database drops what guards it first.
        let guard = match place.name {
            "sqlite" => "DROP TRIGGER audit_no_update",
            _ => "DROP TRIGGER audit_no_change ON audit",
        };
        let change = format!("{guard}; UPDATE audit SET subject = 'case:7' WHERE id = {row}");
        testing::tamper(&place.url, &change).await;
        let path = format!("/audit/{row}");
        let page = text(ask(&router, "GET", &path, Some(&auditor), "").await).await;
        assert!(page.contains("这条记录被改过"), "{page}");
        assert!(page.contains("走不到签过的树根"), "{page}");
        app.db().close().await;
    }
}
