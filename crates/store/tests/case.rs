//! Cases, papers, messages, grants: kept, read back, refused when stale, on both
//! databases.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use engine_case::{Case, Channel, Deadline, DeadlineFor, Event, Member, Opened, Phase, What};
use engine_notify::{Message, Recipient, Status};
use kernel::{
    Actor, CaseId, Date, DocumentId, HouseholdId, Instant, MessageId, Now, PersonId, RegionCode,
    Role,
};
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};
use store::testing::{both, places};
use store::{Db, Document, OpenAfter, OpenCases, StoreError};

fn at(second: i64) -> Now {
    Now {
        at: Instant::from_timestamp(1_790_000_000 + second, 0).unwrap(),
    }
}

fn worker() -> Actor {
    Actor {
        account: "town".into(),
        person: Some(PersonId(900)),
        role: Role::TownOfficer,
    }
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn event(what: What) -> Event {
    Event {
        by: worker(),
        at: at(0).at,
        what,
    }
}

fn opened(id: i64, region: &str) -> Vec<Event> {
    let opened = Opened {
        case: CaseId(id),
        service: "dibao".parse().unwrap(),
        applicant: PersonId(1),
        beneficiary: PersonId(1),
        household: HouseholdId(5),
        members: vec![Member {
            person: PersonId(1),
            adult: true,
        }],
        region: region.parse().unwrap(),
        channel: Channel::Window,
        part_of: (id > 100).then(|| (CaseId(1), "part".parse().unwrap())),
    };
    vec![event(What::Opened(opened))]
}

fn due(on: &str) -> Event {
    event(What::DeadlineSet(Deadline {
        of: DeadlineFor::Total,
        from: day("2026-03-01"),
        due: day(on),
        met: None,
        basis: None,
    }))
}

async fn create(db: &Db, events: Vec<Event>) -> CaseId {
    let mut case = Case::default();
    events.iter().for_each(|event| case.apply(event));
    db.write(async move |tx| tx.create_case(&case, &events, &worker(), at(0)).await)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_case_reads_back_with_its_history_and_a_stale_save_is_refused() {
    both(async |db| {
        let id = create(&db, opened(7, "330482001001")).await;
        let loaded = db.read(async move |tx| tx.case(id).await).await.unwrap();
        assert_eq!(loaded.version, 1);
        let save = || {
            let loaded = loaded.clone();
            db.write(async move |tx| {
                let mut case = loaded.state.clone();
                let events = [
                    due("2026-04-01"),
                    event(What::PhaseChanged {
                        phase: Phase::Handling,
                    }),
                ];
                events.iter().for_each(|event| case.apply(event));
                tx.save_case(loaded.version, &case, &events, &worker(), at(1))
                    .await
            })
        };
        assert_eq!(save().await.unwrap(), 3);
        let stale = save().await;
        assert!(
            matches!(stale, Err(StoreError::Conflict { .. })),
            "{stale:?}"
        );
        let history = db
            .read(async move |tx| tx.case_history(id).await)
            .await
            .unwrap();
        let mut folded = Case::default();
        history.iter().for_each(|one| folded.apply(&one.event));
        let now = db.read(async move |tx| tx.case(id).await).await.unwrap();
        assert_eq!((now.state, now.version), (folded, 3));
        assert_eq!(history[2].actor, worker());
        let missing = db.read(async |tx| tx.case(CaseId(404)).await).await;
        assert!(matches!(
            missing,
            Err(StoreError::NotFound { what: "办件", .. })
        ));
    })
    .await;
}

#[tokio::test]
async fn work_lists_are_by_phase_region_and_deadline() {
    both(async |db| {
        for (id, region, on) in [
            (1, "330482001001", "2026-05-01"),
            (2, "330482001001", "2026-04-01"),
            (3, "330482002001", "2026-03-15"),
            (4, "330421001001", "2026-03-01"),
        ] {
            let mut events = opened(id, region);
            events.push(due(on));
            create(&db, events).await;
        }
        create(&db, opened(101, "330482001001")).await;
        let mut begun = opened(5, "330482001001");
        begun.push(event(What::PhaseChanged {
            phase: Phase::Submitted,
        }));
        create(&db, begun).await;
        let code = |text: &str| text.parse::<RegionCode>().unwrap();
        let (from, to) = (code("330482000000"), code("330482999999"));
        let town = db
            .read(async move |tx| tx.cases_in(Phase::Draft, from, to, 10).await)
            .await
            .unwrap();
        let ids: Vec<i64> = town.iter().map(|line| line.id.0).collect();
        assert_eq!(ids, [2, 1, 101, 3], "by region, then deadline, none last");
        let late = db
            .read(async |tx| tx.cases_due(day("2026-04-01"), 10).await)
            .await
            .unwrap();
        let ids: Vec<i64> = late.iter().map(|line| line.id.0).collect();
        assert_eq!(ids, [4, 3, 2]);
        let parts = db
            .read(async |tx| tx.parts_of_case(CaseId(1)).await)
            .await
            .unwrap();
        assert_eq!(parts, [CaseId(101)]);
        let all = db
            .read(async |tx| tx.cases_of_household(HouseholdId(5)).await)
            .await
            .unwrap();
        assert_eq!(all.len(), 6);
        for (id, due_on) in [(6, Some("2026-05-01")), (7, None), (8, Some("2026-04-02"))] {
            let mut events = opened(id, "330482001001");
            events.extend(due_on.map(due));
            events.push(event(What::PhaseChanged {
                phase: Phase::Returned,
            }));
            create(&db, events).await;
        }
        let open = db.read(async move |tx| {
            let (mut open, mut after) = (Vec::new(), Some(OpenAfter::default()));
            while let Some(from_here) = after {
                let page = tx.open_cases((from, to), from_here, 2).await?;
                let ids = page.cases.iter();
                open.extend(ids.filter_map(|case| Some(case.opened.as_ref()?.case.0)));
                after = page.next;
            }
            let (today, soon) = (day("2026-04-01"), day("2026-04-04"));
            let counts = tx.count_open_cases((from, to), today, soon).await?;
            Ok::<_, StoreError>((open, counts))
        });
        let (open, counts) = open.await.unwrap();
        assert_eq!(
            open,
            [8, 6, 5, 7],
            "page by page, opened from what is sealed"
        );
        let expected = OpenCases {
            all: 4,
            late: 0,
            soon: 1,
            calm: 1,
            returned: 3,
        };
        assert_eq!(counts, expected);
    })
    .await;
}

#[tokio::test]
async fn history_and_papers_cannot_be_changed_in_the_database() {
    for place in places() {
        let db = place.open().await;
        create(&db, opened(7, "330482001001")).await;
        let paper = Document {
            id: DocumentId(1),
            case: Some(CaseId(7)),
            kind: "survey".into(),
            media: "image/png".into(),
            body: (0..=255).collect(),
        };
        let kept = paper.clone();
        db.write(async move |tx| tx.keep_document(&kept, at(0)).await)
            .await
            .unwrap();
        let read = db
            .read(async |tx| tx.document(DocumentId(1)).await)
            .await
            .unwrap();
        assert_eq!(read, paper);
        let of = db
            .read(async |tx| tx.documents_of(CaseId(7)).await)
            .await
            .unwrap();
        assert_eq!(of, [DocumentId(1)]);
        db.close().await;
        for statement in [
            "UPDATE event SET body = '{}'",
            "DELETE FROM event",
            "UPDATE document SET kind = 'x'",
            "DELETE FROM document",
        ] {
            let done = if place.name == "sqlite" {
                let mut conn = SqliteConnection::connect(&place.url).await.unwrap();
                conn.execute(statement).await.map(|_| ())
            } else {
                let mut conn = PgConnection::connect(&place.url).await.unwrap();
                conn.execute(statement).await.map(|_| ())
            };
            assert!(
                done.unwrap_err().to_string().contains("只能追加"),
                "{statement}"
            );
        }
    }
}

#[tokio::test]
async fn a_message_is_found_by_person_case_and_status() {
    both(async |db| {
        let message = Message {
            id: MessageId(1),
            occasion: "case_refused".parse().unwrap(),
            to: Recipient {
                person: PersonId(1),
                mobile: true,
                inbox: false,
            },
            case: Some(CaseId(7)),
            text: "您好".into(),
            sms: None,
            proof_wanted: true,
        };
        let written = engine_notify::Event {
            by: worker(),
            at: at(0).at,
            what: engine_notify::What::Queued(message),
        };
        db.write(async move |tx| {
            let mut state = engine_notify::State::default();
            state.apply(&written);
            let events = std::slice::from_ref(&written);
            tx.save_message(0, &state, events, &worker(), at(0)).await
        })
        .await
        .unwrap();
        let found = db
            .read(async |tx| {
                let to = tx.messages_to(PersonId(1)).await?.len();
                let about = tx.messages_about(CaseId(7)).await?.len();
                let queued = tx.messages_in(Status::Queued).await?.len();
                let sent = tx.messages_in(Status::Sent).await?.len();
                Ok::<_, StoreError>([to, about, queued, sent])
            })
            .await;
        assert_eq!(found.unwrap(), [1, 1, 1, 0]);
    })
    .await;
}

#[tokio::test]
async fn text_the_databases_would_read_differently_is_refused_by_both() {
    both(async |db| {
        let refused = db
            .write(async |tx| tx.publish("topic", "with\0nul", &1, at(0), at(0).at).await)
            .await;
        assert!(
            matches!(refused, Err(StoreError::Forbidden(_))),
            "{refused:?}"
        );
        // A failed statement ends its transaction on both, even if ignored.
        let ignored: Result<(), StoreError> = db
            .write(async |tx| {
                tx.next_id("kept").await?;
                let _ = tx.publish("topic", "\0", &1, at(0), at(0).at).await;
                Ok(())
            })
            .await;
        ignored.unwrap_err();
        let next = db.write(async |tx| tx.next_id("kept").await).await.unwrap();
        assert_eq!(next, 1);
    })
    .await;
}

#[tokio::test]
async fn a_reader_cannot_write() {
    both(async |db| {
        let refused = db.read(async |tx| tx.next_id("x").await).await;
        assert!(refused.is_err());
    })
    .await;
}
