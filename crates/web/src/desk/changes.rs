//! 「新变化」 What new records changed: by what came of it, and one of them opened to the
//! household it is about and to what is to be done there.
//! Rows: A28.

use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::changes::{ChangePage, ChangesPage};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use engine_access::Purpose;
use engine_policy::Finding;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "desk/changes.html")]
struct ChangesView {
    page: Page,
    changes: ChangesPage,
    tabs: Vec<Tab>,
    says: &'static str,
    count: i64,
}

#[derive(Template)]
#[template(path = "desk/change.html")]
struct ChangeView {
    page: Page,
    change: ChangePage,
}

/// A kind by the engine's own name, as in its JSON.
pub(crate) fn name(finding: Finding) -> String {
    let name = serde_json::to_value(finding).unwrap_or_default();
    name.as_str().unwrap_or_default().to_owned()
}

/// A count and where its lines are listed.
pub(super) struct Tab {
    pub(super) address: String,
    pub(super) says: &'static str,
    pub(super) count: i64,
    pub(super) here: bool,
}

pub(super) fn tabs(changes: &ChangesPage, here: Option<Finding>) -> Vec<Tab> {
    let tab = |(turned, says, count): &(Finding, &'static str, i64)| Tab {
        address: format!("/desk/found/changes?turned={}", name(*turned)),
        says,
        count: *count,
        here: here == Some(*turned),
    };
    changes.counts.iter().map(tab).collect()
}

#[derive(Deserialize)]
pub(super) struct Asked {
    turned: Finding,
}

pub(super) async fn list(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let region = super::list::place(&page)?;
    let ctx = page.acts(Purpose::Duty, "")?;
    let changes = site.app.changes(&ctx, region, Some(asked.turned)).await?;
    let of = changes.counts.iter().find(|one| one.0 == asked.turned);
    let (says, count) = of.map_or(("新变化", 0), |one| (one.1, one.2));
    Ok(html(&ChangesView {
        page: page.titled("新变化"),
        tabs: tabs(&changes, Some(asked.turned)),
        says,
        count,
        changes,
    }))
}

pub(super) async fn show(
    State(site): State<Site>,
    page: Page,
    Path(change): Path<i64>,
) -> Result<Response, Trouble> {
    let ctx = page.acts(Purpose::Duty, "")?;
    let change = site.app.change(&ctx, change).await;
    Ok(html(&ChangeView {
        page: page.titled("一条新变化"),
        change: change.map_err(super::unseen)?,
    }))
}
