//! 「预约数」 How full which place is, how long people wait, how many do not come. Every
//! number opens to its records; nobody's name is there.
//! Rows: D13, C06.

use super::{context, typed};
use crate::desk::{place, unseen};
use crate::orders::span;
use crate::page::{Page, html};
use crate::site::Site;
use crate::spans::{self, DAYS};
use crate::trouble::Trouble;
use crate::words::filters;
use app::booking::{BookingFigures, BookingStage, KindFigure, Occupancy, UnitBehind};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use kernel::{Instant, StockId};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Asked {
    days: Option<i64>,
    #[serde(rename = "type")]
    ty: Option<String>,
    of: Option<String>,
    stock: Option<i64>,
    sort: Option<String>,
}

#[derive(Template)]
#[template(path = "bookings/figures.html")]
struct FiguresPage {
    page: Page,
    figures: BookingFigures,
    days: i64,
}

impl FiguresPage {
    fn to(&self, one: &KindFigure, of: &str) -> String {
        format!(
            "/cockpit/bookings/list?type={}&of={of}&days={}",
            one.ty.id, self.days
        )
    }

    fn units(&self, one: &Occupancy, of: &str) -> String {
        let sort = one.sort.as_ref().map_or("", |sort| sort.as_str());
        format!(
            "/cockpit/bookings/units?stock={}&sort={sort}&of={of}",
            one.stock
        )
    }

    fn span(&self, seconds: &Option<i64>) -> String {
        spans::long(seconds)
    }

    fn percent(&self, percent: Option<usize>) -> String {
        spans::percent(percent)
    }

    fn total(&self) -> usize {
        self.figures.kinds.iter().map(|one| one.asked).sum()
    }
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let times = spans::back(spans::days(asked.days), site.now().at);
    let here = place(&page)?;
    let figures = site.app.booking_figures(&ctx, here, times).await?;
    Ok(html(&FiguresPage {
        page: page.titled("预约数"),
        figures,
        days: spans::days(asked.days),
    }))
}

/// One booking behind a figure.
struct Behind {
    id: i64,
    stock: StockId,
    place: String,
    stage: &'static str,
    asked: Option<Instant>,
    begins: Option<Instant>,
    waited: String,
}

#[derive(Template)]
#[template(path = "bookings/behind.html")]
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
        "booked" => "已约",
        "present" => "正在用",
        "left" => "办完",
        "cancelled" => "取消",
        "no_show" => "没有来",
        "waiting" => "在排队",
        "served" => "排到了",
        "units" => "一共",
        "closed" => "停用",
        "care_due" => "等处理",
        "used" => "有人在用",
        "reserved" => "约出去了",
        _ => return None,
    })
}

fn stage(stage: BookingStage) -> &'static str {
    match stage {
        BookingStage::Waiting => "在排队",
        BookingStage::Offered => "等答复",
        BookingStage::Booked => "已约",
        BookingStage::Present => "正在用",
        BookingStage::Left => "办完",
        BookingStage::Cancelled => "取消",
        BookingStage::NoShow => "没有来",
        BookingStage::Unqueued => "不再排队",
    }
}

pub(super) async fn list(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let of = asked.of.clone().unwrap_or_default();
    let words = says(&of).ok_or_else(Trouble::nothing)?;
    let ty = typed::slug(asked.ty.as_deref().unwrap_or_default())?;
    let times = spans::back(spans::days(asked.days), site.now().at);
    let here = place(&page)?;
    let lines = site
        .app
        .bookings_behind(&ctx, here, times, &ty, &of)
        .await?;
    let count = lines.len();
    let waited = |asked: Option<Instant>, placed: Option<Instant>| match (asked, placed) {
        (Some(from), Some(to)) => span((to - from).num_seconds()),
        _ => "还没有".to_owned(),
    };
    let lines = lines
        .into_iter()
        .rev()
        .take(spans::LINES_MAX)
        .map(|one| Behind {
            id: one.id.0,
            stock: one.stock,
            place: site.app.place(one.region),
            stage: stage(one.stage),
            asked: one.asked,
            begins: one.begins,
            waited: match one.waited {
                true => waited(one.asked, one.placed),
                false => "没有排队".to_owned(),
            },
        });
    Ok(html(&BehindPage {
        name: site.app.booking_type(&ty)?.name.clone(),
        says: words,
        lines: lines.collect(),
        count,
        opens: page.is(super::KEEPERS),
        page: page.titled("预约数"),
    }))
}

#[derive(Template)]
#[template(path = "bookings/units.html")]
struct UnitsPage {
    page: Page,
    name: String,
    says: &'static str,
    units: Vec<UnitBehind>,
}

pub(super) async fn units(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, "")?;
    let of = asked.of.clone().unwrap_or_default();
    let words = says(&of).ok_or_else(Trouble::nothing)?;
    let stock = StockId(asked.stock.ok_or_else(Trouble::nothing)?);
    let sort = typed::maybe_slug(asked.sort.as_deref().unwrap_or_default())?;
    let found = site.app.units_behind(&ctx, stock, sort, &of).await;
    let (name, units) = found.map_err(unseen)?;
    Ok(html(&UnitsPage {
        page: page.titled("预约数"),
        name,
        says: words,
        units,
    }))
}
