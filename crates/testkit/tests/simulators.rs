//! 「模拟器验收」 The simulators over real TCP, with the house's own clients.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

use app::payment::bank_wire::FileState;
use app::payment::{BankGateway, NoWord};
use app::signing::SignedHeaders;
use app::sms::{Outgoing, Receipt, SmsGateway};
use app::verify::Departments as Line;
use app::verify::wire::{Found, One, Query};
use engine_payment::*;
use engine_pool::{NoAnswer, PurposeKind};
use kernel::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use testkit::bank::{self, Bank, Manners, Spoil};
use testkit::departments::*;
use testkit::sms::{self, Sms};
use testkit::{Serving, demo_ring, demo_signer};

const ANY: &str = "127.0.0.1:0";
const SEED: u64 = 7;
const PERSON: &str = "990101196001010017";
const OTHER: &str = "990101196202020025";

/// A clock that is set by hand.
#[derive(Clone)]
struct Hand(Arc<AtomicI64>);

impl Hand {
    fn new() -> Self {
        Hand(Arc::new(AtomicI64::new(1_795_000_000)))
    }
    fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Now {
        let at = Instant::from_timestamp(self.0.load(Ordering::SeqCst), 0).unwrap();
        Now { at }
    }
}

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn record(no: &str, fields: &[(&str, &str)]) -> DepartmentRecord {
    DepartmentRecord {
        record_no: no.to_owned(),
        as_of: day("2026-10-31"),
        fields: fields
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect(),
    }
}

/// hrss/wage (wage and, beyond the agreement, the employer), psb/vehicle (only
/// for discovery), nhsa/bill (agreement long over).
async fn departments(mischief: Mischief, clock: Hand) -> Serving {
    let mut data = InMemory::default();
    let cells = [("wage", "3500.00"), ("employer", "某厂")];
    data.record("wage", PERSON, record("W1", &cells));
    data.category("vehicle").category("bill");
    let mut agreements = Agreements::default();
    let agree = |fields: &[&str], purpose, until: &str| Agreement {
        purposes: BTreeSet::from([purpose]),
        fields: fields.iter().map(|f| slug(f)).collect(),
        until: day(until),
    };
    let (checking, finding) = (PurposeKind::Verification, PurposeKind::Discovery);
    for (department, category, agreement) in [
        ("hrss", "wage", agree(&["wage"], checking, "2027-12-31")),
        ("psb", "vehicle", agree(&["plate"], finding, "2027-12-31")),
        ("nhsa", "bill", agree(&["self_pay"], checking, "2026-01-01")),
    ] {
        agreements.list("civil", slug(department), slug(category), agreement);
    }
    let signers = ["hrss", "psb", "nhsa"]
        .map(|id| (slug(id), demo_signer(id, SEED)))
        .into();
    let departments = Departments {
        data: Arc::new(data),
        agreements,
        callers: demo_ring(["civil", "stranger"], SEED),
        signers,
        mischief,
        clock: Arc::new(clock),
    };
    open(departments, ANY).await.unwrap()
}

fn line(base: &str, name: &str, wait: Duration) -> Line {
    let ring = demo_ring(["hrss", "psb", "nhsa"], SEED);
    Line::new(base, demo_signer(name, SEED), ring, wait).unwrap()
}

fn query(categories: &[&str]) -> Query {
    Query {
        verification: 1,
        case: 2,
        authorisation: 3,
        persons: vec![PERSON.into(), OTHER.into()],
        categories: categories.iter().map(|c| slug(c)).collect(),
    }
}

async fn asked(
    mischief: Mischief,
    caller: &str,
    department: &str,
    category: &str,
) -> Result<Vec<One>, NoAnswer> {
    let clock = Hand::new();
    let serving = departments(mischief, clock.clone()).await;
    let line = line(&serving.base(), caller, Duration::from_millis(400));
    let reply = line
        .ask(&slug(department), &query(&[category]), || clock.now())
        .await;
    serving.close().await;
    reply.map(|reply| reply.answers)
}

#[tokio::test(flavor = "multi_thread")]
async fn departments_answer_what_is_agreed_and_nothing_else() {
    let told = asked(Mischief::default(), "civil", "hrss", "wage")
        .await
        .unwrap();
    let row: BTreeMap<String, String> = [
        ("id_no", PERSON),
        ("record_no", "W1"),
        ("as_of", "2026-10-31"),
        ("wage", "3500.00"),
    ]
    .map(|(k, v)| (k.to_owned(), v.to_owned()))
    .into();
    // The employer is not in the agreement and does not leave the department.
    assert!(told[0].found == Found::Records(vec![row]));
    assert_eq!(told[1].id_no, OTHER);
    assert!(matches!(told[1].found, Found::NoRecord { .. }));

    for (caller, department, category) in [
        ("stranger", "hrss", "wage"),
        ("civil", "psb", "vehicle"),
        ("civil", "nhsa", "bill"),
        ("civil", "hrss", "vehicle"),
    ] {
        let told = asked(Mischief::default(), caller, department, category).await;
        assert!(
            matches!(told, Err(NoAnswer::Declined(_))),
            "{caller} {department}: {told:?}"
        );
    }
    let told = asked(Mischief::default(), "nobody", "hrss", "wage").await;
    assert!(matches!(told, Err(NoAnswer::Failed(_))), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn departments_that_are_down_silent_or_forged_give_no_answer() {
    let hrss = BTreeSet::from([slug("hrss")]);
    let down = Mischief {
        down: hrss.clone(),
        ..Mischief::default()
    };
    let silent = Mischief {
        silent: hrss.clone(),
        ..Mischief::default()
    };
    let forged = Mischief {
        forged: hrss,
        ..Mischief::default()
    };
    let slow = Mischief {
        delay: Duration::from_secs(2),
        ..Mischief::default()
    };
    let told = asked(down, "civil", "hrss", "wage").await;
    assert_eq!(told, Err(NoAnswer::Unreachable));
    for late in [silent, slow] {
        let told = asked(late, "civil", "hrss", "wage").await;
        assert!(matches!(told, Err(NoAnswer::Timeout { .. })), "{told:?}");
    }
    let told = asked(forged, "civil", "hrss", "wage").await;
    assert!(matches!(told, Err(NoAnswer::Untrusted(_))), "{told:?}");
    // The port is closed.
    let clock = Hand::new();
    let line = line("http://127.0.0.1:9", "civil", Duration::from_secs(1));
    let told = line
        .ask(&slug("hrss"), &query(&["wage"]), || clock.now())
        .await;
    assert_eq!(told, Err(NoAnswer::Unreachable));
}

#[tokio::test(flavor = "multi_thread")]
async fn departments_can_contradict_the_household() {
    let say = |text: String| Mischief {
        contradictions: vec![text.parse().unwrap()],
        ..Mischief::default()
    };
    let raised = say(format!("hrss/wage/{PERSON}/wage=9800.00"));
    let told = asked(raised, "civil", "hrss", "wage").await.unwrap();
    let Found::Records(rows) = &told[0].found else {
        panic!("{told:?}")
    };
    assert_eq!(rows[0]["wage"], "9800.00");
    assert!(
        matches!(told[1].found, Found::NoRecord { .. }),
        "only that person"
    );
    let invented = say(format!("hrss/wage/{OTHER}/wage=1.00"));
    let told = asked(invented, "civil", "hrss", "wage").await.unwrap();
    assert!(matches!(&told[1].found, Found::Records(rows) if rows.len() == 1));
    let denied = say(format!("hrss/wage/{PERSON}"));
    let told = asked(denied, "civil", "hrss", "wage").await.unwrap();
    assert!(matches!(told[0].found, Found::NoRecord { .. }));
    for bad in [
        "hrss",
        "hrss/wage",
        "hrss/wage/",
        "hrss/wage/1/wage",
        "HR/wage/1",
    ] {
        assert!(bad.parse::<Contradiction>().is_err(), "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_believed_once_and_only_as_signed() {
    let clock = Hand::new();
    let serving = departments(Mischief::default(), clock.clone()).await;
    let http = app::trust::Trust::default()
        .http()
        .unwrap()
        .build()
        .unwrap();
    let path = "/departments/hrss/query";
    let body = serde_json::to_vec(&query(&["wage"])).unwrap();
    let url = format!("{}{path}", serving.base());
    let post = async |signed: Option<&SignedHeaders>, body: &[u8]| -> u16 {
        let mut request = http.post(&url).body(body.to_vec());
        for (name, value) in signed.iter().flat_map(|s| s.pairs()) {
            request = request.header(name, value);
        }
        request.send().await.unwrap().status().as_u16()
    };
    let signer = demo_signer("civil", SEED);
    let sign = |path: &str| signer.sign_request("POST", path, &body, clock.now());
    let good = sign(path);
    assert_eq!(post(Some(&good), &body).await, 200);
    assert_eq!(post(Some(&good), &body).await, 401, "replayed");
    assert_eq!(post(None, &body).await, 401, "unsigned");
    assert_eq!(post(Some(&sign(path)), b"{}").await, 401, "another body");
    assert_eq!(
        post(Some(&sign("/departments/psb/query")), &body).await,
        401
    );
    let old = sign(path);
    clock.forward(301);
    assert_eq!(post(Some(&old), &body).await, 401, "stale");
    let garbled = signer.sign_request("POST", path, b"{", clock.now());
    assert_eq!(post(Some(&garbled), b"{").await, 400);
    serving.close().await;
    assert!(http.get(&url).send().await.is_err(), "the door is closed");
}

// ── the bank ──

fn config() -> Config {
    Config {
        payer: "3304820000000001".parse().unwrap(),
        silence_minutes: 30,
        most_lines: 1_000,
    }
}

/// A file of `count` lines to accounts 62170099…, as the engine writes it.
fn file(id: i64, count: i64) -> BankFile {
    let mut batch = Batch::draft(PaymentBatchId(id), "2026-12".parse().unwrap());
    batch.items = (1..=count)
        .map(|n| Item {
            line: u32::try_from(n).unwrap(),
            obligation: ObligationId(n),
            key: ObligationKey {
                programme: slug("dibao"),
                beneficiary: Beneficiary::Household(HouseholdId(n)),
                period: batch.period,
                component: slug("base"),
                revision: 0,
            },
            entitlement: EntitlementId(n),
            decision: DecisionId(n),
            amount: Money::from_fen(10_000 + n),
            payee: PersonId(n),
            account: Some(PayAccount {
                holder: PersonId(n),
                name: "测试·户名".into(),
                number: format!("62170099{n:08}").parse().unwrap(),
            }),
            kind: DueKind::Regular,
            doubt: None,
            attempt: 1,
            state: ItemState::Ready,
        })
        .collect();
    write_bank_file(&batch, &config()).unwrap()
}

async fn bank_with(manners: Manners, state: Option<PathBuf>, clock: Hand) -> Serving {
    let bank = Bank {
        callers: demo_ring(["civil"], SEED),
        signer: demo_signer("bank", SEED),
        manners,
        state,
        clock: Arc::new(clock),
    };
    bank::open(bank, ANY).await.unwrap()
}

fn gateway(serving: &Serving, caller: &str, clock: Hand) -> BankGateway {
    let (ring, wait) = (demo_ring(["bank"], SEED), Duration::from_secs(5));
    let signer = demo_signer(caller, SEED);
    BankGateway::new(serving.base(), "bank", signer, ring, Arc::new(clock), wait).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bank_takes_a_file_once_and_knows_it_after_its_restart() {
    let (clock, dir) = (Hand::new(), tempfile::tempdir().unwrap());
    let state = Some(dir.path().join("bank.json"));
    let manners = Manners {
        return_every: 3,
        delay_seconds: 60,
        ..Manners::default()
    };
    let serving = bank_with(manners.clone(), state.clone(), clock.clone()).await;
    let bank = gateway(&serving, "civil", clock.clone());
    let file = file(1, 7);
    assert_eq!(
        bank.standing(&file.reference).await.unwrap().state,
        FileState::Never
    );
    let first = bank.hand_in(&file.bytes).await.unwrap();
    assert_eq!(
        bank.hand_in(&file.bytes).await.unwrap(),
        first,
        "the same file again"
    );
    assert_eq!(
        bank.reply(&file.reference, 1).await.unwrap(),
        None,
        "still at it"
    );
    serving.close().await;

    clock.forward(60);
    let serving = bank_with(manners, state, clock.clone()).await;
    let bank = gateway(&serving, "civil", clock.clone());
    let standing = bank.standing(&file.reference).await.unwrap();
    assert_eq!(standing.state, FileState::Done);
    assert_eq!(standing.receipt, first.receipt);
    let bytes = bank.reply(&file.reference, 1).await.unwrap().unwrap();
    let reading = read_reply(&bytes);
    assert_eq!(reading.faults, []);
    assert_eq!(reading.file_digest, file.digest);
    let returned: Vec<u32> = reading
        .lines
        .iter()
        .filter(|l| matches!(l.outcome, LineOutcome::Returned { .. }))
        .map(|l| l.line)
        .collect();
    assert_eq!(returned, [3, 6]);
    let statement = bank.statement(&file.reference).await.unwrap();
    let paid = Money::checked_sum(statement.lines.iter().map(|l| l.amount)).unwrap();
    assert_eq!(paid, Money::from_fen(70_028 - 20_009));
    let moves = bank
        .treasury(&config().payer, &file.reference)
        .await
        .unwrap();
    assert_eq!(moves.debited.checked_sub(moves.refunded), Some(paid));
    serving.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bank_refuses_whole_what_it_cannot_read_or_has_paid() {
    let clock = Hand::new();
    let serving = bank_with(Manners::default(), None, clock.clone()).await;
    let bank = gateway(&serving, "civil", clock.clone());
    let good = file(1, 3);
    let mut spoilt = good.bytes.clone();
    spoilt[40] ^= 1;
    let said = bank.hand_in(&spoilt).await.unwrap();
    assert_eq!(said.state, FileState::Refused);
    assert_eq!(
        bank.standing(&good.reference).await.unwrap().state,
        FileState::Never
    );
    bank.hand_in(&good.bytes).await.unwrap();
    // Another file under the same reference.
    let other = file(1, 4);
    assert_eq!(other.reference, good.reference);
    assert_eq!(
        bank.hand_in(&other.bytes).await.unwrap().state,
        FileState::Refused
    );
    let stranger = gateway(&serving, "stranger", clock.clone());
    assert!(matches!(
        stranger.hand_in(&good.bytes).await,
        Err(NoWord(_))
    ));
    serving.close().await;
    assert!(
        bank.standing(&good.reference).await.is_err(),
        "silence is no word"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bank_loses_files_and_answers_as_told() {
    let clock = Hand::new();
    let manners = Manners {
        lose_files: 1,
        lose_answers: 1,
        ..Manners::default()
    };
    let serving = bank_with(manners, None, clock.clone()).await;
    let bank = gateway(&serving, "civil", clock);
    let file = file(1, 2);
    assert!(bank.hand_in(&file.bytes).await.is_err());
    assert_eq!(
        bank.standing(&file.reference).await.unwrap().state,
        FileState::Never
    );
    assert!(bank.hand_in(&file.bytes).await.is_err());
    assert_eq!(
        bank.standing(&file.reference).await.unwrap().state,
        FileState::Done
    );
    assert!(bank.hand_in(&file.bytes).await.is_ok());
    serving.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_manner_of_a_reply_is_named_by_its_reader() {
    type Names = fn(&ReplyFault) -> bool;
    let table: [(&str, Names); 5] = [
        ("truncated", |f| matches!(f, ReplyFault::Truncated)),
        ("reordered", |f| matches!(f, ReplyFault::Reordered { .. })),
        ("repeated", |f| matches!(f, ReplyFault::Repeated { .. })),
        ("wrong_total", |f| {
            matches!(f, ReplyFault::WrongTotal { .. })
        }),
        ("honest", |_| false),
    ];
    let clock = Hand::new();
    let replies: Vec<Spoil> = table
        .iter()
        .map(|(word, _)| word.parse().unwrap())
        .collect();
    let manners = Manners {
        replies,
        ..Manners::default()
    };
    let serving = bank_with(manners, None, clock.clone()).await;
    let bank = gateway(&serving, "civil", clock);
    let file = file(1, 20);
    bank.hand_in(&file.bytes).await.unwrap();
    for (number, (word, names)) in (1..).zip(table) {
        let bytes = bank.reply(&file.reference, number).await.unwrap().unwrap();
        let faults = read_reply(&bytes).faults;
        assert_eq!(
            faults.iter().any(names),
            word != "honest",
            "{word}: {faults:?}"
        );
        assert_eq!(faults.is_empty(), word == "honest");
    }
    // Past its list the bank is honest again.
    let bytes = bank.reply(&file.reference, 99).await.unwrap().unwrap();
    assert_eq!(read_reply(&bytes).lines.len(), 20);
    assert!("rude".parse::<Spoil>().is_err());
    serving.close().await;
}

// ── messages ──

async fn centre(dead: bool, clock: Hand) -> sms::Centre {
    let sms = Sms {
        callers: demo_ring(["civil"], SEED),
        signer: demo_signer("sms", SEED),
        dead,
        unreachable: BTreeSet::from(["13900000000".to_owned()]),
        clock: Arc::new(clock),
    };
    sms::open(sms, ANY).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_taken_once_and_has_a_receipt() {
    for dead in [false, true] {
        let clock = Hand::new();
        let centre = centre(dead, clock.clone()).await;
        let (ring, wait) = (demo_ring(["sms"], SEED), Duration::from_secs(5));
        let (base, signer) = (centre.serving.base(), demo_signer("civil", SEED));
        let gateway = SmsGateway::new(base, "sms", signer, ring, Arc::new(clock), wait).unwrap();
        let message = |key: &str, mobile: &str| Outgoing {
            key: key.into(),
            mobile: mobile.into(),
            text: "您的申请已受理。".into(),
        };
        let first = gateway.send(&message("1/0", "13800000000")).await;
        if dead {
            assert!(first.is_err());
            assert!(centre.taken().is_empty());
            centre.serving.close().await;
            continue;
        }
        let first = first.unwrap();
        let again = gateway.send(&message("1/0", "13800000000")).await.unwrap();
        assert_eq!(first, again);
        assert_eq!(centre.taken().len(), 1);
        assert!(gateway.send(&message("1/0", "13811111111")).await.is_err());
        let lost = gateway.send(&message("2/0", "13900000000")).await.unwrap();
        assert_eq!(
            gateway.receipt(&first.reference).await,
            Ok(Receipt::Delivered)
        );
        let told = gateway.receipt(&lost.reference).await;
        assert!(matches!(told, Ok(Receipt::Failed { .. })), "{told:?}");
        assert!(gateway.receipt("SM99999999").await.is_err());
        centre.serving.close().await;
    }
}
