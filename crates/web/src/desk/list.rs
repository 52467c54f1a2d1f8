//! 「待办」 All open cases of a place: searched, filtered, saved as an address, taken
//! out as a spreadsheet.

use super::today::{Light, light};
use crate::page::{Page, html, html_as, percent};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::case::list::Wanted;
use app::{AppError, WorkLine};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine_access::Purpose;
use kernel::{RegionCode, Role};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Who may take a list out.
pub(super) const EXPORTERS: &[Role] = &[Role::CountyApprover];

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
    fault: Option<String>,
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

fn query(wanted: &Wanted) -> String {
    let parts = [
        ("q", &wanted.text),
        ("service", &wanted.service),
        ("stage", &wanted.stage),
        ("due", &wanted.deadline),
    ];
    let set = parts.iter().filter(|(_, value)| !value.is_empty());
    let set: Vec<String> = set
        .map(|(name, value)| format!("{name}={}", percent(value)))
        .collect();
    set.join("&")
}

fn wanted(asked: Asked) -> Wanted {
    Wanted {
        text: asked.q,
        service: asked.service,
        stage: asked.stage,
        deadline: asked.due,
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
    Ok(html(&draw(&site, page, wanted(asked), None).await?))
}

async fn draw(
    site: &Site,
    page: Page,
    wanted: Wanted,
    fault: Option<String>,
) -> Result<ListPage, Trouble> {
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
        services: services.collect(),
        stages,
        all: all.len(),
        can_export: page.is(EXPORTERS),
        page: page.titled("待办"),
        wanted,
        lines,
        fault,
    })
}

pub(super) async fn export(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let wanted = wanted(asked);
    let visitor = page.visitor.as_ref().ok_or_else(Trouble::nothing)?;
    let ctx = visitor.acts(Purpose::Audit("导出在办清单".to_owned()), String::new());
    match site.app.export_cases(&ctx, place(&page)?, &wanted).await {
        Ok(bytes) => {
            let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            let name = format!("attachment; filename=\"cases-{}.xlsx\"", page.today);
            let head = [
                (header::CONTENT_TYPE, kind.to_owned()),
                (header::CONTENT_DISPOSITION, name),
            ];
            Ok((head, bytes).into_response())
        }
        Err(AppError::BadInput(says)) => {
            let drawn = draw(&site, page, wanted, Some(says)).await?;
            Ok(html_as(StatusCode::UNPROCESSABLE_ENTITY, &drawn))
        }
        Err(why) => Err(Trouble::from(why)),
    }
}
