//! 「一字不差」 The whole story told four times: on both databases, on one thread and on
//! many, read in pages of another size. Every certificate on file is the same text in all
//! four, and is judged again to the same text by a house opened years later under a newer
//! law. Absent on purpose: figures of time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod house;

use app::payment::BankGateway;
use app::sms::SmsGateway;
use app::verify::Departments as Line;
use app::{App, Law, Pace};
use engine_access::Purpose;
use engine_policy::publish::Standing;
use engine_policy::{Certificate, Subject, Verdict};
use house::{draft, hired, itself};
use kernel::{Clock, Date, FixedClock, HouseholdId, PersonId, PersonNumber, Role, Slug};
use std::collections::{BTreeMap, BTreeSet};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::Db;
use store::testing::{Place, places};
use testkit::bank::{self, Bank, Manners};
use testkit::city::{City, CityDepartments, Story};
use testkit::departments::{Agreements, Departments, Mischief};
use testkit::sms::{self, Sms};
use testkit::story::{Figures, FileClock, World, tell};
use testkit::{Serving, demo_ring, demo_signer, departments};

const ANY: &str = "127.0.0.1:0";
const SEED: u64 = 7;
const RESIDENTS: usize = 300;
const PATIENCE: Duration = Duration::from_secs(30);
/// Households judged for everything beside the story's cases.
const JUDGED: i64 = 12;
/// What the newer law says of later days.
const NOW: &str = "is         = 60\nprovenance = \"assumed\"\n\
                   source     = \"演示值：没有查到公布的标准\"\n";
const LATER: &str = "to         = 2030-12-31\n\
                     is         = 60\nprovenance = \"assumed\"\n\
                     source     = \"演示值：没有查到公布的标准\"\n\
                     [[parameter.allowance_80.value]]\nfrom       = 2031-01-01\n\
                     is         = 90\nprovenance = \"assumed\"\nsource     = \"试验用的数\"\n";

/// Certificates by digest, and what the story counted.
type Kept = (BTreeMap<String, String>, Figures);

/// How a house goes over everybody: threads, households of a page.
#[derive(Clone, Copy)]
struct Cores(usize, u32);

impl Cores {
    fn runtime(self) -> tokio::runtime::Runtime {
        let mut builder = match self.0 {
            1 => tokio::runtime::Builder::new_current_thread(),
            _ => tokio::runtime::Builder::new_multi_thread(),
        };
        builder.worker_threads(self.0).enable_all().build().unwrap()
    }

    fn pace(self) -> Pace {
        Pace {
            threads: NonZeroUsize::new(self.0).unwrap(),
            households: NonZeroU32::new(self.1).unwrap(),
        }
    }
}

/// Everybody the house talks to, in this process.
struct Partners {
    law: Law,
    city: City,
    clock: Arc<FileClock>,
    open: Vec<Serving>,
}

impl Partners {
    async fn departments(&mut self, down: &str) -> Line {
        let catalogue = self.law.pack.data().catalogue.clone();
        let ids: Vec<Slug> = catalogue.departments().map(|one| one.id.clone()).collect();
        let signer = |id: &Slug| (id.clone(), demo_signer(id.as_str(), SEED));
        let world = Departments {
            agreements: Agreements::over(&catalogue, "nuanxin", Date::MAX),
            callers: demo_ring(["nuanxin"], SEED),
            signers: ids.iter().map(signer).collect(),
            mischief: Mischief {
                down: BTreeSet::from([down.parse().unwrap()]),
                ..Mischief::default()
            },
            clock: self.clock.clone(),
            data: Arc::new(CityDepartments::new(self.city.clone(), catalogue)),
        };
        let serving = departments::open(world, ANY).await.unwrap();
        let ring = demo_ring(ids.iter().map(Slug::as_str), SEED);
        let line = Line::new(serving.base(), demo_signer("nuanxin", SEED), ring, PATIENCE);
        self.open.push(serving);
        line.unwrap()
    }

    async fn bank(&mut self) -> BankGateway {
        let told = self.city.story_families().into_iter();
        let closed = told.filter(|one| matches!(one.story, Story::Granted | Story::Waiting));
        let card = |number: PersonNumber| {
            let who = self.city.find(&number)?;
            self.city.card_of(who).parse().ok()
        };
        let world = Bank {
            callers: demo_ring(["nuanxin"], SEED),
            signer: demo_signer("bank", SEED),
            manners: Manners {
                return_accounts: closed.filter_map(|one| card(one.applicant)).collect(),
                ..Manners::default()
            },
            state: None,
            clock: self.clock.clone(),
        };
        let serving = bank::open(world, ANY).await.unwrap();
        let (signer, ring) = (demo_signer("nuanxin", SEED), demo_ring(["bank"], SEED));
        let clock = self.clock.clone();
        let bank = BankGateway::new(serving.base(), "bank", signer, ring, clock, PATIENCE);
        self.open.push(serving);
        bank.unwrap()
    }

    async fn sms(&mut self) -> SmsGateway {
        let world = Sms {
            callers: demo_ring(["nuanxin"], SEED),
            signer: demo_signer("sms", SEED),
            dead: false,
            unreachable: BTreeSet::new(),
            clock: self.clock.clone(),
        };
        let serving = sms::open(world, ANY).await.unwrap().serving;
        let (signer, ring) = (demo_signer("nuanxin", SEED), demo_ring(["sms"], SEED));
        let clock = self.clock.clone();
        let sms = SmsGateway::new(serving.base(), "sms", signer, ring, clock, PATIENCE);
        self.open.push(serving);
        sms.unwrap()
    }
}

/// A certificate as text, as it lies in the store.
fn text(certificate: &Certificate) -> String {
    serde_json::to_string(certificate).unwrap()
}

async fn on_file(db: &Db) -> Vec<(String, Certificate, bool)> {
    let read = db.read(async |tx| tx.certificates_after("", u32::MAX).await);
    read.await.unwrap()
}

/// Judged again from its own text alone, by the law it names.
fn again(law: &Law, text: &str) -> String {
    let certificate: Certificate = serde_json::from_str(text).unwrap();
    let household = certificate.read_household(&law.judge).unwrap();
    let benefit = certificate.judgement.benefit.as_str();
    let day = certificate.as_of;
    let judged = law.judge.judge(benefit, &household, day).unwrap();
    let at = match certificate.judgement.subject {
        Subject::Household => 0,
        Subject::Member(place) => place,
    };
    let judgement = judged.into_iter().nth(at).unwrap();
    let issued = Certificate::issue(&law.judge, &household, judgement, day).unwrap();
    self::text(&issued)
}

/// Beside the story's cases: households as discovery may see them, for every benefit.
async fn judge_more(house: &App, day: Date) {
    let ctx = itself(Purpose::Discovery);
    let folder = tempfile::tempdir().unwrap();
    let now = house::standing(folder.path(), day);
    for id in 1..=JUDGED {
        let facts = house.known_facts(&ctx, HouseholdId(id), day).await;
        let Ok(facts) = facts else { continue };
        let law = house.law().clone();
        let judged = law.judge.judge_all(&facts, day).unwrap();
        let issue = |one| Certificate::issue(&law.judge, &facts, one, day).unwrap();
        let certificates: Vec<Certificate> = judged.into_iter().map(issue).collect();
        let kept = house.db().write(async move |tx| {
            for certificate in &certificates {
                tx.certify(certificate, now).await?;
            }
            Ok::<_, store::StoreError>(())
        });
        kept.await.unwrap();
    }
}

/// The story on one database, then the years after.
async fn lived(db: Db, law: &Law, newer: &Law, files: &Path, cores: Cores) -> Kept {
    let first_day: Date = "2026-09-01".parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(FileClock::set(&folder.path().join("clock"), first_day).unwrap());
    let region = law.pack.region().unwrap();
    let today = "2026-08-31".parse().unwrap();
    let city = City::build(SEED, RESIDENTS, law.pack.regions(), region, today).unwrap();
    let mut partners = Partners {
        law: law.clone(),
        city: city.clone(),
        clock: clock.clone(),
        open: Vec::new(),
    };
    let world = World {
        app: App::new(db.clone(), law.clone(), clock.clone()).with_pace(cores.pace()),
        departments: partners.departments("water").await,
        silent_departments: partners.departments("bank").await,
        bank: partners.bank().await,
        sms: partners.sms().await,
        clock,
        city,
        first_day,
    };
    let figures = tell(&world, files, |_| {}).await.unwrap();
    judge_more(&world.app, first_day).await;
    let kept = on_file(&db).await;
    assert!(kept.iter().all(|(_, _, whole)| *whole));
    publish(&world, newer).await;
    years_later(&db, law, newer, &kept).await;
    for serving in partners.open {
        serving.close().await;
    }
    let texts = kept
        .into_iter()
        .map(|(digest, one, _)| (digest, text(&one)));
    (texts.collect(), figures)
}

/// The newer text comes into force by its examples, a dry run and two signatures.
async fn publish(world: &World, newer: &Law) {
    let (app, now) = (&world.app, world.clock.now());
    let place = app.law().pack.region().unwrap();
    let hire = |nth, role| {
        hired(
            app,
            (PersonId(nth), role),
            place,
            (Purpose::Administration, now),
        )
    };
    let author = hire(9_901, Role::RuleAuthor).await;
    let signers = [
        hire(9_902, Role::RuleApprover).await,
        hire(9_903, Role::RuleApprover).await,
    ];
    let pack = newer.pack.archive().load().pack.unwrap();
    let hash = app.draft_law(&author, pack).await.unwrap();
    app.try_law(&author, &hash, now.today(), |_| {})
        .await
        .unwrap();
    let mut stands = Standing::Draft;
    for signer in &signers {
        stands = app.sign_law(signer, &hash).await.unwrap();
    }
    assert_eq!(stands, Standing::Active);
}

/// A house opened in 2031 under the newer law knows nothing but what the database kept.
async fn years_later(db: &Db, law: &Law, newer: &Law, kept: &[(String, Certificate, bool)]) {
    let folder = tempfile::tempdir().unwrap();
    let now = house::standing(folder.path(), "2031-06-02".parse().unwrap());
    let later = App::new(db.clone(), newer.clone(), Arc::new(FixedClock(now)));
    let audit = itself(Purpose::Audit("certificates".to_owned()));
    let all = later.replay_certificates(&audit).await.unwrap();
    assert_eq!((all.same, all.laws), (kept.len() as u64, 1), "{all:?}");
    assert!(all.different.is_empty() && all.lawless.is_empty());
    let mut moved = 0;
    for (digest, certificate, _) in kept {
        let was = text(certificate);
        assert_eq!(again(law, &was), was, "{digest}");
        // The newer law would say something else of that later day.
        let household = certificate.read_household(&newer.judge).unwrap();
        let benefit = certificate.judgement.benefit.as_str();
        let judged = newer.judge.judge(benefit, &household, now.today());
        let amount = |one: &engine_policy::Judgement| one.amount;
        let of_then = certificate.judgement.amount;
        let differs = judged.is_ok_and(|all| {
            let same = all
                .iter()
                .find(|one| one.subject == certificate.judgement.subject);
            of_then.is_some() && same.and_then(amount) != of_then
        });
        moved += usize::from(differs);
    }
    assert!(
        moved > 0,
        "the newer law changes nothing: the test proves nothing"
    );
}

#[test]
fn a20_certificates_are_the_same_bytes_on_both_databases_on_one_core_and_on_many() {
    let law = house::county_law();
    let newer = draft("zhejiang/assistance/age_allowance.toml", NOW, LATER);
    assert_ne!(law.pack.hash(), newer.pack.hash());
    let folder = tempfile::tempdir().unwrap();
    let today = "2026-08-31".parse().unwrap();
    let files = house::city(folder.path(), &law, RESIDENTS, today);
    let mut told: Vec<(String, Kept)> = Vec::new();
    for cores in [Cores(1, 1_000), Cores(4, 37)] {
        let lives = |place: &Place| {
            let life = async {
                let db = place.open().await;
                let kept = lived(db.clone(), &law, &newer, &files, cores).await;
                db.close().await;
                kept
            };
            let name = format!("{} on {} threads", place.name, cores.0);
            (name, cores.runtime().block_on(life))
        };
        let (places, lives) = (places(), &lives);
        std::thread::scope(|scope| {
            let side = places.iter().map(|place| scope.spawn(move || lives(place)));
            let side: Vec<_> = side.collect();
            told.extend(side.into_iter().map(|one| one.join().unwrap()));
        });
    }
    let (first, (certificates, figures)) = &told[0];
    for (name, (other, counted)) in &told[1..] {
        assert_eq!(counted, figures, "{name} beside {first}");
        for (digest, text) in certificates {
            assert_eq!(other.get(digest), Some(text), "{name} beside {first}");
        }
        assert_eq!(other.len(), certificates.len(), "{name} beside {first}");
    }
    // What was compared is worth it: every verdict, most benefits, decided cases.
    let read = |text: &String| serde_json::from_str::<Certificate>(text).unwrap();
    let all: Vec<Certificate> = certificates.values().map(read).collect();
    let benefits: BTreeSet<&Slug> = all.iter().map(|one| &one.judgement.benefit).collect();
    let book = law.judge.book().benefits.len();
    assert_eq!(benefits.len(), book, "every benefit of the law");
    for verdict in [
        Verdict::Eligible,
        Verdict::Ineligible,
        Verdict::Undetermined,
    ] {
        assert!(
            all.iter().any(|one| one.judgement.verdict == verdict),
            "{verdict:?}"
        );
    }
    println!("{} certificates, {} houses", all.len(), told.len());
}
