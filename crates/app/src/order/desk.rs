//! 「一单」 The one way every act on an order goes: authorise → load → decide → save
//! state, events, audit → what follows.

use super::about::{counted, named, period, registered};
use super::tell;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Permit, Record, RecordState};
use engine_order::{
    About, Act, Asker, Cause, Command, Config, DispatchBy, Event, Order, OrderType, Point,
    Provider, Requested, Stage, Want, decide,
};
use kernel::{Actor, Date, FieldLevel, Now, OrderId, PersonId, RegionCode, Role, Slug};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::{Loaded, Recorded, Reply, Tx};

/// How many candidates are looked at for each skill.
const CANDIDATES: u32 = 40;

/// What an act gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordered {
    /// The order.
    pub order: OrderId,
    /// Its version after the act.
    pub version: i64,
    /// Where it stands.
    pub stage: Stage,
    /// Whom it is with.
    pub with: Option<String>,
    /// Whether a person must look for a provider.
    pub wants_person: bool,
}

/// An order as somebody asks for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewOrder {
    /// Its kind.
    pub ty: Slug,
    /// How it came.
    pub asked_by: Asker,
    /// The person, where the register has them.
    pub person: Option<PersonId>,
    /// How they are called; the register's name counts where they are known.
    pub name: String,
    /// Telephone, as given.
    pub phone: Option<String>,
    /// What is wanted.
    pub wants: Vec<Want>,
    /// In their words.
    pub says: String,
    /// The node; the register's home counts where none is given.
    pub region: Option<RegionCode>,
    /// Where to go, in words.
    pub address: String,
    /// Where to go.
    pub place: Option<Point>,
    /// For which day.
    pub on: Option<Date>,
}

/// An order as its page shows it.
#[derive(Clone, Debug)]
pub struct OrderView {
    /// The order.
    pub order: Order,
    /// Its kind.
    pub ty: Arc<OrderType>,
    /// Where, in words.
    pub place: String,
    /// What happened.
    pub history: Vec<Recorded<Event>>,
    /// Whether whom it is for is hidden from who looks.
    pub hidden: bool,
    /// What may be seen.
    pub permit: Permit,
}

/// What one transaction needs; owned, because it may run again.
#[derive(Clone)]
pub(crate) struct OrderDesk {
    pub(crate) app: App,
    pub(crate) context: Context,
    pub(crate) now: Now,
}

impl App {
    pub(crate) fn order_desk(&self, context: &Context) -> OrderDesk {
        OrderDesk {
            app: self.clone(),
            context: context.clone(),
            now: self.now(),
        }
    }

    /// 下单 Asks for something, for oneself or for somebody who rang up.
    ///
    /// # Errors
    /// A refusal of access or of the engine; what was typed cannot be read; the store's.
    pub async fn ask_order(&self, context: &Context, new: NewOrder) -> Result<Reply<Ordered>> {
        let key = context.key("order.ask", &new)?;
        let desk = self.order_desk(context);
        self.db
            .write(async move |tx| {
                let (new, desk) = (new.clone(), &desk);
                let does = async move |tx: &mut Tx| {
                    let asked = desk.asked(tx, new).await?;
                    desk.open(tx, asked).await
                };
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }

    /// 办一步 Does one act on an order.
    ///
    /// # Errors
    /// A refusal of access or of the engine; the store's.
    pub async fn on_order(
        &self,
        context: &Context,
        order: OrderId,
        act: Act,
    ) -> Result<Reply<Ordered>> {
        if matches!(act, Act::Request(_) | Act::Press | Act::Tick) {
            return Err(AppError::BadInput("这一步有自己的办法".to_owned()));
        }
        let key = context.key("order.act", &(order, &act))?;
        let desk = self.order_desk(context);
        self.db
            .write(async move |tx| {
                let (act, desk) = (act.clone(), &desk);
                let does = async move |tx: &mut Tx| desk.act(tx, order, act).await;
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }

    /// 看工单 An order with its history; the reading is on record. Whoever may not see
    /// the level of its kind, and the provider of a masked one, does not see for whom.
    ///
    /// # Errors
    /// A refusal; no such order; the store's.
    pub async fn order(&self, context: &Context, order: OrderId) -> Result<OrderView> {
        let desk = self.order_desk(context);
        self.db
            .look(async move |tx| desk.view(tx, order).await)
            .await
    }
}

impl OrderDesk {
    /// What is asked, completed from the register.
    async fn asked(&self, tx: &mut Tx, new: NewOrder) -> Result<Requested> {
        let ty = self.app.order_type(&new.ty)?;
        let person = match self.context.actor.role {
            // A resident asks for themselves unless they act for somebody.
            Role::Citizen => self.context.actor.person,
            _ => new.person,
        };
        let mut about = About {
            name: new.name.trim().to_owned(),
            phone: new.phone.clone(),
            ..About::default()
        };
        let mut home = None;
        if let Some(person) = person {
            let known = registered(tx, person, self.now).await?;
            home = known.region;
            let (name, phone) = (about.name, about.phone);
            about = known.about;
            if about.name.is_empty() {
                about.name = name;
            }
            about.phone = phone.or(about.phone);
        }
        let region = new.region.or(home);
        let region = region
            .ok_or_else(|| AppError::BadInput("请选一个村社：要知道派给附近的谁".to_owned()))?;
        let groups = named(&ty);
        let groups = self
            .app
            .groups(tx, about.person, about.household, &groups, self.now);
        about.groups = groups.await?;
        Ok(Requested {
            order: OrderId(tx.next_id("order").await?),
            ty: ty.id.clone(),
            asked_by: new.asked_by,
            cause: Cause::Asked,
            about,
            wants: new.wants,
            says: new.says,
            region,
            address: new.address,
            place: new.place,
            on: new.on,
        })
    }

    /// A new order.
    pub(crate) async fn open(&self, tx: &mut Tx, asked: Requested) -> Result<Ordered> {
        let order = Order::default();
        let act = Act::Request(Box::new(asked));
        self.act_on(
            tx,
            Loaded {
                state: order,
                version: 0,
            },
            act,
        )
        .await
    }

    /// One act on an order that exists.
    pub(crate) async fn act(&self, tx: &mut Tx, id: OrderId, act: Act) -> Result<Ordered> {
        let loaded = tx.order_to_change(id).await?;
        self.act_on(tx, loaded, act).await
    }

    async fn act_on(&self, tx: &mut Tx, loaded: Loaded<Order>, act: Act) -> Result<Ordered> {
        let Loaded { state, version } = loaded;
        let mut order = state;
        let asked = match (&order.requested, &act) {
            (Some(asked), _) => asked.clone(),
            (None, Act::Request(asked)) => Requested::clone(asked),
            (None, _) => return Err(AppError::BadInput("还没有这张工单".to_owned())),
        };
        let ty = self.app.order_type(&asked.ty)?;
        self.permit(
            tx,
            action(&act, &self.context.actor, &ty),
            &order,
            &asked,
            &ty,
        )
        .await?;
        super::photo::own(tx, asked.order, &act).await?;
        let used = self.used(tx, &ty, &asked, &act).await?;
        let providers = self.candidates(tx, &order, &asked, &ty, &act).await?;
        let config = Config {
            ty: &ty,
            calendar: self.app.law().pack.calendar(),
            providers: &providers,
            used: &used,
        };
        let name = name(&act);
        let by = self.context.actor.clone();
        let before = order.clone();
        let events = decide(&order, Command { by, act }, &config, self.now);
        let events = events.map_err(AppError::refused)?;
        events.iter().for_each(|event| order.apply(event));
        let (actor, now) = (&self.context.actor, self.now);
        let version = match version {
            0 => {
                tx.create_order(&order, &ty, &events, actor, now).await?;
                i64::try_from(events.len()).unwrap_or(i64::MAX)
            }
            version => {
                tx.save_order(version, &order, &ty, &events, actor, now)
                    .await?
            }
        };
        if !events.is_empty() {
            let subject = format!("order:{}", asked.order);
            self.context
                .record(tx, name, &subject, &events, now)
                .await?;
            tell::follow(self, tx, (&before, &order), &ty, &events, &used).await?;
            tell::moved(self, tx, (&before, &order), (&asked, &ty), version).await?;
        }
        Ok(Ordered {
            order: asked.order,
            version,
            stage: order.stage,
            with: order.offer().map(|offer| offer.name.clone()),
            wants_person: order.wants_person,
        })
    }

    pub(crate) async fn permit(
        &self,
        tx: &mut Tx,
        action: Action,
        order: &Order,
        asked: &Requested,
        ty: &OrderType,
    ) -> Result<Permit> {
        let record = Record {
            region: Some(asked.region),
            subjects: asked.about.person.into_iter().collect(),
            state: state(order.stage),
            level: level(action, ty),
        };
        self.context
            .authorise(tx, action, record, &[], self.now)
            .await
    }

    /// How often the person had each item wanted within its quota's period.
    async fn used(
        &self,
        tx: &mut Tx,
        ty: &OrderType,
        asked: &Requested,
        act: &Act,
    ) -> Result<BTreeMap<Slug, u32>> {
        let mut used = BTreeMap::new();
        let (Act::Request(_), Some(person)) = (act, counted(asked)) else {
            return Ok(used);
        };
        for want in &asked.wants {
            let quota = ty.item(&want.item).and_then(|item| item.quota);
            if let Some(quota) = quota {
                let period = period(quota.per, self.now);
                let count = tx.quota_used(person, want.item.as_str(), &period).await?;
                used.insert(want.item.clone(), count);
            }
        }
        Ok(used)
    }

    /// Who could be sent, where the act may send somebody.
    async fn candidates(
        &self,
        tx: &mut Tx,
        order: &Order,
        asked: &Requested,
        ty: &OrderType,
        act: &Act,
    ) -> Result<Vec<Provider>> {
        let wanted = match act {
            Act::Request(_) if ty.dispatch.by != DispatchBy::Nearest => return Ok(Vec::new()),
            Act::Request(_) | Act::Decline { .. } => None,
            Act::Tick if order.stage == Stage::Offered => None,
            Act::Dispatch { to, .. } | Act::Claim { provider: to } => Some(*to),
            _ => return Ok(Vec::new()),
        };
        let mut providers = match wanted {
            // Named by a person: only that one is looked at, and told why not.
            Some(id) => tx
                .provider(id)
                .await?
                .map(|(one, _)| one)
                .into_iter()
                .collect(),
            None => self.free(tx, asked, ty).await?,
        };
        providers.sort_by_key(|one: &Provider| one.id);
        providers.dedup_by_key(|one| one.id);
        Ok(providers)
    }

    /// Providers with room for every skill an order wants.
    pub(crate) async fn free(
        &self,
        tx: &mut Tx,
        asked: &Requested,
        ty: &OrderType,
    ) -> Result<Vec<Provider>> {
        let skills: BTreeSet<&Slug> = asked
            .wants
            .iter()
            .filter_map(|want| ty.item(&want.item).map(|item| &item.skill))
            .collect();
        // Whoever has them all is among those who have the first.
        match skills.first() {
            Some(skill) => Ok(tx.providers_free(skill, asked.region, CANDIDATES).await?),
            None => Ok(Vec::new()),
        }
    }

    async fn view(&self, tx: &mut Tx, id: OrderId) -> Result<OrderView> {
        let mut order = tx.order(id).await?.state;
        let asked = order.requested.clone();
        let asked = asked.ok_or_else(|| AppError::Fault("an order nobody asked for".into()))?;
        let ty = self.app.order_type(&asked.ty)?;
        let actor = &self.context.actor;
        let permit = self
            .permit(tx, Action::ReadOrder, &order, &asked, &ty)
            .await?;
        // The table lets a provider in; only to what was sent to them.
        let mine = order
            .offers
            .iter()
            .any(|offer| Some(offer.person) == actor.person);
        let claimable = ty.dispatch.by == DispatchBy::Claim && order.stage == Stage::Waiting;
        if actor.role == Role::Provider && !mine && !claimable {
            return Err(AppError::refused(engine_order::Refusal::NotYours));
        }
        let hidden = permit.level < ty.level || (actor.role == Role::Provider && ty.masked);
        let mut history = tx.order_history(id).await?;
        if hidden {
            hide(&mut order);
            history.clear();
        }
        let subject = format!("order:{id}");
        self.context
            .record(tx, "order.read", &subject, &hidden, self.now)
            .await?;
        Ok(OrderView {
            place: self.app.place(asked.region),
            order,
            ty,
            history,
            hidden,
            permit,
        })
    }
}

/// Leaves out for whom an order is.
pub(super) fn hide(order: &mut Order) {
    if let Some(asked) = &mut order.requested {
        asked.about = About {
            name: "（隐名）".to_owned(),
            ..About::default()
        };
        asked.address = String::new();
        asked.place = None;
    }
}

fn state(stage: Stage) -> RecordState {
    match stage {
        Stage::New => RecordState::None,
        stage if stage.is_open() => RecordState::Open,
        _ => RecordState::Closed,
    }
}

/// The level an act reads or writes. Reading asks for contact at most: what is above is
/// left out for whoever may not see it.
fn level(action: Action, ty: &OrderType) -> FieldLevel {
    match action {
        Action::Order | Action::DoOrder => ty.level,
        _ => ty.level.min(FieldLevel::L2),
    }
}

/// What access calls an act.
fn action(act: &Act, by: &Actor, ty: &OrderType) -> Action {
    match act {
        Act::Request(_) if by.role == Role::DepartmentMachine => Action::Signal,
        Act::Press => Action::Signal,
        Act::Request(_) => Action::Order,
        Act::Claim { .. }
        | Act::Accept
        | Act::Decline { .. }
        | Act::Arrive { .. }
        | Act::Finish { .. } => Action::DoOrder,
        Act::Step { step, .. } => {
            let by_office = ty.steps.iter().any(|one| &one.id == step && one.by_office);
            match by_office {
                true => Action::ConfirmOrder,
                false => Action::DoOrder,
            }
        }
        Act::Confirm { .. } | Act::Reopen { .. } | Act::Rate { .. } | Act::Cancel { .. } => {
            Action::ConfirmOrder
        }
        Act::Settle => Action::SettleOrder,
        Act::Answer
        | Act::Dispatch { .. }
        | Act::Close { .. }
        | Act::Transfer { .. }
        | Act::Answered { .. }
        | Act::Called { .. }
        | Act::Tick => Action::Dispatch,
    }
}

/// The stable name of an act in the audit.
fn name(act: &Act) -> &'static str {
    match act {
        Act::Request(_) => "order.request",
        Act::Press => "order.press",
        Act::Answer => "order.answer",
        Act::Dispatch { .. } => "order.dispatch",
        Act::Claim { .. } => "order.claim",
        Act::Accept => "order.accept",
        Act::Decline { .. } => "order.decline",
        Act::Arrive { .. } => "order.arrive",
        Act::Step { .. } => "order.step",
        Act::Finish { .. } => "order.finish",
        Act::Confirm { .. } => "order.confirm",
        Act::Reopen { .. } => "order.reopen",
        Act::Rate { .. } => "order.rate",
        Act::Settle => "order.settle",
        Act::Close { .. } => "order.close",
        Act::Cancel { .. } => "order.cancel",
        Act::Transfer { .. } => "order.transfer",
        Act::Answered { .. } => "order.answered",
        Act::Called { .. } => "order.called",
        Act::Tick => "order.tick",
    }
}
