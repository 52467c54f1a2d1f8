//! 「补发和多发」 Months gone by in which too little or too much was paid, by family and
//! month, each with why; one says what is to be done, another confirms.

use super::{Taken, request_key, unseen};
use crate::page::{Page, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::past::{PastGroup, PastLine, PastPage, PastReport, PastWay};
use app::{AppError, Context};
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use kernel::{Money, PaymentBatchId, Role};

/// Who has everything looked over again, and who confirms.
pub(super) const CHECKERS: &[Role] = &[Role::CountyApprover];

#[derive(Template)]
#[template(path = "desk/past.html")]
struct PastView {
    page: Page,
    past: PastPage,
    request: String,
    proved: bool,
    wrong: Option<String>,
    looked: Option<PastReport>,
    written: String,
}

impl PastView {
    fn months(&self, groups: &[PastGroup]) -> usize {
        groups.iter().map(|group| group.lines.len()).sum()
    }

    fn sum(&self, arrears: bool) -> Money {
        let all = self.past.open.iter().chain(&self.past.taken);
        let sum = all.filter(|one| one.arrears == arrears);
        Money::from_fen(sum.map(|one| one.sum.fen()).sum())
    }

    fn can_check(&self, group: &PastGroup) -> bool {
        self.proved && !group.mine && self.page.is(CHECKERS)
    }

    fn seen(&self, line: &PastLine) -> String {
        format!("{}={}", line.id, line.difference)
    }

    fn way(&self, group: &PastGroup) -> &'static str {
        group.way.as_ref().map_or("", |(way, _)| way.label())
    }

    fn reason<'a>(&self, group: &'a PastGroup) -> &'a str {
        group.way.as_ref().map_or("", |(_, reason)| reason.as_str())
    }
}

fn acting(page: &Page, request: String) -> Result<Context, Trouble> {
    page.acts(Purpose::Payment(PaymentBatchId(0)), request)
}

pub(super) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    draw(&site, page, None, (None, String::new())).await
}

async fn draw(
    site: &Site,
    page: Page,
    wrong: Option<String>,
    (looked, written): (Option<PastReport>, String),
) -> Result<Response, Trouble> {
    let past = site.app.past(&acting(&page, String::new())?).await;
    let status = match wrong {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let view = PastView {
        past: past.map_err(unseen)?,
        request: request_key()?,
        proved: page.visitor.as_ref().is_some_and(|one| one.proved),
        page: page.titled("补发和多发"),
        wrong,
        looked,
        written,
    };
    Ok(html_as(status, &view))
}

/// Goes over every month again, and says what came of it.
pub(super) async fn look(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = page.acts(Purpose::Discovery, taken.get("request"))?;
    let looked = site.app.look_over_past(&ctx, |_| {}).await;
    let looked = looked.map_err(unseen)?;
    draw(&site, page, None, (Some(looked), String::new())).await
}

pub(super) async fn step(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = acting(&page, taken.get("request"))?;
    let says = match take(&site, &ctx, &taken).await {
        Ok(()) => return Ok(Redirect::to("/desk/past").into_response()),
        Err(AppError::Refused(refused)) if !refused.code.starts_with("access.") => refused.says,
        Err(AppError::BadInput(says)) => says,
        Err(why) => return Err(unseen(why)),
    };
    draw(&site, page, Some(says), (None, taken.get("reason"))).await
}

async fn take(site: &Site, ctx: &Context, taken: &Taken) -> Result<(), AppError> {
    let bad = |says: &str| AppError::BadInput(says.to_owned());
    let mut seen = Vec::new();
    for text in taken.all().remove("line").unwrap_or_default() {
        let parts = text.split_once('=');
        let read = parts
            .and_then(|(id, yuan)| Some((id.parse::<i64>().ok()?, yuan.parse::<Money>().ok()?)));
        seen.push(read.ok_or_else(|| bad("没看懂选了哪几个月。请回到页面再选一次"))?);
    }
    if seen.is_empty() {
        return Err(bad("请先选上是哪几个月"));
    }
    let ids: Vec<i64> = seen.iter().map(|(id, _)| *id).collect();
    let reason = taken.get("reason");
    let way = match taken.get("step").as_str() {
        "confirm" => return site.app.confirm_past(ctx, &seen).await,
        "back" => return site.app.send_back_past(ctx, &ids, &reason).await,
        "pay" => PastWay::Pay,
        "decline" => PastWay::Decline,
        "recover" => PastWay::Recover,
        "waive" => PastWay::Waive,
        _ => return Err(bad("没有这一步。请回到页面再选一次")),
    };
    site.app.take_past(ctx, &ids, way, &reason).await
}
