//! 「待办」 All open cases of a place: searched, filtered, saved as an address.

use super::Taken;
use super::export::EXPORTERS;
use super::today::{Light, light};
use crate::page::{Page, html, html_as, percent};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::AppError;
use app::WorkLine;
use app::case::list::{DEADLINES, Wanted};
use app::views::{ListView, View};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use engine_access::Purpose;
use kernel::{RegionCode, RegionLevel};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The longest table.
const LINES_MAX: usize = 300;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    stage: String,
    #[serde(default)]
    due: String,
    #[serde(default)]
    node: String,
}

impl From<&Taken> for Asked {
    fn from(taken: &Taken) -> Asked {
        Asked {
            q: taken.get("q"),
            service: taken.get("service"),
            stage: taken.get("stage"),
            due: taken.get("due"),
            node: taken.get("node"),
        }
    }
}

#[derive(Template)]
#[template(path = "desk/list.html")]
struct ListPage {
    page: Page,
    wanted: Wanted,
    lines: Vec<WorkLine>,
    all: usize,
    services: BTreeMap<String, String>,
    stages: BTreeMap<&'static str, usize>,
    nodes: BTreeMap<String, String>,
    can_export: bool,
    views: Vec<View>,
    request: String,
    /// What was typed to keep this view, and what is wrong with it.
    name: String,
    fault: Option<String>,
}

impl ListPage {
    fn light(&self, line: &WorkLine) -> Light {
        light(line, self.page.today)
    }

    /// The address of this view with another deadline.
    fn with_due(&self, due: &str) -> String {
        query(&Wanted {
            deadline: due.to_owned(),
            ..self.wanted.clone()
        })
    }

    fn here(&self) -> String {
        query(&self.wanted)
    }

    /// The address of kept filters.
    fn kept(&self, view: &View) -> String {
        let filters = view.filters.iter();
        let filters = filters.map(|(name, value)| format!("{}={}", percent(name), percent(value)));
        filters.collect::<Vec<_>>().join("&")
    }

    /// The filters as a form sends them on.
    fn parts(&self) -> [(&'static str, &String); 5] {
        parts(&self.wanted)
    }

    /// The most urgent of what was found.
    fn shown(&self) -> &[WorkLine] {
        self.lines.get(..LINES_MAX).unwrap_or(&self.lines)
    }

    /// How many more there are.
    fn more(&self) -> usize {
        self.lines.len() - self.shown().len()
    }

    fn is_narrowed(&self) -> bool {
        self.wanted != Wanted::default()
    }
}

/// The filters as an address calls them.
pub(super) fn parts(wanted: &Wanted) -> [(&'static str, &String); 5] {
    [
        ("q", &wanted.text),
        ("service", &wanted.service),
        ("stage", &wanted.stage),
        ("due", &wanted.deadline),
        ("node", &wanted.node),
    ]
}

/// The filters as an address.
pub(super) fn query(wanted: &Wanted) -> String {
    let parts = parts(wanted);
    let set = parts.iter().filter(|(_, value)| !value.is_empty());
    let set: Vec<String> = set
        .map(|(name, value)| format!("{name}={}", percent(value)))
        .collect();
    set.join("&")
}

/// What an address or a form asks for.
pub(super) fn wanted(asked: Asked) -> Wanted {
    Wanted {
        text: asked.q,
        service: asked.service,
        stage: asked.stage,
        deadline: asked.due,
        node: asked.node,
    }
}

pub(crate) fn place(page: &Page) -> Result<RegionCode, Trouble> {
    let region = page.visitor.as_ref().and_then(|one| one.region);
    let says = "您的岗位还没有定管哪里。请找安全管理员";
    region.ok_or_else(|| Trouble::new(StatusCode::FORBIDDEN, says))
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    Ok(html(&draw(&site, page, wanted(asked)).await?))
}

/// The towns and villages whose cases are in the list, each town before its villages.
fn nodes(site: &Site, all: &[WorkLine]) -> BTreeMap<String, String> {
    let levels = [RegionLevel::Town, RegionLevel::Village];
    let mut nodes = BTreeMap::new();
    for node in all
        .iter()
        .flat_map(|line| levels.map(|level| line.region.within(level)))
        .flatten()
    {
        nodes
            .entry(node.to_string())
            .or_insert_with(|| site.app.place(node));
    }
    nodes
}

async fn draw(site: &Site, page: Page, wanted: Wanted) -> Result<ListPage, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, String::new());
    let region = place(&page)?;
    let (lines, all) = site.app.find_cases(&ctx, region, &wanted).await?;
    let mut stages = BTreeMap::new();
    for line in &all {
        *stages.entry(line.stage).or_insert(0) += 1;
    }
    let services = all.iter();
    let services = services.map(|one| (one.service.to_string(), one.service_name.clone()));
    Ok(ListPage {
        nodes: nodes(site, &all),
        services: services.collect(),
        stages,
        all: all.len(),
        can_export: page.is(EXPORTERS),
        views: site.app.views(&ctx, region).await?,
        request: super::request_key()?,
        name: String::new(),
        fault: None,
        page: page.titled("待办"),
        wanted,
        lines,
    })
}

/// 存下筛选 Keeps the filters of the page under a name.
pub(super) async fn keep(
    State(site): State<Site>,
    page: Page,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let wanted = wanted(Asked::from(&taken));
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, taken.get("request"));
    let filters = parts(&wanted).into_iter();
    let filters = filters.filter(|(_, value)| !value.is_empty());
    let view = ListView {
        name: taken.get("name"),
        filters: filters
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .collect(),
    };
    let shared = taken.get("shared") == "1";
    match site.app.keep_view(&ctx, place(&page)?, view, shared).await {
        Ok(()) => {
            let to = format!("/desk/cases?{}", query(&wanted));
            Ok(Redirect::to(&to).into_response())
        }
        Err(AppError::BadInput(says)) => {
            let shown = draw(&site, page, wanted).await?;
            let shown = ListPage {
                name: taken.get("name"),
                fault: Some(says),
                ..shown
            };
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
        Err(why) => Err(super::unseen(why)),
    }
}

/// 删掉筛选 Drops one of one's own.
pub(super) async fn drop_view(
    State(site): State<Site>,
    page: Page,
    Path(view): Path<i64>,
    Form(taken): Form<Taken>,
) -> Result<Response, Trouble> {
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Duty, taken.get("request"));
    let region = place(&page)?;
    site.app
        .drop_view(&ctx, region, view)
        .await
        .map_err(super::unseen)?;
    Ok(Redirect::to("/desk/cases").into_response())
}
