//! What people see of the pool, on both databases: quality over deliveries, the
//! figures and the lists they open to, requests to share within the law's days.

use super::*;
use crate::case::tests::town::*;
use crate::cockpit::DataState;
use crate::{AppError, Context};
use engine_access::Purpose;
use engine_pool::{Batch, BatchState, Digest, Event, QualityReport};
use kernel::*;
use store::Tx;
use store::testing::both;

const PLACE: &str = "990101";

fn place() -> RegionCode {
    PLACE.parse().unwrap()
}

fn ctx(town: &Town, actor: Actor, purpose: Purpose) -> Context {
    Context {
        purpose,
        ..town.by(actor, None)
    }
}

pub(crate) fn batch(
    id: i64,
    category: &str,
    as_of: &str,
    quality: QualityReport,
    accepted: bool,
) -> Vec<Event> {
    let at = Now {
        at: "2026-03-01T02:00:00Z".parse().unwrap(),
    }
    .at;
    let id = DataBatchId(id);
    let received = Event::Received(Batch {
        id,
        department: slug("police"),
        category: slug(category),
        digest: Digest(format!("{id:064}")),
        as_of: as_of.parse().unwrap(),
        rows: quality.rows,
        by: system(),
        received_at: at,
        late: quality.late,
        state: BatchState::Received,
        mends: None,
        came: None,
    });
    let judged = match accepted {
        true => Event::Accepted { id, quality, at },
        false => Event::Refused {
            id,
            reasons: vec!["错得太多".into()],
            quality: Some(quality),
            at,
        },
    };
    vec![received, judged]
}

fn quality(rows: u64, incomplete: u64) -> QualityReport {
    QualityReport {
        rows,
        taken: rows - incomplete,
        incomplete,
        ..QualityReport::default()
    }
}

pub(crate) async fn delivered(town: &Town, events: Vec<Event>) {
    let now = Now {
        at: "2026-03-01T02:00:00Z".parse().unwrap(),
    };
    let keep = async move |tx: &mut Tx| tx.save_pool(&events, &system(), now).await;
    town.app.db().write(keep).await.unwrap();
}

#[tokio::test]
async fn a02_the_catalogue_shows_quality_over_time_and_every_number_opens_to_as_many_lines() {
    both(async |db| {
        let town = Town::new(db).await;
        for (id, as_of, rows, bad, accepted) in [
            (1, "2026-02-01", 100, 10, true),
            (2, "2026-03-01", 200, 4, true),
            (3, "2026-03-01", 50, 40, false),
        ] {
            delivered(
                &town,
                batch(id, "resident", as_of, quality(rows, bad), accepted),
            )
            .await;
        }
        let duty = || ctx(&town, county(), Purpose::Duty);
        let one = town
            .app
            .data_category(&duty(), place(), &slug("resident"))
            .await;
        let one = one.unwrap();
        let filled: Vec<String> = one
            .deliveries
            .iter()
            .filter_map(|batch| Some(batch.sides?[0].1?.percent()))
            .collect();
        assert_eq!(filled, ["90%", "98%", "20%"]);
        assert_eq!((one.line.rows, one.line.state), (200, DataState::Fresh));
        assert_eq!(one.line.sides.unwrap()[0].1.unwrap().percent(), "98%");
        assert!(!one.deliveries[2].accepted && one.deliveries[2].taken == 0);
        assert!(one.fields.iter().any(|field| field.name == "出生日期"));
        let catalogue = town.app.data_catalogue(&duty(), place()).await.unwrap();
        let savings = catalogue
            .lines
            .iter()
            .find(|line| line.id == slug("savings"));
        let savings = savings.unwrap();
        assert!(
            savings.sides.is_none(),
            "never delivered: nothing is known of it"
        );
        // Each number is the length of its list.
        let whole = town.app.data_overview(&duty(), place()).await.unwrap();
        let listed = async |of: DataOf| {
            let list = town.app.data_list(&duty(), place(), &of, None).await;
            list.unwrap().lines.len()
        };
        for (state, count) in whole.states {
            assert_eq!(listed(DataOf::State(state)).await, count, "{state:?}");
        }
        assert_eq!(whole.deliveries, (3, 1, 0));
        assert_eq!(listed(DataOf::Refused).await, 1);
        assert_eq!((whole.left_out, listed(DataOf::LeftOut).await), ((1, 4), 1));
        let police = whole
            .sources
            .iter()
            .find(|one| one.id == slug("police"))
            .unwrap();
        assert_eq!((police.rows, police.left_out, police.refused), (200, 4, 1));
        // Who looked is counted, whom is not told.
        let looks = DataOf::Looks("case.read".into(), Role::CountyApprover);
        assert_eq!(listed(looks.clone()).await, 0);
        let case = town.submitted(1, 1).await;
        town.app
            .case(&town.by(county(), Some(case)), case)
            .await
            .unwrap();
        let whole = town.app.data_overview(&duty(), place()).await.unwrap();
        let count = whole
            .looks
            .iter()
            .find(|(action, ..)| action == "case.read");
        assert_eq!(count.map(|one| one.3), Some(1), "{:?}", whole.looks);
        assert_eq!(listed(looks).await, 1);
        for who in [village(), mum(), elsewhere()] {
            let refused = town
                .app
                .data_overview(&ctx(&town, who, Purpose::Duty), place())
                .await;
            assert!(refused.unwrap_err().refusal_code().is_some());
        }
    })
    .await;
}

#[tokio::test]
async fn n01_a_share_request_has_its_day_and_is_answered_by_another_person_with_reasons() {
    both(async |db| {
        let house = Town::new(db).await;
        let asked = ShareAsked {
            category: "resident".into(),
            asker: "住建局".into(),
            fields: vec!["birth".into()],
            purpose: "审核公租房的年龄".into(),
            basis: "公租房办法 第七条".into(),
        };
        let officer = || ctx(&house, town(), Purpose::Collection);
        let context = officer();
        let id = house
            .app
            .ask_share(&context, place_of_town(), &asked)
            .await
            .unwrap();
        let again = house.app.ask_share(&context, place_of_town(), &asked).await;
        assert_eq!(again.unwrap(), id, "a doubled click is one request");
        let lines = async || {
            let duty = ctx(&house, county(), Purpose::Duty);
            house.app.share_requests(&duty, place()).await.unwrap()
        };
        let asked_for = lines().await;
        let one = &asked_for[0];
        // Conditional: ten working days after Monday 2 March.
        assert_eq!(one.due, "2026-03-16".parse().unwrap());
        assert_eq!(
            (one.left, one.fields.as_slice()),
            (Some(10), &["出生日期".to_owned()][..])
        );
        let answer = |granted, reasons: &str| ShareCommand::Answer {
            granted,
            reasons: reasons.into(),
        };
        let by = |actor| ctx(&house, actor, Purpose::Collection);
        let town = officer();
        let own = house
            .app
            .on_share_request(&town, place_of_town(), id, answer(true, "好的"));
        assert!(
            own.await.unwrap_err().refusal_code().is_some(),
            "a town does not answer"
        );
        let context = by(county());
        let blank = house
            .app
            .on_share_request(&context, place(), id, answer(true, " "));
        assert_eq!(blank.await.unwrap_err().refusal_code(), Some("share.words"));
        house.on("2026-03-17");
        let context = by(county());
        let done = house
            .app
            .on_share_request(&context, place(), id, answer(true, "用途正当"));
        done.await.unwrap();
        let given = lines().await[0].answer.clone().unwrap();
        assert!(given.granted && given.late, "a day over is said");
        assert!(given.supply_by.is_some());
        let context = by(county());
        let twice = house
            .app
            .on_share_request(&context, place(), id, answer(false, "又想了想"));
        assert_eq!(
            twice.await.unwrap_err().refusal_code(),
            Some("share.answered")
        );
        let never = ShareAsked {
            category: "savings".into(),
            fields: Vec::new(),
            ..asked.clone()
        };
        let context = officer();
        let never = house.app.ask_share(&context, place_of_town(), &never).await;
        assert_eq!(never.unwrap_err().refusal_code(), Some("share.never"));
        let unknown = ShareAsked {
            category: "nothing".into(),
            ..asked
        };
        let context = officer();
        let unknown = house
            .app
            .ask_share(&context, place_of_town(), &unknown)
            .await;
        assert!(matches!(unknown, Err(AppError::BadInput(_))));
    })
    .await;
}

fn place_of_town() -> RegionCode {
    "990101001".parse().unwrap()
}

/// However often others looked meanwhile, a count opens to its own lines; of more than a
/// list holds the newest are listed and the rest is said.
#[tokio::test]
async fn a02_a_count_of_looks_opens_to_its_own_lines_and_says_what_is_not_listed() {
    both(async |db| {
        let town = Town::new(db).await;
        let own = ctx(&town, county(), Purpose::Duty);
        let (often, now) = (ctx(&town, village(), Purpose::Duty), town.app.now());
        let look = async move |tx: &mut Tx| {
            own.record(tx, "case.read", "case:1", &(), now).await?;
            for _ in 0..501 {
                often.record(tx, "case.read", "case:1", &(), now).await?;
            }
            Ok::<_, AppError>(())
        };
        town.app.db().write(look).await.unwrap();
        let listed = async |role: Role| {
            let looks = DataOf::Looks("case.read".into(), role);
            let duty = ctx(&town, county(), Purpose::Duty);
            let list = town.app.data_list(&duty, place(), &looks, None).await;
            let list = list.unwrap();
            (list.lines.len(), list.more)
        };
        assert_eq!(listed(Role::CountyApprover).await, (1, 0));
        assert_eq!(listed(Role::VillageWorker).await, (500, 1));
    })
    .await;
}
