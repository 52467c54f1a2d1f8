//! 「叫服务」 A resident asks, follows, says whether it is well done, and how well.

use super::desk::value;
use super::{context, typed};
use crate::desk::{Taken, request_key, unseen};
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::order::{NewOrder, OrderRow, OrderView};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use engine_order::{Asker, OrderType, ProofValue, Stage, Want};
use kernel::OrderId;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "orders/mine.html")]
struct MinePage {
    page: Page,
    types: Vec<Arc<OrderType>>,
    rows: Vec<OrderRow>,
}

fn offered(site: &Site) -> Vec<Arc<OrderType>> {
    let types = site.app.order_types().iter();
    types
        .filter(|ty| ty.asked_by.contains(&Asker::Resident))
        .cloned()
        .collect()
}

pub(super) async fn list(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let rows = site.app.own_orders(&ctx).await?;
    Ok(html(&MinePage {
        types: offered(&site),
        page: page.titled("叫服务"),
        rows,
    }))
}

#[derive(Template)]
#[template(path = "orders/ask.html")]
struct AskPage {
    page: Page,
    ty: Arc<OrderType>,
    request: String,
}

#[derive(Deserialize)]
pub(super) struct OfType {
    #[serde(rename = "type")]
    ty: String,
}

pub(super) async fn new(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<OfType>,
) -> Result<Response, Trouble> {
    let mut types = offered(&site).into_iter();
    let ty = types.find(|ty| ty.id.as_str() == asked.ty);
    let ty = ty.ok_or_else(Trouble::nothing)?;
    Ok(html(&AskPage {
        page: page.titled(ty.name.clone()).toned(ty.solemn),
        ty,
        request: request_key()?,
    }))
}

pub(super) async fn ask(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, taken.get("request"))?;
    let phone = taken.get("phone");
    let new = NewOrder {
        ty: typed::slug(&taken.get("type"))?,
        asked_by: Asker::Resident,
        person: ctx.actor.person,
        name: String::new(),
        phone: (!phone.trim().is_empty()).then_some(phone),
        wants: vec![Want {
            item: typed::slug(&taken.get("item"))?,
            count: taken.get("count").parse().unwrap_or(1),
        }],
        says: taken.get("says"),
        region: None,
        address: taken.get("address"),
        place: None,
        on: taken.get("on").parse().ok(),
    };
    let done = site.app.ask_order(&ctx, new).await?.value;
    Ok(Redirect::to(&format!("/orders/{}", done.order)).into_response())
}

#[derive(Template)]
#[template(path = "orders/followed.html")]
struct FollowedPage {
    page: Page,
    view: OrderView,
    request: String,
}

impl FollowedPage {
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

    /// Where it stands, said to the person.
    fn says(&self) -> String {
        let order = &self.view.order;
        let who = order.offer().map(|offer| offer.name.clone());
        match order.stage {
            Stage::Waiting if self.view.ty.alarm => "我们收到了，正在联系您".to_owned(),
            Stage::Waiting => "我们收到了，正在找人".to_owned(),
            Stage::Offered => "已经派人，等对方答应".to_owned(),
            Stage::Accepted => format!("{}接了，会来找您", who.unwrap_or_default()),
            Stage::Doing => format!("{}正在做", who.unwrap_or_default()),
            Stage::Done => "对方说做好了，请您看一看".to_owned(),
            Stage::Transferred => "转给了别的热线，有答复告诉您".to_owned(),
            Stage::Closed => "办好了".to_owned(),
            Stage::Cancelled => "取消了".to_owned(),
            Stage::New => String::new(),
        }
    }
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(order): Path<i64>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let view = site.app.order(&ctx, OrderId(order)).await.map_err(unseen)?;
    Ok(html(&FollowedPage {
        page: page.titled(view.ty.name.clone()).toned(view.ty.solemn),
        view,
        request: request_key()?,
    }))
}

/// What a resident may do here; everything else is the centre's.
const OWN: [&str; 4] = ["confirm", "reopen", "rate", "cancel"];

pub(super) async fn act(
    State(site): State<Site>,
    page: Page,
    Path(order): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    if !OWN.contains(&taken.get("act").as_str()) {
        return Err(Trouble::nothing());
    }
    let ctx = context(&page, taken.get("request"))?;
    let view = site.app.order(&ctx, OrderId(order)).await.map_err(unseen)?;
    let act = typed::act(&view, &taken)?;
    site.app.on_order(&ctx, OrderId(order), act).await?;
    Ok(Redirect::to(&format!("/orders/{order}")).into_response())
}
