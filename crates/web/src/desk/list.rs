//! 「待办」 All open cases of a place: searched, filtered, saved as an address.

use super::Taken;
use super::export::EXPORTERS;
use super::today::{Light, light};
use crate::page::{Page, html, percent};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::WorkLine;
use app::case::list::{DEADLINES, Wanted};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use engine_access::Purpose;
use kernel::{RegionCode, RegionLevel};
use serde::Deserialize;
use std::collections::BTreeMap;

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
    let (lines, all) = site.app.find_cases(&ctx, place(&page)?, &wanted).await?;
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
        page: page.titled("待办"),
        wanted,
        lines,
    })
}
