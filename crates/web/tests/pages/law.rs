//! 「颁布」 The versions of the law at the desk: what the linter warns of stands beside a
//! draft's dry run, before those who sign it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use crate::site;
use app::Context;
use axum::http::StatusCode;
use engine_access::Purpose;
use kernel::*;
use site::{ask, signed_in, site_under, text};
use std::path::Path;
use store::testing::both;

/// A number no rule reads.
const IDLE: &str = "[parameter.idle]\nlabel = \"没人用的数\"\nunit = \"元\"\n\
                    [[parameter.idle.value]]\nfrom = 2020-01-01\nis = 7\n\
                    provenance = \"assumed\"\nsource = \"演示值\"\n\n";

/// The law of the tests with this before its first condition.
fn with(more: &str) -> packs::Pack {
    let folder = tempfile::tempdir().unwrap();
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packs/fixtures/base");
    site::copy(&base, folder.path());
    let file = folder.path().join("aid/living.toml");
    let read = std::fs::read_to_string(&file).unwrap();
    let written = read.replacen("[[condition]]", &format!("{more}[[condition]]"), 1);
    assert_ne!(read, written);
    std::fs::write(&file, written).unwrap();
    let loaded = packs::load(folder.path());
    let faults = loaded.report.render();
    loaded.pack.unwrap_or_else(|| panic!("{faults}"))
}

/// The part of the page about one version.
fn part<'a>(page: &'a str, hash: &str) -> &'a str {
    let short: String = hash.chars().take(12).collect();
    let mut parts = page.split("<section class=\"card version\">");
    let found = parts.find(|part| part.contains(&short));
    found.unwrap_or_else(|| panic!("{short}: {page}"))
}

#[tokio::test]
async fn a42_a_drafts_warnings_stand_beside_its_dry_run_before_the_signers() {
    both(async |db| {
        let law = site::law();
        let region = law.pack.head().unwrap().region;
        let (router, app) = site_under(db, law, region).await;
        let writer = signed_in(&app, Role::RuleAuthor).await;
        let signer = signed_in(&app, Role::RuleApprover).await;
        let page = async |who| {
            let answer = ask(&router, "GET", "/desk/law", Some(who), "").await;
            assert_eq!(answer.status(), StatusCode::OK);
            text(answer).await
        };
        let mut told = Vec::new();
        for more in ["# 只多一句话\n", IDLE] {
            let ctx = Context {
                actor: Actor {
                    account: "RuleAuthor".to_owned(),
                    person: Some(site::person(Role::RuleAuthor)),
                    role: Role::RuleAuthor,
                },
                purpose: Purpose::Administration,
                request: format!("draft/{}", more.len()),
            };
            let hash = app.draft_law(&ctx, with(more)).await.unwrap();
            let before = page(&signer).await;
            let own = part(&before, &hash);
            assert!(!own.contains("查法条"), "nobody looked yet: {own}");
            let path = format!("/desk/law/{hash}/try");
            let answer = ask(&router, "POST", &path, Some(&writer), "request=t").await;
            let status = answer.status();
            assert_eq!(status, StatusCode::SEE_OTHER, "{}", text(answer).await);
            let after = page(&signer).await;
            let own = part(&after, &hash);
            assert!(
                own.contains("户上试算过") && own.contains("签字（还差 2 人）"),
                "{own}"
            );
            told.push(own.to_owned());
            let drawn = page(&writer).await;
            let theirs = part(&drawn, &hash);
            assert!(!theirs.contains("看过再签"), "who drafts does not sign");
            assert_eq!(theirs.matches("<li>").count(), own.matches("<li>").count());
        }
        let [plain, idle] = told.as_slice() else {
            panic!("{told:?}")
        };
        assert!(!plain.contains("idle"), "{plain}");
        let warnings = idle.matches("<li>").count();
        assert_eq!(warnings, plain.matches("<li>").count() + 1, "{idle}");
        assert!(idle.contains(&format!("查法条，有 {warnings} 处要留意</span>，看过再签")));
        let mut lines = idle.split("<li>").skip(1);
        assert!(
            lines.any(|one| one.contains("idle") && one.contains("living.toml")),
            "{idle}"
        );
    })
    .await;
}
