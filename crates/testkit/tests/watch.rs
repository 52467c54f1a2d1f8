//! 「随时发现」 One event, on both databases: only the household it touches is judged
//! again, what changed is noted with its cause, the rest of the run stands; a lead
//! followed is counted towards its rule's precision.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod house;

use app::import::ImportOutcome;
use app::{App, Context};
use engine_access::Purpose;
use engine_policy::Finding;
use house::{Row, deliver, hired, hukou, itself, number};
use kernel::{Actor, Date, FixedClock, Instant, PersonId, RegionLevel, Role};
use std::collections::BTreeSet;
use std::sync::Arc;
use store::LeadOutcome;
use store::testing::both;

#[tokio::test]
async fn an_event_judges_again_only_whom_it_touches_and_says_what_changed() {
    let law = house::county_law();
    let folder = tempfile::tempdir().unwrap();
    let today: Date = "2026-08-31".parse().unwrap();
    let now = house::standing(folder.path(), today);
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
    let other = villages
        .find(|code| code.level() == RegionLevel::Village)
        .unwrap();
    let law = &law;
    both(async |db| {
        let house = App::new(db, law.clone(), Arc::new(FixedClock(now)));
        let (old, older) = (number("1938-03-01", 1), number("1935-05-01", 2));
        let row = |no, person, name, household| Row {
            no,
            person,
            name,
            region: village.to_string(),
            household,
            relation: "self",
            marital: "widowed",
        };
        let rows = [
            row("R0", old, "合成甲", "H1"),
            row("R1", older, "合成乙", "H2"),
        ];
        let lines = hukou("2026-08-20", &rows);
        deliver(&house, "hukou_person", "2026-08-20", &lines).await;
        let ctx = itself(Purpose::Discovery);
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
        assert!(
            !first.is_empty() && !second.is_empty(),
            "the very old are found something"
        );
        // A death: its household alone is judged again.
        let death = vec![
            "id_no,record_no,as_of,date,cause_class,cancelled_on".to_owned(),
            format!(
                "{},D1,2026-08-25,2026-08-24,illness,2026-08-25",
                old.reveal()
            ),
        ];
        // However it comes, what it says is followed at once.
        let brought = deliver(&house, "death_cancel", "2026-08-25", &death).await;
        assert!(
            matches!(brought.outcome, ImportOutcome::Accepted(_)),
            "{brought:?}"
        );
        let (touched, watched) = (brought.touched, brought.watched);
        let touched: BTreeSet<_> = touched.people().collect();
        assert_eq!(touched.len(), 1);
        let cause = "death_cancel".parse().unwrap();
        assert_eq!(watched.households, 1);
        assert_eq!(
            watched.changes.len(),
            first.len(),
            "nothing is found for the dead"
        );
        assert!(
            watched
                .changes
                .iter()
                .all(|one| one.after.is_none() && one.cause == cause)
        );
        let began = std::time::Instant::now();
        house.watch(&ctx, &touched, &cause, today).await.unwrap();
        let took = began.elapsed();
        assert!(took.as_millis() < 1_000, "{took:?}");
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
            let began = std::time::Instant::now();
            house.watch(&ctx, &touched, &cause, today).await.unwrap();
            times.push(began.elapsed());
        }
        times.sort();
        println!("event to finding: p50 {:?}, p99 {:?}", times[50], times[98]);
        let lead = same[0].0;
        let clerk = Context {
            actor: Actor {
                account: "nobody".to_owned(),
                person: Some(PersonId(999)),
                role: Role::VillageWorker,
            },
            ..itself(Purpose::Duty)
        };
        let stranger = house
            .follow_lead(&clerk, lead, LeadOutcome::True, "见到了")
            .await;
        assert!(
            stranger
                .unwrap_err()
                .refusal_code()
                .unwrap()
                .starts_with("access.")
        );
        // Whoever works there says what came of it; the rule's precision follows.
        let who = (PersonId(999), Role::VillageWorker);
        let clerk = hired(&house, who, village, (Purpose::Duty, now)).await;
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
            house
                .follow_lead(&clerk, lead, outcome, "见到了")
                .await
                .unwrap();
        }
        // Followed, it left the open list and stands among the followed, with what came of
        // it last; whoever was not met waits on.
        let followed = house.followed(&clerk, village).await.unwrap();
        assert_eq!(followed.len(), 1);
        assert_eq!(
            (followed[0].line.id, followed[0].outcome),
            (lead, LeadOutcome::True)
        );
        let open = house.to_visit(&clerk, village).await.unwrap();
        let waits: Vec<_> = open.homes.iter().map(|home| home.line.id).collect();
        assert!(!waits.contains(&lead), "{open:?}");
        assert_eq!(
            (open.called, open.most),
            (1, Some(10)),
            "one home, however often"
        );
        let precision = house.precision(&clerk, village).await.unwrap();
        let [rule] = precision.as_slice() else {
            panic!("one rule: {precision:?}");
        };
        assert_eq!(
            rule.outcomes[&LeadOutcome::True],
            2,
            "sent twice, counted once"
        );
        assert_eq!(
            rule.percent(),
            Some(66),
            "who was not seen says nothing of the rule"
        );
        // What changed is counted, listed, and opened to the household behind it.
        let page = house.changes(&clerk, village, None).await.unwrap();
        let count = i64::try_from(first.len()).unwrap();
        assert_eq!(page.counts, [(Finding::Neither, "没有要办的", count)]);
        assert_eq!(page.lines.len(), first.len());
        assert!(page.lines.iter().all(|line| line.after == "没有要办的"));
        let none = Some(Finding::FoundNotReceiving);
        assert!(
            house
                .changes(&clerk, village, none)
                .await
                .unwrap()
                .lines
                .is_empty()
        );
        let of = Some(Finding::Neither);
        let of = house.changes(&clerk, village, of).await.unwrap();
        assert_eq!(of.lines.len(), first.len());
        let line = &page.lines[0];
        let opened = house.change(&clerk, line.id).await.unwrap();
        assert_eq!(opened.line.household, line.household);
        assert!(
            opened.leads.is_empty() && opened.cases.is_empty(),
            "nothing is found for the dead"
        );
        assert!(house.change(&clerk, 0).await.is_err(), "no such change");
        let elsewhere = hired(
            &house,
            (PersonId(998), Role::VillageWorker),
            other,
            (Purpose::Duty, now),
        );
        let refused = house.change(&elsewhere.await, line.id).await;
        assert!(
            refused
                .unwrap_err()
                .refusal_code()
                .unwrap()
                .starts_with("access.")
        );
        // Who looked at which household stands in the audit, and nobody else's try.
        let wanted = store::audit::AuditWanted {
            account: String::new(),
            subject: format!("household:{}", line.household),
            action: "findings.change".to_owned(),
            from: Instant::default(),
            to: now.at + chrono::TimeDelta::days(1),
            skip: 0,
            limit: 9,
        };
        let looked = house
            .db()
            .read(async move |tx| tx.audit_rows(&wanted).await);
        assert_eq!(looked.await.unwrap().len(), 1);
    })
    .await;
}
