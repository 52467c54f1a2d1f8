//! 「导入验收」 A whole city's files through the one gate on both databases: what is
//! refused leaves a gap, never a “no record”; the same files again change nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

use app::import::ImportOutcome;
use app::{App, Context, Law};
use engine_access::Purpose;
use kernel::{Actor, Clock, Date, FixedClock, Now, PersonNumber, Role, Slug};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use store::StoreError;
use store::testing::both;
use testkit::city::{City, write_department_files};
use testkit::story::FileClock;

fn context() -> Context {
    let actor = Actor {
        account: "system".to_owned(),
        person: None,
        role: Role::System,
    };
    Context {
        actor,
        purpose: Purpose::Collection,
        request: "import".to_owned(),
    }
}

#[tokio::test]
async fn a02_a_refused_row_is_never_no_record() {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/pinghu");
    let law = Law::new(packs::load(&packs).pack.unwrap());
    let folder = tempfile::tempdir().unwrap();
    let today: Date = "2026-08-31".parse().unwrap();
    let region = law.pack.head().unwrap().region;
    let city = City::build(7, 400, law.pack.regions(), region, today).unwrap();
    let files = folder.path().join("city");
    let catalogue = &law.pack.data().catalogue;
    let truth = write_department_files(&city, catalogue, &files, today)
        .unwrap()
        .truth;
    let now: Now = FileClock::set(&folder.path().join("clock"), today)
        .unwrap()
        .now();
    let (files, law) = (&files, &law);
    let truth = &truth;
    both(async |db| {
        let house = App::new(db.clone(), law.clone(), Arc::new(FixedClock(now)));
        let report = house.import(&context(), files, None, |_| {}).await.unwrap();
        let refused: u64 = report
            .deliveries
            .iter()
            .map(|one| match &one.outcome {
                ImportOutcome::Accepted(quality) => quality.faulty(),
                ImportOutcome::Refused { reasons, .. } => panic!("{}: {reasons:?}", one.category),
                ImportOutcome::Repeated => 0,
            })
            .sum();
        assert_eq!(
            refused,
            truth.faulty.len() as u64,
            "the gate finds what was planted"
        );
        let wanted: Vec<(Slug, PersonNumber)> = truth
            .faulty
            .iter()
            // A row whose own number or column is broken cannot say whose it is; one that
            // repeats another leaves that one standing.
            .filter(|one| {
                !one.column.is_empty() && one.column != "id_no" && one.column != "record_no"
            })
            .filter_map(|one| Some((one.category.parse().ok()?, one.id_no.parse().ok()?)))
            .collect();
        assert!(!wanted.is_empty());
        let checked = db
            .read(async move |tx| {
                let standings = tx.pool_standings().await?;
                let mut checked = 0;
                for (category, number) in &wanted {
                    let people: BTreeSet<_> = tx.people_with(*number).await?.into_iter().collect();
                    let gaps = tx.gaps_of(&people, &standings).await?;
                    for person in &people {
                        assert!(
                            gaps.contains(&(*person, category.clone())),
                            "{category} of {person}"
                        );
                        checked += 1;
                    }
                }
                Ok::<_, StoreError>(checked)
            })
            .await
            .unwrap();
        assert!(checked > 0, "some faulty rows are about registered people");
        let again = house.import(&context(), files, None, |_| {}).await.unwrap();
        let repeated = again
            .deliveries
            .iter()
            .all(|one| one.outcome == ImportOutcome::Repeated);
        assert!(repeated, "the same bytes again change nothing");
    })
    .await;
}

#[tokio::test]
async fn a20_planted_contradictions_are_found_with_both_sides() {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/pinghu");
    let law = Law::new(packs::load(&packs).pack.unwrap());
    let folder = tempfile::tempdir().unwrap();
    let today: Date = "2026-08-31".parse().unwrap();
    let region = law.pack.head().unwrap().region;
    let city = City::build(7, 1_500, law.pack.regions(), region, today).unwrap();
    let files = folder.path().join("city");
    let catalogue = &law.pack.data().catalogue;
    let truth = write_department_files(&city, catalogue, &files, today)
        .unwrap()
        .truth;
    let now: Now = FileClock::set(&folder.path().join("clock"), today)
        .unwrap()
        .now();
    let faulty: BTreeSet<(&str, &str)> = truth
        .faulty
        .iter()
        .map(|one| (one.category.as_str(), one.id_no.as_str()))
        .collect();
    let (files, law, truth, faulty) = (&files, &law, &truth, &faulty);
    both(async |db| {
        let house = App::new(db.clone(), law.clone(), Arc::new(FixedClock(now)));
        let report = house.import(&context(), files, None, |_| {}).await.unwrap();
        let leads = Context {
            purpose: Purpose::Discovery,
            ..context()
        };
        let mut told = BTreeSet::new();
        for kind in &report.contradictions {
            let lines = house
                .contradictions_of(&leads, &kind.rule, 10_000)
                .await
                .unwrap();
            assert_eq!(lines.len() as i64, kind.pairs);
            for line in lines {
                assert!(!line.left.department.is_empty() && !line.right.department.is_empty());
                assert!(line.left.record.as_of <= today && line.right.record.as_of <= today);
                for side in [line.left.record, line.right.record] {
                    told.insert((kind.rule.to_string(), side.record_no));
                }
            }
        }
        let planted: Vec<_> = truth
            .contradictions
            .iter()
            .filter(|one| {
                let sides = [&one.right.0, &one.wrong.0];
                let refused =
                    |side: &&String| faulty.contains(&(side.as_str(), one.id_no.as_str()));
                !sides.iter().any(refused)
            })
            .collect();
        assert!(planted.len() >= 3);
        for one in planted {
            let key = (one.kind.clone(), one.wrong.1.clone());
            assert!(told.contains(&key), "{} {:?}", one.kind, one.wrong);
        }
        let again = house.import(&context(), files, None, |_| {}).await.unwrap();
        assert_eq!(again.contradictions, report.contradictions);
    })
    .await;
}
