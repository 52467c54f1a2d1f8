//! 「随后」 What follows of itself from an act, in its own transaction: providers' load
//! and record, quotas, messages to whom the ladder calls, to the provider and to the
//! person. A telephone call is made by a human being: it stands on the operator's screen.

use super::about::{counted, period, registered};
use super::desk::OrderDesk;
use crate::case::queue;
use crate::{AppError, Result, access, hook};
use engine_notify::{Message, Recipient, Template, Value};
use engine_order::{
    ClockOf, Event, Flag, OfferEnd, Order, OrderType, Record, Requested, Way, What, Whom,
};
use kernel::{FieldLevel, MessageId, PersonId, Role, Slug};
use std::collections::BTreeMap;
use store::Tx;

/// Short messages name the service and the number, nothing of the person.
const SMS: &str = "{name}：{what}，工单 {number}。请登录查看。";

/// Parties outside hear of another stage, by their agreements.
pub(super) async fn moved(
    desk: &OrderDesk,
    tx: &mut Tx,
    (before, after): (&Order, &Order),
    of: (&Requested, &OrderType),
    version: i64,
) -> Result<()> {
    if before.stage == after.stage {
        return Ok(());
    }
    let law = desk.app.law();
    hook::of_order(tx, law, of, (after.stage, version), desk.now).await
}

pub(super) async fn follow(
    desk: &OrderDesk,
    tx: &mut Tx,
    (before, after): (&Order, &Order),
    ty: &OrderType,
    events: &[Event],
    used: &BTreeMap<Slug, u32>,
) -> Result<()> {
    let mut with = before.offer().map(|offer| offer.provider);
    let of = (after, ty);
    for event in events {
        match &event.what {
            What::Requested(..) => use_quota(desk, tx, after, ty, used).await?,
            What::Offered(offer) => {
                tx.load_provider(offer.provider).await?;
                with = Some(offer.provider);
                let what = format!("有新的{}要您接", ty.name);
                tell(desk, tx, after, offer.person, "order_offered", &what).await?;
            }
            What::OfferEnded(end) if !matches!(end, OfferEnd::Accepted { .. }) => {
                if let Some(provider) = with.take() {
                    tx.unload_provider(provider).await?;
                    if matches!(end, OfferEnd::Lapsed { .. }) {
                        mark(desk, tx, of, Some(provider), |one| one.late = 1).await?;
                    }
                }
            }
            What::Confirmed(_) | What::Closed(_) | What::Cancelled(_) => {
                if let Some(provider) = with.take() {
                    tx.unload_provider(provider).await?;
                }
                if matches!(&event.what, What::Cancelled(_)) {
                    give_back(desk, tx, after, ty).await?;
                }
                watch_again(desk, tx, after).await?;
            }
            What::Reopened(reopening) => {
                if let Some(provider) = reopening.provider {
                    // Its load ended with the confirmation; before it, it still counts.
                    if with.is_none() || before.closed.is_some() {
                        tx.reload_provider(provider).await?;
                    }
                    with = Some(provider);
                    mark(desk, tx, of, Some(provider), |one| one.bad = 1).await?;
                    if let Some(offer) = after.offer() {
                        let what = format!("{}没做好，请再去一次", ty.name);
                        tell(desk, tx, after, offer.person, "order_reopened", &what).await?;
                    }
                }
            }
            What::Finished(..) => {
                let person = after
                    .requested
                    .as_ref()
                    .and_then(|asked| asked.about.person);
                if let Some(person) = person {
                    let what = format!("{}做好了，请确认", ty.name);
                    tell(desk, tx, after, person, "order_done", &what).await?;
                }
            }
            What::Rated(rating) => {
                let stars = u32::from(rating.stars);
                let give = |one: &mut Record| (one.stars, one.rated) = (stars, 1);
                mark(desk, tx, of, provider_of(after), give).await?;
            }
            What::Flagged(Flag::LowRating) => {
                mark(desk, tx, of, provider_of(after), |one| one.bad = 1).await?;
            }
            What::Flagged(Flag::Safety) => {
                mark(desk, tx, of, provider_of(after), |one| one.safety = 1).await?;
            }
            What::ClockMissed {
                of: ClockOf::Done | ClockOf::Arrive,
            } => mark(desk, tx, of, with, |one| one.late = 1).await?,
            What::Settled(settled) => super::settle::post_it(desk, tx, after, settled).await?,
            What::Called { who, by, .. } => call(desk, tx, after, ty, *who, by).await?,
            _ => {}
        }
    }
    Ok(())
}

fn provider_of(order: &Order) -> Option<kernel::ProviderId> {
    order.offer().map(|offer| offer.provider)
}

/// Remembers something of a partner; red asks for a person, it stops nobody.
async fn mark(
    desk: &OrderDesk,
    tx: &mut Tx,
    (order, ty): (&Order, &OrderType),
    provider: Option<kernel::ProviderId>,
    what: impl FnOnce(&mut Record),
) -> Result<()> {
    let Some(provider) = provider else {
        return Ok(());
    };
    let mut record = Record::default();
    what(&mut record);
    tx.mark_provider(provider, desk.now.today(), record).await?;
    if record.late + record.bad + record.safety == 0 {
        return Ok(());
    }
    let order = order.requested.as_ref().map(|asked| asked.order);
    desk.propose(tx, provider, order, &ty.colours).await
}

async fn use_quota(
    desk: &OrderDesk,
    tx: &mut Tx,
    order: &Order,
    ty: &OrderType,
    used: &BTreeMap<Slug, u32>,
) -> Result<()> {
    let Some(asked) = &order.requested else {
        return Ok(());
    };
    let Some(person) = counted(asked) else {
        return Ok(());
    };
    let mut now_used = used.clone();
    for want in &asked.wants {
        let quota = ty.item(&want.item).and_then(|item| item.quota);
        if let Some(quota) = quota {
            let read = now_used.entry(want.item.clone()).or_default();
            let period = period(quota.per, desk.now);
            let key = (person, want.item.as_str(), period.as_str());
            tx.use_quota(key, want.count, *read).await?;
            *read += want.count;
        }
    }
    Ok(())
}

async fn give_back(desk: &OrderDesk, tx: &mut Tx, order: &Order, ty: &OrderType) -> Result<()> {
    let Some(asked) = &order.requested else {
        return Ok(());
    };
    let at = order.asked_at.unwrap_or(desk.now.at);
    for want in &asked.wants {
        let quota = ty.item(&want.item).and_then(|item| item.quota);
        if let (Some(quota), Some(person)) = (quota, counted(asked)) {
            // In the period it was taken from, whatever the day is now.
            let period = period(quota.per, kernel::Now { at });
            let key = (person, want.item.as_str(), period.as_str());
            tx.give_quota_back(key, want.count).await?;
        }
    }
    Ok(())
}

/// A silence somebody has looked after begins anew.
async fn watch_again(desk: &OrderDesk, tx: &mut Tx, order: &Order) -> Result<()> {
    let asked = order.requested.as_ref();
    if let Some(device) = asked.and_then(|asked| asked.cause.device()) {
        tx.watch_device_from(device, desk.now.at).await?;
    }
    Ok(())
}

/// Whoever the ladder calls by SMS gets one; screens and calls stand in the order itself.
async fn call(
    desk: &OrderDesk,
    tx: &mut Tx,
    order: &Order,
    ty: &OrderType,
    who: Whom,
    by: &[Way],
) -> Result<()> {
    if !by.contains(&Way::Sms) {
        return Ok(());
    }
    let Some(asked) = &order.requested else {
        return Ok(());
    };
    let people: Vec<PersonId> = match who {
        Whom::FamilyContacts => contacts(desk, tx, order).await?,
        Whom::NearestProvider => {
            let free = desk.free(tx, asked, ty).await?;
            free.first().map(|one| one.person).into_iter().collect()
        }
        Whom::Provider => order
            .offer()
            .map(|offer| offer.person)
            .into_iter()
            .collect(),
        Whom::Requester => asked.about.person.into_iter().collect(),
        Whom::DutyOperator => holders(desk, tx, asked, Role::AlarmOperator).await?,
        Whom::Village => holders(desk, tx, asked, Role::VillageWorker).await?,
        // No role is called so: the loader refuses a message to them.
        Whom::Supervisor | Whom::Emergency => Vec::new(),
    };
    for person in people {
        let what = match ty.alarm {
            true => format!("{}，请马上联系", ty.name),
            false => format!("{}请您看一下", ty.name),
        };
        tell(desk, tx, order, person, "order_called", &what).await?;
    }
    Ok(())
}

async fn holders(
    desk: &OrderDesk,
    tx: &mut Tx,
    asked: &Requested,
    role: Role,
) -> Result<Vec<PersonId>> {
    access::holders(tx, role, asked.region, desk.now.today()).await
}

/// Who is called in an emergency: the device's contacts, and who lives with them.
pub(super) async fn contacts(
    desk: &OrderDesk,
    tx: &mut Tx,
    order: &Order,
) -> Result<Vec<PersonId>> {
    let Some(asked) = &order.requested else {
        return Ok(Vec::new());
    };
    let mut people = Vec::new();
    if let Some(device) = asked.cause.device()
        && let Some((device, _)) = tx.device(device).await?
    {
        people.extend(device.contacts);
    }
    if let Some(person) = asked.about.person {
        people.extend(registered(tx, person, desk.now).await?.family);
    }
    people.sort();
    people.dedup();
    Ok(people)
}

/// Writes a message about an order and the work of sending it.
async fn tell(
    desk: &OrderDesk,
    tx: &mut Tx,
    order: &Order,
    to: PersonId,
    occasion: &str,
    what: &str,
) -> Result<()> {
    let number = order.requested.as_ref().map(|asked| asked.order);
    let number = number.map(|id| id.to_string()).unwrap_or_default();
    let text = format!("{what}（工单 {number}）");
    let values = [("what", what), ("number", number.as_str())];
    send(desk, tx, to, occasion, text, (SMS, &values)).await
}

/// Writes a message: its whole text, and its SMS with values nobody else minds reading.
pub(super) async fn send(
    desk: &OrderDesk,
    tx: &mut Tx,
    to: PersonId,
    occasion: &str,
    text: String,
    (sms, values): (&str, &[(&str, &str)]),
) -> Result<()> {
    let fault = |why: String| AppError::Fault(why);
    let slug = |text: &str| text.parse::<Slug>().map_err(|why| fault(why.to_string()));
    let mut filled = Vec::new();
    for (name, text) in std::iter::once(&("name", "暖心")).chain(values) {
        filled.push(Value {
            name: slug(name)?,
            text: (*text).to_owned(),
            level: FieldLevel::L1,
        });
    }
    let template = Template::parse(sms).map_err(|why| fault(why.to_string()))?;
    let sms = template
        .sms(&filled)
        .map_err(|why| fault(why.to_string()))?;
    let message = Message {
        id: MessageId(tx.next_id("message").await?),
        occasion: slug(occasion)?,
        to: Recipient {
            person: to,
            mobile: true,
            inbox: false,
        },
        case: None,
        text,
        sms: Some(sms),
        proof_wanted: false,
    };
    queue(tx, message, &desk.context.actor, desk.now).await
}
