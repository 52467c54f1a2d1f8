//! 「工单」 Orders: the state as JSON, beside it what queues, clocks and figures ask for.
//! What may happen to an order is engine-order's affair. One open alarm per device and
//! kind is a unique key, a quota is a counter that cannot be passed, a provider's load a
//! check: none of them hangs on who came first.

mod device;
mod provider;

pub use device::Device;
pub use provider::ProviderKept;

#[cfg(test)]
pub(crate) use device::{SEALED as DEVICE_SEALED, STATEMENTS as DEVICE_STATEMENTS};
#[cfg(test)]
pub(crate) use provider::{SEALED as PROVIDER_SEALED, STATEMENTS as PROVIDER_STATEMENTS};

use crate::error::{Result, StoreError};
use crate::event::{Loaded, Recorded};
use crate::seal::sealed;
use crate::statement::{Sql, statements};
use crate::tx::Tx;
use crate::value::{Row, Value, args, json, row};
use engine_order::{Event, Order, OrderType, Stage};
use kernel::{Actor, HouseholdId, Instant, Now, OrderId, PersonId, ProviderId, RegionCode, Slug};

const KIND: &str = "work_order";

/// A line to count by: plain columns only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderLine {
    /// The order.
    pub id: OrderId,
    /// Its kind.
    pub ty: Slug,
    /// The first item wanted.
    pub item: Slug,
    /// Where it stands, [`Stage::id`].
    pub stage: String,
    /// The responsible node.
    pub region: RegionCode,
    /// Who is, or was, in charge.
    pub provider: Option<ProviderId>,
    /// When it was asked.
    pub asked_at: Instant,
    /// When it was done.
    pub done_at: Option<Instant>,
    /// Seconds until the first human answer.
    pub response: Option<i64>,
    /// Whether a clock ran out.
    pub late: bool,
    /// The rating.
    pub stars: Option<u8>,
}

sealed! {
    STATE = work_order.state (id: Int, version: Int);
}

statements! {
    INSERT = "INSERT INTO work_order (id, version, type, alarm, item, stage, region, person, household,
                  provider, worker, wants_person, open_source, tick_at, asked_at, done_at,
                  response, late, stars, state, to_settle)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
                  $17, $18, $19, $20, $21)";
    UPDATE = "UPDATE work_order SET version = $2, type = $3, alarm = $4, item = $5, stage = $6, region = $7,
                  person = $8, household = $9, provider = $10, worker = $11, wants_person = $12,
                  open_source = $13, tick_at = $14, asked_at = $15, done_at = $16,
                  response = $17, late = $18, stars = $19, state = $20,
                  to_settle = $21
              WHERE id = $1 AND version = $22";
    LOCK = "UPDATE work_order SET version = version WHERE id = $1";
    SELECT = "SELECT id, version, state FROM work_order WHERE id = $1";
    OPEN_OF_SOURCE = "SELECT id FROM work_order WHERE open_source = $1";
    DUE = "SELECT id FROM work_order WHERE tick_at <= $1 ORDER BY tick_at, id LIMIT $2";
    NEXT = "SELECT min(tick_at) AS at FROM work_order WHERE tick_at IS NOT NULL";
    QUEUE = "SELECT id, version, state FROM work_order
             WHERE stage = $1 AND region >= $2 AND region <= $3
             ORDER BY alarm DESC, asked_at, id LIMIT $4";
    AT = "SELECT id, version, state FROM work_order WHERE stage = $1 AND id > $2
          ORDER BY id LIMIT $3";
    OF_ITEM = "SELECT id, version, state FROM work_order
               WHERE stage = $1 AND type = $2 AND item = $3 AND region >= $4 AND region <= $5
               ORDER BY id LIMIT $6";
    COUNT = "SELECT stage, count(*) AS n FROM work_order WHERE region >= $1 AND region <= $2
                 AND stage <> 'closed' AND stage <> 'cancelled' GROUP BY stage";
    ALARMS = "SELECT count(*) AS n FROM work_order WHERE region >= $1 AND region <= $2
                 AND open_source IS NOT NULL";
    OF_PERSON = "SELECT id, version, state FROM work_order WHERE person = $1 ORDER BY id DESC LIMIT 200";
    OF_WORKER = "SELECT id, version, state FROM work_order WHERE worker = $1 AND stage = $2
                 ORDER BY alarm DESC, asked_at, id LIMIT $3";
    LAST_OF_HOUSEHOLD = "SELECT max(done_at) AS at FROM work_order
                         WHERE household = $1 AND type = $2 AND done_at IS NOT NULL";
    OPEN_OF_HOUSEHOLD = "SELECT count(*) AS n FROM work_order WHERE household = $1 AND type = $2
                         AND stage <> 'closed' AND stage <> 'cancelled'";
    LINES = "SELECT id, type, item, stage, region, provider, asked_at, done_at, response, late, stars
             FROM work_order WHERE asked_at >= $1 AND asked_at < $2 AND region >= $3 AND region <= $4
             ORDER BY asked_at, id LIMIT $5";
    TO_SETTLE = "SELECT id, version, state FROM work_order
                 WHERE stage = 'closed' AND (to_settle IS NULL OR to_settle = 1)
                     AND region >= $1 AND region <= $2 AND id > $3
                 ORDER BY id LIMIT $4";
    OVER_OF_WORKER = "SELECT id, version, state FROM work_order WHERE worker = $1
                      AND stage = 'closed' ORDER BY id DESC LIMIT $2";
    USED = "SELECT used FROM order_quota WHERE person = $1 AND item = $2 AND period = $3";
    USE = "INSERT INTO order_quota (person, item, period, used) VALUES ($1, $2, $3, $4)
           ON CONFLICT (person, item, period) DO UPDATE SET used = order_quota.used + $4
           WHERE order_quota.used = $5";
    GIVE_BACK = "UPDATE order_quota SET used = used - $4
                 WHERE person = $1 AND item = $2 AND period = $3 AND used >= $4";
}

impl Tx {
    /// Keeps a new order with its first events. A second open alarm of the same device
    /// is a conflict: the whole transaction runs anew and finds the first.
    pub async fn create_order(
        &mut self,
        order: &Order,
        ty: &OrderType,
        events: &[Event],
        actor: &Actor,
        now: Now,
    ) -> Result<OrderId> {
        let id = id_of(order)?;
        let version = self.append(KIND, id.0, 0, events, actor, now).await?;
        let columns = self.order_columns(id, version, order, ty)?;
        match self.execute(INSERT, columns).await {
            Ok(_) => Ok(id),
            Err(StoreError::Duplicate { .. }) => Err(self.conflict("工单")),
            Err(why) => Err(why),
        }
    }

    /// An order to be changed: whoever else would change it waits until this
    /// transaction is over, so that twenty presses at once are twenty presses.
    pub async fn order_to_change(&mut self, id: OrderId) -> Result<Loaded<Order>> {
        self.execute(LOCK, args![id]).await?;
        self.order(id).await
    }

    /// An order and the version to save it under.
    pub async fn order(&mut self, id: OrderId) -> Result<Loaded<Order>> {
        self.load(SELECT, &STATE, id.0, "工单").await
    }

    /// Keeps what the events made of an order loaded at `version`; gives the new version.
    pub async fn save_order(
        &mut self,
        version: i64,
        order: &Order,
        ty: &OrderType,
        events: &[Event],
        actor: &Actor,
        now: Now,
    ) -> Result<i64> {
        if events.is_empty() {
            return Ok(version);
        }
        let id = id_of(order)?;
        let next = self.append(KIND, id.0, version, events, actor, now).await?;
        let mut values = self.order_columns(id, next, order, ty)?;
        values.extend(args![version]);
        self.execute_one(UPDATE, values, "工单").await?;
        Ok(next)
    }

    /// What happened to an order, oldest first.
    pub async fn order_history(&mut self, id: OrderId) -> Result<Vec<Recorded<Event>>> {
        self.history(KIND, id.0).await
    }

    /// The open alarm of a kind and a device.
    pub async fn open_alarm(&mut self, ty: &Slug, device: &str) -> Result<Option<OrderId>> {
        let found = self.fetch_optional(OPEN_OF_SOURCE, args![source(ty, device)]);
        found.await?.map(|row| row.get("id")).transpose()
    }

    /// Orders whose clocks want to be looked at, the most overdue first.
    pub async fn orders_due(&mut self, now: Now, limit: u32) -> Result<Vec<OrderId>> {
        let rows = self.fetch_all(DUE, args![now.at, limit]).await?;
        rows.iter().map(|row| row.get("id")).collect()
    }

    /// When the next clock wants to be looked at.
    pub async fn next_order_tick(&mut self) -> Result<Option<Instant>> {
        self.fetch_one(NEXT, args![]).await?.maybe("at")
    }

    /// Orders in a stage whose responsible node lies between two codes, alarms first,
    /// then the oldest; at most `limit`.
    pub async fn orders_in(
        &mut self,
        stage: Stage,
        (from, to): (RegionCode, RegionCode),
        limit: u32,
    ) -> Result<Vec<Loaded<Order>>> {
        self.orders(QUEUE, args![stage.id(), from, to, limit]).await
    }

    /// The oldest orders in a stage, wherever they are; at most `limit`.
    pub async fn orders_at(&mut self, stage: Stage, limit: u32) -> Result<Vec<Loaded<Order>>> {
        self.orders_after(stage, OrderId(0), limit).await
    }

    /// The same, of those numbered after one: page by page.
    pub async fn orders_after(
        &mut self,
        stage: Stage,
        after: OrderId,
        limit: u32,
    ) -> Result<Vec<Loaded<Order>>> {
        self.orders(AT, args![stage.id(), after, limit]).await
    }

    /// The oldest orders in a stage of one kind and first item, whose responsible node
    /// lies between two codes; at most `limit`.
    pub async fn orders_of_item(
        &mut self,
        stage: Stage,
        (ty, item): (&Slug, &Slug),
        (from, to): (RegionCode, RegionCode),
        limit: u32,
    ) -> Result<Vec<Loaded<Order>>> {
        let values = args![stage.id(), ty, item, from, to, limit];
        self.orders(OF_ITEM, values).await
    }

    /// How many open orders stand in each stage.
    pub async fn orders_open(
        &mut self,
        (from, to): (RegionCode, RegionCode),
    ) -> Result<Vec<(String, i64)>> {
        let rows = self.fetch_all(COUNT, args![from, to]).await?;
        rows.iter()
            .map(|row| Ok((row.get("stage")?, row.get("n")?)))
            .collect()
    }

    /// How many alarms of devices are open.
    pub async fn alarms_open(&mut self, (from, to): (RegionCode, RegionCode)) -> Result<i64> {
        self.fetch_one(ALARMS, args![from, to]).await?.get("n")
    }

    /// A person's orders, newest first; at most 200.
    pub async fn orders_for(&mut self, person: PersonId) -> Result<Vec<Loaded<Order>>> {
        self.orders(OF_PERSON, args![person]).await
    }

    /// Orders in a stage that somebody was sent to.
    pub async fn orders_of_worker(
        &mut self,
        worker: PersonId,
        stage: Stage,
        limit: u32,
    ) -> Result<Vec<Loaded<Order>>> {
        self.orders(OF_WORKER, args![worker, stage.id(), limit])
            .await
    }

    /// Closed orders of a place after one of them that may wait to be settled: those of
    /// before this was counted are looked at too.
    pub async fn orders_to_settle(
        &mut self,
        (from, to): (RegionCode, RegionCode),
        after: OrderId,
        limit: u32,
    ) -> Result<Vec<Loaded<Order>>> {
        self.orders(TO_SETTLE, args![from, to, after, limit]).await
    }

    /// Somebody's closed orders, the newest first.
    pub async fn orders_over_of(
        &mut self,
        worker: PersonId,
        limit: u32,
    ) -> Result<Vec<Loaded<Order>>> {
        self.orders(OVER_OF_WORKER, args![worker, limit]).await
    }

    /// When a household last had an order of a kind done.
    pub async fn last_done(
        &mut self,
        household: HouseholdId,
        ty: &Slug,
    ) -> Result<Option<Instant>> {
        self.fetch_one(LAST_OF_HOUSEHOLD, args![household, ty])
            .await?
            .maybe("at")
    }

    /// Whether a household has an open order of a kind.
    pub async fn has_open_order(&mut self, household: HouseholdId, ty: &Slug) -> Result<bool> {
        let open = self
            .fetch_one(OPEN_OF_HOUSEHOLD, args![household, ty])
            .await?;
        Ok(open.get::<i64>("n")? > 0)
    }

    /// Lines to count by, of what was asked from one moment up to another.
    pub async fn order_lines(
        &mut self,
        (from, to): (Instant, Instant),
        (first, last): (RegionCode, RegionCode),
        limit: u32,
    ) -> Result<Vec<OrderLine>> {
        let rows = self
            .fetch_all(LINES, args![from, to, first, last, limit])
            .await?;
        rows.iter().map(line).collect()
    }

    /// How often somebody had an item within a period.
    pub async fn quota_used(&mut self, person: PersonId, item: &str, period: &str) -> Result<u32> {
        let found = self
            .fetch_optional(USED, args![person, item, period])
            .await?;
        Ok(found.map(|row| row.get("used")).transpose()?.unwrap_or(0))
    }

    /// Counts `count` more, over the number that was read; another one in between is a
    /// conflict, and the whole transaction reads and decides anew.
    pub async fn use_quota(
        &mut self,
        (person, item, period): (PersonId, &str, &str),
        count: u32,
        read: u32,
    ) -> Result<()> {
        let values = args![person, item, period, count, read];
        self.execute_one(USE, values, "次数").await
    }

    /// Gives back what a cancelled order had taken.
    pub async fn give_quota_back(
        &mut self,
        (person, item, period): (PersonId, &str, &str),
        count: u32,
    ) -> Result<()> {
        self.execute(GIVE_BACK, args![person, item, period, count])
            .await?;
        Ok(())
    }

    async fn orders(&mut self, sql: Sql, args: Vec<Value>) -> Result<Vec<Loaded<Order>>> {
        let rows = self.fetch_all(sql, args).await?;
        rows.iter().map(|row| Loaded::read(row, &STATE)).collect()
    }

    fn order_columns(
        &self,
        id: OrderId,
        version: i64,
        order: &Order,
        ty: &OrderType,
    ) -> Result<Vec<Value>> {
        let Some(asked) = &order.requested else {
            return Err(StoreError::fault("an order that was never asked for"));
        };
        let offer = order.offer();
        let device = asked
            .cause
            .device()
            .filter(|_| ty.alarm && order.stage.is_open());
        Ok(args![
            id,
            version,
            asked.ty,
            ty.alarm,
            asked
                .wants
                .first()
                .map(|want| want.item.clone())
                .unwrap_or_else(|| ty.id.clone()),
            order.stage.id(),
            asked.region,
            asked.about.person,
            asked.about.household,
            offer.map(|offer| offer.provider),
            offer.map(|offer| offer.person),
            order.wants_person || order.unconfirmed,
            device.map(|device| source(&asked.ty, device)),
            order.next_tick(ty),
            order
                .asked_at
                .ok_or_else(|| StoreError::fault("an order without a moment"))?,
            order.done.as_ref().map(|done| done.occurred),
            order.response().map(|took| took.num_seconds()),
            order.clocks.iter().any(|clock| clock.missed),
            order.rating.as_ref().map(|rating| rating.stars),
            self.seal(&STATE, &row![id, version], json(order)?)?,
            order.to_settle()
        ])
    }
}

/// The device of an open alarm, as the unique key has it.
fn source(ty: &Slug, device: &str) -> String {
    format!("{ty}/{device}")
}

fn id_of(order: &Order) -> Result<OrderId> {
    let asked = order.requested.as_ref();
    asked
        .map(|asked| asked.order)
        .ok_or_else(|| StoreError::fault("an order that was never asked for"))
}

fn line(row: &Row) -> Result<OrderLine> {
    Ok(OrderLine {
        id: row.get("id")?,
        ty: row.get("type")?,
        item: row.get("item")?,
        stage: row.get("stage")?,
        region: row.get("region")?,
        provider: row.maybe("provider")?,
        asked_at: row.get("asked_at")?,
        done_at: row.maybe("done_at")?,
        response: row.maybe("response")?,
        late: row.get("late")?,
        stars: row.maybe("stars")?,
    })
}
