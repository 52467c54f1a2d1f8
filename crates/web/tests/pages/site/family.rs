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

/// A file with a case, as if handed in.
pub(crate) async fn attached(app: &App, case: CaseId) -> DocumentId {
    let by = mum("").actor;
    let keep = async move |tx: &mut store::Tx| {
        let file = store::Attachment {
            document: DocumentId(tx.next_id("document").await?),
            case,
            purpose: store::AttachedTo::Paper("bank_statement".parse().unwrap()),
            name: "存款.pdf".into(),
            media: "application/pdf".into(),
            bytes: 9,
            by: by.clone(),
            at: now().at,
        };
        tx.attach(&file, FILE.into(), now()).await?;
        Ok::<_, store::StoreError>(file.document)
    };
    app.db().write(keep).await.unwrap()
}

/// What stands in that file.
pub(crate) const FILE: &str = "%PDF of the household";

/// What a screening found about the household.
pub(crate) async fn found(app: &App) -> FindingId {
    let keep = async |tx: &mut store::Tx| {
        let run = store::Screening {
            id: 1,
            as_of: now().today(),
            pack_hash: "p".into(),
            data_mark: "d".into(),
            households: 1,
            persons: 2,
        };
        let kind = engine_policy::Finding::FoundNotReceiving;
        let benefit: Slug = "living".parse().unwrap();
        let row = store::Found {
            benefit: benefit.clone(),
            household: HOME,
            person: None,
            finding: kind,
            verdict: engine_policy::Verdict::Eligible,
            amount: None,
            next: None,
            fault: false,
        };
        tx.save_screening(&run, &[row], now()).await?;
        // And what led to it: the first change on file.
        let change = store::FindingChange {
            id: 0,
            benefit: benefit.clone(),
            household: HOME,
            person: None,
            before: None,
            after: Some(kind),
            cause: "death_cancel".parse().unwrap(),
            at: now().at,
            lead: None,
            facts: Vec::new(),
        };
        tx.note_change(&change).await?;
        let place = super::COUNTY.parse::<RegionCode>().unwrap().span();
        let rows = tx.findings_in(1, &benefit, kind, None, place, 9).await?;
        Ok::<_, store::StoreError>(rows[0].0)
    };
    app.db().write(keep).await.unwrap()
}
