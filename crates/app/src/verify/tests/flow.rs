//! The whole verification on both databases: one department down, one that
//! contradicts what was declared, an interruption, a withdrawal.

use super::*;
use crate::verify::Wanted;
use crate::{App, AppError, Context, Law};
use axum::extract::State;
use engine_access::{Grant, Grants, Holder, Purpose};
use engine_case::{Case, Channel, Opened, Phase, What};
use engine_policy::Entry;
use engine_pool::authorisation::{Capacity, Scope, Signature};
use engine_pool::report::Outcome;
use engine_pool::verification::{Declaration, Declared};
use engine_registry::{Origin, PersonFact};
use kernel::{
    Actor, AuthorisationId, CaseId, FixedClock, HouseholdId, Money, RegionCode, Role,
    VerificationId,
};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use store::{Db, Loaded, Tx};

pub(super) const MUM: PersonId = PersonId(1);
pub(super) const BOY: PersonId = PersonId(2);

pub(super) fn officer() -> Actor {
    Actor {
        account: "town".into(),
        person: Some(PersonId(900)),
        role: Role::TownOfficer,
    }
}

pub(super) fn context(request: &str) -> Context {
    Context {
        actor: officer(),
        purpose: Purpose::Case(CaseId(7)),
        request: request.into(),
    }
}

/// A law that says nothing but which data there is: the police know vehicles and
/// ships, the bank knows deposits.
fn law() -> Law {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write(
        "pack.toml",
        "[pack]\nid = \"p\"\nname = \"试\"\nregion = \"330000000000\"\n",
    );
    write(
        "regions.csv",
        "code,name,parent,level\n330000000000,浙江省,,province\n",
    );
    for (department, categories) in [
        ("psb", &[("vehicle", 1), ("ship", 2)][..]),
        ("bank", &[("deposit", 3)]),
    ] {
        let mut text = format!("[department]\nid = \"{department}\"\nname = \"部门\"\n");
        for (category, no) in categories {
            text += &format!(
                "[category.{category}]\nno = {no}\nname = \"数据\"\nfrequency = \"D\"\n\
                 sensitivity = \"S3\"\nuse = \"asset\"\nkeyed_by = \"person\"\n\
                 purposes = [\"verification\"]\nprovenance = \"assumed\"\nfile = \"csv\"\n\
                 field = [{{ id = \"price\", name = \"价格\", type = \"money\", level = \"L3\", required = true }}]\n"
            );
        }
        write(&format!("{department}.toml"), &text);
    }
    let mut text = "[vocabulary]\nid = \"v\"\nname = \"事实\"\n".to_owned();
    for (fact, of, category) in [
        ("car_worth", "person", "vehicle"),
        ("savings", "household", "deposit"),
    ] {
        text += &format!(
            "[fact.{fact}]\nlabel = \"事实{fact}\"\nof = \"{of}\"\nunit = \"元\"\nlevel = \"L3\"\n\
             needs = \"authorisation\"\ncost = 3\nusual = 0\nbasis = \"试\"\n\
             from = {{ category = \"{category}\", field = \"price\", take = \"sum\", absent = 0 }}\n"
        );
    }
    text += "[[contradiction]]\nid = \"car_and_ship\"\nsays = \"又有车又有船\"\n\
             not_both = [\"vehicle\", \"ship\"]\n";
    write("vocabulary.toml", &text);
    let loaded = packs::load(dir.path());
    let faults = loaded.report.render();
    Law::new(loaded.pack.unwrap_or_else(|| panic!("{faults}")))
}

/// What the simulated departments share.
#[derive(Default)]
pub(super) struct Outside {
    pub(super) bank_up: AtomicBool,
    pub(super) asked: AtomicUsize,
    /// Whether the boy has a ship beside his car.
    pub(super) ship: AtomicBool,
    slip: AtomicBool,
}

/// The police find one car of the boy's; the bank, when up, finds nothing.
async fn answer(
    State(outside): State<Arc<Outside>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    outside.asked.fetch_add(1, Ordering::SeqCst);
    if name == "bank" && !outside.bank_up.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let got = SignedHeaders::collect(|name| headers.get(name)?.to_str().ok()).unwrap();
    let asked: wire::Query = serde_json::from_slice(&body).unwrap();
    let mut answers = Vec::new();
    for id_no in &asked.persons {
        for category in &asked.categories {
            let car = id_no == SON && category.as_str() == "vehicle";
            let ship = id_no == SON && category.as_str() == "ship";
            let ship = ship && outside.ship.load(Ordering::SeqCst);
            let cells = [
                ("id_no", id_no.as_str()),
                ("record_no", if ship { "S1" } else { "V1" }),
                ("as_of", "2026-11-01"),
                ("price", "80000"),
            ];
            let found = match car || ship {
                true => wire::Found::Records(vec![row(&cells)]),
                false => wire::Found::NoRecord {
                    as_of: now().today(),
                },
            };
            answers.push(one(id_no, category.as_str(), found));
        }
    }
    if outside.slip.load(Ordering::SeqCst) {
        answers.push(answers[0].clone());
    }
    let verification = asked.verification;
    let body = serde_json::to_vec(&wire::Reply {
        verification,
        answers,
    })
    .unwrap();
    let signed = signer(&name, 2).sign_reply(200, &body, &got.nonce, now());
    let mut response = (StatusCode::OK, body).into_response();
    for (name, value) in signed.pairs() {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

pub(super) async fn outside() -> (Arc<Outside>, Departments) {
    let outside = Arc::new(Outside::default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/departments/{department}/query", post(answer))
        .with_state(Arc::clone(&outside));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut ring = KeyRing::default();
    for name in ["psb", "bank"] {
        ring.trust(name, signer(name, 2).verifying_key());
    }
    let wait = Duration::from_secs(5);
    let line = Departments::new(base, signer("civil", 1), ring, wait).unwrap();
    (outside, line)
}

pub(super) fn authorisation() -> Authorisation {
    let sign = |capacity| Signature {
        by: MUM,
        capacity,
        on: "2026-11-01".parse().unwrap(),
    };
    Authorisation {
        id: AuthorisationId(5),
        household: HouseholdId(1),
        case: CaseId(7),
        signatures: BTreeMap::from([(MUM, sign(Capacity::Own)), (BOY, sign(Capacity::Guardian))]),
        scope: Scope::All,
        from: "2026-11-01".parse().unwrap(),
        to: "2027-10-31".parse().unwrap(),
        withdrawn: None,
    }
}

pub(super) fn opened() -> Opened {
    let member = |person| engine_case::Member {
        person,
        adult: person == MUM,
    };
    Opened {
        case: CaseId(7),
        service: slug("allowance"),
        applicant: MUM,
        beneficiary: MUM,
        household: HouseholdId(1),
        members: vec![member(MUM), member(BOY)],
        region: "330482001".parse::<RegionCode>().unwrap(),
        channel: Channel::Window,
        part_of: None,
    }
}

/// A family in the register, a case being handled, a signed paper, an officer
/// with the town's grant.
async fn furnish(tx: &mut Tx) -> store::Result<()> {
    let by = officer();
    let grant = Grant {
        holder: Holder::Person(PersonId(900)),
        role: Role::TownOfficer,
        region: "330482001".parse().unwrap(),
        from: "2026-01-01".parse().unwrap(),
        to: None,
    };
    let state = Grants {
        grants: vec![grant],
        proposals: vec![],
    };
    let grants = Loaded { state, version: 0 };
    let holder = Holder::Person(PersonId(900));
    tx.save_grants(&holder, &grants, &[], &by, now()).await?;
    let (mut register, mut log) = (engine_registry::State::default(), Vec::new());
    for (id, number) in [(MUM, MOTHER), (BOY, SON)] {
        let facts = vec![
            PersonFact::Name("测试".parse().unwrap()),
            PersonFact::Number(number.parse().unwrap()),
        ];
        let as_of = "2026-01-01".parse().unwrap();
        let origin = Origin::Declared {
            case: None,
            by: by.clone(),
            as_of,
        };
        let command = engine_registry::Command::RegisterPerson { id, facts, origin };
        let config = engine_registry::Config::default();
        let events = engine_registry::decide(&register, command, &config, now()).unwrap();
        events.iter().for_each(|event| register.apply(event));
        log.extend(events);
    }
    tx.load_register(&register, &log, &by, now()).await?;
    let event = engine_case::Event {
        by: by.clone(),
        at: now().at,
        what: What::Opened(opened()),
    };
    let mut case = Case::default();
    case.apply(&event);
    case.phase = Phase::Handling;
    tx.create_case(&case, &[event], &by, now()).await?;
    tx.keep_authorisation(&authorisation(), &by, now()).await
}

pub(super) async fn open(db: Db) -> App {
    db.write(async |tx| furnish(tx).await).await.unwrap();
    App::new(db, law(), Arc::new(FixedClock(now())))
}

pub(super) fn wanted() -> Wanted {
    let declare = |person, category: &str| Declaration {
        person,
        category: slug(category),
        says: Declared::Nothing,
    };
    Wanted {
        case: CaseId(7),
        authorisation: AuthorisationId(5),
        categories: BTreeSet::new(),
        declared: vec![declare(BOY, "vehicle"), declare(MUM, "deposit")],
        people: BTreeSet::new(),
    }
}

#[tokio::test]
async fn a08_one_click_verifies_the_whole_household() {
    store::testing::both(async |db| {
        let (app, (outside, line)) = (open(db).await, outside().await);
        let report = app
            .verify_household(&context("r1"), &line, wanted())
            .await
            .unwrap();
        assert_eq!(
            (report.outcome, report.asked, report.answered),
            (Outcome::Doubtful, 6, 4)
        );
        let named: Vec<&str> = report
            .unanswered
            .iter()
            .map(|one| one.department.as_str())
            .collect();
        assert_eq!(named, ["bank", "bank"]);
        assert_eq!(report.unanswered[0].why, NoAnswer::Unreachable);
        assert_eq!(
            (report.differences.len(), report.differences[0].person),
            (1, BOY)
        );
        assert_eq!(outside.asked.load(Ordering::SeqCst), 2);
        // The same request again: the same report, and nobody is asked again.
        let again = app.verify_household(&context("r1"), &line, wanted()).await;
        assert_eq!(
            (again.unwrap(), outside.asked.load(Ordering::SeqCst)),
            (report.clone(), 2)
        );
        // The household explains, a person settles, the bank is back.
        let id = report.id;
        let words = "哥哥的车，登记在我名下".to_owned();
        app.explain_difference(&context("r2"), id, 0, words)
            .await
            .unwrap();
        let reason = "有过户协议".to_owned();
        app.settle_difference(&context("r3"), id, (0, true), reason)
            .await
            .unwrap();
        let open = app
            .verification_report(&context("r4"), id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(open.outcome, Outcome::Incomplete);
        outside.bank_up.store(true, Ordering::SeqCst);
        let whole = app
            .recheck_verification(&context("r5"), &line, id)
            .await
            .unwrap();
        assert_eq!((whole.outcome, whole.answered), (Outcome::Passed, 6));
        assert_eq!(outside.asked.load(Ordering::SeqCst), 3);
        let done = app.recheck_verification(&context("r6"), &line, id).await;
        assert_eq!(
            done.unwrap_err().refusal_code(),
            Some("pool.nothing_to_recheck")
        );
        let rows = app
            .db()
            .read(async move |tx| tx.audit_of(&format!("verification:{id}")).await);
        let rows: Vec<String> = rows
            .await
            .unwrap()
            .into_iter()
            .map(|row| row.action)
            .collect();
        // Begun once; two answers, compared, explained, settled, asked again,
        // answered, compared; read once.
        assert_eq!(
            rows.iter()
                .filter(|row| *row == "verification_requested")
                .count(),
            1
        );
        assert_eq!(
            rows.iter()
                .filter(|row| *row == "verification_step")
                .count(),
            8
        );
        assert_eq!(
            rows.iter()
                .filter(|row| *row == "verification_read")
                .count(),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn an_interrupted_verification_is_carried_on() {
    store::testing::both(async |db| {
        let (app, (outside, line)) = (open(db).await, outside().await);
        outside.bank_up.store(true, Ordering::SeqCst);
        let id = app
            .begin_verification(&context("r1"), wanted())
            .await
            .unwrap();
        assert_eq!(
            app.begin_verification(&context("r1"), wanted())
                .await
                .unwrap(),
            id
        );
        assert_eq!(
            app.verification_report(&context("r2"), id).await.unwrap(),
            None
        );
        // Two carry it on at once: every answer is kept once, both get the report.
        let ctx = context("r1");
        let carry = || app.carry_on_verification(&ctx, &line, id);
        let (one, other) = tokio::join!(carry(), carry());
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!((one.outcome, one.answered), (Outcome::Doubtful, 6));
        assert_eq!(one.differences, other.differences);
        assert!((2..=4).contains(&outside.asked.load(Ordering::SeqCst)));
    })
    .await;
}

#[tokio::test]
async fn after_a_withdrawal_nobody_is_asked() {
    store::testing::both(async |db| {
        let (app, (outside, line)) = (open(db).await, outside().await);
        let id = app
            .begin_verification(&context("r1"), wanted())
            .await
            .unwrap();
        let withdrawn = Authorisation {
            withdrawn: Some(engine_pool::authorisation::Withdrawal {
                by: MUM,
                on: now().today(),
            }),
            ..authorisation()
        };
        app.db()
            .write(async move |tx| {
                tx.save_authorisation(1, &withdrawn, &officer(), now())
                    .await
            })
            .await
            .unwrap();
        let refused = app.carry_on_verification(&context("r1"), &line, id).await;
        let code = refused.unwrap_err().refusal_code();
        assert_eq!(code, Some("pool.authorisation_withdrawn"));
        let anew = app.begin_verification(&context("r2"), wanted()).await;
        assert_eq!(anew.unwrap_err().refusal_code(), code);
        assert_eq!(outside.asked.load(Ordering::SeqCst), 0);
    })
    .await;
}

#[tokio::test]
async fn without_right_purpose_or_paper_nothing_begins() {
    store::testing::both(async |db| {
        let app = open(db).await;
        let mut stranger = context("r1");
        stranger.actor.person = Some(PersonId(901));
        let mut nosy = context("r2");
        nosy.purpose = Purpose::Case(CaseId(8));
        let mut related = context("r3");
        related.actor.person = Some(MUM);
        for (ctx, code) in [
            (stranger, "access."),
            (nosy, "pool.not_for_this_case"),
            (related, "access."),
        ] {
            let refused = app.begin_verification(&ctx, wanted()).await.unwrap_err();
            let found = refused.refusal_code().unwrap_or_default();
            assert!(found.starts_with(code), "{found}");
        }
        let other = Wanted {
            authorisation: AuthorisationId(6),
            ..wanted()
        };
        let missing = app.begin_verification(&context("r4"), other).await;
        assert!(matches!(missing, Err(AppError::Store(_))));
        let kept = app
            .db()
            .read(async |tx| tx.verifications_of(CaseId(7)).await)
            .await;
        assert_eq!(kept.unwrap(), Vec::<VerificationId>::new());
    })
    .await;
}

/// What is known of the boy's car and of the savings, in words.
async fn facts(app: &App, id: VerificationId) -> (String, String) {
    let household = app.verified_facts(&context("f"), id).await.unwrap();
    assert_eq!(household.members.len(), 2);
    let told = |entry: Option<&Entry>| match entry {
        Some(Entry::Known(expr::Value::Number(number), _)) => number.to_string(),
        Some(Entry::Missing(why)) => format!("{why:?}"),
        other => format!("{other:?}"),
    };
    let car = household.members[1].facts.get(&slug("car_worth"));
    let savings = household.facts.get(&slug("savings"));
    (told(car), told(savings))
}

#[tokio::test]
async fn what_is_in_dispute_is_known_to_nobody_until_a_person_settles_it() {
    store::testing::both(async |db| {
        let (app, (outside, line)) = (open(db).await, outside().await);
        let id = app
            .begin_verification(&context("r1"), wanted())
            .await
            .unwrap();
        let early = app.verified_facts(&context("r1"), id).await.unwrap_err();
        assert_eq!(early.refusal_code(), Some("pool.not_compared"));
        app.carry_on_verification(&context("r1"), &line, id)
            .await
            .unwrap();
        let silent = "NoAnswer { department: Slug(\"bank\") }";
        let (car, savings) = facts(&app, id).await;
        assert_eq!((car.as_str(), savings.as_str()), ("Disputed", silent));
        let settle = async |accepted| {
            let ctx = context("r2");
            let settled = app.settle_difference(&ctx, id, (0, accepted), "查实".into());
            settled.await.unwrap();
            facts(&app, id).await.0
        };
        // It is the boy's car after all: what was found stands.
        assert_eq!(settle(false).await.parse(), Ok(Money::from_fen(8_000_000)));
        // It is not: there is none.
        assert_eq!(settle(true).await.parse(), Ok(Money::ZERO));
        outside.bank_up.store(true, Ordering::SeqCst);
        app.recheck_verification(&context("r5"), &line, id)
            .await
            .unwrap();
        let (car, savings) = facts(&app, id).await;
        let amounts = [car.parse(), savings.parse()];
        assert_eq!(amounts, [Ok(Money::ZERO), Ok(Money::ZERO)]);
    })
    .await;
}

#[tokio::test]
async fn an_answer_twice_in_one_reply_is_not_believed() {
    let place = store::testing::sqlite();
    let (app, (outside, line)) = (open(place.open().await).await, outside().await);
    outside.bank_up.store(true, Ordering::SeqCst);
    outside.slip.store(true, Ordering::SeqCst);
    let report = app
        .verify_household(&context("r1"), &line, wanted())
        .await
        .unwrap();
    assert_eq!((report.outcome, report.answered), (Outcome::Incomplete, 0));
    let untrusted = |why: &NoAnswer| matches!(why, NoAnswer::Untrusted(_));
    assert!(report.unanswered.iter().all(|one| untrusted(&one.why)));
}
