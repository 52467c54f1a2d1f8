//! People, households and what departments say of them, on both databases.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use engine_pool::{Digest, Record, Subject, Value};
use engine_registry::{Event, Membership, Origin, PersonFact, State};
use kernel::{
    Actor, CitizenId, DataBatchId, Date, HouseholdId, Instant, Now, PersonId, PersonNumber, Role,
    Slug,
};
use std::collections::{BTreeMap, BTreeSet};
use store::testing::both;
use store::{
    ContradictionSide, Db, FoundContradiction, OfWhom, Register, RegisterSlice, StoreError,
    StoredRecord,
};

fn at(second: i64) -> Now {
    Now {
        at: Instant::from_timestamp(1_790_000_000 + second, 0).unwrap(),
    }
}

fn system() -> Actor {
    Actor {
        account: "import".into(),
        person: None,
        role: Role::System,
    }
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

/// The n-th invented resident's number: area 99, a valid check digit.
fn number(n: i64) -> PersonNumber {
    let body = format!(
        "99048219{:02}{:02}{:02}{:03}",
        50 + n % 40,
        1 + n % 12,
        1 + n % 28,
        n % 1000
    );
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body
        .bytes()
        .zip(weights)
        .map(|(b, w)| u32::from(b - b'0') * w)
        .sum();
    let check = b"10X98765432"[(sum % 11) as usize] as char;
    PersonNumber::Citizen(format!("{body}{check}").parse::<CitizenId>().unwrap())
}

fn declared() -> Origin {
    Origin::Declared {
        case: None,
        by: system(),
        as_of: day("2026-01-01"),
    }
}

/// A household of four: its events and the register they make.
fn family(household: i64, first: i64) -> Vec<Event> {
    let now = at(0).at;
    let mut events = Vec::new();
    for n in first..first + 4 {
        let person = PersonId(n);
        events.push(Event::PersonRegistered {
            id: person,
            at: now,
        });
        let fact = PersonFact::Number(number(n));
        events.push(Event::Recorded {
            person,
            fact,
            origin: declared(),
            at: now,
        });
    }
    events.push(Event::HouseholdFormed {
        id: HouseholdId(household),
        region: "330482001001".parse().unwrap(),
        from: day("2020-01-01"),
        within: None,
        at: now,
    });
    for n in first..first + 4 {
        let relation = if n == first { "01" } else { "20" };
        let membership = Membership {
            person: PersonId(n),
            relation: relation.parse().unwrap(),
            from: day("2020-01-01"),
            until: None,
            origin: declared(),
        };
        events.push(Event::Joined {
            household: HouseholdId(household),
            membership,
            at: now,
        });
    }
    events
}

fn made(events: &[Event]) -> State {
    let mut state = State::default();
    events.iter().for_each(|event| state.apply(event));
    state
}

async fn load(db: &Db, families: i64) -> State {
    let events: Vec<Event> = (0..families)
        .flat_map(|n| family(n + 1, n * 4 + 1))
        .collect();
    let state = made(&events);
    let kept = state.clone();
    db.write(async move |tx| tx.load_register(&state, &events, &system(), at(0)).await)
        .await
        .unwrap();
    kept
}

#[tokio::test]
async fn the_register_reads_back_by_page_person_number_and_region() {
    both(async |db| {
        let whole = load(&db, 25).await;
        let counts = db
            .read(async |tx| tx.register_counts().await)
            .await
            .unwrap();
        assert_eq!(counts, (100, 25));
        let mut paged = State::default();
        let mut after = HouseholdId(0);
        loop {
            let page = db
                .read(async move |tx| tx.register_page(after, 10).await)
                .await
                .unwrap();
            let Some(last) = page.state.households.keys().next_back().copied() else {
                break;
            };
            paged.people.extend(page.state.people);
            paged.households.extend(page.state.households);
            after = last;
        }
        assert_eq!(paged, whole);
        let found = db
            .read(async |tx| {
                let numbers = BTreeSet::from([number(7)]);
                let slice = RegisterSlice {
                    numbers,
                    with_households: true,
                    ..Default::default()
                };
                tx.register(&slice).await
            })
            .await
            .unwrap();
        assert_eq!(found.state.people.len(), 4, "the whole household");
        assert_eq!(found.state.by_number(number(7)), Some(PersonId(7)));
        let of = found
            .state
            .household_of(PersonId(7), day("2026-01-01"))
            .unwrap();
        assert_eq!(of.0.id, HouseholdId(2));
        let (from, to) = (
            "330482000000".parse().unwrap(),
            "330482999999".parse().unwrap(),
        );
        let there = db
            .read(async move |tx| tx.households_in(from, to).await)
            .await
            .unwrap();
        assert_eq!(there.len(), 25);
    })
    .await;
}

#[tokio::test]
async fn a_change_is_saved_once_and_a_stale_one_is_refused() {
    both(async |db| {
        load(&db, 1).await;
        let slice = RegisterSlice {
            people: BTreeSet::from([PersonId(2)]),
            ..Default::default()
        };
        let loaded = db
            .read(async move |tx| tx.register(&slice).await)
            .await
            .unwrap();
        let born = Event::Recorded {
            person: PersonId(2),
            fact: PersonFact::Born(day("1980-05-06")),
            origin: declared(),
            at: at(9).at,
        };
        let save = |mut register: Register, event: Event| {
            register.state.apply(&event);
            db.write(async move |tx| {
                tx.save_register(&register, std::slice::from_ref(&event), &system(), at(9))
                    .await
            })
        };
        save(loaded.clone(), born.clone()).await.unwrap();
        let stale = save(loaded, born).await;
        assert!(
            matches!(stale, Err(StoreError::Conflict { .. })),
            "{stale:?}"
        );
        // Somebody new, through the same door.
        let new: Vec<Event> = family(9, 900);
        let register = Register::from(made(&new));
        db.write(async move |tx| tx.save_register(&register, &new, &system(), at(10)).await)
            .await
            .unwrap();
        let counts = db
            .read(async |tx| tx.register_counts().await)
            .await
            .unwrap();
        assert_eq!(counts, (8, 2));
        let all = db.read(async |tx| tx.number_index().await).await.unwrap();
        assert_eq!(all.len(), 8);
    })
    .await;
}

fn record(category: &str, n: i64, no: &str, as_of: &str, plate: &str) -> Record {
    Record {
        category: slug(category),
        subject: Subject::Person(number(n)),
        record_no: no.into(),
        as_of: day(as_of),
        values: BTreeMap::from([(slug("plate"), Value::Text(plate.into()))]),
    }
}

async fn put(db: &Db, batch: i64, records: Vec<(Option<i64>, Record)>) {
    let records: Vec<StoredRecord> = records
        .into_iter()
        .map(|(person, record)| StoredRecord {
            person: person.map(PersonId),
            record,
        })
        .collect();
    db.write(async move |tx| tx.put_records(DataBatchId(batch), records.clone()).await)
        .await
        .unwrap();
}

/// The same, as a large delivery goes: in pieces that wait, then filed at once.
async fn file(db: &Db, batch: i64, records: Vec<(Option<i64>, Record)>) {
    let records: Vec<StoredRecord> = records
        .into_iter()
        .map(|(person, record)| StoredRecord {
            person: person.map(PersonId),
            record,
        })
        .collect();
    db.write(async move |tx| {
        for record in &records {
            tx.stage_records(DataBatchId(batch), vec![record.clone()])
                .await?;
        }
        tx.file_records().await
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_filed_delivery_is_as_one_put_in_row_by_row() {
    both(async |db| {
        let of = |plate: &str, as_of: &str, people: &[i64]| -> Vec<(Option<i64>, Record)> {
            let one = |n: &i64| (Some(*n), record("vehicle", *n, "a", as_of, plate));
            people.iter().map(one).collect()
        };
        file(&db, 1, of("march", "2026-03-01", &[3, 1, 2])).await;
        file(&db, 2, of("older", "2026-01-01", &[2])).await;
        file(&db, 3, of("april", "2026-04-01", &[4, 1])).await;
        let mut stranger = of("stranger", "2026-03-01", &[7]);
        stranger[0].0 = None;
        file(&db, 4, stranger).await;
        let plates: Vec<String> = read(&db, &[1, 2, 3, 4])
            .await
            .into_iter()
            .map(|one| one.3)
            .collect();
        assert_eq!(plates, ["april", "march", "march", "april"]);
        let subject = Subject::Person(number(7));
        let about = db
            .read(async move |tx| tx.records_about(&subject).await)
            .await
            .unwrap();
        assert_eq!(about.len(), 1);
        // A delivery that comes to nothing leaves nothing waiting for the next one.
        let lost = of("lost", "2026-05-01", &[1])[0].1.clone();
        let failed: Result<(), StoreError> = db
            .write(async move |tx| {
                let person = Some(PersonId(1));
                let record = lost.clone();
                tx.stage_records(DataBatchId(5), vec![StoredRecord { person, record }])
                    .await?;
                Err(StoreError::Address("not today".to_owned()))
            })
            .await;
        assert!(failed.is_err());
        file(&db, 6, of("march", "2026-03-02", &[5])).await;
        assert_eq!(read(&db, &[1]).await[0].3, "april");
    })
    .await;
}

async fn read(db: &Db, people: &[i64]) -> Vec<(i64, String, String, String)> {
    let people: BTreeSet<PersonId> = people.iter().copied().map(PersonId).collect();
    let records = db
        .read(async move |tx| tx.records_of(&people, None).await)
        .await
        .unwrap();
    records
        .into_iter()
        .map(|one| {
            let plate = one.values[&slug("plate")].to_string();
            (one.person.0, one.category.to_string(), one.record_no, plate)
        })
        .collect()
}

#[tokio::test]
async fn the_newer_version_of_a_record_stands_whichever_came_last() {
    both(async |db| {
        put(
            &db,
            1,
            vec![(Some(1), record("vehicle", 1, "a", "2026-03-01", "march"))],
        )
        .await;
        put(
            &db,
            2,
            vec![(Some(1), record("vehicle", 1, "a", "2026-01-01", "older"))],
        )
        .await;
        let one = |plate: &str| vec![(1, "vehicle".into(), "a".into(), plate.to_owned())];
        assert_eq!(
            read(&db, &[1]).await,
            one("march"),
            "an older day changes nothing"
        );
        put(
            &db,
            3,
            vec![(Some(1), record("vehicle", 1, "a", "2026-03-01", "again"))],
        )
        .await;
        assert_eq!(
            read(&db, &[1]).await,
            one("again"),
            "the same day, a later delivery"
        );
        put(
            &db,
            2,
            vec![(Some(1), record("vehicle", 1, "a", "2026-03-01", "late"))],
        )
        .await;
        assert_eq!(
            read(&db, &[1]).await,
            one("again"),
            "the same day, an earlier delivery"
        );
        put(
            &db,
            4,
            vec![(Some(1), record("vehicle", 1, "a", "2026-04-01", "april"))],
        )
        .await;
        assert_eq!(read(&db, &[1]).await, one("april"));
    })
    .await;
}

#[tokio::test]
async fn a_household_is_read_in_one_range_and_by_category() {
    both(async |db| {
        let mut records = Vec::new();
        for n in 1..=12 {
            for category in ["house", "vehicle"] {
                let no = format!("{category}-{n}\t\\ \n“中文”");
                records.push((Some(n), record(category, n, &no, "2026-03-01", "x")));
            }
        }
        records.push((
            None,
            record("vehicle", 500, "stranger", "2026-03-01", "unknown"),
        ));
        put(&db, 1, records).await;
        assert_eq!(
            db.read(async |tx| tx.count_records().await).await.unwrap(),
            24
        );
        let family = read(&db, &[5, 6, 7, 8]).await;
        assert_eq!(family.len(), 8);
        assert!(
            family.iter().any(|row| row.2 == "house-6\t\\ \n“中文”"),
            "{family:?}"
        );
        assert_eq!(read(&db, &[2, 9, 11]).await.len(), 6);
        let only = db
            .read(async |tx| {
                let wanted = BTreeSet::from([slug("house")]);
                tx.records_between(PersonId(1), PersonId(12), Some(&wanted))
                    .await
            })
            .await
            .unwrap();
        assert_eq!(only.len(), 12);
        let vehicle = slug("vehicle");
        let mine = db
            .read(async move |tx| tx.records_in(PersonId(3), &vehicle).await)
            .await;
        assert_eq!(mine.unwrap().len(), 1);
        // The stranger is registered: what was said of their number is theirs.
        let adopted = db
            .write(async |tx| tx.adopt_records(number(500), PersonId(500)).await)
            .await
            .unwrap();
        assert_eq!(adopted, 1);
        assert_eq!(read(&db, &[500]).await.len(), 1);
        let about = Subject::Person(number(500));
        let left = db
            .read(async move |tx| tx.records_about(&about).await)
            .await
            .unwrap();
        assert!(left.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a02_whoever_is_registered_later_is_not_known_about_either() {
    both(async |db| {
        let gaps = async |db: &Db| {
            let (vehicle, batch) = (slug("vehicle"), DataBatchId(9));
            let standing = engine_pool::Standing {
                batch,
                as_of: day("2026-03-01"),
            };
            let of = BTreeMap::from([(vehicle, standing)]);
            let people = BTreeSet::from([PersonId(1), PersonId(2)]);
            let found = db
                .read(async move |tx| {
                    let gaps = tx.gaps_of(&people, &of).await?;
                    let vehicle = slug("vehicle");
                    let standing = of.get(&vehicle).copied();
                    let own = tx.has_gap(number(2), &vehicle, standing).await?;
                    let other = tx.has_gap(number(1), &vehicle, standing).await?;
                    Ok::<_, StoreError>((gaps, own, other))
                })
                .await;
            found.unwrap()
        };
        db.write(async |tx| {
            let numbers = BTreeSet::from([number(2)]);
            tx.put_gaps(DataBatchId(9), &slug("vehicle"), &numbers)
                .await
        })
        .await
        .unwrap();
        assert_eq!(gaps(&db).await, (BTreeSet::new(), true, false));
        load(&db, 1).await;
        let second = BTreeSet::from([(PersonId(2), slug("vehicle"))]);
        assert_eq!(gaps(&db).await, (second, true, false));
        db.write(async |tx| {
            tx.close_gap(DataBatchId(9), &slug("vehicle"), number(2))
                .await
        })
        .await
        .unwrap();
        assert_eq!(gaps(&db).await, (BTreeSet::new(), false, false));
    })
    .await;
}

#[tokio::test]
async fn the_same_file_cannot_be_accepted_twice_even_at_once() {
    both(async |db| {
        let mut senders = tokio::task::JoinSet::new();
        for n in 0..8 {
            let db = db.clone();
            senders.spawn(async move {
                let id = DataBatchId(n + 1);
                let received = engine_pool::Event::Received(engine_pool::Batch {
                    id,
                    department: slug("psb"),
                    category: slug("vehicle"),
                    digest: Digest("ab".repeat(32)),
                    as_of: day("2026-03-01"),
                    rows: 10,
                    by: system(),
                    received_at: at(0).at,
                    late: false,
                    mends: None,
                    came: None,
                    state: engine_pool::BatchState::Received,
                });
                let quality = engine_pool::QualityReport::default();
                let accepted = engine_pool::Event::Accepted {
                    id,
                    quality,
                    at: at(1).at,
                };
                let both = [received, accepted];
                db.write(async move |tx| tx.save_pool(&both, &system(), at(1)).await)
                    .await
            });
        }
        let kept = senders.join_all().await;
        let refused = |one: &&_| matches!(one, Err(StoreError::Duplicate { .. }));
        assert_eq!(kept.iter().filter(refused).count(), 7);
        let state = db
            .read(async |tx| tx.pool(&slug("vehicle")).await)
            .await
            .unwrap();
        let id = *state.batches.keys().next().unwrap();
        let standings = db.read(async |tx| tx.pool_standings().await).await.unwrap();
        assert_eq!(standings[&slug("vehicle")].batch, id);
    })
    .await;
}

#[tokio::test]
async fn contradictions_of_strangers_are_kept_page_by_page_and_go() {
    both(async |db| {
        let strangers = (1..=5).map(|n| (None, record("vehicle", n, "a", "2026-03-01", "x")));
        let mut records: Vec<_> = strangers.collect();
        let mut place = record("vehicle", 6, "a", "2026-03-01", "x");
        place.subject = Subject::Place("330482000000".parse().unwrap());
        records.extend([
            (None, place),
            (None, record("house", 1, "b", "2026-03-01", "x")),
        ]);
        put(&db, 1, records).await;
        let met = |keep: bool| {
            let db = db.clone();
            async move {
                let (mut met, mut after) = (Vec::new(), Vec::new());
                loop {
                    let from = after.clone();
                    let page = db.write(async move |tx| {
                        let wanted = BTreeSet::from([slug("vehicle")]);
                        let page = tx.others_after(&from, 2, &wanted).await?;
                        let people = page.iter().flat_map(|page| &page.people);
                        let found: Vec<_> = people
                            .map(|(number, held)| contradicted(*number, held))
                            .collect();
                        let found = if keep { found } else { Vec::new() };
                        let last = page.as_ref().map(|page| page.last.as_slice());
                        tx.keep_contradictions_of_others(&from, last, &found, at(2))
                            .await?;
                        Ok::<_, StoreError>(page)
                    });
                    let Some(page) = page.await.unwrap() else {
                        return met;
                    };
                    met.extend(page.people.into_keys());
                    after = page.last;
                }
            }
        };
        let expected: BTreeSet<_> = (1..=5).map(number).collect();
        assert_eq!(BTreeSet::from_iter(met(true).await), expected);
        let standing = async || {
            let rule = slug("two_cars");
            db.read(async move |tx| tx.contradictions_of(&rule, 9).await)
                .await
                .unwrap()
        };
        let whom: BTreeSet<_> = standing().await.into_iter().map(|(whom, _)| whom).collect();
        let told = expected
            .into_iter()
            .map(|number| OfWhom::Subject(Subject::Person(number)));
        assert_eq!(whom, told.collect());
        met(false).await;
        assert!(standing().await.is_empty());
    })
    .await;
}

fn contradicted(number: PersonNumber, held: &[engine_pool::Held]) -> (OfWhom, FoundContradiction) {
    assert_eq!(held.len(), 1);
    let side = ContradictionSide {
        category: held[0].record.category.clone(),
        record_no: held[0].record.record_no.clone(),
        as_of: held[0].record.as_of,
        batch: held[0].batch,
    };
    let found = FoundContradiction {
        rule: slug("two_cars"),
        says: "x".into(),
        left: side.clone(),
        right: side,
    };
    (OfWhom::Subject(Subject::Person(number)), found)
}

/// The pool in parts answers as the pool in one piece: read, replaced, filed, counted.
#[tokio::test]
async fn the_pool_in_parts_by_people_answers_as_in_one_piece() {
    both(async |db| {
        let all: Vec<i64> = (1..=40).collect();
        let of = |plate: &str, as_of: &str, people: &[i64]| -> Vec<(Option<i64>, Record)> {
            let one = |n: &i64| (Some(*n), record("vehicle", *n, "a", as_of, plate));
            people.iter().map(one).collect()
        };
        put(&db, 1, of("one", "2026-01-01", &all)).await;
        let before = read(&db, &all).await;
        let parted = db
            .write(async move |tx| tx.partition_pool(4, Some(40)).await)
            .await;
        match parted {
            // A database without parts says so and stays as it is.
            Err(StoreError::Forbidden(why)) => assert!(why.contains("SQLite"), "{why}"),
            parted => assert_eq!(parted.unwrap(), [11, 21, 31]),
        }
        assert_eq!(read(&db, &all).await, before);
        // Over the border of two parts, beyond the last number, newer and older.
        let late: Vec<i64> = vec![9, 10, 11, 12, 50];
        put(&db, 2, of("two", "2026-02-01", &late)).await;
        file(&db, 3, of("three", "2026-03-01", &[11, 31, 51])).await;
        put(&db, 4, of("old", "2025-01-01", &late)).await;
        let plates: Vec<String> = read(&db, &[9, 11, 12, 31, 50, 51])
            .await
            .into_iter()
            .map(|one| one.3)
            .collect();
        assert_eq!(plates, ["two", "three", "two", "three", "two", "three"]);
        let count = db.read(async |tx| tx.count_records().await).await.unwrap();
        assert_eq!(count, 42);
        for parts in [0, 1, 2_000] {
            let wrong = db
                .write(async move |tx| tx.partition_pool(parts, Some(40)).await)
                .await;
            assert!(wrong.is_err(), "{parts}");
        }
        let again = db
            .write(async move |tx| tx.partition_pool(4, Some(40)).await)
            .await;
        assert!(again.is_err(), "once");
        assert_eq!(read(&db, &[11]).await[0].3, "three");
    })
    .await;
}
