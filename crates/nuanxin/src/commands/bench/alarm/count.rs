//! 「点数」 What must hold afterwards, read from the database itself: every device has one
//! open incident and no other, all its presses are in it, the ladder called everybody its
//! first rungs name, and no clock stands still.

use super::super::broken;
use super::Heeded;
use super::house::CALLED;
use crate::ending::Failure;
use crate::house;
use crate::options::Place;
use engine_notify::Status;
use engine_order::{Order, Whom};
use kernel::{Clock as _, OrderId, Slug};
use std::collections::BTreeMap;
use store::{StoreError, Tx};

/// What a device told and where it went.
#[derive(Default)]
struct Told {
    signals: u32,
    orders: Vec<OrderId>,
}

pub(super) async fn hold(
    place: &Place,
    devices: &[String],
    heeded: &[Heeded],
) -> Result<String, Failure> {
    let app = house::open(place).await?;
    let head = app.law().pack.region();
    let region = head.ok_or_else(|| broken("a region"))?;
    let ty = app.order_types().iter().find(|ty| ty.alarm).cloned();
    let ty = ty.ok_or_else(|| broken("an alarm"))?;
    let mut told: BTreeMap<usize, Told> = BTreeMap::new();
    for one in heeded {
        let told = told.entry(one.device).or_default();
        told.signals += 1;
        told.orders.extend(one.order);
    }
    let now = crate::clock::WallClock.now();
    let (names, kind) = (devices.to_vec(), ty.id.clone());
    let read = async move |tx: &mut Tx| {
        let from = now.at - chrono::TimeDelta::days(2);
        let lines = tx
            .order_lines((from, now.at), region.span(), u32::MAX)
            .await?;
        let all = lines.iter().filter(|line| line.ty == kind).count();
        let mut open = Vec::new();
        for name in &names {
            open.push(incident(tx, &kind, name).await?);
        }
        let messages = tx.messages_to(CALLED).await?;
        Ok::<_, StoreError>((all, open, messages))
    };
    let (all, open, messages) = app.db().read(read).await?;
    let mut pressed = 0;
    for (nth, found) in open.iter().enumerate() {
        let name = &devices[nth];
        let told = told
            .get(&nth)
            .ok_or_else(|| broken("a device nobody pressed"))?;
        let (id, order) = found
            .as_ref()
            .ok_or_else(|| broken(format!("{name} 的告警丢了")))?;
        let same = told.orders.len() == told.signals as usize
            && told.orders.iter().all(|order| order == id);
        if !same || order.presses != told.signals {
            return Err(broken(format!(
                "{name}：报了 {} 次，记了 {} 次，回执上是 {:?}，件是 {id}",
                told.signals, order.presses, told.orders
            )));
        }
        let first = |who| {
            order
                .callings
                .iter()
                .any(|one| one.who == who && one.round == 0)
        };
        if !first(Whom::DutyOperator) || !first(Whom::FamilyContacts) {
            return Err(broken(format!("{name} 的告警没有叫到人")));
        }
        pressed += order.presses;
    }
    if all != devices.len() {
        return Err(broken(format!("{} 台设备有 {all} 件告警", devices.len())));
    }
    let went = |one: &&store::Loaded<engine_notify::State>| {
        matches!(one.state.status, Status::Sent | Status::Delivered)
    };
    if messages.len() < devices.len() || messages.iter().filter(went).count() > 0 {
        return Err(broken(format!("短信应有至少 {} 条在等", devices.len())));
    }
    let by_call = messages
        .iter()
        .filter(|one| one.state.status == Status::ToCall);
    let says = format!(
        "记下按键 {pressed} 次；给联系人的短信 {} 条，都没发出去，其中 {} 条已转人打电话",
        messages.len(),
        by_call.count()
    );
    app.db().clone().close().await;
    Ok(says)
}

async fn incident(
    tx: &mut Tx,
    kind: &Slug,
    device: &str,
) -> Result<Option<(OrderId, Order)>, StoreError> {
    Ok(match tx.open_alarm(kind, device).await? {
        Some(id) => Some((id, tx.order(id).await?.state)),
        None => None,
    })
}
