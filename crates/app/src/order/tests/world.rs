//! A small town with a centre, partners and a device.

use crate::case::tests::town::*;
use crate::order::{Heard, NewOrder, NewProvider, Ordered, Signal};
use crate::{App, Context, Result};
use engine_access::Purpose;
use engine_order::*;
use kernel::*;
use std::sync::atomic::{AtomicU64, Ordering};
use store::{Db, Device, Reply, Tx};

const RED: &str = include_str!("../../../../../packs/zhejiang/eldercare/red_key.toml");
const HOTLINE: &str = include_str!("../../../../../packs/zhejiang/hotline/96345.toml");
const WISH: &str = include_str!("../../../../../packs/zhejiang/children/wish.toml");
pub(super) const TIME: &str =
    include_str!("../../../../../packs/zhejiang/volunteer/time_bank.toml");
/// A kind nobody wrote Rust for: two lamps a year, then no more.
const LAMP: &str = r#"
[order]
id = "lamp"
name = "换灯"
says = "楼道灯坏了，有人来换"
asked_by = ["resident", "phone", "device"]
confirms = "nobody"
[[item]]
id = "bulb"
name = "灯泡"
unit = "只"
price = 20
skill = "electric"
quota = { times = 2, per = "year", over = "refuse" }
subsidy = [{ amount = 5, age_from = 60 }]
[clock]
accept = "1 h"
[dispatch]
by = "nearest"
[[proof]]
id = "seen"
asks = "亮了吗"
kind = "text"
required = true
"#;

pub(super) fn actor(person: i64, role: Role) -> Actor {
    Actor {
        account: format!("p{person}"),
        person: Some(PersonId(person)),
        role,
    }
}

pub(super) fn operator() -> Actor {
    actor(950, Role::AlarmOperator)
}

pub(super) fn partner(person: i64) -> Actor {
    actor(person, Role::Provider)
}

pub(super) struct Centre {
    pub(super) town: Town,
    pub(super) app: App,
    count: AtomicU64,
}

impl Centre {
    pub(super) async fn new(db: Db) -> Centre {
        Centre::with(db, &[]).await
    }

    /// The same with further files in its pack.
    pub(super) async fn with(db: Db, more: &[(&str, &str)]) -> Centre {
        let town = Town::new(db).await;
        let files = [
            ("time.toml", TIME),
            ("red_key.toml", RED),
            ("hotline.toml", HOTLINE),
            ("wish.toml", WISH),
            ("lamp.toml", LAMP),
        ];
        let files: Vec<(&str, &str)> = files.iter().chain(more).copied().collect();
        let law = law_with(&files);
        let app = town.house(law);
        town.at("2026-03-02T02:00:00Z");
        let gateway = Actor {
            account: "gateway:demo".into(),
            person: None,
            role: Role::DepartmentMachine,
        };
        for (who, place) in [
            (operator(), "990101"),
            (actor(951, Role::Leader), "990101"),
            (partner(961), "990101"),
            (partner(962), "990101"),
            (gateway, "990000"),
        ] {
            town.hire(who, place).await;
        }
        Centre {
            town,
            app,
            count: AtomicU64::new(0),
        }
    }

    /// The same centre under another law.
    pub(super) fn under(self, app: App) -> Centre {
        Centre { app, ..self }
    }

    pub(super) fn by(&self, actor: Actor) -> Context {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let purpose = match actor.role {
            Role::Citizen => Purpose::Own,
            _ => Purpose::Duty,
        };
        Context {
            actor,
            purpose,
            request: format!("o{count}"),
        }
    }

    /// A partner with a skill, in the village or elsewhere in the county.
    pub(super) async fn partner(&self, person: i64, skill: &str, home: &str) -> ProviderId {
        let new = NewProvider {
            name: format!("服务方{person}"),
            person: PersonId(person),
            phone: Some(format!("1990000{person:04}")),
            home: home.parse().unwrap(),
            areas: vec!["990101".parse().unwrap()],
            skills: [slug(skill)].into(),
            place: None,
            most: 2,
        };
        let context = self.by(county());
        self.app.add_provider(&context, new).await.unwrap().value
    }

    pub(super) async fn device(&self) -> Device {
        let device = Device {
            id: "D-1".into(),
            gateway: "demo".into(),
            person: MUM,
            household: Some(HOME),
            region: VILLAGE.parse().unwrap(),
            name: "试甲".into(),
            phone: None,
            age: Some(78),
            address: "一村 1 号".into(),
            place: None,
            contacts: vec![SON],
            alarm: slug("red_key"),
            order: Some((slug("lamp"), slug("bulb"))),
        };
        let context = self.by(crate::case::tests::town::town());
        self.app
            .bind_device(&context, device.clone())
            .await
            .unwrap();
        device
    }

    pub(super) async fn press(&self, seq: u64, says: Heard) -> Option<OrderId> {
        let signal = Signal {
            device: "D-1".into(),
            seq,
            says,
        };
        self.app.hear("demo", &signal).await.unwrap().order
    }

    pub(super) fn call(&self, ty: &str, item: &str) -> NewOrder {
        NewOrder {
            ty: slug(ty),
            asked_by: Asker::Phone,
            person: Some(MUM),
            name: String::new(),
            phone: None,
            wants: vec![Want {
                item: slug(item),
                count: 1,
            }],
            says: "水管漏了".into(),
            region: None,
            address: "一村 1 号".into(),
            place: None,
            on: None,
        }
    }

    pub(super) async fn asked(&self, ty: &str, item: &str) -> OrderId {
        let context = self.by(operator());
        let new = self.call(ty, item);
        self.app.ask_order(&context, new).await.unwrap().value.order
    }

    pub(super) async fn does(&self, by: Actor, order: OrderId, act: Act) -> Result<Reply<Ordered>> {
        let context = self.by(by);
        self.app.on_order(&context, order, act).await
    }

    pub(super) async fn ok(&self, by: Actor, order: OrderId, act: Act) -> Ordered {
        let said = format!("{act:?}");
        match self.does(by, order, act).await {
            Ok(reply) => reply.value,
            Err(why) => panic!("{said}: {why}"),
        }
    }

    pub(super) async fn no(&self, by: Actor, order: OrderId, act: Act) -> String {
        let said = format!("{act:?}");
        match self.does(by, order, act).await {
            Err(why) => why
                .refusal_code()
                .unwrap_or_else(|| panic!("{why}"))
                .to_owned(),
            Ok(_) => panic!("{said} was done"),
        }
    }

    pub(super) async fn order(&self, order: OrderId) -> Order {
        let read =
            async move |tx: &mut Tx| Ok::<_, store::StoreError>(tx.order(order).await?.state);
        self.app.db().read(read).await.unwrap()
    }

    pub(super) async fn load_of(&self, provider: ProviderId) -> (u32, Record) {
        let read = async move |tx: &mut Tx| tx.provider(provider).await;
        let (one, _) = self.app.db().read(read).await.unwrap().unwrap();
        (one.load, one.record)
    }

    /// How many messages wait to be sent to somebody.
    pub(super) async fn told(&self, person: i64) -> Vec<String> {
        let read = async move |tx: &mut Tx| tx.messages_to(PersonId(person)).await;
        let messages = self.app.db().read(read).await.unwrap().into_iter();
        let occasion =
            |one: store::Loaded<engine_notify::State>| one.state.message.unwrap().occasion;
        messages.map(|one| occasion(one).to_string()).collect()
    }
}

pub(super) fn dispatch(to: ProviderId) -> Act {
    Act::Dispatch {
        to,
        why: String::new(),
    }
}

pub(super) fn words(proof: &str, text: &str) -> ProofGiven {
    ProofGiven {
        proof: slug(proof),
        value: ProofValue::Text(text.into()),
    }
}

pub(super) fn finish(moment: &str, proofs: Vec<ProofGiven>) -> Act {
    Act::Finish {
        proofs,
        occurred: moment.parse().unwrap(),
        minutes: Some(60),
        note: "办好了".into(),
    }
}
