//! 「工单数」 A leader's figures of orders: how many, how fast, how content; colours of
//! partners and items. Every number opens to its orders; nobody's name is there.

use super::{context, span};
use crate::desk::place;
use crate::page::{Page, html};
use crate::site::Site;
use crate::spans::{self, DAYS};
use crate::trouble::Trouble;
use crate::words::filters;
use app::order::{OrderFigures, TypeFigure};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use engine_order::{Colour, Stage};
use kernel::{Instant, OrderId};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Asked {
    days: Option<i64>,
    #[serde(rename = "type")]
    ty: Option<String>,
    of: Option<String>,
}

#[derive(Template)]
#[template(path = "orders/figures.html")]
struct FiguresPage {
    page: Page,
    figures: OrderFigures,
    days: i64,
}

impl FiguresPage {
    fn to(&self, one: &TypeFigure, of: &str) -> String {
        format!(
            "/cockpit/orders/list?type={}&of={of}&days={}",
            one.id, self.days
        )
    }

    fn span(&self, seconds: &Option<i64>) -> String {
        spans::long(seconds)
    }

    fn percent(&self, percent: Option<usize>) -> String {
        spans::percent(percent)
    }

    fn mark(&self, colour: &Colour) -> &'static str {
        match colour {
            Colour::Green => "ok",
            Colour::Yellow => "warn",
            Colour::Red => "stop",
        }
    }

    fn total(&self) -> usize {
        self.figures.types.iter().map(|one| one.asked).sum()
    }
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let (from, to) = spans::back(spans::days(asked.days), site.now().at);
    let figures = site
        .app
        .order_figures(&ctx, place(&page)?, from, to)
        .await?;
    Ok(html(&FiguresPage {
        page: page.titled("工单数"),
        figures,
        days: spans::days(asked.days),
    }))
}

/// One order behind a figure.
struct Behind {
    id: OrderId,
    place: String,
    stage: &'static str,
    asked_at: Instant,
    response: String,
    late: bool,
    stars: Option<u8>,
}

#[derive(Template)]
#[template(path = "orders/behind.html")]
struct BehindPage {
    page: Page,
    name: String,
    says: &'static str,
    lines: Vec<Behind>,
    count: usize,
    opens: bool,
}

/// The words of a figure.
fn says(of: &str) -> Option<&'static str> {
    Some(match of {
        "asked" => "一共",
        "open" => "在办",
        "closed" => "办结",
        "cancelled" => "取消",
        "transferred" => "转出",
        "late" => "有超时",
        "answered" => "已响应",
        "in_time" => "按时响应",
        "missed" => "没人响应，时间过了",
        "slow" => "响应慢了",
        "rated" => "有评价",
        "content" => "满意",
        "bad" => "不满意",
        _ => return None,
    })
}

pub(super) async fn list(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let of = asked.of.clone().unwrap_or_default();
    let words = says(&of).ok_or_else(Trouble::nothing)?;
    let ty = super::typed::slug(asked.ty.as_deref().unwrap_or_default())?;
    let times = spans::back(spans::days(asked.days), site.now().at);
    let lines = site
        .app
        .orders_behind(&ctx, place(&page)?, times, &ty, &of)
        .await?;
    let stage = |id: &str| Stage::ALL.into_iter().find(|stage| stage.id() == id);
    let count = lines.len();
    let lines = lines
        .into_iter()
        .rev()
        .take(spans::LINES_MAX)
        .map(|one| Behind {
            id: one.id,
            place: site.app.place(one.region),
            stage: stage(&one.stage).map_or("", Stage::label),
            asked_at: one.asked_at,
            response: one.response.map_or_else(|| "还没有".to_owned(), span),
            late: one.late,
            stars: one.stars,
        });
    let types = site.app.order_types().iter();
    let name = types
        .filter(|one| one.id == ty)
        .map(|one| one.name.clone())
        .next();
    Ok(html(&BehindPage {
        name: name.ok_or_else(Trouble::nothing)?,
        says: words,
        lines: lines.collect(),
        count,
        opens: page.is(super::OPERATORS),
        page: page.titled("工单数"),
    }))
}
