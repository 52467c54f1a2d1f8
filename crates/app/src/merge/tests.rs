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
const ADDRESS: &str = "合成街道合成新村8幢1单元302室";
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
                    PersonFact::Address(ADDRESS.to_owned()),
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
        assert!(
            shown.contains("302室") && !shown.contains("合成新村"),
            "{shown}"
        );
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

/// How many pairs are open, and the records of both sides that can be seen.
async fn contradicting(town: &Town) -> (i64, Vec<String>) {
    let ctx = ctx(town, county());
    let rule = slug("two_births");
    let (groups, cards) = town
        .app
        .contradiction_desk(&ctx, place(), Some(&rule))
        .await
        .unwrap();
    let open = groups.first().map_or(0, |one| one.open);
    let sides = cards.iter().flat_map(|card| [&card.left, &card.right]);
    let shown = sides.filter(|side| side.record.is_some());
    let shown = shown.map(|side| side.source.record.record_no.clone());
    (i64::try_from(open).unwrap(), shown.collect())
}

/// Merges the double into the mother, or parts them again.
async fn says_of_merge(town: &Town, word: MergeWord) {
    let desk = town
        .app
        .merge_desk(&ctx(town, county()), place())
        .await
        .unwrap();
    let merges = desk.open.iter().chain(&desk.past);
    let id = merges.map(|one| one.merge.id).next().unwrap();
    let ctx = ctx(town, leading());
    let done = town
        .app
        .judge_merge(&ctx, place(), id, (word, "核过户籍的档案"));
    done.await.unwrap();
}

#[tokio::test]
async fn a02_a_contradiction_between_two_entries_is_found_when_they_are_merged_and_gone_when_parted()
 {
    both(async |db| {
        let house = Town::new(db).await;
        let same = "same = [\"resident.birth\", \"resident.birth\"]";
        let app = house.under(same, "not_both = [\"resident\", \"bill\"]");
        let house = house.moved_to(&app);
        doubled(&house).await;
        let good = || engine_pool::QualityReport {
            rows: 1,
            taken: 1,
            ..engine_pool::QualityReport::default()
        };
        for (id, category) in [(2, "resident"), (3, "bill")] {
            let batch = crate::pool::tests::batch(id, category, "2026-02-01", good(), true);
            crate::pool::tests::delivered(&house, batch).await;
        }
        let record = |person, number: &str, (category, no): (&str, &str)| StoredRecord {
            person: Some(person),
            record: Record {
                category: slug(category),
                subject: Subject::Person(number.parse().unwrap()),
                record_no: no.into(),
                as_of: "2026-02-01".parse().unwrap(),
                values: BTreeMap::new(),
            },
        };
        let resident = record(MUM, NUMBERS[0], ("resident", "R1"));
        let bill = record(DOUBLE, NUMBERS[1], ("bill", "B1"));
        let put = async move |tx: &mut Tx| {
            tx.put_records(DataBatchId(2), vec![resident.clone()])
                .await?;
            tx.put_records(DataBatchId(3), vec![bill.clone()]).await
        };
        house.app.db().write(put).await.unwrap();
        house.app.look_for_contradictions().await.unwrap();
        assert_eq!(contradicting(&house).await, (0, vec![]), "two people");
        house.app.look_for_doubles().await.unwrap();
        let ctx = ctx(&house, county());
        let said = (SuspectWord::Same(MUM), "上门看过证件");
        let judged = house.app.judge_suspect(&ctx, place(), (MUM, DOUBLE), said);
        judged.await.unwrap();
        says_of_merge(&house, MergeWord::Confirm).await;
        let both_sides = vec!["R1".to_owned(), "B1".to_owned()];
        assert_eq!(contradicting(&house).await, (1, both_sides.clone()));
        // A whole look finds the same, and a delivery about the merged entry too.
        house.app.look_for_contradictions().await.unwrap();
        assert_eq!(contradicting(&house).await, (1, both_sides.clone()));
        let touched = crate::import::Touched::Some {
            people: [DOUBLE].into(),
            others: false,
        };
        house.app.look_after(&touched).await.unwrap();
        assert_eq!(contradicting(&house).await, (1, both_sides));
        says_of_merge(&house, MergeWord::Undo).await;
        assert_eq!(contradicting(&house).await, (0, vec![]), "two people again");
    })
    .await;
}

/// What a check takes from the pool of the mother's registration, and what the whole
/// picture shows when her other number is asked for.
async fn registration(house: &Town, case: CaseId) -> (Option<usize>, Option<usize>) {
    let law = house.app.law().clone();
    let known = house.app.db().read(async move |tx: &mut Tx| {
        let number = NUMBERS[0].parse().unwrap();
        let members = [engine_pool::verification::Member {
            person: MUM,
            number,
        }];
        let today = "2026-03-02".parse().unwrap();
        crate::verify::known(tx, &law, &members, today).await
    });
    let known = known.await.unwrap();
    let checked = match known[0].get(&slug("resident")) {
        Some(engine_pool::Answer::Records(held)) => Some(held.len()),
        _ => None,
    };
    let ctx = house.by(town(), Some(case));
    let who = crate::holo::HoloWho::Number(NUMBERS[1].to_owned());
    let page = house.app.holo(&ctx, &who, "核对旧的号码").await.unwrap();
    let shown = page.map(|page| {
        let data = page.people.iter().flat_map(|one| &one.data.held);
        data.filter(|one| one.id == slug("resident"))
            .map(|one| one.records.len())
            .sum()
    });
    (checked, shown)
}

#[tokio::test]
async fn n03_a_check_and_the_whole_picture_follow_a_merge_and_its_undoing() {
    both(async |db| {
        let house = Town::new(db).await;
        doubled(&house).await;
        let good = engine_pool::QualityReport {
            rows: 1,
            taken: 1,
            ..engine_pool::QualityReport::default()
        };
        let batch = crate::pool::tests::batch(2, "resident", "2026-02-28", good, true);
        crate::pool::tests::delivered(&house, batch).await;
        let born = engine_pool::Value::Date("1948-03-15".parse().unwrap());
        let resident = StoredRecord {
            person: Some(DOUBLE),
            record: Record {
                category: slug("resident"),
                subject: Subject::Person(NUMBERS[1].parse().unwrap()),
                record_no: "R1".into(),
                as_of: "2026-02-28".parse().unwrap(),
                values: BTreeMap::from([(slug("birth"), born)]),
            },
        };
        let put =
            async move |tx: &mut Tx| tx.put_records(DataBatchId(2), vec![resident.clone()]).await;
        house.app.db().write(put).await.unwrap();
        let case = house.submitted(1, 1).await;
        assert_eq!(
            registration(&house, case).await,
            (None, None),
            "somebody else"
        );
        house.app.look_for_doubles().await.unwrap();
        let ctx = ctx(&house, county());
        let said = (SuspectWord::Same(MUM), "上门看过证件");
        let judged = house.app.judge_suspect(&ctx, place(), (MUM, DOUBLE), said);
        judged.await.unwrap();
        says_of_merge(&house, MergeWord::Confirm).await;
        assert_eq!(registration(&house, case).await, (Some(1), Some(1)));
        says_of_merge(&house, MergeWord::Undo).await;
        assert_eq!(registration(&house, case).await, (None, None));
    })
    .await;
}

#[tokio::test]
async fn a02_what_was_judged_or_is_elsewhere_takes_nobodys_place_in_the_list() {
    both(async |db| {
        let town = Town::new(db).await;
        let at = |text: &str| Now {
            at: text.parse().unwrap(),
        };
        let (before, now) = (at("2026-01-05T02:00:00Z"), town.app.now());
        let judged = async move |tx: &mut Tx| {
            let state = Suspicion {
                ground: Ground::Village,
                two: Some(Said {
                    reason: "是两个人".into(),
                    by: county(),
                    at: now.at,
                }),
                merge: None,
                left: None,
            };
            for no in 1_000..1_301 {
                let pair = (PersonId(no), PersonId(no + 1_000));
                tx.suspect_merge(pair, &state, before).await?;
            }
            Ok::<_, AppError>(())
        };
        town.app.db().write(judged).await.unwrap();
        doubled(&town).await;
        town.app.look_for_doubles().await.unwrap();
        let desk = town.app.merge_desk(&ctx(&town, county()), place()).await;
        let desk = desk.unwrap();
        assert_eq!((desk.suspects.len(), desk.more), (1, 0));
        assert_eq!(desk.suspects[0].pair, (MUM, DOUBLE));
    })
    .await;
}
