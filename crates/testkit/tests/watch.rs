//! 「随时发现」 One event, on both databases: only the household it touches is judged
//! again, what changed is noted with its cause, the rest of the run stands; a lead
//! followed is counted towards its rule's precision.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

use app::import::ImportOutcome;
use app::{App, Context, Law};
use engine_access::{Grant, Grants, Holder, Purpose};
use kernel::{
    Actor, CitizenId, Clock, Date, FixedClock, PersonId, PersonNumber, RegionLevel, Role,
};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use store::LeadOutcome;
use store::testing::both;
use testkit::story::FileClock;

fn context(purpose: Purpose) -> Context {
    let actor = Actor {
        account: "system".to_owned(),
        person: None,
        role: Role::System,
    };
    Context {
        actor,
        purpose,
        request: "watch".to_owned(),
    }
}

fn number(born: &str, nth: u16) -> PersonNumber {
    PersonNumber::Citizen(CitizenId::build(990_482, born.parse().unwrap(), nth).unwrap())
}

/// Writes one delivery and takes it in; gives whom it says something about.
async fn deliver(house: &App, category: &str, as_of: &str, lines: &[String]) -> BTreeSet<PersonId> {
    let catalogue = &house.law().pack.data().catalogue;
    let id = category.parse().unwrap();
    let department = catalogue.owner(&id).unwrap().id.to_string();
    let json = lines[0].starts_with('{');
    let text = lines.join("\n") + "\n";
    let rows = lines.len() - usize::from(!json);
    let folder = tempfile::tempdir().unwrap();
    let file = if json { "a.jsonl" } else { "a.csv" };
    std::fs::write(folder.path().join(file), &text).unwrap();
    let sha256: String = Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let slip = serde_json::json!({
        "department": department, "category": category, "as_of": as_of, "rows": rows,
        "file": file, "sha256": sha256, "encoding": "UTF-8",
    });
    let path = folder.path().join(format!("{file}.manifest.json"));
    std::fs::write(path, slip.to_string()).unwrap();
    let ctx = context(Purpose::Collection);
    let report = house.import(&ctx, folder.path(), None, |_| {}).await;
    let one = report.unwrap().deliveries.pop().unwrap();
    assert!(matches!(one.outcome, ImportOutcome::Accepted(_)), "{one:?}");
    one.touched
}

#[tokio::test]
async fn an_event_judges_again_only_whom_it_touches_and_says_what_changed() {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/pinghu");
    let law = Law::new(packs::load(&packs).pack.unwrap());
    let folder = tempfile::tempdir().unwrap();
    let today: Date = "2026-08-31".parse().unwrap();
    let now = FileClock::set(&folder.path().join("clock"), today)
        .unwrap()
        .now();
    let regions = law.pack.regions();
    let county = law.pack.head().unwrap().region;
    let towns = regions.children(county, today);
    let town = towns
        .map(|one| one.code)
        .find(|code| regions.children(*code, today).next().is_some())
        .unwrap();
    let mut villages = regions.children(town, today).map(|one| one.code);
    let village = villages.find(|code| code.level() == RegionLevel::Village);
    let village = village.unwrap();
    let law = &law;
    both(async |db| {
        let house = App::new(db, law.clone(), Arc::new(FixedClock(now)));
        let (old, older) = (number("1938-03-01", 1), number("1935-05-01", 2));
        let mut lines = vec![
            "id_no,record_no,as_of,name,sex,birth,ethnic,address,region,household_no,relation,marital"
                .to_owned(),
        ];
        let homes = [(old, "合成甲", "H1"), (older, "合成乙", "H2")];
        for (nth, (who, name, home)) in homes.into_iter().enumerate() {
            let born = who.born().unwrap();
            let sex = match who.sex() {
                Some(kernel::Sex::Male) => "male",
                _ => "female",
            };
            lines.push(format!(
                "{},R{nth},2026-08-20,{name},{sex},{born},han,合成路1号,{village},{home},self,widowed",
                who.reveal()
            ));
        }
        deliver(&house, "hukou_person", "2026-08-20", &lines).await;
        let ctx = context(Purpose::Discovery);
        let before = house.screen(&ctx, today, |_| {}).await.unwrap();
        assert_eq!(before.households, 2);
        let findings = async |house: &App| {
            let read = house.db().read(async |tx| {
                let run = tx.latest_screening().await?.unwrap();
                let home = tx.findings_of(kernel::HouseholdId(1), run.id).await?;
                let other = tx.findings_of(kernel::HouseholdId(2), run.id).await?;
                Ok::<_, store::StoreError>([home, other])
            });
            read.await.unwrap()
        };
        let [first, second] = findings(&house).await;
        assert!(!first.is_empty() && !second.is_empty(), "the very old are found something");
        // A death: its household alone is judged again.
        let death = vec![
            "id_no,record_no,as_of,date,cause_class,cancelled_on".to_owned(),
            format!("{},D1,2026-08-25,2026-08-24,illness,2026-08-25", old.reveal()),
        ];
        let touched = deliver(&house, "death_cancel", "2026-08-25", &death).await;
        assert_eq!(touched.len(), 1);
        let cause = "death_cancel".parse().unwrap();
        let began = Instant::now();
        let watched = house.watch(&ctx, &touched, &cause, today).await.unwrap();
        let took = began.elapsed();
        assert!(took.as_millis() < 1_000, "{took:?}");
        assert_eq!(watched.households, 1);
        assert_eq!(watched.changes.len(), first.len(), "nothing is found for the dead");
        assert!(watched.changes.iter().all(|one| one.after.is_none() && one.cause == cause));
        let [gone, same] = match watched.changes[0].household.0 {
            1 => findings(&house).await,
            _ => {
                let [one, other] = findings(&house).await;
                [other, one]
            }
        };
        assert!(gone.is_empty());
        assert_eq!(same, second, "the other household is as it was");
        // Told again, nothing changes.
        let again = house.watch(&ctx, &touched, &cause, today).await.unwrap();
        assert_eq!((again.households, again.changes.len()), (1, 0));
        let mut times = Vec::new();
        for _ in 0..100 {
            let began = Instant::now();
            house.watch(&ctx, &touched, &cause, today).await.unwrap();
            times.push(began.elapsed());
        }
        times.sort();
        println!("event to finding: p50 {:?}, p99 {:?}", times[50], times[98]);
        let clerk = Context {
            actor: Actor {
                account: "nobody".to_owned(),
                person: Some(PersonId(999)),
                role: Role::VillageWorker,
            },
            ..context(Purpose::Duty)
        };
        let lead = same[0].0;
        let stranger = house.follow_lead(&clerk, lead, LeadOutcome::True, "见到了").await;
        assert!(stranger.unwrap_err().refusal_code().unwrap().starts_with("access."));
        // Whoever works there says what came of it; the rule's precision follows.
        let holder = Holder::Person(PersonId(999));
        let grant = Grant {
            holder: holder.clone(),
            role: Role::VillageWorker,
            region: village,
            from: "2026-01-01".parse().unwrap(),
            to: None,
        };
        let grants = store::Loaded {
            state: Grants {
                grants: vec![grant],
                proposals: vec![],
            },
            version: 0,
        };
        let actor = clerk.actor.clone();
        let hired = house.db().write(async move |tx| {
            tx.save_grants(&holder, &grants, &[], &actor, now).await
        });
        hired.await.unwrap();
        for (request, outcome) in [
            ("1", LeadOutcome::True),
            ("1", LeadOutcome::True),
            ("2", LeadOutcome::False),
            ("3", LeadOutcome::Absent),
            ("4", LeadOutcome::True),
        ] {
            let clerk = Context {
                request: request.to_owned(),
                ..clerk.clone()
            };
            house.follow_lead(&clerk, lead, outcome, "见到了").await.unwrap();
        }
        let precision = house.precision(&clerk, village).await.unwrap();
        let [rule] = precision.as_slice() else {
            panic!("one rule: {precision:?}");
        };
        assert_eq!(rule.outcomes[&LeadOutcome::True], 2, "sent twice, counted once");
        assert_eq!(rule.percent(), Some(66), "who was not seen says nothing of the rule");
        let lines = house.changes(&clerk, village).await.unwrap();
        assert_eq!(lines.len(), first.len());
        assert!(lines.iter().all(|line| line.after == "没有要办的"));
    })
    .await;
}
