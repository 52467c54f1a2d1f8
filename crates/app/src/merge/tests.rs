//! One person under two numbers: found, proposed, confirmed by another, undone. On both
//! databases.

use super::*;
use crate::case::tests::town::*;
use crate::{AppError, Context};
use engine_access::Purpose;
use engine_pool::{Record, Subject};
use engine_registry::{Command, Config, NewMember, Origin, PersonFact, State};
use kernel::*;
use std::collections::{BTreeMap, BTreeSet};
use store::audit::AuditWanted;
use store::testing::both;
use store::{RegisterSlice, StoredRecord, Tx};

const DOUBLE: PersonId = PersonId(50);
const NUMBERS: [&str; 2] = ["990482194803150023", "990482194803150066"];

fn ctx(town: &Town, actor: Actor) -> Context {
    Context {
        purpose: Purpose::Discovery,
        ..town.by(actor, None)
    }
}

fn place() -> RegionCode {
    "990101".parse().unwrap()
}

/// The mother once more, under another number, in a household of her own.
async fn doubled(town: &Town) {
    let now = Now {
        at: "2026-02-01T02:00:00Z".parse().unwrap(),
    };
    let keep = async move |tx: &mut Tx| {
        let (mut register, mut log) = (State::default(), Vec::new());
        let origin = || Origin::Declared {
            case: None,
            by: county(),
            as_of: "2026-01-01".parse().unwrap(),
        };
        for command in [
            Command::RegisterPerson {
                id: DOUBLE,
                facts: vec![
                    PersonFact::Name("试甲".parse().unwrap()),
                    PersonFact::Number(NUMBERS[1].parse().unwrap()),
                ],
                origin: origin(),
            },
            Command::FormHousehold {
                id: HouseholdId(9),
                region: VILLAGE.parse().unwrap(),
                members: vec![NewMember {
                    person: DOUBLE,
                    relation: Relation::HEAD,
                }],
                from: "2026-01-01".parse().unwrap(),
                within: None,
                origin: origin(),
            },
        ] {
            let events = engine_registry::decide(&register, command, &Config::default(), now);
            let events = events.unwrap();
            events.iter().for_each(|event| register.apply(event));
            log.extend(events);
        }
        tx.load_register(&register, &log, &county(), now).await?;
        let record = |person, number: &str, no: &str| StoredRecord {
            person: Some(person),
            record: Record {
                category: slug("savings"),
                subject: Subject::Person(number.parse().unwrap()),
                record_no: no.into(),
                as_of: "2026-02-01".parse().unwrap(),
                values: BTreeMap::new(),
            },
        };
        let records = vec![
            record(MUM, NUMBERS[0], "S1"),
            record(DOUBLE, NUMBERS[1], "S2"),
        ];
        tx.put_records(DataBatchId(1), records).await
    };
    town.app.db().write(keep).await.unwrap();
}

/// Whose which record is, read for the mother and for her double.
async fn records(town: &Town) -> Vec<(PersonId, String)> {
    let mut all = Vec::new();
    for person in [MUM, DOUBLE] {
        let read = async move |tx: &mut Tx| tx.records_of(&BTreeSet::from([person]), None).await;
        let found = town.app.db().read(read).await.unwrap();
        all.extend(found.into_iter().map(|one| (one.person, one.record_no)));
    }
    all
}

async fn register(town: &Town) -> State {
    let read = async |tx: &mut Tx| {
        let slice = RegisterSlice {
            people: [MUM, DOUBLE].into(),
            with_households: true,
            ..RegisterSlice::default()
        };
        Ok::<_, store::StoreError>(tx.register(&slice).await?.state)
    };
    town.app.db().read(read).await.unwrap()
}

fn says(why: AppError) -> String {
    why.to_string()
}

#[tokio::test]
async fn a02_a_double_is_found_proposed_confirmed_by_another_and_undone() {
    both(async |db| {
        let town = Town::new(db).await;
        assert_eq!(town.app.look_for_doubles().await.unwrap(), 0);
        doubled(&town).await;
        assert_eq!(town.app.look_for_doubles().await.unwrap(), 1);
        assert_eq!(town.app.look_for_doubles().await.unwrap(), 0, "asked once");
        let by = |actor| ctx(&town, actor);
        let desk = town.app.merge_desk(&by(county()), place()).await.unwrap();
        let card = &desk.suspects[0];
        assert_eq!((card.pair, card.ground), ((MUM, DOUBLE), Ground::Village));
        let shown = format!("{:?}", card.sides);
        assert!(shown.contains("0066") && !shown.contains(NUMBERS[1]));
        let before = (register(&town).await, records(&town).await);
        let own = |one: PersonId, no: &str| (one, no.to_owned());
        assert_eq!(before.1, [own(MUM, "S1"), own(DOUBLE, "S2")]);
        // A reason, and only those who may.
        let same = (SuspectWord::Same(MUM), "上门看过证件");
        let judge = async |actor: Actor, word| {
            let pair = (MUM, DOUBLE);
            let ctx = by(actor);
            let done = town.app.judge_suspect(&ctx, place(), pair, word);
            done.await.map(|_| ()).map_err(says)
        };
        assert!(
            judge(county(), (SuspectWord::Same(MUM), " "))
                .await
                .is_err()
        );
        assert!(judge(village(), same).await.is_err());
        judge(county(), same).await.unwrap();
        assert!(
            judge(county(), (SuspectWord::Two, "晚了一步"))
                .await
                .is_err()
        );
        let desk = town.app.merge_desk(&by(county()), place()).await.unwrap();
        assert!(desk.suspects.is_empty() && desk.open[0].own);
        let id = desk.open[0].merge.id;
        let step = async |actor: Actor, word, reason: &str| {
            let ctx = by(actor);
            let done = town.app.judge_merge(&ctx, place(), id, (word, reason));
            done.await.map(|_| ()).map_err(says)
        };
        assert_eq!(before.1, records(&town).await, "a proposal changes nothing");
        let refused = step(county(), MergeWord::Confirm, "就是一个人").await;
        assert!(refused.unwrap_err().contains("不能自己确认"));
        step(leading(), MergeWord::Confirm, "核过户籍，是一个人")
            .await
            .unwrap();
        // Her records are one, the household of her other entry is empty.
        assert_eq!(
            records(&town).await,
            [own(MUM, "S1"), own(MUM, "S2"), own(DOUBLE, "S2")]
        );
        let merged = register(&town).await;
        let today: Date = "2026-03-02".parse().unwrap();
        assert_eq!(merged.resolve(DOUBLE), MUM);
        assert!(merged.household_of(DOUBLE, today).is_none());
        step(leading(), MergeWord::Undo, "查错了，是两个人")
            .await
            .unwrap();
        let after = register(&town).await;
        assert_eq!(after.people, before.0.people, "every fact is back");
        let (home, member) = after.household_of(DOUBLE, today).unwrap();
        assert_eq!((home.id, member.relation), (HouseholdId(9), Relation::HEAD));
        assert_eq!(records(&town).await, before.1);
        assert_eq!(town.app.look_for_doubles().await.unwrap(), 0, "judged once");
        let desk = town.app.merge_desk(&by(county()), place()).await.unwrap();
        assert_eq!((desk.open.len(), desk.past.len()), (0, 1));
        // Everything is on record.
        let asked = |action: &str| AuditWanted {
            account: String::new(),
            subject: String::new(),
            action: action.to_owned(),
            from: "2026-01-01T00:00:00Z".parse().unwrap(),
            to: "2027-01-01T00:00:00Z".parse().unwrap(),
            skip: 0,
            limit: 50,
        };
        let mut counts = Vec::new();
        for action in ["register.suspect", "register.merge", "register.doubles"] {
            let wanted = asked(action);
            let read = async move |tx: &mut Tx| tx.audit_rows(&wanted).await;
            counts.push(town.app.db().read(read).await.unwrap().len());
        }
        assert_eq!(counts, [1, 2, 3]);
    })
    .await;
}

#[tokio::test]
async fn a02_two_people_are_not_asked_about_again_and_a_rejected_merge_changes_nobody() {
    both(async |db| {
        let town = Town::new(db).await;
        doubled(&town).await;
        town.app.look_for_doubles().await.unwrap();
        let before = (register(&town).await, records(&town).await);
        let pair = (MUM, DOUBLE);
        let by = |actor| ctx(&town, actor);
        let same = (SuspectWord::Same(DOUBLE), "像一个人");
        let ctx = by(county());
        let judged = town.app.judge_suspect(&ctx, place(), pair, same);
        judged.await.unwrap();
        let desk = town.app.merge_desk(&by(leading()), place()).await.unwrap();
        let id = desk.open[0].merge.id;
        // The mother has a family: a head cannot be merged away from it.
        let confirm = (MergeWord::Confirm, "确认");
        let ctx = by(leading());
        let refused = town.app.judge_merge(&ctx, place(), id, confirm);
        assert!(says(refused.await.unwrap_err()).contains("户主不能先离开"));
        let reject = (MergeWord::Reject, "是双胞胎");
        let ctx = by(leading());
        let done = town.app.judge_merge(&ctx, place(), id, reject);
        done.await.unwrap();
        assert_eq!((register(&town).await, records(&town).await), before);
        assert_eq!(town.app.look_for_doubles().await.unwrap(), 0);
    })
    .await;
}
