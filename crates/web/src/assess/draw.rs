//! 「双随机抽查」 Bodies, lists, the frozen hash, the seed and what came out; with the
//! line by which anybody draws it again.

use super::said;
use crate::desk::{Taken, place, request_key, unseen};
use crate::page::{Page, html, html_as};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::assess::{DrawPage, NewBody, NewDraw, SheetLine};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use engine_assessment::DrawList;
use kernel::{DrawId, PersonNumber, Role};
use std::collections::BTreeSet;

#[derive(Template)]
#[template(path = "assess/draws.html")]
struct DrawsView {
    page: Page,
    draws: Vec<DrawList>,
    /// Sheets that draw, with their classes and bodies.
    sheets: Vec<(SheetLine, usize)>,
    classes: Vec<(String, String)>,
    request: String,
    typed: Taken,
    fault: Option<String>,
}

impl DrawsView {
    fn typed(&self, field: &str) -> String {
        self.typed.get(field)
    }

    fn kinds(&self) -> Vec<(String, String)> {
        let kinds = self
            .sheets
            .iter()
            .filter_map(|(sheet, _)| sheet.body.clone());
        let all: BTreeSet<(String, String)> =
            kinds.map(|(kind, name)| (kind.to_string(), name)).collect();
        all.into_iter().collect()
    }
}

async fn draws(site: &Site, page: Page) -> Result<DrawsView, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let (ctx, region) = (visitor.acts(Purpose::Duty, ""), place(&page)?);
    let draws = site.app.draws(&ctx, region).await.map_err(unseen)?;
    let mut sheets = Vec::new();
    let mut classes = BTreeSet::new();
    for sheet in site.app.sheets() {
        let Some((kind, _)) = sheet.body.clone() else {
            continue;
        };
        let count = site.app.bodies(&ctx, region, &kind).await;
        classes.extend(site.app.draw_classes(&sheet.id));
        sheets.push((sheet, count.map_err(unseen)?.len()));
    }
    Ok(DrawsView {
        page: page.titled("双随机抽查"),
        request: request_key()?,
        typed: Taken::default(),
        fault: None,
        classes: classes.into_iter().collect(),
        draws,
        sheets,
    })
}

pub(super) async fn list(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    Ok(html(&draws(&site, page).await?))
}

async fn again(site: &Site, page: Page, taken: Taken, why: AppError) -> Result<Response, Trouble> {
    let fault = Some(said(why)?);
    let view = draws(site, page).await?;
    let view = DrawsView {
        typed: taken,
        fault,
        ..view
    };
    Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
}

pub(super) async fn make(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, taken.get("request"));
    let done = match taken.get("sheet").parse() {
        Ok(sheet) => {
            let new = NewDraw {
                sheet,
                region: place(&page)?,
                name: taken.get("name"),
                avoid: Vec::new(),
            };
            site.app.make_draw(&ctx, new).await
        }
        Err(_) => Err(AppError::BadInput("请选一张检查表".to_owned())),
    };
    match done {
        Ok(made) => Ok(Redirect::to(&format!("/desk/draws/{}", made.value)).into_response()),
        Err(why) => again(&site, page, taken, why).await,
    }
}

pub(super) async fn body(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, taken.get("request"));
    let class = match taken.get("class").as_str() {
        "" => "none".to_owned(),
        class => class.to_owned(),
    };
    let done = match (taken.get("kind").parse(), class.parse()) {
        (Ok(kind), Ok(class)) => match leaders(&site, &page, &taken.get("leader")).await {
            Ok(people) => {
                let new = NewBody {
                    kind,
                    region: place(&page)?,
                    name: taken.get("name"),
                    class,
                    people,
                };
                site.app.keep_body(&ctx, new).await
            }
            Err(why) => Err(why),
        },
        _ => Err(AppError::BadInput("请选单位的种类和风险类别".to_owned())),
    };
    match done {
        Ok(_) => Ok(Redirect::to("/desk/draws").into_response()),
        Err(why) => again(&site, page, taken, why).await,
    }
}

/// Who leads it, by the number on their card; empty: not said.
async fn leaders(
    site: &Site,
    page: &Page,
    number: &str,
) -> Result<BTreeSet<kernel::PersonId>, AppError> {
    let number = number.trim();
    if number.is_empty() {
        return Ok(BTreeSet::new());
    }
    let number = PersonNumber::parse_on(number, page.today);
    let number = number.map_err(|why| AppError::BadInput(why.to_string()))?;
    site.app.leaders_with(number).await
}

#[derive(Template)]
#[template(path = "assess/draw.html")]
struct DrawView {
    page: Page,
    one: DrawPage,
    request: String,
    fault: Option<String>,
    county: bool,
    proved: bool,
}

impl DrawView {
    fn hash(&self) -> &str {
        let frozen = self.one.list.frozen.as_ref();
        frozen.map_or("", |(_, hash)| hash.as_str())
    }

    fn seed(&self) -> &str {
        let drawn = self.one.list.drawn.as_ref();
        drawn.map_or("", |(_, seed)| seed.as_str())
    }
}

async fn one(site: &Site, page: Page, id: DrawId) -> Result<DrawView, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, "");
    let one = site.app.draw_page(&ctx, id).await.map_err(unseen)?;
    Ok(DrawView {
        county: page.is(&[Role::CountyApprover]),
        proved: visitor.proved,
        page: page.titled(one.list.name.clone()),
        request: request_key()?,
        fault: None,
        one,
    })
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(id): Path<i64>,
) -> Result<Response, Trouble> {
    Ok(html(&one(&site, page, DrawId(id)).await?))
}

pub(super) async fn act(
    State(site): State<Site>,
    page: Page,
    Path(id): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let id = DrawId(id);
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, taken.get("request"));
    let done = match taken.get("do").as_str() {
        "freeze" => site.app.freeze_draw(&ctx, id).await,
        "draw" => site.app.draw_lots(&ctx, id, &taken.get("words")).await,
        _ => Err(AppError::BadInput("请选要做什么".to_owned())),
    };
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/desk/draws/{id}")).into_response()),
        Err(why) => {
            let fault = Some(said(why)?);
            let view = one(&site, page, id).await?;
            let view = DrawView { fault, ..view };
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &view))
        }
    }
}
