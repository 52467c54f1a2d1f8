//! A small town: a law, a family, the people of the office, a clock to turn.

use crate::case::{Handled, OpenCase};
use crate::{App, Context, Law, Result};
use engine_access::{Grant, Grants, Holder, Purpose};
use engine_case::{Act, Answer, AnswerSource, AnswerValue, Case, Channel, Consent};
use engine_policy::{Entry, Household, Member, Source};
use engine_registry::{NewMember, Origin, PersonFact};
use kernel::*;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use store::{Db, Loaded, Reply, Tx};

pub(crate) const MUM: PersonId = PersonId(1);
pub(crate) const SON: PersonId = PersonId(2);
pub(crate) const HOME: HouseholdId = HouseholdId(1);
pub(crate) const VILLAGE: &str = "990101001001";

struct Turning(Arc<Mutex<Now>>);

impl Clock for Turning {
    fn now(&self) -> Now {
        *self.0.lock().unwrap()
    }
}

pub(crate) struct Town {
    pub(crate) app: App,
    clock: Arc<Mutex<Now>>,
    requests: Mutex<usize>,
}

pub(crate) fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

fn base() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../packs/fixtures/base")
}

/// The example law with one text replaced by another.
pub(crate) fn changed_law(was: &str, now: &str) -> Law {
    load(changed(&[(was, now)]).path())
}

/// The example pack with texts of it replaced by others.
pub(crate) fn changed(texts: &[(&str, &str)]) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        std::fs::create_dir_all(copy.path().join(&folder)).unwrap();
        for entry in std::fs::read_dir(base().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
                continue;
            }
            let mut text = std::fs::read_to_string(entry.path()).unwrap();
            for (was, now) in texts {
                text = text.replace(was, now);
            }
            std::fs::write(copy.path().join(path), text).unwrap();
        }
    }
    copy
}

/// The example law with more files in it.
pub(crate) fn law_with(files: &[(&str, &str)]) -> Law {
    let copy = changed(&[]);
    for (name, text) in files {
        std::fs::write(copy.path().join(name), text).unwrap();
    }
    load(copy.path())
}

fn law() -> Law {
    static LAW: LazyLock<Law> = LazyLock::new(|| load(&base()));
    LAW.clone()
}

fn load(dir: &Path) -> Law {
    let loaded = packs::load(dir);
    let faults = loaded.report.render();
    Law::new(loaded.pack.unwrap_or_else(|| panic!("{faults}")))
}

fn at(day: &str) -> Now {
    Now {
        at: format!("{day}T02:00:00Z").parse().unwrap(),
    }
}

fn staff(account: &str, person: i64, role: Role) -> Actor {
    Actor {
        account: account.into(),
        person: Some(PersonId(person)),
        role,
    }
}

pub(crate) fn mum() -> Actor {
    staff("mum", MUM.0, Role::Citizen)
}
pub(crate) fn stranger() -> Actor {
    staff("stranger", 77, Role::Citizen)
}
pub(crate) fn village() -> Actor {
    staff("village", 901, Role::VillageWorker)
}
pub(crate) fn village_two() -> Actor {
    staff("village2", 902, Role::VillageWorker)
}
pub(crate) fn town() -> Actor {
    staff("town", 903, Role::TownOfficer)
}
pub(crate) fn county() -> Actor {
    staff("county", 904, Role::CountyApprover)
}
pub(crate) fn author() -> Actor {
    staff("author", 910, Role::RuleAuthor)
}
pub(crate) fn approver() -> Actor {
    staff("approver", 911, Role::RuleApprover)
}
pub(crate) fn approver_two() -> Actor {
    staff("approver2", 912, Role::RuleApprover)
}
/// Approves for the whole region.
pub(crate) fn leading() -> Actor {
    staff("leading", 913, Role::CountyApprover)
}
pub(crate) fn elsewhere() -> Actor {
    staff("elsewhere", 905, Role::TownOfficer)
}
pub(crate) fn system() -> Actor {
    Actor {
        account: "system".into(),
        person: None,
        role: Role::System,
    }
}

async fn furnish(tx: &mut Tx) -> store::Result<()> {
    let now = at("2026-02-01");
    for (actor, place) in [
        (village(), VILLAGE),
        (village_two(), VILLAGE),
        (town(), "990101001"),
        (county(), "990101"),
        (elsewhere(), "990102001"),
        (author(), "990000"),
        (approver(), "990000"),
        (approver_two(), "990000"),
        (leading(), "990000"),
    ] {
        let holder = Holder::Person(actor.person.unwrap());
        let grant = Grant {
            holder: holder.clone(),
            role: actor.role,
            region: place.parse().unwrap(),
            from: "2026-01-01".parse().unwrap(),
            to: None,
        };
        let state = Grants {
            grants: vec![grant],
            proposals: vec![],
        };
        let grants = Loaded { state, version: 0 };
        tx.save_grants(&holder, &grants, &[], &actor, now).await?;
    }
    let (mut register, mut log) = (engine_registry::State::default(), Vec::new());
    let origin = || Origin::Declared {
        case: None,
        by: town(),
        as_of: "2026-01-01".parse().unwrap(),
    };
    let mut does = |command| {
        let config = engine_registry::Config::default();
        let events = engine_registry::decide(&register, command, &config, now).unwrap();
        events.iter().for_each(|event| register.apply(event));
        log.extend(events);
    };
    for (id, name, number) in [
        (MUM, "试甲", "990482194803150023"),
        (SON, "试乙", "990482200001010035"),
    ] {
        does(engine_registry::Command::RegisterPerson {
            id,
            facts: vec![
                PersonFact::Name(name.parse().unwrap()),
                PersonFact::Number(number.parse().unwrap()),
                PersonFact::Mobile("19900000000".parse().unwrap()),
            ],
            origin: origin(),
        });
    }
    let member = |person, relation| NewMember { person, relation };
    does(engine_registry::Command::FormHousehold {
        id: HOME,
        region: VILLAGE.parse().unwrap(),
        members: vec![member(MUM, Relation::HEAD), member(SON, Relation::SON)],
        from: "2026-01-01".parse().unwrap(),
        within: None,
        origin: origin(),
    });
    tx.load_register(&register, &log, &town(), now).await
}

impl Town {
    pub(crate) async fn new(db: Db) -> Town {
        db.write(async |tx| furnish(tx).await).await.unwrap();
        let clock = Arc::new(Mutex::new(at("2026-03-02")));
        Town {
            app: App::new(db, law(), Arc::new(Turning(clock.clone()))),
            clock,
            requests: Mutex::new(0),
        }
    }

    /// The same house under a law with one text of the service replaced.
    pub(crate) fn under(&self, was: &str, now: &str) -> App {
        let clock = Arc::new(Turning(self.clock.clone()));
        App::new(self.app.db().clone(), changed_law(was, now), clock)
    }

    /// The same house under another law.
    pub(crate) fn under_law(&self, law: Law) -> App {
        let clock = Arc::new(Turning(self.clock.clone()));
        App::new(self.app.db().clone(), law, clock)
    }

    /// The same people and clock at another house over the same database.
    pub(crate) fn moved_to(&self, app: &App) -> Town {
        Town {
            app: app.clone(),
            clock: self.clock.clone(),
            requests: Mutex::new(10_000),
        }
    }

    /// The same people and clock under another law, over the same database.
    pub(crate) fn house(&self, law: Law) -> App {
        let clock = Arc::new(Turning(self.clock.clone()));
        App::new(self.app.db().clone(), law, clock)
    }

    /// The moment, RFC 3339.
    pub(crate) fn at(&self, moment: &str) {
        *self.clock.lock().unwrap() = Now {
            at: moment.parse().unwrap(),
        };
    }

    /// Gives somebody, or a machine's account, a role somewhere.
    pub(crate) async fn hire(&self, actor: Actor, place: &str) {
        let place = place.parse().unwrap();
        let hire = async move |tx: &mut Tx| {
            let holder = match actor.person {
                Some(person) => Holder::Person(person),
                None => Holder::Account(actor.account.clone()),
            };
            let grant = Grant {
                holder: holder.clone(),
                role: actor.role,
                region: place,
                from: "2026-01-01".parse().unwrap(),
                to: None,
            };
            let state = Grants {
                grants: vec![grant],
                proposals: vec![],
            };
            let grants = Loaded { state, version: 0 };
            tx.save_grants(&holder, &grants, &[], &actor, at("2026-02-01"))
                .await
        };
        self.app.db().write(hire).await.unwrap();
    }

    pub(crate) fn on(&self, day: &str) {
        *self.clock.lock().unwrap() = at(day);
    }

    /// A context of its own for every request.
    pub(crate) fn by(&self, actor: Actor, case: Option<CaseId>) -> Context {
        let mut requests = self.requests.lock().unwrap();
        *requests += 1;
        let purpose = match (actor.role, case) {
            (Role::Citizen, _) => Purpose::Own,
            (_, Some(case)) => Purpose::Case(case),
            (_, None) => Purpose::Visit(FindingId(1)),
        };
        Context {
            actor,
            purpose,
            request: format!("r{requests}"),
        }
    }

    pub(crate) async fn try_act(
        &self,
        actor: Actor,
        case: CaseId,
        act: Act,
    ) -> Result<Reply<Handled>> {
        let context = self.by(actor, Some(case));
        self.app.on_case(&context, case, act).await
    }

    pub(crate) async fn act(&self, actor: Actor, case: CaseId, act: Act) -> Handled {
        let shown = format!("{act:?}");
        match self.try_act(actor, case, act).await {
            Ok(reply) => reply.value,
            Err(why) => panic!("{shown}: {why}"),
        }
    }

    pub(crate) async fn open(&self, service: &str) -> CaseId {
        self.open_by(service, Channel::Online).await
    }

    pub(crate) async fn open_by(&self, service: &str, channel: Channel) -> CaseId {
        let open = OpenCase {
            service: slug(service),
            applicant: MUM,
            beneficiary: None,
            household: HOME,
            channel,
        };
        let context = self.by(mum(), None);
        self.app.open_case(&context, open).await.unwrap().value.case
    }

    /// Opened, filled in with the two wages, submitted.
    pub(crate) async fn submitted(&self, mums: i64, sons: i64) -> CaseId {
        let case = self.open("living").await;
        let answers = vec![wage(MUM, mums), wage(SON, sons)];
        let papers = Vec::new();
        self.act(mum(), case, Act::Fill { answers, papers }).await;
        let context = self.by(mum(), Some(case));
        let consents = vec![consent(MUM), consent(SON)];
        self.app
            .submit_case(&context, case, consents)
            .await
            .unwrap();
        case
    }

    /// Everything done up to the county's desk; ends on 2026-03-12.
    pub(crate) async fn ripe(&self, mums: i64, sons: i64) -> CaseId {
        let case = self.submitted(mums, sons).await;
        self.act(town(), case, Act::Accept { tolerate: None }).await;
        self.act(town(), case, start_check()).await;
        self.act(system(), case, finish_check()).await;
        self.act(village(), case, survey()).await;
        let shown = vec![
            (slug("applicant"), "试*".to_owned()),
            (slug("members_count"), "2".to_owned()),
        ];
        let step = slug("publicity");
        self.act(village(), case, Act::Publicise { step, shown })
            .await;
        self.on("2026-03-12");
        let step = slug("publicity");
        self.act(system(), case, Act::EndPublicity { step }).await;
        case
    }

    pub(crate) async fn judged(&self, case: CaseId, savings: Option<i64>) -> Handled {
        let context = self.by(system(), Some(case));
        let judged = self.app.judge_case(&context, case, household(savings));
        judged.await.unwrap().value
    }

    pub(crate) async fn case(&self, case: CaseId) -> Case {
        let read = async move |tx: &mut Tx| Ok::<_, store::StoreError>(tx.case(case).await?.state);
        self.app.db().read(read).await.unwrap()
    }

    /// The texts of the notices of a case, oldest first.
    pub(crate) async fn notices(&self, case: CaseId) -> Vec<String> {
        let read = async move |tx: &mut Tx| {
            let mut texts = Vec::new();
            for id in tx.documents_of(case).await? {
                texts.push(String::from_utf8(tx.document(id).await?.body).unwrap());
            }
            Ok::<_, store::StoreError>(texts)
        };
        self.app.db().read(read).await.unwrap()
    }
}

pub(crate) fn consent(person: PersonId) -> Consent {
    Consent {
        consent: slug("authorisation"),
        person,
        authorisation: Some(AuthorisationId(person.0)),
    }
}

pub(crate) fn wage(person: PersonId, yuan: i64) -> Answer {
    Answer {
        field: slug("wage"),
        about: Some(person),
        value: AnswerValue::Money(Money::from_yuan(yuan).unwrap()),
        source: AnswerSource::Person,
    }
}

/// What the departments answered: everybody's savings in yuan, or nothing.
pub(crate) fn household(savings: Option<i64>) -> Household {
    let member = || {
        let entry = match savings {
            Some(yuan) => Entry::Known(
                expr::Value::from(Money::from_yuan(yuan).unwrap()),
                Source::Department {
                    department: slug("police"),
                    category: slug("savings"),
                    as_of: "2026-03-01".parse().unwrap(),
                    record: Some("S-1".into()),
                },
            ),
            None => Entry::Missing(engine_policy::WhyMissing::NoAnswer {
                department: slug("police"),
            }),
        };
        Member {
            facts: [(slug("savings"), entry)].into(),
            records: Default::default(),
        }
    };
    Household {
        region: VILLAGE.parse().unwrap(),
        facts: Default::default(),
        members: vec![member(), member()],
    }
}

pub(crate) fn start_check() -> Act {
    Act::StartVerification {
        step: slug("check"),
        verification: VerificationId(9),
    }
}

pub(crate) fn finish_check() -> Act {
    Act::FinishVerification {
        step: slug("check"),
        verification: VerificationId(9),
        says: "没有出入".into(),
    }
}

pub(crate) fn survey() -> Act {
    Act::Survey {
        step: slug("survey"),
        ways: vec!["入户调查".into()],
        found: "住房一间，家具简单".into(),
        surveyors: vec![village(), village_two()],
        household: Some(MUM),
    }
}
