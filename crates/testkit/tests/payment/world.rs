//! A town with families, four hands and a bank of its own.

use app::payment::{BankGateway, Payments};
use app::{App, AppError, Context, Law};
use engine_access::{Grant, Grants, Holder, Purpose};
use engine_payment::*;
use engine_registry::{Event as Registered, Membership, Origin, State};
use kernel::*;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use store::{Db, StoreError};
use testkit::bank::{self, Bank, Manners};
use testkit::{Serving, demo_ring, demo_signer};

pub(crate) const SEED: u64 = 11;
pub(crate) const MONTH: &str = "2026-12";

/// A clock that is set by hand.
#[derive(Clone)]
pub(crate) struct Hand(pub(crate) Arc<AtomicI64>);

impl Hand {
    pub(crate) fn forward(&self, minutes: i64) {
        self.0.fetch_add(minutes * 60, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Now {
        let at = Instant::from_timestamp(self.0.load(Ordering::SeqCst), 0).unwrap();
        Now { at }
    }
}

pub(crate) fn month(text: &str) -> Period {
    text.parse().unwrap()
}

pub(crate) fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

pub(crate) fn finance(person: i64) -> Actor {
    actor(person, Role::Finance)
}

pub(crate) fn actor(person: i64, role: Role) -> Actor {
    Actor {
        account: format!("user{person}"),
        person: Some(PersonId(person)),
        role,
    }
}

pub(crate) fn machine() -> Actor {
    Actor {
        account: "nuanxin".into(),
        person: None,
        role: Role::System,
    }
}

/// Every request has a key of its own.
pub(crate) fn ctx(actor: &Actor) -> Context {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    Context {
        actor: actor.clone(),
        purpose: Purpose::Payment(PaymentBatchId(0)),
        request: format!("r{}", NEXT.fetch_add(1, Ordering::SeqCst)),
    }
}

pub(crate) fn config() -> Config {
    Config {
        payer: "3304820000000001".parse().unwrap(),
        silence_minutes: 30,
        most_lines: 10_000,
    }
}

pub(crate) fn card(person: i64, series: i64) -> PayAccount {
    PayAccount {
        holder: PersonId(person),
        name: format!("测试·户名{person}"),
        number: format!("62170099{series:02}{person:06}").parse().unwrap(),
    }
}

/// The household's money: 1,000 yuan and its number in fen.
pub(crate) fn owed(family: i64) -> Money {
    Money::from_fen(100_000 + family)
}

pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) desk: Payments,
    pub(crate) law: Law,
    pub(crate) clock: Hand,
}

pub(crate) async fn world(db: Db) -> World {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/pinghu");
    let loaded = packs::load(&folder);
    let law = Law::new(loaded.pack.expect("the pack is sound"));
    let clock = Hand(Arc::new(AtomicI64::new(1_796_000_000)));
    let app = App::new(db.clone(), law.clone(), Arc::new(clock.clone()));
    let roles = [
        (901, Role::Finance),
        (902, Role::Finance),
        (903, Role::Finance),
        (904, Role::CountyApprover),
    ];
    let now = clock.now();
    db.write(async move |tx| {
        for (person, role) in roles {
            let holder = Holder::Person(PersonId(person));
            let mut loaded = tx.grants(&holder).await?;
            loaded.state = Grants {
                grants: vec![Grant {
                    holder: holder.clone(),
                    role,
                    region: "330482000000".parse().unwrap(),
                    from: "2026-01-01".parse().unwrap(),
                    to: None,
                }],
                proposals: vec![],
            };
            let event = engine_access::GrantEvent::Revoked {
                grant: 99,
                last: "2026-01-01".parse().unwrap(),
                by: machine(),
            };
            tx.save_grants(&holder, &loaded, &[event], &machine(), now)
                .await?;
        }
        Ok::<_, StoreError>(())
    })
    .await
    .unwrap();
    World {
        db,
        desk: app.payments(config()),
        law,
        clock,
    }
}

/// Households 1 to `count`, each of one person of the same number, each granted
/// 低保 from October; accounts for all but the last.
pub(crate) async fn families(world: &World, count: i64) {
    let now = world.clock.now();
    let mut events = Vec::new();
    for n in 1..=count {
        let (person, household) = (PersonId(n), HouseholdId(n));
        let from: Date = "2020-01-01".parse().unwrap();
        events.push(Registered::PersonRegistered {
            id: person,
            at: now.at,
        });
        events.push(Registered::HouseholdFormed {
            id: household,
            region: "330482001001".parse().unwrap(),
            from,
            within: None,
            at: now.at,
        });
        let membership = Membership {
            person,
            relation: "01".parse().unwrap(),
            from,
            until: None,
            origin: Origin::Declared {
                case: None,
                by: machine(),
                as_of: from,
            },
        };
        events.push(Registered::Joined {
            household,
            membership,
            at: now.at,
        });
    }
    let mut state = State::default();
    events.iter().for_each(|event| state.apply(event));
    let write = async move |tx: &mut store::Tx| {
        tx.load_register(&state, &events, &machine(), now).await?;
        for n in 1..=count {
            let entitlement = Entitlement {
                id: EntitlementId(tx.next_id("entitlement").await?),
                programme: slug("dibao"),
                component: slug("base"),
                beneficiary: Beneficiary::Household(HouseholdId(n)),
                payee: PersonId(n),
                amount: owed(n),
                every: Every::Month,
                from: month("2026-12"),
                to: None,
                decision: DecisionId(n),
                stop: None,
            };
            tx.save_entitlement(0, &entitlement, &machine(), now)
                .await?;
        }
        Ok::<_, StoreError>(())
    };
    world.db.write(write).await.unwrap();
    for n in 1..count {
        let desk = &world.desk;
        let account = card(n, 1);
        desk.enter_account(&ctx(&finance(901)), PersonId(n), &account)
            .await
            .unwrap();
    }
}

pub(crate) async fn the_bank(manners: Manners, clock: &Hand) -> (Serving, BankGateway) {
    let bank = Bank {
        callers: demo_ring(["civil"], SEED),
        signer: demo_signer("bank", SEED),
        manners,
        state: None,
        clock: Arc::new(clock.clone()),
    };
    let serving = bank::open(bank, "127.0.0.1:0").await.unwrap();
    let gateway = BankGateway::new(
        serving.base(),
        "bank",
        demo_signer("civil", SEED),
        demo_ring(["bank"], SEED),
        Arc::new(clock.clone()),
        Duration::from_secs(10),
    );
    (serving, gateway.unwrap())
}

/// Computes, checks, approves and releases by four hands.
pub(crate) async fn signed_off(desk: &Payments, id: PaymentBatchId) {
    let computed = desk.compute_batch(&ctx(&finance(901)), id).await.unwrap();
    let seen = computed.hash.unwrap();
    desk.check(&ctx(&finance(902)), id, &seen).await.unwrap();
    let approver = actor(904, Role::CountyApprover);
    desk.approve(&ctx(&approver), id, &seen).await.unwrap();
    desk.release(&ctx(&finance(903)), id, &seen).await.unwrap();
}

pub(crate) fn refused<T: std::fmt::Debug>(told: Result<T, AppError>, code: &str) {
    let got = told.as_ref().err().and_then(AppError::refusal_code);
    assert_eq!(got, Some(code), "{told:?}");
}
