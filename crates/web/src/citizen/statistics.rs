//! 「公开统计」 Who receives what where, in counts, for everybody; small counts hidden.

use crate::page::{Page, html};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::words::filters;
use app::cockpit::Statistics;
use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::Response;

#[derive(Template)]
#[template(path = "citizen/statistics.html")]
struct StatisticsPage {
    page: Page,
    table: Statistics,
}

pub(super) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    Ok(html(&StatisticsPage {
        table: site.app.statistics().await?,
        page: page.titled("公开统计"),
    }))
}

pub(super) async fn json(State(site): State<Site>) -> Result<Json<Statistics>, Trouble> {
    Ok(Json(site.app.statistics().await?))
}
