//! 「检验」 The line to the departments against departments that behave, are down,
//! slow, forged, or send what nobody asked.

mod flow;
mod papers;
mod reports;

use super::answers::{answers, query};
use super::{Departments, wire};
use crate::signing::{KeyRing, Nonces, SignedHeaders, Signer};
use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use ed25519_dalek::SigningKey;
use engine_pool::verification::Member;
use engine_pool::*;
use kernel::{FieldLevel, Now, PersonId, Provenance, Slug};
use std::collections::BTreeMap;
use std::time::Duration;

const MOTHER: &str = "990482194803150023";
const SON: &str = "990482200001010035";

fn now() -> Now {
    let at = "2026-11-23T04:00:00Z".parse().unwrap();
    Now { at }
}

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn signer(name: &str, seed: u8) -> Signer {
    Signer::new(name, SigningKey::from_bytes(&[seed; 32]))
}

/// Each department's manner is its name.
async fn department(Path(name): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let got = SignedHeaders::collect(|name| headers.get(name)?.to_str().ok()).unwrap();
    let mut ring = KeyRing::default();
    ring.trust("civil", signer("civil", 1).verifying_key());
    let path = wire::path(&slug(&name));
    let believed = ring.verify_request(&got, "POST", &path, &body, now(), &mut Nonces::default());
    assert_eq!(believed, Ok("civil".to_owned()));
    let asked: wire::Query = serde_json::from_slice(&body).unwrap();
    let reply = serde_json::to_vec(&wire::Reply {
        verification: asked.verification,
        answers: vec![],
    });
    let trouble = serde_json::to_vec(&wire::Trouble {
        why: "今天维护".into(),
    })
    .unwrap();
    let own = signer(&name, 2);
    let (status, body) = match name.as_str() {
        "declines" => (403, trouble),
        "fails" => (500, trouble),
        "garbles" => (200, b"{\"verification\":".to_vec()),
        "floods" => (200, vec![b' '; 5 << 20]),
        _ => (200, reply.unwrap()),
    };
    let signed = match name.as_str() {
        "slow" => {
            tokio::time::sleep(Duration::from_secs(30)).await;
            own.sign_reply(status, &body, &got.nonce, now())
        }
        "gateway" => return (StatusCode::BAD_GATEWAY, "bad gateway").into_response(),
        "unsigned" => return (StatusCode::OK, body).into_response(),
        "moved" => {
            return (StatusCode::FOUND, [("location", "http://example.invalid/")]).into_response();
        }
        "forged" => signer(&name, 3).sign_reply(status, &body, &got.nonce, now()),
        "replayed" => own.sign_reply(status, &body, "another", now()),
        "tampered" => own.sign_reply(status, b"{}", &got.nonce, now()),
        _ => own.sign_reply(status, &body, &got.nonce, now()),
    };
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    for (name, value) in signed.pairs() {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

async fn line(names: &[&str]) -> Departments {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/departments/{department}/query", post(department));
    tokio::spawn(async move { axum::serve(listener, router).await });
    // A port nobody listens on: bound once and closed again.
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nowhere = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let mut ring = KeyRing::default();
    for name in names {
        ring.trust(*name, signer(name, 2).verifying_key());
    }
    Departments::new(base, signer("civil", 1), ring, Duration::from_secs(3))
        .unwrap()
        .at(slug("down"), nowhere)
}

fn members() -> Vec<Member> {
    [(1, MOTHER), (2, SON)]
        .into_iter()
        .map(|(person, number)| Member {
            person: PersonId(person),
            number: number.parse().unwrap(),
        })
        .collect()
}

fn question() -> wire::Query {
    query((3, 7, 5), &members(), [slug("vehicle")])
}

#[tokio::test]
async fn every_way_a_department_does_not_answer_is_named() {
    let names = [
        "works", "declines", "fails", "garbles", "floods", "slow", "gateway", "unsigned", "moved",
        "forged", "replayed", "tampered",
    ];
    let line = line(&names).await;
    let untrusted = |why: &str| Err(NoAnswer::Untrusted(why.to_owned()));
    for (name, expected) in [
        (
            "works",
            Ok(wire::Reply {
                verification: 3,
                answers: vec![],
            }),
        ),
        ("declines", Err(NoAnswer::Declined("今天维护".into()))),
        ("fails", Err(NoAnswer::Failed("今天维护".into()))),
        ("garbles", untrusted("答复的格式不对")),
        ("floods", untrusted("答复太长")),
        ("slow", Err(NoAnswer::Timeout { seconds: 3 })),
        ("gateway", Err(NoAnswer::Unreachable)),
        ("down", Err(NoAnswer::Unreachable)),
        ("unsigned", untrusted("签名头 x-nx-key 缺失或读不懂")),
        ("moved", untrusted("签名头 x-nx-key 缺失或读不懂")),
        ("forged", untrusted("签名不对")),
        ("replayed", untrusted("答复不是对这次请求的")),
        ("tampered", untrusted("正文和签名里的摘要不一致")),
        ("stranger", untrusted("不认识签名方“stranger”")),
    ] {
        assert_eq!(
            line.ask(&slug(name), &question(), now).await,
            expected,
            "{name}"
        );
    }
}

fn catalogue() -> Catalogue {
    let field = Field {
        id: slug("price"),
        name: "价格".into(),
        ty: FieldType::Money,
        level: FieldLevel::L3,
        required: true,
    };
    let category = |id: &str, no| Category {
        id: slug(id),
        no,
        name: id.into(),
        frequency: Frequency::D,
        sensitivity: Sensitivity::S3,
        use_for: slug("asset"),
        keyed_by: KeyedBy::Person,
        purposes: [PurposeKind::Verification].into(),
        provenance: Provenance::Assumed,
        source: None,
        file: FileKind::Csv,
        fields: vec![field.clone()],
    };
    let categories = [category("vehicle", 1), category("ship", 2)];
    let categories = categories.into_iter().map(|c| (c.id.clone(), c)).collect();
    Catalogue::new([Department {
        id: slug("psb"),
        name: "公安".into(),
        categories,
    }])
    .unwrap()
}

fn row(cells: &[(&str, &str)]) -> BTreeMap<String, String> {
    cells
        .iter()
        .map(|(name, cell)| ((*name).to_owned(), (*cell).to_owned()))
        .collect()
}

fn one(id_no: &str, category: &str, found: wire::Found) -> wire::One {
    wire::One {
        id_no: id_no.into(),
        category: slug(category),
        found,
    }
}

fn taken(answers_given: Vec<wire::One>) -> Result<Vec<Answer>, NoAnswer> {
    let reply = wire::Reply {
        verification: 3,
        answers: answers_given,
    };
    let answered = answers(reply, &question(), &members(), &catalogue(), now().today())?;
    Ok(answered.into_iter().map(|one| one.answer).collect())
}

#[test]
fn cells_become_typed_answers_or_none() {
    let good = row(&[
        ("id_no", MOTHER),
        ("record_no", "V1"),
        ("as_of", "2026-11-01"),
        ("price", "80000"),
    ]);
    let with = |name: &str, cell: &str| {
        let mut row = good.clone();
        row.insert(name.to_owned(), cell.to_owned());
        row
    };
    let untrusted = |why: &str| Answer::NoAnswer {
        why: NoAnswer::Untrusted(why.into()),
    };
    let day = |text: &str| text.parse().unwrap();
    let no_record = |as_of| wire::Found::NoRecord { as_of: day(as_of) };
    for (found, expected) in [
        (
            no_record("2026-11-23"),
            Answer::NoRecord {
                as_of: day("2026-11-23"),
            },
        ),
        (no_record("2026-11-24"), untrusted("数据日期还没有到")),
        (
            wire::Found::Declined {
                why: "无权".into()
            },
            Answer::NoAnswer {
                why: NoAnswer::Declined("无权".into()),
            },
        ),
        (
            wire::Found::Records(vec![]),
            untrusted("说有记录，却一条也没有"),
        ),
        (
            wire::Found::Records(vec![good.clone(), with("price", "1.234")]),
            untrusted("第2行“价格”：小数太多。金额最多两位小数（到分），其余最多六位"),
        ),
        (
            wire::Found::Records(vec![with("id_no", SON)]),
            untrusted("记录是别人的"),
        ),
        (
            wire::Found::Records(vec![with("colour", "红")]),
            untrusted("第1行“colour”：数据目录里没有这一项"),
        ),
    ] {
        assert_eq!(
            taken(vec![one(MOTHER, "vehicle", found)]),
            Ok(vec![expected])
        );
    }
    let records = taken(vec![one(
        MOTHER,
        "vehicle",
        wire::Found::Records(vec![good]),
    )])
    .unwrap();
    let [Answer::Records(held)] = &records[..] else {
        panic!("{records:?}");
    };
    let price = Value::Money(kernel::Money::from_yuan(80_000).unwrap());
    assert_eq!(
        (held[0].record.get("price"), held[0].batch),
        (Some(&price), None)
    );
}

#[test]
fn what_nobody_asked_makes_the_whole_reply_untrusted() {
    let none = || wire::Found::NoRecord {
        as_of: now().today(),
    };
    for (id_no, category) in [
        ("990502193501010016", "vehicle"),
        (MOTHER, "ship"),
        (MOTHER, "rocket"),
    ] {
        let refused = taken(vec![
            one(SON, "vehicle", none()),
            one(id_no, category, none()),
        ]);
        assert!(
            matches!(refused, Err(NoAnswer::Untrusted(_))),
            "{id_no} {category}"
        );
    }
    let reply = wire::Reply {
        verification: 4,
        answers: vec![],
    };
    let other = answers(reply, &question(), &members(), &catalogue(), now().today());
    assert!(matches!(other, Err(NoAnswer::Untrusted(_))));
}
