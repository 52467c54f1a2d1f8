//! 「底册随部门更新」 Deliveries that come one after another, on both databases: who
//! dies leaves and stays in history, a child joins its mother, a household splits,
//! an older word changes nothing, what contradicts is asked of a person.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod house;

use app::App;
use app::import::{ImportOutcome, Registered};
use engine_registry::{Config, State};
use house::{Row, day, hukou, number};
use kernel::{FixedClock, PersonId, PersonNumber, RegionLevel};
use std::sync::Arc;
use store::testing::both;
use store::{RegisterQuestion, RegisterSlice, StoreError};

/// Takes in one delivery without a fault.
async fn deliver(house: &App, category: &str, as_of: &str, lines: &[String]) -> Registered {
    let one = house::deliver(house, category, as_of, lines).await;
    match one.outcome {
        ImportOutcome::Accepted(quality) => assert_eq!(quality.faulty(), 0, "{quality:?}"),
        ImportOutcome::Repeated => return Registered::default(),
        ImportOutcome::Refused { reasons, .. } => panic!("{category}: {reasons:?}"),
    }
    one.registered.unwrap()
}

async fn state(db: &store::Db, numbers: Vec<PersonNumber>) -> (State, Vec<RegisterQuestion>) {
    db.read(async move |tx| {
        let slice = RegisterSlice {
            numbers: numbers.iter().copied().collect(),
            with_households: true,
            ..RegisterSlice::default()
        };
        let register = tx.register(&slice).await?;
        Ok::<_, StoreError>((register.state, tx.register_questions(100).await?))
    })
    .await
    .unwrap()
}

fn members(state: &State, of: PersonId, on: &str) -> Vec<PersonId> {
    let Some((home, _)) = state.household_of(of, day(on)) else {
        return Vec::new();
    };
    home.members_on(day(on)).map(|one| one.person).collect()
}

#[tokio::test]
async fn a20_later_deliveries_bring_the_register_up_to_date() {
    let law = house::county_law();
    let today = day("2026-08-31");
    let folder = tempfile::tempdir().unwrap();
    let now = house::standing(folder.path(), today);
    let home = law.pack.head().unwrap().region;
    let villages: Vec<String> = law
        .pack
        .regions()
        .all(today)
        .filter(|one| one.code.level() == RegionLevel::Village && home.contains(one.code))
        .map(|one| one.code.to_string())
        .collect();
    let (here, there) = (villages[0].clone(), villages[1].clone());
    let father = number("1960-01-02", 11);
    let mother = number("1980-03-04", 12);
    let son = number("2000-05-06", 13);
    let baby = number("2026-08-18", 14);
    let guest = number("1990-07-08", 15);
    let row = |no, person, name, region: &String, household, relation| Row {
        no,
        person,
        name,
        region: region.clone(),
        household,
        relation,
        marital: "unknown",
    };
    let first = hukou(
        "2026-08-10",
        &[
            row("R1", father, "合成甲", &here, "H1", "self"),
            row("R2", mother, "合成乙", &here, "H1", "spouse"),
            row("R3", son, "合成丙", &here, "H1", "child"),
        ],
    );
    let second = hukou(
        "2026-08-28",
        &[
            row("R2", mother, "合成乙", &here, "H1", "self"),
            row("R4", baby, "合成丁", &here, "H1", "child"),
            row("R3", son, "合成丙改", &there, "H0", "self"),
        ],
    );
    let older = hukou(
        "2026-08-05",
        &[row("R3", son, "合成旧", &here, "H1", "child")],
    );
    let permit = vec![
        "id_no,record_no,as_of,no,name,household_no,relation,address,region,valid_to".to_owned(),
        format!(
            "{},P1,2026-08-10,合成居1,合成客,J1,self,合成路2号,{there},2027-01-01",
            guest.reveal()
        ),
    ];
    let death = vec![
        "id_no,record_no,as_of,date,cause_class,cancelled_on".to_owned(),
        format!(
            "{},D1,2026-08-25,2026-08-20,illness,2026-08-25",
            father.reveal()
        ),
    ];
    let birth = vec![
        serde_json::json!({
            "id_no": baby.reveal(), "record_no": "B1", "as_of": "2026-08-22",
            "date": "2026-08-18", "name": "合成丁", "mother_id": mother.reveal(),
        })
        .to_string(),
    ];
    let everyone = vec![father, mother, son, baby, guest];
    let law = &law;
    both(async |db| {
        let house = App::new(db.clone(), law.clone(), Arc::new(FixedClock(now)));
        let told = deliver(&house, "hukou_person", "2026-08-10", &first).await;
        assert_eq!((told.people, told.households), (3, 1));
        let told = deliver(&house, "residence_permit", "2026-08-10", &permit).await;
        assert_eq!((told.people, told.households), (1, 1));
        let told = deliver(&house, "birth_cert", "2026-08-22", &birth).await;
        assert_eq!((told.births, told.questions), (1, 0));
        let told = deliver(&house, "death_cancel", "2026-08-25", &death).await;
        assert_eq!((told.deaths, told.questions), (1, 0), "{told:?}");
        let told = deliver(&house, "hukou_person", "2026-08-28", &second).await;
        assert_eq!((told.updated, told.questions), (2, 0), "{told:?}");
        let (now_is, _) = state(&db, everyone.clone()).await;
        let id = |number| now_is.by_number(number).unwrap();
        let config = Config::default();
        let dead = &now_is.people[&id(father)];
        assert_eq!(dead.died(&config), Some(day("2026-08-20")));
        assert!(members(&now_is, id(father), "2026-08-31").is_empty());
        assert_eq!(members(&now_is, id(father), "2026-08-15").len(), 3);
        let left = members(&now_is, id(mother), "2026-08-31");
        assert_eq!(left, [id(mother), id(baby)]);
        let (own, membership) = now_is.household_of(id(mother), today).unwrap();
        assert!(membership.relation.is_head(), "{own:?}");
        assert_eq!(members(&now_is, id(son), "2026-08-31"), [id(son)]);
        let name = now_is.people[&id(son)].name(&config).unwrap();
        assert_eq!(name.as_str(), "合成丙改");
        assert_eq!(members(&now_is, id(guest), "2026-08-31").len(), 1);
        // The same again, and an older word, change nothing.
        for (as_of, lines) in [("2026-08-28", &second), ("2026-08-05", &older)] {
            let told = deliver(&house, "hukou_person", as_of, lines).await;
            assert_eq!((told.people, told.updated, told.questions), (0, 0, 0));
        }
        assert_eq!(state(&db, everyone.clone()).await.0, now_is);
        // Another department names another day; the register stays as it is.
        let other = serde_json::json!({
            "id_no": father.reveal(), "record_no": "C1", "as_of": "2026-08-26",
            "date": "2026-08-19", "cause": "合成死因", "hospital": "合成医院",
        });
        let csv = vec![
            "id_no,record_no,as_of,date,cause,hospital".to_owned(),
            format!(
                "{},C1,2026-08-26,2026-08-19,合成死因,合成医院",
                father.reveal()
            ),
        ];
        let id = "death_cert".parse().unwrap();
        let kind = house
            .law()
            .pack
            .data()
            .catalogue
            .category(&id)
            .unwrap()
            .file;
        let lines = match kind {
            engine_pool::FileKind::Csv => csv,
            _ => vec![other.to_string()],
        };
        let told = deliver(&house, "death_cert", "2026-08-26", &lines).await;
        assert_eq!((told.deaths, told.questions), (0, 1));
        let (after, questions) = state(&db, everyone.clone()).await;
        assert_eq!(after, now_is);
        assert_eq!(questions[0].kind, "death_day_differs");
    })
    .await;
}

#[tokio::test]
async fn i04_a_birth_by_a_delivered_file_follows_and_its_withdrawn_certificate_takes_it_back() {
    let law = house::county_law();
    let today = day("2026-08-31");
    let folder = tempfile::tempdir().unwrap();
    let now = house::standing(folder.path(), today);
    let home = law.pack.head().unwrap().region;
    let regions = law.pack.regions().all(today);
    let village = regions
        .map(|one| one.code)
        .find(|code| code.level() == RegionLevel::Village && home.contains(*code))
        .unwrap();
    let (mother, baby) = (number("1990-03-04", 22), number("2026-08-18", 24));
    let row = Row {
        no: "R1",
        person: mother,
        name: "合成乙",
        region: village.to_string(),
        household: "H1",
        relation: "self",
        marital: "unknown",
    };
    let first = hukou("2026-08-10", &[row]);
    let certificate = |as_of: &str, state: Option<&str>| {
        let mut cells = serde_json::json!({
            "id_no": baby.reveal(), "record_no": "B1", "as_of": as_of,
            "date": "2026-08-18", "name": "合成丁", "mother_id": mother.reveal(),
        });
        if let Some(state) = state {
            cells["state"] = state.into();
        }
        vec![cells.to_string()]
    };
    let law = &law;
    both(async |db| {
        let house = App::new(db.clone(), law.clone(), Arc::new(FixedClock(now)));
        deliver(&house, "hukou_person", "2026-08-10", &first).await;
        let birth = certificate("2026-08-22", None);
        let told = deliver(&house, "birth_cert", "2026-08-22", &birth).await;
        assert_eq!((told.births, told.questions), (1, 0));
        let (known, _) = state(&db, vec![mother, baby]).await;
        let (mum, child) = (
            known.by_number(mother).unwrap(),
            known.by_number(baby).unwrap(),
        );
        assert_eq!(members(&known, mum, "2026-08-31"), [mum, child]);
        let kinds = house.life_kinds().iter();
        let kind = kinds.map(|one| (one.id.clone(), one.writes));
        let kind = kind.filter(|one| one.1 == engine_registry::Writes::Born);
        let kind = kind.map(|one| one.0).next().unwrap();
        let stands = async || {
            let kind = kind.clone();
            let read =
                async move |tx: &mut store::Tx| tx.life_standing(&kind, mum, "2026-08-18").await;
            db.read(read).await.unwrap()
        };
        let event = stands().await.expect("出生一件事 began by itself");

        // The same certificate again says nothing new.
        let again = certificate("2026-08-24", Some("valid"));
        let told = deliver(&house, "birth_cert", "2026-08-24", &again).await;
        assert_eq!((told.births, told.questions), (0, 0));
        assert_eq!(stands().await, Some(event));

        // Withdrawn: the child is out, the event is taken back, nothing is deleted.
        let void = certificate("2026-08-26", Some("void"));
        let told = deliver(&house, "birth_cert", "2026-08-26", &void).await;
        assert_eq!((told.unborn.len(), told.questions), (1, 0));
        assert_eq!(stands().await, None);
        let (after, questions) = state(&db, vec![mother, baby]).await;
        assert_eq!(after.by_number(baby), None, "its number is free again");
        assert_eq!(members(&after, mum, "2026-08-31"), [mum]);
        assert!(questions.is_empty());
        let read = async move |tx: &mut store::Tx| tx.life(event).await;
        let back = db.read(read).await.unwrap().state;
        assert!(back.undone.is_some_and(|one| one.reason.contains("作废")));
    })
    .await;
}
