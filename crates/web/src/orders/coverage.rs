//! 「走到了没有」 How far recurring visits reach the households they are for; each number
//! opens to its households within the place of who looks.

use super::context;
use crate::desk::place;
use crate::page::{Page, html};
use crate::site::Site;
use crate::spans;
use crate::trouble::Trouble;
use crate::words::filters;
use app::order::{HomeCovered, Reached, VisitCoverage};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use kernel::Slug;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(rename = "type")]
    ty: Option<String>,
    of: Option<String>,
}

/// One kind and how far it reaches.
struct Kind {
    id: Slug,
    name: String,
    coverage: VisitCoverage,
    cells: Vec<(Reached, usize)>,
}

#[derive(Template)]
#[template(path = "orders/coverage.html")]
struct CoveragePage {
    page: Page,
    kinds: Vec<Kind>,
}

impl CoveragePage {
    fn percent(&self, percent: Option<usize>) -> String {
        spans::percent(percent)
    }
}

pub(super) async fn show(State(site): State<Site>, page: Page) -> Result<Response, Trouble> {
    let (ctx, region) = (context(&page, "")?, place(&page)?);
    let mut kinds = Vec::new();
    for ty in site.app.recurring() {
        let coverage = site.app.order_coverage(&ctx, region, &ty.id).await?;
        let cells = Reached::ALL.into_iter().map(|one| (one, coverage.of(one)));
        kinds.push(Kind {
            cells: cells.collect(),
            coverage,
            id: ty.id.clone(),
            name: ty.name.clone(),
        });
    }
    Ok(html(&CoveragePage {
        page: page.titled("走访到了没有"),
        kinds,
    }))
}

#[derive(Template)]
#[template(path = "orders/homes.html")]
struct HomesPage {
    page: Page,
    name: String,
    reached: Reached,
    homes: Vec<HomeCovered>,
    count: usize,
}

pub(super) async fn list(
    State(site): State<Site>,
    page: Page,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let (ctx, region) = (context(&page, "")?, place(&page)?);
    let of = asked.of.unwrap_or_default();
    let reached = Reached::ALL.into_iter().find(|one| one.id() == of);
    let reached = reached.ok_or_else(Trouble::nothing)?;
    let ty = super::typed::slug(asked.ty.as_deref().unwrap_or_default())?;
    let kinds = site.app.recurring();
    let kind = kinds.iter().find(|one| one.id == ty);
    let name = kind.ok_or_else(Trouble::nothing)?.name.clone();
    let homes = site.app.order_coverage_homes(&ctx, region, &ty, reached);
    let (homes, count) = homes.await?;
    Ok(html(&HomesPage {
        page: page.titled("走访到了没有"),
        name,
        reached,
        homes,
        count,
    }))
}
