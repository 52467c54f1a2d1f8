//! What a party is told when it asks, on both databases: within its agreement, no more
//! than it, in one voice beyond it, and always on record.

use super::*;
use crate::case::Ruling;
use crate::case::tests::town::*;
use crate::pool::tests::{batch, delivered};
use crate::signing::Signer;
use ed25519_dalek::SigningKey;
use engine_pool::ask::Receives;
use engine_pool::{QualityReport, Subject, Value};
use kernel::{DataBatchId, RegionCode};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use store::StoredRecord;
use store::testing::both;

const MUMS: &str = "990482194803150023";
const SONS: &str = "990482200001010035";
const NOBODY: &str = "990502193501010016";

const AGREEMENTS: &str = r#"
[agreements]
id = "sharing"
name = "数据共享协议"

[agreement.housing]
name = "答住建局"
way = "out"
party = "housing"
party_name = "住建局"
purposes = ["verification"]
basis = "示例"
provenance = "assumed"
from = 2026-01-01
until = 2026-04-30
data = [{ category = "resident", fields = ["state"] }]
asks = ["records", "receives"]
benefits = ["living"]
asks_per_day = 9

[agreement.centre]
name = "答数据中心"
way = "out"
party = "centre"
party_name = "数据中心"
purposes = ["verification"]
basis = "示例"
provenance = "assumed"
from = 2026-01-01
until = 2026-12-31
asks = ["statistics"]
"#;

static HOUSING: LazyLock<Signer> = LazyLock::new(|| signer("housing", 1));
static CENTRE: LazyLock<Signer> = LazyLock::new(|| signer("centre", 2));

fn signer(name: &str, seed: u8) -> Signer {
    Signer::new(name, SigningKey::from_bytes(&[seed; 32]))
}

fn ring() -> KeyRing {
    let mut ring = KeyRing::default();
    for one in [&HOUSING, &CENTRE] {
        ring.trust(one.name(), one.verifying_key());
    }
    ring
}

async fn ask(
    town: &Town,
    by: &Signer,
    (kind, category): (AskKind, Option<&str>),
    body: &str,
) -> Result<Answered, AskTurned> {
    let path = format!("/api/v1/ask/{}", kind.word());
    let signed = by.sign_request("POST", &path, body.as_bytes(), town.app.now());
    let head = AskHead {
        signed: &signed,
        path: &path,
        kind,
        category,
        body: body.as_bytes(),
    };
    town.app.answer_party(&ring(), head).await
}

fn about(number: &str, more: &str) -> String {
    format!(r#"{{"id_no":"{number}","purpose":"verification","reference":"公租房 2026-17"{more}}}"#)
}

async fn receives(town: &Town, number: &str) -> Receives {
    let body = about(number, r#","benefit":"living""#);
    match ask(town, &HOUSING, (AskKind::Receives, None), &body).await {
        Ok(Answered::Receives { answer, .. }) => answer,
        other => panic!("{other:?}"),
    }
}

async fn house(db: store::Db) -> Town {
    let town = Town::new(db).await;
    let law = law_with(&[("data/agreements.toml", AGREEMENTS)]);
    let app = town.under_law(law);
    town.moved_to(&app)
}

async fn granted(town: &Town) {
    let case = town.ripe(900, 0).await;
    town.judged(case, Some(0)).await;
    let grant = Ruling::Grant {
        from: None,
        amount: None,
        reasons: "核对过".into(),
    };
    let context = town.by(county(), Some(case));
    town.app.decide_case(&context, case, grant).await.unwrap();
}

#[tokio::test]
async fn n02_whether_somebody_receives_is_yes_no_or_not_known() {
    both(async |db| {
        let town = house(db).await;
        granted(&town).await;
        town.at("2026-03-25T02:00:00Z");
        assert_eq!(receives(&town, MUMS).await, Receives::No, "from April on");
        town.at("2026-04-10T02:00:00Z");
        assert_eq!(receives(&town, MUMS).await, Receives::Yes);
        assert_eq!(
            receives(&town, SONS).await,
            Receives::Yes,
            "the household's"
        );
        assert_eq!(receives(&town, NOBODY).await, Receives::NotKnown);
        let rows = town.app.db().read(async |tx| tx.audit_of("person:1").await);
        let rows = rows.await.unwrap();
        let asked = rows.iter().filter(|row| row.action == "ask.answered");
        assert_eq!(asked.count(), 2, "each question is on record");
    })
    .await;
}

#[tokio::test]
async fn n02_records_come_within_the_agreed_fields_and_old_data_is_no_answer() {
    both(async |db| {
        let town = house(db).await;
        let good = QualityReport {
            rows: 1,
            taken: 1,
            ..QualityReport::default()
        };
        delivered(&town, batch(1, "resident", "2026-03-01", good, true)).await;
        let record = StoredRecord {
            person: Some(MUM),
            record: engine_pool::Record {
                category: slug("resident"),
                subject: Subject::Person(MUMS.parse().unwrap()),
                record_no: "R1".into(),
                as_of: "2026-03-01".parse().unwrap(),
                values: BTreeMap::from([
                    (slug("birth"), Value::Date("1948-03-15".parse().unwrap())),
                    (slug("state"), Value::Code(slug("here"))),
                ]),
            },
        };
        let put =
            async move |tx: &mut Tx| tx.put_records(DataBatchId(1), vec![record.clone()]).await;
        town.app.db().write(put).await.unwrap();
        town.at("2026-03-02T02:00:00Z");
        let of = async |number: &str, more: &str| {
            let kind = (AskKind::Records, Some("resident"));
            ask(&town, &HOUSING, kind, &about(number, more)).await
        };
        let Ok(Answered::Records { records, .. }) = of(MUMS, "").await else {
            panic!("no records");
        };
        let keys: Vec<&str> = records[0].keys().map(String::as_str).collect();
        assert_eq!(keys, ["as_of", "record_no", "state"]);
        assert_eq!(records[0]["state"], "here");
        let none = of(SONS, "").await.unwrap();
        assert!(matches!(none, Answered::NoRecord { .. }), "{none:?}");
        let beyond = of(MUMS, r#","fields":["birth"]"#).await;
        assert!(matches!(beyond, Err(AskTurned::NotAgreed)), "{beyond:?}");
        town.at("2026-04-25T02:00:00Z");
        for number in [MUMS, SONS, NOBODY] {
            let old = of(number, "").await.unwrap();
            assert_eq!(old, Answered::NotKnown, "{number}");
        }
    })
    .await;
}

#[tokio::test]
async fn n02_a_refused_row_is_not_known_of_whoever_has_the_number() {
    both(async |db| {
        let town = house(db).await;
        let good = QualityReport {
            rows: 2,
            taken: 0,
            ..QualityReport::default()
        };
        delivered(&town, batch(1, "resident", "2026-03-01", good, true)).await;
        // A son's row and a stranger's were refused.
        let gaps = async move |tx: &mut Tx| {
            let numbers = [SONS, NOBODY].map(|one| one.parse::<PersonNumber>().unwrap());
            tx.put_gaps(DataBatchId(1), &slug("resident"), &numbers.into())
                .await
        };
        town.app.db().write(gaps).await.unwrap();
        town.at("2026-03-02T02:00:00Z");
        let of = async |number: &str| {
            let kind = (AskKind::Records, Some("resident"));
            ask(&town, &HOUSING, kind, &about(number, ""))
                .await
                .unwrap()
        };
        for number in [SONS, NOBODY] {
            assert_eq!(of(number).await, Answered::NotKnown, "{number}");
        }
        let looked = of(MUMS).await;
        assert!(matches!(looked, Answered::NoRecord { .. }), "{looked:?}");
    })
    .await;
}

#[tokio::test]
async fn n02_what_was_not_agreed_is_refused_in_one_voice_and_the_audit_knows_why() {
    both(async |db| {
        let town = house(db).await;
        town.at("2026-04-20T02:00:00Z");
        let living = r#","benefit":"living""#;
        let receives = (AskKind::Receives, None);
        let records = |category| (AskKind::Records, Some(category));
        let purpose = about(MUMS, living).replace("verification", "discovery");
        let mut voices = BTreeSet::new();
        let cases: [(&Signer, _, String); 6] = [
            (&CENTRE, receives, about(MUMS, living)),
            (&HOUSING, receives, about(MUMS, r#","benefit":"near""#)),
            (&HOUSING, receives, purpose),
            (&HOUSING, records("savings"), about(MUMS, "")),
            (&HOUSING, records("nothing"), about(MUMS, "")),
            (
                &HOUSING,
                records("resident"),
                about(MUMS, r#","fields":["birth"]"#),
            ),
        ];
        for (by, kind, body) in &cases {
            let refused = ask(&town, by, *kind, body).await.unwrap_err();
            voices.insert((refused.code(), refused.to_string()));
        }
        town.at("2026-05-02T02:00:00Z");
        let ended = ask(&town, &HOUSING, receives, &about(MUMS, living)).await;
        let ended = ended.unwrap_err();
        voices.insert((ended.code(), ended.to_string()));
        assert_eq!(voices.len(), 1, "{voices:?}");
        assert_eq!(voices.first().unwrap().0, "ask.not_agreed");
        let rows = town.app.db().read(async |tx| tx.audit_of("pool").await);
        let rows = rows.await.unwrap();
        let refused = rows.iter().filter(|row| row.action == "ask.refused");
        assert_eq!(refused.count(), 7);
        let duty = Context {
            purpose: Purpose::Duty,
            ..town.by(county(), None)
        };
        let place: RegionCode = "990101".parse().unwrap();
        let told = town.app.asks(&duty, place).await.unwrap();
        let count: i64 = told.refused.iter().map(|one| one.2).sum();
        assert_eq!((told.answered, count), (0, 7));
        let housing = told.lines.iter().find(|one| one.party == "住建局").unwrap();
        assert!(!housing.runs);
    })
    .await;
}

#[tokio::test]
async fn n02_a_question_counts_once_and_no_more_than_agreed_for_a_day() {
    both(async |db| {
        let town = house(db).await;
        town.at("2026-03-02T02:00:00Z");
        let kind = (AskKind::Receives, None);
        let body = about(NOBODY, r#","benefit":"living""#);
        let path = "/api/v1/ask/receives";
        let now = town.app.now();
        let signed = HOUSING.sign_request("POST", path, body.as_bytes(), now);
        let send = async |signed: &SignedHeaders, body: &str| {
            let head = AskHead {
                signed,
                path,
                kind: AskKind::Receives,
                category: None,
                body: body.as_bytes(),
            };
            town.app.answer_party(&ring(), head).await
        };
        assert!(send(&signed, &body).await.is_ok());
        let again = send(&signed, &body).await.unwrap_err();
        assert_eq!(again.code(), "ask.replayed");
        let other = HOUSING.sign_request("POST", path, body.as_bytes(), now);
        let changed = send(&other, &body.replace(NOBODY, MUMS)).await.unwrap_err();
        assert_eq!(changed.code(), "ask.signature");
        let stranger = signer("housing", 9).sign_request("POST", path, body.as_bytes(), now);
        assert_eq!(
            send(&stranger, &body).await.unwrap_err().code(),
            "ask.signature"
        );
        for bad in ["{}", &about("12", ""), &body.replace("公租房 2026-17", " ")] {
            let unreadable = ask(&town, &HOUSING, kind, bad).await.unwrap_err();
            assert_eq!(unreadable.code(), "ask.unreadable", "{bad}");
        }
        for _ in 1..9 {
            ask(&town, &HOUSING, kind, &body).await.unwrap();
        }
        let over = ask(&town, &HOUSING, kind, &body).await.unwrap_err();
        assert_eq!(over.code(), "ask.too_many");
        town.at("2026-03-03T02:00:00Z");
        assert!(ask(&town, &HOUSING, kind, &body).await.is_ok(), "a new day");
        let counts = r#"{"purpose":"verification","reference":"月报"}"#;
        let table = ask(&town, &CENTRE, (AskKind::Statistics, None), counts).await;
        assert!(matches!(table, Ok(Answered::Statistics(_))), "{table:?}");
    })
    .await;
}

/// Nobody learns from a refusal, or from how long it took, whether somebody has a number:
/// it is refused before anybody is looked up.
#[tokio::test]
async fn n03_a_refused_question_costs_the_same_whoever_has_the_number() {
    let place = store::testing::sqlite();
    let town = house(place.open().await).await;
    town.at("2026-03-02T02:00:00Z");
    // Without a purpose, and for another than was agreed.
    let bent = [
        ("ask.unreadable", r#""purpose":"verification","#, ""),
        ("ask.not_agreed", "verification", "discovery"),
    ];
    for (code, agreed, instead) in bent {
        let mut times: [Vec<std::time::Duration>; 2] = Default::default();
        let mut voices = BTreeSet::new();
        for round in 0..60 {
            // By turns, whichever first: what the machine does beside strikes both.
            for at in [round % 2, 1 - round % 2] {
                let body = about([MUMS, NOBODY][at], r#","benefit":"living""#);
                let body = body.replace(agreed, instead);
                let begun = std::time::Instant::now();
                let answer = ask(&town, &HOUSING, (AskKind::Receives, None), &body).await;
                times[at].push(begun.elapsed());
                let why = answer.unwrap_err();
                voices.insert((why.code(), why.to_string()));
            }
        }
        assert_eq!(voices.len(), 1, "{voices:?}");
        assert_eq!(voices.first().unwrap().0, code);
        let [theirs, nobodys] = times.map(|mut all| {
            all.sort();
            all[all.len() / 2]
        });
        let told = format!("{code}: somebody's {theirs:?}, nobody's {nobodys:?}");
        assert!(theirs < nobodys * 2 && nobodys < theirs * 2, "{told}");
    }
    let rows = town.app.db().read(async |tx| tx.audit_of("pool").await);
    let rows = rows.await.unwrap();
    let refused = rows.iter().filter(|row| row.action == "ask.refused");
    assert_eq!(refused.count(), 240, "each of them is on record");
    let rows = town.app.db().read(async |tx| tx.audit_of("person:1").await);
    let rows = rows.await.unwrap();
    let looked = rows.iter().filter(|row| row.action.starts_with("ask."));
    assert_eq!(looked.count(), 0, "nobody was looked up");
}
