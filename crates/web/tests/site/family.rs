//! A family in the register, and its application: what pages over a household stand on.

use super::{now, person};
use app::case::OpenCase;
use app::{App, Context};
use engine_access::Purpose;
use engine_case::{Channel, Consent};
use engine_registry::{Command, Config, NewMember, Origin, PersonFact, State};
use kernel::*;

pub(crate) const HOME: HouseholdId = HouseholdId(1);
pub(crate) const MUM: PersonId = PersonId(101);
pub(crate) const SON: PersonId = PersonId(102);
pub(crate) const VILLAGE: &str = "990101001001";
pub(crate) const NUMBER: &str = "990482194803150023";

/// A mother and her son in the register.
pub(crate) async fn family(app: &App) {
    let clerk = Actor {
        account: "TownOfficer".into(),
        person: Some(person(Role::TownOfficer)),
        role: Role::TownOfficer,
    };
    let origin = Origin::Declared {
        case: None,
        by: clerk.clone(),
        as_of: "2026-01-01".parse().unwrap(),
    };
    let (mut register, mut log) = (State::default(), Vec::new());
    let mut does = |command| {
        let events = engine_registry::decide(&register, command, &Config::default(), now());
        let events = events.unwrap();
        events.iter().for_each(|event| register.apply(event));
        log.extend(events);
    };
    for (id, name, number) in [(MUM, "试甲", NUMBER), (SON, "试乙", "990482200001010035")] {
        does(Command::RegisterPerson {
            id,
            facts: vec![
                PersonFact::Name(name.parse().unwrap()),
                PersonFact::Number(number.parse().unwrap()),
                PersonFact::Mobile("19900000000".parse().unwrap()),
            ],
            origin: origin.clone(),
        });
    }
    let member = |person, relation| NewMember { person, relation };
    does(Command::FormHousehold {
        id: HOME,
        region: VILLAGE.parse().unwrap(),
        members: vec![member(MUM, Relation::HEAD), member(SON, Relation::SON)],
        from: "2026-01-01".parse().unwrap(),
        within: None,
        origin,
    });
    let kept = app
        .db()
        .write(async move |tx| tx.load_register(&register, &log, &clerk, now()).await);
    kept.await.unwrap();
}

pub(crate) fn mum(request: &str) -> Context {
    Context {
        actor: Actor {
            account: "mum".into(),
            person: Some(MUM),
            role: Role::Citizen,
        },
        purpose: Purpose::Own,
        request: request.into(),
    }
}

/// A submitted application of the fixture's first service for households.
pub(crate) async fn applied(app: &App) -> CaseId {
    let open = OpenCase {
        service: "living".parse().unwrap(),
        applicant: MUM,
        beneficiary: None,
        household: HOME,
        channel: Channel::Online,
    };
    let case = app.open_case(&mum("open"), open).await.unwrap().value.case;
    let flow = app.law().pack.flow("living").unwrap().clone();
    let consents = flow.consents.iter().flat_map(|rule| {
        [MUM, SON].map(|person| Consent {
            consent: rule.id.clone(),
            person,
            authorisation: None,
        })
    });
    app.submit_case(&mum("submit"), case, consents.collect())
        .await
        .unwrap();
    case
}
