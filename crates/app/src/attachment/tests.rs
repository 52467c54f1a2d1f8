//! Files on both databases: who may, what is taken in, names and bytes that mean
//! harm, one effect for one request.

use super::*;
use crate::case::tests::town::*;
use engine_case::{Act, MissingPaper};
use store::testing::both;

/// The smallest picture there is.
fn png() -> Vec<u8> {
    let mut bytes = vec![0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];
    bytes.extend(*b"a picture of the tests");
    bytes
}

fn paper(kind: &str, name: &str, body: Vec<u8>) -> HandedIn {
    HandedIn {
        purpose: AttachedTo::Paper(slug(kind)),
        name: name.to_owned(),
        body,
    }
}

fn photo(name: &str) -> HandedIn {
    HandedIn {
        purpose: AttachedTo::Survey(slug("survey")),
        ..paper("x", name, png())
    }
}

/// Sent back for the one paper the service knows.
async fn returned(town: &Town) -> CaseId {
    let case = town.submitted(900, 0).await;
    let missing = vec![MissingPaper {
        kind: slug("bank_statement"),
        name: "存款证明".into(),
        why: "银行没有答复".into(),
    }];
    town.act(town_officer(), case, Act::Return { missing })
        .await;
    case
}

fn town_officer() -> kernel::Actor {
    crate::case::tests::town::town()
}

#[tokio::test]
async fn what_was_missing_is_handed_in_seen_by_both_sides_and_the_case_goes_on() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = returned(&town).await;
        let ctx = town.by(mum(), Some(case));
        let given = || paper("bank_statement", "../../存款<b>.png", png());
        let first = town.app.attach(&ctx, case, given()).await.unwrap();
        let again = town.app.attach(&ctx, case, given()).await.unwrap();
        assert_eq!(first.value, again.value);
        assert!(again.repeated, "one request, one file");
        let state = town.case(case).await;
        assert_eq!(state.papers.len(), 1);
        for who in [mum(), town_officer(), village()] {
            let ctx = town.by(who, Some(case));
            let file = town.app.attached(&ctx, case, first.value).await.unwrap();
            assert_eq!(file.body, png());
            assert_eq!(file.name, "存款b.png");
            assert_eq!(file.media, "image/png");
        }
        let told = town.app.case_told(&town.by(mum(), Some(case)), case).await;
        let told = told.unwrap();
        assert!(told.papers.is_empty());
        assert_eq!(told.files[0].what, "存款证明");
        let read = async move |tx: &mut Tx| tx.audit_of(&format!("case:{case}")).await;
        let rows = town.app.db().read(read).await.unwrap();
        let count = |action: &str| rows.iter().filter(|row| row.action == action).count();
        assert_eq!(count("case.attach"), 1);
        assert_eq!(count("case.read_attachment"), 3);
        let ctx = town.by(mum(), Some(case));
        town.app.submit_case(&ctx, case, vec![]).await.unwrap();
        town.act(town_officer(), case, Act::Accept { tolerate: None })
            .await;
    })
    .await;
}

#[tokio::test]
async fn who_may_not_gets_nothing_in_and_nothing_out() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = returned(&town).await;
        let attach = async |who, given| {
            let ctx = town.by(who, Some(case));
            town.app.attach(&ctx, case, given).await
        };
        let given = || paper("bank_statement", "a.png", png());
        for (who, code) in [
            (stranger(), "access.not_own"),
            (elsewhere(), "access.region"),
            (county(), "access.role"),
        ] {
            let refused = attach(who, given()).await.unwrap_err();
            assert_eq!(refused.refusal_code(), Some(code));
        }
        let kept = attach(mum(), given()).await.unwrap().value;
        for who in [stranger(), elsewhere()] {
            let ctx = town.by(who, Some(case));
            let refused = town.app.attached(&ctx, case, kept).await.unwrap_err();
            assert!(refused.refusal_code().is_some());
        }
        // A file of another case is not there, whoever asks for it.
        let other = town.open("living").await;
        let ctx = town.by(mum(), Some(other));
        let nothing = town.app.attached(&ctx, other, kept).await.unwrap_err();
        assert!(matches!(nothing, AppError::Store(why) if why.is_missing()));
        // Photographs belong to a visit that is under way, by who goes.
        let early = attach(village(), photo("a.jpg")).await.unwrap_err();
        assert_eq!(early.refusal_code(), Some("case.step_not_open"));
        let refused = attach(mum(), photo("a.jpg")).await.unwrap_err();
        assert_eq!(refused.refusal_code(), Some("access.role"));
    })
    .await;
}

#[tokio::test]
async fn what_is_no_picture_and_no_pdf_or_too_large_is_refused_with_a_way_to_mend_it() {
    both(async |db| {
        let town = Town::new(db).await;
        let case = returned(&town).await;
        let mut large = png();
        large.resize(BYTES_MAX + 1, 0);
        let html = b"<!doctype html><script>alert(1)</script>".to_vec();
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec();
        for (name, body, says) in [
            ("a.png", html, "不是照片也不是 PDF"),
            ("a.jpg", svg, "不是照片也不是 PDF"),
            ("a.exe", b"MZ\x90\0programme".to_vec(), "不是照片也不是 PDF"),
            ("a.gif", b"GIF89a....".to_vec(), "不是照片也不是 PDF"),
            ("a.png", large, "最多 8 MB"),
            ("a.png", Vec::new(), "请选一个"),
        ] {
            let ctx = town.by(mum(), Some(case));
            let given = paper("bank_statement", name, body);
            match town.app.attach(&ctx, case, given).await {
                Err(AppError::BadInput(told)) => assert!(told.contains(says), "{told}"),
                other => panic!("{name}: {other:?}"),
            }
        }
        let ctx = town.by(mum(), Some(case));
        let given = paper("passport", "a.png", png());
        assert!(town.app.attach(&ctx, case, given).await.is_err());
        assert!(town.case(case).await.papers.is_empty(), "nothing half-done");
        let read = async move |tx: &mut Tx| tx.attachments_of(case).await;
        assert!(town.app.db().read(read).await.unwrap().is_empty());
    })
    .await;
}

#[test]
fn a_name_is_only_words() {
    for (name, kept) in [
        ("存款证明.png", "存款证明"),
        ("/etc/passwd", "passwd"),
        ("C:\\temp\\a.b.pdf", "a.b"),
        ("..", "材料"),
        ("", "材料"),
        ("\u{202e}gpj.exe", "gpj"),
        ("a\r\nSet-Cookie: x=1.png", "aSet-Cookie x1"),
        ("\"><script>", "script"),
        ("=cmd|' /C calc'!A0.pdf", "C calcA0"),
        ("证".repeat(300).as_str(), "证".repeat(NAME_MAX).as_str()),
    ] {
        let kept = kept.replace("a.b", "ab");
        assert_eq!(called(name), kept, "{name:?}");
    }
}
