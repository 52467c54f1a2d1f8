//! 「拉取验收」 A department's whole category page by page over real TCP, on both
//! databases: killed between pages, down, silent, repeating itself, changing its mind.
//! What is in the pool afterwards is what an undisturbed pull leaves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod tls;

use app::pull::{
    Attempt, DatabasePages, DepartmentPages, PageSource, PullEnd, PullPlan, Pulled, Rhythm, Tapped,
};
use app::trust::Reach;
use app::verify::Departments as Line;
use app::{App, AppError, Law};
use engine_pool::{Batch, BatchState, Record, Subject};
use kernel::{Clock, Date, Instant, Now, Slug};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use store::testing::places;
use store::{Db, StoreError};
use testkit::city::{City, CityDepartments};
use testkit::departments::{
    Agreements, DepartmentData as _, Departments, Mischief, PageMischief, open,
};
use testkit::{Serving, demo_ring, demo_signer};
use tls::{Authority, GOOD, OVER};

const SEED: u64 = 7;
/// How long a department is waited for, where it answers and where it does not.
const PATIENT: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(800);

/// A clock that is set by hand.
#[derive(Clone)]
struct Hand(Arc<AtomicI64>);

impl Hand {
    fn new() -> Self {
        // 2026-08-31, afternoon.
        Hand(Arc::new(AtomicI64::new(1_788_163_200)))
    }

    fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Now {
        let at = Instant::from_timestamp(self.0.load(Ordering::SeqCst), 0).unwrap();
        Now { at }
    }
}

struct World {
    law: Law,
    city: City,
    clock: Hand,
    plan: PullPlan,
}

impl World {
    fn new() -> World {
        let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/pinghu");
        let law = Law::new(packs::load(&packs).pack.unwrap());
        let today: Date = "2026-08-31".parse().unwrap();
        let region = law.pack.head().unwrap().region;
        let city = City::build(SEED, 400, law.pack.regions(), region, today).unwrap();
        let category: Slug = "pension_contrib".parse().unwrap();
        let catalogue = &law.pack.data().catalogue;
        let department = catalogue.owner(&category).unwrap().id.clone();
        World {
            plan: PullPlan {
                department,
                category,
                rhythm: Rhythm {
                    page_rows: 10,
                    every_minutes: 60,
                },
            },
            law,
            city,
            clock: Hand::new(),
        }
    }

    async fn departments(&self, mischief: Mischief) -> Serving {
        let catalogue = self.law.pack.data().catalogue.clone();
        let signers = catalogue.departments().map(|one| one.id.clone());
        let world = Departments {
            agreements: Agreements::over(&catalogue, "civil", Date::MAX),
            callers: demo_ring(["civil"], SEED),
            signers: signers
                .map(|id| (id.clone(), demo_signer(id.as_str(), SEED)))
                .collect(),
            mischief,
            clock: Arc::new(self.clock.clone()),
            data: Arc::new(CityDepartments::new(self.city.clone(), catalogue)),
        };
        open(world, "127.0.0.1:0").await.unwrap()
    }

    fn pages(&self, serving: &Serving, wait: Duration) -> DepartmentPages {
        self.pages_at(serving.base(), wait.into())
    }

    fn pages_at(&self, base: String, reach: Reach) -> DepartmentPages {
        let ring = demo_ring([self.plan.department.as_str()], SEED);
        let line = Line::new(base, demo_signer("civil", SEED), ring, reach).unwrap();
        DepartmentPages::new(line, Arc::new(self.clock.clone()))
    }

    fn house(&self, db: Db) -> App {
        App::new(db, self.law.clone(), Arc::new(self.clock.clone()))
    }

    /// Round after round, the clock going on, until the pull has ended.
    async fn until_ended(&self, house: &App, pages: &impl PageSource) -> PullEnd {
        for _ in 0..400 {
            match house.pull(&self.plan, pages).await.unwrap() {
                Pulled::Ended(end) => return end,
                Pulled::Waits(_) | Pulled::NotDue => self.clock.forward(61),
            }
        }
        panic!("it never ended");
    }
}

/// Everything of the category in the pool, by record number.
async fn pool(world: &World, db: &Db) -> BTreeMap<String, Record> {
    let numbers: Vec<Subject> = world
        .city
        .people
        .iter()
        .map(|one| Subject::Person(one.number))
        .collect();
    let held = db
        .read(async move |tx| {
            let mut held = Vec::new();
            for subject in &numbers {
                held.extend(tx.records_about(subject).await?);
            }
            Ok::<_, StoreError>(held)
        })
        .await
        .unwrap();
    let own = held
        .into_iter()
        .filter(|one| one.record.category == world.plan.category);
    own.map(|one| (one.record.record_no.clone(), one.record))
        .collect()
}

async fn deliveries(db: &Db) -> Vec<Batch> {
    db.read(async |tx| tx.deliveries().await).await.unwrap()
}

async fn pages_left(world: &World, db: &Db) -> bool {
    let plan = world.plan.clone();
    let left = db
        .read(async move |tx| {
            tx.pull_page(plan.department.as_str(), &plan.category, 1)
                .await
        })
        .await;
    left.unwrap().is_some()
}

/// What an undisturbed pull leaves, and of how many pages.
async fn undisturbed(world: &World) -> (BTreeMap<String, Record>, u32) {
    let place = store::testing::sqlite();
    let db = place.open().await;
    let serving = world.departments(Mischief::default()).await;
    let house = world.house(db.clone());
    let end = world
        .until_ended(&house, &world.pages(&serving, PATIENT))
        .await;
    assert!(matches!(end, PullEnd::Taken { set_back: 0, .. }), "{end:?}");
    let pages = newest(&house).await.pages;
    let records = pool(world, &db).await;
    assert!(records.len() > 50 && pages > 5, "{} {pages}", records.len());
    serving.close().await;
    (records, pages)
}

async fn newest(house: &App) -> Attempt {
    let runs = house
        .db()
        .read(async |tx| tx.pull_runs::<app::pull::Pull>().await);
    runs.await.unwrap()[0].2.state.past.last().unwrap().clone()
}

async fn asked(serving: &Serving) -> u64 {
    let http = app::trust::Trust::default()
        .http()
        .unwrap()
        .build()
        .unwrap();
    let text = http.get(format!("{}/health", serving.base())).send().await;
    let told: serde_json::Value = text.unwrap().json().await.unwrap();
    told["pages"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a02_a_pull_killed_between_pages_ends_as_if_undisturbed() {
    let world = Arc::new(World::new());
    let (expected, pages) = undisturbed(&world).await;
    for place in places() {
        eprintln!("-- on {}", place.name);
        let db = place.open().await;
        let slow = Mischief {
            delay: Duration::from_millis(15),
            ..Mischief::default()
        };
        let serving = world.departments(slow).await;
        let mut killed = 0;
        loop {
            // A house of its own each time, over the same database.
            let (house, line) = (world.house(db.clone()), world.pages(&serving, PATIENT));
            let plan = world.plan.clone();
            let pulling = tokio::spawn(async move { house.pull(&plan, &line).await });
            let stop = pulling.abort_handle();
            tokio::time::sleep(Duration::from_millis(11 + killed * 13 % 47)).await;
            if killed < 60 {
                stop.abort();
            }
            match pulling.await {
                Ok(Ok(ended)) => {
                    // Not due: killed between its last word and our ear.
                    let whole = matches!(ended, Pulled::Ended(_) | Pulled::NotDue);
                    assert!(whole, "{ended:?}");
                    break;
                }
                // The page of the one before was still being written: one of the two
                // gives way, and the next round goes on.
                Ok(Err(AppError::Store(
                    StoreError::Duplicate { .. } | StoreError::Conflict { .. },
                )))
                | Err(_) => {
                    killed += 1;
                    // A new house opens a second later: its nonces are others.
                    world.clock.forward(1);
                }
                Ok(Err(other)) => panic!("{other}"),
            }
        }
        assert!(killed > 3, "killed {killed} times");
        // It went on where it was: a kill costs at most the page under way.
        let asked = asked(&serving).await;
        assert!(asked <= u64::from(pages) + killed, "{asked} of {pages}");
        assert_eq!(pool(&world, &db).await, expected);
        let came = deliveries(&db).await;
        let accepted = came.iter().filter(|one| one.state != BatchState::Received);
        assert_eq!((came.len(), accepted.count()), (1, 1));
        assert!(!pages_left(&world, &db).await);
        // The same again, an hour later: the department has nothing new.
        world.clock.forward(3_601);
        let house = world.house(db.clone());
        let end = world
            .until_ended(&house, &world.pages(&serving, PATIENT))
            .await;
        assert!(matches!(end, PullEnd::Same { .. }), "{end:?}");
        assert_eq!(deliveries(&db).await.len(), 1);
        serving.close().await;
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a02_outages_silences_doubles_and_changed_minds_lose_and_double_nothing() {
    let world = World::new();
    let (expected, pages) = undisturbed(&world).await;
    for place in places() {
        eprintln!("-- on {}", place.name);
        let db = place.open().await;
        let bad = Mischief {
            pages: PageMischief {
                down_every: 3,
                silent_every: 7,
                repeated_rows: 4,
                changes_after: 4,
                ..PageMischief::default()
            },
            ..Mischief::default()
        };
        let serving = world.departments(bad).await;
        let house = world.house(db.clone());
        let end = world
            .until_ended(&house, &world.pages(&serving, SHORT))
            .await;
        let taken = expected.len() as u64;
        assert!(
            matches!(end, PullEnd::Taken { taken: found, set_back: 0, .. } if found == taken),
            "{end:?}"
        );
        let past = newest(&house).await;
        assert_eq!((past.pages, past.anew), (pages, 1));
        assert_eq!(past.doubled, u64::from(4 * (pages - 1)));
        assert!(past.silences > 2, "{past:?}");
        assert_eq!(pool(&world, &db).await, expected);
        assert_eq!(deliveries(&db).await.len(), 1);
        serving.close().await;
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a02_a_pull_waits_out_a_bad_certificate_and_ends_over_https() {
    let world = World::new();
    let (expected, _) = undisturbed(&world).await;
    let authority = Authority::new();
    for place in places() {
        eprintln!("-- on {}", place.name);
        let db = place.open().await;
        let house = world.house(db.clone());
        let serving = world.departments(Mischief::default()).await;
        let through = async |card| {
            let door = authority.door(serving.address(), card).await;
            let (wait, trust) = (PATIENT, authority.trust());
            world.pages_at(door, Reach { wait, trust })
        };
        let line = through(OVER).await;
        for _ in 0..3 {
            let told = house.pull(&world.plan, &line).await.unwrap();
            let Pulled::Waits(why) = &told else {
                panic!("{told:?}");
            };
            assert!(why.contains("对方的证书过期了"), "{why}");
            world.clock.forward(3_601);
        }
        assert!(deliveries(&db).await.is_empty());
        let end = world.until_ended(&house, &through(GOOD).await).await;
        assert!(matches!(end, PullEnd::Taken { .. }), "{end:?}");
        assert_eq!(pool(&world, &db).await, expected);
        serving.close().await;
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a02_late_and_contradicting_pages_are_told_and_a_dead_department_waits() {
    let world = World::new();
    let (expected, pages) = undisturbed(&world).await;
    for place in places() {
        eprintln!("-- on {}", place.name);
        let db = place.open().await;
        let house = world.house(db.clone());
        let dead = Mischief {
            down: [world.plan.department.clone()].into(),
            ..Mischief::default()
        };
        let serving = world.departments(dead).await;
        let line = world.pages(&serving, PATIENT);
        for _ in 0..3 {
            let told = house.pull(&world.plan, &line).await.unwrap();
            assert!(matches!(told, Pulled::Waits(_)), "{told:?}");
            let again = house.pull(&world.plan, &line).await.unwrap();
            assert_eq!(again, Pulled::NotDue, "not asked again at once");
            world.clock.forward(121);
        }
        serving.close().await;
        assert!(
            deliveries(&db).await.is_empty(),
            "no answer is not no record"
        );
        let itself = Mischief {
            pages: PageMischief {
                contradicts_itself_every: 3,
                late_days: 70,
                ..PageMischief::default()
            },
            ..Mischief::default()
        };
        let serving = world.departments(itself).await;
        let end = world
            .until_ended(&house, &world.pages(&serving, PATIENT))
            .await;
        let PullEnd::Taken {
            taken, set_back, ..
        } = end
        else {
            panic!("{end:?}");
        };
        assert_eq!(set_back, u64::from(pages / 3));
        let came = deliveries(&db).await;
        assert!(came[0].late, "older than the rhythm of the category");
        let held = pool(&world, &db).await;
        assert_eq!(held.len() as u64, taken);
        // Of two that contradict each other the first one stands.
        let first = held.values().all(|one| *one.as_of.to_string() > *"2021");
        assert!(first && held.len() <= expected.len());
        serving.close().await;
        db.close().await;
    }
}

/// The department's own database: a view of its rows and an account that may read it.
async fn partner(world: &World) -> Option<(store::testing::Place, sqlx::PgPool)> {
    let place = store::testing::postgres()?;
    let pool = sqlx::PgPool::connect(&place.url).await.unwrap();
    let catalogue = &world.law.pack.data().catalogue;
    let category = catalogue.category(&world.plan.category).unwrap();
    let columns = engine_pool::gate::column_ids(category);
    let names: Vec<String> = columns
        .iter()
        .map(|one| format!("\"{one}\" text"))
        .collect();
    let text = format!(
        "CREATE SCHEMA share; CREATE TABLE share.rows ({}, secret text)",
        names.join(", ")
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(text))
        .execute(&pool)
        .await
        .unwrap();
    let city = CityDepartments::new(world.city.clone(), catalogue.clone());
    let day: Date = "2026-08-30".parse().unwrap();
    let held = city
        .records(world.plan.category.as_str(), day, 0..100_000)
        .unwrap();
    for row in held.rows {
        let (names, cells): (Vec<_>, Vec<_>) = row.into_iter().unzip();
        let places: Vec<String> = (1..=cells.len()).map(|at| format!("${at}")).collect();
        let text = format!(
            "INSERT INTO share.rows (\"{}\", secret) VALUES ({}, 'x')",
            names.join("\", \""),
            places.join(", ")
        );
        let mut insert = sqlx::query(sqlx::AssertSqlSafe(text));
        for cell in cells {
            insert = insert.bind(cell);
        }
        insert.execute(&pool).await.unwrap();
    }
    Some((place, pool))
}

#[tokio::test(flavor = "multi_thread")]
async fn a02_a_departments_database_is_read_page_by_page_and_never_written() {
    let world = Arc::new(World::new());
    let (expected, pages) = undisturbed(&world).await;
    let Some((theirs, pool_of_theirs)) = partner(&world).await else {
        return;
    };
    for place in places() {
        eprintln!("-- on {}", place.name);
        let db = place.open().await;
        let tapped = || {
            let theirs = store::PartnerDb::new(&theirs.url, PATIENT).unwrap();
            let mut pages = DatabasePages::default();
            pages.tap(
                world.plan.category.clone(),
                Tapped::new(theirs, "share.rows"),
            );
            pages
        };
        let mut killed = 0_u64;
        loop {
            let (house, pages, plan) = (world.house(db.clone()), tapped(), world.plan.clone());
            let pulling = tokio::spawn(async move { house.pull(&plan, &pages).await });
            let stop = pulling.abort_handle();
            tokio::time::sleep(Duration::from_millis(20 + killed * 9 % 41)).await;
            if killed < 25 {
                stop.abort();
            }
            match pulling.await {
                Ok(Ok(ended)) => {
                    let whole = matches!(ended, Pulled::Ended(_) | Pulled::NotDue);
                    assert!(whole, "{ended:?}");
                    break;
                }
                // The page of the one before was still being written: one of the two
                // gives way, and the next round goes on.
                Ok(Err(AppError::Store(
                    StoreError::Duplicate { .. } | StoreError::Conflict { .. },
                )))
                | Err(_) => killed += 1,
                Ok(Err(other)) => panic!("{other}"),
            }
        }
        assert!(killed > 0);
        assert_eq!(pool(&world, &db).await, expected);
        let house = world.house(db.clone());
        // The last page says so by being short, if only by being empty.
        let read = newest(&house).await.pages;
        assert!(read == pages || read == pages + 1, "{read} {pages}");
        assert_eq!(deliveries(&db).await.len(), 1);
        world.clock.forward(3_601);
        let end = world.until_ended(&house, &tapped()).await;
        assert!(matches!(end, PullEnd::Same { .. }), "{end:?}");
        db.close().await;
    }
    // What reads it cannot write it.
    let theirs = store::PartnerDb::new(&theirs.url, PATIENT).unwrap();
    let hostile = store::PartnerView {
        view: "share.rows\"; DELETE FROM share.rows; --".to_owned(),
        columns: vec!["record_no".to_owned()],
        key: "record_no".to_owned(),
        as_of: "as_of".to_owned(),
    };
    assert!(theirs.page(&hostile, None, 5).await.is_err());
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM share.rows")
        .fetch_one(&pool_of_theirs)
        .await
        .unwrap();
    assert_eq!(count as usize, expected.len());
}
