//! 「队列」 What waits, for each who works on it: the centre's queue with its clocks, a
//! provider's own, a resident's own, and who could be sent to one order, nearest first,
//! with the reason against everybody else.

use super::about::registered;
use super::desk::hide;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record, RecordState};
use engine_order::{Colour, DispatchBy, Nearness, Order, OrderType, Provider, Stage, rank};
use kernel::{FieldLevel, Instant, OrderId, PersonId, PersonNumber, RegionCode, Role, Slug};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::{Loaded, Tx};

/// The longest list of one stage.
const LINES_MAX: u32 = 100;

/// One order in a list.
#[derive(Clone, Debug)]
pub struct OrderRow {
    /// The order; for whom is left out where the reader may not see it.
    pub order: Order,
    /// Its number.
    pub id: OrderId,
    /// Its kind.
    pub ty: Arc<OrderType>,
    /// Where, in words.
    pub place: String,
}

/// The queue of a centre.
#[derive(Clone, Debug)]
pub struct Queue {
    /// How many open ones stand in each stage.
    pub counts: Vec<(Stage, i64)>,
    /// Open alarms of devices.
    pub alarms: i64,
    /// The rows of each stage, alarms first.
    pub rows: Vec<OrderRow>,
    /// The moment of the reading.
    pub at: Instant,
}

/// Somebody who could be sent, or not.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Who.
    pub provider: Provider,
    /// How near; of whoever can be sent.
    pub near: Option<Nearness>,
    /// Their colour.
    pub colour: Colour,
    /// Why not, of whoever cannot.
    pub why_not: Option<String>,
}

impl App {
    fn row(&self, loaded: Loaded<Order>, hidden: impl Fn(&OrderType) -> bool) -> Result<OrderRow> {
        let mut order = loaded.state;
        let asked = order.requested.clone();
        let asked = asked.ok_or_else(|| AppError::Fault("an order nobody asked for".into()))?;
        let ty = self.order_type(&asked.ty)?;
        if hidden(&ty) {
            hide(&mut order);
        }
        Ok(OrderRow {
            order,
            id: asked.order,
            ty,
            place: self.place(asked.region),
        })
    }

    /// 工单队列 Open orders of a place, alarms first; only the stages named.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn order_queue(
        &self,
        context: &Context,
        region: RegionCode,
        stages: &[Stage],
    ) -> Result<Queue> {
        let (desk, stages) = (self.order_desk(context), stages.to_vec());
        self.db
            .look(async move |tx| {
                let record = Record::of_place(region, FieldLevel::L2);
                let (context, now) = (&desk.context, desk.now);
                let permit = context
                    .authorise(tx, Action::ReadOrder, record, &[], now)
                    .await?;
                let span = region.span();
                let mut rows = Vec::new();
                for stage in &stages {
                    for loaded in tx.orders_in(*stage, span, LINES_MAX).await? {
                        rows.push(desk.app.row(loaded, |ty| ty.level > permit.level)?);
                    }
                }
                let open = tx.orders_open(span).await?;
                let count = |stage: Stage| {
                    let found = open.iter().find(|(id, _)| id == stage.id());
                    (stage, found.map_or(0, |(_, count)| *count))
                };
                let counts = Stage::ALL.into_iter().filter(|stage| stage.is_open());
                let queue = Queue {
                    counts: counts.map(count).collect(),
                    alarms: tx.alarms_open(span).await?,
                    rows,
                    at: now.at,
                };
                let subject = format!("region:{region}");
                context
                    .record(tx, "order.queue", &subject, &queue.rows.len(), now)
                    .await?;
                Ok::<_, AppError>(queue)
            })
            .await
    }

    /// 派给我的 What somebody was sent, and what may be claimed by whoever has the skill.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn own_work(&self, context: &Context) -> Result<Vec<OrderRow>> {
        let desk = self.order_desk(context);
        self.db
            .look(async move |tx| {
                let me = person(&desk.context)?;
                let (context, now) = (&desk.context, desk.now);
                let mut rows = Vec::new();
                let provider = context.actor.role == Role::Provider;
                for stage in [Stage::Offered, Stage::Accepted, Stage::Doing, Stage::Done] {
                    for loaded in tx.orders_of_worker(me, stage, LINES_MAX).await? {
                        rows.push(desk.app.row(loaded, |ty| provider && ty.masked)?);
                    }
                }
                let mine = tx.providers_of(me).await?;
                rows.extend(desk.app.claimable(tx, &mine).await?);
                let subject = format!("worker:{me}");
                context
                    .record(tx, "order.own_work", &subject, &rows.len(), now)
                    .await?;
                Ok::<_, AppError>(rows)
            })
            .await
    }

    /// 等认领的 What waits for whoever claims it, of the items and in the areas of these
    /// partners alone: what others could do does not push it out of the list.
    async fn claimable(&self, tx: &mut Tx, mine: &[Provider]) -> Result<Vec<OrderRow>> {
        let mut found: BTreeMap<OrderId, OrderRow> = BTreeMap::new();
        let types = self.order_types().iter();
        for ty in types.filter(|ty| ty.dispatch.by == DispatchBy::Claim) {
            for one in mine {
                let items = ty.items.iter().filter(|i| one.skills.contains(&i.skill));
                let places = items.flat_map(|item| one.areas.iter().map(move |area| (item, area)));
                for (item, area) in places {
                    let (kind, span) = ((&ty.id, &item.id), area.span());
                    let orders = tx.orders_of_item(Stage::Waiting, kind, span, LINES_MAX);
                    for loaded in orders.await? {
                        let row = self.row(loaded, |ty| ty.masked)?;
                        if may_claim(one, &row) {
                            found.insert(row.id, row);
                        }
                    }
                }
            }
        }
        Ok(found.into_values().take(LINES_MAX as usize).collect())
    }

    /// 我的工单 A resident's own orders, newest first.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn own_orders(&self, context: &Context) -> Result<Vec<OrderRow>> {
        let desk = self.order_desk(context);
        self.db
            .look(async move |tx| {
                let me = person(&desk.context)?;
                let record = Record {
                    region: None,
                    subjects: vec![me],
                    state: RecordState::None,
                    level: FieldLevel::L2,
                };
                let (context, now) = (&desk.context, desk.now);
                context
                    .authorise(tx, Action::ReadOrder, record, &[], now)
                    .await?;
                let orders = tx.orders_for(me).await?.into_iter();
                let rows: Result<Vec<OrderRow>> =
                    orders.map(|one| desk.app.row(one, |_| false)).collect();
                let rows = rows?;
                let subject = format!("person:{me}");
                context
                    .record(tx, "order.own", &subject, &rows.len(), now)
                    .await?;
                Ok::<_, AppError>(rows)
            })
            .await
    }

    /// 派给谁 Who could be sent to an order, best first, then who could not and why.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn candidates(&self, context: &Context, order: OrderId) -> Result<Vec<Candidate>> {
        let desk = self.order_desk(context);
        self.db
            .read(async move |tx| {
                let state = tx.order(order).await?.state;
                let Some(asked) = state.requested.clone() else {
                    return Ok(Vec::new());
                };
                let ty = desk.app.order_type(&asked.ty)?;
                desk.permit(tx, Action::Dispatch, &state, &asked, &ty)
                    .await?;
                let wants = asked.wants.iter();
                let skills: BTreeSet<&Slug> = wants
                    .filter_map(|want| ty.item(&want.item).map(|item| &item.skill))
                    .collect();
                let county = asked.region.within(kernel::RegionLevel::County);
                let span = county.unwrap_or(asked.region).span();
                let all = tx.providers_in(span, 500).await?;
                let all: Vec<Provider> = all.into_iter().map(|(one, _)| one).collect();
                let none = BTreeSet::new();
                let ranked = rank(&state, &asked, &skills, &ty.colours, &all, &none);
                let mut candidates: Vec<Candidate> = ranked
                    .iter()
                    .map(|one| Candidate {
                        provider: one.provider.clone(),
                        near: Some(one.near),
                        colour: one.provider.record.colour(&ty.colours),
                        why_not: None,
                    })
                    .collect();
                let skilled = |one: &&Provider| skills.iter().all(|s| one.skills.contains(*s));
                for one in all.iter().filter(skilled) {
                    if let Err(why) = one.fits(&state, &asked, &skills, &ty.colours) {
                        candidates.push(Candidate {
                            provider: one.clone(),
                            near: None,
                            colour: one.record.colour(&ty.colours),
                            why_not: Some(why.to_string()),
                        });
                    }
                }
                Ok::<_, AppError>(candidates)
            })
            .await
    }

    /// 找人 Whom somebody who rings up is, by their number: for the operator who takes the
    /// call. Nobody of that number in the operator's place looks like nobody at all.
    ///
    /// # Errors
    /// The store's.
    pub async fn caller(
        &self,
        context: &Context,
        number: PersonNumber,
    ) -> Result<Option<PersonId>> {
        let desk = self.order_desk(context);
        self.db
            .look(async move |tx| {
                let found = tx.people_with(number).await?;
                let Some(person) = found.first().copied() else {
                    return Ok(None);
                };
                let known = registered(tx, person, desk.now).await?;
                let record = Record {
                    region: known.region,
                    subjects: vec![person],
                    state: RecordState::None,
                    level: FieldLevel::L2,
                };
                let (context, now) = (&desk.context, desk.now);
                if context
                    .authorise(tx, Action::Order, record, &[], now)
                    .await
                    .is_err()
                {
                    return Ok(None);
                }
                let subject = format!("person:{person}");
                context
                    .record(tx, "order.caller", &subject, &(), now)
                    .await?;
                Ok::<_, AppError>(Some(person))
            })
            .await
    }
}

fn may_claim(one: &Provider, row: &OrderRow) -> bool {
    let Some(asked) = &row.order.requested else {
        return false;
    };
    let skills: BTreeSet<&Slug> = asked
        .wants
        .iter()
        .filter_map(|want| row.ty.item(&want.item).map(|item| &item.skill))
        .collect();
    one.fits(&row.order, asked, &skills, &row.ty.colours)
        .is_ok()
}

fn person(context: &Context) -> Result<PersonId> {
    let person = context.actor.person;
    person.ok_or_else(|| AppError::refused(engine_access::Refusal::NotAPerson))
}
