//! The report of a verification on both databases: a silent department is named and
//! makes nothing known, the bytes stay what they were and can be made again, whoever
//! is not part of the application is not looked up.

use super::flow::*;
use super::{now, slug};
use crate::papers::PaperAddress;
use crate::verify::Wanted;
use crate::{App, AppError};
use engine_policy::{Entry, WhyMissing};
use engine_pool::contradiction::{RightSide, Ruling};
use engine_pool::report::Outcome;
use engine_pool::sheet::Stage;
use kernel::{AuthorisationId, CaseId, PersonId};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use store::{ContradictionSide, FoundContradiction, OfWhom, Tx};

const CASE: CaseId = CaseId(7);

async fn rows(app: &App, subject: &'static str) -> Vec<String> {
    let rows = app.db().read(async move |tx| tx.audit_of(subject).await);
    let rows = rows.await.unwrap().into_iter();
    rows.map(|row| row.action).collect()
}

#[tokio::test]
async fn a06_a_silent_department_is_named_and_the_report_is_the_same_bytes_for_ever() {
    store::testing::both(async |db| {
        let (app, (outside, line)) = (open(db).await, outside().await);
        let ctx = context("r1");
        let early = app.draw_check_report(&ctx, CASE).await.unwrap_err();
        assert_eq!(early.refusal_code(), Some("pool.not_compared"));
        assert!(app.check_report(&ctx, CASE).await.unwrap().is_none());
        let id = app.begin_verification(&ctx, wanted()).await.unwrap();
        app.carry_on_verification(&ctx, &line, id).await.unwrap();
        let drawn = app.draw_check_report(&ctx, CASE).await.unwrap();
        let report = &drawn.report;
        let stages: Vec<Stage> = report.stages.iter().map(|one| one.stage).collect();
        assert_eq!(
            stages,
            [Stage::Accept, Stage::Obtain, Stage::Verify, Stage::Report]
        );
        assert_eq!(report.outcome, Outcome::Doubtful);
        let [bank] = &report.silent[..] else {
            panic!("{:?}", report.silent)
        };
        assert_eq!(
            (bank.open, bank.stood_in),
            (2, 0),
            "a bank is never stood in for"
        );
        assert!(bank.why.contains("连不上"), "{}", bank.why);
        let lines = || report.departments.iter().flat_map(|one| &one.lines);
        let from = |kind: &str| lines().filter(|one| one.from == kind).count();
        assert_eq!((from("live"), from("nobody")), (4, 2));
        let unknown = lines().filter(|one| one.from == "nobody");
        assert!(
            unknown
                .clone()
                .all(|one| one.as_of.is_none() && one.says.contains("没有答复"))
        );
        // The same bytes for whoever asks later; made again they are the same.
        let later = app
            .check_report(&context("r2"), CASE)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (later.text.as_str(), later.outdated),
            (drawn.text.as_str(), false)
        );
        assert!(app.remake_check_report(&ctx, CASE).await.unwrap().holds());
        // What happens since makes it outdated and another version, never another text.
        let ctx3 = context("r3");
        let settled = app.settle_difference(&ctx3, id, (0, true), "查实".into());
        settled.await.unwrap();
        let old = app.check_report(&ctx, CASE).await.unwrap().unwrap();
        assert_eq!(
            (old.text.as_str(), old.outdated),
            (drawn.text.as_str(), true)
        );
        outside.bank_up.store(true, Ordering::SeqCst);
        app.recheck_verification(&context("r4"), &line, id)
            .await
            .unwrap();
        let new = app.draw_check_report(&context("r5"), CASE).await.unwrap();
        assert_ne!(new.digest, drawn.digest);
        assert!(new.report.silent.is_empty() && !new.outdated);
        assert!(
            new.report
                .stages
                .iter()
                .any(|one| one.stage == Stage::Review)
        );
        assert!(app.remake_check_report(&ctx, CASE).await.unwrap().holds());
        let kept = app
            .db()
            .read(async move |tx| tx.check_report(id, drawn.report.version).await);
        assert_eq!(kept.await.unwrap().unwrap().text, old.text);
    })
    .await;
}

/// What somebody says of the boy's car and ship at the contradiction desk.
async fn ruled(app: &App, right: Option<RightSide>) {
    let side = |category, no: &str| ContradictionSide {
        category: slug(category),
        record_no: no.to_owned(),
        as_of: "2026-11-01".parse().unwrap(),
        batch: None,
    };
    let found = FoundContradiction {
        rule: slug("car_and_ship"),
        says: "又有车又有船".to_owned(),
        left: side("vehicle", "V1"),
        right: side("ship", "S1"),
    };
    let ruling = Ruling {
        right,
        reason: "船已经卖了".to_owned(),
        by: officer(),
    };
    let keep = async move |tx: &mut Tx| {
        let whom = OfWhom::Person(BOY);
        tx.keep_ruling(&whom, &found, &ruling, now()).await
    };
    app.db().write(keep).await.unwrap();
}

#[tokio::test]
async fn n02_what_somebody_ruled_reaches_the_check_and_its_reports_stay_what_they_were() {
    store::testing::both(async |db| {
        let (app, (outside, line)) = (open(db).await, outside().await);
        outside.bank_up.store(true, Ordering::SeqCst);
        outside.ship.store(true, Ordering::SeqCst);
        let plain = Wanted {
            declared: Vec::new(),
            ..wanted()
        };
        let ctx = context("r1");
        let report = app.verify_household(&ctx, &line, plain).await.unwrap();
        assert_eq!(
            (report.outcome, report.contradictions.len()),
            (Outcome::Doubtful, 1)
        );
        let id = report.id;
        let worth = async || {
            let facts = app.verified_facts(&ctx, id).await.unwrap();
            facts.members[1].facts[&slug("car_worth")].clone()
        };
        let disputed = Entry::Missing(WhyMissing::Disputed);
        assert_eq!(worth().await, disputed);
        let first = app.draw_check_report(&context("r2"), CASE).await.unwrap();
        assert_eq!(first.report.contradictions, ["又有车又有船"]);
        assert!(!first.text.contains("\"ruled\""), "as reports always were");
        ruled(&app, Some(RightSide::Left)).await;
        assert!(matches!(worth().await, Entry::Known(..)), "the car counts");
        let seen = app.verification_report(&context("r3"), id).await.unwrap();
        assert_eq!(seen.unwrap().outcome, Outcome::Passed);
        // The report of before says what it said, and that it is of before.
        let old = app.check_report(&ctx, CASE).await.unwrap().unwrap();
        assert_eq!((old.text.as_str(), old.outdated), (&*first.text, true));
        assert!(app.remake_check_report(&ctx, CASE).await.unwrap().holds());
        let second = app.draw_check_report(&context("r4"), CASE).await.unwrap();
        assert!(second.report.version > first.report.version && !second.outdated);
        assert_eq!(second.report.outcome, Outcome::Passed);
        assert!(second.report.contradictions.is_empty());
        let [says] = &second.report.ruled[..] else {
            panic!("{:?}", second.report.ruled)
        };
        assert!(
            says.contains("前一个对") && says.contains("船已经卖了"),
            "{says}"
        );
        assert!(app.remake_check_report(&ctx, CASE).await.unwrap().holds());
        // Taken back: open again, and the second stays reproducible until a third is drawn.
        ruled(&app, None).await;
        assert_eq!(worth().await, disputed);
        assert!(app.remake_check_report(&ctx, CASE).await.unwrap().holds());
        let third = app.draw_check_report(&context("r5"), CASE).await.unwrap();
        assert_eq!(third.report.outcome, Outcome::Doubtful);
        assert_eq!(third.report.contradictions, first.report.contradictions);
        assert!(app.remake_check_report(&ctx, CASE).await.unwrap().holds());
    })
    .await;
}

#[tokio::test]
async fn a06_the_report_on_paper_is_the_same_bytes_and_has_its_code() {
    store::testing::both(async |db| {
        let (app, (_, line)) = (open(db).await, outside().await);
        let ctx = context("r1");
        app.verify_household(&ctx, &line, wanted()).await.unwrap();
        app.draw_check_report(&ctx, CASE).await.unwrap();
        let address = PaperAddress {
            base: "https://civil.test".into(),
            office: "九九县民政局".into(),
        };
        let once = app.print_check_report(&ctx, CASE, &address).await.unwrap();
        let again = app.print_check_report(&context("r2"), CASE, &address).await;
        assert_eq!(once, again.unwrap());
        assert!(once.pdf.starts_with(b"%PDF-"));
        let checked = app.check_paper(&once.code, "here").await.unwrap();
        assert!(checked.fits(&crate::papers::digest(&once.pdf)));
    })
    .await;
}

#[tokio::test]
async fn a08_who_is_not_applying_is_not_looked_up_and_the_try_is_on_record() {
    store::testing::both(async |db| {
        let (app, (outside, line)) = (open(db).await, outside().await);
        let neighbour = Wanted {
            people: BTreeSet::from([MUM, PersonId(4_711)]),
            ..wanted()
        };
        let refused = app.verify_household(&context("r1"), &line, neighbour).await;
        let code = refused.unwrap_err().refusal_code();
        assert_eq!(code, Some("pool.not_of_the_household"));
        assert_eq!(outside.asked.load(Ordering::SeqCst), 0, "nobody was asked");
        let mut nosy = context("r2");
        nosy.purpose = engine_access::Purpose::Case(CaseId(8));
        let refused = app.begin_verification(&nosy, wanted()).await.unwrap_err();
        assert!(matches!(refused, AppError::Refused(_)));
        let actions = rows(&app, "case:7").await;
        let tries = actions.iter().filter(|one| *one == "verification_refused");
        assert_eq!(tries.count(), 2, "{actions:?}");
        let only = Wanted {
            people: BTreeSet::from([MUM]),
            authorisation: AuthorisationId(5),
            ..wanted()
        };
        let report = app
            .verify_household(&context("r3"), &line, only)
            .await
            .unwrap();
        assert_eq!(report.asked, 3, "one of the two, all categories");
    })
    .await;
}
