//! A house that dies after it took a delivery in and before it looked, on both databases:
//! the same delivery coming again, the next import or the rounds do what is owed, once.

use super::*;
use crate::import::{Manifest, WrittenIn, sha256_hex};
use crate::{Context, Law};
use engine_access::Purpose;
use engine_pool::{Came, FileKind};
use kernel::{Actor, CitizenId, FixedClock, HouseholdId, PersonNumber, RegionLevel, Role};
use std::path::Path;
use std::sync::Arc;
use store::Db;
use store::testing::both;

const RESIDENTS: &str =
    "id_no,record_no,as_of,name,sex,birth,ethnic,address,region,household_no,relation,marital";

const ALLOWANCE: &str = "id_no,record_no,as_of,age_band,amount,month,status";

/// Who ends what somebody who died left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Again,
    Import,
    Rounds,
}

struct House {
    app: App,
    law: Law,
    dir: tempfile::TempDir,
}

fn itself(purpose: Purpose) -> Context {
    Context {
        actor: Actor {
            account: "system".to_owned(),
            person: None,
            role: Role::System,
        },
        purpose,
        request: "test".to_owned(),
    }
}

fn at(minutes: i64) -> Now {
    let noon: kernel::Instant = "2026-08-31T04:00:00Z".parse().unwrap();
    Now {
        at: noon + TimeDelta::minutes(minutes),
    }
}

impl House {
    fn new(db: Db) -> House {
        let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/pinghu");
        let law = Law::new(packs::load(&packs).pack.unwrap());
        House {
            app: App::new(db, law.clone(), Arc::new(FixedClock(at(0)))),
            law,
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// The same house so many minutes on.
    fn later(&self, minutes: i64) -> App {
        let clock = Arc::new(FixedClock(at(minutes)));
        App::new(self.app.db().clone(), self.law.clone(), clock)
    }

    /// A village of the county.
    fn village(&self) -> String {
        let (regions, today) = (self.law.pack.regions(), at(0).today());
        let county = self.law.pack.head().unwrap().region;
        let towns = regions.children(county, today);
        let mut all = towns.flat_map(|town| regions.children(town.code, today));
        let village = all.find(|one| one.code.level() == RegionLevel::Village);
        village.unwrap().code.to_string()
    }

    fn slip(&self, (category, as_of): (&str, &str), lines: &[String]) -> Manifest {
        let category: Slug = category.parse().unwrap();
        let bytes = lines.join("\n") + "\n";
        let path = self.dir.path().join(format!("{category}.csv"));
        std::fs::write(&path, &bytes).unwrap();
        let owner = self.law.pack.data().catalogue.owner(&category).unwrap();
        Manifest {
            department: owner.id.clone(),
            category,
            as_of: as_of.parse().unwrap(),
            rows: lines.len() as u64 - 1,
            file: "a.csv".to_owned(),
            sha256: sha256_hex(bytes.as_bytes()),
            encoding: Some(WrittenIn::Utf8),
            mends: None,
            came: Some(Came::Desk),
            kind: Some(FileKind::Csv),
            agreed: None,
            mending: None,
            stood: None,
            progress: crate::import::Progress::default(),
            path,
        }
    }

    /// A folder with a delivery that says nothing of the dead.
    fn folder_about_somebody_else(&self) -> tempfile::TempDir {
        let other = CitizenId::build(990_482, "1940-05-01".parse().unwrap(), 3).unwrap();
        let lines = [
            ALLOWANCE.to_owned(),
            format!(
                "{},A2,2026-08-29,from_80,100.00,2026-08,active",
                other.reveal()
            ),
        ];
        let slip = self.slip(("age_allowance", "2026-08-29"), &lines);
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(&slip.path, folder.path().join("a.csv")).unwrap();
        let text = serde_json::json!({
            "department": slip.department, "category": slip.category, "as_of": slip.as_of,
            "rows": slip.rows, "file": "a.csv", "sha256": slip.sha256, "encoding": "UTF-8",
        });
        let path = folder.path().join("a.csv.manifest.json");
        std::fs::write(path, text.to_string()).unwrap();
        folder
    }

    /// Taken in and looked at.
    async fn bring(&self, what: (&str, &str), lines: &[String]) -> Imported {
        let slip = self.slip(what, lines);
        let ctx = itself(Purpose::Collection);
        let imported = self.app.import_one(&ctx, &slip).await.unwrap();
        self.app.look_after_delivery(&imported).await.unwrap();
        imported
    }

    async fn findings(&self) -> usize {
        let read = async |tx: &mut Tx| {
            let run = tx.latest_screening().await?.unwrap();
            tx.findings_of(HouseholdId(1), run.id).await
        };
        self.app.db().read(read).await.unwrap().len()
    }

    async fn contradictions(&self) -> i64 {
        let all = self.app.standing_contradictions().await.unwrap();
        all.iter().map(|one| one.pairs).sum()
    }

    async fn owed(&self) -> usize {
        let all = async |tx: &mut Tx| tx.looks_owed_since::<Follows>(at(9_999).at).await;
        self.app.db().read(all).await.unwrap().len()
    }
}

#[tokio::test]
async fn a02_what_a_dead_one_took_in_is_looked_at_by_the_next() {
    for next in [Next::Again, Next::Import, Next::Rounds] {
        both(async |db| {
            let house = House::new(db);
            let old = CitizenId::build(990_482, "1938-03-01".parse().unwrap(), 1).unwrap();
            let sex = match PersonNumber::Citizen(old).sex() {
                Some(kernel::Sex::Male) => "male",
                _ => "female",
            };
            let (id, village) = (old.reveal().to_owned(), house.village());
            let resident = format!(
                "{id},R0,2026-08-20,合成甲,{sex},1938-03-01,han,合成路1号,{village},H1,self,widowed"
            );
            let lines = [RESIDENTS.to_owned(), resident];
            house.bring(("hukou_person", "2026-08-20"), &lines).await;
            let allowance = [
                ALLOWANCE.to_owned(),
                format!("{id},A1,2026-08-28,from_80,100.00,2026-08,active"),
            ];
            house
                .bring(("age_allowance", "2026-08-28"), &allowance)
                .await;
            let ctx = itself(Purpose::Discovery);
            let today = at(0).today();
            house.app.screen(&ctx, today, |_| {}).await.unwrap();
            let before = (house.findings().await, house.contradictions().await);
            assert!(before.0 > 0 && before.1 == 0, "{before:?}");
            assert_eq!(house.owed().await, 0, "whoever lives looks at once");
            // Dead between the taking and the look.
            let death = [
                "id_no,record_no,as_of,date,cause_class,cancelled_on".to_owned(),
                format!("{id},D1,2026-08-30,2026-07-24,illness,2026-08-25"),
            ];
            let slip = house.slip(("death_cancel", "2026-08-30"), &death);
            let ctx = itself(Purpose::Collection);
            let taken = house.app.accept(&ctx, &slip, Arc::default(), None).await;
            let taken = taken.unwrap();
            assert_eq!(
                (house.findings().await, house.contradictions().await),
                before
            );
            assert_eq!(house.owed().await, 1);
            match next {
                Next::Again => {
                    let again = house.app.import_one(&ctx, &slip).await.unwrap();
                    assert_eq!(again.outcome, crate::import::ImportOutcome::Repeated);
                    assert_eq!(again.batch, taken.batch);
                    assert_eq!(again.watched.households, 1);
                    house.app.look_after_delivery(&again).await.unwrap();
                }
                Next::Import => {
                    let folder = house.folder_about_somebody_else();
                    let report = house.app.import(&ctx, folder.path(), None, |_| {}).await;
                    assert!(!report.unwrap().contradictions.is_empty());
                }
                Next::Rounds => {
                    // Whoever took it in a minute ago may be at it still.
                    let early = house.later(1).catch_up_looks().await.unwrap();
                    assert_eq!(early, CaughtUp::default());
                    let app = house.later(ALIVE_MINUTES + 1);
                    let caught = app.catch_up_looks().await.unwrap();
                    assert_eq!((caught.done, caught.stuck), (1, 0));
                }
            }
            assert_eq!(house.findings().await, 0, "nothing for the dead: {next:?}");
            assert!(house.contradictions().await > 0, "{next:?}");
            assert_eq!(house.owed().await, 0, "{next:?}");
            let once = house.later(99).catch_up_looks().await.unwrap();
            assert_eq!(once, CaughtUp::default());
        })
        .await;
    }
}
