//! 「看钟」 What time alone brings about: ladders climbed, offers lapsed, silent devices.
//! Run it every second; twice at one moment does nothing twice. One order that cannot
//! be ticked stops no other.

use super::desk::OrderDesk;
use crate::{App, AppError, Context, Result};
use engine_access::Purpose;
use engine_order::{Act, Asker, Cause, Lapse, OrderType, Requested, Want};
use kernel::{Actor, Instant, OrderId, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{Device, Tx};

/// Orders looked at in one go.
const AT_ONCE: u32 = 200;

/// What one round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrdersTicked {
    /// Orders whose clocks were looked at.
    pub ticked: u32,
    /// Devices whose silence became an alarm.
    pub silent: u32,
    /// Orders that could not be ticked: a person must look.
    pub stuck: u32,
    /// Partners of whom the centre was reminded: they wait for a person.
    pub reminded: u32,
}

/// The house itself.
pub(super) fn itself() -> Context {
    Context {
        actor: Actor {
            account: "clock".to_owned(),
            person: None,
            role: Role::System,
        },
        purpose: Purpose::Alarm("时钟".to_owned()),
        request: "clock".to_owned(),
    }
}

impl App {
    /// 看钟 Looks at every order whose time has come, and at devices that fell silent.
    ///
    /// # Errors
    /// The store's, of reading what is due; a single order's trouble is counted.
    pub async fn tick_orders(&self) -> Result<OrdersTicked> {
        let mut done = OrdersTicked::default();
        loop {
            let now = self.now();
            let due = async move |tx: &mut Tx| tx.orders_due(now, AT_ONCE).await;
            let due = self.db.read(due).await?;
            let (count, stuck) = (due.len(), done.stuck);
            for order in due {
                match self.tick_order(order).await {
                    Ok(()) => done.ticked += 1,
                    Err(why) => {
                        tracing::error!(%order, %why, "an order could not be ticked");
                        done.stuck += 1;
                    }
                }
            }
            // What is stuck stays due: it must not be asked for round and round.
            if count < AT_ONCE as usize || done.stuck > stuck {
                break;
            }
        }
        done.silent = self.look_for_silence().await?;
        done.reminded = self.remind_of_partners().await?;
        Ok(done)
    }

    async fn tick_order(&self, order: OrderId) -> Result<()> {
        let desk = self.order_desk(&itself());
        let tick = async move |tx: &mut Tx| {
            desk.act(tx, order, Act::Tick).await?;
            Ok::<_, AppError>(())
        };
        self.db.write(tick).await
    }

    /// Every device silent for longer than its kind allows becomes an alarm.
    async fn look_for_silence(&self) -> Result<u32> {
        let mut found = 0;
        let kinds = self.order_types().iter().cloned();
        for ty in kinds.filter(|ty| ty.alarm) {
            let Some(silence) = ty.silence.and_then(Lapse::seconds) else {
                continue;
            };
            let since = self.now().at - chrono::TimeDelta::seconds(i64::from(silence));
            let read = async move |tx: &mut Tx| tx.devices_silent(since, AT_ONCE).await;
            for (device, last) in self.db.read(read).await? {
                if device.alarm == ty.id && self.silent(&ty, device, last).await? {
                    found += 1;
                }
            }
        }
        Ok(found)
    }

    async fn silent(&self, ty: &Arc<OrderType>, device: Device, last: Instant) -> Result<bool> {
        let desk = self.order_desk(&itself());
        let ty = ty.clone();
        let open = async move |tx: &mut Tx| {
            if tx.open_alarm(&ty.id, &device.id).await?.is_some() {
                // Somebody is on it; it is watched anew once that is closed.
                tx.watch_device_from(&device.id, desk.now.at).await?;
                return Ok::<_, AppError>(false);
            }
            let cause = Cause::Silence {
                device: device.id.clone(),
                last,
            };
            let says = "设备很久没有声音".to_owned();
            let asked = asked(&desk, tx, &ty, &device, (Asker::Plan, cause), says).await?;
            desk.open(tx, asked).await?;
            // One incident: it is not looked for again while this one is open.
            tx.watch_device_from(&device.id, desk.now.at).await?;
            Ok(true)
        };
        self.db.write(open).await
    }
}

/// What a device stands for, asked.
pub(super) async fn asked(
    desk: &OrderDesk,
    tx: &mut Tx,
    ty: &OrderType,
    device: &Device,
    (asked_by, cause): (Asker, Cause),
    says: String,
) -> Result<Requested> {
    let wanted = device.order.as_ref().filter(|(order, _)| *order == ty.id);
    let item = wanted
        .map(|(_, item)| item)
        .or(ty.items.first().map(|item| &item.id));
    let item = item.ok_or_else(|| AppError::Fault("a kind without an item".to_owned()))?;
    let groups = super::about::named(ty);
    let household = device.household;
    let groups = desk
        .app
        .groups(tx, Some(device.person), household, &groups, desk.now);
    Ok(Requested {
        about: engine_order::About {
            person: Some(device.person),
            household,
            name: device.name.clone(),
            phone: device.phone.clone(),
            age: device.age,
            groups: groups.await?,
        },
        order: OrderId(tx.next_id("order").await?),
        ty: ty.id.clone(),
        asked_by,
        cause,
        wants: vec![Want {
            item: item.clone(),
            count: 1,
        }],
        says,
        region: device.region,
        address: device.address.clone(),
        place: device.place,
        on: None,
    })
}
