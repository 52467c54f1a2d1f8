//! Two kinds of order and four providers.

use crate::*;
use kernel::*;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn slug(text: &str) -> Slug {
    text.parse().unwrap()
}

/// Monday 2026-03-02, 09:00 in China, and so many seconds.
pub(super) fn at(seconds: i64) -> Now {
    let start: Instant = "2026-03-02T01:00:00Z".parse().unwrap();
    Now {
        at: start + chrono::TimeDelta::seconds(seconds),
    }
}

pub(super) fn actor(person: i64, role: Role) -> Actor {
    Actor {
        account: format!("p{person}"),
        person: Some(PersonId(person)),
        role,
    }
}

pub(super) fn operator() -> Actor {
    actor(1, Role::AlarmOperator)
}

pub(super) fn resident() -> Actor {
    actor(100, Role::Citizen)
}

pub(super) fn system() -> Actor {
    Actor {
        account: "rounds".into(),
        person: None,
        role: Role::System,
    }
}

/// The human being behind a provider: 200 + its number.
pub(super) fn of_provider(id: i64) -> Actor {
    actor(200 + id, Role::Provider)
}

pub(super) fn calendar() -> WorkCalendar {
    WorkCalendar::from_csv("date,kind,name\n2026-01-01,holiday,元旦\n2026-03-04,holiday,假\n")
        .unwrap()
}

pub(super) fn item(id: &str, fen: i64) -> Item {
    Item {
        id: slug(id),
        name: id.into(),
        unit: "次".into(),
        price: Money::from_fen(fen),
        skill: slug(id),
        minutes: Some(60),
        subsidies: Vec::new(),
        quota: None,
        only_for: Vec::new(),
        basis: None,
    }
}

fn rung(on: ClockOf, after: u32, who: Whom, by: &[Way]) -> Rung {
    Rung {
        on,
        after,
        who,
        by: by.to_vec(),
    }
}

/// 红键: answered in 60 s, or family, provider and 120.
pub(super) fn red_key() -> OrderType {
    let mut ty = OrderType::new(slug("red_key"), "红键救急");
    ty.alarm = true;
    ty.asked_by = vec![Asker::Device, Asker::Phone];
    ty.items = vec![item("urgent", 0)];
    ty.clocks = BTreeMap::from([
        (ClockOf::Answer, Lapse::Seconds(60)),
        (ClockOf::Close, Lapse::Seconds(600)),
        (ClockOf::Arrive, Lapse::Seconds(900)),
    ]);
    ty.ladder = vec![
        rung(ClockOf::Answer, 0, Whom::DutyOperator, &[Way::Screen]),
        rung(ClockOf::Answer, 0, Whom::FamilyContacts, &[Way::Sms]),
        rung(ClockOf::Answer, 60, Whom::NearestProvider, &[Way::Call]),
        rung(ClockOf::Answer, 90, Whom::Emergency, &[Way::Call]),
    ];
    ty.again = Some(Lapse::Seconds(60));
    ty.burst_seconds = 120;
    let need = |id: &str| Need {
        id: slug(id),
        asks: id.into(),
    };
    ty.close.needs = vec![need("who_answered"), need("what_happened")];
    ty
}

/// 96345: five minutes to accept, photograph and words, stars, 12345.
pub(super) fn hotline() -> OrderType {
    let mut ty = OrderType::new(slug("hotline"), "96345");
    ty.asked_by = vec![Asker::Phone, Asker::Resident];
    ty.items = vec![item("repair", 5_000), item("clean", 4_000)];
    ty.clocks = BTreeMap::from([
        (ClockOf::Dispatch, Lapse::Seconds(120)),
        (ClockOf::Accept, Lapse::Seconds(300)),
        (ClockOf::Done, Lapse::WorkingDays(1)),
        (ClockOf::Confirm, Lapse::Seconds(86_400)),
    ]);
    ty.ladder = vec![rung(
        ClockOf::Accept,
        180,
        Whom::DutyOperator,
        &[Way::Screen],
    )];
    let proof = |id: &str, kind, required| ProofRule {
        id: slug(id),
        asks: id.into(),
        kind,
        required,
        most: None,
    };
    ty.proof = vec![
        proof("photo", ProofKind::Photo, true),
        proof("words", ProofKind::Text, false),
        proof("place", ProofKind::Place, false),
    ];
    ty.rating = Some(RatingRule {
        low: 2,
        asks: "满意吗".into(),
    });
    ty.transfer = vec![Elsewhere {
        id: slug("line_12345"),
        name: "12345".into(),
    }];
    ty
}

pub(super) fn provider(id: i64, skill: &str, region: &str) -> Provider {
    Provider {
        id: ProviderId(id),
        name: format!("服务方{id}"),
        person: PersonId(200 + id),
        areas: vec!["330482".parse().unwrap()],
        skills: BTreeSet::from([slug(skill)]),
        place: None,
        home: region.parse().unwrap(),
        load: 0,
        most: 2,
        record: Record::default(),
        stopped: false,
    }
}

/// 1 in the same village, 2 in the same town, 3 elsewhere in the county; 4 cannot do it.
pub(super) fn providers() -> Vec<Provider> {
    vec![
        provider(3, "repair", "330482103001"),
        provider(2, "repair", "330482001002"),
        provider(1, "repair", "330482001001"),
        provider(4, "clean", "330482001001"),
    ]
}

pub(super) fn requested(ty: &OrderType, asked_by: Asker, cause: Cause) -> Requested {
    Requested {
        order: OrderId(1),
        ty: ty.id.clone(),
        asked_by,
        cause,
        about: About {
            person: Some(PersonId(100)),
            name: "试老人".into(),
            age: Some(82),
            ..About::default()
        },
        wants: vec![Want {
            item: ty.items[0].id.clone(),
            count: 1,
        }],
        says: "水管漏了".into(),
        region: "330482001001".parse().unwrap(),
        address: "一村 1 号".into(),
        place: None,
        on: None,
    }
}

/// An order that is being told.
pub(super) struct Tale {
    pub(super) ty: OrderType,
    pub(super) providers: Vec<Provider>,
    pub(super) used: BTreeMap<Slug, u32>,
    pub(super) order: Order,
}

impl Tale {
    pub(super) fn new(ty: OrderType) -> Tale {
        assert_eq!(ty.validate(), []);
        Tale {
            ty,
            providers: providers(),
            used: BTreeMap::new(),
            order: Order::default(),
        }
    }

    /// Asked for by telephone.
    pub(super) fn asked(ty: OrderType) -> Tale {
        let mut tale = Tale::new(ty);
        let asked = requested(&tale.ty, Asker::Phone, Cause::Asked);
        tale.ok(0, operator(), Act::Request(Box::new(asked)));
        tale
    }

    /// Pressed on a device.
    pub(super) fn pressed() -> Tale {
        let mut tale = Tale::new(red_key());
        let device = "D1".to_owned();
        let asked = requested(&tale.ty, Asker::Device, Cause::Pressed { device });
        tale.ok(0, system(), Act::Request(Box::new(asked)));
        tale
    }

    pub(super) fn does(
        &mut self,
        seconds: i64,
        by: Actor,
        act: Act,
    ) -> Result<Vec<Event>, Refusal> {
        let calendar = calendar();
        let config = Config {
            ty: &self.ty,
            calendar: &calendar,
            providers: &self.providers,
            used: &self.used,
        };
        let events = decide(&self.order, Command { by, act }, &config, at(seconds))?;
        events.iter().for_each(|event| self.order.apply(event));
        Ok(events)
    }

    pub(super) fn ok(&mut self, seconds: i64, by: Actor, act: Act) -> Vec<Event> {
        let said = format!("{act:?}");
        self.does(seconds, by, act)
            .unwrap_or_else(|why| panic!("{said}: {why}"))
    }

    pub(super) fn no(&mut self, seconds: i64, by: Actor, act: Act) -> &'static str {
        let said = format!("{act:?}");
        match self.does(seconds, by, act) {
            Err(why) => why.code(),
            Ok(_) => panic!("{said} was done"),
        }
    }

    pub(super) fn sent(&mut self, seconds: i64, to: i64) {
        let act = Act::Dispatch {
            to: ProviderId(to),
            why: String::new(),
        };
        self.ok(seconds, operator(), act);
    }

    /// Sent to provider 1, accepted.
    pub(super) fn under_way(ty: OrderType) -> Tale {
        let mut tale = Tale::asked(ty);
        tale.sent(10, 1);
        tale.ok(60, of_provider(1), Act::Accept);
        tale
    }
}

pub(super) fn photo() -> ProofGiven {
    ProofGiven {
        proof: slug("photo"),
        value: ProofValue::Photo(DocumentId(7)),
    }
}

pub(super) fn finish(seconds: i64, proofs: Vec<ProofGiven>) -> Act {
    Act::Finish {
        proofs,
        occurred: at(seconds).at,
        minutes: Some(60),
        note: String::new(),
    }
}

pub(super) fn sent_to(order: &Order) -> Vec<i64> {
    order.offers.iter().map(|offer| offer.provider.0).collect()
}
