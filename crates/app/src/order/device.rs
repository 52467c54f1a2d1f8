//! 「设备」 What a device says: a red key, a green key, a heartbeat. Told by the gateway
//! whose signature is believed; acknowledged once it is safely on disk. The same signal
//! told again gets the same answer and does nothing.

use super::tick::asked;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Purpose, Record, RecordState};
use engine_order::{Act, Asker, Cause};
use kernel::{Actor, FieldLevel, Instant, OrderId, Role};
use serde::{Deserialize, Serialize};
use store::{Device, RequestKey, Tx};

/// What a device says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heard {
    /// 红键
    Red,
    /// 绿键
    Green,
    /// 心跳
    Heartbeat,
}

/// A signal as it comes in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// The device.
    pub device: String,
    /// Its own running number: the same number is the same signal.
    pub seq: u64,
    /// What it says.
    pub says: Heard,
}

/// What it gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// The device.
    pub device: String,
    /// Its number.
    pub seq: u64,
    /// The order it became, or joined.
    pub order: Option<OrderId>,
}

impl App {
    /// 绑定设备 Binds a device to a person.
    ///
    /// # Errors
    /// A refusal; a kind of order that is not there; the store's.
    pub async fn bind_device(&self, context: &Context, device: Device) -> Result<()> {
        if !self.order_type(&device.alarm)?.alarm {
            return Err(AppError::BadInput("红键要绑一类告警".to_owned()));
        }
        if let Some((order, item)) = &device.order
            && self.order_type(order)?.item(item).is_none()
        {
            return Err(AppError::BadInput(format!("没有“{item}”这项服务")));
        }
        let desk = self.order_desk(context);
        self.db
            .write(async move |tx| {
                let record = Record {
                    region: Some(device.region),
                    subjects: vec![device.person],
                    state: RecordState::None,
                    level: FieldLevel::L2,
                };
                let (context, now) = (&desk.context, desk.now);
                context
                    .authorise(tx, Action::BindDevice, record, &[], now)
                    .await?;
                tx.bind_device(&device, now.at).await?;
                let subject = format!("device:{}", device.id);
                context
                    .record(tx, "device.bind", &subject, &device.person, now)
                    .await?;
                Ok(())
            })
            .await
    }

    /// 设备报信 Takes in what a gateway, whose signature was checked, says of a device.
    /// The answer is given after it is on disk.
    ///
    /// # Errors
    /// A device of another gateway, or bound to nobody; the store's.
    pub async fn hear(&self, gateway: &str, signal: &Signal) -> Result<Acknowledged> {
        let context = Context {
            actor: Actor {
                account: format!("gateway:{gateway}"),
                person: None,
                role: Role::DepartmentMachine,
            },
            purpose: Purpose::Alarm("设备报信".to_owned()),
            request: format!("{}/{}", signal.device, signal.seq),
        };
        let desk = self.order_desk(&context);
        let (gateway, signal) = (gateway.to_owned(), signal.clone());
        let body = serde_json::to_vec(&signal).map_err(|why| AppError::Fault(why.to_string()))?;
        self.db
            .write(async move |tx| {
                let now = desk.now;
                let (device, last) = known(tx, &signal.device, &gateway).await?;
                let record = Record {
                    region: Some(device.region),
                    subjects: vec![device.person],
                    state: RecordState::None,
                    level: FieldLevel::L2,
                };
                desk.context
                    .authorise(tx, Action::Signal, record, &[], now)
                    .await?;
                if last < now.at {
                    tx.device_seen(&device.id, now.at).await?;
                }
                let key = RequestKey::forever(
                    format!("signal/{gateway}"),
                    format!("{}/{}", signal.device, signal.seq),
                    &body,
                );
                let (signal, desk) = (&signal, &desk);
                let answer = |order| Acknowledged {
                    device: signal.device.clone(),
                    seq: signal.seq,
                    order,
                };
                if signal.says == Heard::Heartbeat {
                    // Heard is heard: a heartbeat told twice needs no key.
                    return Ok(answer(None));
                }
                let does = async move |tx: &mut Tx| {
                    desk.take_in(tx, &device, signal.says).await.map(answer)
                };
                Ok(tx.idempotent(&key, now, does).await?.value)
            })
            .await
    }

    /// 设备 Devices of a place and when each was last heard.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn devices(
        &self,
        context: &Context,
        region: kernel::RegionCode,
    ) -> Result<Vec<(Device, Instant)>> {
        let desk = self.order_desk(context);
        self.db
            .look(async move |tx| {
                let record = Record::of_place(region, FieldLevel::L2);
                let (context, now) = (&desk.context, desk.now);
                context
                    .authorise(tx, Action::ReadOrder, record, &[], now)
                    .await?;
                let devices = tx.devices_in(region.span(), 500).await?;
                let subject = format!("region:{region}");
                context
                    .record(tx, "device.list", &subject, &devices.len(), now)
                    .await?;
                Ok::<_, AppError>(devices)
            })
            .await
    }
}

async fn known(tx: &mut Tx, device: &str, gateway: &str) -> Result<(Device, Instant)> {
    let found = tx.device(device).await?;
    let found = found.filter(|(device, _)| device.gateway == gateway);
    found.ok_or_else(|| AppError::BadInput(format!("设备 {device} 没有绑定在这个网关上")))
}

impl super::desk::OrderDesk {
    /// A key pressed: a new incident, or one more press of the open one.
    async fn take_in(&self, tx: &mut Tx, device: &Device, heard: Heard) -> Result<Option<OrderId>> {
        let kind = match heard {
            Heard::Red => Some(&device.alarm),
            Heard::Green => device.order.as_ref().map(|(order, _)| order),
            Heard::Heartbeat => None,
        };
        let kind = kind.ok_or_else(|| AppError::BadInput("这台设备没有绿键服务".to_owned()))?;
        let ty = self.app.order_type(kind)?;
        if ty.alarm
            && let Some(open) = tx.open_alarm(kind, &device.id).await?
        {
            return Ok(Some(self.act(tx, open, Act::Press).await?.order));
        }
        let cause = Cause::Pressed {
            device: device.id.clone(),
        };
        let says = match heard {
            Heard::Red => "按了红键",
            _ => "按了绿键",
        };
        let asked = asked(
            self,
            tx,
            &ty,
            device,
            (Asker::Device, cause),
            says.to_owned(),
        )
        .await?;
        Ok(Some(self.open(tx, asked).await?.order))
    }
}
