//! 「对外走 https」 Every line out speaks TLS over real TCP: to departments, bank, SMS
//! centre and to those who are told. A wrong certificate is an outage with a sentence that
//! says how to mend it: never a “no”, never a lost event, never let through.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod house;
mod tls;

use app::App;
use app::hook::{HookLine, HookRound, HookTarget};
use app::payment::BankGateway;
use app::sms::{Outgoing, SmsGateway};
use app::trust::{Doubt, Reach, Trust};
use app::verify::Departments as Line;
use app::verify::wire::Query;
use axum::Router;
use axum::http::{Method, StatusCode};
use axum::response::IntoResponse as _;
use engine_pool::{NoAnswer, PurposeKind};
use kernel::{Clock, Date, FixedClock, Instant, Now, Slug};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;
use store::testing::both;
use testkit::bank::{self, Bank, Manners};
use testkit::departments::{Agreement, Agreements, Departments, InMemory, Mischief, open};
use testkit::sms::{self, Sms};
use testkit::{Serving, demo_ring, demo_signer};
use tls::{Authority, Card, GOOD, OTHERS, OVER, TO_COME};
use tokio::net::TcpListener;

const SEED: u64 = 7;
const ANY: &str = "127.0.0.1:0";
const PERSON: &str = "990101196001010017";

fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

/// A clock that is set by hand.
#[derive(Clone)]
struct Hand(Arc<AtomicI64>);

impl Hand {
    fn new() -> Hand {
        // 2026-08-31, afternoon.
        Hand(Arc::new(AtomicI64::new(1_788_163_200)))
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

/// A department, a bank, an SMS centre, as they are.
async fn partners(clock: Arc<dyn Clock>) -> [Serving; 3] {
    let callers = || demo_ring(["civil"], SEED);
    let (mut data, mut agreements) = (InMemory::default(), Agreements::default());
    data.category("wage");
    let agreement = Agreement {
        purposes: BTreeSet::from([PurposeKind::Verification]),
        fields: BTreeSet::from([slug("wage")]),
        until: Date::MAX,
    };
    agreements.list("civil", slug("hrss"), slug("wage"), agreement);
    let department = Departments {
        data: Arc::new(data),
        agreements,
        callers: callers(),
        signers: [(slug("hrss"), demo_signer("hrss", SEED))].into(),
        mischief: Mischief::default(),
        clock: clock.clone(),
    };
    let bank = Bank {
        callers: callers(),
        signer: demo_signer("bank", SEED),
        manners: Manners::default(),
        state: None,
        clock: clock.clone(),
    };
    let centre = Sms {
        callers: callers(),
        signer: demo_signer("sms", SEED),
        dead: false,
        unreachable: BTreeSet::new(),
        clock: clock.clone(),
    };
    [
        open(department, ANY).await.unwrap(),
        bank::open(bank, ANY).await.unwrap(),
        sms::open(centre, ANY).await.unwrap().serving,
    ]
}

/// What each of the three lines hears: nothing to complain of, or its complaint.
async fn heard(bases: [String; 3], trust: &Trust, hand: &Hand) -> [Result<(), String>; 3] {
    // A new house opens a second later: its nonces are others.
    hand.forward(1);
    let clock: Arc<dyn Clock> = Arc::new(hand.clone());
    let reach = || Reach {
        wait: Duration::from_secs(5),
        trust: trust.clone(),
    };
    let signer = || demo_signer("civil", SEED);
    let ring = |name: &str| demo_ring([name], SEED);
    let [department, bank, centre] = bases;
    let line = Line::new(department, signer(), ring("hrss"), reach()).unwrap();
    let query = Query {
        verification: 1,
        case: 2,
        authorisation: 3,
        persons: vec![PERSON.into()],
        categories: vec![slug("wage")],
    };
    let asked = line.ask(&slug("hrss"), &query, || clock.now()).await;
    if let Err(why) = &asked {
        // An outage of this department, by name: the verdict is open, nobody is refused.
        assert!(!matches!(why, NoAnswer::Declined(_)), "{why}");
    }
    let bank = BankGateway::new(bank, "bank", signer(), ring("bank"), clock.clone(), reach());
    let standing = bank.unwrap().standing("never-handed-in").await;
    let centre = SmsGateway::new(centre, "sms", signer(), ring("sms"), clock.clone(), reach());
    let message = Outgoing {
        key: "1/0".into(),
        mobile: "13800000000".into(),
        text: "您的申请已受理。".into(),
    };
    let sent = centre.unwrap().send(&message).await;
    [
        asked.map(drop).map_err(|why| why.to_string()),
        standing.map(drop).map_err(|why| why.to_string()),
        sent.map(drop).map_err(|why| why.to_string()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn partners_are_spoken_to_over_https_and_a_wrong_certificate_is_refused_by_name() {
    let clock = Hand::new();
    let behind = partners(Arc::new(clock.clone())).await;
    let (ours, theirs) = (Authority::new(), Authority::new());
    let plain = behind.each_ref().map(Serving::base);
    assert_eq!(
        heard(plain, &ours.trust(), &clock).await,
        [const { Ok(()) }; 3]
    );
    // Both call themselves the same; only one is in the file.
    let tables: [(&Authority, Card, &Trust, Option<Doubt>); 6] = [
        (&ours, GOOD, &ours.trust(), None),
        (
            &ours,
            GOOD,
            &Trust::default(),
            Some(Doubt::UnknownAuthority),
        ),
        (&theirs, GOOD, &ours.trust(), Some(Doubt::UnknownAuthority)),
        (&ours, OVER, &ours.trust(), Some(Doubt::Expired)),
        (&ours, TO_COME, &ours.trust(), Some(Doubt::NotYet)),
        (&ours, OTHERS, &ours.trust(), Some(Doubt::OtherName)),
    ];
    for (authority, card, trust, doubt) in tables {
        let mut doors = behind.each_ref().map(|_| String::new());
        for (door, one) in doors.iter_mut().zip(&behind) {
            *door = authority.door(one.address(), card).await;
        }
        for told in heard(doors, trust, &clock).await {
            match doubt {
                None => assert_eq!(told, Ok(())),
                Some(doubt) => {
                    let told = told.unwrap_err();
                    assert!(told.contains(&doubt.to_string()), "{told}");
                }
            }
        }
    }
    // https written where the other side speaks none.
    let wrong = behind
        .each_ref()
        .map(|one| format!("https://localhost:{}", one.address().port()));
    for told in heard(wrong, &ours.trust(), &clock).await {
        let told = told.unwrap_err();
        assert!(told.contains(&Doubt::NoTls.to_string()), "{told}");
    }
    for one in behind {
        one.close().await;
    }
}

/// Somebody who is told, and counts.
async fn listener() -> (SocketAddr, Arc<AtomicU32>) {
    let told = Arc::new(AtomicU32::new(0));
    let count = told.clone();
    let router = Router::new().fallback(async move |method: Method| match method {
        Method::OPTIONS => [
            ("webhook-allowed-origin", "*"),
            ("webhook-allowed-rate", "120"),
        ]
        .into_response(),
        _ => {
            count.fetch_add(1, Ordering::SeqCst);
            StatusCode::NO_CONTENT.into_response()
        }
    });
    let open = TcpListener::bind(ANY).await.unwrap();
    let at = open.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(open, router).await });
    (at, told)
}

#[tokio::test(flavor = "multi_thread")]
async fn n02_an_event_waits_out_a_bad_certificate_and_is_told_when_it_is_mended() {
    both(async |db| {
        let clock = Hand::new();
        let house = App::new(db, house::county_law(), Arc::new(clock.clone()));
        let authority = Authority::new();
        let (behind, told) = listener().await;
        let gate = TcpListener::bind(ANY).await.unwrap();
        let port = gate.local_addr().unwrap().port();
        let open = authority.open(gate, behind, OVER);
        let line = || {
            let target = HookTarget {
                agreement: slug("nhsa_relief"),
                url: format!("https://localhost:{port}/events"),
                binary: false,
                token: None,
            };
            let clock = Arc::new(FixedClock(clock.now()));
            let reach = Reach {
                wait: Duration::from_secs(5),
                trust: authority.trust(),
            };
            let signer = demo_signer("civil", SEED);
            HookLine::new("civil.example", signer, vec![target], clock, reach).unwrap()
        };
        house.list_hooks(&line()).await.unwrap();
        // A file of theirs that is refused is an event for them.
        let lines = [
            "id_no,record_no,as_of,type,status,funded_by,year",
            "nobody,1,2026-08-31,resident,normal,self,2026",
        ]
        .map(str::to_owned);
        house::deliver(&house, "med_insure", "2026-08-31", &lines).await;
        let waiting = async || {
            let count = house
                .db()
                .read(async |tx| tx.waiting("hook.nhsa_relief").await);
            count.await.unwrap()
        };
        let events = waiting().await;
        assert!(events > 0);
        // Longer than twelve attempts would be: no attempt is used up, nothing is dead.
        for _ in 0..16 {
            let round = house.hook_round(&line()).await.unwrap();
            assert_eq!(round, HookRound::default());
            clock.forward(3_600);
        }
        assert_eq!((waiting().await, told.load(Ordering::SeqCst)), (events, 0));
        open.abort();
        drop(open.await);
        let gate = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        authority.open(gate, behind, GOOD);
        let round = house.hook_round(&line()).await.unwrap();
        assert_eq!((i64::from(round.taken), round.failed), (events, 0));
        assert_eq!(i64::from(told.load(Ordering::SeqCst)), events);
        assert_eq!(waiting().await, 0);
    })
    .await;
}
