//! Warnings on both databases: nothing on one change, nothing on what was not known
//! before; handed out by village as far as there are hands free; closed by who went.

use super::*;
use crate::case::tests::town::*;
use crate::pool::tests::{batch, delivered};
use crate::{App, Law};
use engine_access::Purpose;
use engine_pool::{QualityReport, Record as PoolRecord, Subject, Value};
use kernel::{Actor, DataBatchId, Money, PersonId};
use std::sync::Arc;
use store::StoredRecord;
use store::testing::both;

/// Signs over what may be known unasked: the birthday and the bills.
const RULES: &str = r#"
[[sign]]
id = "old"
name = "有人过了八十"
says = "有人过了八十"
when = "any(members, born < 1946-03-02)"
provenance = "assumed"

[[sign]]
id = "bill"
name = "花了大钱看病"
says = "一年里自己付了一千元以上"
when = "any(members, sum(records.bill within 12 months, self_pay) >= 1000元)"
provenance = "assumed"

[[warning]]
id = "old_and_ill"
name = "老了又病"
says = "老了又病"
level = "red"
signs = ["old", "bill"]
at_least = 2
within_months = 6
owner = "village_worker"
days = 3
provenance = "assumed"
"#;

fn law() -> Law {
    let marker = "[[contradiction]]\nid   = \"two_births\"";
    let more = format!("{RULES}\n{marker}");
    let pack = "[pack.sharing]";
    let at_once = "[pack.warnings]\nat_once = 1\nprovenance = \"assumed\"\n\n[pack.sharing]";
    let dir = changed(&[(marker, more.as_str()), (pack, at_once)]);
    let loaded = packs::load(dir.path());
    let faults = loaded.report.render();
    Law::new(loaded.pack.unwrap_or_else(|| panic!("{faults}")))
}

fn itself() -> Context {
    Context {
        actor: system(),
        purpose: Purpose::Discovery,
        request: "watch".into(),
    }
}

fn visit(town: &Town, actor: Actor, id: i64) -> Context {
    Context {
        purpose: Purpose::Visit(FindingId(id)),
        ..town.by(actor, None)
    }
}

async fn told(app: &App, category: &str, values: Vec<(&str, Value)>, as_of: &str) -> usize {
    let mum = (MUM, "990482194803150023");
    told_of(app, mum, (category, values), as_of).await
}

async fn told_of(
    app: &App,
    whom: (PersonId, &str),
    (category, values): (&str, Vec<(&str, Value)>),
    as_of: &str,
) -> usize {
    put(app, whom, (category, values), as_of).await;
    let (house, cause) = (app.clone(), slug(category));
    let look = async move |tx: &mut Tx| {
        let now = house.now();
        house
            .look_for_warnings(tx, &itself(), HOME, &cause, now)
            .await
    };
    app.db().write(look).await.unwrap()
}

/// What a delivery said of somebody, kept and not yet looked at.
async fn put(
    app: &App,
    (person, number): (PersonId, &str),
    (category, values): (&str, Vec<(&str, Value)>),
    as_of: &str,
) {
    let values = values.into_iter().map(|(id, value)| (slug(id), value));
    let record = StoredRecord {
        person: Some(person),
        record: PoolRecord {
            category: slug(category),
            subject: Subject::Person(number.parse().unwrap()),
            record_no: "1".into(),
            as_of: as_of.parse().unwrap(),
            values: values.collect(),
        },
    };
    let batch = DataBatchId(if category == "bill" { 2 } else { 1 });
    let put = async move |tx: &mut Tx| tx.put_records(batch, vec![record.clone()]).await;
    app.db().write(put).await.unwrap();
}

fn birth(day: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("birth", Value::Date(day.parse().unwrap())),
        ("state", Value::Code(slug("here"))),
    ]
}

fn bill(yuan: i64) -> Vec<(&'static str, Value)> {
    vec![("self_pay", Value::Money(Money::from_yuan(yuan).unwrap()))]
}

#[tokio::test]
async fn a20_two_changes_together_warn_and_one_alone_never_does() {
    both(async |db| {
        let town = Town::new(db).await;
        let clock = town.app.clock.clone();
        let app = App::new(town.app.db().clone(), law(), Arc::clone(&clock));
        let town = town.moved_to(&app);
        let good = || QualityReport {
            rows: 1,
            taken: 1,
            ..QualityReport::default()
        };
        delivered(&town, batch(1, "resident", "2026-03-01", good(), true)).await;
        delivered(&town, batch(2, "bill", "2026-03-01", good(), true)).await;
        let son = (SON, "990482200001010035");
        let born = ("resident", birth("2000-01-01"));
        assert_eq!(told_of(&app, son, born, "2026-02-01").await, 0);
        assert_eq!(
            told(&app, "resident", birth("1960-03-15"), "2026-02-01").await,
            0
        );
        assert_eq!(
            app.note_signs(&itself()).await.unwrap(),
            0,
            "noted by the delivery"
        );
        // The bill grows: one thing, no warning.
        assert_eq!(told(&app, "bill", bill(90), "2026-02-01").await, 0);
        assert_eq!(told(&app, "bill", bill(9_000), "2026-02-10").await, 0);
        // The birthday is corrected as well: two things together.
        assert_eq!(
            told(&app, "resident", birth("1940-03-15"), "2026-02-11").await,
            1
        );
        // The same once more raises nothing new.
        assert_eq!(
            told(&app, "resident", birth("1940-03-15"), "2026-02-12").await,
            0
        );
        let region: RegionCode = VILLAGE.parse().unwrap();
        let duty = || Context {
            purpose: Purpose::Duty,
            ..town.by(village(), None)
        };
        let page = app.warnings(&duty(), region).await.unwrap();
        let [line] = &page.open[..] else {
            panic!("{:?}", page.open)
        };
        assert_eq!(
            (line.name.as_str(), line.changes, line.late),
            ("试甲", 2, false)
        );
        assert_eq!(line.due, Some("2026-03-05".parse().unwrap()));
        assert!(page.rules[0].right.is_none(), "nobody went yet");
        let (id, opened) = (
            line.id,
            app.warning(&visit(&town, village(), line.id), line.id)
                .await,
        );
        let opened = opened.unwrap();
        // The bills are L4: a village worker is told that something changed, not what.
        assert_eq!((opened.changes.len(), opened.hidden), (1, 1));
        assert!(opened.rule.is_none());
        let officer = crate::case::tests::town::town;
        let whole = app.warning(&visit(&town, officer(), id), id).await.unwrap();
        assert_eq!((whole.changes.len(), whole.hidden), (2, 0));
        for ctx in [
            visit(&town, elsewhere(), id),
            visit(&town, village(), id + 1),
            duty(),
        ] {
            assert!(
                app.warning(&ctx, id)
                    .await
                    .unwrap_err()
                    .refusal_code()
                    .is_some()
            );
        }
        let close = async |ctx: &Context, words: &str| {
            app.close_warning(ctx, id, LeadOutcome::True, words).await
        };
        let blank = close(&visit(&town, village(), id), " ").await;
        assert!(matches!(blank, Err(AppError::BadInput(_))));
        let context = visit(&town, village(), id);
        close(&context, "老人住院了，没人照顾").await.unwrap();
        close(&context, "老人住院了，没人照顾").await.unwrap();
        let twice = close(&visit(&town, village(), id), "又去了一次").await;
        assert!(matches!(twice, Err(AppError::BadInput(_))));
        let page = app.warnings(&duty(), region).await.unwrap();
        assert!(page.open.is_empty());
        let right = page.rules[0].right.unwrap();
        assert_eq!((right.percent(), page.at_once), ("100%".to_owned(), 1));
    })
    .await;
}

#[tokio::test]
async fn a20_what_was_not_known_before_warns_nobody() {
    both(async |db| {
        let town = Town::new(db).await;
        let clock = town.app.clock.clone();
        let app = App::new(town.app.db().clone(), law(), clock);
        let town = town.moved_to(&app);
        assert_eq!(app.note_signs(&itself()).await.unwrap(), 1);
        let good = || QualityReport {
            rows: 1,
            taken: 1,
            ..QualityReport::default()
        };
        delivered(&town, batch(1, "resident", "2026-03-01", good(), true)).await;
        delivered(&town, batch(2, "bill", "2026-03-01", good(), true)).await;
        // Both things are known for the first time: nothing changed.
        assert_eq!(told(&app, "bill", bill(9_000), "2026-02-10").await, 0);
        assert_eq!(
            told(&app, "resident", birth("1940-03-15"), "2026-02-11").await,
            0
        );
    })
    .await;
}

/// A delivery about so many people that nobody is looked up one by one.
async fn large(app: &App, category: &str) -> crate::watch::Watched {
    let everyone = crate::import::Touched::Everyone;
    app.follow_delivery(&everyone, (&slug(category), None))
        .await
}

#[tokio::test]
async fn a20_a_delivery_about_everybody_raises_warnings_too() {
    both(async |db| {
        let town = Town::new(db).await;
        let (clock, one) = (town.app.clock.clone(), std::num::NonZeroU32::MIN);
        let pace = crate::judging::Pace {
            households: one,
            ..crate::judging::Pace::default()
        };
        let app = App::new(town.app.db().clone(), law(), clock).with_pace(pace);
        let town = town.moved_to(&app);
        // A page a household: whom it strikes is on the second.
        crate::everybody::tests::older(app.db(), app.now()).await;
        let alone = (PersonId(9), "990482195001010015");
        let good = || QualityReport {
            rows: 1,
            taken: 1,
            ..QualityReport::default()
        };
        delivered(&town, batch(1, "resident", "2026-03-01", good(), true)).await;
        delivered(&town, batch(2, "bill", "2026-03-01", good(), true)).await;
        put(&app, alone, ("resident", birth("1950-01-01")), "2026-02-01").await;
        put(&app, alone, ("bill", bill(90)), "2026-02-01").await;
        assert_eq!(app.note_signs(&itself()).await.unwrap(), 2);
        put(&app, alone, ("resident", birth("1940-01-01")), "2026-02-10").await;
        put(&app, alone, ("bill", bill(9_000)), "2026-02-10").await;
        // Nobody was screened yet: there is nothing to look beside.
        assert_eq!(large(&app, "bill").await, Default::default());
        let day = "2026-03-02".parse().unwrap();
        app.screen(&itself(), day, |_| {}).await.unwrap();
        let watched = large(&app, "bill").await;
        assert_eq!((watched.households, watched.warnings), (2, 1));
        assert!(watched.changes.is_empty(), "findings are the screening's");
        let raised = app
            .db()
            .read(async |tx: &mut Tx| {
                let place: RegionCode = VILLAGE.parse().unwrap();
                tx.warnings_in(place.span(), true, 9).await
            })
            .await
            .unwrap();
        let [(_, raised)] = &raised[..] else {
            panic!("{raised:?}")
        };
        assert_eq!(raised.state.household, HouseholdId(9));
        assert_eq!(raised.state.changes.len(), 2);
        // What no sign reads turns none: nobody is looked at.
        let unread = large(&app, "savings").await;
        assert_eq!(unread, Default::default());
        // Once more: nothing changed since.
        let again = large(&app, "bill").await;
        assert_eq!((again.households, again.warnings), (2, 0));
    })
    .await;
}

#[test]
fn a20_a_warning_on_a_single_thing_or_on_a_trait_is_refused_at_load() {
    let load = |was: &str, now: &str| {
        let marker = "[[contradiction]]\nid   = \"two_births\"";
        let more = format!("{}\n{marker}", RULES.replace(was, now));
        let dir = changed(&[(marker, more.as_str())]);
        let report = packs::load(dir.path()).report;
        assert!(RULES.contains(was), "{was}");
        report.render()
    };
    let fine = load("at_least = 2", "at_least = 2");
    assert!(!fine.contains("single_sign"), "{fine}");
    for (was, now) in [
        ("signs = [\"old\", \"bill\"]", "signs = [\"bill\"]"),
        ("at_least = 2", "at_least = 1"),
        // Two names for the same thing.
        (
            "when = \"any(members, born < 1946-03-02)\"",
            "when = \"any(members, sum(records.bill within 6 months, self_pay) >= 10元)\"",
        ),
    ] {
        let told = load(was, now);
        assert!(told.contains("single_sign"), "{was} → {now}\n{told}");
    }
    let told = load("signs = [\"old\", \"bill\"]", "signs = [\"old\", \"bull\"]");
    assert!(told.contains("unknown_name"), "{told}");
}
