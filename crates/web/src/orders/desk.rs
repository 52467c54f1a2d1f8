//! 「派单台」 The centre: alarms first, the queue with its clocks, one order with
//! everything that can be done to it, a call taken down.

use super::{Light, context, light, typed};
use crate::desk::{Taken, place, request_key, unseen};
use crate::files::Upload;
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::order::{Candidate, Contacts, NewOrder, OrderRow, OrderView, PartnerStanding, Queue};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use engine_order::{Act, Asker, OrderType, ProofKind, ProofValue, Stage, Want};
use kernel::{Instant, OrderId, PersonNumber, RegionCode, Role, Slug};
use serde::Deserialize;
use std::sync::Arc;

/// Seconds after which the queue is drawn anew.
const AGAIN: &str = "15";

#[derive(Template)]
#[template(path = "orders/queue.html")]
struct QueuePage {
    page: Page,
    queue: Queue,
    stage: Option<Stage>,
    /// Partners who wait for a person.
    waiting: Vec<PartnerStanding>,
    request: String,
}

impl QueuePage {
    fn light(&self, row: &OrderRow) -> Option<Light> {
        light(&row.order, self.queue.at)
    }

    fn alarms(&self) -> impl Iterator<Item = &OrderRow> {
        self.queue.rows.iter().filter(|row| row.ty.alarm)
    }

    fn rest(&self) -> impl Iterator<Item = &OrderRow> {
        self.queue.rows.iter().filter(|row| !row.ty.alarm)
    }

    fn open(&self) -> i64 {
        self.queue.counts.iter().map(|(_, count)| count).sum()
    }

    /// How long the one who waits longest has waited, once the centre was reminded.
    fn late(&self) -> Option<String> {
        let waits = self.waiting.iter();
        let waits = waits.filter_map(|one| one.kept.standing.proposal.as_ref());
        let since = waits
            .filter(|one| one.reminded > 0)
            .map(|one| one.at)
            .min()?;
        Some(super::span((self.queue.at - since).num_seconds()))
    }

    fn chosen(&self, stage: &Stage) -> bool {
        self.stage == Some(*stage)
    }
}

/// Whom an order is for.
fn name(row: &OrderRow) -> &str {
    row.order
        .requested
        .as_ref()
        .map_or("", |asked| asked.about.name.as_str())
}

fn says(row: &OrderRow) -> &str {
    row.order
        .requested
        .as_ref()
        .map_or("", |asked| asked.says.as_str())
}

#[derive(Deserialize)]
pub(super) struct Asked {
    stage: Option<String>,
}

pub(super) async fn queue(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let open = Stage::ALL.into_iter().filter(|stage| stage.is_open());
    let wanted = asked.stage.as_deref();
    let stage = Stage::ALL
        .into_iter()
        .find(|stage| Some(stage.id()) == wanted);
    let stages: Vec<Stage> = match stage {
        Some(stage) => vec![stage],
        None => open.collect(),
    };
    let queue = site.app.order_queue(&ctx, place(&page)?, &stages).await?;
    let mut waiting = site.app.providers_to_look(&ctx, place(&page)?).await?;
    waiting.retain(|one| one.kept.standing.proposal.is_some());
    let drawn = html(&QueuePage {
        page: page.titled("工单"),
        queue,
        stage,
        waiting,
        request: request_key()?,
    });
    Ok(([(header::HeaderName::from_static("refresh"), AGAIN)], drawn).into_response())
}

#[derive(Template)]
#[template(path = "orders/take.html")]
struct TakePage {
    page: Page,
    types: Vec<Arc<OrderType>>,
    chosen: Option<Arc<OrderType>>,
    villages: Vec<(RegionCode, String)>,
    request: String,
}

#[derive(Deserialize)]
pub(super) struct OfType {
    #[serde(rename = "type")]
    ty: Option<String>,
}

/// How an order comes when this role takes it down.
fn asker(role: Role) -> Asker {
    match role {
        Role::VillageWorker => Asker::Worker,
        _ => Asker::Phone,
    }
}

pub(super) async fn new(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<OfType>,
) -> Result<Response, Trouble> {
    let role = page.visitor.as_ref().map(|one| one.actor.role);
    let how = asker(role.ok_or_else(Trouble::nothing)?);
    let types = site.app.order_types().iter();
    let types: Vec<_> = types
        .filter(|ty| ty.asked_by.contains(&how))
        .cloned()
        .collect();
    let wanted = asked.ty.as_deref();
    let chosen = types
        .iter()
        .find(|ty| Some(ty.id.as_str()) == wanted)
        .cloned();
    let villages = site.app.villages(place(&page)?);
    Ok(html(&TakePage {
        page: page.titled("接电话下单"),
        types,
        chosen,
        villages,
        request: request_key()?,
    }))
}

pub(super) async fn take(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, taken.get("request"))?;
    let number = taken.get("number");
    let person = match number.trim() {
        "" => None,
        number => {
            let read = PersonNumber::parse_on(number, page.today);
            let read = read.map_err(|why| typed::bad(why.to_string()))?;
            let found = site.app.caller(&ctx, read).await?;
            let says = "底册里没有这个证件号。可以不填，照来电人说的记";
            Some(found.ok_or_else(|| typed::bad(says))?)
        }
    };
    let region = taken.get("village");
    let region = match region.is_empty() {
        true => None,
        false => Some(region.parse().map_err(|_| typed::bad("请选一个村社"))?),
    };
    let phone = taken.get("phone");
    let on = taken.get("on");
    let new = NewOrder {
        ty: typed::slug(&taken.get("type"))?,
        asked_by: asker(ctx.actor.role),
        person,
        name: taken.get("name"),
        phone: (!phone.trim().is_empty()).then_some(phone),
        wants: vec![Want {
            item: typed::slug(&taken.get("item"))?,
            count: taken.get("count").parse().unwrap_or(1),
        }],
        says: taken.get("says"),
        region,
        address: taken.get("address"),
        place: typed::place(&taken.get("place")),
        on: on.parse().ok(),
    };
    let done = site.app.ask_order(&ctx, new).await?.value;
    let to = match super::OPERATORS.contains(&ctx.actor.role) {
        true => format!("/desk/orders/{}?done=1", done.order),
        false => "/jobs?done=1".to_owned(),
    };
    Ok(Redirect::to(&to).into_response())
}

#[derive(Template)]
#[template(path = "orders/order.html")]
struct OrderPage {
    page: Page,
    view: OrderView,
    candidates: Vec<Candidate>,
    contacts: Contacts,
    request: String,
    now: Instant,
    done: bool,
}

impl OrderPage {
    fn light(&self) -> Option<Light> {
        light(&self.view.order, self.now)
    }

    fn id(&self) -> OrderId {
        self.view
            .order
            .requested
            .as_ref()
            .map_or(OrderId(0), |asked| asked.order)
    }

    fn at(&self, stages: &[Stage]) -> bool {
        stages.contains(&self.view.order.stage)
    }

    /// The newest call to each whom the ladder wants rung up: not one line for every round.
    fn calls(&self) -> Vec<(usize, &engine_order::Calling)> {
        let mut newest: Vec<(usize, &engine_order::Calling)> = Vec::new();
        for (at, calling) in self.view.order.calls_to_make() {
            newest.retain(|(_, one)| one.who != calling.who);
            newest.push((at, calling));
        }
        newest
    }

    fn office_step(&self) -> Option<&engine_order::Step> {
        let wanted = self.at(&[Stage::Accepted, Stage::Doing]);
        typed::next_step(&self.view).filter(|step| wanted && step.by_office)
    }

    fn asks(&self, id: &kernel::Slug) -> &str {
        self.view
            .ty
            .proof_of(id)
            .map_or("", |rule| rule.asks.as_str())
    }

    fn is_photo(&self, id: &kernel::Slug) -> bool {
        self.view
            .ty
            .proof_of(id)
            .is_some_and(|rule| rule.kind == ProofKind::Photo)
    }
}

/// A proof's value, in words.
pub(super) fn value(value: &ProofValue) -> String {
    match value {
        ProofValue::Photo(document) => format!("照片 {document}"),
        ProofValue::Text(text) => text.clone(),
        ProofValue::Place(point) => format!(
            "{}.{:06}，{}.{:06}",
            point.lat / 1_000_000,
            point.lat % 1_000_000,
            point.lon / 1_000_000,
            point.lon % 1_000_000
        ),
        ProofValue::Number(number) => number.to_string(),
        ProofValue::Money(money) => format!("{money} 元"),
    }
}

/// What happened, in a few words; steps and other lines by the names its kind gives them.
pub(super) fn told(what: &engine_order::What, ty: &OrderType) -> String {
    use engine_order::{OfferEnd, What};
    let step = |id: &Slug| {
        let known = ty.steps.iter().find(|one| one.id == *id);
        known.map_or_else(|| id.to_string(), |one| one.name.clone())
    };
    let line = |id: &Slug| {
        let known = ty.transfer.iter().find(|one| one.id == *id);
        known.map_or_else(|| id.to_string(), |one| one.name.clone())
    };
    match what {
        What::Requested(..) => "下单".to_owned(),
        What::Pressed => "又按了一次".to_owned(),
        What::Answered => "有人应答".to_owned(),
        What::Offered(offer) => format!("派给 {}", offer.name),
        What::WantsPerson { why } => format!("要人来派：{why}"),
        What::OfferEnded(OfferEnd::Accepted { .. }) => "接单".to_owned(),
        What::OfferEnded(OfferEnd::Declined { why, .. }) => format!("不接：{why}"),
        What::OfferEnded(OfferEnd::Lapsed { .. }) => "没有回".to_owned(),
        What::OfferEnded(OfferEnd::Withdrawn { why, .. }) => format!("改派：{why}"),
        What::Arrived { .. } => "到场".to_owned(),
        What::Stepped(one, _) => format!("做完一步：{}", step(&one.step)),
        What::Finished(..) => "做完".to_owned(),
        What::Flagged(flag) => format!("留意：{}", flag.label()),
        What::Confirmed(_) => "确认办好".to_owned(),
        What::Unconfirmed => "没有人确认，要回访".to_owned(),
        What::Reopened(one) => format!("重开：{}", one.why),
        What::Rated(rating) => format!("评价 {} 颗星", rating.stars),
        What::Settled(_) => "结算".to_owned(),
        What::Closed(_) => "办结".to_owned(),
        What::Cancelled(one) => format!("取消（{}）：{}", one.side.label(), one.why),
        What::Transferred(one) => format!("转到{}：{}", line(&one.to), one.why),
        What::ReferenceTold { reference } => format!("对方编号 {reference}"),
        What::TransferAnswered { result, .. } => format!("对方答复：{result}"),
        What::ClockStarted { of, .. } => format!("开始计时：{}", of.label()),
        What::ClockStopped { of, .. } => format!("停止计时：{}", of.label()),
        What::ClockMissed { of } => format!("超时：{}", of.label()),
        What::Called { who, .. } => format!("叫 {}", who.label()),
        What::SkippedTo { .. } => "接着叫".to_owned(),
        What::CallMade { came, .. } => format!("打过电话：{came}"),
    }
}

#[derive(Deserialize)]
pub(super) struct Shown {
    done: Option<u8>,
    /// The operator takes the incident over to ring up.
    take: Option<u8>,
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(order): Path<i64>,
    Query(shown): Query<Shown>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let view = site.app.order(&ctx, OrderId(order)).await.map_err(unseen)?;
    let sends = [
        Stage::Waiting,
        Stage::Offered,
        Stage::Accepted,
        Stage::Doing,
    ];
    let candidates = match sends.contains(&view.order.stage) {
        true => site.app.candidates(&ctx, OrderId(order)).await?,
        false => Vec::new(),
    };
    let take = shown.take.is_some();
    let contacts = site.app.order_contacts(&ctx, OrderId(order), take).await?;
    Ok(html(&OrderPage {
        page: page.titled(format!("工单 {order}")).toned(view.ty.solemn),
        view,
        candidates,
        contacts,
        request: request_key()?,
        now: site.now().at,
        done: shown.done.is_some(),
    }))
}

pub(super) async fn act(
    State(site): State<Site>,
    page: Page,
    Path(order): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, taken.get("request"))?;
    let view = site.app.order(&ctx, OrderId(order)).await.map_err(unseen)?;
    let act = typed::act(&view, &taken)?;
    site.app.on_order(&ctx, OrderId(order), act).await?;
    Ok(Redirect::to(&format!("/desk/orders/{order}?done=1")).into_response())
}

/// 签一步 The step that is the office's, with what it asks for, photographs too.
pub(super) async fn step(
    State(site): State<Site>,
    page: Page,
    Path(order): Path<i64>,
    upload: Upload,
) -> Result<Response, Trouble> {
    let id = OrderId(order);
    let ctx = context(&page, upload.one("request"))?;
    let view = site.app.order(&ctx, id).await.map_err(unseen)?;
    let step = typed::next_step(&view).filter(|step| step.by_office);
    let step = step.ok_or_else(Trouble::nothing)?;
    let wanted = step.needs.clone();
    let act = Act::Step {
        step: step.id.clone(),
        proofs: super::work::proofs(&site, &page, &view, &upload, &wanted).await?,
        occurred: typed::moment(upload.one("occurred"), site.now().at)?,
    };
    site.app.on_order(&ctx, id, act).await?;
    Ok(Redirect::to(&format!("/desk/orders/{order}?done=1")).into_response())
}
