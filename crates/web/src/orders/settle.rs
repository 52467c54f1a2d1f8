//! 「工单结算」 Finance: what was done and confirmed and is not settled, by partner and
//! month; one button settles what is listed.

use super::context;
use crate::desk::{Taken, place, request_key};
use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::order::{SETTLED_AT_ONCE, ToSettle};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use kernel::OrderId;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "orders/settle.html")]
struct SettlePage {
    page: Page,
    groups: Vec<ToSettle>,
    request: String,
    done: Option<usize>,
}

impl SettlePage {
    /// The orders of a button: those whose every sum is known.
    fn orders(&self, group: &ToSettle) -> String {
        let known = group.lines.iter().filter(|one| one.known());
        let orders: Vec<String> = known
            .take(SETTLED_AT_ONCE)
            .map(|one| one.order.to_string())
            .collect();
        orders.join(",")
    }
}

#[derive(Deserialize)]
pub(super) struct Shown {
    done: Option<usize>,
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(shown): Query<Shown>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let groups = site.app.orders_to_settle(&ctx, place(&page)?).await?;
    Ok(html(&SettlePage {
        page: page.titled("工单结算"),
        groups,
        request: request_key()?,
        done: shown.done,
    }))
}

pub(super) async fn act(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, taken.get("request"))?;
    let orders = taken.get("orders");
    let orders: Result<Vec<OrderId>, _> = orders
        .split(',')
        .filter(|text| !text.is_empty())
        .map(|text| text.parse().map(OrderId))
        .collect();
    let orders = orders.map_err(|_| Trouble::nothing())?;
    let done = site.app.settle_orders(&ctx, orders).await?.value;
    Ok(Redirect::to(&format!("/desk/orders/settle?done={done}")).into_response())
}
