//! 「数据目录」 The catalogue at the desk with its standing and quality, one category with
//! its quality over time, and requests to share with their deadlines.

use super::{Taken, place, request_key, unseen};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::cockpit::DataState;
use app::pool::{
    CatalogueLine, CataloguePage, CategoryPage, DeliveryLine, Dimension, ShareAsked, ShareCommand,
    ShareKind, ShareLine, Sides,
};
use app::{AppError, Context};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use kernel::{Rate, Role, Slug};
use serde::Deserialize;
use std::fmt::Write as _;

/// Who sees how the data stands.
pub(crate) const READERS: &[Role] = &[Role::Leader, Role::CountyApprover, Role::TownOfficer];
/// Who puts a request down.
pub(super) const ASKERS: &[Role] = &[Role::CountyApprover, Role::TownOfficer];
/// Who answers it.
pub(super) const ANSWERERS: &[Role] = &[Role::CountyApprover];

#[derive(Template)]
#[template(path = "desk/catalogue.html")]
struct CatalogueView {
    page: Page,
    catalogue: CataloguePage,
    shown: Vec<CatalogueLine>,
    asked: Asked,
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    department: String,
}

/// Mark and word of a state of data.
fn mark(state: DataState) -> (&'static str, &'static str) {
    match state {
        DataState::Fresh => ("ok", state.label()),
        DataState::Old => ("warn", state.label()),
        DataState::Missing => ("none", state.label()),
    }
}

/// The least of the five sides: what a row of the catalogue shows.
fn least(sides: &Sides) -> Option<(Dimension, Rate)> {
    let known = sides
        .iter()
        .filter_map(|(side, rate)| Some((*side, (*rate)?)));
    known.min_by_key(|(_, rate)| *rate)
}

impl CatalogueView {
    fn mark(&self, line: &CatalogueLine) -> (&'static str, &'static str) {
        mark(line.state)
    }

    fn quality(&self, line: &CatalogueLine) -> String {
        match line.sides.as_ref().and_then(least) {
            None => "还不知道".to_owned(),
            Some((_, rate)) if rate.millionths() == 1_000_000 => "都好".to_owned(),
            Some((side, rate)) => format!("{} {}", side.label(), rate.one_decimal()),
        }
    }

    fn count(&self, state: &str) -> usize {
        let lines = self.catalogue.lines.iter();
        lines.filter(|line| line.state.label() == state).count()
    }
}

fn context(page: &Page, purpose: Purpose, request: String) -> Result<Context, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    Ok(visitor.acts(purpose, request))
}

pub(super) async fn list(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, Purpose::Duty, String::new())?;
    let catalogue = site.app.data_catalogue(&ctx, place(&page)?).await;
    let catalogue = catalogue.map_err(unseen)?;
    let q = asked.q.trim();
    let fits = |line: &&CatalogueLine| {
        (q.is_empty() || line.name.contains(q) || line.id.as_str().contains(q))
            && (asked.department.is_empty() || line.department_id.as_str() == asked.department)
    };
    let shown = catalogue.lines.iter().filter(fits).cloned().collect();
    Ok(html(&CatalogueView {
        page: page.titled("数据目录"),
        shown,
        catalogue,
        asked,
    }))
}

#[derive(Template)]
#[template(path = "desk/category.html")]
struct CategoryView {
    page: Page,
    one: CategoryPage,
    shares: Vec<ShareLine>,
    typed: ShareAsked,
    fault: Option<String>,
    request: String,
    can_ask: bool,
}

impl CategoryView {
    fn mark(&self) -> (&'static str, &'static str) {
        mark(self.one.line.state)
    }

    fn percent(&self, rate: &Option<Rate>) -> String {
        rate.map_or_else(|| "不知道".to_owned(), Rate::one_decimal)
    }

    fn side(&self, one: &DeliveryLine, at: &usize) -> String {
        let side = one.sides.as_ref().and_then(|sides| sides.get(*at));
        side.map_or_else(|| "–".to_owned(), |(_, rate)| self.percent(rate))
    }

    fn dimensions(&self) -> [Dimension; 5] {
        Dimension::ALL
    }

    /// The way of one side over the deliveries, as a line from 0 to 100.
    fn trend(&self, at: &usize) -> String {
        let sides = self
            .one
            .deliveries
            .iter()
            .filter_map(|one| one.sides.as_ref());
        let rates = sides.filter_map(|sides| sides.get(*at).and_then(|(_, rate)| *rate));
        trend(&rates.map(Rate::millionths).collect::<Vec<_>>())
    }

    fn is_shared(&self) -> bool {
        self.one.line.share != ShareKind::Never
    }

    fn picked(&self, field: &str) -> bool {
        self.typed.fields.iter().any(|one| one == field)
    }
}

/// A line of shares in millionths, without a word in it: the table under it says them.
fn trend(values: &[i64]) -> String {
    const WIDTH: i64 = 320;
    const HEIGHT: i64 = 64;
    let mut svg = format!(
        "<svg class=\"trend\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" aria-hidden=\"true\" \
         preserveAspectRatio=\"none\"><path class=\"base\" d=\"M0 {HEIGHT}H{WIDTH}\"/>"
    );
    let steps = i64::try_from(values.len())
        .unwrap_or(1)
        .saturating_sub(1)
        .max(1);
    let mut way = String::new();
    for (nth, value) in (0_i64..).zip(values) {
        let x = 4 + nth * (WIDTH - 8) / steps;
        let y = 4 + (1_000_000 - (*value).clamp(0, 1_000_000)) * (HEIGHT - 8) / 1_000_000;
        let _ = write!(way, "{}{x} {y}", if nth == 0 { "M" } else { "L" });
        if values.len() == 1 {
            let _ = write!(way, "H{}", WIDTH - 4);
        }
    }
    let _ = write!(svg, "<path class=\"way\" d=\"{way}\"/></svg>");
    svg
}

pub(super) async fn category(
    State(site): State<Site>,
    page: Page,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let drawn = draw(&site, page, &id, (ShareAsked::default(), None)).await?;
    Ok(html(&drawn))
}

async fn draw(
    site: &Site,
    page: Page,
    id: &str,
    (typed, fault): (ShareAsked, Option<String>),
) -> Result<CategoryView, Trouble> {
    let id: Slug = id.parse().map_err(|_| Trouble::nothing())?;
    let ctx = context(&page, Purpose::Duty, String::new())?;
    let region = place(&page)?;
    let one = match site.app.data_category(&ctx, region, &id).await {
        Err(AppError::BadInput(_)) => return Err(Trouble::nothing()),
        other => other.map_err(unseen)?,
    };
    let mut shares = site
        .app
        .share_requests(&ctx, region)
        .await
        .map_err(unseen)?;
    shares.retain(|share| share.category == id);
    Ok(CategoryView {
        can_ask: page.is(ASKERS),
        page: page.titled(one.line.name.clone()),
        one,
        shares,
        typed,
        fault,
        request: request_key()?,
    })
}

pub(super) async fn ask(
    State(site): State<Site>,
    page: Page,
    Path(id): Path<String>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, Purpose::Collection, taken.get("request"))?;
    let asked = ShareAsked {
        category: id.clone(),
        asker: taken.get("asker"),
        fields: taken.all().remove("field").unwrap_or_default(),
        purpose: taken.get("purpose"),
        basis: taken.get("basis"),
    };
    match site.app.ask_share(&ctx, place(&page)?, &asked).await {
        Ok(_) => Ok(Redirect::to("/desk/shares").into_response()),
        Err(why) => {
            let says = said(why)?;
            let drawn = draw(&site, page, &id, (asked, Some(says))).await?;
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn))
        }
    }
}

/// The sentence of a refusal a form can mend.
pub(crate) fn said(why: AppError) -> Result<String, Trouble> {
    match why {
        AppError::BadInput(says) => Ok(says),
        AppError::Refused(refused) if !refused.code.starts_with("access.") => {
            let article = refused.article.map(|one| format!("（{one}）"));
            Ok(format!("{}{}", refused.says, article.unwrap_or_default()))
        }
        other => Err(unseen(other)),
    }
}

#[derive(Template)]
#[template(path = "desk/shares.html")]
struct SharesView {
    page: Page,
    shares: Vec<ShareLine>,
    basis: String,
    fault: Option<(i64, String)>,
    typed: Taken,
    request: String,
    can_answer: bool,
    proved: bool,
}

impl SharesView {
    fn light(&self, one: &ShareLine) -> (&'static str, String) {
        match one.left {
            Some(left) if left < 0 => ("stop", format!("过期 {} 个工作日", -left)),
            Some(left @ 0..=2) => ("warn", format!("还剩 {left} 个工作日")),
            Some(left) => ("ok", format!("还剩 {left} 个工作日")),
            None => ("none", "日历没排到".to_owned()),
        }
    }

    fn open(&self) -> usize {
        self.shares
            .iter()
            .filter(|one| one.answer.is_none())
            .count()
    }

    fn fault(&self, one: &ShareLine) -> Option<&str> {
        let fault = self.fault.as_ref().filter(|(id, _)| *id == one.id)?;
        Some(&fault.1)
    }

    fn typed(&self, one: &ShareLine, field: &str) -> String {
        match self.fault(one) {
            Some(_) => self.typed.get(field),
            None => String::new(),
        }
    }
}

async fn shares_view(
    site: &Site,
    page: Page,
    fault: Option<(i64, String)>,
    typed: Taken,
) -> Result<SharesView, Trouble> {
    let ctx = context(&page, Purpose::Duty, String::new())?;
    let shares = site.app.share_requests(&ctx, place(&page)?).await;
    let days = site.app.law().pack.sharing();
    Ok(SharesView {
        shares: shares.map_err(unseen)?,
        basis: days.map_or_else(String::new, |days| {
            format!(
                "无条件共享 {} 个工作日内答复，有条件共享 {} 个工作日，对方同意最多再延 {} 个；同意以后 {} 个工作日内给数据（{}，{}）",
                days.unconditional_days,
                days.conditional_days,
                days.prolonged_days,
                days.supply_days,
                days.basis,
                days.provenance.label()
            )
        }),
        can_answer: page.is(ANSWERERS),
        proved: page.visitor.as_ref().is_some_and(|one| one.proved),
        page: page.titled("共享申请"),
        fault,
        typed,
        request: request_key()?,
    })
}

pub(super) async fn shares(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    Ok(html(
        &shares_view(&site, page, None, Taken::default()).await?,
    ))
}

pub(super) async fn answer(
    State(site): State<Site>,
    page: Page,
    Path(id): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let ctx = context(&page, Purpose::Collection, taken.get("request"))?;
    let command = match taken.get("answer").as_str() {
        "longer" => ShareCommand::Prolong {
            reason: taken.get("reasons"),
            agreed_by: taken.get("agreed_by"),
        },
        answer => ShareCommand::Answer {
            granted: answer == "yes",
            reasons: taken.get("reasons"),
        },
    };
    let region = place(&page)?;
    match site.app.on_share_request(&ctx, region, id, command).await {
        Ok(()) => Ok(Redirect::to("/desk/shares").into_response()),
        Err(why) => {
            let says = said(why)?;
            let view = shares_view(&site, page, Some((id, says)), taken).await?;
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
    }
}
